"""What customers' answers say in numbers: pure functions of what is counted, by the formulas of `docs/metrics.md`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import recovery
from handlers.survey_rules import WhyNot
from handlers.survey_settings import SurveyRules
from handlers.surveys import SURVEYS
from handlers.surveys.kind import Occasion
from storage import survey_figures
from storage.survey_figures import Change, Opened, Recovered, Tally
from storage.surveys import SurveyStatus
from storage.tickets import OPEN_STATUSES

DIMENSIONS = ("channel", "language", "intent", "by")
WITHOUT_TOPIC = frozenset({"human_handoff", "escalate"})
"""A call for a person does not say about what: it may be the same."""
NOT_ALONE = (WhyNot.HANDED_OVER, WhyNot.NOT_UNDERSTOOD)

FORMULAS: Mapping[str, str] = {
    **{kind.name.upper(): kind.formula for kind in SURVEYS.values()},
    "Response rate": "surveys answered ÷ surveys sent × 100 %",
    "FCR": "cases whose customer did not come back with the same topic within fcr_days ÷ all cases settled × 100 %",
    "Closed loop": "recoveries settled ÷ recoveries opened × 100 %",
}


@dataclass(frozen=True)
class Figure:
    """`n` it is made of; `value` is None where these are too few to be shown. `out_of`: how many there could be."""

    value: float | None
    n: int
    out_of: int

    @property
    def rate(self) -> float | None:
        """For a survey its response rate."""
        return 100 * self.n / self.out_of if self.out_of else None


@dataclass(frozen=True)
class Case:
    """A case that was settled, by the bot alone or with people, and whether its customer came back with it."""

    channel: str
    language: str
    intent: str
    by: str
    came_back: bool


def score(tallies: Iterable[Tally], kind: str, minimum: int, *, rerated: bool = False) -> Figure:
    """Of all first ratings, or of the ratings given after a recovery: the two are never mixed."""
    mine = [tally for tally in tallies if tally.kind == kind and tally.is_rerating == rerated]
    scores: Counter[int] = Counter()
    for tally in mine:
        if tally.status == SurveyStatus.ANSWERED and tally.score is not None:
            scores[tally.score] += tally.count
    n = scores.total()
    return Figure(SURVEYS[kind].figure(scores) if n >= max(minimum, 1) else None, n, sum(tally.count for tally in mine))


def score_by(tallies: Sequence[Tally], kind: str, dimension: str, minimum: int) -> dict[str, Figure]:
    """The same for each value of a dimension; their `n` and `out_of` add up to the whole."""
    names = sorted({str(getattr(tally, dimension)) for tally in tallies if tally.kind == kind})
    return {
        name: score([tally for tally in tallies if str(getattr(tally, dimension)) == name], kind, minimum)
        for name in names
    }


def cases(
    changes: Sequence[Change],
    alone: Sequence[Change],
    openings: Sequence[Opened],
    rules: SurveyRules,
    until: datetime,
) -> list[Case]:
    """Every case settled before `until`; `changes` and `openings` go on for `fcr_days` after it. A ticket that was
    closed because nobody answered, or as something that is not asked about, is no case."""
    window = timedelta(days=rules.fcr_days)
    of_ticket: defaultdict[int | None, list[Change]] = defaultdict(list)
    for change in changes:
        of_ticket[change.ticket_id].append(change)
    of_customer: defaultdict[int, list[Opened]] = defaultdict(list)
    for opening in openings:
        of_customer[opening.customer_id].append(opening)
    made = []
    for its in of_ticket.values():
        for at, change in enumerate(its):
            if change.at < until and _settles(change, rules):
                reopened = any(one.after in OPEN_STATUSES and one.at - change.at <= window for one in its[at + 1 :])
                asked = _asked_again(change, of_customer[change.customer_id], window)
                made.append(_case(change, "human", came_back=reopened or asked))
    for one in alone:
        if one.at < until:
            made.append(_case(one, "bot", came_back=_asked_again(one, of_customer[one.customer_id], window)))
    return made


def _settles(change: Change, rules: SurveyRules) -> bool:
    is_closing = change.before in OPEN_STATUSES and change.after not in OPEN_STATUSES
    by_somebody = change.actor == "customer" or change.actor.startswith("agent:")
    return is_closing and by_somebody and change.cause not in rules.not_after


def _asked_again(change: Change, openings: Sequence[Opened], window: timedelta) -> bool:
    return any(
        one.ticket_id != change.ticket_id
        and timedelta() < one.at - change.at <= window
        and one.intent in {change.intent, *WITHOUT_TOPIC}
        for one in openings
    )


def _case(change: Change, by: str, *, came_back: bool) -> Case:
    return Case(change.channel, change.language, change.intent, by, came_back)


def first_contact(settled: Iterable[Case], minimum: int) -> Figure:
    """FCR."""
    outcomes = [case.came_back for case in settled]
    n = len(outcomes)
    return Figure(100 * outcomes.count(False) / n if n >= max(minimum, 1) else None, n, n)


def first_contact_by(settled: Sequence[Case], dimension: str, minimum: int) -> dict[str, Figure]:
    names = sorted({str(getattr(case, dimension)) for case in settled})
    return {
        name: first_contact([case for case in settled if str(getattr(case, dimension)) == name], minimum)
        for name in names
    }


def closed_loop(recovered: Sequence[Recovered]) -> Figure:
    """Never hidden: each of them is somebody's task."""
    settled = sum(one.settled_at is not None for one in recovered)
    return Figure(100 * settled / len(recovered) if recovered else None, settled, len(recovered))


async def cases_between(
    session: AsyncSession, rules: SurveyRules, since: datetime, until: datetime, now: datetime
) -> list[Case]:
    """Those settled in this time whose customers had all of `fcr_days` to come back."""
    window = timedelta(days=rules.fcr_days)
    until = min(until, now - window)
    alone: list[Change] = []
    for kind in SURVEYS.values():
        if kind.occasion is Occasion.BOT_ANSWER:
            alone += await survey_figures.settled_alone(session, kind.name, NOT_ALONE, since, until)
    after = until + window + timedelta(microseconds=1)
    changes = await survey_figures.changes(session, recovery.REASON, since, after)
    return cases(changes, alone, await survey_figures.opened(session, recovery.REASON, since, after), rules, until)
