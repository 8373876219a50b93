"""Whom Slack is asked about before anything internal is told or done: people, and who reads along in a channel."""

from __future__ import annotations

import pytest

from bot.channels.base import TemporaryDeliveryError
from bot.channels.slack.client import Client
from bot.channels.slack.errors import Refused
from bot.channels.slack.people import People
from bot.channels.slack.sharing import Sharing
from bot.sandbox.slack_api import SlackStandIn


async def test_who_becomes_a_guest_is_none_of_ours_within_a_minute() -> None:
    async with SlackStandIn() as slack:
        seconds = [0.0]
        ola = slack.person("Ola")
        client = Client(slack.app.bot_token, slack.api_url)
        known = People(client, lambda: seconds[0])
        assert (await known.colleague(ola.id)).limit is None
        ola.user.is_restricted = True
        seconds[0] = 59.0
        assert (await known.colleague(ola.id)).limit is None
        seconds[0] = 61.0
        assert (await known.colleague(ola.id)).limit == "is_restricted"
        await client.aclose()


async def test_whether_others_read_along_is_asked_once_a_minute_and_never_guessed() -> None:
    async with SlackStandIn() as slack:
        seconds = [0.0]
        desk = slack.channel("desk", private=True)
        client = Client(slack.app.bot_token, slack.api_url)
        sharing = Sharing(client, lambda: seconds[0])
        await sharing.refuse_shared(desk.id)
        desk.is_ext_shared = True
        seconds[0] = 61.0
        with pytest.raises(Refused, match="is_ext_shared"):
            await sharing.refuse_shared(desk.id)
        seconds[0] = 122.0
        slack.app.scopes -= {"channels:read", "groups:read"}
        with pytest.raises(TemporaryDeliveryError):  # nothing is given up, and nothing posted
            await sharing.refuse_shared(desk.id)
        await client.aclose()
