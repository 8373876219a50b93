"""A trial of a model: trained, served, timed, asked all the labelled texts, scored."""

from __future__ import annotations

import dataclasses
import random
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.nlu_asker import NLUAsker, asker
from bot.nlu_model import train_model
from bot.nlu_noise import noisy
from bot.nlu_progress import Progress
from bot.nlu_score import Answered, Score, measure_bands, score
from bot.nlu_server import NLUServer, NLUServerSettings
from bot.nlu_sets import LabelledText
from bot.rasa import RasaNLU
from handlers.bands import Thresholds
from handlers.example_files import read_example_file
from handlers.nlu import NLU
from handlers.same_words import same_words

_SEED = 1
_WARM_UP = 20
_TIMED = 500


@dataclass(frozen=True)
class Trial:
    """What was measured. Times in milliseconds, except the training's.

    `left_out` counts the texts that were not scored because training has the very same words.
    """

    clean: dict[str, Score]
    noisy: dict[str, Score]
    parse_p50_ms: float
    parse_p95_ms: float
    training_cpu_seconds: float | None
    model: str
    misread: tuple[Answered, ...]
    left_out: int

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds({language: one.bands for language, one in self.clean.items()})

    def as_json(self) -> dict[str, Any]:
        """Plain values, without the texts."""
        return {
            "model": self.model,
            "left_out": self.left_out,
            "training_cpu_seconds": self.training_cpu_seconds,
            "parse_ms": {"p50": self.parse_p50_ms, "p95": self.parse_p95_ms},
            "languages": {language: dataclasses.asdict(one) for language, one in self.clean.items()},
            "noisy": {language: dataclasses.asdict(one) for language, one in self.noisy.items()},
        }


def never_trained_on(examples: Sequence[LabelledText], content: Path) -> list[LabelledText]:
    """Those of `examples` whose very words are not among the training examples in `content`."""
    files = [read_example_file(path) for path in (content / "intents").glob("*.yml")]
    trained = {example.key for file in files for example in file.examples}
    return [example for example in examples if same_words(example.text) not in trained]


def _children_cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _times(nlu: NLU, examples: Sequence[LabelledText]) -> list[float]:
    """How long a text takes to be read, in ms, shortest first: some of them, one after the other, as messages come."""
    times = []
    for number, example in enumerate(examples[:: max(1, len(examples) // _TIMED)]):
        began = time.perf_counter()
        await nlu.parse(example.text, f"trial-{number}")
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times[_WARM_UP:])


async def _ask(asked: NLUAsker, model: Path, examples: Sequence[LabelledText]) -> list[Answered]:
    read = await asked.ask(model, [example.text for example in examples])
    return [Answered(example, parsed) for example, parsed in zip(examples, read, strict=True)]


def _by_language(answered: Sequence[Answered]) -> dict[str, list[Answered]]:
    languages = sorted({one.example.language for one in answered})
    return {language: [one for one in answered if one.example.language == language] for language in languages}


def make_noisy(examples: Sequence[LabelledText]) -> list[LabelledText]:
    """As people type them in a hurry; always with the same slips."""
    chance = random.Random(_SEED)  # noqa: S311 (typing slips, not secrets)
    return [dataclasses.replace(example, text=noisy(example.text, chance)) for example in examples]


async def try_model(
    settings: NLUServerSettings, examples: Sequence[LabelledText], progress: Progress, *, measure_training: bool
) -> Trial:
    """`measure_training` trains anew even where the model is there, to tell what that costs."""
    unseen = never_trained_on(examples, settings.source.content)
    cpu: float | None = None
    if measure_training:
        await settings.source.environment.install(progress)
        before = _children_cpu_seconds()
        await train_model(settings.source, settings.models, progress, force=True)
        cpu = _children_cpu_seconds() - before
    async with NLUServer(settings, progress) as server, httpx.AsyncClient() as client:
        times = await _times(RasaNLU(server.url, server.token, client), unseen)
        model = server.model
    async with asker(settings.source.environment) as asked:
        clean = await _ask(asked, model, unseen)
        blurred = await _ask(asked, model, make_noisy(unseen))
    # The bands must hold for texts as people type them in a hurry, too.
    bands = {language: measure_bands(part) for language, part in _by_language([*clean, *blurred]).items()}
    return Trial(
        clean={language: score(part, bands[language]) for language, part in _by_language(clean).items()},
        noisy={language: score(part, bands[language]) for language, part in _by_language(blurred).items()},
        parse_p50_ms=times[len(times) // 2],
        parse_p95_ms=times[int(len(times) * 0.95)],
        training_cpu_seconds=cpu,
        model=model.name.removesuffix(".tar.gz"),
        misread=tuple(one for one in clean if not one.right),
        left_out=len(examples) - len(unseen),
    )
