"""Prometheus' view of the queues: counts and ages, no personal data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from sqlalchemy.ext.asyncio import AsyncSession

from storage import channel_state, desk_posts, inbound, job_runs, outbox, tickets


async def render(session: AsyncSession, now: datetime, channels: Iterable[str]) -> bytes:
    """The text exposition format, computed from the tables at each scrape."""
    registry = CollectorRegistry()
    events = Gauge("supportbot_inbox_events", "Accepted events by how they ended", ["outcome"], registry=registry)
    for outcome, count in (await inbound.reconcile(session)).items():
        events.labels(outcome).set(count)
    sent = Gauge("supportbot_outbox_messages", "Outgoing messages by delivery status", ["status"], registry=registry)
    for status, count in (await outbox.count_by_status(session)).items():
        sent.labels(status).set(count)
    told = Gauge(
        "supportbot_desk_posts", "What the agents' desk was to be told, by status", ["status"], registry=registry
    )
    for of_post, count in (await desk_posts.count_by_status(session)).items():
        told.labels(of_post).set(count)
    age = Gauge("supportbot_inbox_oldest_seconds", "Age of the longest waiting event", registry=registry)
    oldest = await inbound.oldest_waiting(session)
    age.set((now - oldest).total_seconds() if oldest else 0)
    Gauge("supportbot_tickets_open", "Open tickets", registry=registry).set(await tickets.count_open(session))
    up = Gauge("supportbot_channel_up", "1 while the channel's connection works", ["channel"], registry=registry)
    known = await channel_state.states(session)
    for channel in channels:
        up.labels(channel).set(channel in known and known[channel].problem is None)
    await _add_jobs(session, registry)
    return generate_latest(registry)


async def _add_jobs(session: AsyncSession, registry: CollectorRegistry) -> None:
    """Times of the last runs as Unix time, as Prometheus has it."""
    label = ["job"]
    last = Gauge("supportbot_job_last_run_seconds", "When the job last began, Unix time", label, registry=registry)
    lasted = Gauge("supportbot_job_duration_seconds", "How long its last run took", label, registry=registry)
    failing = Gauge("supportbot_job_failing", "1 while its last run failed", label, registry=registry)
    runs = Counter("supportbot_job_runs_total", "Its runs that ended", label, registry=registry)
    failures = Counter("supportbot_job_failures_total", "Its runs that failed", label, registry=registry)
    for run in await job_runs.all_of_them(session):
        last.labels(run.name).set(run.started_at.timestamp())
        if run.seconds is not None:
            lasted.labels(run.name).set(run.seconds)
        failing.labels(run.name).set(run.failing_since is not None)
        runs.labels(run.name).inc(run.runs)
        failures.labels(run.name).inc(run.failures)
