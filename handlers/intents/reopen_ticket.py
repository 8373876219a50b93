"""The problem is back: a ticket called solved is opened again."""

from __future__ import annotations

from handlers import questions, ticket_choice, tickets
from handlers.awaiting import button
from handlers.filing import next_word
from handlers.messages import Reply, Turn
from handlers.plain_text import readable
from storage.conversations import Owner
from storage.inbound import Outcome
from storage.tickets import Ticket


async def reopen_ticket(turn: Turn) -> Reply:
    """The one they name, or the only candidate; several → which one; none → a new report."""
    named = await ticket_choice.named(turn)
    if named is not None:
        return await reopen(turn, named)
    mine = await ticket_choice.mine(turn)
    solved = [ticket for ticket in mine if not ticket.is_open]
    if len(solved) == 1:
        return await reopen(turn, solved[0])
    if solved:
        return ticket_choice.ask(turn, "reopen", solved)
    if still_open := next((ticket for ticket in mine if ticket.is_open), None):
        return await reopen(turn, still_open)
    return await questions.go_on(turn, questions.start(turn, "report_problem"))


async def reopen(turn: Turn, ticket: Ticket) -> Reply:
    """Open again and with people: what the customer writes next goes to the ticket."""
    if not ticket.is_open:
        await tickets.reopen(turn.session, ticket, tickets.CUSTOMER, turn.desk.content, turn.now)
    await tickets.bring_here(turn.session, ticket, turn.conversation)
    words = readable(turn.words)
    if words:
        await tickets.log_event(turn.session, ticket, "customer_wrote", tickets.CUSTOMER, turn.now)
    turn.conversation.owner = Owner.QUEUE
    turn.conversation.ticket_id = ticket.id
    text = turn.texts("ticket.reopened", number=ticket.number, next_word=next_word(turn, ticket))
    return Reply(text, (button(turn.texts("button.back_to_bot"), "bot"),), outcome=Outcome.TICKETED)
