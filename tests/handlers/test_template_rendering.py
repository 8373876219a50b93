from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.bands import Bands, Thresholds
from handlers.calendars import after_working_time
from handlers.content import Answer, Content
from handlers.desk import Desk
from handlers.markup import to_plain
from handlers.placeholders import names_in
from handlers.plain_text import readable
from handlers.template_rendering import (
    PREFIX,
    Input,
    TemplateCase,
    TemplateNotFound,
    UnresolvedVariables,
    case_of,
    inputs,
    render,
    reply_from,
    variables_left_in,
)
from handlers.templates import VARIANTS, Surroundings, Template
from storage.customers import Customer
from storage.tickets import Ticket
from tests.bot_under_test import CATALOGUES, MONDAY_NOON, SATURDAY_NIGHT

REGISTERS = {"pl": ("ty", "pl"), "pl@formal": ("pan", "pl"), "en": ("ty", "en")}
REFUND = {"refund_amount": "129,90 zł", "date": "27 listopada"}
SAYS_ALL = "{name} {agent} #{ticket} {order_number} {why} {next_word}"


def a_case(content: Content, variant: str = "pl", now: datetime = MONDAY_NOON, **changes: object) -> TemplateCase:
    register, language = REGISTERS[variant]
    case = TemplateCase(
        content=content,
        texts=CATALOGUES[register][language],
        now=now,
        number=1007,
        agent="Ola",
        customer="Anna",
        facts={"order_number": "ZAM-20481"},
        next_word_at=after_working_time(content.calendar, now, 480),
    )
    return replace(case, **changes)  # type: ignore[arg-type]


def with_template(content: Content, *wordings: str, **asks: str) -> Content:
    """The content with one more template, "mine", whose own variables are `asks`."""
    template = {
        "title": {"pl": "Mój", "en": "Mine"},
        "kind": "reply",
        "asks": {name: {"pl": label, "en": label} for name, label in asks.items()},
        **dict.fromkeys(VARIANTS, wordings),
    }
    around = Surroundings(frozenset(names_in(" ".join(wordings)) - asks.keys()), frozenset())
    return replace(content, templates={"mine": Template.model_validate(template, context=around)})


# What is known


def test_a_template_is_filled_with_what_the_case_and_the_agent_know(content: Content) -> None:
    rendered = render("template:refund_ordered", a_case(content), REFUND)
    assert rendered.unresolved == ()
    assert rendered.require() == (
        "Anno, zleciliśmy zwrot **129,90 zł** za zamówienie ZAM-20481. Pieniądze wrócą tam, skąd przyszła płatność, "
        "najpóźniej 27 listopada. Jeśli do tego dnia ich nie będzie, napisz tutaj, a sprawdzę przelew."
    )


