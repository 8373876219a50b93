"""From a reading to an act: sure → act, two candidates → ask, else → say so, the second time a person (R12)."""

from __future__ import annotations

from dataclasses import replace

from handlers import handoff, incident_overlay, ticket_choice, tickets
from handlers.awaiting import Action, AwaitingChoice, AwaitingNote, button
from handlers.bands import Band, band_of
from handlers.buttons import Button
from handlers.intents import INTENTS, handler_of, may_be_told_queued
from handlers.messages import Reply, Turn
from storage.inbound import Outcome
from storage.tickets import Status, Ticket

MOST_MISUNDERSTANDINGS = 2
TOPICS_OFFERED = ("track_order", "report_problem", "return_policy", "human_handoff")


async def act(turn: Turn) -> Reply:
    """Acts on the turn's reading, by its confidence band."""
    if turn.parsed is None:
        return await handoff.to_queue(turn, "nlu_down", text="handoff.nlu_down")
    match band_of(turn.parsed, turn.desk.thresholds):
        case Band.ACT if turn.parsed.best:
            return await do(turn, turn.parsed.best.name)
        case Band.ASK:
            return await _ask_which(turn)
        case Band.OUT_OF_SCOPE:
            return await not_understood(turn, "unsure.out_of_scope")
        case _:
            return await not_understood(turn)


async def act_while_queued(turn: Turn) -> Reply | None:
    """The reply to what can be answered at once while a person is on the way; None: it goes to the ticket."""
    if turn.parsed is None or turn.parsed.best is None:
        return None
    name = turn.parsed.best.name
    if band_of(turn.parsed, turn.desk.thresholds) is not Band.ACT:
        return None
    if name in {"human_handoff", "escalate"}:
        return await handoff.already_queued(turn, is_urgent=name == "escalate")
    return await do(turn, name) if may_be_told_queued(name, turn.desk.content, turn.now) else None


async def chosen(turn: Turn, action: Action) -> Reply:
    """A topic's button. Under "did you mean" it carries what had been written before."""
    if action.argument not in INTENTS and action.argument not in turn.desk.content.topics:
        return Reply(turn.texts("button.stale"), outcome=Outcome.IGNORED)
    state = turn.awaiting
    if isinstance(state, AwaitingChoice) and state.token == action.token:
        turn = replace(turn, words=state.words, found=state.found)
    else:
        turn = replace(turn, words="", found={})
    return await do(turn, action.argument)


async def not_understood(turn: Turn, key: str = "unsure.first") -> Reply:
    """Says so honestly, once; the second time in a row a person takes over."""
    awaited = await _awaiting_answer(turn) if turn.words else None
    if awaited is not None:
        return await _answered(turn, awaited)
    turn.conversation.misunderstandings += 1
    if turn.conversation.misunderstandings >= MOST_MISUNDERSTANDINGS:
        return await handoff.to_queue(turn, "not_understood", text="handoff.not_understood")
    ticket = await _open_ticket(turn)
    if ticket is not None and turn.words and key == "unsure.first":
        return _offer_note(turn, ticket)
    turn.await_(None)
    return Reply(turn.texts(key), topics(turn))


def topics(turn: Turn) -> tuple[Button, ...]:
    return tuple(
        button(turn.desk.content.topic(name, turn.language), "do", name) if name != "human_handoff"
        else button(turn.texts("button.human"), "human")
        for name in TOPICS_OFFERED
    )  # fmt: skip


async def do(turn: Turn, intent: str) -> Reply:
    """Acts on `intent`: understood, so the count of failures starts anew."""
    turn.conversation.misunderstandings = 0
    turn.await_(None)
    try:
        return await incident_overlay.over(turn, intent, await handler_of(intent, turn.desk.content)(turn))
    except tickets.TicketNotFound:
        number = ticket_choice.number_in(turn) or 0
        buttons = (
            button(turn.texts("button.my_tickets"), "do", "ticket_status"),
            button(turn.texts("button.human"), "human"),
        )
        return Reply(turn.texts("status.unknown", number=number), buttons)


async def _ask_which(turn: Turn) -> Reply:
    """ "Did you mean A or B?" Asked twice in a row, it counts as not understood."""
    if turn.parsed is None or isinstance(turn.awaiting, AwaitingChoice):
        return await not_understood(turn)
    offered = [intent.name for intent in turn.parsed.intents if intent.name != "out_of_scope"][:2]
    content, texts = turn.desk.content, turn.texts
    turn.await_(AwaitingChoice(token=turn.token, options=tuple(offered), words=turn.words, found=turn.found))
    buttons = [button(content.topic(name, turn.language), "do", name, turn.token) for name in offered]
    buttons += [button(texts("button.neither"), "none", token=turn.token), button(texts("button.human"), "human")]
    return Reply(texts("unsure.which"), tuple(buttons))


async def _open_ticket(turn: Turn) -> Ticket | None:
    """The customer's newest open ticket."""
    mine = await ticket_choice.mine(turn)
    return next((ticket for ticket in mine if ticket.is_open), None)


async def _awaiting_answer(turn: Turn) -> Ticket | None:
    """The newest ticket in which we asked the customer something."""
    mine = await ticket_choice.mine(turn)
    return next((ticket for ticket in mine if ticket.status == Status.WAITING_CUSTOMER), None)


async def _answered(turn: Turn, ticket: Ticket) -> Reply:
    """What the bot cannot place is the answer that the ticket waits for."""
    turn.conversation.misunderstandings = 0
    turn.await_(None)
    await handoff.customer_wrote(turn, ticket)
    return Reply(turn.texts("ticket.note_added", number=ticket.number), outcome=Outcome.TICKETED)


def _offer_note(turn: Turn, ticket: Ticket) -> Reply:
    texts, token = turn.texts, turn.token
    turn.await_(AwaitingNote(token=token, number=ticket.number, words=turn.words))
    buttons = (
        button(texts("button.add_note", number=ticket.number), "yes", token=token),
        button(texts("button.neither"), "no", token=token),
        button(texts("button.human"), "human"),
    )
    return Reply(texts("unsure.note", number=ticket.number), buttons)
