"""Conversations and their messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, Text, UniqueConstraint, and_, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage import lanes
from storage.customers import ChannelIdentity
from storage.database import Base, insert_into

TURNS_REMEMBERED = 50


class Owner(StrEnum):
    """Who answers: the bot, a person to be found (the queue), or an agent."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"


class Author(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Conversation(Base):
    """One chat. `awaiting` is what the bot's last words asked for (a `handlers.awaiting` value), `owner` who answers.

    `setting` says who reads along (a `handlers.messages.Setting`); `thread` is where in the chat we answer;
    `identity_id`: the identity that began it;
    `blocked_at`: since when the customer lets nothing of ours through. `misunderstandings` counts failures in a row;
    `agent` names the owner while an agent has it; `ticket_id` is the case that an agent or the queue works on here.
    """

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("channel", "chat_id", name="uq_conversation"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    identity_id: Mapped[int | None]  # no foreign key: SQLite would have to rebuild a table that others point at
    channel: Mapped[str]
    chat_id: Mapped[str]
    owner: Mapped[str] = mapped_column(default=Owner.BOT)
    agent: Mapped[str | None]
    ticket_id: Mapped[int | None]  # no foreign key: ticket.conversation_id points the other way
    awaiting: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    misunderstandings: Mapped[int] = mapped_column(Integer, default=0)
    queue_told_at: Mapped[datetime | None]
    flood_told_at: Mapped[datetime | None]
    setting: Mapped[str] = mapped_column(default="private")
    thread: Mapped[str | None]
    blocked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Message(Base):
    """Something said, by whom, and for an automatic answer why: intent, confidence, model, answer and its version.

    `external_id` is the provider's id of it, `said_by` the name of somebody who joined another's conversation.
    `versions` are the texts before edits, oldest first: `{"text", "at"}`. Deleted by its author, it keeps no text.
    `reactions`: the emoji of each sender.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_conversation", "conversation_id", "created_at"),
        Index("ix_message_created", "created_at", "intent"),
        UniqueConstraint("conversation_id", "external_id", name="uq_message_external"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    author: Mapped[str]
    agent: Mapped[str | None]
    text: Mapped[str] = mapped_column(Text)
    buttons: Mapped[list[dict[str, str]] | None] = mapped_column(JSON(none_as_null=True))
    correlation_id: Mapped[str]
    language: Mapped[str | None]
    intent: Mapped[str | None]
    confidence: Mapped[float | None]
    model: Mapped[str | None]
    answer: Mapped[str | None]
    answer_version: Mapped[str | None]
    external_id: Mapped[str | None]
    said_by: Mapped[str | None]
    attachments: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    versions: Mapped[list[dict[str, str]] | None] = mapped_column(JSON(none_as_null=True))
    reactions: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


async def conversation_in(
    session: AsyncSession, channel: str, chat_id: str, identity: ChannelIdentity, setting: str, now: datetime
) -> Conversation:
    """The chat's conversation, locked for this transaction; made at first sight."""
    look = (
        select(Conversation)
        .where(Conversation.channel == channel, Conversation.chat_id == chat_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = (await session.scalars(look)).one_or_none()
    if found is not None:
        if found.identity_id is None and found.customer_id == identity.customer_id:
            found.identity_id = identity.id  # begun by a version that did not keep it
        return found
    values = {
        "customer_id": identity.customer_id,
        "identity_id": identity.id,
        "channel": channel,
        "chat_id": chat_id,
        "owner": Owner.BOT,
        "misunderstandings": 0,
        "setting": setting,
        "created_at": now,
    }
    await session.execute(insert_into(session, Conversation).values(values).on_conflict_do_nothing())
    return (await session.scalars(look)).one()


async def locked(session: AsyncSession, conversation_id: int) -> Conversation:
    """The conversation as it is now, kept from changing until the transaction ends."""
    look = (
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(look)).one()


async def all_locked(session: AsyncSession, conversation_ids: Iterable[int]) -> list[Conversation]:
    """As `locked`, several, in the one order that everybody takes them in."""
    look = (
        select(Conversation)
        .where(Conversation.id.in_(tuple(conversation_ids)))
        .order_by(Conversation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(look)).all())


async def asked_for(session: AsyncSession, since: datetime, until: datetime, least: float) -> dict[str, int]:
    """In how many chats each intent was read with at least that confidence, from `since` until before `until`."""
    look = (
        select(Message.intent, func.count(func.distinct(Message.conversation_id)))
        .where(
            Message.created_at >= since,
            Message.created_at < until,
            Message.author == Author.CUSTOMER,
            Message.intent.is_not(None),
            Message.confidence >= least,
        )
        .group_by(Message.intent)
    )
    return {intent: count for intent, count in (await session.execute(look)).all() if intent is not None}


async def asked_by_hour(session: AsyncSession, intents: Iterable[str], hours: Sequence[datetime]) -> list[int]:
    """How many messages of customers were read as one of these intents in each hour that begins so."""
    counts = [
        func.sum(case((and_(Message.created_at >= hour, Message.created_at < hour + timedelta(hours=1)), 1), else_=0))
        for hour in hours
    ]
    look = select(*counts).where(
        Message.created_at >= min(hours), Message.author == Author.CUSTOMER, Message.intent.in_(tuple(intents))
    )
    return [int(count or 0) for count in (await session.execute(look)).one()]


async def first_said_at(session: AsyncSession) -> datetime | None:
    """Since when anything is on record."""
    look = select(Message.created_at).order_by(Message.created_at).limit(1)
    return (await session.scalars(look)).one_or_none()


async def conversations_of(session: AsyncSession, *customer_ids: int) -> list[Conversation]:
    """All conversations of these customers, oldest first, locked as by `locked`."""
    look = (
        select(Conversation)
        .where(Conversation.customer_id.in_(customer_ids))
        .order_by(Conversation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(look)).all())


@dataclass(frozen=True)
class ChatState:
    """How a chat stands before its next message is read; `owner` is None before its first."""

    owner: str | None
    recent_messages: int


async def chat_state(session: AsyncSession, channel: str, chat_id: str, since: datetime) -> ChatState:
    recent = (
        select(func.count())
        .where(
            Message.conversation_id == Conversation.id, Message.author == Author.CUSTOMER, Message.created_at > since
        )
        .scalar_subquery()
    )
    look = select(Conversation.owner, recent).where(Conversation.channel == channel, Conversation.chat_id == chat_id)
    row = (await session.execute(look)).one_or_none()
    return ChatState(None, 0) if row is None else ChatState(row[0], row[1])


async def move_chats(session: AsyncSession, channel: str, old: str, new: str) -> list[tuple[int, int]]:
    """The provider renamed a chat: its conversation and those of its threads (`old:thread`) go by the new id.

    Returns the pairs (old, new) of conversations where the new id has one already: what waits in the old is its now.
    """
    moved: list[tuple[int, int]] = []
    look = select(Conversation).where(
        Conversation.channel == channel,
        (Conversation.chat_id == old) | Conversation.chat_id.startswith(f"{old}:", autoescape=True),
    )
    for conversation in (await session.scalars(look)).all():
        chat_id = conversation.chat_id
        renamed = new + chat_id[len(old) :]
        there = select(Conversation.id).where(Conversation.channel == channel, Conversation.chat_id == renamed)
        known = (await session.scalars(there)).one_or_none()
        if known is None:
            conversation.chat_id = renamed
        else:
            moved.append((conversation.id, known))
        await lanes.rename(session, f"{channel}:{chat_id}", f"{channel}:{renamed}")
    return moved


async def said_before(session: AsyncSession, conversation_id: int, external_ids: Iterable[str]) -> set[str]:
    """Those of the provider's ids that are on record in this conversation."""
    look = select(Message.external_id).where(
        Message.conversation_id == conversation_id, Message.external_id.in_(tuple(external_ids))
    )
    return {found for found in (await session.scalars(look)).all() if found is not None}


async def give_to_ticket(session: AsyncSession, conversation_id: int, correlation_id: str, ticket_id: int) -> None:
    """What was said in this turn is about the ticket that it has opened."""
    await session.flush()
    await session.execute(
        update(Message)
        .where(Message.conversation_id == conversation_id, Message.correlation_id == correlation_id)
        .where(Message.author == Author.CUSTOMER, Message.ticket_id.is_(None))
        .values(ticket_id=ticket_id)
    )


async def message_known_as(session: AsyncSession, conversation_id: int, external_id: str) -> Message | None:
    look = select(Message).where(Message.conversation_id == conversation_id, Message.external_id == external_id)
    return (await session.scalars(look)).one_or_none()


async def last_of(session: AsyncSession, conversation_id: int, *authors: Author) -> Message | None:
    """The newest message by one of these."""
    look = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.author.in_(authors))
        .order_by(Message.id.desc())
        .limit(1)
    )
    return (await session.scalars(look)).one_or_none()


async def customers_words(session: AsyncSession, conversation_id: int, since: datetime) -> dict[str, str]:
    """What the customer wrote in each turn after `since`, by its correlation id, oldest first."""
    look = (
        select(Message.correlation_id, Message.text)
        .where(
            Message.conversation_id == conversation_id,
            Message.author == Author.CUSTOMER,
            Message.said_by.is_(None),
            Message.created_at >= since,
        )
        .order_by(Message.id.desc())
        .limit(TURNS_REMEMBERED)
    )
    turns: dict[str, str] = {}
    for correlation_id, text in reversed((await session.execute(look)).all()):
        turns[correlation_id] = f"{turns[correlation_id]}\n{text}" if correlation_id in turns else text
    return turns


async def reword(
    session: AsyncSession, conversation_id: int, since: datetime, change: Callable[[str], str], correlation_id: str = ""
) -> list[int]:
    """Changes the texts of what was said here after `since` (where given, in one turn only); the ids of those that
    are different now."""
    look = select(Message).where(Message.conversation_id == conversation_id, Message.created_at >= since)
    if correlation_id:
        look = look.where(Message.correlation_id == correlation_id)
    changed: list[int] = []
    for message in (await session.scalars(look.order_by(Message.id))).all():
        text = change(message.text)
        if text != message.text:
            message.text = text
            changed.append(message.id)
    return changed
