"""Middle: the chat of the chosen customer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from bot.sandbox.chat import Bubble, ChatView
from bot.sandbox.customers import DemoCustomer
from bot.sandbox.elements import MessageBox, PressButton, Words, box
from handlers.buttons import Button
from handlers.texts import Texts

EXAMPLES = ("order", "return", "hours", "person")
Say = Callable[[str, str | None], Awaitable[bool]]


class ChatPane:
    """Draws a `ChatView`, only what differs from the last one. `say(text, action)` returns whether it was accepted."""

    def __init__(self, texts: Texts, drafts: dict[str, str], say: Say) -> None:
        self._texts = texts
        self._drafts = drafts
        self._say_it = say
        self._chat_id = ""
        self._forget()
        with box("section", "pane chat", aria_label=texts("demo.chat")):
            with box("header", "pane-head"):
                self._name = Words("h2", "")
                self._owner = Words("span", "", "owner")
            self._draw_log()
            self._error = Words("p", texts("demo.error.not_accepted"), "error", role="alert")
            self._error.set_visibility(False)
            self._box = MessageBox(texts("demo.message"), texts, "", self._keep_draft, self._say_text)

    def _draw_log(self) -> None:
        # The scroller is laid out from its bottom: it stays at the newest message unless one scrolls up.
        with box("div", "scroller", tabindex="0", role="region", aria_label=self._texts("demo.log")) as self._scroller:
            with box("div", "typing", role="status", aria_label=self._texts("demo.typing")) as self._typing:
                for _ in range(3):
                    box("span", "dot")
            self._log = box("div", "log", role="log", aria_live="polite")
            self._empty = box("div", "empty")

    def _forget(self) -> None:
        self._bubbles: list[tuple[Bubble, ui.element, ui.element]] = []
        self._buttons: tuple[int, tuple[Button, ...]] = (-1, ())
        self._pressable: list[PressButton] = []
        self._view = ChatView()
        self._is_pressed = False

    def open(self, customer: DemoCustomer, examples: Texts) -> None:
        """Another customer's chat; `examples` are phrases in their language."""
        self._chat_id = customer.chat_id
        self._name.text = customer.name
        self._log.clear()
        self._forget()
        self._error.set_visibility(False)
        self._box.show(self._drafts.get(customer.chat_id, ""))
        self._empty.clear()
        with self._empty:
            Words("p", self._texts("demo.empty_chat"), "hint")
            with box("div", "chips"):
                for name in EXAMPLES:
                    self._example(examples(f"demo.example.{name}"), customer.language)

    def _example(self, phrase: str, language: str) -> None:
        PressButton(phrase, lambda: self._press(phrase, None), "chip", lang=language)

    def draw(self, view: ChatView) -> None:
        self._owner.text = self._texts("demo.answers", who=view.owner)
        self._empty.set_visibility(not view.bubbles)
        self._typing.set_visibility(view.busy)
        self._draw_bubbles(view.bubbles)
        self._draw_buttons(view.buttons_at, view.buttons)
        self._is_pressed = self._is_pressed and view == self._view
        self._view = view
        for button in self._pressable:
            button.enable(not view.busy)

    def _draw_bubbles(self, bubbles: Sequence[Bubble]) -> None:
        same = 0
        while same < min(len(bubbles), len(self._bubbles)) and bubbles[same] == self._bubbles[same][0]:
            same += 1
        for _, element, _ in self._bubbles[same:]:
            element.delete()
        del self._bubbles[same:]
        if self._buttons[0] >= same:
            self._buttons, self._pressable = (-1, ()), []
        with self._log:
            for bubble in bubbles[same:]:
                self._bubbles.append((bubble, *self._draw_bubble(bubble)))

    def _draw_bubble(self, bubble: Bubble) -> tuple[ui.element, ui.element]:
        """The message and the place for buttons under it."""
        side = "from-customer" if bubble.is_customer else "from-agent" if bubble.is_agent else "from-bot"
        with box("div", f"message {side}") as message:
            if bubble.day:
                Words("p", bubble.day, "day")
            if bubble.begins_run and bubble.by:
                Words("p", bubble.by, "by")
            with box("div", "bubble"):
                # Made by markup_html, which escapes every word.
                ui.html(bubble.html, sanitize=False).classes("words")
                Words("time", bubble.time)
            place = box("div", "buttons")
        return message, place

    def _draw_buttons(self, at: int, buttons: tuple[Button, ...]) -> None:
        if (at, buttons) == self._buttons:
            return
        before = self._buttons[0]
        if 0 <= before < len(self._bubbles):
            self._bubbles[before][2].clear()
        self._buttons, self._pressable = (at, buttons), []
        if not buttons:
            return
        with self._bubbles[at][2]:
            self._pressable = [self._choice(button) for button in buttons]

    def _choice(self, button: Button) -> PressButton:
        return PressButton(button.label, lambda: self._press(button.label, button.action), "button outline")

    async def _press(self, label: str, action: str | None) -> None:
        """One press is one message, however often it is clicked until the page has caught up."""
        if self._is_pressed:
            return
        self._is_pressed = True
        self._is_pressed = await self._say(label, action)

    async def _say_text(self, text: str) -> bool:
        return await self._say(text, None)

    async def _say(self, text: str, action: str | None) -> bool:
        accepted = await self._say_it(text, action)
        self._error.set_visibility(not accepted)
        if accepted:
            ui.run_javascript(f"const log = getHtmlElement({self._scroller.id}); if (log) log.scrollTop = 0")
        return accepted

    def _keep_draft(self, text: str) -> None:
        self._drafts[self._chat_id] = text
