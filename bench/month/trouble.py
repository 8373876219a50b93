"""What is out of order in the month: the language server, Telegram's way out, and each week a courier who is late."""

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
FIRST, EVERY, LASTS = timedelta(hours=27), timedelta(days=7), timedelta(hours=22)  # on Tuesdays at nine, until seven
NOTICED_AFTER = timedelta(hours=4)  # customers write before somebody declares it
UPDATED_AFTER = timedelta(hours=3)
SCOPE = Scope(frozenset({"delivery_problem"}))
BOTH = ("pl", "en")
HINTS = (
    "Nic nie trzeba robić: paczki wyjadą, gdy tylko kurier wróci.",
    "Paczki jadą już innym kurierem, dotrą dzień później.",
)


@dataclass
class Trouble:
    """`outages` of Telegram and `deaf` times of the language server so far; incidents that customers were `struck` by,
    and those `declared`. Every other one is kept up to date, of the others nobody speaks any more until they are over.
    """

    dice: Random
    outages: int = 0
    deaf: int = 0
    declared: int = 0
    struck: int = 0
    incident_id: int | None = None
    is_updated: bool = False

    async def comes(self, stage: Stage, lived: timedelta) -> None:
        """Something breaks for a step, or not; incidents are declared, updated and closed in their time."""
        stage.nlu.down = self.dice.random() < NLU_CHANCE
        self.deaf += stage.nlu.down
        stage.telegram.faults.clear()
        if self.dice.random() < TELEGRAM_CHANCE:
            self.outages += 1
            stage.telegram.faults.at_random(0.7, [server_error()], methods=SENDS, seed=self.outages)
        since = lived - FIRST - EVERY * (self.declared - 1)  # of the last one
        if self.incident_id is None and since >= EVERY:
            await self._declare(stage)
        elif self.incident_id is not None and since >= LASTS:
            await self._close(stage)
        elif self.incident_id is not None and since >= UPDATED_AFTER and self.declared % 2 and not self.is_updated:
            await self._update(stage)

    def strikes(self, lived: timedelta) -> bool:
        """Whether parcels are left behind now, for the first time before each incident."""
        is_new = self.struck == self.declared and lived >= FIRST + EVERY * self.declared - NOTICED_AFTER
        self.struck += is_new
        return is_new

    async def ends(self, stage: Stage) -> None:
        stage.nlu.down = False
        stage.telegram.faults.clear()
        if self.incident_id is not None:
            await self._close(stage)

    async def _declare(self, stage: Stage) -> None:
        new = incidents.Declaration(
            title=dict.fromkeys(BOTH, "Kurier nie odbiera paczek"),
            workaround=dict.fromkeys(BOTH, HINTS[0]),
            scope=SCOPE,
            next_update_at=stage.clock() + timedelta(hours=4),
        )
        async with stage.database.transaction() as session:
            lead = (await session.scalars(select(Agent).where(Agent.role == Role.LEAD))).one()
            self.incident_id = (await incidents.declare(session, stage.app.desk(), new, lead, stage.clock())).id
        self.declared, self.is_updated = self.declared + 1, False

    async def _update(self, stage: Stage) -> None:
        assert self.incident_id is not None
        news = incidents.Update(
            title=dict.fromkeys(BOTH, "Kurier nie odbiera paczek"),
            workaround=dict.fromkeys(BOTH, HINTS[1]),
            next_update_at=stage.clock() + LASTS,
            loud=True,
        )
        async with stage.database.transaction() as session:
            lead = (await session.scalars(select(Agent).where(Agent.role == Role.LEAD))).one()
            await incidents.update(session, stage.app.desk(), self.incident_id, news, lead, stage.clock())
        self.is_updated = True

    async def _close(self, stage: Stage) -> None:
        assert self.incident_id is not None
        cause = dict.fromkeys(BOTH, "Kurier miał awarię floty.")
        async with stage.database.transaction() as session:
            lead = (await session.scalars(select(Agent).where(Agent.role == Role.LEAD))).one()
            await incidents.close(session, stage.app.desk(), self.incident_id, cause, lead, stage.clock())
        self.incident_id = None
