"""One fault run on one database: steady load, providers in trouble, kill -9 of web and worker, database crashes."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bench.checks import Verdict, judge
from bench.child import Child
from bench.customers import Customer, Said, customers, slack_customers_in_public
from bench.database_server import DatabaseServer
from bench.product import Product, own_address, running_product
from bench.records import Key, Records, posts, read_records, unfinished
from bench.recovery import event_accepted_since, recovery, reply_posted_since
from bench.shop import TEXTS, open_shop
from bench.stand_ins import StandIns, open_stand_ins
from bench.trouble import SLACK_RETRIES, cause_trouble, end_trouble, troubles_met
from storage.database import Database

LONGEST_RECOVERY_SECONDS = 60.0
LOOK_SECONDS = 0.5
IN_PUBLIC = 2
IN_PUBLIC_WEIGHT = 0.3  # all threads of a channel share one post a second
SETTINGS = {
    "SLACK_MESSAGES_PER_SECOND": "50",
    "TELEGRAM_MESSAGES_PER_SECOND": "25",
    "MESSAGES_PER_MINUTE": "100000",
    "BURST_QUIET_SECONDS": "0.2",  # many turns, so that many are under way when a process dies
    "BURST_MOST_SECONDS": "1",
    "LOG_LEVEL": "WARNING",
}
SLACK_POSTS_PER_MINUTE = 3_000  # the workspace's; the pace per chat is kept as it is

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """`rate`: messages per second of all customers. `crashes`: of the database server, spread over the kills.
    `pause`: from a recovery to the next kill, at random in between. `finish_seconds`: how long the rest may take."""

    kills: int = 50
    crashes: int = 3
    rate: float = 20.0
    customers: int = 40
    seed: int = 1
    pause: tuple[float, float] = (0.2, 3.0)
    finish_seconds: float = 240.0
    slack_retries: tuple[timedelta, ...] = SLACK_RETRIES


@dataclass
class Findings:
    """`recoveries`: of each kill, in seconds, and `crash_recoveries` of each database crash. `troubles`: calls to the
    providers that met a fault. `unfinished`: what still had no end when waiting for it was given up."""

    records: Records
    verdict: Verdict
    recoveries: list[float]
    crash_recoveries: list[float]
    said: int
    troubles: int
    unfinished: int
    seconds: float
    kept: Path | None = None


@dataclass
class _Run:
    plan: Plan
    server: DatabaseServer
    stand_ins: StandIns
    product: Product
    database: Database
    dice: random.Random
    tell: Tell
    said: list[Said] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    crash_recoveries: list[float] = field(default_factory=list)


async def run_faults(plan: Plan, server: DatabaseServer, tell: Tell) -> Findings:
    """When something was found, the processes' output is kept, and `Findings.kept` tells where."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="supportbot-faults-"))
    kept: Path | None = None
    try:
        async with _prepared(plan, server, folder, tell) as run:
            await _under_load(run)
            left = await _finish(run)
            records = await read_records(run.database)
            verdict = judge(run.said, _given_up(run.stand_ins), records, posts(run.stand_ins, run.said))
            troubles = troubles_met(run.stand_ins)
        if not verdict.is_good:
            kept = folder
        return Findings(
            records=records,
            verdict=verdict,
            recoveries=run.recoveries,
            crash_recoveries=run.crash_recoveries,
            said=len(run.said),
            troubles=troubles,
            unfinished=left,
            seconds=time.monotonic() - began,
            kept=kept,
        )
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _prepared(plan: Plan, server: DatabaseServer, folder: Path, tell: Tell) -> AsyncIterator[_Run]:
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(open_shop())
        stand_ins = await stack.enter_async_context(open_stand_ins(plan.seed))
        stand_ins.slack.pace.posts_per_minute = SLACK_POSTS_PER_MINUTE
        url, listening = own_address()
        settings = {"DATABASE_URL": server.url, **listening, **SETTINGS, **shop.settings(), **stand_ins.settings(url)}
        product = await stack.enter_async_context(running_product(url, folder, settings))
        await stand_ins.call_slack_at(url)
        database = Database(server.url)
        stack.push_async_callback(database.dispose)
        yield _Run(plan, server, stand_ins, product, database, random.Random(plan.seed), tell)


