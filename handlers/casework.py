"""What an agent notes and decides about a ticket, beside talking to its customer; each takes the `Act` it is in."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from handlers import duplicates, follow_up_steps, ladder, next_word, tickets
from handlers.agent_actions import Act, AlreadySo, NothingToSay, Post, as_words
from handlers.attachments import Attachment
from handlers.desk_rules import Tier
from handlers.errors import SupportError
from handlers.handoff import release as let_go
from handlers.plain_text import storable
from storage import agents, ticket_links, ticket_notes
from storage.agents import Agent
from storage.conversations import Owner
from storage.customers import Customer
from storage.ticket_links import LinkKind, TicketFollower
from storage.ticket_notes import TicketNote
from storage.tickets import Priority, Status, Ticket, ticket_numbered

SPAM = "spam"
LONGEST_SNOOZE = timedelta(days=365)


class Why(StrEnum):
    """What is wrong with what was chosen or typed: there is no such choice (any more), no such agent; the time has
    passed, or is far too late; no number, or that of the ticket itself."""

    NO_CHOICE = "no_choice"
    NOBODY = "nobody"
    PAST = "past"
    FAR = "far"
    NO_NUMBER = "no_number"
    ITSELF = "itself"


class NotSensible(SupportError):
    """What was chosen cannot be done."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


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
        raise NotSensible(Why.NO_CHOICE)
    if ticket.category == category:
        return
    before, ticket.category = ticket.category, category
    form = content.forms.forms.get(category)
    ticket.missing = [name for name in form.fields if name not in ticket.facts] if form else []
    await _move_to_its_place(act, ticket)
    await act.log(ticket, "category", before=before, after=category)


async def set_tier(act: Act, number: int, tier: str) -> None:
    """How this customer is to be served from now on: on record with the ticket it was decided in, and with
    their other open ones (R20).

    Raises `NotSensible`.
    """
    if tier not in set(Tier):
        raise NotSensible(Why.NO_CHOICE)
    ticket = await the_ticket(act, number)
    customer = await act.session.get_one(Customer, ticket.customer_id)
    if customer.tier != tier:
        before, customer.tier = customer.tier, tier
        await _move_to_its_place(act, ticket)
        await act.log(ticket, "tier", before=before, after=tier)
        others = [one for one in await tickets.own_tickets(act.session, customer.id) if one.id != ticket.id]
        await tickets.tier_changed(act.session, others, before, tier, act.actor, act.now)


async def _move_to_its_place(act: Act, ticket: Ticket) -> None:
    """To the desk channel for what it is by now, where there are several."""
    if ticket.desk_channel is not None:
        customer = await act.session.get_one(Customer, ticket.customer_id)
        rules = act.desk.content.desk
        ticket.desk_channel = rules.channel_for(ticket.category, ticket.language, customer.tier, act.desk.desk_channel)


async def snooze(act: Act, number: int, until: datetime) -> None:
    """Out of the way until then, or until the customer writes; what they were promised stands. Raises as
    `check_snooze`, `IllegalTransition`."""
    check_snooze(until, act.now)
    ticket = await the_ticket(act, number)
    tickets.refuse_settled(ticket)
    ticket.snoozed_until = until
    await act.log(ticket, "snoozed", until=until.isoformat())


def check_snooze(until: datetime, now: datetime) -> None:
    """Raises `NotSensible` for a time gone by, or one that nobody can mean."""
    if until <= now:
        raise NotSensible(Why.PAST)
    if until > now + LONGEST_SNOOZE:
        raise NotSensible(Why.FAR)


async def wait(act: Act, number: int, status: Status, reason: str) -> None:
    """The ball is with the customer or a third party: they are told why we wait and for what. Who asks the customer
    has their answer come to them. Raises `NothingToSay`, `UnresolvedVariables`, `NotYours`, `AlreadyTaken`,
    `IllegalTransition`."""
    reason = storable(reason).strip()
    words = as_words(reason, act.desk.content)
    if not words:
        raise NothingToSay
    ticket, chats = await act.find(number)
    act.refuse_a_strangers_chat(ticket, chats)
    tickets.refuse_settled(ticket)
    if status is Status.WAITING_CUSTOMER:
        await act.take(ticket, [one for one in chats if (one.owner, one.ticket_id) != (Owner.AGENT, ticket.id)])
    ticket.waiting_reason = reason
    await tickets.set_status(act.session, ticket, status, act.actor, act.now, reason=reason)
    ladder.stop(ticket)
    follow_up_steps.start(ticket, act.desk.content.rhythm, act.now)
    await next_word.said(act.session, act.desk, ticket, act.now)
    key = "waiting.for_customer" if status is Status.WAITING_CUSTOMER else "waiting.for_third_party"
    await act.tell(ticket, chats, key, reason=words)


async def risk(act: Act, number: int, words: str = "") -> None:
    """It will not go as promised: the customer is told so plainly, and the leads are called (R37). Raises `NotYours`,
    `IllegalTransition`, `UnresolvedVariables`."""
    ticket, chats = await act.find(number)
    act.refuse_a_strangers_chat(ticket, chats)
    tickets.refuse_settled(ticket)
    ticket.priority = Priority.HIGH
    leads = [agent.name for agent in await agents.agents(act.session) if agent.leads]
    said = storable(words).strip()
    await act.log(ticket, "risk", names=leads, words=said)
    await act.tell(ticket, chats, "risk.told", words=said)


async def link(act: Act, number: int, other: int) -> None:
    """The two belong together. Raises `TicketNotFound`, `AlreadySo`, `NotSensible` for one and the same."""
    one, two = await _both(act, number, other)
    found = await ticket_links.link_between(act.session, one.id, two.id)
    if found is not None and found.kind == LinkKind.RELATED:
        raise AlreadySo
    await ticket_links.link(act.session, one.id, two.id, LinkKind.RELATED)
    await act.log(one, "related", other=two.number)
    await act.log(two, "related", other=one.number)


async def merge(act: Act, number: int, into: int) -> None:
    """The two are one case, which goes on as `into`; replies reach both chats. Raises `TicketNotFound`,
    `CannotMerge`, `NotYours`."""
    found = {one: await act.find(one) for one in sorted({number, into})}
    for ticket, chats in found.values():
        act.refuse_a_strangers_chat(ticket, chats)
    await duplicates.merge(act.session, found[number][0], found[into][0], act.actor, act.now)


async def unlike(act: Act, number: int, other: int) -> None:
    """They are two cases: it is not offered again. Raises as `link`."""
    one, two = await _both(act, number, other)
    await duplicates.unlike(act.session, one, two, act.actor, act.now)


async def _both(act: Act, number: int, other: int) -> tuple[Ticket, Ticket]:
    """Two tickets, locked in one order whoever asks."""
    if number == other:
        raise NotSensible(Why.ITSELF)
    found = {one: await the_ticket(act, one) for one in sorted((number, other))}
    return found[number], found[other]


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
