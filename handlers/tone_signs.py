"""A customer's tone, put on their ticket where an agent sees it; what presses moves up, and never down by itself."""

from __future__ import annotations

from datetime import timedelta

from handlers import tickets
from handlers.messages import Turn
from handlers.tone import STRENGTH, Earlier, Tone, ToneKind, tone_of
from storage.conversations import customers_words
from storage.tickets import Priority, Ticket, events_of

REMEMBERED = timedelta(days=3)
PRESSING = frozenset({ToneKind.FRUSTRATION, ToneKind.URGENCY, ToneKind.REPEAT})


async def notice(turn: Turn, ticket: Ticket, *more: str) -> None:
    """Looks at what was said in this turn, and at `more` words that led here. A weaker sign than the one known changes
    nothing."""
    if turn.is_bystander or not ticket.is_open:
        return
    rules = turn.desk.content.tone
    found = [tone_of(words, (), rules) for words in more]
    if not turn.message.action:
        found.append(tone_of(turn.words, await _earlier(turn, ticket), rules))
    signs = [tone for tone in found if tone is not None]
    if signs:
        await _keep(turn, ticket, max(signs, key=lambda tone: STRENGTH[tone.kind]))


async def _earlier(turn: Turn, ticket: Ticket) -> list[Earlier]:
    """Their earlier turns in this chat; waiting are those that went to people after these last replied."""
    waiting: set[str] = set()
    for event in await events_of(turn.session, ticket.id):
        if event.kind == "agent_replied":
            waiting.clear()
        elif event.kind == "customer_wrote":
            waiting.add(str(event.data.get("correlation_id", "")))
    said = await customers_words(turn.session, turn.conversation.id, turn.now - REMEMBERED)
    return [
        Earlier(words, is_waiting=correlation_id in waiting)
        for correlation_id, words in said.items()
        if correlation_id != turn.correlation_id
    ]


async def _keep(turn: Turn, ticket: Ticket, tone: Tone) -> None:
    known = ticket.tone["kind"] if ticket.tone else None
    if known in STRENGTH and STRENGTH[ToneKind(known)] >= STRENGTH[tone.kind]:
        return
    ticket.tone = {"kind": tone.kind, "words": list(tone.words)}
    if tone.kind in PRESSING:
        ticket.priority = Priority.HIGH
    await tickets.log_event(
        turn.session, ticket, "tone", tickets.BOT, turn.now, tone=tone.kind, words=list(tone.words)
    )  # fmt: skip
