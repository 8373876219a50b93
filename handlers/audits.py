"""Runs of the consistency audit: what agents told customers lately, beside what the bot says, with its findings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.answers import variables
from handlers.audit import Compared, Verdict, compare, score
from handlers.desk import Desk
from handlers.markup import to_plain
from handlers.masking import mask
from handlers.placeholders import fill, names_in
from handlers.plain_text import shorten
from handlers.texts import LANGUAGES
from storage import audits
from storage.audits import AuditFinding, AuditRun

LIGHT, FULL = "weekly", "quarterly"
SINCE = {LIGHT: timedelta(days=7), FULL: timedelta(days=92)}
LEAST_QUESTIONS = 10
MOST_REPLIES = 1_000
KEPT_CHARACTERS = 2_000


@dataclass(frozen=True)
class Said:
    """One answer as it was given; `source`: `bot:<channel>` or `agent:<name>`."""

    question: str
    intent: str
    source: str
    language: str
    text: str
    link: str | None = None


async def questions(
    session: AsyncSession, known: Collection[str], now: datetime, count: int = LEAST_QUESTIONS
) -> list[str]:
    """The topics with an answer (`known`) that customers asked about most; where too few were asked, others."""
    asked = await audits.most_asked(session, list(known), now - SINCE[FULL], count)
    return [*asked, *(key for key in sorted(known) if key not in asked)][:count]


def canonical(desk: Desk, intent: str, language: str, now: datetime) -> list[str]:
    """Every wording of the answer that can be said now, filled in; of both registers, in Polish."""
    texts = desk.catalogue[language]
    values = variables(desk.content, texts, None, now)
    wordings = desk.content.answers[intent].wordings
    variants = (wordings.pl, wordings.formal) if language == "pl" else (wordings.en,)
    found = [fill(one, values) for variant in variants for one in variant if names_in(one) <= values.keys()]
    return [to_plain(one) for one in dict.fromkeys(found)]


async def agents_answers(session: AsyncSession, desk: Desk, since: datetime) -> list[Said]:
    """What agents wrote to customers who had asked about something that has an answer."""
    found = await audits.agents_replies(session, list(desk.content.answers), since, MOST_REPLIES)
    return [
        Said(
            mask(one.question), one.intent, f"agent:{one.message.agent}",
            one.language if one.language in LANGUAGES else desk.default_language,
            to_plain(one.message.text), f"message:{one.message.id}",
        )
        for one in found
    ]  # fmt: skip


async def record(
    session: AsyncSession, desk: Desk, kind: str, by: str, said: Iterable[Said], now: datetime
) -> AuditRun:
    """Judges each answer and keeps it; agents' words that are no answer at all are left out."""
    run = AuditRun(kind=kind, by=by, started_at=now)
    session.add(run)
    await session.flush()
    verdicts: list[Verdict] = []
    asked: set[str] = set()
    for one in said:
        wordings = canonical(desk, one.intent, one.language, now)
        compared = compare(one.text, wordings)
        if compared.verdict is Verdict.UNRELATED and one.source.startswith("agent"):
            continue
        verdicts.append(compared.verdict)
        asked.add(one.intent)
        session.add(_finding(run, one, compared, wordings))
    run.questions, run.answers, run.score = len(asked), len(verdicts), score(verdicts)
    run.contradictions = sum(verdict is Verdict.CONTRADICTION for verdict in verdicts)
    run.finished_at = now
    await session.flush()
    return run


def _finding(run: AuditRun, said: Said, compared: Compared, wordings: list[str]) -> AuditFinding:
    why = f" [{'; '.join(compared.why)}]" if compared.why else ""
    return AuditFinding(
        run_id=run.id, question=shorten(said.question, KEPT_CHARACTERS), intent=said.intent, source=said.source,
        language=said.language, said=shorten(mask(said.text), KEPT_CHARACTERS) + why,
        canonical=shorten(wordings[0] if wordings else "", KEPT_CHARACTERS), likeness=compared.likeness,
        verdict=compared.verdict, link=said.link,
    )  # fmt: skip


async def weekly(session: AsyncSession, desk: Desk, now: datetime) -> AuditRun | None:
    """The light run, once a week, and over a quarter once a quarter; None: it is not time yet."""
    for kind in (FULL, LIGHT):
        last = await audits.last_run(session, kind)
        if last is None and kind == FULL:
            continue  # the first one is begun by hand: it asks the bot, too
        if last is None or now - last.started_at >= SINCE[kind]:
            said = await agents_answers(session, desk, now - SINCE[kind])
            return await record(session, desk, kind, "schedule", said, now)
    return None
