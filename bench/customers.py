"""Customers of both messengers, and what they said."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.stand_ins import StandIns
from bot.sandbox.slack.messages import Message


@dataclass(frozen=True)
class Said:
    """`place` and `own_id` are the provider's: a chat or channel, and the message in it. `at`: epoch seconds."""

    messenger: str
    place: str
    own_id: str
    at: float

    @property
    def key(self) -> tuple[str, str, str]:
        return self.messenger, self.place, self.own_id


@dataclass(frozen=True)
class Customer:
    """`say` types a text and tells what became of it. `language`: `pl` or `en`."""

    language: str
    say: Callable[[str], Said]


def telegram_customer(stand_ins: StandIns, name: str, language: str = "pl") -> Customer:
    """In a private chat."""
    person = stand_ins.telegram.person(name, language=language)

    def say(text: str) -> Said:
        at = time.time()
        return Said("telegram", str(person.id), str(person.types(text).id), at)

    return Customer(language, say)


def slack_customer(stand_ins: StandIns, name: str, language: str = "pl") -> Customer:
    """In the direct messages with the app."""
    person = stand_ins.slack.person(name, locale="pl-PL" if language == "pl" else "en-GB")
    channel = person.dm  # looked for once: it is looked for among all channels

    def say(text: str) -> Said:
        at = time.time()
        return Said("slack", channel.id, person.says(text, channel).ts, at)

    return Customer(language, say)


def slack_customers_in_public(stand_ins: StandIns, names: list[str]) -> list[Customer]:
    """In one channel, each in a thread of their own, naming the bot each time: Slack tells of each message twice."""
    people = [stand_ins.slack.person(name) for name in names]
    channel = stand_ins.slack.channel("help", *people)

    def speaker(number: int) -> Callable[[str], Said]:
        threads: list[Message] = []

        def say(text: str) -> Said:
            at = time.time()
            thread = threads[0] if threads else None
            message = people[number].says(text, channel, thread=thread, mention=True)
            threads.append(message)
            return Said("slack", channel.id, message.ts, at)

        return say

    return [Customer("pl", speaker(number)) for number in range(len(people))]


def customers(stand_ins: StandIns, count: int, language_of: Callable[[int], str] = lambda _: "pl") -> list[Customer]:
    """Half of them at Telegram and half in Slack's direct messages, by turns."""
    kinds = (telegram_customer, slack_customer)
    return [kinds[number % 2](stand_ins, f"Customer {number}", language_of(number // 2)) for number in range(count)]
