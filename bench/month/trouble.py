"""What is out of order in the month: the language server, Telegram's way out, and once a courier who does not come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from sqlalchemy import select

from bench.month.stage import Stage
from bot.sandbox.telegram.faults import server_error
from handlers import incidents
from handlers.incident_matching import Scope
from storage.agents import Agent, Role

NLU_CHANCE = 0.02
TELEGRAM_CHANCE = 0.02
SENDS = ("sendMessage", "editMessageText", "editMessageReplyMarkup")
BEGINS_AFTER, LASTS = timedelta(hours=27), timedelta(hours=22)  # on the second day at nine, until the third at seven
BOTH = ("pl", "en")


@dataclass
class Trouble:
    """`outages` of Telegram so far."""

    dice: Random
    outages: int = 0
    incident_id: int | None = None
    is_over: bool = False

    async def comes(self, stage: Stage, lived: timedelta) -> None:
        """Something breaks for a step, or not; the incident is declared and closed in its time."""
        stage.nlu.down = self.dice.random() < NLU_CHANCE
        stage.telegram.faults.clear()
        if self.dice.random() < TELEGRAM_CHANCE:
            self.outages += 1
            stage.telegram.faults.at_random(0.7, [server_error()], methods=SENDS, seed=self.outages)
        if self.incident_id is None and lived >= BEGINS_AFTER:
            await self._declare(stage)
        elif self.incident_id is not None and not self.is_over and lived >= BEGINS_AFTER + LASTS:
            await self._close(stage)

    async def ends(self, stage: Stage) -> None:
        stage.nlu.down = False
        stage.telegram.faults.clear()
        if self.incident_id is not None and not self.is_over:
            await self._close(stage)

    async def _declare(self, stage: Stage) -> None:
        now = stage.clock()
        new = incidents.Declaration(
            title=dict.fromkeys(BOTH, "Kurier nie odbiera paczek"),
            workaround=dict.fromkeys(BOTH, "Nic nie trzeba robić: paczki wyjadą, gdy tylko kurier wróci."),
            scope=Scope(frozenset({"delivery_problem"})),
            next_update_at=now + timedelta(hours=4),
        )
        async with stage.database.transaction() as session:
            lead = (await session.scalars(select(Agent).where(Agent.role == Role.LEAD))).first()
            assert lead is not None
            self.incident_id = (await incidents.declare(session, stage.app.desk(), new, lead, now)).id

    async def _close(self, stage: Stage) -> None:
        assert self.incident_id is not None
        cause = dict.fromkeys(BOTH, "Kurier miał awarię floty.")
        async with stage.database.transaction() as session:
            lead = (await session.scalars(select(Agent).where(Agent.role == Role.LEAD))).first()
            assert lead is not None
            await incidents.close(session, stage.app.desk(), self.incident_id, cause, lead, stage.clock())
        self.is_over = True
