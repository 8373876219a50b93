"""Which of your tickets? Asked where a wish fits several."""

from __future__ import annotations

from typing import Literal

from handlers import tickets
from handlers.awaiting import AwaitingTicket, button
from handlers.messages import Reply, Turn
from handlers.plain_text import fold, shorten
from storage.tickets import Ticket

OFFERED = 5
LABEL_CHARACTERS = 40
NUMBER_DIGITS = 12


async def mine(turn: Turn) -> list[Ticket]:
    """The customer's tickets that may be spoken of here, newest first: in public, those of this thread."""
    own = await tickets.own_tickets(turn.session, turn.customer.id)
    return [one for one in own if one.conversation_id == turn.conversation.id] if turn.is_public else own


def ask(turn: Turn, purpose: Literal["reopen", "resolve"], candidates: list[Ticket]) -> Reply:
    shown = candidates[:OFFERED]
    turn.await_(AwaitingTicket(token=turn.token, purpose=purpose, numbers=tuple(ticket.number for ticket in shown)))
    buttons = [
        button(
            shorten(f"#{ticket.number} {turn.desk.content.topic(ticket.category, turn.language)}", LABEL_CHARACTERS),
            "ticket",
            str(ticket.number),
            turn.token,
        )
        for ticket in shown
    ]
    buttons.append(button(turn.texts("button.human"), "human"))
    return Reply(turn.texts(f"which_ticket.{purpose}"), tuple(buttons))


def number_in(turn: Turn) -> int | None:
    """The ticket number in the message ("#1042", "zgłoszenie 1042"), None where nothing in it could be one."""
    return _number("".join(char for char in turn.found.get("ticket_number", "") if char.isdigit()))


def bare_number(text: str) -> int | None:
    """A text that is nothing but a number ("1042", "nr 1042")."""
    return _number(fold(text).removeprefix("nr ").strip())


def _number(digits: str) -> int | None:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= NUMBER_DIGITS else None


async def named(turn: Turn) -> Ticket | None:
    """The ticket whose number is in the message. Raises `TicketNotFound` where it is not one of theirs."""
    number = number_in(turn)
    return None if number is None else await tickets.own_ticket(turn.session, turn.customer.id, number)
