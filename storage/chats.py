"""Chats and cases as a page shows them: read in few queries, nothing is changed here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.conversations import Author, Conversation, Message
from storage.customers import Customer
from storage.inbound import InboundEvent, Outcome
from storage.lanes import Lane, Queue
from storage.outbox import Delivery, OutboxMessage
from storage.tickets import Ticket


@dataclass(frozen=True)
class Chat:
    """One chat with its last line; `said` counts our messages that have reached the customer."""

    conversation: Conversation
    customer: Customer
    last: Message
    said: int


@dataclass(frozen=True)
class Case:
    """A ticket with whose it is and who answers in its chat."""

    ticket: Ticket
    conversation: Conversation
    customer: Customer


def _delivery_of_message() -> ColumnElement[bool]:
    return and_(
        OutboxMessage.conversation_id == Message.conversation_id,  # the indexed column
        OutboxMessage.message_id == Message.id,
    )


def _was_seen() -> ColumnElement[bool]:
    """The customer's own words, and those of ours that were sent: what is withheld or on its way was never seen."""
    return or_(Message.author == Author.CUSTOMER, OutboxMessage.status == Delivery.SENT)


async def chats_on(session: AsyncSession, channel: str, limit: int = 50) -> list[Chat]:
    """The newest `limit` chats of a channel, oldest first."""
    latest = (
        select(
            Message.conversation_id,
            func.max(Message.id).label("last_id"),
            func.count().filter(Message.author != Author.CUSTOMER).label("said"),
        )
        .outerjoin(OutboxMessage, _delivery_of_message())
        .where(_was_seen())
        .group_by(Message.conversation_id)
        .subquery()
    )
    look = (
        select(Conversation, Customer, Message, latest.c.said)
        .join(Customer, Customer.id == Conversation.customer_id)
        .join(latest, latest.c.conversation_id == Conversation.id)
        .join(Message, Message.id == latest.c.last_id)
        .where(Conversation.channel == channel)
        .order_by(Conversation.id.desc())
        .limit(limit)
    )
    rows = (await session.execute(look)).all()
    return [Chat(row[0], row[1], row[2], row[3]) for row in reversed(rows)]


async def conversation_on(session: AsyncSession, channel: str, chat_id: str) -> Conversation | None:
    """The chat's conversation; None before its first turn."""
    look = select(Conversation).where(Conversation.channel == channel, Conversation.chat_id == chat_id)
    return (await session.scalars(look)).one_or_none()


async def lines_of(session: AsyncSession, conversation_id: int, limit: int = 200) -> list[Message]:
    """The last `limit` messages as the customer has seen them, oldest first."""
    look = (
        select(Message)
        .outerjoin(OutboxMessage, _delivery_of_message())
        .where(Message.conversation_id == conversation_id, _was_seen())
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return list(reversed((await session.scalars(look)).all()))


async def unworked_in(session: AsyncSession, channel: str, chat_id: str) -> list[InboundEvent]:
    """What the customer has sent and no turn has dealt with yet, in order."""
    look = (
        select(InboundEvent)
        .join(Lane, Lane.id == InboundEvent.lane_id)
        .where(Lane.queue == Queue.IN, Lane.key == f"{channel}:{chat_id}", InboundEvent.outcome == Outcome.WAITING)
        .order_by(InboundEvent.seq)
    )
    return list((await session.scalars(look)).all())


async def is_sending(session: AsyncSession, conversation_id: int) -> bool:
    """Whether words of ours are on their way to this chat."""
    look = (
        select(OutboxMessage.seq)
        .where(
            OutboxMessage.conversation_id == conversation_id,
            OutboxMessage.status.in_((Delivery.WAITING, Delivery.SENDING)),
        )
        .limit(1)
    )
    return (await session.scalars(look)).one_or_none() is not None


async def latest_cases(session: AsyncSession, limit: int = 50) -> list[Case]:
    """The newest `limit` tickets, newest first."""
    look = (
        select(Ticket, Conversation, Customer)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .join(Customer, Customer.id == Ticket.customer_id)
        .order_by(Ticket.number.desc())
        .limit(limit)
    )
    return [Case(row[0], row[1], row[2]) for row in (await session.execute(look)).all()]
