"""What it costs, and whether a data set is fit to train on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.errors import BadInput
from agent.settings import Settings

if TYPE_CHECKING:
    pass


@click.command()
@click.option("--volume", help="Calls, like 5000/day, 150k/month or 40/hour.")
@click.option("--prompt-tokens", help="Tokens sent ahead of each call today.")
@click.option("--input-tokens", help="Tokens that differ from call to call.")
@click.option("--output-tokens", help="Tokens of an answer.")
@click.option("--model", help="The model you prompt, a row of the price table.")
@click.option("--tuned", help="The model you would tune, a row of the price table.")
@click.option(
    "--against", type=click.Choice(["prompt", "few-shot", "retrieval"]), help="What you have today."
)
@click.option("--case", "case_file", type=click.Path(), help="A YAML file with any of the inputs.")
@click.option(
    "--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Any input; docs/cost.md lists them."
)
@click.option(
    "--prices", "price_file", type=click.Path(), help="Your prices (YAML or CSV); they go before Rung's."
)
@click.option(
    "--draws", default=10_000, type=click.IntRange(0, 1_000_000), help="Draws for the ranges; 0: none."
)
@click.option("--seed", default=0, type=click.IntRange(0), help="The same seed draws the same.")
@click.option("--date", "day", metavar="DAY", help="Work it out as of this day, like 2026-11-22.")
@click.option(
    "--charts", type=click.Path(), help="Write the curve and the tornado to this folder (PNG, SVG)."
)
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
def cost(form: str, charts: str | None, **given: Any) -> None:
    """What the four ways cost a month, and when fine-tuning would pay back, if ever."""
    from agent.money.asking import asked
    from agent.money.estimate import estimate
    from agent.money.telling import markdown, text

    wanted = asked(given, Settings.read())
    found = estimate(wanted.case, wanted.prices, wanted.today, given["draws"], given["seed"])
    told = (
        found.model_dump_json(indent=2) + "\n"
        if form == "json"
        else (text if form == "text" else markdown)(found)
    )
    click.echo(told, nl=False)
    if charts:
        from agent.money.charts import write_charts
        from agent.money.sheet import Plan

        for path in write_charts(Plan.of(wanted.case, wanted.prices), found, Path(charts), wanted.today):
            click.echo(f"rung: wrote {path}", err=True)


@click.command("check-dataset")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--test", type=click.Path(path_type=Path), help="A test file that must not share examples.")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
@click.option("--jobs", "-j", default=1, type=click.IntRange(1, 256), help="Processes to read with.")
@click.option(
    "--max-tokens", default=65_536, show_default=True, type=click.IntRange(1), help="Longest example."
)
@click.option("--split", type=click.FloatRange(0, 0.5, min_open=True), help="Share for validation, 0.1 say.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the two files of a split.")
@click.option(
    "--show", default=5, show_default=True, type=click.IntRange(1, 10_000), help="Lines of each kind."
)
def check_dataset(
    file: Path,
    test: Path | None,
    form: str,
    jobs: int,
    max_tokens: int,
    split: float | None,
    out: Path | None,
    show: int,
) -> None:
    """Is FILE fit to fine-tune on? Names each problem with its line. Exit 0 if there are no errors, 1 if there are."""
    from agent.dataset.check import Options, check
    from agent.dataset.progress import Bar

    if (split is None) != (out is None):
        raise BadInput("A split needs both: --split 0.1 --out DIR.")
    with Bar(sys.stderr) as bar:
        report = check(file, Options(test, jobs, max_tokens, show, split, out), bar)
    if form == "json":
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        click.echo(report.as_text() if form == "text" else report.as_markdown())
    if not report.ready:
        sys.exit(1)
