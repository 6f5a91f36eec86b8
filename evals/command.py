"""`rung eval`: run the suite, show how it went, compare it with another run, and say whether a change may land."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from agent.errors import BadInput
from agent.settings import Settings
from evals.manners import Manner

#: Of the whole suite, what the tests run: enough to see that all parts still work together.
QUICK: Final = ("must-pass",)
FORMATS: Final = ("console", "json", "junit", "markdown", "html")


@click.command(name="eval")
@click.option("--scenarios", "path", type=click.Path(path_type=Path), help="A file or folder of scenarios in place of Rung's own.")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag; may be given several times.")
@click.option("--manner", "manners", multiple=True, type=click.Choice([m.value for m in Manner]), help="Only this manner.")
@click.option("--repeat", type=click.IntRange(1, 50), default=1, help="Each talk N times in other words; adds pass^N.")
@click.option("--workers", type=click.IntRange(1), help="Processes; as many as there are processors without it.")
@click.option("--compare", "against", type=click.Path(path_type=Path), help="An earlier run: its folder or its run.json.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="console", help="What goes to standard output.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder for run.json and the reports; in the data folder without it.")
@click.option("--gate", is_flag=True, help="Fail on a broken invariant, or a drop against the accepted run.")
@click.option("--accept", is_flag=True, help="Make this run the accepted one.")
@click.option("--reveal-kept", is_flag=True, help="Show the words of scenarios kept for measuring. After that they measure nothing.")
def command(
    path: Path | None, tags: Sequence[str], manners: Sequence[str], repeat: int, workers: int | None,
    against: Path | None, form: str, output: Path | None, gate: bool, accept: bool, reveal_kept: bool,
) -> None:  # fmt: skip
    """Run the evaluation suite: canned scenarios, told in ten manners, each talk scored."""
    from evals import gate as gates
    from evals import run as runs
    from evals.report import shown

    before = runs.read(against) if against else None
    wanted = _wanted(path, tags)
    run, seconds = _run(path, wanted, [Manner(m) for m in manners] or list(Manner), repeat, workers)
    report = shown.Pages(run, before, seconds, reveal_kept)
    folder = report.write(output or Settings.read().data_dir / "evaluations" / run.name)
    report.show(form, folder)
    if accept:
        gates.accept(run.talks)
        click.echo(f"Accepted: {gates.BASELINE}", err=True)
    if gate:
        _pass(gates, run)


def _wanted(path: Path | None, tags: Sequence[str]) -> list:
    from evals.scenario import FOLDER, scenarios

    found = scenarios(path or FOLDER)
    wanted = [s for s in found if not tags or set(tags) & set(s.tags)]
    if not wanted:
        known = sorted({tag for s in found for tag in s.tags})
        raise BadInput(f"No scenario has the tag {' or '.join(tags)}. There are: {', '.join(known)}.")
    return wanted
