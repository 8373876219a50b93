from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from bot import nlu_environment
from bot.nlu_environment import find_python310
from bot.nlu_lock import exclusive
from bot.nlu_model import ModelSource
from bot.nlu_progress import NLUSetupError
from bot.nlu_server import restart_pause


def test_pauses_between_restarts_double_up_to_the_longest() -> None:
    assert [restart_pause(deaths, 1, 60) for deaths in (1, 2, 3, 7, 500)] == [1, 2, 4, 60, 60]


def test_a_python_that_does_not_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyenv leaves shims on the PATH that end with an error."""
    shim = tmp_path / "python3.10"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    working = tmp_path / "versions" / "3.10.99" / "bin" / "python"
    working.parent.mkdir(parents=True)
    working.write_text("#!/bin/sh\necho 3.10\n")
    working.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert find_python310() == working


def test_where_there_is_no_python_310_the_error_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(nlu_environment, "_managed_by_uv", lambda: None)
    with pytest.raises(NLUSetupError, match=r"uv python install 3\.10"):
        find_python310()


def content_in(folder: Path) -> ModelSource:
    (folder / "intents").mkdir()
    (folder / "entities").mkdir()
    (folder / "domain.yml").write_text("intents: []")
    (folder / "intents" / "greet.yml").write_text("nlu: []")
    return ModelSource(content=folder)


def test_a_model_is_named_after_its_content(tmp_path: Path) -> None:
    source = content_in(tmp_path)
    before = source.name
    assert source.name == before
    (tmp_path / "intents" / "greet.yml").write_text("nlu: [ ]")
    assert source.name != before


def test_a_missing_domain_is_told_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(NLUSetupError, match=r"domain\.yml"):
        _ = ModelSource(content=tmp_path).name


async def test_only_one_holds_the_lock_at_a_time(tmp_path: Path) -> None:
    order: list[str] = []

    async def hold(name: str) -> None:
        async with exclusive(tmp_path / "lock"):
            order.append(f"{name} in")
            await asyncio.sleep(0.01)
            order.append(f"{name} out")

    await asyncio.gather(hold("a"), hold("b"))
    assert order in (["a in", "a out", "b in", "b out"], ["b in", "b out", "a in", "a out"])


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is asked for on Linux only")
async def test_a_killed_parent_takes_its_server_with_it() -> None:
    child = (
        "import time; from parent import die_with_parent; die_with_parent(); print('up', flush=True); time.sleep(60)"
    )
    parent = (
        "import os, subprocess, sys, time\n"
        "os.environ['SUPPORTBOT_PARENT_PID'] = str(os.getpid())\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); print(child.pid, flush=True); time.sleep(60)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", parent, cwd=nlu_environment.DEFAULT_CONTENT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    child_pid = int(await process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    for _ in range(100):
        if not _runs(child_pid):
            return
        await asyncio.sleep(0.05)
    pytest.fail("the child outlived its parent")


def _runs(pid: int) -> bool:
    """Whether the process is there and not just waiting to be buried."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
