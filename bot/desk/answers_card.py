"""The card that calls an answer's owner: what has expired, or is to be looked through."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.slack.blocks import escape
from bot.desk import blocks
from bot.desk.blocks import Block
from bot.desk.wording import Wording, mention
from storage import agents
from storage.answer_alerts import AnswerAlert


async def card(session: AsyncSession, alert: AnswerAlert, wording: Wording) -> tuple[str, list[Block]]:
    """The owner is a person on the list, by name or address, or a group of them; anybody else stands there by name."""
    texts = wording.texts
    theirs = [
        agent
        for agent in await agents.agents(session)
        if alert.owner in {agent.name, agent.email} or alert.owner in agent.groups
    ]
    who = ", ".join(map(mention, theirs)) or escape(alert.owner)
    head = texts("desk.answers.head", who=who)
    lines = [
        f"• {texts(f'desk.answers.{one.trouble}', topic=escape(wording.topic(one.key)), day=one.day.isoformat())}"
        for one in alert.due
    ]
    drawn = [blocks.section("\n".join([f":calendar: {head}", *lines])), *blocks.context(texts("desk.answers.what_now"))]
    return head, drawn
