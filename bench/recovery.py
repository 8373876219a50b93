"""How long a killed process is missed: from its death to the first work that needed it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench.stand_ins import StandIns

LOOK_SECONDS = 0.02
STILL_ON_ITS_WAY_SECONDS = 0.3
"""What a process posted just before it died may reach the stand-in a moment later; no Python starts so fast that its
successor's work could be mistaken for it."""


async def recovery(is_back: Callable[[], bool], died_at: float, at_most: float) -> float:
    """Seconds since `died_at`, `at_most` when it has not come back by then."""
    while not is_back() and time.time() - died_at < at_most:  # noqa: ASYNC110 - two stand-ins, no event for both
        await asyncio.sleep(LOOK_SECONDS)
    return min(time.time() - died_at, at_most)


def event_accepted_since(stand_ins: StandIns, died_at: float) -> bool:
    """Whether a delivery begun after then has been answered with 2xx."""
    for ack in reversed(stand_ins.acks):
        if ack.ended < died_at:
            return False
        if ack.taken and ack.began > died_at:
            return True
    return False


def reply_posted_since(stand_ins: StandIns, died_at: float) -> bool:
    """Whether a message of the bot's has been stored at either provider since then."""
    since = datetime.fromtimestamp(died_at + STILL_ON_ITS_WAY_SECONDS, UTC)
    return _posted_to_slack(stand_ins, since) or _posted_to_telegram(stand_ins, since)


def _posted_to_slack(stand_ins: StandIns, since: datetime) -> bool:
    for call in reversed(stand_ins.slack.journal.calls):
        if call.at < since:
            return False
        if call.method == "chat.postMessage" and call.ok:
            return True
    return False


def _posted_to_telegram(stand_ins: StandIns, since: datetime) -> bool:
    for entry in reversed(stand_ins.telegram.journal.entries):
        if entry.at < since:
            return False
        if entry.method.lower() == "sendmessage" and entry.was_done:
            return True
    return False
