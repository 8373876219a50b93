"""What an agent notes and decides about a ticket, beside talking to its customer; each takes the `Act` it is in."""

from __future__ import annotations

from datetime import datetime

from handlers import duplicates, ladder, tickets
from handlers.agent_actions import Act, NothingToSay, Post
from handlers.attachments import Attachment
from handlers.desk_rules import Tier
from handlers.errors import SupportError
from handlers.handoff import release as let_go
from handlers.markup import escape
from handlers.plain_text import storable
from storage import agents, ticket_links, ticket_notes
from storage.agents import Agent
from storage.customers import Customer
from storage.ticket_links import LinkKind, TicketFollower, TicketLink
from storage.ticket_notes import TicketNote
from storage.tickets import Priority, Status, Ticket, ticket_numbered

SPAM = "spam"


class NotSensible(SupportError):
    """What was chosen cannot be done: a category that does not exist, a time that has passed."""


async def note(act: Act, number: int, text: str, post: Post | None = None, files: tuple[Attachment, ...] = ()) -> None:
    """For agents only, and never shown to the customer. Raises `TicketNotFound`, `NothingToSay`."""
    words = storable(text).strip()
    if not words and not files:
        raise NothingToSay
    ticket = await the_ticket(act, number)
    row = TicketNote(
        ticket_id=ticket.id,
        agent=act.agent,
        text=words,
        attachments=[file.to_payload() for file in files] or None,
        channel=post.channel if post else None,
        ts=post.ts if post else None,
        created_at=act.now,
    )
    act.session.add(row)
    await act.session.flush()
    await act.log(ticket, "noted", note_id=row.id)


async def change_note(act: Act, post: Post, text: str | None) -> bool:
    """Its author edited it, or (None) deleted it. False: there is no such note of theirs."""
    row = await ticket_notes.note_at(act.session, post.channel, post.ts)
    if row is None or row.agent != act.agent or row.deleted_at is not None:
        return False
    if text is None:
        row.text, row.versions, row.attachments, row.deleted_at = "", None, None, act.now
    elif storable(text).strip() != row.text:
        row.versions = [*(row.versions or []), {"text": row.text, "at": act.now.isoformat()}]
        row.text = storable(text).strip()
    else:
        return True
    ticket = await act.session.get_one(Ticket, row.ticket_id)
    await act.log(ticket, "note_deleted" if text is None else "note_edited", note_id=row.id)
    return True


async def set_priority(act: Act, number: int, priority: Priority) -> None:
    ticket = await the_ticket(act, number)
    if ticket.priority != priority:
        before, ticket.priority = ticket.priority, priority
        await act.log(ticket, "priority", before=before, after=priority)


async def set_category(act: Act, number: int, category: str) -> None:
    """The ticket was in the wrong place: counted as such, and moved to the channel of its new category (R57).

    Raises `NotSensible`.
    """
    ticket = await the_ticket(act, number)
    content = act.desk.content
    if category not in content.topics:
        raise NotSensible(category)
    if ticket.category == category:
        return
    before, ticket.category = ticket.category, category
    form = content.forms.forms.get(category)
    ticket.missing = [name for name in form.fields if name not in ticket.facts] if form else []
    if ticket.desk_channel is not None:
        tier = await tier_of(act, ticket)
        ticket.desk_channel = content.desk.channel_for(category, ticket.language, tier, act.desk.desk_channel)
    await act.log(ticket, "category", before=before, after=category)


async def tier_of(act: Act, ticket: Ticket) -> str:
    customer = await act.session.get_one(Customer, ticket.customer_id)
    return customer.tier


async def snooze(act: Act, number: int, until: datetime) -> None:
    """Out of the way until then; what the customer was promised stands. Raises `NotSensible` for a time gone by."""
    ticket = await the_ticket(act, number)
    if until <= act.now:
        raise NotSensible(until.isoformat())
    if not ticket.is_open:
        raise tickets.IllegalTransition(f"#{ticket.number}: {ticket.status}")
    ticket.snoozed_until = until
    await act.log(ticket, "snoozed", until=until.isoformat())


