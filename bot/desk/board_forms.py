"""Forms about incidents and notices: what they ask, and what is wrong with what was filled in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk import blocks, typed
from bot.desk.blocks import Block
from bot.desk.events import DeskEvent
from bot.desk.wording import Wording
from handlers.casework import NotSensible
from handlers.desk import Desk
from handlers.desk_rules import Tier
from handlers.incident_matching import Scope, words_in
from handlers.incidents import AdminsOnly, IncidentNotFound, LeadsOnly
from handlers.markup import to_plain
from handlers.segments import MOST_DAYS, Segment
from handlers.texts import LANGUAGES
from storage import incidents
from storage.agents import Agent, Role
from storage.incidents import Incident, IncidentStatus, SpikeAlert
from storage.tickets import ticket_numbered

DECLARE, UPDATE, CLOSE, NOTICE = "incident_declare", "incident_update", "incident_close", "notice_new"
CHANNELS = ("telegram", "slack")
DAYS = (1, 7, 30, 90, MOST_DAYS)
LEAST_AHEAD_SECONDS = 60
TITLE_CHARACTERS = 120
ID_DIGITS = 9


@dataclass(frozen=True)
class BoardOpening:
    """A form being opened, or one that was sent: by whom, from where."""

    session: AsyncSession
    desk: Desk
    wording: Wording
    agent: Agent
    event: DeskEvent
    now: datetime

    async def incident(self) -> Incident:
        """Raises `IncidentNotFound`."""
        found = await incidents.incident(self.session, number(self.event.argument))
        if found is None or found.status != IncidentStatus.OPEN:
            raise IncidentNotFound(self.event.argument)
        return found


def number(argument: str) -> int:
    """0 where it is none."""
    is_number = argument.isascii() and argument.isdecimal() and len(argument) <= ID_DIGITS
    return int(argument) if is_number else 0


async def draw(opening: BoardOpening) -> list[Block]:
    """Raises `LeadsOnly`, `AdminsOnly`, `IncidentNotFound`: what would be refused once it is filled in."""
    refuse(opening.agent, opening.event.action)
    return await FORMS[opening.event.action](opening)


def refuse(agent: Agent, action: str) -> None:
    if action == NOTICE and agent.role != Role.ADMIN:
        raise AdminsOnly(agent.name)
    if action != NOTICE and not agent.leads:
        raise LeadsOnly(agent.name)


async def _declare(opening: BoardOpening) -> list[Block]:
    chosen = await _affected(opening)
    texts, wording = opening.wording.texts, opening.wording
    return [
        *_in_both(wording, "title", texts("desk.form.incident.title"), multiline=False),
        *_in_both(wording, "workaround", texts("desk.form.incident.workaround")),
        blocks.field("intents", texts("desk.form.incident.intents"), _several(wording, _topics(wording), chosen)),
        blocks.field("words", texts("desk.form.incident.words"), blocks.words(multiline=False), optional=True,
                     hint=texts("desk.form.incident.words_hint")),
        _next_update(opening),
    ]  # fmt: skip


async def _affected(opening: BoardOpening) -> list[str]:
    """What the alert is about, or the ticket from whose card it is declared."""
    alert = await opening.session.get(SpikeAlert, number(opening.event.argument))
    if opening.event.argument and alert is not None:
        return [alert.intent]
    ticket = await ticket_numbered(opening.session, opening.event.ticket) if opening.event.ticket else None
    return [ticket.category] if ticket is not None else []


async def _update(opening: BoardOpening) -> list[Block]:
    texts, wording, incident = opening.wording.texts, opening.wording, await opening.incident()
    loud: Block = {"type": "checkboxes", "options": [blocks.option(texts("desk.form.incident.loud"), "loud")]}
    return [
        *_in_both(wording, "title", texts("desk.form.incident.title"), incident.title, multiline=False),
        *_in_both(wording, "workaround", texts("desk.form.incident.workaround"), incident.workaround),
        _next_update(opening),
        blocks.field("loud", texts("desk.form.incident.how"), loud, optional=True,
                     hint=texts("desk.form.incident.loud_hint")),
    ]  # fmt: skip


async def _close(opening: BoardOpening) -> list[Block]:
    texts, incident = opening.wording.texts, await opening.incident()
    title = to_plain(incident.title[opening.wording.language])
    return [
        *blocks.context(texts("desk.form.incident.closing", title=blocks.cut_mrkdwn(title, TITLE_CHARACTERS))),
        *_in_both(opening.wording, "cause", texts("desk.form.incident.cause")),
    ]


async def _notice(opening: BoardOpening) -> list[Block]:
    wording = opening.wording
    texts = wording.texts
    tiers = [blocks.option(wording.known(f"desk.tier.{one}", one), one) for one in Tier]
    days = [blocks.option(texts("desk.form.notice.days_option", days=one), str(one)) for one in DAYS]
    categories = [name for name in wording.content.topics if name in wording.content.forms.forms]
    choose = texts("desk.form.choose")
    return [
        *_in_both(wording, "text", texts("desk.form.notice.text")),
        blocks.field("channels", texts("desk.form.notice.channels"),
                     _several(wording, [blocks.option(one.capitalize(), one) for one in CHANNELS]), optional=True),
        blocks.field("languages", texts("desk.form.notice.languages"),
                     _several(wording, [blocks.option(one.upper(), one) for one in LANGUAGES]), optional=True),
        blocks.field("tiers", texts("desk.form.notice.tiers"), _several(wording, tiers), optional=True),
        blocks.field("category", texts("desk.form.notice.category"),
                     blocks.select("value", choose, _topics(wording, categories)), optional=True),
        blocks.field("intent", texts("desk.form.notice.intent"),
                     blocks.select("value", choose, _topics(wording)), optional=True),
        blocks.field("days", texts("desk.form.notice.days"), blocks.select("value", choose, days), optional=True,
                     hint=texts("desk.form.notice.empty_fits_all")),
    ]  # fmt: skip


FORMS: Mapping[str, Callable[[BoardOpening], Awaitable[list[Block]]]] = {
    DECLARE: _declare,
    UPDATE: _update,
    CLOSE: _close,
    NOTICE: _notice,
}


def _in_both(
    wording: Wording, name: str, label: str, initial: Mapping[str, str] | None = None, *, multiline: bool = True
) -> list[Block]:
    """A field for each language; what is there already is shown as it was typed."""
    fields = []
    for language in LANGUAGES:
        before = "\n".join(map(to_plain, (initial or {}).get(language, "").split("\n")))
        element = blocks.words(before, multiline=multiline)
        if not multiline:
            element["max_length"] = TITLE_CHARACTERS
        hint = wording.texts("desk.form.customer_sees") if multiline else ""
        fields.append(blocks.field(f"{name}_{language}", f"{label} ({language.upper()})", element, hint=hint))
    return fields


def _next_update(opening: BoardOpening) -> Block:
    texts = opening.wording.texts
    later = int(opening.now.timestamp()) // 900 * 900 + 3600
    element: Block = {"type": "datetimepicker", "initial_date_time": later}
    return blocks.field("next_update", texts("desk.form.incident.next_update"), element,
                        hint=texts("desk.form.incident.next_update_hint"))  # fmt: skip


def _topics(wording: Wording, names: Iterable[str] | None = None) -> list[Block]:
    chosen = sorted(wording.content.topics if names is None else names, key=wording.topic)
    return [blocks.option(wording.topic(name), name) for name in chosen]


def _several(wording: Wording, options: list[Block], chosen: Iterable[str] = ()) -> Block:
    element: Block = {
        "type": "multi_static_select",
        "placeholder": blocks.plain(wording.texts("desk.form.choose"), 150),
        "options": options[: blocks.OPTIONS],
    }
    initial = [one for one in options if one["value"] in set(chosen)]
    return {**element, "initial_options": initial} if initial else element


# What was filled in


def wrong(event: DeskEvent, wording: Wording, now: datetime) -> dict[str, str]:
    """By the name of the field: spaces are no text, and what is promised lies ahead."""
    texts = wording.texts
    asked = {DECLARE: ("title", "workaround"), UPDATE: ("title", "workaround"), CLOSE: ("cause",), NOTICE: ("text",)}
    names = [f"{name}_{language}" for name in asked.get(event.action, ()) for language in LANGUAGES]
    found = {name: texts("desk.refused.nothing_to_say") for name in names if not event.values.get(name, "").strip()}
    if event.action in {DECLARE, UPDATE}:
        try:
            is_past = (next_update(event) - now).total_seconds() < LEAST_AHEAD_SECONDS
        except NotSensible:
            is_past = True
        if is_past:
            found["next_update"] = texts("desk.refused.time_passed")
    return found


def in_both(event: DeskEvent, name: str) -> dict[str, str]:
    return {language: event.values.get(f"{name}_{language}", "") for language in LANGUAGES}


def next_update(event: DeskEvent) -> datetime:
    """Raises `NotSensible`."""
    return typed.moment(event.values.get("next_update", ""))


def scope(event: DeskEvent) -> Scope:
    return Scope(frozenset(_chosen(event, "intents")), words_in(event.values.get("words", "")))


def segment(event: DeskEvent) -> Segment:
    return Segment(
        channels=_chosen(event, "channels"),
        languages=_chosen(event, "languages"),
        tiers=_chosen(event, "tiers"),
        category=event.values.get("category", ""),
        intent=event.values.get("intent", ""),
        days=min(number(event.values.get("days", "")), MOST_DAYS),
    )


def _chosen(event: DeskEvent, name: str) -> tuple[str, ...]:
    return tuple(one for one in event.values.get(name, "").split(",") if one)
