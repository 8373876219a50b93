"""An agent's day in figures, from the tickets' events alone. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from statistics import median

from handlers.calendars import Calendar, open_time
from storage.tickets import Status, TicketEvent

TELLING = ("opened", "handed_over", "agent_replied")
"""The kinds of events that tell how long a customer waited for the first reply."""


@dataclass(frozen=True)
class Day:
    """Tickets taken, replies sent, tickets settled; `first_reply`: the median of working time until a customer who was
    to hear from a person did, where this agent was the first to answer."""

    taken: int
    replied: int
    resolved: int
    first_reply: timedelta | None


def start_of_day(calendar: Calendar, now: datetime) -> datetime:
    """Midnight in the company's zone."""
    return datetime.combine(now.astimezone(calendar.zone).date(), time.min, calendar.zone).astimezone(UTC)


def day_of(today: Iterable[TicketEvent], history: Iterable[TicketEvent], calendar: Calendar) -> Day:
    """`today`: all that the agent did today; `history`: the `TELLING` events of the tickets they replied to."""
    done = list(today)
    replies = [event for event in done if event.kind == "agent_replied"]
    settled = {event.ticket_id for event in done if _settles(event)}
    waits = list(_first_waits({event.id for event in replies}, history, calendar))
    return Day(
        taken=len({event.ticket_id for event in done if event.kind == "taken"}),
        replied=len(replies),
        resolved=len(settled),
        first_reply=_median(waits),
    )


def _settles(event: TicketEvent) -> bool:
    return event.kind == "status" and event.data.get("after") == Status.RESOLVED


def _first_waits(mine: set[int], history: Iterable[TicketEvent], calendar: Calendar) -> Iterable[timedelta]:
    """Of each ticket whose first reply is among `mine`, how long that took."""
    begun: dict[int, datetime] = {}
    answered: set[int] = set()
    called: set[int] = set()
    for event in sorted(history, key=lambda one: one.id):
        ticket = event.ticket_id
        if ticket in answered:
            continue
        if event.kind == "agent_replied":
            answered.add(ticket)
            if event.id in mine:
                yield open_time(calendar, begun.get(ticket, event.at), event.at)
        elif ticket not in called:
            begun[ticket] = event.at  # opened, then handed over: a person was wanted from there on
            if event.kind == "handed_over":
                called.add(ticket)


def _median(spans: list[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(span.total_seconds() for span in spans)) if spans else None
