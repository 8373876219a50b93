"""No personal data survives, whatever stands around it; what is needed to understand a message does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.pl import nip, pesel

from handlers.likeness_of_texts import like_key
from handlers.masking import mask


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


def grouped(number: str, sizes: tuple[int, ...], gap: str) -> str:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(number[at : at + size])
        at += size
    return gap.join(piece for piece in pieces if piece)


GAPS = st.sampled_from(["", " ", "-"])
PESELS = st.dates().map(
    lambda day: (f"{day.year % 100:02}{day.month + (20 if day.year >= 2000 else 0):02}{day.day:02}", day.year)
).filter(lambda born: 1900 <= born[1] < 2100).flatmap(lambda born: digits(4).map(lambda rest: born[0] + rest)).map(
    lambda number: number + pesel.calc_check_digit(number)
)  # fmt: skip
NIPS = digits(9).map(lambda number: f"{number}{nip.checksum(f'{number}0') % 11}").filter(nip.is_valid)
CARDS = st.tuples(st.sampled_from("3456"), digits(14)).map("".join).map(
    lambda number: number + luhn.calc_check_digit(number)
)  # fmt: skip
ACCOUNTS = digits(24).map(lambda number: iban.calc_check_digits(f"PL00{number}") + number)
MOBILES = st.tuples(st.sampled_from(["45", "50", "51", "53", "60", "66", "69", "72", "78", "79", "88"]), digits(7)).map(
    "".join
)
MAILS = st.tuples(
    st.from_regex(r"[a-z0-9][a-z0-9._+-]{0,15}[a-z0-9]", fullmatch=True),
    st.from_regex(r"[a-z][a-z0-9-]{0,10}[a-z]\.(pl|com|com\.pl|co\.uk)", fullmatch=True),
).map("@".join)
PERSONAL = st.one_of(
    PESELS,
    MAILS,
    st.builds(lambda number, gap: grouped(number, (3, 3, 2, 2), gap), NIPS, GAPS),
    st.builds(lambda number, gap: grouped(number, (4, 4, 4, 4), gap), CARDS, GAPS),
    st.builds(lambda number, gap, land: land + grouped(number, (2, 4, 4, 4, 4, 4, 4), gap), ACCOUNTS,
              st.sampled_from(["", " "]), st.sampled_from(["PL", ""])),
    st.builds(lambda number, gap, front: front + grouped(number, (3, 3, 3), gap), MOBILES, GAPS,
              st.sampled_from(["", "+48 ", "+48", "0048 "])),
    st.builds(lambda number, gap: grouped(number, (2, 3, 2, 2), gap), digits(7).map("22".__add__), GAPS),
    st.builds("+44 20 {} {}".format, digits(4).map(lambda four: "7" + four[1:]), digits(4)),
)  # fmt: skip
BEFORE = st.sampled_from(
    ["", "mój numer to ", "tel.", "PESEL:", "dane: (", "kontakt – ", "pay with ", "Zamówienia brak, "]
)
AFTER = st.sampled_from(["", ".", ", dzięki", ") proszę", " i 2 sztuki", "\ndruga linia", "?"])


@settings(deadline=None, max_examples=60)
@given(BEFORE, PERSONAL, AFTER)
def test_no_personal_data_survives(before: str, personal: str, after: str) -> None:
    masked = mask(f"{before}{personal}{after}")
    assert personal not in masked
    assert not re.search(r"\d{2}", masked)
    assert "‹" in masked


@settings(deadline=None, max_examples=60)
@given(st.one_of(st.text(), st.lists(PERSONAL | st.text(max_size=5), max_size=4).map(" ".join)))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "gdzie jest zamówienie ZAM-123456789 z 23.11.2026?",
        "zam. nr 601234567, złożone 2026-11-23 o 11:00",
        "order #12345678, 3 items for 1 299,00 zł",
        "paczka AA123456789PL miała być 12.12.2026-14.12.2026",
        "zwrot w ciągu 14 dni, kod LATO2026, zgłoszenie #1042",
    ],
)
def test_what_a_message_is_about_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("piszę z Anna.K+x@Poczta.example.pl", "piszę z ‹e-mail›"),
        ("anna (at) poczta.pl", "‹e-mail›"),
        ("konto PL61 1090 1014 0000 0712 1981 2874 proszę o zwrot", "konto ‹konto› proszę o zwrot"),
        ("601 234 567 602 345 678", "‹telefon› ‹telefon›"),
        ("zamówienie 44051401359", "zamówienie ‹PESEL›"),
    ],
)
def test_each_is_named(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Gdzie jest moja paczka 123?", "gdzie moja paczka jest 98765", True),
        ("GDZIE JEST MOJA PACZKA", "gdzie jest moja paczkа", False),  # another letter that looks alike
        ("zwrot pieniędzy", "Zwrot  pieniedzy!!!", True),
        ("zwrot pieniędzy", "zwrot towaru", False),
        ("123", "456", False),
    ],
)
def test_near_duplicates_share_a_key(one: str, other: str, same: bool) -> None:
    assert (like_key(one) == like_key(other)) is same
