"""What one turn is made of: the messages, and what was found out about them before it began."""

from __future__ import annotations

from dataclasses import dataclass, field

from handlers.attachments import Attachment
from handlers.messages import IncomingMessage
from handlers.nlu import ParsedMessage
from handlers.orders import Order, OrdersUnavailable


@dataclass(frozen=True)
class Burst:
    """The messages of one turn: usually one, several when they came quickly one after the other (R6).

    `flooding`: the customer is far over the limit; what they write is kept, but no longer answered one by one.
    """

    messages: tuple[IncomingMessage, ...]
    correlation_id: str
    flooding: bool = False

    @property
    def last(self) -> IncomingMessage:
        return self.messages[-1]

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(attachment for message in self.messages for attachment in message.attachments)

    @property
    def words(self) -> str:
        """All that was written, one line a message; a button's label is not the customer's words."""
        return "\n".join(message.text for message in self.messages if message.text.strip() and not message.action)


@dataclass(frozen=True)
class Reading:
    """What was found out before the transaction: the NLU's reading (None: it could not be had) and orders."""

    parsed: ParsedMessage | None
    orders: dict[str, Order | OrdersUnavailable | None] = field(default_factory=dict)
