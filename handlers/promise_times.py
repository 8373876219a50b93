"""Times as people say them to come: "jutro do 12", "w ciągu godziny", "by Friday". Pure.

Words are looked for in text that is lower-case and without diacritics. Wall-clock times are the shop's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from handlers.calendars import Calendar
from handlers.rhythm import TimesOfDay

CLOSING = time(18)
"""The end of a day on which we are closed."""
MOST_AHEAD = timedelta(days=120)
LATE_HOURS = 7
"""An hour below this, said without am or pm, is one of the afternoon."""
NOON = time(12)
MONTHS = {
    "pl": ("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "wrzesnia",
           "pazdziernika", "listopada", "grudnia"),
    "en": ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december"),
}  # fmt: skip
WEEKDAYS = {
    "pl": (r"poniedzial\w+", r"wtor\w+", r"srod\w+", r"czwart\w+", r"piat\w+", r"sobot\w+", r"niedziel\w+"),
    "en": ("mondays?", "tuesdays?", "wednesdays?", "thursdays?", "fridays?", "saturdays?", "sundays?"),
}
NUMBERS = {
    "jeden": 1, "jednego": 1, "jednej": 1, "jedna": 1, "dwa": 2, "dwie": 2, "dwoch": 2, "trzy": 3, "trzech": 3,
    "cztery": 4, "czterech": 4, "piec": 5, "pieciu": 5, "szesc": 6, "siedem": 7, "siedmiu": 7, "dziesiec": 10,
    "dziesieciu": 10, "pietnascie": 15, "pietnastu": 15, "dwadziescia": 20, "trzydziesci": 30,
    "a": 1, "an": 1, "one": 1, "two": 2, "a couple of": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30,
}  # fmt: skip
SPOKEN_HOURS = {
    "osmej": 8, "dziewiatej": 9, "dziesiatej": 10, "jedenastej": 11, "dwunastej": 12, "trzynastej": 13,
    "czternastej": 14, "pietnastej": 15, "szesnastej": 16, "siedemnastej": 17, "osiemnastej": 18, "pierwszej": 13,
    "drugiej": 14, "trzeciej": 15, "czwartej": 16, "piatej": 17, "szostej": 18,
}  # fmt: skip
_SOME = "|".join(sorted(NUMBERS, key=len, reverse=True))
_PAST = {"pl": r"(?:zeszl\w+|ubiegl\w+|ostatni\w*|minion\w+|tamt\w+) ", "en": r"last "}
_NEXT = {"pl": r"(?:przyszl\w+|nastepn\w+) ", "en": r"next "}


def _dates(language: str) -> re.Pattern[str]:
    months = "|".join(MONTHS[language])
    if language == "pl":
        return re.compile(
            rf"\b(?P<day>\d{{1,2}})(?: (?P<name>{months})|\.(?P<month>\d{{1,2}})(?:\.(?:\d{{4}})?)?(?!\d))"
        )
    named = rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<name>{months})"
    return re.compile(rf"\b(?:{named}|(?P<name2>{months}) (?:the )?(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?)\b")


_DATES = {language: _dates(language) for language in MONTHS}
_DURATIONS = {
    "pl": re.compile(
        rf"\b(?:za|w ciagu|w przeciagu|przez|w|do) (?:najblizsz\w+ |nastepn\w+ |kolejn\w+ )?"
        rf"(?:(?P<half>pol(?= godz)|poltorej)|(?P<n>\d{{1,3}}|{_SOME}))?(?: |(?=h\b|kwadrans|godzin))?(?: )?"
        r"(?P<unit>min(?:ut\w*)?|kwadrans\w*|godz(?:in\w*)?|h|dni roboczych|dnia roboczego|dzien roboczy|dni|dzien|dnia"
        r"|dob\w|tydzien|tygodni\w*)\b(?! ?\d)"
    ),
    "en": re.compile(
        rf"\b(?:within|in|over)(?: the next)? (?:(?P<half>half an?|an hour and a half)|(?P<n>\d{{1,3}}|{_SOME}))?[ -]?"
        r"(?P<unit>min(?:ute)?s?|hours?|hrs?|h|business days?|working days?|days?|weeks?)\b"
    ),
}
_CLOCKS = {
    "pl": re.compile(
        r"\b(?:do|o|przed|po|okolo|kolo|ok\.?|a|na|najpozniej|od) (?:godz\w*\.? *)?"
        r"(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?(?![\d:%]|[.]\d)"
        r"(?! ?(?:zl\w*|szt\w*|dni\w*|min\w*|godz\w*|h\b|pln|eur|kg|rob\w*))"
    ),
    "en": re.compile(
        r"\b(?:(?:by|at|before|around|until|till|about|than|and|to) )?(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?"
        r"(?: ?(?P<half>am|pm)\b| ?o.?clock)"
        r"|\b(?:by|at|before|around|until|till|than) (?P<hour2>\d{1,2})(?:[:.](?P<minute2>[0-5]\d))?"
        r"(?![\d:%]|[.]\d)(?! ?(?:eur|pln|usd|min\w*|hours?|days?|items?|pieces?))"
    ),
}
_SPOKEN = re.compile(rf"\b(?:do|o|przed|okolo|kolo) (?P<name>{'|'.join(SPOKEN_HOURS)})\b")
_PARTS = {
    "pl": (
        ("morning", re.compile(r"\b(?:(?:z samego |z |do )?ran(?:o|a)|o poranku)\b")),
        ("noon", re.compile(r"\b(?:w poludnie|do poludnia|przed poludniem|kolo poludnia)\b")),
        ("afternoon", re.compile(r"\bpo ?poludni\w*\b")),
        ("evening", re.compile(r"\b(?:wieczor\w*)\b")),
    ),
    "en": (
        ("noon", re.compile(r"\b(?:noon|midday|lunchtime)\b")),
        ("afternoon", re.compile(r"\bafternoon\b")),
        ("morning", re.compile(r"\b(?:morning|first thing)\b")),
        ("evening", re.compile(r"\b(?:evening|tonight)\b")),
    ),
}
_CLOSE = {
    "pl": re.compile(r"\bkonca? (?:(?:dzisiejszego|jutrzejszego) )?(?:dnia|pracy|dniowki)\b|\bw ciagu dnia\b"),
    "en": re.compile(
        r"\b(?:end of (?:the )?(?:business )?(?:day|today|tomorrow|business)|eod|cob|close of business)\b"
    ),
}
_DAYS = {
    "pl": (
        (r"\bpojutrz\w*\b", 2), (r"\b(?:(?<!od )jutra|jutro|jutrzejsz\w+)\b", 1),
        (r"\b(?:dzis|dzisiaj|dzisiejsz\w+)\b", 0),
    ),
    "en": ((r"\bday after tomorrow\b", 2), (r"\btomorrow\b", 1), (r"\btoday\b", 0)),
}  # fmt: skip
_WEEKS = {
    "pl": (
        (re.compile(r"\b(?:na poczatku|poczatk\w+) (?:przyszlego|nastepnego) tygodnia\b"), 1, 1),
        (re.compile(r"\b(?:w |do konca )?(?:przyszl\w+|nastepn\w+) tygodni\w+\b"), 1, 4),
        (re.compile(r"\b(?:konca tygodnia|w tym tygodniu|tego tygodnia)\b"), 0, 4),
    ),
    "en": (
        (re.compile(r"\b(?:early|beginning of|start of) next week\b"), 1, 1),
        (re.compile(r"\bnext week\b"), 1, 4),
        (re.compile(r"\b(?:end of (?:the|this) week|this week|eow)\b"), 0, 4),
    ),
}


@dataclass(frozen=True)
class When:
    """A time, and where in the text it stands: the parts that name it."""

    due_at: datetime
    spans: tuple[tuple[int, int], ...]


@dataclass
class _Reading:
    """A clause as it is read: what has been understood is blanked out, so that nothing counts twice."""

    text: str
    spans: list[tuple[int, int]]

    def take(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        for match in pattern.finditer(self.text):
            self.text = self.text[: match.start()] + " " * len(match[0]) + self.text[match.end() :]
            self.spans.append(match.span())
            yield match


def when(clause: str, language: str, now: datetime, calendar: Calendar, times: TimesOfDay) -> When | None:
    """The latest time that the clause names; None: none, or one that has passed or is far away."""
    local = now.astimezone(calendar.zone)
    reading = _Reading(clause, [])
    lasting = [_after(match, local, calendar) for match in _durations(reading, language)]
    is_close = any(True for _ in reading.take(_CLOSE[language]))
    parts = list(_parts_of_day(reading, language, times))
    days = list(_days(reading, language, local.date()))
    clocks = parts + list(_clocks(reading, language))
    found = list(lasting)
    if is_close and not clocks:
        day = max(days, default=local.date())
        found.append(_closing(day, calendar))
    elif days:
        day = max(days)
        found.append(_at(day, max(clocks), calendar) if clocks else _closing(day, calendar))
    elif clocks and not lasting:
        found.append(_next(max(clocks), local, calendar))
    due = max(found, default=None)
    if due is None or not now < due <= now + MOST_AHEAD:
        return None
    return When(due.astimezone(now.tzinfo), tuple(reading.spans))


def _at(day: date, at: time, calendar: Calendar) -> datetime:
    return datetime.combine(day, at, calendar.zone)


def _closing(day: date, calendar: Calendar) -> datetime:
    """When we close on that day."""
    open_times = calendar.intervals_on(day)
    return open_times[-1][1].astimezone(calendar.zone) if open_times else _at(day, CLOSING, calendar)


def _next(at: time, local: datetime, calendar: Calendar) -> datetime:
    """That time of day, today or else tomorrow."""
    today = _at(local.date(), at, calendar)
    return today if today > local else _at(local.date() + timedelta(days=1), at, calendar)


def _durations(reading: _Reading, language: str) -> list[re.Match[str]]:
    """ "w 3 dni", but not "w dni robocze"; "do godziny", but not "do godziny 12"."""
    found = []
    for match in list(_DURATIONS[language].finditer(reading.text)):
        bare = match["n"] is None and match["half"] is None
        word = match[0].split(" ")[0]
        if bare and (word not in {"za", "w", "do", "within"} or (word in {"w", "do"} and not _is_within(match))):
            continue
        if word in {"do", "przez"} and not bare and not match["unit"].startswith(("godz", "min", "h", "dni", "dob")):
            continue
        start, end = match.span()
        reading.text = reading.text[:start] + " " * (end - start) + reading.text[end:]
        reading.spans.append((start, end))
        found.append(match)
    return found


def _is_within(match: re.Match[str]) -> bool:
    """ "w ciągu godziny", "do godziny"."""
    return match[0].startswith(("w ciagu", "w przeciagu")) or match["unit"] in {"godziny", "tygodnia", "kwadransa"}


def _after(match: re.Match[str], local: datetime, calendar: Calendar) -> datetime:
    half, unit = match["half"], match["unit"]
    count = 1 if match["n"] is None else NUMBERS.get(match["n"]) or int(match["n"])
    if unit.startswith(("min",)):
        return local + timedelta(minutes=count)
    if unit.startswith("kwadrans"):
        return local + timedelta(minutes=15 * count)
    if unit.startswith(("godz", "h")):
        minutes = {None: 60 * count, "poltorej": 90, "an hour and a half": 90}.get(half, 30)
        return _later(local, timedelta(minutes=minutes))
    if unit.startswith("dob"):
        return _later(local, timedelta(days=count))
    if "robocz" in unit or unit.startswith(("business", "working")):
        return _closing(_working_days(local.date(), count, calendar), calendar)
    days = 7 * count if unit.startswith(("ty", "week")) else count
    return _closing(local.date() + timedelta(days=days), calendar)


def _later(local: datetime, length: timedelta) -> datetime:
    """Real time, also over a change of the clocks."""
    zone = local.tzinfo
    return datetime.fromtimestamp((local + timedelta()).timestamp() + length.total_seconds(), zone)


def _working_days(day: date, count: int, calendar: Calendar) -> date:
    for _ in range(MOST_AHEAD.days):
        if not count:
            break
        day += timedelta(days=1)
        count -= bool(calendar.intervals_on(day))
    return day


def _days(reading: _Reading, language: str, today: date) -> Iterator[date]:
    for pattern, weeks, weekday in _WEEKS[language]:
        for _ in reading.take(pattern):
            monday = today - timedelta(days=today.weekday())
            day = monday + timedelta(weeks=weeks, days=weekday)
            yield day if day >= today else day + timedelta(weeks=1)
    for match in reading.take(_DATES[language]):
        if found := _date(match, language, today):
            yield found
    for pattern_text, distance in _DAYS[language]:
        for _ in reading.take(re.compile(pattern_text)):
            yield today + timedelta(days=distance)
    for weekday, name in enumerate(WEEKDAYS[language]):
        pattern = re.compile(rf"(?P<past>{_PAST[language]})?(?P<next>{_NEXT[language]})?\b(?<!od ){name}\b")
        for match in reading.take(pattern):
            if match["past"] is None:
                yield _weekday(weekday, today, is_next_week=match["next"] is not None)


def _weekday(weekday: int, today: date, *, is_next_week: bool) -> date:
    """The first one to come; "next Friday" is that of the next week."""
    monday = today - timedelta(days=today.weekday())
    if is_next_week:
        return monday + timedelta(weeks=1, days=weekday)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _date(match: re.Match[str], language: str, today: date) -> date | None:
    read = {name: value for name, value in match.groupdict().items() if value is not None}
    day = int(read.get("day") or read["day2"])
    name = read.get("name") or read.get("name2")
    month = MONTHS[language].index(name) + 1 if name else int(read["month"])
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        if found >= today:
            return found
    return None


def _parts_of_day(reading: _Reading, language: str, times: TimesOfDay) -> Iterator[time]:
    for name, pattern in _PARTS[language]:
        for _ in reading.take(pattern):
            yield getattr(times, name)


def _clocks(reading: _Reading, language: str) -> Iterator[time]:
    if language == "pl":
        for match in reading.take(_SPOKEN):
            yield time(SPOKEN_HOURS[match["name"]])
    for match in reading.take(_CLOCKS[language]):
        if (found := _clock(match)) is not None:
            yield found


def _clock(match: re.Match[str]) -> time | None:
    read = {name: value for name, value in match.groupdict().items() if value is not None}
    hour = int(read.get("hour") or read["hour2"])
    minute = int(read.get("minute") or read.get("minute2") or 0)
    half = read.get("half")
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    elif half is None and 0 < hour < LATE_HOURS:
        hour += 12
    return time(hour, minute) if hour < 24 else None
