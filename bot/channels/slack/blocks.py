"""Our markup → Slack's mrkdwn and blocks, within Slack's limits.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from handlers import markup
from handlers.buttons import Button
from handlers.markup import Line, Span
from handlers.messages import Reply

PART_CHARACTERS = 2_900  # a section's text may have 3,000, the fallback text 4,000
LABEL_CHARACTERS = 75
VALUE_CHARACTERS = 2_000
BUTTONS_IN_A_ROW = 25
VIEW_BLOCKS = 100
ACTION = "supportbot"
EDGE = "\u200b"  # Slack makes nothing bold that touches a letter; a zero-width space parts them unseen

Block = dict[str, Any]


def escape(text: str) -> str:
    """Kills `<!channel>`, `<@U…>` and `<url|label>` in whatever anybody typed: Slack asks for these three only."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def render(text: str) -> str:
    """Our markup as mrkdwn."""
    return "\n".join(map(_line, markup.parse(text)))


def _line(line: Line) -> str:
    parts = [(span.bold, _link(span) if span.url else escape(span.text)) for span in _joined(line.spans)]
    written = ""
    for number, (bold, words) in enumerate(parts):
        if not bold or not words.strip():
            written += words
            continue
        after = parts[number + 1][1] if number + 1 < len(parts) else ""
        written += _bold(words, before=written, after=after)
    return f"• {written}" if line.item else written


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Neighbours in one style as one: `*a**b*` would be no style at all."""
    joined: list[Span] = []
    for span in spans:
        if joined and not span.url and not joined[-1].url and joined[-1].bold == span.bold:
            joined[-1] = replace(joined[-1], text=joined[-1].text + span.text)
        else:
            joined.append(span)
    return joined


def _bold(words: str, *, before: str, after: str) -> str:
    core = words.strip()
    start = words.index(core)
    head, tail = words[:start], words[start + len(core) :]
    core = core.replace("*", "∗")  # a star of the text itself would end the style
    left = EDGE if not head and _touches(before[-1:]) else ""
    right = EDGE if not tail and _touches(after[:1]) else ""
    return f"{head}{left}*{core}*{right}{tail}"


def _touches(neighbour: str) -> bool:
    return neighbour.isalnum() or (bool(neighbour) and neighbour in "*_~`")


def _link(span: Span) -> str:
    """A bar ends the address, an angle bracket the link."""
    url = (span.url or "").replace("|", "%7C").replace("<", "%3C").replace(">", "%3E").replace("&", "&amp;")
    return f"<{url}|{escape(span.text).replace('|', '¦')}>"


def fits(text: str) -> bool:
    return len(render(text)) <= PART_CHARACTERS


def message(reply: Reply) -> tuple[str, list[Block]]:
    """The fallback text and the blocks of one part."""
    words = render(reply.text)
    text = words if words.strip() else " · ".join(escape(cut(button.label)) for button in reply.buttons)
    return text, [*_sections(words), *_rows(reply.buttons, "0")]


def home(sections: Sequence[Reply], chat_id: str) -> Block:
    """The view of a Home tab. Its buttons come back with `private_metadata`, the chat they act in.

    Clients keep what they show of a block that has the same id, so each redraw has new ones.
    """
    drawing = uuid4().hex[:12]
    blocks: list[Block] = []
    for number, section in enumerate(sections):
        if number:
            blocks.append({"type": "divider"})
        for piece in markup.split(section.text, fits):
            blocks += _sections(render(piece))
        blocks += _rows(section.buttons, str(number))
    for number, block in enumerate(blocks[:VIEW_BLOCKS]):
        block["block_id"] = f"{drawing}-{number}"
    return {"type": "home", "private_metadata": chat_id, "blocks": blocks[:VIEW_BLOCKS]}


def _sections(words: str) -> list[Block]:
    """`verbatim`: names of channels and people in the text are not made into links or calls."""
    if not words.strip():
        return []  # Slack refuses empty texts
    return [{"type": "section", "text": {"type": "mrkdwn", "text": words, "verbatim": True}}]


def _rows(buttons: Sequence[Button], place: str) -> list[Block]:
    return [
        {
            "type": "actions",
            "elements": [
                _button(button, f"{ACTION}-{place}-{start + number}")
                for number, button in enumerate(buttons[start : start + BUTTONS_IN_A_ROW])
            ],
        }
        for start in range(0, len(buttons), BUTTONS_IN_A_ROW)
    ]


def _button(button: Button, action_id: str) -> Block:
    label = {"type": "plain_text", "text": cut(button.label) or "…", "emoji": True}
    return {"type": "button", "action_id": action_id, "text": label, "value": button.action[:VALUE_CHARACTERS]}


def cut(label: str, most: int = LABEL_CHARACTERS) -> str:
    """At most `most` characters, cut between two that a reader sees as such: not inside an emoji or an accent."""
    if len(label) <= most:
        return label
    end = most - 1
    while end > 0 and (_belongs_before(label[end]) or label[end - 1] == "\u200d"):
        end -= 1
    return f"{label[:end].rstrip()}…"


def _belongs_before(character: str) -> bool:
    is_skin_tone = "\U0001f3fb" <= character <= "\U0001f3ff"
    return bool(unicodedata.combining(character)) or is_skin_tone or bool(re.match("[\u200d\ufe00-\ufe0f]", character))
