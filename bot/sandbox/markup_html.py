"""Our markup as HTML. Everything anybody wrote is escaped: the only tags are the ones put in here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby

from handlers.markup import Line, Span, parse


def markup_to_html(text: str, *, links: bool = True) -> str:
    """`links=False` where the words may be somebody else's: a link then shows its address instead of hiding it."""
    blocks = groupby(parse(text), key=lambda line: line.item)
    return "".join((_list if item else _paragraphs)(lines, links) for item, lines in blocks)


def _list(lines: Iterable[Line], links: bool) -> str:
    items = "".join(f"<li>{_spans(line.spans, links)}</li>" for line in lines)
    return f"<ul>{items}</ul>"


def _paragraphs(lines: Iterable[Line], links: bool) -> str:
    """An empty line ends a paragraph, any other line end is a break."""
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line.spans:
            paragraphs[-1].append(_spans(line.spans, links))
        else:
            paragraphs.append([])
    return "".join(f"<p>{'<br>'.join(paragraph)}</p>" for paragraph in paragraphs if paragraph)


def _spans(spans: tuple[Span, ...], links: bool) -> str:
    return "".join(_span(span, links) for span in spans)


def _span(span: Span, links: bool) -> str:
    html = escape(span.text)
    if span.url and links:
        html = f'<a href="{escape(span.url)}" target="_blank" rel="noopener noreferrer">{html}</a>'
    elif span.url:
        html = f"{html} ({escape(span.url)})"
    return f"<strong>{html}</strong>" if span.bold else html
