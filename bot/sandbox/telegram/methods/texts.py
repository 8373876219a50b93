"""Texts and captions of requests: parsed, trimmed, measured."""

from __future__ import annotations

from typing import Any

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.entities import FormattedText, ordered, trimmed, with_found
from bot.sandbox.telegram.html_text import parse_html
from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.markdown_text import parse_markdown
from bot.sandbox.telegram.refusal import bad_request

MOST_TEXT = 4096
MOST_CAPTION = 1024


def read_text(arguments: Arguments) -> FormattedText:
    """The text of a message: 1 to 4096 characters after parsing. Characters are code points, not UTF-16 units."""
    if not arguments.text("text"):
        raise bad_request("message text is empty")
    parsed = _parsed(arguments, "text", "entities")
    if not parsed.text:
        raise bad_request("text must be non-empty")
    if len(parsed.text) > MOST_TEXT:
        raise bad_request("message is too long")
    return parsed


def read_caption(arguments: Arguments) -> FormattedText:
    """0 to 1024 characters after parsing."""
    parsed = _parsed(arguments, "caption", "caption_entities")
    if len(parsed.text) > MOST_CAPTION:
        raise bad_request("message caption is too long")
    return parsed


def _given(arguments: Arguments, name: str) -> list[Json]:
    """Entities that the bot worked out by itself."""
    entities: Any = arguments.loaded(name, "message entities") or []
    is_well_formed = isinstance(entities, list) and all(
        isinstance(one, dict) and isinstance(one.get("offset"), int) and isinstance(one.get("length"), int)
        for one in entities
    )
    if not is_well_formed:
        raise bad_request("can't parse MessageEntity: expected an Array of Objects with offset and length")
    return list(entities)


def _parsed(arguments: Arguments, name: str, entities: str) -> FormattedText:
    source, mode = arguments.text(name), arguments.text("parse_mode").lower()
    if mode == "html":
        parsed = parse_html(source)
    elif mode == "markdownv2":
        parsed = parse_markdown(source)
    elif mode in {"", "none"}:
        parsed = FormattedText(source, ordered(_given(arguments, entities)))
    else:
        raise bad_request("unsupported parse_mode")
    return with_found(trimmed(parsed))
