"""One turn of a conversation: record it once, find out who is to act, say the reply. Runs inside one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import chasing, follow_ups, incident_overlay, link_wishes, linking, living_card, reach, survey_planning
from handlers.bursts import Burst, Reading
from handlers.desk import Desk
from handlers.language import choose_language
from handlers.messages import IncomingMessage, Kind, Reply, Turn
from handlers.nlu import ParsedMessage
from handlers.plain_text import has_words, word_count
from handlers.receipts import receipt
from handlers.routing import route
from handlers.speaking import Why, say
from storage.conversations import Author, Conversation, Message, Owner, conversation_in, said_before
from storage.customers import Customer, customer_of, identity_of
from storage.inbound import Outcome

FEW_WORDS = 4  # "hej", "mam kod": said with something else, they want no answer of their own


async def handle_message(session: AsyncSession, desk: Desk, burst: Burst, reading: Reading, now: datetime) -> Outcome:
    """Records the burst, acts on it and puts the reply into the outbox; returns how the inbox events end.

    The caller opens and commits the transaction, and calls it once per burst. Raises `OrderNeeded` when an order has
    to be looked up first: roll back, look it up, call again.
    """
    turn = await recorded_turn(session, desk, burst, reading, now)
    if turn is None:
        return Outcome.NOTED
    return await answer(turn, burst)


async def answer(turn: Turn, burst: Burst) -> Outcome:
    """Finds out who is to act and says the reply."""
    is_with_people = chasing.is_with_people(turn) and not burst.flooding
    reply = await _reply(turn, burst)
    await follow_ups.heard(turn)
    if is_with_people:
        reply = await chasing.noticed(turn, reply)
    bare = reply.text if reply is not None else ""
    if reply is None:
        return Outcome.RELAYED if turn.conversation.owner != Owner.BOT else Outcome.IGNORED
    if burst.attachments and has_words(turn.words):
        reply = replace(reply, text=f"{receipt(burst.attachments, turn.texts)}\n\n{reply.text}")
    if turn.first and not turn.is_bystander:
        reply = _introduced(turn, reply)
    await turn.session.flush()
    await incident_overlay.before_it_is_said(turn, reply)
    message = await say(
        turn.session,
        turn.conversation,
        reply,
        author=_author(turn),
        correlation_id=burst.correlation_id,
        dedupe=f"reply:{burst.correlation_id}",
        now=turn.now,
        why=_why(turn.parsed),
    )
    await incident_overlay.said(turn, reply, message)
    await survey_planning.bot_answered(turn, reply, message)
    if reply.card_of is not None:
        await living_card.begin(turn, reply.card_of, message, message.text.removesuffix(bare).rstrip())
    return reply.outcome


async def recorded_turn(
    session: AsyncSession, desk: Desk, burst: Burst, reading: Reading, now: datetime
) -> Turn | None:
    """The turn that a burst begins, with customer, conversation and messages on record; None where all of them were
    on record already: their edit, or the news that they were deleted, has overtaken them."""
    turn = await begun_turn(session, desk, burst, reading, now)
    fresh = await _not_said_before(turn, burst)
    if not fresh:
        return None
    _record(turn, fresh)
    return turn


async def begun_turn(session: AsyncSession, desk: Desk, burst: Burst, reading: Reading, now: datetime) -> Turn:
    """The turn of a burst, with customer and conversation, none of its messages on record yet."""
    last = burst.last
    await linking.one_at_a_time(session, burst.messages)
    identity = await identity_of(session, last.channel, last.sender_id, last.sender_name, now)
    customer = await customer_of(session, identity, last.sender_name)
    conversation = await conversation_in(session, last.channel, last.chat_id, identity, last.setting, now)
    if last.kind is Kind.SAID:
        conversation.thread = last.thread
    if last.kind is not Kind.BLOCKED:
        await reach.found(session, conversation, now)
    _settle_language(customer, burst, reading.parsed, desk)
    return _turn(session, desk, burst, reading, customer, conversation, now)


async def _not_said_before(turn: Turn, burst: Burst) -> list[IncomingMessage]:
    ids = [message.own_id for message in burst.messages if message.own_id]
    known = await said_before(turn.session, turn.conversation.id, ids) if ids else set()
    return [message for message in burst.messages if message.own_id not in known]


def _settle_language(customer: Customer, burst: Burst, parsed: ParsedMessage | None, desk: Desk) -> None:
    customer.language = choose_language(
        current=customer.language,
        chosen=customer.language_chosen,
        reading=parsed.language if parsed else None,
        confidence=parsed.language_confidence if parsed else 0.0,
        words=word_count(burst.words),
        hint=burst.last.language_hint,
        default=desk.default_language,
    )


def _record(turn: Turn, messages: list[IncomingMessage]) -> None:
    parsed = turn.parsed
    best = parsed.best if parsed else None
    for message in messages:
        row = Message(
            conversation_id=turn.conversation.id,
            ticket_id=turn.conversation.ticket_id,
            author=Author.CUSTOMER,
            text=message.text,
            correlation_id=turn.correlation_id,
            language=turn.customer.language,
            intent=best.name if best else None,
            confidence=best.confidence if best else None,
            model=parsed.model if parsed else None,
            external_id=message.own_id,
            said_by=turn.customer.name if turn.is_bystander else None,
            attachments=[attachment.to_payload() for attachment in message.attachments] or None,
            created_at=turn.now,
        )
        turn.session.add(row)


def _turn(
    session: AsyncSession,
    desk: Desk,
    burst: Burst,
    reading: Reading,
    customer: Customer,
    conversation: Conversation,
    now: datetime,
) -> Turn:
    parsed = reading.parsed
    found: dict[str, str] = {}
    for entity in parsed.entities if parsed else ():
        found.setdefault(entity.name, entity.value)
    return Turn(
        message=burst.last,
        parsed=parsed,
        customer=customer,
        conversation=conversation,
        session=session,
        desk=desk,
        texts=desk.catalogue[customer.language or desk.default_language],
        now=now,
        correlation_id=burst.correlation_id,
        words=burst.words,
        found=found,
        first=customer.notice_version is None,
        orders=reading.orders,
    )


def _author(turn: Turn) -> Author:
    """The bot's words do not leave while an agent has the chat; what was done by a command there is still told."""
    return Author.SYSTEM if turn.conversation.owner == Owner.AGENT else Author.BOT


async def _reply(turn: Turn, burst: Burst) -> Reply | None:
    """Linking accounts works in every state; what else was written with it goes its own way."""
    linked = None if burst.flooding else await linking.answer(turn, burst.messages)
    if linked is None:
        return await route(turn, burst)
    rest = replace(burst, messages=link_wishes.beside(burst.messages))
    if not rest.messages or (turn.conversation.owner == Owner.BOT and word_count(rest.words) <= FEW_WORDS):
        return linked
    turn.words = rest.words
    said = await route(turn, rest)
    if said is None:
        return linked
    return replace(said, text=f"{linked.text}\n\n{said.text}", buttons=(*linked.buttons, *said.buttons))


def _introduced(turn: Turn, reply: Reply) -> Reply:
    """The bot's first words to a customer say that it is one, and link the privacy notice (R21 R97)."""
    company = turn.desk.content.company
    turn.customer.notice_version = company.privacy_version
    hello = turn.texts("intro", company=company.name, privacy_url=company.privacy_url)
    return replace(reply, text=f"{hello}\n\n{reply.text}")


def _why(parsed: ParsedMessage | None) -> Why:
    if parsed is None or parsed.best is None:
        return Why(model=parsed.model if parsed else None)
    return Why(parsed.best.name, parsed.best.confidence, parsed.model)
