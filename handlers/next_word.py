"""By when a customer hears something about their open ticket, why not sooner, and in which words (R35, R36, R40)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import follow_up_steps, when
from handlers.desk import Desk
from handlers.errors import SupportError
from handlers.markup import escape
from handlers.texts import Texts
from storage import promises
from storage.conversations import Conversation, Owner
from storage.customers import Customer
from storage.promises import PromiseStatus
from storage.tickets import Status, Ticket


class NoReason(SupportError):
    """A status that does not say why it waits and on whom: it cannot be sent."""


class Waits(StrEnum):
    """On whom a ticket waits. `QUEUE`: somebody to take it; `GIVEN`: whoever it was given to; `AGENT`: who has it."""

    QUEUE = "queue"
    GIVEN = "given"
    AGENT = "agent"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True)
class Reason:
    """Why an open ticket waits. `who` is the agent, `what` the words of whoever said what is awaited."""

    waits: Waits
    who: str = ""
    what: str = ""


def reason_of(ticket: Ticket, chats: Iterable[Conversation]) -> Reason:
    """As it follows from its status and from who has its chats."""
    what = (ticket.waiting_reason or "").strip()
    if ticket.status == Status.WAITING_CUSTOMER:
        return Reason(Waits.CUSTOMER, what=what)
    if ticket.status == Status.WAITING_THIRD_PARTY:
        return Reason(Waits.THIRD_PARTY, what=what)
    held = next((chat for chat in chats if chat.ticket_id == ticket.id and chat.owner == Owner.AGENT), None)
    if held is not None and held.agent:
        return Reason(Waits.AGENT, held.agent)
    return Reason(Waits.GIVEN, ticket.assignee) if ticket.assignee else Reason(Waits.QUEUE)


def why(reason: Reason, texts: Texts) -> str:
    """The reason as sentences. Raises `NoReason`."""
    said = texts(f"why.{reason.waits}", agent=escape(reason.who), what=_sentence(reason.what))
    if reason.waits in {Waits.CUSTOMER, Waits.THIRD_PARTY} and not reason.what:
        said = texts(f"why_unsaid.{reason.waits}")
    if not said.strip():
        raise NoReason(reason.waits)
    return said


def _sentence(words: str) -> str:
    """Somebody's words in one line that ends as a sentence does."""
    said = escape(" ".join(words.split()))
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."


async def said(session: AsyncSession, desk: Desk, ticket: Ticket, now: datetime) -> None:
    """A person has just told the customer something: the next word is due as often as they want one, by what they were
    promised at the latest, and while it is their turn when they are reminded of it."""
    if not ticket.is_open:
        return
    if ticket.status == Status.WAITING_CUSTOMER:
        follow_up_steps.start(ticket, desk.content.rhythm, now)
        return
    customer = await session.get_one(Customer, ticket.customer_id)
    ticket.next_word_at = await due_after(session, desk, ticket, customer, now)


async def due_after(session: AsyncSession, desk: Desk, ticket: Ticket, customer: Customer, now: datetime) -> datetime:
    """When the word after one that is said now is due: as often as they want one, by what is promised at the latest."""
    promised = await promises.of_ticket(session, ticket.id, PromiseStatus.OPEN)
    by = desk.content.rhythm.next_word_at(customer.updates, now)
    return min([by, *(one.due_at for one in promised if one.due_at > now)])


ANGLES = ("owner", "next", "waited")
"""What a status puts first: who has it, what comes next, how long it has been open."""


def status_text(
    desk: Desk,
    texts: Texts,
    ticket: Ticket,
    number: int,
    reason: Reason,
    by: datetime,
    now: datetime,
    *,
    late: bool,
    angle: str,
) -> str:
    """How it stands, why, and by when the next word comes. `late`: something was promised that did not come. Raises
    `NoReason`."""
    zone = desk.content.calendar.zone
    values: dict[str, str | int] = {
        "number": number,
        "why": why(reason, texts),
        "since": when.on(ticket.opened_at, zone, texts),
        "by": when.by(by, now, zone, texts),
    }
    return texts(f"word_late.{angle}", **values) if late else texts(f"word.{angle}", **values)


def angle_after(count: int) -> str:
    """Another one each time."""
    return ANGLES[count % len(ANGLES)]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
