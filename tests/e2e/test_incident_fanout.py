"""The run of `make fanout`, short: an incident is told while the worker is killed. (On SQLite: `--database sqlite`.)"""

from __future__ import annotations

import pytest

from bench.database_server import DatabaseServer
from bench.fanout_run import Plan, run_fanout

SHORT = Plan(chats=40, pace=40, kills=1, before_seconds=0, keeps_pace=False, finish_seconds=150)


@pytest.mark.parametrize("server", ["postgres"], indirect=True)
async def test_a_worker_killed_in_the_middle_of_it_tells_nobody_twice_and_forgets_nobody(
    server: DatabaseServer,
) -> None:
    found = await run_fanout(SHORT, server, lambda _words: None)
    assert (found.doubled, found.lost) == (0, 0)
    assert found.delivered + found.flagged == SHORT.chats
    assert found.delivered > SHORT.chats // 2
    assert found.during, "others were answered meanwhile"
