"""The way to a list's other pages, where what stands before a page is counted (`skip`)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from bot.console.elements import box, link
from handlers.texts import Texts


def number(text: str) -> int:
    """What stands in an address; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def draw_pager(texts: Texts, path: str, kept: Mapping[str, str], skip: int, page: int, *, has_more: bool) -> None:
    """`kept`: what is asked for besides."""
    with box("nav", "pager", aria_label=texts("console.pages")):
        if skip:
            before = urlencode({**kept, "skip": str(max(0, skip - page))})
            link(texts("console.before"), f"{path}?{before}", "button", rel="prev")
        if has_more:
            after = urlencode({**kept, "skip": str(skip + page)})
            link(texts("console.next"), f"{path}?{after}", "button", rel="next")
