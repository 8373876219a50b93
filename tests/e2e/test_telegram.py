"""A customer in Telegram, and what they get: over real HTTP, by webhook and by polling, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from bot.channels.telegram import Telegram
from bot.sandbox.telegram import faults
from handlers.agent_actions import Act
from handlers.content import Content
from storage.conversations import Owner
from storage.database import Database
from storage.inbound import Outcome
from storage.lanes import Gathering
from storage.outbox import Delivery
from storage.tickets import Ticket
from tests.channels.telegram_rig import Rig, Transport, clock, connected, open_rig, until
from tests.fakes import FakeNLU

BOTH = pytest.mark.parametrize("transport", list(Transport))
A_MOMENT = Gathering(timedelta(seconds=0.3), timedelta(seconds=2))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two messages to a chat there is no second to wait."""
    monkeypatch.setattr(Telegram, "seconds_per_chat", 0.0)


@pytest.fixture
async def rig(database: Database, content: Content, nlu: FakeNLU) -> AsyncIterator[Rig]:
    async with open_rig(database, content, nlu) as opened:
        nlu.teach("dzień dobry", "greet")
        nlu.teach("dziękuję", "thank_you")
        yield opened


@BOTH
async def test_what_a_customer_writes_is_answered(rig: Rig, transport: Transport) -> None:
    anna = rig.api.person("Anna")
    async with connected(rig, transport) as bot, bot.at_work():
        anna.types("dzień dobry")
        await until(lambda: len(rig.replies(anna.id)) == 1)
        await until(lambda: _sent(rig, [Delivery.SENT]))
    [reply] = [seen for seen in anna.sees() if seen.is_bot]
    assert reply.text.startswith("Cześć!")
    assert "text_link" in {entity["type"] for entity in reply.entities}
    assert (await rig.sent())[0].provider_ids == [str(reply.message_id)]


@BOTH
async def test_a_link_from_the_shop_begins_a_chat_and_a_button_goes_on_with_it(rig: Rig, transport: Transport) -> None:
    anna = rig.api.person("Anna", language="en")
    async with connected(rig, transport) as bot, bot.at_work():
        anna.opens("from-the-shop")
        await until(lambda: len(rig.replies(anna.id)) == 1)
        assert rig.replies(anna.id)[0].startswith("Hi")
        label = anna.sees()[-1].buttons[0][0]
        press = anna.presses(label)
        await until(lambda: len(rig.replies(anna.id)) == 2 and press.was_answered)
    [_, pressed] = await rig.rows()
    assert pressed.payload["text"] == label


@BOTH
async def test_commands_do_what_they_say_and_strange_ones_are_read_as_words(rig: Rig, transport: Transport) -> None:
    anna = rig.api.person("Anna")
    async with connected(rig, transport) as bot, bot.at_work():
        for number, command in enumerate(("/help", "/language", "/status", "/human", "/zwrot"), 1):
            anna.types(command)
            await until(lambda: len(rig.replies(anna.id)) == number)  # noqa: B023 - awaited at once
        conversation = (await rig.conversations())[0]
    assert conversation.owner == Owner.QUEUE
    assert [row.payload["action"] for row in await rig.rows()] == [
        "do:help", "do:change_language", "do:ticket_status", "human", None,
    ]  # fmt: skip


@BOTH
async def test_pictures_sent_as_one_are_one_turn(rig: Rig, transport: Transport) -> None:
    anna = rig.api.person("Anna")
    async with connected(rig, transport, A_MOMENT) as bot, bot.at_work():
        anna.sends_album(["pękły trzy", "", ""])
        await until(lambda: len(rig.replies(anna.id)) == 1)
        await until(lambda: _ended(rig, 3))
    assert "3 zdjęcia" in rig.replies(anna.id)[0]
    assert len({row.payload["album"] for row in await rig.rows()}) == 1


