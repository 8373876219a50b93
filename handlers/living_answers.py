"""Answers and thresholds as admins edit them, and which answers need somebody's eye."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.bands import Bands, Thresholds, ThresholdsError
from handlers.content import Answer, Content, Localised
from handlers.content_file import Fault, fault_of
from handlers.content_history import Editor, begin, commit
from handlers.errors import SupportError
from handlers.intents import FAQ
from handlers.living_state import State, Subject, of_answer, of_thresholds
from storage import training
from storage.training import Change

REVIEW_SOON_DAYS = 14
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNWRITABLE = re.compile("[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
REQUIRED_BY_LAW = frozenset({"return_policy", "warranty_policy", "privacy_policy"})
"""Returns, complaints, personal data: a shop has to tell its customers about them (R104)."""


class AnswerRefused(SupportError):
    """What is wrong with the answer: by field (`wordings.pl.1`, `owner` …), in words; `faults`: the same as data,
    as far as it is known."""

    def __init__(self, problems: Mapping[str, str], faults: Mapping[str, Fault] | None = None) -> None:
        self.problems, self.faults = dict(problems), dict(faults or {})
        super().__init__("; ".join(f"{field}: {words}" for field, words in self.problems.items()))


@dataclass(frozen=True)
class Living:
    """What the running bot takes from the database. `change`: the newest edit that is in it."""

    change: int
    answers: Mapping[str, Answer]
    titles: Mapping[str, Localised]
    thresholds: Thresholds | None


async def read_living(session: AsyncSession) -> Living | None:
    """None where nothing was seeded yet."""
    change = await training.newest_change(session)
    if not change:
        return None
    bands = await training.thresholds(session)
    return Living(
        change,
        {row.key: Answer.model_validate(row.body) for row in await training.answers(session)},
        {row.name: Localised(**row.title) for row in await training.intents(session) if row.title},
        Thresholds({row.language: Bands(row.act, row.ask) for row in bands}) if bands else None,
    )


def body_of(answer: Answer) -> dict[str, Any]:
    """As it is stored: JSON, without what is not there."""
    return answer.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"next": list(answer.next)}


async def set_answer(
    editor: Editor, key: str, content: Content, seen: int | None = None, **fields: Any
) -> Change | None:
    """Changes these fields of the answer (`wordings` by variant, `owner`, `review_by`, `expires_on`, `mandatory`,
    `next`, `file`), or writes it anew; None: nothing is different. Raises `AnswerRefused`, `ChangedMeanwhile`."""
    await begin(editor, Subject.ANSWER, key, seen)
    old = of_answer((await training.lock_answers(editor.session, [key])).get(key))
    new = body_of(checked(key, {**(old or {}), **fields}, content))
    if new == old:
        return None
    intents = await training.lock_intents(editor.session, [key])
    if key not in intents or intents[key].removed_at is not None:
        raise AnswerRefused({"intent": f"there is no intent called {key}"})
    before, after = State(answers={key: old}), State(answers={key: new})
    return await commit(editor, "answer_set", Subject.ANSWER, key, before, after)


async def remove_answer(editor: Editor, key: str, seen: int | None = None) -> Change:
    """Raises `AnswerRefused` for one that the code needs, `ChangedMeanwhile`."""
    await begin(editor, Subject.ANSWER, key, seen)
    old = of_answer((await training.lock_answers(editor.session, [key])).get(key))
    if key in FAQ or old is None:
        raise AnswerRefused({"intent": "the bot needs this answer" if old else "there is no such answer"})
    before, after = State(answers={key: old}), State(answers={key: None})
    return await commit(editor, "answer_removed", Subject.ANSWER, key, before, after)


def checked(key: str, fields: Mapping[str, Any], content: Content) -> Answer:
    """Raises `AnswerRefused` naming each field that is wrong."""
    try:
        answer = Answer.model_validate({**_writable(dict(fields)), "intent": key})
    except ValidationError as error:
        problems = {".".join(map(str, one["loc"])): one["msg"].removeprefix("Value error, ") for one in error.errors()}
        faults = {fault.where: fault for fault in map(fault_of, error.errors())}
        raise AnswerRefused(problems, faults) from error
    if unknown := sorted(set(answer.next) - content.topics.keys()):
        raise AnswerRefused({"next": f"there is no topic called {', '.join(unknown)}"})
    return answer


def _writable(value: Any) -> Any:
    """Without what no database or YAML file can carry; every kind of line end as one."""
    match value:
        case str():
            return _UNWRITABLE.sub("", _LINE_END.sub("\n", value).replace("\t", " "))
        case Mapping():
            return {name: _writable(part) for name, part in value.items() if part is not None}
        case list() | tuple():
            return [_writable(part) for part in value]
        case _:
            return value


async def set_thresholds(editor: Editor, language: str, act: float, ask: float, seen: int | None = None) -> Change:
    """Raises `ChangedMeanwhile`, `ThresholdsError`."""
    if language not in {"pl", "en"}:
        raise ThresholdsError(f"there is no language {language}")
    Bands(act, ask)
    await begin(editor, Subject.THRESHOLDS, language, seen)
    old = of_thresholds((await training.lock_thresholds(editor.session, [language])).get(language))
    before, after = State(thresholds={language: old}), State(thresholds={language: {"act": act, "ask": ask}})
    return await commit(editor, "thresholds_set", Subject.THRESHOLDS, language, before, after)


class Trouble(StrEnum):
    """Worst first."""

    MISSING = "missing"
    EXPIRED = "expired"
    REVIEW_DUE = "review_due"
    EXPIRES_SOON = "expires_soon"
    REVIEW_SOON = "review_soon"


@dataclass(frozen=True)
class Flag:
    """An answer somebody should look at; `day`: since or by when."""

    key: str
    trouble: Trouble
    mandatory: bool
    owner: str | None = None
    day: date | None = None


def required(answers: Mapping[str, Answer]) -> frozenset[str]:
    """What the law wants to be there."""
    return REQUIRED_BY_LAW | {key for key, answer in answers.items() if answer.mandatory}


def flags(answers: Mapping[str, Answer], today: date) -> list[Flag]:
    """Worst first, and of equals what the law requires (R65 R104)."""
    law = required(answers)
    found = [Flag(key, Trouble.MISSING, key in law) for key in (FAQ | REQUIRED_BY_LAW) - answers.keys()]
    for key, answer in sorted(answers.items()):
        expiry = answer.expires_on
        if expiry is not None and (expiry < today or (expiry - today).days <= REVIEW_SOON_DAYS):
            trouble = Trouble.EXPIRED if expiry < today else Trouble.EXPIRES_SOON
            found.append(Flag(key, trouble, key in law, answer.owner, expiry))
        if (answer.review_by - today).days <= REVIEW_SOON_DAYS:
            trouble = Trouble.REVIEW_DUE if answer.review_by < today else Trouble.REVIEW_SOON
            found.append(Flag(key, trouble, key in law, answer.owner, answer.review_by))
    order = list(Trouble)
    return sorted(found, key=lambda flag: (order.index(flag.trouble), not flag.mandatory, flag.key))
