"""Agents' Slack accounts are looked up by their e-mail addresses: who has never acted yet can be called, too."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from bot.channels.base import PermanentDeliveryError
from bot.channels.slack.people import People
from bot.desk.people import person
from handlers.agents import NotAnAgent, recognised
from handlers.errors import SupportError
from storage import agents
from storage.agents import Agent
from storage.database import Database

log = structlog.get_logger(__name__)

LOOK_SECONDS = 60.0
ASK_AGAIN_SECONDS = 3600.0  # for somebody who was not found
MOST_AT_ONCE = 5  # a lane is held meanwhile


class Introductions:
    """`clock` counts seconds."""

    def __init__(self, database: Database, people: People, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._people = people
        self._clock = clock
        self._look_at = 0.0
        self._ask_at: dict[int, float] = {}

    async def make(self) -> None:
        """Looks now and then for agents whose accounts are not known. Never raises what Slack or an address may cause:
        who is not found is named as before, without being called."""
        now = self._clock()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        async with self._database.reading() as session:
            unknown = await agents.without_account(session)
        due = [agent for agent in unknown if self._ask_at.get(agent.id, now) <= now]
        for agent in due[:MOST_AT_ONCE]:
            try:
                await self._introduce(agent)
            except NotAnAgent as error:
                log.warning("agent.no_account", agent_id=agent.id, why=error.why.value)
            except PermanentDeliveryError as error:
                log.warning("agent.not_looked_up", agent_id=agent.id, reason=str(error))
            except (SupportError, TimeoutError) as error:
                log.warning("agent.not_looked_up", agent_id=agent.id, reason=str(error) or "Slack took too long")
                return  # Slack is away: all are asked for at the next look
            self._ask_at[agent.id] = now + ASK_AGAIN_SECONDS

    async def _introduce(self, agent: Agent) -> None:
        user = await self._people.user_with_email(agent.email)
        if user is None:
            log.warning("agent.no_account", agent_id=agent.id, why="nobody in this workspace has their e-mail address")
            return
        who = await person(self._people, user)
        async with self._database.transaction() as session:
            await recognised(session, who)
