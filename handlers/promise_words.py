"""Recognises what an agent promises a customer, and for when: "odpiszę jutro do 12", "I'll let you know by Friday".

Pure. A promise is a phrase in which we say that we will do something, and in the same clause a time. A time without a
promise ("zamówienie było wczoraj o 12"), a condition, a question, a refusal and somebody else's words are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from handlers import promise_times
from handlers.calendars import Calendar
from handlers.promise_times import When
from handlers.rhythm import TimesOfDay

_PLAIN = str.maketrans("ąćęłńóśźż’‘", "acelnoszz''")
_QUOTED = re.compile(r"„[^„”“\"]*[”“\"]|“[^“”]*”|«[^«»]*»|\"[^\"]*\"|^>.*$", re.MULTILINE)
_DOTS = re.compile(r"\b(?:godz|ok|tel|nr|ul|np|tzn|m\.in|a\.m|p\.m)\.|\d\.(?=\d)", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?…\n;]+[.!?…\n;]*")
_CLAUSE = re.compile(r"[^,–()]+")
_SUBORDINATE = {
    "pl": re.compile(
        r"^(?:a |i |ale |wiec )?"
        r"(?:jesli|jezeli|jak|jak tylko|gdy|gdyby|kiedy|zanim|dopoki|o ile|chyba|czy|ktor\w+|poniewaz|bo)\b"
    ),
    "en": re.compile(
        r"^(?:and |but |so )?(?:if|when|once|unless|whether|which|who|as soon as|in case|before|because)\b"
    ),
}
_THAT = {"pl": re.compile(r"^ze\b"), "en": re.compile(r"^that\b")}
_GIVES_WORD = re.compile(
    r"\b(?:obiecuj\w+|zapewniam\w*|gwarantuj\w+|daj\w+ slowo|i promise|we promise|i (?:can )?assure|guarantee)\b"
)
_SPLIT = {
    "pl": re.compile(r"\b(?=(?:jesli|jezeli|gdy|jak tylko|o ile|chyba ze|zanim|poniewaz)\b)"),
    "en": re.compile(r"\b(?=(?:if|unless|once|as soon as|in case|because|whether)\b)"),
}

_FIRST_PERSON = (
    "odpiszę", "odpowiem", "napiszę", "sprawdzę", "potwierdzę", "prześlę", "wyślę", "przekażę", "oddzwonię",
    "zadzwonię", "poinformuję", "powiadomię", "ustalę", "wyjaśnię", "załatwię", "zrobię", "zwrócę", "zlecę", "podam",
    "dopytam", "zapytam", "przygotuję", "dostarczę", "rozwiążę", "podeślę", "doślę", "uzupełnię", "poprawię",
    "przeleję", "wystawię", "naprawię", "nadam", "wymienię", "zamówię", "dowiem się", "zgłoszę", "zajmę się",
    "odezwę się", "skontaktuję się",
)  # fmt: skip
_FIRST_PLURAL = (
    "odpiszemy", "odpowiemy", "napiszemy", "sprawdzimy", "potwierdzimy", "prześlemy", "wyślemy", "przekażemy",
    "oddzwonimy", "zadzwonimy", "poinformujemy", "powiadomimy", "ustalimy", "wyjaśnimy", "załatwimy", "zrobimy",
    "zwrócimy", "zlecimy", "podamy", "dopytamy", "zapytamy", "przygotujemy", "dostarczymy", "rozwiążemy", "podeślemy",
    "doślemy", "uzupełnimy", "poprawimy", "przelejemy", "wystawimy", "naprawimy", "nadamy", "wymienimy", "zamówimy",
    "dowiemy się", "zgłosimy", "zajmiemy się", "odezwiemy się", "skontaktujemy się",
)  # fmt: skip
_WHAT_COMES = r"(?:odpowiedz\w*|wiadomosc\w*|informacj\w+|zwrot\w*|potwierdzeni\w+|decyzj\w+|ode mnie|od nas)"
_PL_MORE = (
    r"da(?:m|my) (?:\w+ ){0,2}?znac",
    r"wroc(?:e|imy) (?:\w+ )?(?:do|z)\b",
    r"(?:odezwe|skontaktuje|zajme|dowiem|odezwiemy|skontaktujemy|zajmiemy|dowiemy) (?:\w+ ){0,2}sie",
    r"sie (?:\w+ ){0,2}(?:odezwe|skontaktuje|zajme|dowiem|odezwiemy|skontaktujemy|zajmiemy|dowiemy)",
    r"postara(?:m|my) sie (?:\w+ ){0,3}\w+c\b",
    r"bed(?:e|ziemy) (?:\w+ ){0,3}(?:wiedzi\w+|mial\w*|miec|mieli)",
    rf"(?:dostanie|otrzyma|bedzie)(?:sz|cie)? (?:\w+ ){{0,3}}{_WHAT_COMES}",
    rf"{_WHAT_COMES} (?:\w+ ){{0,3}}(?:bedzie|dostanie|otrzyma|przyjdzie|wyjdzie|wyslemy|wysle)(?:sz|cie)?\b",
)
_EN_DO = (
    r"get back|let you know|let you have|reply|respond|answer|write|call|phone|ring|send|check|confirm|update|e-?mail"
    r"|have|come back|follow up|be in touch|be back|find out|sort|refund|fix|ship|look into|tell you|inform|contact"
    r"|forward|arrange|issue|resolve|message|prepare|finish|do|give you|return|replace|process|know"
)
_EN = (
    rf"\b(?:i|we)(?:'ll| will|'m going to| am going to|'re going to| are going to|'ll try to| will try to)"
    rf"(?: also| then| definitely| certainly| try to| make sure to| aim to)* (?:{_EN_DO})\b",
    r"\byou(?:'ll| will)(?: then| certainly)? (?:hear (?:back )?from|have|get|receive) (?:\w+ ){0,2}"
    r"(?:me|us|answer|reply|refund|confirmation|update|decision|e-?mail|message)\b",
    r"\b(?:a|an|the|your) (?:reply|answer|refund|confirmation|update|decision) will (?:be|come|go|reach)\b",
    r"\b(?:expect (?:a|an|my|our) (?:reply|answer|call|update|e-?mail))\b",
)


def _polish(with_marks: bool) -> re.Pattern[str]:
    """Without diacritics "odpisze" may be anybody's, so it is read as ours only where none are used at all."""
    spelt = (*_FIRST_PERSON, *_FIRST_PLURAL) if with_marks else _FIRST_PERSON + _FIRST_PLURAL
    words = [one if with_marks else one.translate(_PLAIN) for one in spelt]
    return re.compile(rf"\b(?:{'|'.join(sorted(words, key=len, reverse=True))})\b")


