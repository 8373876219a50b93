"""An agent's words on their way to the customer: held, withdrawn, changed, deleted, and what the desk hears of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.channels.base import AfterUnknown, PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcome
from handlers import speaking
from handlers.attachments import Attachment, AttachmentKind
from handlers.messages import Reply
from storage import lanes, outbox
from storage.conversations import Author, Message, locked
from storage.desk_posts import DeskPost, PostKind
from storage.lanes import Queue
from storage.outbox import Delivery, OutboxMessage, OutKind
from storage.tickets import Ticket
from tests.bot.post import Post
from tests.bot_under_test import BotUnderTest

FILE = Attachment(AttachmentKind.DOCUMENT, "content:zwrot.pdf", "zwrot.pdf")


class Agent:
    """Ola writes to Anna; her ticket has a desk. The introduction is over with, and off the screen."""

    def __init__(self, bot: BotUnderTest, post: Post) -> None:
        self.bot, self.post, self.channel = bot, post, post.channel

    async def says(self, text: str, held: float = 0, files: Sequence[Attachment] = ()) -> int:
        async with self.bot.database.transaction() as session:
            conversation = await locked(session, (await self.bot.conversation()).id)
            message = await speaking.say(
                session,
                conversation,
                Reply(text, files=tuple(files)),
                author=Author.AGENT,
                agent="Ola",
                correlation_id="c1",
                dedupe=f"agent:{text}",
                now=self.bot.now,
                held_until=self.bot.now + timedelta(seconds=held) if held else None,
            )
            return message.id

    async def edits(self, message_id: int, text: str) -> bool:
        async with self.bot.database.transaction() as session:
            message = await session.get_one(Message, message_id)
            return await speaking.say_again(session, message, Reply(text), dedupe=f"edit:{text}", now=self.bot.now)

    async def deletes(self, message_id: int) -> bool:
        async with self.bot.database.transaction() as session:
            message = await session.get_one(Message, message_id)
            return await speaking.unsay(session, message, dedupe=f"delete:{message_id}", now=self.bot.now)

    async def message(self, message_id: int) -> Message:
        async with self.bot.database.reading() as session:
            return await session.get_one(Message, message_id)

    async def rows(self, message_id: int) -> list[tuple[str, str]]:
        async with self.bot.database.reading() as session:
            return [(row.kind, row.status) for row in await outbox.rows_of(session, message_id)]

    async def words_kept(self, message_id: int) -> list[str]:
        async with self.bot.database.reading() as session:
            return [row.payload["text"] for row in await outbox.rows_of(session, message_id) if row.payload["text"]]

    async def marks(self) -> list[int]:
        """The messages whose fate the desk was told to look at."""
        async with self.bot.database.reading() as session:
            look = select(DeskPost.payload).where(DeskPost.kind == PostKind.MARK).order_by(DeskPost.seq)
            return [payload["message_id"] for payload in (await session.scalars(look)).all()]

    @property
    def screen(self) -> list[str]:
        """What the customer sees, a file by its name."""
        return [reply.text or str(reply.files[0].name) for reply in self.channel.shown.values()]


@pytest.fixture
async def ola(bot: BotUnderTest) -> Agent:
    post = Post(bot)
    await bot.meet()
    await bot.ask("konsultant")
    await bot.agent("Ola", "take_over", 1001)
    await post.deliver_all()
    async with bot.database.transaction() as session:
        await session.execute(update(Ticket).values(desk_channel="C1"))
    post.channel.shown.clear()
    post.channel.deeds.clear()
    post.channel.most = 10
    return Agent(bot, post)


# Held


async def test_what_is_held_leaves_in_its_time_and_nothing_said_later_overtakes_it(ola: Agent) -> None:
    await ola.says("pierwsze", held=8)
    await ola.says("drugie")
    await ola.post.deliver()
    async with ola.bot.database.reading() as session:
        wait = await lanes.next_ready(session, Queue.OUT)
    assert wait is not None
    assert 0 < wait <= 1, "our clock may be moved meanwhile"
    await ola.post.deliver_all(rounds=2)
    assert ola.screen == []
    ola.bot.later(seconds=7.9)
    await ola.post.deliver_all(rounds=2)
    assert ola.screen == []
    ola.bot.later(seconds=0.1)
    await ola.post.deliver_all()
    assert ola.screen == ["pierwsze", "drugie"]


async def test_what_is_taken_back_in_time_never_reaches_the_customer_and_is_nowhere_on_record(ola: Agent) -> None:
    message_id = await ola.says("tajne", held=8)
    await ola.says("drugie")
    await ola.post.deliver_all(rounds=2)
    assert await ola.deletes(message_id)
    assert not await ola.deletes(message_id), "only once"
    await ola.post.deliver_all()
    assert ola.screen == ["drugie"]
    assert await ola.rows(message_id) == [("say", "withdrawn")]
    message = await ola.message(message_id)
    assert (message.text, message.deleted_at, await ola.words_kept(message_id)) == ("", ola.bot.now, [])
    assert (await ola.marks())[0] == message_id


async def test_what_waits_is_reworded_where_it_stands(ola: Agent) -> None:
    message_id = await ola.says("stare", held=8, files=[FILE])
    assert await ola.edits(message_id, "nowe")
    ola.bot.later(seconds=8)
    await ola.post.deliver_all()
    assert ola.screen == ["nowe", "zwrot.pdf"]
    assert await ola.rows(message_id) == [("say", "sent")]
    message = await ola.message(message_id)
    assert message.text == "nowe"
    assert [version["text"] for version in message.versions or []] == ["stare"]


# Edited


@pytest.mark.parametrize(
    ("before", "after", "screen", "deeds"),
    [
        ("a" * 10, "b" * 10, ["b" * 10], ["edit sent-1"]),
        ("a" * 10, "b" * 25, ["b" * 10, "b" * 10, "b" * 5], ["edit sent-1", "send sent-2", "send sent-3"]),
        ("a" * 25, "b" * 10, ["b" * 10], ["edit sent-1", "delete sent-3", "delete sent-2"]),
    ],
    ids=["as many parts", "more parts", "fewer parts"],
)
@pytest.mark.parametrize("files", [[], [FILE, FILE]], ids=["words", "with files"])
async def test_an_edit_reaches_the_customer_part_by_part_and_leaves_files_alone(
    ola: Agent, before: str, after: str, screen: list[str], deeds: list[str], files: list[Attachment]
) -> None:
    ola.channel.sent.clear()
    message_id = await ola.says(before, files=files)
    await ola.post.deliver_all()
    ola.channel.deeds.clear()
    assert not await ola.edits(message_id, after)
    await ola.post.deliver_all()
    words = [shown for shown in ola.screen if shown != FILE.name]
    assert (words, len(ola.screen) - len(words)) == (screen, len(files))
    if not files:
        assert ola.channel.deeds == deeds
    assert await ola.rows(message_id) == [("say", "sent"), ("edit", "sent")]
    assert await ola.edits(message_id, "c" * 15) is False, "and once more, from how it stands now"
    await ola.post.deliver_all()
    assert [shown for shown in ola.screen if shown != FILE.name] == ["c" * 10, "c" * 5]
    assert not await ola.deletes(message_id)
    await ola.post.deliver_all()
    assert ola.screen == []


@pytest.mark.parametrize(
    ("error", "after_unknown"),
    [
        (UnknownOutcome("timeout"), AfterUnknown.FLAG),
        (UnknownOutcome("timeout"), AfterUnknown.LOOK),
        (RuntimeError("ours"), AfterUnknown.FLAG),
        (TemporaryDeliveryError("500"), AfterUnknown.SEND_AGAIN),
    ],
)
async def test_an_edit_or_delete_of_unknown_outcome_is_done_again(
    ola: Agent, error: Exception, after_unknown: AfterUnknown
) -> None:
    ola.channel.after_unknown = after_unknown
    message_id = await ola.says("stare")
    await ola.post.deliver_all()
    await ola.edits(message_id, "nowe")
    ola.channel.failures = [error, error]
    await ola.post.deliver_all()
    assert ola.screen == ["nowe"]
    await ola.deletes(message_id)
    ola.channel.failures = [error]
    await ola.post.deliver_all()
    assert ola.screen == []
    assert [status for _, status in await ola.rows(message_id)] == ["sent"] * 3


@pytest.mark.parametrize("after_unknown", list(AfterUnknown))
async def test_after_a_crash_in_mid_edit_it_is_done_again(ola: Agent, after_unknown: AfterUnknown) -> None:
    ola.channel.after_unknown = after_unknown
    message_id = await ola.says("stare")
    await ola.post.deliver_all()
    await ola.edits(message_id, "nowe")
    async with ola.bot.database.transaction() as session:
        is_edit = OutboxMessage.kind == OutKind.EDIT
        await session.execute(update(OutboxMessage).where(is_edit).values(status=Delivery.SENDING))
    await ola.post.deliver_all()
    assert ola.screen == ["nowe"]
    assert await ola.rows(message_id) == [("say", "sent"), ("edit", "sent")]


async def test_a_part_that_an_edit_adds_is_not_sent_twice_when_its_fate_is_unknown(ola: Agent) -> None:
    message_id = await ola.says("a" * 10)
    await ola.post.deliver_all()
    await ola.edits(message_id, "b" * 15)
    await ola.post.deliver()
    ola.channel.failures = [UnknownOutcome("timeout")]
    await ola.post.deliver_all()
    assert ola.screen == ["b" * 10]
    assert (await ola.rows(message_id))[-1] == ("edit", "unknown")


async def test_an_edit_that_cannot_be_made_is_given_up_and_put_in_line_again_as_an_edit(ola: Agent) -> None:
    message_id = await ola.says("stare")
    await ola.post.deliver_all()
    await ola.edits(message_id, "nowe")
    ola.channel.failures = [PermanentDeliveryError("message can't be edited")]
    await ola.post.deliver_all()
    assert (ola.screen, (await ola.rows(message_id))[-1]) == (["stare"], ("edit", "dead"))
    async with ola.bot.database.transaction() as session:
        [failed] = await outbox.failed(session, [Delivery.DEAD], 10)
        await outbox.send_again(session, failed.row, ola.bot.now)
    await ola.post.deliver_all()
    assert ola.screen == ["nowe"]


async def test_a_message_that_was_never_sent_has_nothing_to_edit_and_goes_out_reworded_when_put_in_line_again(
    ola: Agent,
) -> None:
    message_id = await ola.says("stare")
    ola.channel.failures = [PermanentDeliveryError("invalid_blocks")]
    await ola.post.deliver_all()
    await ola.edits(message_id, "nowe")
    async with ola.bot.database.transaction() as session:
        [failed] = await outbox.failed(session, [Delivery.DEAD], 10)
        await outbox.send_again(session, failed.row, ola.bot.now)
    await ola.post.deliver_all()
    assert ola.screen == ["nowe"]


@pytest.mark.parametrize("change", ["edit", "delete"])
@pytest.mark.parametrize(
    ("error", "status"),
    [(PermanentDeliveryError("invalid_blocks"), "dead"), (UnknownOutcome("timeout"), "unknown")],
)
async def test_a_change_of_what_then_turns_out_not_to_have_been_sent_ends_with_the_reason(
    ola: Agent, change: str, error: Exception, status: str
) -> None:
    message_id = await ola.says("stare")
    await _under_way(ola, message_id)
    await (ola.edits(message_id, "nowe") if change == "edit" else ola.deletes(message_id))
    await _comes_to(ola, message_id, status)
    await ola.post.deliver_all()
    assert ola.channel.deeds == []
    assert await ola.rows(message_id) == [("say", status), (change, "withdrawn")]
    async with ola.bot.database.reading() as session:
        assert "nothing of the message is there" in str((await outbox.rows_of(session, message_id))[-1].last_error)


async def _under_way(ola: Agent, message_id: int) -> None:
    async with ola.bot.database.transaction() as session:
        [row] = await outbox.rows_of(session, message_id)
        row.status, row.started_at = Delivery.SENDING, ola.bot.now


async def _comes_to(ola: Agent, message_id: int, status: str) -> None:
    """What was under way ends so."""
    async with ola.bot.database.transaction() as session:
        row = (await outbox.rows_of(session, message_id))[0]
        row.status = status
        [held] = await lanes.claim(session, Queue.OUT, 1, 10)
        await lanes.advance(session, held)


# Deleted


async def test_what_has_left_in_part_loses_the_rest_and_then_the_beginning(ola: Agent) -> None:
    message_id = await ola.says("a" * 30)
    await ola.post.deliver()
    assert ola.screen == ["a" * 10]
    assert not await ola.deletes(message_id)
    await ola.post.deliver_all()
    assert ola.screen == []
    assert await ola.rows(message_id) == [("say", "withdrawn"), ("delete", "sent")]
    assert await ola.words_kept(message_id) == []


async def test_what_was_under_way_when_it_was_deleted_and_never_arrived_is_not_sent_after_all(ola: Agent) -> None:
    ola.channel.after_unknown = AfterUnknown.LOOK
    message_id = await ola.says("stare")
    ola.channel.failures = [UnknownOutcome("timeout")]
    await ola.post.deliver()
    assert not await ola.deletes(message_id), "it may have left"
    await ola.post.deliver_all()
    assert ola.channel.deeds == []
    assert await ola.rows(message_id) == [("say", "withdrawn"), ("delete", "withdrawn")]
    assert await ola.words_kept(message_id) == []


async def test_a_delete_takes_the_edits_that_still_wait_with_it(ola: Agent) -> None:
    message_id = await ola.says("stare")
    await ola.post.deliver_all()
    await ola.edits(message_id, "nowe")
    await ola.deletes(message_id)
    assert not await ola.edits(message_id, "jeszcze nowsze"), "what is deleted stays deleted"
    await ola.post.deliver_all()
    assert ola.channel.deeds[1:] == [f"delete {ola.channel.deeds[0].removeprefix('send ')}"]
    assert await ola.rows(message_id) == [("say", "sent"), ("edit", "withdrawn"), ("delete", "sent")]


async def test_a_message_too_old_to_be_deleted_says_so(ola: Agent) -> None:
    message_id = await ola.says("stare")
    await ola.post.deliver_all()
    await ola.deletes(message_id)
    ola.channel.failures = [PermanentDeliveryError("message can't be deleted for everyone")]
    await ola.post.deliver_all()
    assert (ola.screen, (await ola.rows(message_id))[-1]) == (["stare"], ("delete", "dead"))


# What the desk hears


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, "sent"),
        (PermanentDeliveryError("no such chat"), "dead"),
        (PermanentDeliveryError("blocked", blocked=True), "blocked"),
        (UnknownOutcome("timeout"), "unknown"),
    ],
)
async def test_the_desk_is_told_when_the_fate_of_an_agents_words_is_known(
    ola: Agent, error: Exception | None, status: str
) -> None:
    message_id = await ola.says("dzień dobry")
    assert await ola.marks() == []
    ola.channel.failures = [error] if error else []
    await ola.post.deliver_all()
    assert (await ola.rows(message_id), await ola.marks()) == ([("say", status)], [message_id])


async def test_the_desk_is_told_nothing_of_a_bots_words_nor_where_there_is_no_desk(ola: Agent) -> None:
    async with ola.bot.database.transaction() as session:
        await session.execute(update(Ticket).values(desk_channel=None))
    await ola.says("dzień dobry")
    await ola.bot.meet("tom")
    await ola.post.deliver_all()
    assert len(ola.screen) > 1
    assert await ola.marks() == []
