"""Two workers, one does the jobs: killed with kill -9, how long are they missed? Nothing is done twice or left out.

    uv run python -m bench.takeover [--kills 3] [--database sqlite|postgres]

Tickets that were put off come back all the time, each by a job's run: that each did so once is counted from the events.
On PostgreSQL both workers stand ready. SQLite takes one only: the other is refused, and started again and again as a
supervisor does, so that its takeover has a whole start of a process in it. Exit code 1 when a ticket came back twice or
not at all, or a takeover took longer than 30 seconds.
"""

from __future__ import annotations

import argparse

from bench.database_server import Kind, database_server
from bench.ending import run_to_end
from bench.lines import ProgressLine
from bench.takeover_run import Findings, Plan, run_takeover
from bot import log

LONGEST_SECONDS = 30.0
COUNTED = ("done", "doubled", "missed")


async def main(plan: Plan, kinds: list[Kind]) -> int:
    log.set_up("ERROR")
    progress = ProgressLine()
    found = {}
    for kind in kinds:
        async with database_server(kind) as server:
            found[kind] = await run_takeover(plan, server, progress.of(kind))
        progress.clear()
        print(f"  {kind}: taken over after {', '.join(f'{one:.1f}' for one in found[kind].seconds)} s")
    print(_last_line(found))
    return 0 if all(_is_good(one) for one in found.values()) else 1


def _is_good(found: Findings) -> bool:
    return not found.doubled and not found.missed and max(found.seconds) <= LONGEST_SECONDS


def _last_line(found: dict[Kind, Findings]) -> str:
    longest = " ".join(f"{kind}_s={max(one.seconds):.1f}" for kind, one in found.items())
    kills = sum(len(one.seconds) for one in found.values())
    sums = " ".join(f"{name}={sum(getattr(one, name) for one in found.values())}" for name in COUNTED)
    return f"takeover: kills={kills} {sums} {longest}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=Plan.kills, help="of whichever worker has the jobs")
    parser.add_argument("--database", type=Kind, choices=list(Kind), help="both, one after the other, when not given")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    run_to_end(main(Plan(kills=given.kills), [given.database] if given.database else list(Kind)))
