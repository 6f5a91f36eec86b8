"""Several use cases at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands.desk import opened_sessions, print_part, progress_line
from agent.errors import BadInput
from agent.settings import Settings

if TYPE_CHECKING:
    pass


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "markdown", "html", "jsonl"]),
    help="Without it, by the output's name; else csv.",
)
@click.option("--output", type=click.Path(path_type=Path), help="A file in place of standard output.")
@click.option("--text", "column", metavar="COLUMN", help="The column that describes the use case.")
@click.option("--resume", is_flag=True, help="Go on with a run: rows done before are taken over.")
def batch(file: Path, form: str | None, output: Path | None, column: str | None, resume: bool) -> None:
    """Triage a portfolio: each row of FILE (.csv or .jsonl) is a use case. Columns named like a slot are given values."""
    from agent.bootstrap import Shelf
    from agent.portfolio import rows, run

    if resume and output is None:
        raise BadInput("--resume needs the --output of the run to go on with.")
    if output is not None and output.resolve() == file.resolve():
        raise BadInput("The output is the input. Give another --output.")
    portfolio = rows.read(file, column)
    for remark in portfolio.remarks:
        click.echo(remark, err=True)
    form = run.form_of(form, output)
    shelf = Shelf(Settings.read(), progress_line)
    reader, corpus, progress = shelf.reader, shelf.corpus, run.progress_on(sys.stderr)
    if shelf.trouble:
        click.echo(f"rung: {shelf.trouble}", err=True)
    by = run.made_by(corpus, with_encoder=not shelf.trouble)
    if output is None:
        done = run.run_to_stream(portfolio, sys.stdout, form, reader, corpus, by, progress=progress)
    else:
        done = run.run_to_file(portfolio, output, form, reader, corpus, by, resume=resume, progress=progress)
    click.echo(done.told(output), err=True)


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
def compare(a: str, b: str, form: str) -> None:
    """Two use cases side by side: A and B are session ids, descriptions in quotes, or @files."""
    from agent.bootstrap import Shelf
    from agent.comparison import compare as compare_facts
    from agent.named_case import find
    from agent.side_by_side import comparison_markdown
    from agent.writing.contrasts import compared, compared_answer

    shelf = Shelf(Settings.read(), progress_line)
    with opened_sessions() as kept:
        one, two = (find(x, name, lambda: shelf.reader, kept) for x, name in ((a, "A"), (b, "B")))
    told = compared(compare_facts(one.facts, two.facts), shelf.corpus, one.name, two.name)
    if form == "json":
        click.echo(json.dumps(told.model_dump(mode="json"), ensure_ascii=False, indent=2))
    elif form == "markdown":
        click.echo(comparison_markdown(told), nl=False)
    else:
        print_part(compared_answer(told))
