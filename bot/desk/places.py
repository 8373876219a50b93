"""The desk's channels: which they are, where a ticket is worked, and what becomes of one that is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.intake import NotAccepted
from handlers import tickets
from handlers.desk import Desk
from storage import desk_channels, desk_posts, desk_threads
from storage.customers import Customer
from storage.database import Database
from storage.desk_posts import PostKind
from storage.desk_threads import DeskThread
from storage.tickets import Ticket

BY_DESK = "desk"  # the actor where nobody did it
DELETED = "deleted"
CHANNEL = "channel"


def configured(desk: Desk) -> frozenset[str]:
    """By the ids that the settings and `desk.yml` name."""
    places = {place.channel for place in desk.content.desk.places}
    return frozenset(places | ({desk.desk_channel} if desk.desk_channel else set()))


async def standing(session: AsyncSession, desk: Desk) -> str | None:
    """How the desk stands, for the health page; None where there is none."""
    if desk.desk_channel is None:
        return None
    problems = await desk_channels.problems(session, configured(desk))
    dead = await desk_posts.count_dead(session)
    if dead:
        problems.append(f"{dead} not told and given up: supportbot desk list")
    return "; ".join(problems) or "ok"


class Places:
    """For whoever has to tell the desk's channels from customers'."""

    def __init__(self, database: Database, desk: Callable[[], Desk]) -> None:
        self._database = database
        self._desk = desk

    async def is_ours(self, channel: str) -> bool:
        """Also one that was ours once: its threads are still about tickets. Raises `NotAccepted`."""
        named = configured(self._desk())
        if channel in named or not channel:
            return channel in named
        try:
            async with self._database.reading() as session:
                return await desk_channels.is_known(session, channel, named)
        except (SQLAlchemyError, OSError) as error:
            raise NotAccepted(type(error).__name__) from error

    async def renamed(self, old: str, new: str) -> bool:
        """Slack calls one of ours `new` from now on. False: it is none of ours. Raises `NotAccepted`."""
        if not await self.is_ours(old):
            return False
        try:
            async with self._database.transaction() as session:
                await desk_channels.rename(session, old, new)
        except (SQLAlchemyError, OSError) as error:
            raise NotAccepted(type(error).__name__) from error
        return True

    async def closed(self, channel: str) -> None:
        """It was archived, or the bot removed from it: the tickets in it are looked after at once, and not only when
        something happens to them. Raises `NotAccepted`."""
        default = self._desk().desk_channel
        try:
            async with self._database.transaction() as session:
                is_default = default is not None and await desk_channels.current(session, default) == channel
                for ticket_id in await desk_threads.worked_in(session, channel, 1 if is_default else None):
                    await desk_posts.append(session, ticket_id, PostKind.CARD, {})
        except (SQLAlchemyError, OSError) as error:
            raise NotAccepted(type(error).__name__) from error


async def place_of(session: AsyncSession, desk: Desk, ticket: Ticket) -> str | None:
    """Where the ticket belongs: in a channel that the settings no longer name it does not stay."""
    if ticket.desk_channel is None:
        return None
    place = await desk_channels.current(session, ticket.desk_channel)
    named = {await desk_channels.current(session, one) for one in configured(desk)}
    if place not in named:
        tier = (await session.get_one(Customer, ticket.customer_id)).tier
        chosen = desk.content.desk.channel_for(ticket.category, ticket.language, tier, desk.desk_channel)
        place = await desk_channels.current(session, chosen) if chosen else place
    if place != ticket.desk_channel:
        ticket.desk_channel = place
    return place


async def thread_lost(session: AsyncSession, thread: DeskThread, why: str, now: datetime) -> bool:
    """The ticket gets a new thread, and the desk is told there, once. False: that was known already."""
    if not await desk_threads.lose(session, thread, now):
        return False
    ticket = await session.get_one(Ticket, thread.ticket_id)
    await tickets.log_event(session, ticket, "thread_lost", BY_DESK, now, why=why)
    return True


async def channel_lost(session: AsyncSession, desk: Desk, ticket: Ticket, channel: str, now: datetime) -> bool:
    """Nothing can be written into `channel`. True: the ticket goes on elsewhere; False: it waits until that is
    mended."""
    default = await desk_channels.current(session, desk.desk_channel) if desk.desk_channel else None
    if default is None or default == channel:
        return False
    if ticket.desk_channel == channel:
        ticket.desk_channel = default
    thread = await desk_threads.thread_of(session, ticket.id)
    if thread is not None and thread.channel == channel:
        await thread_lost(session, thread, CHANNEL, now)
    return True
