"""Socket Mode with slack_bolt's real client: what comes is accepted before it is acknowledged, and a connection that
is dead, refused or thrown away is replaced.

The pace of `apps.connections.open` is the stand-in's to keep; what takes half a minute in life takes moments here
because the watchdog is given other numbers, not because anything is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.channels.slack import Slack, SlackGate
from bot.channels.slack.checkup import Checkup, missing_scopes
from bot.channels.slack.sockets import Patience
from bot.intake import NotAccepted
from bot.sandbox.slack.faults import Fault, Kind
from bot.sandbox.slack_api import SlackStandIn
from handlers.messages import IncomingMessage
from tests.channels.slack_rig import QUICK, our_file, until


@dataclass
class FakeIntake:
    """As the real one: the same event counts once. `refusals` is how many are not accepted first."""

    accepted: dict[str, IncomingMessage] = field(default_factory=dict)
    refusals: int = 0

    async def accept(self, *messages: IncomingMessage) -> list[IncomingMessage]:
        if self.refusals:
            self.refusals -= 1
            raise NotAccepted
        self.accepted |= {message.external_id: message for message in messages}
        return list(messages)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.accepted.values()]


@dataclass
class FakeHealth:
    problems: list[str | None] = field(default_factory=list)

    async def well(self) -> None:
        self._note(None)

    async def unwell(self, problem: str) -> None:
        self._note(problem)

    def _note(self, problem: str | None) -> None:
        if self.problems[-1:] != [problem]:
            self.problems.append(problem)


@dataclass
class Line:
    """The worker's side of a socket."""

    slack: SlackStandIn
    intake: FakeIntake
    health: FakeHealth
    stop: Callable[[], None]
    task: asyncio.Task[None]

    @property
    def is_open(self) -> bool:
        return bool(self.slack.sockets.sockets)


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn(ack_seconds=1) as standing_in:
        standing_in.pace.is_kept = False
        standing_in.use_sockets()
        yield standing_in


def opened(slack: SlackStandIn, patience: Patience = QUICK) -> Line:
    intake, health = FakeIntake(), FakeHealth()
    told: Any = health
    channel = Slack(slack.app.bot_token, slack.api_url, 5, our_file, told)
    given: Any = intake
    gate = SlackGate(
        channel, given, None,  # type: ignore[arg-type] # nothing here says a word
        signing_secret=None, app_token=slack.app.app_token, patience=patience,
    )  # fmt: skip
    _, part = gate.worker_parts()

    async def run() -> None:
        try:
            await part.run()
        finally:
            await channel.aclose()

    return Line(slack, intake, health, part.stop, asyncio.create_task(run()))


@pytest.fixture
async def line(slack: SlackStandIn) -> AsyncIterator[Line]:
    made = opened(slack)
    yield made
    made.stop()
    await asyncio.wait_for(made.task, 10)


async def test_what_comes_over_the_socket_is_accepted_and_acknowledged(line: Line) -> None:
    await until(lambda: line.is_open)
    line.slack.person("Anna").says("hej")
    await line.slack.tick()
    assert line.intake.texts == ["hej"]
    assert [one.outcome for one in line.slack.journal.deliveries] == ["ok"]
    assert line.health.problems == [None]


async def test_what_is_not_accepted_is_not_acknowledged_and_comes_again(line: Line) -> None:
    await until(lambda: line.is_open)
    line.intake.refusals = 1
    line.slack.person("Anna").says("hej")
    await line.slack.tick()
    assert [(one.outcome, one.attempt) for one in line.slack.journal.deliveries] == [("timeout", 0), ("ok", 1)]
    assert line.intake.texts == ["hej"]


async def test_a_reconnect_that_delivers_again_counts_once(line: Line) -> None:
    await until(lambda: line.is_open)
    line.slack.person("Anna").says("hej")
    await line.slack.tick()
    line.slack.deliveries.again(line.slack.journal.deliveries[0].event_id)
    await line.slack.tick()
    assert len(line.slack.journal.deliveries) == 2
    assert line.intake.texts == ["hej"]


async def test_when_slack_refreshes_the_connection_the_next_one_serves(line: Line) -> None:
    await until(lambda: line.is_open)
    [first] = line.slack.sockets.sockets
    await line.slack.sockets.say_goodbye(first, "warning")
    await line.slack.sockets.end(first, "refresh_requested")
    await until(lambda: line.is_open and first not in line.slack.sockets.sockets)
    line.slack.person("Anna").says("hej")
    await line.slack.tick()
    await until(lambda: line.intake.texts)
    assert line.intake.texts == ["hej"]


