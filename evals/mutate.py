"""The mutation run (`make mutate`): break Rung in many small ways, one at a time, and count what the suite notices.

Each mutant of `evals/mutants.py` goes into a copy of the packages, and a fresh process puts that copy before the gate
(`evals/probe.py`). Caught: an invariant is broken that holds in the unbroken code, or a guarded figure drops. A copy that
crashes is caught as well, and counted apart: it would be seen without a suite.
"""

from __future__ import annotations

import compileall
import json
import os
import py_compile
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import click

from agent.bootstrap import Shelf
from agent.errors import BadInput, RungError
from agent.settings import Settings
from evals.figures import wilson
from evals.mutants import MUTANTS, Mutant
from evals.probe import STAGES, Judged, Reach, settle

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ("agent", "evals", "knowledge", "prompts")
#: Never copied: what is for measuring only, and compiled files.
LEFT_OUT: Final = ("kept.yaml", "kept.sha256", "measure*.jsonl", "baseline.json", "__pycache__")
#: Seconds of processor time after which a mutant is taken to hang: some six times what the unbroken code takes.
LONGEST: Final[dict[Reach, int]] = {"plain": 60, "manners": 600}
#: What is asked of the share caught.
BAR: Final = 0.95

How = Literal["caught", "crashed", "survived"]


@dataclass(frozen=True)
class Result:
    """What became of a mutant, and why."""

    mutant: Mutant
    how: How
    stage: str
    reasons: tuple[str, ...]
    seconds: float


def mutated(mutant: Mutant, text: str) -> str:
    """The file's text with the mutant in it.

    Raises:
        BadInput: its words do not stand there exactly once, so that the list cannot rot unseen.
    """
    times = text.count(mutant.find)
    if times != 1:
        raise BadInput(
            f"mutant {mutant.name}: its text stands {times} times in {mutant.file}, not once. "
            "Take up its words anew in evals/mutants.py, or drop it."
        )
    if mutant.put == mutant.find:
        raise BadInput(f"mutant {mutant.name} changes nothing.")
    return text.replace(mutant.find, mutant.put)


def chosen(names: Sequence[str], areas: Sequence[str]) -> list[Mutant]:
    """The mutants of these names and areas, all when none is given; each is sure to apply.

    Raises:
        BadInput: a name or area that is not there, or a mutant that does not apply.
    """
    known = {m.name for m in MUTANTS} | {m.area for m in MUTANTS}
    if unknown := [n for n in (*names, *areas) if n not in known]:
        raise BadInput(f"There is no mutant or area {', '.join(unknown)}. See evals/mutants.py.")
    wanted = [m for m in MUTANTS if not (names or areas) or m.name in names or m.area in areas]
    for mutant in wanted:
        mutated(mutant, (ROOT / mutant.file).read_text(encoding="utf-8"))
    return wanted


class Lab:
    """A temporary folder with one copy of the code a worker, and the unbroken code's talks.

    `scenarios` is a pattern of file names.
    """

    def __init__(self, folder: Path, workers: int, scenarios: str = "*") -> None:
        self.folder = folder
        self.workers = workers
        self._free: queue.Queue[Path] = queue.Queue()
        for n in range(workers):
            copy = folder / f"copy-{n}"
            for package in PACKAGES:
                shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns(*LEFT_OUT))
            for file in (copy / "evals" / "scenarios").glob("*.yaml"):
                if not file.match(scenarios):
                    file.unlink()
            # By hash, not by time: a mutant may be as long as what it replaces, and put there in the same second.
            compileall.compile_dir(
                copy, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH
            )
            self._free.put(copy)

    def record(self, reach: Reach) -> list[str]:
        """Run the unbroken code; the invariants that it breaks itself, which then say nothing about a mutant."""
        _ = Shelf(Settings.read()).search  # the index, built once
        with ThreadPoolExecutor(self.workers) as pool:
            done = list(pool.map(lambda part: self._record(reach, part), range(self.workers)))
        for run in done:
            if run.returncode != 0:
                raise BadInput(f"The unbroken code does not come through: {_last_line(run.stderr)}")
        return [str(b) for b in settle(self.folder)]

    def _record(self, reach: Reach, part: int) -> subprocess.CompletedProcess[str]:
        with self._copy() as copy:
            return _probe(copy, "record", str(self.folder), reach, str(part), str(self.workers))

    def tried(self, mutants: Sequence[Mutant], reach: Reach) -> Iterator[Result]:
        """Each mutant's result, as they are done."""
        with ThreadPoolExecutor(self.workers) as pool:
            for done in as_completed([pool.submit(self.one, mutant, reach) for mutant in mutants]):
                yield done.result()

    def one(self, mutant: Mutant, reach: Reach) -> Result:
        """Put it in, ask the gate, take it out."""
        with self._copy() as copy:
            file = copy / mutant.file
            sound = file.read_text(encoding="utf-8")
            begun = time.monotonic()
            try:
                file.write_text(mutated(mutant, sound), encoding="utf-8")
                run = _probe(copy, "judge", str(self.folder), reach, limit=LONGEST[reach])
            finally:
                file.write_text(sound, encoding="utf-8")
            return _result(mutant, run, time.monotonic() - begun)

    @contextmanager
    def _copy(self) -> Iterator[Path]:
        copy = self._free.get()
        try:
            yield copy
        finally:
            self._free.put(copy)


def _probe(copy: Path, *words: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """A fresh Python that finds the copy's packages before any other."""
    env = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "evals.probe", *words, *([] if limit is None else [str(limit)])]
    return subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True)


