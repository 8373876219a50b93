"""Opening forms, and checking what was typed into them. Nothing is changed here.

Slack's trigger is good for 3 seconds and one use, so a form is opened empty before anything is read, and then filled:
https://docs.slack.dev/surfaces/modals#opening
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.slack.facts import Body, words
from bot.desk import blocks, payloads, template_form
from bot.desk.blocks import Block
from bot.desk.events import DeskEvent
from bot.desk.forms import FORMS, Opening
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
TEMPLATE = "template"
CHOSEN = "template_chosen"  # another template was chosen in the open form


class Openings:
    def __init__(
        self, database: Database, slack: DeskSlack, desk: Callable[[], Desk], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._slack = slack
        self._desk = desk
        self._clock = clock

    def opens(self, press: DeskEvent) -> bool:
        return press.action in FORMS or press.action in {TALK, TEMPLATE, CHOSEN}

    async def open(self, press: DeskEvent, trigger: str, body: Body) -> None:
        """Never raises: a form that did not open can be asked for again."""
        wording = Wording.of(self._desk())
        try:
            if press.action == CHOSEN:
                await self._choose(press, body, wording)
                return
            title = wording.texts(f"desk.more.{press.action}")
            waiting = [blocks.section(wording.texts("desk.form.loading"))]
            close = wording.texts("desk.form.close")
            view_id, _ = await self._slack.open_view(trigger, blocks.modal(press.action, title, waiting, close=close))
            await self._slack.update_view(view_id, await self._filled(press, title, wording))
        except (SupportError, SQLAlchemyError, TimeoutError, OSError) as error:
            log.warning("desk.form_not_opened", action=press.action, error=type(error).__name__)

    async def _filled(self, press: DeskEvent, title: str, wording: Wording) -> Block:
        """The form itself, or why there is none."""
        texts = wording.texts
        close = texts("desk.form.close")
        try:
            async with self._database.transaction() as session:
                opening = await self._opening(session, press, wording)
                if press.action == TALK:
                    drawn = await talk(session, opening.ticket, wording)
                    return blocks.modal(TALK, title, drawn, close=close)
                draw = template_form.draw if press.action == TEMPLATE else FORMS[press.action]
                about = _about(press, opening.ticket)
                submit = texts("desk.form.send" if press.action in {"reply", TEMPLATE} else "desk.form.do")
                return blocks.modal(press.action, title, await draw(opening), close=close, submit=submit, about=about)
        except SupportError as error:
            notice = refusal(error)
            if notice is None:
                raise
            told = texts(notice.key, **dict(notice.values or {}))
            return blocks.modal(press.action, title, [blocks.section(told)], close=close)

    async def _opening(self, session: AsyncSession, press: DeskEvent, wording: Wording) -> Opening:
        """Raises `NotAnAgent`, `TicketNotFound`."""
        agent = await agents.recognised(session, await person(self._slack.people, press.user))
        ticket = await self._ticket(session, press)
        if ticket is None:
            raise tickets.TicketNotFound(f"#{press.ticket}" if press.ticket else "")
        return Opening(session, self._desk(), wording, agent, ticket, self._clock())

    async def _ticket(self, session: AsyncSession, press: DeskEvent) -> Ticket | None:
        if press.ticket is not None:
            return await ticket_numbered(session, press.ticket)
        return await desk_threads.ticket_at(session, press.channel, press.thread)

    async def _choose(self, press: DeskEvent, body: Body, wording: Wording) -> None:
        """The open template form, drawn for the template that was chosen in it."""
        view = body.get("view")
        view = view if isinstance(view, dict) else {}
        about = payloads.opened_for(view)
        number = about.get("ticket")
        key = payloads.fields(view).get(template_form.KEY, "")
        texts = wording.texts
        async with self._database.transaction() as session:
            asked = DeskEvent(**{**vars(press), "ticket": number if isinstance(number, int) else None})
            opening = await self._opening(session, asked, wording)
            drawn = await template_form.draw(opening, key)
        form = blocks.modal(
            TEMPLATE, texts("desk.more.template"), drawn, close=texts("desk.form.close"),
            submit=texts("desk.form.send"), about=words(view, "private_metadata"),
        )  # fmt: skip
        await self._slack.update_view(words(view, "id"), form)

    async def check(self, event: DeskEvent) -> Mapping[str, str]:
        """What is wrong with a form, by the name of the field."""
        if event.action != TEMPLATE:
            return {}
        wording = Wording.of(self._desk())
        async with self._database.reading() as session:
            ticket = await ticket_numbered(session, event.ticket or 0)
            return await template_form.check(session, self._desk(), ticket, event, wording, self._clock())

    async def suggest(self, body: Body) -> Block:
        """Templates and answers for the letters typed so far."""
        desk = self._desk()
        view = body.get("view")
        about = payloads.opened_for(view) if isinstance(view, dict) else {}
        async with self._database.reading() as session:
            number = about.get("ticket")
            ticket = await ticket_numbered(session, number) if isinstance(number, int) else None
        return template_form.options(desk, ticket, words(body, "value"), Wording.of(desk))


def _about(press: DeskEvent, ticket: Ticket) -> str:
    """Where the form was opened, to be sent back with it: a hint for where to answer, and no right to anything."""
    return json.dumps(
        {"ticket": ticket.number, "channel": press.channel, "thread": press.thread, "argument": press.argument}
    )
