"""The small markup of our texts: **bold**, `- ` list lines, [label](https://…). Channels render it, each in its way.

Whatever a customer typed goes through `escape` first, so that it can never become markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\\(?P<escaped>[\\*\[\]-])|\*\*(?P<bold>(?:\\.|[^\\])+?)\*\*"
    r"|\[(?P<label>(?:\\.|[^\]\\])+)\]\((?P<url>https?://[^)\s]+)\)"
)


@dataclass(frozen=True)
class Span:
    """A run of text in one style; `url` makes it a link."""

    text: str
    bold: bool = False
    url: str | None = None


@dataclass(frozen=True)
class Line:
    spans: tuple[Span, ...]
    item: bool = False


def escape(text: str) -> str:
    """`text` as plain words inside a marked-up text; a leading dash does not make a list either."""
    return re.sub(r"([\\*\[\]]|^-)", r"\\\1", text.replace("\n", " "))


def parse(text: str) -> list[Line]:
    return [_line(line) for line in text.split("\n")]


def _line(line: str) -> Line:
    item = line.startswith("- ")
    return Line(tuple(_spans(line[2:] if item else line)), item)


def _spans(text: str) -> list[Span]:
    spans: list[Span] = []
    plain = ""
    position = 0
    for token in _TOKEN.finditer(text):
        plain += text[position : token.start()]
        position = token.end()
        if token["escaped"]:
            plain += token["escaped"]
            continue
        if plain:
            spans.append(Span(plain))
            plain = ""
        if token["bold"]:
            spans += [Span(span.text, bold=True, url=span.url) for span in _spans(token["bold"])]
        else:
            spans.append(Span(_unescape(token["label"]), url=token["url"]))
    plain += text[position:]
    return [*spans, Span(plain)] if plain else spans


def _unescape(text: str) -> str:
    return re.sub(r"\\([\\*\[\]-])", r"\1", text)


def to_plain(text: str) -> str:
    """The text without markup: links keep their address in brackets, list items a bullet."""
    lines = []
    for line in parse(text):
        words = "".join(f"{span.text} ({span.url})" if span.url else span.text for span in line.spans)
        lines.append(f"• {words}" if line.item else words)
    return "\n".join(lines)