@BOTH
async def test_whatever_is_sent_is_acknowledged_in_words_and_kept_by_reference(rig: Rig, transport: Transport) -> None:
    anna = rig.api.person("Anna")
    async with connected(rig, transport) as bot, bot.at_work():
        sends = (
            lambda: anna.sends_file("photo", "a.jpg"), lambda: anna.sends_file("document", "a.pdf"),
            lambda: anna.sends_file("voice"), lambda: anna.sends_file("sticker"),
            lambda: anna.shares_contact("+48600100200", "Jan"), lambda: anna.shares_location(52.2, 21.0),
            lambda: anna.sends({"poll": {"id": "1", "question": "?", "options": []}}),
        )  # fmt: skip
        for number, send in enumerate(sends, 1):
            send()
            await until(lambda: len(rig.replies(anna.id)) == number)  # noqa: B023 - awaited at once
    kept = [(message.text, message.attachments) for message in await rig.messages() if message.author == "customer"]
    kinds = [attachments[0]["kind"] if attachments else text for text, attachments in kept]
    assert kinds == ["photo", "document", "voice", "👍", "contact", "location", "other"]
    assert "600100200" not in "".join(rig.replies(anna.id) + [text for text, _ in kept])


@BOTH
async def test_what_is_put_right_is_answered_anew(rig: Rig, transport: Transport) -> None:
    anna = rig.api.person("Anna")
    async with connected(rig, transport) as bot, bot.at_work():
        message = anna.types("dzien dbry")
        await until(lambda: len(rig.replies(anna.id)) == 1)
        anna.edits(message, "dziękuję")
        anna.edits(message, "dziękuję")  # Telegram also tells edits that change nothing
        await until(lambda: len(rig.replies(anna.id)) == 2)
        await until(lambda: _ended(rig, 2))
    [said] = [message for message in await rig.messages() if message.author == "customer"]
    assert said.text == "dziękuję"
    assert [version["text"] for version in said.versions or []] == ["dzien dbry"]


@BOTH
async def test_a_reaction_is_kept_with_the_message_it_is_for(rig: Rig, transport: Transport) -> None:
    anna = rig.api.person("Anna")
    async with connected(rig, transport) as bot, bot.at_work():
        anna.types("dzień dobry")
        await until(lambda: _sent(rig, [Delivery.SENT]))
        anna.reacts(anna.sees()[-1].message_id, "🔥")
        await until(lambda: _ended(rig, 2))
        assert {"🔥"} == {sign for message in await rig.messages() for sign in (message.reactions or {}).values()}
        anna.reacts(anna.sees()[-1].message_id)
        await until(lambda: _ended(rig, 3))
    assert not any(message.reactions for message in await rig.messages())
    assert len(rig.replies(anna.id)) == 1


@BOTH
async def test_who_blocks_us_gets_nothing_until_they_let_us_in_again(rig: Rig, transport: Transport) -> None:
    anna = rig.api.person("Anna")
    async with connected(rig, transport) as bot:
        anna.types("dzień dobry")
        await until(lambda: _has_rows(rig, 1))
        anna.blocks()
        await until(lambda: _has_rows(rig, 2))
        async with bot.at_work():
            await until(lambda: _sent(rig, [Delivery.BLOCKED]))
            await until(lambda: _ended(rig, 2))
            assert (await rig.conversations())[0].blocked_at is not None
            anna.unblocks()
            await until(lambda: _ended(rig, 3))
            assert (await rig.conversations())[0].blocked_at is None
            anna.types("dziękuję")
            await until(lambda: _sent(rig, [Delivery.BLOCKED, Delivery.SENT]))
    assert len(rig.replies(anna.id)) == 1


@BOTH
async def test_a_group_keeps_its_conversation_when_it_gets_another_id(rig: Rig, transport: Transport) -> None:
    anna = rig.api.person("Anna")
    group = rig.api.group("Osiedle", anna)
    async with connected(rig, transport) as bot:
        anna.types("/help", group)
        anna.types("to nie do bota", group)
        await until(lambda: _has_rows(rig, 1))
        new = group.upgrades()
        await until(lambda: _has_rows(rig, 2))
        async with bot.at_work():
            await until(lambda: len(rig.replies(new.id)) == 1)
            await until(lambda: _ended(rig, 2))
            anna.types("@stand_in_support_bot dzień dobry", new)
            await until(lambda: len(rig.replies(new.id)) == 2)
    assert rig.replies(group.id) == []
    [conversation] = await rig.conversations()
    assert (conversation.chat_id, conversation.setting) == (str(new.id), "group")


