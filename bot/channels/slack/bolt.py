"""slack_bolt's app with one middleware that takes everything."""

from __future__ import annotations

import logging

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.channels.slack.client import QUIET, Client
from bot.channels.slack.reception import Reception


def build_bolt(client: Client, reception: Reception, signing_secret: str | None) -> AsyncApp:
    """Bolt acknowledges an event before a listener has run, and drops it when `auth.test` fails. So all is taken in
    the middleware between the check of the signature and that of the token, and nothing follows it.

    `ssl_check` is answered before the signature is checked: off.
    """

    async def take(request: AsyncBoltRequest) -> BoltResponse:
        answer = await reception.take(request.body)
        return BoltResponse(status=answer.status, body=answer.body)

    # Bolt also reads SLACK_BOT_TOKEN from the environment, and warns at each start that it does not need it.
    QUIET.addFilter(_is_news)
    app = AsyncApp(
        name="supportbot",
        logger=QUIET,
        client=client.new_web(),
        signing_secret=signing_secret or "",
        request_verification_enabled=bool(signing_secret),
        before_authorize=take,
        ssl_check_enabled=False,
        url_verification_enabled=False,
    )
    # It writes out the whole body of a request with a bad signature, at INFO, and takes its level over when built.
    logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.WARNING)
    return app


def _is_news(record: logging.LogRecord) -> bool:
    return "`token` will be unused" not in record.getMessage()
