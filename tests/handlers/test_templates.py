from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.content import fingerprint
from handlers.content import Content, load_content
from handlers.content_file import ContentError, read_model
from handlers.placeholders import names_in
from handlers.templates import PARTS, VARIANTS, Surroundings, Template, TemplateKind

NLU_DATA = Path(__file__).parents[2] / "nlu_data"
AROUND = Surroundings(frozenset({"name", "agent", "next_opening", "order_number"}), frozenset({"get_refund"}))
REPLY = """\
title: {pl: "Zwrot", en: "Refund"}
kind: reply
tags: [zwrot]
categories: [get_refund]
asks:
  day: {pl: "Kiedy", en: "When"}
pl:
  - "{name}, {day} oddamy pieniądze."
  - "{day} oddamy pieniądze."
pl@formal:
  - "{day} oddamy Państwu pieniądze."
en:
  - "We refund you on {day}."
"""
REFUSAL = """\
title: {pl: "Odmowa", en: "Refusal"}
kind: refusal
asks:
  day: {pl: "Kiedy", en: "When"}
reason:
  pl: "Minęło 14 dni, {day}."
  pl@formal: "Minęło 14 dni, {day}."
  en: "14 days were over on {day}."
option:
  pl: "Przyjmiemy reklamację."
  pl@formal: "Przyjmiemy reklamację."
  en: "We can take a claim."
pl:
  - "Nie możemy. {reason} {option}"
pl@formal:
  - "Nie możemy. {reason} {option}"
en:
  - "We can't. {reason} {option}"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.yml"


def read(path: Path, text: str) -> Template:
    path.write_text(text, encoding="utf-8")
    return read_model(path, Template, AROUND)


def test_a_refusal_is_put_together_from_its_reason_and_its_option(path: Path) -> None:
    refusal = read(path, REFUSAL)
    assert refusal.wordings_of("pl") == ("Nie możemy. Minęło 14 dni, {day}. Przyjmiemy reklamację.",)
    assert refusal.wordings_of("en") == ("We can't. 14 days were over on {day}. We can take a claim.",)


@pytest.mark.parametrize(
    ("good", "old", "new", "line", "reason"),
    [
        (REPLY, '"{day} oddamy p', '"{dzień} oddamy p', 9, "unknown variable {dzień}"),
        (REPLY, '"{day} oddamy p', '"{day oddamy p', 9, "a brace that belongs to no {variable}"),
        (REPLY, "on {day}.", "on {day}}.", 13, "a brace that belongs to no {variable}"),
        (REPLY, "on {day}.", "on {day.real}.", 13, "a brace that belongs to no {variable}"),
        (REPLY, "We refund you on {day}.", "  ", 13, "an empty text"),
        (
            REPLY,
            "We refund you on {day}.",
            "We refund you.",
            1,
            "en: a wording without {day}, which the agent fills in",
        ),
        (REPLY, "We refund you on {day}.", "{reason} {day}", 13, "unknown variable {reason}"),
        (REPLY, '  - "{day} oddamy pieniądze."\n', "", 7, "no wording can be sent without a name or while open"),
        (REPLY, '"{day} oddamy p', '"{next_opening} {day} p', 7, "no wording can be sent without a name or while open"),
        (REPLY, 'en:\n  - "We refund you on {day}."\n', "", 1, "en: Field required"),
        (REPLY, 'pl@formal:\n  - "{day} oddamy Państwu pieniądze."\n', "", 1, "pl@formal: Field required"),
        (REPLY, ', en: "Refund"', "", 1, "title.en: Field required"),
        (REPLY, '"Refund"', f'"{"x" * 76}"', 1, "title.en: String should have at most 75 characters"),
        (REPLY, "kind: reply", "kind: answer", 2, "kind: Input should be 'reply' or 'refusal'"),
        (REPLY, "kind: reply", "kind: refusal", 8, "a refusal without its {reason}"),
        (REPLY, "[get_refund]", "[get_money]", 4, "get_money is not in topics.yml"),
        (REPLY, "  day: {pl", "  agent: {pl", 5, "{agent} has a meaning already"),
        (REPLY, "  day: {pl", "  option: {pl", 5, "{option} has a meaning already"),
        (REPLY, "  day: {pl", "  Day: {pl", 6, "String should match pattern"),
        (REPLY, "tags: [zwrot]", "tag: [zwrot]", 3, "tag: Extra inputs are not permitted"),
        (REFUSAL, "{reason} {option}", "{reason}", 14, "a refusal without its {option}"),
        (REFUSAL, "14 dni, {day}", "14 dni, {days}", 5, "reason: Value error, unknown variable {days}"),
        (REFUSAL, "14 days were over on {day}.", "{name}: {day}", 5, "only be sent with a name or while closed"),
        (REFUSAL, '"We can take a claim."', '""', 9, "option: Value error, an empty text"),
        (REFUSAL, '  en: "We can take a claim."\n', "", 9, "option.en: Field required"),
        (REFUSAL, "kind: refusal", "kind: reply", 14, "unknown variable {"),
    ],
)
def test_a_mistake_in_a_template_is_refused_with_its_line(
    path: Path, good: str, old: str, new: str, line: int, reason: str
) -> None:
    assert old in good
    with pytest.raises(ContentError) as refused:
        read(path, good.replace(old, new, 1))
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert reason in str(refused.value)


@pytest.mark.parametrize("part", PARTS)
def test_a_refusal_without_a_reason_or_an_alternative_is_refused(path: Path, part: str) -> None:
    at = REFUSAL.index(f"{part}:")
    without = REFUSAL[:at] + REFUSAL[REFUSAL.index("option:" if part == "reason" else "pl:\n", at + 1) :]
    with pytest.raises(ContentError, match=f"{part}: every refusal has one"):
        read(path, without)


def test_a_version_changes_with_the_words_a_customer_reads_only(path: Path) -> None:
    version = read(path, REFUSAL).version
    assert read(path, REFUSAL.replace("Kiedy", "Którego dnia").replace('"Odmowa"', '"Nie"')).version == version
    assert read(path, REFUSAL.replace("take a claim", "file a claim")).version != version
    assert read(path, REFUSAL.replace("Nie możemy.", "Nie.")).version != version


# As they are shipped


def test_templates_are_read_with_the_rest_and_again_when_one_changes(tmp_path: Path) -> None:
    for shipped in NLU_DATA.glob("*.yml"):
        shutil.copy(shipped, tmp_path)
    (tmp_path / "templates").mkdir()
    template = tmp_path / "templates" / "refund.yml"
    template.write_text(REPLY, encoding="utf-8")
    assert list(load_content(tmp_path).templates) == ["refund"]
    before = fingerprint(tmp_path)
    template.write_text(REPLY.replace("[get_refund]", "[get_money]"), encoding="utf-8")
    assert fingerprint(tmp_path) != before
    with pytest.raises(ContentError, match=r"refund.yml:4: categories: .* get_money is not in topics.yml"):
        load_content(tmp_path)


def test_an_agent_has_enough_templates_and_refusals_to_choose_from(content: Content) -> None:
    refusals = [name for name, one in content.templates.items() if one.kind is TemplateKind.REFUSAL]
    assert len(content.templates) - len(refusals) >= 20
    assert len(refusals) >= 6


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_refusal_says_why_and_what_instead(content: Content, variant: str) -> None:
    refusals = {name: one for name, one in content.templates.items() if one.kind is TemplateKind.REFUSAL}
    for name, one in refusals.items():
        assert one.reason is not None, name
        assert one.option is not None, name
        reason, option = one.reason.of(variant), one.option.of(variant)
        assert all(reason in wording and option in wording for wording in one.wordings_of(variant)), name


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_template_is_short(content: Content, variant: str) -> None:
    long = {
        name: len(wording)
        for name, one in content.templates.items()
        for wording in one.wordings_of(variant)
        if len(wording) > (700 if one.kind is TemplateKind.REFUSAL else 450)
    }
    assert long == {}


def test_no_two_templates_have_one_title(content: Content) -> None:
    for language in ("pl", "en"):
        titles = [one.title.in_language(language) for one in content.templates.values()]
        assert len(set(titles)) == len(titles)


def test_the_wordings_of_a_template_differ_and_the_one_with_the_name_goes_first(content: Content) -> None:
    """The first that fits is taken: behind one that always fits, none is ever said."""
    for name, one in content.templates.items():
        for variant in VARIANTS:
            needs = [frozenset(names_in(wording)) for wording in one.wordings_of(variant)]
            assert all(not before <= after for at, after in enumerate(needs) for before in needs[:at]), name


def test_what_is_asked_is_said_with_an_example_or_speaks_for_itself(content: Content) -> None:
    labels = {
        f"{name} {variable}": label
        for name, one in content.templates.items()
        for variable, label in one.asks.items()
        if not ("np." in label.pl and "e.g." in label.en)
    }
    assert {label.en for label in labels.values()} == {
        "Tracking number",
        "The reason, a sentence without its full stop",
    }
