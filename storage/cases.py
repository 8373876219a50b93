"""All that stands on record about one ticket, read at once for the agents' card."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import agents, promises, scheduled_messages, ticket_links
from storage.agents import Agent
from storage.conversations import Author, Conversation, Message
from storage.customers import Customer
from storage.promises import Promise, PromiseStatus
from storage.scheduled_messages import ScheduledMessage
from storage.ticket_links import LinkKind
from storage.tickets import Ticket, TicketEvent, events_of, tickets_of

OTHERS_SHOWN = 5
ANSWERS_SHOWN = 5
TALK_SHOWN = 60


@dataclass(frozen=True)
class CaseFile:
    """`conversation` is the chat it was opened in, `agent` who it is assigned to, `others` the customer's other
    tickets, newest first; `answers` names the answers the bot gave here before a person came."""

    ticket: Ticket
    customer: Customer
    conversation: Conversation
    agent: Agent | None
    others: tuple[Ticket, ...]
    answers: tuple[str, ...]
    merged: tuple[Ticket, ...]
    merged_into: Ticket | None
    related: tuple[Ticket, ...]
    perhaps_same: tuple[Ticket, ...]
    followers: tuple[Agent, ...]
    events: tuple[TicketEvent, ...]
    promised: tuple[Promise, ...]
    scheduled: tuple[ScheduledMessage, ...]


async def case_of(session: AsyncSession, ticket: Ticket) -> CaseFile:
    others = [one for one in await tickets_of(session, ticket.customer_id) if one.id != ticket.id]
    followers = await ticket_links.follower_ids(session, ticket.id)
    known = await agents.agents(session) if followers else []
    return CaseFile(
        ticket=ticket,
        customer=await session.get_one(Customer, ticket.customer_id),
        conversation=await session.get_one(Conversation, ticket.conversation_id),
        agent=await agents.agent_named(session, ticket.assignee) if ticket.assignee else None,
        others=tuple(others[:OTHERS_SHOWN]),
        answers=await _answers(session, ticket.conversation_id),
        merged=tuple(await ticket_links.merged_into(session, ticket.id)),
        merged_into=await session.get(Ticket, ticket.merged_into) if ticket.merged_into else None,
        related=tuple(await ticket_links.linked_to(session, ticket.id, LinkKind.RELATED)),
        perhaps_same=tuple(await ticket_links.linked_to(session, ticket.id, LinkKind.DUPLICATE_OFFERED)),
        followers=tuple(agent for agent in known if agent.id in followers),
        events=tuple(await events_of(session, ticket.id)),
        promised=tuple(await promises.of_ticket(session, ticket.id, PromiseStatus.OPEN)),
        scheduled=tuple(await scheduled_messages.waiting_for(session, ticket.id)),
    )


async def _answers(session: AsyncSession, conversation_id: int) -> tuple[str, ...]:
    """The answers given in this chat, latest first, each once."""
    look = (
        select(Message.answer)
        .where(Message.conversation_id == conversation_id, Message.author == Author.BOT, Message.answer.is_not(None))
        .order_by(Message.id.desc())
        .limit(3 * ANSWERS_SHOWN)
    )
    given = dict.fromkeys(answer for answer in (await session.scalars(look)).all() if answer)
    return tuple(given)[:ANSWERS_SHOWN]


async def talk_of(session: AsyncSession, conversation_id: int, limit: int = TALK_SHOWN) -> list[Message]:
    """The newest `limit` messages of a chat, oldest first."""
    look = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.id.desc()).limit(limit)
    return list(reversed((await session.scalars(look)).all()))


async def said_in(session: AsyncSession, conversation_id: int, correlation_id: str) -> list[Message]:
    """What a customer said in one turn."""
    look = (
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.correlation_id == correlation_id,
            Message.author == Author.CUSTOMER,
        )
        .order_by(Message.id)
    )
    return list((await session.scalars(look)).all())
