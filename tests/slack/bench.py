"""How soon Slack hears that an event arrived, while turns are being worked: `python -m tests.slack.bench`.

One real `rung slack` process on PostgreSQL, and so many conversations at once, each saying its next message as soon as it
was answered. Measured at Slack's end, from the request to its acknowledgement.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from agent.bootstrap import Shelf
from agent.settings import Settings
from tests.slack.mock import MockSlack
from tests.slack.postgres import postgres
from tests.slack.soak import TEAMS, Outcome, Soak, Worker, environment

#: Seconds within which 99 of 100 acknowledgements must come.
LIMIT = 0.3


def bench(messages: int, threads: int, data_dir: Path) -> tuple[list[float], Outcome]:
    """The acknowledgements' seconds, and what became of the messages."""
    Shelf(Settings(data_dir, "sqlite://")).warm()
    with (
        tempfile.TemporaryDirectory(prefix="rung-bench-") as folder, postgres() as url,
        MockSlack(*TEAMS) as mock, environment(mock, url, folder, data_dir, pace=0) as env,
    ):  # fmt: skip
        worker = Worker(env, Path(folder) / "worker.log")
        try:
            run = Soak(mock, [worker], messages, 0.0, threads, seed=1)
            began = time.monotonic()
            mock.run(run.run(), timeout=1800)
            run.outcome.seconds = time.monotonic() - began
        finally:
            worker.stop()
        return sorted(mock.acks), run.outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=20)
    args = parser.parse_args()
    acks, outcome = bench(args.messages, args.threads, Settings.read().make_data_dir())
    p99 = acks[int(len(acks) * 0.99)]
    print(
        f"{outcome.messages} messages in {args.threads} conversations at once, {outcome.messages / outcome.seconds:.1f} answered a second, "
        f"{os.cpu_count()} cores\n"
        f"acknowledged after   median {statistics.median(acks) * 1000:.0f} ms, p95 {acks[int(len(acks) * 0.95)] * 1000:.0f} ms, "
        f"p99 {p99 * 1000:.0f} ms, longest {acks[-1] * 1000:.0f} ms (p99 may be {LIMIT * 1000:.0f} ms)"
    )
    sys.exit(0 if p99 <= LIMIT else 1)


if __name__ == "__main__":
    main()
