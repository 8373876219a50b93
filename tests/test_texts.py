"""What customers read: the catalogues and the content of every variant, checked for completeness, register and tone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from handlers import phrases
from handlers.answers import variables
from handlers.attachments import AttachmentKind
from handlers.awaiting import parse_action
from handlers.commands import COMMANDS
from handlers.content import Content
from handlers.desk_rules import Call
from handlers.intents import INTENTS
from handlers.next_word import ANGLES, Waits
from handlers.orders import OrderStatus, RefundStatus
from handlers.placeholders import fill, names_in
from handlers.rhythm import Updates
from handlers.texts import LOCALE, Catalogue, Texts
from handlers.when import WEEKDAYS
from storage.tickets import Status
from tests.bot_under_test import MONDAY_NOON, SATURDAY_NIGHT

ROOT = Path(__file__).parent.parent
PAGE = ("demo.", "desk.", "console.")  # the demo page's own words, agents' and admins': not said to a customer
BUTTON_CHARACTERS = 40

Messages = dict[str, tuple[str, ...]]


def catalogue(name: str) -> Messages:
    """Every key with its text, or with its plural forms."""
    found: Messages = {}
    for path in sorted((LOCALE / name / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as source:
            read = read_po(source, locale=name[:2])
        found |= {
            (message.id if isinstance(message.id, str) else message.id[0]): (
                (message.string,) if isinstance(message.string, str) else tuple(message.string)
            )
            for message in read
            if message.id
        }
    return found


PL, FORMAL_ONLY, EN = catalogue("pl"), catalogue("pl@formal"), catalogue("en")
FORMAL = {**PL, **FORMAL_ONLY}
SAID = {"pl": PL, "pl@formal": FORMAL, "en": EN}
VARIANTS = {"pl": ("ty", "pl"), "pl@formal": ("pan", "pl"), "en": ("ty", "en")}


@cache
def texts_of(variant: str) -> Texts:
    register, language = VARIANTS[variant]
    return Catalogue(register)[language]


# Completeness


def test_polish_and_english_have_the_same_texts() -> None:
    assert sorted(PL) == sorted(EN)


def test_formal_polish_rewords_only_what_polish_has_and_says_it_differently() -> None:
    assert set(FORMAL_ONLY) <= set(PL)
    assert [key for key, text in FORMAL_ONLY.items() if text == PL[key]] == []


@pytest.mark.parametrize("name", SAID)
def test_no_text_is_empty_and_plurals_have_all_their_forms(name: str) -> None:
    forms = 2 if name == "en" else 3
    assert [key for key, text in SAID[name].items() if not all(form.strip() for form in text)] == []
    assert [key for key, text in SAID[name].items() if len(text) not in {1, forms}] == []
    assert [key for key in PL if (len(PL[key]) > 1) != (len(SAID[name][key]) > 1)] == []


@pytest.mark.parametrize("name", SAID)
def test_every_variant_of_a_text_has_the_same_placeholders(name: str) -> None:
    expected = {key: names_in(text[0]) for key, text in PL.items()}
    differing = {
        key: form for key, text in SAID[name].items() for form in text if names_in(form) != expected[key]
    }  # fmt: skip
    assert differing == {}


@pytest.mark.parametrize("name", SAID)
def test_no_brace_is_left_when_a_text_is_filled(name: str) -> None:
    filled = {key: fill(form, dict.fromkeys(names_in(form), "")) for key, text in SAID[name].items() for form in text}
    assert [key for key, text in filled.items() if {"{", "}"} & set(text)] == []


@pytest.mark.parametrize(
    ("variant", "key", "expected"),
    [
        ("pl", "status.list", "Masz {} otwarte zgłoszenie:|Masz {} otwarte zgłoszenia:|Masz {} otwartych zgłoszeń:"),
        (
            "pl@formal",
            "status.list",
            "Mają Państwo {} otwarte zgłoszenie:|Mają Państwo {} otwarte zgłoszenia:"
            "|Mają Państwo {} otwartych zgłoszeń:",
        ),
        ("en", "status.list", "You have {} open ticket:|You have {} open tickets:|You have {} open tickets:"),
        ("pl", "status.more", "…i jeszcze {} zgłoszenie.|…i jeszcze {} zgłoszenia.|…i jeszcze {} zgłoszeń."),
        ("pl@formal", "status.more", "…i jeszcze {} zgłoszenie.|…i jeszcze {} zgłoszenia.|…i jeszcze {} zgłoszeń."),
        ("en", "status.more", "…and {} more.|…and {} more.|…and {} more."),
    ],
)
def test_numbers_take_the_right_form(variant: str, key: str, expected: str) -> None:
    one, few, many = expected.split("|")
    by_count = {1: one, 2: few, 5: many, 12: many, 22: few, 112: many}
    said = {count: texts_of(variant).plural(key, count) for count in by_count}
    assert said == {count: form.format(count) for count, form in by_count.items()}


# Keys in the code

MADE_OF_PARTS = {
    "when.on_": WEEKDAYS,
    "order.": tuple(OrderStatus),
    "refund.": tuple(RefundStatus),
    "status.": tuple(Status),
    "which_ticket.": ("reopen", "resolve"),
    "receipt.": tuple(AttachmentKind),
    "home.": tuple(Status),
    "command.": tuple(COMMANDS),
    "ladder.": (*Call, "nobody", "closed"),
    "card.": tuple(Waits),
    "card_unsaid.": (Waits.CUSTOMER, Waits.THIRD_PARTY),
    "button.updates_": tuple(Updates),
    "panel.updates_": tuple(Updates),
    "why.": tuple(Waits),
    "why_unsaid.": (Waits.CUSTOMER, Waits.THIRD_PARTY),
    "word.": ANGLES,
    "word_late.": ANGLES,
}
KEY = re.compile(r"[a-z_]+(\.[a-z_]+)?")
PASSED_AS = {"text", "key"}


@cache
def trees() -> list[tuple[str, ast.AST]]:
    paths = [path for package in ("bot", "handlers") for path in (ROOT / package).rglob("*.py")]
    return [(str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def is_texts(node: ast.expr) -> bool:
    """`texts`, `turn.texts`, `self._texts`, `self._texts(ticket)`, and `.plural` of these."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in {"texts", "_texts"}:
            return True
        case ast.Attribute(value=value, attr="plural"):
            return is_texts(value)
        case ast.Call(func=func):
            return is_texts(func)
        case _:
            return False


