"""Customers of different habits: some answer at once, some days later, some never; some ask again and again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from random import Random

from bench.month.stage import Stage
from bot.sandbox.slack.person import Person as SlackPerson
from bot.sandbox.slack.screen import shown, visible
from bot.sandbox.telegram.messages import seen
from bot.sandbox.telegram.people import Person as TelegramPerson

Deed = Callable[[], Awaitable[object]]

FADED_AFTER = 4  # messages of ours
QUESTIONS = ("jak zrobić zwrot?", "w jakich godzinach jesteście?", "ile dostawa trwa?")
LATE = "paczka nie dotarła"
REPORTS = (LATE, "lampa przyszła popsuta", "mam skargę na obsługę", "proszę o fakturę")
ANSWERS = ("zamówienie ZAM-10234", "lampa nie świeci", "chcę wymiany", "nie wiem", "ABC-1")
WORDS = ("i jak?", "co z moim zgłoszeniem", "czekam na odpowiedź", "halo, kiedy odpowiecie?")


class Habit(StrEnum):
    """`FADING`: tells the bot what it asks for, and has lost interest when a person writes."""

    PROMPT = "prompt"
    SLOW = "slow"
    SILENT = "silent"
    CHASING = "chasing"
    FADING = "fading"


@dataclass
class Customer:
    """`due`: what they will do, and when. `read` messages of their chat they have seen, `heard` so many of ours."""

    name: str
    habit: Habit
    dice: Random
    telegram: TelegramPerson | None
    slack: SlackPerson | None
    next_visit: datetime
    due: list[tuple[datetime, Deed]] = field(default_factory=list)
    read: int = 0
    heard: int = 0

    async def says(self, text: str) -> None:
        if self.telegram is not None:
            self.telegram.types(text)
        elif self.slack is not None:
            self.slack.says(text)

    async def act(self, stage: Stage) -> None:
        """Whatever is due by now: a visit begun, an answer to what we said, a survey tapped."""
        now = stage.clock()
        for at, deed in [one for one in self.due if one[0] <= now]:
            self.due.remove((at, deed))
            await deed()
        if now >= self.next_visit:
            await self._visit(now)
        self._read(stage)

    async def _visit(self, now: datetime) -> None:
        """A question, a report, or a call for a person; then nothing for days."""
        kind = self.dice.random()
        if kind < 0.35:
            await self.says(self.dice.choice(QUESTIONS))
        elif kind < 0.75:
            await self.says(self.dice.choice(REPORTS))
        else:
            await self.says(f"{self.dice.choice(REPORTS)}, chcę rozmawiać z człowiekiem")
        if self.habit is Habit.CHASING:
            for hours in (3, 6, 9):
                self.due.append((now + timedelta(hours=hours), self._chases))
        self.next_visit = now + timedelta(days=self.dice.uniform(4, 20))

    def is_struck(self, now: datetime) -> None:
        """Their parcel is left behind: they write within the day."""
        self.due.append((now + timedelta(hours=self.dice.uniform(0, 20)), lambda: self.says(LATE)))

    async def _chases(self) -> None:
        await self.says(self.dice.choice(WORDS))

    def _read(self, stage: Stage) -> None:
        """New words of ours, with their buttons, lead to an answer by their habit."""
        fresh = self._fresh(stage)
        self.heard += len(fresh)
        has_faded = self.habit is Habit.FADING and self.heard > FADED_AFTER
        if not fresh or self.habit is Habit.SILENT or has_faded:
            return
        labels = fresh[-1][1]
        wait = timedelta(minutes=self.dice.uniform(1, 40))
        if self.habit is Habit.SLOW:
            wait = timedelta(hours=self.dice.uniform(4, 90))
        deed = self._answer_to(stage, fresh[-1][0], labels)
        if deed is not None:
            self.due.append((stage.clock() + wait, deed))

    def _answer_to(self, stage: Stage, text: str, labels: tuple[str, ...]) -> Deed | None:
        """Facts where facts are asked for, a yes to a summary, a tap on a survey; else mostly nothing."""
        stars = [label for label in labels if label[:1].isdigit() or "⭐" in label]
        if stars:
            label = self.dice.choice(stars)
            return lambda: self._press(stage, label)
        yes = next((label for label in labels if label.startswith(("Tak", "Yes", "Zgadza"))), None)
        if yes is not None:
            return lambda: self._press(stage, yes)
        if "?" in text or "potrzebujemy" in text:
            words = self.dice.choice(ANSWERS)
            return lambda: self.says(words)
        return (lambda: self.says("dziękuję")) if self.dice.random() < 0.15 else None

    async def _press(self, stage: Stage, label: str) -> None:
        """Buttons that are gone by now are nothing to press."""
        if self.telegram is not None:
            with suppress(LookupError):
                self.telegram.presses(label)
            return
        assert self.slack is not None
        for said in reversed(stage.slack.screen(self.slack.dm, self.slack)):
            for one in said.pressable:
                message = stage.slack.space.talk.find(self.slack.dm.id, said.ts)
                if one.label.startswith(label) and message is not None:
                    await self.slack.presses(message, one.action_id)
                    return

    def _fresh(self, stage: Stage) -> list[tuple[str, tuple[str, ...]]]:
        """What we have said since they last looked, with its buttons."""
        if self.telegram is not None:
            sent = self.telegram.world.messages(self.telegram.chat)
            read, self.read = self.read, len(sent)
            new = [seen(message) for message in sent[read:]]
            return [(one.text, tuple(chain(*one.buttons))) for one in new if one.is_bot]
        assert self.slack is not None
        said = visible(stage.slack.space, self.slack.dm.id, self.slack.id)
        read, self.read = self.read, len(said)
        posts = [shown(stage.slack.space, message) for message in said[read:]]
        return [(one.text, tuple(one.labels)) for one in posts if one.is_bot]


def people(stage: Stage, count: int, dice: Random, begin: datetime, days: float) -> list[Customer]:
    """Two of three at Telegram, the rest at Slack; first visits spread over the first two thirds of the time."""
    made = []
    habits = (Habit.PROMPT, Habit.FADING, Habit.SLOW, Habit.SILENT, Habit.CHASING, Habit.PROMPT, Habit.FADING)
    for number in range(count):
        name = f"Klient {number}"
        is_slack = number % 3 == 2
        first = begin + timedelta(days=dice.uniform(0, days * 0.66))
        made.append(
            Customer(
                name=name,
                habit=habits[number % len(habits)],
                dice=Random(dice.random()),
                telegram=None if is_slack else stage.telegram.person(name, language="pl"),
                slack=stage.slack.person(name) if is_slack else None,
                next_visit=first,
            )
        )
    return made
