"""The message in a customer's private chat that always shows how their ticket stands, edited in place (R42)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import duplicates, when
from handlers.awaiting import button
from handlers.buttons import Button
from handlers.desk import Desk
from handlers.markup import escape
from handlers.messages import Reply, Setting, Turn
from handlers.next_word import Waits, digest, reason_of
from handlers.plain_text import shorten
from handlers.speaking import say_again
from handlers.texts import Texts
from storage import living_cards
from storage.conversations import Conversation, Message, Owner, locked
from storage.customers import Customer
from storage.living_cards import LivingCard
from storage.tickets import Ticket

FAR = timedelta(days=30)
REASON_CHARACTERS = 300


async def begin(turn: Turn, ticket_id: int, message: Message, lead: str) -> None:
    """`message`, which has just told of the ticket, is its card from now on; `lead` of it stays."""
    chat = turn.conversation
    if turn.is_public or await living_cards.card_of(turn.session, ticket_id, chat.id) is not None:
        return
    ticket = await turn.session.get_one(Ticket, ticket_id)
    drawn = await _drawn(turn.session, turn.desk, ticket, chat, turn.now)
    card = LivingCard(
        ticket_id=ticket.id,
        conversation_id=chat.id,
        message_id=message.id,
        lead=lead,
        shown=_digest(drawn),
        is_stale=False,
        drawn_at=turn.now,
    )
    turn.session.add(card)
    await turn.session.flush()


async def redraw(session: AsyncSession, desk: Desk, message_id: int, now: datetime) -> bool:
    """Edits the card in place where it does not show what is so; no customer is disturbed by that."""
    found = await living_cards.shown_as(session, message_id)
    if found is None:
        return False
    chat = await locked(session, found.conversation_id)
    card = await living_cards.locked(session, found)
    if not card.is_stale:
        return False
    card.is_stale = False
    drawn = await _drawn(session, desk, await session.get_one(Ticket, card.ticket_id), chat, now)
    if chat.blocked_at is not None or _digest(drawn) == card.shown:
        return False
    card.shown, card.drawn_at = _digest(drawn), now
    text = f"{card.lead}\n\n{drawn.text}" if card.lead else drawn.text
    message = await session.get_one(Message, card.message_id)
    await say_again(session, message, Reply(text, drawn.buttons), dedupe=f"card:{message.id}:{uuid4().hex}", now=now)
    return True


def _digest(drawn: Reply) -> str:
    return digest("\n".join([drawn.text, *(f"{one.label} {one.action}" for one in drawn.buttons)]))


async def _drawn(session: AsyncSession, desk: Desk, ticket: Ticket, chat: Conversation, now: datetime) -> Reply:
    customer = await session.get_one(Customer, chat.customer_id)
    texts = desk.catalogue[customer.language or ticket.language]
    state = await duplicates.state_of(session, ticket)
    topic = desk.content.topic(ticket.category, texts.language) if ticket.category in desk.content.topics else ""
    lines = [texts("card.head", number=ticket.number, topic=topic), _state(state, chat, texts)]
    if state.is_open and state.next_word_at is not None:
        lines.append(_next(state.next_word_at, desk, texts, now))
    return Reply("\n".join(line for line in lines if line), buttons(texts, ticket.number, state, chat))


def _state(state: Ticket, chat: Conversation, texts: Texts) -> str:
    """Where it stands, and with whom."""
    if not state.is_open:
        return texts("card.settled")
    reason = reason_of(state, [chat])
    what = escape(shorten(reason.what, REASON_CHARACTERS))
    if reason.waits in {Waits.CUSTOMER, Waits.THIRD_PARTY} and not what:
        return texts(f"card_unsaid.{reason.waits}")
    return texts(f"card.{reason.waits}", agent=escape(reason.who), what=what)


def _next(due: datetime, desk: Desk, texts: Texts, now: datetime) -> str:
    """With its date: the card is also read on another day than it was drawn."""
    if due < now:
        return texts("card.late")
    return texts("card.next", by=when.by(due, due - FAR, desk.content.calendar.zone, texts))


def buttons(texts: Texts, number: int, state: Ticket, chat: Conversation) -> tuple[Button, ...]:
    """What can be done with it. They work as long as the card stands there, whatever has happened since."""
    if chat.setting != Setting.PRIVATE:
        return (button(texts("button.my_tickets"), "do", "ticket_status"), button(texts("button.human"), "human"))
    mine = (button(texts("button.my_tickets"), "do", "ticket_status"),)
    if not state.is_open:
        return (*mine, button(texts("button.problem_back"), "reopen", str(number)))
    settle = button(texts("button.settled"), "settle", str(number))
    updates = button(texts("button.updates"), "updates")
    if chat.ticket_id == state.id and chat.owner != Owner.BOT:
        back = (button(texts("button.back_to_bot"), "bot"),) if chat.owner == Owner.QUEUE else ()
        return (*back, *mine, settle, updates)
    add = button(texts("button.add_info"), "info", str(number))
    return (*mine, add, button(texts("button.human"), "human"), settle, updates)
