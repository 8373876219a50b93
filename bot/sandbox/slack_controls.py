"""What stands in blocks to be pressed, chosen or filled in: https://docs.slack.dev/reference/block-kit/block-elements"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.sandbox.mrkdwn_html import mrkdwn_to_html, plain_to_html
from bot.sandbox.slack.fields import VALUES, Typed, elements, filled
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack_reader import Reader


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    about: str = ""
    group: str = ""


@dataclass(frozen=True)
class Confirm:
    """What Slack asks before it lets somebody do a thing; `html` is the question."""

    title: str
    html: str
    yes: str
    no: str
    is_dangerous: bool


@dataclass(frozen=True)
class Control:
    """`label` stands on it, or is its placeholder; `chosen` is what stands in it: options and people by their value, a
    moment in the reader's zone as a browser's field writes it."""

    block_id: str
    action_id: str
    kind: str
    label: str = ""
    name: str = ""
    value: str = ""
    style: str = ""
    url: str = ""
    options: tuple[Option, ...] = ()
    chosen: tuple[str, ...] = ()
    confirm: Confirm | None = None
    is_multiline: bool = False
    has_focus: bool = False
    most_characters: int = 3000
    least_letters: int = 3

    @property
    def key(self) -> str:
        """By what it is found again after it was drawn anew: its block may have got another id."""
        return f"{self.action_id}|{self.value}"


def controls(block: Json, typed: Typed, reader: Reader) -> tuple[Control, ...]:
    return tuple(
        _control(element, str(block.get("block_id", "")), typed, reader) for _, element in elements({"blocks": [block]})
    )


def given_moment(written: str, reader: Reader) -> int | str:
    """What a browser's field says, as Slack tells it; nothing stays nothing."""
    if not written:
        return ""
    return int(datetime.fromisoformat(written).replace(tzinfo=reader.zone).timestamp())


def _control(element: Json, block_id: str, typed: Typed, reader: Reader) -> Control:
    kind, action_id = str(element["type"]), str(element["action_id"])
    state = typed.get(block_id, {}).get(action_id) or filled(element, None)
    label = element.get("text") or element.get("placeholder") or {}
    return Control(
        block_id=block_id,
        action_id=action_id,
        kind=kind,
        label=str(label.get("text", "")),
        name=str(element.get("accessibility_label", "")),
        value=str(element.get("value", "")),
        style=str(element.get("style", "")),
        url=str(element.get("url", "")),
        options=tuple(_options(element, state, reader)),
        chosen=tuple(_chosen(kind, state, reader)),
        confirm=_confirm(element["confirm"], reader) if element.get("confirm") else None,
        is_multiline=bool(element.get("multiline")),
        has_focus=bool(element.get("focus_on_load")),
        most_characters=int(element.get("max_length") or 3000),
        least_letters=int(element.get("min_query_length", 3)),
    )


def _options(element: Json, state: Json, reader: Reader) -> Iterator[Option]:
    """Of an external list only what is chosen already: the rest is looked up."""
    kind = str(element["type"])
    if "users_select" in kind:
        yield from (Option(one, name) for one, name in reader.people)
    for option in element.get("options") or []:
        yield _option(option)
    for group in element.get("option_groups") or []:
        for option in group.get("options") or []:
            yield _option(option, str(group["label"]["text"]))
    if "external" in kind:
        one = state.get("selected_option")
        yield from map(_option, state.get("selected_options") or ([one] if one else []))


def _option(option: Json, group: str = "") -> Option:
    about = option.get("description") or {}
    return Option(str(option.get("value", "")), str(option["text"]["text"]), str(about.get("text", "")), group)


def _chosen(kind: str, state: Json, reader: Reader) -> Iterator[str]:
    value = state.get(VALUES.get(kind, ("value", ""))[0])
    if value in (None, "", []):
        return
    if kind == "datetimepicker":
        moment = datetime.fromtimestamp(int(str(value)), UTC).astimezone(reader.zone)
        yield moment.replace(tzinfo=None).isoformat(timespec="minutes")
        return
    for one in value if isinstance(value, list) else [value]:
        yield str(one.get("value", "")) if isinstance(one, dict) else str(one)


def _confirm(given: Json, reader: Reader) -> Confirm:
    text = given.get("text") or {}
    words = str(text.get("text", ""))
    labels = {name: str((given.get(name) or {}).get("text", "")) for name in ("title", "confirm", "deny")}
    return Confirm(
        title=labels["title"],
        html=mrkdwn_to_html(words, reader) if text.get("type") == "mrkdwn" else plain_to_html(words),
        yes=labels["confirm"] or reader.texts("demo.slack.yes"),
        no=labels["deny"] or reader.texts("demo.cancel"),
        is_dangerous=given.get("style") == "danger",
    )
