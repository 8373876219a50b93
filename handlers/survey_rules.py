"""May this survey be sent now? If not: why, and whether later. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handlers.rhythm import Rhythm
from handlers.survey_settings import KindRules, SurveyRules


class WhyNot(StrEnum):
    """The reason on record. A ticket closed as something that is not asked about has that cause as the reason."""

    REOPENED = "reopened"
    AUTO_CLOSED = "auto_closed"
    NOBODY_SERVED = "nobody_served"
    HANDED_OVER = "handed_over"
    NOT_UNDERSTOOD = "not_understood"
    PUBLIC = "public"
    BLOCKED = "blocked"
    REFUSED = "refused"
    NOT_SAMPLED = "not_sampled"
    FATIGUE = "fatigue"
    TOO_SOON = "too_soon"
    STALE = "stale"
    UNDELIVERED = "undelivered"
    NOT_YET = "not_yet"
    LIVE_CHAT = "live_chat"
    DRAFT = "draft"
    TALKING = "talking"
    INCIDENT = "incident"
    NIGHT = "night"


@dataclass(frozen=True)
class Closing:
    """A ticket's closing that is asked about. `by_bot`: because nobody answered. `was_served`: an agent spoke to the
    customer, or closed it."""

    by_bot: bool
    cause: str | None
    was_served: bool
    reopened: bool


@dataclass(frozen=True)
class Alone:
    """A case that the bot settled alone, or so it seems."""

    handed_over: bool
    understood: bool


@dataclass(frozen=True)
class Facts:
    """What is known when a survey is due. `occasion_at`: when the case ended. `lot`: drawn once, 0 ≤ lot < 1; below
    the kind's share it is asked. `is_with_people`: one of their chats is not the bot's. `last_survey_at` and
    `last_of_kind_at`: when they were sent another one."""

    occasion_at: datetime
    occasion: Closing | Alone
    is_rerating: bool = False
    is_private: bool = True
    is_blocked: bool = False
    has_refused: bool = False
    is_with_people: bool = False
    has_draft: bool = False
    last_wrote_at: datetime | None = None
    in_incident: bool = False
    last_survey_at: datetime | None = None
    last_of_kind_at: datetime | None = None
    lot: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """Without a reason it is sent; with a time it is looked at again then."""

    why: str | None = None
    again_at: datetime | None = None

    @property
    def may_send(self) -> bool:
        return self.why is None


def verdict(facts: Facts, kind: KindRules, rules: SurveyRules, rhythm: Rhythm, now: datetime) -> Verdict:
    never = _of_the_case(facts.occasion, rules) or _of_the_customer(facts, kind, rules, now)
    if never is not None:
        return Verdict(never)
    after = timedelta() if facts.is_rerating else kind.after
    ready_at = facts.occasion_at + max(after, rules.quiet)
    too_late = ready_at + timedelta(hours=rules.stale_hours)
    if now > too_late:
        return Verdict(WhyNot.STALE)
    later = _not_now(facts, ready_at, rules, rhythm, now)
    if later.again_at is not None and later.again_at > too_late:
        return Verdict(later.why)
    return later


def may_remind(facts: Facts, rules: SurveyRules, rhythm: Rhythm, now: datetime) -> Verdict:
    """As `verdict`, for one that was sent and has no answer."""
    if isinstance(facts.occasion, Closing) and facts.occasion.reopened:
        return Verdict(WhyNot.REOPENED)
    never = _out_of_reach(facts)
    return Verdict(never) if never else _not_now(facts, facts.occasion_at, rules, rhythm, now)


def _of_the_case(occasion: Closing | Alone, rules: SurveyRules) -> str | None:
    if isinstance(occasion, Alone):
        if occasion.handed_over:
            return WhyNot.HANDED_OVER
        return None if occasion.understood else WhyNot.NOT_UNDERSTOOD
    if occasion.reopened:
        return WhyNot.REOPENED
    if occasion.cause in rules.not_after:
        return occasion.cause
    if occasion.by_bot:
        return WhyNot.AUTO_CLOSED
    return None if occasion.was_served else WhyNot.NOBODY_SERVED


def _of_the_customer(facts: Facts, kind: KindRules, rules: SurveyRules, now: datetime) -> WhyNot | None:
    """A re-rating is asked for because of their own low score: whoever is asked it was asked lately."""
    if out_of_reach := _out_of_reach(facts):
        return out_of_reach
    if facts.is_rerating:
        return None
    if facts.lot >= kind.share:
        return WhyNot.NOT_SAMPLED
    if _within(facts.last_of_kind_at, kind.every_days, now):
        return WhyNot.TOO_SOON
    return WhyNot.FATIGUE if _within(facts.last_survey_at, rules.fatigue_days, now) else None


def _out_of_reach(facts: Facts) -> WhyNot | None:
    if not facts.is_private:
        return WhyNot.PUBLIC
    if facts.is_blocked:
        return WhyNot.BLOCKED
    return WhyNot.REFUSED if facts.has_refused else None


def _within(at: datetime | None, days: int, now: datetime) -> bool:
    return at is not None and now - at < timedelta(days=days)


def _not_now(facts: Facts, ready_at: datetime, rules: SurveyRules, rhythm: Rhythm, now: datetime) -> Verdict:
    if now < ready_at:
        return Verdict(WhyNot.NOT_YET, ready_at)
    if facts.is_with_people:
        return Verdict(WhyNot.LIVE_CHAT, now + rules.quiet)
    if facts.has_draft:
        return Verdict(WhyNot.DRAFT, now + rules.quiet)
    if facts.last_wrote_at is not None and now - facts.last_wrote_at < rules.quiet:
        return Verdict(WhyNot.TALKING, facts.last_wrote_at + rules.quiet)
    if facts.in_incident:
        return Verdict(WhyNot.INCIDENT, now + rules.quiet)
    return Verdict(WhyNot.NIGHT, rhythm.next_allowed(now)) if rhythm.in_quiet_hours(now) else Verdict()
