from __future__ import annotations

import pytest

from handlers.content import Content
from handlers.template_search import FoundKind, search
from handlers.templates import TITLE_CHARACTERS


def keys(content: Content, query: str, category: str | None = None, language: str = "pl") -> list[str]:
    return [found.key for found in search(content, query, language, category)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("zaginęła", "template:parcel_lost"),
        ("ZAGINELA", "template:parcel_lost"),
        ("paczka zaginela", "template:parcel_lost"),
        ("kurierzy odbiorą", "template:courier_pickup"),
        ("faktura nip", "template:refuse_invoice_without_nip"),
        ("fakturę w załączniku", "template:invoice_attached"),
        ("parcel lost", "template:parcel_lost"),
        ("pobranie", "template:ask_bank_account"),
        ("wizyta", "template:appointment_confirmed"),
        ("RODO", "template:identity_check"),
        ("raty", "payment_methods"),
        ("sposoby dostawy", "delivery_options"),
        ("kod blik nikomu", "template:payment_missing"),
    ],
)
def test_what_an_agent_types_finds_the_text_they_mean(content: Content, query: str, first: str) -> None:
    found = keys(content, query)
    assert found
    assert found[0] == first


def test_both_languages_are_searched_and_labels_are_in_the_agents(content: Content) -> None:
    [polish] = search(content, "zaginęła ponowna", "pl", None)
    [english] = search(content, "zaginęła ponowna", "en", None)
    assert (polish.key, english.key) == ("template:parcel_lost", "template:parcel_lost")
    assert polish.label == content.templates["parcel_lost"].title.pl
    assert english.label == content.templates["parcel_lost"].title.en


def test_with_nothing_typed_what_suits_the_ticket_comes_first_and_everything_is_there(content: Content) -> None:
    found = search(content, "  ", "pl", "get_invoice")
    suiting = [one.key for one in found if one.suits]
    assert {"template:invoice_attached", "template:refuse_invoice_without_nip"} <= set(suiting)
    assert [one.key for one in found[: len(suiting)]] == suiting
    assert len(found) == len(content.templates) + len(content.answers)
    assert [one.kind for one in found if one.suits] == sorted(
        (one.kind for one in found if one.suits), key=list(FoundKind).index
    )


def test_an_answer_suits_the_tickets_it_leads_to(content: Content) -> None:
    suits = {one.key: one.suits for one in search(content, "", "pl", "get_refund")}
    assert suits["return_policy"]
    assert not suits["newsletter"]


@pytest.mark.parametrize("query", ["", "zwrot"])
def test_without_a_category_nothing_is_said_to_suit(content: Content, query: str) -> None:
    assert not any(found.suits for found in search(content, query, "pl", None))


@pytest.mark.parametrize("query", ["qwertyuiop", "zwrot qwertyuiop", "💥 qwertyuiop"])
def test_a_word_that_is_nowhere_finds_nothing_else_instead(content: Content, query: str) -> None:
    assert keys(content, query) == []


def test_short_words_between_may_be_missing(content: Content) -> None:
    assert keys(content, "paczka na xq zaginęła")[0] == "template:parcel_lost"


def test_what_is_found_fits_slacks_list(content: Content) -> None:
    found = search(content, "", "en", None)
    assert 0 < len(found) <= 100
    assert max(len(one.label) for one in found) <= TITLE_CHARACTERS
    assert max(len(one.key) for one in found) <= 150
    assert len(search(content, "", "en", None, most=7)) == 7
    assert {one.kind for one in found} == set(FoundKind)
