"""Messages put aside for admins: which, how masked, what labelling them does, and what is forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import reviews
from handlers.messages import Kind
from handlers.reviews import ItemChanged, Taught
from handlers.training import IntentRefused
from storage import reviews as stored
from storage import training
from storage.releases import Release
from storage.reviews import Asked, ReviewItem, ReviewStatus, Why
from storage.tickets import Ticket, TicketEvent
from storage.training import Source, TrainingExample
from tests.bot_under_test import BotUnderTest
from tests.handlers.living import seeded


async def collected(bot: BotUnderTest, minutes: float = 30) -> list[ReviewItem]:
    bot.later(minutes=minutes)
    async with bot.database.transaction() as session:
        await reviews.collect(session, bot.thresholds, bot.now)
    return await items(bot)


async def items(bot: BotUnderTest) -> list[ReviewItem]:
    async with bot.database.reading() as session:
        return list((await session.scalars(select(ReviewItem).order_by(ReviewItem.id))).all())


async def examples(bot: BotUnderTest, intent: str) -> list[TrainingExample]:
    async with bot.database.reading() as session:
        return [one for one in await training.examples(session, intent) if one.source == Source.REVIEW]


async def label(bot: BotUnderTest, ids: list[int], intent: str) -> None:
    """By somebody who saw them as they were at first."""
    async with bot.database.transaction() as session:
        await reviews.label(session, ids, intent, "admin:ewa", bot.now, dict.fromkeys(ids, 1))


async def put_aside(bot: BotUnderTest, *texts: str) -> list[ReviewItem]:
    """Each unsure, in a chat of its own."""
    for number, text in enumerate(texts):
        bot.nlu.teach(text, "gift_card", 0.3)
        await bot.hears(text, chat=f"chat{number}")
        await bot.work()
    return await collected(bot)


async def test_what_was_unsure_is_put_aside_once_and_masked(bot: BotUnderTest) -> None:
    await bot.meet()
    words = "mój nr 601 234 567, a.nowak@poczta.example, co z kartą do zam. 123456"
    bot.nlu.teach(words, "gift_card", 0.5)
    await bot.ask(words)
    assert await collected(bot, minutes=1) == [], "the customer may still say what they meant"
    [item] = await collected(bot)
    assert item.text == "mój nr ‹telefon›, ‹e-mail›, co z kartą do zam. 123456"
    assert (item.why, item.intent, item.confidence, item.model) == (Why.UNSURE, "gift_card", 0.5, "fake")
    assert (item.language, item.status, item.suggested) == ("pl", ReviewStatus.OPEN, None)
    assert len(await collected(bot)) == 1


async def test_sure_readings_are_left_alone_unless_a_person_had_to_take_over(bot: BotUnderTest) -> None:
    await bot.meet()
    for words, intent in (("godziny?", "opening_hours"), ("ile trwa zwrot", "return_policy")):
        bot.nlu.teach(words, intent, 0.95)
        await bot.ask(words)
        bot.later(minutes=1)
    bot.nlu.teach("daj człowieka", "human_handoff", 0.99)
    await bot.ask("daj człowieka")
    [item] = await collected(bot)
    assert (item.text, item.why, item.intent) == ("ile trwa zwrot", Why.FOLLOWED_BY_HUMAN, "return_policy")


async def test_whoever_asks_for_a_person_much_later_says_nothing_about_the_answer_before(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("godziny?", "opening_hours", 0.95)
    await bot.ask("godziny?")
    bot.later(minutes=20)
    await bot.ask("chcę rozmawiać z człowiekiem")
    assert await collected(bot) == []


async def test_what_the_customer_pressed_instead_is_suggested(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("kiedy będzie u mnie", "opening_hours", 0.6, second="delivery_period")
    asked = await bot.ask("kiedy będzie u mnie")
    label = next(label for label, action in asked.actions.items() if action.startswith("do:delivery_period"))
    await bot.press(asked, label)
    [item] = await collected(bot)
    assert (item.why, item.intent, item.suggested) == (Why.CORRECTED, "opening_hours", "delivery_period")


async def test_nothing_of_a_message_that_was_deleted_or_changed_stays(bot: BotUnderTest) -> None:
    await bot.meet()
    for number, words in enumerate(("moja karta nie działa tu", "inna sprawa z kartą")):
        bot.nlu.teach(words, "gift_card", 0.3)
        await bot.hears(words, about=f"p{number}")
        await bot.work()
    first, second = await collected(bot)
    await bot.hears("", kind=Kind.DELETED, about="p0")
    await bot.hears("zupełnie co innego", kind=Kind.EDITED, about="p1")
    await bot.work()
    assert [item.id for item in await items(bot) if item.id in {first.id, second.id}] == []


async def test_labelled_they_teach_and_the_same_words_only_once(bot: BotUnderTest, tmp_path: Path) -> None:
    await seeded(bot.database, tmp_path)
    found = await put_aside(bot, "czy są bony", "poproszę bon 100", "poproszę bon 200", "Czy są bony?")
    assert found[1].like == found[2].like != found[0].like == found[3].like
    ids = [item.id for item in found[:3]]
    async with bot.database.transaction() as session:
        done = await reviews.label(session, ids, "gift_card", "admin:ewa", bot.now, dict.fromkeys(ids, 1))
        assert done == Taught(tuple(ids), 3)
        [group] = (await stored.groups(session, Asked())).shown
        assert (group.count, group.first.id) == (1, found[3].id)
    assert [(one.text, one.review_item_id, one.added_by) for one in await examples(bot, "gift_card")] == [
        (item.text, item.id, "admin:ewa") for item in found[:3]
    ]
    assert {(item.status, item.label) for item in (await items(bot))[:3]} == {(ReviewStatus.ACCEPTED, "gift_card")}


async def test_a_second_thought_teaches_only_the_second(bot: BotUnderTest, tmp_path: Path) -> None:
    await seeded(bot.database, tmp_path)
    [item] = await put_aside(bot, "ile punktów za bon")
    async with bot.database.transaction() as session:
        await reviews.label(session, [item.id], "gift_card", "admin:ewa", bot.now)
        await reviews.label(session, [item.id], "loyalty", "admin:ewa", bot.now)
    assert await examples(bot, "gift_card") == []
    assert len(await examples(bot, "loyalty")) == 1
    async with bot.database.transaction() as session:
        await reviews.take_back(session, [item.id], "admin:ewa", bot.now)
    assert await examples(bot, "loyalty") == []
    assert [(one.status, one.label, one.version) for one in await items(bot)] == [(ReviewStatus.OPEN, None, 4)]


async def test_two_who_look_at_the_same_item_do_not_undo_each_other(bot: BotUnderTest, tmp_path: Path) -> None:
    await seeded(bot.database, tmp_path)
    one, other = await put_aside(bot, "macie bony w pdf", "bony na papierze")
    async with bot.database.transaction() as session:
        await reviews.dismiss(session, [one.id], "admin:adam", bot.now, {one.id: 1})
    for ids, intent, refusal in (
        ([one.id, other.id], "gift_card", ItemChanged),
        ([other.id], "no_such_intent", IntentRefused),
    ):
        with pytest.raises(refusal):
            await label(bot, ids, intent)
    assert [item.status for item in await items(bot)] == [ReviewStatus.DISMISSED, ReviewStatus.OPEN]
    assert await examples(bot, "gift_card") == []


async def test_live_with_the_release_that_was_begun_after_it_was_accepted(bot: BotUnderTest, tmp_path: Path) -> None:
    await seeded(bot.database, tmp_path)
    early, late = await put_aside(bot, "bony dla firm", "bony dla dzieci")
    async with bot.database.transaction() as session:
        await reviews.label(session, [early.id], "gift_card", "admin:ewa", bot.now)
        started = bot.now
        bot.later(minutes=1)
        await reviews.label(session, [late.id], "gift_card", "admin:ewa", bot.now)
        release = Release(data_digest="d", started_by="admin:ewa", started_at=started)
        session.add(release)
        await session.flush()
        live = await reviews.went_live(session, release, bot.now)
        assert [item.id for item in live] == [early.id]
    statuses = [(item.status, item.release_id is not None) for item in await items(bot)]
    assert statuses == [(ReviewStatus.LIVE, True), (ReviewStatus.ACCEPTED, False)]


async def test_the_inbox_is_asked_by_reason_language_and_words(bot: BotUnderTest) -> None:
    await put_aside(bot, "bony dla firm", "100% taniej_")
    async with bot.database.reading() as session:
        assert (await stored.groups(session, Asked(), limit=1)).total == 2
        assert await stored.counts_by_why(session) == {Why.UNSURE: 2}
        assert await texts_of(session, Asked(words="0% T")) == ["100% taniej_"]
        assert await texts_of(session, Asked(language="en")) == []
        assert await texts_of(session, replace(Asked(), why=Why.CORRECTED)) == []


async def texts_of(session: AsyncSession, asked: Asked) -> list[str]:
    return [group.first.text for group in (await stored.groups(session, asked)).shown]


async def test_near_duplicates_are_one_group_with_as_many_members_as_are_wanted(bot: BotUnderTest) -> None:
    await put_aside(bot, "macie bony dla firm?", "Macie bony dla firm", "zapisz mnie")
    async with bot.database.reading() as session:
        large, small = (await stored.groups(session, Asked())).shown
        assert (large.count, small.count) == (2, 1)
        found = await stored.members(session, Asked(), [large.like, small.like], 1)
        assert {like: [one.text for one in group] for like, group in found.items()} == {
            large.like: ["macie bony dla firm?"], small.like: ["zapisz mnie"],
        }  # fmt: skip
        assert [one.id for one in (await stored.members(session, Asked(), [large.like], 9))[large.like]] == [1, 2]


async def test_whoever_wanted_an_answer_changed_hears_that_it_is(bot: BotUnderTest) -> None:
    bot.nlu.teach("chcę konsultanta", "human_handoff")
    await bot.ask("chcę konsultanta")
    async with bot.database.transaction() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        row = {"ticket_id": ticket.id, "text": "za stare", "like": "=", "contributor": "Ola", "created_at": bot.now}
        await stored.add(session, why=Why.OUTDATED_ANSWER, answer="newsletter", intent="help", **row)
        await stored.add(session, why=Why.PROPOSED_ANSWER, suggested="newsletter", intent="help", **row)
        await stored.add(session, why=Why.PROPOSED_ANSWER, suggested="pricing", intent="newsletter", **row)
        assert await reviews.answer_settled(session, "newsletter", "admin:ewa", bot.now) == 2
        assert await reviews.answer_settled(session, "newsletter", "admin:ewa", bot.now) == 0
        told = (await session.scalars(select(TicketEvent).where(TicketEvent.kind == "taught_live"))).all()
    assert [(one.data["names"], one.data["intent"]) for one in told] == [(["Ola"], "newsletter")] * 2
