"""What an agent's Home tab tells, read at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.agent_day import TELLING, Day, day_of, start_of_day
from handlers.calendars import Calendar
from handlers.desk import Desk
from handlers.duty import Shift, hours_of, on_duty, shift
from storage import agent_day, agents, desk_lists
from storage.agents import Agent
from storage.desk_lists import Listing

SHOWN = 8
MATES_SHOWN = 25


@dataclass(frozen=True)
class Mate:
    """An agent as their lead sees them: open tickets of theirs, and chats in hand."""

    agent: Agent
    is_on_duty: bool
    load: int
    chats: int


@dataclass(frozen=True)
class HomeFacts:
    """`hours` are the agent's own or the company's; `team` is empty for who leads nobody."""

    agent: Agent
    hours: Calendar
    shift: Shift
    mine: Listing
    queue: Listing
    overdue: Listing
    day: Day
    load: int
    team: tuple[Mate, ...]


async def home_facts(session: AsyncSession, desk: Desk, agent: Agent, now: datetime) -> HomeFacts:
    calendar = desk.content.calendar
    loads = await agents.loads(session)
    return HomeFacts(
        agent=agent,
        hours=hours_of(agent, calendar),
        shift=shift(agent, calendar, now),
        mine=await desk_lists.mine(session, agent.name, SHOWN),
        queue=await desk_lists.queue(session, agent.name, now, SHOWN),
        overdue=await desk_lists.overdue(session, agent.name, now, SHOWN),
        day=await _day(session, agent, calendar, now),
        load=loads.get(agent.name, 0),
        team=await _team(session, calendar, loads, now) if agent.leads else (),
    )


async def _day(session: AsyncSession, agent: Agent, calendar: Calendar, now: datetime) -> Day:
    today = await agent_day.events_by(session, f"agent:{agent.name}", start_of_day(calendar, now))
    replied_to = {event.ticket_id for event in today if event.kind == "agent_replied"}
    history = await agent_day.events_of_kinds(session, replied_to, TELLING)
    return day_of(today, history, calendar)


async def _team(session: AsyncSession, calendar: Calendar, loads: dict[str, int], now: datetime) -> tuple[Mate, ...]:
    """Who is on duty first."""
    everybody = await agents.agents(session)
    chats = await agents.chats_with(session, (one.name for one in everybody))
    mates = [
        Mate(one, on_duty(one, calendar, now), loads.get(one.name, 0), chats.get(one.name, 0)) for one in everybody
    ]
    return tuple(sorted(mates, key=lambda mate: (not mate.is_on_duty, mate.agent.name)))
