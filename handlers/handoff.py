"""Giving a conversation to people and back: the queue, an agent, the bot again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import duplicates, ladder, living_card, tickets, tone_signs
from handlers.awaiting import AwaitingChoice, AwaitingConfirm, AwaitingField, AwaitingNote, button
from handlers.content import Content
from handlers.errors import SupportError
from handlers.filing import next_word, summary
from handlers.markup import escape
from handlers.messages import Reply, Turn
from handlers.plain_text import word_count
from storage.conversations import Conversation, Owner, give_to_ticket
from storage.inbound import Outcome
from storage.tickets import Priority, Status, Ticket

ACKNOWLEDGE_EVERY = timedelta(minutes=5)
BARE_CALL_WORDS = 4


class AlreadyTaken(SupportError):
    """Another agent has the conversation; the text names them."""


async def to_queue(turn: Turn, reason: str, *, category: str = "human_handoff", text: str = "handoff.queued") -> Reply:
    """A person takes over: whatever was collected so far goes with it, and the customer hears by when."""
    ticket = await _ticket_for(turn, reason, category)
    if reason == "escalated":
        ticket.priority = Priority.HIGH
    turn.conversation.owner = Owner.QUEUE
    turn.conversation.ticket_id = ticket.id
    turn.conversation.misunderstandings = 0
    turn.conversation.queue_told_at = None
    turn.await_(None)
    await give_to_ticket(turn.session, turn.conversation.id, turn.correlation_id, ticket.id)
    await tickets.log_event(turn.session, ticket, "handed_over", tickets.BOT, turn.now, reason=reason)
    await tone_signs.notice(turn, ticket, ticket.subject, *ticket.facts.values())
    await ladder.call_people(turn.session, turn.desk, ticket, turn.now)
    said = turn.texts(text, number=ticket.number, next_word=next_word(turn, ticket))
    if turn.is_public:
        return Reply(said, (button(turn.texts("button.back_to_bot"), "bot"),), outcome=Outcome.TICKETED)
    pressed = living_card.buttons(turn.texts, ticket.number, ticket, turn.conversation)
    return Reply(said, pressed, outcome=Outcome.TICKETED, card_of=ticket.id)


async def _ticket_for(turn: Turn, reason: str, category: str) -> Ticket:
    """A draft in work becomes the ticket; a bare call for a person goes with the case this chat has open; else a new
    one is opened with the words that led here."""
    state = turn.awaiting
    if state is None and reason == "asked" and word_count(turn.words) <= BARE_CALL_WORDS:
        mine = await tickets.own_tickets(turn.session, turn.customer.id)
        here = [ticket for ticket in mine if ticket.is_open and ticket.conversation_id == turn.conversation.id]
        if here:
            return here[0]
    if isinstance(state, (AwaitingField, AwaitingConfirm)):
        form = turn.desk.content.forms.forms[state.draft.form]
        new = tickets.NewTicket(
            customer_id=turn.customer.id,
            category=state.draft.form,
            reason=reason,
            language=turn.language,
            subject=state.draft.subject,
            summary=summary(turn, state.draft),
            facts=state.draft.facts,
            missing=tuple(name for name in form.fields if name not in state.draft.facts),
        )
    else:
        words = _words_so_far(turn) or turn.texts("handoff.no_words")
        new = tickets.NewTicket(
            customer_id=turn.customer.id,
            category=category,
            reason=reason,
            language=turn.language,
            subject=words,
            summary=escape(words),
        )
    return await tickets.open_ticket(turn.session, turn.conversation, new, turn.desk, turn.now)


def _words_so_far(turn: Turn) -> str:
    """What was written now; a bare call under a question about earlier words comes with those words."""
    state = turn.awaiting
    if isinstance(state, (AwaitingChoice, AwaitingNote)) and word_count(turn.words) <= BARE_CALL_WORDS:
        return state.words
    return turn.words


async def already_queued(turn: Turn, *, is_urgent: bool = False) -> Reply:
    """They ask for a person again while waiting for one: it is noted, and the time is said once more. Out of patience
    (`is_urgent`), their case also moves up."""
    ticket = await _current_ticket(turn)
    if is_urgent:
        ticket.priority = Priority.HIGH
    await tone_signs.notice(turn, ticket)
    number = await duplicates.own_number(turn.session, ticket, turn.conversation)
    text = turn.texts("handoff.still_queued", number=number, next_word=next_word(turn, ticket))
    return Reply(text, (button(turn.texts("button.back_to_bot"), "bot"),), outcome=Outcome.TICKETED)


async def relay(turn: Turn) -> Reply | None:
    """The customer's words go to whoever has the conversation; while nobody does, that is acknowledged now and then."""
    ticket = await _current_ticket(turn)
    await customer_wrote(turn, ticket)
    told = turn.conversation.queue_told_at
    if turn.conversation.owner == Owner.AGENT or (told and turn.now - told < ACKNOWLEDGE_EVERY):
        return None
    turn.conversation.queue_told_at = turn.now
    number = await duplicates.own_number(turn.session, ticket, turn.conversation)
    text = turn.texts("handoff.noted", number=number, next_word=next_word(turn, ticket))
    return Reply(text, (button(turn.texts("button.back_to_bot"), "bot"),), outcome=Outcome.RELAYED)


