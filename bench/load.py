"""Under load: how long until an event is acknowledged and answered, and what that takes of the machine.

    uv run python -m bench.load [--rate 20 --rate 100] [--seconds 60] [--database postgres|sqlite]

One web and one worker process, the real language server, both stand-ins in this process: half the customers write at
Telegram, half in Slack, all by webhook, held-out texts in Polish and English. Measured at the stand-ins.

ack     from a delivery's begin to its answer, of all deliveries (Slack tells the bot of its own posts, too)
reply   from "said" to the reply's arrival at the stand-in; contains the wait for more of a burst (1.2 s by default)
cpu     user and system time of web and worker per message; the language server's is told apart
idle    share of one core that web and worker take when nobody writes

The stand-ins' pace limits are off and the product's own are raised, so that neither is what is measured. Everything
is on one machine, this process included: what a machine cannot do shows as a backlog.
"""

from __future__ import annotations

import argparse
import math

from bench.database_server import Kind, database_server
from bench.ending import run_to_end
from bench.lines import ProgressLine
from bench.load_run import Figures, Plan, run_load
from bench.percentiles import percentile
from bot import log
from bot.nlu_progress import ProgressEvent
from bot.nlu_server import NLUServer

RATES = (20.0, 100.0)


async def main(rates: list[float], seconds: float, kind: Kind) -> int:
    log.set_up("ERROR")
    progress = ProgressLine()
    lines = []
    async with NLUServer(progress=lambda event: progress(_in_words(event))) as nlu:
        for rate in rates:
            async with database_server(kind) as server:
                figures = await run_load(Plan(rate, seconds), server.url, nlu, progress.of(f"{rate:g}/s"))
            progress.clear()
            _show(kind, figures)
            lines.append(_line(figures))
    print("\n".join(lines))
    return 0


def _in_words(event: ProgressEvent) -> str:
    return f"{event.stage.value}: {event.message} ({event.seconds:.0f} s)"


def _show(kind: Kind, figures: Figures) -> None:
    plan = figures.plan
    print(
        f"{kind}, {plan.rate:g} messages a second wanted for {plan.seconds:g} s; paces off or raised, bursts at 1.2 s"
    )
    print(f"  said {figures.said} in {figures.said_seconds:.1f} s ({figures.said / figures.said_seconds:.1f}/s),"
          f" {len(figures.replies)} replied to, {figures.silent} wanted no reply")  # fmt: skip
    print(f"  under way at the end {figures.backlog}, {figures.left} left {figures.drained_seconds:.1f} s later")
    if not figures.kept_up:
        worked = figures.worked / (figures.said_seconds + figures.drained_seconds)
        print(f"  NOT KEPT UP on this machine: {worked:.1f}/s were worked; percentiles are of what was")
    print(f"  ack p50 {_ms(figures.acks, 50)}, p95 {_ms(figures.acks, 95)}, p99 {_ms(figures.acks, 99)} ms"
          f" of {len(figures.acks)}, {figures.refused} not taken in time")  # fmt: skip
    print("  reply " + ", ".join(f"p{percent} {_ms(figures.replies, percent)}" for percent in (50, 95, 99)) + " ms")
    print(f"  CPU per message: web {_cpu(figures.web_cpu_seconds, figures)} ms, worker"
        f" {_cpu(figures.worker_cpu_seconds, figures)} ms,"
          f" language server {_cpu(figures.nlu_cpu_seconds, figures)} ms")  # fmt: skip
    print(f"  RSS: web {figures.web_rss_mb:.0f} MB, worker {figures.worker_rss_mb:.0f} MB")
    print(f"  idle CPU: web and worker {_percent(figures.idle_share)} %, language server"
          f" {_percent(figures.nlu_idle_share)} % of one core")  # fmt: skip
    print(f"  this process was itself late: p50 {_ms(figures.late, 50)}, p99 {_ms(figures.late, 99)} ms")


def _line(figures: Figures) -> str:
    return (
        f"load: rate={figures.plan.rate:g} ack_p99_ms={_ms(figures.acks, 99)}"
        f" reply_p50_ms={_ms(figures.replies, 50)} reply_p95_ms={_ms(figures.replies, 95)}"
        f" cpu_ms_per_message={_cpu(figures.product_cpu_seconds, figures)}"
        f" rss_mb={figures.web_rss_mb + figures.worker_rss_mb:.0f} idle_cpu_percent={_percent(figures.idle_share)}"
    )


def _ms(seconds: list[float], percent: float) -> str:
    return f"{percentile(seconds, percent) * 1000:.0f}"


def _cpu(seconds: float, figures: Figures) -> str:
    return f"{seconds * 1000 / figures.worked if figures.worked else math.nan:.1f}"


def _percent(share: float | None) -> str:
    return "nan" if share is None else f"{share * 100:.1f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, action="append", help="messages per second; may be given several times")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each rate")
    parser.add_argument("--database", type=Kind, choices=list(Kind), default=Kind.POSTGRES)
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    run_to_end(main(given.rate or list(RATES), given.seconds, given.database))
