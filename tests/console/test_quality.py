"""Audits and drift as an admin sees them: the score, what contradicts with a way to where it was said, new words."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from storage.admins import AdminRole
from storage.audits import AuditFinding, AuditRun, DriftDay
from storage.conversations import Message
from tests.bot_under_test import BotUnderTest
from tests.console.console_rig import Looking, let_in, looking


def hrefs(page: Looking) -> set[str]:
    return {str(one.props["href"]) for one in page.elements if one.tag == "a"}


async def test_before_anything_was_counted_the_page_says_so(bot: BotUnderTest) -> None:
    admin = await let_in(bot.database, "jan", AdminRole.VIEWER, bot.now)
    async with looking(bot, admin) as page:
        await page.user.open("/console/quality")
        assert page.sees("There was no audit yet.")
        assert page.sees("No figures yet")


async def test_contradictions_lead_to_where_they_were_said_and_new_words_to_the_inbox(bot: BotUnderTest) -> None:
    bot.nlu.teach("chcę konsultanta", "human_handoff")
    await bot.ask("chcę konsultanta")
    admin = await let_in(bot.database, "jan", AdminRole.VIEWER, bot.now)
    async with bot.database.transaction() as session:
        said = (await session.scalars(select(Message).where(Message.ticket_id.is_not(None)).limit(1))).one()
        for score in (80.0, 95.5):
            session.add(AuditRun(kind="weekly", by="schedule", started_at=bot.now, finished_at=bot.now, score=score))
        await session.flush()
        for verdict, words in (("contradiction", "30 days"), ("same", "14 days")):
            session.add(
                AuditFinding(
                    run_id=2, question="how long to return?", intent="return_policy", source="agent:Ola",
                    language="en", said=words, canonical="14 days to return", likeness=0.5, verdict=verdict,
                    link=f"message:{said.id}",
                )
            )  # fmt: skip
        for back, topics in ((40, "stare slowa"), (1, "probki tkanin")):
            day = (bot.now - timedelta(days=back)).date().isoformat()
            session.add(DriftDay(day=day, language="pl", messages=40, fallbacks=10, confidence=0.7, topics=topics))
    async with looking(bot, admin) as page:
        await page.user.open("/console/quality")
        assert page.sees("Consistent answers: 95.5%")
        assert page.sees("30 days")
        assert not page.sees("14 days to return.")
        assert "/console/tickets/1001" in hrefs(page)
        assert "/console/answers/return_policy" in hrefs(page)
        assert page.sees("25%")
        assert page.sees("probki tkanin")
        assert "/console/inbox?why=unsure&language=pl" in hrefs(page)
        assert not page.sees("stare slowa")
