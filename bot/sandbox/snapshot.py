"""All that an open demo page shows, read in one look at the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from storage import chats
from storage.chats import Case, Chat
from storage.conversations import Conversation, Message
from storage.inbound import InboundEvent
from storage.tickets import TicketEvent, events_of

CHANNEL = "local"


@dataclass(frozen=True)
class Snapshot:
    """`events` by ticket number, of the cards that are unfolded."""

    chats: list[Chat]
    conversation: Conversation | None
    lines: list[Message]
    unworked: list[InboundEvent]
    sending: bool
    cases: list[Case]
    events: Mapping[int, list[TicketEvent]]


async def look(session: AsyncSession, chat_id: str, unfolded: Iterable[int]) -> Snapshot:
    """`chat_id` is the chosen chat, `unfolded` the tickets whose history is open."""
    conversation = await chats.conversation_on(session, CHANNEL, chat_id)
    cases = await chats.latest_cases(session)
    tickets = {case.ticket.number: case.ticket.id for case in cases}
    return Snapshot(
        chats=await chats.chats_on(session, CHANNEL),
        conversation=conversation,
        lines=await chats.lines_of(session, conversation.id) if conversation else [],
        unworked=await chats.unworked_in(session, CHANNEL, chat_id),
        sending=conversation is not None and await chats.is_sending(session, conversation.id),
        cases=cases,
        events={number: await events_of(session, tickets[number]) for number in unfolded if number in tickets},
    )
