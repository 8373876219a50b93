"""Intents, answers and "try it": what an editor does there is in the data, and nobody's edit is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from handlers.content_history import Editor
from handlers.likeness_of_texts import like_key
from handlers.living_answers import body_of, set_answer
from handlers.reviews import dismiss
from handlers.training import NewExample, add_examples
from storage import reviews, training
from storage.admins import AdminRole
from storage.reviews import Why
from storage.training import LivingAnswer, TrainingIntent
from tests.bot_under_test import BotUnderTest
from tests.console.console_rig import Looking, let_in, looking

EXAMPLES = (("gdzie moja paczka", "pl"), ("gdzie jest zamówienie", "pl"), ("where is my parcel", "en"))


@pytest.fixture
async def data(bot: BotUnderTest) -> BotUnderTest:
    """Two intents and one answer, as after seeding."""
    async with bot.database.transaction() as session:
        for name in ("track_order", "newsletter"):
            title = {"pl": bot.content.topics[name].pl, "en": bot.content.topics[name].en}
            row = TrainingIntent(name=name, title=title, updated_at=bot.now, updated_by="cli")
            session.add(row)
        answer = body_of(bot.content.answers["newsletter"])
        session.add(LivingAnswer(key="newsletter", body=answer, updated_at=bot.now, updated_by="cli"))
        await session.flush()
        editor = Editor(session, "cli", bot.now)
        await add_examples(editor, "track_order", [NewExample(*one) for one in EXAMPLES])
    return bot


@pytest.fixture
async def editor(data: BotUnderTest) -> AsyncIterator[Looking]:
    admin = await let_in(data.database, "ewa", AdminRole.EDITOR, data.now)
    async with looking(data, admin) as at:
        yield at


async def texts_of(bot: BotUnderTest, intent: str) -> list[str]:
    async with bot.database.reading() as session:
        return [one.text for one in await training.examples(session, intent)]


async def test_examples_are_added_found_and_taken_back(editor: Looking, data: BotUnderTest) -> None:
    await editor.user.open("/console/intents")
    assert editor.sees("track_order")
    await editor.user.open("/console/intents/track_order")
    await editor.send("add", language=["pl"], text=["kiedy dojdzie [lampa](product)\nco z moją przesyłką"])
    assert {"kiedy dojdzie lampa", "co z moją przesyłką"} <= set(await texts_of(data, "track_order"))
    assert editor.sees("kiedy dojdzie [lampa](product)")
    await editor.press("Undo")
    assert len(await texts_of(data, "track_order")) == len(EXAMPLES)


async def test_what_is_taught_already_is_told_while_it_is_typed(editor: Looking, data: BotUnderTest) -> None:
    await editor.user.open("/console/intents/newsletter")
    [typed] = [(one, how) for one, how in editor.listeners() if how.type == "input"]
    await editor.trigger(*typed, "gdzie moja paczka")
    assert editor.sees("The same words already teach track_order")


async def test_on_top_of_somebody_elses_change_nothing_is_saved_before_it_was_seen(
    editor: Looking, data: BotUnderTest
) -> None:
    await editor.user.open("/console/intents/track_order")
    async with data.database.transaction() as session:
        await add_examples(Editor(session, "admin:jan", data.now), "track_order", [NewExample("moja paczka?", "pl")])
    await editor.send("add", language=["pl"], text=["paczka zaginęła"])
    assert editor.sees("Somebody changed this meanwhile")
    assert editor.sees("jan")
    assert "paczka zaginęła" not in await texts_of(data, "track_order")
    await editor.send("add", language=["pl"], text=["paczka zaginęła"])
    assert {"moja paczka?", "paczka zaginęła"} <= set(await texts_of(data, "track_order"))


async def test_a_viewer_looks_and_changes_nothing(data: BotUnderTest) -> None:
    admin = await let_in(data.database, "jan", AdminRole.VIEWER, data.now)
    async with looking(data, admin) as viewer:
        await viewer.user.open("/console/intents/track_order")
        assert viewer.sees("gdzie moja paczka")
        await viewer.send("chosen", id=["1"], do=["remove"])
        assert len(await texts_of(data, "track_order")) == len(EXAMPLES)


async def test_an_answer_is_edited_in_all_variants_shown_and_kept_with_its_history(
    editor: Looking, data: BotUnderTest
) -> None:
    await editor.user.open("/console/answers/newsletter")
    given = {
        "pl": ["Pisz na {email}."], "formal": ["Proszę pisać na {email}."], "en": ["Write to **{email}**."],
        "owner": ["marketing"], "review_by": ["2027-01-31"],
    }  # fmt: skip
    await editor.send("sent", **given, do=["preview"])
    assert any("<strong>pomoc@sklep.example</strong>" in html for html in editor.htmls())
    async with data.database.transaction() as session:
        row = {"why": Why.OUTDATED_ANSWER, "text": "za stare", "like": "=newsletter", "created_at": data.now}
        await reviews.add(session, answer="newsletter", **row)
    await editor.send("sent", **given, do=["save"])
    assert editor.sees("1 item settled; whoever reported it is told.")
    async with data.database.reading() as session:
        [row] = await training.answers(session)
    assert row.body["wordings"]["en"] == ["Write to **{email}**."]
    await editor.send("sent", **{**given, "en": ["Write to {nobody}."]}, do=["save"])
    assert editor.sees("English: there is no variable {nobody}.")


async def test_two_editors_of_one_answer_lose_nothing(editor: Looking, data: BotUnderTest) -> None:
    await editor.user.open("/console/answers/newsletter")
    async with data.database.transaction() as session:
        other = Editor(session, "admin:jan", data.now)
        wordings = {**body_of(data.content.answers["newsletter"])["wordings"], "en": ["Jan's words."]}
        await set_answer(other, "newsletter", data.content, 1, wordings=wordings)
    given = {
        "pl": ["Pisz do nas."], "formal": ["Proszę pisać."], "en": ["Ewa's words."], "owner": ["m"],
        "review_by": ["2027-01-31"],
    }  # fmt: skip
    await editor.send("sent", **given, do=["save"])
    assert editor.sees("Jan's words.")
    async with data.database.reading() as session:
        [row] = await training.answers(session)
    assert row.body["wordings"]["en"] == ["Jan's words."]


async def test_a_sentence_is_read_its_words_weighed_and_the_reply_shown(editor: Looking, data: BotUnderTest) -> None:
    data.nlu.teach("zapisz mnie na newsletter", "newsletter", 0.9)
    await editor.user.open("/console/try")
    await editor.send("read", text=["zapisz mnie na newsletter"])
    assert editor.sees("newsletter")
    assert editor.sees("90%")
    assert editor.sees("Version of the answer")
    data.nlu.down = True
    await editor.send("read", text=["cokolwiek innego"])
    assert editor.sees("The language server does not answer")


@pytest.fixture
async def waiting(data: BotUnderTest) -> BotUnderTest:
    """Two messages that say nearly the same, and a third."""
    texts = ("kiedy dojdzie moja paczka", "kiedy dojdzie moja paczka!", "zapisz mnie")
    async with data.database.transaction() as session:
        for text in texts:
            row = {"why": Why.UNSURE, "text": text, "language": "pl", "like": like_key(text), "created_at": data.now}
            await reviews.add(session, **row)
    return data


async def test_many_messages_are_labelled_at_once_and_taught(editor: Looking, waiting: BotUnderTest) -> None:
    await editor.user.open("/console/inbox")
    assert editor.sees("3 messages are waiting.")
    like = like_key("kiedy dojdzie moja paczka")
    await editor.send("sent", like=[like], intent=["track_order"], do=["label"])
    assert {"kiedy dojdzie moja paczka", "kiedy dojdzie moja paczka!"} <= set(await texts_of(waiting, "track_order"))
    assert editor.sees("1 message is waiting.")
    await editor.send("sent", like=[like_key("zapisz mnie")], intent=[""], do=["dismiss"])
    assert editor.sees("Nothing is waiting.")


async def test_what_somebody_else_has_dealt_with_is_not_dealt_with_again(
    editor: Looking, waiting: BotUnderTest
) -> None:
    await editor.user.open("/console/inbox")
    async with waiting.database.transaction() as session:
        await dismiss(session, [3], "admin:jan", waiting.now)
    await editor.send("sent", like=[like_key("zapisz mnie")], intent=["newsletter"], do=["label"])
    assert editor.sees("Somebody has dealt with this already")
    assert await texts_of(waiting, "newsletter") == []
