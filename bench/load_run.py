"""One load run: messages at a rate, from "said" at the stand-ins to the reply there, and what it costs."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.child import Use, use_of
from bench.customers import Customer, Said, customers
from bench.product import Product, own_address, running_product
from bench.records import Post, Records, posts, read_records, unfinished
from bench.shop import open_shop
from bench.stand_ins import Ack, StandIns, open_stand_ins
from bot.nlu_server import NLUServer
from bot.nlu_sets import LabelledText, read_sets
from storage.database import Database
from storage.inbound import Outcome

SECONDS_BETWEEN = 15  # of one customer's messages: no chat's own pace, a second, is the limit
WARM_UP_CUSTOMERS = 12
WARM_UP_SECONDS = 30.0
DRAIN_SECONDS = 60.0
SETTLE_SECONDS = 3.0
IDLE_SECONDS = 12.0
LOOK_SECONDS = 0.5
SETTINGS = {
    "SLACK_MESSAGES_PER_SECOND": "1000",
    "TELEGRAM_MESSAGES_PER_SECOND": "1000",
    "MESSAGES_PER_MINUTE": "100000",
    "LOG_LEVEL": "WARNING",
}

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    rate: float
    seconds: float
    seed: int = 1


@dataclass(frozen=True)
class Figures:
    """`acks` are all deliveries that the web process was to acknowledge, in seconds; `replies` the seconds from said
    to the reply at the stand-in; `silent` wanted none (relayed to the queue, for instance).

    `backlog` had no end when the last message was said, `left` still had none when waiting was given up. CPU is of
    the whole run up to then; idle CPU is a share of one core, None where the work did not end. `late`: how late this
    process's own loop was, in seconds; acks and replies contain it.
    """

    plan: Plan
    said: int
    said_seconds: float
    acks: list[float]
    refused: int
    replies: list[float]
    silent: int
    backlog: int
    left: int
    drained_seconds: float
    web_cpu_seconds: float
    worker_cpu_seconds: float
    nlu_cpu_seconds: float
    web_rss_mb: float
    worker_rss_mb: float
    idle_share: float | None
    nlu_idle_share: float | None
    late: list[float]

    @property
    def worked(self) -> int:
        return self.said - self.left

    @property
    def product_cpu_seconds(self) -> float:
        return self.web_cpu_seconds + self.worker_cpu_seconds

    @property
    def kept_up(self) -> bool:
        return self.left == 0 and self.said >= 0.98 * self.plan.rate * self.plan.seconds


@dataclass
class _Run:
    plan: Plan
    stand_ins: StandIns
    product: Product
    database: Database
    nlu: NLUServer
    tell: Tell

    def use(self) -> tuple[Use, Use, Use]:
        """Of web, worker and language server."""
        assert self.nlu.pid is not None
        return self.product.web.use(), self.product.worker.use(), use_of(self.nlu.pid)

    async def left(self) -> int:
        return self.stand_ins.undelivered + await unfinished(self.database)


async def run_load(plan: Plan, database_url: str, nlu: NLUServer, tell: Tell) -> Figures:
    async with _prepared(plan, database_url, nlu, tell) as run:
        await _warm_up(run)
        before = run.use()
        late: list[float] = []
        watching = asyncio.create_task(_watch_lateness(late))
        said, said_seconds = await _write(run)
        backlog = await run.left()
        left, drained_seconds = await _drain(run, DRAIN_SECONDS)
        watching.cancel()
        after = run.use()
        idle, nlu_idle = await _idle(run) if left == 0 else (None, None)
        acks = list(run.stand_ins.acks)
        times, silent = reply_times(said, await read_records(run.database), posts(run.stand_ins, said))
    cpu = [two.cpu_seconds - one.cpu_seconds for one, two in zip(before, after, strict=True)]
    return Figures(
        plan=plan,
        said=len(said),
        said_seconds=said_seconds,
        acks=[ack.seconds for ack in acks],
        refused=_refused(acks),
        replies=times,
        silent=silent,
        backlog=backlog,
        left=left,
        drained_seconds=drained_seconds,
        web_cpu_seconds=cpu[0],
        worker_cpu_seconds=cpu[1],
        nlu_cpu_seconds=cpu[2],
        web_rss_mb=after[0].rss_mb,
        worker_rss_mb=after[1].rss_mb,
        idle_share=idle,
        nlu_idle_share=nlu_idle,
        late=late,
    )


@asynccontextmanager
async def _prepared(plan: Plan, database_url: str, nlu: NLUServer, tell: Tell) -> AsyncIterator[_Run]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="supportbot-load-")))
        shop = await stack.enter_async_context(open_shop())
        stand_ins = await stack.enter_async_context(open_stand_ins(plan.seed))
        stand_ins.slack.pace.is_kept = stand_ins.telegram.pace.is_kept = False
        url, listening = own_address()
        settings = {"DATABASE_URL": database_url, **listening, **SETTINGS, **shop.settings(), **stand_ins.settings(url)}
        settings |= {"NLU_URL": nlu.url, "NLU_TOKEN": nlu.token}
        product = await stack.enter_async_context(running_product(url, folder, settings))
        await stand_ins.call_slack_at(url)
        database = Database(database_url)
        stack.push_async_callback(database.dispose)
        yield _Run(plan, stand_ins, product, database, nlu, tell)


async def _warm_up(run: _Run) -> None:
    """Connections are open and caches filled, as in a process that has been up for a while."""
    for customer in customers(run.stand_ins, WARM_UP_CUSTOMERS):
        customer.say("ile mam dni na zwrot?")
    await _drain(run, WARM_UP_SECONDS)
    run.stand_ins.acks.clear()


async def _write(run: _Run) -> tuple[list[Said], float]:
    """At the plan's rate, whether or not there are answers; never for longer than its seconds."""
    plan, dice = run.plan, random.Random(run.plan.seed)
    people = customers(
        run.stand_ins, max(2, round(plan.rate * SECONDS_BETWEEN)), lambda number: ("pl", "en")[number % 2]
    )
    dice.shuffle(people)
    texts = read_sets([])
    said: list[Said] = []
    began = time.monotonic()
    for number in range(round(plan.rate * plan.seconds)):
        due = began + number / plan.rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if time.monotonic() > began + plan.seconds:
            break
        customer = people[number % len(people)]
        said.append(customer.say(_text(dice, texts, customer)))
        if number % 100 == 0:
            run.tell(f"{len(said)} said in {time.monotonic() - began:.0f} s")
    return said, time.monotonic() - began


