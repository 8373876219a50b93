"""Pieces of Block Kit that the desk's cards, lines, forms and pages are made of, within Slack's limits.

https://docs.slack.dev/reference/block-kit
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.channels.slack.blocks import cut, escape
from bot.desk.payloads import PREFIX, SEPARATOR

Block = dict[str, Any]

_OPENED = re.compile(r"(&\w{0,4}|<[^<>]*)\Z")

SECTION_CHARACTERS = 3_000
FIELD_CHARACTERS = 2_000
FIELDS = 10
HEADER_CHARACTERS = 150
OPTION_CHARACTERS = 75
OPTIONS = 100
CONTEXT_ELEMENTS = 10
TITLE_CHARACTERS = 24


def plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": cut(text, most) or "–", "emoji": True}


def mrkdwn(text: str, most: int = SECTION_CHARACTERS) -> Block:
    """`text` is mrkdwn: what anybody typed in it has been escaped."""
    return {"type": "mrkdwn", "text": cut_mrkdwn(text, most) or "–", "verbatim": True}


def cut_mrkdwn(text: str, most: int) -> str:
    """At most `most` characters; no entity, link or date is cut in two."""
    if len(text) <= most:
        return text
    kept = cut(text, most).removesuffix("…")
    opened = _OPENED.search(kept)
    return f"{kept[: opened.start()] if opened else kept}…"


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER_CHARACTERS)}


def section(text: str, accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return block if accessory is None else {**block, "accessory": accessory}


def fields(pairs: Iterable[tuple[str, str]]) -> list[Block]:
    """Label over value, two in a row; `value` is mrkdwn."""
    told = [mrkdwn(f"*{escape(label)}*\n{value}", FIELD_CHARACTERS) for label, value in pairs]
    return [{"type": "section", "fields": told[at : at + FIELDS]} for at in range(0, len(told), FIELDS)]


def context(*texts: str) -> list[Block]:
    """Small print; empty texts are left out, and so is the block without any."""
    told = [mrkdwn(text) for text in texts if text][:CONTEXT_ELEMENTS]
    return [{"type": "context", "elements": told}] if told else []


def divider() -> Block:
    return {"type": "divider"}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def value(number: int | None, argument: str = "") -> str:
    return f"{'' if number is None else number}{SEPARATOR}{argument}"


def button(
    action: str,
    label: str,
    number: int | None,
    argument: str = "",
    *,
    style: str | None = None,
    sure: Block | None = None,
) -> Block:
    element: Block = {
        "type": "button",
        "action_id": f"{PREFIX}{action}" + (f"-{argument}" if argument else "")[:100],
        "text": plain(label, OPTION_CHARACTERS),
        "value": value(number, argument),
    }
    if style:
        element["style"] = style
    if sure:
        element["confirm"] = sure
    return element


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    return {"title": plain(title, 100), "text": plain(text, 300), "confirm": plain(yes, 30), "deny": plain(no, 30)}


def option(label: str, chosen: str) -> Block:
    return {"text": plain(label, OPTION_CHARACTERS), "value": chosen}


def select(action_id: str, placeholder: str, options: Sequence[Block], initial: Block | None = None) -> Block:
    element: Block = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain(placeholder, 150),
        "options": list(options)[:OPTIONS],
    }
    return element if initial is None else {**element, "initial_option": initial}


def field(name: str, label: str, element: Block, *, optional: bool = False, hint: str = "", fresh: str = "") -> Block:
    """An input of a form, read back by `name`. Clients keep what was typed into a block that has the same id: with
    `fresh` it begins anew."""
    block: Block = {
        "type": "input",
        "block_id": f"{name}-{fresh}" if fresh else name,
        "label": plain(label, 2_000),
        "element": {"action_id": "value", **element},
        "optional": optional,
    }
    return {**block, "hint": plain(hint, 2_000)} if hint else block


def words(initial: str = "", *, multiline: bool = True, placeholder: str = "") -> Block:
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": 3_000}
    if initial:
        element["initial_value"] = initial[:3_000]
    return {**element, "placeholder": plain(placeholder, 150)} if placeholder else element


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A time that each reader is shown in their own zone; `zone` is for those whose client cannot.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    fallback = at.astimezone(zone).strftime("%d.%m %H:%M")
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def numbered(blocks: Sequence[Block], drawing: str) -> list[Block]:
    """With ids that are new in each drawing: clients keep the state of a block whose id they know."""
    return [{**block, "block_id": block.get("block_id") or f"{drawing}-{at}"} for at, block in enumerate(blocks)]


def modal(
    callback: str, title: str, blocks: Sequence[Block], *, close: str, submit: str = "", about: str = ""
) -> Block:
    view: Block = {
        "type": "modal",
        "callback_id": f"{PREFIX}{callback}",
        "title": plain(title, TITLE_CHARACTERS),
        "close": plain(close, TITLE_CHARACTERS),
        "blocks": list(blocks)[:100],
        "private_metadata": about,
    }
    return {**view, "submit": plain(submit, TITLE_CHARACTERS)} if submit else view
