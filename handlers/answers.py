"""Content → text: the right language and register, a wording whose variables are all known, and its version."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from mimetypes import guess_type

from handlers import when
from handlers.attachments import CONTENT_FILE, Attachment, AttachmentKind
from handlers.buttons import Button
from handlers.calendars import is_open, next_opening
from handlers.content import Content
from handlers.content_file import ContentError
from handlers.markup import escape
from handlers.messages import Reply, Turn
from handlers.names import address
from handlers.placeholders import fill, names_in
from handlers.texts import Texts
from storage.inbound import Outcome


def answer(turn: Turn, key: str) -> Reply:
    """The editable answer `key`. Raises `ContentError` where there is none."""
    content = turn.desk.content
    found = content.answers.get(key)
    if found is None:
        raise ContentError(f"answers/{key}.yml: the file is missing")
    values = variables(content, turn.texts, turn.customer.name, turn.now)
    wordings = found.wordings.of(turn.texts.variants[0])
    text = choose_wording(wordings, values, seed=turn.correlation_id)
    buttons = [Button(content.topic(intent, turn.language), f"do:{intent}") for intent in found.next]
    if found.file:
        buttons.insert(0, Button(turn.texts("button.file"), f"file:{key}"))
    return Reply(text, tuple(buttons), answer=key, answer_version=found.version)


def is_expired(content: Content, key: str, now: datetime) -> bool:
    """Whether the day until which the answer `key` holds is over, where the company is."""
    found = content.answers.get(key)
    if found is None or found.expires_on is None:
        return False
    return now.astimezone(content.calendar.zone).date() > found.expires_on


def document(turn: Turn, key: str) -> Reply:
    """The document that belongs to the answer `key`; an answer that has none any more says so."""
    found = turn.desk.content.answers.get(key)
    if found is None or found.file is None or is_expired(turn.desk.content, key, turn.now):
        return Reply(turn.texts("button.stale"), outcome=Outcome.IGNORED)
    name = found.file.in_language(turn.language)
    file = Attachment(AttachmentKind.DOCUMENT, f"{CONTENT_FILE}{name}", name, guess_type(name)[0])
    return Reply(turn.texts("answer.file"), answer=key, answer_version=found.version, files=(file,))


def choose_wording(wordings: tuple[str, ...], values: Mapping[str, str], seed: str) -> str:
    """One of the wordings that can be filled; the one made for closed hours goes first while we are closed."""
    possible = [wording for wording in wordings if names_in(wording) <= values.keys()]
    timely = [wording for wording in possible if "next_opening" in names_in(wording)]
    choice = timely or possible
    if not choice:
        raise ContentError("no wording can be filled with what is known")
    return fill(choice[zlib.crc32(seed.encode()) % len(choice)], values)


def variables(content: Content, texts: Texts, name: str | None, now: datetime) -> dict[str, str]:
    """What placeholders may be filled with right now; what is not known is left out."""
    company, language = content.company, texts.language
    values = {
        "company": company.name,
        "shop_url": company.shop_url,
        "email": company.email,
        "phone": company.phone,
        "address": company.address,
        "service_points": company.service_points.in_language(language),
        "privacy_url": company.privacy_url,
        "administrator": company.administrator,
        "free_delivery_from": company.free_delivery_from.in_language(language),
        "return_days": str(company.return_days),
        "warranty_years": str(company.warranty_years),
        "urgent_contact": company.urgent_contact.in_language(language),
        "opening_hours": when.opening_hours(content.calendar, language),
    }
    if not is_open(content.calendar, now):
        opening = next_opening(content.calendar, now)
        values["next_opening"] = when.at(opening, now, content.calendar.zone, texts)
    if called := address(name, texts, content.names):
        values["name"] = escape(called)
    return values
