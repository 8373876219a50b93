"""An incident's card in the desk's channel: what is known, how far the telling has come; and a spike's alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.slack.blocks import escape, render
from bot.desk import blocks
from bot.desk.blocks import Block
from bot.desk.wording import Wording, mention
from handlers.incident_matching import Scope
from handlers.markup import to_plain
from handlers.spikes import hour_of
from storage import agents, conversations, incidents
from storage.incidents import Incident, IncidentEvent, IncidentStatus, Progress, SpikeAlert

BAR_LENGTH = 20
CHART_HOURS = 12
HEIGHTS = "▁▂▃▄▅▆▇█"
TOPICS_SHOWN = 12


async def card(session: AsyncSession, incident: Incident, wording: Wording, now: datetime) -> tuple[str, list[Block]]:
    texts, scope = wording.texts, Scope.from_payload(incident.scope)
    title = to_plain(incident.title[wording.language])
    progress = await incidents.progress(session, incident)
    hours = [hour_of(now) - timedelta(hours=back) for back in reversed(range(CHART_HOURS))]
    asked = await conversations.asked_by_hour(session, scope.intents, hours)
    drawn = [
        blocks.header(texts("desk.incident.title", number=incident.id, title=title)),
        *blocks.fields(_facts(incident, wording)),
        blocks.section(_in_both(texts("desk.incident.workaround"), incident.workaround)),
        *([blocks.section(_in_both(texts("desk.incident.cause"), incident.cause))] if incident.cause else []),
        blocks.section(f"*{texts('desk.incident.scope')}*\n{_scope(scope, wording)}"),
        blocks.section(telling(progress, wording)),
        *blocks.context(texts("desk.incident.asked", hours=CHART_HOURS, chart=chart(asked), now=asked[-1])),
        *_actions(incident, wording),
    ]
    return escape(f"{title} – {texts(f'desk.incident.status.{incident.status}')}"), drawn


def telling(progress: Progress, wording: Wording) -> str:
    """`▓▓▓▓▓░░░░░ 1 234 / 10 000`, and what became of the rest."""
    waiting = progress.told - progress.sent - progress.failed
    counts = f"{progress.sent:,} / {progress.all:,}".replace(",", "\u00a0")
    head = f"{bar(progress.sent + progress.failed, progress.all)} *{counts}*"
    rest = wording.texts("desk.incident.rest", waiting=waiting, failed=progress.failed)
    return f"{head}\n{rest}"


def bar(done: int, all_: int) -> str:
    """Full only when all is done."""
    filled = BAR_LENGTH * done // all_ if all_ else 0
    return "▓" * filled + "░" * (BAR_LENGTH - filled)


def chart(counts: Sequence[int]) -> str:
    """One column for each, the highest full; an hour without any is the lowest."""
    most = max(counts, default=0)
    return "".join(HEIGHTS[(len(HEIGHTS) - 1) * count // most if most else 0] for count in counts)


def _facts(incident: Incident, wording: Wording) -> list[tuple[str, str]]:
    texts = wording.texts
    facts = [
        (texts("desk.incident.status"), texts(f"desk.incident.status.{incident.status}")),
        (texts("desk.incident.declared_by"), escape(incident.declared_by)),
        (texts("desk.incident.declared_at"), blocks.moment(incident.declared_at, wording.zone)),
    ]
    if incident.next_update_at is not None:
        late = " :warning:" if incident.lapses else ""
        facts.append((texts("desk.incident.next_update"), blocks.moment(incident.next_update_at, wording.zone) + late))
    if incident.closed_at is not None:
        closed = f"{escape(incident.closed_by or '')}, {blocks.moment(incident.closed_at, wording.zone)}"
        facts.append((texts("desk.incident.closed_by"), closed))
    return facts


def _in_both(label: str, text: Mapping[str, str] | None) -> str:
    return "\n".join(
        [f"*{label}*", *(f"{language.upper()}: {render(words)}" for language, words in (text or {}).items())]
    )


def _scope(scope: Scope, wording: Wording) -> str:
    topics = sorted(wording.topic(intent) for intent in scope.intents)
    told = escape(", ".join(topics[:TOPICS_SHOWN])) + ("…" if len(topics) > TOPICS_SHOWN else "")
    return f"{told} ({escape(', '.join(scope.words))})" if scope.words else told


def _actions(incident: Incident, wording: Wording) -> list[Block]:
    if incident.status != IncidentStatus.OPEN:
        return []
    texts, number = wording.texts, str(incident.id)
    change = blocks.button("incident_update", texts("desk.button.incident_update"), None, number, style="primary")
    return [blocks.actions(change, blocks.button("incident_close", texts("desk.button.incident_close"), None, number))]


async def line(session: AsyncSession, event: IncidentEvent, wording: Wording) -> str | None:
    """What is told under the card; None: the card says it itself."""
    if event.kind == "declared":
        return None
    texts = wording.texts
    until = str(event.data.get("until", ""))
    at = blocks.moment(datetime.fromisoformat(until), wording.zone) if until else ""
    called = [await agents.agent_named(session, str(name)) for name in event.data.get("names", ())]
    names = " ".join(mention(one) for one in called if one is not None)
    who = wording.actor(event.actor)
    return texts(f"desk.incident.event.{event.kind}", who=who, until=at, names=names).strip()


def alert(spike: SpikeAlert, wording: Wording) -> tuple[str, list[Block]]:
    texts = wording.texts
    usual = f"{spike.usual:.0f}"
    text = texts("desk.spike.head", topic=escape(wording.topic(spike.intent)), count=spike.count, usual=usual)
    hour = texts("desk.spike.hour", hour=blocks.moment(spike.hour, wording.zone))
    declare = texts("desk.button.incident_declare")
    drawn = [
        blocks.section(f":chart_with_upwards_trend: {text}"),
        *blocks.context(hour),
        blocks.actions(blocks.button("incident_declare", declare, None, str(spike.id), style="primary")),
    ]
    return text, drawn
