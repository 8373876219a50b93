"""Slack's mrkdwn as HTML: https://docs.slack.dev/messaging/formatting-message-text"""

from __future__ import annotations

import re
from html import escape

from bot.sandbox.emoji import with_emoji
from bot.sandbox.safe_html import link, tag
from bot.sandbox.slack_reader import Reader

_KEPT = re.compile(r"\ue000(\d+)\ue001")
_CODE_BLOCK = re.compile(r"```\n?(.+?)```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_REFERENCE = re.compile(r"<([^<>|][^<>]*)>")
_QUOTE = re.compile(r"(?:^&gt; ?.*\n?)+", re.MULTILINE)
_STYLES = [
    (re.compile(rf"(?<![\w{mark}]){mark}(?=\S)([^{mark}\n]+?)(?<=\S){mark}(?![\w{mark}])"), name)
    for mark, name in ((r"\*", "strong"), ("_", "em"), ("~", "s"))
]


def mrkdwn_to_html(text: str, reader: Reader) -> str:
    """Line breaks are kept by the style."""
    kept: list[str] = []

    def keep(html: str) -> str:
        """Puts finished HTML aside, so that no later step looks into it."""
        kept.append(html)
        return f"\ue000{len(kept) - 1}\ue001"

    words = re.sub("[\ue000\ue001]", "", text)
    words = _CODE_BLOCK.sub(lambda match: keep(tag("pre", escape(_plain(match[1], reader)))), words)
    words = _CODE.sub(lambda match: keep(tag("code", escape(_plain(match[1], reader)))), words)
    words = _REFERENCE.sub(lambda match: keep(_reference(match[1], reader)), words)
    words = with_emoji(escape(unescape(words)))
    words = _QUOTE.sub(lambda match: tag("blockquote", _unquoted(match[0])), words)
    for pattern, style in _STYLES:
        words = pattern.sub(rf"<{style}>\1</{style}>", words)
    while _KEPT.search(words):
        words = _KEPT.sub(lambda match: kept[int(match[1])], words)
    return words


def plain_to_html(text: str) -> str:
    """A `plain_text` object: emoji are drawn, nothing else is marked up."""
    return with_emoji(escape(unescape(text)))


def unescape(text: str) -> str:
    """Slack encodes these three only; `&amp;` comes last."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _reference(inside: str, reader: Reader) -> str:
    html, target = escape(unescape(_label(inside, reader))), inside.partition("|")[0]
    if target.startswith("!date^"):
        url = (target.split("^") + [""] * 3)[3]
        return link(unescape(url), html) if url else html
    is_named = target[0] in "@#!" or target.startswith("mailto:")
    return tag("span", html, "named") if is_named else link(unescape(target), html)


def _label(inside: str, reader: Reader) -> str:
    """What is read of a reference, still encoded."""
    target, _, label = inside.partition("|")
    if target[0] in "@#":
        return target[0] + (label or reader.name(target[1:]))
    if target.startswith("!date^"):
        _, seconds, pattern, *_ = [*target.split("^"), "", ""]
        return reader.date(seconds, pattern, label)
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    return label or target.removeprefix("mailto:")


def _plain(text: str, reader: Reader) -> str:
    """Code shows references by their label, without a link."""
    return unescape(_REFERENCE.sub(lambda match: _label(match[1], reader), text))


def _unquoted(lines: str) -> str:
    return "\n".join(line.removeprefix("&gt;").removeprefix(" ") for line in lines.rstrip("\n").split("\n"))
