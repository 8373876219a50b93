from __future__ import annotations

from bot.doctor_messengers import examine_messengers
from bot.findings import Finding
from bot.sandbox.slack_api import SlackStandIn
from bot.sandbox.telegram_api import TelegramStandIn
from bot.settings import load_settings


async def found(slack: SlackStandIn, telegram: TelegramStandIn, channel: str = "C1") -> list[Finding]:
    settings = load_settings(
        slack_api_url=slack.api_url,
        slack_bot_token=slack.app.bot_token,
        slack_app_token=slack.app.app_token,
        slack_desk_channel=channel,
        telegram_api_url=telegram.url,
        telegram_bot_token=telegram.token,
    )
    return [finding async for finding in examine_messengers(settings)]


async def test_tokens_are_asked_about_live_and_what_is_wrong_is_said_without_showing_them() -> None:
    async with SlackStandIn() as slack, TelegramStandIn() as telegram:
        desk = slack.channel("desk", private=True).id
        assert [finding.problem for finding in await found(slack, telegram, desk)] == [None, None]
        slack.app.scopes.discard("files:read")
        telegram.revoke_token()
        refused = await found(slack, telegram)
    unreachable = await found(slack, telegram)
    assert "TELEGRAM_BOT_TOKEN" in str(refused[0].problem)
    assert "files:read" in str(refused[1].problem)
    assert "could not be reached" in str(unreachable[0].problem)
    assert "cannot be reached" in str(unreachable[1].problem)
    assert not any(secret in str([*refused, *unreachable]) for secret in (slack.app.bot_token, telegram.token))


async def test_a_desk_channel_that_nothing_can_be_posted_to_is_found() -> None:
    """Least of all one in which another company reads along."""
    async with SlackStandIn() as slack, TelegramStandIn() as telegram:
        shared = slack.channel("desk", shared=True).id
        assert "shared with another company" in str((await found(slack, telegram, shared))[1].problem)
        assert "channel_not_found" in str((await found(slack, telegram, "C-NOWHERE"))[1].problem)


async def test_without_any_messenger_a_note_says_so() -> None:
    [note] = [finding async for finding in examine_messengers(load_settings())]
    assert (note.problem, note.is_note) == ("none is set up", True)
