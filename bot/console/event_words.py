"""A ticket's event as a sentence, in the words that the desk has for it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bot.console.guard import Visit
from bot.console.moments import moment
from handlers.placeholders import names_in
from handlers.texts import UnknownText
from storage.tickets import TicketEvent


def told(event: TicketEvent, visit: Visit) -> str:
    """Of one that the catalogue does not know, its name; of a gap that the event does not fill, nothing."""
    who = actor(event.actor, visit)
    for key in (f"desk.event.{event.kind}", f"console.event.{event.kind}"):
        try:
            text = visit.texts.translations.gettext(key)
            gaps = names_in(text) if text != key else frozenset[str]()
            values = {name: _value(name, event.data.get(name, ""), visit) for name in gaps}
            said = visit.texts(key, **{**values, "who": who})
        except UnknownText:
            continue
        return re.sub(r"\s+", " ", re.sub(r":[a-z_]+:", "", said)).strip()
    return f"{who}: {event.kind.replace('_', ' ')}"


def actor(name: str, visit: Visit) -> str:
    kind, _, person = name.partition(":")
    if person:
        return person
    try:
        return visit.texts(f"desk.actor.{kind}")
    except UnknownText:
        return kind


def _value(name: str, value: Any, visit: Visit) -> str:
    if name == "until" and value:
        return moment(datetime.fromisoformat(str(value)), visit)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    for key in (f"desk.status.{value}", f"desk.priority.{value}", f"desk.target.{value}", f"desk.why.{value}"):
        try:
            return visit.texts(key)
        except UnknownText:
            continue
    known = visit.content.topics.get(str(value)) or visit.content.desk.causes.get(str(value))
    return known.in_language(visit.texts.language) if known else str(value)
