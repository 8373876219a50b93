"""What the agents' desk shows, read in one look at the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from storage import chats
from storage.chats import Case
from storage.tickets import TicketEvent, events_of


@dataclass(frozen=True)
class Snapshot:
    """`events` by ticket number, of the cards that are unfolded."""

    cases: list[Case] = field(default_factory=list)
    events: Mapping[int, list[TicketEvent]] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """Cases that nobody has taken yet."""
        return sum(case.ticket.status == "new" for case in self.cases)


async def look(session: AsyncSession, unfolded: Iterable[int]) -> Snapshot:
    """`unfolded` are the tickets whose history is open."""
    cases = await chats.latest_cases(session)
    tickets = {case.ticket.number: case.ticket.id for case in cases}
    return Snapshot(
        cases=cases,
        events={number: await events_of(session, tickets[number]) for number in unfolded if number in tickets},
    )
