"""One turn of a conversation: record it once, find out who is to act, say the reply. Runs inside one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import (
    answers,
    awaited,
    awaiting,
    bystanders,
    handoff,
    link_wishes,
    linking,
    phrases,
    questions,
    reach,
    readings,
)
from handlers.attachments import Attachment
from handlers.awaiting import Action, AwaitingConfirm, AwaitingField, AwaitingTicket, parse_action
from handlers.desk import Desk
from handlers.intents import talk
from handlers.language import choose_language
from handlers.messages import IncomingMessage, Kind, Reply, Turn
from handlers.nlu import ParsedMessage
from handlers.orders import Order, OrdersUnavailable
from handlers.plain_text import has_words, is_only_emoji, readable, word_count
from handlers.receipts import receipt
from handlers.speaking import Why, say
from handlers.texts import LANGUAGES
from storage.conversations import Author, Conversation, Message, Owner, conversation_in, said_before
from storage.customers import Customer, customer_of, identity_of
from storage.inbound import Outcome

FLOOD_NOTICE_EVERY = timedelta(minutes=10)
FEW_WORDS = 4  # "hej", "mam kod": said with something else, they want no answer of their own


@dataclass(frozen=True)
class Burst:
    """The messages of one turn: usually one, several when they came quickly one after the other (R6).

    `flooding`: the customer is far over the limit; what they write is kept, but no longer answered one by one.
    """

    messages: tuple[IncomingMessage, ...]
    correlation_id: str
    flooding: bool = False

    @property
    def last(self) -> IncomingMessage:
        return self.messages[-1]

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(attachment for message in self.messages for attachment in message.attachments)

    @property
    def words(self) -> str:
        """All that was written, one line a message; a button's label is not the customer's words."""
        return "\n".join(message.text for message in self.messages if message.text.strip() and not message.action)


@dataclass(frozen=True)
class Reading:
    """What was found out before the transaction: the NLU's reading (None: it could not be had) and orders."""

    parsed: ParsedMessage | None
    orders: dict[str, Order | OrdersUnavailable | None] = field(default_factory=dict)


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
    reply = await _reply(turn, burst)
    if reply is None:
        return Outcome.RELAYED if turn.conversation.owner != Owner.BOT else Outcome.IGNORED
    if burst.attachments and has_words(turn.words):
        reply = replace(reply, text=f"{receipt(burst.attachments, turn.texts)}\n\n{reply.text}")
    if turn.first and not turn.is_bystander:
        reply = _introduced(turn, reply)
    await turn.session.flush()
    await say(
        turn.session,
        turn.conversation,
        reply,
        author=_author(turn),
        correlation_id=burst.correlation_id,
        dedupe=f"reply:{burst.correlation_id}",
        now=turn.now,
        why=_why(turn.parsed),
    )
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
        return await _route(turn, burst)
    rest = replace(burst, messages=link_wishes.beside(burst.messages))
    if not rest.messages or (turn.conversation.owner == Owner.BOT and word_count(rest.words) <= FEW_WORDS):
        return linked
    turn.words = rest.words
    said = await _route(turn, rest)
    if said is None:
        return linked
    return replace(said, text=f"{linked.text}\n\n{said.text}", buttons=(*linked.buttons, *said.buttons))


async def _route(turn: Turn, burst: Burst) -> Reply | None:
    """Who acts: a person, the flood guard, the open question, or the intent."""
    action = parse_action(turn.message.action) if turn.message.action else None
    owner = turn.conversation.owner
    for_human = (action is not None and action.verb == "human") or phrases.asks_for_human(_call(turn, burst))
    if turn.is_bystander:
        return await bystanders.answer(turn, for_human=for_human, is_addressed=burst.last.addressed)
    if burst.flooding and not (for_human and owner == Owner.BOT):
        return _flood_notice(turn)
    if owner == Owner.AGENT:
        return await handoff.relay(turn)
    if for_human:
        is_new = owner == Owner.BOT or isinstance(turn.awaiting, (AwaitingField, AwaitingConfirm))
        return await (handoff.to_queue(turn, "asked") if is_new else handoff.already_queued(turn))
    if action:
        return await _press(turn, action)
    if not has_words(turn.words) and not awaited.is_sign_for(turn.awaiting, turn.words):
        return await _wordless(turn, burst.attachments)
    if owner == Owner.QUEUE:
        return await _while_queued(turn)
    return await _said(turn)


def _call(turn: Turn, burst: Burst) -> str:
    """What may be a call for a person: all that was written; in a flood, where that is long, the last of it."""
    return burst.last.text if burst.flooding else turn.words


def _flood_notice(turn: Turn) -> Reply | None:
    told = turn.conversation.flood_told_at
    if told and turn.now - told < FLOOD_NOTICE_EVERY:
        return None
    turn.conversation.flood_told_at = turn.now
    human = awaiting.button(turn.texts("button.human"), "human")
    return Reply(turn.texts("flood.notice"), (human,), outcome=Outcome.IGNORED)


async def _said(turn: Turn) -> Reply:
    """Words to the bot: the answer to what it asked, or a wish of its own."""
    state = turn.awaiting
    return await (readings.act(turn) if state is None else awaited.typed(turn, state))


async def _press(turn: Turn, action: Action) -> Reply:
    """A pressed button: topics and ways out always work, the rest belongs to a question."""
    match action.verb:
        case "do":
            return await readings.chosen(turn, action)
        case "bot":
            return await handoff.back_to_bot(turn)
        case "lang" if action.argument in LANGUAGES:
            return talk.set_language(turn, action.argument)
        case "file":
            return answers.document(turn, action.argument)
        case "start":
            return await readings.do(turn, "greet")
        case "settle" | "reopen":
            return await awaited.settle_or_reopen(turn, action)
        case _:
            return await awaited.pressed(turn, action)


async def _wordless(turn: Turn, attachments: tuple[Attachment, ...]) -> Reply | None:
    """A picture, an emoji, a sticker, nothing at all: never a failure, never a reason to reopen anything."""
    state = turn.awaiting
    received = receipt(attachments, turn.texts) if attachments else ""
    if isinstance(state, (AwaitingField, AwaitingConfirm)):
        asked = questions.repeat(turn, state)
        return replace(asked, text=f"{received}\n\n{asked.text}") if received else asked
    if turn.conversation.owner != Owner.BOT:
        return await handoff.relay(turn)
    if received:
        human = awaiting.button(turn.texts("button.human"), "human")
        return Reply(f"{received} {turn.texts('receipt.what_for')}", (human,))
    key = "talk.emoji" if is_only_emoji(turn.words) else "talk.empty"
    return Reply(turn.texts(key), outcome=Outcome.ANSWERED if readable(turn.words) else Outcome.IGNORED)


async def _while_queued(turn: Turn) -> Reply | None:
    """Waiting for a person does not make the bot dumb: what it asked meanwhile is read and sure answers are still
    given; the rest goes to the ticket."""
    state = turn.awaiting
    match state:
        case AwaitingField() | AwaitingConfirm():
            return await awaited.typed(turn, state)
        case AwaitingTicket() if awaited.names_ticket(turn, state):
            return await awaited.typed(turn, state)
    quick = await readings.act_while_queued(turn)
    return quick if quick is not None else await handoff.relay(turn)


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
