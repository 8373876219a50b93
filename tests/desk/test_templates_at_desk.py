"""Templates and answers in the form: found, read, filled in, and sent with where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.desk.blocks import Block
from bot.desk.events import DeskKind
from tests.desk.quiet_desk import TEAM, QuietDesk

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

DELAYED = "template:parcel_delayed"


async def suggestions(quiet: QuietDesk, number: int, typed: str) -> dict[str, list[str]]:
    """What is offered for some letters, by group."""
    body = {
        "type": "block_suggestion", "user": {"id": "ola"}, "team": {"id": TEAM}, "value": typed,
        "view": {"private_metadata": f'{{"ticket": {number}}}'},
    }  # fmt: skip
    told = await quiet.openings.suggest(body)
    return {
        group["label"]["text"]: [option["value"] for option in group["options"]]
        for group in told.get("option_groups", ())
    }


async def chooses(quiet: QuietDesk, number: int, key: str) -> Block:
    """The form after a template was chosen in it."""
    form = await quiet.opens("ola", number, "template")
    state: Mapping[str, Any] = {
        "values": {"key": {"desk-template_chosen": {"selected_option": {"value": key, "text": {}}}}}
    }
    view = {"id": "V1", "private_metadata": form["private_metadata"], "state": state}
    press = quiet.event("ola", DeskKind.PRESSED, number, action="template_chosen", channel="", thread="", ts="")
    await quiet.openings.open(press, "", {"view": view})
    return quiet.slack.views[-1]


def fields(form: Block) -> list[str]:
    return [block["block_id"].partition("-")[0] for block in form["blocks"] if block["type"] == "input"]


async def test_what_is_typed_finds_templates_refusals_and_answers(quiet: QuietDesk) -> None:
    number = await quiet.case()
    found = await suggestions(quiet, number, "opóźnienia")
    assert found["Szablony"][0] == DELAYED
    everything = await suggestions(quiet, number, "")
    assert {"Szablony", "Odmowy", "Baza wiedzy"} <= set(everything)
    assert sum(len(values) for values in everything.values()) <= 100
    assert await suggestions(quiet, number, "qwertyuiop") == {}


async def test_the_form_shows_how_it_reads_and_asks_for_what_is_missing(quiet: QuietDesk) -> None:
    number = await quiet.case()
    form = await chooses(quiet, number, DELAYED)
    assert fields(form) == ["key", "given_order_number", "given_date"]
    assert "‹Numer zamówienia›" in str(form["blocks"])
    assert "Anno, przepraszam" in str(form["blocks"])
    assert form["private_metadata"].startswith(f'{{"ticket": {number},')
    other = await chooses(quiet, number, "template:checking")
    ids = {
        block["block_id"] for one in (form, other) for block in one["blocks"] if "given" in block.get("block_id", "")
    }
    assert len(ids) == len(fields(form)) + len(fields(other)) - 2, "another template's fields begin anew"


async def test_what_is_not_filled_in_is_refused_at_its_field_and_never_sent(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.heard()
    for values, wrong in (
        ({}, {"key"}),
        ({"key": "template:nonsense"}, {"key"}),
        ({"key": DELAYED}, {"given_order_number", "given_date"}),
        ({"key": DELAYED, "given_order_number": " \u200b", "given_date": "w piątek"}, {"given_order_number"}),
    ):
        sent = quiet.event("ola", DeskKind.SUBMITTED, number, action="template", ticket=number, values=values)
        assert set(await quiet.openings.check(sent)) == wrong
        await quiet.does(sent)  # as if the check had been passed by
    assert await quiet.heard() == []
    assert len(quiet.told("ola")) == 4


async def test_it_is_sent_in_the_customers_language_and_keeps_its_name_and_version(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    await quiet.heard()
    given = {"given_order_number": "A-1 *pilne*", "given_date": "w {date}"}
    await quiet.sends("ola", number, "template", key=DELAYED, **given)
    [told] = await quiet.heard()
    assert "zamówienia **A-1 \\*pilne\\***" in told
    assert "najpóźniej w \\{date\\} napiszę" in told, "what is filled in is data"
    message = (await quiet.messages())[-1]
    version = quiet.content.templates["parcel_delayed"].version
    assert (message.answer, message.answer_version, message.agent) == (DELAYED, version, "Ola")
    async with quiet.database.transaction() as session:
        customer = await session.merge(await quiet.customer())
        customer.language = "en"
    await quiet.sends("ola", number, "template", key=DELAYED, given_order_number="A-1", given_date="Friday")
    assert "I'll tell you what we know by Friday" in (await quiet.heard())[0]


async def test_an_answer_of_the_knowledge_base_keeps_its_version_too(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.heard()
    key = (await suggestions(quiet, number, ""))["Baza wiedzy"][0]
    form = await chooses(quiet, number, key)
    assert fields(form) == ["key"]
    await quiet.sends("ola", number, "template", key=key)
    message = (await quiet.messages())[-1]
    assert (message.answer, message.answer_version) == (key, quiet.content.answers[key].version)
    assert (await quiet.conversation()).agent == "Ola"


async def test_a_template_that_is_gone_by_now_is_said_in_the_form(quiet: QuietDesk) -> None:
    number = await quiet.case()
    form = await chooses(quiet, number, "template:nonsense")
    assert quiet.texts()("desk.refused.no_template") in str(form["blocks"])
