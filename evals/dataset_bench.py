"""How fast `rung check-dataset` is, how much memory it takes, and how many near-duplicates it finds.

    python -m evals.dataset_bench --lines 1000000

The file is generated: a support desk's mails of 3 to 150 words (the words as unevenly frequent as in a language), 1 example in 100 a copy, 1 in 100 nearly a
copy, 1 in 50 with an email address, a phone number or an order number. A core's speed is lines by processor time, so that other work on the machine counts less.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.dataset import scan as scanning
from agent.dataset.check import Options, check
from agent.dataset.fingerprint import Matches, Sketcher, Spill

ROOT = Path(__file__).parents[1]
COMMAND = "from agent.cli import main; main()"
SYSTEM = "You answer the mails of a shop for garden tools. Be brief and friendly, and never promise a date."
CHANGED = (1, 2, 4, 8, 16)
"""Words replaced of 60, for counting how many near-duplicates are found."""


class Writer:
    """Draws examples; the same seed draws the same file."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        letters = "etaoinshrdlucmfwypvbgk"
        self._words = [
            "".join(self._draw.choices(letters, k=self._draw.randint(2, 10))) for _ in range(20_000)
        ]
        weights = [1 / (rank + 3) for rank in range(len(self._words))]
        self._pool = self._draw.choices(self._words, weights, k=400_000)

    def text(self, words: int) -> str:
        start = self._draw.randrange(len(self._pool) - words)
        step = self._pool[start : start + words]
        self._draw.shuffle(step)
        return " ".join(step) + self._draw.choice((".", "?", "!"))

    def asked(self) -> str:
        text = self.text(min(150, 3 + int(self._draw.expovariate(1 / 35))))
        extra = self._draw.random()
        if extra < 0.005:
            return f"{text} Write to {self._draw.choice(self._words)}@mail.shop."
        if extra < 0.01:
            return f"{text} Call +49 30 {self._draw.randrange(10**7, 10**8)}."
        return f"{text} Order {self._draw.randrange(10**9, 10**10)}." if extra < 0.02 else text

    def changed(self, text: str, count: int) -> str:
        words = text.split(" ")
        for at in self._draw.sample(range(len(words)), min(count, len(words))):
            words[at] = self._draw.choice(self._words)
        return " ".join(words)

    def example(self, asked: str, longer: float = 0.1) -> bytes:
        answer = self.text(min(120, 5 + int(self._draw.expovariate(1 / 25))))
        turns = [("system", SYSTEM), ("user", asked), ("assistant", answer)]
        if self._draw.random() < longer:
            turns += [("user", self.text(8)), ("assistant", self.text(15))]
        return json.dumps({"messages": [{"role": r, "content": c} for r, c in turns]}).encode() + b"\n"

    def file(self, path: Path, lines: int) -> Path:
        past, copy = self.asked(), self.example(self.text(30))
        with path.open("wb") as out:
            for n in range(lines):
                if n % 100 == 50:
                    out.write(copy)
                    continue
                past = self.changed(past, 1) if n % 100 == 99 else self.asked()
                row = self.example(past)
                if n % 100 == 7:
                    copy = row
                out.write(row)
        return path


@dataclass(frozen=True)
class Run:
    wall: float
    processor: float
    memory: float
    """MiB of the largest process."""