def calls() -> Iterator[tuple[str, ast.expr, set[str], bool]]:
    """Every text that is looked up: where, its key, the values given, and whether it is a plural."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and is_texts(node.func):
                given = {keyword.arg for keyword in node.keywords if keyword.arg}
                plural = isinstance(node.func, ast.Attribute) and node.func.attr == "plural"
                yield path, node.args[0], given, plural


def constants(node: ast.AST) -> set[str]:
    return {
        part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }  # fmt: skip


def handed_over() -> set[str]:
    """Keys that reach a look-up by a name: `text="…"`, a parameter's default, `key = "…" if … else "…"`."""
    found: set[str] = set()
    for _, tree in trees():
        for node in ast.walk(tree):
            match node:
                case ast.keyword(arg=str(name), value=value) if name in PASSED_AS:
                    found |= constants(value)
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in PASSED_AS:
                    found |= constants(value)
                case ast.Call(func=ast.Name(id="not_understood"), args=[_, value]):
                    found |= constants(value)
                case ast.Call(func=ast.Attribute(attr="tell"), args=[_, _, value]):
                    found |= constants(value)  # an agent's action told to the customer
                case ast.arguments(args=args, defaults=defaults, kwonlyargs=more, kw_defaults=more_defaults):
                    pairs = [*zip(args[len(args) - len(defaults) :], defaults, strict=True)]
                    pairs += [(arg, value) for arg, value in zip(more, more_defaults, strict=True) if value]
                    found |= {key for arg, value in pairs if arg.arg in PASSED_AS for key in constants(value)}
    return {key for key in found if "." in key and KEY.fullmatch(key)}


def written_out() -> set[str]:
    return {key.value for _, key, _, _ in calls() if isinstance(key, ast.Constant)}


