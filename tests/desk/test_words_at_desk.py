"""Drafts, promises and messages for later, as agents see and press them in the ticket's thread."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.sandbox.slack.messages import Message as Post
from storage.database import Database
from storage.promises import Promise
from storage.scheduled_messages import ScheduledMessage
from tests.desk.desk_rig import DeskRig, open_desk
from tests.fakes import FakeNLU

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
async def rig(database: Database, nlu: FakeNLU, tmp_path: Path) -> AsyncIterator[DeskRig]:
    async with open_desk(database, nlu, tmp_path) as opened:
        yield opened


def _post_with(rig: DeskRig, action: str) -> Post:
    """The newest post in the desk's channel that has this button."""
    standing = rig.slack.space.talk.standing(rig.desk.id)
    return [one for one in standing if _button(one, action)][-1]


def _button(post: Post, action: str) -> str | None:
    drawn: list[dict[str, Any]] = post.body.get("blocks", [])
    elements = [element for block in drawn for element in (*block.get("elements", ()), block.get("accessory") or {})]
    ids = [str(element.get("action_id", "")) for element in elements if isinstance(element, dict)]
    return next((one for one in ids if one.partition("-")[2].split("-")[0] == action), None)


async def _press(rig: DeskRig, action: str) -> None:
    post = _post_with(rig, action)
    await rig.ola.presses(post, _button(post, action) or "")
    await rig.quiet()


async def test_a_draft_is_sent_with_one_press_or_edited_first(rig: DeskRig) -> None:
    number = await rig.asks_for_a_person()
    await rig.takes(rig.ola, number)
    rig.writes(rig.ola, number, "Sprawdzam to w magazynie.")
    await rig.quiet()
    due = (await rig.ticket(number)).next_word_at
    assert due is not None
    await rig.later(seconds=(due - timedelta(minutes=20) - rig.clock()).total_seconds())
    assert any("Gotowa wiadomość" in line for line in rig.lines(number))
    before = len(rig.heard())
    await _press(rig, "draft_send")
    said = rig.heard()[before:]
    assert len(said) == 1
    assert f"#{number}" in said[0]

    due = (await rig.ticket(number)).next_word_at
    assert due is not None
    await rig.later(seconds=(due - timedelta(minutes=20) - rig.clock()).total_seconds())
    post = _post_with(rig, "draft_edit")
    await rig.ola.presses(post, _button(post, "draft_edit") or "")
    form = await rig.form(rig.ola)
    begun = next(block["element"]["initial_value"] for block in form["blocks"] if block["type"] == "input")
    assert f"#{number}" in begun
    assert "**" not in begun
    await rig.submits(rig.ola, words="Paczka wyjdzie dziś.")
    await rig.quiet()
    assert rig.heard()[-1] == "Paczka wyjdzie dziś."


async def test_a_promise_is_confirmed_for_another_time_and_stands_on_the_card(rig: DeskRig) -> None:
    number = await rig.asks_for_a_person()
    await rig.takes(rig.ola, number)
    rig.writes(rig.ola, number, "Odpiszę jutro do 12.")
    await rig.quiet()
    assert any("Czy to obietnica" in line for line in rig.lines(number))
    post = _post_with(rig, "promise_time")
    await rig.ola.presses(post, _button(post, "promise_time") or "")
    await rig.form(rig.ola)
    later = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
    await rig.submits(rig.ola, until=int(later.timestamp()))
    await rig.quiet()
    [promise] = await rig.all(select(Promise))
    assert (promise.status, promise.due_at) == ("open", later)
    assert "Odpiszę jutro do 12" in str(rig.card(number).body["blocks"])
    await _press(rig, "promise_kept")
    [promise] = await rig.all(select(Promise))
    assert promise.status == "kept"


async def test_a_message_for_later_is_listed_and_can_be_cancelled(rig: DeskRig) -> None:
    number = await rig.asks_for_a_person()
    await rig.takes(rig.ola, number)
    at = int((rig.clock() + timedelta(hours=2)).timestamp())
    await rig.fills(rig.ola, number, "later", words="Czy paczka dotarła?", until=at)
    [row] = await rig.all(select(ScheduledMessage))
    assert (row.status, row.unless_answered) == ("waiting", True)
    assert "Czy paczka dotarła?" in str(rig.card(number).body["blocks"])
    await _press(rig, "later_drop")
    [row] = await rig.all(select(ScheduledMessage))
    assert row.status == "dropped"
    await rig.fills(rig.ola, number, "later", words="Czy na pewno?", until=at)
    await rig.later(hours=3)
    assert rig.heard()[-1] == "Czy na pewno?"
