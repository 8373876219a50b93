"""Two tickets that are one case (R56): merged, so that replies reach both chats, or told apart for good.

The tickets may be two customers': then each goes on seeing their own number and their own words, and only what agents
and the bot say in the case reaches both.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import likeness, tickets
from handlers.errors import SupportError
from storage import ticket_links
from storage.conversations import Conversation, Owner
from storage.ticket_links import LinkKind
from storage.tickets import Status, Ticket, tickets_of

DUPLICATE = "duplicate"


class CannotMerge(SupportError):
    """One of the two is the other, is merged already, or is settled; the text says which."""


async def look(session: AsyncSession, ticket: Ticket, now: datetime) -> list[Ticket]:
    """Other open tickets that may be the same case, newest first."""
    return [one.ticket for one in await likeness.alike(session, ticket, now)]


async def conversations_of(session: AsyncSession, ticket: Ticket) -> list[Conversation]:
    """The chats a ticket is worked in: its own and those of the tickets merged into it, locked in one order."""
    return await ticket_links.chats_of(session, ticket.id)


async def own_number(session: AsyncSession, ticket: Ticket, conversation: Conversation) -> int:
    """The number under which the customer of this chat knows the case: another customer's is none of theirs."""
    if ticket.customer_id == conversation.customer_id:
        return ticket.number
    theirs = [one for one in await ticket_links.merged_into(session, ticket.id)
              if one.customer_id == conversation.customer_id]  # fmt: skip
    here = [one for one in theirs if one.conversation_id == conversation.id]
    return next((one.number for one in (*here, *theirs)), ticket.number)


async def merge(session: AsyncSession, ticket: Ticket, into: Ticket, actor: str, now: datetime) -> None:
    """The two go on as `into`, with whoever has it in hand; where nobody has, with who has `ticket`.

    Raises `CannotMerge`.
    """
    chats = {chat.id: chat for chat in await ticket_links.chats_of(session, ticket.id, into.id)}
    await session.refresh(ticket)
    await session.refresh(into)
    _check(ticket, into)
    main = chats[into.conversation_id]
    for one in (ticket, *await ticket_links.merged_into(session, ticket.id)):
        one.merged_into = into.id
        _join(chats[one.conversation_id], main, ticket, into)
    await _hand_on(session, ticket, into, main, actor, now)
    ticket.cause = DUPLICATE
    await tickets.set_status(session, ticket, Status.CLOSED, actor, now, cause=DUPLICATE)
    await tickets.log_event(session, ticket, "merged", actor, now, into=into.number)
    await tickets.log_event(session, into, "merged", actor, now, other=ticket.number)


def _check(ticket: Ticket, into: Ticket) -> None:
    if ticket.id == into.id:
        raise CannotMerge(f"#{ticket.number} is the same ticket")
    for one in (ticket, into):
        if one.merged_into is not None:
            raise CannotMerge(f"#{one.number} is merged already")
        if not one.is_open:
            raise CannotMerge(f"#{one.number} is {one.status}")


def _join(chat: Conversation, main: Conversation, ticket: Ticket, into: Ticket) -> None:
    """The chat goes on about `into`. One that is about another case by now stays with that, and one that nobody but
    the bot has stays with the bot until an agent speaks."""
    is_with_people = chat.ticket_id == ticket.id
    if chat is not main and main.ticket_id == into.id:
        if is_with_people and chat.owner == Owner.AGENT and main.owner == Owner.QUEUE:
            main.owner, main.agent = chat.owner, chat.agent
        if is_with_people or (chat.ticket_id is None and main.owner == Owner.AGENT):
            chat.owner, chat.agent, chat.ticket_id, chat.awaiting = main.owner, main.agent, into.id, None
    elif is_with_people:
        chat.ticket_id = into.id


async def _hand_on(
    session: AsyncSession, ticket: Ticket, into: Ticket, main: Conversation, actor: str, now: datetime
) -> None:
    """What `ticket` had and `into` has not: somebody who works on it, a call for people, an earlier promise."""
    has_agent = main.ticket_id == into.id and main.owner == Owner.AGENT
    into.assignee = (main.agent if has_agent else None) or into.assignee or ticket.assignee
    if has_agent:
        into.ladder_at = None
        if into.status == Status.NEW:
            await tickets.set_status(session, into, Status.OPEN, actor, now)
    elif into.ladder_at is None:
        into.ladder_step, into.ladder_at = ticket.ladder_step, ticket.ladder_at
    promised = [at for at in (ticket.next_word_at, into.next_word_at) if at is not None]
    into.next_word_at = min(promised, default=None)


async def unlike(session: AsyncSession, ticket: Ticket, other: Ticket, actor: str, now: datetime) -> None:
    """They are two cases, and it is not offered again."""
    await ticket_links.link(session, ticket.id, other.id, LinkKind.NO_DUPLICATE)
    await tickets.log_event(session, ticket, "no_duplicate", actor, now, other=other.number)


async def part(session: AsyncSession, one_id: int, other_id: int, now: datetime) -> None:
    """These customers were one and are two now: what is said to the one must not reach the other any more. The merged
    ticket stays closed, until its customer says that there is something left to do."""
    whose = {one.id: one for customer_id in (one_id, other_id) for one in await tickets_of(session, customer_id)}
    for one in whose.values():
        into = whose.get(one.merged_into) if one.merged_into is not None else None
        if into is not None and into.customer_id != one.customer_id:
            await leave(session, one, tickets.BOT, now)


async def leave(session: AsyncSession, ticket: Ticket, actor: str, now: datetime) -> None:
    """What is said in the other case does not reach this one's chat any more."""
    ticket.merged_into = None
    await tickets.log_event(session, ticket, "parted", actor, now)


async def seen_as(session: AsyncSession, mine: list[Ticket]) -> list[tuple[Ticket, Ticket]]:
    """A customer's tickets, each with the one whose state it shares: itself, or what it was merged into. One merged
    into another of theirs is left out."""
    numbers = {one.id for one in mine}
    shown = [one for one in mine if one.merged_into not in numbers]
    return [(one, await state_of(session, one)) for one in shown]


async def state_of(session: AsyncSession, ticket: Ticket) -> Ticket:
    """The ticket, or what it goes on as."""
    return ticket if ticket.merged_into is None else await session.get_one(Ticket, ticket.merged_into)
