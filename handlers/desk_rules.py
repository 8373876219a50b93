"""How the agents' desk works, as an admin sets it in `desk.yml`: where tickets go, who is asked, what may be chosen."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Language = Literal["pl", "en"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(Strict):
    """A short text in both languages."""

    pl: str
    en: str

    def in_language(self, language: str) -> str:
        return self.pl if language == "pl" else self.en


class Tier(StrEnum):
    """How a customer is to be served; later ones go before earlier ones."""

    MASS = "mass"
    B2C = "b2c"
    B2B = "b2b"
    PREMIUM = "premium"


class Place(Strict):
    """A desk channel for the tickets that fit all that is named; what is not named fits every ticket."""

    channel: str
    categories: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    tiers: tuple[Tier, ...] = ()

    def fits(self, category: str, language: str, tier: str) -> bool:
        wanted = ((self.categories, category), (self.languages, language), (self.tiers, tier))
        return all(not allowed or value in allowed for allowed, value in wanted)


class Call(StrEnum):
    """Whom a step of the ladder turns to: the one whose turn it is, a group, the leads."""

    AGENT = "agent"
    GROUP = "group"
    LEADS = "leads"


class Step(Strict):
    """Nobody has taken the ticket for so many working minutes: these are called, and perhaps the customer told."""

    after_minutes: Annotated[int, Field(ge=0)]
    call: Call
    tell_customer: bool = False

    @property
    def after(self) -> timedelta:
        return timedelta(minutes=self.after_minutes)


class Assignment(Strict):
    """`offer`: a ticket for a person is given to an agent in turn. A customer who is back within `sticky_days` goes to
    the agent they had."""

    offer: bool = True
    sticky_days: Annotated[int, Field(ge=0)] = 30


class DeskRules(Strict):
    """`replies`: whether an owner's plain message in the thread goes to the customer (`direct`), or only what is sent
    with the Reply action (`explicit`). `groups`: group → the categories it looks after. `emoji`: emoji → action."""

    language: Language = "pl"
    replies: Literal["direct", "explicit"] = "direct"
    undo_seconds: Annotated[float, Field(ge=0, le=120)] = 8
    places: tuple[Place, ...] = ()
    assignment: Assignment = Assignment()
    ladder: tuple[Step, ...] = ()
    groups: dict[str, tuple[str, ...]] = {}
    causes: Annotated[dict[str, Label], Field(min_length=1, max_length=40)]
    emoji: dict[str, str] = {}

    @model_validator(mode="after")
    def _steps_in_order(self) -> DeskRules:
        for before, after in pairwise(self.ladder):
            if after.after_minutes <= before.after_minutes:
                given = {"name": "ladder", "after": after.after_minutes, "before": before.after_minutes}
                raise PydanticCustomError("order", "{name}: {after} minutes come after {before}", given)
        return self

    @property
    def categories(self) -> frozenset[str]:
        """All that are named anywhere."""
        named = [*self.groups.values(), *(place.categories for place in self.places)]
        return frozenset(category for categories in named for category in categories)

    def channel_for(self, category: str, language: str, tier: str, default: str | None) -> str | None:
        """Where agents are told of such a ticket; None where there is no desk in Slack (`default` is None)."""
        if default is None:
            return None
        return next((place.channel for place in self.places if place.fits(category, language, tier)), default)

    def group_for(self, category: str) -> str | None:
        return next((name for name, categories in self.groups.items() if category in categories), None)
