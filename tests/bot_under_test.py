"""A bot without processes: a message goes through the real intake, and what it answers is read from the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from bot.intake import Intake
from handlers.agent_actions import Act
from handlers.bands import Bands, Thresholds
from handlers.content import Content
from handlers.desk import Desk
from handlers.messages import IncomingMessage
from handlers.nlu import NLU
from handlers.texts import Catalogue, Texts
from storage import lanes
from storage.conversations import Conversation, Message
from storage.customers import ChannelIdentity, Customer
from storage.database import Database
from storage.lanes import Gathering, Queue
from storage.outbox import OutboxMessage
from storage.tickets import Ticket
from tests.fakes import FakeNLU, FakeOrders

MONDAY_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 12:00 in Warsaw, open
SATURDAY_NIGHT = datetime(2026, 11, 28, 21, 0, tzinfo=UTC)  # closed until Monday 8:00

CATALOGUES = {register: Catalogue(register) for register in ("ty", "pan")}


@dataclass(frozen=True)
class Said:
    """One reply as the customer sees it."""

    text: str
    actions: dict[str, str]
    author: str
    files: tuple[str, ...] = ()

    def press(self, label: str) -> str:
        """The action behind a button, found by the beginning of its label."""
        return next(action for name, action in self.actions.items() if name.startswith(label))


class BotUnderTest:
    def __init__(self, database: Database, content: Content, nlu: FakeNLU | NLU) -> None:
        self.database = database
        self.nlu = nlu
        self.orders: FakeOrders | None = None
        self.now = MONDAY_NOON
        self.register = "ty"
        self.content = content
        self.thresholds = Thresholds({"pl": Bands(act=0.8, ask=0.4), "en": Bands(act=0.8, ask=0.4)})
        self._catalogues = CATALOGUES
        self._ids = count(1)
        self._read: dict[str, int] = {}

    @property
    def desk(self) -> Desk:
        return Desk(self.content, self._catalogues[self.register], self.thresholds, has_orders=self.orders is not None)

    @property
    def intake(self) -> Intake:
        return Intake(self.database, lambda: self.desk, self.nlu, self.orders, lambda: self.now, Gathering(), {})

    def texts(self, language: str = "pl") -> Texts:
        return self._catalogues[self.register][language]

    async def hears(
        self,
        text: str,
        *,
        chat: str = "anna",
        action: str | None = None,
        hint: str | None = "pl",
        sender: str | None = None,
        channel: str = "local",
        **more: Any,
    ) -> None:
        """Accepts a message without working it; `more` are other fields of it."""
        who = sender or chat
        message = IncomingMessage(
            channel=channel,
            chat_id=chat,
            sender_id=who,
            sender_name=who.capitalize(),
            external_id=f"m{next(self._ids)}",
            text=text,
            sent_at=more.pop("sent_at", self.now),
            action=action,
            language_hint=hint,
            **more,
        )
        await self.intake.accept(message)

    async def work(self) -> None:
        """Works everything that waits in the inbox, as a worker would."""
        while True:
            async with self.database.transaction() as session:
                held = await lanes.claim(session, Queue.IN, 1, 10)
            if not held:
                return
            for claim in held:
                await self.intake.work(claim)

    async def replies(self, chat: str = "anna") -> list[Said]:
        """What was said in the chat since the last look."""
        async with self.database.reading() as session:
            look = (
                select(OutboxMessage)
                .where(OutboxMessage.chat_id == chat, OutboxMessage.seq > self._read.get(chat, 0))
                .order_by(OutboxMessage.seq)
            )
            rows = (await session.scalars(look)).all()
        if rows:
            self._read[chat] = rows[-1].seq
        return [
            Said(
                row.payload["text"],
                {b["label"]: b["action"] for b in row.payload["buttons"]},
                row.author,
                tuple(file["reference"] for file in row.payload["files"]),
            )
            for row in rows
        ]

    async def say(self, text: str, *, chat: str = "anna", **options: Any) -> Said | None:
        """One message, as `hears`, and the one reply to it (None: silence)."""
        await self.hears(text, chat=chat, **options)
        await self.work()
        said = await self.replies(chat)
        assert len(said) <= 1, f"one message, {len(said)} replies"
        return said[0] if said else None

    async def ask(self, text: str, **options: Any) -> Said:
        """As `say`, where silence would be a fault."""
        said = await self.say(text, **options)
        assert said is not None, f"no reply to {text!r}"
        return said

    async def press(self, said: Said, label: str, *, chat: str = "anna") -> Said:
        return await self.ask(label, chat=chat, action=said.press(label))

    async def meet(self, chat: str = "anna") -> None:
        """Gets the introduction over with."""
        self.nlu.teach("dzień dobry", "greet")
        await self.ask("dzień dobry", chat=chat)

    async def tickets(self) -> list[Ticket]:
        async with self.database.reading() as session:
            return list((await session.scalars(select(Ticket).order_by(Ticket.number))).all())

    async def messages(self) -> list[Message]:
        async with self.database.reading() as session:
            return list((await session.scalars(select(Message).order_by(Message.id))).all())

    async def conversation(self, chat: str = "anna") -> Conversation:
        async with self.database.reading() as session:
            return (await session.scalars(select(Conversation).where(Conversation.chat_id == chat))).one()

    async def customer(self, chat: str = "anna") -> Customer:
        async with self.database.reading() as session:
            look = (
                select(Customer)
                .join(ChannelIdentity, ChannelIdentity.customer_id == Customer.id)
                .where(ChannelIdentity.external_id == chat)
            )
            return (await session.scalars(look)).one()

    async def agent(self, name: str, what: str, number: int, *words: str) -> None:
        async with self.database.transaction() as session:
            act = Act(session, self.desk, name, self.now)
            await getattr(act, what)(number, *words)

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)
