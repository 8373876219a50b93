"""Trained models: one file per content, named by a hash of everything that goes into it."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.nlu_command import run_command
from bot.nlu_environment import DEFAULT_CONTENT, NLUEnvironment
from bot.nlu_lock import exclusive
from bot.nlu_progress import NLUSetupError, Progress, Stage

_HASH_LETTERS = 16


@dataclass(frozen=True)
class ModelSource:
    """What a model is made of.

    `content` holds domain.yml, intents/, entities/ and concepts/ (an admin's edits may live in a folder of their own);
    the components and the lock are always those of `environment.project`. `config` is a file name there, or a path.
    """

    content: Path = DEFAULT_CONTENT
    config: Path = Path("config.yml")
    environment: NLUEnvironment = field(default_factory=NLUEnvironment)

    @property
    def config_file(self) -> Path:
        return self.environment.project / self.config

    def _files(self) -> Iterator[Path]:
        project = self.environment.project
        yield self.config_file
        yield self.content / "domain.yml"
        for folder in ("intents", "entities", "concepts"):
            yield from sorted((self.content / folder).glob("*.yml"))
        yield from sorted((project / "components").glob("*.py"))
        yield project / "rasa_train.py"
        yield project / "uv.lock"

    @property
    def name(self) -> str:
        """The same for the same content, on every machine. Raises NLUSetupError when a file is missing."""
        digest = hashlib.sha256()
        for path in self._files():
            try:
                content = path.read_bytes()
            except OSError as error:
                raise NLUSetupError(f"{path} cannot be read: {error}") from error
            digest.update(f"{path.parent.name}/{path.name}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()[:_HASH_LETTERS]

    def file_in(self, models: Path) -> Path:
        return models / f"{self.name}.tar.gz"


def absolute(*paths: Path) -> list[str]:
    """As arguments for a program that runs in another folder."""
    return [str(path.absolute()) for path in paths]


async def train_model(
    source: ModelSource, models: Path, progress: Progress, *, force: bool = False, niceness: int = 0
) -> Path:
    """The model file for `source` in the folder `models`, trained now unless it is there.

    A file of that name is always whole: it is written under another name first. Two processes that want the same
    model at once train it once. Raises NLUSetupError with Rasa's own words when training fails.
    """
    target = source.file_in(models)
    if target.exists() and not force:
        return target
    async with exclusive(models / ".train.lock"):
        if target.exists() and not force:
            return target
        unfinished = models / f".{target.name.removesuffix('.tar.gz')}-{uuid.uuid4().hex}.tar.gz"
        environment = source.environment
        command = [str(environment.python), "rasa_train.py", *absolute(source.content, source.config_file, unfinished)]
        variables = environment.variables() | {"SUPPORTBOT_PARENT_PID": str(os.getpid())}
        try:
            await run_command(
                Stage.TRAIN,
                "Training the language model",
                command,
                folder=environment.project,
                environment=variables,
                progress=progress,
                niceness=niceness,
            )
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    return target
