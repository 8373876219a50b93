"""When somebody whom a ticket waits for is reminded next. Pure, but for the ticket."""

from __future__ import annotations

from datetime import datetime

from handlers.rhythm import Rhythm
from storage.tickets import Status, Ticket


def start(ticket: Ticket, rhythm: Rhythm, now: datetime) -> None:
    """It waits from now on: for the customer, who hears of it again at the first step, or for a third party."""
    ticket.follow_up_step = 0
    if ticket.status == Status.WAITING_CUSTOMER:
        first = rhythm.rules.follow_ups[0]
        ticket.follow_up_at = ticket.next_word_at = rhythm.after_working_days(now, first.after_days)
    else:
        ticket.follow_up_at = rhythm.after_working_days(now, rhythm.rules.third_party_days)


def go_on(ticket: Ticket, rhythm: Rhythm, now: datetime) -> None:
    """The step that was due is taken; the next one is counted from now, by its distance to this one."""
    taken = ticket.follow_up_step
    ticket.follow_up_step = taken + 1
    steps = rhythm.rules.follow_ups
    days = steps[taken + 1].after_days - steps[taken].after_days
    ticket.follow_up_at = ticket.next_word_at = rhythm.after_working_days(now, days)
