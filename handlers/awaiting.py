"""What the bot's last words asked for, as it stands in the conversation's row.

Each state has a token that its buttons carry: a button of an older question is told from one of this.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from handlers.buttons import Button


class State(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Draft(State):
    """A ticket being collected: `subject` is how the customer began, `facts` are values by field name."""

    form: str
    subject: str
    facts: dict[str, str] = {}
    skipped: tuple[str, ...] = ()
    asked: int = 0
    reasked: tuple[str, ...] = ()

    def with_fact(self, field: str, value: str) -> Draft:
        return self.model_copy(
            update={
                "facts": {**self.facts, field: value},
                "skipped": tuple(name for name in self.skipped if name != field),
            }
        )

    def without(self, field: str) -> Draft:
        return self.model_copy(update={"facts": {k: v for k, v in self.facts.items() if k != field}})

    def with_skipped(self, field: str) -> Draft:
        return self.model_copy(update={"skipped": (*self.skipped, field)})


class AwaitingField(State):
    """The answer to one question of a form."""

    kind: Literal["field"] = "field"
    token: str
    draft: Draft
    field: str


class AwaitingConfirm(State):
    """A yes or no to the summary, or what is to be changed in it."""

    kind: Literal["confirm"] = "confirm"
    token: str
    draft: Draft


class AwaitingChoice(State):
    """Which of two readings was meant; `words` and `found` are what they had written."""

    kind: Literal["choice"] = "choice"
    token: str
    options: tuple[str, ...]
    words: str
    found: dict[str, str] = {}


class AwaitingTicket(State):
    """Which of their tickets is meant."""

    kind: Literal["ticket"] = "ticket"
    token: str
    purpose: Literal["reopen", "resolve"]
    numbers: tuple[int, ...]


class AwaitingNote(State):
    """Whether words we could not place belong to their open ticket."""

    kind: Literal["note"] = "note"
    token: str
    number: int
    words: str


class AwaitingComment(State):
    """Perhaps a word on the score they gave, until a moment soon; `token` is the survey's."""

    kind: Literal["comment"] = "comment"
    token: str
    until: datetime


class AwaitingInfo(State):
    """What is to be added to a ticket of theirs."""

    kind: Literal["info"] = "info"
    token: str
    number: int


Awaiting = Annotated[
    AwaitingField | AwaitingConfirm | AwaitingChoice | AwaitingTicket | AwaitingNote | AwaitingComment | AwaitingInfo,
    Field(discriminator="kind"),
]
# An error's text goes into the log: no customer's words in it.
_ADAPTER: TypeAdapter[Awaiting] = TypeAdapter(Awaiting, config=ConfigDict(hide_input_in_errors=True))


def load(row: dict[str, Any] | None) -> Awaiting | None:
    return None if row is None else _ADAPTER.validate_python(row)


def dump(state: Awaiting) -> dict[str, Any]:
    return state.model_dump(mode="json")


class Action(State):
    """A pressed button, as its `action` string says it: `verb`, `verb:argument` or `verb:argument:token`."""

    verb: str
    argument: str = ""
    token: str = ""


def button(label: str, verb: str, argument: str = "", token: str = "") -> Button:
    return Button(label, f"{verb}:{argument}:{token}".rstrip(":"))


def parse_action(action: str) -> Action:
    verb, argument, token, *_ = [*action.split(":"), "", ""]
    return Action(verb=verb, argument=argument, token=token)
