"""May a new model answer customers? Pure rules: what a reading became, and what keeps a release from going live."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MOST_LANGUAGE_DROP = 0.01  # of the accuracy on held-out texts
MOST_INTENT_DROP = 0.10
LEAST_TEXTS_OF_INTENT = 10  # fewer held-out texts of an intent say nothing about it
MOST_WORSE = 0.02  # of the replayed messages


class Verdict(StrEnum):
    """`TO_HUMAN`: what the bot dealt with by itself would now go to a person."""

    SAME = "same"
    CHANGED = "changed"
    BETTER = "better"
    WORSE = "worse"
    TO_HUMAN = "to_human"


@dataclass(frozen=True)
class Read:
    """A model's reading of a message and what the bot would do. `band` is a `handlers.bands.Band`; `reply` names what
    is said: `answer:<key>`, `form:<intent>`, `does:<intent>`, `person:<intent>`, `ask:<intent>,<intent>`, `unsure`."""

    intent: str | None
    confidence: float
    band: str
    reply: str

    @property
    def is_acted_upon(self) -> bool:
        return self.band == "act"

    @property
    def is_refused(self) -> bool:
        return self.band in {"unsure", "out_of_scope"}

    @property
    def reaches_person(self) -> bool:
        return self.reply.startswith("person:")

    def gets(self, label: str) -> bool:
        """Whether it is what a person said it means, and not thrown away."""
        return self.intent == label and (label == "out_of_scope" or not self.is_refused)


def verdict(before: Read, after: Read, label: str | None = None) -> Verdict:
    """`label`: what the message means, where a person has said so."""
    if label is not None and before.gets(label) != after.gets(label):
        return Verdict.BETTER if after.gets(label) else Verdict.WORSE
    if after.reaches_person and not before.reaches_person:
        return Verdict.TO_HUMAN
    if before.is_acted_upon and after.is_refused and label is None:
        return Verdict.WORSE
    if (before.intent, before.band, before.reply) == (after.intent, after.band, after.reply):
        return Verdict.SAME
    return Verdict.SAME if before.is_refused and after.is_refused else Verdict.CHANGED


@dataclass(frozen=True)
class Accuracy:
    """On held-out texts, 0…1, of `texts`."""

    right: float
    texts: int


UNKNOWN = Accuracy(0.0, 0)
Accuracies = Mapping[str, Accuracy]


@dataclass(frozen=True)
class Metrics:
    """One model's accuracy by language and by intent."""

    languages: Accuracies
    intents: Accuracies

    def as_json(self) -> dict[str, Any]:
        return {
            "languages": {name: [one.right, one.texts] for name, one in self.languages.items()},
            "intents": {name: [one.right, one.texts] for name, one in self.intents.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Metrics:
        parts = ({name: Accuracy(*pair) for name, pair in data[part].items()} for part in ("languages", "intents"))
        return cls(*parts)


def accuracies(answers: Iterable[tuple[str, str, bool]]) -> Metrics:
    """Of (language, intent, whether it was read right)."""
    languages: dict[str, list[bool]] = {}
    intents: dict[str, list[bool]] = {}
    for language, intent, is_right in answers:
        languages.setdefault(language, []).append(is_right)
        intents.setdefault(intent, []).append(is_right)
    return Metrics(_shares(languages), _shares(intents))


def _shares(answers: Mapping[str, list[bool]]) -> dict[str, Accuracy]:
    return {name: Accuracy(sum(right) / len(right), len(right)) for name, right in sorted(answers.items())}


class Fault(StrEnum):
    """`STALE`: it was compared with a model that is not the live one any more."""

    LANGUAGE = "language"
    INTENT = "intent"
    REPLAY = "replay"
    MANDATORY = "mandatory"
    STALE = "stale"


@dataclass(frozen=True)
class Reason:
    """Why a release may not go live by itself. `name`: the language or intent; `before`, `after`: shares, 0…1."""

    fault: Fault
    name: str = ""
    before: float = 0.0
    after: float = 0.0

    def stored(self) -> str:
        return f"{self.fault} {self.name or '-'} {self.before:.4f} {self.after:.4f}"

    @classmethod
    def from_stored(cls, text: str) -> Reason:
        fault, name, before, after = text.split(" ")
        return cls(Fault(fault), "" if name == "-" else name, float(before), float(after))

    def __str__(self) -> str:
        """For the command line and the log."""
        shares = f"{self.before:.1%} before, {self.after:.1%} now"
        match self.fault:
            case Fault.LANGUAGE | Fault.INTENT:
                return f"{self.fault} {self.name}: {shares} of the held-out texts are read right"
            case Fault.REPLAY:
                return f"{self.after:.1%} of the replayed messages look worse"
            case Fault.MANDATORY:
                return f"{self.name}, which must always be answered, is not read any more"
            case Fault.STALE:
                return f"it was compared with {self.name}, which is not live any more"


def faults(
    before: Metrics, after: Metrics, counts: Mapping[str, int], mandatory: Collection[str], taught: Collection[str]
) -> list[Reason]:
    """What blocks a release. `counts`: of the replayed messages by verdict; `mandatory`: intents that must be read,
    `taught`: those that the new model knows."""
    found = [*_dropped(Fault.LANGUAGE, before.languages, after.languages, MOST_LANGUAGE_DROP, 1)]
    found += _dropped(Fault.INTENT, before.intents, after.intents, MOST_INTENT_DROP, LEAST_TEXTS_OF_INTENT)
    replayed, worse = sum(counts.values()), counts.get(Verdict.WORSE, 0)
    if worse > MOST_WORSE * replayed:
        found.append(Reason(Fault.REPLAY, "", 0.0, worse / replayed))
    for name in sorted(mandatory):
        was, now = before.intents.get(name, UNKNOWN).right, after.intents.get(name, UNKNOWN).right
        if name not in taught or (was > 0 and now == 0):
            found.append(Reason(Fault.MANDATORY, name, was, now))
    return found


def _dropped(fault: Fault, before: Accuracies, after: Accuracies, most: float, least_texts: int) -> list[Reason]:
    found = []
    for name, was in before.items():
        now = after.get(name)
        if now is not None and was.texts >= least_texts and was.right - now.right > most + 1e-9:
            found.append(Reason(fault, name, was.right, now.right))
    return found
