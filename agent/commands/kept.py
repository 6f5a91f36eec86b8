"""What is kept of conversations, and what can be made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands.desk import latest_session, opened_sessions, write_kit_of
from agent.errors import BadInput
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.advisor import Advisor
    from agent.recommendation import Recommendation


@click.command()
@click.option("--delete", "gone", metavar="ID", help="Forget a session for good.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def sessions(gone: str | None, form: str) -> None:
    """Your conversations, the latest first."""
    with opened_sessions() as kept:
        if gone is not None:
            if not kept.delete(gone):
                raise BadInput(f"There is no session “{gone}”. `rung sessions` lists them.")
            click.echo(f"Forgotten: {gone}")
            return
        rows = kept.summaries()
    if form == "json":
        click.echo(
            json.dumps(
                [
                    {"id": r.thread_id, "last": r.last.isoformat(), "turns": r.turns, "opening": r.opening}
                    for r in rows
                ],
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    if not rows:
        click.echo("None yet. `rung chat` starts one.")
    for r in rows:
        opening = " ".join(r.opening.split())
        click.echo(
            f"{r.thread_id}  {r.last:%Y-%m-%d %H:%M} UTC  {r.turns} turns  {opening[:60]}{'…' if len(opening) > 60 else ''}"
        )


@click.command()
@click.argument("session_id", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "html", "json", "pdf"]),
    help="By the output's name; else md.",
)
@click.option("--output", type=click.Path(path_type=Path), help="A new file in place of standard output.")
@click.option(
    "--kit", "folder", type=click.Path(path_type=Path), help="Write its starter kit to this folder too."
)
def export(session_id: str | None, form: str | None, output: Path | None, folder: Path | None) -> None:
    """The advice of a session (the last, without SESSION_ID) as a memo that can be sent to somebody."""
    from agent.memo.file import content, format_of, save
    from agent.memo.memo import asked_in, memo

    settings = Settings.read()
    session_id = session_id or latest_session(settings)
    if form and output and format_of(output) != form:
        raise BadInput(f"{output.name} is not a name for {form}. Leave --format out, or change the name.")
    form = form or (format_of(output) if output else "md")
    advisor, advice = _advised(session_id, settings)
    if folder is not None:
        click.echo(write_kit_of(folder, advice, advisor.facts(session_id), advisor.corpus), err=True)
    turns = advisor.turns(session_id)
    made = memo(asked_in(turns), advice, turns[-1].at.date())
    if output is None and form in ("html", "pdf"):
        output = Path(f"rung-memo-{session_id}.{form}")
    if output is None:
        click.echo(content(made, form).decode(), nl=False)
    else:
        click.echo(f"rung: wrote {save(made, output, form)}", err=True)


@click.command()
@click.argument("session_id")
@click.option("--format", "form", type=click.Choice(["markdown", "json"]), default="markdown")
def transcript(session_id: str, form: str) -> None:
    """A whole conversation, advice and all."""
    from agent.transcript import transcript_json, transcript_markdown

    with opened_sessions() as kept:
        turns = kept.turns(session_id)
    click.echo(
        transcript_markdown(turns)
        if form == "markdown"
        else json.dumps(transcript_json(turns), ensure_ascii=False, indent=2)
    )


def _advised(session_id: str, settings: Settings) -> tuple[Advisor, Recommendation]:
    """The advisor, and the advice that a session has come to.

    Raises:
        BadInput: there is no such session, or it has not come so far.
    """
    from agent.bootstrap import build

    with opened_sessions(settings) as kept:
        kept.turns(session_id)
    advisor, _ = build(settings)
    advice = advisor.recommendation(session_id)
    if advice is None:
        raise BadInput(
            f"There is no advice in this session yet. `rung chat --resume {session_id}` goes on; `rung transcript {session_id}` shows it so far."
        )
    return advisor, advice
