from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from handlers import notices, phrases
from handlers.incidents import AdminsOnly, TextMissing
from handlers.jobs import send_notices
from handlers.notices import NobodyThere, NoticeNotFound
from handlers.segments import Segment, masked
from storage import notices as stored
from storage.notices import Notice, NoticeRecipient, NoticeStatus, Progress
from tests.bot.post import Post
from tests.bot_under_test import BotUnderTest
from tests.handlers.colleagues import agent, ask_for_a_person

ADMIN = agent("Ewa", role="admin")
TEXT = {"pl": "Od jutra punkt w Krakowie działa do 20:00.", "en": "From tomorrow our Kraków point is open until 20:00."}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nie chcę takich wiadomości", True),
        ("Nie chcę takich wiadomości!", True),
        ("proszę nie wysyłać mi więcej takich wiadomości", True),
        ("nie wysyłajcie mi już takich powiadomień, proszę", True),
        ("I don't want these messages", True),
        ("please don't send me such notifications any more", True),
        ("no more of these messages", True),
        ("nie chcę tej paczki", False),
        ("nie dostałam takich wiadomości", False),
        ("nie chcę czekać na wiadomość", False),
        ("chcę zrezygnować z newslettera", False),
        ("nie chcę takich wiadomości od kuriera, gdzie moja paczka", False),
    ],
)
def test_the_words_that_refuse_notices(text: str, expected: bool) -> None:
    assert phrases.refuses_notices(text) is expected


def test_names_are_masked_so_that_people_can_be_told_apart_and_not_known() -> None:
    assert [masked(name) for name in ("Anna Kowalska", "Jan", "", None, "Ewa Maria Nowak")] == [
        "A… K.", "J…", "…", "…", "E… M."
    ]  # fmt: skip


async def _prepare(bot: BotUnderTest, segment: Segment = Segment()) -> int:  # noqa: B008 - frozen
    async with bot.database.transaction() as session:
        return (await notices.prepare(session, bot.desk, TEXT, segment, ADMIN, bot.now)).id


async def _send(bot: BotUnderTest, number: int) -> None:
    async with bot.database.transaction() as session:
        await notices.send(session, bot.desk, number, ADMIN, bot.now)


async def _work(bot: BotUnderTest) -> None:
    """As the scheduler does it, until there is nothing more."""
    while True:
        async with bot.database.reading() as session:
            due = await send_notices.due(session, bot.now, 100)
        done = 0
        for one in due:
            async with bot.database.transaction() as session:
                done += await send_notices.work(session, bot.desk, bot.now, one)
        if not done:
            return


async def _progress(bot: BotUnderTest, number: int) -> Progress:
    async with bot.database.reading() as session:
        return await stored.progress(session, number)


async def _status(bot: BotUnderTest, number: int) -> str:
    async with bot.database.reading() as session:
        return (await session.get_one(Notice, number)).status


async def _customers(bot: BotUnderTest, *chats: str) -> None:
    for chat in chats:
        await bot.meet(chat)


async def test_those_of_the_segment_get_it_once_as_many_as_the_preview_said(bot: BotUnderTest) -> None:
    await _customers(bot, "anna", "jan", "ewa")
    await ask_for_a_person(bot, "jan")
    await bot.replies("jan")
    for segment, count in (
        (Segment(), 3),
        (Segment(channels=("local",), languages=("pl",)), 3),
        (Segment(languages=("en",)), 0),
        (Segment(tiers=("b2b",)), 0),
        (Segment(category="human_handoff"), 1),
        (Segment(intent="greet", days=1), 3),
        (Segment(intent="payment_issue", days=1), 0),
    ):
        if count:
            assert (await _progress(bot, await _prepare(bot, segment))).all == count
        else:
            with pytest.raises(NobodyThere):
                await _prepare(bot, segment)
    number = await _prepare(bot, Segment(category="human_handoff"))
    await _work(bot)
    assert await bot.replies("jan") == [], "a draft goes to nobody"
    await _send(bot, number)
    await _work(bot)
    await _work(bot)
    [said] = await bot.replies("jan")
    assert (said.text, list(said.actions)) == (TEXT["pl"], ["Nie chcę takich wiadomości"])
    assert await bot.replies("anna") == []
    assert await _status(bot, number) == NoticeStatus.SENT
    await Post(bot).deliver_all()
    assert await _progress(bot, number) == Progress(all=1, told=1, sent=1)
    with pytest.raises(NoticeNotFound):
        await _send(bot, number)


