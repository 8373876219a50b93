"""The matter is settled: the customer closes their own ticket."""

from __future__ import annotations

from handlers import duplicates, handoff, ticket_choice, tickets
from handlers.awaiting import button
from handlers.messages import Reply, Turn
from storage.inbound import Outcome
from storage.tickets import Ticket


async def resolve_ticket(turn: Turn) -> Reply:
    """The one they name, the one this chat is about, or the only open one; several → which one."""
    named = await ticket_choice.named(turn)
    if named is not None:
        return await resolve(turn, named)
    mine = await duplicates.seen_as(turn.session, await ticket_choice.mine(turn))
    here = turn.conversation.ticket_id
    if current := next((ticket for ticket, state in mine if state.is_open and state.id == here), None):
        return await resolve(turn, current)
    waiting = [ticket for ticket, state in mine if state.is_open]
    if len(waiting) == 1:
        return await resolve(turn, waiting[0])
    if waiting:
        return ticket_choice.ask(turn, "resolve", waiting)
    return Reply(turn.texts("talk.settled"))


async def resolve(turn: Turn, ticket: Ticket) -> Reply:
    """Of a case merged with another customer's only their own part is settled."""
    case = await duplicates.state_of(turn.session, ticket)
    chats = [turn.conversation]
    if case.customer_id != ticket.customer_id:
        await duplicates.leave(turn.session, ticket, tickets.CUSTOMER, turn.now)
    elif case.is_open:
        await tickets.resolve(turn.session, case, tickets.CUSTOMER, turn.now)
        chats = await duplicates.conversations_of(turn.session, case)
    for chat in (*chats, turn.conversation):
        if chat.ticket_id == case.id and chat.customer_id == ticket.customer_id:
            handoff.release(chat)
    text = turn.texts("ticket.resolved_by_customer", number=ticket.number)
    return Reply(text, (button(turn.texts("button.problem_back"), "do", "reopen_ticket"),), outcome=Outcome.TICKETED)
