"""Something is wrong for many customers at once: declared, told to each of them once, kept up to date, closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import many, speaking, when
from handlers.agent_actions import as_words
from handlers.awaiting import button
from handlers.buttons import Button
from handlers.desk import Desk
from handlers.errors import SupportError
from handlers.incident_matching import Scope
from handlers.messages import Reply
from handlers.speaking import Saying
from handlers.texts import LANGUAGES, Texts
from storage import board_posts, conversations, incidents
from storage.agents import Agent
from storage.board_posts import Subject
from storage.conversations import Conversation, Message
from storage.customers import by_id
from storage.incidents import Incident, IncidentEvent, IncidentStatus, Subscriber

BOT = "bot"


class LeadsOnly(SupportError):
    """Only a lead or an admin may do this."""


class AdminsOnly(SupportError):
    """Only an admin may write to many customers."""


class IncidentNotFound(SupportError):
    """There is none by that number, or it is closed."""


class TextMissing(SupportError):
    """What customers are told has to be there in every language; the text names what is missing."""


class TimePassed(SupportError):
    """The next update is promised for a time that is over."""


Words = Mapping[str, str]
"""A text by language."""


@dataclass(frozen=True)
class Declaration:
    title: Words
    workaround: Words
    scope: Scope
    next_update_at: datetime


async def declare(session: AsyncSession, desk: Desk, new: Declaration, by: Agent, now: datetime) -> Incident:
    """Everybody with an open ticket in its scope is told. Raises `LeadsOnly`, `TextMissing`, `TimePassed`."""
    _refuse_others(by)
    if not new.scope.intents:
        raise TextMissing("scope")
    incident = Incident(
        title=_in_all(new.title, "title", desk),
        workaround=_in_all(new.workaround, "workaround", desk),
        scope=new.scope.to_payload(),
        next_update_at=_ahead(new.next_update_at, now),
        declared_by=by.name,
        declared_at=now,
    )
    session.add(incident)
    await session.flush()
    await _subscribe(session, incident, None, now)
    await _log(session, desk, incident, "declared", f"agent:{by.name}", now)
    return incident


@dataclass(frozen=True)
class Update:
    """`loud`: customers also get a new message, not only the old one changed."""

    title: Words
    workaround: Words
    next_update_at: datetime
    loud: bool = False


async def update(
    session: AsyncSession, desk: Desk, incident_id: int, news: Update, by: Agent, now: datetime
) -> Incident:
    """Raises as `declare`, and `IncidentNotFound`."""
    _refuse_others(by)
    incident = await _open(session, incident_id)
    incident.title = _in_all(news.title, "title", desk)
    incident.workaround = _in_all(news.workaround, "workaround", desk)
    incident.next_update_at = _ahead(news.next_update_at, now)
    incident.lapses, incident.reminded_at = 0, None
    _next_version(incident, loud=news.loud)
    await _log(session, desk, incident, "updated", f"agent:{by.name}", now, loud=news.loud)
    return incident


async def close(
    session: AsyncSession, desk: Desk, incident_id: int, cause: Words, by: Agent, now: datetime
) -> Incident:
    """Not without a cause (R47): everybody is told it. Raises `LeadsOnly`, `TextMissing`, `IncidentNotFound`."""
    _refuse_others(by)
    incident = await _open(session, incident_id)
    incident.cause = _in_all(cause, "cause", desk)
    incident.status, incident.closed_by, incident.closed_at = IncidentStatus.CLOSED, by.name, now
    incident.next_update_at = None
    _next_version(incident, loud=True)
    await _log(session, desk, incident, "closed", f"agent:{by.name}", now)
    return incident


async def watch(session: AsyncSession, desk: Desk, incident_id: int, now: datetime) -> bool:
    """Reminds the declarer of the promised update; where it did not come, tells the customers so (R43)."""
    incident = await incidents.locked(session, incident_id)
    if incident is None or incident.status != IncidentStatus.OPEN or incident.next_update_at is None:
        return False
    rules = desk.content.incidents
    names = [incident.declared_by]
    if now >= incident.next_update_at:
        promised = incident.next_update_at
        incident.next_update_at = desk.content.rhythm.next_allowed(now + rules.again_after)
        incident.lapses, incident.reminded_at = incident.lapses + 1, None
        _next_version(incident, loud=incident.lapses == 1)
        await _log(session, desk, incident, "lapsed", BOT, now, names=names, until=promised.isoformat())
        return True
    if incident.reminded_at is None and now >= incident.next_update_at - rules.remind_before:
        incident.reminded_at = now
        until = incident.next_update_at.isoformat()
        await _log(session, desk, incident, "reminded", BOT, now, names=names, until=until)
        return True
    return False


# Telling customers


async def tell_some(session: AsyncSession, desk: Desk, incident_id: int, now: datetime) -> bool:
    """Puts the newest version in line for some who have not been told it; False: nobody is left, or the line is full.

    Each chat's row says what it has been told, in the transaction that puts it in line: whoever dies in between tells
    nobody twice. In the quiet hours messages are only edited.
    """
    incident = await incidents.incident(session, incident_id)
    if incident is None:
        return False
    rules = desk.content.incidents
    room = await many.room(session, rules)
    if not room:
        return False
    is_quiet = desk.content.rhythm.in_quiet_hours(now)
    behind = await incidents.chats_behind(session, incident, room, only_silently=is_quiet)
    chats = {chat.id: chat for chat in await conversations.all_locked(session, behind)} if behind else {}
    if not chats:
        return False
    customers = await by_id(session, {chat.customer_id for chat in chats.values()})
    turns = await many.turns(session, rules, chats.values())
    new: list[tuple[Subscriber, Saying]] = []
    for one in await incidents.locked_behind(session, incident, chats):
        chat = chats[one.conversation_id]
        texts = desk.catalogue[customers[chat.customer_id].language or desk.default_language]
        saying = await _tell(session, incident, one, _saying(incident, texts, desk, chat, turns[chat.id], now), now)
        new += [(one, saying)] if saying else []
    messages = await speaking.say_to_many(session, [saying for _, saying in new], now)
    for (one, _), message in zip(new, messages, strict=True):
        one.message_id = one.message_id or message.id
    await session.flush()
    return True


def _saying(incident: Incident, texts: Texts, desk: Desk, chat: Conversation, turn: timedelta, now: datetime) -> Saying:
    reply = Reply(words(incident, texts, desk, now), _ways_out(incident, texts))
    return Saying(chat, reply, f"incident:{incident.id}:{incident.version}:{chat.id}", turn)


async def _tell(
    session: AsyncSession, incident: Incident, one: Subscriber, saying: Saying, now: datetime
) -> Saying | None:
    """Edits what they were told; what is to be said anew is returned."""
    before, shown, told = one.told, one.shown, saying.reply.text
    one.told = incident.version
    if saying.conversation.blocked_at is not None:
        return None
    one.shown = told
    message = await session.get(Message, one.message_id) if one.message_id else None
    if message is None or not shown or shown not in message.text:
        one.message_id = None
        return saying
    text, buttons = message.text.replace(shown, told, 1), _kept(message, saying.reply)
    changed = replace(saying.reply, text=text, buttons=buttons)
    is_unseen = await speaking.say_again(session, message, changed, dedupe=saying.key, now=now, bulk=saying.wait)
    is_news = before < incident.loud_version and not is_unseen
    return replace(saying, key=f"{saying.key}:news") if is_news else None


def _kept(message: Message, said: Reply) -> tuple[Button, ...]:
    """The buttons under what is changed: an answer's stay as they are."""
    under = Reply.from_payload({"text": "", "buttons": message.buttons or []}).buttons
    return said.buttons if any(one.action.startswith("incident_off") for one in under) else under


