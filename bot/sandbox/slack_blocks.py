"""Blocks of a message or view as parts that can be drawn: https://docs.slack.dev/reference/block-kit/blocks"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bot.sandbox.emoji import glyph
from bot.sandbox.mrkdwn_html import mrkdwn_to_html, plain_to_html
from bot.sandbox.safe_html import link, tag
from bot.sandbox.slack.fields import Typed
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack_controls import Control, controls
from bot.sandbox.slack_reader import Reader


@dataclass(frozen=True)
class Part:
    """One block. `kind` is words, header, context, divider, actions, image or input; `id` is its block's.

    Of an input: `html` is its label; it `dispatches` when the app wants to hear of each change.
    """

    kind: str
    html: str = ""
    fields: tuple[str, ...] = ()
    controls: tuple[Control, ...] = ()
    id: str = ""
    hint: str = ""
    is_optional: bool = False
    dispatches: bool = True


def parts_of(blocks: Sequence[Json], reader: Reader, typed: Typed | None = None) -> tuple[Part, ...]:
    """`typed`: what the reader has chosen and filled in there."""
    return tuple(part for block in blocks for part in _parts(block, reader, typed or {}))


def text_part(text: str, reader: Reader) -> Part:
    return Part("words", mrkdwn_to_html(text, reader))


def _parts(block: Json, reader: Reader, typed: Typed) -> list[Part]:
    found = controls(block, typed, reader)
    block_id = str(block.get("block_id", ""))
    match block.get("type"):
        case "section":
            html = _text(block.get("text"), reader)
            fields = tuple(_text(one, reader) for one in block.get("fields") or [])
            return [Part("words", html, fields, found, block_id)]
        case "header":
            return [Part("header", _text(block.get("text"), reader))]
        case "context":
            elements = (_text(one, reader) for one in block.get("elements") or [])
            return [Part("context", "&ensp;".join(one for one in elements if one))]
        case "divider":
            return [Part("divider")]
        case "actions":
            return [Part("actions", controls=found, id=block_id)]
        case "input":
            return [_input(block, found, block_id, reader)]
        case "rich_text":
            return [Part("words", "".join(_rich(one, reader) for one in block.get("elements") or []))]
        case "markdown":
            return [Part("words", escape(str(block.get("text", ""))))]
        case "image":
            return [Part("image", escape(str(block.get("alt_text", ""))))]
        case other:
            return [Part("context", escape(str(other)))]


def _input(block: Json, found: tuple[Control, ...], block_id: str, reader: Reader) -> Part:
    return Part(
        "input",
        _text(block.get("label"), reader),
        controls=found,
        id=block_id,
        hint=_text(block.get("hint"), reader),
        is_optional=bool(block.get("optional")),
        dispatches=bool(block.get("dispatch_action")),
    )


def _text(given: Json | None, reader: Reader) -> str:
    """A text object; an image among them by its alternative text."""
    if not given:
        return ""
    words = str(given.get("text", given.get("alt_text", "")))
    return mrkdwn_to_html(words, reader) if given.get("type") == "mrkdwn" else plain_to_html(words)


def _rich(element: Json, reader: Reader) -> str:
    inner = element.get("elements") or []
    match element.get("type"):
        case "rich_text_list":
            items = "".join(tag("li", _rich(one, reader)) for one in inner)
            return tag("ol" if element.get("style") == "ordered" else "ul", items)
        case "rich_text_quote":
            return tag("blockquote", "".join(_rich_inline(one, reader) for one in inner))
        case "rich_text_preformatted":
            return tag("pre", "".join(_rich_inline(one, reader) for one in inner))
        case _:
            return "".join(_rich_inline(one, reader) for one in inner)


def _rich_inline(element: Json, reader: Reader) -> str:
    match element.get("type"):
        case "link":
            url = str(element.get("url", ""))
            html = link(url, escape(str(element.get("text") or url)))
        case "user":
            html = tag("span", escape(f"@{reader.name(str(element.get('user_id', '')))}"), "named")
        case "channel":
            html = tag("span", escape(f"#{reader.name(str(element.get('channel_id', '')))}"), "named")
        case "date":
            given = [str(element.get(key, "")) for key in ("timestamp", "format", "fallback")]
            html = escape(reader.date(*given))
        case "broadcast":
            html = tag("span", escape(f"@{element.get('range', '')}"), "named")
        case "emoji":
            html = escape(glyph(str(element.get("name", ""))))
        case _:
            html = escape(str(element.get("text", "")))
    style = element.get("style") or {}
    for key, name_of_tag in (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strike", "s")):
        if style.get(key):
            html = tag(name_of_tag, html)
    return html
