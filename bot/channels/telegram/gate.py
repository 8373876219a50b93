"""Telegram's way in: updates are accepted before they are acknowledged, by webhook or by polling."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

import structlog
from fastapi import FastAPI

from bot.channels.health import Health
from bot.channels.telegram.api import Api
from bot.channels.telegram.courtesy import Courtesy
from bot.channels.telegram.events import NAME, UnreadableUpdate, is_from_group, translate
from bot.channels.telegram.fields import Json
from bot.channels.telegram.patience import Patience
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.registration import Registrar
from bot.channels.telegram.webhook import PATH, webhook_route
from bot.intake import Intake, NotAccepted
from bot.parts import Part
from handlers.desk import Desk
from storage.database import Database
from storage.leadership import Leadership, Office

log = structlog.get_logger(__name__)


class TelegramGate:
    """With a `public_url` Telegram calls us there, and proves itself with the secret; without one the worker asks."""

    def __init__(
        self,
        api: Api,
        intake: Intake,
        health: Health,
        database: Database,
        desk: Callable[[], Desk],
        clock: Callable[[], datetime],
        *,
        public_url: str | None = None,
        webhook_secret: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        if public_url is not None and not webhook_secret:
            raise ValueError("a webhook without a secret would take anybody's word")
        self._api = api
        self._intake = intake
        self._health = health
        self._database = database
        self._desk = desk
        self._clock = clock
        self._url = None if public_url is None else public_url.rstrip("/") + PATH
        self._secret = webhook_secret or ""
        self._patience = patience or Patience()
        self._courtesy = Courtesy(api, intake)

    async def take(self, update: Json) -> None:
        """Puts an update on record; only after this may it be acknowledged. Raises `NotAccepted`.

        One that cannot be read is kept as it came: refusing it would hold up its chat for a day.
        """
        try:
            if not self._api.me.username and is_from_group(update):
                log.warning("telegram.name_unknown")
                raise NotAccepted  # whether it is said to us shows when Telegram has told us our name
            messages = translate(update, self._api.me, self._clock())
        except UnreadableUpdate as error:
            await self._set_aside(update, str(error))
            return
        except NotAccepted:
            raise
        except Exception as error:  # a fault in our reading: it would be met again each time the update is sent again
            log.error("telegram.reading_fault", error=type(error).__name__)
            await self._set_aside(update, f"fault: {type(error).__name__}")
            return
        new = await self._intake.accept(*messages)
        self._courtesy.show(update, new)

    async def quarantine(self, update: object) -> None:
        """Keeps what is not even an update. Raises `NotAccepted`."""
        await self._set_aside(update, "not an update")

    def add_routes(self, web: FastAPI) -> None:
        if self._url is not None:
            web.post(PATH)(webhook_route(self._secret, self.take))

    def web_parts(self) -> tuple[Part, ...]:
        if self._url is None:
            return ()
        registrar = Registrar(
            self._api, self._health, self._desk, self._clock, self._url, self._secret, self._patience
        )  # fmt: skip
        return (Part("telegram-webhook", registrar.run, registrar.stop),)

    def worker_parts(self) -> tuple[Part, ...]:
        if self._url is not None:
            return ()
        office = Leadership(self._database, Office.TELEGRAM_POLLER)
        poller = Poller(self._api, self, self._health, office, self._desk, self._patience)
        return (Part("telegram-polling", poller.run, poller.stop),)

    async def close(self) -> None:
        """Ends what runs beside the work; before the `api` is closed."""
        await self._courtesy.close()

    async def _set_aside(self, update: object, why: str) -> None:
        await self._intake.quarantine(NAME, _unreadable_id(update), update, why)


def _unreadable_id(update: object) -> str:
    """The same thing under another update id counts once here, too."""
    named = update.items() if isinstance(update, dict) else ()
    body = {name: value for name, value in named if name != "update_id"} or update
    content = json.dumps(body, sort_keys=True, default=str).encode()
    return f"unreadable:{hashlib.sha256(content).hexdigest()[:32]}"
