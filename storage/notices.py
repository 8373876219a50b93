"""Notices to a segment of customers: prepared, previewed, sent to each once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.conversations import Author, Conversation, Message, Owner
from storage.customers import Customer
from storage.database import Base, insert_into
from storage.outbox import Delivery, OutboxMessage
from storage.tickets import OPEN_STATUSES, Ticket

AT_ONCE = 500


class NoticeStatus(StrEnum):
    DRAFT = "draft"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"


class Notice(Base):
    """`text` by language; `segment`: what its customers have in common. Until it is sent it is a draft.
    `channel`, `ts`: its card in Slack; `progress`: as the card shows it."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default=NoticeStatus.DRAFT)
    text: Mapped[dict[str, str]] = mapped_column(JSON)
    segment: Mapped[dict[str, Any]] = mapped_column(JSON)
    by: Mapped[str]
    created_at: Mapped[datetime]
    send_at: Mapped[datetime | None]
    progress: Mapped[str | None]
    channel: Mapped[str | None]
    ts: Mapped[str | None]


class NoticeRecipient(Base):
    """`message_id`: what went to them; `skipped`: why nothing did (opted out, blocked)."""

    __tablename__ = "notice_recipient"
    __table_args__ = (
        UniqueConstraint("notice_id", "conversation_id", name="uq_notice_recipient"),
        Index("ix_notice_recipient_open", "notice_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    skipped: Mapped[str | None]


@dataclass(frozen=True)
class Reached:
    """A customer, and the private chat they wrote in last."""

    conversation_id: int
    customer_id: int
    name: str | None
    channel: str
    language: str | None


async def audience(
    session: AsyncSession,
    *,
    channels: Collection[str],
    languages: Collection[str],
    tiers: Collection[str],
    category: str,
    intent: str,
    since: datetime | None,
    default_language: str,
) -> list[Reached]:
    """Each customer that fits all that is named and wants such messages, once. `intent`: asked about after `since`."""
    wrote = select(Message.conversation_id, func.max(Message.id).label("last")).where(Message.author == Author.CUSTOMER)
    asked = wrote.where(Message.intent == intent) if intent else wrote
    if since is not None:
        asked = asked.where(Message.created_at >= since)
    last = asked.group_by(Message.conversation_id).subquery()
    look = (
        select(Conversation.id, Customer.id, Customer.name, Conversation.channel, Customer.language)
        .join(Customer, Customer.id == Conversation.customer_id)
        .join(last, last.c.conversation_id == Conversation.id)
        .where(
            Conversation.setting == "private",
            Conversation.blocked_at.is_(None),
            Customer.notices_refused_at.is_(None),
        )
        .order_by(last.c.last.desc())
    )
    if channels:
        look = look.where(Conversation.channel.in_(tuple(channels)))
    if languages:
        look = look.where(func.coalesce(Customer.language, default_language).in_(tuple(languages)))
    if tiers:
        look = look.where(Customer.tier.in_(tuple(tiers)))
    if category:
        theirs = select(Ticket.customer_id).where(Ticket.category == category, Ticket.status.in_(OPEN_STATUSES))
        look = look.where(Customer.id.in_(theirs))
    found: dict[int, Reached] = {}
    for row in (await session.execute(look)).all():
        found.setdefault(row[1], Reached(*row))
    return list(found.values())


async def add_recipients(session: AsyncSession, notice_id: int, conversation_ids: Iterable[int]) -> None:
    rows = [{"notice_id": notice_id, "conversation_id": one} for one in conversation_ids]
    for at in range(0, len(rows), AT_ONCE):
        await session.execute(
            insert_into(session, NoticeRecipient).values(rows[at : at + AT_ONCE]).on_conflict_do_nothing()
        )


async def locked(session: AsyncSession, notice_id: int) -> Notice | None:
    """As it is now, kept from changing until the transaction ends."""
    return await session.get(Notice, notice_id, with_for_update=True, populate_existing=True)


async def being_sent(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    look = (
        select(Notice.id)
        .where(Notice.status == NoticeStatus.SENDING, or_(Notice.send_at.is_(None), Notice.send_at <= now))
        .order_by(Notice.id)
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


async def on_show(session: AsyncSession, since: datetime, limit: int) -> list[int]:
    """Notices whose card may still change."""
    look = (
        select(Notice.id)
        .where(Notice.status != NoticeStatus.DRAFT, or_(Notice.status == NoticeStatus.SENDING, Notice.send_at >= since))
        .order_by(Notice.id)
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


async def chats_without(session: AsyncSession, notice_id: int, limit: int, *, talking_too: bool) -> list[int]:
    """Chats that it has not gone to. `talking_too`: also those in which an agent talks."""
    look = (
        select(NoticeRecipient.conversation_id)
        .join(Conversation, Conversation.id == NoticeRecipient.conversation_id)
        .where(NoticeRecipient.notice_id == notice_id, *_OPEN)
        .order_by(NoticeRecipient.id)
        .limit(limit)
    )
    if not talking_too:
        look = look.where(Conversation.owner != Owner.AGENT)
    return list((await session.scalars(look)).all())


async def locked_without(
    session: AsyncSession, notice_id: int, conversation_ids: Iterable[int]
) -> list[NoticeRecipient]:
    """Of these chats, whose conversations are locked, those that it still has not gone to."""
    look = (
        select(NoticeRecipient)
        .where(
            NoticeRecipient.notice_id == notice_id,
            NoticeRecipient.conversation_id.in_(tuple(conversation_ids)),
            *_OPEN,
        )
        .order_by(NoticeRecipient.conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(look)).all())


_OPEN = (NoticeRecipient.message_id.is_(None), NoticeRecipient.skipped.is_(None))


@dataclass(frozen=True)
class Progress:
    """How many it is for; how many of those had it put in line, have it, cannot be reached, or were left out."""

    all: int = 0
    told: int = 0
    sent: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        return f"{self.all}/{self.told}/{self.sent}/{self.failed}/{self.skipped}"


async def progress(session: AsyncSession, notice_id: int) -> Progress:
    look = (
        select(NoticeRecipient.skipped.is_not(None), OutboxMessage.status, func.count())
        .join(OutboxMessage, OutboxMessage.message_id == NoticeRecipient.message_id, isouter=True)
        .where(NoticeRecipient.notice_id == notice_id, OutboxMessage.resent_as.is_(None))
        .group_by(NoticeRecipient.skipped.is_not(None), OutboxMessage.status)
    )
    rows = (await session.execute(look)).all()
    by_status = {status: count for skipped, status, count in rows if not skipped and status is not None}
    told, sent = sum(by_status.values()), by_status.get(Delivery.SENT, 0)
    waiting = by_status.get(Delivery.WAITING, 0) + by_status.get(Delivery.SENDING, 0)
    return Progress(
        all=sum(row[2] for row in rows),
        told=told,
        sent=sent,
        failed=told - sent - waiting,
        skipped=sum(row[2] for row in rows if row[0]),
    )


async def examples(session: AsyncSession, notice_id: int, limit: int) -> list[Reached]:
    """Some of those it is for."""
    look = (
        select(Conversation.id, Customer.id, Customer.name, Conversation.channel, Customer.language)
        .join(Customer, Customer.id == Conversation.customer_id)
        .join(NoticeRecipient, NoticeRecipient.conversation_id == Conversation.id)
        .where(NoticeRecipient.notice_id == notice_id)
        .order_by(NoticeRecipient.id)
        .limit(limit)
    )
    return [Reached(*row) for row in (await session.execute(look)).all()]
