"""Agents teach the bot from a ticket's thread: what they see, what is put aside, and that they hear of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from handlers import reviews
from storage.database import Database
from storage.releases import Release
from storage.reviews import ReviewItem, ReviewStatus, Why
from tests.desk.desk_rig import DeskRig, open_desk
from tests.fakes import FakeNLU

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WORDS = "kurier zgubił paczkę, mój nr 601 234 567"


@pytest.fixture
async def rig(database: Database, nlu: FakeNLU, tmp_path: Path) -> AsyncIterator[DeskRig]:
    async with open_desk(database, nlu, tmp_path) as opened:
        yield opened


async def put_aside(rig: DeskRig) -> list[ReviewItem]:
    return await rig.all(select(ReviewItem).order_by(ReviewItem.id))


def option(form: dict[str, Any], name: str, begins: str) -> str:
    """The value of the choice whose value begins so."""
    block = next(one for one in form["blocks"] if one.get("block_id", "").partition("-")[0] == name)
    return next(one["value"] for one in block["element"]["options"] if one["value"].startswith(begins))


@SQLITE
async def test_a_wrong_topic_is_put_aside_masked_and_whoever_said_so_hears_when_it_is_live(rig: DeskRig) -> None:
    rig.nlu.teach(WORDS, "opening_hours", 0.91)
    rig.customer().types(WORDS)
    await rig.quiet()
    number = await rig.asks_for_a_person()
    await rig.takes(rig.ola, number)

    await rig.presses(rig.ola, number, "wrong_topic")
    form = await rig.form(rig.ola)
    assert [part for part in (WORDS, "Godziny otwarcia", "91%") if part not in str(form)] == []
    await rig.submits(rig.ola, intent=option(form, "intent", "delivery_problem@"))
    await rig.quiet()

    [item] = await put_aside(rig)
    assert (item.why, item.text) == (Why.WRONG_TOPIC, "kurier zgubił paczkę, mój nr ‹telefon›")
    assert (item.intent, item.suggested, item.contributor) == ("opening_hours", "delivery_problem", "Ola")
    assert any("Dziękujemy" in one for one in rig.whispers(number, rig.ola))
    assert "bot źle rozpoznał temat" in " ".join(rig.lines(number))

    async with rig.database.transaction() as session:
        item = await session.get_one(ReviewItem, item.id)
        item.status, item.label, item.labelled_at = ReviewStatus.ACCEPTED, "delivery_problem", rig.clock()
        release = Release(data_digest="d", started_by="admin:ewa", started_at=rig.clock())
        session.add(release)
        await session.flush()
        await reviews.went_live(session, release, rig.clock())
    await rig.quiet()
    told = next(line for line in rig.lines(number) if "Bot już to umie" in line)
    assert f"<@{rig.ola.id}>" in told or "@Ola" in told


@SQLITE
async def test_an_agents_words_are_proposed_from_the_shortcut_and_an_old_answer_from_the_menu(rig: DeskRig) -> None:
    rig.nlu.teach("do kiedy otwarte", "opening_hours", 0.97)
    rig.customer().types("do kiedy otwarte")
    await rig.quiet()
    number = await rig.asks_for_a_person()
    await rig.takes(rig.ola, number)
    post = rig.writes(rig.ola, number, "Zwrot to 14 dni, proszę pisać na anna@poczta.example")
    await rig.quiet()

    await rig.ola.uses_shortcut("desk-teach", post)
    form = await rig.form(rig.ola)
    await rig.submits(rig.ola, intent=option(form, "intent", "return_policy@"))
    await rig.quiet()
    await rig.fills(rig.ola, number, "outdated_answer", words="w piątki do 18")

    proposed, outdated = await put_aside(rig)
    assert (proposed.why, proposed.suggested) == (Why.PROPOSED_ANSWER, "return_policy")
    assert proposed.text == "Zwrot to 14 dni, proszę pisać na ‹e-mail›"
    assert (outdated.why, outdated.answer, outdated.text) == (Why.OUTDATED_ANSWER, "opening_hours", "w piątki do 18")
    assert {"answer_proposed", "answer_outdated"} <= set(await rig.kinds(number))


@SQLITE
async def test_the_same_said_twice_changes_nothing_and_a_forged_choice_is_refused(rig: DeskRig) -> None:
    rig.nlu.teach(WORDS, "opening_hours", 0.91)
    rig.customer().types(WORDS)
    await rig.quiet()
    number = await rig.asks_for_a_person()
    rig.nlu.teach("o której zamykacie", "opening_hours", 0.9)
    rig.customer("Marek").types("o której zamykacie")
    await rig.quiet()
    others = await rig.asks_for_a_person("Marek")
    for _ in range(2):
        await rig.presses(rig.ola, number, "wrong_topic")
        form = await rig.form(rig.ola)
        await rig.submits(rig.ola, intent=option(form, "intent", "complaint@"))
        await rig.quiet()
    [item] = await put_aside(rig)
    assert (item.version, item.suggested) == (1, "complaint")
    assert "nic się nie zmieniło" in rig.whispers(number, rig.ola)[-1]

    await rig.presses(rig.ola, others, "wrong_topic")
    form = await rig.form(rig.ola)
    chosen = option(form, "intent", "complaint@")
    about = next(block for block in form["blocks"] if block.get("block_id") == "intent")
    for one in about["element"]["options"]:
        one["value"] = f"complaint@{item.message_id}" if one["value"] == chosen else one["value"]
    await rig.submits(rig.ola, intent=f"complaint@{item.message_id}")
    await rig.quiet()
    assert len(await put_aside(rig)) == 1
