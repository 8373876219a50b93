"""Does what somebody on the page wants; what cannot be done is told in a short notice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable

from nicegui import ui

from bot.sandbox.slack.fields import CannotDo
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.refusal import Refused
from handlers.texts import Texts

Deed = Callable[[], object | Awaitable[object]]


class Deeds:
    """`on_done` is called after each, whatever came of it."""

    def __init__(self, texts: Texts, on_done: Callable[[], None]) -> None:
        self._texts = texts
        self._on_done = on_done
        self._client = ui.context.client

    async def do(self, deed: Deed, refusal: str = "demo.error.cannot") -> bool:
        """Whether it was done. `refusal` is the text for what the app would not let this person do."""
        try:
            result = deed()
            self._on_done()
            if isawaitable(result):
                result = await result
        except (CannotDo, Refused, LookupError, ValueError):
            self.notice(refusal)
            return False
        finally:
            self._on_done()
        if isinstance(result, Outcome) and not result.is_taken:
            self.notice("demo.error.no_answer")
            return False
        return True

    def notice(self, text: str) -> None:
        """On the page itself: the button that was pressed may be gone by now."""
        with self._client:
            ui.notify(self._texts(text), type="negative", position="top")
