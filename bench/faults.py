"""Nothing is lost, nothing is answered twice: kill -9, database crashes and providers in trouble, under load.

    uv run python -m bench.faults [--kills 50] [--rate 20] [--seed 1] [--database sqlite|postgres]

Web and worker run as processes against both stand-ins, which refuse, stall and reset at random before and after
storing, and double, delay and repeat what they deliver. Afterwards what was said, what is on record and what the
providers have are compared (`bench/checks.py` says how). Exit code 1 when anything is lost, doubled or out of order.

lost          said and taken, but not in the inbox, without an end or a reply; or recorded as sent and not there
doubled       the same reply there twice, two replies to a turn, two events of a message
flagged       replies whose fate nobody can know (Telegram has no key to look for): marked `unknown`, not repeated
out_of_order  per chat, the provider's order against ours
recovery      from a process's death to the first work after it that needed it
"""

from __future__ import annotations

import argparse

from bench.database_server import Kind, database_server
from bench.ending import run_to_end
from bench.fault_run import Findings, Plan, run_faults
from bench.lines import ProgressLine
from bench.percentiles import percentile
from bot import log

SHOWN = 20


async def main(plan: Plan, kinds: list[Kind]) -> int:
    log.set_up("ERROR")
    progress = ProgressLine()
    found = []
    for kind in kinds:
        async with database_server(kind) as server:
            findings = await run_faults(plan, server, progress.of(kind))
        progress.clear()
        _show(kind, findings)
        found.append(findings)
    print(_last_line(found))
    return 0 if all(findings.verdict.is_good for findings in found) else 1


def _show(kind: Kind, findings: Findings) -> None:
    verdict, recoveries = findings.verdict, findings.recoveries
    print(
        f"{kind}: {len(recoveries)} kills, {len(findings.crash_recoveries)} database crashes, {findings.seconds:.0f} s"
    )
    print(f"  said {findings.said}, accepted {len(findings.records.events)}, replies {len(findings.records.rows)};"
          f" {findings.troubles} calls to the providers met trouble")  # fmt: skip
    print(f"  flagged {verdict.flagged}, of which {verdict.flagged_there} arrived")
    print(f"  recovery p50 {percentile(recoveries, 50):.1f} s, p95 {percentile(recoveries, 95):.1f} s,"
          f" slowest {max(recoveries, default=0):.1f} s")  # fmt: skip
    if findings.crash_recoveries:
        print(f"  after a database crash: slowest {max(findings.crash_recoveries):.1f} s")
    if verdict.not_taken:
        print(f"  never taken, and given up by Slack: {verdict.not_taken}")
    if findings.unfinished:
        print(f"  still unfinished when waiting was given up: {findings.unfinished}")
    for name in ("lost", "doubled", "out_of_order"):
        _show_list(name, getattr(verdict, name))
    if findings.kept is not None:
        print(f"  what the processes said: {findings.kept}")


def _show_list(name: str, problems: list[str]) -> None:
    for problem in problems[:SHOWN]:
        print(f"  {name}: {problem}")
    if len(problems) > SHOWN:
        print(f"  {name}: … and {len(problems) - SHOWN} more")


def _last_line(found: list[Findings]) -> str:
    verdicts = [findings.verdict for findings in found]
    recoveries = [seconds for findings in found for seconds in findings.recoveries]
    return (
        f"faults: accepted={sum(len(findings.records.events) for findings in found)}"
        f" lost={sum(len(verdict.lost) for verdict in verdicts)}"
        f" doubled={sum(len(verdict.doubled) for verdict in verdicts)}"
        f" flagged={sum(verdict.flagged for verdict in verdicts)}"
        f" out_of_order={sum(len(verdict.out_of_order) for verdict in verdicts)}"
        f" recovery_p95_s={percentile(recoveries, 95):.1f}"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=Plan.kills, help="of web or worker, at random")
    parser.add_argument("--crashes", type=int, default=Plan.crashes, help="of PostgreSQL")
    parser.add_argument("--rate", type=float, default=Plan.rate, help="messages per second")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--database", type=Kind, choices=list(Kind), help="both, one after the other, when not given")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    run_to_end(
        main(
            Plan(kills=given.kills, crashes=given.crashes, rate=given.rate, seed=given.seed),
            [given.database] if given.database else list(Kind),
        )
    )
