"""One incident told to many chats at the stand-in of Telegram, with kill -9 meanwhile, while others are answered."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import func, insert, select

from bench.child import ROOT
from bench.database_server import DatabaseServer
from bench.product import Product, own_address, running_product
from bench.shop import open_shop
from bench.stand_ins import SECRET
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram_api import TelegramStandIn
from handlers import incidents
from handlers.bands import Bands, Thresholds
from handlers.content import load_content
from handlers.desk import Desk
from handlers.incident_matching import Scope
from handlers.incidents import Declaration
from handlers.texts import Catalogue
from storage.agents import Agent, Role
from storage.conversations import Conversation
from storage.customers import ChannelIdentity, Customer
from storage.database import Database
from storage.incidents import Subscriber
from storage.outbox import Delivery, OutboxMessage
from storage.tickets import Priority, Status, Ticket

TITLE = "Płatności BLIK nie przechodzą"
CATEGORY = "payment_issue"
QUESTION = "do której dziś pracujecie?"
PROBE_SECONDS = 1.0
LONGEST_REPLY_SECONDS = 30.0
LOOK_SECONDS = 0.25
SOON_SECONDS = 0.005
FLAGGED_AFTER_SECONDS = 5.0  # a reply is not looked for in our own records before
ROWS_AT_ONCE = 500
SHARE = 0.88  # of the messenger's pace, as shipped

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """`pace`: messages a second in all; `kills` of the worker, spread over the telling. `before_seconds`: how long
    replies are timed with nothing else under way. `keeps_pace`: whether the stand-in refuses what is faster."""

    chats: int = 10_000
    pace: float = 25.0
    kills: int = 3
    before_seconds: float = 20.0
    keeps_pace: bool = True
    finish_seconds: float = 1_200.0


@dataclass
class Findings:
    """`flagged`: chats of which nobody can know whether they have it, and do not. Replies in seconds; `unanswered`:
    replies that were just being sent when the worker was killed, flagged as well."""

    delivered: int
    doubled: int
    lost: int
    flagged: int
    seconds: float
    before: list[float]
    during: list[float]
    unanswered: int

    @property
    def pace(self) -> float:
        return self.delivered / self.seconds


@dataclass
class _Run:
    plan: Plan
    telegram: TelegramStandIn
    product: Product
    database: Database
    desk: Desk
    tell: Tell
    unanswered: int = 0
    told: list[Person] = field(default_factory=list)
    others: list[Person] = field(default_factory=list)


async def run_fanout(plan: Plan, server: DatabaseServer, tell: Tell) -> Findings:
    folder = Path(tempfile.mkdtemp(prefix="supportbot-fanout-"))
    try:
        async with _prepared(plan, server, folder, tell) as run:
            await _seed(run)
            before: list[float] = []
            during: list[float] = []
            await _time_replies(run, plan.before_seconds, before)
            began = time.monotonic()
            number = await _declare(run)
            asking = asyncio.create_task(_time_replies(run, plan.finish_seconds, during))
            await _told(run, number)
            seconds = time.monotonic() - began
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking
            return await _found(run, seconds, before, during)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _prepared(plan: Plan, server: DatabaseServer, folder: Path, tell: Tell) -> AsyncIterator[_Run]:
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(open_shop())
        telegram = await stack.enter_async_context(TelegramStandIn())
        telegram.pace.is_kept = plan.keeps_pace
        url, listening = own_address()
        content = _content(folder, plan.pace)
        settings = {
            "DATABASE_URL": server.url,
            "CONTENT_DIR": str(content),
            "PUBLIC_URL": url,
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
            "TELEGRAM_MESSAGES_PER_SECOND": str(plan.pace),
            "MESSAGES_PER_MINUTE": "100000",
            "BURST_QUIET_SECONDS": "0",
            "BURST_MOST_SECONDS": "0",
            "LOG_LEVEL": "WARNING",
            **listening,
            **shop.settings(),
        }
        product = await stack.enter_async_context(running_product(url, folder, settings))
        database = Database(server.url)
        stack.push_async_callback(database.dispose)
        desk = Desk(load_content(content), Catalogue(), Thresholds({"pl": Bands(0.8, 0.4)}))
        yield _Run(plan, telegram, product, database, desk, tell)


def _content(folder: Path, pace: float) -> Path:
    """The shipped one, its quiet hours half a day away: it must not matter when this is run. `pace`: what the
    messenger takes."""
    left_out = shutil.ignore_patterns(".venv", "models", "tests", "__pycache__")
    content = folder / "content"
    shutil.copytree(ROOT / "nlu_data", content, ignore=left_out)
    _change(content / "incidents.yml", lambda rules: rules["per_second"].update(telegram=pace * SHARE))
    far = datetime.now(load_content(content).calendar.zone) + timedelta(hours=12)
    quiet = {"from": f"{far:%H:%M}", "until": f"{far + timedelta(minutes=1):%H:%M}"}
    _change(content / "rhythm.yml", lambda rules: rules.update(quiet=quiet))
    return content


def _change(path: Path, by: Callable[[Any], None]) -> None:
    yaml = YAML()
    rules = yaml.load(path)
    by(rules)
    yaml.dump(rules, path)


async def _seed(run: _Run) -> None:
    """Customers who have met the bot and wait for an answer about a payment; and ten who ask something else."""
    run.told = [_met(run.telegram.person(f"Klient {number}")) for number in range(run.plan.chats)]
    run.others = [run.telegram.person(f"Inny {number}") for number in range(10)]
    now = datetime.now(UTC)
    for at in range(0, len(run.told), ROWS_AT_ONCE):
        people = list(enumerate(run.told))[at : at + ROWS_AT_ONCE]
        async with run.database.transaction() as session:
            for table, rows in (
                (Customer, [_customer(number, now) for number, _ in people]),
                (ChannelIdentity, [_identity(number, person) for number, person in people]),
                (Conversation, [_conversation(number, person, now) for number, person in people]),
                (Ticket, [_ticket(number, now) for number, _ in people]),
            ):
                await session.execute(insert(table), rows)
    if run.database.is_postgres:
        await _number_on(run)
    run.tell(f"{run.plan.chats} chats with an open ticket")


async def _number_on(run: _Run) -> None:
    """What is added next comes after the rows that were numbered here."""
    async with run.database.transaction() as session:
        for table in (Customer, ChannelIdentity, Conversation, Ticket):
            name = table.__tablename__
            await session.execute(select(func.setval(func.pg_get_serial_sequence(name, "id"), run.plan.chats + 1)))


def _met(person: Person) -> Person:
    person.chat.was_started = person.user.was_met = True
    return person


def _customer(number: int, now: datetime) -> dict[str, object]:
    values = {"id": number + 1, "name": f"Klient {number}", "language": "pl", "created_at": now, "tier": "mass"}
    return {**values, "language_chosen": False, "updates": "normal", "notice_version": "1"}


def _identity(number: int, person: Person) -> dict[str, object]:
    return {"id": number + 1, "customer_id": number + 1, "channel": "telegram", "external_id": str(person.id)}


def _conversation(number: int, person: Person, now: datetime) -> dict[str, object]:
    values = {"id": number + 1, "customer_id": number + 1, "identity_id": number + 1, "channel": "telegram"}
    return {**values, "chat_id": str(person.id), "owner": "bot", "misunderstandings": 0, "setting": "private",
            "created_at": now}  # fmt: skip


def _ticket(number: int, now: datetime) -> dict[str, object]:
    return {
        "id": number + 1, "number": 1_000_000 + number, "customer_id": number + 1, "conversation_id": number + 1,
        "category": CATEGORY, "reason": "form", "status": Status.NEW, "priority": Priority.NORMAL, "language": "pl",
        "subject": "blik", "summary": "blik", "facts": {}, "missing": [], "confirmed": True, "ladder_step": 0,
        "follow_up_step": 0, "opened_at": now, "next_word_at": now + timedelta(days=2),
    }  # fmt: skip


async def _declare(run: _Run) -> int:
    lead = Agent(name="Piotr", email="piotr@sklep.example", role=Role.LEAD)
    hint = {"pl": "Zapłać kartą albo przelewem.", "en": "Pay by card or by transfer."}
    now = datetime.now(UTC)
    title, scope = {"pl": TITLE, "en": "BLIK payments fail"}, Scope(frozenset({CATEGORY}))
    async with run.database.transaction() as session:
        new = Declaration(title, hint, scope, now + timedelta(hours=6))
        return (await incidents.declare(session, run.desk, new, lead, now)).id


async def _told(run: _Run, number: int) -> None:
    """Until each row has its end; the worker is killed as often as planned, each time a share of the way on."""
    kills, deadline = 0, time.monotonic() + run.plan.finish_seconds
    while time.monotonic() < deadline:
        told, ended = await _progress(run, number)
        run.tell(f"{ended} of {run.plan.chats} sent, {told} in line")
        if ended >= run.plan.chats:
            return
        if kills < run.plan.kills and ended >= run.plan.chats * (kills + 1) // (run.plan.kills + 1):
            await run.product.worker.kill()
            await run.product.worker.start()
            kills += 1
        await asyncio.sleep(LOOK_SECONDS)


async def _progress(run: _Run, number: int) -> tuple[int, int]:
    told = select(func.count()).where(Subscriber.incident_id == number, Subscriber.told > 0)
    ended = select(func.count()).where(
        OutboxMessage.bulk, OutboxMessage.status.not_in((Delivery.WAITING, Delivery.SENDING))
    )
    async with run.database.reading() as session:
        return (await session.scalars(told)).one(), (await session.scalars(ended)).one()


async def _time_replies(run: _Run, seconds: float, found: list[float]) -> None:
    """How long others wait for an answer meanwhile, one after the other."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        waited = await _reply(run, run.others[len(found) % len(run.others)])
        if waited is None:
            run.unanswered += 1
            continue
        found.append(waited)
        await asyncio.sleep(max(0.0, PROBE_SECONDS - waited))


