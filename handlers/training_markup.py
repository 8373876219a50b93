"""An example's text and its entities: as plain words with spans here, as `[words](entity)` in a file of Rasa's format.

Rasa's format has no way to write a bracket that is no markup, or a line break. So words are cleaned before they are
stored: what the model is taught is then exactly what is read back. It is cleaned as a customer's message is before the
model reads it (`bot.rasa_text`), so nothing is taught that could never be met.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.errors import SupportError

MOST_CHARACTERS = 5_000
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
MARKUP = re.compile(
    r"\[(?P<text>[^\[\]]+)\](?:\((?P<name>[^\[\](){}:]+)(?::(?P<value>[^\[\](){}]+))?\)|(?P<more>\{[^\[\]{}]+\}))"
)
_SAFE = str.maketrans({"[": "(", "{": "(", "]": ")", "}": ")"})
_UNWRITABLE = {"\ufffe", "\uffff"}  # YAML has no way to carry them
_MORE = ("value", "role", "group")


class BadExample(SupportError):
    """An example nothing could be learnt from; `reason`: empty, too_long, entity (`words` say which)."""

    def __init__(self, reason: str, words: str = "") -> None:
        self.reason, self.words = reason, words
        super().__init__(f"{reason}: {words}" if words else reason)


@dataclass(frozen=True, order=True)
class Span:
    """`text[start:end]` is an entity. `more`: (value, role or group, what it is), where it is not just the words."""

    start: int
    end: int
    name: str
    more: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "name": self.name, **dict(self.more)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Span:
        more = tuple((key, str(data[key])) for key in _MORE if data.get(key))
        return cls(int(data["start"]), int(data["end"]), str(data["name"]), more)


@dataclass(frozen=True, order=True)
class Utterance:
    """Words that are safe to write, and the entities in them, in order."""

    text: str
    spans: tuple[Span, ...] = ()


def clean(text: str, spans: Iterable[Span] = ()) -> Utterance:
    """What is kept of `text`: separators are spaces, what cannot be seen is gone, brackets are round, no slash stands
    first. Cleaning twice changes nothing. Raises `BadExample`."""
    ordered = sorted(spans)
    _check_spans(text, ordered)
    pieces, at = "", 0
    kept: list[Span] = []
    for span in ordered:
        pieces = _joined(pieces, text[at : span.start])
        start = len(pieces)
        pieces = _joined(pieces, text[span.start : span.end])
        kept.append(Span(start, len(pieces), span.name, _more(span, pieces[start:].strip())))
        at = span.end
    pieces = _joined(pieces, text[at:]).rstrip(" ")
    if not pieces:
        raise BadExample("empty")
    if len(pieces) > MOST_CHARACTERS:
        raise BadExample("too_long")
    return Utterance(pieces, tuple(_trimmed(pieces, span) for span in kept))


def _joined(before: str, piece: str) -> str:
    words = unicodedata.normalize("NFC", "".join(map(_visible, piece))).translate(_SAFE)
    return before + words if before else words.lstrip("/ ")


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if char.isspace() or category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    return "" if category in {"Cf", "Cs"} or char in _UNWRITABLE else char


def _check_spans(text: str, spans: Sequence[Span]) -> None:
    end = 0
    for span in spans:
        if not NAME.fullmatch(span.name):
            raise BadExample("entity", span.name)
        if not end <= span.start < span.end <= len(text):
            raise BadExample("entity", text[span.start : span.end] or span.name)
        end = span.end


def _more(span: Span, words: str) -> tuple[tuple[str, str], ...]:
    found = {key: _joined("", str(value)).strip() for key, value in span.more}
    if found.get("value") == words:
        del found["value"]
    return tuple((key, found[key]) for key in _MORE if found.get(key))


def _trimmed(text: str, span: Span) -> Span:
    """Without the spaces at its ends. Raises `BadExample` where nothing is left."""
    words = text[span.start : span.end]
    start = span.start + len(words) - len(words.lstrip(" "))
    end = start + len(words.strip(" "))
    if start >= end:
        raise BadExample("entity", span.name)
    return Span(start, end, span.name, span.more)


def to_markup(utterance: Utterance) -> str:
    """The line as it stands in a file."""
    line, at = "", 0
    for span in utterance.spans:
        words = utterance.text[span.start : span.end]
        line += utterance.text[at : span.start] + f"[{words}]"
        more = {"entity": span.name, **dict(span.more)}
        line += json.dumps(more, ensure_ascii=False) if span.more else f"({span.name})"
        at = span.end
    return line + utterance.text[at:]


def from_markup(line: str) -> Utterance:
    """Raises `BadExample`, also for a bracket that is no markup: whoever writes a file should see the mistake."""
    text, at = "", 0
    spans: list[Span] = []
    for match in MARKUP.finditer(line):
        text += line[at : match.start()]
        spans.append(_span(match, len(text)))
        text += match["text"]
        at = match.end()
    text += line[at:]
    if stray := re.search(r"[\[\]{}]", MARKUP.sub("", line)):
        raise BadExample("entity", line[max(0, stray.start() - 10) : stray.start() + 20])
    return clean(text, spans)


def _span(match: re.Match[str], start: int) -> Span:
    end = start + len(match["text"])
    if not match["more"]:
        return Span(start, end, match["name"], (("value", match["value"]),) if match["value"] else ())
    try:
        data = json.loads(match["more"])
        return Span(start, end, data["entity"], tuple((key, data[key]) for key in _MORE if data.get(key)))
    except (ValueError, KeyError, TypeError) as error:
        raise BadExample("entity", match["more"]) from error
