"""Threads and channels that are gone: the ticket goes on elsewhere, or waits, and nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.channels.slack.errors import Refused
from bot.desk.events import DeskKind
from bot.desk.places import standing
from handlers.content import Content
from handlers.desk_rules import Place
from handlers.messages import Kind
from storage.conversations import Owner
from storage.database import Database, database_time
from storage.desk_posts import PostStatus
from storage.lanes import Lane, Queue
from tests.desk.desk_rig import DeskRig, open_desk
from tests.desk.quiet_desk import CHANNEL
from tests.desk.told_desk import ToldDesk, Trouble, staffed
from tests.fakes import FakeNLU

LOST = "Poprzedni wątek został usunięty"
LEFT = "Poprzedni wątek jest w kanale, do którego bot już nie pisze"

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
async def told(database: Database, content: Content, nlu: FakeNLU) -> ToldDesk:
    return await staffed(database, content, nlu)


def heard(lines: list[str]) -> list[str]:
    """What customers said, as it stands in a thread."""
    return [line.rpartition(":* ")[2] for line in lines if line.startswith(":speech_balloon:")]


# Threads


async def test_a_deleted_card_gets_a_successor_that_tells_what_was_still_to_be_told(told: ToldDesk) -> None:
    number = await told.opened()
    lost = await told.card(number)
    await told.says("jeszcze jedno")
    told.paper.deletes(lost)
    event = told.event("", DeskKind.LOST, number, thread=lost.ts, ts=lost.ts)
    await told.does(event)
    await told.says("i drugie")
    await told.tell()
    lines = await told.lines(number)
    assert heard(lines) == ["jeszcze jedno", "i drugie"]
    assert [LOST in line for line in lines] == [False, True, False]
    await told.does(told.event("", DeskKind.LOST, number, thread=lost.ts, ts=lost.ts, external_id="again"))
    await told.tell()
    assert len(told.paper.cards()) == 1


@pytest.mark.parametrize("tombstone", [True, False])
async def test_a_loss_that_nobody_told_of_is_noticed_at_the_next_word(told: ToldDesk, tombstone: bool) -> None:
    number = await told.opened()
    lost = await told.card(number)
    told.paper.deletes(lost, tombstone=tombstone)
    await told.says("halo?")
    await told.tell()
    assert (await told.thread(number)).ts != lost.ts
    lines = await told.lines(number)
    assert heard(lines) == ["halo?"]
    assert LOST in lines[-1]
    assert told.paper.calls[-1] == "update", "the card shows all there is"


async def test_a_loss_noticed_while_drawing_is_mended_too(told: ToldDesk) -> None:
    number = await told.opened()
    lost = await told.card(number)
    told.paper.troubles = [Trouble(Refused("message_not_found"), "update")]
    await told.presses("ola", number, "take_over")
    await told.tell()
    thread = await told.thread(number)
    assert thread.ts != lost.ts
    assert await told.statuses() == {PostStatus.SENT}


async def test_what_is_told_into_a_thread_that_goes_at_that_moment_is_told_again(told: ToldDesk) -> None:
    number = await told.opened()
    lost = await told.card(number)
    await told.says("halo?")
    post, told.paper.post = told.paper.post, None  # type: ignore[method-assign, assignment]

    async def posted(*given: object) -> str:
        told.paper.post = post  # type: ignore[method-assign]
        ts = await post(*given)  # type: ignore[arg-type]
        await told.does(told.event("", DeskKind.LOST, number, thread=lost.ts, ts=lost.ts))
        return ts

    told.paper.post = posted  # type: ignore[method-assign]
    await told.tell()
    assert (await told.thread(number)).ts != lost.ts
    assert heard(await told.lines(number)) == ["halo?"]


async def test_who_writes_in_an_old_thread_writes_about_its_ticket(told: ToldDesk) -> None:
    number = await told.opened()
    old = await told.thread(number)
    await told.presses("ola", number, "take_over")
    told.paper.deletes(await told.card(number), tombstone=True)
    await told.says("halo?")
    await told.tell()
    await told.heard()
    await told.writes("ola", number, "Już jestem", thread=old)
    await told.writes("ola", number, "// sprawdzić w magazynie", thread=old)
    assert await told.heard() == ["Już jestem"]
    assert [note.text for note in await told.notes()] == ["sprawdzić w magazynie"]


async def test_an_edit_of_words_left_behind_in_an_old_thread_shows_in_the_new_one(told: ToldDesk) -> None:
    number = await told.opened()
    words = "m-a"
    await told.says("na Długiej 5", about=words)
    await told.says("albo nie")
    await told.tell()
    await _edits(told, words, "na Długiej 6")
    await told.tell()
    assert "na Długiej 6" in (await told.lines(number))[1], "where it stands"
    told.paper.deletes(await told.card(number), tombstone=True)
    await _edits(told, words, "na Długiej 7")
    await told.tell()
    [shown] = heard(await told.lines(number))
    assert shown.startswith("na Długiej 7")
    assert "na Długiej 6" in shown
    told.paper.deletes(next(one for one in told.paper.under(await told.card(number)) if "Długiej 7" in one.text))
    await _edits(told, words, "na Długiej 8")
    await told.tell()
    assert len(told.paper.cards()) == 2, "a copy that somebody deleted is no lost thread"
    assert any(one.startswith("na Długiej 8") for one in heard(await told.lines(number)))


async def _edits(told: ToldDesk, message: str, text: str) -> None:
    told.later(seconds=5)
    await told.hears(text, kind=Kind.EDITED, about=message)
    await told.work()


# Channels


@pytest.mark.parametrize("why", ["is_archived", "not_in_channel", "channel_not_found"])
async def test_while_the_desk_channel_is_gone_everything_waits_and_the_leads_are_told_once(
    told: ToldDesk, why: str
) -> None:
    number = await told.opened()
    told.paper.closed[CHANNEL] = why
    for words in ("jedno", "drugie"):
        await told.says(words)
        await _some_minutes(told)
    await told.restart()
    other = (await _ask(told, "jan"))[-1]
    await _some_minutes(told)
    async with told.database.reading() as session:
        assert why in str(await standing(session, told.desk))
    assert [user for user, text in told.paper.direct if f"<#{CHANNEL}>" in text] == ["piotr"]
    del told.paper.closed[CHANNEL]
    await told.tell()
    assert heard(await told.lines(number)) == ["jedno", "drugie"]
    assert len(told.paper.cards()) == 2, "the same thread goes on"
    assert (await told.card(other)).ts
    async with told.database.reading() as session:
        assert await standing(session, told.desk) == "ok"
    assert await told.statuses() == {PostStatus.SENT}


async def _some_minutes(told: ToldDesk) -> None:
    for _ in range(3):
        await told.hurry()
        await told.tell_once()


async def _ask(told: ToldDesk, chat: str) -> list[int]:
    await told.ask("chcę rozmawiać z człowiekiem", chat=chat)
    return [ticket.number for ticket in await told.tickets()]


async def test_when_another_desk_channel_is_named_the_tickets_follow(told: ToldDesk) -> None:
    number = await told.opened()
    quiet = await told.opened(chat="jan")
    told.paper.closed[CHANNEL] = "is_archived"
    await told.says("halo?")
    await _some_minutes(told)
    told.channel = "C-NEW"
    await told.tell()
    [card] = told.paper.cards("C-NEW")
    assert heard(told.paper.words(card)) == ["halo?"]
    assert LEFT in told.paper.words(card)[-1]
    async with told.database.reading() as session:
        assert await standing(session, told.desk) == "ok", "of the old one nobody asks any more"
    assert await told.places.is_ours(CHANNEL), "its threads still count"
    await told.says("i ja", chat="jan")
    await told.tell()
    assert (await told.thread(quiet)).channel == (await told.thread(number)).channel == "C-NEW"


async def test_tickets_of_a_place_that_is_gone_go_on_in_the_default_channel(told: ToldDesk) -> None:
    told.rules(places=(Place(channel="C-HELP", categories=("human_handoff",)),))
    number = await told.opened()
    assert (await told.thread(number)).channel == "C-HELP"
    told.paper.closed["C-HELP"] = "is_archived"
    await told.places.closed("C-HELP")
    await told.tell()
    assert (await told.thread(number)).channel == CHANNEL
    assert LEFT in (await told.lines(number))[-1]
    assert told.paper.direct == [], "agents see their tickets"
    async with told.database.reading() as session:
        assert "C-HELP" in str(await standing(session, told.desk))
    again = await told.opened(chat="jan")
    assert (await told.thread(again)).channel == CHANNEL


@pytest.mark.parametrize("is_there", [True, False], ids=["stands there", "deleted"])
async def test_the_card_of_a_ticket_that_was_moved_says_where_it_went(told: ToldDesk, is_there: bool) -> None:
    told.rules(places=(Place(channel="C-COMPLAINTS", categories=("complaint",)),))
    number = await told.opened()
    left, thread = await told.card(number), await told.thread(number)
    if not is_there:
        told.paper.deletes(left)
    await told.sends("ola", number, "category", category="complaint")
    await told.says("halo?")
    await told.tell()
    [card] = told.paper.cards("C-COMPLAINTS")
    assert heard(told.paper.words(card)) == ["halo?"]
    assert "<#C-COMPLAINTS>" not in card.text
    if is_there:
        assert left.text.endswith(f"#{number} · Skarga na obsługę – sprawa przeniesiona na kanał <#C-COMPLAINTS>.")
        assert [block["type"] for block in left.blocks] == ["section"], "nothing to press any more"
    assert await told.statuses() == {PostStatus.SENT}
    await told.writes("ola", number, "// zapisane w starym wątku", thread)
    assert [note.text for note in await told.notes()] == ["zapisane w starym wątku"]


async def test_a_channel_that_slack_gave_another_id_is_the_same_desk(told: ToldDesk) -> None:
    """And the setting may go on naming the old one, also after a restart."""
    number = await told.opened()
    card = await told.card(number)
    await told.says("halo?")
    told.paper.renames(CHANNEL, "C-SHARED")
    assert await told.places.renamed(CHANNEL, "C-SHARED")
    assert not await told.places.renamed("C-CUSTOMERS", "C-OTHER")
    assert await told.places.is_ours("C-SHARED")
    await told.tell()
    assert told.paper.cards("C-SHARED") == [card]
    assert heard(told.paper.words(card)) == ["halo?"]
    await told.presses("ola", number, "take_over")
    await told.writes("ola", number, "Dzień dobry")
    assert (await told.conversation()).owner == Owner.AGENT
    new = await told.opened(chat="jan")
    assert (await told.thread(new)).channel == "C-SHARED"
    told.paper.renames("C-SHARED", "C-THIRD")
    assert await told.places.renamed("C-SHARED", "C-THIRD")
    assert await told.places.is_ours("C-THIRD")
    await told.says("i ja", chat="jan")
    await told.tell()
    assert (await told.thread(new)).channel == "C-THIRD"
    assert told.paper.direct == []


# At the stand-in of Slack


@pytest.fixture
async def rig(database: Database, nlu: FakeNLU, tmp_path: Path) -> AsyncIterator[DeskRig]:
    async with open_desk(database, nlu, tmp_path) as opened:
        yield opened


async def test_what_people_do_to_threads_and_channels_in_slack(rig: DeskRig) -> None:
    number = await rig.asks_for_a_person()
    first = rig.card(number)
    await rig.takes(rig.ola, number)
    rig.ola.deletes(first)  # it has replies: a tombstone is left
    await rig.quiet()
    second = rig.card(number)
    assert second.ts != first.ts
    assert LOST in rig.lines(number)[-1]
    rig.slack.archives(rig.desk, rig.piotr)
    rig.customer().types("jest tam kto?")
    await rig.quiet()
    rig.slack.unarchives(rig.desk, rig.piotr)
    await _wakes(rig)
    assert any("jest tam kto?" in line for line in rig.lines(number))
    rig.slack.changes_id(rig.desk)
    rig.customer().types("halo?")
    await rig.quiet()
    await _wakes(rig)
    assert "halo?" not in rig.lines(number)[-1], "while another company reads along, nothing is told there"
    rig.desk.is_ext_shared = False
    await _wakes(rig)
    assert any("halo?" in line for line in rig.lines(number))
    post = rig.writes(rig.ola, number, "Jestem!")
    await rig.quiet()
    assert rig.heard()[-1] == "Jestem!"
    assert rig.marks(post) == {"white_check_mark"}


async def _wakes(rig: DeskRig) -> None:
    """The minute until it is tried again is over."""
    async with rig.database.transaction() as session:
        waits = update(Lane).where(Lane.queue == Queue.DESK, Lane.ready_at.is_not(None))
        await session.execute(waits.values(ready_at=database_time(session)))
    await rig.quiet()
