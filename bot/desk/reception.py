"""What Slack sends of the desk: what changes something goes into the inbox, forms are opened and checked at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.channels.slack.facts import Body, Us, part, words
from bot.channels.slack.reception import Answer
from bot.desk import payloads
from bot.desk.events import DeskEvent
from bot.desk.openings import Openings
from bot.desk.places import Places
from bot.intake import Intake

log = structlog.get_logger(__name__)


class DeskReception:
    def __init__(
        self,
        intake: Intake,
        openings: Openings,
        places: Places,
        clock: Callable[[], datetime],
    ) -> None:
        self._intake = intake
        self._openings = openings
        self._places = places
        self._clock = clock
        self._opening: set[asyncio.Task[None]] = set()

    async def take(self, body: Body, us: Us) -> Answer | None:
        """None: it is not the desk's. Raises `NotAccepted`, `Unreadable`."""
        match words(body, "type"):
            case "event_callback":
                return await self._heard(body, us)
            case "block_actions":
                return await self._pressed(payloads.read_presses(body), words(body, "trigger_id"), body)
            case "message_action" if words(body, "callback_id").startswith(payloads.PREFIX):
                return await self._pressed([payloads.read_shortcut(body)], words(body, "trigger_id"), body)
            case "shortcut" if words(body, "callback_id").startswith(payloads.PREFIX):
                return await self._pressed([payloads.read_global_shortcut(body)], words(body, "trigger_id"), body)
            case "view_submission" if _is_ours(body):
                return await self._submitted(payloads.read_submission(body, self._clock()), body)
            case "block_suggestion" if words(body, "action_id").startswith(payloads.PREFIX):
                return Answer(body=await self._openings.suggest(body))
            case "view_closed":
                return Answer()
        return None

    async def _heard(self, body: Body, us: Us) -> Answer | None:
        renamed = payloads.renamed(body)
        if renamed is not None:
            return Answer() if await self._places.renamed(*renamed) else None
        channel = payloads.place_of(body)
        if not await self._places.is_ours(channel):
            return None
        if payloads.is_closed(body):
            await self._places.closed(channel)
            return Answer()
        event = payloads.read_event(body, us, {channel})
        if event is not None:
            await self._intake.accept_desk(event)
        return Answer()

    async def _pressed(self, presses: list[DeskEvent], trigger: str, body: Body) -> Answer | None:
        if not presses:
            return None
        for press in presses:
            if self._openings.opens(press):
                self._begin(press, trigger, body)
            else:
                await self._intake.accept_desk(press)
        return Answer()

    def _begin(self, press: DeskEvent, trigger: str, body: Body) -> None:
        """Slack is answered at once; the form comes by itself, within the 3 seconds its trigger is good for."""
        task = asyncio.create_task(self._openings.open(press, trigger, body))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _submitted(self, event: DeskEvent, body: Body) -> Answer:
        """A form that cannot be sent like that stays open, with what is wrong at its fields."""
        errors = await self._openings.check(event)
        if errors:
            ids = payloads.block_ids(part(body, "view"))
            at_fields = {ids.get(name, name): text for name, text in errors.items()}
            return Answer(body={"response_action": "errors", "errors": at_fields})
        await self._intake.accept_desk(event)
        return Answer()


def _is_ours(body: Body) -> bool:
    view = body.get("view")
    return isinstance(view, dict) and words(view, "callback_id").startswith(payloads.PREFIX)
