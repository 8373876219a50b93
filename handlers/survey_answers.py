"""A customer answers a survey: a button, a typed score, a comment; or wants no more of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers import phrases, readings, recovery, survey_words, tickets, when
from handlers.awaiting import Action, AwaitingComment, button
from handlers.bands import Band, band_of
from handlers.markup import escape
from handlers.messages import Reply, Turn
from handlers.plain_text import readable, shorten, word_count
from handlers.survey_sending import redraw
from handlers.surveys import SURVEYS
from storage import surveys
from storage.conversations import Author, Owner, last_of
from storage.inbound import Outcome
from storage.surveys import Survey, SurveyStatus
from storage.tickets import Ticket

COMMENT_CHARACTERS = 2_000
OPINIONS = frozenset({"praise", "suggestion", "out_of_scope"})
COURTESIES = frozenset({"thank_you", "goodbye", "greet", "affirm", "deny"})
"""A few words of these are small talk; more of them say something about how it went."""
FEW_WORDS = 3


async def pressed(turn: Turn, action: Action) -> Reply | None:
    """A button of a survey. What is forged, another's or over changes nothing; None: the message itself answers."""
    survey = await surveys.with_token(turn.session, action.token)
    if survey is None or not _is_theirs(survey, turn) or not _is_open(survey, turn.now):
        return _stale(turn)
    if action.argument == survey_words.NEVER:
        return await _refuse(turn, survey)
    if action.argument == survey_words.AGAIN:
        await redraw(turn.session, survey, await survey_words.question(turn.session, turn.desk, survey), turn.now)
        return None
    score = SURVEYS[survey.kind].read(action.argument)
    return _stale(turn) if score is None else await _rate(turn, survey, score)


async def typed_score(turn: Turn) -> Reply | None:
    """A bare number under the question is an answer to it, too; None: it is something else."""
    if word_count(turn.words) > 2 or not any(kind.read(turn.words) is not None for kind in SURVEYS.values()):
        return None
    last = await last_of(turn.session, turn.conversation.id, Author.BOT, Author.SYSTEM, Author.AGENT)
    survey = await surveys.open_here(turn.session, turn.conversation.id, last.id) if last is not None else None
    if survey is None or not _is_open(survey, turn.now):
        return None
    score = SURVEYS[survey.kind].read(turn.words)
    return None if score is None else await _rate(turn, survey, score)


async def typed_comment(turn: Turn, state: AwaitingComment) -> Reply:
    """Words after a score: a comment on it, unless they are a wish of their own."""
    turn.await_(None)
    survey = await surveys.with_token(turn.session, state.token)
    if survey is None or turn.now > state.until:
        return await readings.act(turn)
    score = SURVEYS[survey.kind].read(turn.words)
    if score is not None and _is_open(survey, turn.now):
        return await _rate(turn, survey, score)
    if phrases.means_no(turn.words) or phrases.means_skip(turn.words) or phrases.means_stop(turn.words):
        return Reply(turn.texts("survey.no_comment"))
    if not _is_comment(turn):
        return await readings.act(turn)
    return await _comment(turn, survey)


async def skipped(turn: Turn) -> Reply:
    """The button that says: no comment."""
    turn.await_(None)
    return Reply(turn.texts("survey.no_comment"))


def _is_theirs(survey: Survey, turn: Turn) -> bool:
    return (survey.customer_id, survey.conversation_id) == (turn.customer.id, turn.conversation.id)


def _is_open(survey: Survey, now: datetime) -> bool:
    is_asked = survey.status in {SurveyStatus.SENT, SurveyStatus.ANSWERED}
    return is_asked and survey.expires_at is not None and now < survey.expires_at


def _stale(turn: Turn) -> Reply:
    return Reply(turn.texts("survey.stale"), outcome=Outcome.IGNORED)


async def _refuse(turn: Turn, survey: Survey) -> Reply:
    """They are asked nothing any more, in no chat of theirs."""
    turn.customer.surveys_refused_at = turn.now
    survey.expires_at = turn.now
    return Reply(turn.texts("survey.refused"))


