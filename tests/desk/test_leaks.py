"""Whatever agents do in whatever order: nothing internal reaches a customer, all is on record, the card is right.

Random days at the desk, on paper: customers write, edit and delete, agents act by every action there is, words are
delivered, the desk is told, and things go wrong.
"""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select

from bot.channels.base import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcome
from bot.channels.slack.errors import Refused
from bot.desk.card import card
from bot.desk.events import DeskEvent, DeskKind
from bot.desk.wording import Wording
from handlers.content import Content
from handlers.messages import Kind
from storage import cases
from storage.conversations import Conversation, Owner
from storage.customers import Customer
from storage.database import Base, Database
from storage.desk_posts import PostStatus
from storage.outbox import OutboxMessage
from storage.ticket_links import TicketFollower, TicketLink
from storage.ticket_notes import TicketNote
from storage.tickets import Ticket, TicketEvent
from tests.bot.post import Post
from tests.desk.told_desk import ToldDesk, Trouble, staffed
from tests.fakes import FakeNLU

INTERNAL = "TAJNE"
AGENTS = ("ola", "piotr", "obcy")
CUSTOMERS = ("anna", "jan")
WRITTEN_BY_AGENTS = (Ticket, Conversation, Customer, TicketNote, TicketLink, TicketFollower)
SAME_EACH_TIME = settings(
    max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass
class Day:
    """One day: the desk, what reaches the customers, and the posts that agents have made."""

    told: ToldDesk
    post: Post
    said: list[DeskEvent] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    marks: int = 0

    def secret(self) -> str:
        self.marks += 1
        return f"{INTERNAL}-{self.marks}"

    async def numbers(self) -> list[int]:
        return [ticket.number for ticket in await self.told.tickets()]


Deed = tuple[Any, ...]

customers = st.tuples(
    st.just("customer"), st.sampled_from(CUSTOMERS), st.sampled_from(["writes", "edits", "deletes", "human"])
)
WRITES = ["words", "//note", "  // note", "edit", "to note", "delete"]
threads = st.tuples(st.just("thread"), st.sampled_from(AGENTS), st.integers(0, 1), st.sampled_from(WRITES))
by_owner = st.tuples(st.just("thread"), st.just("ola"), st.just(0), st.sampled_from(WRITES))
presses = st.tuples(
    st.just("press"), st.sampled_from(AGENTS), st.integers(0, 1),
    st.sampled_from(["take_over", "release", "hand_back", "reopen", "follow", "spam", "undo", "join", "unlike"]),
)  # fmt: skip
FORMS: dict[str, Callable[[str], dict[str, str]]] = {
    "note": lambda secret: {"words": secret},
    "reply": lambda _: {"words": "Dzień dobry"},
    "resolve": lambda _: {"cause": "answered", "words": "Gotowe"},
    "wait": lambda _: {"on": "customer", "words": "na zdjęcie"},
    "snooze": lambda _: {"until": "1800000000"},
    "priority": lambda _: {"priority": "high"},
    "category": lambda _: {"category": "complaint"},
    "tier": lambda _: {"tier": "premium"},
    "risk": lambda _: {"words": "opóźnienie"},
    "merge": lambda _: {"into": "1001"},
    "link": lambda _: {"other": "1001"},
    "assign": lambda _: {"to": "2"},
}  # fmt: skip
forms = st.tuples(st.just("form"), st.sampled_from(AGENTS), st.integers(0, 1), st.sampled_from(sorted(FORMS)))
emoji = st.tuples(st.just("emoji"), st.sampled_from(AGENTS), st.integers(0, 1), st.sampled_from(["eyes", "robot_face"]))
couriers = st.tuples(st.just("courier"), st.sampled_from(["desk", "out", "later"]))
troubles = st.tuples(
    st.just("trouble"),
    st.sampled_from(["unknown", "taken", "later", "fault", "deleted", "tombstone", "archived", "blocked"]),
)
anything = st.one_of(customers, threads, by_owner, by_owner, presses, forms, forms, emoji, couriers, couriers, troubles)
deeds = st.lists(anything, min_size=8, max_size=22)
quiet_deeds = st.lists(
    st.one_of(threads, by_owner, presses, presses, forms, forms, emoji, customers), min_size=8, max_size=18
)


@asynccontextmanager
async def a_day(template: Path, content: Content) -> AsyncIterator[Day]:
    """Two tickets are open, each with its thread; Ola has taken the first."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(template, f"{folder}/day.db")
        database = Database(f"sqlite:///{folder}/day.db")
        told = await staffed(database, content, FakeNLU(), undo_seconds=8)
        day = Day(told, Post(told))
        for customer in CUSTOMERS:
            await told.opened(chat=customer)
        await told.presses("ola", 1001, "take_over")
        yield day
        await database.dispose()


async def do(day: Day, deed: Deed) -> None:
    match deed:
        case ("customer", who, what):
            await _customer(day, who, what)
        case ("thread", who, at, what):
            await _thread(day, who, (await day.numbers())[at], what)
        case ("press", who, at, action):
            number = (await day.numbers())[at]
            argument = _last_post(day) if action == "undo" else "1001" if action in {"join", "unlike"} else ""
            await day.told.presses(who, number, action, argument)
        case ("form", who, at, action):
            await day.told.sends(who, (await day.numbers())[at], action, **FORMS[action](day.secret()))
        case ("emoji", who, at, name):
            number = (await day.numbers())[at]
            thread = await _place(day, number)
            event = day.told.event(who, DeskKind.REACTED, number, argument=name)
            await day.told.does(_moved(event, *thread))
        case ("courier", "desk"):
            await day.told.hurry()
            await day.told.tell_once()
        case ("courier", "out"):
            await day.post.deliver()
        case ("courier", "later"):
            day.told.later(seconds=10)
        case ("trouble", what):
            await _trouble(day, what)


async def _customer(day: Day, who: str, what: str) -> None:
    told = day.told
    day.marks += 1
    match what:
        case "writes":
            await told.says(f"słowa {day.marks}", chat=who, about=f"c-{who}")
        case "human":
            await told.says("chcę rozmawiać z człowiekiem", chat=who)
        case "edits":
            told.later(seconds=1)
            await told.says(f"inne {day.marks}", chat=who, about=f"c-{who}", kind=Kind.EDITED)
        case "deletes":
            await told.says("", chat=who, about=f"c-{who}", kind=Kind.DELETED)


async def _thread(day: Day, who: str, number: int, what: str) -> None:
    told = day.told
    mine = [one for one in day.said if one.user == who]
    if what in {"words", "//note", "  // note"}:
        owns = await _has(day, who, number)
        text = {"words": f"Odpowiedź {day.marks}" if owns else day.secret()}.get(what, f"{what} {day.secret()}")
        place = await _place(day, number)
        ts = told.paper.writes(*place)
        event = _moved(told.post(who, number, text), *place, ts)
        day.said.append(event)
        await told.does(event)
    elif mine and what == "edit":
        is_note = INTERNAL in mine[-1].text
        await told.does(told.edit(mine[-1], f"{mine[-1].text} {day.secret() if is_note else 'zmiana'}"))
    elif mine and what == "to note":
        await told.does(told.edit(mine[-1], f"// {day.secret()}"))
    elif mine:
        await told.does(told.delete(mine[-1]))


async def _has(day: Day, who: str, number: int) -> bool:
    """Whether they answer the customer of this ticket, so that what they write is no secret."""
    tickets = {ticket.id: ticket for ticket in await day.told.tickets()}
    ticket = next(one for one in tickets.values() if one.number == number)
    while ticket.merged_into is not None:
        ticket = tickets[ticket.merged_into]
    chats = [await day.told.conversation(chat) for chat in CUSTOMERS]
    return any((chat.owner, chat.agent, chat.ticket_id) == (Owner.AGENT, who.capitalize(), ticket.id) for chat in chats)


async def _place(day: Day, number: int) -> tuple[str, str]:
    """Where the ticket's newest thread is or was."""
    told = day.told
    cards = [one for one in told.paper.cards() if one.text.startswith(f"#{number} ")]
    return (cards[-1].channel, cards[-1].ts) if cards else (told.channel, "1.000000")


def _moved(event: DeskEvent, channel: str, thread: str, ts: str = "") -> DeskEvent:
    return DeskEvent(**{**vars(event), "channel": channel, "thread": thread, "ts": ts or thread})


def _last_post(day: Day) -> str:
    return f"{day.said[-1].channel}:{day.said[-1].ts}" if day.said else "C:1.000000"


async def _trouble(day: Day, what: str) -> None:
    paper = day.told.paper
    cards = [one for one in paper.cards() if one.ts not in paper.tombstones]
    match what:
        case "unknown":
            paper.troubles.append(Trouble(UnknownOutcome("timeout")))
        case "taken":
            paper.troubles.append(Trouble(UnknownOutcome("timeout"), taken=True))
        case "later":
            paper.troubles.append(Trouble(TemporaryDeliveryError("Slack: ratelimited", 30.0)))
        case "fault":
            paper.troubles.append(Trouble(Refused("invalid_blocks")))
        case "deleted" if cards and not paper.under(cards[-1]):
            paper.deletes(cards[-1])
        case "deleted" | "tombstone" if cards:
            paper.deletes(cards[-1], tombstone=True)
        case "archived":
            paper.closed = {} if paper.closed else {day.told.channel: "is_archived"}
        case "blocked":
            day.post.channel.failures.append(PermanentDeliveryError("blocked", blocked=True))


async def evening(day: Day) -> None:
    """Everything is mended and told."""
    day.told.paper.troubles.clear()
    day.told.paper.closed.clear()
    day.told.later(minutes=1)
    await day.post.deliver_all()
    await day.told.tell()


@SAME_EACH_TIME
@given(sequence=deeds)
async def test_nothing_internal_reaches_a_customer_and_the_card_is_what_the_database_says(
    sqlite_template: Path, content: Content, sequence: list[Deed]
) -> None:
    async with a_day(sqlite_template, content) as day:
        for deed in sequence:
            await do(day, deed)
        await evening(day)
        await _no_leak(day)
        await _cards_are_true(day)
        assert await day.told.statuses() <= {PostStatus.SENT}


async def _no_leak(day: Day) -> None:
    told = day.told
    assert INTERNAL not in str([reply.text for _, reply in day.post.channel.sent])
    assert INTERNAL not in str([reply.text for reply in day.post.channel.shown.values()])
    async with told.database.reading() as session:
        rows = (await session.scalars(select(OutboxMessage))).all()
        assert INTERNAL not in str([(row.payload, row.last_error) for row in rows])
    assert INTERNAL not in str([(one.text, one.versions, one.buttons) for one in await told.messages()])


async def _cards_are_true(day: Day) -> None:
    told = day.told
    for ticket in await told.tickets():
        async with told.database.reading() as session:
            case = await cases.case_of(session, await session.get_one(Ticket, ticket.id))
            text, blocks = card(case, Wording.of(told.desk), told.now, "x")
        shown = await told.card(ticket.number)
        assert (shown.text, _without_ids(shown.blocks)) == (text, _without_ids(blocks))


def _without_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Nor what depends on the moment of drawing."""
    kept = copy.deepcopy(blocks)
    for block in kept:
        block.pop("block_id")
    return [block for block in kept if "zzz" not in str(block)]


@SAME_EACH_TIME
@given(sequence=quiet_deeds)
async def test_every_deed_of_an_agent_is_an_event_with_who_when_and_what(
    sqlite_template: Path, content: Content, sequence: list[Deed]
) -> None:
    async with a_day(sqlite_template, content) as day:
        for deed in sequence:
            day.told.later(seconds=1)
            before, known = await _written(day), await _events(day)
            await do(day, deed)
            after, events = await _written(day), await _events(day)
            new = events[len(known) :]
            assert events[: len(known)] == known, "what is on record stays"
            if deed[0] == "customer":
                continue
            actor = f"agent:{deed[1].capitalize()}"
            if before != after:
                assert new, f"{deed} left no trace"
            assert {(one["actor"], one["at"]) for one in new} <= {(actor, day.told.now)}
            assert all(one["kind"] for one in new)
            if deed[1] == "obcy":
                assert (before, known) == (after, events), "who is no agent changes nothing"


async def _written(day: Day) -> dict[str, list[dict[str, Any]]]:
    """All that an action can change, besides what is said."""
    async with day.told.database.reading() as session:
        return {
            table.__tablename__: sorted(map(_row, (await session.scalars(select(table))).all()), key=str)
            for table in WRITTEN_BY_AGENTS
        }


async def _events(day: Day) -> list[dict[str, Any]]:
    async with day.told.database.reading() as session:
        return [_row(one) for one in (await session.scalars(select(TicketEvent).order_by(TicketEvent.id))).all()]


def _row(row: Base) -> dict[str, Any]:
    return {column.key: copy.deepcopy(getattr(row, column.key)) for column in inspect(type(row)).columns}
