"""The conversation at a keyboard: the ladder drawn, numbered choices, slash commands, history.

Ctrl-C stops a reply and keeps the session; Ctrl-D leaves. Heavy parts load in a thread while the person types.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.conversation import Reply
from agent.errors import RungError
from agent.render import screen
from agent.slash import Done, completions, is_command, run
from knowledge.errors import KnowledgeError

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession


def converse(advisor: Advisor, shelf: Shelf, thread_id: str, data_dir: Path) -> None:
    """Talk until the person leaves."""
    console = Console(highlight=False, emoji=False)
    if advisor.model_told:
        console.print(advisor.model_told, style="dim", markup=False)
    _show(console, advisor.open(thread_id))
    bar = _Progress(console, shelf)
    loading = threading.Thread(target=shelf.warm, daemon=True)
    loading.start()
    session = _prompt(data_dir, lambda: [(s.thread_id, s.opening) for s in advisor.others(thread_id)])
    troubled = False
    while True:
        try:
            line = session.prompt("\nyou> ", wrap_lines=True).strip()
        except KeyboardInterrupt:
            console.print("Still here. Ctrl-D or /quit leaves; everything is kept.", style="dim")
            continue
        except EOFError:
            break
        if not line:
            continue
        console.print()
        try:
            bar.wait(loading)
            if shelf.trouble and not troubled:
                troubled = True
                console.print(shelf.trouble, style="yellow", markup=False)
            done = (
                run(line, advisor, thread_id)
                if is_command(line)
                else _said(console, advisor, thread_id, line)
            )
            if done.leave:
                break
            if done.reply:
                _show(console, done.reply)
            elif done.show is not None:
                console.print(done.show)
        except KeyboardInterrupt:
            console.print("Stopped. What you said before is kept.", style="dim")
        except (RungError, KnowledgeError) as error:
            console.print(str(error), style="yellow", markup=False)
    console.print(f"Goodbye. Come back with: rung chat --resume {thread_id}", style="dim", markup=False)


def _said(console: Console, advisor: Advisor, thread_id: str, line: str) -> Done:
    """A turn. What a language model writes is shown while it comes in, and makes room for the reply."""
    if not advisor.model_told:
        return Done(reply=advisor.reply(thread_id, line))
    from rich.live import Live
    from rich.text import Text

    with Live(Text("…", style="dim"), console=console, transient=True, refresh_per_second=8) as live:
        return Done(
            reply=advisor.reply(
                thread_id, line, watch=lambda so_far: live.update(Text(so_far or "…", style="dim"))
            )
        )


class _Progress:
    """Shows the index being built, once, the first time something has to wait for it."""

    def __init__(self, console: Console, shelf: Shelf) -> None:
        self._console = console
        self._done, self._total = 0, 0
        shelf.progress = self._advance

    def _advance(self, done: int, total: int) -> None:
        self._done, self._total = done, total

    def wait(self, loading: threading.Thread) -> None:
        """Until everything is loaded; at once when it is."""
        loading.join(0.3)
        if not loading.is_alive():
            return
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (
            TextColumn("Getting ready (the first time builds the search index)"),
            BarColumn(30),
            TextColumn("{task.percentage:>3.0f}%"),
        )
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task("", total=None)
            while loading.is_alive():
                if self._total:
                    progress.update(task, total=self._total, completed=self._done)
                loading.join(0.1)


def _show(console: Console, reply: Reply) -> None:
    for part in reply.parts:
        console.print(screen(part, console.width))


def _prompt(data_dir: Path, threads: Callable[[], list[tuple[str, str]]] = list) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer, Completion, PathCompleter
    from prompt_toolkit.document import Document
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    folders = PathCompleter(only_directories=True, expanduser=True)

    class Commands(Completer):
        """Slash commands, at the start of a line only, and what they take."""

        def get_completions(self, document: Any, complete_event: Any) -> Any:
            typed = document.text_before_cursor
            if typed.startswith("/kit "):
                yield from folders.get_completions(Document(typed.removeprefix("/kit ")), complete_event)
                return
            for text, start, meaning in completions(typed, threads):
                yield Completion(text, start, display_meta=meaning)

    path = data_dir / "history"
    try:
        path.touch(mode=0o600)
        history: Any = FileHistory(str(path))
    except OSError:
        history = InMemoryHistory()
    return PromptSession(history=history, completer=Commands(), complete_while_typing=True)


def is_terminal() -> bool:
    """Is a person at both ends?"""
    return sys.stdin.isatty() and sys.stdout.isatty()
