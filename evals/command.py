"""`rung eval`: run the suite, show how it went, compare it with another run, and say whether a change may land."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from agent.errors import BadInput, NeedsSomething
from agent.settings import Settings
from evals.manners import SCRIPTED, Manner

if TYPE_CHECKING:
    from evals.report.digest import Report
    from evals.run import Run
    from evals.scenario import Scenario
    from evals.suite import Done

    Seconds = dict[str, list[float]]

FORMATS: Final = ("console", "json", "junit", "markdown", "html")


@click.command(name="eval")
@click.option(
    "--scenarios",
    "path",
    type=click.Path(path_type=Path),
    help="A file or folder of scenarios in place of Rung's own.",
)
@click.option(
    "--tag", "tags", multiple=True, help="Only scenarios with this tag; may be given several times."
)
@click.option(
    "--manner",
    "manners",
    multiple=True,
    type=click.Choice([m.value for m in SCRIPTED]),
    help="Only this manner; may be given several times.",
)
@click.option(
    "--repeat", type=click.IntRange(1, 20), default=1, help="Each talk N times in other words; adds pass^N."
)
@click.option("--workers", type=click.IntRange(1), help="Processes; without it, one for each processor.")
@click.option(
    "--compare",
    "against",
    type=click.Path(path_type=Path),
    help="An earlier run: its folder or its run.json.",
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="console", help="What goes to standard output."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Folder for the run and its reports; without it, one in the data folder.",
)
@click.option(
    "--retrieval/--no-retrieval",
    default=None,
    help="Score the search as well; without a word, only with all scenarios.",
)
@click.option(
    "--model",
    "with_model",
    is_flag=True,
    help="With the language model that is set up: Rung with it, people it plays, and two ways without Rung.",
)
@click.option(
    "--gate", is_flag=True, help="Exit with 1 on a broken invariant, or on a drop against the accepted run."
)
@click.option("--accept", is_flag=True, help="Make this run the accepted one.")
@click.option(
    "--reveal-kept",
    is_flag=True,
    help="Show the words of scenarios kept for measuring. From then on they measure nothing.",
)
def command(
    path: Path | None, tags: tuple[str, ...], manners: tuple[str, ...], repeat: int, workers: int | None,
    against: Path | None, form: str, output: Path | None, retrieval: bool | None, with_model: bool,
    gate: bool, accept: bool,
    reveal_kept: bool,
) -> None:  # fmt: skip
    """Run the evaluation suite: canned scenarios, told in ten manners, each talk scored."""
    _needs("scipy")
    from evals import gate as gates
    from evals import run as runs
    from evals.report.digest import Report

    before = runs.read(against) if against else None
    wanted = _wanted(path, tags)
    whole = path is None and not tags
    told = [Manner(m) for m in manners] or list(SCRIPTED)
    scored = whole and not with_model if retrieval is None else retrieval
    if with_model:
        run, seconds = _run_with_model(path, wanted, scored)
    else:
        run, seconds = _run(path, wanted, told, repeat, workers, scored)
    if accept:
        gates.accept(run.talks)
        click.echo(f"Accepted: {gates.BASELINE}", err=True)
    accepted = gates.accepted() if gate else None
    report = Report.of(run, before, seconds, accepted=accepted, reveal=reveal_kept)
    _show(
        form,
        _write(output or Settings.read().data_dir / "evaluations" / run.name, run, report, seconds),
        report,
    )
    if gate and not report.gate.open:
        sys.exit(1)


def _needs(library: str) -> None:
    if find_spec(library) is None:
        raise NeedsSomething(
            f"The evaluation suite needs {library}. Install it with: pip install 'rung[eval]'"
        )


def _wanted(path: Path | None, tags: Sequence[str]) -> list[Scenario]:
    from evals.scenario import FOLDER, scenarios

    found = scenarios(path or FOLDER)
    wanted = [s for s in found if not tags or set(tags) & set(s.tags)]
    if not wanted:
        known = ", ".join(sorted({tag for s in found for tag in s.tags})[:40])
        raise BadInput(f"No scenario has the tag {' or '.join(tags)}. There are, among others: {known}.")
    return wanted


def _run(
    path: Path | None, wanted: Sequence[Scenario], manners: Sequence[Manner], repeat: int, workers: int | None,
    retrieval: bool,
) -> tuple[Run, Seconds]:  # fmt: skip
    """The run, and the seconds of its turns by talk."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from evals import suite
    from evals.report.console import progress

    with ProcessPoolExecutor(
        1, get_context("spawn")
    ) as beside:  # a processor is idle at the end, when few talks are left
        scored = beside.submit(_retrieval) if retrieval else None
        done = list(progress(suite.run(wanted, manners, repeat, workers, Settings.read()), len(wanted)))
        found = scored.result() if scored else None
    return _made(path, wanted, done, suite.TOLD, manners, repeat, found, "")