def made_of_parts() -> set[str]:
    return {prefix + part for prefix, parts in MADE_OF_PARTS.items() for part in parts}


def test_the_look_ups_are_found() -> None:
    """So that the tests below cannot pass by seeing nothing."""
    assert {"intro", "status.list", "button.human", "handoff.queued"} <= written_out() | handed_over()
    assert "handoff.agent_joined" in handed_over()
    assert {"handoff.escalated", "handoff.queued", "unsure.out_of_scope", "ticket.filed_privacy"} <= handed_over()


def test_every_text_the_code_asks_for_exists() -> None:
    assert sorted((written_out() | handed_over() | made_of_parts()) - set(PL)) == []


def test_every_key_made_of_parts_is_listed_here() -> None:
    begins = {key.values[0].value for _, key, _, _ in calls() if isinstance(key, ast.JoinedStr)}  # type: ignore[attr-defined]
    assert {begin for begin in begins if not begin.startswith(PAGE)} == set(MADE_OF_PARTS)


def test_no_text_is_left_that_nothing_says() -> None:
    said = written_out() | handed_over() | made_of_parts() | {"name.formal_f", "name.formal_m"}
    assert sorted(key for key in set(PL) - said if not key.startswith(PAGE)) == []


def test_every_look_up_gives_what_the_text_needs() -> None:
    lacking = {
        f"{path}: {key.value}": needs - given
        for path, key, given, plural in calls()
        if isinstance(key, ast.Constant) and key.value in PL
        if (needs := names_in(PL[key.value][0]) - ({"count"} if plural else set())) - given
    }
    assert lacking == {}


def test_plurals_are_asked_for_as_plurals() -> None:
    wrong = {
        f"{path}: {key.value}"
        for path, key, _, plural in calls()
        if isinstance(key, ast.Constant) and key.value in PL and plural != (len(PL[key.value]) > 1)
    }
    assert wrong == set()


# What has to be said

OPENS_A_TICKET = [
    "ticket.filed", "ticket.filed_privacy", "ticket.reopened", "handoff.queued", "handoff.escalated",
    "handoff.not_understood", "handoff.nlu_down", "handoff.still_queued", "handoff.noted", "handoff.released",
    "handoff.answer_expired", "fault.apology",
]  # fmt: skip


@pytest.mark.parametrize("key", OPENS_A_TICKET)
@pytest.mark.parametrize("name", SAID)
def test_who_leaves_a_ticket_hears_its_number_and_when_the_next_word_comes(name: str, key: str) -> None:
    assert {"number", "next_word"} <= names_in(SAID[name][key][0])


def test_every_text_that_opens_a_ticket_is_checked_above() -> None:
    filed = {key for key in PL if key.startswith("ticket.filed")}
    queue = {key for key in written_out() | handed_over() if key.startswith("handoff.") and "next_word" in str(PL[key])}
    assert filed | queue <= set(OPENS_A_TICKET)


@pytest.mark.parametrize("name", SAID)
def test_the_first_words_say_bot_and_link_the_privacy_notice(name: str) -> None:
    [intro] = SAID[name]["intro"]
    assert re.search(r"\bbot\b", intro)
    assert "]({privacy_url})" in intro


STATUS_TEXTS = [key for key in PL if key.startswith(("word.", "word_late.", "follow_up."))] + ["promise.slipped"]


@pytest.mark.parametrize("name", SAID)
def test_a_status_says_why_it_waits_and_when_the_next_word_comes(name: str) -> None:
    """R36; what is closed has no next word, it says how to come back."""
    assert len(STATUS_TEXTS) == 10
    assert [key for key in STATUS_TEXTS if not {"number", "why"} <= names_in(SAID[name][key][0])] == []
    dated = [key for key in STATUS_TEXTS if key != "follow_up.closed"]
    assert [key for key in dated if "by" not in names_in(SAID[name][key][0])] == []
    assert [key for key, text in SAID[name].items() if key.startswith("why") and not text[0].strip()] == []


# Register and tone


