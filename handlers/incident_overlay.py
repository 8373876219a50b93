"""Who asks about something that an incident affects is told of it first, and kept up to date from then on (R49)."""

from __future__ import annotations

from dataclasses import replace

from handlers import incidents
from handlers.incident_matching import Scope
from handlers.messages import AboutIncident, Reply, Turn
from storage import incidents as stored
from storage.conversations import Message
from storage.inbound import Outcome
from storage.incidents import Incident


async def over(turn: Turn, intent: str, reply: Reply) -> Reply:
    """`reply` with the incident's words before it while that lasts; afterwards as it is."""
    if reply.about_incident is not None:
        return reply
    incident = await _concerning(turn, intent)
    if incident is None:
        return reply
    told = incidents.words(incident, turn.texts, turn.desk, turn.now)
    return replace(reply, text=f"{told}\n\n{reply.text}", about_incident=AboutIncident(incident.id, told))


async def _concerning(turn: Turn, intent: str) -> Incident | None:
    """The newest open one."""
    for incident in await stored.open_incidents(turn.session):
        if Scope.from_payload(incident.scope).concerns(intent, turn.words):
            return incident
    return None


async def before_it_is_said(turn: Turn, reply: Reply) -> None:
    """The chat is one of those to be told, and its row is kept: taken before the chat's line is, as by whoever tells
    many."""
    if reply.about_incident is not None and not turn.is_bystander:
        await stored.subscribed(turn.session, reply.about_incident.id, turn.conversation.id, turn.now)


async def said(turn: Turn, reply: Reply, message: Message) -> None:
    """They have been told by this message, unless by an earlier one: later versions change it."""
    if reply.about_incident is None or turn.is_bystander:
        return
    row = await stored.subscriber(turn.session, reply.about_incident.id, turn.conversation.id)
    incident = await stored.incident(turn.session, reply.about_incident.id)
    if row is None or incident is None or row.left_at is not None:
        return
    if row.message_id is None:
        row.message_id, row.shown, row.told = message.id, reply.about_incident.words, incident.version
        await turn.session.flush()


async def no_more(turn: Turn, incident_id: str) -> Reply:
    """They want no further messages about it; asked, the bot still tells."""
    number = int(incident_id) if incident_id.isascii() and incident_id.isdecimal() and len(incident_id) < 10 else 0
    row = await stored.subscriber(turn.session, number, turn.conversation.id)
    if row is None:
        return Reply(turn.texts("button.stale"), outcome=Outcome.IGNORED)
    row.left_at = row.left_at or turn.now
    return Reply(turn.texts("incident.off"))
