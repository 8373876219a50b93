"""The desk on paper: the real courier writes into channels and threads that are kept in memory, as Slack keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.channels.slack.errors import Refused
from bot.desk.blocks import Block
from bot.desk.courier import DeskCourier
from bot.desk.places import Places
from bot.sandbox.slack.block_faults import MESSAGE_CHARACTERS, blocks_faults, characters_in
from handlers.attachments import Attachment
from handlers.content import Content
from handlers.desk import Desk
from storage import agents, desk_threads, lanes
from storage.agents import Role
from storage.database import Database
from storage.desk_posts import DeskPost
from storage.desk_threads import DeskThread
from storage.lanes import Lane, Queue
from tests.bot_under_test import MONDAY_NOON
from tests.desk.quiet_desk import CHANNEL, TEAM, FakeDeskSlack, QuietDesk
from tests.fakes import FakeNLU

MESSAGE_BLOCKS = 50
TEXT_CHARACTERS = 4_000


@dataclass
class Sheet:
    """A post."""

    channel: str
    ts: str
    thread: str | None
    text: str
    blocks: list[Block]
    key: str
    file: Attachment | None = None
    marks: list[str] = field(default_factory=list)


@dataclass
class Trouble:
    """The next call of `method` goes wrong; `taken`: Slack has done it all the same."""

    error: BaseException
    method: str = "*"
    taken: bool = False
    times: int = 1


@dataclass
class Paper(FakeDeskSlack):
    """What stands in the channels. `closed` is what Slack says of a channel that cannot be written to."""

    sheets: list[Sheet] = field(default_factory=list)
    closed: dict[str, str] = field(default_factory=dict)
    tombstones: set[str] = field(default_factory=set)
    troubles: list[Trouble] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    stamps: int = 0

    def budgets(self, channel: str) -> tuple[()]:
        return ()

    async def post(self, channel: str, thread: str | None, text: str, blocks: Sequence[Block], key: str) -> str:
        late = self._begin("post")
        self._check(channel, text, blocks)
        if thread is not None and thread in self.tombstones:
            raise Refused("cannot_reply_to_message")
        if thread is not None and self._at(channel, thread) is None:
            raise Refused("thread_not_found")
        ts = self._put(channel, thread, text, blocks, key)
        _end(late)
        return ts

    async def upload(self, channel: str, thread: str, file: Attachment, key: str) -> str:
        late = self._begin("upload")
        self._check(channel, "file", [])
        ts = self._put(channel, thread, "", [], key, file)
        _end(late)
        return ts

    async def update(self, channel: str, ts: str, text: str, blocks: Sequence[Block]) -> None:
        late = self._begin("update")
        self._check(channel, text, blocks)
        sheet = self._at(channel, ts)
        if sheet is None or ts in self.tombstones:
            raise Refused("message_not_found")
        sheet.text, sheet.blocks = text, list(blocks)
        _end(late)

    async def mark(self, channel: str, ts: str, before: str | None, after: str | None) -> None:
        late = self._begin("mark")
        self._check(channel, "mark", [])
        sheet = self._at(channel, ts)
        if sheet is not None:
            sheet.marks = [one for one in sheet.marks if one != before] + ([after] if after else [])
        self.marks.append((ts, after))
        _end(late)

    async def find(self, channel: str, thread: str | None, key: str, since: datetime) -> str | None:
        _end(self._begin("find"))
        if self.closed.get(channel) not in {None, "is_archived"}:
            raise Refused(self.closed[channel])
        if thread is not None and self._at(channel, thread) is None:
            raise Refused("thread_not_found")
        return next((one.ts for one in self.sheets if one.key == key and one.thread == thread), None)

    def _begin(self, method: str) -> BaseException | None:
        """Raises what goes wrong before Slack has done anything; returns what goes wrong after that."""
        self.calls.append(method)
        trouble = next((one for one in self.troubles if one.method in {"*", method}), None)
        if trouble is None:
            return None
        trouble.times -= 1
        if trouble.times <= 0:
            self.troubles.remove(trouble)
        if trouble.taken:
            return trouble.error
        raise trouble.error

    def _check(self, channel: str, text: str, blocks: Sequence[Block]) -> None:
        if channel in self.closed:
            raise Refused(self.closed[channel])
        if blocks_faults(list(blocks), "/blocks", MESSAGE_BLOCKS):
            raise Refused("invalid_blocks")
        if characters_in(list(blocks)) > MESSAGE_CHARACTERS:
            raise Refused("msg_blocks_too_long")
        if not text.strip() and not blocks:
            raise Refused("no_text")

    def _put(
        self, channel: str, thread: str | None, text: str, blocks: Sequence[Block], key: str, file: Any = None
    ) -> str:
        self.stamps += 1
        ts = f"1700000000.{self.stamps:06}"
        self.sheets.append(Sheet(channel, ts, thread, text, list(blocks), key, file))
        return ts

    def _at(self, channel: str, ts: str) -> Sheet | None:
        return next((one for one in self.sheets if (one.channel, one.ts) == (channel, ts)), None)

    # Reading

    def cards(self, channel: str = CHANNEL) -> list[Sheet]:
        return [one for one in self.sheets if one.thread is None and one.channel == channel]

    def under(self, card: Sheet) -> list[Sheet]:
        return [one for one in self.sheets if one.thread == card.ts and one.channel == card.channel]

    def words(self, card: Sheet) -> list[str]:
        return [one.text for one in self.under(card)]

    # What people do

    def writes(self, channel: str, thread: str) -> str:
        """Somebody's own post: its ts."""
        return self._put(channel, thread, "", [], "")

    def deletes(self, sheet: Sheet, *, tombstone: bool = False) -> None:
        if tombstone:
            self.tombstones.add(sheet.ts)
        else:
            self.sheets.remove(sheet)

    def renames(self, old: str, new: str) -> None:
        for sheet in self.sheets:
            sheet.channel = new if sheet.channel == old else sheet.channel
        self.closed[old] = "channel_not_found"


