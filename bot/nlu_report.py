"""A trial as tables for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from bot.nlu_score import Score
from bot.nlu_trial import Trial

_PAIRS = 25
_WEAKEST = 8


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _summary(trial: Trial) -> Table:
    table = Table("language", "texts", "messages", "accuracy", "language right", title="Held-out texts")
    for name, scores in (("as typed", trial.clean), ("noisy", trial.noisy)):
        for language, one in scores.items():
            table.add_row(language, name, str(one.messages), _percent(one.accuracy), _percent(one.language_accuracy))
    return table


def _bands(trial: Trial) -> Table:
    table = Table(
        "language", "act from", "ask from", "out of scope: ranked first", "refused", "in scope: false alarms",
        "refused", "wrongly acted", title="Bands",
    )  # fmt: skip
    for language, one in trial.clean.items():
        table.add_row(
            language,
            f"{one.bands.act:.3f}",
            f"{one.bands.ask:.3f}",
            _percent(one.out_of_scope_recall),
            _percent(one.out_of_scope_refused),
            _percent(one.false_alarms),
            _percent(one.in_scope_refused),
            _percent(one.wrongly_acted),
        )
    return table


def _curve(language: str, one: Score) -> Table:
    table = Table("confidence from", "share of messages", "right", "right in the first two", title=f"Curve, {language}")
    for point in one.curve:
        table.add_row(
            f"{point.confidence:.2f}", _percent(point.share), _percent(point.right), _percent(point.right_in_two)
        )
    return table


def _confused(language: str, one: Score) -> Table:
    table = Table("wanted", "got", "times", title=f"Most confused, {language}")
    for wanted, got, count in one.confused[:_PAIRS]:
        table.add_row(wanted, got or "(nothing)", str(count))
    return table


def _weakest(language: str, one: Score) -> Table:
    table = Table("intent", "accuracy", title=f"Weakest intents, {language}")
    for intent, accuracy in one.weakest[:_WEAKEST]:
        table.add_row(intent, _percent(accuracy))
    return table


def print_report(trial: Trial, console: Console, *, show_misread: bool) -> None:
    """Tables, and on request each misread text."""
    console.print(_summary(trial))
    console.print(f"{trial.left_out} texts left out: training has the very same words")
    console.print(_bands(trial))
    for language, one in trial.clean.items():
        console.print(_curve(language, one))
        console.print(_confused(language, one))
        console.print(_weakest(language, one))
    console.print(f"Parse over HTTP: p50 {trial.parse_p50_ms:.1f} ms, p95 {trial.parse_p95_ms:.1f} ms")
    if trial.training_cpu_seconds is not None:
        console.print(f"Training: {trial.training_cpu_seconds:.1f} s of CPU, starting Rasa included")
    if show_misread:
        for misread in trial.misread:
            got = misread.parsed.best.name if misread.parsed.best else "(nothing)"
            example = misread.example
            console.print(
                f"{example.language}  {example.intent} → {got} {misread.confidence:.2f}  {example.text}",
                markup=False, highlight=False, soft_wrap=True,
            )  # fmt: skip
