"""A template or an answer of the knowledge base → what a customer is told in one case, or what is still missing.

Values are data: they are escaped, braces too, so that no variable can ever come out of one.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime

from handlers import when
from handlers.answers import choose_wording, variables
from handlers.content import VARIABLES, Answer, Content
from handlers.desk import Desk
from handlers.errors import SupportError
from handlers.markup import escape
from handlers.messages import Reply
from handlers.placeholders import fill, names_in
from handlers.plain_text import readable
from handlers.templates import CASE_VARIABLES, NOT_ALWAYS_KNOWN, Template
from handlers.texts import Texts
from storage.customers import Customer
from storage.tickets import Ticket

PREFIX = "template:"
"""Tells a template from an answer, in a `Reply.answer` and wherever else one is named."""


class TemplateNotFound(SupportError):
    """There is no such template or answer (any more); the text names it."""


class UnresolvedVariables(SupportError):
    """Variables have no value yet, so nothing is sent; `names` are theirs."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True)
class TemplateCase:
    """The case a template is used in: whose, in which language and register, and what is known. `next_word_at`: by
    when the customer hears something after this."""

    content: Content
    texts: Texts
    now: datetime
    number: int
    agent: str
    customer: str | None
    facts: Mapping[str, str]
    next_word_at: datetime


@dataclass(frozen=True)
class Rendered:
    """`text`, in our markup, is for reading until `require` gives it out: a gap is shown as ‹its label›."""

    key: str
    version: str
    text: str
    unresolved: tuple[str, ...] = ()

    def require(self) -> str:
        """The text to send. Raises `UnresolvedVariables`."""
        if self.unresolved:
            raise UnresolvedVariables(self.unresolved)
        return self.text


@dataclass(frozen=True)
class Input:
    """Something an agent fills in, or may correct: what is known already is its `value`."""

    name: str
    label: str
    value: str = ""


def case_of(desk: Desk, ticket: Ticket, customer: Customer, agent: str, now: datetime) -> TemplateCase:
    """In the language the customer has the conversation in by now."""
    content = desk.content
    return TemplateCase(
        content=content,
        texts=desk.catalogue[customer.language or ticket.language],
        now=now,
        number=ticket.number,
        agent=agent,
        customer=customer.name,
        facts=ticket.facts,
        next_word_at=content.rhythm.next_word_at(customer.updates, now),
    )


def render(key: str, case: TemplateCase, given: Mapping[str, str] | None = None) -> Rendered:
    """The template or answer `key`, filled with what is known and what the agent has `given`.

    Raises `TemplateNotFound`.
    """
    found = _named(case.content, key)
    if isinstance(found, Answer):
        known = variables(case.content, case.texts, case.customer, case.now)
        wordings = found.wordings.of(case.texts.variants[0])
        return Rendered(key, found.version, choose_wording(wordings, known, seed=str(case.number)))
    values = _values(found, case, given or {})
    wording = _choose(found, case, values)
    unresolved = tuple(sorted(names_in(wording) - values.keys()))
    gaps = {name: f"‹{escape(_label(found, case.content, name))}›" for name in unresolved}
    return Rendered(key, found.version, fill(wording, values | gaps), unresolved)


def reply_from(key: str, case: TemplateCase, given: Mapping[str, str] | None = None) -> Reply:
    """Ready to be said; it keeps which text it came from, in which version.

    Raises `UnresolvedVariables`, `TemplateNotFound`.
    """
    rendered = render(key, case, given)
    return Reply(rendered.require(), answer=rendered.key, answer_version=rendered.version)


def inputs(key: str, case: TemplateCase) -> tuple[Input, ...]:
    """What to ask the agent for before it can be sent: the template's own variables, and the facts it names.

    Raises `TemplateNotFound`.
    """
    found = _named(case.content, key)
    if isinstance(found, Answer):
        return ()
    named = names_in(_choose(found, case, _values(found, case, {})))
    facts = [name for name in case.content.fields if name in named]
    return tuple(
        Input(name, _label(found, case.content, name), readable(case.facts.get(name, "")))
        for name in (*facts, *found.asks)
    )


def variables_left_in(text: str, content: Content) -> tuple[str, ...]:
    """Variables of ours that stand unfilled in what an agent wrote or pasted: it is not to be sent like that."""
    asked = frozenset[str]().union(*(template.asks for template in content.templates.values()))
    return tuple(sorted(names_in(text) & (VARIABLES | CASE_VARIABLES | content.fields.keys() | asked)))


def _named(content: Content, key: str) -> Template | Answer:
    found = content.templates.get(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else content.answers.get(key)
    if found is None:
        raise TemplateNotFound(key)
    return found


def _values(template: Template, case: TemplateCase, given: Mapping[str, str]) -> dict[str, str]:
    """All that is known, escaped. An agent corrects a fact, never what the company or the case says."""
    content = case.content
    facts = _readable(case.facts, content.fields.keys())
    filled_in = _readable(given, content.fields.keys() | template.asks.keys())
    typed = {name: escape(words) for name, words in (facts | filled_in).items()}
    by = when.by(case.next_word_at, case.now, content.calendar.zone, case.texts)
    return typed | variables(content, case.texts, case.customer, case.now) | {
        "agent": escape(readable(case.agent)),
        "ticket": str(case.number),
        "next_word": case.texts("template.next_word", by=by),
    }  # fmt: skip


def _readable(values: Mapping[str, str], names: Container[str]) -> dict[str, str]:
    """Those of `names` that have anything to read in them."""
    return {name: words for name, value in values.items() if name in names and (words := readable(value))}


def _choose(template: Template, case: TemplateCase, values: Mapping[str, str]) -> str:
    """The first wording that needs no fact we lack, else the one that lacks fewest."""
    wordings = [
        wording
        for wording in template.wordings_of(case.texts.variants[0])
        if names_in(wording) & NOT_ALWAYS_KNOWN <= values.keys()
    ]
    return min(wordings, key=lambda wording: len(names_in(wording) - values.keys() - template.asks.keys()))


def _label(template: Template, content: Content, name: str) -> str:
    language = content.desk.language
    if name in template.asks:
        return template.asks[name].in_language(language)
    return content.fields[name].label.in_language(language)
