"""Opening forms, and checking what was typed into them. Nothing is changed here.

Slack's trigger is good for 3 seconds and one use, so a form is opened empty before anything is read, and then filled:
https://docs.slack.dev/surfaces/modals#opening
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.slack.blocks import escape
from bot.channels.slack.facts import Body, part, words
from bot.desk import blocks, checks, payloads, teach, template_form
from bot.desk.actions import Notice
from bot.desk.blocks import Block
from bot.desk.board_openings import BoardOpenings
from bot.desk.events import DeskEvent
from bot.desk.forms import FORMS, Opening, refuse_in_vain
from bot.desk.people import person
from bot.desk.refusals import refusal
from bot.desk.slack import DeskSlack
from bot.desk.talk import talk
from bot.desk.wording import Wording
from handlers import agents, tickets
from handlers.desk import Desk
from handlers.errors import SupportError
from storage import desk_threads
from storage.database import Database
from storage.tickets import Ticket, ticket_numbered

log = structlog.get_logger(__name__)

TALK = "talk"
SENDS = frozenset({"reply", "draft_edit", template_form.ACTION})
DRAWN = {**FORMS, **teach.TEACH_FORMS}
FAULT = Notice("desk.refused.fault")

Fill = Callable[[Opening], Awaitable[list[Block]]]


class Openings:
    def __init__(
        self, database: Database, slack: DeskSlack, desk: Callable[[], Desk], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._slack = slack
        self._desk = desk
        self._clock = clock
        self._board = BoardOpenings(database, slack, desk, clock)

    def opens(self, press: DeskEvent) -> bool:
        if self._board.opens(press):
            return True
        return press.action in DRAWN or press.action in {
            TALK,
            template_form.ACTION,
            template_form.CHOSEN,
            teach.SHORTCUT,
        }

    async def open(self, press: DeskEvent, trigger: str, body: Body) -> None:
        """Never raises: a form that did not open can be asked for again."""
        if self._board.opens(press):
            await self._board.open(press, trigger)
            return
        wording = Wording.of(self._desk())
        try:
            if press.action == template_form.CHOSEN:
                await self._choose(press, part(body, "view"), wording)
                return
            waiting = [blocks.section(wording.texts("desk.form.loading"))]
            view_id, _ = await self._slack.open_view(trigger, _view(press.action, wording, waiting))
            if press.action == teach.SHORTCUT:
                async with self._database.reading() as session:
                    press = replace(press, action=await teach.form_for(session, press))
            await self._slack.update_view(view_id, await self._filled(press, _drawn_by(press.action, wording), wording))
        except (SupportError, TimeoutError, OSError) as error:
            log.warning("desk.form_not_opened", action=press.action, error=type(error).__name__)

    async def _choose(self, press: DeskEvent, view: Body, wording: Wording) -> None:
        """The open template form, drawn for the template that was chosen in it."""
        about = payloads.opened_for(view)
        key = payloads.fields(view).get(template_form.KEY, "")
        channel, thread = words(about, "channel"), words(about, "thread")
        ticket = payloads.ticket_of(about)
        press = replace(press, action=template_form.ACTION, ticket=ticket, channel=channel, thread=thread)
        form = await self._filled(press, lambda opening: template_form.draw(opening, key), wording)
        await self._slack.update_view(words(view, "id"), form)

    async def _filled(self, press: DeskEvent, draw: Fill, wording: Wording) -> Block:
        """The form itself, or why there is none: nobody is left waiting before an empty one."""
        try:
            async with self._opening(press, wording) as opening:
                await refuse_in_vain(opening, press.action)
                drawn = await draw(opening)
                about = _about(press, opening.ticket)
            return _view(press.action, wording, drawn, about)
        except SupportError as error:
            notice = refusal(error) or FAULT
        except Exception:
            log.exception("desk.form_fault", action=press.action)
            notice = FAULT
        values = {name: escape(str(value)) for name, value in (notice.values or {}).items()}
        return _view(press.action, wording, [blocks.section(wording.texts(notice.key, **values))])

    @asynccontextmanager
    async def _opening(self, press: DeskEvent, wording: Wording) -> AsyncIterator[Opening]:
        """Raises `NotAnAgent`, `TicketNotFound`."""
        who = await person(self._slack.people, press.user)
        async with self._database.transaction() as session:
            agent = await agents.recognised(session, who)
            ticket = await self._ticket(session, press)
            if ticket is None:
                raise tickets.TicketNotFound(f"#{press.ticket}" if press.ticket else "")
            yield Opening(
                session, self._desk(), wording, agent, ticket, self._clock(), press.argument, press.channel, press.ts
            )

    async def _ticket(self, session: AsyncSession, press: DeskEvent) -> Ticket | None:
        if press.ticket is not None:
            return await ticket_numbered(session, press.ticket)
        return await desk_threads.ticket_at(session, press.channel, press.thread)

    async def check(self, event: DeskEvent) -> Mapping[str, str]:
        """What is wrong with a form, by the name of the field. Who may not send it is told when it is worked."""
        if self._board.opens(event):
            return self._board.check(event)
        try:
            async with self._opening(event, Wording.of(self._desk())) as opening:
                return await checks.wrong(opening, event)
        except SupportError:
            return {}

    async def suggest(self, body: Body) -> Block:
        """Templates and answers for the letters typed so far; to agents."""
        asked = payloads.read_question(body, self._clock())
        try:
            async with self._opening(asked, Wording.of(self._desk())) as opening:
                return template_form.options(opening, words(body, "value"))
        except SupportError:
            return {"options": []}


def _drawn_by(action: str, wording: Wording) -> Fill:
    if action == template_form.ACTION:
        return template_form.draw
    if action == TALK:
        return lambda opening: talk(opening.session, opening.ticket, wording)
    return DRAWN[action]


def _view(action: str, wording: Wording, drawn: list[Block], about: str = "") -> Block:
    """It can be sent where there is something to send."""
    texts = wording.texts
    title = texts(f"desk.more.{action}").removesuffix("…")
    can_send = about and action != TALK and _asks(action, drawn)
    submit = texts("desk.form.send" if action in SENDS else "desk.form.do") if can_send else ""
    return blocks.modal(action, title, drawn, close=texts("desk.form.close"), submit=submit, about=about)


def _asks(action: str, drawn: list[Block]) -> bool:
    """Whether there is anything to fill in, or it is a question of yes or no."""
    return action == "spam" or any(block["type"] == "input" for block in drawn)


def _about(press: DeskEvent, ticket: Ticket) -> str:
    """Where the form was opened, to be sent back with it: a hint for where to answer, and no right to anything."""
    return json.dumps(
        {"ticket": ticket.number, "channel": press.channel, "thread": press.thread, "argument": press.argument}
    )
