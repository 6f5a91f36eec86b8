"""A use case named on the command line: the id of a conversation, a description, or `@file` with one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agent.assessment import facts_in
from agent.conversation import State
from agent.errors import BadInput
from agent.facts import Facts
from agent.reading import Reader

if TYPE_CHECKING:
    from agent.sessions import Sessions

#: What a description has at least; fewer words are taken for an id.
FEWEST_WORDS: Final = 3


@dataclass(frozen=True)
class NamedCase:
    """What it is called in an answer, and what is known of it."""

    name: str
    facts: Facts


def find(given: str, letter: str, reader: Callable[[], Reader], sessions: Sessions) -> NamedCase:
    """The use case that was named; `letter` is what a description is called by.

    Raises:
        BadInput: there is no such conversation or file, or nothing in it.
    """
    said = given.strip()
    if said.startswith("@"):
        path = Path(said[1:]).expanduser()
        text = _text(path)
        if not text.strip():
            raise BadInput(f"{path} is empty. It should hold a description of the use case.")
        return NamedCase(path.name, facts_in(text, reader()))
    if not said:
        raise BadInput(f"Use case {letter} is empty. Give a session's id, a description in quotes, or @file.")
    last = sessions.last(said)
    if last is not None:
        return NamedCase(said, State.model_validate_json(last.state).facts)
    if len(re.findall(r"\w+", said)) < FEWEST_WORDS:
        raise BadInput(
            f"There is no session “{said}”. `rung sessions` lists them; a description takes a few words more, "
            "and a file an @ before its name."
        )
    return NamedCase(letter, facts_in(said, reader()))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from error
