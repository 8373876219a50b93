"""The breach report, and that what is on record is what the raw events give, whatever was done (R28)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers import casework, tickets
from handlers.agent_actions import Act
from handlers.content import Content
from handlers.sla_policy import Limit
from handlers.sla_report import Figures, InForce, mismatches, recompute, report
from storage import sla_clocks
from storage.sla_clocks import SlaClock, Target
from storage.tickets import Priority, Status, Ticket
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.handlers.case_log import Happened, log, warsaw
from tests.handlers.colleagues import ask_for_a_person
from tests.handlers.test_sla import WHAT
from tests.handlers.test_sla_watch import renew, watch


def test_the_report_counts_by_target_tier_and_category(content: Content) -> None:
    stories = [
        log(("11-23 12:00", "opened"), ("11-23 12:30", "replies"), ("11-23 13:00", "resolves")),
        log(("11-23 12:00", "opened"), ("11-23 13:00", "replies")),
        log(("11-23 12:00", "opened"), ("11-23 12:30", "spam")),
        log(("11-23 12:00", "opened"), ("11-23 12:30", "replies"), tier="premium"),
    ]
    now = warsaw("2026-11-23 14:30")
    held = [InForce(MONDAY_NOON, content.sla, content.calendar)]
    clocks = [clock for story in stories for clock in recompute(story, held) if clock.target is not Target.LIVE_WAIT]
    found = report(clocks, now)
    assert found == {
        ("first_response", "mass", "get_invoice"): Figures(met=1, late=1, dropped=1),
        ("first_response", "premium", "get_invoice"): Figures(late=1),
        ("resolution", "mass", "get_invoice"): Figures(met=1, running=1, dropped=1),
        ("resolution", "premium", "get_invoice"): Figures(late=1),
    }
    assert found["first_response", "mass", "get_invoice"].share_met == 0.5
    assert found["first_response", "mass", "get_invoice"].total == 3
    assert Figures(running=2).share_met is None


deeds = st.lists(st.tuples(st.integers(0, 600), st.sampled_from((*WHAT, "policy", "hours"))), min_size=3, max_size=12)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_what_is_on_record_is_what_the_events_give(bot: BotUnderTest, data: st.DataObject) -> None:
    """Policies and hours change in between; each example is a day of its own."""
    bot.now = began = max(bot.now, MONDAY_NOON) + timedelta(days=1)
    held = [InForce(MONDAY_NOON, bot.content.sla, bot.content.calendar)]
    ticket = await ask_for_a_person(bot, chat=f"chat{bot.now.isoformat()}")
    steps = data.draw(deeds)
    story = iter(log(("11-23 12:00", "opened"), *(("11-23 12:00", what) for _, what in steps if what in WHAT))[1:])
    for minutes, what in steps:
        bot.later(minutes=minutes)
        await watch(bot)
        if what in WHAT:
            await _happens(bot, ticket, next(story))
            await watch(bot)
        else:
            _change(bot, what, minutes)
            held.append(InForce(bot.now, bot.content.sla, bot.content.calendar))
            await renew(bot)
            await watch(bot)
    async with bot.database.reading() as session:
        assert await mismatches(session, held, began, bot.now + timedelta(seconds=1)) == []
        rows = await sla_clocks.clocks_of(session, ticket.id)
    assert len(rows) >= 3
    late = [row for row in rows if row.due_at is not None and row.due_at <= bot.now and row.ended_at is None]
    assert all(row.breached_at is not None for row in late), "of each that is late the desk was told"


async def _happens(bot: BotUnderTest, ticket: Ticket, event: Happened) -> None:
    async with bot.database.transaction() as session:
        mine = await session.get_one(Ticket, ticket.id)
        await tickets.log_event(session, mine, event.kind, event.actor, bot.now, **event.data)


def _change(bot: BotUnderTest, what: str, minutes: int) -> None:
    if what == "policy":
        last = bot.content.sla.policies[-1].model_copy(update={"resolution": Limit(minutes=1 + minutes)})
        policies = (*bot.content.sla.policies[:-1], last)
        bot.content = replace(bot.content, sla=bot.content.sla.model_copy(update={"policies": policies}))
    else:
        day = bot.now.date() + timedelta(days=minutes % 3)
        bot.content = replace(bot.content, calendar=replace(bot.content.calendar, closed=frozenset({day})))


AGENTS = ("reply", "take_over", "third party", "category", "reply", "hand_back", "tier", "release", "assign", "wait",
          "resolve", "reopen", "reply", "priority", "resolve")  # fmt: skip


async def test_the_figures_stay_right_through_all_that_agents_and_customers_do(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    began = bot.now
    for what in AGENTS:
        bot.later(minutes=25)
        await bot.hears("i co z tym?")
        await bot.work()
        bot.later(minutes=10)
        await _agent(bot, ticket, what)
        await watch(bot)
    held = [InForce(MONDAY_NOON, bot.content.sla, bot.content.calendar)]
    async with bot.database.reading() as session:
        assert await mismatches(session, held, began, bot.now) == []
        rows = await sla_clocks.clocks_of(session, ticket.id)
    assert {row.target for row in rows} == set(Target)
    assert {row.policy for row in rows if row.target == Target.RESOLUTION} == {"complaint"}


async def _agent(bot: BotUnderTest, ticket: Ticket, what: str) -> None:
    number = ticket.number
    async with bot.database.transaction() as session:
        act = Act(session, bot.desk, "Ola", bot.now, leads=True)
        match what:
            case "reply":
                await act.reply(number, "Sprawdzam.")
            case "wait":
                await casework.wait(act, number, Status.WAITING_CUSTOMER, "Proszę o zdjęcie.")
            case "third party":
                await casework.wait(act, number, Status.WAITING_THIRD_PARTY, "Czekamy na kuriera.")
            case "priority":
                await casework.set_priority(act, number, Priority.HIGH)
            case "category":
                await casework.set_category(act, number, "complaint")
            case "tier":
                await casework.set_tier(act, number, "premium")
            case "assign":
                await act.assign(number, "Jan")
            case _:
                await getattr(act, what)(number)


async def test_a_row_that_is_not_as_the_events_say_is_found(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    held = [InForce(MONDAY_NOON, bot.content.sla, bot.content.calendar)]
    async with bot.database.reading() as session:
        assert len(await mismatches(session, held, bot.now, bot.now + timedelta(days=1))) == 3, (
            "the job has not run yet"
        )
    await watch(bot)
    async with bot.database.transaction() as session:
        assert await mismatches(session, held, bot.now, bot.now + timedelta(days=1)) == []
        [first, second, third] = await sla_clocks.clocks_of(session, ticket.id)
        assert first.due_at
        first.due_at += timedelta(minutes=1)
        await session.delete(second)
        extra = {name: getattr(third, name) for name in SlaClock.__table__.columns.keys() if name != "id"}  # noqa: SIM118
        session.add(SlaClock(**{**extra, "target": "next_response"}))
        await session.flush()
        found = await mismatches(session, held, bot.now, bot.now + timedelta(days=1))
        assert len(found) == 3
        assert [one.stored is None for one in found].count(True) == 1
        assert [one.computed is None for one in found].count(True) == 1


@pytest.mark.parametrize("since", [MONDAY_NOON, MONDAY_NOON + timedelta(days=1)])
def test_what_is_over_goes_by_what_held_then(content: Content, since: datetime) -> None:
    before = content.sla
    mass = before.policies[-1]
    longer = mass.model_copy(update={"first_response": mass.resolution})
    after = before.model_copy(update={"policies": (*before.policies[:-1], longer)})
    events = log(("11-23 12:00", "opened"), ("11-23 12:30", "replies"))
    held = [InForce(MONDAY_NOON - timedelta(days=9), before, content.calendar),
            InForce(since, after, content.calendar)]  # fmt: skip
    [first, _] = [clock for clock in recompute(events, held) if clock.target is not Target.LIVE_WAIT]
    assert first.minutes == (1440 if since == MONDAY_NOON else 60)
