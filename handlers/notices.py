"""Notices to a segment of customers (R38): prepared and seen before, sent to each once, in waking hours, and refusable.

Whom it is for is settled when it is prepared: the number that is shown is that of those who get it, less who opted out
or blocked us since.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import many
from handlers.agent_actions import as_words
from handlers.awaiting import button
from handlers.desk import Desk
from handlers.errors import SupportError
from handlers.incidents import AdminsOnly, TextMissing
from handlers.messages import Reply, Turn
from handlers.segments import Segment
from handlers.speaking import Saying, say_to_many
from handlers.texts import LANGUAGES
from storage import board_posts, conversations, notices
from storage.agents import Agent, Role
from storage.board_posts import Subject
from storage.conversations import Conversation, Owner
from storage.customers import Customer, by_id
from storage.notices import Notice, NoticeRecipient, NoticeStatus

WAITS_FOR_TALK = timedelta(hours=24)
REFUSED, BLOCKED, TALKING = "refused", "blocked", "talking"


class NoticeNotFound(SupportError):
    """There is none by that number, or it is not what is to be done with it any more."""


class NobodyThere(SupportError):
    """The segment is empty."""


async def prepare(
    session: AsyncSession, desk: Desk, text: Mapping[str, str], segment: Segment, by: Agent, now: datetime
) -> Notice:
    """A draft with its recipients; the desk sees both. Raises `AdminsOnly`, `TextMissing`, `NobodyThere`."""
    _refuse_others(by)
    marked = {language: as_words(text.get(language, ""), desk.content) for language in LANGUAGES}
    for language, words in marked.items():
        if not words:
            raise TextMissing(f"text_{language}")
    reached = await notices.audience(
        session,
        channels=segment.channels,
        languages=segment.languages,
        tiers=segment.tiers,
        category=segment.category,
        intent=segment.intent,
        since=segment.since(now),
        default_language=desk.default_language,
    )
    if not reached:
        raise NobodyThere
    notice = Notice(text=marked, segment=segment.to_payload(), by=by.name, created_at=now)
    session.add(notice)
    await session.flush()
    await notices.add_recipients(session, notice.id, [one.conversation_id for one in reached])
    await _show(session, desk, notice)
    return notice


async def send(session: AsyncSession, desk: Desk, notice_id: int, by: Agent, now: datetime) -> None:
    """It goes out from now on, in the quiet hours after them. Raises `AdminsOnly`, `NoticeNotFound`."""
    _refuse_others(by)
    notice = await _in_state(session, notice_id, NoticeStatus.DRAFT)
    notice.status = NoticeStatus.SENDING
    notice.send_at = desk.content.rhythm.next_allowed(now)
    await _show(session, desk, notice)


async def stop(session: AsyncSession, desk: Desk, notice_id: int, by: Agent) -> None:
    """A draft is thrown away; of one that is going out nothing more is put in line. Raises as `send`."""
    _refuse_others(by)
    notice = await _in_state(session, notice_id, NoticeStatus.DRAFT, NoticeStatus.SENDING)
    notice.status = NoticeStatus.STOPPED
    await _show(session, desk, notice)


async def send_some(session: AsyncSession, desk: Desk, notice_id: int, now: datetime) -> bool:
    """Puts it in line for some of those that have not had it; False: nothing can be done just now."""
    notice = await notices.locked(session, notice_id)
    rules = desk.content.incidents
    if notice is None or notice.status != NoticeStatus.SENDING or notice.send_at is None or notice.send_at > now:
        return False
    if desk.content.rhythm.in_quiet_hours(now):
        return False
    room = await many.room(session, rules)
    if not room:
        return False
    is_late = now - notice.send_at >= WAITS_FOR_TALK
    left = await notices.chats_without(session, notice.id, room, talking_too=is_late)
    chats = {chat.id: chat for chat in await conversations.all_locked(session, left)} if left else {}
    await _send(session, desk, notice, chats, now)
    if not left and not await notices.chats_without(session, notice.id, 1, talking_too=True):
        notice.status = NoticeStatus.SENT
        await _show(session, desk, notice)
    return bool(left)


async def _send(
    session: AsyncSession, desk: Desk, notice: Notice, chats: Mapping[int, Conversation], now: datetime
) -> None:
    if not chats:
        return
    customers = await by_id(session, {chat.customer_id for chat in chats.values()})
    turns = await many.turns(session, desk.content.incidents, chats.values())
    sayings: list[tuple[NoticeRecipient, Saying]] = []
    for one in await notices.locked_without(session, notice.id, chats):
        chat = chats[one.conversation_id]
        customer = customers[chat.customer_id]
        one.skipped = _why_not(customer, chat)
        if one.skipped is None:
            texts = desk.catalogue[customer.language or desk.default_language]
            reply = Reply(notice.text[texts.language], (button(texts("button.notices_off"), "notices_off"),))
            sayings.append((one, Saying(chat, reply, f"notice:{notice.id}:{chat.id}", turns[chat.id])))
    messages = await say_to_many(session, [saying for _, saying in sayings], now)
    for (one, _), message in zip(sayings, messages, strict=True):
        one.message_id = message.id
    await session.flush()


def _why_not(customer: Customer, chat: Conversation) -> str | None:
    if customer.notices_refused_at is not None:
        return REFUSED
    if chat.blocked_at is not None:
        return BLOCKED
    return TALKING if chat.owner == Owner.AGENT else None


async def redraw(session: AsyncSession, desk: Desk, notice_id: int) -> bool:
    """Its card shows how far it has gone; False: it does already."""
    notice = await session.get(Notice, notice_id)
    if notice is None or desk.desk_channel is None:
        return False
    progress = str(await notices.progress(session, notice.id))
    if progress == notice.progress or await board_posts.is_waiting(session, Subject.NOTICE, notice.id):
        return False
    notice.progress = progress
    await board_posts.append(session, Subject.NOTICE, notice.id)
    return True


def refuse(turn: Turn) -> Reply:
    """None of these any more; about their cases they still hear."""
    turn.customer.notices_refused_at = turn.customer.notices_refused_at or turn.now
    return Reply(turn.texts("notices.off"), (button(turn.texts("button.notices_on"), "notices_on"),))


def want(turn: Turn) -> Reply:
    turn.customer.notices_refused_at = None
    return Reply(turn.texts("notices.on"), (button(turn.texts("button.notices_off"), "notices_off"),))


async def _in_state(session: AsyncSession, notice_id: int, *states: NoticeStatus) -> Notice:
    notice = await notices.locked(session, notice_id)
    if notice is None or notice.status not in states:
        raise NoticeNotFound(str(notice_id))
    return notice


async def _show(session: AsyncSession, desk: Desk, notice: Notice) -> None:
    if desk.desk_channel is not None:
        await board_posts.append(session, Subject.NOTICE, notice.id)


def _refuse_others(by: Agent) -> None:
    if by.role != Role.ADMIN:
        raise AdminsOnly(by.name)