async def customer_wrote(turn: Turn, ticket: Ticket) -> None:
    """What was just said goes to the people who work on the ticket; which messages that is, the event tells."""
    await tickets.log_event(
        turn.session, ticket, "customer_wrote", tickets.CUSTOMER, turn.now,
        conversation_id=turn.conversation.id, correlation_id=turn.correlation_id,
    )  # fmt: skip
    await tone_signs.notice(turn, ticket)
    await tickets.customer_answered(turn.session, ticket, turn.desk.content, turn.now)


async def back_to_bot(turn: Turn) -> Reply:
    """The customer goes on with the bot; the ticket stays with the agents."""
    if turn.conversation.owner != Owner.QUEUE:
        return Reply(turn.texts("button.stale"), outcome=Outcome.IGNORED)
    ticket = await _current_ticket(turn)
    await tickets.log_event(turn.session, ticket, "back_to_bot", tickets.CUSTOMER, turn.now)
    release(turn.conversation)
    number = await duplicates.own_number(turn.session, ticket, turn.conversation)
    return Reply(turn.texts("handoff.back", number=number))


async def take(
    session: AsyncSession, conversation: Conversation, ticket: Ticket, agent: str, content: Content, now: datetime
) -> None:
    """One agent takes a ticket's conversation over; nothing happens where they have it already. A settled ticket is
    open again, with a time by which the customer hears something.

    Raises `AlreadyTaken` when somebody else has it.
    """
    if conversation.owner == Owner.AGENT and conversation.agent != agent:
        raise AlreadyTaken(conversation.agent or "")
    if conversation.owner == Owner.AGENT and conversation.ticket_id == ticket.id:
        return
    conversation.owner = Owner.AGENT
    conversation.agent = ticket.assignee = agent
    conversation.ticket_id = ticket.id
    conversation.awaiting = None
    ladder.stop(ticket)
    if not ticket.is_open:
        await tickets.reopen(session, ticket, f"agent:{agent}", content, now)
    elif ticket.status in tickets.WAITING:
        await tickets.go_on(session, ticket, f"agent:{agent}", content, now)
    elif ticket.status != Status.OPEN:
        await tickets.set_status(session, ticket, Status.OPEN, f"agent:{agent}", now)
    await tickets.log_event(session, ticket, "taken", f"agent:{agent}", now)


def release(conversation: Conversation) -> None:
    """The bot answers again."""
    conversation.owner = Owner.BOT
    conversation.agent = None
    conversation.ticket_id = None
    conversation.queue_told_at = None


async def _current_ticket(turn: Turn) -> Ticket:
    ticket = await turn.session.get(Ticket, turn.conversation.ticket_id) if turn.conversation.ticket_id else None
    if ticket is None:
        raise LookupError(f"conversation {turn.conversation.id} is with {turn.conversation.owner} but has no ticket")
    return ticket
