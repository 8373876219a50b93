"""Secrets planted in the settings, and what customers write, show in no log, error, metric or page: at the most
talkative log level, with providers that refuse, break and answer nonsense."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from bot.sandbox.slack.faults import Fault, Kind
from bot.sandbox.slack_api import SlackStandIn
from bot.sandbox.telegram import faults
from bot.sandbox.telegram_api import TelegramStandIn
from tests.e2e.test_commands import environment, finished

__all__ = ["environment"]

ROOT = Path(__file__).parents[2]
WORDS = "zepsuty-czajnik-pani-zofii"
PATIENCE_SECONDS = 120  # two processes start while other tests run


@pytest.mark.parametrize("transport", ["webhooks", "sockets and polling"])
async def test_no_secret_and_no_word_of_a_customer_leaves_the_process(
    environment: dict[str, str], tmp_path: Path, transport: str
) -> None:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SlackStandIn())
        telegram = await stack.enter_async_context(TelegramStandIn())
        plain = {
            "SLACK_API_URL": slack.api_url,
            "TELEGRAM_API_URL": telegram.url,
            "LOG_LEVEL": "DEBUG",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'secrets.db'}",
            "BURST_QUIET_SECONDS": "0",
        }
        secret = {
            "SLACK_BOT_TOKEN": slack.app.bot_token,
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "NLU_TOKEN": "planted-nlu-token",
            "ORDERS_TOKEN": "planted-orders-token",
        }
        if transport == "webhooks":
            plain["PUBLIC_URL"] = f"http://127.0.0.1:{environment['PORT']}"
            secret |= {"SLACK_SIGNING_SECRET": slack.app.signing_secret, "TELEGRAM_WEBHOOK_SECRET": "planted-webhook"}
        else:
            secret["SLACK_APP_TOKEN"] = slack.app.app_token
        settings = {**environment, **plain, **secret, "PORT": environment["PORT"]}
        await finished("migrate", settings, tmp_path)
        output = tmp_path / "output.txt"
        await stack.enter_async_context(_Running(settings, tmp_path, output))
        pages = await _provoked(slack, telegram, settings, transport)
        await _revoked(slack, telegram)
        doctor = (await finished("doctor", settings, tmp_path))[1]
        outbox = (await finished("outbox list", settings, tmp_path))[1]
    said = await asyncio.to_thread(output.read_text)
    assert "channel.unwell" in said, "the processes have met the refusals"
    for name, value in secret.items():
        for where, text in (("log", said), ("pages", pages), ("doctor", doctor), ("outbox", outbox)):
            assert value not in text, f"{name} is in the {where}"
    assert WORDS not in said + pages + doctor


class _Running:
    """Web and worker as processes of their own, their output in a file."""

    def __init__(self, settings: dict[str, str], folder: Path, output: Path) -> None:
        self._settings, self._folder, self._output = settings, folder, output

    async def __aenter__(self) -> None:
        with self._output.open("ab") as file:
            self._processes = [
                await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "bot",
                    command,
                    cwd=self._folder,
                    env={**self._settings, "PYTHONPATH": str(ROOT)},
                    stdout=file,
                    stderr=file,
                )
                for command in ("web", "worker")
            ]

    async def __aexit__(self, *_error: object) -> None:
        for process in self._processes:
            if process.returncode is None:
                process.terminate()
        for process in self._processes:
            await asyncio.wait_for(process.wait(), 30)


async def _provoked(slack: SlackStandIn, telegram: TelegramStandIn, settings: dict[str, str], transport: str) -> str:
    """Messages in and out, forged requests, failing posts; returns every page the web process shows."""
    base = f"http://127.0.0.1:{settings['PORT']}"
    async with httpx.AsyncClient() as client:
        await _until_ready(client, base)
        if transport == "webhooks":
            await slack.use_http(f"{base}/slack/events")
            forged = {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "1"}
            await client.post(f"{base}/slack/events", content=f'{{"text":"{WORDS}"}}', headers=forged)
            wrong = {"X-Telegram-Bot-Api-Secret-Token": "wrong"}
            await client.post(f"{base}/telegram/webhook", json={"text": WORDS}, headers=wrong)
        else:
            slack.use_sockets()
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not slack.sockets.sockets:  # noqa: ASYNC110 - what nobody hears Slack tells again a minute later
                    await asyncio.sleep(0.1)
        slack.faults.add(Fault("chat.postMessage", Kind.HTML))
        slack.faults.add(Fault("chat.postMessage", Kind.RESET, after_storing=True))
        telegram.faults.next("sendMessage", faults.html())
        telegram.faults.next("sendMessage", faults.reset(after=True))
        anna, marek, zofia = telegram.person("Anna"), telegram.person("Marek"), slack.person("Zofia")
        anna.types(f"{WORDS} jeden")
        marek.types(f"{WORDS} dwa")
        zofia.says(f"{WORDS} trzy")
        await slack.tick()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not any(one.is_bot for one in slack.screen(zofia.dm, zofia)):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            while not any(one.is_bot for one in [*anna.sees(), *marek.sees()]):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        pages = [(await client.get(f"{base}{path}")).text for path in ("/health/ready", "/metrics", "/health/live")]
    return "\n".join(pages)


async def _revoked(slack: SlackStandIn, telegram: TelegramStandIn) -> None:
    """Both providers throw the bot out; a last message meets it, and the health page learns of it."""
    telegram.revoke_token()
    slack.app.token_error = "token_revoked"
    slack.person("Ewa").says(f"{WORDS} cztery")
    await slack.tick()
    await asyncio.sleep(3)


async def _until_ready(client: httpx.AsyncClient, base: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                if (await client.get(f"{base}/health/ready")).status_code == 200:
                    return
            except httpx.ConnectError:
                pass
            await asyncio.sleep(0.1)
