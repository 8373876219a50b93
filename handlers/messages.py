"""What comes in, what goes out, and the turn between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from handlers import awaiting
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


@dataclass(frozen=True)
class IncomingMessage:
    """One message of a customer, whatever the channel.

    `external_id` is the provider's id of it, unique in the channel; `action` is a pressed button's;
    `language_hint` what the channel says of the customer's language (IETF tag or None).
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

    @property
    def lane(self) -> str:
        return f"{self.channel}:{self.chat_id}"

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
        }

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> IncomingMessage:
        return cls(**{**payload, "sent_at": datetime.fromisoformat(payload["sent_at"])})


@dataclass(frozen=True)
class Reply:
    """What is said next, in our markup. `answer` and its version name the content it came from."""

    text: str
    buttons: tuple[Button, ...] = ()
    answer: str | None = None
    answer_version: str | None = None
    outcome: Outcome = Outcome.ANSWERED

    def to_payload(self) -> dict[str, Any]:
        return {"text": self.text, "buttons": [{"label": b.label, "action": b.action} for b in self.buttons]}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Reply:
        return cls(payload["text"], tuple(Button(**button) for button in payload["buttons"]))


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
    def awaiting(self) -> Awaiting | None:
        return awaiting.load(self.conversation.awaiting)

    def await_(self, state: Awaiting | None) -> None:
        """What the next message of this conversation is the answer to."""
        self.conversation.awaiting = None if state is None else awaiting.dump(state)
