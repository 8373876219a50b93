"""Our markup → Telegram's HTML. https://core.telegram.org/bots/api#html-style

Only the tags we need: one that Telegram does not know has the whole message refused.
"""

from __future__ import annotations

from handlers.markup import Line, Span, parse, split

MOST_UNITS = 4096
MOST_ENTITIES = 100
BULLET = "• "


def escape(text: str) -> str:
    """As text and inside a quoted attribute alike."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def to_html(text: str) -> str:
    return "\n".join((BULLET if line.item else "") + "".join(map(_tagged, line.spans)) for line in parse(text))


def _tagged(span: Span) -> str:
    shown = escape(span.text)
    if span.url:
        shown = f'<a href="{escape(span.url)}">{shown}</a>'
    return f"<b>{shown}</b>" if span.bold else shown


def fits(text: str) -> bool:
    """Whether one message holds it. What counts is the text after rendering; 4,096 characters are promised, and
    counted as UTF-16 they never are more."""
    lines = parse(text)
    units = sum(_units(line) for line in lines) + len(lines) - 1
    return units <= MOST_UNITS and sum(map(_entities, lines)) <= MOST_ENTITIES


def in_messages(text: str) -> list[str]:
    """`text` in pieces that each fit into one message."""
    return split(text, fits)


def _units(line: Line) -> int:
    shown = (BULLET if line.item else "") + "".join(span.text for span in line.spans)
    return len(shown.encode("utf-16-le", "surrogatepass")) // 2


def _entities(line: Line) -> int:
    return sum(bool(span.url) + span.bold for span in line.spans)
