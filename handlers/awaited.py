"""The answer to what the bot asked: typed or pressed, for each kind of open question."""

from __future__ import annotations

from dataclasses import replace

from handlers import panel, phrases, questions, readings, survey_answers, ticket_choice, tickets, tone_signs
from handlers.awaiting import (
    Action,
    Awaiting,
    AwaitingChoice,
    AwaitingComment,
    AwaitingConfirm,
    AwaitingField,
    AwaitingInfo,
    AwaitingNote,
    AwaitingTicket,
)
from handlers.intents import reopen_ticket, resolve_ticket
from handlers.messages import Reply, Turn
from handlers.plain_text import fold
from storage.inbound import Outcome

CHOICE_NUMBERS = {"1": 0, "pierwsze": 0, "to pierwsze": 0, "first": 0, "the first": 0, "the first one": 0,
                  "2": 1, "drugie": 1, "to drugie": 1, "second": 1, "the second": 1, "the second one": 1}  # fmt: skip


async def typed(turn: Turn, state: Awaiting) -> Reply:
    """Words, where an answer to `state` is awaited."""
    match state:
        case AwaitingField():
            return await questions.read_field(turn, state, None)
        case AwaitingConfirm():
            return await questions.read_confirm(turn, state, None)
        case AwaitingChoice():
            return await _read_choice(turn, state)
        case AwaitingTicket():
            return await _read_ticket(turn, state)
        case AwaitingNote():
            return await _read_note(turn, state)
        case AwaitingInfo():
            return await panel.read_info(turn, state)
        case AwaitingComment():
            return await survey_answers.typed_comment(turn, state)


async def pressed(turn: Turn, action: Action) -> Reply:
    """A button of the open question; one of an older question changes nothing and says so."""
    state = turn.awaiting
    if state is None or state.token != action.token:
        return Reply(turn.texts("button.stale"), outcome=Outcome.IGNORED)
    match state:
        case AwaitingField():
            return await questions.read_field(turn, state, action)
        case AwaitingConfirm():
            return await questions.read_confirm(turn, state, action)
        case AwaitingChoice():
            return await readings.not_understood(turn)
        case AwaitingTicket():
            return await _ticket_chosen(turn, state, ticket_choice.bare_number(action.argument))
        case AwaitingNote() if action.verb == "yes":
            return await _add_note(turn, state)
        case AwaitingNote() | AwaitingInfo():
            return await readings.not_understood(turn)
        case AwaitingComment():
            return await survey_answers.skipped(turn)


async def _read_choice(turn: Turn, state: AwaitingChoice) -> Reply:
    """One of the two readings, or a wish of its own."""
    index = CHOICE_NUMBERS.get(fold(turn.words))
    if index is not None and index < len(state.options):
        return await readings.do(replace(turn, words=state.words, found=state.found), state.options[index])
    if phrases.means_no(turn.words) or phrases.means_stop(turn.words):
        return await readings.not_understood(turn)
    best = turn.parsed.best.name if turn.parsed and turn.parsed.best else None
    if best in state.options:
        both = f"{state.words}\n{turn.words}"
        return await readings.do(replace(turn, words=both, found={**state.found, **turn.found}), best)
    return await readings.act(turn)


def is_sign_for(state: Awaiting | None, text: str) -> bool:
    """Whether an emoji alone (👍 👎) is an answer to what was asked, rather than a mere sign of life."""
    match state:
        case AwaitingConfirm() | AwaitingNote():
            return phrases.means_yes(text) or phrases.means_no(text)
        case AwaitingChoice():
            return phrases.means_no(text)
        case _:
            return False


def names_ticket(turn: Turn, state: AwaitingTicket) -> bool:
    """Whether one of the tickets we asked about is named."""
    return _named_number(turn) in state.numbers


def _named_number(turn: Turn) -> int | None:
    return ticket_choice.number_in(turn) or ticket_choice.bare_number(turn.words)


async def _read_ticket(turn: Turn, state: AwaitingTicket) -> Reply:
    if names_ticket(turn, state):
        return await _ticket_chosen(turn, state, _named_number(turn))
    turn.await_(None)
    return await readings.act(turn)


async def _ticket_chosen(turn: Turn, state: AwaitingTicket, number: int | None) -> Reply:
    if number is None or number not in state.numbers:
        return Reply(turn.texts("button.stale"), outcome=Outcome.IGNORED)
    turn.await_(None)
    ticket = await tickets.own_ticket(turn.session, turn.customer.id, number)
    act_on = reopen_ticket.reopen if state.purpose == "reopen" else resolve_ticket.resolve
    return await act_on(turn, ticket)


async def settle_or_reopen(turn: Turn, action: Action) -> Reply:
    """A button that stands beside one ticket, on a page or card of the customer's."""
    number = ticket_choice.bare_number(action.argument) or 0
    try:
        ticket = await tickets.own_ticket(turn.session, turn.customer.id, number)
    except tickets.TicketNotFound:
        return Reply(turn.texts("button.stale"), outcome=Outcome.IGNORED)
    act_on = reopen_ticket.reopen if action.verb == "reopen" else resolve_ticket.resolve
    return await act_on(turn, ticket)


async def _read_note(turn: Turn, state: AwaitingNote) -> Reply:
    if phrases.means_yes(turn.words):
        return await _add_note(turn, state)
    if phrases.means_no(turn.words):
        return await readings.not_understood(turn)
    turn.await_(None)
    return await readings.act(turn)


async def _add_note(turn: Turn, state: AwaitingNote) -> Reply:
    turn.await_(None)
    turn.conversation.misunderstandings = 0
    ticket = await tickets.own_ticket(turn.session, turn.customer.id, state.number)
    await tickets.log_event(turn.session, ticket, "customer_wrote", tickets.CUSTOMER, turn.now, text=state.words)
    await tone_signs.notice(turn, ticket, state.words)
    await tickets.customer_answered(turn.session, ticket, turn.desk.content, turn.now)
    return Reply(turn.texts("ticket.note_added", number=ticket.number), outcome=Outcome.TICKETED)
