from __future__ import annotations

from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_simulation import user_simulation

from bot.sandbox.elements import Words, box
from bot.sandbox.keyed_list import KeyedList


class Drawn:
    """A list on a page, with how often each text was drawn."""

    def __init__(self) -> None:
        self.fills: list[str] = []
        self.parent = box("div")
        self.list = KeyedList[int, str](self.parent, lambda _: box("p"), self._fill)

    def _fill(self, _: ui.element, text: str) -> None:
        self.fills.append(text)
        Words("span", text)

    def shown(self) -> list[str]:
        return [one.text for element in self.parent for one in element if isinstance(one, Words)]


async def opened(user: User) -> Drawn:
    made: list[Drawn] = []
    ui.page("/")(lambda: made.append(Drawn()))
    await user.open("/")
    return made[0]


async def test_only_what_changed_is_drawn_again_and_the_order_is_kept() -> None:
    async with user_simulation() as user:
        drawn = await opened(user)
        drawn.list.draw([(1, "a"), (3, "c")])
        drawn.list.draw([(1, "a"), (2, "b"), (3, "c")])
        assert drawn.shown() == ["a", "b", "c"]
        drawn.list.draw([(1, "a"), (2, "B"), (3, "c"), (4, "d")])
        assert drawn.shown() == ["a", "B", "c", "d"]
        assert drawn.fills == ["a", "c", "b", "B", "d"]


async def test_what_is_gone_disappears_and_what_moved_moves() -> None:
    async with user_simulation() as user:
        drawn = await opened(user)
        drawn.list.draw([(1, "a"), (2, "b"), (3, "c")])
        drawn.list.draw([(3, "c"), (1, "a")])
        assert drawn.shown() == ["c", "a"]
        drawn.list.clear()
        assert drawn.shown() == []
        drawn.list.draw([(1, "a")])
        assert drawn.shown() == ["a"]
