from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.orders_file import FileOrders, normalise
from handlers.content_file import ContentError
from handlers.orders import Order, OrderStatus, RefundStatus

ROOT = Path(__file__).parents[2]
ORDERS = """\
ZAM-20481: {status: shipped, carrier: InPost, tracking_number: "0012345"}
zam 20482: {status: returned, refund: sent, refund_amount: "129,99 zł", expected_in_days: 2, refund_days_ago: 1}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "orders.yml").write_text(ORDERS, encoding="utf-8")
    return tmp_path / "orders.yml"


@pytest.mark.parametrize(
    "number", ["ZAM-20481", "zam20481", "zam 20481", "Zam–20481", "20481", "#20481", " ZAM - 20481 "]
)
async def test_an_order_is_found_however_its_number_is_written(path: Path, number: str) -> None:
    expected = Order("ZAM-20481", OrderStatus.SHIPPED, carrier="InPost", tracking_number="0012345")
    assert await FileOrders(path).find(number) == expected


@pytest.mark.parametrize("number", ["ZAM-20480", "ZAM-2048", "FV-20481", "", "zam", "20481 20482"])
async def test_an_unknown_number_is_no_order(path: Path, number: str) -> None:
    assert await FileOrders(path).find(number) is None


async def test_days_are_counted_from_today(path: Path) -> None:
    order = await FileOrders(path).find("ZAM-20482")
    assert order is not None
    assert order.expected_on is not None
    assert order.refund_on is not None
    assert order.expected_on - order.refund_on == timedelta(days=3)
    assert (order.status, order.refund, order.refund_amount) == (OrderStatus.RETURNED, RefundStatus.SENT, "129,99 zł")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ZAM-1: {status: lost}\n", 1),
        ("ZAM-1: {status: paid}\nZAM-2: {}\n", 2),
        ("ZAM-1: {status: paid, courier: DPD}\n", 1),
        ("20481: {status: paid}\n", 1),
        ("", 1),
    ],
)
def test_a_wrong_file_is_refused_at_start_with_its_line(path: Path, text: str, line: int) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=rf"orders\.yml:{line}: "):
        FileOrders(path)


async def test_the_demos_orders_are_right() -> None:
    orders = FileOrders(ROOT / "nlu_data" / "demo_orders.yml")
    found = await orders.find("ZAM-20481")
    assert found is not None
    assert found.status is OrderStatus.SHIPPED


@pytest.mark.parametrize(
    ("number", "expected"), [("zam 20481", "ZAM-20481"), ("20481", "ZAM-20481"), ("FV/7", "FV-7"), ("ab12-3", "AB-123")]
)
def test_a_number_has_one_spelling(number: str, expected: str) -> None:
    assert normalise(number) == expected
    assert normalise(expected) == expected
