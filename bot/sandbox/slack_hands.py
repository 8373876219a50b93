"""What somebody can do with a control on the page, wherever it stands: in a message, in a modal, on the Home tab."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack_controls import Control
from handlers.texts import Texts

Given = str | list[str] | Json | list[Json] | None
"""The option chosen or the text typed, several of a list, an option that was looked up; None: a button was pressed."""


@dataclass(frozen=True)
class Hands:
    """`use` tells the app at once, `fill` keeps it until all is sent; `look_up` asks the app for options."""

    texts: Texts
    use: Callable[[Control, Given], Awaitable[None]]
    fill: Callable[[Control, Given], None]
    look_up: Callable[[Control, str], Awaitable[list[Json]]]
    is_telling: bool = True

    async def take(self, one: Control, given: Given) -> None:
        """What was chosen: told at once or kept, as it is here."""
        if self.is_telling:
            await self.use(one, given)
        else:
            self.fill(one, given)
