"""A month of support on a moved clock: what must never happen is counted from the raw rows.

`make simulate`; `python -m bench.simulate --days 3 --customers 12` for a look.
"""

from __future__ import annotations

import argparse
import gc

from bench.ending import run_to_end
from bench.lines import ProgressLine
from bench.month.findings import Findings
from bench.month.run import Plan, Progress, live_through
from bot import log

MOST_NOTES = 40
SELDOM = 50_000, 20, 100  # stand-ins forget nothing: each collection goes over all of the month so far


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    log.set_up("ERROR")
    gc.set_threshold(*SELDOM)
    run_to_end(_run(Plan(given.days, given.customers, given.seed)))


async def _run(plan: Plan) -> int:
    line = ProgressLine()

    def told(progress: Progress) -> None:
        line(f"day {progress.day} of {progress.of}, {progress.messages} messages read by customers")

    found = await live_through(plan, told)
    line.clear()
    for note in found.notes[:MOST_NOTES]:
        print(note)
    print("lived through: " + " ".join(f"{name}={count}" for name, count in found.lived.items()))
    print(last_line(plan, found))
    return 1 if found.wrong else 0


def last_line(plan: Plan, found: Findings) -> str:
    return (
        f"simulate: days={plan.days} tickets={found.tickets} silences_over_limit={found.silences_over_limit}"
        f" sla_mismatches={found.sla_mismatches} quiet_hours_broken={found.quiet_hours_broken}"
        f" surveys_wrong={found.surveys_wrong} followups_wrong={found.followups_wrong}"
        f" promises_broken_silently={found.promises_broken_silently}"
    )


if __name__ == "__main__":
    main()
