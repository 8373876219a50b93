"""Who acts on a turn: people, the flood guard, the open question, or the intent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers import (
    answers,
    awaited,
    awaiting,
    bystanders,
    handoff,
    opting_out,
    panel,
    phrases,
    questions,
    readings,
    survey_answers,
)
from handlers.attachments import Attachment
from handlers.awaiting import Action, AwaitingConfirm, AwaitingField, AwaitingInfo, AwaitingTicket, parse_action
from handlers.bursts import Burst
from handlers.intents import talk
from handlers.messages import Reply, Turn
from handlers.plain_text import has_words, is_only_emoji, readable
from handlers.receipts import receipt
from handlers.survey_words import VERB as SURVEY
from handlers.texts import LANGUAGES
from storage.conversations import Owner
from storage.inbound import Outcome

FLOOD_NOTICE_EVERY = timedelta(minutes=10)
CARD = frozenset({"settle", "reopen", "info", "updates"})


async def route(turn: Turn, burst: Burst) -> Reply | None:
    """What is said to it; None: nothing, it is for people to answer."""
    action = parse_action(turn.message.action) if turn.message.action else None
    owner = turn.conversation.owner
    for_human = (action is not None and action.verb == "human") or phrases.asks_for_human(_call(turn, burst))
    if turn.is_bystander:
        return await bystanders.answer(turn, for_human=for_human, is_addressed=burst.last.addressed)
    if burst.flooding and not (for_human and owner == Owner.BOT):
        return _flood_notice(turn)
    if action and action.verb == SURVEY:
        return await survey_answers.pressed(turn, action)
    if opted := await opting_out.answer(turn, action):
        return opted
    if owner == Owner.AGENT:
        return await (_press(turn, action) if action and _is_on_every_card(action) else handoff.relay(turn))
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


def _is_on_every_card(action: Action) -> bool:
    """One's own tickets can be looked at and dealt with whoever answers in the chat (R41, R42)."""
    return action.verb in CARD or (action.verb, action.argument) == ("do", "ticket_status")


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
    if state is not None:
        return await awaited.typed(turn, state)
    return await survey_answers.typed_score(turn) or await readings.act(turn)


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
        case "info":
            return await panel.add_info(turn, action.argument)
        case "updates":
            return await panel.updates(turn, action.argument)
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
    if isinstance(state, AwaitingInfo) and received:
        return await panel.read_info(turn, state)
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
        case AwaitingField() | AwaitingConfirm() | AwaitingInfo():
            return await awaited.typed(turn, state)
        case AwaitingTicket() if awaited.names_ticket(turn, state):
            return await awaited.typed(turn, state)
    quick = await readings.act_while_queued(turn)
    return quick if quick is not None else await handoff.relay(turn)
