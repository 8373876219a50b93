"""One desk event from the inbox → one transaction: who acts, on which ticket, what; then what they alone are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk import places, thread
from bot.desk.actions import ACTIONS, Doing, Notice
from bot.desk.board_actions import BOARD_ACTIONS, BoardDoing
from bot.desk.events import DeskEvent, DeskKind
from bot.desk.home_pages import HomePages
from bot.desk.people import person
from bot.desk.refusals import refusal
from bot.desk.slack import DeskSlack
from bot.desk.teach import TEACH_ACTIONS
from bot.desk.whispers import Whispers
from bot.desk.wording import Wording
from bot.log import redact
from handlers import agents, tickets
from handlers.agent_actions import Act
from handlers.desk import Desk
from handlers.errors import SupportError
from storage import desk_threads, inbound
from storage.agents import Agent
from storage.database import Database, is_passing_fault
from storage.inbound import InboundEvent, Outcome
from storage.lanes import Claim, LaneLost, put_off
from storage.tickets import Ticket, ticket_numbered

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 4
MOST_WHILE_AWAY = 20  # about a quarter of an hour, for the database or Slack to come back
AGENTS_OWN = frozenset({"duty", "home"})  # what is about the agent, and no ticket


@dataclass(frozen=True)
class Done:
    outcome: Outcome
    notice: Notice | None = None
    reason: str | None = None


IGNORED = Done(Outcome.IGNORED)


class DeskWork:
    """Works what agents did. Never raises for a fault in one event: it is tried again, then set aside and they are
    told."""

    def __init__(
        self, database: Database, slack: DeskSlack, desk: Callable[[], Desk], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._slack = slack
        self._desk = desk
        self._clock = clock
        self._whispers = Whispers(slack)
        self.homes = HomePages(database, slack, desk, clock)

    async def work(self, held: Claim, row: InboundEvent) -> None:
        event = DeskEvent.from_payload(row.payload)
        try:
            done = await self._refusable(held, event)
        except LaneLost:
            log.warning("desk.lane_lost", lane=held.lane_id)
            return
        except Exception as error:
            await self._failed(held, event, error)
            return
        log.info("desk.worked", lane=held.lane_id, kind=event.kind, action=event.action, outcome=done.outcome)
        if done.notice is not None:
            await self._whispers.tell(event, done.notice, Wording.of(self._desk()))
        if event.is_on_home:
            await self.homes.show(event.user)

    async def _refusable(self, held: Claim, event: DeskEvent) -> Done:
        """What is refused changes nothing, and whoever tried is told why."""
        try:
            return await self._handled(held, event)
        except SupportError as error:
            notice = refusal(error)
            if notice is None:
                raise
            async with self._database.transaction() as session:
                await inbound.finish(session, held, 1, Outcome.IGNORED, type(error).__name__)
            return Done(Outcome.IGNORED, notice, type(error).__name__)

    async def _handled(self, held: Claim, event: DeskEvent) -> Done:
        if event.kind is DeskKind.LOST:
            async with self._database.transaction() as session:
                done = await self._lost(session, event)
                await inbound.finish(session, held, 1, done.outcome)
            return done
        if not await self._concerns_us(event):
            async with self._database.transaction() as session:
                await inbound.finish(session, held, 1, Outcome.IGNORED, "no ticket")
            return IGNORED
        who = await person(self._slack.people, event.user)
        async with self._database.transaction() as session:
            agent = await agents.recognised(session, who)
            done = await self._done(session, agent, event)
            await inbound.finish(session, held, 1, done.outcome, done.reason)
        return done

    async def _concerns_us(self, event: DeskEvent) -> bool:
        """Whether it is about a ticket: people also talk about other things in the channel, and react to them."""
        if event.kind is DeskKind.PRESSED or event.kind is DeskKind.SUBMITTED:
            return True
        if event.kind is DeskKind.UNREACTED:
            return False
        is_reaction = event.kind is DeskKind.REACTED
        if is_reaction and event.argument not in self._desk().content.desk.emoji:
            return False
        async with self._database.reading() as session:
            if is_reaction and await self._is_our_mark(session, event):
                return False
            return await self._ticket(session, event) is not None

    async def _is_our_mark(self, session: AsyncSession, event: DeskEvent) -> bool:
        """Who clicks on the mark that tells the fate of their words means no action by it."""
        copies = await desk_threads.copies_at(session, event.channel, event.ts)
        return any(copy.mark == event.argument for copy in copies)

    async def _done(self, session: AsyncSession, agent: Agent, event: DeskEvent) -> Done:
        if event.action in BOARD_ACTIONS and event.kind in {DeskKind.PRESSED, DeskKind.SUBMITTED}:
            doing_board = BoardDoing(session, self._desk(), agent, event, self._clock())
            return Done(Outcome.NOTED, await BOARD_ACTIONS[event.action](doing_board))
        ticket = await self._ticket(session, event)
        if ticket is None and event.action != "undo" and event.action not in AGENTS_OWN:
            raise tickets.TicketNotFound(f"#{event.ticket}" if event.ticket else "")
        act = Act(session, self._desk(), agent.name, self._clock(), leads=agent.leads)
        doing = Doing(act, agent, event, ticket.number if ticket else 0)
        match event.kind:
            case DeskKind.SAID:
                return Done(Outcome.NOTED, await thread.said(doing))
            case DeskKind.EDITED:
                return Done(Outcome.NOTED, await thread.edited(doing))
            case DeskKind.DELETED:
                await thread.deleted(doing)
                return Done(Outcome.NOTED)
            case DeskKind.REACTED:
                action = ACTIONS.get(self._desk().content.desk.emoji.get(event.argument, ""))
            case _:
                action = ACTIONS.get(event.action) or TEACH_ACTIONS.get(event.action)
        if action is None:
            return Done(Outcome.IGNORED, reason=f"no such action: {event.action}"[:80])
        return Done(Outcome.NOTED, await action(doing))

    async def _ticket(self, session: AsyncSession, event: DeskEvent) -> Ticket | None:
        if event.ticket is not None:
            return await ticket_numbered(session, event.ticket)
        if event.channel and event.thread:
            return await desk_threads.ticket_at(session, event.channel, event.thread)
        return None

    async def _lost(self, session: AsyncSession, event: DeskEvent) -> Done:
        """The ticket gets a new thread, and the desk is told there."""
        lost = await desk_threads.thread_at(session, event.channel, event.ts)
        if lost is None or not await places.thread_lost(session, lost, places.DELETED, self._clock()):
            return IGNORED
        return Done(Outcome.NOTED)

    async def _failed(self, held: Claim, event: DeskEvent, error: Exception) -> None:
        """A fault: soon again; at last it is set aside, and whoever did it is told that it was not done."""
        log.error("desk.fault", lane=held.lane_id, attempt=held.attempts, exc_info=error)
        reason = f"{type(error).__name__}: {redact(str(error))}"[:500]
        is_passing = is_passing_fault(error) or isinstance(error, (SupportError, TimeoutError))
        try:
            async with self._database.transaction() as session:
                if held.attempts < (MOST_WHILE_AWAY if is_passing else MOST_ATTEMPTS):
                    await put_off(session, held, timedelta(seconds=min(0.5 * 4 ** (held.attempts - 1), 60)))
                    return
                await inbound.finish(session, held, 1, Outcome.DEAD, reason)
        except LaneLost:
            log.warning("desk.lane_lost", lane=held.lane_id)
            return
        await self._whispers.tell(event, Notice("desk.refused.fault"), Wording.of(self._desk()))
