"""Texts and captions of requests: parsed, trimmed, measured."""

from __future__ import annotations

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.entities import FormattedText, ordered, trimmed, with_found
from bot.sandbox.telegram.html_text import parse_html
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


def _parsed(arguments: Arguments, name: str, entities: str) -> FormattedText:
    source, mode = arguments.text(name), arguments.text("parse_mode").lower()
    if mode == "html":
        parsed = parse_html(source)
    elif mode == "markdownv2":
        parsed = parse_markdown(source)
    elif mode in {"", "none"}:
        given = arguments.loaded(entities, "message entities") or []
        parsed = FormattedText(source, ordered([one for one in given if isinstance(one, dict)]))
    else:
        raise bad_request("unsupported parse_mode")
    return with_found(trimmed(parsed))
