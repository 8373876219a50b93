from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from handlers.content import Content
from handlers.survey_rules import Alone, Closing, Facts, Verdict, WhyNot, may_remind, verdict
from handlers.survey_settings import KindRules, SurveyRules
from handlers.surveys import SURVEYS
from tests.handlers.survey_stories import with_rules
from tests.handlers.test_rhythm import RHYTHM

WARSAW = ZoneInfo("Europe/Warsaw")
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # Monday, 12:00 in Warsaw
SETTLED = Closing(by_bot=False, cause="solved", was_served=True, reopened=False)
BY_BOT = Alone(handed_over=False, understood=True)
KIND = KindRules(after_minutes=15, low=2)
PLAIN = Facts(occasion_at=NOON - timedelta(hours=1), occasion=SETTLED)


@pytest.fixture
def rules(content: Content) -> SurveyRules:
    return with_rules(content, quiet_minutes=15, stale_hours=48, fatigue_days=7).surveys


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("occasion", "why"),
    [
        (SETTLED, None),
        (replace(SETTLED, cause=None), None),
        (replace(SETTLED, cause="spam"), "spam"),
        (replace(SETTLED, cause="duplicate"), "duplicate"),
        (replace(SETTLED, cause="no_answer"), "no_answer"),
        (replace(SETTLED, by_bot=True), WhyNot.AUTO_CLOSED),
        (replace(SETTLED, was_served=False), WhyNot.NOBODY_SERVED),
        (replace(SETTLED, reopened=True, cause="spam"), WhyNot.REOPENED),
        (BY_BOT, None),
        (replace(BY_BOT, handed_over=True), WhyNot.HANDED_OVER),
        (replace(BY_BOT, understood=False), WhyNot.NOT_UNDERSTOOD),
    ],
)
def test_what_case_is_asked_about(rules: SurveyRules, occasion: Closing | Alone, why: str | None) -> None:
    assert verdict(replace(PLAIN, occasion=occasion), KIND, rules, RHYTHM, NOON) == Verdict(why)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"is_private": False}, WhyNot.PUBLIC),
        ({"is_blocked": True}, WhyNot.BLOCKED),
        ({"has_refused": True}, WhyNot.REFUSED),
        ({"has_refused": True, "is_rerating": True}, WhyNot.REFUSED),
        ({"last_survey_at": NOON - timedelta(days=7)}, None),
        ({"last_survey_at": NOON - timedelta(days=6, hours=23)}, WhyNot.FATIGUE),
        ({"last_survey_at": NOON - timedelta(days=1), "is_rerating": True}, None),
        ({"lot": 0.999}, None),
    ],
)
def test_who_is_asked(rules: SurveyRules, more: dict[str, Any], why: str | None) -> None:
    assert verdict(replace(PLAIN, **more), KIND, rules, RHYTHM, NOON) == Verdict(why)


@pytest.mark.parametrize(
    ("share", "lot", "why"), [(0.25, 0.24, None), (0.25, 0.25, WhyNot.NOT_SAMPLED), (0, 0.0, WhyNot.NOT_SAMPLED)]
)
def test_a_share_of_the_cases_is_asked_about(rules: SurveyRules, share: float, lot: float, why: str | None) -> None:
    kind = KIND.model_copy(update={"share": share})
    assert verdict(replace(PLAIN, lot=lot), kind, rules, RHYTHM, NOON) == Verdict(why)


def test_a_kind_has_its_own_rhythm_beside_the_common_one(rules: SurveyRules) -> None:
    quarterly = KIND.model_copy(update={"every_days": 90})
    lately = replace(PLAIN, last_of_kind_at=NOON - timedelta(days=89))
    assert verdict(lately, quarterly, rules, RHYTHM, NOON).why == WhyNot.TOO_SOON
    long_ago = replace(PLAIN, last_of_kind_at=NOON - timedelta(days=90))
    assert verdict(long_ago, quarterly, rules, RHYTHM, NOON).may_send


@pytest.mark.parametrize(
    ("more", "why", "again_at"),
    [
        ({"occasion_at": NOON - minutes(10)}, WhyNot.NOT_YET, NOON + minutes(5)),
        ({"is_with_people": True}, WhyNot.LIVE_CHAT, NOON + minutes(15)),
        ({"has_draft": True}, WhyNot.DRAFT, NOON + minutes(15)),
        ({"last_wrote_at": NOON - minutes(14)}, WhyNot.TALKING, NOON + minutes(1)),
        ({"last_wrote_at": NOON - minutes(15)}, None, None),
        ({"in_incident": True}, WhyNot.INCIDENT, NOON + minutes(15)),
        ({"is_with_people": True, "occasion_at": NOON - timedelta(hours=48, minutes=5)}, WhyNot.LIVE_CHAT, None),
        ({"occasion_at": NOON - timedelta(hours=48, minutes=16)}, WhyNot.STALE, None),
    ],
)
def test_what_is_not_the_moment_is_put_off_and_dropped_when_it_gets_old(
    rules: SurveyRules, more: dict[str, Any], why: str | None, again_at: datetime | None
) -> None:
    assert verdict(replace(PLAIN, **more), KIND, rules, RHYTHM, NOON) == Verdict(why, again_at)


