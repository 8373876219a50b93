from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.channels.base import (
    AfterUnknown,
    Budget,
    ChatMoved,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from bot.delivery import MOST_ATTEMPTS
from storage import lanes, outbox
from storage.lanes import Lane, Queue
from storage.outbox import Delivery, OutboxMessage
from tests.bot.post import Post
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.handlers.colleagues import run_jobs


@pytest.fixture
def post(bot: BotUnderTest) -> Post:
    return Post(bot)


async def test_replies_arrive_in_the_order_they_were_said(bot: BotUnderTest, post: Post) -> None:
    for word in ("jeden", "dwa", "trzy"):
        bot.nlu.teach(word, "thank_you" if word != "dwa" else "goodbye")
        await bot.ask(word)
    await post.deliver_all()
    texts = [reply.text for _, reply in post.channel.sent]
    assert len(texts) == 3
    assert "Do zobaczenia" in texts[1]
    assert await post.statuses() == ["sent", "sent", "sent"]


async def test_a_passing_failure_is_tried_again_and_sent_once(bot: BotUnderTest, post: Post) -> None:
    await bot.meet()
    post.channel.failures = [TemporaryDeliveryError("500"), TemporaryDeliveryError("429", retry_after=3)]
    await post.deliver_all()
    assert len(post.channel.sent) == 1
    assert await post.statuses() == ["sent"]


async def test_retry_after_holds_the_chat_back_for_so_long(bot: BotUnderTest, post: Post) -> None:
    await bot.meet()
    post.channel.failures = [TemporaryDeliveryError("429", retry_after=120)]
    await post.deliver()
    async with bot.database.reading() as session:
        wait = await lanes.next_ready(session, Queue.OUT)
    assert wait is not None
    assert 110 < wait <= 120
    await post.deliver()
    assert post.channel.sent == []


async def test_a_lasting_failure_is_given_up_visibly_and_the_next_message_goes_out(
    bot: BotUnderTest, post: Post
) -> None:
    await bot.meet()
    await bot.ask("dzień dobry")
    post.channel.failures = [TemporaryDeliveryError("500") for _ in range(MOST_ATTEMPTS)]
    await post.deliver_all()
    assert await post.statuses() == ["dead", "sent"]


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (PermanentDeliveryError("no such chat"), "dead"),
        (PermanentDeliveryError("bot was blocked", blocked=True), "blocked"),
        (UnknownOutcome("the connection broke"), "unknown"),
        (RuntimeError("a fault of ours"), "unknown"),
    ],
)
async def test_what_cannot_be_repaired_by_trying_again_is_not_tried_again(
    bot: BotUnderTest, post: Post, failure: Exception, status: str
) -> None:
    await bot.meet()
    post.channel.failures = [failure]
    await post.deliver_all()
    assert post.channel.sent == []
    assert await post.statuses() == [status]


async def test_a_message_found_half_sent_after_a_crash_is_flagged_not_sent_again(bot: BotUnderTest, post: Post) -> None:
    await bot.meet()
    async with bot.database.transaction() as session:
        await session.execute(update(OutboxMessage).values(status="sending"))
    await post.deliver_all()
    assert post.channel.sent == []
    assert await post.statuses() == ["unknown"]


async def test_a_worker_that_wakes_up_after_its_lease_sends_nothing_again(bot: BotUnderTest, post: Post) -> None:
    await bot.meet()
    async with bot.database.transaction() as session:
        [frozen] = await lanes.claim(session, Queue.OUT, 1, 1)
        past = MONDAY_NOON - timedelta(days=9999)
        await session.execute(update(Lane).where(Lane.id == frozen.lane_id).values(ready_at=past))
        [held] = await lanes.claim(session, Queue.OUT, 2, 1)
    await post.courier.work(held)
    await post.courier.work(frozen)
    assert len(post.channel.sent) == 1
    assert await post.statuses() == ["sent"]


async def test_an_idempotent_channel_may_send_it_again(bot: BotUnderTest, post: Post) -> None:
    post.channel.after_unknown = AfterUnknown.SEND_AGAIN
    await bot.meet()
    post.channel.failures = [UnknownOutcome("the connection broke")]
    await post.deliver_all()
    assert await post.statuses() == ["sent"]


