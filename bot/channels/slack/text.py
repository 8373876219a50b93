"""What somebody wrote at Slack, as plain words.

https://docs.slack.dev/messaging/formatting-message-text (parsing)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Any

from bot.channels.slack.emoji import with_glyphs
from bot.channels.slack.facts import parts

_MARKED = re.compile(r"<([^<>]*)>")
_ABOUT_US_FIRST = re.compile(r"^[\s,:;–-]+")
MOST_DEPTH = 6


def mentions(text: str | None, users: Set[str]) -> bool:
    """Whether one of these is named: `<@U…>` or `<@U…|name>`."""
    return any(user in users for user in re.findall(r"<@([A-Z0-9]+)(?:\|[^>]*)?>", text or ""))


def decode(text: object, us: Set[str]) -> str:
    """Words without markup, our own name taken out; none where there is no text.

    What stands in angle brackets is resolved while the customer's own `<` are still entities; `&amp;` comes last, or
    `&amp;lt;` would become a bracket.
    """
    if not isinstance(text, str) or not text:
        return ""
    begins_with_us = mentions(text.lstrip()[:40].partition(">")[0] + ">", us)
    words = _MARKED.sub(lambda found: _resolved(found[1], us), text)
    words = words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    words = re.sub(r"[ \t]{2,}", " ", with_glyphs(words)).strip()
    return _ABOUT_US_FIRST.sub("", words) if begins_with_us else words


def _resolved(inside: str, us: Set[str]) -> str:
    target, _, label = inside.partition("|")
    match target[:1]:
        case "@":
            return "" if target[1:] in us else f"@{label.lstrip('@') or 'user'}"
        case "#":
            return f"#{label.lstrip('#') or 'channel'}"
        case "!":
            return _command(target[1:], label)
    address = re.sub(r"^(mailto|tel):", "", target)
    if not label or label == address or address in {f"http://{label}", f"https://{label}", f"{label}/"}:
        return label or address
    return f"{label} ({address})"


def _command(name: str, label: str) -> str:
    """`!here`, `!subteam^S…`, `!date^…`: what a reader sees of them."""
    if label:
        return label
    word = name.partition("^")[0]
    return "@group" if word == "subteam" else f"@{word}"


def text_of(message: dict[str, Any], us: Set[str]) -> str:
    """The words of a message: its `text`, which may be missing or null, else those of its blocks, else of what was
    forwarded with it."""
    words = decode(message.get("text"), us)
    if words:
        return words
    found = " ".join(_in_blocks(message.get("blocks"), us, 0))
    if not found.strip():
        forwarded = parts(message, "attachments")
        found = "\n".join(decode(one.get("text") or one.get("fallback"), us) for one in forwarded)
    return re.sub(r"[ \t]{2,}", " ", found).strip()


def _in_blocks(value: Any, us: Set[str], depth: int) -> Iterator[str]:
    """`rich_text` is literal, `mrkdwn` is not."""
    if depth > MOST_DEPTH:
        return
    if isinstance(value, list):
        for one in value:
            yield from _in_blocks(one, us, depth)
    if not isinstance(value, dict):
        return
    match value.get("type"):
        case "text" | "plain_text":
            yield str(value.get("text") or "")
        case "mrkdwn":
            yield decode(value.get("text"), us)
        case "link":
            yield str(value.get("text") or value.get("url") or "")
        case "emoji":
            yield with_glyphs(f":{value.get('name')}:")
        case "user":
            yield "" if str(value.get("user_id")) in us else "@user"
        case _:
            for name in ("text", "fields", "elements"):
                yield from _in_blocks(value.get(name), us, depth + 1)
