"""Brings events and interactions to the app: at least once, in no order, again after a failure.

https://docs.slack.dev/apis/events-api (responding, retries)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from bot.sandbox.slack.delivery_health import DeliveryHealth
from bot.sandbox.slack.identifiers import Identifiers
from bot.sandbox.slack.journal import Delivery, Journal
from bot.sandbox.slack.json_types import Clock, Json
from bot.sandbox.slack.outcome import Outcome, Parcel, Transport

RETRIES = tuple(timedelta(seconds=seconds) for seconds in (0, 60, 300))
HOURLY = tuple(timedelta(hours=hours) for hours in range(1, 25))
TOO_LATE = timedelta(hours=2)
ACK_SECONDS = 3.0
POLL_SECONDS = 1.0


@dataclass(eq=False)
class Sending:
    """An event on its way. `failed_at`: of the first attempt, from which retries are counted."""

    parcel: Parcel
    made_at: datetime
    due: datetime
    failed_at: datetime | None = None
    expired: asyncio.Event = field(default_factory=asyncio.Event)
    deadline: datetime | None = None


class Deliveries:
    """`transport` None: no request URL and no Socket Mode yet, events are lost as Slack loses them.

    An attempt ends without success after `ack_seconds` of real time, or when the clock has moved as far and `tick`
    is called. `hold` keeps events back until `release` lets them go in the order wanted. By seeded dice: `doubled` is
    the share of taken events that come twice, `unheard` the share whose answer is lost, so that they are retried;
    each attempt starts up to `most_delay_seconds` (real ones) late, which mixes the order. `retries` are Slack's.
    """

    def __init__(self, journal: Journal, ids: Identifiers, clock: Clock, seed: int = 1) -> None:
        self._journal, self._ids, self._clock = journal, ids, clock
        self._dice = Random(seed)  # noqa: S311 - repeatable on purpose
        self._waiting: list[Sending] = []
        self._held: list[Sending] | None = None
        self._running: dict[Sending, asyncio.Task[None]] = {}
        self._news = asyncio.Event()
        self.transport: Transport | None = None
        self.ack_seconds = ACK_SECONDS
        self.has_delayed_events = False
        self.retries = RETRIES
        self.doubled = 0.0
        self.unheard = 0.0
        self.most_delay_seconds = 0.0
        self.health = DeliveryHealth()
        self.given_up: list[Json] = []
        self.also_tick: list[Callable[[], Awaitable[None]]] = []

    @property
    def waiting(self) -> int:
        """Events that have not been taken yet: held back, on their way or waiting for a retry."""
        return len(self._waiting) + len(self._running) + len(self._held or ())

    def event(self, payload: Json) -> None:
        """A new event envelope; its first attempt starts at once."""
        if self.transport is None:
            return
        now = self._clock()
        sending = Sending(Parcel("events_api", payload, self._ids.new("env-")), now, now)
        if self._held is not None:
            self._held.append(sending)
        else:
            self._waiting.append(sending)
            self._start_due()
        self._news.set()

    def again(self, event_id: str, *, as_new: bool = True) -> None:
        """Delivers an event that was delivered before once more, with the same `event_id` and envelope.

        `as_new`: with attempt 0, as after a reconnect; else as the first retry of a time-out.
        """
        known = next(one for one in self._journal.deliveries if one.event_id == event_id)
        attempt, reason = (0, "") if as_new else (1, "http_timeout")
        now = self._clock()
        parcel = Parcel("events_api", deepcopy(known.payload), known.envelope_id, attempt, reason)
        self._waiting.append(Sending(parcel, now, now))
        self._start_due()

    def hold(self) -> None:
        self._held = self._held or []

    def release(self, order: Callable[[Sequence[Json]], Sequence[int]] | None = None) -> list[Json]:
        """Lets held events go; `order` gets their payloads and answers positions, repeated ones are sent twice.

        Each is started in that order; to have them arrive one after the other, release one at a time with
        `release_one`.
        """
        held, self._held = self._held or [], None
        positions = range(len(held)) if order is None else order([one.parcel.payload for one in held])
        for position in positions:
            one = held[position]
            self._waiting.append(Sending(deepcopy(one.parcel), one.made_at, self._clock()))
        self._start_due()
        return [held[position].parcel.payload for position in positions]

    async def release_one(self, position: int = 0) -> Json:
        """Lets one held event go and waits for its attempt; the others stay held."""
        if not self._held:
            raise IndexError("nothing is held")
        sending = self._held.pop(position)
        self._waiting.append(sending)
        self._start_due()
        await self.settle()
        return sending.parcel.payload

    async def ask(self, kind: str, payload: Json) -> Outcome:
        """An interaction: one attempt, and what the app answered within 3 s. Never repeated."""
        if self.transport is None:
            return Outcome("connection_failed")
        now = self._clock()
        sending = Sending(Parcel(kind, payload, self._ids.new("env-")), now, now)
        return await self._attempt(self.transport, sending)

    async def tick(self) -> None:
        """Does everything that is due on the clock, and waits until no attempt is running."""
        for also in self.also_tick:
            await also()
        now = self._clock()
        for sending in self._running:
            if sending.deadline is not None and now >= sending.deadline:
                sending.expired.set()
        self._start_due()
        await self.settle()

    async def settle(self) -> None:
        """Waits until no attempt is running; retries of a later time stay where they are."""
        while self._running:
            await asyncio.wait(self._running.values())

    async def run(self) -> None:
        """The background task: retries and expiries on the clock, without anybody calling `tick`."""
        while True:
            self._news.clear()
            dues = [one.due for one in self._waiting]
            seconds = min([POLL_SECONDS, *((due - self._clock()).total_seconds() for due in dues)])
            try:
                await asyncio.wait_for(self._news.wait(), max(0.01, seconds))
            except TimeoutError:
                for also in self.also_tick:
                    await also()
                self._start_due()

    async def stop(self) -> None:
        self.transport = None
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _start_due(self) -> None:
        now = self._clock()
        due = [one for one in self._waiting if one.due <= now]
        self._waiting = [one for one in self._waiting if one.due > now]
        for sending in due:
            self._start(sending, now)

    def _start(self, sending: Sending, now: datetime) -> None:
        transport = self.transport
        is_late = not self.has_delayed_events and now - sending.made_at > TOO_LATE
        if transport is None or is_late:
            self.given_up.append(sending.parcel.payload)
            return
        is_control = sending.parcel.payload.get("type") == "app_rate_limited"
        if not is_control and not self.health.may_deliver(now):
            self._refuse(sending, now)
            return
        task = asyncio.create_task(self._deliver(transport, sending), name=f"deliver {sending.parcel.envelope_id}")
        self._running[sending] = task
        task.add_done_callback(lambda done: self._ended(sending, done))

    def _ended(self, sending: Sending, task: asyncio.Task[None]) -> None:
        """Its retry may be running already."""
        if self._running.get(sending) is task:
            del self._running[sending]

    def _refuse(self, sending: Sending, now: datetime) -> None:
        """Above the hourly limit: one `app_rate_limited` a minute instead of the events."""
        self.given_up.append(sending.parcel.payload)
        minute = self.health.first_refusal_of_minute(now)
        if minute:
            whole = sending.parcel.payload
            told = {name: whole.get(name) for name in ("token", "team_id", "api_app_id")}
            self.event(told | {"type": "app_rate_limited", "minute_rate_limited": minute})

    async def _deliver(self, transport: Transport, sending: Sending) -> None:
        await asyncio.sleep(self._dice.random() * self.most_delay_seconds)
        outcome = await self._attempt(transport, sending)
        if outcome.is_taken and self._dice.random() < self.unheard:
            outcome = replace(outcome, reason="http_timeout" if transport.name == "http" else "timeout")
        now = self._clock()
        self.health.count(now, was_taken=outcome.is_taken)
        if not outcome.is_taken:
            self._plan_retry(sending, outcome, now)
        elif self._dice.random() < self.doubled:
            self._waiting.append(Sending(deepcopy(sending.parcel), sending.made_at, now))
            self._start_due()

    async def _attempt(self, transport: Transport, sending: Sending) -> Outcome:
        """One try, ended after 3 s; written into the journal."""
        parcel = sending.parcel
        entry = Delivery(deepcopy(parcel.payload), self._clock(), transport.name, parcel.attempt, parcel.envelope_id)
        self._journal.deliveries.append(entry)
        sending.deadline = self._clock() + timedelta(seconds=self.ack_seconds)
        sending.expired.clear()
        trying = asyncio.create_task(transport.send(parcel))
        expiring = asyncio.create_task(sending.expired.wait())
        try:
            await asyncio.wait({trying, expiring}, timeout=self.ack_seconds, return_when=asyncio.FIRST_COMPLETED)
            late = Outcome("http_timeout" if transport.name == "http" else "timeout")
            outcome = trying.result() if trying.done() else late
        finally:
            expiring.cancel()
            trying.cancel()
        entry.outcome, entry.status, entry.answer = outcome.reason or "ok", outcome.status, outcome.answer
        entry.headers = outcome.headers
        return outcome

    def _plan_retry(self, sending: Sending, outcome: Outcome, now: datetime) -> None:
        """At once, after 1 and 5 minutes; with Delayed Events then hourly for a day."""
        parcel = sending.parcel
        sending.failed_at = sending.failed_at or now
        schedule = self.retries + (HOURLY if self.has_delayed_events else ())
        if outcome.is_last or parcel.attempt >= len(schedule):
            self.given_up.append(parcel.payload)
            return
        sending.due = sending.failed_at + schedule[parcel.attempt]
        parcel.attempt += 1
        parcel.reason = outcome.reason
        self._waiting.append(sending)
        self._start_due()
        self._news.set()
