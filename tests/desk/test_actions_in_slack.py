"""Every action as an agent takes it in Slack, its real payload through the whole bot: button, menu, shortcut, emoji."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.sandbox.slack.fields import CannotDo, elements
from bot.sandbox.slack.messages import Message as Post
from bot.sandbox.slack.person import Person
from storage.conversations import Owner
from storage.database import Database
from storage.outbox import OutboxMessage
from storage.tickets import Priority, Status
from tests.desk.desk_rig import DeskRig, open_desk
from tests.fakes import FakeNLU

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
async def rig(database: Database, nlu: FakeNLU, tmp_path: Path) -> AsyncIterator[DeskRig]:
    async with open_desk(database, nlu, tmp_path, complaints_apart=True) as opened:
        yield opened


def card_text(rig: DeskRig, number: int) -> str:
    return str(rig.card(number).body["blocks"])


async def sends_template(rig: DeskRig, who: Person, number: int, typed: str, **given: str) -> None:
    """Searches, chooses, sends with gaps, fills them in, sends again."""
    await rig.presses(who, number, "template")
    await rig.form(who)
    offered = await who.looks_up(who.modal, "desk-template_chosen", typed, "key")
    await who.presses(who.modal, "desk-template_chosen", offered[0], "key")
    await rig.until(lambda: "Tak to przeczyta klient" in str(who.modal.given))
    assert "‹" in str(who.modal.given), "a gap is shown as one"
    before = rig.heard()
    fields = [block["block_id"] for block in who.modal.given["blocks"] if block.get("block_id", "").startswith("given")]
    for block_id in fields:
        who.fills(who.modal, "value", " ", block_id)
    await who.submits()
    assert set(who.modal.errors) == set(fields)
    assert rig.heard() == before
    await rig.submits(who, **given)
    await rig.quiet()
    assert not rig.slack.space.views.stack(who.id)


async def test_a_case_from_the_queue_to_its_end(rig: DeskRig) -> None:
    ola, piotr = rig.ola, rig.piotr
    number = await rig.asks_for_a_person()
    # Taking over: one has it, the other is told who
    await rig.presses(ola, number, "take_over")
    assert rig.heard()[-1].startswith("Dzień dobry, tu Ola")
    await piotr.presses(rig.card(number), "desk-more", f"{number}|follow")
    await rig.quiet()
    assert "*Ola*" in card_text(rig, number)
    # Notes are nobody's but ours
    heard = rig.heard()
    await rig.fills(ola, number, "note", words="stała klientka")
    rig.writes(ola, number, "// zadzwonić do magazynu")
    rig.writes(piotr, number, "mam podobną sprawę")
    await rig.quiet()
    noted = ["stała klientka", "zadzwonić do magazynu", "mam podobną sprawę"]
    assert [note.text for note in await rig.notes()] == noted
    assert rig.heard() == heard
    assert all(words in "".join(rig.lines(number)) for words in noted)
    # A template keeps where it came from
    await sends_template(rig, ola, number, "opóźnienie paczki", given_date="w piątek", given_order_number="A-1001")
    message = [one for one in await rig.messages() if one.answer and one.answer.startswith("template:")][-1]
    assert message.answer_version
    assert "najpóźniej w piątek" in rig.heard()[-1]
    # What it is
    await rig.fills(ola, number, "priority", priority="high")
    await rig.fills(ola, number, "tier", tier="premium")
    assert "pilne" in card_text(rig, number)
    assert "premium" in card_text(rig, number)
    # Waiting, until the customer answers
    await rig.fills(ola, number, "wait", on="customer", words="zdjęcie etykiety")
    assert "zdjęcie etykiety" in rig.heard()[-1]
    assert "czeka na klienta" in card_text(rig, number)
    rig.customer().types("wysyłam")
    await rig.quiet()
    assert (await rig.ticket(number)).status == Status.OPEN
    # Asleep, until the time has passed: who has it is called
    await rig.fills(ola, number, "snooze", until=int(rig.clock().timestamp()) + 3600)
    assert "Uśpione" in card_text(rig, number)
    await rig.later(hours=1)
    assert f"<@{ola.id}>" in rig.lines(number)[-1]
    assert "Uśpione" not in card_text(rig, number)
    # Settled, and back
    await rig.fills(ola, number, "resolve", cause="refunded", words="Pieniądze już idą.")
    assert rig.heard()[-1].startswith("Pieniądze już idą.")
    assert "Zwrot pieniędzy" in card_text(rig, number)
    await rig.presses(ola, number, "reopen")
    assert (await rig.ticket(number)).status == Status.OPEN
    # In the right channel
    await rig.fills(ola, number, "category", category="complaint")
    assert (await rig.ticket(number)).desk_channel == rig.complaints.id
    assert f"#{number} " in rig.card(number, rig.complaints).body["text"]
    events = await rig.events(number)
    assert {event.actor for event in events if event.kind not in {"opened", "handed_over"}} <= {
        "agent:Ola", "agent:Piotr", "customer", "bot",
    }  # fmt: skip
    done = [
        "status", "taken", "noted", "noted", "agent_replied", "priority", "tier", "status", "snoozed", "status",
        "status", "reopened", "category",
    ]  # fmt: skip
    assert [event.kind for event in events if event.actor == "agent:Ola" and event.kind in set(done)] == done


@SQLITE
async def test_one_case_of_two_chats_is_answered_in_both(rig: DeskRig) -> None:
    """A customer on Telegram and one on Slack; joined by the form, told apart and joined by the card."""
    ola = rig.ola
    first = await rig.asks_for_a_person("Anna")
    marek = rig.slack.person("Marek")
    marek.says("poproszę człowieka, to ja od tej samej paczki")
    await rig.quiet()
    second = (await rig.tickets())[-1].number
    assert second != first
    await rig.fills(ola, second, "link", other=str(first))
    await rig.fills(ola, second, "merge", into=f"#{first}")
    assert f"#{second} " in card_text(rig, first)
    await rig.takes(ola, first)
    post = rig.writes(ola, first, "Mamy obie wiadomości")
    await rig.quiet()
    assert rig.heard("Anna")[-1] == "Mamy obie wiadomości"
    at_slack = [one.text for one in rig.slack.screen(marek.dm, marek) if one.is_bot]
    assert at_slack[-1] == "Mamy obie wiadomości"
    assert rig.marks(post) == {"white_check_mark"}
    marek.says("dzięki")
    await rig.quiet()
    assert "Marek [Slack]: dzięki" in rig.lines(first)[-1]


@SQLITE
async def test_shortcuts_and_emoji_do_the_same(rig: DeskRig) -> None:
    ola, number = rig.ola, await rig.asks_for_a_person()
    card = rig.card(number)
    await ola.uses_shortcut("desk-take_over", card)
    await rig.quiet()
    assert (await rig.conversation()).agent == "Ola"
    await ola.uses_shortcut("desk-reply", card)
    await rig.form(ola)
    await rig.submits(ola, words="Dzień dobry")
    await rig.quiet()
    await rig.fills(ola, number, "note", words="miła klientka")
    assert rig.heard()[-1] == "Dzień dobry"
    assert [note.text for note in await rig.notes()] == ["miła klientka"]
    await ola.uses_shortcut("desk-template", card)
    assert any(block["block_id"] == "key" for block in (await rig.form(ola))["blocks"])
    await ola.closes()
    for emoji, owner in (("leftwards_arrow_with_hook", Owner.QUEUE), ("eyes", Owner.AGENT), ("robot_face", Owner.BOT)):
        ola.reacts(card, emoji)
        await rig.quiet()
        assert (await rig.conversation()).owner == owner, emoji
    ola.reacts(card, "rotating_light")
    await rig.quiet()
    assert (await rig.ticket(number)).priority == Priority.HIGH
    assert "może być opóźnienie" in rig.heard()[-1]
    await ola.uses_shortcut("desk-resolve", card)
    await rig.form(ola)
    await rig.submits(ola, cause="answered")
    await rig.quiet()
    assert (await rig.ticket(number)).cause == "answered"
    elsewhere = rig.slack.channel("random", ola)
    await ola.uses_shortcut("desk-take_over", ola.says("patrzcie", elsewhere))
    await rig.quiet()
    said = [one.text for one in rig.slack.screen(elsewhere, ola) if one.is_only_for_you]
    assert said == ["Ten wątek nie należy do żadnego zgłoszenia. Nic się nie zmieniło."]


@pytest.fixture
async def slow(database: Database, nlu: FakeNLU, tmp_path: Path) -> AsyncIterator[DeskRig]:
    async with open_desk(database, nlu, tmp_path, undo_seconds=8) as opened:
        yield opened


@SQLITE
async def test_words_leave_after_the_time_to_undo_as_they_read_then(slow: DeskRig) -> None:
    rig, ola = slow, slow.ola
    number = await rig.asks_for_a_person()
    await rig.takes(ola, number)
    # Undone with the button
    undone = rig.writes(ola, number, "pomyłka")
    await rig.until(lambda: rig.whispers(number, ola))
    await undoes(rig, ola, undone)
    await rig.until(lambda: rig.marks(undone) == {"leftwards_arrow_with_hook"})
    # Edited in time
    post = rig.writes(ola, number, "Wyślemy w piątek")
    await rig.until(lambda: rig.marks(post) or len(rig.whispers(number, ola)) >= 3)
    ola.edits(post, "Wyślemy w poniedziałek")
    await rig.until(lambda: _is_kind(rig, number, "agent_edited"))
    assert "Wyślemy" not in str(sees(rig))
    rig.clock.move_on(seconds=8)
    await rig.until(lambda: rig.marks(post) == {"white_check_mark"})
    assert [text for text in sees(rig) if "Wyślemy" in text] == ["Wyślemy w poniedziałek"]
    # Edited and deleted after it left
    ola.edits(post, "Wyślemy we wtorek")
    await rig.until(lambda: sees(rig)[-1] == "Wyślemy we wtorek")
    await undoes(rig, ola, post)
    await rig.until(lambda: rig.marks(post) == {"leftwards_arrow_with_hook"})
    assert "Wyślemy" not in str(sees(rig))
    # Files both ways
    file = ola.uploads(
        "etykieta.pdf", b"%PDF-1.4 etykieta", "application/pdf", channel=rig.desk, thread=rig.card(number)
    )
    await rig.until(lambda: _is_kind(rig, number, "agent_replied", 3))
    rig.clock.move_on(seconds=8)
    await rig.until(lambda: rig.marks(file) == {"white_check_mark"})
    assert [seen.file for seen in rig.customer().sees() if seen.is_bot and not seen.is_removed][-1] == "document"
    rig.customer().sends_file("photo", "tabliczka.jpg", caption="proszę")
    await rig.until(lambda: any(shown.files for shown in rig.thread(number)[-3:] if shown.is_bot))
    assert "pomyłka" not in str(rig.heard())
    ola.deletes(file)
    await rig.until(lambda: [seen.is_removed for seen in rig.customer().sees() if seen.file == "document"] == [True])


async def undoes(rig: DeskRig, who: Person, post: Post) -> None:
    """With the button that they alone see."""
    for whisper in [one for one in rig.slack.space.talk.of(rig.desk.id) if one.only_for == who.id]:
        for block, element in elements(whisper.body):
            if element.get("value", "").endswith(post.ts):
                await who.presses(whisper, element["action_id"], element["value"], block["block_id"])
                return
    raise AssertionError("there is nothing to undo it with")


@SQLITE
async def test_people_who_are_no_agents_change_nothing_in_slack(rig: DeskRig) -> None:
    """A guest, and somebody of the company that the channel was shared with after the card was posted."""
    number = await rig.asks_for_a_person()
    await rig.takes(rig.ola, number)
    card, theirs = rig.card(number), rig.writes(rig.ola, number, "Dzień dobry")
    await rig.quiet()
    guest = rig.slack.person("Gość", email="gosc@acme.example", guest=True)
    outsider = rig.slack.person("Obcy", email="ola@acme.example", from_other_company=True)
    for stranger in (guest, outsider):
        stranger.joins(rig.desk)
    await rig.quiet()
    rig.desk.is_ext_shared = True
    before = await everything(rig, number)
    for stranger in (guest, outsider):
        await stranger.presses(card, "desk-resolve")
        await rig.form(stranger)
        assert "submit" not in stranger.modal.given
        await stranger.closes()
        await stranger.presses(card, "desk-talk")
        assert "chcę rozmawiać" not in str(await rig.form(stranger))
        await stranger.closes()
        await stranger.presses(card, "desk-more", f"{number}|release")
        for emoji in ("robot_face", "tada"):
            stranger.reacts(theirs, emoji)
        post = stranger.says("Oddamy pieniądze", rig.desk, thread=card)
        await rig.quiet()
        stranger.edits(post, "Oddamy dwa razy tyle")
        await rig.quiet()
        stranger.deletes(post)
        await rig.quiet()
        said = [one.text for one in rig.slack.screen(rig.desk, stranger) if one.is_only_for_you]
        assert len(said) == 5  # the menu, the emoji, and each of three about the post
        assert all("Nic się nie zmieniło" in one for one in said)
    with pytest.raises(CannotDo):
        await outsider.uses_shortcut("desk-take_over", card)
    await guest.uses_shortcut("desk-take_over", card)
    await rig.quiet()
    assert await everything(rig, number) == before


async def everything(rig: DeskRig, number: int) -> tuple[object, ...]:
    chat, ticket = await rig.conversation(), await rig.ticket(number)
    rows = await rig.all(select(OutboxMessage).order_by(OutboxMessage.lane_id, OutboxMessage.seq))
    return (
        (chat.owner, chat.agent, ticket.status, ticket.assignee),
        await rig.kinds(number),
        [(one.id, one.text) for one in await rig.messages()],
        [one.id for one in await rig.notes()],
        [(one.lane_id, one.seq, one.status) for one in rows],
        rig.heard(),
    )


def sees(rig: DeskRig) -> list[str]:
    """What stands in Anna's chat from us now."""
    return [seen.text for seen in rig.customer().sees() if seen.is_bot and not seen.is_removed]


async def _is_kind(rig: DeskRig, number: int, kind: str, times: int = 1) -> bool:
    return (await rig.kinds(number)).count(kind) >= times
