"""One intent: its examples in each language, checked as one types, and what was changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from bot.console.elements import (
    Fields,
    Press,
    Words,
    area,
    asking,
    box,
    choice,
    field,
    first,
    head,
    sending,
    submit,
    tick,
)  # fmt: skip
from bot.console.guard import Visit, may
from bot.console.moments import by_whom, moment
from handlers import training as edits
from handlers.content_history import ChangedMeanwhile, Editor
from handlers.living_state import Subject
from handlers.plain_text import fold
from handlers.texts import LANGUAGES
from handlers.training import NewExample
from handlers.training_markup import Span, Utterance, from_markup, to_markup
from storage import training
from storage.admins import AdminRole
from storage.training import Change, TrainingExample

PATH = "/console/intents"
SHOWN = 200
CHANGES_SHOWN = 20
LIKES_SHOWN = 5
TYPED = "(event) => emit(event.target.value)"

Edit = Callable[[Editor], Awaitable[object]]


class IntentPage:
    """`_version` is the one that is seen: whoever saves on top of somebody else's change is shown it first. `_typed`
    counts what was typed, so that an answer that comes late is not shown over a newer one."""

    def __init__(self, visit: Visit, name: str) -> None:
        self.visit = visit
        self._name = name
        self._version = 0
        self._typed = 0

    async def draw(self) -> None:
        texts, visit = self.visit.texts, self.visit
        head(self._name, texts("console.intents.one_intro"))
        with asking(f"{PATH}/{self._name}"):
            field("words", texts("console.intents.search_examples"), visit.query.get("words", ""), kind="search")
            submit(texts("console.search"), "button")
        if visit.who.may(AdminRole.EDITOR):
            self._draw_new()
        self._others = box("div", role="alert")
        self._body = box("div", "stack")
        await self.refresh()

    def _draw_new(self) -> None:
        texts = self.visit.texts
        with sending(self.add, "form wide card") as self._form:
            choice("language", texts("console.intents.language"), {one: one.upper() for one in LANGUAGES})
            typed = area("text", texts("console.intents.new"), rows=3, hint=texts("console.intents.new_hint"))
            typed.on("input", self.visit.may(AdminRole.EDITOR, self.check), js_handler=TYPED, throttle=0.3)
            self._likes = box("div", "likes", role="status")
            submit(texts("console.intents.add_examples"))

    async def check(self, typed: str) -> None:
        """What is like the last line, while it is typed."""
        self._typed += 1
        mine, line = self._typed, str(typed).split("\n")[-1].strip()
        index = await self.visit.console.examples.fresh(self.visit.database)
        if mine != self._typed:
            return
        self._likes.clear()
        with self._likes:
            for match in index.like(line, self._name)[:LIKES_SHOWN] if line else ():
                told = self.visit.texts(f"console.intents.like_{match.likeness}", intent=match.intent)
                Words("p", f"{told}: „{match.text}”", "notice bad" if "conflict" in match.likeness else "hint")

    @may(AdminRole.EDITOR)
    async def add(self, fields: Fields) -> None:
        language = first(fields, "language")
        lines = [line.strip() for line in first(fields, "text").split("\n") if line.strip()]
        new = [_read(line, language) for line in lines]
        if await self._saved(lambda editor: edits.add_examples(editor, self._name, new, self._version)):
            ui.run_javascript(f"getHtmlElement({self._form.id}).reset()")
            self._typed += 1
            self._likes.clear()

    async def _saved(self, edit: Edit) -> bool:
        """Whether it was; somebody else's change is shown, and the next try is on top of it."""
        texts = self.visit.texts
        self._others.clear()
        try:
            async with self.visit.changing() as session:
                await edit(Editor(session, self.visit.by, self.visit.now()))
        except ChangedMeanwhile as changed:
            with self._others:
                Words("p", texts("console.intents.others"), "notice bad")
                for change in changed.changes:
                    Words("p", _told(change, self.visit), "hint")
            await self.refresh()
            return False
        self.visit.tell(texts("console.saved"))
        await self.refresh()
        return True

    async def refresh(self) -> None:
        visit = self.visit
        async with visit.database.reading() as session:
            rows = await training.examples(session, self._name)
            self._version = {one.name: one.version for one in await training.intents(session)}.get(self._name, 0)
            changes = await edits.history(session, Subject.INTENT, self._name, limit=CHANGES_SHOWN)
            names = [one.name for one in await training.intents(session) if one.name != self._name]
        wanted = fold(visit.query.get("words", ""))
        found = [one for one in rows if wanted in fold(one.text)]
        self._body.clear()
        with self._body:
            with sending(self.chosen, "form wide"):
                with box("div", "columns even"):
                    for language in LANGUAGES:
                        self._draw_examples(language, [one for one in found if one.language == language])
                if visit.who.may(AdminRole.EDITOR):
                    self._draw_deeds(names)
            self._draw_changes(changes)

    def _draw_examples(self, language: str, rows: list[TrainingExample]) -> None:
        texts = self.visit.texts
        with box("section", "card", aria_label=language.upper()):
            Words("h2", f"{language.upper()} ({len(rows)})")
            for one in rows[:SHOWN]:
                tick("id", to_markup(_utterance(one)), str(one.id))
            if len(rows) > SHOWN:
                Words("p", texts("console.intents.more", count=len(rows) - SHOWN), "hint")

    def _draw_deeds(self, names: list[str]) -> None:
        texts = self.visit.texts
        with box("div", "tools"):
            Words("button", texts("console.intents.remove"), "button", type="submit", name="do", value="remove")
            choice("to", texts("console.intents.move_to"), {"": "–"} | {name: name for name in names})
            Words("button", texts("console.intents.move"), "button", type="submit", name="do", value="move")

    @may(AdminRole.EDITOR)
    async def chosen(self, fields: Fields) -> None:
        """What is to be done with the examples that were ticked."""
        texts = self.visit.texts
        ids = [int(one) for one in fields.get("id", ()) if one.isascii() and one.isdecimal() and len(one) < 18]
        to = first(fields, "to")
        if not ids or (first(fields, "do") == "move" and not to):
            self.visit.tell(texts("console.intents.none_chosen"), is_bad=True)
        elif first(fields, "do") == "move":
            await self._saved(lambda editor: edits.move_examples(editor, self._name, ids, to, self._version))
        else:
            await self._saved(lambda editor: edits.remove_examples(editor, self._name, ids, self._version))

    def _draw_changes(self, changes: list[Change]) -> None:
        texts = self.visit.texts
        with box("section", "card", aria_label=texts("console.history")):
            Words("h2", texts("console.history"))
            for change in changes:
                with box("div", "change"):
                    Words("span", _told(change, self.visit))
                    if self.visit.who.may(AdminRole.EDITOR):
                        Press(texts("console.undo"), partial(self.undo, change.id), "button small")

    @may(AdminRole.EDITOR)
    async def undo(self, change_id: int) -> None:
        await self._saved(lambda editor: edits.undo(editor, change_id))


def _read(line: str, language: str) -> NewExample:
    """What is typed may mark entities as `[lampa](product)`. Raises `BadExample`."""
    utterance = from_markup(line)
    return NewExample(utterance.text, language, tuple(utterance.spans))


def _utterance(row: TrainingExample) -> Utterance:
    return Utterance(row.text, tuple(Span.from_json(one) for one in row.entities))


def _told(change: Change, visit: Visit) -> str:
    what = visit.texts(f"console.change.{change.kind}")
    return f"{moment(change.at, visit)} · {by_whom(change.by, visit.texts)} · {what}"
