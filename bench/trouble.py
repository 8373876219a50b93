"""What goes wrong at the providers during a fault run: before storing, after storing, and on the way to us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bench.stand_ins import StandIns
from bot.sandbox.slack.faults import Fault, Kind
from bot.sandbox.slack_api import SlackStandIn
from bot.sandbox.telegram import faults as telegram_faults
from bot.sandbox.telegram_api import TelegramStandIn

SHARE = 0.004  # of each kind of trouble: there are about ten, so some four calls in a hundred meet one
RETRY_AFTER_SECONDS = (1, 2, 5)
DOUBLED = 0.05
ANSWER_LOST = 0.05
MOST_DELAY_SECONDS = 0.3
SLACK_RETRIES = tuple(timedelta(seconds=seconds) for seconds in (0, 3, 8, 15, 30, 60, 120))
"""Slack's own three take five minutes, in which a run is over: these are more, in less time, so that nothing that was
said during 50 kills is given up by Slack itself."""


def cause_trouble(stand_ins: StandIns, seed: int, slack_retries: tuple[timedelta, ...]) -> None:
    _at_slack(stand_ins.slack)
    stand_ins.slack.deliveries.retries = slack_retries
    _at_telegram(stand_ins.telegram, seed)


def end_trouble(stand_ins: StandIns) -> None:
    """From now on calls are answered as they should be; what was doubled or delayed goes on its way."""
    stand_ins.slack.faults.clear()
    stand_ins.telegram.faults.clear()
    deliveries = stand_ins.slack.deliveries
    deliveries.doubled = deliveries.unheard = deliveries.most_delay_seconds = 0.0


def troubles_met(stand_ins: StandIns) -> int:
    """Calls of the product's that met a fault; lost and delayed deliveries are not among them."""
    at_slack = sum(bool(call.fault) for call in stand_ins.slack.journal.calls)
    return at_slack + sum(bool(entry.fault) for entry in stand_ins.telegram.journal)


def _at_slack(slack: SlackStandIn) -> None:
    """Slack's seed is given at its start."""
    for method in ("chat.postMessage", "conversations.history", "conversations.replies", "users.info"):
        for seconds in RETRY_AFTER_SECONDS:
            slack.faults.add(Fault(method, Kind.RATE_LIMIT, None, SHARE, seconds=seconds))
        for kind in (Kind.SERVER_ERROR, Kind.HTML, Kind.RESET, Kind.DROP):
            for after in (False, True):
                slack.faults.add(Fault(method, kind, None, SHARE, after_storing=after))
        slack.faults.add(Fault(method, Kind.ERROR, None, SHARE, after_storing=True, error="internal_error"))
    slack.deliveries.doubled, slack.deliveries.unheard = DOUBLED, ANSWER_LOST
    slack.deliveries.most_delay_seconds = MOST_DELAY_SECONDS


def _at_telegram(telegram: TelegramStandIn, seed: int) -> None:
    kinds: Sequence[telegram_faults.Fault] = (
        *map(telegram_faults.rate_limit, RETRY_AFTER_SECONDS),
        telegram_faults.server_error(),  # a refusal: nothing is stored with it
        *(make(after=after) for after in (False, True) for make in _MAKERS),
    )
    methods = ("sendMessage", "sendChatAction", "getMe", "setWebhook", "getWebhookInfo")
    telegram.faults.at_random(SHARE * len(kinds), kinds, methods=methods, seed=seed)
    lost = [telegram_faults.reset(after=after) for after in (False, True)]
    telegram.faults.at_random(ANSWER_LOST, lost, methods=("webhook",), seed=seed)


_MAKERS = (telegram_faults.html, telegram_faults.reset, telegram_faults.silence)
