"""The one way words reach a customer, are changed and taken back: a message on record and its outbox rows, in the
caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import desk_feed
from handlers.messages import Reply
from storage import outbox
from storage.conversations import Author, Conversation, Message, locked
from storage.outbox import Delivery, OutboxMessage, OutKind


@dataclass(frozen=True)
class Why:
    """How an automatic answer came about, so that any past reply can be explained."""

    intent: str | None = None
    confidence: float | None = None
    model: str | None = None


NO_READING = Why()


async def say(
    session: AsyncSession,
    conversation: Conversation,
    reply: Reply,
    *,
    author: Author,
    correlation_id: str,
    dedupe: str,
    now: datetime,
    agent: str | None = None,
    why: Why = NO_READING,
    held_until: datetime | None = None,
) -> Message:
    """Says `reply` once: the same `dedupe` a second time is refused by the database. `held_until`: not earlier, so that
    its author can still take it back; what is said after it in this chat waits behind it."""
    payload = reply.to_payload()
    message = Message(
        conversation_id=conversation.id,
        ticket_id=conversation.ticket_id,
        author=author,
        agent=agent,
        text=reply.text,
        buttons=payload["buttons"] or None,
        correlation_id=correlation_id,
        intent=why.intent,
        confidence=why.confidence,
        model=why.model,
        answer=reply.answer,
        answer_version=reply.answer_version,
        created_at=now,
    )
    session.add(message)
    await session.flush()
    row = _row(conversation, message, OutKind.SAY, reply, dedupe, now)
    row.held_until = held_until
    await outbox.enqueue(session, row)
    return message


@dataclass(frozen=True)
class Saying:
    """What one of many chats is told, as the system's words. `key`: once under it. `wait`: it may leave so much later,
    unless something else is said there."""

    conversation: Conversation
    reply: Reply
    key: str
    wait: timedelta


async def say_to_many(session: AsyncSession, sayings: Sequence[Saying], now: datetime) -> list[Message]:
    """One to each chat, which are locked by the caller; everything else that is said leaves before them."""
    messages = [
        Message(
            conversation_id=one.conversation.id,
            author=Author.SYSTEM,
            text=one.reply.text,
            buttons=one.reply.to_payload()["buttons"] or None,
            correlation_id=one.key,
            created_at=now,
        )
        for one in sayings
    ]
    session.add_all(messages)
    await session.flush()
    rows = {}
    for one, message in zip(sayings, messages, strict=True):
        row = _row(one.conversation, message, OutKind.SAY, one.reply, one.key, now)
        row.bulk = True
        rows[f"{row.channel}:{row.chat_id}"] = (row, one.wait)
    if rows:
        await outbox.enqueue_all(session, rows)
    return messages


async def say_again(
    session: AsyncSession, message: Message, reply: Reply, *, dedupe: str, now: datetime, bulk: timedelta | None = None
) -> bool:
    """The message reads like `reply` from now on; the text before is kept with it. Files that went with it stay.

    True: nothing of it had left yet, so the customer only sees the new words. What was deleted stays so (False).
    """
    conversation = await locked(session, message.conversation_id)
    await session.refresh(message)
    if message.deleted_at is not None:
        return False
    payload = reply.to_payload()
    message.versions = [*(message.versions or []), {"text": message.text, "at": now.isoformat()}]
    message.text, message.buttons, message.edited_at = reply.text, payload["buttons"] or None, now
    if await outbox.reword_waiting(session, message.id, payload):
        return True
    row = _row(conversation, message, OutKind.EDIT, replace(reply, files=()), dedupe, now)
    row.bulk = bulk is not None
    await outbox.enqueue(session, row, bulk or timedelta())
    return False


async def unsay(session: AsyncSession, message: Message, *, dedupe: str, now: datetime) -> bool:
    """Takes the message back, or away from the customer's screen; no text of it stays on record.

    True: nothing of it had left, the customer never sees it. A second time changes nothing (False).
    """
    conversation = await locked(session, message.conversation_id)
    await session.refresh(message)
    if message.deleted_at is not None:
        return False
    message.text, message.buttons, message.attachments, message.versions = "", None, None, None
    message.deleted_at = now
    is_withdrawn = await outbox.withdraw(session, message.id)
    if is_withdrawn:
        await outbox.forget_words(session, message.id)
    else:
        deletion = _row(conversation, message, OutKind.DELETE, Reply(""), dedupe, now)
        await outbox.enqueue(session, deletion)
    if message.author == Author.AGENT:
        await desk_feed.fate(session, message.id)
    return is_withdrawn


def _row(
    conversation: Conversation,
    message: Message,
    kind: OutKind,
    reply: Reply,
    dedupe: str,
    now: datetime,
) -> OutboxMessage:
    return OutboxMessage(
        dedupe=dedupe,
        correlation_id=message.correlation_id,
        channel=conversation.channel,
        chat_id=conversation.chat_id,
        conversation_id=conversation.id,
        message_id=message.id,
        author=message.author,
        kind=kind,
        payload=reply.to_payload(),
        thread=conversation.thread,
        status=Delivery.WAITING,
        created_at=now,
    )
