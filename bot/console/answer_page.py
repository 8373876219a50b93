"""One answer: edited in all variants at once, shown as Telegram and Slack will, with its history."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from nicegui import ui

from bot.channels.slack.blocks import render as as_slack
from bot.channels.telegram.html import to_html as as_telegram
from bot.console.elements import Fields, Press, Words, area, box, field, first, sending
from bot.console.guard import Visit, may
from bot.console.mistakes import words_of
from bot.console.moments import by_whom, moment
from bot.sandbox.mrkdwn_html import mrkdwn_to_html
from bot.sandbox.slack_reader import Reader
from handlers import answers, living_answers, reviews
from handlers.content import Answer
from handlers.content_history import ChangedMeanwhile, Editor, history, undo
from handlers.living_answers import AnswerRefused
from handlers.living_state import Subject
from handlers.placeholders import fill, names_in
from storage import training
from storage.admins import AdminRole
from storage.training import Change

PATH = "/console/answers"
VARIANTS = {"pl": "pl", "formal": "pl@formal", "en": "en"}
"""Field → variant."""
FIELDS = {
    "wordings.pl": "console.answers.variant_pl",
    "wordings.pl@formal": "console.answers.variant_formal",
    "wordings.en": "console.answers.variant_en",
    "owner": "console.answers.owner",
    "review_by": "console.answers.review_by",
    "expires_on": "console.answers.expires_on",
}
BETWEEN = "\n---\n"  # parts one wording of a variant from the next
CHANGES_SHOWN = 20


class AnswerPage:
    def __init__(self, visit: Visit, key: str) -> None:
        self.visit = visit
        self._key = key
        self._version: int | None = None
        self._answer: Answer | None = None

    async def draw(self) -> None:
        texts = self.visit.texts
        await self._read()
        answer = self._answer
        with sending(self.sent, "form wide"):
            with box("div", "columns three"):
                for name, variant in VARIANTS.items():
                    wordings = answer.wordings.of(variant) if answer else ()
                    label = texts(f"console.answers.variant_{name}")
                    area(name, label, BETWEEN.join(wordings), rows=14, hint=texts("console.answers.between"))
            with box("div", "columns three"):
                field("owner", texts("console.answers.owner"), answer.owner if answer else "", required="true")
                review = answer.review_by.isoformat() if answer else ""
                field("review_by", texts("console.answers.review_by"), review, kind="date", required="true")
                expiry = answer.expires_on.isoformat() if answer and answer.expires_on else ""
                field("expires_on", texts("console.answers.expires_on"), expiry, kind="date")
            self._problems = box("div", role="alert")
            with box("div", "tools"):
                if self.visit.who.may(AdminRole.EDITOR):
                    Words("button", texts("console.save"), "button main", type="submit", name="do", value="save")
                Words("button", texts("console.answers.preview"), "button", type="submit", name="do", value="preview")
        self._preview = box("section", "columns three", aria_label=texts("console.answers.preview"))
        self._history = box("section", "card", aria_label=texts("console.history"))
        await self._draw_history()

    async def _read(self) -> None:
        async with self.visit.database.reading() as session:
            row = {one.key: one for one in await training.answers(session)}.get(self._key)
        self._version = row.version if row else None
        self._answer = Answer.model_validate(row.body) if row else None

    @may(AdminRole.VIEWER)
    async def sent(self, fields: Fields) -> None:
        """Shows it, or saves it: for that one has to be an editor, which is looked at anew."""
        if first(fields, "do") == "save":
            if await self.visit.check(AdminRole.EDITOR):
                await self._save(fields)
            return
        self._problems.clear()
        try:
            self._draw_preview(living_answers.checked(self._key, self._given(fields), self.visit.content))
        except AnswerRefused as refused:
            self._show_problems(refused)

    def _given(self, fields: Fields) -> dict[str, Any]:
        """What stands in the form, over what the answer has besides."""
        body = living_answers.body_of(self._answer) if self._answer else {}
        wordings = {
            variant: [one.strip() for one in first(fields, name).replace("\r\n", "\n").split(BETWEEN) if one.strip()]
            for name, variant in VARIANTS.items()
        }
        given = {"wordings": wordings, "owner": first(fields, "owner"), "review_by": first(fields, "review_by")}
        return {**body, **given, "expires_on": first(fields, "expires_on") or None}

    async def _save(self, fields: Fields) -> None:
        texts, visit = self.visit.texts, self.visit
        self._problems.clear()
        try:
            async with visit.changing() as session:
                editor = Editor(session, visit.by, visit.now())
                given = self._given(fields)
                change = await living_answers.set_answer(editor, self._key, visit.content, self._version, **given)
                settled = await reviews.answer_settled(session, self._key, visit.by, visit.now()) if change else 0
        except AnswerRefused as refused:
            self._show_problems(refused)
            visit.tell(texts("console.answers.wrong"), is_bad=True)
        except ChangedMeanwhile as changed:
            self._show_others(changed.changes)
            await self._read()
        else:
            told = texts.plural("console.inbox.answered", settled) if settled else ""
            visit.tell(f"{texts('console.saved')} {told}".rstrip())
            await self._read()
            await self._draw_history()

    def _show_problems(self, refused: AnswerRefused) -> None:
        texts = self.visit.texts
        self._problems.clear()
        with self._problems:
            for where, what in refused.problems.items():
                place = texts(FIELDS[where]) if where in FIELDS else where
                said = words_of(refused.faults.get(where), texts) or what
                Words("p", f"{place}: {said}" if place else said, "notice bad")

    def _show_others(self, changes: Sequence[Change]) -> None:
        """What was typed stays; the next save is on top of theirs."""
        self._problems.clear()
        with self._problems:
            Words("p", self.visit.texts("console.intents.others"), "notice bad")
            for change in changes:
                Words("p", f"{moment(change.at, self.visit)} · {by_whom(change.by, self.visit.texts)}", "hint")
                Words("pre", _wordings(change.after, self._key), "difference")

    def _draw_preview(self, answer: Answer) -> None:
        """Filled as for a customer called Anna, now."""
        visit = self.visit
        reader = Reader(str, visit.texts, visit.now(), visit.zone)
        self._preview.clear()
        with self._preview:
            for name, variant in VARIANTS.items():
                texts = visit.app.desk().catalogue["en" if variant == "en" else "pl"]
                known = {**answers.variables(visit.content, texts, "Anna", visit.now())}
                with box("article", "card previews"):
                    Words("h2", visit.texts(f"console.answers.variant_{name}"))
                    for wording in answer.wordings.of(variant):
                        words = fill(wording, {**dict.fromkeys(names_in(wording), "…"), **known})
                        Words("p", "Telegram", "hint")
                        ui.html(as_telegram(words)).classes("bubble")
                        Words("p", "Slack", "hint")
                        ui.html(mrkdwn_to_html(as_slack(words), reader)).classes("bubble")

    async def _draw_history(self) -> None:
        texts = self.visit.texts
        async with self.visit.database.reading() as session:
            changes = await history(session, Subject.ANSWER, self._key, limit=CHANGES_SHOWN)
        self._history.clear()
        with self._history:
            Words("h2", texts("console.history"))
            for change in changes:
                with box("details"):
                    Words("summary", f"{moment(change.at, self.visit)} · {by_whom(change.by, self.visit.texts)}")
                    Words("pre", _wordings(change.after, self._key), "difference", tabindex="0")
                    if self.visit.who.may(AdminRole.EDITOR):
                        Press(texts("console.undo"), partial(self.undo, change.id), "button small")

    @may(AdminRole.EDITOR)
    async def undo(self, change_id: int) -> None:
        async with self.visit.changing() as session:
            await undo(Editor(session, self.visit.by, self.visit.now()), change_id)
        self.visit.tell(self.visit.texts("console.saved"))
        ui.navigate.reload()


def _wordings(state: dict[str, Any] | None, key: str) -> str:
    body = ((state or {}).get("answers") or {}).get(key) or {}
    wordings = body.get("wordings") or {}
    return "\n\n".join(f"[{variant}]\n{BETWEEN.join(texts)}" for variant, texts in sorted(wordings.items()))
