"""The modal that the app has opened for somebody: https://docs.slack.dev/surfaces/modals"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from html import unescape

from nicegui import ui

from bot.sandbox.elements import IconButton, PressButton, Words, box
from bot.sandbox.slack.views import View
from bot.sandbox.slack_blocks import Part, parts_of
from bot.sandbox.slack_deeds import SlackDeeds
from bot.sandbox.slack_fields import MENUS, PICKERS, TYPED, draw_control
from bot.sandbox.slack_focus import Focus
from bot.sandbox.slack_hands import Hands
from bot.sandbox.slack_parts import draw_part
from handlers.texts import Texts

WITH_ENTER = """(event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.target.form?.requestSubmit();
}"""
LABELLED = frozenset({*TYPED, *PICKERS, *MENUS})
"""Fields in one piece, to which a label can belong; the others have their name with them."""


class SlackModal:
    """Drawn anew when the app changes it; what was typed stays where its field stays."""

    def __init__(
        self, texts: Texts, deeds: SlackDeeds, focus: Focus, hands: Callable[[Callable[[], View]], Hands]
    ) -> None:
        self._texts = texts
        self._deeds = deeds
        self._focus = focus
        self._hands = hands
        self._shown: tuple[str, str, int] | None = None
        self._errors: dict[str, Words] = {}
        self._empty: Sequence[str] = ()
        self.element = box("div", "slack-layer")
        self.element.set_visibility(False)

    @property
    def is_open(self) -> bool:
        return self._shown is not None

    def draw(self) -> None:
        stack = self._deeds.modals
        view = stack[-1] if stack else None
        shown = (view.id, view.hash, len(stack)) if view else None
        if shown != self._shown:
            was_same = shown is not None and self._shown is not None and shown[0] == self._shown[0]
            had_one, self._shown = self._shown is not None, shown
            self._empty = ()
            self._draw_anew(view, len(stack), was_same=was_same)
            if view is None and had_one:
                self._focus.go_back()
        if view is not None:
            self._draw_errors(view)

    def _draw_anew(self, view: View | None, depth: int, *, was_same: bool) -> None:
        self.element.clear()
        self._errors = {}
        self.element.set_visibility(view is not None)
        if view is None:
            return
        with self.element:
            form = box("form", "slack-modal", role="dialog", tabindex="-1", novalidate="true")
            form.props["aria-label"] = view.given["title"]["text"]
            with form:
                self._draw_head(view, depth)
                with box("div", "modal-body"):
                    self._draw_parts(view)
                self._draw_foot(view)
        form.on("submit.prevent", self._submit)
        form.on("keydown.escape", self._deeds.close)
        form.on("keydown", lambda: None, js_handler=WITH_ENTER)
        self._focus.go_in(form, stays=was_same)

    def _draw_head(self, view: View, depth: int) -> None:
        texts = self._texts
        with box("div", "modal-head"):
            if depth > 1:
                IconButton("arrow_back", texts("demo.slack.back"), self._deeds.close)
            Words("h2", view.given["title"]["text"])
            IconButton("close", texts("demo.slack.close"), lambda: self._deeds.close(whole_stack=True))

    def _draw_parts(self, view: View) -> None:
        telling = self._hands(partial(self._deeds.view, view.id))
        for part in parts_of(view.given.get("blocks") or [], self._deeds.reader, view.typed):
            if part.kind == "input":
                self._draw_input(part, replace(telling, is_telling=part.dispatches))
            else:
                draw_part(part, telling)

    def _draw_input(self, part: Part, hands: Hands) -> None:
        texts = self._texts
        with box("div", "part input"):
            name = unescape(part.html)  # a plain text, of which only the entities and emoji were made
            label = box("label", "input-label")
            with label:
                Words("span", name)
                if part.is_optional:
                    Words("span", texts("demo.slack.optional"), "about")
            for one in part.controls:
                drawn = draw_control(one, hands, name=name)
                if one.kind in LABELLED:
                    label.props["for"] = f"c{drawn.id}"
            if part.hint:
                ui.html(part.hint, sanitize=False).classes("words hint")
            self._errors[part.id] = Words("p", "", "input-error", role="alert")
            self._errors[part.id].set_visibility(False)

    def _draw_foot(self, view: View) -> None:
        texts, given = self._texts, view.given
        with box("div", "modal-foot"):
            close = (given.get("close") or {}).get("text") or texts("demo.slack.close")
            PressButton(close, self._deeds.close, "slack-button")
            self._send: Words | None = None
            if given.get("submit"):
                self._send = Words("button", given["submit"]["text"], "slack-button primary", type="submit")

    def _draw_errors(self, view: View) -> None:
        """What the app has against it, and what is empty though it has to be filled in."""
        said = dict.fromkeys(self._empty, self._texts("demo.slack.required")) | view.errors
        for block, words in self._errors.items():
            words.text = said.get(block, "")
            words.set_visibility(bool(words.text))

    async def _submit(self) -> None:
        """Once until the app has answered."""
        send = self._send
        if send is None or "disabled" in send.props:
            return
        send.props.set_bool("disabled", True)
        try:
            self._empty = await self._deeds.submit()
        finally:
            if not send.is_deleted:
                send.props.set_bool("disabled", False)
        self.draw()
