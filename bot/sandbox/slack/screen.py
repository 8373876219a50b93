"""A conversation as one person sees it: for the demo page and for tests that read what was really shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.sandbox.slack.fields import elements
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class Pressable:
    """`label` is what stands on it; for a choice, its placeholder."""

    label: str
    action_id: str
    kind: str
    value: str = ""
    style: str = ""
    url: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Shown:
    """One message. `text` is what is read in it: that of the blocks where there are blocks, Slack's markup kept."""

    ts: str
    author: str
    text: str
    is_bot: bool
    is_edited: bool
    is_only_for_you: bool
    thread_ts: str | None
    pressable: tuple[Pressable, ...] = ()
    files: tuple[str, ...] = ()
    reactions: tuple[tuple[str, int], ...] = ()

    @property
    def labels(self) -> list[str]:
        return [one.label for one in self.pressable]


def screen(space: Workspace, channel: str, viewer: str) -> list[Shown]:
    return [shown(space, message) for message in visible(space, channel, viewer)]


def visible(space: Workspace, channel: str, viewer: str) -> list[Message]:
    """Oldest first; without removed messages and what others alone see."""
    return [
        message for message in space.talk.of(channel) if not message.is_removed and message.only_for in {None, viewer}
    ]


def shown(space: Workspace, message: Message) -> Shown:
    user = space.users.get(message.author)
    return Shown(
        ts=message.ts,
        author=user.name if user else "",
        text=text_of(message.body) or message.text,
        is_bot="bot_id" in message.body,
        is_edited=message.edited is not None,
        is_only_for_you=message.only_for is not None,
        thread_ts=message.thread_ts,
        pressable=pressable(message.body),
        files=tuple(
            str(file.get("name", file["id"]))
            for file in message.body.get("files") or []
            if file.get("mode") != "tombstone"
        ),
        reactions=tuple((name, len(users)) for name, users in message.reactions.items()),
    )


def text_of(owner: Json) -> str:
    """The words of the blocks, one line each; also of a modal or Home tab."""
    lines: list[str] = []
    for block in owner.get("blocks") or []:
        texts = [block.get("text"), block.get("label"), *(block.get("fields") or [])]
        if block.get("type") == "context":
            texts += block.get("elements") or []
        if block.get("type") == "rich_text" and owner.get("bot_id"):
            texts.append("".join(_literal(block)))
        for text in texts:
            words = text.get("text") if isinstance(text, dict) else text
            if isinstance(words, str) and words:
                lines.append(words)
    return "\n".join(lines)


def _literal(element: Json) -> Iterator[str]:
    """The words of `rich_text`, in which nothing is markup."""
    if element.get("type") == "emoji":
        yield f":{element.get('name')}:"
    yield str(element.get("text") or element.get("url") or "")
    for inner in element.get("elements") or []:
        yield from _literal(inner)


def pressable(owner: Json) -> tuple[Pressable, ...]:
    return tuple(_pressable(element) for _, element in elements(owner))


def _pressable(element: Json) -> Pressable:
    label = element.get("text") or element.get("placeholder") or {}
    options = tuple((option["text"]["text"], option.get("value", "")) for option in element.get("options") or [])
    return Pressable(
        label=label.get("text", ""),
        action_id=element["action_id"],
        kind=element["type"],
        value=element.get("value", ""),
        style=element.get("style", ""),
        url=element.get("url", ""),
        options=options,
    )
