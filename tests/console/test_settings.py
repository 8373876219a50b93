"""Settings: what would be refused is said with its line, nobody's edit is lost, half a file is never read."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.console.mistakes import OURS, told
from bot.console.setting_files import NAMES, FileChanged, SettingFile, mistake_in, read_file, tidy, write_file
from handlers.texts import Catalogue

ROOT = Path(__file__).parent.parent.parent
NLU_DATA = ROOT / "nlu_data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The content, with files of its own to change."""
    for entry in NLU_DATA.iterdir():
        (tmp_path / entry.name).symlink_to(entry)
    for name in NAMES:
        (tmp_path / name).unlink()
        shutil.copy(NLU_DATA / name, tmp_path)
    return tmp_path


async def nothing(_before: SettingFile) -> None:
    """History is kept elsewhere."""


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shipped_is_right(name: str) -> None:
    assert mistake_in(NLU_DATA, name, read_file(NLU_DATA, name).text, None) is None


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "says"),
    [
        ("desk.yml", "replies: direct", "replies: shouted", "replies: direct", "replies"),
        ("desk.yml", "groups:", "grups:", "groups:", "grups"),
        ("desk.yml", "causes:", "causes: [", "answered:", "expected"),
        ("desk.yml", "[complaint, warranty_claim, escalate]", "[complaint, no_such_topic]", "", "no_such_topic"),
        ("calendar.yml", "zone: Europe/Warsaw", "zone: Europe/Nowhere", "zone:", "no such time zone"),
        ("forms.yml", "question_budget:", "question_budget: many #", "question_budget:", "question_budget"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_without_the_folder_of_the_trial(
    folder: Path, name: str, old: str, new: str, line: str, says: str
) -> None:
    """`line`: what stands there before the mistake is made; what only other files tell is told at the first."""
    text = read_file(folder, name).text
    assert old in text
    mistake = mistake_in(folder, name, text.replace(old, new), None)
    assert mistake is not None
    assert mistake.file is None
    assert says in mistake.reason
    assert line in text.splitlines()[mistake.line - 1]
    assert str(folder) not in mistake.reason


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("desk.yml", "undo_seconds: 8", "undo_seconds: soon", "undo_seconds: tu ma być liczba"),
        ("desk.yml", "undo_seconds: 8", "undo_secs: 8", "undo_secs: takiego ustawienia nie ma. Może to literówka?"),
        ("desk.yml", "replies: direct", "replies: shouted", "replies: może tu stać tylko: 'direct' or 'explicit'."),
        ("desk.yml", "causes:", "causes: [", "tego nie da się odczytać."),
        ("desk.yml", "[complaint, warranty_claim, escalate]", "[complaint, nic]", "nie ma tematu „nic” (topics.yml)."),
        ("calendar.yml", "zone: Europe/Warsaw", "zone: Europe/Nowhere", "zone: nie ma strefy czasowej Europe/Nowhere."),
        ("calendar.yml", "zone: Europe/Warsaw\n", "", "zone: tego brakuje."),
        ("calendar.yml", 'monday: ["8:00-', 'monday: ["19:00-', "koniec wypada przed początkiem: 19:00-18:00."),
        ("rhythm.yml", '"8:00"', '"25:00"', "„25:00” to nie jest godzina. Przykład: 8:00."),
    ],
)
def test_a_mistake_is_told_in_the_admins_language(folder: Path, name: str, old: str, new: str, says: str) -> None:
    text = read_file(folder, name).text
    assert old in text
    mistake = mistake_in(folder, name, text.replace(old, new, 1), None)
    assert mistake is not None
    assert says in told(mistake, Catalogue()["pl"])


def test_every_kind_of_mistake_that_the_settings_name_has_its_words() -> None:
    raised = {
        kind
        for path in (ROOT / "handlers").glob("*.py")
        for kind in re.findall(r'PydanticCustomError\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    raised |= set(re.findall(r'Fault\(\s*"(\w+)"', (ROOT / "handlers" / "content.py").read_text("utf-8")))
    assert raised
    assert raised - OURS == set()


async def test_what_somebody_else_saved_meanwhile_is_shown_and_not_lost(folder: Path) -> None:
    seen = read_file(folder, "desk.yml")
    await write_file(folder, "desk.yml", "# theirs\n" + seen.text, seen.mark, nothing)
    with pytest.raises(FileChanged) as refused:
        await write_file(folder, "desk.yml", "# mine\n" + seen.text, seen.mark, nothing)
    assert refused.value.now.text == "# theirs\n" + seen.text == read_file(folder, "desk.yml").text
    mine = await write_file(folder, "desk.yml", "# mine\n" + seen.text, refused.value.now.mark, nothing)
    assert mine.text.startswith("# mine\n")
    assert left_over(folder) == []


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".desk")]


async def test_where_history_cannot_be_kept_nothing_is_changed(folder: Path) -> None:
    seen = read_file(folder, "sla.yml")

    async def broken(before: SettingFile) -> None:
        assert before.text == seen.text
        raise OSError("the database is away")

    with pytest.raises(OSError, match="away"):
        await write_file(folder, "sla.yml", "# new\n" + seen.text, seen.mark, broken)
    assert read_file(folder, "sla.yml").text == seen.text


@pytest.mark.parametrize("name", ["../.env", "domain.yml", "/etc/passwd", ""])
def test_no_other_file_is_read_or_written(folder: Path, name: str) -> None:
    with pytest.raises(KeyError):
        read_file(folder, name)


def test_a_browsers_line_ends_become_ours() -> None:
    assert tidy("a: 1\r\nb: 2\r\n\r\n") == "a: 1\nb: 2\n"
