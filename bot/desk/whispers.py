"""What one agent alone is told about what they did. Best effort: nothing depends on it, the facts are on record."""

from __future__ import annotations

import structlog

from bot.channels.base import PermanentDeliveryError
from bot.channels.slack.blocks import escape
from bot.desk import blocks
from bot.desk.actions import Notice
from bot.desk.events import DeskEvent
from bot.desk.slack import DeskSlack
from bot.desk.wording import Wording
from handlers.errors import SupportError

log = structlog.get_logger(__name__)


class Whispers:
    def __init__(self, slack: DeskSlack) -> None:
        self._slack = slack

    async def tell(self, event: DeskEvent, notice: Notice, wording: Wording) -> None:
        """Never raises."""
        try:
            if notice.mark and event.ts:
                await self._slack.mark(event.channel, event.ts, None, notice.mark)
            text = _text(notice, wording)
            if text and event.user:
                await self._say(event, text, notice, wording)
        except (SupportError, TimeoutError) as error:
            log.warning("desk.not_told", error=type(error).__name__)

    async def _say(self, event: DeskEvent, text: str, notice: Notice, wording: Wording) -> None:
        """Where they did it; directly to them where that cannot be, as on the Home tab or in a channel without us."""
        if not event.channel:
            await self._slack.tell_privately(event.user, text)
            return
        drawn = [blocks.section(text)]
        if notice.undo:
            undo = blocks.button("undo", wording.texts("desk.button.undo"), None, f"{event.channel}:{event.ts}")
            drawn.append(blocks.actions(undo))
        # Pressed on the card in the channel: in its thread, which may not be open, they would not see it.
        thread = event.thread if event.thread != event.ts else None
        try:
            await self._slack.whisper(event.channel, thread or None, event.user, text, drawn)
        except PermanentDeliveryError:
            await self._slack.tell_privately(event.user, text)


def _text(notice: Notice, wording: Wording) -> str:
    told = []
    if notice.key:
        values = {name: escape(str(value)) for name, value in (notice.values or {}).items()}
        told.append(wording.texts(notice.key, **values))
    if notice.empty_phrases:
        phrases = ", ".join(f"„{escape(one)}”" for one in notice.empty_phrases)
        told.append(wording.texts("desk.notice.empty_phrases", phrases=phrases))
    return "\n".join(told)
