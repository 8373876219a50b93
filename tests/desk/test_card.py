"""The card: what an agent has to know before they press anything, in the desk's language."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.desk.blocks import moment
from bot.desk.card import card
from bot.desk.wording import Wording
from bot.sandbox.slack.block_faults import blocks_faults
from handlers.content import Content
from storage import cases
from storage.database import Database
from storage.tickets import Ticket
from tests.desk.test_lines import literal, mrkdwn
from tests.desk.told_desk import ToldDesk, staffed
from tests.fakes import FakeNLU

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
async def told(database: Database, content: Content, nlu: FakeNLU) -> ToldDesk:
    return await staffed(database, content, nlu)


async def drawn(told: ToldDesk, number: int, **changes: Any) -> list[dict[str, Any]]:
    """The card of the ticket as it would be with these `changes`."""
    async with told.database.reading() as session:
        ticket = await session.get_one(Ticket, next(one.id for one in await told.tickets() if one.number == number))
        for name, value in changes.items():
            setattr(ticket, name, value)
        with session.no_autoflush:
            _, blocks = card(await cases.case_of(session, ticket), Wording.of(told.desk), told.now, "x")
    assert blocks_faults(blocks, "/blocks", 50) == []
    return blocks


def menu(blocks: list[dict[str, Any]]) -> set[str]:
    options = [one for block in blocks for element in block.get("elements", []) for one in element.get("options", [])]
    return {option["value"].partition("|")[2] for option in options}


def labels(blocks: list[dict[str, Any]]) -> list[str]:
    rows = [block for block in blocks if block["type"] == "actions"]
    return [element["text"]["text"] for row in rows for element in row["elements"] if element["type"] == "button"]


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_the_words_and_the_facts_stand_first_and_times_are_the_readers(told: ToldDesk, language: str) -> None:
    told.rules(language=language)
    texts = told.desk.catalogue[language]
    number = await told.opened()
    header, words, facts, *_ = await drawn(told, number)
    assert header["text"]["text"].startswith(f"#{number} · ")
    assert words["elements"][0]["type"] == "rich_text_quote"
    shown = dict(one["text"].split("\n", 1) for one in facts["fields"])
    first = ("customer", "channel", "status", "owner", "priority")
    assert list(shown)[:5] == [f"*{texts(f'desk.card.{name}')}*" for name in first]
    due = (await told.tickets())[0].next_word_at
    assert due is not None
    by = f"*{texts('desk.card.due')}*"
    assert shown[by] == moment(due, told.content.calendar.zone)
    told.later(hours=30)
    late = dict(one["text"].split("\n", 1) for one in (await drawn(told, number))[2]["fields"])
    assert late[by].endswith(":warning:")


async def test_what_is_known_stands_once_and_what_is_missing_is_named(told: ToldDesk) -> None:
    number = await told.opened()
    blocks = await drawn(
        told, number, summary="zamówienie **A-1** nie dotarło", facts={"order_number": "A-1", "email": "*a*@b.pl"},
        missing=["phone"],
    )  # fmt: skip
    words = literal(blocks)
    assert words.count("A-1") == 1
    assert "*a*@b.pl" in words
    assert any(":grey_question:" in text for text in mrkdwn(blocks))


async def test_its_history_is_short(told: ToldDesk) -> None:
    first = await told.opened()
    await told.presses("ola", first, "take_over")
    for _ in range(7):
        await told.sends("ola", first, "resolve", cause="answered")
        await told.says("chcę rozmawiać z człowiekiem")
        first = (await told.tickets())[-1].number
        await told.presses("ola", first, "take_over")
    [others] = [text for text in mrkdwn(await drawn(told, first)) if "#1001" in text or "#100" in text]
    assert others.count("#") == cases.OTHERS_SHOWN


async def test_only_what_makes_sense_now_can_be_chosen(told: ToldDesk) -> None:
    number = await told.opened()
    waiting = await drawn(told, number)
    assert "Przejmij" in labels(waiting)
    assert {"hand_back", "assign"} <= menu(waiting)
    assert "release" not in menu(waiting)
    await told.presses("ola", number, "take_over")
    held = await drawn(told, number)
    assert "Przejmij" not in labels(held)
    assert {"hand_back", "release"} <= menu(held)
    await told.sends("ola", number, "resolve", cause="answered")
    settled = await drawn(told, number)
    assert labels(settled)[0] == "Otwórz ponownie"
    assert {"note", "link", "follow"} <= menu(settled)
    assert menu(settled).isdisjoint({"assign", "release", "wait", "snooze", "risk", "merge", "spam"})


async def test_signs_that_want_attention_are_on_it(told: ToldDesk) -> None:
    number = await told.opened()
    tone = {"kind": "frustration", "words": ["*skandal*", "<!here>"]}
    blocks = await drawn(told, number, tone=tone, snoozed_until=told.now + timedelta(days=1))
    signs = next(text for text in mrkdwn(blocks) if ":thermometer:" in text)
    assert ":zzz:" in signs
    assert "&lt;!here&gt;" in signs
