"""Calibration: is the advice right as often as it sounds? Firm and provisional advice, and smooth and bumpy talks, apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from pydantic import BaseModel, ConfigDict

from agent.writing import texts
from evals.figures import Figure, figure
from evals.simulated_user import Talk


class Group(BaseModel):
    """How often the advice was right in one group of talks; None when none of them has advice and a label."""

    model_config = ConfigDict(frozen=True)

    ground: str
    label: str
    right: Figure | None


def calibration(talks: Sequence[Talk]) -> list[Group]:
    """The share of right advice by what the advice itself admits, and by how well the talk was read."""
    advised = [t for t in talks if t.advice is not None]
    return [
        Group(ground=ground, label=label, right=figure("rung_acceptable", [t for t in advised if belongs(t)]))
        for ground, label, belongs in _GROUPS
    ]


def read_at_once(talk: Talk) -> bool:
    """Every answer was read when it was given."""
    return not guessed(talk) and not put_again(talk)


def put_again(talk: Talk) -> bool:
    """An answer was not read, so its question was put once more."""
    return any(e.again for e in talk.exchanges) or _told(talk, _not_read())


def guessed(talk: Talk) -> bool:
    """The likeliest value, or "don't know", was taken in place of an answer that was not read, and that was said."""
    return _told(talk, _taken())


def _assumed(talk: Talk) -> int:
    return len(talk.advice.assumptions) if talk.advice else 0


def _told(talk: Talk, phrases: tuple[str, ...]) -> bool:
    return any(text.startswith(phrases) for e in talk.exchanges for text in e.told)


@cache
def _not_read() -> tuple[str, ...]:
    return (texts.reply("not_read"),)


@cache
def _taken() -> tuple[str, ...]:
    """How the advisor says that it guessed, up to what it guessed."""
    return texts.reply("taken_as", slot="\0", value="").split("\0")[0], texts.reply("taken_as_unknown")


_GROUPS: Final[Sequence[tuple[str, str, Callable[[Talk], bool]]]] = (
    ("The advice says it is", "firm", lambda t: _assumed(t) == 0),
    ("The advice says it is", "provisional", lambda t: _assumed(t) > 0),
    ("Things it had to assume", "none", lambda t: _assumed(t) == 0),
    ("Things it had to assume", "1", lambda t: _assumed(t) == 1),
    ("Things it had to assume", "2", lambda t: _assumed(t) == 2),
    ("Things it had to assume", "3 or more", lambda t: _assumed(t) >= 3),
    ("The answers were", "read at once", read_at_once),
    ("The answers were", "asked for again", lambda t: put_again(t) and not guessed(t)),
    ("The answers were", "guessed at", guessed),
)  # fmt: skip
