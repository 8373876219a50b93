"""Whether and where a customer can be reached: blocked, back again, moved to another chat id."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import tickets
from storage import conversations, outbox
from storage.conversations import Conversation
from storage.tickets import Ticket


async def lost(session: AsyncSession, conversation: Conversation, now: datetime) -> None:
    """The customer lets nothing of ours through any more: nothing is sent, and their case says so."""
    if conversation.blocked_at is None:
        conversation.blocked_at = now
        await _tell_case(session, conversation, "unreachable", now)


async def found(session: AsyncSession, conversation: Conversation, now: datetime) -> None:
    """They can be reached again."""
    if conversation.blocked_at is not None:
        conversation.blocked_at = None
        await _tell_case(session, conversation, "reachable", now)


async def moved(session: AsyncSession, channel: str, old_chat_id: str, new_chat_id: str) -> None:
    """From now on the chat has another id; what waits for it goes there, in the same order."""
    for old, new in await conversations.move_chats(session, channel, old_chat_id, new_chat_id):
        await outbox.readdress(session, old, new)


async def _tell_case(session: AsyncSession, conversation: Conversation, kind: str, now: datetime) -> None:
    ticket = await session.get(Ticket, conversation.ticket_id) if conversation.ticket_id else None
    if ticket is None:
        mine = await tickets.own_tickets(session, conversation.customer_id)
        here = (one for one in mine if one.is_open and one.conversation_id == conversation.id)
        ticket = next(here, None)
    if ticket is not None:
        await tickets.log_event(session, ticket, kind, tickets.CUSTOMER, now)
