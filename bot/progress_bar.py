"""The long steps of the language part, shown to a person: install, train, start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from bot.nlu_progress import Progress, ProgressEvent, Stage

TITLES = {
    Stage.INSTALL: "Installing the language server (once; about 2.5 GB)",
    Stage.TRAIN: "Training the language model (once per content)",
    Stage.START: "Starting the language server",
}
LINE_CHARACTERS = 70


@contextmanager
def shown_progress(console: Console) -> Iterator[Progress]:
    """A spinner with the running step on a terminal; elsewhere a line as each step begins and ends."""
    if not console.is_terminal:
        yield _lines(console)
        return
    with console.status("Preparing …") as status:

        def show(event: ProgressEvent) -> None:
            title = TITLES.get(event.stage)
            if title is None:
                return
            if event.done:
                console.print(f"[green]✓[/] {title} [dim]{event.seconds:.0f} s[/]", highlight=False)
                return
            detail = escape(event.message[:LINE_CHARACTERS])
            status.update(f"{title} [dim]{event.seconds:.0f} s  {detail}[/]")

        yield show


def _lines(console: Console) -> Progress:
    def show(event: ProgressEvent) -> None:
        title = TITLES.get(event.stage)
        if title is None or (event.seconds and not event.done):
            return
        console.print(f"{title}: {event.seconds:.0f} s" if event.done else f"{title} …", highlight=False)

    return show
