"""Editing intents and their examples: what the console and Slack call. Each edit is one step in the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers import content_history, living_state
from handlers.content import Content
from handlers.content_history import Editor, begin, commit
from handlers.errors import SupportError
from handlers.intents import INTENTS
from handlers.living_state import State, Subject, Touched, Values
from handlers.texts import LANGUAGES
from handlers.training_markup import NAME, BadExample, Span, Utterance, clean
from storage import training
from storage.training import Change, Source, TrainingExample, TrainingIntent

undo, history = content_history.undo, content_history.history


class IntentRefused(SupportError):
    """An intent's name cannot be this, or cannot go; `reason`: name, exists, unknown, code, used, title."""

    def __init__(self, reason: str, name: str, words: str = "") -> None:
        self.reason, self.name = reason, name
        super().__init__(f"{name}: {words or reason}")


class ExampleGone(SupportError):
    """The example is not there any more, or belongs to another intent now."""


@dataclass(frozen=True)
class NewExample:
    """What is to be taught; `review_item_id`: the real message it comes from."""

    text: str
    language: str
    spans: tuple[Span, ...] = ()
    review_item_id: int | None = None

    @property
    def utterance(self) -> Utterance:
        """Raises `BadExample`."""
        if self.language not in LANGUAGES:
            raise BadExample("language", self.language)
        return clean(self.text, self.spans)


def is_in_code(name: str) -> bool:
    """Whether the code acts on this intent by name, so that it must stay."""
    return name in INTENTS


async def add_examples(
    editor: Editor, intent: str, new: Sequence[NewExample], seen: int | None = None, source: Source = Source.CONSOLE
) -> Change | None:
    """What is there already, word for word, is left out; None: all of it was. Raises `BadExample`, `ChangedMeanwhile`,
    `IntentRefused`."""
    await begin(editor, Subject.INTENT, intent, seen)
    await _known(editor, intent)
    there = {(example.language, example.text) for example in await training.examples(editor.session, intent)}
    values = []
    for example in new:
        utterance = example.utterance
        if (example.language, utterance.text) in there:
            continue
        there.add((example.language, utterance.text))
        values.append({**value_of(intent, example.language, utterance), "review_item_id": example.review_item_id})
    if not values:
        return None
    ids = await living_state.new_examples(editor.session, values, source, editor.by, editor.now)
    added = {str(key): {**value} for key, value in zip(ids, values, strict=True)}
    for value in added.values():
        del value["review_item_id"]
    before = State(examples=dict.fromkeys(added))
    return await commit(editor, "examples_added", Subject.INTENT, intent, before, State(examples={**added}))


def value_of(intent: str, language: str, utterance: Utterance) -> dict[str, Any]:
    """An example as `State` has it."""
    entities = [span.to_json() for span in utterance.spans]
    return {"intent": intent, "language": language, "text": utterance.text, "entities": entities}


async def remove_examples(editor: Editor, intent: str, ids: Iterable[int], seen: int | None = None) -> Change:
    """Raises `ChangedMeanwhile`, `ExampleGone`."""
    await begin(editor, Subject.INTENT, intent, seen)
    before = State(examples=await _of(editor, intent, ids))
    after = State(examples=dict.fromkeys(before.examples))
    return await commit(editor, "examples_removed", Subject.INTENT, intent, before, after)


async def edit_example(
    editor: Editor, intent: str, example_id: int, new: NewExample, seen: int | None = None
) -> Change:
    """Its words, language and entities. Raises `BadExample`, `ChangedMeanwhile`, `ExampleGone`."""
    await begin(editor, Subject.INTENT, intent, seen)
    before = State(examples=await _of(editor, intent, [example_id]))
    after = State(examples={str(example_id): value_of(intent, new.language, new.utterance)})
    return await commit(editor, "example_edited", Subject.INTENT, intent, before, after)


