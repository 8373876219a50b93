"""An incident and a notice, from the shortcut in Slack to the customers at Telegram and back onto the card."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.sandbox.slack.messages import Message as Post
from handlers.agents import NewAgent, add
from storage import board_posts, incidents
from storage.agents import Role
from storage.board_posts import Subject
from storage.database import Database
from storage.incidents import Incident
from tests.desk.desk_rig import DeskRig, open_desk
from tests.fakes import FakeNLU

PL, EN = "BLIK nie działa", "BLIK is down"


@pytest.fixture
async def database(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Database]:
    """What it shows does not hang on the kind of database."""
    shutil.copy(sqlite_template, tmp_path / "test.db")
    fresh = Database(f"sqlite:///{tmp_path / 'test.db'}")
    yield fresh
    await fresh.dispose()


@pytest.fixture
async def rig(database: Database, nlu: FakeNLU, tmp_path: Path) -> AsyncIterator[DeskRig]:
    async with open_desk(database, nlu, tmp_path) as opened:
        yield opened


def _shown(post: Post) -> str:
    return str(post.body["blocks"])


def _card(rig: DeskRig, beginning: str) -> Post:
    return [one for one in rig.cards() if beginning in one.body.get("text", "")][-1]


def _lines(rig: DeskRig, card: Post) -> list[str]:
    return [one.text for one in rig.slack.screen(rig.desk, rig.ola) if one.thread_ts == card.ts and one.ts != card.ts]


def _chosen(form: dict[str, Any]) -> list[str]:
    [intents] = [one for one in form["blocks"] if one["block_id"] == "intents"]
    return [one["value"] for one in intents["element"]["initial_options"]]


async def _fill(rig: DeskRig, who: Any, **typed: Any) -> Any:
    await rig.form(who)
    outcome = await rig.submits(who, **typed)
    await rig.quiet()
    return outcome


async def test_an_incident_from_the_shortcut_to_its_end(rig: DeskRig) -> None:
    number = await rig.asks_for_a_person()
    await rig.fills(rig.ola, number, "category", category="payment_issue")
    await rig.ola.uses_shortcut("desk-incident_declare")
    assert "tylko osoba kierująca zespołem" in str(await rig.form(rig.ola))

    await rig.presses(rig.piotr, number, "incident_declare")
    form = await rig.form(rig.piotr)
    assert _chosen(form) == ["payment_issue"]
    soon = int((rig.clock() + timedelta(hours=2)).timestamp())
    filled = {"title_pl": PL, "title_en": EN, "workaround_pl": "Zapłać kartą.", "workaround_en": "Pay by card."}
    await rig.submits(rig.piotr, **filled, next_update=int(rig.clock().timestamp()))
    assert "next_update" in rig.piotr.modal.errors
    await _fill(rig, rig.piotr, **filled, next_update=soon)
    await rig.later(seconds=5)
    assert rig.heard()[-1].startswith(f"⚠️ {PL}\nZapłać kartą.")
    await rig.later(seconds=5)
    card = _card(rig, PL)
    assert "1 / 1" in _shown(card).replace("\\xa0", " ").replace("\u00a0", " ")
    assert "▓" * 20 in _shown(card)

    await rig.later(minutes=106)
    assert "nowe informacje" in _lines(rig, card)[-1]
    await rig.piotr.presses(card, "desk-incident_update-1")
    assert "Zapłać kartą." in str(await rig.form(rig.piotr))
    later = int((rig.clock() + timedelta(hours=3)).timestamp())
    await _fill(rig, rig.piotr, workaround_pl="Przelew też działa.", next_update=later)
    await rig.later(seconds=5)
    [about_it] = [one for one in rig.heard() if PL in one]
    assert "Przelew też działa." in about_it, "edited in place"

    await rig.piotr.presses(card, "desk-incident_close-1")
    await _fill(rig, rig.piotr, cause_pl="Awaria w banku.", cause_en="The bank was down.")
    await rig.later(seconds=5)
    assert rig.heard()[-1].startswith(f"✅ {PL}")
    assert "Awaria w banku." in rig.heard()[-1]
    assert "zakończona" in _shown(_card(rig, PL))
    assert "desk-incident_update" not in _shown(_card(rig, PL))
    assert len([one for one in rig.cards() if PL in one.body.get("text", "")]) == 1


async def test_a_spike_is_declared_from_its_alert_and_a_card_that_is_gone_comes_again(rig: DeskRig) -> None:
    async with rig.database.transaction() as session:
        alert = await incidents.add_alert(session, "payment_issue", rig.clock(), 40, 3.0)
        assert alert is not None
        await board_posts.append(session, Subject.SPIKE, alert)
    await rig.quiet()
    spike = _card(rig, "40")
    await rig.piotr.presses(spike, f"desk-incident_declare-{alert}")
    form = await rig.form(rig.piotr)
    assert _chosen(form) == ["payment_issue"]
    await _fill(rig, rig.piotr, title_pl=PL, title_en=EN, workaround_pl="Karta.", workaround_en="Card.")
    first = _card(rig, PL)
    rig.ola.deletes(first)
    async with rig.database.transaction() as session:
        await board_posts.append(session, Subject.INCIDENT, 1)
    await rig.quiet()
    assert _card(rig, PL).ts != first.ts
    [incident] = await rig.all(select(Incident))
    assert incident.scope == {"intents": ["payment_issue"], "words": []}


async def test_a_notice_is_seen_before_it_goes_out(rig: DeskRig) -> None:
    await rig.asks_for_a_person("Anna")
    await rig.asks_for_a_person("Jan")
    async with rig.database.transaction() as session:
        await add(session, NewAgent("ewa@acme.example", "Ewa", Role.ADMIN), rig.clock())
    ewa = rig.slack.person("Ewa", email="ewa@acme.example")
    ewa.joins(rig.desk)
    await ewa.uses_shortcut("desk-notice_new")
    await _fill(rig, ewa, text_pl="Jutro zamknięte.", text_en="Closed tomorrow.", channels=["telegram"])
    card = _card(rig, "nr 1")
    assert "Wyślij (2)" in _shown(card)
    assert "A… (Telegram" in _shown(card)
    await rig.later(seconds=5)
    assert "Jutro zamknięte." not in rig.heard()
    await ewa.presses(card, "desk-notice_send-1")
    await rig.quiet()
    await rig.later(seconds=5)
    assert rig.heard("Anna")[-1] == rig.heard("Jan")[-1] == "Jutro zamknięte."
    await rig.later(seconds=5)
    assert "2 / 2" in _shown(_card(rig, "nr 1"))
