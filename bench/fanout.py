"""An incident is told to many chats, each exactly once, also when the worker is killed meanwhile; others are answered.

    uv run python -m bench.fanout [--chats 10000] [--pace 25] [--kills 3] [--database postgres|sqlite]

Exit code 1 when a chat was told twice or not at all. Telegram has no key to look for a message by: of what a killed
worker was just sending nobody can know whether it arrived, so it is flagged for a person to decide, and not sent twice.

delivered     chats that have it
lost          chats that have it not, and of which nothing is on record that would tell
flagged       chats that have it not, marked `unknown`
reply         how long others waited for an answer: before, and while all these were told
"""

from __future__ import annotations

import argparse

from bench.database_server import Kind, database_server
from bench.ending import run_to_end
from bench.fanout_run import Findings, Plan, run_fanout
from bench.lines import ProgressLine
from bench.percentiles import percentile
from bot import log


async def main(plan: Plan, kind: Kind) -> int:
    log.set_up("ERROR")
    progress = ProgressLine()
    async with database_server(kind) as server:
        found = await run_fanout(plan, server, progress.of(kind))
    progress.clear()
    for when, replies in (("before", found.before), ("during", found.during)):
        shown = ", ".join(f"p{percent} {percentile(replies, percent) * 1000:.0f}" for percent in (50, 95, 99))
        print(f"  reply {when}: {shown} ms of {len(replies)}")
    print(f"  flagged: {found.flagged}, and {found.unanswered} of the replies during")
    print(_last_line(plan, found))
    return 1 if found.doubled or found.lost else 0


def _last_line(plan: Plan, found: Findings) -> str:
    return (
        f"fanout: chats={plan.chats} delivered={found.delivered} doubled={found.doubled} lost={found.lost}"
        f" seconds={found.seconds:.0f} pace={found.pace:.1f}/s"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chats", type=int, default=Plan.chats)
    parser.add_argument("--pace", type=float, default=Plan.pace, help="messages per second that the messenger is sent")
    parser.add_argument("--kills", type=int, default=Plan.kills, help="of the worker")
    parser.add_argument("--database", type=Kind, choices=list(Kind), default=Kind.POSTGRES)
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    run_to_end(main(Plan(given.chats, given.pace, given.kills), given.database))
