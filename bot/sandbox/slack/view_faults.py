"""The limits of modals and of the Home tab."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.sandbox.slack.block_faults import VIEW_BLOCKS, blocks_faults
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.refusal import Refused, refused_for
from bot.sandbox.slack.text_faults import at, missing, text_faults, too_long

MOST_BYTES = 250_000


def check_view(view: Json, *, kind: str) -> None:
    """`kind` is `modal` or `home`. Raises Refused `view_too_large` or `invalid_arguments` with pointers."""
    if len(json.dumps(view).encode()) > MOST_BYTES:
        raise Refused("view_too_large")
    faults = list(_faults(view, kind))
    if faults:
        raise refused_for("invalid_arguments", faults)


def _faults(view: Json, kind: str) -> Iterator[str]:
    if view.get("type") != kind:
        yield at(f"must be a valid enum value: {kind}", "/view/type")
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        yield missing("blocks", "/view")
        blocks = []
    yield from blocks_faults(blocks, "/view/blocks", VIEW_BLOCKS)
    yield from too_long(view, "private_metadata", 3000, "/view")
    yield from too_long(view, "callback_id", 255, "/view")
    yield from too_long(view, "external_id", 255, "/view")
    if kind == "modal":
        yield from text_faults(view.get("title"), "/view/title", 24, plain_only=True)
        for name in ("submit", "close"):
            if view.get(name) is not None:
                yield from text_faults(view[name], f"/view/{name}", 24, plain_only=True)
        if any(block.get("type") == "input" for block in blocks) and view.get("submit") is None:
            yield missing("submit", "/view")
