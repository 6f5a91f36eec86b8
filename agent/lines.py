"""Conversation by lines: for pipes and programs. One message a line in; plain text or one JSON event a line out.

The JSON events are `question`, `reply`, `recommendation`, `notice` and `error`; their schema is `rung schema`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from agent.advisor import Advisor
from agent.conversation import Reply
from agent.errors import BadInput, RungError
from agent.render import screen
from agent.slash import Done, is_command, run
from knowledge.errors import KnowledgeError


def converse_jsonl(advisor: Advisor, thread_id: str, lines: Iterable[str], out: TextIO) -> None:
    """Events for a program: the first is the open question; an unusable line gives an `error` and changes nothing."""
    _emit(
        advisor.open(thread_id), out
    )  # the first event stays the question; which model is used, `rung doctor` says
    for line in lines:
        try:
            text = _message(line)
            if text is not None:
                _emit(advisor.reply(thread_id, text), out)
        except (RungError, KnowledgeError) as error:
            _write(json.dumps({"type": "error", "text": str(error)}, ensure_ascii=False), out)


def converse_plain(advisor: Advisor, thread_id: str, lines: Iterable[str], out: TextIO) -> None:
    """The same as plain text, without escape codes."""
    from rich.console import Console

    console = Console(
        file=out,
        no_color=True,
        force_terminal=False,
        color_system=None,
        width=80,
        highlight=False,
        emoji=False,
    )

    def show(reply: Reply) -> None:
        for part in reply.parts:
            console.print(screen(part, 80))
        out.flush()

    if advisor.model_told:
        console.print(advisor.model_told, markup=False)
    show(advisor.open(thread_id))
    for line in lines:
        text = line.rstrip("\n")
        if not text.strip():
            continue
        console.print()
        try:
            done = (
                run(text, advisor, thread_id)
                if is_command(text)
                else Done(reply=advisor.reply(thread_id, text))
            )
        except (RungError, KnowledgeError) as error:
            console.print(str(error), markup=False)
            continue
        if done.leave:
            return
        if done.reply:
            show(done.reply)
        elif done.show is not None:
            console.print(done.show)


def stdin_lines() -> Iterator[str]:
    """Standard input line by line, whatever its bytes: what is not UTF-8 is replaced, never fatal."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", errors="replace")


def _message(line: str) -> str | None:
    """The message of one line; None for a blank one."""
    line = line.strip()
    if not line:
        return None
    if not line.startswith("{"):
        return line
    try:
        value = json.loads(line)
    except ValueError:
        return line  # a person may begin a sentence with a brace
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return str(value["text"])
    raise BadInput('A JSON line needs a "text" with the message: {"text": "…"}. Plain text works as well.')


def _emit(reply: Reply, out: TextIO) -> None:
    for part in reply.parts:
        _write(part.model_dump_json(), out)


def _write(line: str, out: TextIO) -> None:
    out.write(line + "\n")
    out.flush()
