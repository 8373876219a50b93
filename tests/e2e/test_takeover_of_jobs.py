"""The run of `make takeover`, short: the worker that does the jobs is killed, another one goes on with them."""

from __future__ import annotations

import pytest

from bench.database_server import DatabaseServer
from bench.takeover_run import Plan, run_takeover

SHORT = Plan(kills=1, work_seconds=1)


@pytest.mark.parametrize("server", ["postgres"], indirect=True)  # SQLite: `make takeover`
async def test_when_the_worker_with_the_jobs_is_killed_another_does_each_thing_once(server: DatabaseServer) -> None:
    found = await run_takeover(SHORT, server, lambda _words: None)
    assert (found.doubled, found.missed) == (0, 0)
    assert len(found.seconds) == SHORT.kills
    assert found.done > 10