async def test_a_bots_reply_in_flight_is_withheld_once_an_agent_has_taken_over(bot: BotUnderTest, post: Post) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    await post.deliver_all()
    bot.nlu.teach("o której otwieracie", "opening_hours")
    await bot.ask("o której otwieracie")
    await bot.agent("Ola", "take_over", 1001)
    await post.deliver_all()
    assert (await post.statuses())[-2:] == ["withheld", "sent"]
    assert "Ola" in post.channel.sent[-1][1].text


async def test_a_bots_reply_in_parts_stops_between_two_of_them_once_an_agent_has_taken_over(
    bot: BotUnderTest, post: Post
) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    await post.deliver_all()
    post.channel.most = 40
    bot.nlu.teach("o której otwieracie", "opening_hours")
    await bot.ask("o której otwieracie")
    await post.deliver()
    said = len(post.channel.sent)
    await bot.agent("Ola", "take_over", 1001)
    await post.deliver_all()
    assert (await post.statuses())[-2:] == ["withheld", "sent"]
    assert "Ola" in "".join(reply.text for _, reply in post.channel.sent[said:])


async def test_the_card_in_the_chat_goes_on_showing_how_it_stands_while_an_agent_has_it(
    bot: BotUnderTest, post: Post
) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    await post.deliver_all()
    await bot.agent("Ola", "take_over", 1001)
    bot.later(minutes=2)
    await run_jobs(bot, "redraw_cards")
    await post.deliver_all()
    assert any("Zajmuje się nim Ola." in shown.text for shown in post.channel.shown.values())


async def test_a_wait_that_the_provider_asked_for_is_not_cut_short_by_the_next_message(
    bot: BotUnderTest, post: Post
) -> None:
    await bot.meet()
    post.channel.failures = [TemporaryDeliveryError("429", retry_after=120)]
    await post.deliver()
    await bot.ask("dzień dobry")
    async with bot.database.reading() as session:
        wait = await lanes.next_ready(session, Queue.OUT)
    assert wait is not None
    assert wait > 110


async def test_the_providers_pace_is_kept(bot: BotUnderTest, post: Post) -> None:
    post.channel.shared = (Budget("local", 0.5),)
    await bot.meet("anna")
    await bot.meet("tom")
    await post.deliver()
    await post.deliver()
    assert len(post.channel.sent) == 1
    async with bot.database.reading() as session:
        wait = await lanes.next_ready(session, Queue.OUT)
    assert wait is not None
    assert 0 < wait <= 2


async def test_one_failing_chat_does_not_hold_up_another(bot: BotUnderTest, post: Post) -> None:
    await bot.meet("anna")
    await bot.meet("tom")
    post.channel.failures = [TemporaryDeliveryError("429", retry_after=600)]
    await post.deliver()
    await post.deliver()
    assert len(post.channel.sent) == 1


async def test_a_message_that_cannot_be_prepared_is_given_up_and_the_chat_goes_on(
    bot: BotUnderTest, post: Post
) -> None:
    await bot.meet()
    await bot.ask("dzień dobry")
    async with bot.database.transaction() as session:
        await session.execute(update(OutboxMessage).where(OutboxMessage.seq == 1).values(payload={"unreadable": True}))
    await post.deliver_all()
    assert await post.statuses() == ["dead", "sent"]


# Parts


