"""Outbox: what failed is seen with its reason, and sent again once."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from handlers.resending import FAILED
from storage import desk_posts
from storage.admins import Admin, AdminRole
from storage.desk_posts import DeskPost, PostKind, PostStatus
from storage.outbox import Delivery, OutboxMessage
from storage.outbox_lists import count_listed, listed
from tests.bot_under_test import BotUnderTest
from tests.console.console_rig import let_in, looking


@pytest.fixture
async def editor(bot: BotUnderTest) -> Admin:
    return await let_in(bot.database, "ewa", AdminRole.EDITOR, bot.now)


async def fail(bot: BotUnderTest, status: Delivery) -> str:
    """The first message ends so; its id as the page has it."""
    async with bot.database.transaction() as session:
        row = (await session.scalars(select(OutboxMessage).order_by(OutboxMessage.seq).limit(1))).one()
        row.status, row.last_error = status, "chat not found"
    return f"{row.lane_id}-{row.seq}"


async def test_what_failed_is_shown_with_its_reason_and_sent_again_once(bot: BotUnderTest, editor: Admin) -> None:
    await bot.meet()
    key = await fail(bot, Delivery.DEAD)
    async with looking(bot, editor) as page:
        await page.user.open("/console/outbox")
        assert page.sees("chat not found")
        await page.send("send", key=[])
        assert page.sees("Nothing was picked.")
        form = next(one for one in page.listeners() if one[1].type == "submit")
        await page.trigger(*form, {"key": [key, key, "bent", "9-9-9", "²-1"]})
        assert page.sees("1 item in line again.")
        assert not page.sees("chat not found")
        await page.trigger(*form, {"key": [key]})
        assert page.sees("Some of this has been sent or is in line already.")
    async with bot.database.reading() as session:
        again = (await session.scalars(select(OutboxMessage).where(OutboxMessage.dedupe == f"again:{key}"))).one()
    assert again.status == Delivery.WAITING


async def test_what_the_desk_was_not_told_is_told_again(bot: BotUnderTest, editor: Admin) -> None:
    bot.nlu.teach("chcę rozmawiać z człowiekiem", "human_handoff")  # type: ignore[union-attr]
    await bot.meet()
    await bot.ask("chcę rozmawiać z człowiekiem")
    ticket = (await bot.tickets())[0]
    async with bot.database.transaction() as session:
        await desk_posts.append(session, ticket.id, PostKind.CARD, {})
        await session.execute(update(DeskPost).values(status=PostStatus.DEAD, last_error="channel_not_found"))
    async with looking(bot, editor) as page:
        await page.user.open("/console/outbox?show=desk")
        assert page.sees("channel_not_found")
        box = next(one for one in page.elements if one.props.get("name") == "key")
        await page.send("tell", key=[box.props["value"]])
        assert page.sees("1 item in line again.")
    async with bot.database.reading() as session:
        statuses = [one.status for one in (await session.scalars(select(DeskPost).order_by(DeskPost.seq))).all()]
    assert statuses == [PostStatus.RESENT, PostStatus.WAITING]


async def test_the_list_goes_on_below_any_message_whatever_their_states(bot: BotUnderTest) -> None:
    for number in range(4):
        await bot.meet(f"chat{number}")
        bot.later(minutes=number % 2)  # some at the same moment
    states = (Delivery.DEAD, Delivery.UNKNOWN, Delivery.DEAD, Delivery.BLOCKED)
    async with bot.database.transaction() as session:
        rows = (await session.scalars(select(OutboxMessage).order_by(OutboxMessage.lane_id))).all()
        for row, state in zip(rows, states, strict=True):
            row.status = state
    async with bot.database.reading() as session:
        whole = [(one.row.lane_id, one.row.seq) for one in await listed(session, FAILED, 10)]
        pages, before = [], None
        while page := await listed(session, FAILED, 1, before):
            before = (page[0].row.lane_id, page[0].row.seq)
            pages.append(before)
        counts = [await count_listed(session, [one]) for one in (Delivery.DEAD, Delivery.UNKNOWN, Delivery.WAITING)]
    assert len(whole) == len(states)
    assert pages == whole
    assert counts == [2, 1, 0]
