"""Templates: ready-made texts that agents send, as an admin keeps them in `templates/<name>.yml`.

A template's `{variables}` are known from the case (`CASE_VARIABLES`, the ticket's facts), from the company, or are its
own `asks`, which the agent fills in. A refusal always has a reason and something the customer can do instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from handlers.desk_rules import Label, Strict
from handlers.placeholders import fill, names_in

CASE_VARIABLES = frozenset({"agent", "ticket", "next_word"})
NOT_ALWAYS_KNOWN = frozenset({"name", "next_opening"})
"""Nobody can be asked for these: every template can also be sent without them."""
PARTS = ("reason", "option")
VARIANTS = ("pl", "pl@formal", "en")
TITLE_CHARACTERS = 75  # what Slack shows of an option


class TemplateKind(StrEnum):
    REPLY = "reply"
    REFUSAL = "refusal"


@dataclass(frozen=True)
class Surroundings:
    """What a template may name: variables known without asking, and categories of tickets."""

    variables: frozenset[str]
    categories: frozenset[str]


def _wording(text: str, info: ValidationInfo) -> str:
    parts = PARTS if info.data.get("kind") == TemplateKind.REFUSAL else ()
    for part in parts:
        if part not in names_in(text):
            raise ValueError(f"a refusal without its {{{part}}}")
    return _checked(text, info, parts)


def _checked(text: str, info: ValidationInfo, more: Iterable[str] = ()) -> str:
    """Only known variables, no stray brace, not empty. Needs the `Surroundings` as context."""
    known = {*_around(info).variables, *info.data.get("asks", ()), *more}
    if unknown := names_in(text) - known:
        raise ValueError(f"unknown variable {{{sorted(unknown)[0]}}}")
    if {"{", "}"} & set(fill(text, dict.fromkeys(known, ""))):
        raise ValueError("a brace that belongs to no {variable}")
    if not text.strip():
        raise ValueError("an empty text")
    return text.strip()


def _around(info: ValidationInfo) -> Surroundings:
    if not isinstance(info.context, Surroundings):
        raise TypeError("a template is read with its surroundings")
    return info.context


def _can_always_be_sent(wordings: tuple[str, ...]) -> tuple[str, ...]:
    if all(names_in(wording) & NOT_ALWAYS_KNOWN for wording in wordings):
        raise ValueError("no wording can be sent without a name or while open")
    return wordings


Wording = Annotated[str, AfterValidator(_wording)]
Wordings = Annotated[tuple[Wording, ...], Field(min_length=1), AfterValidator(_can_always_be_sent)]
VariableName = Annotated[str, Field(pattern="^[a-z][a-z_]*$")]


class Part(Strict):
    """A refusal's reason, or what the customer can do instead."""

    pl: str
    formal: Annotated[str, Field(alias="pl@formal")]
    en: str

    def of(self, variant: str) -> str:
        return {"pl": self.pl, "pl@formal": self.formal, "en": self.en}[variant].strip()


class Title(Label):
    pl: Annotated[str, Field(min_length=1, max_length=TITLE_CHARACTERS)]
    en: Annotated[str, Field(min_length=1, max_length=TITLE_CHARACTERS)]


class Template(Strict):
    """`asks`: what the agent fills in, by variable. Of the wordings the first is taken that needs nothing unknown.

    `categories`: the tickets it suits; it is offered first there, and can be used everywhere.
    """

    title: Title
    kind: TemplateKind
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    asks: Mapping[VariableName, Label] = Field(default_factory=dict)
    reason: Part | None = None
    option: Part | None = None
    pl: Wordings
    formal: Annotated[Wordings, Field(alias="pl@formal")]
    en: Wordings

    @field_validator("categories")
    @classmethod
    def _known_categories(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for category in value:
            if category not in _around(info).categories:
                raise ValueError(f"{category} is not in topics.yml")
        return value

    @field_validator("asks")
    @classmethod
    def _only_what_is_unknown(cls, value: Mapping[str, Label], info: ValidationInfo) -> Mapping[str, Label]:
        if taken := value.keys() & {*_around(info).variables, *PARTS}:
            raise ValueError(f"{{{sorted(taken)[0]}}} has a meaning already")
        return value

    @field_validator(*PARTS)
    @classmethod
    def _sound_part(cls, value: Part | None, info: ValidationInfo) -> Part | None:
        for text in (value.pl, value.formal, value.en) if value else ():
            if names_in(_checked(text, info)) & NOT_ALWAYS_KNOWN:
                raise ValueError("it can only be sent with a name or while closed")
        return value

    @model_validator(mode="after")
    def _refusals_have_parts(self) -> Template:
        for name, part in (("reason", self.reason), ("option", self.option)):
            if (part is None) is (self.kind is TemplateKind.REFUSAL):
                raise ValueError(f"{name}: every refusal has one, and nothing else has")
        return self

    @model_validator(mode="after")
    def _every_wording_has_all_that_is_asked(self) -> Template:
        for variant in VARIANTS:
            for wording in self.wordings_of(variant):
                if unused := self.asks.keys() - names_in(wording):
                    raise ValueError(f"{variant}: a wording without {{{sorted(unused)[0]}}}, which the agent fills in")
        return self

    def wordings_of(self, variant: str) -> tuple[str, ...]:
        """Whole texts, a refusal's reason and option in their places."""
        wordings = {"pl": self.pl, "pl@formal": self.formal, "en": self.en}[variant]
        for name, part in (("{reason}", self.reason), ("{option}", self.option)):
            if part is not None:
                wordings = tuple(wording.replace(name, part.of(variant)) for wording in wordings)
        return wordings

    @property
    def version(self) -> str:
        """Changes when, and only when, what a customer can be told changes."""
        said = self.model_dump_json(include={"reason", "option", "pl", "formal", "en"})
        return hashlib.sha256(said.encode()).hexdigest()[:12]