def _run_with_model(path: Path | None, wanted: Sequence[Scenario], retrieval: bool) -> tuple[Run, Seconds]:
    """The same with the language model that is set up; says how often the people it played broke their rules."""
    import tempfile

    from evals import with_model
    from evals.report.console import progress

    settings = Settings.read()
    faults: list[Any] = []
    with tempfile.TemporaryDirectory() as folder:
        done = list(progress(with_model.run(wanted, Path(folder), settings, faults), len(wanted)))
    said = sum(len(t.talk.exchanges) - 1 for one in done for t in one.talks if t.talk.manner is Manner.PLAYED)
    click.echo(f"People played by the model: {len(faults)} faults in {said} messages.", err=True)
    for fault in faults:
        click.echo(f"  {fault.what}: {fault.message}", err=True)
    name = settings.model.name if settings.model else ""
    found = _retrieval() if retrieval else None
    return _made(path, wanted, done, with_model.TOLD, (Manner.PLAIN, Manner.PLAYED), 1, found, name)


def _made(
    path: Path | None, wanted: Sequence[Scenario], done: Sequence[Done], told: Mapping[str, tuple[str, float]],
    manners: Sequence[Manner], repeat: int, retrieval: dict[str, object] | None, model: str,
) -> tuple[Run, Seconds]:  # fmt: skip
    from evals.run import BaselineResult, Run, made_of
    from evals.scenario import FOLDER
    from knowledge.corpus import load
    from knowledge.embedding import find_encoder

    encoder = find_encoder()
    run = Run(
        made_of=made_of(
            path or FOLDER, load(Settings.read().sources).digest, encoder.id if encoder else "", model
        ),
        manners=tuple(manners),
        repeat=repeat,
        talks=tuple(timed.talk for one in done for timed in one.talks),
        baselines=tuple(
            BaselineResult(
                name=name,
                told=what,
                rungs={s.id: one.baselines[name] for s, one in zip(wanted, done, strict=True)},
                questions=questions,
            )
            for name, (what, questions) in told.items()
        ),
        retrieval=retrieval,
    )
    return run, {
        f"{t.talk.scenario}/{t.talk.manner.value}/{t.talk.seed}": t.seconds for one in done for t in one.talks
    }


def _retrieval() -> dict[str, object]:
    """How the search does on the measuring half of its own queries, way by way."""
    from evals.retrieval.score import run

    found = json.loads(run("measure").to_json())
    figures = ("recall", "one", "ndcg", "mrr", "auroc")
    rows = [
        {"name": arm["name"], **{f: arm[f]["value"] for f in figures}, "tokens": arm["tokens"]}
        for arm in found["arms"]
    ]
    return {**found, "ablation": rows}


def _write(folder: Path, run: Run, report: Report, seconds: Seconds) -> Path:
    """All forms of the run; `run.json` is the same bytes when nothing changed, `seconds.json` never is."""
    from evals.report.junit import xml
    from evals.report.markdown import markdown
    from evals.report.page import html

    folder.mkdir(parents=True, exist_ok=True)
    written = {
        "run.json": run.as_json(),
        "report.json": report.as_json(),
        "report.md": markdown(report),
        "report.html": html(report),
        "junit.xml": xml(run, seconds, reveal=report.revealed),
        "seconds.json": json.dumps(seconds) + "\n",
    }
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _show(form: str, folder: Path, report: Report) -> None:
    from rich.console import Console

    from evals.report.console import show

    names = {"json": "run.json", "junit": "junit.xml", "markdown": "report.md", "html": "report.html"}
    if form in names:
        click.echo((folder / names[form]).read_text(encoding="utf-8"), nl=False)
    else:
        show(report, Console(width=None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", 120))))
    click.echo(f"Written to {folder}: report.html, report.md, junit.xml, run.json", err=True)
