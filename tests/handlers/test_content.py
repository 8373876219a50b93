from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from handlers.content import Answer, Content, Forms, load_content
from handlers.content_file import ContentError

NLU_DATA = Path(__file__).parents[2] / "nlu_data"
Edit = Callable[[str, str, str], Path]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The shipped content, with one answer and one name so that it is read quickly."""
    for path in NLU_DATA.glob("*.yml"):
        shutil.copy(path, tmp_path)
    (tmp_path / "names.yml").write_text("Anna: {vocative: Anno, sex: f}\n", encoding="utf-8")
    (tmp_path / "answers").mkdir()
    shutil.copy(NLU_DATA / "answers" / "newsletter.yml", tmp_path / "answers")
    return tmp_path


@pytest.fixture
def edit(directory: Path) -> Edit:
    """Replaces a text in a file, as an admin would."""

    def replace(file: str, old: str, new: str) -> Path:
        path = directory / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return replace


def refusal(directory: Path) -> str:
    with pytest.raises(ContentError) as refused:
        load_content(directory)
    return str(refused.value)


def test_the_shipped_content_is_right(content: Content) -> None:
    assert content.company.name == "Dom i Lampa"
    assert content.calendar.zone == ZoneInfo("Europe/Warsaw")
    assert content.calendar.hours[5] == ((time(9), time(14)),)
    assert 6 not in content.calendar.hours
    assert content.topic("get_invoice", "pl") == "Faktura"
    assert content.topic("get_invoice", "en") == "Invoice"


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "reason"),
    [
        ("calendar.yml", "Europe/Warsaw", "Europe/Warszawa", 2, "zone: no such time zone"),
        ("calendar.yml", "country: PL", "country: XX", 3, "no holidays are known for the country XX"),
        ("calendar.yml", "8:00-18:00", "8-18", 4, 'not an interval like "8:00-18:00": 8-18'),
        ("calendar.yml", "8:00-18:00", "18:00-8:00", 4, "the interval ends before it begins"),
        ("calendar.yml", "8:00-18:00", "8:00-8:00", 4, "the interval ends before it begins"),
        ("calendar.yml", '"8:00-18:00"', '"13:00-18:00", "8:00-12:00"', 4, "overlap or stand in the wrong order"),
        ("calendar.yml", '"8:00-18:00"', '"8:00-13:00", "12:00-18:00"', 4, "overlap or stand in the wrong order"),
        ("calendar.yml", "monday:", "poniedziałek:", 5, "Input should be 'monday', 'tuesday'"),
        ("calendar.yml", "closed: []", "closed: [jutro]", 11, "closed.0: Input should be a valid date"),
        ("company.yml", "return_days: 14", "return_days: kilka", 21, "return_days: Input should be a valid integer"),
        ("company.yml", "warranty_years: 2", "waranty_years: 2", 2, "warranty_years: Field required"),
        ("forms.yml", "question_budget: 3", "question_budget: 0", 5, "greater than or equal to 1"),
        ("forms.yml", "priority: high", "priority: urgent", 9, "Input should be 'normal' or 'high'"),
        ("sla.yml", "minutes: 60, time: working", "minutes: 60, time: office", 38, "'working' or 'clock'"),
        ("sla.yml", "categories: [complaint]", "categories: [complain]", 1, "complain is not in topics.yml"),
        ("sla.yml", "minutes: 120,", "minutes: 120000,", 1, "more than half a year's hours"),
        ("forms.yml", "[what_happened, product]", "[what_happend]", 1, "field what_happend is not in fields.yml"),
        ("topics.yml", ', en: "Saying goodbye"', "", 2, "goodbye.en: Field required"),
        ("topics.yml", '{pl: "Podziękowanie", en: "Saying thanks"}', "Dzięki", 3, "thank_you: Input should be"),
        ("names.yml", "sex: f", "sex: x", 1, "Anna.sex: Input should be 'f' or 'm'"),
        ("fields.yml", "    en: |\n      What is the order number?", "    xx: |\n      What?", 7, "question.en"),
        ("answers/newsletter.yml", "{email}", "{mail}", 6, "unknown variable {mail}"),
        ("answers/newsletter.yml", "{email}", "{ email }", 6, "a brace that belongs to no variable"),
        ("answers/newsletter.yml", "{email}", "{email", 6, "a brace that belongs to no variable"),
        ("answers/newsletter.yml", "intent: newsletter", "intent: news", 1, "intent is news, the file's name says"),
        ("answers/newsletter.yml", "[discount_code,", "[discounts,", 1, "next: discounts is not in topics.yml"),
        ("answers/newsletter.yml", "privacy_policy]", "privacy_policy, help]", 4, "next: Tuple should have at most 3"),
        ("answers/newsletter.yml", "2027-05-31", "someday", 3, "review_by: Input should be a valid date"),
    ],
)
def test_a_mistake_in_a_file_is_refused_with_its_line(
    directory: Path, edit: Edit, file: str, old: str, new: str, line: int, reason: str
) -> None:
    path = edit(file, old, new)
    said = refusal(directory)
    assert said.startswith(f"{path}:{line}: ")
    assert reason in said


def test_a_week_without_opening_hours_is_refused(directory: Path) -> None:
    (directory / "calendar.yml").write_text("zone: Europe/Warsaw\ncountry: null\nhours: {monday: []}\n")
    assert "calendar.yml:3: hours: no day has opening hours" in refusal(directory)


@pytest.mark.parametrize("file", ["topics.yml", "fields.yml", "forms.yml", "names.yml", "answers/newsletter.yml"])
def test_a_file_that_is_empty_because_it_is_just_being_saved_is_refused(directory: Path, file: str) -> None:
    (directory / file).write_text("")
    assert refusal(directory).startswith(f"{directory / file}:1: ")


def test_lunch_breaks_and_closed_days_reach_the_calendar(directory: Path, edit: Edit) -> None:
    edit("calendar.yml", '"8:00-18:00"', '"8:00-12:00", "13:00 - 18:00"')
    edit("calendar.yml", "closed: []", "closed: [2026-12-31]")
    calendar = load_content(directory).calendar
    assert calendar.hours[0] == ((time(8), time(12)), (time(13), time(18)))
    assert calendar.closed == {date(2026, 12, 31)}
    assert calendar.country == "PL"


def an_answer(**changes: object) -> Answer:
    wordings = {"pl": ["Cześć {name}", "Cześć"], "pl@formal": ["Dzień dobry"], "en": ["Hello", "Back {next_opening}"]}
    answer = {"intent": "a", "owner": "o", "review_by": "2027-05-31", "wordings": wordings}
    return Answer.model_validate(answer | changes)


def test_an_answer_has_a_version_that_changes_with_its_words_only() -> None:
    version = an_answer().version
    assert an_answer(owner="x", review_by="2028-01-01", next=["b"], mandatory=True).version == version
    assert an_answer(wordings={"pl": ["Hej"], "pl@formal": ["Dzień dobry"], "en": ["Hello"]}).version != version


@pytest.mark.parametrize("variant", ["pl", "pl@formal", "en"])
@pytest.mark.parametrize("only", ["Tak, {name}", "Wracamy {next_opening}"])
def test_an_answer_that_cannot_always_be_given_is_refused(variant: str, only: str) -> None:
    wordings = {"pl": ["a"], "pl@formal": ["a"], "en": ["a"]} | {variant: [only]}
    with pytest.raises(ValidationError, match=f"{variant}: no wording can be sent without a name or while open"):
        an_answer(wordings=wordings)


@pytest.mark.parametrize(("intent", "minutes"), [("slow", 480), ("plain", 60), ("no_form", 60)])
def test_a_form_has_its_own_reply_time_or_the_common_one(intent: str, minutes: int) -> None:
    own = {"slow": {"reply_within": 480}, "plain": {}}
    forms = Forms.model_validate({"question_budget": 3, "reply_within": 60, "forms": own})
    assert forms.minutes_for(intent) == minutes