def content_texts(content: Content, variant: str) -> dict[str, str]:
    """Everything editable that is said in a variant, by where it stands."""
    language = VARIANTS[variant][1]
    said = {
        f"answers/{key}[{at}]": wording
        for key, answer in content.answers.items()
        for at, wording in enumerate(answer.wordings.of(variant))
    }
    said |= {
        f"templates/{key}[{at}]": wording
        for key, template in content.templates.items()
        for at, wording in enumerate(template.wordings_of(variant))
    }
    for key, field in content.fields.items():
        said[f"fields/{key}"] = field.question.of(variant)
        said[f"fields/{key} label"] = field.label.in_language(language)
        if field.reask:
            said[f"fields/{key} again"] = field.reask.of(variant)
    said |= {f"topics/{key}": topic.in_language(language) for key, topic in content.topics.items()}
    company = content.company
    for key in ("urgent_contact", "service_points", "free_delivery_from"):
        said[f"company/{key}"] = getattr(company, key).in_language(language)
    return said


def all_texts(content: Content, variant: str) -> dict[str, str]:
    own = {key: " / ".join(text) for key, text in SAID[variant].items() if not key.startswith(PAGE)}
    return own | content_texts(content, variant)


def found_in(texts: dict[str, str], pattern: re.Pattern[str]) -> dict[str, list[str]]:
    return {where: found for where, text in texts.items() if (found := [hit[0] for hit in pattern.finditer(text)])}


FORMS_OF_ADDRESS = re.compile(r"\b(pa[nń]stw\w*|pan|pani|panu|pana|panie|panem|panią|paniom|panom)\b", re.IGNORECASE)
TY_WORDS = re.compile(
    # who
    r"\b(ty|ciebie|cię|ci|tobie|tobą|tw[oó]j\w*|twoi\w*|twej|twego|twych|cześć|hej"
    # do: the second person is known by its ending; nasz, wasz, też and kosz are no verbs
    r"|(?!nasz\b|wasz\b|kosz\b|zamsz\b)\w+(asz|esz|isz|ysz)|\w+(łeś|łaś)"
    # do!
    r"|napisz|opisz|podaj|wpisz|wejdź|wybierz|kliknij|sprawdź|zajrzyj|zaloguj|zadzwoń|zostaw|daj|dodaj|odeślij|złóż"
    r"|otwórz|zgłoś|powiedz|naciśnij|zmień|popraw|wróć|pisz|dopisz|poczekaj|zobacz|skopiuj|wyślij|zostań|spróbuj)\b",
    re.IGNORECASE,
)
# The customer's words on a button ("Popraw", "Nie wysyłaj") are said to the bot, a person says ty to it.
THE_CUSTOMERS_WORDS = "button."


@pytest.mark.parametrize(
    ("pattern", "text", "hit"),
    [
        (FORMS_OF_ADDRESS, "Mają Państwo", True),
        (FORMS_OF_ADDRESS, "dla Pani", True),
        (FORMS_OF_ADDRESS, "panel i kompan", False),
        (TY_WORDS, "możesz", True),
        (TY_WORDS, "Twoją", True),
        (TY_WORDS, "wyślemy Ci", True),
        (TY_WORDS, "dostałeś", True),
        (TY_WORDS, "nasz kosz, też już tych części", False),
        (TY_WORDS, "proszę napisać", False),
    ],
)
def test_the_word_lists_find_what_they_are_for(pattern: re.Pattern[str], text: str, hit: bool) -> None:
    assert bool(pattern.search(text)) is hit


def test_polish_on_ty_terms_has_no_formal_address(content: Content) -> None:
    texts = {key: text for key, text in all_texts(content, "pl").items() if not key.startswith("name.formal")}
    assert found_in(texts, FORMS_OF_ADDRESS) == {}


def test_formal_polish_has_no_ty(content: Content) -> None:
    texts = {
        key: re.sub("„[^”]*”", "", text)  # what stands on a button or is to be typed
        for key, text in all_texts(content, "pl@formal").items()
        if not key.startswith(THE_CUSTOMERS_WORDS) or key == "button.stale"
    }
    assert found_in(texts, TY_WORDS) == {}


