"""The forms agents fill in: opened at once, refused where they would be in vain, right at each field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.channels.base import TemporaryDeliveryError
from bot.desk.blocks import Block
from bot.desk.events import DeskKind
from bot.desk.forms import FORMS
from handlers.calendars import Calendar
from storage.agents import Role
from tests.desk.quiet_desk import FakeDeskSlack, QuietDesk
from tests.handlers.colleagues import hire

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def inputs(form: Block) -> dict[str, Block]:
    return {block["block_id"].partition("-")[0]: block for block in form["blocks"] if block["type"] == "input"}


async def errors(quiet: QuietDesk, number: int, action: str, **values: str) -> dict[str, str]:
    sent = quiet.event("ola", DeskKind.SUBMITTED, number, action=action, ticket=number, values=values)
    return dict(await quiet.openings.check(sent))


# Opening


async def test_a_form_opens_before_anything_is_read_and_says_what_went_wrong(
    quiet: QuietDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await quiet.case()
    press = quiet.event("ola", DeskKind.PRESSED, number, action="reply", ticket=number)
    openings = quiet.openings

    def broken() -> Any:
        assert len(quiet.slack.views) == 1, "the empty form is open by now"
        raise OperationalError("select", {}, Exception("the database is away"))

    monkeypatch.setattr(quiet.database, "transaction", broken)
    await openings.open(press, "trigger", {})
    waiting, told = quiet.slack.views
    assert "Chwileczkę" in str(waiting["blocks"])
    assert quiet.texts()("desk.refused.fault") in str(told["blocks"])
    assert "submit" not in told


async def test_where_slack_does_not_tell_who_it_is_the_form_says_so(
    quiet: QuietDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await quiet.case()

    async def silent(user: str) -> Any:
        raise TemporaryDeliveryError(f"Slack does not tell who {user} is")

    monkeypatch.setattr(quiet.slack.people, "colleague", silent)
    form = await quiet.opens("ola", number, "talk")
    assert quiet.texts()("desk.refused.fault") in str(form["blocks"])


async def test_a_trigger_that_has_expired_is_no_fault(quiet: QuietDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await quiet.case()

    async def expired(self: FakeDeskSlack, trigger_id: str, view: Block) -> tuple[str, str]:
        raise TemporaryDeliveryError(f"Slack: expired_trigger_id {trigger_id}")

    monkeypatch.setattr(FakeDeskSlack, "open_view", expired)
    await quiet.openings.open(quiet.event("ola", DeskKind.PRESSED, number, action="note", ticket=number), "old", {})
    assert quiet.slack.views == []


async def test_every_form_can_be_read_and_sent(quiet: QuietDesk) -> None:
    """Within Slack's limits without anything cut off: a title in 24 characters, labels and hints that say something."""
    number = await quiet.case()
    await hire(quiet.database, *(f"Osoba {count}" for count in range(120)))
    for language, action in product(("pl", "en"), (*FORMS.keys() - {"promise_time"}, "template")):
        quiet.rules(language=language)
        form = await quiet.opens("ola", number, action)
        title = form["title"]["text"]
        assert "…" not in title, action
        assert len(title) <= 24, action
        assert form["submit"]["text"], action
        assert form["private_metadata"], action
        for name, block in inputs(form).items():
            assert block["label"]["text"] not in {"–", name}, action
            assert len(block["element"].get("options", [])) <= 100
            for option in block["element"].get("options", []):
                assert "…" not in option["text"]["text"], (action, option)


# What it offers


async def test_who_is_free_is_named_first_with_what_they_have(quiet: QuietDesk) -> None:
    await quiet.staff(ewa=Role.AGENT)
    await hire(quiet.database, "Zenon", is_on_duty=False)
    await hire(quiet.database, "Były", is_active=False)
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    other = await quiet.case("marek")
    options = inputs(await quiet.opens("piotr", other, "assign"))["to"]["element"]["options"]
    assert [option["text"]["text"] for option in options] == [
        "Ewa (otwartych: 0)", "Piotr (otwartych: 0)", "Ola (otwartych: 1)", "Zenon (otwartych: 0), teraz poza dyżurem",
    ]  # fmt: skip
    mine = inputs(await quiet.opens("ola", number, "assign"))["to"]["element"]["options"]
    assert not any(option["text"]["text"].startswith("Ola") for option in mine), "they have it already"