def _end(late: BaseException | None) -> None:
    if late is not None:
        raise late


class ToldDesk(QuietDesk):
    """Agents act as in `QuietDesk`, and what they are told stands on `paper`."""

    def __init__(self, database: Database, content: Content, nlu: FakeNLU) -> None:
        super().__init__(database, content, nlu)
        self.paper = Paper()
        self.slack = self.paper
        self.channel = CHANNEL

    @property
    def desk(self) -> Desk:
        return replace(super().desk, desk_channel=self.channel)

    @property
    def courier(self) -> DeskCourier:
        """A new one each time, as after a restart."""
        return DeskCourier(self.database, self.paper, lambda: self.desk, lambda: self.now)  # type: ignore[arg-type]

    @property
    def places(self) -> Places:
        return Places(self.database, lambda: self.desk)

    async def tell(self, *, due_only: bool = False, rounds: int = 200) -> None:
        """Until nothing waits any more, as if there were no waits; `due_only`: until nothing is due."""
        for _ in range(rounds):
            if not due_only:
                await self.hurry()
            if not await self.tell_once():
                return
        assert due_only, "it never ends"

    async def tell_once(self) -> int:
        """What is due now, one step a ticket."""
        async with self.database.transaction() as session:
            held = await lanes.claim(session, Queue.DESK, 1, 10)
        for claim in held:
            await self.courier.work(claim)
        return len(held)

    async def hurry(self) -> None:
        past = MONDAY_NOON - timedelta(days=9999)
        async with self.database.transaction() as session:
            await session.execute(
                update(Lane).where(Lane.queue == Queue.DESK, Lane.ready_at.is_not(None)).values(ready_at=past)
            )

    async def restart(self) -> None:
        """A worker was killed: what it held is free again."""
        async with self.database.transaction() as session:
            freed = update(Lane).where(Lane.owner.is_not(None)).values(owner=None)
            await session.execute(freed)

    async def opened(self, chat: str = "anna", words: str = "chcę rozmawiać z człowiekiem") -> int:
        """A ticket in the queue, told of; its number."""
        await self.ask(words, chat=chat)
        await self.tell()
        return (await self.tickets())[-1].number

    async def thread(self, number: int) -> DeskThread:
        ticket = next(one for one in await self.tickets() if one.number == number)
        async with self.database.reading() as session:
            found = await desk_threads.thread_of(session, ticket.id)
        assert found is not None
        return found

    async def card(self, number: int) -> Sheet:
        thread = await self.thread(number)
        [card] = [one for one in self.paper.cards(thread.channel) if one.ts == thread.ts]
        return card

    async def lines(self, number: int) -> list[str]:
        return self.paper.words(await self.card(number))

    async def says(self, text: str, chat: str = "anna", **more: Any) -> None:
        """A customer, whatever is answered."""
        await self.hears(text, chat=chat, **more)
        await self.work()

    async def writes(self, who: str, number: int, text: str, thread: DeskThread | None = None) -> Any:
        """An agent, in the ticket's thread, or in an earlier one."""
        place = thread or await self.thread(number)
        ts = self.paper.writes(place.channel, place.ts)
        post = replace(self.post(who, number, text), channel=place.channel, thread=place.ts, ts=ts)
        await self.does(post)
        return post

    async def posts(self) -> list[DeskPost]:
        return await self._all(select(DeskPost).order_by(DeskPost.lane_id, DeskPost.seq))

    async def statuses(self) -> set[str]:
        return {one.status for one in await self.posts()}


async def staffed(database: Database, content: Content, nlu: FakeNLU, **rules: Any) -> ToldDesk:
    """Ola is an agent, Piotr leads; both are known to Slack. Words leave at once, and nobody is asked."""
    told = ToldDesk(database, content, nlu)
    offer = content.desk.assignment.model_copy(update={"offer": False})
    told.rules(**{"undo_seconds": 0, "assignment": offer, "ladder": (), **rules})
    await told.staff(ola=Role.AGENT, piotr=Role.LEAD)
    async with database.transaction() as session:
        for name in ("ola", "piotr"):
            agent = await agents.agent_named(session, name.capitalize())
            assert agent is not None
            await agents.bind(session, agent, TEAM, name)
    return told
