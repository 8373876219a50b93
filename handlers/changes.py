"""What a customer does to a chat besides writing: edits, deletes, reacts, blocks us, moves it to another id."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import awaited, follow_ups, link_codes, questions, reach, tickets
from handlers.awaiting import AwaitingConfirm, AwaitingField
from handlers.bursts import Burst, Reading
from handlers.conversation import answer, begun_turn, handle_message
from handlers.desk import Desk
from handlers.messages import IncomingMessage, Kind, Reply, Turn
from handlers.plain_text import fold
from handlers.speaking import say
from storage import inbound, outbox, releases, reviews
from storage.conversations import Author, Message, Owner, last_of, message_known_as
from storage.inbound import Outcome
from storage.tickets import Ticket

ANSWERED_ANEW = timedelta(minutes=10)


async def handle_change(session: AsyncSession, desk: Desk, burst: Burst, reading: Reading, now: datetime) -> Outcome:
    """Puts the one event of `burst` on record and acts on it; as `handle_message` in all else."""
    event = burst.last
    if event.kind is Kind.MOVED:
        await reach.moved(session, event.channel, event.chat_id, event.about or event.chat_id)
        return Outcome.NOTED
    turn = await begun_turn(session, desk, burst, reading, now)
    match event.kind:
        case Kind.EDITED:
            return await _edited(turn, burst)
        case Kind.DELETED:
            return await _deleted(turn, event)
        case Kind.REACTED:
            return await _reacted(turn, burst)
        case Kind.BLOCKED:
            await reach.lost(session, turn.conversation, now)
    return Outcome.NOTED


async def _edited(turn: Turn, burst: Burst) -> Outcome:
    """The message as it reads now; the earlier text is kept beside it. An edit that came before its message is the
    message; one that was overtaken by a later edit is only kept."""
    event = burst.last
    message = await message_known_as(turn.session, turn.conversation.id, event.about or "")
    if message is None:
        said = replace(event, kind=Kind.SAID)
        reading = Reading(turn.parsed, turn.orders)
        outcome = await handle_message(turn.session, turn.desk, replace(burst, messages=(said,)), reading, turn.now)
        message = await message_known_as(turn.session, turn.conversation.id, event.about or "")
        if message is not None:
            message.edited_at = event.sent_at
        return outcome
    if message.deleted_at is not None or message.text in {event.text, link_codes.without_codes(event.text)}:
        return Outcome.NOTED
    before = message.text
    if message.edited_at is not None and event.sent_at < message.edited_at:
        _keep(message, event.text, turn.now)
        return Outcome.NOTED
    _keep(message, before, turn.now)
    message.text, message.edited_at = event.text, event.sent_at
    await reviews.forget(turn.session, message)
    await releases.forget(turn.session, message.id)
    await _tell_case(turn, message, "customer_edited")
    await follow_ups.heard(turn)
    if turn.conversation.owner != Owner.BOT:
        return Outcome.RELAYED
    if isinstance(turn.awaiting, (AwaitingField, AwaitingConfirm)):
        return await _say(turn, _noticed(turn, turn.awaiting))
    if fold(before) != fold(event.text) and await _is_their_last(turn, message):
        return await answer(turn, burst)
    return Outcome.NOTED


def _keep(message: Message, text: str, now: datetime) -> None:
    message.versions = [*(message.versions or []), {"text": text, "at": now.isoformat()}]


async def _is_their_last(turn: Turn, message: Message) -> bool:
    """Whether what was edited is still what the chat is about."""
    last = await last_of(turn.session, turn.conversation.id, Author.CUSTOMER)
    return last is message and turn.now - message.created_at <= ANSWERED_ANEW


def _noticed(turn: Turn, state: AwaitingField | AwaitingConfirm) -> Reply:
    """What was collected already does not change by itself: where to change it is said."""
    asked = questions.repeat(turn, state)
    return replace(asked, text=f"{turn.texts('edit.noticed')}\n\n{asked.text}")


async def _deleted(turn: Turn, event: IncomingMessage) -> Outcome:
    """The text is gone, here and in the inbox; that there was something stays. News that overtook its message keeps
    the place, so that the message is not answered when it comes."""
    message = await message_known_as(turn.session, turn.conversation.id, event.about or "")
    if message is None:
        message = Message(
            conversation_id=turn.conversation.id,
            author=Author.CUSTOMER,
            text="",
            correlation_id=turn.correlation_id,
            external_id=event.about,
            created_at=turn.now,
        )
        turn.session.add(message)
    message.text, message.attachments, message.versions = "", None, None
    message.deleted_at = message.deleted_at or turn.now
    await inbound.forget_words(turn.session, event.lane, event.about or "")
    await reviews.forget(turn.session, message)
    await releases.forget(turn.session, message.id)
    await _tell_case(turn, message, "customer_deleted")
    return Outcome.NOTED if turn.conversation.owner == Owner.BOT else Outcome.RELAYED


async def _reacted(turn: Turn, burst: Burst) -> Outcome:
    """A thumb under our question is the answer to it; any other reaction is kept with the message."""
    event = burst.last
    message_id = await outbox.message_sent_as(turn.session, turn.conversation.id, event.about or "")
    message = await turn.session.get(Message, message_id) if message_id else None
    if message is None:
        return Outcome.IGNORED
    others = {who: what for who, what in (message.reactions or {}).items() if who != event.sender_id}
    message.reactions = {**others, event.sender_id: event.text} if event.text else others or None
    last = await last_of(turn.session, turn.conversation.id, Author.BOT, Author.AGENT, Author.SYSTEM)
    is_answer = message is last and turn.conversation.owner == Owner.BOT and not turn.is_bystander
    if is_answer and awaited.is_sign_for(turn.awaiting, event.text):
        return await answer(turn, burst)
    return Outcome.NOTED


async def _tell_case(turn: Turn, message: Message, kind: str) -> None:
    ticket = await turn.session.get(Ticket, message.ticket_id) if message.ticket_id else None
    if ticket is not None:
        await tickets.log_event(turn.session, ticket, kind, tickets.CUSTOMER, turn.now, message_id=message.id)


async def _say(turn: Turn, reply: Reply) -> Outcome:
    await say(
        turn.session,
        turn.conversation,
        reply,
        author=Author.BOT,
        correlation_id=turn.correlation_id,
        dedupe=f"reply:{turn.correlation_id}",
        now=turn.now,
    )
    return reply.outcome
