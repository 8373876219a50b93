"""The desk without Slack: what agents do goes through the inbox, and what they alone are told is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from sqlalchemy import select

from bot.channels.slack.errors import Refused
from bot.channels.slack.people import Colleague
from bot.desk.blocks import Block
from bot.desk.events import DeskEvent, DeskKind
from bot.desk.openings import Openings
from bot.desk.work import DeskWork
from bot.intake import Intake
from handlers.agents import NewAgent, add
from handlers.attachments import Attachment
from handlers.content import Content
from handlers.desk import Desk
from storage.agents import Role
from storage.database import Database
from storage.desk_threads import DeskThread
from storage.lanes import Gathering
from storage.outbox import OutboxMessage
from storage.ticket_notes import TicketNote
from storage.tickets import TicketEvent
from tests.bot_under_test import BotUnderTest
from tests.fakes import FakeNLU

TEAM = "T1"
CHANNEL = "C-DESK"


@dataclass
class FakePeople:
    """Whom Slack knows. Somebody it tells nothing of is a stranger."""

    known: dict[str, Colleague] = field(default_factory=dict)

    async def colleague(self, user: str) -> Colleague:
        return self.known.get(user, Colleague(TEAM, user, None, is_ours=True, limit=None))


@dataclass
class FakeDeskSlack:
    """What an agent is shown. `absent`: channels the bot is not in."""

    people: FakePeople = field(default_factory=FakePeople)
    whispers: list[tuple[str, str]] = field(default_factory=list)
    direct: list[tuple[str, str]] = field(default_factory=list)
    undo: list[str] = field(default_factory=list)
    marks: list[tuple[str, str | None]] = field(default_factory=list)
    views: list[Block] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)

    async def whisper(
        self, channel: str, thread: str | None, user: str, text: str, blocks: Sequence[Block] = ()
    ) -> None:
        if channel in self.absent:
            raise Refused("not_in_channel")
        self.whispers.append((user, text))
        self.undo += [one["value"] for block in blocks for one in block.get("elements", ())]

    async def tell_privately(self, user: str, text: str) -> None:
        self.direct.append((user, text))

    async def mark(self, channel: str, ts: str, before: str | None, after: str | None) -> None:
        self.marks.append((ts, after))

    async def open_view(self, trigger_id: str, view: Block) -> tuple[str, str]:
        self.views.append(view)
        return f"V{len(self.views)}", ""

    async def update_view(self, view_id: str, view: Block) -> None:
        self.views.append(view)


class QuietDesk(BotUnderTest):
    """Customers as in `BotUnderTest`; Ola is an agent, Piotr a lead, both known by their user ids `ola` and `piotr`."""

    def __init__(self, database: Database, content: Content, nlu: FakeNLU) -> None:
        super().__init__(database, content, nlu)
        self.slack = FakeDeskSlack()
        self._stamps = count(2)
        self._shown: dict[str, int] = {}

    async def staff(self, **roles: Role) -> None:
        for name, role in roles.items():
            email = f"{name}@acme.example"
            self.slack.people.known[name] = Colleague(TEAM, name, email, is_ours=True, limit=None)
            async with self.database.transaction() as session:
                await add(session, NewAgent(email, name.capitalize(), role), self.now)

    def rules(self, **rules: Any) -> None:
        """What is other than in the shipped `desk.yml`."""
        self.content = replace(self.content, desk=self.content.desk.model_copy(update=rules))

    @property
    def desk(self) -> Desk:
        return replace(super().desk, desk_channel=CHANNEL)

    @property
    def intake(self) -> Intake:
        work = DeskWork(self.database, self.slack, lambda: self.desk, lambda: self.now)  # type: ignore[arg-type]
        return Intake(
            self.database, lambda: self.desk, self.nlu, self.orders, lambda: self.now, Gathering(), {}, work.work
        )

    @property
    def openings(self) -> Openings:
        return Openings(self.database, self.slack, lambda: self.desk, lambda: self.now)  # type: ignore[arg-type]

    async def case(self, chat: str = "anna", words: str = "chcę rozmawiać z człowiekiem") -> int:
        """A ticket in the queue with a thread in Slack; its number."""
        await self.customer_writes(words, chat)
        ticket = (await self.tickets())[-1]
        async with self.database.transaction() as session:
            ts = f"1000.{ticket.number:06}"
            session.add(DeskThread(ticket_id=ticket.id, channel=CHANNEL, ts=ts, opened_at=self.now))
        return ticket.number

    async def customer_writes(self, text: str, chat: str = "anna") -> None:
        await self.hears(text, chat=chat)
        await self.work()

    def event(self, who: str, kind: DeskKind, number: int, **more: Any) -> DeskEvent:
        thread = f"1000.{number:06}"
        fields = {"channel": CHANNEL, "thread": thread, "ts": thread, "external_id": f"e{next(self._stamps)}"} | more
        return DeskEvent(kind, team=TEAM, user=who, at=self.now, **fields)

    async def does(self, *events: DeskEvent) -> None:
        """One after the other, as they come in."""
        for event in events:
            await self.intake.accept_desk(event)
            await self.work()

    async def presses(self, who: str, number: int, action: str, argument: str = "") -> None:
        await self.does(self.event(who, DeskKind.PRESSED, number, action=action, argument=argument, ticket=number))

    async def sends(self, who: str, number: int, action: str, **values: str) -> None:
        await self.does(self.event(who, DeskKind.SUBMITTED, number, action=action, ticket=number, values=values))

    def post(self, who: str, number: int, text: str, files: tuple[Attachment, ...] = ()) -> DeskEvent:
        return self.event(who, DeskKind.SAID, number, ts=f"1000.1{next(self._stamps):05}", text=text, files=files)

    def edit(self, post: DeskEvent, text: str) -> DeskEvent:
        edited = f"{post.ts}:edited:{next(self._stamps)}"
        return replace(post, kind=DeskKind.EDITED, external_id=edited, text=text, at=self.now, files=())

    def delete(self, post: DeskEvent) -> DeskEvent:
        return replace(post, kind=DeskKind.DELETED, external_id=f"{post.ts}:deleted", text="", at=self.now, files=())

    async def opens(self, who: str, number: int, action: str) -> Block:
        """The form as it stands in the end."""
        press = self.event(who, DeskKind.PRESSED, number, action=action, ticket=number)
        await self.openings.open(press, "trigger", {})
        return self.slack.views[-1]

    # What came of it

    async def heard(self, chat: str = "anna") -> list[str]:
        """What was said to the customer since the last look, as it reads now, and not taken back."""
        rows = [row for row in await self.rows(chat) if row.kind == "say"]
        new, self._shown[chat] = rows[self._shown.get(chat, 0) :], len(rows)
        return [row.payload["text"] for row in new if row.status != "withdrawn"]

    async def rows(self, chat: str = "anna") -> list[OutboxMessage]:
        look = select(OutboxMessage).where(OutboxMessage.chat_id == chat).order_by(OutboxMessage.seq)
        return await self._all(look)

    async def events(self, number: int, *kinds: str) -> list[TicketEvent]:
        ticket = next(one for one in await self.tickets() if one.number == number)
        found = await self._all(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id))
        return [one for one in found if not kinds or one.kind in kinds]

    async def notes(self) -> list[TicketNote]:
        return await self._all(select(TicketNote).order_by(TicketNote.id))

    async def everything(self) -> tuple[object, ...]:
        """All that an action can change."""
        chats = [await self.conversation(chat) for chat in self._read or ("anna",)]
        tickets = await self.tickets()
        return (
            [(one.number, one.status, one.assignee, one.priority, one.category, one.cause) for one in tickets],
            [(one.owner, one.agent, one.ticket_id) for one in chats],
            [(one.id, one.kind) for number in (one.number for one in tickets) for one in await self.events(number)],
            [(one.id, one.text, one.deleted_at) for one in await self.notes()],
            [(one.id, one.text, one.deleted_at) for one in await self.messages()],
            [(one.seq, one.kind, one.status, one.payload) for chat in self._read for one in await self.rows(chat)],
        )

    def told(self, who: str) -> list[str]:
        """What they alone were told since the last look."""
        said = [text for user, text in (*self.slack.whispers, *self.slack.direct) if user == who]
        self.slack.whispers = [one for one in self.slack.whispers if one[0] != who]
        self.slack.direct = [one for one in self.slack.direct if one[0] != who]
        return said

    async def _all(self, look: Any) -> list[Any]:
        async with self.database.reading() as session:
            return list((await session.scalars(look)).all())
