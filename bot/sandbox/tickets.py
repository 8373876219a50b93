"""What a ticket's card on the agents' desk shows, computed from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.sandbox.markup_html import markup_to_html
from bot.sandbox.moments import clock_time
from handlers import when
from handlers.content import Content
from handlers.texts import Texts, UnknownText
from storage.chats import Case
from storage.conversations import Conversation, Owner
from storage.tickets import Priority, Ticket, TicketEvent


@dataclass(frozen=True)
class TicketCard:
    """`status` is its code, for the colour; `due` is by when the customer hears something, empty once settled."""

    number: int
    channel: str
    chat_id: str
    topic: str
    customer: str
    language: str
    status: str
    status_label: str
    is_high: bool
    due: str
    is_overdue: bool
    summary_html: str
    missing: str
    owner: str
    can_take: bool
    can_reply: bool
    can_hand_back: bool
    can_resolve: bool


@dataclass(frozen=True)
class HistoryLine:
    time: str
    actor: str
    what: str


def ticket_card(case: Case, agent: str, content: Content, texts: Texts, now: datetime) -> TicketCard:
    """The card as `agent` sees it."""
    ticket = case.ticket
    chat = case.conversation
    is_mine = (chat.ticket_id, chat.owner, chat.agent) == (ticket.id, Owner.AGENT, agent)
    return TicketCard(
        number=ticket.number,
        channel=chat.channel,
        chat_id=chat.chat_id,
        topic=_topic(ticket, content, texts),
        customer=case.customer.name or "?",
        language=ticket.language.upper(),
        status=ticket.status,
        status_label=_label(f"demo.status.{ticket.status}", ticket.status, texts),
        is_high=ticket.priority == Priority.HIGH,
        due=_due(ticket, content.calendar.zone, texts, now),
        is_overdue=ticket.next_word_at is not None and ticket.next_word_at < now,
        summary_html=markup_to_html(_without_topic(ticket, content), links=False),
        missing=", ".join(_field(name, content, texts) for name in ticket.missing),
        owner=_owner(chat, ticket, texts),
        can_take=ticket.is_open and not is_mine,
        can_reply=ticket.is_open,
        can_hand_back=is_mine,
        can_resolve=ticket.is_open,
    )


def history(events: Sequence[TicketEvent], zone: ZoneInfo, texts: Texts) -> tuple[HistoryLine, ...]:
    return tuple(HistoryLine(clock_time(event.at, zone), _actor(event, texts), _what(event, texts)) for event in events)


def _topic(ticket: Ticket, content: Content, texts: Texts) -> str:
    """Content can change while tickets live on: a topic that is gone shows its name."""
    known = content.topics.get(ticket.category)
    return known.in_language(texts.language) if known else ticket.category


def _field(name: str, content: Content, texts: Texts) -> str:
    known = content.fields.get(name)
    return known.label.in_language(texts.language) if known else name


def _without_topic(ticket: Ticket, content: Content) -> str:
    """A form's summary begins with its topic, which the card's heading says already."""
    known = content.topics.get(ticket.category)
    first, _, rest = ticket.summary.partition("\n")
    is_topic = known is not None and first == f"**{known.in_language(ticket.language)}**"
    return rest if is_topic and rest else ticket.summary


def _due(ticket: Ticket, zone: ZoneInfo, texts: Texts, now: datetime) -> str:
    moment = ticket.next_word_at
    if moment is None:
        return ""
    if moment < now:
        return texts("demo.ticket.overdue", at=when.at(moment, now, zone, texts))
    return texts("demo.ticket.due", by=when.by(moment, now, zone, texts))


def owner_label(conversation: Conversation, texts: Texts) -> str:
    """Who answers in this chat."""
    owner, agent = Owner(conversation.owner), conversation.agent
    return agent if owner is Owner.AGENT and agent else texts(f"demo.owner.{owner}")


def _owner(conversation: Conversation, ticket: Ticket, texts: Texts) -> str:
    """Who answers in the chat, and for which case where that is another one."""
    label = owner_label(conversation, texts)
    if conversation.ticket_id in {None, ticket.id}:
        return label
    return texts("demo.ticket.other_case", owner=label)


def _actor(event: TicketEvent, texts: Texts) -> str:
    kind, _, name = event.actor.partition(":")
    return name or _label(f"demo.actor.{kind}", kind, texts)


def _what(event: TicketEvent, texts: Texts) -> str:
    if event.kind != "status":
        return _label(f"demo.event.{event.kind}", event.kind.replace("_", " "), texts)
    before, after = (str(event.data.get(name, "?")) for name in ("before", "after"))
    return texts(
        "demo.event.status",
        before=_label(f"demo.status.{before}", before, texts),
        after=_label(f"demo.status.{after}", after, texts),
    )


def _label(key: str, fallback: str, texts: Texts) -> str:
    """Kinds are written by code that may be newer than the catalogue."""
    try:
        return texts(key)
    except UnknownText:
        return fallback
