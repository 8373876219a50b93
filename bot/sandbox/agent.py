"""The agent at the demo's desk: each action is a transaction of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from bot.app import App
from handlers.agent_actions import Act
from handlers.errors import SupportError
from handlers.handoff import AlreadyTaken
from handlers.texts import Texts
from handlers.tickets import IllegalTransition, TicketNotFound


class DeskAgent:
    """Does what a card's buttons say, as the agent that `who` names then; a refusal becomes a notification. `on_done`
    is called after each action."""

    def __init__(self, app: App, who: Callable[[], str], texts: Texts, on_done: Callable[[], None]) -> None:
        self._app = app
        self._who = who
        self._texts = texts
        self._on_done = on_done

    async def take_over(self, number: int) -> bool:
        return await self._do(lambda act: act.take_over(number))

    async def reply(self, number: int, text: str) -> bool:
        return await self._do(lambda act: act.reply(number, text))

    async def hand_back(self, number: int) -> bool:
        return await self._do(lambda act: act.hand_back(number))

    async def resolve(self, number: int) -> bool:
        return await self._do(lambda act: act.resolve(number))

    async def _do(self, action: Callable[[Act], Awaitable[None]]) -> bool:
        try:
            async with self._app.database.transaction() as session:
                await action(Act(session, self._app.desk(), self._who(), self._app.clock()))
        except (TicketNotFound, AlreadyTaken, IllegalTransition) as refusal:
            ui.notify(refusal_text(refusal, self._texts), type="negative", position="top")
            return False
        finally:
            self._on_done()
        return True


def refusal_text(refusal: SupportError, texts: Texts) -> str:
    match refusal:
        case AlreadyTaken():
            return texts("demo.error.already_taken", agent=str(refusal))
        case TicketNotFound():
            return texts("demo.error.ticket_not_found")
        case _:
            return texts("demo.error.illegal_transition")