def _ways_out(incident: Incident, texts: Texts) -> tuple[Button, ...]:
    if incident.status != IncidentStatus.OPEN:
        return ()
    return (button(texts("button.incident_off"), "incident_off", str(incident.id)),)


def words(incident: Incident, texts: Texts, desk: Desk, now: datetime) -> str:
    """What a customer reads of it now, in our markup."""
    language = texts.language
    title = incident.title[language]
    if incident.status == IncidentStatus.CLOSED:
        return texts("incident.closed", title=title, cause=(incident.cause or {}).get(language, ""))
    workaround = (incident.workaround or {}).get(language, "")
    by = when.by(incident.next_update_at or now, now, desk.content.calendar.zone, texts)
    key = "incident.late" if incident.lapses else "incident.open"
    return texts(key, title=title, workaround=workaround, by=by)


async def find_affected(session: AsyncSession, incident_id: int, now: datetime) -> bool:
    """Who opened a ticket in its scope since it was declared is to be told, too."""
    incident = await incidents.incident(session, incident_id)
    if incident is None or incident.status != IncidentStatus.OPEN:
        return False
    return await _subscribe(session, incident, incident.declared_at, now)


async def _subscribe(session: AsyncSession, incident: Incident, since: datetime | None, now: datetime) -> bool:
    """Everybody with a ticket in its scope that is open, opened after `since`."""
    scope = Scope.from_payload(incident.scope)
    open_ones = await incidents.unexplained(session, scope.intents, since)
    concerned = [one for one in open_ones if scope.concerns(one.category, one.words)]
    if concerned:
        await incidents.subscribe_all(session, incident.id, concerned, now)
    return bool(concerned)


async def redraw(session: AsyncSession, desk: Desk, incident_id: int) -> bool:
    """Its card shows how far the telling has come; False: it does already."""
    incident = await incidents.incident(session, incident_id)
    if incident is None or desk.desk_channel is None:
        return False
    progress = str(await incidents.progress(session, incident))
    if progress == incident.progress or await board_posts.is_waiting(session, Subject.INCIDENT, incident.id):
        return False
    incident.progress = progress
    await board_posts.append(session, Subject.INCIDENT, incident.id)
    return True


# On record


async def _log(
    session: AsyncSession, desk: Desk, incident: Incident, kind: str, actor: str, now: datetime, **data: Any
) -> None:
    event = IncidentEvent(
        incident_id=incident.id, at=now, kind=kind, actor=actor, data={"version": incident.version, **data}
    )
    session.add(event)
    await session.flush()
    if desk.desk_channel is not None:
        await board_posts.append(session, Subject.INCIDENT, incident.id, event.id)


async def _open(session: AsyncSession, incident_id: int) -> Incident:
    incident = await incidents.locked(session, incident_id)
    if incident is None or incident.status != IncidentStatus.OPEN:
        raise IncidentNotFound(str(incident_id))
    return incident


def _next_version(incident: Incident, *, loud: bool) -> None:
    incident.version += 1
    if loud:
        incident.loud_version = incident.version


def _refuse_others(by: Agent) -> None:
    if not by.leads:
        raise LeadsOnly(by.name)


def _ahead(at: datetime, now: datetime) -> datetime:
    if at <= now:
        raise TimePassed(at.isoformat())
    return at


def _in_all(text: Words, what: str, desk: Desk) -> dict[str, str]:
    """As it stands in our markup, in every language. Raises `TextMissing`, `UnresolvedVariables`."""
    marked = {language: as_words(text.get(language, ""), desk.content) for language in LANGUAGES}
    for language, words_of_it in marked.items():
        if not words_of_it:
            raise TextMissing(f"{what}_{language}")
    return marked
