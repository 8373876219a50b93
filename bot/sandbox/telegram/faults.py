"""Faults on demand: by method and count, or at random with a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.refusal import Refused, restarting, too_many


class Kind(StrEnum):
    REFUSE = "refuse"  # an answer with `ok: false`
    HTML = "html"  # what the proxy before Telegram shows when Telegram is away
    RESET = "reset"  # the connection is reset without an answer
    SILENCE = "silence"  # no answer until the caller gives up
    SLOW = "slow"  # the true answer, later


@dataclass(frozen=True)
class Fault:
    """What goes wrong. `after`: only once the method has done its work, so that the caller cannot know."""

    kind: Kind
    after: bool = False
    refusal: Refused | None = None
    seconds: float = 0

    def __str__(self) -> str:
        which = f" {self.refusal.code}" if self.refusal else ""
        return f"{self.kind}{which} {'after' if self.after else 'before'} storing"


def refusal(refused: Refused) -> Fault:
    """Any refusal, for instance one that this stand-in would not come to by itself."""
    return Fault(Kind.REFUSE, refusal=refused)


def rate_limit(retry_after: int = 5) -> Fault:
    return refusal(too_many(retry_after))


def server_error(*, after: bool = False) -> Fault:
    """500 `Internal Server Error: restart`."""
    return Fault(Kind.REFUSE, after, restarting())


def html(*, after: bool = False) -> Fault:
    """502 with a page instead of JSON."""
    return Fault(Kind.HTML, after)


def reset(*, after: bool = False) -> Fault:
    return Fault(Kind.RESET, after)


def silence(*, after: bool = True) -> Fault:
    return Fault(Kind.SILENCE, after)


def slow(seconds: float, *, after: bool = True) -> Fault:
    """Holds the answer for so many seconds of the stand-in's clock."""
    return Fault(Kind.SLOW, after, seconds=seconds)


@dataclass
class _Rule:
    method: str
    fault: Fault
    left: int
    chat_id: int | None


@dataclass
class _Chance:
    probability: float
    faults: Sequence[Fault]
    methods: frozenset[str]
    dice: random.Random


@dataclass
class Faults:
    _rules: list[_Rule] = field(default_factory=list)
    _chances: list[_Chance] = field(default_factory=list)

    def next(self, method: str, fault: Fault, *, times: int = 1, chat_id: int | None = None) -> None:
        """The next `times` requests of the method (`*` for any), or only those for one chat, meet the fault.

        The method `webhook` stands for deliveries to the bot, whatever the fault's kind is.
        """
        self._rules.append(_Rule(method.lower(), fault, times, chat_id))

    def at_random(self, probability: float, faults: Sequence[Fault], *, methods: Sequence[str], seed: int) -> None:
        """Each request of the methods meets one of the faults with this probability."""
        names = frozenset(method.lower() for method in methods)
        self._chances.append(_Chance(probability, faults, names, random.Random(seed)))  # noqa: S311 - to repeat a run

    def clear(self) -> None:
        self._rules.clear()
        self._chances.clear()

    def take(self, method: str, arguments: Arguments) -> Fault | None:
        """The fault of this request, counted as used."""
        rule = next((rule for rule in self._rules if _concerns(rule, method, arguments)), None)
        if rule is not None:
            rule.left -= 1
            return rule.fault
        drawn = (chance for chance in self._chances if _hits(chance, method))
        return next((chance.dice.choice(chance.faults) for chance in drawn), None)


def _concerns(rule: _Rule, method: str, arguments: Arguments) -> bool:
    is_chat = rule.chat_id is None or arguments.text("chat_id") == str(rule.chat_id)
    return rule.left > 0 and rule.method in {"*", method.lower()} and is_chat


def _hits(chance: _Chance, method: str) -> bool:
    is_meant = not chance.methods.isdisjoint({"*", method.lower()})
    return is_meant and chance.dice.random() < chance.probability
