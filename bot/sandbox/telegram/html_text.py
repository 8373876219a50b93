"""`parse_mode=HTML`, as strict as Telegram's parser: https://core.telegram.org/bots/api#html-style

One unknown tag, one tag left open, one bare `<` refuses the whole message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.sandbox.telegram.entities import (
    FormattedText,
    byte_offset,
    link_entity,
    ordered,
    parse_error,
    utf16_length,
)
from bot.sandbox.telegram.json_types import Json

SIMPLE = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler",
}  # fmt: skip
TAGS = frozenset({*SIMPLE, "a", "code", "pre", "blockquote", "tg-emoji", "tg-time"})
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
SPACES = " \t\r\n\0\v"

_REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]+)|#(?P<number>[0-9]+)|(?P<name>[a-zA-Z]+));?")


@dataclass(frozen=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int
    begin: int


@dataclass
class _Reader:
    """Reads from left to right; `out` is the text so far, `units` its length in UTF-16."""

    source: str
    at: int = 0
    out: list[str] = field(default_factory=list)
    units: int = 0
    open: list[_Open] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)

    def read(self) -> FormattedText:
        while self.at < len(self.source):
            if self.source[self.at] == "<":
                is_end = self.source[self.at + 1 : self.at + 2] == "/"
                self._end_tag() if is_end else self._start_tag()
            else:
                self._character()
        if self.open:
            raise parse_error(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        text = "".join(self.out)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise parse_error(
                "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched "
                "surrogate code units"
            )
        return FormattedText(text, ordered(self.entities))

    def _character(self) -> None:
        character, self.at = _one_character(self.source, self.at)
        self.out.append(character)
        self.units += utf16_length(character)

    def _start_tag(self) -> None:
        begin = self.at
        self.at = _skip_until(self.source, begin + 1, SPACES + ">")
        if self.at >= len(self.source):
            raise parse_error(f"Unclosed start tag at byte offset {byte_offset(self.source, begin)}")
        tag = self.source[begin + 1 : self.at].lower()
        if tag not in TAGS:
            raise parse_error(f'Unsupported start tag "{tag}" at byte offset {byte_offset(self.source, begin)}')
        attributes = self._attributes(tag, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            where = byte_offset(self.source, begin)
            raise parse_error(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        self.open.append(_Open(tag, attributes, self.units, len(self.out)))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        """Up to and with the `>`."""
        found: dict[str, str] = {}
        where = byte_offset(self.source, begin)
        while True:
            self.at = _skip(self.source, self.at, SPACES)
            if self._is_end():
                raise parse_error(f'Unclosed start tag "{tag}" at byte offset {where}')
            if self.source[self.at] == ">":
                self.at += 1
                return found
            name = self._attribute_name(tag, where)
            if (tag, name) == ("blockquote", "expandable") and not self._has_equal_sign():
                found[name] = "1"
                continue
            if not self._has_equal_sign():
                raise parse_error(
                    f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset {where}'
                )
            self.at = _skip(self.source, self.at + 1, SPACES)
            if self._is_end():
                raise parse_error(f'Unclosed start tag "{tag}" at byte offset {where}')
            found[name] = self._attribute_value(where)

    def _attribute_name(self, tag: str, where: int) -> str:
        start = self.at
        self.at = _skip_until(self.source, start, SPACES + "=>")
        if self.at == start:
            raise parse_error(f'Empty attribute name in the tag "{tag}" at byte offset {where}')
        name = self.source[start : self.at]
        self.at = _skip(self.source, self.at, SPACES)
        return name

    def _has_equal_sign(self) -> bool:
        return self.source[self.at : self.at + 1] == "="

    def _is_end(self) -> bool:
        return self.at >= len(self.source)

    def _attribute_value(self, where: int) -> str:
        quote = self.source[self.at]
        if quote not in "'\"":
            return self._bare_value(where)
        value: list[str] = []
        self.at += 1
        while not self._is_end() and self.source[self.at] != quote:
            character, self.at = _one_character(self.source, self.at)
            value.append(character)
        self.at += 1
        if self._is_end():
            raise parse_error(f"Unclosed start tag at byte offset {where}")
        return "".join(value)

    def _bare_value(self, where: int) -> str:
        """A name token: letters, digits, dots and hyphens, in any case."""
        start = self.at
        match = re.compile(r"[a-zA-Z0-9.-]*").match(self.source, start)
        self.at = match.end() if match else start
        if not self._is_end() and self.source[self.at] not in SPACES + ">":
            raise parse_error(f"Unexpected end of name token at byte offset {byte_offset(self.source, start)}")
        if self._is_end():
            raise parse_error(f"Unclosed start tag at byte offset {where}")
        return self.source[start : self.at].lower()

    def _end_tag(self) -> None:
        begin = self.at
        where = byte_offset(self.source, begin)
        if not self.open:
            raise parse_error(f"Unexpected end tag at byte offset {where}")
        self.at = _skip_until(self.source, begin + 2, SPACES + ">")
        name = self.source[begin + 2 : self.at].lower()
        self.at = _skip(self.source, self.at, SPACES)
        if self.source[self.at : self.at + 1] != ">":
            raise parse_error(f"Unclosed end tag at byte offset {where}")
        self.at += 1
        opened = self.open.pop()
        if name not in {"", opened.tag}:
            raise parse_error(
                f'Unmatched end tag at byte offset {where}, expected "</{opened.tag}>", found "</{name}>"'
            )
        if self.units > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        inside = "".join(self.out[opened.begin :])
        kind = _entity_of(opened, inside)
        if kind is None:
            return
        entity = {"offset": opened.offset, "length": self.units - opened.offset} | kind
        inner = self.entities[-1] if self.entities else None
        if opened.tag in {"pre", "code"} and inner is not None and _is_same_place(inner, entity):
            languages = {inner.get("language"), entity.get("language")} - {None}
            if {inner["type"], entity["type"]} == {"pre", "code"} and languages:
                self.entities[-1] = entity | {"type": "pre", "language": languages.pop()}
                return
        self.entities.append(entity)


def _is_same_place(one: Json, other: Json) -> bool:
    return (one["offset"], one["length"]) == (other["offset"], other["length"])


def _entity_of(opened: _Open, inside: str) -> Json | None:
    given = opened.attributes
    if opened.tag in SIMPLE:
        return {"type": SIMPLE[opened.tag]}
    if opened.tag == "a":
        return link_entity(given.get("href") or inside)
    if opened.tag == "tg-emoji":
        number = given.get("emoji-id", "")
        if not number.isdigit() or int(number) == 0:
            raise parse_error("Invalid custom emoji identifier specified")
        return {"type": "custom_emoji", "custom_emoji_id": number}
    if opened.tag == "tg-time":
        return _time_entity(given)
    if opened.tag == "blockquote":
        return {"type": "expandable_blockquote" if "expandable" in given else "blockquote"}
    language = given.get("class", "").removeprefix("language-") if opened.tag == "code" else ""
    return {"type": opened.tag} | ({"language": language} if language else {})


def _time_entity(given: dict[str, str]) -> Json:
    if not given.get("unix", "").isdigit():
        raise parse_error("Invalid date-time specified")
    told: Json = {"type": "date_time", "unix_time": int(given["unix"])}
    return told | ({"date_time_format": given["format"]} if given.get("format") else {})


def _one_character(source: str, at: int) -> tuple[str, int]:
    """The character there, a reference decoded. Others than `lt gt amp quot` and numbers stay as they are written."""
    match = _REFERENCE.match(source, at) if source[at] == "&" else None
    if match is None:
        return source[at], at + 1
    if match["name"] is not None:
        return (NAMED[match["name"]], match.end()) if match["name"] in NAMED else ("&", at + 1)
    code = int(match["hex"], 16) if match["hex"] else int(match["number"])
    return (chr(code), match.end()) if 0 < code < 0x10FFFF else ("&", at + 1)


def _skip(source: str, at: int, characters: str) -> int:
    while at < len(source) and source[at] in characters:
        at += 1
    return at


def _skip_until(source: str, at: int, characters: str) -> int:
    while at < len(source) and source[at] not in characters:
        at += 1
    return at


def parse_html(source: str) -> FormattedText:
    """Raises Refused with the words of the real parser."""
    parsed = _Reader(source).read()
    plain = tuple(_without_language(entity) for entity in parsed.entities)
    return FormattedText(parsed.text, plain)


def _without_language(entity: Json) -> Json:
    return {key: value for key, value in entity.items() if key != "language" or entity["type"] == "pre"}
