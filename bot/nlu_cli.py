"""`supportbot nlu …`: serve, train, test and validate the language part."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, TypeVar

import structlog
import typer
from rich.console import Console

from bot import content_cli
from bot.nlu_environment import DEFAULT_CONTENT
from bot.nlu_model import ModelSource, train_model
from bot.nlu_progress import Progress, ProgressEvent, Stage, log_progress
from bot.nlu_report import print_report
from bot.nlu_server import NLUServer, NLUServerSettings
from bot.nlu_sets import read_sets
from bot.nlu_thresholds import FILE_NAME, write_thresholds
from bot.nlu_trial import Trial, try_model
from bot.nlu_validate import validate_content
from handlers.errors import SupportError

nlu_app = typer.Typer(help="The language part: Rasa and its model.", no_args_is_help=True)
nlu_app.command("seed")(content_cli.seed)
nlu_app.command("export")(content_cli.export)
nlu_app.command("import")(content_cli.import_)

Result = TypeVar("Result")
ContentOption = Annotated[Path, typer.Option(help="Folder with domain.yml, intents/, entities/ and concepts/.")]
ConfigOption = Annotated[Path, typer.Option(help="Pipeline; a file name is looked for in nlu_data.")]
ModelsOption = Annotated[
    Path, typer.Option(envvar="MODELS_DIR", help="Where trained models are kept; workers need the same folder.")
]


@contextmanager
def rich_progress() -> Iterator[Progress]:
    """A line that tells what is going on, on stderr; plain log lines where stderr is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield log_progress
        return
    with console.status("…") as status:

        def show(event: ProgressEvent) -> None:
            if event.stage is Stage.READY:
                console.print(f"[green]ready[/green] {event.message}")
            elif event.done:
                console.print(f"[green]done[/green] {event.message} ({event.seconds:.0f} s)")
            else:
                status.update(f"{event.stage.value}: {event.message[:100]} ({event.seconds:.0f} s)")

        yield show


def _run(work: Coroutine[None, None, Result]) -> Result:
    """Run `work`; an expected refusal is one line and exit code 1."""
    # Nothing but what was asked for goes to stdout.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        return asyncio.run(work)
    except SupportError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@nlu_app.command()
def serve(
    port: Annotated[int, typer.Option(help="0: any free port.")] = 5005,
    token: Annotated[str | None, typer.Option(envvar="NLU_TOKEN", help="Made up and printed when not given.")] = None,
    host: Annotated[str, typer.Option(help="Loopback or a private network only.")] = "127.0.0.1",
    content: ContentOption = DEFAULT_CONTENT,
    config: ConfigOption = Path("config.yml"),
    models: ModelsOption = DEFAULT_CONTENT / "models",
) -> None:
    """Install, train and serve as needed, in the foreground, until stopped."""
    settings = NLUServerSettings(ModelSource(content, config), models, host, port, token)

    async def work() -> None:
        with rich_progress() as progress:
            server = NLUServer(settings, progress)
            await server.__aenter__()
        try:
            typer.echo(f"Serving {server.model.name} on {server.url}")
            if token is None:
                typer.echo(f"Token: {server.token}")
            await server.wait()
        finally:
            await server.__aexit__(None, None, None)

    with suppress(KeyboardInterrupt):
        _run(work())


@nlu_app.command()
def train(
    content: ContentOption = DEFAULT_CONTENT,
    config: ConfigOption = Path("config.yml"),
    models: ModelsOption = DEFAULT_CONTENT / "models",
    force: Annotated[bool, typer.Option(help="Train even where the model is there.")] = False,
) -> None:
    """Train the model of this content and print its path."""
    source = ModelSource(content, config)

    async def work() -> Path:
        with rich_progress() as progress:
            await source.environment.install(progress)
            return await train_model(source, models, progress, force=force)

    typer.echo(str(_run(work())))


@nlu_app.command("test")
def score_model(
    sets: Annotated[list[Path] | None, typer.Option("--set", help="Other labelled texts: .yml, .jsonl, .tsv.")] = None,
    content: ContentOption = DEFAULT_CONTENT,
    config: ConfigOption = Path("config.yml"),
    models: ModelsOption = DEFAULT_CONTENT / "models",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout and nothing else.")] = False,
    misread: Annotated[bool, typer.Option(help="List every misread text.")] = False,
    reuse: Annotated[bool, typer.Option(help="Do not train anew to measure what training costs.")] = False,
    write: Annotated[bool, typer.Option("--write-thresholds", help=f"Write the bands to {FILE_NAME}.")] = False,
) -> None:
    """Score the model on held-out texts: accuracy, confusions, out of scope, the bands' curve, speed."""
    settings = NLUServerSettings(ModelSource(content, config), models)

    async def work() -> Trial:
        examples = read_sets(sets or [])
        with rich_progress() as progress:
            return await try_model(settings, examples, progress, measure_training=not reuse)

    trial = _run(work())
    if as_json:
        typer.echo(json.dumps(trial.as_json(), ensure_ascii=False))
    else:
        print_report(trial, Console(), show_misread=misread)
    if write:
        write_thresholds(content / FILE_NAME, trial.thresholds)


@nlu_app.command()
def validate(content: ContentOption = DEFAULT_CONTENT) -> None:
    """Check all content a model is trained from; exit code 1 when something is wrong."""
    checked = validate_content(content)
    for problem in checked.problems:
        typer.echo(str(problem), err=True)
    total = sum(checked.counts.values())
    intents = len({intent for intent, _ in checked.counts})
    typer.echo(f"{intents} intents, {total} examples, {len(checked.problems)} problems")
    if checked.problems:
        raise typer.Exit(1)
