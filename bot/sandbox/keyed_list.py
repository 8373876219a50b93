"""A list on the page in which only what has changed is drawn again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from nicegui import ui

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class KeyedList(Generic[K, V]):
    """`make` creates the element of a new item, `fill` draws an item into its emptied element.

    An item that equals what is shown under its key is left alone, and so is the focus in it.
    """

    def __init__(
        self, parent: ui.element, make: Callable[[K], ui.element], fill: Callable[[ui.element, V], None]
    ) -> None:
        self._parent = parent
        self._make = make
        self._fill = fill
        self._shown: dict[K, tuple[V, ui.element]] = {}

    def draw(self, items: Sequence[tuple[K, V]]) -> None:
        wanted = {key for key, _ in items}
        for key in [key for key in self._shown if key not in wanted]:
            self._shown.pop(key)[1].delete()
        order = list(self._shown)
        for index, (key, value) in enumerate(items):
            self._draw(key, value)
            if index >= len(order) or order[index] != key:
                order = [one for one in order if one != key]
                order.insert(index, key)
                if index < len(order) - 1:
                    self._shown[key][1].move(target_index=index)
        self._shown = {key: self._shown[key] for key in order}

    def clear(self) -> None:
        self.draw([])

    def _draw(self, key: K, value: V) -> None:
        before, element = self._shown.get(key, (None, None))
        if element is None:
            with self._parent:
                element = self._make(key)
        elif before == value:
            return
        element.clear()
        with element:
            self._fill(element, value)
        self._shown[key] = value, element
