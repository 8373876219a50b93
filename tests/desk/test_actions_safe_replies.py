"""What an agent writes in a thread: it reaches the customer once, as it reads in the end, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.events import DeskKind
from bot.desk.thread import internal
from handlers.attachments import Attachment, AttachmentKind
from handlers.plain_text import ZERO_WIDTH
from storage.desk_threads import DeskCopy
from tests.desk.quiet_desk import CHANNEL, QuietDesk

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def owned(quiet: QuietDesk) -> int:
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    await quiet.heard()
    quiet.told("ola")
    return number


@SQLITE
async def test_words_wait_for_the_time_to_undo_and_say_so(quiet: QuietDesk) -> None:
    number = await owned(quiet)
    await quiet.does(quiet.post("ola", number, "Już sprawdzam *stan*"))
    row = (await quiet.rows())[-1]
    assert row.payload["text"] == "Już sprawdzam \\*stan\\*"
    assert row.held_until == quiet.now + timedelta(seconds=8)
    assert "Za 8 s" in quiet.told("ola")[0]
    assert await quiet.events(number, "agent_replied")


@SQLITE
@pytest.mark.parametrize("how", ["deleted", "undone"])
async def test_taken_back_in_time_they_never_leave_and_no_words_stay(quiet: QuietDesk, how: str) -> None:
    number = await owned(quiet)
    post = quiet.post("ola", number, "Ojej, to nie tu")
    await quiet.does(post)
    if how == "deleted":
        await quiet.does(quiet.delete(post))
    else:
        [undo] = quiet.slack.undo
        await quiet.does(quiet.event("ola", DeskKind.PRESSED, number, action="undo", argument=undo.partition("|")[2]))
        assert "Cofnięte" in quiet.told("ola")[-1]
    row, message = (await quiet.rows())[-1], (await quiet.messages())[-1]
    assert (row.status, row.payload["text"], message.text) == ("withdrawn", "", "")
    assert [one.kind for one in await quiet.events(number)][-2:] == ["agent_replied", "agent_deleted"]
    await quiet.does(quiet.event("ola", DeskKind.PRESSED, number, action="undo", argument=f"{CHANNEL}:{post.ts}"))
    assert quiet.told("ola")[-1] == "Nie ma czego cofać."
    await quiet.does(quiet.edit(post, "Ojej, to jednak tu"))
    assert (await quiet.rows())[-1].status == "withdrawn"
    assert "już wycofana" in quiet.told("ola")[-1]


@SQLITE
async def test_edited_in_time_they_leave_once_as_they_read_now(quiet: QuietDesk) -> None:
    number = await owned(quiet)
    post = quiet.post("ola", number, "W piątek")
    await quiet.does(post, quiet.edit(post, "W poniedziałek"))
    assert [(row.kind, row.payload["text"]) for row in (await quiet.rows())[-1:]] == [("say", "W poniedziałek")]
    assert len(await quiet.events(number, "agent_edited")) == 1
    await quiet.does(quiet.edit(post, "W poniedziałek"))
    assert len(await quiet.events(number, "agent_edited")) == 1


@SQLITE
async def test_edited_or_deleted_after_they_left_the_customer_sees_that(quiet: QuietDesk) -> None:
    number = await owned(quiet)
    post = quiet.post("ola", number, "W piątek")
    await quiet.does(post)
    async with quiet.database.transaction() as session:
        row = (await quiet.rows())[-1]
        row = await session.merge(row)
        row.status, row.provider_ids = "sent", ["77"]
    await quiet.does(quiet.edit(post, "W poniedziałek"))
    edit = (await quiet.rows())[-1]
    assert (edit.kind, edit.status, edit.payload["text"]) == ("edit", "waiting", "W poniedziałek")
    await quiet.does(quiet.delete(post))
    assert [(row.kind, row.status) for row in (await quiet.rows())[-3:]] == [
        ("say", "sent"), ("edit", "withdrawn"), ("delete", "waiting"),
    ]  # fmt: skip


@SQLITE
async def test_edited_into_a_note_they_are_taken_back_and_kept_for_agents(quiet: QuietDesk) -> None:
    number = await owned(quiet)
    post = quiet.post("ola", number, "klient kręci")
    await quiet.does(post, quiet.edit(post, "// klient kręci"))
    assert (await quiet.rows())[-1].status == "withdrawn"
    assert [(one.text, one.agent, one.ts) for one in await quiet.notes()] == [("klient kręci", "Ola", post.ts)]
    assert "zostaje jako notatka" in quiet.told("ola")[-1]
    await quiet.does(quiet.edit(post, "klient kręci, ale miło"))
    assert [one.text for one in await quiet.notes()] == ["klient kręci, ale miło"]
    assert (await quiet.rows())[-1].status == "withdrawn"
    assert "dalej notatka" in quiet.told("ola")[-1]
    await quiet.does(quiet.delete(post))
    assert [(one.text, one.versions) for one in await quiet.notes()] == [("", None)]


@SQLITE
async def test_a_delete_or_edit_that_overtakes_the_words_counts(quiet: QuietDesk) -> None:
    """Slack promises no order."""
    number = await owned(quiet)
    gone = quiet.post("ola", number, "tego nikt nie zobaczy")
    await quiet.does(quiet.delete(gone), gone)
    changed = quiet.post("ola", number, "W piątek")
    await quiet.does(quiet.edit(changed, "W poniedziałek"), changed)
    secret = quiet.post("ola", number, "uwaga, oszust")
    await quiet.does(quiet.edit(secret, "//uwaga, oszust"), secret)
    assert await quiet.heard() == ["W poniedziałek"]
    assert [one.text for one in await quiet.notes()] == ["uwaga, oszust"]


@SQLITE
async def test_an_edit_waiting_behind_the_words_is_seen_before_they_are_said(quiet: QuietDesk) -> None:
    number = await owned(quiet)
    post = quiet.post("ola", number, "W piątek")
    for one in (post, quiet.edit(post, "// w piątek?")):
        await quiet.intake.accept_desk(one)
    await quiet.work()
    assert (await quiet.heard(), [one.text for one in await quiet.notes()]) == ([], ["w piątek?"])


@SQLITE
async def test_a_variable_left_in_an_agents_words_keeps_them_here(quiet: QuietDesk) -> None:
    """In the thread, in forms, in edits; a message that was refused is sent once it is mended."""
    number = await owned(quiet)
    before = await quiet.everything()
    post = quiet.post("ola", number, "Dzień dobry {name}, numer {order_number}")
    await quiet.does(post)
    for action, more in (
        ("reply", {}), ("resolve", {"cause": "solved"}), ("risk", {}), ("wait", {"on": "customer"}),
    ):  # fmt: skip
        await quiet.sends("ola", number, action, words="Do {next_word}", **more)
    assert await quiet.everything() == before
    told = quiet.told("ola")
    assert len(told) == 5
    assert "{name} {order_number}" in told[0]
    await quiet.does(quiet.edit(post, "Dzień dobry, numer A1"))
    assert await quiet.heard() == ["Dzień dobry, numer A1"]
    await quiet.does(quiet.edit(post, "Dzień dobry, numer {order_number}"))
    assert (await quiet.rows())[-1].payload["text"] == "Dzień dobry, numer A1"
    await quiet.does(quiet.post("ola", number, "{to nie nasze}"))
    assert await quiet.heard() == ["\\{to nie nasze\\}"]


@SQLITE
async def test_an_empty_phrase_is_pointed_out_and_never_in_the_way(quiet: QuietDesk) -> None:
    number = await owned(quiet)
    await quiet.does(quiet.post("ola", number, "Nie wahaj się napisać."))
    await quiet.sends("ola", number, "reply", words="Przepraszamy za niedogodności")
    assert await quiet.heard() == ["Nie wahaj się napisać.", "Przepraszamy za niedogodności"]
    in_thread, from_form = quiet.told("ola")
    assert "„Nie wahaj się”" in in_thread
    assert "Za 8 s" in in_thread
    assert "„Przepraszamy za niedogodności”" in from_form


@SQLITE
async def test_whatever_is_not_the_owners_is_a_note(quiet: QuietDesk) -> None:
    number = await owned(quiet)
    await quiet.does(quiet.post("piotr", number, "to ten sam klient co wczoraj"))
    await quiet.does(quiet.post("ola", number, " // wiem"))
    assert await quiet.heard() == []
    assert [(one.agent, one.text) for one in await quiet.notes()] == [
        ("Piotr", "to ten sam klient co wczoraj"), ("Ola", "wiem"),
    ]  # fmt: skip
    assert [mark for _, mark in quiet.slack.marks] == ["lock", "lock"]
    assert "Zapisane jako notatka" in quiet.told("piotr")[0]
    assert quiet.told("ola") == []


@SQLITE
async def test_where_replies_are_explicit_only_the_form_speaks(quiet: QuietDesk) -> None:
    quiet.rules(replies="explicit")
    number = await owned(quiet)
    post = quiet.post("ola", number, "Już sprawdzam")
    await quiet.does(post, quiet.edit(post, "Już sprawdziłam"))
    assert (await quiet.heard(), [one.text for one in await quiet.notes()]) == ([], ["Już sprawdziłam"])
    await quiet.sends("ola", number, "reply", words="Paczka jest w drodze")
    assert await quiet.heard() == ["Paczka jest w drodze"]


@SQLITE
async def test_files_go_with_or_without_words(quiet: QuietDesk) -> None:
    number = await owned(quiet)
    file = Attachment(AttachmentKind.PHOTO, "slack:F1", "etykieta.png", "image/png", 3)
    await quiet.does(quiet.post("ola", number, "", (file,)), quiet.post("ola", number, "// tylko dla nas", (file,)))
    assert [one["reference"] for one in (await quiet.rows())[-1].payload["files"]] == ["slack:F1"]
    assert await quiet.heard() == [""]
    assert [one.attachments is not None for one in await quiet.notes()] == [True]


@SQLITE
async def test_the_mark_under_ones_own_words_is_no_action_when_clicked(quiet: QuietDesk) -> None:
    number = await owned(quiet)
    post = quiet.post("ola", number, "Gotowe")
    await quiet.does(post)
    async with quiet.database.transaction() as session:
        copy = await session.get_one(DeskCopy, (await quiet.messages())[-1].id)
        copy.mark = "white_check_mark"
    before = await quiet.everything()
    click = {"ts": post.ts, "thread": post.ts, "argument": "white_check_mark"}
    await quiet.does(quiet.event("ola", DeskKind.REACTED, number, **click))
    assert await quiet.everything() == before
    await quiet.does(quiet.event("ola", DeskKind.REACTED, number, **{**click, "argument": "robot_face"}))
    assert (await quiet.events(number))[-1].kind == "handed_back"


# What is internal

BEFORE = st.text(st.sampled_from(" \t\n*_~`>\u200b\ufeff\u00ad"), max_size=6)


@settings(max_examples=50)
@given(BEFORE, st.text())
def test_what_begins_with_two_slashes_is_internal_whatever_its_style(before: str, words: str) -> None:
    assert internal(f"{before}//{words}") == words.translate(ZERO_WIDTH).strip()


@settings(max_examples=50)
@given(st.text())
def test_what_is_said_to_the_customer_begins_with_no_slashes(text: str) -> None:
    if internal(text) is None:
        assert not text.strip().startswith("//")


def test_wide_slashes_of_another_keyboard_count() -> None:
    assert internal("／／ po cichu") == "po cichu"


@pytest.mark.parametrize("text", ["/ jedno", "https://sklep.example", "1//2", "", "—// po myślniku"])
def test_other_slashes_are_the_customers(text: str) -> None:
    assert internal(text) is None
