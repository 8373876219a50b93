"""Admins edit what the bot learns from: nothing is lost, everything can be taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import content_history, living_answers, training
from handlers.content import Content
from handlers.content_diff import diff_of
from handlers.content_folder import Snapshot
from handlers.content_history import CannotUndo, ChangedMeanwhile, Editor
from handlers.content_transfer import AlreadySeeded, seed, seed_if_empty, snapshot
from handlers.living_state import Subject
from handlers.training import ExampleGone, IntentRefused
from handlers.training_markup import BadExample
from storage import training as rows
from storage.database import Database
from storage.training import Change
from tests.bot_under_test import MONDAY_NOON
from tests.handlers.living import EXAMPLES, TITLE, as_, pl, seeded

Edit = Callable[[Editor, "World"], Awaitable[Change | None]]


class World:
    """What the tests look at: the living data, and ids by their words."""

    def __init__(self, database: Database, content: Content) -> None:
        self.database = database
        self.content = content

    async def do(self, edit: Edit, by: str = "admin:anna") -> Change:
        async with self.database.transaction() as session:
            change = await edit(as_(session, by), self)
        assert change is not None
        return change

    async def look(self) -> Snapshot:
        async with self.database.reading() as session:
            return await snapshot(session)

    async def texts(self, intent: str) -> list[str]:
        examples = (await self.look()).examples
        return [utterance.text for _, utterance in examples[intent]]

    async def ids(self, intent: str, *texts: str) -> list[int]:
        async with self.database.reading() as session:
            return [row.id for row in await rows.examples(session, intent) if not texts or row.text in texts]

    async def version(self, intent: str) -> int:
        async with self.database.reading() as session:
            return (await rows.lock_intents(session, [intent]))[intent].version


@pytest.fixture
async def world(database: Database, content: Content, tmp_path: Path) -> World:
    await seeded(database, tmp_path / "content")
    return World(database, content)


async def test_the_starter_content_fills_empty_tables_once(world: World, tmp_path: Path) -> None:
    found = await world.look()
    assert {name: len(of) for name, of in found.examples.items()} == {
        name: sum(map(len, of.values())) for name, of in EXAMPLES.items()
    }
    assert set(found.titles) == {"gift_card", "loyalty"}, "titles of what the code does not know are living too"
    async with world.database.transaction() as session:
        assert await seed_if_empty(session, tmp_path / "content", MONDAY_NOON) is False
        with pytest.raises(AlreadySeeded):
            await seed(session, tmp_path / "content", MONDAY_NOON)


async def test_examples_are_added_once_and_marked_words_stay_marked(world: World) -> None:
    async def add(editor: Editor, _: World) -> Change | None:
        return await training.add_examples(
            editor, "loyalty", [pl("nowe punkty"), pl(" nowe  punkty\n"), pl("ile mam punktów")]
        )

    change = await world.do(add)
    assert await world.texts("loyalty") == ["ile mam punktów", "chcę bon", "my points", "nowe punkty", "nowe  punkty"]
    assert [line.new for line in diff_of(change)] == ["pl: nowe punkty", "pl: nowe  punkty"]
    async with world.database.transaction() as session:
        assert await training.add_examples(as_(session), "loyalty", [pl("nowe punkty")]) is None


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [(" \u200b/ ", "pl", "empty"), ("x" * 5001, "pl", "too_long"), ("hej", "de", "language")],
)
def test_what_teaches_nothing_is_refused(text: str, language: str, reason: str) -> None:
    with pytest.raises(BadExample) as refused:
        _ = training.NewExample(text, language).utterance
    assert refused.value.reason == reason


async def test_the_second_of_two_who_edit_the_same_is_shown_what_the_first_did_and_nothing_is_lost(
    world: World,
) -> None:
    seen = await world.version("loyalty")

    async def first(editor: Editor, _: World) -> Change | None:
        return await training.add_examples(editor, "loyalty", [pl("od Anny")], seen)

    async def second(editor: Editor, _: World) -> Change | None:
        return await training.add_examples(editor, "loyalty", [pl("od Piotra")], seen)

    await world.do(first)
    with pytest.raises(ChangedMeanwhile) as refused:
        await world.do(second, "admin:piotr")
    assert [(change.by, [line.new for line in diff_of(change)]) for change in refused.value.changes] == [
        ("admin:anna", ["pl: od Anny"])
    ]
    seen = await world.version("loyalty")
    await world.do(second, "admin:piotr")
    assert {"od Anny", "od Piotra"} <= set(await world.texts("loyalty"))


async def rename(editor: Editor, world: World) -> Change:
    return await training.rename_intent(editor, "gift_card", "voucher", world.content)


async def merge(editor: Editor, world: World) -> Change:
    return await training.merge_intents(editor, "gift_card", "loyalty", world.content)


async def remove(editor: Editor, world: World) -> Change:
    return await training.remove_intent(editor, "gift_card", world.content)


async def split(editor: Editor, world: World) -> Change:
    return await training.split_intent(editor, "gift_card", await _own(editor.session), "voucher", TITLE)


async def _own(session: AsyncSession) -> list[int]:
    return [row.id for row in await rows.examples(session, "gift_card") if row.text == "chcę bon"]


async def edit(editor: Editor, world: World) -> Change:
    return await training.edit_example(editor, "gift_card", (await _own(editor.session))[0], pl("chcę dwa bony"))


async def drop(editor: Editor, world: World) -> Change:
    return await training.remove_examples(editor, "gift_card", await _own(editor.session))


async def move(editor: Editor, world: World) -> Change:
    return await training.move_examples(editor, "gift_card", await _own(editor.session), "newsletter")


async def add(editor: Editor, world: World) -> Change | None:
    return await training.add_examples(editor, "gift_card", [pl("bon na prezent")])


async def create(editor: Editor, world: World) -> Change:
    return await training.create_intent(editor, "voucher", TITLE)


async def retitle(editor: Editor, world: World) -> Change:
    return await training.set_title(editor, "gift_card", {"pl": "Bony", "en": "Vouchers"})


async def reword(editor: Editor, world: World) -> Change | None:
    return await living_answers.set_answer(editor, "newsletter", world.content, owner="marketing", next=())


async def bands(editor: Editor, world: World) -> Change:
    return await living_answers.set_thresholds(editor, "pl", 0.7, 0.2)


EDITS: list[Edit] = [rename, merge, remove, split, edit, drop, move, add, create, retitle, reword, bands]


async def test_every_edit_can_be_taken_back_and_that_can_be_taken_back_too(world: World) -> None:
    async def undo(change: Change) -> Change:
        return await world.do(lambda editor, _: content_history.undo(editor, change.id))

    before = (await world.look()).digests()
    for edit_it in EDITS:
        change = await world.do(edit_it)
        after = (await world.look()).digests()
        assert after != before, edit_it
        undone = await undo(change)
        assert (await world.look()).digests() == before, edit_it
        assert undone.undoes == change.id
        redone = await undo(undone)
        assert (await world.look()).digests() == after, edit_it
        await undo(redone)


async def test_what_something_newer_builds_on_is_not_undone_and_that_is_named(world: World) -> None:
    change, newer = await world.do(drop), await world.do(rename)
    async with world.database.transaction() as session:
        with pytest.raises(CannotUndo) as refused:
            await content_history.undo(as_(session), change.id)
    assert [one.id for one in refused.value.newer] == [newer.id]


async def test_the_first_filling_is_not_undone(world: World) -> None:
    async with world.database.transaction() as session:
        first = (await content_history.history(session))[-1]
        with pytest.raises(CannotUndo):
            await content_history.undo(as_(session), first.id)


async def test_an_edit_stands_in_the_history_of_all_that_it_touched(world: World) -> None:
    change = await world.do(move)
    async with world.database.reading() as session:
        for name in ("gift_card", "newsletter"):
            newest = (await content_history.history(session, Subject.INTENT, name))[0]
            assert (newest.id, newest.kind, newest.by) == (change.id, "examples_moved", "admin:anna")
        whole = await content_history.history(session)
    assert [one.kind for one in whole] == ["examples_moved", "seeded"]


async def test_a_renamed_intent_takes_its_examples_along_and_is_offered_under_its_new_name(world: World) -> None:
    await world.do(rename)
    found = await world.look()
    assert "gift_card" not in found.examples
    assert {utterance.text for _, utterance in found.examples["voucher"]} == {
        "macie karty podarunkowe?", "chcę bon", "do you sell gift cards",
    }  # fmt: skip
    assert found.answers["newsletter"]["next"] == ["voucher"]
    assert found.titles["voucher"] == TITLE


async def test_merged_intents_have_each_example_once(world: World) -> None:
    await world.do(merge)
    found = await world.look()
    assert "gift_card" not in found.examples
    assert sorted(await world.texts("loyalty")) == sorted(
        ["ile mam punktów", "chcę bon", "my points", "macie karty podarunkowe?", "do you sell gift cards"]
    )
    assert found.answers["newsletter"]["next"] == ["loyalty"]


async def test_a_split_off_intent_has_its_examples_and_title(world: World) -> None:
    await world.do(split)
    assert await world.texts("voucher") == ["chcę bon"]
    assert "chcę bon" not in await world.texts("gift_card")
    assert (await world.look()).titles["voucher"] == TITLE


REFUSED: list[tuple[Edit, str]] = [
    (lambda e, w: training.rename_intent(e, "newsletter", "news", w.content), "code"),
    (lambda e, w: training.remove_intent(e, "newsletter", w.content), "code"),
    (lambda e, w: training.merge_intents(e, "newsletter", "loyalty", w.content), "code"),
    (lambda e, w: training.rename_intent(e, "gift_card", "loyalty", w.content), "exists"),
    (lambda e, w: training.rename_intent(e, "gift_card", "Karty podarunkowe", w.content), "name"),
    (lambda e, w: training.merge_intents(e, "gift_card", "nothing", w.content), "unknown"),
    (lambda e, _: training.create_intent(e, "loyalty", TITLE), "exists"),
    (lambda e, _: training.create_intent(e, "new", {"pl": "Tylko"}), "title"),
    (lambda e, _: training.add_examples(e, "nothing", [pl("x")]), "unknown"),
]


async def test_a_name_that_code_depends_on_or_that_makes_no_sense_is_refused_with_the_reason(world: World) -> None:
    before = (await world.look()).digests()
    for edit_it, reason in REFUSED:
        with pytest.raises(IntentRefused) as refused:
            await world.do(edit_it)
        assert refused.value.reason == reason
    assert (await world.look()).digests() == before


async def test_an_example_that_is_gone_or_anothers_is_not_edited(world: World) -> None:
    (own,) = await world.ids("gift_card", "chcę bon")
    async with world.database.transaction() as session:
        with pytest.raises(ExampleGone):
            await training.edit_example(as_(session), "loyalty", own, pl("x"))
        await training.remove_examples(as_(session), "gift_card", [own])
        with pytest.raises(ExampleGone):
            await training.remove_examples(as_(session), "gift_card", [own])
