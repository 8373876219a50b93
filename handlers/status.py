"""What is going on with my case: one's own tickets only."""

from __future__ import annotations

from dataclasses import replace

from handlers import duplicates, ticket_choice, when
from handlers.awaiting import button
from handlers.buttons import Button
from handlers.filing import next_word
from handlers.markup import escape
from handlers.messages import Reply, Turn
from handlers.plain_text import shorten
from storage.tickets import Ticket

SHOWN = 5


async def tell(turn: Turn) -> Reply:
    """The one they name, the only open one, a list of the open ones, or the last one there was."""
    said = await _tell(turn)
    return replace(said, text=f"{said.text}\n{turn.texts('public.only_here')}") if turn.is_public else said


async def _tell(turn: Turn) -> Reply:
    named = await ticket_choice.named(turn)
    if named is not None:
        return _status(turn, named, await duplicates.state_of(turn.session, named))
    mine = await duplicates.seen_as(turn.session, await ticket_choice.mine(turn))
    waiting = [(ticket, state) for ticket, state in mine if state.is_open]
    if len(waiting) == 1:
        return _status(turn, *waiting[0])
    if waiting:
        return _list(turn, waiting)
    if mine:
        return _status(turn, *mine[0])
    return Reply(turn.texts("status.none"), (_new(turn), button(turn.texts("button.human"), "human")))


def _status(turn: Turn, ticket: Ticket, state: Ticket) -> Reply:
    """The state in words, why it waits and on whom, and by when the next word comes (R36). `state`: the ticket, or what
    it was merged into, which may be another customer's: nothing but its state and time is told of that."""
    texts = turn.texts
    topic = turn.desk.content.topic(ticket.category, turn.language)
    opened = when.on(ticket.opened_at, turn.desk.content.calendar.zone, texts)
    head = texts("status.head", number=ticket.number, topic=topic, opened=opened)
    word = next_word(turn, state, asked=ticket)
    said = texts(f"status.{state.status}", next_word=word)
    buttons: tuple[Button, ...]
    if state.is_open:
        buttons = (
            button(texts("button.settled"), "do", "resolve_ticket"),
            button(texts("button.human"), "human"),
        )
    else:
        buttons = (button(texts("button.problem_back"), "do", "reopen_ticket"),)
    return Reply(f"{head}\n{said}", buttons)


def _list(turn: Turn, waiting: list[tuple[Ticket, Ticket]]) -> Reply:
    texts = turn.texts
    lines = [texts.plural("status.list", len(waiting))]
    for ticket, state in waiting[:SHOWN]:
        topic = turn.desk.content.topic(ticket.category, turn.language)
        words = escape(shorten(ticket.subject, 60))
        by = (
            when.by(state.next_word_at, turn.now, turn.desk.content.calendar.zone, texts) if state.next_word_at else "–"
        )
        lines.append(f"- {texts('status.line', number=ticket.number, topic=topic, words=words, by=by)}")
    if len(waiting) > SHOWN:
        lines.append(texts.plural("status.more", len(waiting) - SHOWN))
    return Reply("\n".join(lines), (button(texts("button.human"), "human"),))


def _new(turn: Turn) -> Button:
    return button(turn.desk.content.topic("report_problem", turn.language), "do", "report_problem")