def test_labels_and_facts_fit_both_registers(content: Content) -> None:
    """There is one Polish wording of these for both."""
    texts = {key: text for key, text in content_texts(content, "pl").items() if key.startswith(("topics", "company"))}
    labels = {key: text for key, text in content_texts(content, "pl").items() if key.endswith(" label")}
    assert found_in(texts | labels, FORMS_OF_ADDRESS) == {}
    assert found_in(texts | labels, TY_WORDS) == {}


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_phrase_that_says_nothing(content: Content, variant: str) -> None:
    language = VARIANTS[variant][1]
    assert content.cliches.hints("Nie wahaj się. Don't hesitate.", language)
    empty = {key: hints for key, text in all_texts(content, variant).items()
             if (hints := content.cliches.hints(text, language))}  # fmt: skip
    assert empty == {}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_button_can_be_read_on_a_phone(content: Content, variant: str) -> None:
    language = VARIANTS[variant][1]
    labels = {
        key: fill(text[0], {"number": 99_999})
        for key, text in SAID[variant].items()
        if key.startswith("button.") and key != "button.stale"
    }
    labels |= {f"topics/{key}": topic.in_language(language) for key, topic in content.topics.items()}
    labels |= {f"fields/{key}": field.label.in_language(language) for key, field in content.fields.items()}
    labels |= {f"ticket {key}": f"#99999 {content.topic(key, language)}" for key in content.forms.forms}
    assert {key: label for key, label in labels.items() if len(label) > BUTTON_CHARACTERS} == {}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ticket.resolved_by_agent", "button.problem_back"),
        ("follow_up.again", "button.settled"),
        ("follow_up.closed", "button.problem_back"),
        ("link.linked", "button.unlink"),
        ("link.linked_elsewhere", "button.unlink"),
    ],
)
def test_a_button_that_a_text_names_is_called_so(variant: str, text: str, named: str) -> None:
    found = re.search("[„“](.*?)”", SAID[variant][text][0])
    assert found
    assert found[1] == SAID[variant][named][0]


@pytest.mark.parametrize("variant", VARIANTS)
def test_words_that_a_text_tells_to_write_are_understood(variant: str) -> None:
    told = {
        key: re.findall("[„“](.*?)”", SAID[variant][key][0])
        for key in ("link.exposed", "link.not_linked", "link.refused", "link.unlinked_elsewhere")
    }
    assert {key: words for key, words in told.items() if len(words) != 1 or not phrases.asks_to_link(words[0])} == {}


# Answers


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("now", [MONDAY_NOON, SATURDAY_NIGHT], ids=["open", "closed"])
@pytest.mark.parametrize("name", [None, "Anna", "Xyz1"])
def test_every_answer_can_be_given_at_any_time_to_anyone(
    content: Content, variant: str, now: object, name: str
) -> None:
    texts = texts_of(variant)
    values = variables(content, texts, name, now)  # type: ignore[arg-type]
    for key, answer in content.answers.items():
        possible = [wording for wording in answer.wordings.of(variant) if names_in(wording) <= values.keys()]
        assert possible, f"{key} has nothing to say"
        for wording in possible:
            assert not {"{", "}"} & set(fill(wording, values)), key


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_question_and_a_label_have_nothing_to_fill(content: Content, variant: str) -> None:
    """They are said as they stand."""
    texts = {
        key: text
        for key, text in content_texts(content, variant).items()
        if not key.startswith(("answers", "templates"))
    }
    assert found_in(texts, re.compile("[{}]")) == {}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_question_asks(content: Content, variant: str) -> None:
    assert [key for key, field in content.fields.items() if "?" not in field.question.of(variant)] == []


def test_every_answer_has_distinct_wordings(content: Content) -> None:
    for key, answer in content.answers.items():
        for variant in VARIANTS:
            wordings = answer.wordings.of(variant)
            assert len(set(wordings)) == len(wordings), f"{key} {variant}"


def test_actions_in_the_code_name_intents_that_exist() -> None:
    """`button(…, "do", "<intent>")`."""
    named = {
        node.args[2].value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "button" and len(node.args) > 2
        if isinstance(node.args[1], ast.Constant) and node.args[1].value == "do"
        if isinstance(node.args[2], ast.Constant)
    }
    assert parse_action("do:reopen_ticket").argument in named
    assert named <= set(INTENTS)
