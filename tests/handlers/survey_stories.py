"""Cases that end in a survey, and the survey as it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from handlers.content import Content
from handlers.jobs import expire_surveys, send_surveys
from handlers.survey_settings import SurveyRules
from storage.conversations import Message
from storage.surveys import Survey
from storage.tickets import Ticket
from tests.bot_under_test import BotUnderTest, Said
from tests.handlers.colleagues import ask_for_a_person


def with_rules(content: Content, **rules: Any) -> Content:
    """The shipped content with other rules; those of a kind by its name: `ces={"share": 1}`."""
    told = content.surveys.model_dump(mode="json")
    kinds = {name: kind | rules.pop(name, {}) for name, kind in told["kinds"].items()}
    return replace(content, surveys=SurveyRules.model_validate(told | {"kinds": kinds} | rules))


def only(content: Content, *kinds: str, **rules: Any) -> Content:
    """All of these are asked, none of the others."""
    shares = {name: {"share": float(name in kinds)} for name in content.surveys.kinds}
    return with_rules(content, **{name: share | rules.pop(name, {}) for name, share in shares.items()}, **rules)


async def served(bot: BotUnderTest, chat: str = "anna", agent: str = "Ola") -> Ticket:
    """A ticket that an agent answered and settled; what was said meanwhile is read."""
    ticket = await ask_for_a_person(bot, chat)
    await bot.agent(agent, "reply", ticket.number, "Już sprawdzam!")
    await bot.agent(agent, "resolve", ticket.number, "solved")
    await bot.replies(chat)
    return ticket


async def told_by_bot(bot: BotUnderTest, chat: str = "anna") -> Said:
    """A question that the bot answers alone."""
    bot.nlu.teach("ile trwa dostawa", "delivery_period")
    return await bot.ask("ile trwa dostawa", chat=chat)


async def surveys_step(bot: BotUnderTest) -> int:
    """What is due of the surveys, as the scheduler works it."""
    done = 0
    for job in (send_surveys, expire_surveys):
        async with bot.database.reading() as session:
            ids = await job.due(session, bot.now, 100)
        for one in ids:
            async with bot.database.transaction() as session:
                done += await job.work(session, bot.desk, bot.now, one)
    return done


async def asked(bot: BotUnderTest, chat: str = "anna", **after: float) -> Said:
    """The survey that comes some time later, 16 minutes unless told otherwise."""
    await surveys_step(bot)
    bot.later(**(after or {"minutes": 16}))
    await surveys_step(bot)
    [said] = await bot.replies(chat)
    return said


async def all_surveys(bot: BotUnderTest) -> list[Survey]:
    async with bot.database.reading() as session:
        return list((await session.scalars(select(Survey).order_by(Survey.id))).all())


async def survey(bot: BotUnderTest, kind: str = "csat") -> Survey:
    """The newest of its kind."""
    return [one for one in await all_surveys(bot) if one.kind == kind][-1]


async def shown(bot: BotUnderTest, kind: str = "csat") -> Message:
    """What stands where the question was asked."""
    one = await survey(bot, kind)
    return next(message for message in await bot.messages() if message.id == one.message_id)


def labels(message: Message) -> list[str]:
    return [button["label"] for button in message.buttons or ()]
