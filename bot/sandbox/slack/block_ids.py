"""Slack gives a `block_id` to each block and an `action_id` to each element that came without one."""

from __future__ import annotations

from copy import deepcopy

from bot.sandbox.slack.identifiers import Identifiers
from bot.sandbox.slack.json_types import Json

NOT_INTERACTIVE = frozenset({"image", "plain_text", "mrkdwn", "rich_text_section", "rich_text_list", "text"})


def with_ids(owner: Json, ids: Identifiers) -> Json:
    """A copy of a message body or view in which everything that can be pressed has a name."""
    named = deepcopy(owner)
    for block in named.get("blocks") or []:
        block.setdefault("block_id", ids.new("b"))
        for element in [block.get("element"), block.get("accessory"), *_elements(block)]:
            if isinstance(element, dict) and element.get("type") not in NOT_INTERACTIVE:
                element.setdefault("action_id", ids.new("a"))
    return named


def _elements(block: Json) -> list[Json]:
    return list(block["elements"]) if block.get("type") == "actions" else []
