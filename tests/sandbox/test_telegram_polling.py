"""Fetching updates as PLATFORM.md 10 tells it: confirmed by the next offset, one poller, and an end to each life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import Update
from telegram.error import Conflict, InvalidToken
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.sandbox.telegram_scene import Scene, open_scene, until

OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with open_scene() as scene:
        yield scene


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_an_update_comes_again_until_a_higher_offset_confirms_it(scene: Scene) -> None:
    anna = scene.api.person("Anna")
    for text in ("one", "two", "three"):
        anna.types(text)

    first = await scene.call("getUpdates", timeout=0)
    scene.later(10)
    again = await scene.call("getUpdates", timeout=0)
    rest = await scene.call("getUpdates", offset=first[1]["update_id"], timeout=0)

    assert texts(first) == texts(again) == ["one", "two", "three"]
    assert texts(rest) == ["two", "three"]
    assert [update["update_id"] for update in first] == [100_000_000, 100_000_001, 100_000_002]
    assert (await scene.call("getWebhookInfo"))["pending_update_count"] == 2


async def test_a_negative_offset_discards_all_but_the_last(scene: Scene) -> None:
    anna = scene.api.person("Anna")
    for text in ("one", "two", "three"):
        anna.types(text)

    assert texts(await scene.call("getUpdates", offset=-1)) == ["three"]
    assert len(scene.api.updates) == 1


async def test_an_offset_from_before_the_numbers_began_anew_confirms_nothing(scene: Scene) -> None:
    anna = scene.api.person("Anna")
    scene.api.restart_update_ids(500)
    anna.types("after a week")
    assert texts(await scene.call("getUpdates", offset=100_000_007)) == ["after a week"]
    assert len(scene.api.updates) == 1


async def test_who_asks_again_with_the_same_offset_is_slowed_down(scene: Scene) -> None:
    anna = scene.api.person("Anna")
    anna.types("one")
    anna.types("two")
    assert len(await scene.call("getUpdates", offset=5)) == 2
    assert len(await scene.call("getUpdates", offset=5)) == 1, "within half a second: one"
    scene.later(1)
    assert len(await scene.call("getUpdates", offset=5)) == 2

    scene.api.updates.drop_all()
    poller = await scene.poller(offset=5, timeout=0)
    scene.later(2.9)
    assert not poller.done()
    scene.later(0.1)
    assert (await poller).json() == {"ok": True, "result": []}


async def test_a_wait_ends_with_the_first_update_or_with_its_time(scene: Scene) -> None:
    anna = scene.api.person("Anna")
    poller = await scene.poller(timeout=50)
    anna.types("hello")
    assert texts((await poller).json()["result"]) == ["hello"]

    poller = await scene.poller(offset=100_000_001, timeout=99)
    scene.later(49)
    assert scene.api.polling.is_waiting
    scene.later(1)
    assert (await poller).json()["result"] == []


async def test_of_two_pollers_the_older_ends_with_409(scene: Scene) -> None:
    older = await scene.poller(offset=1, timeout=50)
    newer = asyncio.create_task(scene.raw("getUpdates", offset=2, timeout=50))
    answer = await older
    assert (answer.status_code, answer.json()["description"]) == (409, OTHER_POLLER)

    newest = asyncio.create_task(scene.raw("getUpdates", offset=3, timeout=50))
    await until(lambda: len(scene.api.journal.calls("getUpdates")) == 3)
    assert not newer.done(), "the next conflict within three seconds is held back"
    scene.later(3)
    assert (await newer).status_code == 409
    scene.api.polling.close()
    await newest


async def test_polling_beside_a_webhook_is_a_conflict_and_a_new_webhook_ends_the_poll(scene: Scene) -> None:
    poller = await scene.poller(timeout=50)
    await scene.call("setWebhook", url="https://bot.example/telegram", secret_token="s3cret")
    assert (await poller).json()["description"] == "Conflict: terminated by setWebhook request"

    scene.later(5)
    with pytest.raises(Conflict) as refused:
        await scene.bot.get_updates()
    assert str(refused.value) == (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )


async def test_a_message_waits_a_day_and_a_button_press_150_seconds(scene: Scene) -> None:
    anna = scene.api.person("Anna")
    anna.types("hello")
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    await scene.call("sendMessage", chat_id=anna.id, text="Sure?", reply_markup=keyboard)
    press = anna.presses("Yes")
    assert len(scene.api.updates) == 2

    scene.later(151)
    assert [list(update)[1] for update in await scene.call("getUpdates")] == ["message"]
    late = await scene.refused("answerCallbackQuery", callback_query_id=press.id)
    assert late == "Bad Request: query is too old and response timeout expired or query ID is invalid"
    scene.later(24 * 3600)
    assert await scene.call("getUpdates", offset=1) == []


async def test_reactions_must_be_asked_for_and_the_list_is_remembered(scene: Scene) -> None:
    anna = scene.api.person("Anna")
    message = anna.types("thanks")
    anna.reacts(message.id, "👍")
    assert len(scene.api.updates) == 1

    await scene.call("getUpdates", offset=-1, allowed_updates=["message", "message_reaction"])
    anna.reacts(message.id)
    anna.blocks()
    scene.later(5)
    found = await scene.bot.get_updates()
    assert found[-1].message_reaction is not None
    assert [reaction.emoji for reaction in found[-1].message_reaction.old_reaction] == ["👍"]
    assert len(found) == 2, "my_chat_member was not on the list"


async def test_an_answer_holds_at_most_four_megabytes(scene: Scene) -> None:
    anna = scene.api.person("Anna")
    for _ in range(100):
        anna.types("ż" * 40_000)
    answer = await scene.raw("getUpdates", limit=100)
    assert 40 < len(answer.json()["result"]) < 100


async def test_a_revoked_or_malformed_token(scene: Scene) -> None:
    assert (await scene.http.get("/botrubbish/getMe")).json() == {
        "ok": False, "error_code": 404, "description": "Not Found",
    }  # fmt: skip
    assert (await scene.http.get("/bot123:ABC/getMe")).json()["description"] == "Unauthorized"
    scene.api.revoke_token()
    with pytest.raises(InvalidToken):
        await scene.bot.get_updates()
    assert [entry.status for entry in scene.api.journal] == [404, 401, 401]
    assert scene.api.token not in repr(scene.api.journal.entries)


async def test_the_real_application_polls_and_answers(scene: Scene) -> None:
    async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(f"You said {update.message.text}")

    app = Application.builder().bot(scene.bot).job_queue(None).build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    anna = scene.api.person("Anna")
    async with app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling(timeout=10)
        anna.types("hello")
        await until(lambda: len(anna.sees()) == 2)
        stopping = asyncio.create_task(app.updater.stop())
        while not stopping.done():
            scene.later(5)
            await asyncio.sleep(0.01)
        await app.stop()
    assert [(seen.by, seen.text) for seen in anna.sees()] == [("Anna", "hello"), ("Support", "You said hello")]
    assert len(scene.api.updates) == 0
    assert "deleteWebhook" in scene.api.journal.methods(), "start_polling unhooks a webhook without asking"


async def test_an_update_that_the_library_cannot_read_stops_all_behind_it(scene: Scene) -> None:
    scene.api.push("message", {"message_id": "no number", "chat": 5})
    scene.api.person("Anna").types("behind it")
    with pytest.raises(KeyError, match="date"):
        await scene.bot.get_updates()
    scene.later(3)
    assert len(await scene.call("getUpdates")) == 2
