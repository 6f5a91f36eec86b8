"""Reading: a message becomes proposed values, each with the words it rests on, and what the person wants of us."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from agent.facts import Facts, Proposal, Slot


class Intent(StrEnum):
    """What a message mainly does; meanings in `evals/reading/LABELS.md`."""

    ANSWER = "answer"
    QUESTION = "question"
    CORRECTION = "correction"
    DONT_KNOW = "dont_know"
    SKIP = "skip"
    WHY = "why"
    WHAT_IF = "what_if"
    COMPARE = "compare"
    UNDO = "undo"
    RESTART = "restart"
    JUST_TELL_ME = "just_tell_me"
    OTHER = "other"


class Asked(StrEnum):
    """What was asked last, besides a slot."""

    OPENING = "opening"
    CONFIRM = "confirm"
    DONE = "done"


class Reading(BaseModel):
    """One message, read. `supposed` holds the values of a what-if, or of another case: never merged. `yes` is set when the message
    plainly agrees (True) or disagrees (False) with what was asked. `by_model` is set when a language model read it."""

    model_config = ConfigDict(frozen=True)

    intent: Intent
    values: tuple[Proposal, ...] = ()
    supposed: tuple[Proposal, ...] = ()
    question: str = ""
    yes: bool | None = None
    by_model: bool = False


class Reader(Protocol):
    """Reads one message in the light of what was asked and what is known."""

    def read(self, text: str, asked: Slot | Asked, facts: Facts) -> Reading: ...

    def guess(self, text: str, asked: Slot) -> Proposal | None:
        """The likeliest answer to a question asked twice, to be shown as a guess; None when nothing is likely."""
        ...


def grounded(proposals: Sequence[Proposal], text: str) -> tuple[Proposal, ...]:
    """Only the proposals whose quote stands in the message word for word."""
    return tuple(p for p in proposals if p.quote and p.quote in text)
