"""What the agents' desk is to be told, besides a ticket's events."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from storage import desk_posts
from storage.conversations import Message
from storage.desk_posts import PostKind
from storage.tickets import Ticket


async def fate(session: AsyncSession, message_id: int) -> None:
    """The fate of an agent's words has changed: their mark in the ticket's thread is to be drawn anew."""
    message = await session.get(Message, message_id)
    ticket = await session.get(Ticket, message.ticket_id) if message and message.ticket_id else None
    if ticket is not None and ticket.desk_channel is not None:
        await desk_posts.append(session, ticket.id, PostKind.MARK, {"message_id": message_id})