def _text(dice: random.Random, texts: Sequence[LabelledText], customer: Customer) -> str:
    while True:
        one = dice.choice(texts)
        if one.language == customer.language:
            return one.text


async def _drain(run: _Run, at_most: float) -> tuple[int, float]:
    """Waits until everything has come to its end; what has not in the time there was, and the seconds it took."""
    began = time.monotonic()
    while (left := await run.left()) and time.monotonic() - began < at_most:
        run.tell(f"{left} to go")
        await asyncio.sleep(LOOK_SECONDS)
    return left, time.monotonic() - began


async def _idle(run: _Run) -> tuple[float, float]:
    """Shares of one core that web and worker, and the language server, take while nobody writes."""
    run.tell("nobody writes any more: idle CPU")
    await asyncio.sleep(SETTLE_SECONDS)
    before, began = run.use(), time.monotonic()
    await asyncio.sleep(IDLE_SECONDS)
    after, seconds = run.use(), time.monotonic() - began
    web, worker, nlu = (two.cpu_seconds - one.cpu_seconds for one, two in zip(before, after, strict=True))
    return (web + worker) / seconds, nlu / seconds


async def _watch_lateness(late: list[float]) -> None:
    pause = 0.05
    while True:
        due = time.monotonic() + pause
        await asyncio.sleep(pause)
        late.append(time.monotonic() - due)


def _refused(acks: list[Ack]) -> int:
    """Deliveries that were not answered with 2xx in the provider's time."""
    return sum(not ack.taken for ack in acks)


def reply_times(said: list[Said], records: Records, found: list[Post]) -> tuple[list[float], int]:
    """Seconds from each message to the reply to its turn, and how many were worked and wanted none."""
    at = {(post.messenger, post.place, post.id): post.at for post in found}
    sent = {
        row.correlation_id: at.get((row.messenger, row.place, row.provider_ids[0]))
        for row in records.rows
        if row.provider_ids
    }
    replied = {row.correlation_id for row in records.rows}
    ended = {event.key for event in records.events if event.outcome != Outcome.WAITING}
    turns = [(one.at, records.turns.get(one.key), one.key in ended) for one in said]
    times = [posted - since for since, turn, _ in turns if turn and (posted := sent.get(turn)) is not None]
    return times, sum(1 for _, turn, is_ended in turns if is_ended and turn not in replied)
