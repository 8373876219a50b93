"""The small markup of our texts: **bold**, `- ` list lines, [label](https://…). Channels render it, each in its way.

Whatever a customer typed goes through `escape` first, so that it can never become markup, nor a `{placeholder}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

_TOKEN = re.compile(
    r"\\(?P<escaped>[\\*\[\]{}-])|\*\*(?P<bold>(?:\\.|[^\\])+?)\*\*"
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
    return re.sub(r"([\\*\[\]{}]|^-)", r"\\\1", text.replace("\n", " "))


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
    return re.sub(r"\\([\\*\[\]{}-])", r"\1", text)


def to_plain(text: str) -> str:
    """The text without markup: links keep their address in brackets, list items a bullet."""
    lines = []
    for line in parse(text):
        words = "".join(f"{span.text} ({span.url})" if span.url else span.text for span in line.spans)
        lines.append(f"• {words}" if line.item else words)
    return "\n".join(lines)


def unparse(lines: Iterable[Line]) -> str:
    """The text that `parse` reads as these lines."""
    return "\n".join(("- " if line.item else "") + "".join(map(_marked, line.spans)) for line in lines)


def _marked(span: Span) -> str:
    text = re.sub(r"([\\*\[\]{}]|^-)", r"\\\1", span.text)
    if span.url:
        text = f"[{text}]({span.url})"
    return f"**{text}**" if span.bold else text


def split(text: str, fits: Callable[[str], bool]) -> list[str]:
    """`text` in pieces that each fit, broken between paragraphs where possible, else between lines, else between
    words, else anywhere; a style that goes on in the next piece is opened again there. At least one piece."""
    if fits(text):
        return [text]
    pieces: list[str] = []
    current: list[Line] = []
    for paragraph in _paragraphs(parse(text)):
        joined = [*current, Line(()), *paragraph] if current else paragraph
        if fits(unparse(joined)):
            current = joined
            continue
        if current:
            pieces.append(unparse(current))
        *full, current = _filled(paragraph, fits)
        pieces += map(unparse, full)
    return [*pieces, unparse(current)] if current else pieces or [""]


def _paragraphs(lines: list[Line]) -> Iterator[list[Line]]:
    """Runs of lines between empty ones."""
    paragraph: list[Line] = []
    for line in lines:
        if line.spans:
            paragraph.append(line)
        elif paragraph:
            yield paragraph
            paragraph = []
    if paragraph:
        yield paragraph


def _filled(paragraph: list[Line], fits: Callable[[str], bool]) -> list[list[Line]]:
    """A paragraph in as few pieces as its lines allow, too long lines cut."""
    pieces: list[list[Line]] = [[]]
    for line in paragraph:
        for part in _cut(line, fits):
            if pieces[-1] and not fits(unparse([*pieces[-1], part])):
                pieces.append([])
            pieces[-1].append(part)
    return pieces


def _cut(line: Line, fits: Callable[[str], bool]) -> list[Line]:
    parts: list[Line] = []
    rest = line
    while not fits(unparse([rest])):
        size = sum(len(span.text) for span in rest.spans)
        low, high = 1, size
        while low < high:  # the longest beginning that fits
            middle = (low + high + 1) // 2
            low, high = (middle, high) if fits(unparse([_divided(rest, middle)[0]])) else (low, middle - 1)
        at = _word_end("".join(span.text for span in rest.spans), low)
        head, rest = _divided(rest, at)
        parts.append(head)
        if not rest.spans:
            return parts
    return [*parts, rest]


def _word_end(text: str, most: int) -> int:
    """Where to cut, at most after `most` characters: behind a space where there is one in the second half."""
    space = text.rfind(" ", most // 2, most)
    return space + 1 if space >= 0 else most


def _divided(line: Line, at: int) -> tuple[Line, Line]:
    head: list[Span] = []
    tail: list[Span] = []
    for span in line.spans:
        cut = max(0, min(at, len(span.text)))
        at -= len(span.text)
        if cut:
            head.append(replace(span, text=span.text[:cut]))
        if cut < len(span.text):
            tail.append(replace(span, text=span.text[cut:]))
    return Line(tuple(head), line.item), Line(tuple(tail))