async def _under_load(run: _Run) -> None:
    """Kills and crashes while customers write; both end together."""
    people = customers(run.stand_ins, run.plan.customers - IN_PUBLIC)
    in_public = slack_customers_in_public(run.stand_ins, [f"Public {number}" for number in range(IN_PUBLIC)])
    cause_trouble(run.stand_ins, run.plan.seed, run.plan.slack_retries)
    writing = asyncio.create_task(_write(run, people, in_public))
    try:
        await asyncio.sleep(1.0)
        await _break(run)
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing


async def _write(run: _Run, people: list[Customer], in_public: list[Customer]) -> None:
    """One message after the other, of anybody, at a steady rate; a slow machine makes it a lower one."""
    everybody = [*people, *in_public]
    weights = [1.0] * len(people) + [IN_PUBLIC_WEIGHT] * len(in_public)
    texts = list(TEXTS)
    dice = random.Random(run.plan.seed + 1)
    due = time.monotonic()
    while True:
        customer = dice.choices(everybody, weights)[0]
        run.said.append(customer.say(dice.choice(texts)))
        due = max(due + 1 / run.plan.rate, time.monotonic() - 1)
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def _break(run: _Run) -> None:
    crashes_after = _spread(run.plan.crashes if run.server.restart else 0, run.plan.kills)
    for number in range(1, run.plan.kills + 1):
        victim = run.dice.choice((run.product.web, run.product.worker))
        seconds = await _kill(run, victim)
        run.recoveries.append(seconds)
        run.tell(f"kill {number} of {run.plan.kills}: {victim.name}, back after {seconds:.1f} s, {len(run.said)} said")
        if number in crashes_after:
            await _crash(run)
        await asyncio.sleep(run.dice.uniform(*run.plan.pause))


def _spread(crashes: int, kills: int) -> set[int]:
    return {kills * (number + 1) // (crashes + 1) for number in range(crashes)}


async def _kill(run: _Run, victim: Child) -> float:
    """One in ten is killed again while it starts: that is when leases are freed and webhooks are set."""
    await victim.kill()
    died_at = time.time()
    await victim.start()
    if run.dice.random() < 0.1:
        await asyncio.sleep(run.dice.uniform(0.3, 1.5))
        await victim.kill()
        died_at = time.time()
        await victim.start()
    is_web = victim is run.product.web
    look = event_accepted_since if is_web else reply_posted_since
    return await recovery(lambda: look(run.stand_ins, died_at), died_at, LONGEST_RECOVERY_SECONDS)


async def _crash(run: _Run) -> None:
    """Until events are accepted and replies go out again, by the processes that were there before."""
    restart, stand_ins = run.server.restart, run.stand_ins
    assert restart is not None
    began = time.time()
    await restart()
    up_at = time.time()
    seconds = await recovery(
        lambda: event_accepted_since(stand_ins, up_at) and reply_posted_since(stand_ins, up_at),
        began,
        LONGEST_RECOVERY_SECONDS,
    )
    run.crash_recoveries.append(seconds)
    run.tell(f"database crashed and restarted: all at work again after {seconds:.1f} s")


async def _finish(run: _Run) -> int:
    """Waits until everything has come to its end; returns how much has not, in the time there was."""
    end_trouble(run.stand_ins)
    deadline = time.monotonic() + run.plan.finish_seconds
    left = -1
    while left and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_SECONDS)
        undelivered = run.stand_ins.undelivered
        left = undelivered + await unfinished(run.database)
        run.tell(f"finishing: {left} to go ({undelivered} at the providers)")
    return left


def _given_up(stand_ins: StandIns) -> set[Key]:
    """What Slack has stopped delivering. (Telegram goes on for a day.)"""
    events = [payload.get("event", {}) for payload in stand_ins.slack.deliveries.given_up]
    return {("slack", str(event.get("channel")), str(event.get("ts"))) for event in events}
