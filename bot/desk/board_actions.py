"""What leads and admins do about incidents and notices: one line each in `BOARD_ACTIONS`. None is about one ticket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk import board_forms
from bot.desk.actions import Notice
from bot.desk.events import DeskEvent
from handlers import incidents, notices
from handlers.desk import Desk
from storage import incidents as stored
from storage import notices as stored_notices
from storage.agents import Agent


@dataclass(frozen=True)
class BoardDoing:
    session: AsyncSession
    desk: Desk
    agent: Agent
    event: DeskEvent
    now: datetime

    @property
    def id(self) -> int:
        return board_forms.number(self.event.argument)


async def _declare(doing: BoardDoing) -> Notice:
    event = doing.event
    new = incidents.Declaration(
        title=board_forms.in_both(event, "title"),
        workaround=board_forms.in_both(event, "workaround"),
        scope=board_forms.scope(event),
        next_update_at=board_forms.next_update(event),
    )
    incident = await incidents.declare(doing.session, doing.desk, new, doing.agent, doing.now)
    count = (await stored.progress(doing.session, incident)).all
    return Notice("desk.notice.incident_declared", {"number": incident.id, "count": count})


async def _update(doing: BoardDoing) -> Notice:
    event = doing.event
    news = incidents.Update(
        title=board_forms.in_both(event, "title"),
        workaround=board_forms.in_both(event, "workaround"),
        next_update_at=board_forms.next_update(event),
        loud=bool(event.values.get("loud")),
    )
    incident = await incidents.update(doing.session, doing.desk, doing.id, news, doing.agent, doing.now)
    return Notice("desk.notice.incident_updated", {"number": incident.id})


async def _close(doing: BoardDoing) -> Notice:
    cause = board_forms.in_both(doing.event, "cause")
    incident = await incidents.close(doing.session, doing.desk, doing.id, cause, doing.agent, doing.now)
    return Notice("desk.notice.incident_closed", {"number": incident.id})


async def _prepare_notice(doing: BoardDoing) -> Notice:
    text, segment = board_forms.in_both(doing.event, "text"), board_forms.segment(doing.event)
    notice = await notices.prepare(doing.session, doing.desk, text, segment, doing.agent, doing.now)
    count = (await stored_notices.progress(doing.session, notice.id)).all
    return Notice("desk.notice.notice_prepared", {"count": count})


async def _send_notice(doing: BoardDoing) -> Notice:
    await notices.send(doing.session, doing.desk, doing.id, doing.agent, doing.now)
    return Notice("desk.notice.notice_sending")


async def _stop_notice(doing: BoardDoing) -> Notice:
    await notices.stop(doing.session, doing.desk, doing.id, doing.agent)
    return Notice("desk.notice.notice_stopped")


BOARD_ACTIONS: Mapping[str, Callable[[BoardDoing], Awaitable[Notice]]] = {
    board_forms.DECLARE: _declare,
    board_forms.UPDATE: _update,
    board_forms.CLOSE: _close,
    board_forms.NOTICE: _prepare_notice,
    "notice_send": _send_notice,
    "notice_stop": _stop_notice,
}