async def wait(act: Act, number: int, status: Status, reason: str) -> None:
    """The ball is with the customer or a third party: they are told why we wait and for what. Raises `NothingToSay`,
    `NotYours`, `IllegalTransition`."""
    words = storable(reason).strip()
    if not words:
        raise NothingToSay
    ticket, chats = await act.find(number)
    act.refuse_a_strangers_chat(ticket, chats)
    ticket.waiting_reason = words
    await tickets.set_status(act.session, ticket, status, act.actor, act.now, reason=words)
    ladder.stop(ticket)
    key = "waiting.for_customer" if status is Status.WAITING_CUSTOMER else "waiting.for_third_party"
    await act.tell(ticket, chats, key, reason=escape(words))


async def risk(act: Act, number: int, words: str = "") -> None:
    """It will not go as promised: the customer is told so plainly, and the leads are called (R37)."""
    ticket, chats = await act.find(number)
    if not ticket.is_open:
        raise tickets.IllegalTransition(f"#{ticket.number}: {ticket.status}")
    ticket.priority = Priority.HIGH
    leads = [agent.name for agent in await agents.agents(act.session) if agent.leads]
    said = storable(words).strip()
    await act.log(ticket, "risk", names=leads, words=said)
    await act.tell(ticket, chats, "risk.told", words=said)


async def link(act: Act, number: int, other: int) -> None:
    """The two belong together. Raises `TicketNotFound`, `NotSensible` for one and the same."""
    one, two = await the_ticket(act, number), await the_ticket(act, other)
    if one.id == two.id:
        raise NotSensible(f"#{other}")
    found = await ticket_links.link_between(act.session, one.id, two.id)
    if found is not None and found.kind == LinkKind.RELATED:
        return
    if found is None:
        low, high = sorted((one.id, two.id))
        act.session.add(TicketLink(ticket_id=low, other_id=high, kind=LinkKind.RELATED))
    else:
        found.kind = LinkKind.RELATED
    await act.session.flush()
    await act.log(one, "related", other=two.number)
    await act.log(two, "related", other=one.number)


async def merge(act: Act, number: int, into: int) -> None:
    """The two are one case, which goes on as `into`; replies reach both chats. Raises `TicketNotFound`,
    `CannotMerge`, `NotYours`."""
    ticket, chats = await act.find(number)
    act.refuse_a_strangers_chat(ticket, chats)
    kept, kept_chats = await act.find(into)
    act.refuse_a_strangers_chat(kept, kept_chats)
    await duplicates.merge(act.session, ticket, kept, act.actor, act.now)


async def unlike(act: Act, number: int, other: int) -> None:
    """They are two cases: it is not offered again."""
    one, two = await the_ticket(act, number), await the_ticket(act, other)
    await duplicates.unlike(act.session, one, two, act.actor, act.now)


async def spam(act: Act, number: int) -> None:
    """Nothing to answer: closed without a word, counted apart. Raises `NotYours`, `IllegalTransition`."""
    ticket, chats = await act.find(number)
    act.refuse_a_strangers_chat(ticket, chats)
    ticket.cause = SPAM
    await tickets.set_status(act.session, ticket, Status.CLOSED, act.actor, act.now, cause=SPAM)
    for chat in chats:
        if chat.ticket_id == ticket.id:
            let_go(chat)


async def follow(act: Act, number: int, agent: Agent, *, follows: bool) -> None:
    """`agent` hears of what happens to the ticket, or no longer."""
    ticket = await the_ticket(act, number)
    found = await act.session.get(TicketFollower, (ticket.id, agent.id))
    if (found is not None) == follows:
        return
    if found is None:
        act.session.add(TicketFollower(ticket_id=ticket.id, agent_id=agent.id))
    else:
        await act.session.delete(found)
    await act.session.flush()
    await act.log(ticket, "followed" if follows else "unfollowed", name=agent.name)


async def the_ticket(act: Act, number: int) -> Ticket:
    """Kept from changing. Raises `TicketNotFound`."""
    ticket = await ticket_numbered(act.session, number)
    if ticket is None:
        raise tickets.TicketNotFound(f"#{number}")
    await act.session.refresh(ticket, with_for_update=True)
    return ticket


async def set_tier(act: Act, number: int, tier: str) -> None:
    """How this customer is to be served from now on: on record with the ticket it was decided in (R20).

    Raises `NotSensible`.
    """
    if tier not in set(Tier):
        raise NotSensible(tier)
    ticket = await the_ticket(act, number)
    customer = await act.session.get_one(Customer, ticket.customer_id)
    if customer.tier != tier:
        before, customer.tier = customer.tier, tier
        await act.log(ticket, "tier", before=before, after=tier)