def _result(mutant: Mutant, run: subprocess.CompletedProcess[str], seconds: float) -> Result:
    if run.returncode == -signal.SIGXCPU:
        return Result(mutant, "crashed", "", ("it never ends",), seconds)
    if run.returncode != 0:
        return Result(mutant, "crashed", "", (_last_line(run.stderr),), seconds)
    judged = Judged.model_validate_json(run.stdout)
    return Result(mutant, "caught" if judged.reasons else "survived", judged.stage, judged.reasons, seconds)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no word"])[-1][:300]


@dataclass(frozen=True)
class Report:
    """All results, the invariants that the unbroken code breaks, and how long it took."""

    results: tuple[Result, ...]
    known: tuple[str, ...]
    seconds: float

    @property
    def survivors(self) -> list[Result]:
        return [r for r in self.results if r.how == "survived"]

    @property
    def share(self) -> float:
        return 1 - len(self.survivors) / len(self.results)

    def as_data(self) -> dict[str, Any]:
        low, high = wilson(len(self.results) - len(self.survivors), len(self.results))
        rows = [
            {"name": r.mutant.name, "area": r.mutant.area, "breaks": r.mutant.breaks, "file": r.mutant.file,
             "how": r.how, "stage": r.stage, "reasons": list(r.reasons)}
            for r in self.results
        ]  # fmt: skip
        return {
            "mutants": len(self.results), "caught": _count(self.results, "caught"),
            "crashed": _count(self.results, "crashed"), "share": round(self.share, 4), "low": low, "high": high,
            "survivors": [r.mutant.name for r in self.survivors],
            "broken_before": list(self.known), "seconds": round(self.seconds), "results": rows,
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        """The table by area, the share with Wilson's 95 % interval, and the survivors."""
        yield f"{'area':24}{'mutants':>8}{'must-pass':>11}{'plain':>7}{'manners':>9}{'crashed':>9}{'survived':>10}"
        areas = dict.fromkeys(r.mutant.area for r in self.results)
        for area in (*areas, ""):
            some = [r for r in self.results if r.mutant.area == area or not area]
            stages = [sum(r.stage == stage for r in some) for stage in STAGES]
            yield (
                f"{area or 'all':24}{len(some):8}{stages[0]:11}{stages[1]:7}{stages[2]:9}"
                f"{_count(some, 'crashed'):9}{_count(some, 'survived'):10}"
            )
        data = self.as_data()
        yield (
            f"\nCaught: {data['caught'] + data['crashed']} of {data['mutants']}, {self.share:.1%} "
            f"({data['low']:.1%} to {data['high']:.1%}), of these {data['crashed']} by crashing; {data['seconds']} s."
        )
        for r in self.survivors:
            yield f"  survived: {r.mutant.name} ({r.mutant.file}): {r.mutant.breaks}"
        for told in self.known:
            yield f"  the unbroken code breaks this too, so it caught nothing: {told}"


def _count(results: Sequence[Result], how: How) -> int:
    return sum(r.how == how for r in results)


@click.command()
@click.argument("names", nargs=-1)
@click.option("--area", "areas", multiple=True, help="Only mutants of this area; may be given several times.")
@click.option(
    "--quick",
    is_flag=True,
    help="Only answers as written; what survives these is not tried in other manners.",
)
@click.option(
    "--workers", type=click.IntRange(1), default=2, show_default=True, help="Mutants tried at once."
)
@click.option("--format", "form", type=click.Choice(("console", "json")), default="console")
def command(names: Sequence[str], areas: Sequence[str], quick: bool, workers: int, form: str) -> None:
    """Break Rung in many small ways and count what the suite notices. NAMES: only these mutants."""
    wanted = chosen(names, areas)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        results, known = run(Lab(Path(scratch), workers), wanted, quick)
    report = Report(results, tuple(known), time.monotonic() - begun)
    text = json.dumps(report.as_data(), indent=2, ensure_ascii=False)
    click.echo("\n".join(report.lines()) if form == "console" else text)
    sys.exit(report.share < BAR)


def run(lab: Lab, wanted: Sequence[Mutant], quick: bool = False) -> tuple[tuple[Result, ...], list[str]]:
    """All results, and the invariants that the unbroken code breaks. Only what answers as written did not catch is told
    in every manner."""
    click.echo("The unbroken code first.", err=True)
    known = lab.record("plain")
    found: dict[Mutant, Result | None] = dict.fromkeys(wanted)  # in the list's order, whatever is done first
    found |= {r.mutant: r for r in _told(lab.tried(wanted, "plain"), len(wanted))}
    left = [m for m, r in found.items() if r and r.how == "survived"]
    if left and not quick:
        click.echo(f"{len(left)} are left: the unbroken code, then these, in every other manner.", err=True)
        known = lab.record("manners")
        found |= {r.mutant: r for r in _told(lab.tried(left, "manners"), len(left))}
    return tuple(r for r in found.values() if r), known


def _told(results: Iterator[Result], total: int) -> Iterator[Result]:
    for n, r in enumerate(results, 1):
        why = f" · {r.reasons[0][:110]}" if r.reasons else ""
        click.echo(f"{n:3}/{total} {r.seconds:5.1f} s {r.how:8} {r.mutant.name}{why}", err=True)
        yield r


if __name__ == "__main__":
    try:
        command(prog_name="python -m evals.mutate")
    except RungError as error:
        click.echo(f"mutate: {error}", err=True)
        sys.exit(error.exit_code)
