"""Figures against tables worked out by hand."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.content import Content
from handlers.survey_figures import (
    DIMENSIONS,
    FORMULAS,
    Figure,
    cases,
    cases_between,
    closed_loop,
    first_contact,
    first_contact_by,
    score,
    score_by,
)
from handlers.surveys import SURVEYS
from storage import survey_figures
from storage.database import Database
from storage.survey_figures import Change, Opened, Recovered, Tally
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.fakes import FakeNLU
from tests.handlers.survey_stories import asked, only, served, surveys_step, told_by_bot, with_rules

METRICS = Path(__file__).parent.parent.parent / "docs" / "metrics.md"
FAR = timedelta(days=1000)


def tally(kind: str, scores: dict[int | None, int], **more: object) -> list[Tally]:
    """`None`: sent, and not answered."""
    common = Tally(kind, "telegram", "pl", "complaint", "human", "answered", 0, is_rerating=False, count=0)
    return [
        replace(common, score=score, count=count, status="answered" if score is not None else "expired", **more)  # type: ignore[arg-type]
        for score, count in scores.items()
    ]


def test_the_docs_and_the_code_say_the_same_of_each_figure() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", METRICS.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: formula for name, formula in rows if name not in {"figure", "---"}} == dict(FORMULAS)


@pytest.mark.parametrize(
    ("kind", "scores", "value"),
    [
        ("csat", {5: 10}, 100.0),
        ("csat", {1: 10}, 0.0),
        ("csat", {1: 1, 2: 2, 3: 3, 4: 6, 5: 8}, 70.0),
        ("csat", {3: 1, 4: 1}, 50.0),
        ("ces", {1: 1, 7: 1}, 4.0),
        ("ces", {5: 2, 6: 1, 7: 1}, 5.75),
        ("nps", {10: 3}, 100.0),
        ("nps", {0: 3}, -100.0),
        ("nps", {7: 2, 8: 2}, 0.0),
        ("nps", {6: 1, 7: 1, 8: 1, 9: 1}, 0.0),
        ("nps", {0: 1, 6: 2, 7: 2, 8: 1, 9: 2, 10: 2}, 10.0),
    ],
)
def test_one_number_of_all_scores(kind: str, scores: dict[int | None, int], value: float) -> None:
    n = sum(scores.values())
    assert score(tally(kind, {**scores, None: 5}), kind, 1) == Figure(pytest.approx(value), n, n + 5)


def test_what_too_few_have_said_is_not_shown_but_how_many_they_are() -> None:
    few = tally("csat", {5: 4, None: 6})
    assert score(few, "csat", 5) == Figure(None, 4, 10)
    assert score(few, "csat", 5).rate == 40.0
    assert score([], "csat", 1) == Figure(None, 0, 0)
    assert score([], "csat", 1).rate is None


def test_ratings_after_a_recovery_are_a_figure_of_their_own() -> None:
    both = tally("csat", {1: 2, 5: 2}) + tally("csat", {5: 2}, is_rerating=True)
    assert score(both, "csat", 1).value == 50.0
    assert score(both, "csat", 1, rerated=True).value == 100.0


@given(
    st.lists(
        st.builds(
            Tally,
            st.sampled_from(sorted(SURVEYS)), st.sampled_from(["telegram", "slack"]), st.sampled_from(["pl", "en"]),
            st.sampled_from(["complaint", "refund", "unknown"]), st.sampled_from(["bot", "human"]),
            st.sampled_from(["sent", "answered", "expired"]), st.integers(1, 5), st.booleans(), st.integers(1, 9),
        )
    )
)  # fmt: skip
def test_slices_add_up_to_the_whole(tallies: list[Tally]) -> None:
    for kind in SURVEYS:
        whole = score(tallies, kind, 1)
        for dimension in DIMENSIONS:
            slices = score_by(tallies, kind, dimension, 1).values()
            assert (sum(one.n for one in slices), sum(one.out_of for one in slices)) == (whole.n, whole.out_of)
            if kind == "csat" and whole.value is not None:
                weighed = sum((one.value or 0) * one.n for one in slices) / whole.n
                assert weighed == pytest.approx(whole.value)


# First contact


def at(days: float) -> datetime:
    return MONDAY_NOON + timedelta(days=days)


def closed(ticket_id: int, day: float, **more: object) -> Change:
    closing = Change(
        ticket_id, ticket_id, "telegram", "pl", "complaint", "agent:Ola", "open", "resolved", "solved", at(day)
    )
    return replace(closing, **more)  # type: ignore[arg-type]


def reopened(ticket_id: int, day: float) -> Change:
    return closed(ticket_id, day, actor="customer", before="resolved", after="open", cause=None)


def test_who_did_not_come_back_was_helped_at_once(content: Content) -> None:
    """Ten tickets of ten customers; seven days to come back. 6 of 8 cases: the ninth and tenth are none."""
    changes = [
        closed(1, 0),
        closed(2, 0), reopened(2, 7), closed(2, 8),  # came back; settled again, which is a case of its own
        closed(3, 0), reopened(3, 7.01),  # too late to count
        closed(4, 0),  # another ticket about the same
        closed(5, 0),  # about something else
        closed(6, 0, actor="customer", cause=None),
        closed(7, 0), closed(7, 1, before="resolved", after="closed", actor="bot"),  # put away later
        closed(8, 0, actor="bot", cause=None),  # closed because nobody answered
        closed(9, 0, cause="spam"),
        closed(10, 30),  # settled later
    ]  # fmt: skip
    openings = [
        Opened(40, 4, "complaint", at(3)),
        Opened(50, 5, "get_invoice", at(3)),
        Opened(10, 10, "complaint", at(29)),
        Opened(60, 6, "complaint", at(-1)),
    ]
    settled = cases(changes, [], openings, content.surveys, at(20))
    assert Counter(case.came_back for case in settled) == {False: 6, True: 2}
    assert first_contact(settled, 1) == Figure(75.0, 8, 8)
    assert first_contact(settled, 9).value is None


def test_the_bots_cases_come_back_as_tickets(content: Content) -> None:
    alone = [
        replace(closed(1, 0), ticket_id=None, customer_id=customer, intent="delivery_period") for customer in (1, 2, 3)
    ]
    openings = [Opened(7, 2, "delivery_period", at(1)), Opened(8, 3, "human_handoff", at(1))]
    settled = cases([closed(9, 0)], alone, openings, content.surveys, at(20))
    by = first_contact_by(settled, "by", 1)
    assert {name: (figure.value, figure.n) for name, figure in by.items()} == {
        "bot": (pytest.approx(100 / 3), 3),
        "human": (100.0, 1),
    }
    assert sum(figure.n for figure in by.values()) == first_contact(settled, 1).n


def test_the_loop_is_closed_when_what_was_wrong_is_settled() -> None:
    three = [Recovered("csat", 1, at(1), 4), Recovered("csat", 2, at(2), None), Recovered("ces", 1, None, None)]
    assert closed_loop(three) == Figure(pytest.approx(200 / 3), 2, 3)
    assert closed_loop([]).value is None


# From the database


async def test_the_figures_of_a_few_days_are_those_counted_by_hand(
    database: Database, content: Content, nlu: FakeNLU
) -> None:
    """Anna gives 5, Tom 1 and, put right, 4; Ida does not answer; Jan asks the bot and gives 6."""
    bot = BotUnderTest(database, with_rules(only(content, "csat", "ces"), csat={"remind_after_hours": None}), nlu)
    for chat, label in (("anna", "5"), ("tom", "1"), ("ida", None)):
        await served(bot, chat)
        said = await asked(bot, chat)
        if label:
            await bot.press(said, label, chat=chat)
    await bot.meet("jan")
    await told_by_bot(bot, "jan")
    await bot.press(await asked(bot, "jan"), "6", chat="jan")
    low = next(ticket for ticket in await bot.tickets() if ticket.reason == "low_score")
    await bot.agent("Ewa", "resolve", low.number, "solved")
    await bot.replies("tom")
    await bot.press(await asked(bot, "tom"), "4", chat="tom")
    bot.later(days=8)
    await surveys_step(bot)
    async with database.reading() as session:
        since, until = MONDAY_NOON - FAR, bot.now
        tallies = await survey_figures.tallies(session, since, until)
        reasons = await survey_figures.reasons(session, since, until)
        recovered = await survey_figures.recoveries(session, since, until)
        settled = await cases_between(session, bot.content.surveys, since, until, bot.now)
    assert score(tallies, "csat", 1) == Figure(50.0, 2, 3)
    assert score(tallies, "csat", 1, rerated=True) == Figure(100.0, 1, 1)
    assert score_by(tallies, "ces", "intent", 1) == {"delivery_period": Figure(6.0, 1, 1)}
    assert {tally.by for tally in tallies if tally.kind == "ces"} == {"bot"}
    assert set(reasons) == {("nps", "not_sampled")}
    assert [(one.kind, one.score, one.score_after) for one in recovered] == [("csat", 1, 4)]
    assert closed_loop(recovered).value == 100.0
    assert first_contact(settled, 1) == Figure(100.0, 4, 4)
    assert {name: figure.n for name, figure in first_contact_by(settled, "by", 1).items()} == {"bot": 1, "human": 3}
