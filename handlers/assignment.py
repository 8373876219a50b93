"""Who is asked to take a ticket: whom the customer knows already, else whose turn it is (R19 R33 R111)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import tickets
from handlers.desk import Desk
from handlers.duty import on_duty
from storage import agents
from storage.agents import Agent
from storage.tickets import Ticket

NEVER = datetime.min.replace(tzinfo=UTC)
TICK = timedelta(microseconds=1)


async def offer(
    session: AsyncSession, desk: Desk, ticket: Ticket, now: datetime, *, exclude: Collection[str] = ()
) -> Agent | None:
    """Gives the ticket to an agent, who still has to take it; None where nobody is free, and it stays as it was.

    Until the transaction ends nobody else is given anything: of two tickets at once each has its own turn.
    """
    rules = desk.content.desk
    if not rules.assignment.offer:
        return None
    everybody = await agents.locked(session)
    loads = await agents.loads(session, besides=ticket.id)
    free = [
        one
        for one in everybody
        if one.name not in exclude
        and on_duty(one, desk.content.calendar, now)
        and loads.get(one.name, 0) < one.load_cap
    ]
    since = now - timedelta(days=rules.assignment.sticky_days)
    known = await agents.last_assignee(session, ticket.customer_id, since)
    chosen, why = choose(free, known, rules.group_for(ticket.category))
    if chosen is None:
        return None
    ticket.assignee = chosen.name
    last = max((one.asked_at for one in everybody if one.asked_at), default=NEVER)
    chosen.asked_at = max(now, last + TICK)  # turns are in the order they were given, whatever the clocks say
    await session.flush()
    await tickets.log_event(session, ticket, "assigned", tickets.BOT, now, to=chosen.name, why=why)
    return chosen


def choose(free: Iterable[Agent], known: str | None, group: str | None) -> tuple[Agent | None, str]:
    """Of those who are free, the one the customer knows; else, in the group where it has somebody free, the one who
    was asked longest ago; and why: `sticky`, `group` or `turn`."""
    in_turn = sorted(free, key=lambda one: (one.asked_at or NEVER, one.id))
    sticky = [one for one in in_turn if one.name == known]
    of_group = [one for one in in_turn if group in one.groups]
    for found, why in ((sticky, "sticky"), (of_group, "group"), (in_turn, "turn")):
        if found:
            return found[0], why
    return None, ""
