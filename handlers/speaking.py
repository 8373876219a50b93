"""The one way words reach a customer: a message on record and its outbox row, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.messages import Reply
from storage import outbox
from storage.conversations import Author, Conversation, Message
from storage.outbox import Delivery, OutboxMessage


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
) -> Message:
    """Says `reply` once: the same `dedupe` a second time raises `DuplicateMessage`."""
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
    row = OutboxMessage(
        dedupe=dedupe,
        correlation_id=correlation_id,
        channel=conversation.channel,
        chat_id=conversation.chat_id,
        conversation_id=conversation.id,
        message_id=message.id,
        author=author,
        payload=payload,
        thread=conversation.thread,
        status=Delivery.WAITING,
        created_at=now,
    )
    await outbox.enqueue(session, row)
    return message
