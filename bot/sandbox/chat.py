"""What the chat of one customer shows, computed from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.sandbox.markup_html import markup_to_html, words_to_html
from handlers import when
from handlers.buttons import Button
from handlers.messages import IncomingMessage
from handlers.texts import Texts
from storage.conversations import Author, Conversation, Message, Owner
from storage.inbound import InboundEvent


@dataclass(frozen=True)
class Bubble:
    """One message. Two are equal when they look the same, so that an accepted message that becomes a recorded one
    is not drawn again. `by` is empty for the customer; `day` stands above the first message of a day."""

    by: str
    is_agent: bool
    html: str
    time: str
    day: str
    begins_run: bool

    @property
    def is_customer(self) -> bool:
        return not self.by


@dataclass(frozen=True)
class ChatView:
    """`buttons` belong under the bubble number `buttons_at`; `busy`: a turn is in work, a reply is on its way."""

    bubbles: tuple[Bubble, ...] = ()
    buttons: tuple[Button, ...] = ()
    buttons_at: int = -1
    busy: bool = False
    owner: str = ""


@dataclass(frozen=True)
class _Said:
    author: str
    agent: str | None
    text: str
    at: datetime
    buttons: tuple[Button, ...] = ()


def chat_view(
    conversation: Conversation | None,
    lines: Sequence[Message],
    unworked: Sequence[InboundEvent],
    sending: bool,
    texts: Texts,
    now: datetime,
    zone: ZoneInfo,
) -> ChatView:
    """`texts` is the page's language: it names who speaks, the words themselves are as they were said."""
    said = [*map(_recorded, lines), *map(_accepted, unworked)]
    owner = conversation.owner if conversation else Owner.BOT
    at = max((index for index, one in enumerate(said) if one.author != Author.CUSTOMER), default=-1)
    return ChatView(
        bubbles=_bubbles(said, texts, now, zone),
        buttons=said[at].buttons if at >= 0 else (),
        buttons_at=at,
        busy=sending or (bool(unworked) and owner != Owner.AGENT),
        owner=owner_label(conversation, texts),
    )


def owner_label(conversation: Conversation | None, texts: Texts) -> str:
    """Who answers in this chat."""
    owner = Owner(conversation.owner) if conversation else Owner.BOT
    agent = conversation.agent if conversation else None
    return agent if owner is Owner.AGENT and agent else texts(f"demo.owner.{owner}")


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """As the bot says times: 9:05."""
    local = moment.astimezone(zone)
    return f"{local.hour}:{local.minute:02}"


def _recorded(message: Message) -> _Said:
    buttons = tuple(Button(**button) for button in message.buttons or ())
    return _Said(message.author, message.agent, message.text, message.created_at, buttons)


def _accepted(event: InboundEvent) -> _Said:
    message = IncomingMessage.from_payload(event.payload)
    return _Said(Author.CUSTOMER, None, message.text, message.sent_at)


def _bubbles(said: Sequence[_Said], texts: Texts, now: datetime, zone: ZoneInfo) -> tuple[Bubble, ...]:
    bubbles: list[Bubble] = []
    day_before: date | None = None
    for one in said:
        day = one.at.astimezone(zone).date()
        by = "" if one.author == Author.CUSTOMER else one.agent or texts("demo.bot")
        bubbles.append(
            Bubble(
                by=by,
                is_agent=one.author == Author.AGENT,
                html=markup_to_html(one.text) if by else words_to_html(one.text),
                time=clock(one.at, zone),
                day=_day(day, now.astimezone(zone).date(), texts) if day != day_before else "",
                begins_run=day != day_before or bubbles[-1].by != by,
            )
        )
        day_before = day
    return tuple(bubbles)


def _day(day: date, today: date, texts: Texts) -> str:
    match (today - day).days:
        case 0:
            return texts("demo.today")
        case 1:
            return texts("demo.yesterday")
        case _:
            return when.on_date(day, texts)
