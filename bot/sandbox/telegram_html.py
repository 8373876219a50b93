"""A Telegram text with its entities as HTML: https://core.telegram.org/bots/api#messageentity"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bot.sandbox.safe_html import link, tag
from bot.sandbox.telegram.json_types import Json

TAGS = {
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}
COLOURED = frozenset({"bot_command", "mention", "text_mention", "hashtag", "cashtag", "phone_number", "email"})


def telegram_to_html(text: str, entities: Sequence[Json]) -> str:
    """Line breaks are kept by the style. Offsets count UTF-16 units; an entity beyond the text is cut."""
    units = text.encode("utf-16-le", "surrogatepass")
    by_place = sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
    return _render(units, 0, len(units) // 2, by_place)


def _render(units: bytes, begin: int, end: int, entities: Sequence[Json]) -> str:
    """The units from `begin` to `end`; an entity that begins inside another one ends with it at the latest."""
    html, at, rest = "", begin, list(entities)
    while rest:
        entity = rest.pop(0)
        first = max(int(entity["offset"]), at)
        last = min(int(entity["offset"]) + int(entity["length"]), end)
        if last <= first:
            continue
        inner = [one for one in rest if one["offset"] < last]
        rest = rest[len(inner) :]
        html += _escaped(units, at, first) + _wrapped(entity, units, first, last, inner)
        at = last
    return html + _escaped(units, at, end)


def _wrapped(entity: Json, units: bytes, first: int, last: int, inner: Sequence[Json]) -> str:
    kind, html = str(entity["type"]), _render(units, first, last, inner)
    if kind in TAGS:
        return tag(TAGS[kind], html)
    if kind == "text_link":
        return link(str(entity.get("url", "")), html)
    if kind == "url":
        return link(_text(units, first, last), html)
    if kind == "spoiler":
        return tag("span", html, "spoiler")
    return tag("span", html, "named") if kind in COLOURED else html


def _escaped(units: bytes, begin: int, end: int) -> str:
    return escape(_text(units, begin, end))


def _text(units: bytes, begin: int, end: int) -> str:
    return units[2 * begin : 2 * end].decode("utf-16-le", "replace")