@BOTH
async def test_a_pause_telegram_asks_for_outlives_the_worker(rig: Rig, transport: Transport) -> None:
    anna, jan = rig.api.person("Anna"), rig.api.person("Jan")
    async with connected(rig, transport) as bot:
        rig.api.faults.next("sendMessage", faults.rate_limit(3_600), chat_id=anna.id)
        async with bot.at_work():
            anna.types("dzień dobry")
            await until(lambda: _tried(rig, anna.id, 1))
            await until(lambda: _sent(rig, [Delivery.WAITING]))
            await until(lambda: _is_put_off(rig, anna.id))
        async with bot.at_work():
            jan.types("dzień dobry")
            await until(lambda: len(rig.replies(jan.id)) == 1)
            assert await _tried(rig, anna.id, 1)
            await _time_is_over(rig, anna.id)
            await until(lambda: len(rig.replies(anna.id)) == 1)


@BOTH
async def test_a_reply_of_unknown_fate_is_flagged_and_never_sent_twice(rig: Rig, transport: Transport) -> None:
    anna, jan = rig.api.person("Anna"), rig.api.person("Jan")
    rig.api.faults.next("sendMessage", faults.reset(after=True), chat_id=anna.id)
    rig.api.faults.next("sendMessage", faults.html(after=False), chat_id=jan.id)
    async with connected(rig, transport) as bot, bot.at_work():
        anna.types("dzień dobry")
        jan.types("dzień dobry")
        await until(lambda: _sent(rig, [Delivery.UNKNOWN, Delivery.UNKNOWN]))
        anna.types("dziękuję")
        await until(lambda: len(rig.replies(anna.id)) == 2)
    assert rig.replies(jan.id) == []


@BOTH
async def test_one_chat_that_hangs_does_not_hold_up_another(rig: Rig, transport: Transport) -> None:
    anna, jan = rig.api.person("Anna"), rig.api.person("Jan")
    rig.api.faults.next("sendMessage", faults.slow(60, after=False), chat_id=anna.id)
    async with connected(rig, transport) as bot, bot.at_work():
        anna.types("dzień dobry")
        await until(lambda: len(rig.api.journal.calls("sendMessage", chat_id=anna.id)) == 1)
        jan.types("dzień dobry")
        await until(lambda: len(rig.replies(jan.id)) == 1)
        assert rig.replies(anna.id) == []
        rig.later(seconds=61)
        await until(lambda: len(rig.replies(anna.id)) == 1)


@BOTH
async def test_while_a_person_answers_the_bot_neither_answers_nor_types(rig: Rig, transport: Transport) -> None:
    anna = rig.api.person("Anna")
    async with connected(rig, transport) as bot, bot.at_work():
        anna.types("/human")
        await until(lambda: len(rig.replies(anna.id)) == 1)
        await until(lambda: _ended(rig, 1))
        async with rig.database.transaction() as session:
            number = (await session.scalars(select(Ticket.number))).one()
            await Act(session, rig.desk, "Ola", clock()).take_over(number)
        anna.types("jest tam kto?")
        await until(lambda: _ended(rig, 2))
        await until(lambda: not bot.gate._courtesy._under_way)
    assert rig.api.journal.calls("sendChatAction") == []
    last = (await rig.rows())[-1]
    assert last.outcome == Outcome.RELAYED
    assert [row for row in await rig.sent() if row.correlation_id == last.correlation_id] == []


async def _has_rows(rig: Rig, count: int) -> bool:
    return len(await rig.rows()) == count


async def _ended(rig: Rig, count: int) -> bool:
    """So many events have come, and all are done with."""
    rows = await rig.rows()
    return len(rows) >= count and all(row.finished_at is not None for row in rows)


async def _sent(rig: Rig, states: list[Delivery]) -> bool:
    return [row.status for row in await rig.sent()] == states


async def _tried(rig: Rig, chat_id: int, times: int) -> bool:
    return len(rig.api.journal.calls("sendMessage", chat_id=chat_id)) == times


async def _is_put_off(rig: Rig, chat_id: int) -> bool:
    """The chat's lane waits for the most of an hour, whoever works it."""
    async with rig.database.reading() as session:
        look = sql("select not_before from lane where queue = 'out' and key = :key")
        found = (await session.execute(look, {"key": f"telegram:{chat_id}"})).scalar_one()
    return found is not None


async def _time_is_over(rig: Rig, chat_id: int) -> None:
    """As if the pause had gone by: the database's clock is not ours to move."""
    async with rig.database.transaction() as session:
        await session.execute(
            sql("update lane set ready_at = received, not_before = received from (select min(received_at) as received"
                " from inbound_event) as began where queue = 'out' and key = :key"),
            {"key": f"telegram:{chat_id}"},
        )  # fmt: skip
