"""What a customer does with the buttons of their ticket's card: adds something, says how often they want to hear."""

from __future__ import annotations

from handlers import duplicates, handoff, phrases, ticket_choice, tickets
from handlers.awaiting import AwaitingInfo, button
from handlers.messages import Reply, Turn
from handlers.rhythm import Updates
from storage.conversations import Owner
from storage.inbound import Outcome
from storage.tickets import Ticket


async def add_info(turn: Turn, argument: str) -> Reply:
    """What they write next goes to that ticket; where people have the chat, it goes to these anyway."""
    ticket = await _own(turn, argument)
    if ticket is None:
        return _stale(turn)
    case = await duplicates.state_of(turn.session, ticket)
    if not case.is_open:
        press = button(turn.texts("button.problem_back"), "reopen", str(ticket.number))
        return Reply(turn.texts("panel.settled", number=ticket.number), (press,))
    if turn.conversation.owner != Owner.BOT:
        return Reply(turn.texts("panel.write_here", number=ticket.number))
    turn.await_(AwaitingInfo(token=turn.token, number=ticket.number))
    return Reply(turn.texts("panel.what_to_add", number=ticket.number))


async def read_info(turn: Turn, state: AwaitingInfo) -> Reply:
    """Goes to the ticket as it is."""
    turn.await_(None)
    ticket = await _own(turn, str(state.number))
    if phrases.means_stop(turn.words):
        return Reply(turn.texts("talk.stop"))
    if ticket is None:
        return _stale(turn)
    case = await duplicates.state_of(turn.session, ticket)
    turn.conversation.misunderstandings = 0
    await handoff.customer_wrote(turn, case)
    return Reply(turn.texts("ticket.note_added", number=ticket.number), outcome=Outcome.TICKETED)


async def updates(turn: Turn, argument: str) -> Reply:
    """How often they hear of an open ticket by itself: asked, or chosen. What was promised already stands."""
    texts = turn.texts
    if argument not in set(Updates):
        offered = [button(texts(f"button.updates_{one}"), "updates", one) for one in Updates]
        return Reply(texts("panel.how_often"), tuple(offered))
    turn.customer.updates = argument
    soon = turn.desk.content.rhythm.next_word_at(argument, turn.now)
    for ticket in await tickets.own_tickets(turn.session, turn.customer.id):
        if ticket.is_open and ticket.follow_up_at is None and ticket.next_word_at is not None:
            ticket.next_word_at = min(ticket.next_word_at, soon)
    return Reply(texts(f"panel.updates_{argument}"))


async def _own(turn: Turn, argument: str) -> Ticket | None:
    try:
        return await tickets.own_ticket(turn.session, turn.customer.id, ticket_choice.bare_number(argument) or 0)
    except tickets.TicketNotFound:
        return None


def _stale(turn: Turn) -> Reply:
    return Reply(turn.texts("button.stale"), outcome=Outcome.IGNORED)
