"""Opening the forms about incidents and notices, as `bot.desk.openings` does it for those about a ticket."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from bot.channels.slack.blocks import escape
from bot.desk import blocks, board_forms
from bot.desk.actions import Notice
from bot.desk.blocks import Block
from bot.desk.board_forms import FORMS, BoardOpening
from bot.desk.events import DeskEvent
from bot.desk.people import person
from bot.desk.refusals import refusal
from bot.desk.slack import DeskSlack
from bot.desk.wording import Wording
from handlers import agents
from handlers.desk import Desk
from handlers.errors import SupportError
from storage.database import Database

log = structlog.get_logger(__name__)

FAULT = Notice("desk.refused.fault")


class BoardOpenings:
    def __init__(
        self, database: Database, slack: DeskSlack, desk: Callable[[], Desk], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._slack = slack
        self._desk = desk
        self._clock = clock

    def opens(self, press: DeskEvent) -> bool:
        return press.action in FORMS

    async def open(self, press: DeskEvent, trigger: str) -> None:
        """Never raises: a form that did not open can be asked for again."""
        wording = Wording.of(self._desk())
        waiting = [blocks.section(wording.texts("desk.form.loading"))]
        try:
            view_id, _ = await self._slack.open_view(trigger, _view(press.action, wording, waiting))
            await self._slack.update_view(view_id, await self._filled(press, wording))
        except (SupportError, TimeoutError, OSError) as error:
            log.warning("desk.form_not_opened", action=press.action, error=type(error).__name__)

    async def _filled(self, press: DeskEvent, wording: Wording) -> Block:
        """The form itself, or why there is none."""
        try:
            who = await person(self._slack.people, press.user)
            async with self._database.transaction() as session:
                agent = await agents.recognised(session, who)
                opening = BoardOpening(session, self._desk(), wording, agent, press, self._clock())
                drawn = await board_forms.draw(opening)
            return _view(press.action, wording, drawn, _about(press))
        except SupportError as error:
            notice = refusal(error) or FAULT
        except Exception:
            log.exception("desk.form_fault", action=press.action)
            notice = FAULT
        values = {name: escape(str(value)) for name, value in (notice.values or {}).items()}
        return _view(press.action, wording, [blocks.section(wording.texts(notice.key, **values))])

    def check(self, event: DeskEvent) -> Mapping[str, str]:
        return board_forms.wrong(event, Wording.of(self._desk()), self._clock())


def _view(action: str, wording: Wording, drawn: list[Block], about: str = "") -> Block:
    """It can be sent where there is something to send."""
    texts = wording.texts
    submit = texts("desk.form.preview" if action == board_forms.NOTICE else "desk.form.send") if about else ""
    title = texts(f"desk.board.{action}")
    return blocks.modal(action, title, drawn, close=texts("desk.form.close"), submit=submit, about=about)


def _about(press: DeskEvent) -> str:
    """A hint for where to answer and what it is about: no right to anything."""
    return json.dumps({"channel": press.channel, "thread": press.thread, "argument": press.argument})
