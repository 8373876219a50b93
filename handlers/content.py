"""The editable content: the company's facts, answers, topics, forms, questions, names. Read from `nlu_data/`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from holidays import list_supported_countries
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, field_validator, model_validator
from pydantic_core import PydanticCustomError

from handlers.calendars import END_OF_DAY, Calendar
from handlers.cliches import Cliches
from handlers.content_file import ContentError, Fault, read_model
from handlers.desk_rules import DeskRules
from handlers.incident_rules import IncidentRules
from handlers.placeholders import fill, names_in
from handlers.rhythm import Rhythm, RhythmFile
from handlers.sla_policy import SlaRules
from handlers.survey_settings import SurveyRules
from handlers.templates import CASE_VARIABLES, Surroundings, Template
from handlers.tone_rules import ToneRules
from handlers.when import WEEKDAYS

FILES = "files"
TEMPLATES = "templates"
VARIABLES = frozenset(
    [
        "company",
        "shop_url",
        "email",
        "phone",
        "address",
        "service_points",
        "opening_hours",
        "next_opening",
        "privacy_url",
        "administrator",
        "free_delivery_from",
        "return_days",
        "warranty_years",
        "urgent_contact",
        "name",
    ]
)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Localised(Strict):
    """A short text in both languages; Polish wording that fits both registers."""

    pl: str
    en: str

    def in_language(self, language: str) -> str:
        return self.pl if language == "pl" else self.en


def _known_variables(wordings: tuple[str, ...]) -> tuple[str, ...]:
    for wording in wordings:
        if unknown := names_in(wording) - VARIABLES:
            given = {"value": f"{{{sorted(unknown)[0]}}}"}
            raise PydanticCustomError("variable", "unknown variable {value}", given)
        if {"{", "}"} & set(fill(wording, dict.fromkeys(VARIABLES, ""))):
            raise PydanticCustomError("brace", "a brace that belongs to no variable")
    return tuple(wording.strip() for wording in wordings)


Wordings = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_known_variables)]


class WordingsByVariant(Strict):
    pl: Wordings
    formal: Annotated[Wordings, Field(alias="pl@formal")]
    en: Wordings

    def of(self, variant: str) -> tuple[str, ...]:
        return {"pl": self.pl, "pl@formal": self.formal, "en": self.en}[variant]


class Answer(Strict):
    """One editable answer. Each language has a wording that needs neither the customer's name nor closed hours.

    After `expires_on` it is not given any more: a person answers. `file` is a document of each language, by its name in
    `files/`, that the customer can have with one tap.
    """

    intent: str
    owner: str
    review_by: date
    expires_on: date | None = None
    mandatory: bool = False
    next: tuple[str, ...] = Field(default=(), max_length=3)
    file: Localised | None = None
    wordings: WordingsByVariant

    @model_validator(mode="after")
    def _always_answers(self) -> Answer:
        for variant in ("pl", "pl@formal", "en"):
            if not any(names_in(wording).isdisjoint({"name", "next_opening"}) for wording in self.wordings.of(variant)):
                told = "{value}: no wording can be sent without a name or while open"
                raise PydanticCustomError("needs_plain", told, {"value": variant})
        return self

    @property
    def version(self) -> str:
        """Changes when, and only when, what a customer can be told changes."""
        return hashlib.sha256(self.wordings.model_dump_json().encode()).hexdigest()[:12]


def _no_variables(text: str) -> str:
    if "{" in text:
        raise PydanticCustomError("no_variables", "questions have no variables")
    return text


PlainText = Annotated[str, AfterValidator(_no_variables)]


class Question(Strict):
    pl: PlainText
    formal: Annotated[PlainText, Field(alias="pl@formal")]
    en: PlainText

    def of(self, variant: str) -> str:
        return {"pl": self.pl, "pl@formal": self.formal, "en": self.en}[variant].strip()


class FormField(Strict):
    """A fact a ticket needs and how it is asked for. `entity` tells an answer to it; `keep_words`: the answer says more
    than its entity (a day and an hour, several things), so it is kept as it was written."""

    label: Localised
    question: Question
    reask: Question | None = None
    entity: str | None = None
    keep_words: bool = False
    first_message_words: int | None = None


class Form(Strict):
    fields: tuple[str, ...] = ()
    priority: Literal["normal", "high"] = "normal"
    confirm: bool = True
    reply_within: int | None = None


class Forms(Strict):
    question_budget: int = Field(ge=1, le=10)
    reply_within: int = Field(ge=1)
    forms: dict[str, Form]

    def minutes_for(self, intent: str) -> int:
        form = self.forms.get(intent)
        return (form.reply_within if form else None) or self.reply_within


class Company(Strict):
    name: str
    shop_url: str
    email: str
    phone: str
    urgent_contact: Localised
    address: str
    service_points: Localised
    privacy_url: str
    privacy_version: str
    administrator: str
    free_delivery_from: Localised
    return_days: int
    warranty_years: int


class CalendarFile(Strict):
    zone: str
    country: str | None
    hours: dict[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], tuple[str, ...]]
    closed: tuple[date, ...] = ()

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise PydanticCustomError("zone", "no such time zone: {value}", {"value": value}) from error
        return value

    @field_validator("country")
    @classmethod
    def _known_country(cls, value: str | None) -> str | None:
        if value is not None and value not in list_supported_countries():
            raise PydanticCustomError("country", "no holidays are known for the country {value}", {"value": value})
        return value

    @field_validator("hours")
    @classmethod
    def _real_intervals(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for intervals in value.values():
            for before, after in pairwise(map(_interval, intervals)):
                if after[0] < before[1]:
                    raise PydanticCustomError(
                        "overlap",
                        "intervals overlap or stand in the wrong order: {value}",
                        {"value": ", ".join(intervals)},
                    )
        if not any(value.values()):
            raise PydanticCustomError("no_hours", "no day has opening hours")
        return value

    def to_calendar(self) -> Calendar:
        hours = {WEEKDAYS.index(day): tuple(map(_interval, intervals)) for day, intervals in self.hours.items()}
        return Calendar(ZoneInfo(self.zone), hours, self.country, frozenset(self.closed))


def _interval(text: str) -> tuple[time, time]:
    try:
        start, end = (_wall_clock(part.strip()) for part in text.split("-"))
    except (ValueError, TypeError) as error:
        raise PydanticCustomError("interval", 'not an interval like "8:00-18:00": {value}', {"value": text}) from error
    if start >= end:
        raise PydanticCustomError("interval_end", "the interval ends before it begins: {value}", {"value": text})
    return start, end


def _wall_clock(text: str) -> time:
    return END_OF_DAY if text == "24:00" else datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007


class FirstName(Strict):
    vocative: str
    sex: Literal["f", "m"]


class Names(RootModel[dict[str, FirstName]]):
    pass


class Topics(RootModel[dict[str, Localised]]):
    pass


class Fields(RootModel[dict[str, FormField]]):
    pass


@dataclass(frozen=True)
class Content:
    """Everything an admin edits, read at one time."""

    company: Company
    calendar: Calendar
    answers: Mapping[str, Answer]
    topics: Mapping[str, Localised]
    fields: Mapping[str, FormField]
    forms: Forms
    names: Mapping[str, FirstName]
    desk: DeskRules
    incidents: IncidentRules
    sla: SlaRules
    rhythm: Rhythm
    templates: Mapping[str, Template]
    cliches: Cliches
    tone: ToneRules
    surveys: SurveyRules

    def topic(self, intent: str, language: str) -> str:
        """What customers see it called; one that is gone, as it was named."""
        topic = self.topics.get(intent)
        return topic.in_language(language) if topic else intent.replace("_", " ")


def load_content(directory: Path) -> Content:
    """Reads and checks all of it. Raises `ContentError` naming file and line of the first mistake."""
    answers = {path.stem: read_model(path, Answer) for path in sorted((directory / "answers").glob("*.yml"))}
    topics = read_model(directory / "topics.yml", Topics).root
    fields = read_model(directory / "fields.yml", Fields).root
    calendar = read_model(directory / "calendar.yml", CalendarFile).to_calendar()
    content = Content(
        company=read_model(directory / "company.yml", Company),
        calendar=calendar,
        answers=answers,
        topics=topics,
        fields=fields,
        forms=read_model(directory / "forms.yml", Forms),
        names=read_model(directory / "names.yml", Names).root,
        desk=read_model(directory / "desk.yml", DeskRules),
        incidents=read_model(directory / "incidents.yml", IncidentRules),
        sla=read_model(directory / "sla.yml", SlaRules),
        rhythm=Rhythm(read_model(directory / "rhythm.yml", RhythmFile), calendar),
        templates=_load_templates(
            directory, known=VARIABLES | CASE_VARIABLES | fields.keys(), categories=topics.keys()
        ),
        cliches=read_model(directory / "cliches.yml", Cliches),
        tone=read_model(directory / "tone.yml", ToneRules),
        surveys=read_model(directory / "surveys.yml", SurveyRules),
    )
    _check_references(directory, content)
    return content


def _load_templates(directory: Path, known: Iterable[str], categories: Iterable[str]) -> dict[str, Template]:
    around = Surroundings(frozenset(known), frozenset(categories))
    paths = sorted((directory / TEMPLATES).glob("*.yml"))
    return {path.stem: read_model(path, Template, around) for path in paths}


def _check_references(directory: Path, content: Content) -> None:
    _check_answers(directory, content)
    _check_forms(directory, content)
    for file, names in (
        ("desk.yml", content.desk.categories),
        ("sla.yml", content.sla.categories),
        ("incidents.yml", content.incidents.spikes.ignore),
    ):
        if unknown := sorted(names - content.topics.keys()):
            raise ContentError(
                f"{directory / file}:1: {unknown[0]} is not in topics.yml", Fault("topic", "", {"value": unknown[0]})
            )
    if limit := content.sla.too_long(content.calendar):
        raise ContentError(
            f"{directory / 'sla.yml'}:1: {limit.minutes} minutes are more than half a year's hours",
            Fault("too_many_minutes", "", {"value": str(limit.minutes)}),
        )


def _check_answers(directory: Path, content: Content) -> None:
    for key, answer in content.answers.items():
        path = directory / "answers" / f"{key}.yml"
        if answer.intent != key:
            raise ContentError(f"{path}:1: intent is {answer.intent}, the file's name says {key}")
        for intent in answer.next:
            if intent not in content.topics:
                raise ContentError(f"{path}:1: next: {intent} is not in topics.yml")
        for name in (answer.file.pl, answer.file.en) if answer.file else ():
            if name != Path(name).name or not (directory / FILES / name).is_file():
                raise ContentError(f"{path}:1: file: there is no {name} in {directory / FILES}")


def _check_forms(directory: Path, content: Content) -> None:
    for name, form in content.forms.forms.items():
        if name not in content.topics:
            raise ContentError(
                f"{directory / 'forms.yml'}:1: {name} is not in topics.yml", Fault("topic", "", {"value": name})
            )
        for field in form.fields:
            if field not in content.fields:
                raise ContentError(
                    f"{directory / 'forms.yml'}:1: {name}: field {field} is not in fields.yml",
                    Fault("form_field", name, {"value": field}),
                )
