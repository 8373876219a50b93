"""The fault run of `make faults`, short: web and worker killed a few times while both providers are in trouble."""

from __future__ import annotations

from datetime import timedelta

from bench.database_server import DatabaseServer
from bench.fault_run import Plan, run_faults

RETRIES = tuple(timedelta(seconds=seconds) for seconds in (0, 2, 4, 6, 8, 12, 20, 30))
SHORT = Plan(  # this seed kills each of the two
    kills=2, rate=10, customers=12, seed=5, pause=(0.1, 0.5), finish_seconds=60, slack_retries=RETRIES
)


async def test_kills_and_providers_in_trouble_lose_nothing_and_answer_nothing_twice(server: DatabaseServer) -> None:
    findings = await run_faults(SHORT, server, lambda _words: None)
    verdict = findings.verdict
    assert (verdict.lost, verdict.doubled, verdict.out_of_order) == ([], [], [])
    assert findings.unfinished == 0
    assert len(findings.recoveries) == SHORT.kills
    assert len(findings.records.events) > SHORT.kills
