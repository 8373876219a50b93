"""Cases as a page shows them: read in one query, nothing is changed here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.conversations import Conversation
from storage.customers import Customer
from storage.tickets import Ticket


@dataclass(frozen=True)
class Case:
    """A ticket with whose it is and who answers in its chat."""

    ticket: Ticket
    conversation: Conversation
    customer: Customer


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
