"""Hides personal data in what people wrote; each is replaced by a word for what it was.

Numbers are known by their checksums, so that most numbers of orders and parcels stay: they are needed to understand a
message, and say nothing about a person. What may be a telephone number goes, unless an order is named before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from phonenumbers import PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.pl import nip, pesel

EMAIL_WORD, PHONE, PESEL, CARD, NIP, ACCOUNT = "‹e-mail›", "‹telefon›", "‹PESEL›", "‹karta›", "‹NIP›", "‹konto›"
COUNTRY = "PL"  # of telephone numbers that do not say

_EMAIL = re.compile(
    r"[^\s@<>()\[\]{}‹›,;:\"„”]+\s?(?:@|\(at\)|\[at\])\s?[^\W_](?:[\w-]*\.)+[^\W\d_]{2,}", re.IGNORECASE
)
_IBAN = re.compile(r"(?<![^\W_])[A-Z]{2}[ -]?\d{2}(?:[ -]?[A-Z0-9]){11,30}", re.IGNORECASE)
_DIGITS = re.compile(r"(?<!\d)\d+")
_GAP = re.compile(r"[ \u00a0.\-–/]")
_ORDER = re.compile(
    r"(?<!\w)(?:zam\w*|ord\w*|zgłosz\w*|zglosz\w*|ticket\w*|faktur\w*|invoice\w*|paczk\w*|przesy\w*|parcel\w*|track\w*)"
    r"[\s.:#–_/-]*(?:(?:nr|no|numer\w*|number|to|jest|is)[\s.:#]*)*(\d{3,12})(?!\d)|#(\d{3,12})(?!\d)",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<!\d)(?:(?:\+|00)\d{1,3}(?:[ \u00a0().–-]{0,2}\d){6,12}"
    r"|\(?0?\d{2}\)?[ \u00a0.–-]?\d{3}[ \u00a0.–-]?\d{2}[ \u00a0.–-]?\d{2}"
    r"|\d{3}[ \u00a0.–-]?\d{3}[ \u00a0.–-]?\d{3})(?!\d)"
)
_CARD_GROUPS = re.compile(r"\d{4}\D\d{4}\D\d{4}\D\d{4}(\D\d{3})?|\d{4}\D\d{6}\D\d{4,5}|\d+")
_PARCEL = re.compile(r"[a-z]{2} ?\d{9} ?[a-z]{2}(?!\w)", re.IGNORECASE)

Span = tuple[int, int, str]


def mask(text: str) -> str:
    """Numbers of orders, tickets and parcels are kept."""
    while (masked := _once(text)) != text:
        text = masked
    return text


def _once(text: str) -> str:
    mails = ((one.start(), one.end(), EMAIL_WORD) for one in _EMAIL.finditer(text))
    text = _replaced(text, mails)
    kept = {match.span(group) for match in _ORDER.finditer(text) for group in (1, 2) if match.group(group)}
    kept |= {one.span() for one in _PARCEL.finditer(text)}
    phones = [one for one in _phones(text) if not any(_meet(one, span) for span in kept)]
    return _replaced(text, [*_accounts(text), *_numbered(text), *phones])


def _replaced(text: str, spans: Iterable[Span]) -> str:
    """Of spans that overlap the longest counts; what is left of the others has its turn in the next round."""
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda one: (one[0] - one[1], one)):
        if not any(_meet(span, other[:2]) for other in chosen):
            chosen.append(span)
    for start, end, word in sorted(chosen, reverse=True):
        text = f"{text[:start]}{word}{text[end:]}"
    return text


def _meet(span: Span, kept: tuple[int, int]) -> bool:
    return span[0] < kept[1] and kept[0] < span[1]


def _accounts(text: str) -> Iterator[Span]:
    """As much as is an IBAN: words may follow it."""
    for found in _IBAN.finditer(text):
        for end in range(found.end(), found.start() + 14, -1):
            if text[end - 1].isalnum() and iban.is_valid(text[found.start() : end]):
                yield found.start(), end, ACCOUNT
                break


def _numbered(text: str) -> Iterator[Span]:
    """Numbers with a checksum: whole groups of digits, with the same gap between all of them."""
    groups = [match.span() for match in _DIGITS.finditer(text)]
    for first in range(len(groups)):
        gap = ""
        for last in range(first, min(first + 8, len(groups))):
            if last > first:
                between = text[groups[last - 1][1] : groups[last][0]]
                if not _GAP.fullmatch(between) or (last > first + 1 and between != gap):
                    break
                gap = between
            if word := _what(text[groups[first][0] : groups[last][1]]):
                yield groups[first][0], groups[last][1], word


def _what(written: str) -> str | None:
    digits = _GAP.sub("", written)
    match len(digits):
        case 10 if nip.is_valid(digits):
            return NIP
        case 11 if pesel.is_valid(digits):
            return PESEL
        case 26 if iban.is_valid(f"{COUNTRY}{digits}"):
            return ACCOUNT
        case length if 13 <= length <= 19 and digits[0] in "23456" and _CARD_GROUPS.fullmatch(written):
            return CARD if luhn.is_valid(digits) else None
    return None


def _phones(text: str) -> Iterator[Span]:
    for match in PhoneNumberMatcher(text, COUNTRY):
        yield match.start, match.end, PHONE
    for one in _PHONE.finditer(text):
        yield one.start(), one.end(), PHONE
