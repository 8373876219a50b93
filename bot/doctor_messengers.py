"""`supportbot doctor`, on the messengers: which are set up, how they come in, and whether their tokens are taken."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.channels.slack.checkup import problem_of
from bot.channels.slack.client import Client
from bot.channels.slack.sharing import Sharing
from bot.channels.telegram.api import identify
from bot.findings import Finding
from bot.settings import Settings
from handlers.errors import SupportError

NONE = "Customers are reached through `supportbot chat` only, until TELEGRAM_BOT_TOKEN or SLACK_BOT_TOKEN is set"
AS_IN_MANIFEST = "Compare the app with slack-app-manifest.yaml, and the tokens with its settings"


async def examine_messengers(settings: Settings) -> AsyncIterator[Finding]:
    """One finding for each that is set up, asked live."""
    if settings.telegram_bot_token is None and settings.slack_bot_token is None:
        yield Finding("Messengers", "none is set up", NONE, is_note=True)
    if settings.telegram_bot_token is not None:
        yield await _telegram(settings, settings.telegram_bot_token.get_secret_value())
    if settings.slack_bot_token is not None:
        yield await _slack(settings, settings.slack_bot_token.get_secret_value())


async def _telegram(settings: Settings, token: str) -> Finding:
    way = "webhook" if settings.public_url else "long polling by the worker"
    subject = f"Telegram, {way}"
    try:
        await identify(token, settings.telegram_api_url)
    except SupportError as error:
        return Finding(subject, str(error), "Check TELEGRAM_BOT_TOKEN, and TELEGRAM_API_URL if you changed it")
    return Finding(subject)


async def _slack(settings: Settings, token: str) -> Finding:
    way = "Socket Mode by the worker" if settings.slack_app_token else "Events API at PUBLIC_URL/slack/events"
    subject = f"Slack, {way}"
    client = Client(token, settings.slack_api_url)
    try:
        problem = await problem_of(client)
        at_desk = await _desk_problem(client, settings.slack_desk_channel) if not problem else None
    finally:
        await client.aclose()
    if problem:
        return Finding(subject, problem, AS_IN_MANIFEST)
    if not settings.slack_desk_channel:
        return Finding(f"{subject}, no desk", "SLACK_DESK_CHANNEL is not set", "Agents need a channel", is_note=True)
    return Finding(subject, at_desk, "Check SLACK_DESK_CHANNEL") if at_desk else Finding(subject)


async def _desk_problem(client: Client, channel: str | None) -> str | None:
    """What keeps tickets out of the agents' channel."""
    if channel is None:
        return None
    try:
        is_shared = await Sharing(client).is_shared(channel)
    except SupportError as error:
        return f"the desk channel {channel}: {error}; is the bot a member of it?"
    return f"the desk channel {channel} is shared with another company: nothing is posted there" if is_shared else None
