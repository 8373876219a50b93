"""Agents for tests, and the jobs as the scheduler runs them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from handlers.jobs import JOBS
from storage.agents import Agent
from storage.database import Database
from storage.tickets import Ticket, TicketEvent
from tests.bot_under_test import MONDAY_NOON, BotUnderTest


def agent(name: str, **more: Any) -> Agent:
    fields = {"groups": [], "role": "agent", "is_active": True, "is_on_duty": True, "load_cap": 10, "schedule": None}
    return Agent(name=name, email=f"{name.lower()}@sklep.example", created_at=MONDAY_NOON, **{**fields, **more})


async def hire(database: Database, *names: str, **more: Any) -> None:
    for name in names:
        async with database.transaction() as session:
            session.add(agent(name, **more))


async def ask_for_a_person(bot: BotUnderTest, chat: str = "anna", text: str = "konsultant") -> Ticket:
    """Gets the chat's customer to the queue; their newest ticket."""
    await bot.ask(text, chat=chat)
    conversation = await bot.conversation(chat)
    return next(ticket for ticket in await bot.tickets() if ticket.id == conversation.ticket_id)


async def run_jobs(bot: BotUnderTest, *names: str) -> dict[str, int]:
    """Everything that is due by the bot's clock, or only what these jobs do; how much was done, by job."""
    done: dict[str, int] = {}
    for job in (one for one in JOBS if not names or one.name in names):
        async with bot.database.reading() as session:
            due = await job.find(session, bot.desk, bot.now, 100)
        for one in due:
            async with bot.database.transaction() as session:
                if await job.work(session, bot.desk, bot.now, one):
                    done[job.name] = done.get(job.name, 0) + 1
    return done


async def events(bot: BotUnderTest, ticket: Ticket, *kinds: str) -> list[TicketEvent]:
    async with bot.database.reading() as session:
        look = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
        return [event for event in (await session.scalars(look)).all() if event.kind in kinds]


async def reread(bot: BotUnderTest, ticket: Ticket) -> Ticket:
    async with bot.database.reading() as session:
        return await session.get_one(Ticket, ticket.id)
