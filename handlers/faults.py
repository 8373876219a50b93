"""When we could not handle a message: an apology with a reference, and a ticket so that nothing is lost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import ladder, tickets
from handlers.bursts import Burst, Reading
from handlers.conversation import recorded_turn
from handlers.desk import Desk
from handlers.filing import next_word
from handlers.markup import escape
from handlers.messages import Reply
from handlers.speaking import say
from storage.conversations import Author, give_to_ticket

REFERENCE_CHARACTERS = 8


async def set_aside(session: AsyncSession, desk: Desk, burst: Burst, now: datetime) -> None:
    """Records what the customer wrote, opens a ticket with it, and tells them. Does as little as can be: what led
    here may still be broken."""
    turn = await recorded_turn(session, desk, burst, Reading(None), now)
    if turn is None:
        return
    words = turn.words or turn.texts("handoff.no_words")
    new = tickets.NewTicket(turn.customer.id, "report_problem", "fault", turn.language, words, escape(words))
    ticket = await tickets.open_ticket(session, turn.conversation, new, desk, now)
    await give_to_ticket(session, turn.conversation.id, turn.correlation_id, ticket.id)
    await ladder.call_people(session, desk, ticket, now)
    turn.await_(None)
    reference = burst.correlation_id[:REFERENCE_CHARACTERS]
    text = turn.texts("fault.apology", number=ticket.number, reference=reference, next_word=next_word(turn, ticket))
    await say(
        session,
        turn.conversation,
        Reply(text),
        author=Author.SYSTEM,
        correlation_id=burst.correlation_id,
        dedupe=f"reply:{burst.correlation_id}",
        now=now,
    )
