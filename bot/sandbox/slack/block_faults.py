"""The limits of Block Kit. What breaks one is named with a JSON pointer, as Slack names it.

https://docs.slack.dev/reference/block-kit
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.sandbox.slack.element_faults import ELEMENTS, element_faults
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.text_faults import at, missing, text_faults, too_long, too_many

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_CHARACTERS = 12_000
IN_ACTIONS = frozenset(ELEMENTS - {"image", "plain_text_input"})
IN_INPUT = frozenset(ELEMENTS - {"image", "button", "overflow"})
OTHER_BLOCKS = frozenset({"rich_text", "video", "table", "call", "context_actions", "task_card", "plan"})


def blocks_faults(blocks: list[Json], pointer: str, most: int) -> list[str]:
    """Everything that is wrong with these blocks; empty when Slack takes them."""
    found = [at(f"no more than {most} items allowed", pointer)] if len(blocks) > most else []
    for number, block in enumerate(blocks):
        found += list(_block_faults(block, f"{pointer}/{number}"))
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    found += [at("block_id must be unique", pointer)] if len(ids) != len(set(ids)) else []
    return found


def characters_in(value: object) -> int:
    """How many characters the texts of these blocks have together."""
    if isinstance(value, list):
        return sum(map(characters_in, value))
    if isinstance(value, dict):
        return sum(
            len(one) if key == "text" and isinstance(one, str) else characters_in(one) for key, one in value.items()
        )
    return 0


def _block_faults(block: Json, pointer: str) -> Iterator[str]:
    kind = block.get("type")
    yield from too_long(block, "block_id", 255, pointer)
    if not isinstance(kind, str):
        yield missing("type", pointer)
    elif kind in _CHECKS:
        yield from _CHECKS[kind](block, pointer)
    elif kind not in OTHER_BLOCKS:
        yield at(f"unsupported type: {kind}", f"{pointer}/type")


def _section(block: Json, pointer: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield missing("text", pointer)
    if "text" in block:
        yield from text_faults(block["text"], f"{pointer}/text", 3000)
    if "fields" in block:
        yield from too_many(block, "fields", 10, pointer)
        for number, text in enumerate(block["fields"]):
            yield from text_faults(text, f"{pointer}/fields/{number}", 2000)
    if "accessory" in block:
        yield from element_faults(block["accessory"], f"{pointer}/accessory", ELEMENTS - {"plain_text_input"})


def _header(block: Json, pointer: str) -> Iterator[str]:
    yield from text_faults(block.get("text"), f"{pointer}/text", 150, plain_only=True)


def _context(block: Json, pointer: str) -> Iterator[str]:
    yield from too_many(block, "elements", 10, pointer)
    for number, one in enumerate(block.get("elements") or []):
        where = f"{pointer}/elements/{number}"
        if isinstance(one, dict) and one.get("type") == "image":
            yield from element_faults(one, where, ELEMENTS)
        else:
            yield from text_faults(one, where, 3000)


def _actions(block: Json, pointer: str) -> Iterator[str]:
    yield from too_many(block, "elements", 25, pointer)
    for number, one in enumerate(block.get("elements") or []):
        yield from element_faults(one, f"{pointer}/elements/{number}", IN_ACTIONS)


def _input(block: Json, pointer: str) -> Iterator[str]:
    yield from text_faults(block.get("label"), f"{pointer}/label", 2000, plain_only=True)
    if "hint" in block:
        yield from text_faults(block["hint"], f"{pointer}/hint", 2000, plain_only=True)
    yield from element_faults(block.get("element"), f"{pointer}/element", IN_INPUT)


def _image(block: Json, pointer: str) -> Iterator[str]:
    if "image_url" not in block and "slack_file" not in block:
        yield missing("image_url", pointer)
    if not block.get("alt_text"):
        yield missing("alt_text", pointer)
    yield from too_long(block, "image_url", 3000, pointer)
    yield from too_long(block, "alt_text", 2000, pointer)


def _markdown(block: Json, pointer: str) -> Iterator[str]:
    if not block.get("text"):
        yield missing("text", pointer)
    yield from too_long(block, "text", 12_000, pointer)


def _nothing(_: Json, __: str) -> Iterator[str]:
    return iter(())


_CHECKS: dict[str, Callable[[Json, str], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "markdown": _markdown,
    "divider": _nothing,
    "file": _nothing,
}
