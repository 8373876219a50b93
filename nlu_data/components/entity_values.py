"""The value of an entity in one fixed form, or None where the text only looks like one."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

_NIP_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7)
_CURRENCIES = {
    "PLN": r"pln|zl|zlot|zeta|stow",
    "EUR": r"eur|€",
    "GBP": r"gbp|£|funt|pound|quid",
    "USD": r"usd|\$|dolar|dollar|buck",
}
_MONTHS = {
    1: "sty jan",
    2: "lut feb",
    3: "mar",
    4: "kwi apr",
    5: "maj may",
    6: "cze jun",
    7: "lip jul",
    8: "sie aug",
    9: "wrz sep",
    10: "paz oct",
    11: "lis nov",
    12: "gru dec",
}
_MONTH_BY_START = {start: number for number, starts in _MONTHS.items() for start in starts.split()}
_WORDS = {
    r"pojutrz\w*|(?:the )?day after tomorrow": "day after tomorrow",
    r"przedwczoraj\w*|(?:the )?day before yesterday": "day before yesterday",
    r"jutr\w*|tomorrow|tmrw": "tomorrow",
    r"wczoraj\w*|yesterday": "yesterday",
    r"dzis\w*|today|tonight": "today",
    r"poniedzial\w*|mondays?": "monday",
    r"wtor\w*|tuesdays?": "tuesday",
    r"srod\w*|wednesdays?": "wednesday",
    r"czwart\w*|thursdays?": "thursday",
    r"piat\w*|fridays?": "friday",
    r"sobot\w*|saturdays?": "saturday",
    r"niedziel\w*|sundays?": "sunday",
    r"weekend\w*": "weekend",
    r"tydzien|tygodni\w*|weeks?": "week",
    r"miesia\w*|months?": "month",
}
_NEXT = re.compile(r"\b(?:next|przyszl\w*|nastepn\w*|nadchodzac\w*)\b")
_LAST = re.compile(r"\b(?:last|zeszl\w*|ostatni\w*|poprzedni\w*|ubiegl\w*)\b")
_AGO = re.compile(r"\b(?:ago|temu)\b")
_AHEAD = re.compile(r"^(?:za|in)\b")
_NUMBER_WORDS = {"dwa": 2, "two": 2, "trzy": 3, "three": 3, "cztery": 4, "four": 4, "pare": 2, "kilka": 3}


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def order_number(text: str) -> str | None:
    """`zam nr 20481` → `ZAM-20481`; bare digits stay bare."""
    prefix = re.match(r"(zam|ord)(?!\.)", text)
    number = _digits(text)
    return f"{prefix.group(1).upper()}-{number}" if prefix else number


def ticket_number(text: str) -> str | None:
    """`#1042` → `1042`."""
    return _digits(text).lstrip("0") or None


def tracking_number(text: str) -> str | None:
    return re.sub(r"[\s-]", "", text).upper()


def email(text: str) -> str | None:
    return text.strip(".")


def phone(text: str) -> str | None:
    """International form: `600 100 200` → `+48600100200`."""
    digits = _digits(text)
    if text.startswith("+"):
        international = digits
    elif digits.startswith("00"):
        international = digits[2:]
    elif len(digits) == 11 and digits.startswith("48"):
        international = digits
    elif len(digits) == 9 and not digits.startswith("0"):
        international = "48" + digits
    else:
        return None
    if international.startswith("48") and len(international) != 11:
        return None
    return "+" + international if 8 <= len(international) <= 15 else None


def has_nip_checksum(digits: str) -> bool:
    """Whether the tenth digit is what the first nine ask for."""
    if len(digits) != 10:
        return False
    check = sum(weight * int(digit) for weight, digit in zip(_NIP_WEIGHTS, digits, strict=False)) % 11
    return check == int(digits[9])


def nip(text: str) -> str | None:
    """Ten digits whose checksum holds."""
    digits = _digits(text)
    return digits if has_nip_checksum(digits) else None


def named_nip(text: str) -> str | None:
    """A number that is called a NIP passes as typed, so that a form can say that it is wrong."""
    return _digits(text)


def amount(text: str) -> str | None:
    """`1 299,00 zł` → `1299.00 PLN`."""
    currency = next((code for code, signs in _CURRENCIES.items() if re.search(signs, text)), None)
    figures = re.search(r"\d[\d\s.,]*", text)
    if currency is None or figures is None:
        return None
    number = re.sub(r"\s", "", figures.group()).rstrip(".,")
    whole, decimals = number, ""
    if match := re.fullmatch(r"(.*)[.,](\d{1,2})", number):
        whole, decimals = match.groups()
    return f"{_digits(whole)}.{decimals.ljust(2, '0')} {currency}"


def _calendar_day(day: int, month: int, year: int | None) -> str | None:
    """`2026-05-12`, or `--05-12` when no year is given (the form ISO 8601 had for it)."""
    try:
        datetime.date(year or 2024, month, day)  # 2024 is a leap year: 29 February is a day
    except ValueError:
        return None
    return f"{year:04d}-{month:02d}-{day:02d}" if year else f"--{month:02d}-{day:02d}"


def _full_year(text: str | None) -> int | None:
    if not text:
        return None
    return int(text) + 2000 if len(text) == 2 else int(text)


def _numeric_date(text: str) -> str | None:
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        return _calendar_day(int(match[3]), int(match[2]), int(match[1]))
    if match := re.fullmatch(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d{2}))?\.?", text):
        return _calendar_day(int(match[1]), int(match[2]), _full_year(match[3]))
    return None


def _named_month(text: str) -> str | None:
    day, month, year = re.search(r"\b(\d{1,2})(?!\d)", text), None, re.search(r"\b\d{4}\b", text)
    for word in re.findall(r"[a-z]{3,}", text):
        month = month or _MONTH_BY_START.get(word[:3])
    if day is None or month is None:
        return None
    return _calendar_day(int(day[1]), month, int(year[0]) if year else None)


def _distance(text: str) -> str | None:
    """`2 dni temu` → `-2 day`; `za tydzień` → `+1 week`."""
    sign = "-" if _AGO.search(text) else "+" if _AHEAD.search(text) else None
    unit = re.search(r"\b(d(?:ni|zien|ays?)|tyg\w*|tydzien|weeks?|mies\w*|months?)\b", text)
    if sign is None or unit is None:
        return None
    count = re.search(r"\d+", text)
    word = next((number for name, number in _NUMBER_WORDS.items() if re.search(rf"\b{name}\b", text)), 1)
    name = {"d": "day", "t": "week", "w": "week", "m": "month"}[unit[1][0]]
    return f"{sign}{int(count[0]) if count else word} {name}"


def date(text: str) -> str | None:
    """ISO for calendar days, English words for relative ones (`tomorrow`, `next friday`, `-2 day`)."""
    if found := _numeric_date(text) or _distance(text):
        return found
    for pattern, word in _WORDS.items():
        if re.search(rf"\b(?:{pattern})\b", text):
            side = "next " if _NEXT.search(text) else "last " if _LAST.search(text) else ""
            return side + word
    return _named_month(text)


# Texts come lower-cased and without diacritics.
NORMALISERS: dict[str, Callable[[str], str | None]] = {
    "order_number": order_number,
    "ticket_number": ticket_number,
    "tracking_number": tracking_number,
    "email": email,
    "phone": phone,
    "nip": nip,
    "amount": amount,
    "date": date,
}

# In place of the above where the context names the entity.
NAMED_NORMALISERS: dict[str, Callable[[str], str | None]] = {"nip": named_nip}
