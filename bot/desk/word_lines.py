"""Lines that ask an agent something: a draft to send, a promise that was seen in their words. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.channels.slack.blocks import escape
from bot.desk import blocks, rich
from bot.desk.blocks import Block
from bot.desk.wording import Wording
from storage.tickets import Ticket, TicketEvent


def draft(event: TicketEvent, ticket: Ticket, wording: Wording, called: str) -> tuple[str, list[Block]]:
    """What could be sent now, as the customer would read it, and by when they are to hear something."""
    texts, number = wording.texts, ticket.number
    by = blocks.moment(datetime.fromisoformat(str(event.data["until"])), wording.zone)
    head = f":memo: {texts('desk.draft.head', by=by)} {called}".strip()
    said = rich.shortened(rich.from_markup(str(event.data["text"])), rich.LONGEST_POST)
    buttons = blocks.actions(
        blocks.button("draft_send", texts("desk.button.draft_send"), number, style="primary"),
        blocks.button("draft_edit", texts("desk.button.draft_edit"), number),
        blocks.button("draft_leave", texts("desk.button.draft_leave"), number),
    )
    hint = blocks.context(texts("desk.draft.otherwise"))
    return head, [blocks.section(head), rich.quote(*said), buttons, *hint]


def promise(event: TicketEvent, ticket: Ticket, wording: Wording) -> tuple[str, list[Block]]:
    """Is it one? Until an agent says so nothing is tracked."""
    texts, number, argument = wording.texts, ticket.number, str(event.data["promise_id"])
    by = blocks.moment(datetime.fromisoformat(str(event.data["until"])), wording.zone)
    head = f":handshake: {texts('desk.promise.seen', words=escape(str(event.data['words'])), by=by)}"
    buttons = blocks.actions(
        blocks.button("promise_yes", texts("desk.button.promise_yes"), number, argument, style="primary"),
        blocks.button("promise_time", texts("desk.button.promise_time"), number, argument),
        blocks.button("promise_no", texts("desk.button.promise_no"), number, argument),
    )
    return head, [blocks.section(head), buttons]
