"""What the commands share: sessions opened and closed, progress, a part printed, a kit written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.errors import BadInput
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.sessions import Sessions


def latest_session(settings: Settings) -> str:
    """The id of the conversation that went on last.

    Raises:
        BadInput: there is none yet.
    """
    with opened_sessions(settings) as kept:
        latest = kept.summaries(1)
    if not latest:
        raise BadInput("There is no session yet. `rung chat` starts one.")
    return latest[0].thread_id


@contextmanager
def opened_sessions(settings: Settings | None = None) -> Iterator[Sessions]:
    from agent.sessions import Sessions

    settings = settings or Settings.read()
    if settings.database_url.startswith("sqlite"):
        settings.make_data_dir()
    kept = Sessions(settings.database_url)
    try:
        yield kept
    finally:
        kept.close()


def write_kit_of(folder: Path, advice: Any, facts: Any, corpus: Any) -> str:
    """What was written, for the terminal."""
    from agent.kit.files import kit
    from agent.kit.folder import told, write_kit

    files = kit(advice, facts, corpus)
    write_kit(folder, files)
    return told(folder, files)


def print_part(advice: Any) -> None:
    from rich.console import Console

    from agent.render import screen

    console = Console(highlight=False, emoji=False)
    console.print(screen(advice, console.width))


def progress_line(done: int, total: int) -> None:
    """Index building on standard error: a line that moves on a terminal, a few lines elsewhere."""
    if sys.stderr.isatty():
        click.echo(f"\rBuilding the search index (once): {done} of {total}", nl=done == total, err=True)
    elif done == total or done * 4 // total != (done - 8) * 4 // total:
        click.echo(f"Building the search index (once): {done} of {total}", err=True)
