"""Words as they were typed: in Slack's `rich_text` nothing is markup, whatever signs stand in it.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bot.channels.slack.blocks import cut
from bot.desk.blocks import Block
from handlers import markup

Element = dict[str, Any]

LONGEST_POST = 9_000  # characters; all blocks of one message may have 12,000


def words(text: str, *styles: str) -> Element:
    """`styles`: bold, italic, strike."""
    element: Element = {"type": "text", "text": text}
    return {**element, "style": dict.fromkeys(styles, True)} if styles else element


def emoji(name: str) -> Element:
    return {"type": "emoji", "name": name}


def section(*elements: Element) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": _said(elements)}]}


def quote(*elements: Element) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": _said(elements)}]}


def _said(elements: Iterable[Element]) -> list[Element]:
    """Slack takes no empty texts."""
    said = [one for one in elements if one.get("text") != ""]
    return said or [words("–")]


def from_markup(text: str) -> Iterator[Element]:
    """Our own markup, with what customers and agents typed in it."""
    for number, line in enumerate(markup.parse(text)):
        if number:
            yield words("\n")
        if line.item:
            yield words("• ")
        for span in line.spans:
            if span.url:
                yield {"type": "link", "url": span.url, "text": span.text}
            else:
                yield words(span.text, *(["bold"] if span.bold else []))


def shortened(elements: Iterable[Element], most: int) -> list[Element]:
    """At most about `most` characters of text."""
    kept: list[Element] = []
    for element in elements:
        text = str(element.get("text", ""))
        if len(text) > most:
            return [*kept, {**element, "text": cut(text, max(most, 2))}]
        most -= len(text)
        kept.append(element)
    return kept


def pieces(text: str, most: int = LONGEST_POST) -> list[str]:
    """`text` in as few pieces as its limit allows, cut where a line or else a word ends; at least one."""
    found = []
    while len(text) > most:
        ends = [text.rfind(sign, most // 2, most) for sign in ("\n", " ")]
        end = next((at + 1 for at in ends if at >= 0), most)
        found.append(text[:end].rstrip())
        text = text[end:].lstrip("\n")
    return [*found, text] if text or not found else found
