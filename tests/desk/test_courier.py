"""What the desk is told comes once, in order and whole, whatever happens to us or to Slack."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.base import TemporaryDeliveryError, UnknownOutcome
from bot.channels.slack.errors import Refused
from bot.desk.places import standing
from handlers.attachments import Attachment, AttachmentKind
from handlers.content import Content
from storage import desk_posts, lanes
from storage.database import Database
from storage.desk_posts import PostStatus
from storage.lanes import Queue
from tests.desk.told_desk import ToldDesk, Trouble, staffed
from tests.fakes import FakeNLU


@pytest.fixture
async def told(database: Database, content: Content, nlu: FakeNLU) -> ToldDesk:
    return await staffed(database, content, nlu)


only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


# Nothing twice


@pytest.mark.parametrize("taken", [True, False], ids=["taken", "not taken"])
@pytest.mark.parametrize("method", ["post", "find", "update"])
async def test_what_is_of_unknown_fate_is_looked_for_and_never_stands_there_twice(
    told: ToldDesk, method: str, taken: bool
) -> None:
    lost = UnknownOutcome("Slack's answer was lost")
    told.paper.troubles = troubles = [Trouble(lost, "post", taken), Trouble(lost, method, taken)]
    number = await told.opened()
    await told.says("halo?")
    told.paper.troubles += [
        Trouble(lost, method, taken),
        Trouble(UnknownOutcome("Slack: internal_error"), "post", taken),
    ]
    await told.tell()
    assert len(troubles) < 2, "things did go wrong"
    assert len(told.paper.cards()) == 1
    assert [line.partition("\n")[0] for line in await told.lines(number)] == [
        ":bell: *Do przejęcia: klient poprosił o człowieka*",
        ":speech_balloon: *Anna:* halo?",
    ]
    assert await told.statuses() == {PostStatus.SENT}


async def test_a_worker_killed_between_any_two_steps_neither_loses_nor_repeats(told: ToldDesk) -> None:
    """After each call to Slack in turn, which was taken or not."""
    number = await told.opened()
    for at, taken in ((at, taken) for at in range(1, 6) for taken in (True, False)):
        await told.says(f"słowa {at} {taken}")
        await told.presses("ola", number, "take_over" if taken else "release")
        told.paper.calls.clear()
        await _killed_at(told, at, taken=taken)
        await told.restart()
        await told.tell()
    lines = await told.lines(number)
    said = [line.rpartition(":* ")[2] for line in lines if line.startswith(":speech_balloon:")]
    assert said == [f"słowa {at} {taken}" for at in range(1, 6) for taken in (True, False)]
    assert len([line for line in lines if "przejmuje" in line]) == len([line for line in lines if "do kolejki" in line])
    assert await told.statuses() == {PostStatus.SENT}


async def _killed_at(told: ToldDesk, at: int, *, taken: bool) -> None:
    """The worker dies in its `at`th call."""
    killed: list[BaseException] = []
    while not killed and await _is_waiting(told):
        if len(told.paper.calls) == at - 1:
            told.paper.troubles = [Trouble(asyncio.CancelledError(), taken=taken)]
        try:
            if not await told.tell_once():
                break
        except asyncio.CancelledError as death:
            killed.append(death)
    told.paper.troubles.clear()


async def _is_waiting(told: ToldDesk) -> bool:
    async with told.database.reading() as session:
        return await lanes.next_ready(session, Queue.DESK) is not None


# Nothing lost, nothing in the way of others


@only_sqlite
async def test_a_pace_limit_holds_up_one_ticket_only_and_outlives_a_restart(told: ToldDesk) -> None:
    anna, jan = await told.opened(), await told.opened(chat="jan")
    await told.says("od Anny")
    told.paper.troubles = [Trouble(TemporaryDeliveryError("Slack: ratelimited", 30.0), "post")]
    await told.tell(due_only=True)
    await told.says("od Jana", chat="jan")
    await told.restart()
    await told.tell(due_only=True)
    assert "od Jana" in (await told.lines(jan))[-1]
    assert "od Anny" not in "".join(await told.lines(anna))
    async with told.database.reading() as session:
        wait = await lanes.next_ready(session, Queue.DESK)
    assert wait is not None
    assert 20 < wait <= 30
    await told.tell()
    assert "od Anny" in (await told.lines(anna))[-1]


@only_sqlite
async def test_while_slack_is_away_everything_waits_and_then_comes_in_order(told: ToldDesk) -> None:
    number = await told.opened()
    told.paper.troubles = [Trouble(TemporaryDeliveryError("Slack cannot be reached"), times=100)]
    for at in range(3):
        await told.says(f"słowa {at}")
    await told.tell()
    said = [line.rpartition(":* ")[2] for line in await told.lines(number) if line.startswith(":speech_balloon:")]
    assert said == ["słowa 0", "słowa 1", "słowa 2"]
    assert await told.statuses() == {PostStatus.SENT}


@only_sqlite
async def test_what_slack_will_not_show_as_it_is_is_told_in_plain_words(told: ToldDesk) -> None:
    told.paper.troubles = [Trouble(Refused("invalid_blocks"), "post")]
    number = await told.opened()
    [card] = told.paper.cards()
    await told.says("halo?")
    told.paper.troubles = [Trouble(Refused("invalid_blocks"), "post"), Trouble(Refused("invalid_blocks"), "update")]
    await told.tell()
    shown = told.paper.under(card)[-1]
    assert (shown.text, shown.blocks) == (":speech_balloon: *Anna:* halo?", [])
    assert (card.text.partition(":")[0], card.blocks) == (f"#{number} · Rozmowa z konsultantem – nowe", [])
    await told.presses("ola", number, "take_over")
    await told.tell()
    assert card.blocks != [], "the next drawing has its blocks again"


@only_sqlite
async def test_a_step_that_slack_never_takes_is_given_up_and_the_ticket_goes_on(told: ToldDesk) -> None:
    number = await told.opened()
    await told.says("pierwsze")
    await told.says("drugie")
    told.paper.troubles = [Trouble(Refused("no_text"), "post", times=2)]
    await told.tell()
    assert [line.rpartition(":* ")[2] for line in (await told.lines(number))[1:]] == ["drugie"]
    assert await told.statuses() == {PostStatus.SENT}, "a line that was refused is in the log; the rest was told"


@only_sqlite
async def test_what_was_given_up_is_seen_and_can_be_told_again_and_the_card_is_right_all_the_same(
    told: ToldDesk,
) -> None:
    number = await told.opened()
    await told.says("pierwsze")
    told.paper.troubles = [
        Trouble(RuntimeError("ours"), "post"),
        Trouble(RuntimeError("ours"), "find", times=7),
    ]
    await told.presses("ola", number, "take_over")
    await told.tell()
    assert "*Ola*" in str((await told.card(number)).blocks)
    async with told.database.transaction() as session:
        assert await standing(session, told.desk) == "1 not told and given up: supportbot desk list"
        [(dead, ticket)] = await desk_posts.dead(session, 10)
        assert (ticket.number, dead.last_error) == (number, "ours")
        assert await desk_posts.tell_again(session, dead.lane_id, dead.seq)
        assert not await desk_posts.tell_again(session, dead.lane_id, dead.seq)
        assert await standing(session, told.desk) == "ok"
    await told.tell()
    assert (await told.lines(number))[-1] == ":speech_balloon: *Anna:* pierwsze"


@only_sqlite
async def test_a_file_that_cannot_be_shown_is_named(told: ToldDesk) -> None:
    number = await told.opened()
    file = Attachment(AttachmentKind.DOCUMENT, "local:1", "paragon <1>.pdf")
    told.paper.troubles = [Trouble(Refused("file_not_found"), "upload")]
    await told.says("", attachments=(file, file))
    await told.tell()
    shown = told.paper.under(await told.card(number))[-2:]
    assert "paragon &lt;1&gt;.pdf" in shown[0].text
    assert shown[1].file is not None


# Not more than is needed


@only_sqlite
async def test_a_burst_of_events_draws_the_card_once(told: ToldDesk) -> None:
    number = await told.opened()
    for at in range(10):
        await told.says(f"słowa {at}")
    await told.presses("ola", number, "take_over")
    told.paper.calls.clear()
    await told.tell()
    assert told.paper.calls.count("update") == 1
    assert told.paper.calls[-1] == "update"
