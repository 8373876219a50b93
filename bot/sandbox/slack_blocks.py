"""Blocks of a message or view as parts that can be drawn: https://docs.slack.dev/reference/block-kit/blocks"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bot.sandbox.emoji import glyph
from bot.sandbox.mrkdwn_html import Name, mrkdwn_to_html, plain_to_html
from bot.sandbox.safe_html import link, tag
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.screen import Pressable, pressable


@dataclass(frozen=True)
class Part:
    """One block. `kind` is words, header, context, divider, fields, actions, image or input; `id` is its block's."""

    kind: str
    html: str = ""
    fields: tuple[str, ...] = ()
    pressable: tuple[Pressable, ...] = ()
    id: str = ""


def parts_of(blocks: Sequence[Json], name: Name) -> tuple[Part, ...]:
    return tuple(part for block in blocks for part in _parts(block, name))


def text_part(text: str, name: Name) -> Part:
    return Part("words", mrkdwn_to_html(text, name))


def _parts(block: Json, name: Name) -> list[Part]:
    buttons = pressable({"blocks": [block]})
    block_id = str(block.get("block_id", ""))
    match block.get("type"):
        case "section":
            html = _text(block.get("text"), name)
            fields = tuple(_text(one, name) for one in block.get("fields") or [])
            return [Part("words", html, fields, buttons, block_id)]
        case "header":
            return [Part("header", _text(block.get("text"), name))]
        case "context":
            elements = (_text(one, name) for one in block.get("elements") or [])
            return [Part("context", "&ensp;".join(one for one in elements if one))]
        case "divider":
            return [Part("divider")]
        case "actions":
            return [Part("actions", pressable=buttons, id=block_id)]
        case "input":
            return [Part("input", _text(block.get("label"), name), pressable=buttons, id=block_id)]
        case "rich_text":
            return [Part("words", "".join(_rich(one, name) for one in block.get("elements") or []))]
        case "markdown":
            return [Part("words", escape(str(block.get("text", ""))))]
        case "image":
            return [Part("image", escape(str(block.get("alt_text", ""))))]
        case other:
            return [Part("context", escape(str(other)))]


def _text(given: Json | None, name: Name) -> str:
    """A text object; an image among them by its alternative text."""
    if not given:
        return ""
    words = str(given.get("text", given.get("alt_text", "")))
    return mrkdwn_to_html(words, name) if given.get("type") == "mrkdwn" else plain_to_html(words)


def _rich(element: Json, name: Name) -> str:
    inner = element.get("elements") or []
    match element.get("type"):
        case "rich_text_list":
            items = "".join(tag("li", _rich(one, name)) for one in inner)
            return tag("ol" if element.get("style") == "ordered" else "ul", items)
        case "rich_text_quote":
            return tag("blockquote", "".join(_rich_inline(one, name) for one in inner))
        case "rich_text_preformatted":
            return tag("pre", "".join(_rich_inline(one, name) for one in inner))
        case _:
            return "".join(_rich_inline(one, name) for one in inner)


def _rich_inline(element: Json, name: Name) -> str:
    match element.get("type"):
        case "link":
            url = str(element.get("url", ""))
            html = link(url, escape(str(element.get("text") or url)))
        case "user":
            html = tag("span", escape(f"@{name(str(element.get('user_id', '')))}"), "named")
        case "channel":
            html = tag("span", escape(f"#{name(str(element.get('channel_id', '')))}"), "named")
        case "emoji":
            html = escape(glyph(str(element.get("name", ""))))
        case _:
            html = escape(str(element.get("text", "")))
    style = element.get("style") or {}
    for key, name_of_tag in (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strike", "s")):
        if style.get(key):
            html = tag(name_of_tag, html)
    return html
