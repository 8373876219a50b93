"""Telling many the same: how many may wait in line, and how far apart they leave, so that all others are answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.incident_rules import IncidentRules
from storage import outbox
from storage.conversations import Conversation

BATCH = 25  # told in one transaction: others that write wait for it


async def room(session: AsyncSession, rules: IncidentRules) -> int:
    """How many more may be put in line now, in one transaction."""
    return max(0, min(BATCH, rules.at_once - await outbox.bulk_waiting(session)))


async def turns(session: AsyncSession, rules: IncidentRules, chats: Iterable[Conversation]) -> dict[int, timedelta]:
    """When each of these chats is told, by its id: one after the other, with a share of their channel's pace."""
    chats = list(chats)
    found: dict[int, timedelta] = {}
    for channel, count in Counter(chat.channel for chat in chats).items():
        pace = rules.per_second.get(channel)
        theirs = [chat.id for chat in chats if chat.channel == channel]
        if pace is None:
            found |= dict.fromkeys(theirs, timedelta())
            continue
        first = (await outbox.book(session, outbox.among_many(channel), pace, count=count)).wait
        found |= {chat: first + timedelta(seconds=number / pace) for number, chat in enumerate(theirs)}
    return found
