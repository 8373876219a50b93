"""A customer asks again while people have their case: one apology, one bump, one word to the owner (R31)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from handlers import phrases, status_updates, tickets
from handlers.bands import Band, band_of
from handlers.filing import next_word
from handlers.messages import Reply, Turn
from handlers.next_word import reason_of
from handlers.plain_text import fold
from handlers.tone import ToneKind
from storage.conversations import Owner
from storage.inbound import Outcome
from storage.tickets import Priority, Ticket, TicketEvent, events_of

ASKING = frozenset({"human_handoff", "escalate", "ticket_status"})
ASKED = frozenset({"asked_again", "chased"})


def is_with_people(turn: Turn) -> bool:
    """Whether the customer is waiting for a person as they write."""
    return turn.conversation.owner != Owner.BOT and not turn.is_bystander


async def noticed(turn: Turn, reply: Reply | None) -> Reply | None:
    """The reply to somebody who was with people as they wrote; with an apology, once, where they have to ask again."""
    if turn.conversation.owner == Owner.BOT or turn.conversation.ticket_id is None:
        return reply
    ticket = await turn.session.get_one(Ticket, turn.conversation.ticket_id)
    events = await events_of(turn.session, ticket.id)
    if not ticket.is_open or not _asks(turn, events):
        return reply
    rules = turn.desk.content.rhythm.rules.chasing
    recent = [event for event in events if event.at > turn.now - rules.within]
    spoken = max((at for at, event in enumerate(recent) if event.kind == "agent_replied"), default=-1)
    count = 1 + sum(event.kind in ASKED for event in recent[spoken + 1 :])
    if count < rules.asks or any(event.kind == "chased" for event in recent):
        await tickets.log_event(turn.session, ticket, "asked_again", tickets.CUSTOMER, turn.now)
        return reply
    await _press(turn, ticket, count)
    return _sorry(turn, ticket, reply)


def _asks(turn: Turn, events: list[TicketEvent]) -> bool:
    """For a person, for news, or with the same words as before. A look at one's tickets by a button or a command is
    nobody's impatience (R41)."""
    if turn.message.action:
        return turn.message.action == "human"
    if phrases.asks_for_human(turn.words) or _has_phrase(turn):
        return True
    if any(one.kind == "tone" and one.at == turn.now and one.data.get("tone") == ToneKind.REPEAT for one in events):
        return True
    parsed = turn.parsed
    if parsed is None or parsed.best is None or parsed.best.name not in ASKING:
        return False
    return band_of(parsed, turn.desk.thresholds) is Band.ACT


def _has_phrase(turn: Turn) -> bool:
    """In either language: people mix them."""
    said = f" {fold(turn.words)}"
    rules = turn.desk.content.rhythm.rules.chasing.phrases
    return any(f" {phrase}" in said for phrase in _folded((*rules.pl, *rules.en)))


@lru_cache(maxsize=4)
def _folded(listed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(fold(one) for one in listed)


async def _press(turn: Turn, ticket: Ticket, count: int) -> None:
    """It moves up, and whoever has it is told."""
    chats = [turn.conversation]
    case = status_updates.Case(ticket, chats, turn.customer, reason_of(ticket, chats))
    if ticket.priority != Priority.HIGH:
        before, ticket.priority = ticket.priority, Priority.HIGH
        data = {"before": before, "after": Priority.HIGH}
        await tickets.log_event(turn.session, ticket, "priority", tickets.BOT, turn.now, **data)
    names = await status_updates.whom_to_ask(turn.session, turn.desk, case, turn.now)
    await tickets.log_event(turn.session, ticket, "chased", tickets.CUSTOMER, turn.now, names=names, count=count)


def _sorry(turn: Turn, ticket: Ticket, reply: Reply | None) -> Reply:
    sorry = turn.texts("chasing.sorry")
    if reply is not None:
        return replace(reply, text=f"{sorry}\n\n{reply.text}")
    return Reply(f"{sorry} {next_word(turn, ticket)}".strip(), outcome=Outcome.RELAYED)
