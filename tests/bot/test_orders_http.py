from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date

import httpx
import pytest

from bot.orders_http import TIMEOUT_SECONDS, HttpOrders
from handlers.orders import Order, OrderStatus, OrdersUnavailable, RefundStatus

Shop = Callable[[httpx.Request], httpx.Response]
ORDER = {"number": "ZAM-1", "status": "paid"}


class Shops:
    """Makes an `HttpOrders` whose shop answers as told, and keeps the requests."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.clients: list[httpx.AsyncClient] = []

    def that(self, answer: Shop, *, token: str | None = None) -> HttpOrders:
        def respond(request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            return answer(request)

        self.clients.append(httpx.AsyncClient(transport=httpx.MockTransport(respond)))
        return HttpOrders("https://shop.example/api/orders/", token, self.clients[-1])


@pytest.fixture
async def shops() -> AsyncIterator[Shops]:
    made = Shops()
    yield made
    for client in made.clients:
        await client.aclose()


async def test_an_order_comes_with_everything_the_shop_tells(shops: Shops) -> None:
    answer = {
        "number": "ZAM-20483",
        "status": "returned",
        "carrier": "DPD",
        "tracking_number": "13570000012345",
        "expected_on": "2026-11-24",
        "refund": "sent",
        "refund_amount": "129,99 zł",
        "refund_on": "2026-11-22",
        "customer": {"name": "Anna"},
    }
    orders = shops.that(lambda _: httpx.Response(200, json=answer))
    assert await orders.find("ZAM-20483") == Order(
        number="ZAM-20483",
        status=OrderStatus.RETURNED,
        carrier="DPD",
        tracking_number="13570000012345",
        expected_on=date(2026, 11, 24),
        refund=RefundStatus.SENT,
        refund_amount="129,99 zł",
        refund_on=date(2026, 11, 22),
    )


async def test_number_and_status_are_enough(shops: Shops) -> None:
    orders = shops.that(lambda _: httpx.Response(200, json=ORDER))
    assert await orders.find("ZAM-1") == Order("ZAM-1", OrderStatus.PAID)


@pytest.mark.parametrize(
    ("number", "path"),
    [
        ("ZAM-1", "/api/orders/ZAM-1"),
        ("a/../../admin", "/api/orders/a%2F..%2F..%2Fadmin"),
        ("x?y=1#z", "/api/orders/x%3Fy%3D1%23z"),
        ("łódź 1", "/api/orders/%C5%82%C3%B3d%C5%BA%201"),
    ],
)
async def test_the_number_is_one_part_of_the_path_whatever_was_typed(shops: Shops, number: str, path: str) -> None:
    await shops.that(lambda _: httpx.Response(200, json=ORDER)).find(number)
    assert shops.asked[0].url.raw_path.decode() == path
    assert shops.asked[0].method == "GET"
    assert shops.asked[0].extensions["timeout"]["read"] == TIMEOUT_SECONDS


@pytest.mark.parametrize(("token", "header"), [("t0", "Bearer t0"), (None, None)])
async def test_the_token_is_sent_where_there_is_one(shops: Shops, token: str | None, header: str | None) -> None:
    await shops.that(lambda _: httpx.Response(200, json=ORDER), token=token).find("ZAM-1")
    assert shops.asked[0].headers.get("Authorization") == header


async def test_an_unknown_number_is_no_order(shops: Shops) -> None:
    assert await shops.that(lambda _: httpx.Response(404, json={"detail": "no such order"})).find("ZAM-9") is None


def fails(error: type[httpx.HTTPError]) -> Shop:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("it failed")

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: httpx.Response(500),
        lambda _: httpx.Response(401),
        lambda _: httpx.Response(429),
        lambda _: httpx.Response(302, headers={"Location": "https://login.example"}),
        lambda _: httpx.Response(204),
        lambda _: httpx.Response(200, text="<html>Maintenance</html>"),
        lambda _: httpx.Response(200, json=[]),
        lambda _: httpx.Response(200, json={"number": "ZAM-1"}),
        lambda _: httpx.Response(200, json={**ORDER, "status": "teleported"}),
        lambda _: httpx.Response(200, json={**ORDER, "expected_on": "soon"}),
        lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=b"no gzip"),
        fails(httpx.ConnectError),
        fails(httpx.ReadTimeout),
        fails(httpx.RemoteProtocolError),
    ],
)
async def test_anything_but_a_clear_yes_or_no_is_unavailable(shops: Shops, answer: Shop) -> None:
    with pytest.raises(OrdersUnavailable):
        await shops.that(answer).find("ZAM-1")


@pytest.mark.parametrize("url", ["shop.example/orders", "ftp://shop.example", "http://127.0.0.1:9/orders"])
async def test_an_address_where_no_shop_answers_is_unavailable(url: str) -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(OrdersUnavailable):
            await HttpOrders(url, None, client).find("ZAM-1")


async def test_the_refusal_tells_nothing_of_the_answer(shops: Shops) -> None:
    orders = shops.that(lambda _: httpx.Response(200, json={**ORDER, "status": "anna@example.com"}))
    with pytest.raises(OrdersUnavailable) as refused:
        await orders.find("ZAM-1")
    assert "anna" not in str(refused.value)
