"""Advice in one go, on a description alone; nothing is asked and nothing is recorded."""

from __future__ import annotations

from agent import interview
from agent.advisor import Library, clean, with_task
from agent.facts import Facts, Slot
from agent.reading import Asked, Reader
from agent.recommendation import Recommendation
from agent.writing.plain import write


def assess(text: str, reader: Reader, library: Library) -> tuple[Recommendation, tuple[Slot, ...]]:
    """The recommendation, and the slots the description left open: assumed at their cautious values."""
    settled, missing = interview.settle_now(facts_in(text, reader))
    return write(interview.conclude(settled), settled, library.corpus, library.search), missing


def facts_in(text: str, reader: Reader) -> Facts:
    """What a description states."""
    said, _ = clean(text)
    return with_task(Facts().merge(reader.read(said, Asked.OPENING, Facts()).values), said)
