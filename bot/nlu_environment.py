"""Rasa's own Python environment: finds Python 3.10, installs the locked packages, says what to do where it cannot."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from bot.nlu_command import run_command
from bot.nlu_lock import exclusive
from bot.nlu_progress import NLUSetupError, Progress, Stage

DEFAULT_CONTENT = Path(__file__).resolve().parent.parent / "nlu_data"
_VERSION = "3.10"
_CHECK = "import sys; print('%d.%d' % sys.version_info[:2])"
_CHECK_SECONDS = 20
_STAMP = ".supportbot-lock"
_NO_PYTHON = f"""\
Rasa needs Python {_VERSION}, and none was found. Any one of these gets it:
  uv python install {_VERSION}                 (downloads it; nothing else on the machine changes)
  pyenv install {_VERSION}                     (builds it)
  apt-get install python{_VERSION} python{_VERSION}-venv, or your system's package of that name
Then start again. To name one yourself: SUPPORTBOT_PYTHON310=/path/to/python{_VERSION}"""


def _runs_as_310(python: str | Path) -> bool:
    """Whether this really is a Python 3.10 that starts: pyenv's shims exist without working."""
    try:
        answer = subprocess.run(  # noqa: S603 (a candidate from fixed places or the operator's own setting)
            [str(python), "-c", _CHECK], capture_output=True, text=True, timeout=_CHECK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.strip() == _VERSION


def _candidates() -> Iterator[Path]:
    """Where a Python 3.10 may be, likeliest first."""
    named = os.environ.get("SUPPORTBOT_PYTHON310")
    if named:
        yield Path(named)
    name = f"python{_VERSION}" + (".exe" if sys.platform == "win32" else "")
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder:
            yield Path(folder) / name
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted((pyenv / "versions").glob(f"{_VERSION}.*/bin/python"), reverse=True)


def _managed_by_uv() -> Path | None:
    """The one uv installed itself, if any; nothing is downloaded."""
    command = [find_uv_bin(), "python", "find", _VERSION, "--managed-python", "--no-python-downloads", "--no-project"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=_CHECK_SECONDS, check=False)  # noqa: S603
    return Path(answer.stdout.strip()) if answer.returncode == 0 and answer.stdout.strip() else None


def find_python310() -> Path:
    """A Python 3.10 that runs. Raises NLUSetupError telling how to get one."""
    for candidate in _candidates():
        if candidate.exists() and _runs_as_310(candidate):
            return candidate
    managed = _managed_by_uv()
    if managed is not None and _runs_as_310(managed):
        return managed
    raise NLUSetupError(_NO_PYTHON)


@dataclass(frozen=True)
class NLUEnvironment:
    """`project` holds pyproject.toml and uv.lock; the packages go to `folder`."""

    project: Path = DEFAULT_CONTENT
    folder: Path = DEFAULT_CONTENT / ".venv"

    @property
    def python(self) -> Path:
        windows = sys.platform == "win32"
        return self.folder / ("Scripts/python.exe" if windows else "bin/python")

    @property
    def _fingerprint(self) -> str:
        return hashlib.sha256((self.project / "uv.lock").read_bytes()).hexdigest()

    def _has_locked_packages(self) -> bool:
        stamp = self.folder / _STAMP
        return self.python.exists() and stamp.exists() and stamp.read_text() == self._fingerprint

    def variables(self) -> dict[str, str]:
        """The environment variables for programs run in it: ours, less what points Python elsewhere."""
        skipped = ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT")
        variables = {name: value for name, value in os.environ.items() if name not in skipped}
        return variables | {"PYTHONPATH": str(self.project), "PYTHONWARNINGS": "ignore::DeprecationWarning"}

    async def install(self, progress: Progress) -> None:
        """Install the locked packages unless they are there. Takes about 20 s and 2.6 GB the first time."""
        if self._has_locked_packages():
            return
        async with exclusive(self.project / "models" / ".install.lock"):
            if self._has_locked_packages():  # installed by whoever held the lock before us
                return
            python = find_python310()
            # Compiled at once: training and each start save about 8 s of CPU.
            command = [find_uv_bin(), "sync", "--frozen", "--compile-bytecode", "--no-dev", "--python", str(python)]
            variables = self.variables() | {"UV_PROJECT_ENVIRONMENT": str(self.folder)}
            message = "Installing Rasa (about 2.6 GB on disk, only once)"
            await run_command(
                Stage.INSTALL, message, command, folder=self.project, environment=variables, progress=progress
            )
            (self.folder / _STAMP).write_text(self._fingerprint)
