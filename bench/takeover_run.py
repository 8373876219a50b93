"""Two worker processes on one database; whichever has the jobs is killed, and the other one does them."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from bench.child import ROOT, Child
from bench.database_server import DatabaseServer
from bench.product import MIGRATE_SECONDS
from bench.shop import open_shop
from storage.conversations import Conversation
from storage.customers import ChannelIdentity, Customer
from storage.database import Database
from storage.tickets import Priority, Status, Ticket, TicketEvent

LOOK_SECONDS = 0.1
EACH = timedelta(seconds=0.25)  # a ticket comes back so often
REST_SECONDS = 6.0  # of work that is due after the kill
AGAIN_SECONDS = 0.5
JOB_DONE = "job.done"
WORKERS = ("first", "second")

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """`work_seconds`: how long whoever has the jobs does them before it is killed. `most_seconds`: the other one is
    waited for."""

    kills: int = 3
    work_seconds: float = 8.0
    most_seconds: float = 60.0


@dataclass(frozen=True)
class Findings:
    """`seconds` of each takeover, from the death to the first work done after it; `missed`: due and never done."""

    seconds: list[float]
    done: int
    doubled: int
    missed: int


@dataclass(frozen=True)
class _Worker:
    """`log` begins anew with each start."""

    child: Child
    log: Path

    @property
    def has_jobs(self) -> bool:
        return self.log.exists() and JOB_DONE in self.log.read_text(errors="replace")

    async def start(self) -> None:
        self.log.unlink(missing_ok=True)
        await self.child.start()


async def run_takeover(plan: Plan, server: DatabaseServer, tell: Tell) -> Findings:
    folder = Path(tempfile.mkdtemp(prefix="supportbot-takeover-"))
    database = Database(server.url)
    try:
        async with open_shop() as shop, _two_workers(folder, server, shop.settings()) as workers:
            put_off = PutOff(database, await _chat(database))
            await put_off.more(1)
            seconds = []
            for number in range(plan.kills):
                seconds.append(await _one_kill(put_off, workers, plan))
                tell(f"{number + 1} of {plan.kills} taken over")
            return await _found(database, seconds, put_off.count, plan)
    finally:
        await database.dispose()
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _two_workers(folder: Path, server: DatabaseServer, more: dict[str, str]) -> AsyncIterator[list[_Worker]]:
    """Started at once, kept up as a supervisor keeps processes up that end."""
    settings = {"DATABASE_URL": server.url, "CONTENT_DIR": str(ROOT / "nlu_data"), "LOG_LEVEL": "INFO", **more}
    migrating = Child(folder, settings, "migrate")
    await migrating.start()
    await migrating.finish(MIGRATE_SECONDS)
    workers = []
    for name in WORKERS:
        (folder / name).mkdir()
        workers.append(_Worker(Child(folder / name, settings, "worker"), folder / name / "worker.log"))
    keeping = [asyncio.create_task(_kept_up(worker)) for worker in workers]
    try:
        yield workers
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
        for worker in workers:
            await worker.child.kill()


async def _kept_up(worker: _Worker) -> None:
    while True:
        await worker.start()
        await worker.child.ended()
        await asyncio.sleep(AGAIN_SECONDS)


class PutOff:
    """Tickets that were put off, each until a little later than the one before."""

    def __init__(self, database: Database, chat: tuple[int, int]) -> None:
        self.database = database
        self.count = 0
        self._chat = chat

    async def more(self, number: int) -> None:
        now, customer_and_chat = datetime.now(UTC), self._chat
        rows = [_ticket(self.count + one, *customer_and_chat, now + one * EACH) for one in range(number)]
        async with self.database.transaction() as session:
            await session.execute(insert(Ticket), rows)
        self.count += number


async def _one_kill(put_off: PutOff, workers: Sequence[_Worker], plan: Plan) -> float:
    """Seconds until the other one works; there is work before the kill, at the time of it, and after it."""
    async with asyncio.timeout(plan.most_seconds):
        while not any(worker.has_jobs for worker in workers):  # noqa: ASYNC110 - a file has no event to wait for
            await asyncio.sleep(LOOK_SECONDS)
    await put_off.more(int((plan.work_seconds + REST_SECONDS) / EACH.total_seconds()))
    await asyncio.sleep(plan.work_seconds)
    has_jobs = next(worker for worker in workers if worker.has_jobs)
    await has_jobs.child.kill()
    died, since = time.monotonic(), datetime.now(UTC)
    async with asyncio.timeout(plan.most_seconds):
        while not await _woken(put_off.database, since):  # noqa: ASYNC110 - another process writes there
            await asyncio.sleep(LOOK_SECONDS)
    return time.monotonic() - died


async def _woken(database: Database, since: datetime) -> list[TicketEvent]:
    async with database.reading() as session:
        look = select(TicketEvent).where(TicketEvent.kind == "woken", TicketEvent.at > since)
        return list((await session.scalars(look)).all())


async def _found(database: Database, seconds: list[float], count: int, plan: Plan) -> Findings:
    """When all that was put off is due, and had its time."""
    async with asyncio.timeout(count * EACH.total_seconds() + plan.most_seconds):
        while await _is_any_left(database):  # noqa: ASYNC110 - as above
            await asyncio.sleep(LOOK_SECONDS)
    woken = Counter(event.ticket_id for event in await _woken(database, datetime.min.replace(tzinfo=UTC)))
    return Findings(seconds, len(woken), sum(times > 1 for times in woken.values()), count - len(woken))


async def _is_any_left(database: Database) -> bool:
    async with database.reading() as session:
        look = select(Ticket.id).where(Ticket.snoozed_until.is_not(None)).limit(1)
        return (await session.scalars(look)).first() is not None


async def _chat(database: Database) -> tuple[int, int]:
    """A customer's id and that of their chat."""
    now = datetime.now(UTC)
    async with database.transaction() as session:
        customer = Customer(name="Klient", language="pl", created_at=now, tier="mass", updates="normal")
        session.add(customer)
        await session.flush()
        identity = ChannelIdentity(customer_id=customer.id, channel="local", external_id="1")
        session.add(identity)
        await session.flush()
        chat = Conversation(
            customer_id=customer.id, identity_id=identity.id, channel="local", chat_id="1", created_at=now
        )
        session.add(chat)
        await session.flush()
        return customer.id, chat.id


def _ticket(number: int, customer: int, chat: int, until: datetime) -> dict[str, object]:
    return {
        "number": 1_000_000 + number, "customer_id": customer, "conversation_id": chat, "category": "other",
        "reason": "form", "status": Status.OPEN, "priority": Priority.NORMAL, "language": "pl", "subject": "s",
        "summary": "s", "facts": {}, "missing": [], "confirmed": True, "ladder_step": 0, "follow_up_step": 0,
        "opened_at": until, "snoozed_until": until, "next_word_at": until + timedelta(days=2),
    }  # fmt: skip