async def test_who_refused_gets_none_by_button_or_words_until_they_want_them_again(bot: BotUnderTest) -> None:
    await _customers(bot, "anna", "jan")
    first = await _prepare(bot)
    await _send(bot, first)
    await bot.ask("nie chcę takich wiadomości", chat="jan")
    await _work(bot)
    assert await _progress(bot, first) == Progress(all=2, told=1, skipped=1)
    [said] = await bot.replies("anna")
    refused = await bot.press(said, "Nie chcę takich", chat="anna")
    assert refused.text.startswith("Dobrze, takich wiadomości już nie wyślę.")
    with pytest.raises(NobodyThere):
        await _prepare(bot)
    await bot.press(refused, "Jednak chcę", chat="anna")
    assert (await _progress(bot, await _prepare(bot))).all == 1
    async with bot.database.reading() as session:
        look = select(NoticeRecipient.skipped).where(NoticeRecipient.notice_id == first)
        assert set((await session.scalars(look)).all()) == {None, "refused"}


async def test_at_night_it_waits_for_the_morning_and_can_be_stopped_until_it_is_out(bot: BotUnderTest) -> None:
    await _customers(bot, "anna")
    bot.now = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)  # 23:00 in Warsaw
    number = await _prepare(bot)
    stopped = await _prepare(bot)
    for one in (number, stopped):
        await _send(bot, one)
    await _work(bot)
    assert await bot.replies("anna") == []
    async with bot.database.transaction() as session:
        await notices.stop(session, bot.desk, stopped, ADMIN)
    bot.now = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # 8:00: they are over
    await _work(bot)
    assert [one.text for one in await bot.replies("anna")] == [TEXT["pl"]]
    assert await _status(bot, stopped) == NoticeStatus.STOPPED


async def test_a_chat_with_an_agent_is_not_interrupted(bot: BotUnderTest) -> None:
    await _customers(bot, "anna")
    await ask_for_a_person(bot, "anna")
    [ticket] = await bot.tickets()
    await bot.agent("Ola", "take_over", ticket.number)
    await bot.replies("anna")
    number = await _prepare(bot)
    await _send(bot, number)
    await _work(bot)
    assert await bot.replies("anna") == []
    assert await _status(bot, number) == NoticeStatus.SENDING
    await bot.agent("Ola", "resolve", ticket.number)
    await bot.replies("anna")
    await _work(bot)
    assert [one.text for one in await bot.replies("anna")] == [TEXT["pl"]]
    assert await _status(bot, number) == NoticeStatus.SENT


async def test_only_admins_write_to_many_and_in_both_languages(bot: BotUnderTest) -> None:
    await _customers(bot, "anna")
    async with bot.database.transaction() as session:
        with pytest.raises(AdminsOnly):
            await notices.prepare(session, bot.desk, TEXT, Segment(), agent("Piotr", role="lead"), bot.now)
        with pytest.raises(TextMissing):
            await notices.prepare(session, bot.desk, {"pl": "Cześć", "en": ""}, Segment(), ADMIN, bot.now)
    number = await _prepare(bot)
    async with bot.database.transaction() as session:
        with pytest.raises(AdminsOnly):
            await notices.send(session, bot.desk, number, agent("Piotr", role="lead"), bot.now)
