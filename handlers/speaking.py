"""The one way words reach a customer, are changed and taken back: a message on record and its outbox rows, in the
caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

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
    bulk: bool = False,
) -> Message:
    """Says `reply` once: the same `dedupe` a second time is refused by the database. `held_until`: not earlier, so that
    its author can still take it back; what is said after it in this chat waits behind it. `bulk`: many are told the
    same, which is to hold up nobody's answer."""
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
    row.held_until, row.bulk = held_until, bulk
    await outbox.enqueue(session, row)
    return message


async def say_again(
    session: AsyncSession, message: Message, reply: Reply, *, dedupe: str, now: datetime, bulk: bool = False
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
    row.bulk = bulk
    await outbox.enqueue(session, row)
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
