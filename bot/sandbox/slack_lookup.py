"""A list whose options the app is asked for while one types (`external_select`)."""

from __future__ import annotations

from functools import partial
from typing import Any

from bot.sandbox.elements import IconButton, Words, box
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack_controls import Control
from bot.sandbox.slack_hands import Hands

TYPED = """(event) => {
    clearTimeout(event.target.pause);
    event.target.pause = setTimeout(() => emit(event.target.value), 150);
}"""
KEYS = """(event) => {
    const lookup = event.target.closest('.lookup');
    const options = [...lookup.querySelectorAll('.lookup-option')];
    const at = options.indexOf(event.target);
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        if (!options.length) lookup.querySelector('input').click();
        else (options[at + (event.key === 'ArrowDown' ? 1 : -1)] || lookup.querySelector('input')).focus();
    } else if (event.key === 'Escape' && options.length) {
        event.stopPropagation();
        lookup.querySelector('input').focus();
        emit('');
    } else if (event.key === 'Enter' && at < 0) {
        event.preventDefault();
        if (options.length) options[0].click();
    }
}"""


LEFT = "(event) => { if (!event.target.closest('.lookup').contains(event.relatedTarget)) emit(''); }"


class Lookup:
    """What was chosen stands above the field, and can be taken away there."""

    def __init__(self, one: Control, hands: Hands, name: str) -> None:
        self._one = one
        self._hands = hands
        self._is_many = one.kind.startswith("multi_")
        self._chosen = [_option(option.value, option.label) for option in one.options]
        self._asked = 0
        with box("div", "lookup") as self.element:
            self._picked = box("div", "picked")
            self._field = box("input", "slack-field", type="text", role="combobox", aria_label=name, autocomplete="off")
            self._field.props["placeholder"] = one.label or hands.texts("demo.slack.search")
            self._field.props["aria-expanded"] = "false"
            self._list = box("div", "lookup-list", role="listbox", aria_label=name)
        self._field.on("input", self._typed, js_handler=TYPED)
        if not one.least_letters:
            self._field.on("click", self._typed, js_handler="(event) => emit(event.target.value)")
        self.element.on("keydown", self._close, js_handler=KEYS)
        self.element.on("focusout", self._close, js_handler=LEFT)
        self._list.set_visibility(False)
        self._draw_picked()

    async def _typed(self, event: Any) -> None:
        """Only the answer to the latest question counts."""
        typed = str(event.args or "").strip()
        self._asked += 1
        asked = self._asked
        if len(typed) < self._one.least_letters:
            self._close()
            return
        offered = await self._hands.look_up(self._one, typed)
        if asked == self._asked and not self.element.is_deleted:
            self._draw_offered(offered)

    def _draw_offered(self, offered: list[Json]) -> None:
        self._list.clear()
        with self._list:
            for option in offered:
                button = box("button", "lookup-option", type="button", role="option")
                button.on("click", partial(self._choose, option))
                with button:
                    Words("span", str(option["text"]["text"]))
                    if option.get("description"):
                        Words("span", str(option["description"]["text"]), "about")
            if not offered:
                Words("p", self._hands.texts("demo.slack.nothing_found"), "hint")
        self._show_list(True)

    async def _choose(self, option: Json) -> None:
        others = [one for one in self._chosen if one["value"] != option["value"]] if self._is_many else []
        self._chosen = [*others, option]
        await self._tell()

    async def _leave(self, option: Json) -> None:
        self._chosen.remove(option)
        await self._tell()

    async def _tell(self) -> None:
        self._close()
        self._draw_picked()
        self._field.run_method("focus")
        if self._is_many:
            await self._hands.take(self._one, [*self._chosen])
        elif self._chosen:
            await self._hands.take(self._one, self._chosen[0])
        else:
            self._hands.fill(self._one, "")

    def _close(self) -> None:
        self._asked += 1
        self._list.clear()
        self._show_list(False)

    def _show_list(self, is_open: bool) -> None:
        self._list.set_visibility(is_open)
        self._field.props["aria-expanded"] = "true" if is_open else "false"

    def _draw_picked(self) -> None:
        self._picked.clear()
        self._picked.set_visibility(bool(self._chosen))
        with self._picked:
            for option in self._chosen:
                with box("span", "picked-one"):
                    label = str(option["text"]["text"])
                    Words("span", label)
                    removal = f"{self._hands.texts('demo.delete')}: {label}"
                    IconButton("close", removal, partial(self._leave, option))


def _option(value: str, label: str) -> Json:
    return {"text": {"type": "plain_text", "text": label}, "value": value}
