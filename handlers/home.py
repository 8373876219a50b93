"""A customer's own page, where the messenger has one: their tickets, and what they can do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import duplicates, tickets, when
from handlers.awaiting import button
from handlers.desk import Desk
from handlers.language import choose_language
from handlers.markup import escape
from handlers.messages import Reply
from handlers.plain_text import shorten
from handlers.texts import Texts
from storage.customers import known_customer
from storage.tickets import Ticket

SHOWN = 10
SUBJECT_CHARACTERS = 80
MENU = ("report_problem", "track_order", "return_policy", "privacy_policy")


async def home(
    session: AsyncSession, desk: Desk, channel: str, sender_id: str, hint: str | None, now: datetime
) -> tuple[Reply, ...]:
    """The page in sections: a welcome, each ticket with its state and buttons, and what can be asked for.

    `hint` is what the channel says of the customer's language, for who has not written yet.
    """
    customer = await known_customer(session, channel, sender_id)
    language = customer.language if customer else None
    texts = desk.catalogue[language or _from(hint, desk.default_language)]
    mine = await tickets.own_tickets(session, customer.id) if customer else []
    seen = await duplicates.seen_as(session, mine)
    shown = sorted(seen, key=lambda pair: (not pair[1].is_open, -pair[0].number))[:SHOWN]
    sections = [Reply(texts("home.welcome", company=desk.content.company.name))]
    sections.append(Reply(texts("home.tickets") if shown else texts("home.no_tickets")))
    sections += [_ticket(ticket, state, texts, desk, now) for ticket, state in shown]
    topics = [button(desk.content.topic(name, texts.language), "do", name) for name in MENU]
    human = button(texts("button.human"), "human")
    other = button(texts("button.other_language"), "lang", "en" if texts.language == "pl" else "pl")
    return (*sections, Reply(texts("home.menu"), (*topics, human, other)))


def _from(hint: str | None, default: str) -> str:
    return choose_language(
        current=None, chosen=False, reading=None, confidence=0.0, words=0, hint=hint, default=default
    )


def _ticket(ticket: Ticket, state: Ticket, texts: Texts, desk: Desk, now: datetime) -> Reply:
    """`state`: the ticket, or what it was merged into."""
    topic = desk.content.topic(ticket.category, texts.language)
    subject = escape(shorten(ticket.subject, SUBJECT_CHARACTERS))
    due = state.next_word_at
    by = when.by(due, now, desk.content.calendar.zone, texts) if due and due > now else ""
    lines = [
        texts("home.ticket", number=ticket.number, topic=topic),
        texts("home.words", words=subject) if subject else "",
        texts(f"home.{state.status}"),
        texts("home.next_word", by=by) if by and state.is_open else "",
    ]
    number = str(ticket.number)
    press = (
        button(texts("button.settled"), "settle", number)
        if state.is_open
        else button(texts("button.problem_back"), "reopen", number)
    )
    return Reply("\n".join(line for line in lines if line), (press,))
