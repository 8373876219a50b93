"""Showing agents their Home tab, drawn from the database each time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.slack.channel import Slack
from bot.desk.blocks import Block
from bot.desk.home import home_view
from bot.desk.home_facts import home_facts
from bot.desk.people import person
from bot.desk.slack import DeskSlack
from bot.desk.wording import Wording
from handlers import agents
from handlers.agents import NotAnAgent, SlackPerson
from handlers.desk import Desk
from handlers.errors import SupportError
from handlers.messages import IncomingMessage
from storage.database import Database

log = structlog.get_logger(__name__)


class HomePages:
    def __init__(
        self, database: Database, slack: DeskSlack, desk: Callable[[], Desk], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._slack = slack
        self._desk = desk
        self._clock = clock

    async def opened(self, event: IncomingMessage) -> bool:
        """Somebody opened the app's Home tab. As `show`."""
        return event.channel == Slack.name and await self.show(event.sender_id.partition(":")[2])

    async def show(self, user: str) -> bool:
        """Draws it for them; False: they are no agent of ours, or Slack does not tell who they are. Never raises for a
        page that could not be shown: it is drawn again when it is opened, or something is pressed on it."""
        try:
            who = await person(self._slack.people, user)
        except (SupportError, TimeoutError) as error:
            log.warning("desk.home_whose", error=type(error).__name__)
            return False
        try:
            view = await self._view(who)
            await self._slack.publish_home(user, view)
        except NotAnAgent:
            return False
        except (SupportError, SQLAlchemyError, TimeoutError, OSError) as error:
            log.warning("desk.home_not_shown", error=type(error).__name__)
        return True

    async def _view(self, who: SlackPerson) -> Block:
        """Raises `NotAnAgent`."""
        desk = self._desk()
        workspace = await self._slack.people.workspace()
        async with self._database.transaction() as session:  # at first sight their account is put on record
            agent = await agents.recognised(session, who)
            facts = await home_facts(session, desk, agent, self._clock())
            return home_view(facts, Wording.of(desk), workspace, self._clock(), uuid4().hex[:12])
