"""What a customer is to be asked about: each closing of a ticket, each case that the bot settled alone. Whether it is
asked in the end is decided when it is due."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.messages import Reply, Setting, Turn
from handlers.surveys import SURVEYS
from handlers.surveys.kind import Occasion
from storage import surveys
from storage.conversations import Message, Owner
from storage.inbound import Outcome
from storage.surveys import Survey, SurveyStatus
from storage.tickets import OPEN_STATUSES, Ticket, TicketEvent, events_of

TOKEN_BYTES = 12


def closings(events: Sequence[TicketEvent]) -> list[TicketEvent]:
    """Each time the ticket was settled or closed, oldest first; closing what is settled already is none."""
    return [
        event
        for event in events
        if event.kind == "status" and event.data["before"] in OPEN_STATUSES and event.data["after"] not in OPEN_STATUSES
    ]


async def ticket_closed(session: AsyncSession, ticket: Ticket, now: datetime) -> None:
    """Called in the transaction that closes it. Of a recovery one thing alone is asked, and once: how what it was to
    put right stands now."""
    number = len(closings(await events_of(session, ticket.id)))
    low = await surveys.put_right_by(session, ticket.id)
    if low is None:
        kinds = [kind.name for kind in SURVEYS.values() if kind.occasion is Occasion.CLOSING]
    else:
        kinds = [] if await surveys.is_rerated(session, low.id) else [low.kind]
    for kind in kinds:
        survey = planned(kind, ticket.customer_id, ticket.conversation_id, number, now)
        survey.ticket_id, survey.rerates = ticket.id, low.id if low else None
        session.add(survey)
    await session.flush()


async def bot_answered(turn: Turn, reply: Reply, message: Message) -> None:
    """The bot told what it was asked. A case is as long as its answers follow one another: the last one counts."""
    is_told = reply.outcome is Outcome.ANSWERED and (reply.answer is not None or bool(turn.orders))
    if not is_told or turn.conversation.owner != Owner.BOT or turn.conversation.setting != Setting.PRIVATE:
        return
    for kind in SURVEYS.values():
        rules = turn.desk.content.surveys.kinds[kind.name]
        if kind.occasion is not Occasion.BOT_ANSWER or rules.share == 0:
            continue
        survey = await surveys.planned_here(turn.session, turn.conversation.id, kind.name)
        if survey is None:
            survey = planned(kind.name, turn.customer.id, turn.conversation.id, message.id, turn.now)
            turn.session.add(survey)
        survey.closing, survey.due_at = message.id, turn.now + rules.after
    await turn.session.flush()


def planned(kind: str, customer_id: int, conversation_id: int, closing: int, now: datetime) -> Survey:
    return Survey(
        kind=kind,
        customer_id=customer_id,
        conversation_id=conversation_id,
        closing=closing,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        lot=random.random(),  # noqa: S311 - a sample, no secret
        status=SurveyStatus.PLANNED,
        due_at=now,
        created_at=now,
    )
