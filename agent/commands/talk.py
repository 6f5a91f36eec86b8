"""Talking a case through, and advice in one go."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands.desk import latest_session, opened_sessions, print_part, progress_line, write_kit_of
from agent.errors import BadInput
from agent.settings import Settings

if TYPE_CHECKING:
    pass


@click.command()
@click.option(
    "--resume",
    "resume",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[ID]",
    help="Go on with a session; without an ID, the last one.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "text", "jsonl"]),
    default="auto",
    help="jsonl: one event a line, for programs.",
)
def chat(resume: str | None, form: str) -> None:
    """Talk it through: say what you are building, answer what matters, get advice."""
    from agent.bootstrap import build

    settings = Settings.read()
    advisor, shelf = build(settings)
    thread_id = _thread(resume, settings)
    from agent.terminal import converse, is_terminal

    if form == "auto" and is_terminal():
        converse(advisor, shelf, thread_id, settings.data_dir)
        return
    from agent.lines import converse_jsonl, converse_plain, stdin_lines

    shelf.progress = progress_line
    if form == "jsonl":
        converse_jsonl(advisor, thread_id, stdin_lines(), sys.stdout)
    else:
        converse_plain(advisor, thread_id, stdin_lines(), sys.stdout)
    if shelf.trouble:
        click.echo(f"rung: {shelf.trouble}", err=True)


@click.command()
@click.argument("description", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
@click.option(
    "--kit", "folder", type=click.Path(path_type=Path), help="Write a starter kit to this folder too."
)
def assess(description: str | None, form: str, folder: Path | None) -> None:
    """Advice in one go on a DESCRIPTION (or on standard input). What it leaves open is listed and assumed."""
    from agent.bootstrap import Shelf
    from agent.render import markdown, understood
    from agent.writing import texts

    text = description if description is not None else _stdin_text()
    if not text.strip():
        raise BadInput(
            'Nothing to assess. Describe the use case: rung assess "we classify 5,000 emails a day with a long prompt"'
        )
    from agent.assessment import assess as assess_text

    shelf = Shelf(Settings.read(), progress_line)
    advice, missing = assess_text(text, shelf.reader, shelf)
    written = ""
    if folder is not None:
        from agent.assessment import facts_in
        from agent.interview import settle_now

        written = write_kit_of(folder, advice, settle_now(facts_in(text, shelf.reader))[0], shelf.corpus)
    if form == "json":
        click.echo(
            json.dumps(
                {"missing": [s.value for s in missing], "recommendation": advice.model_dump(mode="json")},
                ensure_ascii=False,
                indent=2,
            )
        )
        click.echo(written, err=True, nl=bool(written))
        return
    if form == "markdown":
        click.echo(markdown(advice))
    else:
        click.echo("What I understood:")
        for row in advice.understood:
            if row.value is not None:
                click.echo(f"  {understood(row)}")
        click.echo()
        print_part(advice)
    if missing:
        names = ", ".join(texts.slot_name(s).lower() for s in missing)
        click.echo(f"\nProvisional. I did not find out about: {names}. `rung chat` asks.")
    click.echo(written, err=True, nl=bool(written))


def _thread(resume: str | None, settings: Settings) -> str:
    """The thread to talk in: a new one, the last one, or the one named."""
    if resume is None:
        return uuid.uuid4().hex[:8]
    if not resume:
        return latest_session(settings)
    with opened_sessions(settings) as kept:
        kept.turns(resume)
    return resume


def _stdin_text() -> str:
    if sys.stdin.isatty():
        raise BadInput('Describe the use case: rung assess "…", or pipe it in.')
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")
