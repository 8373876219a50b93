"""What an agent says of a promise that was seen in their words: it is one, for another time, none, or kept already."""

from __future__ import annotations

from datetime import datetime

from handlers.agent_actions import Act, AlreadySo
from handlers.casework import check_snooze
from handlers.tickets import refuse_settled
from storage.promises import Promise, PromiseStatus
from storage.tickets import Ticket


async def confirm(act: Act, number: int, promise_id: int, due_at: datetime | None = None) -> None:
    """It is tracked from now on, and the customer hears something by then at the latest. Raises `AlreadySo`,
    `NotYours`, `IllegalTransition`, and `NotSensible` for a time gone by."""
    ticket, promise = await _find(act, number, promise_id, PromiseStatus.PROPOSED, PromiseStatus.OPEN)
    refuse_settled(ticket)
    at = due_at or promise.due_at
    check_snooze(at, act.now)
    if promise.status == PromiseStatus.OPEN and at == promise.due_at:
        raise AlreadySo
    promise.status, promise.due_at, promise.warned_at = PromiseStatus.OPEN, at, None
    if ticket.follow_up_at is None or ticket.next_word_at is None:
        ticket.next_word_at = min(at, ticket.next_word_at or at)
    await act.log(ticket, "promised", words=promise.words, until=at.isoformat())


async def dismiss(act: Act, number: int, promise_id: int) -> None:
    """It was none. Raises `AlreadySo`, `NotYours`."""
    ticket, promise = await _find(act, number, promise_id, PromiseStatus.PROPOSED)
    promise.status, promise.settled_at = PromiseStatus.DISMISSED, act.now
    await act.log(ticket, "promise_dismissed", words=promise.words)


async def keep(act: Act, number: int, promise_id: int) -> None:
    """It is kept, by other means than a message here. Raises `AlreadySo`, `NotYours`."""
    ticket, promise = await _find(act, number, promise_id, PromiseStatus.OPEN)
    promise.status, promise.settled_at = PromiseStatus.KEPT, act.now
    await act.log(ticket, "promise_kept", words=promise.words)


async def _find(act: Act, number: int, promise_id: int, *statuses: PromiseStatus) -> tuple[Ticket, Promise]:
    ticket, chats = await act.find(number)
    act.refuse_a_strangers_chat(ticket, chats)
    promise = await act.session.get(Promise, promise_id, with_for_update=True, populate_existing=True)
    if promise is None or promise.ticket_id != ticket.id or promise.status not in statuses:
        raise AlreadySo
    return ticket, promise