async def _reply(run: _Run, person: Person) -> float | None:
    """None: it was being sent when the worker was killed, nobody can know whether it arrived."""
    before, began = _heard(run, person), time.monotonic()
    person.types(QUESTION)
    while _heard(run, person) == before and time.monotonic() - began < LONGEST_REPLY_SECONDS:
        await asyncio.sleep(SOON_SECONDS)
        if time.monotonic() - began > FLAGGED_AFTER_SECONDS and await _is_flagged(run, person):
            return None
    return time.monotonic() - began


async def _is_flagged(run: _Run, person: Person) -> bool:
    last = select(OutboxMessage.status).where(OutboxMessage.chat_id == str(person.id), ~OutboxMessage.bulk)
    async with run.database.reading() as session:
        newest = await session.scalars(last.order_by(OutboxMessage.seq.desc()).limit(1))
        return newest.one_or_none() == Delivery.UNKNOWN


def _heard(run: _Run, person: Person) -> int:
    return sum(message.sender.is_bot for message in run.telegram.world.messages(person.chat))


async def _found(run: _Run, seconds: float, before: list[float], during: list[float]) -> Findings:
    copies = {str(person.id): _copies(run, person) for person in run.told}
    unknown = select(OutboxMessage.chat_id).where(OutboxMessage.bulk, OutboxMessage.status == Delivery.UNKNOWN)
    async with run.database.reading() as session:
        flagged = set((await session.scalars(unknown)).all())
    missing = {chat for chat, count in copies.items() if not count}
    return Findings(
        delivered=len(copies) - len(missing),
        doubled=sum(count > 1 for count in copies.values()),
        lost=len(missing - flagged),
        flagged=len(missing & flagged),
        seconds=seconds,
        before=before,
        during=during,
        unanswered=run.unanswered,
    )


def _copies(run: _Run, person: Person) -> int:
    return sum(one.sender.is_bot and TITLE in one.text for one in run.telegram.world.messages(person.chat))
