"""What Slack sends → accepted by the intake → an answer for Slack, whichever way it came."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import structlog

from bot.channels.slack import events, interactions
from bot.channels.slack.client import BOT_TOKEN
from bot.channels.slack.errors import problem_with_token
from bot.channels.slack.facts import Body, Unreadable, Us, words
from bot.channels.slack.placing import Placing
from bot.channels.slack.standing import Concern, Standing
from bot.intake import Intake, NotAccepted
from handlers.desk import Desk
from handlers.errors import SupportError
from handlers.language import choose_language
from handlers.messages import IncomingMessage
from handlers.texts import Texts

log = structlog.get_logger(__name__)

SECRET_FIELDS = frozenset({"token", "response_url", "trigger_id"})


@dataclass(frozen=True)
class Answer:
    """What Slack gets to hear. Anything but 200 means: send it again."""

    status: int = 200
    body: str | dict[str, Any] = ""


REFUSED = Answer(503, "not now")


class AgentsSide(Protocol):
    """Whoever takes what happens at the agents' desk."""

    async def take(self, body: Body, us: Us) -> Answer | None:
        """None: it is a customer's. Raises `NotAccepted`, `Unreadable`."""
        ...


class Reception:
    """`us` becomes complete once Slack has told who we are."""

    def __init__(
        self, intake: Intake, placing: Placing, standing: Standing, desk: Callable[[], Desk],
        agents_side: AgentsSide | None, clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._intake = intake
        self._placing = placing
        self._standing = standing
        self._desk = desk
        self._clock = clock
        self._agents_side = agents_side
        self.us = Us()

    def is_called(self, bot_user: str) -> None:
        self.us = replace(self.us, users=self.us.users | {bot_user})

    async def take(self, body: Body) -> Answer:
        """Never raises: what cannot be read is kept aside, what cannot be kept is refused."""
        try:
            return await self._taken(body)
        except NotAccepted:
            return REFUSED
        except SupportError as error:
            log.warning("slack.not_placed", error=str(error))
            return REFUSED
        except Exception as error:
            return await self._set_aside(body, error)

    async def _taken(self, body: Body) -> Answer:
        if "command" in body:
            return await self._commanded(body)
        at_desk = await self._agents_side.take(body, self.us) if self._agents_side else None
        if at_desk is not None:
            return at_desk
        match words(body, "type"):
            case "url_verification":
                return Answer(body={"challenge": words(body, "challenge")})
            case "event_callback":
                await self._heard(body)
            case interactions.BLOCK_ACTIONS:
                for message in interactions.read_press(body):
                    await self._accept(message, body)
            case "app_rate_limited":
                log.error("slack.events_dropped", minute=body.get("minute_rate_limited"))
            case kind:
                log.info("slack.not_for_us", type=kind[:40])
        return Answer()

    async def _heard(self, body: Body) -> None:
        removed = events.removal(body)
        if removed is not None:
            await self._standing.unwell(Concern.TOKEN, problem_with_token(removed, BOT_TOKEN))
            return
        message = events.read_event(body, self.us)
        if message is not None and not await self._is_bots_mention(body):
            await self._accept(message, body)

    async def _is_bots_mention(self, body: Body) -> bool:
        """`app_mention` does not always tell that a bot wrote it; what people type has a `client_msg_id`."""
        event = body["event"]
        if event.get("type") != "app_mention" or event.get("client_msg_id"):
            return False
        return await self._placing.people.is_bot(words(event, "user"))

    async def _accept(self, message: IncomingMessage, body: Body) -> None:
        placed = await self._placing.placed(message, words(body, "team_id"))
        if placed is not None:
            await self._intake.accept(placed)

    async def _commanded(self, body: Body) -> Answer:
        """Whatever comes of it is told to who typed it: Slack's own words for a failure help nobody."""
        message = interactions.read_command(body, self.us, self._clock())
        texts, accepted = await asyncio.gather(self._texts_for(message.sender_id), self._accepted(message, body))
        text = texts("slack.answered_privately" if accepted else "slack.not_now")
        return Answer(body={"response_type": "ephemeral", "text": text})

    async def _accepted(self, message: IncomingMessage, body: Body) -> bool:
        try:
            await self._accept(message, body)
        except (NotAccepted, SupportError) as error:
            log.warning("slack.command_failed", error=type(error).__name__)
            return False
        return True

    async def _texts_for(self, sender_id: str) -> Texts:
        desk = self._desk()
        profile = await self._placing.people.profile(sender_id)
        language = choose_language(
            current=None, chosen=False, reading=None, confidence=0, words=0,
            hint=profile.language, default=desk.default_language,
        )  # fmt: skip
        return desk.catalogue[language]

    async def _set_aside(self, body: Body, error: Exception) -> Answer:
        """A fault of ours, or an event that is not as Slack describes it: seen by people, and not sent again."""
        reason = str(error) if isinstance(error, Unreadable) else f"{type(error).__name__} while reading"
        log.error("slack.unreadable", reason=reason, exc_info=None if isinstance(error, Unreadable) else error)
        raw = {name: value for name, value in body.items() if name not in SECRET_FIELDS}
        try:
            await self._intake.quarantine("slack", _name_of(body), raw, reason)
        except NotAccepted:
            return REFUSED
        return Answer()


def _name_of(body: Body) -> str:
    """The event's own id, else one made of what it says."""
    event_id = words(body, "event_id")
    if event_id.isalnum() and len(event_id) <= 80:
        return event_id
    written: Any = json.dumps(dict(body), sort_keys=True, default=str)
    return hashlib.sha256(written.encode("utf-8", "replace")).hexdigest()
