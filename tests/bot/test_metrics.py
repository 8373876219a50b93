from __future__ import annotations

from datetime import timedelta

from bot.metrics import render
from storage import inbound
from storage.job_runs import JobRun
from tests.bot_under_test import BotUnderTest


async def scrape(bot: BotUnderTest) -> dict[str, float]:
    """The samples by name, as Prometheus reads them, now being a minute after the last event."""
    async with bot.database.reading() as session:
        oldest = await inbound.oldest_waiting(session)
        now = (oldest or bot.now) + timedelta(minutes=1)
        lines = (await render(session, now, ())).decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


async def test_an_idle_bot_shows_empty_queues(bot: BotUnderTest) -> None:
    assert await scrape(bot) == {"supportbot_inbox_oldest_seconds": 0, "supportbot_tickets_open": 0}


async def test_queues_tickets_and_the_longest_wait_are_counted(bot: BotUnderTest) -> None:
    await bot.ask("konsultant")
    await bot.ask("👍", chat="ewa")
    await bot.hears("halo")
    await bot.hears("halo", chat="ewa")
    assert await scrape(bot) == {
        'supportbot_inbox_events{outcome="ticketed"}': 1,
        'supportbot_inbox_events{outcome="answered"}': 1,
        'supportbot_inbox_events{outcome="waiting"}': 2,
        'supportbot_outbox_messages{status="waiting"}': 2,
        "supportbot_inbox_oldest_seconds": 60,
        "supportbot_tickets_open": 1,
    }


async def test_a_settled_ticket_is_not_open(bot: BotUnderTest) -> None:
    await bot.ask("konsultant")
    await bot.agent("Ola", "resolve", 1001)
    assert (await scrape(bot))["supportbot_tickets_open"] == 0


async def test_no_word_of_a_customer_is_in_the_metrics(bot: BotUnderTest) -> None:
    await bot.ask("konsultant, mój mail to anna@example.com")
    async with bot.database.reading() as session:
        shown = (await render(session, bot.now, ())).decode()
    assert "anna" not in shown.lower()


async def test_each_jobs_last_run_duration_and_failures_are_shown(bot: BotUnderTest) -> None:
    async with bot.database.transaction() as session:
        run = JobRun(name="follow_up", started_at=bot.now, finished_at=bot.now, seconds=1.5, runs=7, failures=2)
        run.failing_since = bot.now
        session.add(run)
    shown = await scrape(bot)
    assert {name: value for name, value in shown.items() if "_job_" in name and "_created" not in name} == {
        'supportbot_job_last_run_seconds{job="follow_up"}': bot.now.timestamp(),
        'supportbot_job_duration_seconds{job="follow_up"}': 1.5,
        'supportbot_job_failing{job="follow_up"}': 1,
        'supportbot_job_runs_total{job="follow_up"}': 7,
        'supportbot_job_failures_total{job="follow_up"}': 2,
    }
