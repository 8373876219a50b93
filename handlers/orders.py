"""Orders of the shop, as its own system tells them: a small protocol, so that any system can be put behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from handlers.errors import SupportError


class OrdersUnavailable(SupportError):
    """The shop's system did not answer, or answered nonsense."""


class OrderNeeded(Exception):
    """A handler needs this order: the transaction is rolled back, the look-up made outside it, the turn run again."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class OrderStatus(StrEnum):
    RECEIVED = "received"
    PAID = "paid"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class RefundStatus(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True)
class Order:
    """What a customer may be told about an order: no names, no addresses."""

    number: str
    status: OrderStatus
    carrier: str | None = None
    tracking_number: str | None = None
    expected_on: date | None = None
    refund: RefundStatus | None = None
    refund_amount: str | None = None
    refund_on: date | None = None


class Orders(Protocol):
    async def find(self, number: str) -> Order | None:
        """The order, or None where there is no such number. Raises `OrdersUnavailable`."""
        ...
