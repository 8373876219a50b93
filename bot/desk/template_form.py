"""The form that sends a template or an answer of the knowledge base: choose, fill in, read, send."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from bot.channels.slack.blocks import render
from bot.desk import blocks
from bot.desk.blocks import Block
from bot.desk.events import DeskEvent
from bot.desk.forms import Opening, whom_to
from bot.desk.payloads import PREFIX
from handlers.template_rendering import (
    TemplateCase,
    TemplateNotFound,
    UnresolvedVariables,
    case_of,
    inputs,
    reply_from,
)
from handlers.template_rendering import (
    render as rendered,
)
from handlers.template_search import FoundKind, search
from storage.customers import Customer

ACTION = "template"
CHOSEN = "template_chosen"  # another template was chosen in the open form
KEY = "key"
GIVEN = "given_"
FIRST_SHOWN = 5


async def draw(opening: Opening, key: str = "") -> list[Block]:
    """Without a `key` only the choice, with those that suit the ticket named first."""
    texts = opening.wording.texts
    search_box: Block = {
        "type": "external_select",
        "action_id": f"{PREFIX}{CHOSEN}",
        "min_query_length": 0,
        "placeholder": blocks.plain(texts("desk.form.template.search"), 150),
    }
    chosen: Block = {
        "type": "input",
        "block_id": KEY,
        "dispatch_action": True,
        "label": blocks.plain(texts("desk.form.template.which"), 2_000),
        "element": search_box,
    }
    if not key:
        return [*await whom_to(opening), chosen]
    customer = await opening.session.get_one(Customer, opening.ticket.customer_id)
    case = case_of(opening.desk, opening.ticket, customer, opening.agent.name, opening.now)
    return [*await whom_to(opening), chosen, *_to_fill_in(key, case, texts("desk.form.template.preview"))]


def _to_fill_in(key: str, case: TemplateCase, preview: str) -> list[Block]:
    fresh = hashlib.sha256(key.encode()).hexdigest()[:8]
    asked = [
        blocks.field(f"{GIVEN}{one.name}", one.label, blocks.words(one.value, multiline=False), fresh=fresh)
        for one in inputs(key, case)
    ]
    quoted = "\n".join(f">{line}" for line in render(rendered(key, case).text).split("\n"))
    return [*blocks.context(preview), blocks.section(quoted), *asked]


def options(opening: Opening, typed: str) -> Block:
    """What `block_suggestion` is answered with: grouped by kind, best first in each."""
    wording = opening.wording
    found = search(opening.desk.content, typed, wording.language, opening.ticket.category)
    groups = []
    for kind in FoundKind:
        of_kind = [blocks.option(one.label, one.key) for one in found if one.kind is kind]
        if of_kind:
            label = blocks.plain(wording.known(f"desk.template.{kind}", kind), 75)
            groups.append({"label": label, "options": of_kind[: blocks.OPTIONS]})
    return {"option_groups": groups} if groups else {"options": []}


def given(values: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(GIVEN): value for name, value in values.items() if name.startswith(GIVEN)}


async def check(opening: Opening, event: DeskEvent) -> Mapping[str, str]:
    """What cannot be sent is said at its field: no template chosen, something not filled in."""
    key, wording = event.values.get(KEY, ""), opening.wording
    if not key:
        return {KEY: wording.texts("desk.form.template.choose")}
    customer = await opening.session.get_one(Customer, opening.ticket.customer_id)
    case = case_of(opening.desk, opening.ticket, customer, opening.agent.name, opening.now)
    try:
        reply_from(key, case, given(event.values))
    except UnresolvedVariables as error:
        missing = wording.texts("desk.form.template.missing")
        asked = {one.name for one in inputs(key, case)}
        return {f"{GIVEN}{name}" if name in asked else KEY: missing for name in error.names}
    except TemplateNotFound:
        return {KEY: wording.texts("desk.form.template.choose")}
    return {}
