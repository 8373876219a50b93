"""Quality: whether the same question gets the same answer everywhere, and how well the model still fits what customers
write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

from bot.console.answers import title
from bot.console.chart import Line, draw_chart
from bot.console.elements import Cell, Words, box, head, link, row, table
from bot.console.guard import Visit
from bot.console.moments import by_whom, moment, percent
from handlers.audit import Verdict
from handlers.texts import LANGUAGES
from storage import audits
from storage.audits import AuditFinding, AuditRun, DriftDay
from storage.reviews import Why

PATH = "/console/quality"
DAYS = 30
RUNS = 26
FINDINGS = 50
TOPICS_SHOWN = 20


async def build(visit: Visit) -> None:
    head(visit.texts("console.nav.quality"), visit.texts("console.quality.intro"))
    since = (visit.now().astimezone(visit.zone) - timedelta(days=DAYS)).date().isoformat()
    async with visit.database.reading() as session:
        runs = await audits.trend(session, RUNS)
        wrong = await audits.findings(session, runs[-1].id, Verdict.CONTRADICTION, FINDINGS) if runs else []
        tickets = await audits.tickets_of(session, [number for one in wrong if (number := _message(one))])
        days = await audits.drift_since(session, since)
    Quality(visit).draw_audits(runs, wrong, tickets)
    Quality(visit).draw_drift(days)


class Quality:
    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self._texts = visit.texts

    def draw_audits(self, runs: Sequence[AuditRun], wrong: Sequence[AuditFinding], tickets: Mapping[int, int]) -> None:
        texts = self._texts
        with box("section", "card stack", aria_label=texts("console.quality.audits")):
            Words("h2", texts("console.quality.audits"))
            if not runs:
                Words("p", texts("console.quality.no_audit"), "hint")
                return
            last = runs[-1]
            Words(
                "p", texts("console.quality.score", score=self._percent(last), at=moment(last.started_at, self.visit))
            )
            points = [None if one.score is None else one.score / 100 for one in runs]
            days = [moment(one.started_at, self.visit) for one in runs]
            draw_chart(texts("console.quality.scores"), [Line("", points)], days)
            with box("details"):
                Words("summary", texts("console.quality.runs"))
                self._draw_runs(runs)
        with box("section", "stack", aria_label=texts("console.quality.contradictions")):
            Words("h2", texts("console.quality.contradictions"))
            self._draw_findings(wrong, tickets)

    def _percent(self, run: AuditRun) -> str:
        return percent(None if run.score is None else run.score / 100, self._texts)

    def _draw_runs(self, runs: Sequence[AuditRun]) -> None:
        names = ("at", "by", "questions", "answers", "contradictory", "score_short")
        columns = [self._texts(f"console.quality.{name}") for name in names]
        with table(self._texts("console.quality.runs"), columns):
            for one in reversed(runs):
                counts = (str(one.questions), str(one.answers), str(one.contradictions))
                when = Cell(moment(one.started_at, self.visit), "when")
                row(when, by_whom(one.by, self._texts), *counts, self._percent(one))

    def _draw_findings(self, wrong: Sequence[AuditFinding], tickets: Mapping[int, int]) -> None:
        texts = self._texts
        if not wrong:
            Words("p", texts("console.quality.no_contradiction"), "empty")
            return
        names = ("question", "who", "said", "canonical", "where")
        with table(texts("console.quality.contradictions"), [texts(f"console.quality.{name}") for name in names]):
            for one in wrong:
                kind, _, name = one.source.partition(":")
                who = name if kind == "agent" else texts("console.quality.bot_on", channel=name.capitalize())
                place = partial(self._draw_place, tickets.get(_message(one)))
                row(partial(self._draw_question, one), f"{who}, {one.language.upper()}", one.said, one.canonical, place)

    def _draw_question(self, one: AuditFinding) -> None:
        link(title(self.visit, one.intent), f"/console/answers/{one.intent}")
        Words("div", f"„{one.question}”", "hint")

    def _draw_place(self, ticket: int | None) -> None:
        if ticket is None:
            Words("span", "–")
        else:
            link(f"#{ticket}", f"/console/tickets/{ticket}")

    def draw_drift(self, days: Sequence[DriftDay]) -> None:
        texts = self._texts
        with box("section", "card stack", aria_label=texts("console.quality.drift")):
            Words("h2", texts("console.quality.drift"))
            Words("p", texts("console.quality.drift_intro"), "hint")
            if not days:
                Words("p", texts("console.quality.no_drift"), "hint")
                return
            dates = sorted({one.day for one in days})
            for kind in ("fallbacks", "confidence"):
                Words("h3", texts(f"console.quality.{kind}"))
                draw_chart(
                    texts(f"console.quality.{kind}"), [_line(kind, one, dates, days) for one in LANGUAGES], dates
                )
            with box("details"):
                Words("summary", texts("console.quality.days"))
                self._draw_days(days)
        self._draw_topics([one for one in reversed(days) if one.topics])

    def _draw_days(self, days: Sequence[DriftDay]) -> None:
        texts = self._texts
        names = ("day", "language", "messages", "fallbacks", "confidence")
        with table(texts("console.quality.days"), [texts(f"console.quality.{name}") for name in names]):
            for one in reversed(days):
                rate = percent(_rate(one), texts)
                row(one.day, one.language.upper(), str(one.messages), rate, percent(one.confidence, texts))

    def _draw_topics(self, days: Sequence[DriftDay]) -> None:
        """Each with a way to the messages in the inbox it may have come from. The words have no endings and no
        diacritics: they cannot be looked for."""
        texts = self._texts
        with box("section", "stack", aria_label=texts("console.quality.topics")):
            Words("h2", texts("console.quality.topics"))
            if not days:
                Words("p", texts("console.quality.no_topics"), "empty")
                return
            names = ("day", "language", "words")
            found = [(one, topic) for one in days for topic in one.topics.splitlines()][:TOPICS_SHOWN]
            with table(texts("console.quality.topics"), [texts(f"console.quality.{name}") for name in names], "small"):
                for one, topic in found:
                    asked = urlencode({"why": Why.UNSURE, "language": one.language})
                    row(one.day, one.language.upper(), partial(link, topic, f"/console/inbox?{asked}"))


def _line(kind: str, language: str, dates: Sequence[str], days: Sequence[DriftDay]) -> Line:
    found = {one.day: _rate(one) if kind == "fallbacks" else one.confidence for one in days if one.language == language}
    return Line(language.upper(), [found.get(day) for day in dates])


def _rate(day: DriftDay) -> float | None:
    return day.fallbacks / day.messages if day.messages else None


def _message(finding: AuditFinding) -> int:
    """The message where it was said; 0 where it was none."""
    kind, _, number = (finding.link or "").partition(":")
    return int(number) if kind == "message" and number.isdecimal() else 0
