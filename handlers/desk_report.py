"""What leads look at: how urgent cases were, whether we were in time and kept our word, what customers say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.content import Content
from handlers.sla_report import Figures, Key, report
from handlers.survey_figures import FORMULAS, Figure, cases_between, closed_loop, first_contact, score
from handlers.surveys import SURVEYS
from storage import promises, sla_clocks, survey_figures, tickets
from storage.promises import Kept
from storage.sla_clocks import Target
from storage.tickets import Priority


@dataclass(frozen=True)
class DeskReport:
    """Of one time. `priorities` of the tickets opened in it; `in_time` by target; `surveys` by kind, `rerated` what was
    said after a recovery."""

    priorities: Mapping[str, int]
    in_time: Mapping[str, Figures]
    promises: Kept
    surveys: Mapping[str, Figure]
    rerated: Mapping[str, Figure]
    first_contact: Figure
    closed_loop: Figure


@dataclass(frozen=True)
class Line:
    """`value` None: of so few that it is not shown. `n` cases it is made of, `out_of` so many there could be."""

    name: str
    value: str | None
    n: int
    out_of: int


async def desk_report(
    session: AsyncSession, content: Content, since: datetime, until: datetime, now: datetime
) -> DeskReport:
    minimum = content.surveys.minimum_answers
    counted = await tickets.count_by_priority(session, since, until)
    clocks = await sla_clocks.started_between(session, since, until)
    tallies = await survey_figures.tallies(session, since, until)
    settled = await cases_between(session, content.surveys, since, until, now)
    return DeskReport(
        priorities={one: counted.get(one, 0) for one in Priority},
        in_time={target: _together(report((one for one in clocks if one.target == target), now)) for target in Target},
        promises=await promises.kept_between(session, since, until),
        surveys={kind: score(tallies, kind, minimum) for kind in SURVEYS},
        rerated={kind: score(tallies, kind, minimum, rerated=True) for kind in SURVEYS},
        first_contact=first_contact(settled, minimum),
        closed_loop=closed_loop(await survey_figures.recoveries(session, since, until)),
    )


def _together(figures: Mapping[Key, Figures]) -> Figures:
    """Of all tiers and categories."""
    parts = figures.values()
    return Figures(
        met=sum(one.met for one in parts),
        late=sum(one.late for one in parts),
        dropped=sum(one.dropped for one in parts),
        running=sum(one.running for one in parts),
    )


def lines(found: DeskReport) -> Iterator[Line]:
    """As they are read: a figure's name, its value, what it is made of."""
    opened = sum(found.priorities.values())
    for priority, count in found.priorities.items():
        yield _share(f"priority {priority}", count, opened, opened)
    for target, figures in found.in_time.items():
        known = figures.met + figures.late
        yield _share(f"{target.replace('_', ' ')} in time", figures.met, known, figures.total)
    kept = found.promises
    yield _share("promises kept", kept.kept, kept.kept + kept.corrected + kept.broken, None)
    for kind, figure in found.surveys.items():
        yield _figure(kind.upper(), figure)
        if found.rerated[kind].out_of:
            yield _figure(kind.upper(), found.rerated[kind], " after recovery")
    yield _figure("FCR", found.first_contact)
    yield _figure("Closed loop", found.closed_loop)


def _share(name: str, part: int, whole: int, out_of: int | None) -> Line:
    return Line(name, f"{100 * part / whole:.0f}%" if whole else None, whole, whole if out_of is None else out_of)


def _figure(name: str, figure: Figure, more: str = "") -> Line:
    unit = "%" if FORMULAS[name].endswith("%") else ""
    return Line(name + more, None if figure.value is None else f"{figure.value:.1f}{unit}", figure.n, figure.out_of)