async def test_a_failed_handshake_is_got_over_with_a_new_ticket(slack: SlackStandIn) -> None:
    """slack_sdk alone tries the used ticket for ever."""
    slack.sockets.refusals = 2
    line = opened(slack)
    await until(lambda: line.is_open)
    assert slack.sockets.handshakes[:2] == [503, 503]
    assert len(slack.journal.of("apps.connections.open")) >= 3
    await until(lambda: line.health.problems[-1:] == [None])
    assert "Socket Mode connection cannot be made" in str(line.health.problems[0])
    line.stop()
    await asyncio.wait_for(line.task, 10)


async def test_a_dead_connection_is_rebuilt_by_the_watchdog(line: Line) -> None:
    """Cut off, and every reconnect of the SDK's own is refused, so that it hangs on a used ticket."""
    await until(lambda: line.health.problems == [None])
    line.slack.sockets.refusals = 2
    await line.slack.sockets.cut()
    await until(lambda: line.is_open)
    assert line.slack.sockets.handshakes == [101, 503, 503, 101]
    line.slack.person("Anna").says("hej")
    await line.slack.tick()
    await until(lambda: line.intake.texts)
    assert "Slack: the Socket Mode connection is lost" in line.health.problems
    await until(lambda: line.health.problems[-1] is None)


async def test_an_invalid_app_token_is_named_and_tried_again_slowly(slack: SlackStandIn) -> None:
    good, slack.app.app_token = slack.app.app_token, "xapp-another"
    slack.app.app_token = good
    line = opened(slack, Patience(look=0.02, connect=1, dead=0.3, refused=0.05))
    await until(lambda: line.is_open)
    slack.app.app_token = "xapp-another"
    await slack.sockets.cut()
    await until(lambda: any("SLACK_APP_TOKEN" in str(problem) for problem in line.health.problems))
    slack.app.app_token = good
    await until(lambda: line.is_open)
    await until(lambda: line.health.problems[-1] is None)
    line.stop()
    await asyncio.wait_for(line.task, 10)


@pytest.mark.parametrize(
    ("kind", "options"),
    [(Kind.RATE_LIMIT, {"seconds": 1}), (Kind.SERVER_ERROR, {}), (Kind.RESET, {}), (Kind.ERROR, {})],
)
async def test_a_ticket_that_cannot_be_had_just_now_is_asked_for_again(
    slack: SlackStandIn, kind: Kind, options: dict[str, Any]
) -> None:
    slack.faults.add(Fault("apps.connections.open", kind, **options))
    line = opened(slack)
    await until(lambda: line.is_open)
    line.stop()
    await asyncio.wait_for(line.task, 10)


async def test_it_stops_at_once_also_while_it_is_connecting(slack: SlackStandIn) -> None:
    slack.faults.add(Fault("apps.connections.open", Kind.DROP, times=None))
    line = opened(slack, Patience(connect=600))
    await until(lambda: slack.journal.of("apps.connections.open"))
    line.stop()
    slack.faults.clear()
    await asyncio.wait_for(line.task, 5)


# Whether the bot's token is good


async def test_the_checkup_learns_who_we_are_and_what_is_missing(slack: SlackStandIn) -> None:
    health, learned = FakeHealth(), []
    told: Any = health
    channel = Slack(slack.app.bot_token, slack.api_url, 5, our_file, told)
    checkup = Checkup(channel.client, learned.append)
    assert await checkup.check()
    slack.app.scopes -= {"im:history", "files:write"}
    assert not await checkup.check()
    slack.app.token_error = "token_revoked"
    assert not await checkup.check()
    slack.app.token_error = None
    slack.faults.add(Fault("auth.test", Kind.SERVER_ERROR))
    assert not await checkup.check()
    await channel.aclose()
    well, scopes, revoked, broken = map(str, health.problems)
    assert well == "None"
    assert "files:write, im:history" in scopes
    assert "SLACK_BOT_TOKEN" in revoked
    assert "500" in broken
    assert learned == [slack.app.bot_user] * 2


async def test_an_open_socket_does_not_talk_a_bad_token_away(line: Line) -> None:
    await until(lambda: line.health.problems == [None])
    line.slack.app.token_error = "token_revoked"
    line.slack.uninstalls()
    await line.slack.tick()
    await until(lambda: len(line.health.problems) > 1)
    line.slack.person("Anna").says("hej")
    await line.slack.tick()
    assert line.intake.texts == ["hej"]
    assert all("SLACK_BOT_TOKEN" in str(problem) for problem in line.health.problems[1:])


def test_without_the_header_no_scope_is_missed() -> None:
    """An emulator, or a proxy, may not send it."""
    assert missing_scopes({}) == frozenset()
    assert "chat:write" in missing_scopes({"X-OAuth-Scopes": "im:history, users:read"})
