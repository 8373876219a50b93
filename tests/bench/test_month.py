"""Two days of the simulated month, in longer steps; in full with `make simulate`."""

from __future__ import annotations

from datetime import timedelta

from bench.month.run import Plan, Progress, live_through


async def test_in_two_days_nothing_happens_that_must_never_happen() -> None:
    days: list[Progress] = []
    found = await live_through(Plan(days=2, customers=9, step=timedelta(minutes=45)), days.append)
    assert found.notes == []
    assert found.wrong == 0
    assert found.tickets >= 3
    assert [one.day for one in days] == [1, 2]
    assert days[-1].messages > 20