_PL_WORDS = {True: _polish(True), False: _polish(False)}
_PL_PHRASES = re.compile(rf"\b(?:{'|'.join(_PL_MORE)})")
_EN_PHRASES = re.compile("|".join(_EN))
_REFUSED = re.compile(r"\b(?:nie|not|never)\s+(?:\w+\s+)?$")
_FILLERS = re.compile(
    r"\b(?:najpozniej|prawdopodobnie|moze|jeszcze|juz|at the latest|latest|probably|hopefully|to|a)\b"
)


@dataclass(frozen=True)
class Found:
    """The clause that promises something, as it was written, and when that is due."""

    words: str
    due_at: datetime


@dataclass(frozen=True)
class _Clause:
    """`written` and `plain` have the same length; `promises`: we say in it that we will do something."""

    written: str
    plain: str
    promises: bool
    when: When | None

    @property
    def is_mere_time(self) -> bool:
        """Nothing but when: it belongs to what stands beside it."""
        if self.when is None:
            return False
        rest = list(self.plain)
        for start, end in self.when.spans:
            rest[start:end] = " " * (end - start)
        return len(re.findall(r"\w+", _FILLERS.sub(" ", "".join(rest)))) <= 1


def find(text: str, language: str, now: datetime, calendar: Calendar, times: TimesOfDay) -> tuple[Found, ...]:
    """Every promise with a time still to come, in the order they stand; of the same time only the first."""
    found: dict[datetime, Found] = {}
    with_marks = re.search("[ąćęłńóśźż]", text.lower()) is not None

    def read_time(clause: str) -> When | None:
        return promise_times.when(clause, language, now, calendar, times)

    for sentence in _sentences(text):
        clauses = list(_clauses(sentence, language, read_time, with_marks))
        for one in _promised(clauses, read_time):
            found.setdefault(one.due_at, one)
    return tuple(found.values())


def _sentences(text: str) -> Iterator[str]:
    """Those that are no questions, without what is quoted."""
    own = _QUOTED.sub(lambda match: " " * len(match[0]), text)
    own = _DOTS.sub(lambda match: match[0][:-1].replace(".", "\0") + ("\0" if match[0][0].isdigit() else " "), own)
    for match in _SENTENCE.finditer(own):
        if "?" not in match[0]:
            yield match[0].replace("\0", ".").rstrip(".!…;\n ")


def _clauses(
    sentence: str, language: str, read_time: Callable[[str], When | None], with_marks: bool
) -> Iterator[_Clause]:
    gave_word = False
    for part in _CLAUSE.findall(sentence):
        for written in _parted(part, language):
            plain = written.lower().translate(_PLAIN)
            is_other = _SUBORDINATE[language].match(plain) or (_THAT[language].match(plain) and not gave_word)
            promises = not is_other and _promises(written.lower(), plain, language, with_marks)
            read = re.sub(r"\b([ap])[. ]m\b", r"\1m ", plain)
            when = None if is_other else read_time(read)
            yield _Clause(written, read, promises, when)
            gave_word = _GIVES_WORD.search(plain) is not None


def _parted(part: str, language: str) -> list[str]:
    """A condition is a clause of its own, also without a comma before it."""
    plain = part.lower().translate(_PLAIN)
    starts = [match.start() for match in _SPLIT[language].finditer(plain) if match.start() > 0]
    edges = [0, *starts, len(part)]
    return [stripped for start, end in pairwise(edges) if (stripped := part[start:end].strip())]


def _promises(lower: str, plain: str, language: str, with_marks: bool) -> bool:
    if language == "pl":
        words = _PL_WORDS[with_marks].finditer(lower if with_marks else plain)
        return any(not _REFUSED.search(plain[: match.start()]) for match in (*words, *_PL_PHRASES.finditer(plain)))
    return any(not _REFUSED.search(plain[: match.start()]) for match in _EN_PHRASES.finditer(plain))


def _promised(clauses: list[_Clause], read_time: Callable[[str], When | None]) -> Iterator[Found]:
    """A clause that promises and says when; or one that promises beside one that says nothing but when."""
    for at, clause in enumerate(clauses):
        if not clause.promises:
            continue
        beside = [one for one in clauses[max(at - 2, 0) : at + 3] if one is not clause and one.is_mere_time]
        together = [one for one in clauses if one is clause or one in beside]
        due = read_time(" ".join(one.plain for one in together))
        if due is not None:
            yield Found(", ".join(one.written for one in together), due.due_at)