async def move_examples(editor: Editor, intent: str, ids: Iterable[int], to: str, seen: int | None = None) -> Change:
    """They teach another intent from now on. Raises `ChangedMeanwhile`, `ExampleGone`, `IntentRefused`."""
    await begin(editor, Subject.INTENT, intent, seen, [(Subject.INTENT, to)])
    await _known(editor, to)
    before = State(examples=await _of(editor, intent, ids))
    return await commit(editor, "examples_moved", Subject.INTENT, intent, before, _moved(before, to))


async def create_intent(editor: Editor, name: str, title: Mapping[str, str]) -> Change:
    """`title` by language: what customers see on a button. Raises `IntentRefused`."""
    await begin(editor, Subject.INTENT, name, None)
    await _free(editor, name)
    after = State(intents={name: {"title": _title(name, title)}})
    return await commit(editor, "intent_created", Subject.INTENT, name, State(intents={name: None}), after)


async def set_title(editor: Editor, name: str, title: Mapping[str, str], seen: int | None = None) -> Change:
    """Raises `ChangedMeanwhile`, `IntentRefused`."""
    await begin(editor, Subject.INTENT, name, seen)
    intent = await _known(editor, name)
    before, after = (
        State(intents={name: {"title": intent.title}}),
        State(intents={name: {"title": _title(name, title)}}),
    )
    return await commit(editor, "title_set", Subject.INTENT, name, before, after)


async def remove_intent(editor: Editor, name: str, content: Content, seen: int | None = None) -> Change:
    """With its examples and its answer; other answers no longer offer it. Raises as `rename_intent`."""
    await begin(editor, Subject.INTENT, name, seen)
    before = await _all_of(editor, name, content)
    after = State({name: None}, dict.fromkeys(before.examples), _answers_without(before.answers, name))
    return await commit(editor, "intent_removed", Subject.INTENT, name, before, after)


async def rename_intent(editor: Editor, name: str, new_name: str, content: Content, seen: int | None = None) -> Change:
    """With its examples, its answer and what other answers offer. Raises `ChangedMeanwhile`, `IntentRefused`."""
    await begin(editor, Subject.INTENT, name, seen, [(Subject.INTENT, new_name)])
    before = await _all_of(editor, name, content)
    await _free(editor, new_name)
    answers = {key: body and _renamed(body, name, new_name) for key, body in before.answers.items()}
    after = State({name: None, new_name: before.intents[name]}, _moved(before, new_name).examples, answers)
    before = replace(before, intents={**before.intents, new_name: None})
    if own := answers.pop(name, None):
        answers |= {name: None, new_name: {**own, "intent": new_name}}
        before = replace(before, answers={**before.answers, new_name: None})
    return await commit(editor, "intent_renamed", Subject.INTENT, name, before, after)


async def merge_intents(editor: Editor, name: str, into: str, content: Content, seen: int | None = None) -> Change:
    """All examples of `name` teach `into`, which has an answer of its own; those it had already are not doubled.
    Raises `ChangedMeanwhile`, `IntentRefused`."""
    await begin(editor, Subject.INTENT, name, seen, [(Subject.INTENT, into)])
    if name == into:
        raise IntentRefused("exists", name, "an intent cannot be merged into itself")
    await _known(editor, into)
    before = await _all_of(editor, name, content)
    there = {(example.language, example.text) for example in await training.examples(editor.session, into)}
    examples: Values = {
        key: None if (value["language"], value["text"]) in there else {**value, "intent": into}
        for key, value in before.examples.items() if value
    }  # fmt: skip
    answers = {key: body and _renamed(body, name, into) for key, body in before.answers.items() if key != name}
    after = State({name: None}, examples, {**answers, **dict.fromkeys(before.answers.keys() & {name})})
    return await commit(editor, "intents_merged", Subject.INTENT, name, before, after)


