"""`parse_mode=MarkdownV2`: https://core.telegram.org/bots/api#markdownv2-style"""

from __future__ import annotations

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

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
MARKS = {
    "*": ("bold", "Bold"), "_": ("italic", "Italic"), "__": ("underline", "Underline"),
    "~": ("strikethrough", "Strikethrough"), "||": ("spoiler", "Spoiler"), "`": ("code", "Code"), "```": ("pre", "Pre"),
    "[": ("text_link", "TextUrl"),
}  # fmt: skip


@dataclass(frozen=True)
class _Open:
    mark: str
    at: int
    offset: int
    begin: int


@dataclass
class _Reader:
    source: str
    at: int = 0
    out: list[str] = field(default_factory=list)
    units: int = 0
    open: list[_Open] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)

    def read(self) -> FormattedText:
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == "\\" and 0 < ord(self.source[self.at + 1 : self.at + 2] or "\0") < 127:
                self._put(self.source[self.at + 1], 2)
            elif self.open and self.open[-1].mark in {"`", "```"}:
                self._inside_code()
            elif character == ">" and (not self.out or self.out[-1] == "\n"):
                self._quote_line()
            elif character not in RESERVED:
                self._put(character, 1)
            else:
                self._mark()
        if self.open:
            last = self.open[-1]
            where = byte_offset(self.source, last.at)
            raise parse_error(f"Can't find end of {MARKS[last.mark][1]} entity at byte offset {where}")
        return FormattedText("".join(self.out), ordered(self.entities))

    def _put(self, character: str, length: int) -> None:
        self.out.append(character)
        self.units += utf16_length(character)
        self.at += length

    def _inside_code(self) -> None:
        mark = self.open[-1].mark
        if self.source.startswith(mark, self.at):
            self._close(len(mark))
        else:
            self._put(self.source[self.at], 1)

    def _mark(self) -> None:
        mark = self._mark_here()
        if mark == "]" and self.open and self.open[-1].mark == "[":
            self._link()
        elif self.open and self.open[-1].mark == mark:
            self._close(len(mark))
        elif mark in MARKS:
            self.open.append(_Open(mark, self.at, self.units, len(self.out)))
            self.at += len(mark)
        else:
            raise parse_error(f"Character '{mark}' is reserved and must be escaped with the preceding '\\'")

    def _mark_here(self) -> str:
        for mark in ("```", "__", "||"):
            if self.source.startswith(mark, self.at):
                return mark
        return self.source[self.at]

    def _close(self, length: int, kind: Json | None = None) -> None:
        opened = self.open.pop()
        self.at += length
        if self.units > opened.offset:
            place = {"offset": opened.offset, "length": self.units - opened.offset}
            self.entities.append(place | (kind or {"type": MARKS[opened.mark][0]}))

    def _link(self) -> None:
        """After `]` stands the address in round brackets, in which only `)` and `\\` are escaped."""
        start = self.at + 1
        end = start + 1 if self.source[start : start + 1] == "(" else start
        if end == start:
            inside = "".join(self.out[self.open[-1].begin :])
            self._close_link(inside, 1)
            return
        url: list[str] = []
        while end < len(self.source) and self.source[end] != ")":
            end += 1 if self.source[end] == "\\" and end + 1 < len(self.source) else 0
            url.append(self.source[end])
            end += 1
        if end >= len(self.source):
            raise parse_error(f"Can't find end of a URL at byte offset {byte_offset(self.source, start)}")
        self._close_link("".join(url), end + 1 - self.at)

    def _close_link(self, url: str, length: int) -> None:
        kind = link_entity(url)
        if kind is not None:
            self._close(length, kind)
        else:
            self.open.pop()
            self.at += length

    def _quote_line(self) -> None:
        """A `>` at the beginning of a line quotes the line; lines after each other are one quotation."""
        self.at += 1
        line = self.source[self.at :].partition("\n")[0]
        last = self.entities[-1] if self.entities else None
        length = utf16_length(line)
        if last is not None and last["type"] == "blockquote" and last["offset"] + last["length"] + 1 == self.units:
            last["length"] += 1 + length
        elif length:
            self.entities.append({"type": "blockquote", "offset": self.units, "length": length})


def parse_markdown(source: str) -> FormattedText:
    """Raises Refused with the words of the real parser."""
    return _Reader(source).read()
