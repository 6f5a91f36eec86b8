"""The command line. Answers go to standard output, everything else to standard error.

Exit codes: 0 done, 1 the run failed, 2 bad usage or input, 3 something needed is missing.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from agent.commands.cases import batch, compare
from agent.commands.figures import check_dataset, cost
from agent.commands.kept import export, sessions, transcript
from agent.commands.library import search, show
from agent.commands.slack import slack
from agent.commands.sources import sources
from agent.commands.talk import assess, chat
from agent.errors import RungError
from agent.settings import Settings
from knowledge.errors import KnowledgeError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints


def main() -> None:
    """The console script."""
    _unbreak_streams()
    try:
        cli(prog_name="rung")
    except (RungError, KnowledgeError) as error:
        click.echo(f"rung: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of our output left; nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


class Commands(click.Group):
    """Rung's own commands, and those that other packages add under the entry point `rung.commands`.

    They are looked up only when one is asked for: nobody waits for them at the first question.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *(e.name for e in _added())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        return next((e.load() for e in _added() if e.name == cmd_name), None)


def _added() -> EntryPoints:
    from importlib.metadata import entry_points

    return entry_points(group="rung.commands")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rung")
def cli() -> None:
    """Should we prompt, add examples, retrieve, or fine-tune? Rung asks a few questions and shows its sources."""


@cli.command()
@click.argument(
    "name",
    type=click.Choice(["recommendation", "events", "estimate", "what-if", "reach", "compare", "batch"]),
    default="recommendation",
)
def schema(name: str) -> None:
    """The JSON Schema of what programs receive."""
    from agent.contrast import Compared, Reached, WhatIf
    from agent.conversation import Reply
    from agent.money.estimate import Estimate
    from agent.portfolio.triage import Triaged
    from agent.recommendation import Recommendation

    models: dict[str, Any] = {
        "recommendation": Recommendation,
        "events": Reply,
        "estimate": Estimate,
        "what-if": WhatIf,
        "reach": Reached,
        "compare": Compared,
        "batch": Triaged,
    }
    click.echo(json.dumps(models[name].model_json_schema(mode="serialization"), indent=2))


@cli.command()
def doctor() -> None:
    """Is everything there? Says what is missing and how to add it."""
    from agent.checkup import checkup

    rows = checkup(Settings.read())
    for row in rows:
        click.echo(
            f"{'ok     ' if row.ok else 'MISSING' if row.needed else 'without'}  {row.what}: {row.found}"
        )
        if row.remedy:
            click.echo(f"         → {row.remedy}")
    if any(row.needed and not row.ok for row in rows):
        sys.exit(3)


for command in (
    chat,
    assess,
    search,
    sources,
    show,
    sessions,
    export,
    transcript,
    cost,
    check_dataset,
    compare,
    batch,
    slack,
):
    cli.add_command(command)


def _unbreak_streams() -> None:
    """Whatever the locale says, text is UTF-8; what a terminal cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            encoding = (
                stream.encoding
                if (stream.encoding or "").lower().replace("-", "") in ("utf8", "cp65001")
                else "utf-8"
            )
            stream.reconfigure(encoding=encoding, errors="replace")