@pytest.mark.parametrize("customer", [None, "", "Xyz1", "🦄"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_who_is_not_known_by_name_is_not_called_by_one(content: Content, variant: str, customer: str) -> None:
    case = a_case(content, variant, customer=customer)
    for name in content.templates:
        given = {asked.name: asked.value or "coś" for asked in inputs(f"{PREFIX}{name}", case)}
        text = render(f"{PREFIX}{name}", case, given).require()
        assert text[0].isalpha(), name
        assert not {"None", "Xyz1", "Anno", "Anna"} & set(text.replace(",", " ").split()), name


@pytest.mark.parametrize(
    ("variant", "begins"), [("pl", "Anno, przepraszam"), ("pl@formal", "Pani Anno, przepraszam"), ("en", "Anna, I'm")]
)
def test_a_customer_is_addressed_in_their_language_and_register(content: Content, variant: str, begins: str) -> None:
    assert render("template:sorry_for_mistake", a_case(content, variant)).text.startswith(begins)


def test_a_wording_that_needs_a_fact_we_lack_gives_way_to_one_that_does_not(content: Content) -> None:
    tracked = {"tracking": "RR1", "date": "27 listopada"}
    with_number = render("template:order_on_its_way", a_case(content), tracked)
    without = render("template:order_on_its_way", a_case(content, facts={}), tracked)
    assert "ZAM-20481" in with_number.require()
    assert without.require().startswith("Twoja paczka jest już w drodze.")


@pytest.mark.parametrize(
    ("now", "says"),
    [(SATURDAY_NIGHT, "Teraz mamy już zamknięte."), (MONDAY_NOON, "Pracujemy: pon.–pt. 8:00–18:00")],
)
def test_after_hours_names_the_next_opening_and_in_hours_does_not(content: Content, now: datetime, says: str) -> None:
    assert render("template:after_hours", a_case(content, now=now)).require().startswith(says)


def test_the_next_word_is_a_time_that_is_still_to_come(content: Content) -> None:
    text = render("template:checking", a_case(content)).require()
    assert "Odezwę się tutaj jutro do 10:00." in text
    assert "I'll write to you here tomorrow by 10:00." in render("template:checking", a_case(content, "en")).require()


def test_a_case_is_made_of_the_ticket_in_the_customers_language_of_now(content: Content) -> None:
    desk = Desk(content, CATALOGUES["ty"], Thresholds({"pl": Bands(act=0.8, ask=0.4), "en": Bands(act=0.8, ask=0.4)}))
    ticket = Ticket(number=1007, facts={"order_number": "ZAM-1"}, language="pl")
    case = case_of(desk, ticket, Customer(name="Anna", language="en"), "Ola", MONDAY_NOON)
    assert (case.texts.language, case.number, case.customer, case.agent) == ("en", 1007, "Anna", "Ola")
    assert case.facts == {"order_number": "ZAM-1"}
    assert case.next_word_at > MONDAY_NOON + timedelta(minutes=content.rhythm.minutes("normal"))
    assert case_of(desk, ticket, Customer(), "Ola", MONDAY_NOON).texts.language == "pl"


# What is not


def test_nothing_is_said_while_a_variable_has_no_value(content: Content) -> None:
    case = a_case(content, facts={})
    rendered = render("template:refund_ordered", case, {"date": "  \u200b\n"})
    assert rendered.unresolved == ("date", "order_number", "refund_amount")
    assert "‹Numer zamówienia›" in rendered.text
    assert names_in(rendered.text) == set()
    with pytest.raises(UnresolvedVariables, match="date, order_number, refund_amount") as refused:
        reply_from("template:refund_ordered", case)
    assert refused.value.names == rendered.unresolved


def test_the_agent_is_asked_for_what_is_missing_and_may_correct_a_fact(content: Content) -> None:
    case = a_case(content, "en")
    assert inputs("template:refund_ordered", case) == (
        Input("order_number", "Numer zamówienia", "ZAM-20481"),
        Input("refund_amount", "Kwota zwrotu, np. 129,90 zł"),
        Input("date", "Pieniądze dotrą do, np. 27 listopada"),
    )
    corrected = render("template:refund_ordered", case, REFUND | {"order_number": "ZAM-9"}).require()
    assert "order ZAM-9." in corrected
    assert "20481" not in corrected


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("customer", [None, "Anna"])
@pytest.mark.parametrize("now", [MONDAY_NOON, SATURDAY_NIGHT], ids=["open", "closed"])
@pytest.mark.parametrize("facts", [{}, {"order_number": "ZAM-20481"}], ids=["no facts", "facts"])
def test_every_template_can_be_sent_once_its_inputs_are_filled_in(
    content: Content, variant: str, customer: str, now: datetime, facts: dict[str, str]
) -> None:
    case = a_case(content, variant, now, customer=customer, facts=facts)
    for name in content.templates:
        key = f"{PREFIX}{name}"
        given = {asked.name: asked.value or "coś" for asked in inputs(key, case)}
        text = reply_from(key, case, given).text
        assert not {"{", "}", "‹"} & set(text), name


@pytest.mark.parametrize("name", ["company", "agent", "ticket", "next_word", "phone"])
def test_what_the_company_or_the_case_says_cannot_be_overruled(content: Content, name: str) -> None:
    mine = with_template(content, f"{{{name}}}")
    case = a_case(mine, facts={name: "from the facts"})
    assert "from" not in render("template:mine", case, {name: "from the agent"}).require()


# Values are data

words = st.text(max_size=30) | st.sampled_from(
    [
        "{agent}",
        "{why}",
        "{order_number}",
        "{{why}}",
        "{",
        "}",
        "{a",
        "\\{why\\}",
        "**{why}**",
        "[a](https://x.example)",
    ]
)


@pytest.fixture(scope="module")
def case_with(content: Content) -> Callable[..., TemplateCase]:
    """As a function: hypothesis prints what a test is given, and the content is long."""
    mine = with_template(content, SAYS_ALL, SAYS_ALL.removeprefix("{name} "), why="Dlaczego")
    return lambda variant, **changes: a_case(mine, variant, **changes)


@given(fact=words, why=words, agent=words, customer=words | st.none())
@pytest.mark.parametrize("variant", VARIANTS)
def test_no_variable_comes_out_of_a_value_and_none_is_sent_unfilled(
    case_with: Callable[..., TemplateCase], variant: str, fact: str, why: str, agent: str, customer: str | None
) -> None:
    facts = {"order_number": fact, "why": "no fact of a form"}
    rendered = render(
        "template:mine",
        case_with(variant, agent=agent, customer=customer, facts=facts),
        {"why": why, "made_up": "{why}"},
    )
    missing = {name for name, value in {"order_number": fact, "why": why}.items() if not readable(value)}
    assert set(rendered.unresolved) == missing
    assert names_in(rendered.text) == set()
    if missing:
        with pytest.raises(UnresolvedVariables):
            rendered.require()
    else:
        shown = f"{readable(agent)} #1007 {readable(fact)} {readable(why)} "
        assert shown in f"{to_plain(rendered.require())} "


@given(
    facts=st.dictionaries(st.sampled_from(["order_number", "product", "date"]), words),
    filled_in=st.dictionaries(st.sampled_from(["order_number", "why", "agent", "x"]), words),
)
def test_a_text_leaves_only_when_every_variable_has_words(
    case_with: Callable[..., TemplateCase], facts: dict[str, str], filled_in: dict[str, str]
) -> None:
    rendered = render("template:mine", case_with("pl", facts=facts), filled_in)
    number = readable(filled_in.get("order_number", "")) or readable(facts.get("order_number", ""))
    why = readable(filled_in.get("why", ""))
    assert set(rendered.unresolved) == {name for name, words in (("order_number", number), ("why", why)) if not words}
    assert to_plain(rendered.text).startswith(f"Anno Ola #1007 {number or '‹Numer zamówienia›'} {why or '‹Dlaczego›'} ")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Wracamy {date}, {name}!", ("date", "name")),
        ("Zamówienie {order_number}", ("order_number",)),
        ("a {nothing_of_ours} b {} {date", ()),
    ],
)
def test_a_variable_in_what_an_agent_wrote_is_noticed(content: Content, text: str, left: tuple[str, ...]) -> None:
    assert variables_left_in(text, content) == left


