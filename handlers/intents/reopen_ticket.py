"""The problem is back: a ticket called solved is opened again."""

from __future__ import annotations

from handlers import duplicates, handoff, ladder, questions, ticket_choice, tickets
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
    mine = await duplicates.seen_as(turn.session, await ticket_choice.mine(turn))
    solved = [ticket for ticket, state in mine if not state.is_open]
    if len(solved) == 1:
        return await reopen(turn, solved[0])
    if solved:
        return ticket_choice.ask(turn, "reopen", solved)
    if still_open := next((ticket for ticket, state in mine if state.is_open), None):
        return await reopen(turn, still_open)
    return await questions.go_on(turn, questions.start(turn, "report_problem"))


async def reopen(turn: Turn, ticket: Ticket) -> Reply:
    """Open again and with people: what the customer writes next goes to the ticket."""
    case = await _case(turn, ticket)
    if not case.is_open:
        await tickets.reopen(turn.session, case, tickets.CUSTOMER, turn.desk.content, turn.now)
    if case.customer_id == ticket.customer_id:
        await tickets.bring_here(turn.session, case, turn.conversation)
    words = readable(turn.words)
    if words:
        await handoff.customer_wrote(turn, case)
    turn.conversation.owner = Owner.QUEUE
    turn.conversation.ticket_id = case.id
    await ladder.call_people(turn.session, turn.desk, case, turn.now)
    number = await duplicates.own_number(turn.session, case, turn.conversation)
    text = turn.texts("ticket.reopened", number=number, next_word=next_word(turn, case))
    return Reply(text, (button(turn.texts("button.back_to_bot"), "bot"),), outcome=Outcome.TICKETED)


async def _case(turn: Turn, ticket: Ticket) -> Ticket:
    """What is to go on: the ticket, or what it was merged into. Where that is another customer's and settled, the
    ticket goes on by itself."""
    shared = await duplicates.state_of(turn.session, ticket)
    return shared if shared.is_open or shared.customer_id == ticket.customer_id else ticket
