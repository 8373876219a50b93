"""From a complete draft to what the customer is told: the state of an order, or a ticket with its number and time."""

from __future__ import annotations

from datetime import datetime

from handlers import ladder, living_card, tickets, tone_signs, when
from handlers.awaiting import Draft, button
from handlers.calendars import is_open
from handlers.desk import Desk
from handlers.markup import escape
from handlers.messages import Reply, Turn
from handlers.orders import Order, OrderNeeded, OrdersUnavailable
from handlers.plain_text import shorten
from handlers.texts import Texts
from storage.conversations import give_to_ticket
from storage.inbound import Outcome
from storage.tickets import Ticket

REMARK = "remark"
SHOWN_CHARACTERS = 200
LOOKUPS = frozenset({"track_order", "track_refund"})


def summary(turn: Turn, draft: Draft) -> str:
    """What the ticket will say, as the customer is shown it: the topic and each fact on a line."""
    content, language = turn.desk.content, turn.language
    lines = [f"**{content.topic(draft.form, language)}**"]
    for name, value in draft.facts.items():
        label = turn.texts("summary.remark") if name == REMARK else content.fields[name].label.in_language(language)
        lines.append(f"- {label}: {escape(shorten(value, SHOWN_CHARACTERS))}")
    if shorten(draft.subject, SHOWN_CHARACTERS) not in {shorten(v, SHOWN_CHARACTERS) for v in draft.facts.values()}:
        quoted = escape(shorten(draft.subject, SHOWN_CHARACTERS))
        if quoted:
            lines.append(f"- {turn.texts('summary.words')}: {quoted}")
    return "\n".join(lines)


async def file(turn: Turn, draft: Draft) -> Reply:
    """Opens the ticket and says its number, what happens next, who does it and by when."""
    form = turn.desk.content.forms.forms[draft.form]
    new = tickets.NewTicket(
        customer_id=turn.customer.id,
        category=draft.form,
        reason="form",
        language=turn.language,
        subject=draft.subject,
        summary=summary(turn, draft),
        facts=draft.facts,
        missing=tuple(name for name in form.fields if name not in draft.facts),
        confirmed=form.confirm,
    )
    ticket = await tickets.open_ticket(turn.session, turn.conversation, new, turn.desk, turn.now)
    await give_to_ticket(turn.session, turn.conversation.id, turn.correlation_id, ticket.id)
    await tone_signs.notice(turn, ticket, draft.subject, *draft.facts.values())
    await ladder.call_people(turn.session, turn.desk, ticket, turn.now)
    turn.await_(None)
    key = "ticket.filed_privacy" if draft.form in {"export_my_data", "delete_my_data"} else "ticket.filed"
    text = turn.texts(key, number=ticket.number, next_word=next_word(turn, ticket))
    pressed = living_card.buttons(turn.texts, ticket.number, ticket, turn.conversation)
    return Reply(text, pressed, outcome=Outcome.TICKETED, card_of=ticket.id)


def next_word(turn: Turn, ticket: Ticket, *, asked: Ticket | None = None) -> str:
    """As `promised_word`, for the chat of this turn. `asked`: the customer's own ticket, merged into this one."""
    is_here = turn.conversation.id == (asked or ticket).conversation_id or turn.conversation.ticket_id == ticket.id
    return promised_word(turn.desk, turn.texts, ticket, turn.now, is_here=is_here)


def promised_word(desk: Desk, texts: Texts, ticket: Ticket, now: datetime, *, is_here: bool = True) -> str:
    """Who answers by when; while we are closed, also that, and where to turn in an emergency (R5 R53 R107).

    A time that has passed is not said again as if it were still to come. `is_here`: in the chat that this is said in.
    """
    content = desk.content
    if ticket.next_word_at is None:
        return ""
    if ticket.next_word_at < now:
        return texts("next_word.late")
    by = when.by(ticket.next_word_at, now, content.calendar.zone, texts)
    if is_open(content.calendar, now):
        return texts("next_word.open", by=by) if is_here else texts("next_word.open_elsewhere", by=by)
    urgent = content.company.urgent_contact.in_language(texts.language)
    if is_here:
        return texts("next_word.closed", by=by, urgent=urgent)
    return texts("next_word.closed_elsewhere", by=by, urgent=urgent)


def look_up(turn: Turn, draft: Draft) -> Reply | None:
    """What the shop's system says of the order; None where it cannot say, so that a person looks.

    Raises `OrderNeeded` once: the turn is run again with the order looked up.
    """
    number = draft.facts.get("order_number")
    if draft.form not in LOOKUPS or not turn.desk.has_orders or number is None:
        return None
    if number not in turn.orders:
        raise OrderNeeded(number)
    order = turn.orders[number]
    if order is None or isinstance(order, OrdersUnavailable):
        return None
    is_refund = draft.form == "track_refund"
    text = _refund_text(turn, order) if is_refund else _order_text(turn, order)
    wrong = "payment_issue" if is_refund else "delivery_problem"
    buttons = (button(turn.texts("button.something_wrong"), "do", wrong),
               button(turn.texts("button.human"), "human"))  # fmt: skip
    return None if text is None else Reply(text, buttons)


def _order_text(turn: Turn, order: Order) -> str:
    texts = turn.texts
    lines = [texts(f"order.{order.status}", number=escape(order.number))]
    if order.tracking_number:
        lines.append(
            texts("order.tracking", carrier=escape(order.carrier or ""), tracking=escape(order.tracking_number))
        )
    if order.expected_on and order.status in {"received", "paid", "packed", "shipped"}:
        lines.append(texts("order.expected", date=when.on_date(order.expected_on, texts)))
    return "\n".join(lines)


def _refund_text(turn: Turn, order: Order) -> str | None:
    """None where the system knows of no refund: then a person has to look."""
    if order.refund is None:
        return None
    texts = turn.texts
    lines = [texts(f"refund.{order.refund}", number=escape(order.number), amount=escape(order.refund_amount or ""))]
    if order.refund_on:
        lines.append(texts("refund.on", date=when.on_date(order.refund_on, texts)))
    return "\n".join(lines)