async def test_snoozing_proposes_the_next_opening_and_reminds_of_the_promise(quiet: QuietDesk) -> None:
    number = await quiet.case()
    form = await quiet.opens("ola", number, "snooze")
    tuesday = quiet.now.replace(day=24, hour=7)  # 8:00 in Warsaw
    assert inputs(form)["until"]["element"]["initial_date_time"] == int(tuesday.timestamp())
    assert "Obietnica dla klienta zostaje" in str(form["blocks"])


async def test_snoozing_works_where_we_never_open(quiet: QuietDesk) -> None:
    number = await quiet.case()
    quiet.content = replace(quiet.content, calendar=Calendar(quiet.content.calendar.zone, {}, None))
    form = await quiet.opens("ola", number, "snooze")
    tomorrow = quiet.now + timedelta(days=1)
    assert inputs(form)["until"]["element"]["initial_date_time"] == int(tomorrow.timestamp())


async def test_choices_begin_with_what_is_so(quiet: QuietDesk) -> None:
    number = await quiet.case()
    for action, field, value in (("priority", "priority", "normal"), ("tier", "tier", "mass"),
                                 ("category", "category", "human_handoff")):  # fmt: skip
        element = inputs(await quiet.opens("ola", number, action))[field]["element"]
        assert element["initial_option"]["value"] == value


async def test_a_reply_says_to_whom_it_goes_and_that_it_takes_over(quiet: QuietDesk) -> None:
    number = await quiet.case()
    assert "Do: *Anna*, Local, PL. Wysłanie oznacza przejęcie" in str(await quiet.opens("ola", number, "reply"))
    await quiet.presses("ola", number, "take_over")
    assert "przejęcie" not in str((await quiet.opens("ola", number, "reply"))["blocks"])


async def test_a_form_that_would_be_refused_says_so_before_it_is_filled_in(quiet: QuietDesk) -> None:
    await quiet.staff(ewa=Role.AGENT)
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    for action in ("reply", "template", "resolve", "assign", "wait", "risk", "spam", "merge"):
        form = await quiet.opens("ewa", number, action)
        assert "Ola" in str(form["blocks"]), action
        assert "submit" not in form, action
        is_decision = action not in {"reply", "template"}  # a lead decides about it, and speaks no more than others
        assert ("submit" in await quiet.opens("piotr", number, action)) is is_decision, action


async def test_merging_proposes_what_is_offered(quiet: QuietDesk) -> None:
    first = await quiet.case()
    form = await quiet.opens("ola", first, "merge")
    assert "initial_value" not in inputs(form)["into"]["element"]


# What is wrong at which field


WRONG: Sequence[tuple[str, dict[str, str], str, str]] = [
    ("reply", {"words": "  "}, "words", "pusta"),
    ("reply", {"words": "Witaj {name}"}, "words", "{name}"),
    ("note", {"words": "\n"}, "words", "pusta"),
    ("resolve", {"words": "Do {next_word}", "cause": "solved"}, "words", "{next_word}"),
    ("wait", {"words": "", "on": "customer"}, "words", "pusta"),
    ("risk", {"words": "{agent}"}, "words", "{agent}"),
    ("snooze", {"until": "1"}, "until", "już minął"),
    ("merge", {"into": "#1001"}, "into", "tego samego"),
    ("merge", {"into": "9999"}, "into", "#9999"),
    ("link", {"other": "abc"}, "other", "nie jest numer"),
]


async def test_what_is_wrong_is_said_at_its_field(quiet: QuietDesk) -> None:
    number = await quiet.case()
    assert number == 1001
    for action, values, field, said in WRONG:
        found = await errors(quiet, number, action, **values)
        assert list(found) == [field], (action, values)
        assert said in found[field], (action, values)


async def test_what_is_right_is_taken(quiet: QuietDesk) -> None:
    number, other = await quiet.case(), await quiet.case("marek")
    until = str(int((quiet.now + timedelta(hours=1)).timestamp()))
    right: Sequence[tuple[str, dict[str, str]]] = [
        ("reply", {"words": "Dzień dobry"}), ("note", {"words": "{name} do poprawy"}), ("resolve", {"words": ""}),
        ("wait", {"words": "zdjęcie"}), ("risk", {"words": ""}), ("snooze", {"until": until}),
        ("merge", {"into": f" #{other} "}), ("link", {"other": str(other)}), ("spam", {}), ("assign", {"to": "1"}),
    ]  # fmt: skip
    for action, values in right:
        assert await errors(quiet, number, action, **values) == {}, action
