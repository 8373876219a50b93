"""The days go by: customers write, agents look, what is due happens; now and then something is out of order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from bench.month.agents import Agent
from bench.month.customers import Customer, people
from bench.month.findings import Findings, examine
from bench.month.stage import Stage, open_stage
from bench.month.trouble import Trouble

BEGIN = datetime(2026, 10, 19, 6, 0, tzinfo=UTC)  # a Monday; the clocks change on the Sunday, a holiday follows
AGENTS = ("Piotr", "Ola", "Ewa", "Jan")
DILIGENCE = (0.5, 0.35, 0.12, 0.04)
NIGHT_STEPS = 4  # by night a step is so much longer
STRUCK = 3  # every third customer's parcel, each time
JOBS_TURN = timedelta(minutes=30)


@dataclass(frozen=True)
class Plan:
    days: int
    customers: int
    seed: int = 7
    step: timedelta = timedelta(minutes=15)


@dataclass
class Progress:
    """Told after each day."""

    day: int
    of: int
    messages: int


async def live_through(plan: Plan, told: Callable[[Progress], None]) -> Findings:
    dice = Random(plan.seed)
    async with open_stage(BEGIN, list(AGENTS)) as stage:
        agents = [
            Agent(person, diligence, number != 3, Random(dice.random()))
            for number, (person, diligence) in enumerate(zip(stage.agents, DILIGENCE, strict=True))
        ]
        customers = people(stage, plan.customers, dice, BEGIN, plan.days)
        trouble = Trouble(Random(dice.random()))
        for day in range(plan.days):
            await _one_day(stage, customers, agents, trouble, plan.step)
            told(Progress(day + 1, plan.days, sum(customer.heard for customer in customers)))
        await trouble.ends(stage)
        await stage.pass_time(plan.step)
        found = await examine(stage, BEGIN, plan.step + JOBS_TURN)
        found.lived |= {"incidents": trouble.declared, "outages": trouble.outages, "deaf": trouble.deaf}
        return found


async def _one_day(
    stage: Stage, customers: list[Customer], agents: list[Agent], trouble: Trouble, step: timedelta
) -> None:
    end = stage.clock() + timedelta(days=1)
    while stage.clock() < end:
        lived = stage.clock() - BEGIN
        await trouble.comes(stage, lived)
        if trouble.strikes(lived):
            for customer in trouble.dice.sample(customers, len(customers) // STRUCK):
                customer.is_struck(stage.clock())
        for customer in customers:
            await customer.act(stage)
        await stage.settle()
        for agent in agents:
            await agent.look(stage)
            await agent.confirms_promises(stage)
        hour = stage.clock().astimezone(stage.app.desk().content.calendar.zone).hour
        await stage.pass_time(step if 7 <= hour < 21 else step * NIGHT_STEPS)
