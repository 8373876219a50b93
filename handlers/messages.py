"""What comes in, what goes out, and the turn between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from handlers import awaiting
from handlers.attachments import Attachment
from handlers.awaiting import Awaiting
from handlers.buttons import Button
from handlers.plain_text import storable
from storage.inbound import Outcome

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from handlers.desk import Desk
    from handlers.nlu import ParsedMessage
    from handlers.orders import Order, OrdersUnavailable
    from handlers.texts import Texts
    from storage.conversations import Conversation
    from storage.customers import Customer


class Kind(StrEnum):
    """What happened. `MOVED`: the provider gave the chat another id, told in `about`."""

    SAID = "said"
    EDITED = "edited"
    DELETED = "deleted"
    REACTED = "reacted"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    OPENED_HOME = "opened_home"
    MOVED = "moved"


class Setting(StrEnum):
    """Who reads along: nobody else, the channel around a customer's thread, or a whole group."""

    PRIVATE = "private"
    THREAD = "thread"
    GROUP = "group"


@dataclass(frozen=True)
class IncomingMessage:
    """One message of a customer, or what they did to one, whatever the channel.

    `external_id` is the provider's id of this event, unique in the channel; `about` the provider's id of the message
    concerned: of itself when it is said, of another one when that is edited, deleted, reacted to or has the pressed
    button. `action` is a pressed button's or a command's; `language_hint` what the channel says of the customer's
    language (IETF tag or None); `thread` where in the chat the answer belongs; `album` marks pictures sent as one.
    `addressed`: said to us; what is not is only taken up where a conversation goes on already.
    """

    channel: str
    chat_id: str
    sender_id: str
    external_id: str
    text: str
    sent_at: datetime
    sender_name: str | None = None
    action: str | None = None
    language_hint: str | None = None
    kind: Kind = Kind.SAID
    setting: Setting = Setting.PRIVATE
    addressed: bool = True
    about: str | None = None
    thread: str | None = None
    album: str | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def lane(self) -> str:
        return f"{self.channel}:{self.chat_id}"

    @property
    def own_id(self) -> str | None:
        """The provider's id of what is said here; a pressed button names the message it stands under."""
        return self.about if self.kind in {Kind.SAID, Kind.EDITED} and not self.action else None

    def to_payload(self) -> dict[str, Any]:
        """The inbox's form: JSON that every database can carry."""
        return {
            "channel": self.channel,
            "chat_id": self.chat_id,
            "sender_id": self.sender_id,
            "external_id": self.external_id,
            "text": storable(self.text),
            "sent_at": self.sent_at.isoformat(),
            "sender_name": storable(self.sender_name)[:200] or None,
            "action": storable(self.action)[:200] or None,
            "language_hint": self.language_hint,
            "kind": self.kind,
            "setting": self.setting,
            "addressed": self.addressed,
            "about": self.about,
            "thread": self.thread,
            "album": self.album,
            "attachments": [attachment.to_payload() for attachment in self.attachments],
        }

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> IncomingMessage:
        """Reads also what an earlier version wrote."""
        read = {
            "sent_at": datetime.fromisoformat(payload["sent_at"]),
            "kind": Kind(payload.get("kind", Kind.SAID)),
            "setting": Setting(payload.get("setting", Setting.PRIVATE)),
            "attachments": tuple(Attachment.from_payload(one) for one in payload.get("attachments", ())),
        }
        return cls(**{**payload, **read})


@dataclass(frozen=True)
class AboutIncident:
    """A reply tells of an incident first, in these words."""

    id: int
    words: str


@dataclass(frozen=True)
class Reply:
    """What is said next, in our markup, and the files that go with it. `answer` and its version name the content it
    came from; `card_of`: the message is the living card of the ticket with this id from now on."""

    text: str
    buttons: tuple[Button, ...] = ()
    answer: str | None = None
    answer_version: str | None = None
    outcome: Outcome = Outcome.ANSWERED
    files: tuple[Attachment, ...] = ()
    about_incident: AboutIncident | None = None
    card_of: int | None = None

    def to_payload(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "buttons": [{"label": b.label, "action": b.action} for b in self.buttons],
            "files": [file.to_payload() for file in self.files],
        }

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Reply:
        return cls(
            payload["text"],
            tuple(Button(**button) for button in payload["buttons"]),
            files=tuple(Attachment.from_payload(file) for file in payload.get("files", ())),
        )


@dataclass
class Turn:
    """One step of a conversation: what was said, what was understood, by whom, and what a handler may use.

    `words` is the text to act on (of a burst: all of it; after "did you mean": what was written before) and `found`
    the entities in it by name. `parsed` is None when nobody could read the text (see `NLUUnavailable`). `orders`
    holds the look-ups made so far for this turn, by number (None: no such order).
    """

    message: IncomingMessage
    parsed: ParsedMessage | None
    customer: Customer
    conversation: Conversation
    session: AsyncSession
    desk: Desk
    texts: Texts
    now: datetime
    correlation_id: str
    words: str
    found: dict[str, str]
    first: bool = False
    orders: dict[str, Order | OrdersUnavailable | None] = field(default_factory=dict)

    @property
    def language(self) -> str:
        return self.texts.language

    @property
    def token(self) -> str:
        """Marks the buttons of this turn's question."""
        return self.correlation_id[:6]

    @property
    def is_public(self) -> bool:
        """Whether others read along."""
        return self.conversation.setting != Setting.PRIVATE

    @property
    def is_bystander(self) -> bool:
        """Whether it is somebody other than the one whose conversation this is; a group's is nobody's."""
        setting = self.conversation.setting
        return setting == Setting.GROUP or (
            setting == Setting.THREAD and self.conversation.customer_id != self.customer.id
        )

    @property
    def awaiting(self) -> Awaiting | None:
        return awaiting.load(self.conversation.awaiting)

    def await_(self, state: Awaiting | None) -> None:
        """What the next message of this conversation is the answer to."""
        self.conversation.awaiting = None if state is None else awaiting.dump(state)