def run(path: Path, jobs: int) -> Run:
    """The command itself in a process of its own."""
    command = [
        sys.executable,
        "-c",
        COMMAND,
        "check-dataset",
        str(path),
        "--jobs",
        str(jobs),
        "--format",
        "json",
    ]
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return Run(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def shares(path: Path) -> list[tuple[str, float]]:
    """Processor seconds in each part of the work, in this process; the parts are long calls, so timing them costs nothing."""
    spent: dict[str, float] = {}

    def timed(owner: Any, name: str, what: str) -> Callable[[], None]:
        real = getattr(owner, name)

        def call(*args: Any, **more: Any) -> Any:
            start = time.process_time()
            try:
                return real(*args, **more)
            finally:
                spent[what] = spent.get(what, 0.0) + time.process_time() - start

        setattr(owner, name, call)
        return lambda: setattr(owner, name, real)

    scanner = scanning._Scanner
    undo = [
        timed(scanner, "_parse", "parsing, structure, exact fingerprints, labels (Python, orjson, mmh3)"),
        timed(Sketcher, "sketch", "near-duplicate sketches (NumPy)"),
        timed(scanner, "_look_through", "secrets, personal data, odd characters (NumPy, re)"),
        timed(scanner, "_measure", "token estimates (NumPy)"),
        timed(scanner, "_laid_out", "laying texts end to end"),
        timed(Spill, "add", "writing hashes to temporary files"),
        timed(Matches, "run", "sorting and comparing hashes"),
    ]
    start = time.process_time()
    try:
        check(path, Options())
    finally:
        for back in undo:
            back()
    whole = time.process_time() - start
    rows = sorted(spent.items(), key=lambda row: -row[1])
    return [*rows, ("the rest: reading, splitting into lines, building rows", whole - sum(spent.values()))]


def near_found(folder: Path, pairs: int = 1000) -> list[tuple[int, float, float]]:
    """For each number of changed words: how alike the pairs are on average (word pairs in common), and the share found."""
    found = []
    for count in CHANGED:
        writer = Writer(count)
        texts = [writer.text(60) for _ in range(pairs)]
        twins = [writer.changed(text, count) for text in texts]
        path = folder / "pairs.jsonl"
        path.write_bytes(b"".join(writer.example(t, 0.0) for t in texts + twins))
        problems = check(path, Options(show=2 * pairs)).problems
        named = {f.line for p in problems if p.kind.code == "near-duplicate" for f in p.shown}
        alike = sum(_jaccard(a, b) for a, b in zip(texts, twins, strict=True)) / pairs
        found.append((count, alike, sum(pairs + n + 1 in named for n in range(pairs)) / pairs))
    return found


def _jaccard(a: str, b: str) -> float:
    one, two = ({*zip(t.split(), [*t.split()[1:], ""], strict=True)} for t in (a, b))
    return len(one & two) / len(one | two)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--lines", type=int, default=1_000_000)
    lines = arguments.parse_args().lines
    folder = Path(tempfile.mkdtemp(prefix="rung-bench-"))
    try:
        small = Writer(1).file(folder / "small.jsonl", max(1, lines // 10))
        large = Writer(1).file(folder / "large.jsonl", lines)
        size = large.stat().st_size
        print(
            f"{lines:,} lines, {size / 1e6:,.0f} MB, {size / lines:,.0f} bytes a line; {os.cpu_count()} cores\n"
        )
        print(
            f"{'lines':>10} {'jobs':>5} {'seconds':>8} {'lines/s':>9} {'processor s':>12} {'lines/s a core':>15} {'largest process':>16}"
        )
        for path, count, jobs in ((small, lines // 10, 1), (large, lines, 1), (large, lines, 2)):
            took = run(path, jobs)
            print(
                f"{count:10,} {jobs:5} {took.wall:8.1f} {count / took.wall:9,.0f} {took.processor:12.1f} {count / took.processor:15,.0f} {took.memory:12.0f} MiB"
            )
        print("\nwhat bounds it (one process, the smaller file)")
        parts = shares(small)
        whole = sum(spent for _, spent in parts)
        for what, spent in parts:
            print(f"  {spent / whole:4.0%}  {spent / (lines // 10) * 1e6:5.2f} µs a line  {what}")
        print("\nnear-duplicates found, of 1,000 pairs of 60 words each")
        for changed, alike, share in near_found(folder):
            print(f"  {changed:2} words changed: {alike:.2f} of word pairs in common, {share:.1%} found")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
