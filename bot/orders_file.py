"""Orders from a YAML file: for the demo, and for tests."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel

from handlers.content_file import read_model
from handlers.orders import Order, OrderStatus, RefundStatus


class OrderEntry(BaseModel):
    """`expected_in_days` and `refund_days_ago` are counted from today, so that a demo never looks stale."""

    model_config = ConfigDict(extra="forbid")

    status: OrderStatus
    carrier: str | None = None
    tracking_number: str | None = None
    expected_in_days: int | None = None
    refund: RefundStatus | None = None
    refund_amount: str | None = None
    refund_days_ago: int | None = None


class OrdersFile(RootModel[dict[str, OrderEntry]]):
    pass


class FileOrders:
    """Raises `ContentError` at once when the file is wrong."""

    def __init__(self, path: Path) -> None:
        self._entries = {normalise(number): entry for number, entry in read_model(path, OrdersFile).root.items()}

    async def find(self, number: str) -> Order | None:
        entry = self._entries.get(normalise(number))
        return None if entry is None else _order(normalise(number), entry, date.today())  # noqa: DTZ011 - the shop's day


def _order(number: str, entry: OrderEntry, today: date) -> Order:
    expected = None if entry.expected_in_days is None else today + timedelta(days=entry.expected_in_days)
    refunded = None if entry.refund_days_ago is None else today - timedelta(days=entry.refund_days_ago)
    return Order(
        number=number,
        status=entry.status,
        carrier=entry.carrier,
        tracking_number=entry.tracking_number,
        expected_on=expected,
        refund=entry.refund,
        refund_amount=entry.refund_amount,
        refund_on=refunded,
    )


def normalise(number: str) -> str:
    """ "zam 20481" and "ZAM-20481" are one order; a bare number gets the prefix."""
    compact = "".join(char for char in number.upper() if char.isalnum())
    letters = "".join(char for char in compact if char.isalpha())
    digits = compact.removeprefix(letters)
    return f"{letters}-{digits}" if letters else f"ZAM-{digits}"