async def test_what_is_too_long_goes_out_in_parts_and_in_order(bot: BotUnderTest, post: Post) -> None:
    await bot.meet()
    await bot.ask("dzień dobry")
    post.channel.most = 40
    await post.deliver_all()
    whole = "".join(reply.text for _, reply in post.channel.sent)
    async with bot.database.reading() as session:
        rows = (await session.scalars(select(OutboxMessage).order_by(OutboxMessage.seq))).all()
    assert whole == "".join(row.payload["text"] for row in rows)
    assert [len(row.provider_ids) for row in rows] == [-(-len(row.payload["text"]) // 40) for row in rows]
    assert len(set(post.channel.keys)) == len(post.channel.keys), "each part has a key of its own"


async def test_a_failure_between_parts_repeats_none_of_them(bot: BotUnderTest, post: Post) -> None:
    await bot.meet()
    post.channel.most = 100
    await post.deliver()
    post.channel.failures = [TemporaryDeliveryError("500")]
    await post.deliver_all()
    assert len(set(post.channel.keys)) == len(post.channel.keys)
    assert await post.statuses() == ["sent"]


# Unknown outcomes that can be looked into


async def test_a_post_whose_answer_was_lost_is_looked_for_and_not_sent_again(bot: BotUnderTest, post: Post) -> None:
    post.channel.after_unknown = AfterUnknown.LOOK
    await bot.meet()
    post.channel.failures = [UnknownOutcome("the connection broke")]
    await post.deliver()
    [key] = await post.keys()
    post.channel.holds = {key: "there-1"}
    await post.deliver_all()
    assert post.channel.sent == []
    assert await post.statuses() == ["sent"]


async def test_a_post_that_never_arrived_is_sent_after_the_look(bot: BotUnderTest, post: Post) -> None:
    post.channel.after_unknown = AfterUnknown.LOOK
    await bot.meet()
    post.channel.failures = [UnknownOutcome("timeout"), TemporaryDeliveryError("the look failed")]
    await post.deliver_all()
    assert len(post.channel.sent) == 1
    assert await post.statuses() == ["sent"]


async def test_after_a_crash_while_sending_it_is_looked_for_first(bot: BotUnderTest, post: Post) -> None:
    post.channel.after_unknown = AfterUnknown.LOOK
    await bot.meet()
    [key] = await post.keys()
    async with bot.database.transaction() as session:
        await session.execute(update(OutboxMessage).values(status="sending", started_at=bot.now))
    post.channel.holds = {key: "there-1"}
    await post.deliver_all()
    assert (post.channel.sent, await post.statuses()) == ([], ["sent"])


async def test_what_was_not_there_is_withheld_when_an_agent_has_taken_over_meanwhile(
    bot: BotUnderTest, post: Post
) -> None:
    post.channel.after_unknown = AfterUnknown.LOOK
    await bot.meet()
    await bot.ask("konsultant")
    post.channel.failures = [UnknownOutcome("timeout")]
    await post.deliver()
    await bot.agent("Ola", "take_over", 1001)
    await post.deliver_all()
    assert await post.statuses() == ["withheld", "withheld", "sent"]


# Blocked, moved


async def test_to_who_has_blocked_us_nothing_is_sent_until_they_are_back(bot: BotUnderTest, post: Post) -> None:
    await bot.meet()
    await bot.ask("dzień dobry")
    post.channel.failures = [PermanentDeliveryError("bot was blocked by the user", blocked=True)]
    await post.deliver_all()
    assert await post.statuses() == ["blocked", "blocked"]
    assert (await bot.conversation()).blocked_at is not None
    await bot.ask("dzień dobry")
    await post.deliver_all()
    assert (await post.statuses())[-1] == "sent"


async def test_a_chat_that_has_moved_gets_its_message_under_the_new_id(bot: BotUnderTest, post: Post) -> None:
    await bot.meet()
    post.channel.failures = [ChatMoved("upgraded", "-1001")]
    await post.deliver_all()
    assert [to.chat_id for to in post.channel.to] == ["-1001"]
    assert await post.statuses() == ["sent"]


# Pace


async def test_turns_are_booked_one_behind_the_other(bot: BotUnderTest, post: Post) -> None:
    post.channel.shared = (Budget("local", 0.1),)
    for chat in ("anna", "tom", "ewa"):
        await bot.meet(chat)
    await post.deliver()
    assert len(post.channel.sent) == 1
    async with bot.database.reading() as session:
        look = select(Lane.ready_at).where(Lane.queue == Queue.OUT, Lane.ready_at.is_not(None)).order_by(Lane.ready_at)
        first, second = (await session.scalars(look)).all()
    assert first is not None
    assert second is not None
    assert timedelta(seconds=9) < second - first < timedelta(seconds=11)
    await post.deliver_all()
    assert len(post.channel.sent) == 3, "each has its turn already and books no other"


# Again


async def test_what_failed_can_be_sent_again_once(bot: BotUnderTest, post: Post) -> None:
    await bot.meet()
    post.channel.failures = [PermanentDeliveryError("invalid_blocks")]
    await post.deliver_all()
    async with bot.database.transaction() as session:
        [failed] = await outbox.failed(session, [Delivery.DEAD], 10)
        await outbox.send_again(session, failed.row, bot.now)
    await post.deliver_all()
    assert await post.statuses() == ["dead", "sent"]
    async with bot.database.reading() as session:
        assert await outbox.failed(session, [Delivery.DEAD], 10) == []
