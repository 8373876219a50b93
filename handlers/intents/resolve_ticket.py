"""The matter is settled: the customer closes their own ticket."""

from __future__ import annotations

from handlers import handoff, ticket_choice, tickets
from handlers.awaiting import button
from handlers.messages import Reply, Turn
from storage.inbound import Outcome
from storage.tickets import Ticket


async def resolve_ticket(turn: Turn) -> Reply:
    """The one they name, the one this chat is about, or the only open one; several → which one."""
    named = await ticket_choice.named(turn)
    if named is not None:
        return await resolve(turn, named)
    mine = await ticket_choice.mine(turn)
    waiting = [ticket for ticket in mine if ticket.is_open]
    if current := next((ticket for ticket in waiting if ticket.id == turn.conversation.ticket_id), None):
        return await resolve(turn, current)
    if len(waiting) == 1:
        return await resolve(turn, waiting[0])
    if waiting:
        return ticket_choice.ask(turn, "resolve", waiting)
    return Reply(turn.texts("talk.settled"))


async def resolve(turn: Turn, ticket: Ticket) -> Reply:
    if ticket.is_open:
        await tickets.resolve(turn.session, ticket, tickets.CUSTOMER, turn.now)
    if turn.conversation.ticket_id == ticket.id:
        handoff.release(turn.conversation)
    text = turn.texts("ticket.resolved_by_customer", number=ticket.number)
    return Reply(text, (button(turn.texts("button.problem_back"), "do", "reopen_ticket"),), outcome=Outcome.TICKETED)