@pytest.mark.parametrize(
    ("local", "again"),
    [
        ("2026-11-23T07:59", "2026-11-23T08:00"),
        ("2026-11-23T08:00", None),
        ("2026-11-23T20:59", None),
        ("2026-11-23T21:00", "2026-11-24T08:00"),
        ("2026-11-28T23:30", "2026-11-29T08:00"),  # a Sunday
        ("2026-10-24T22:00", "2026-10-25T08:00"),  # the night that has 25 hours
        ("2026-03-28T22:00", "2026-03-29T08:00"),  # and the one that has 23
        ("2026-12-25T12:00", None),
    ],
)
def test_nobody_is_asked_at_night(rules: SurveyRules, local: str, again: str | None) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=WARSAW)
    found = verdict(replace(PLAIN, occasion_at=now - timedelta(hours=1)), KIND, rules, RHYTHM, now)
    at = None if again is None else datetime.fromisoformat(again).replace(tzinfo=WARSAW)
    assert found == Verdict(WhyNot.NIGHT if at else None, at)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, Verdict()),
        ({"occasion": replace(SETTLED, reopened=True)}, Verdict(WhyNot.REOPENED)),
        ({"has_refused": True}, Verdict(WhyNot.REFUSED)),
        ({"is_blocked": True}, Verdict(WhyNot.BLOCKED)),
        ({"is_with_people": True}, Verdict(WhyNot.LIVE_CHAT, NOON + minutes(15))),
        ({"last_survey_at": NOON - timedelta(days=1)}, Verdict()),
        ({"occasion_at": NOON - timedelta(days=3)}, Verdict()),
    ],
)
def test_who_is_reminded(rules: SurveyRules, more: dict[str, Any], expected: Verdict) -> None:
    assert may_remind(replace(PLAIN, **more), rules, RHYTHM, NOON) == expected


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    age=st.integers(0, 5_000),
    wrote=st.none() | st.integers(0, 60),
    flags=st.tuples(*(st.booleans() for _ in range(6))),
    is_rerating=st.booleans(),
)
def test_whatever_the_case_what_is_put_off_is_put_off_into_the_future_and_what_is_sent_disturbs_nobody(
    content: Content, now: datetime, age: int, wrote: int | None, flags: tuple[bool, ...], is_rerating: bool
) -> None:
    private, blocked, refused, people, draft, incident = flags
    facts = Facts(
        now - minutes(age),
        SETTLED,
        is_rerating=is_rerating,
        is_private=private,
        is_blocked=blocked,
        has_refused=refused,
        is_with_people=people,
        has_draft=draft,
        last_wrote_at=None if wrote is None else now - minutes(wrote),
        in_incident=incident,
    )
    found = verdict(facts, KIND, content.surveys, content.rhythm, now)
    assert found.again_at is None or found.again_at > now
    if found.may_send:
        assert private
        assert not any(flags[1:])
        assert 8 <= now.astimezone(WARSAW).hour < 21
        assert wrote is None or wrote >= content.surveys.quiet_minutes


# The content


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"kinds": {"csat": {"after_minutes": 1}}}, "these there are"),
        ({"csat": {"low": 5}}, "below the best"),
        ({"csat": {"low": 0}}, "below the best"),
        ({"csat": {"remind_after_hours": 24 * 7}}, "window is over"),
        ({"ces": {"share": 1.5}}, "less than or equal to 1"),
    ],
)
def test_rules_that_make_no_sense_are_refused(content: Content, wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        with_rules(content, **wrong)


# The kinds


@pytest.mark.parametrize(
    ("kind", "text", "score"),
    [
        ("csat", "4", 4),
        ("csat", " 5 ", 5),
        ("csat", "4 🙂", 4),
        ("csat", "4/5", 4),
        ("csat", "4/10", None),
        ("csat", "0", None),
        ("csat", "6", None),
        ("csat", "-1", None),
        ("csat", "4 sztuki", None),
        ("csat", "٤", None),
        ("csat", "", None),
        ("csat", "1" * 5000, None),
        ("ces", "7", 7),
        ("ces", "8", None),
        ("nps", "0", 0),
        ("nps", "10", 10),
        ("nps", "11", None),
    ],
)
def test_how_a_score_is_read(kind: str, text: str, score: int | None) -> None:
    assert SURVEYS[kind].read(text) == score


@pytest.mark.parametrize("kind", SURVEYS)
def test_every_button_says_a_score_that_is_read_back(kind: str) -> None:
    one = SURVEYS[kind]
    assert [one.read(one.label(score)) for score in one.scores] == list(one.scores)
