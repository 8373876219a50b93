"""Whoever owns an answer is told once that it has expired or is to be looked through."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from bot.desk import answers_card
from bot.desk.wording import Wording
from handlers.desk import Desk
from handlers.jobs import watch_answers
from storage.agents import Agent, Role
from storage.answer_alerts import AnswerAlert
from storage.board_posts import BoardPost, Subject
from tests.bot_under_test import BotUnderTest


def with_expired(bot: BotUnderTest, **owners: str) -> Desk:
    """The desk on a day after these answers' expiry; owner by answer."""
    expiry = bot.now.date() - timedelta(days=1)
    changed = {
        key: bot.content.answers[key].model_copy(update={"owner": owner, "expires_on": expiry})
        for key, owner in owners.items()
    }
    content = replace(bot.content, answers={**bot.content.answers, **changed})
    return replace(bot.desk, desk_channel="C1", content=content)


async def work(bot: BotUnderTest, desk: Desk) -> bool:
    async with bot.database.transaction() as session:
        return await watch_answers.work(session, desk, bot.now, 0)


async def test_each_owner_is_called_once_for_all_that_is_due(bot: BotUnderTest) -> None:
    desk = with_expired(bot, newsletter="Ola", pricing="Ola", return_policy="care")
    assert await work(bot, desk)
    assert not await work(bot, desk)
    async with bot.database.transaction() as session:
        session.add(
            Agent(
                email="ola@acme.example", name="Ola", role=Role.AGENT, groups=["care"], load_cap=10, is_active=True,
                is_on_duty=True, created_at=bot.now, team_id="T1", user_id="U1",
            )
        )  # fmt: skip
        alerts = {one.owner: one for one in (await session.scalars(select(AnswerAlert))).all()}
        posts = (await session.scalars(select(BoardPost))).all()
        wording = Wording.of(desk)
        drawn = {owner: await answers_card.card(session, one, wording) for owner, one in alerts.items()}
    assert sorted((one.subject, one.subject_id) for one in posts) == [
        (Subject.ANSWERS, alerts[owner].id) for owner in sorted(alerts, key=lambda owner: alerts[owner].id)
    ]
    assert {owner: sorted(due.key for due in one.due) for owner, one in alerts.items()} == {
        "Ola": ["newsletter", "pricing"], "care": ["return_policy"],
    }  # fmt: skip
    assert [text.partition(":")[0] for text, _ in drawn.values()] == ["<@U1>"] * 2
    assert wording.topic("return_policy") in str(drawn["care"][1])


async def test_what_was_put_right_and_expires_again_is_told_again(bot: BotUnderTest) -> None:
    assert await work(bot, with_expired(bot, newsletter="Ola"))
    bot.later(days=1)
    assert await work(bot, with_expired(bot, newsletter="Ola"))
    assert not await work(bot, replace(bot.desk, desk_channel="C1"))


async def test_without_a_desk_nobody_is_called(bot: BotUnderTest) -> None:
    assert not await work(bot, replace(with_expired(bot, newsletter="Ola"), desk_channel=None))