async def _rate(turn: Turn, survey: Survey, score: int) -> Reply:
    """The last score counts; the same one again changes nothing."""
    session, before = turn.session, survey.score
    survey.score = score
    await redraw(session, survey, await survey_words.answered(session, turn.desk, survey), turn.now)
    best = SURVEYS[survey.kind].highest
    if score == before:
        return Reply(turn.texts("survey.same", score=score, best=best), outcome=Outcome.IGNORED)
    survey.status, survey.answered_at = SurveyStatus.ANSWERED, turn.now
    await _log(turn, survey, "rated" if before is None else "rated_anew", score=score, best=best, before=before)
    rules = turn.desk.content.surveys.kinds[survey.kind]
    if rules.is_low(score) and survey.recovery_ticket_id is None and survey.rerates is None:
        await recovery.start(session, turn.desk, survey, turn.conversation, turn.now)
    return _invited(turn, survey, await _thanks(turn, survey, is_change=before is not None))


async def _thanks(turn: Turn, survey: Survey, *, is_change: bool) -> str:
    texts, kind, score = turn.texts, SURVEYS[survey.kind], survey.score or 0
    if turn.desk.content.surveys.kinds[survey.kind].is_low(score):
        ticket = await turn.session.get(Ticket, survey.recovery_ticket_id) if survey.recovery_ticket_id else None
        if ticket is None or ticket.next_word_at is None:
            return texts("survey.thanks_low")
        by = when.by(ticket.next_word_at, turn.now, turn.desk.content.calendar.zone, texts)
        who = escape(ticket.assignee) if ticket.assignee else texts("survey.somebody")
        return texts("survey.thanks_recovery", who=who, by=by, number=ticket.number)
    if is_change:
        return texts("survey.changed", score=score, best=kind.highest)
    is_high = score - kind.lowest >= 0.75 * (kind.highest - kind.lowest)
    return texts("survey.thanks_high") if is_high else texts("survey.thanks_middle")


def _invited(turn: Turn, survey: Survey, thanks: str) -> Reply:
    """With an invitation to say more, where the chat is the bot's and nothing else is open in it."""
    is_free = turn.conversation.owner == Owner.BOT and isinstance(turn.awaiting, AwaitingComment | None)
    if not is_free or survey.comment:
        return Reply(thanks)
    until = turn.now + timedelta(minutes=turn.desk.content.surveys.comment_minutes)
    turn.await_(AwaitingComment(token=survey.token, until=until))
    skip = button(turn.texts("button.no_comment"), "skip", token=survey.token)
    return Reply(f"{thanks} {turn.texts('survey.invite')}", (skip,))


def _is_comment(turn: Turn) -> bool:
    """Nobody could read it, or it is an opinion: what is surely a wish of another kind goes its own way."""
    if turn.parsed is None or turn.parsed.best is None or band_of(turn.parsed, turn.desk.thresholds) is not Band.ACT:
        return True
    name = turn.parsed.best.name
    return name in OPINIONS or (name in COURTESIES and word_count(turn.words) > FEW_WORDS)


async def _comment(turn: Turn, survey: Survey) -> Reply:
    words = shorten(readable(turn.words), COMMENT_CHARACTERS)
    survey.comment = words
    await recovery.add_comment(turn.session, survey, words)
    await _log(turn, survey, "commented", words=words)
    return Reply(turn.texts("survey.comment_noted"))


async def _log(turn: Turn, survey: Survey, kind: str, **data: object) -> None:
    """On the ticket that was asked about, and on the one that puts it right; of a low score their owners are told."""
    told = {"survey": survey.kind.upper(), **{key: value for key, value in data.items() if value is not None}}
    is_low = turn.desk.content.surveys.kinds[survey.kind].is_low(survey.score or 0)
    for ticket_id in (survey.ticket_id, survey.recovery_ticket_id):
        ticket = await turn.session.get(Ticket, ticket_id) if ticket_id is not None else None
        if ticket is not None:
            names = [ticket.assignee] if is_low and ticket.assignee else []
            await tickets.log_event(turn.session, ticket, kind, tickets.CUSTOMER, turn.now, names=names, **told)