async def split_intent(
    editor: Editor, name: str, ids: Iterable[int], new_name: str, title: Mapping[str, str], seen: int | None = None
) -> Change:
    """These examples teach a new intent. Raises `ChangedMeanwhile`, `ExampleGone`, `IntentRefused`."""
    await begin(editor, Subject.INTENT, name, seen, [(Subject.INTENT, new_name)])
    await _free(editor, new_name)
    before = State({new_name: None}, await _of(editor, name, ids))
    after = State({new_name: {"title": _title(new_name, title)}}, _moved(before, new_name).examples)
    return await commit(editor, "intent_split", Subject.INTENT, name, before, after)


async def _known(editor: Editor, name: str) -> TrainingIntent:
    intent = (await training.lock_intents(editor.session, [name])).get(name)
    if intent is None or intent.removed_at is not None:
        raise IntentRefused("unknown", name, "there is no such intent")
    return intent


async def _free(editor: Editor, name: str) -> None:
    if not NAME.fullmatch(name):
        raise IntentRefused("name", name, "a name is small letters, digits and _, and begins with a letter")
    intent = (await training.lock_intents(editor.session, [name])).get(name)
    if intent is not None and intent.removed_at is None:
        raise IntentRefused("exists", name, "there is an intent of that name")
    await training.ensure_intents(editor.session, [name], editor.by, editor.now)


def files_naming(name: str, content: Content) -> list[str]:
    """The content files that speak of the intent; they are not edited here."""
    places: dict[str, Iterable[str]] = {
        "forms.yml": content.forms.forms,
        "desk.yml": content.desk.categories,
        "sla.yml": content.sla.categories,
        "incidents.yml": content.incidents.spikes.ignore,
        "templates": {category for template in content.templates.values() for category in template.categories},
    }
    return [place for place, names in places.items() if name in names]


async def _all_of(editor: Editor, name: str, content: Content) -> State:
    """Everything that goes where the intent goes. Raises `IntentRefused` for one that code or a file knows by name."""
    intent = await _known(editor, name)
    if is_in_code(name):
        raise IntentRefused("code", name, "the bot's code acts on this name: it must stay")
    if places := files_naming(name, content):
        raise IntentRefused("used", name, f"named in {', '.join(places)}")
    rows = await training.examples(editor.session, name)
    answers = [row for row in await training.answers(editor.session) if row.key == name or name in row.body["next"]]
    locked: list[Touched] = [(Subject.ANSWER, row.key) for row in answers]
    await living_state.lock(editor.session, locked)
    return State(
        {name: living_state.of_intent(intent)},
        {str(row.id): living_state.of_example(row) for row in rows},
        {row.key: row.body for row in answers},
    )


async def _of(editor: Editor, intent: str, ids: Iterable[int]) -> Values:
    rows: Mapping[int, TrainingExample] = await training.examples_by_id(editor.session, wanted := sorted(set(ids)))
    values: Values = {str(key): living_state.of_example(rows.get(key)) for key in wanted}
    if not values or any(value is None or value["intent"] != intent for value in values.values()):
        raise ExampleGone(f"an example of {intent} is not there any more")
    return values


def _moved(state: State, to: str) -> State:
    return State(examples={key: value and {**value, "intent": to} for key, value in state.examples.items()})


def _answers_without(answers: Values, name: str) -> Values:
    return {
        key: None if key == name else body and {**body, "next": [one for one in body["next"] if one != name]}
        for key, body in answers.items()
    }


def _renamed(body: dict[str, Any], name: str, new_name: str) -> dict[str, Any]:
    """What it offers next, under the new name; nothing twice, and not itself."""
    offered = [new_name if one == name else one for one in body["next"]]
    return {**body, "next": [one for one in dict.fromkeys(offered) if one != body["intent"]]}


def _title(name: str, title: Mapping[str, str]) -> dict[str, str]:
    found = {language: " ".join(title.get(language, "").split()) for language in LANGUAGES}
    if missing := [language for language, words in found.items() if not words or "{" in words]:
        raise IntentRefused("title", name, f"it needs a title without braces in {', '.join(missing)}")
    return found
