"""The parts of the agents' side, put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.channels.slack.channel import Slack
from bot.desk.board_courier import BoardCourier
from bot.desk.courier import DeskCourier
from bot.desk.introductions import Introductions
from bot.desk.openings import Openings
from bot.desk.places import Places
from bot.desk.reception import DeskReception
from bot.desk.slack import DeskSlack
from bot.desk.work import DeskWork
from bot.intake import Intake
from handlers.desk import Desk
from storage import board_posts
from storage.database import Database
from storage.lanes import Claim


@dataclass(frozen=True)
class DeskSide:
    """`work` is for the inbox's desk events, `courier` for the desk's lanes, `reception` for what Slack sends."""

    slack: DeskSlack
    work: DeskWork
    courier: DeskCourier
    board: BoardCourier
    introductions: Introductions
    openings: Openings
    places: Places
    desk: Callable[[], Desk]
    clock: Callable[[], datetime]

    @classmethod
    def build(
        cls, slack: Slack, database: Database, desk: Callable[[], Desk], clock: Callable[[], datetime]
    ) -> DeskSide:
        calls = DeskSlack(slack)
        return cls(
            calls,
            DeskWork(database, calls, desk, clock),
            DeskCourier(database, calls, desk, clock),
            BoardCourier(database, calls, desk, clock),
            Introductions(database, calls.people),
            Openings(database, calls, desk, clock),
            Places(database, desk),
            desk,
            clock,
        )

    def reception(self, intake: Intake) -> DeskReception:
        return DeskReception(intake, self.openings, self.places, self.clock)

    async def tell(self, held: Claim) -> None:
        """Works a lane of the desk's: a ticket's, or that of a card that is no ticket's. Introduces agents first."""
        await self.introductions.make()
        await (self.board if board_posts.is_boards(held.key) else self.courier).work(held)
