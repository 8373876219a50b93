"""Orders from the shop's system over HTTP: GET {ORDERS_URL}/{number} → JSON, 404 for an unknown number.

Expected: {"number", "status", "carrier"?, "tracking_number"?, "expected_on"?, "refund"?, "refund_amount"?,
"refund_on"?}; statuses as in `OrderStatus` and `RefundStatus`, days as ISO dates. Further keys are ignored.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from handlers.orders import Order, OrderStatus, OrdersUnavailable, RefundStatus

TIMEOUT_SECONDS = 3.0


class OrderAnswer(BaseModel):
    number: str
    status: OrderStatus
    carrier: str | None = None
    tracking_number: str | None = None
    expected_on: date | None = None
    refund: RefundStatus | None = None
    refund_amount: str | None = None
    refund_on: date | None = None


class HttpOrders:
    def __init__(self, url: str, token: str | None, client: httpx.AsyncClient) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = client

    async def find(self, number: str) -> Order | None:
        """Raises `OrdersUnavailable` for anything but a clear yes or no."""
        if set(number) <= {"."}:
            return None  # would climb out of the path
        try:
            answer = await self._client.get(
                f"{self._url}/{quote(number, safe='')}", headers=self._headers, timeout=TIMEOUT_SECONDS
            )
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            answer.raise_for_status()
            found = OrderAnswer.model_validate_json(answer.content)
        except httpx.HTTPError as error:
            raise OrdersUnavailable(type(error).__name__) from error
        except ValidationError as error:
            raise OrdersUnavailable(f"the answer lacks {error.errors()[0]['loc']}") from error
        return Order(**found.model_dump())