# Where it came from


def test_a_reply_keeps_which_template_and_version_it_came_from(content: Content) -> None:
    reply = reply_from("template:refund_ordered", a_case(content), REFUND)
    assert reply.answer == "template:refund_ordered"
    assert reply.answer_version == content.templates["refund_ordered"].version


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_answer_of_the_knowledge_base_is_said_as_the_bot_says_it(content: Content, variant: str) -> None:
    for key, answer in content.answers.items():
        case = a_case(content, variant)
        reply = reply_from(key, case)
        assert (reply.answer, reply.answer_version) == (key, answer.version)
        assert names_in(reply.text) == set()
        assert inputs(key, case) == ()
        assert render(key, case).text == reply.text, "what is previewed is what is sent"


@pytest.mark.parametrize("key", ["template:gone", "gone", "refund_ordered", "template:return_policy", ""])
def test_a_text_that_is_gone_is_not_sent(content: Content, key: str) -> None:
    for act in (render, reply_from, inputs):
        with pytest.raises(TemplateNotFound):
            act(key, a_case(content))


def test_a_name_is_a_template_or_an_answer_never_both(content: Content) -> None:
    assert all(isinstance(answer, Answer) for answer in content.answers.values())
    assert not any(key.startswith(PREFIX) for key in content.answers)
