"""Which open tickets may be one case, whatever their channels (R56): the bot offers, an agent decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.plain_text import fold
from storage import ticket_links
from storage.ticket_links import LinkKind, compact
from storage.tickets import Ticket

IDENTIFYING = ("order_number", "tracking_number", "invoice_number")
"""Facts that there is only one of in the world: whoever names one speaks of the same thing."""
CONTACTS = ("account_email", "email", "phone")
SAME_SUBJECT_WITHIN = timedelta(hours=24)
MOST_LOOKED_AT = 50
MOST_OFFERED = 5


@dataclass(frozen=True)
class Likeness:
    """`why`: a fact's name, `category`, or `subject`."""

    ticket: Ticket
    why: str


async def alike(session: AsyncSession, ticket: Ticket, now: datetime) -> list[Likeness]:
    """Other open tickets that may be the same case, newest first."""
    facts = _known(ticket, IDENTIFYING)
    contacts = set(_known(ticket, CONTACTS).values())
    since = now - SAME_SUBJECT_WITHIN
    near = await ticket_links.open_like(session, ticket, facts, contacts, since, MOST_LOOKED_AT)
    found = [Likeness(other, why) for other in near if (why := likeness(ticket, other, since)) is not None]
    return found[:MOST_OFFERED]


def likeness(one: Ticket, other: Ticket, since: datetime) -> str | None:
    """What makes the two look like one case; None: nothing. Only since `since` do equal words count."""
    if fact := _shared(one, other, IDENTIFYING):
        return fact
    if one.customer_id == other.customer_id and one.category == other.category:
        return "category"
    is_late = min(one.opened_at, other.opened_at) < since
    contacts = set(_known(one, CONTACTS).values()) & set(_known(other, CONTACTS).values())
    if contacts and not is_late and fold(one.subject) == fold(other.subject):
        return "subject"
    return None


async def offer(session: AsyncSession, ticket: Ticket, now: datetime) -> list[Likeness]:
    """Puts on record what is to be offered for merging, each pair once; one that was decided on is not among them."""
    known = await ticket_links.linked_ids(session, ticket.id)
    new = [one for one in await alike(session, ticket, now) if one.ticket.id not in known]
    for one in new:
        await ticket_links.link(session, ticket.id, one.ticket.id, LinkKind.DUPLICATE_OFFERED)
    return new


def _known(ticket: Ticket, names: tuple[str, ...]) -> Mapping[str, str]:
    written = {name: compact(ticket.facts.get(name, "")) for name in names}
    return {name: value for name, value in written.items() if value}


def _shared(one: Ticket, other: Ticket, names: tuple[str, ...]) -> str | None:
    ours, theirs = _known(one, names), _known(other, names)
    return next((name for name in ours if ours[name] == theirs.get(name)), None)
