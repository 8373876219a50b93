"""Out to a folder and back: the same data are the same bytes, and nothing is overwritten silently."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers import content_import, content_transfer, training
from handlers.content import Content
from handlers.content_file import ContentError
from handlers.content_folder import read_folder
from handlers.content_history import undo
from handlers.content_import import Conflicts, Plan, PlanOutdated
from handlers.living_answers import set_answer, set_thresholds
from handlers.training import NewExample
from handlers.training_markup import Span
from storage.database import Database
from tests.handlers.living import TITLE, as_, pl, seeded, write_content


def written(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
async def base(database: Database, tmp_path: Path) -> Path:
    return await seeded(database, tmp_path / "content")


@pytest.fixture
async def out(database: Database, base: Path, tmp_path: Path) -> Path:
    async with database.reading() as session:
        await content_transfer.export(session, tmp_path / "out", base)
    return tmp_path / "out"


async def planned(database: Database, folder: Path, content: Content) -> Plan:
    async with database.reading() as session:
        return await content_import.plan_import(session, folder, content)


async def taken(database: Database, folder: Path, content: Content, conflicts: Conflicts = Conflicts.OURS) -> None:
    plan = await planned(database, folder, content)
    async with database.transaction() as session:
        await content_import.import_(as_(session, "cli"), folder, content, plan, conflicts)


async def digests(database: Database) -> dict[str, dict[str, str]]:
    async with database.reading() as session:
        return (await content_transfer.snapshot(session)).digests()


def fates(plan: Plan) -> dict[str, tuple[list[str], bool, bool]]:
    return {
        step.key: ([f"{line.sign} {line.new or line.old}" for line in step.lines], step.conflict, step.kept is not None)
        for step in plan.steps
    }


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


async def test_the_same_data_are_the_same_bytes_in_whatever_order_they_came(
    database: Database, base: Path, out: Path, tmp_path: Path
) -> None:
    first = written(out)
    async with database.transaction() as session:
        ids = [row.id for row in await content_transfer.training.examples(session, "loyalty")]
        for one in ids:
            await training.remove_examples(as_(session), "loyalty", [one])
        news = [NewExample("my points", "en"), pl("chcę bon"), pl("ile mam punktów")]
        await training.add_examples(as_(session), "loyalty", news)
        await content_transfer.export(session, tmp_path / "again", base)
    assert written(tmp_path / "again") == first
    assert read_folder(out).digests() == read_folder(base).digests()


async def test_what_was_exported_imports_as_no_difference(database: Database, content: Content, out: Path) -> None:
    assert (await planned(database, out, content)).steps == ()


async def test_an_import_shows_what_it_would_do_then_does_it_and_can_be_undone(
    database: Database, content: Content, out: Path
) -> None:
    before = await digests(database)
    replace_in(
        out / "intents" / "gift_card.yml", "    - chcę bon\n", "    - poproszę bon\n    - bon [na jutro](date)\n"
    )
    replace_in(out / "answers" / "newsletter.yml", "owner: care", "owner: marketing")
    replace_in(out / "thresholds.yml", "act: 0.5", "act: 0.55")
    (out / "intents" / "loyalty.yml").unlink()
    assert fates(await planned(database, out, content)) == {
        "gift_card": (["- pl: chcę bon", "+ pl: poproszę bon", "+ pl: bon [na jutro](date)"], False, False),
        "loyalty": (["- loyalty", "- Punkty", "- Points", "- pl: ile mam punktów", "- pl: chcę bon", "- en: my points"],
                    False, False),
        "newsletter": (["~ marketing"], False, False),
        "pl": (["~ 0.55"], False, False),
    }  # fmt: skip
    async with database.transaction() as session:
        plan = await content_import.plan_import(session, out, content)
        change = await content_import.import_(as_(session, "cli"), out, content, plan, Conflicts.OURS)
    assert change is not None
    assert (await planned(database, out, content)).steps == ()
    async with database.transaction() as session:
        await undo(as_(session), change.id)
    assert await digests(database) == before


async def test_what_was_edited_in_the_database_meanwhile_is_a_conflict_and_stays_unless_told_otherwise(
    database: Database, content: Content, out: Path
) -> None:
    async with database.transaction() as session:
        await training.add_examples(as_(session), "gift_card", [pl("bon dla mamy")])
        await set_answer(as_(session), "newsletter", content, owner="anna", next=[])
        await set_thresholds(as_(session), "en", 0.9, 0.1)
    replace_in(out / "intents" / "gift_card.yml", "    - chcę bon\n", "    - poproszę bon\n")
    found = fates(await planned(database, out, content))
    assert {key: conflict for key, (_, conflict, _) in found.items()} == {
        "gift_card": True, "newsletter": True, "en": True,
    }  # fmt: skip
    ours = await digests(database)
    await taken(database, out, content, Conflicts.OURS)
    assert await digests(database) == ours
    await taken(database, out, content, Conflicts.THEIRS)
    assert (await planned(database, out, content)).steps == ()
    theirs, living = read_folder(out), await digests(database)
    assert living["answers"] == theirs.digests()["answers"]
    assert living["intents"]["gift_card"] == theirs.digests()["intents"]["gift_card"] != ours["intents"]["gift_card"]


async def test_of_a_folder_that_was_never_exported_only_what_nobody_edited_is_taken(
    database: Database, content: Content, base: Path
) -> None:
    async with database.transaction() as session:
        await training.add_examples(as_(session), "gift_card", [pl("bon dla mamy")])
    replace_in(base / "intents" / "loyalty.yml", "my points", "how many points")
    found = fates(await planned(database, base, content))
    assert {key: conflict for key, (_, conflict, _) in found.items()} == {"gift_card": True, "loyalty": False}


async def test_an_intent_the_code_needs_is_kept_though_the_folder_has_none(
    database: Database, content: Content, out: Path
) -> None:
    (out / "intents" / "newsletter.yml").unlink()
    (out / "answers" / "newsletter.yml").unlink()
    plan = await planned(database, out, content)
    assert [step.kept is not None for step in plan.steps] == [True, True]
    assert plan.chosen(Conflicts.THEIRS) == []


async def test_an_edit_between_the_look_and_the_import_stops_it(
    database: Database, content: Content, out: Path
) -> None:
    replace_in(out / "thresholds.yml", "act: 0.5", "act: 0.55")
    plan = await planned(database, out, content)
    async with database.transaction() as session:
        await training.add_examples(as_(session), "loyalty", [pl("inne punkty")])
    async with database.transaction() as session:
        with pytest.raises(PlanOutdated):
            await content_import.import_(as_(session, "cli"), out, content, plan, Conflicts.THEIRS)


@pytest.mark.parametrize("line", ["see [this", "[x](Big Name)", '[x]{"value": "y"}', "[](date)"])
def test_markup_that_is_none_is_told_with_file_and_line(tmp_path: Path, line: str) -> None:
    folder = write_content(tmp_path)
    replace_in(folder / "intents" / "loyalty.yml", "my points", line)
    with pytest.raises(ContentError, match=r"loyalty\.yml:13: "):
        read_folder(folder)


async def test_the_folder_a_model_is_trained_from_has_all_and_its_digest_changes_with_what_is_taught_only(
    database: Database, content: Content, base: Path, tmp_path: Path
) -> None:
    (base / "entities" / "date.yml").write_text('version: "3.1"\nnlu:\n- regex: date\n  examples: |\n    - x\n')
    folder = tmp_path / "train"
    async with database.transaction() as session:
        first = await content_transfer.training_content(session, base, folder)
        assert first == content_transfer.folder_digest(base), "nothing was edited: what is shipped teaches the same"
        await training.create_intent(as_(session), "voucher", TITLE)
        await set_answer(as_(session), "newsletter", content, owner="anna", next=[])
        assert await content_transfer.data_digest(session, base) == first
        marked = NewExample("bon na piątek", "pl", (Span(4, 13, "day"),))
        await training.add_examples(as_(session), "voucher", [marked])
        second = await content_transfer.training_content(session, base, folder)
    assert second != first
    assert sorted(written(folder)) == [
        "domain.yml", "entities/date.yml", "intents/gift_card.yml", "intents/loyalty.yml", "intents/newsletter.yml",
        "intents/voucher.yml",
    ]  # fmt: skip
    domain = (folder / "domain.yml").read_text()
    assert "voucher" in domain
    assert "day" in domain
    assert "bon [na piątek](day)" in (folder / "intents" / "voucher.yml").read_text()
