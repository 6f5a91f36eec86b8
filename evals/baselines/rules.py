"""Two that read the opening alone: the rung that is right most often, and the words people look for."""

from __future__ import annotations

import re
from typing import Final

from agent.rubric import Rung
from evals.scenario import Scenario

#: The first that matches wins. What a hurried consultant listens for, written down once and not tuned.
KEYWORDS: Final[tuple[tuple[re.Pattern[str], Rung], ...]] = (
    (re.compile(r"\b(fine-?\s?tun\w*|train(?:ing|ed)? (?:a|our|the|it)|own model|cost|expensive|slow|bill)\b", re.I), 4),
    (re.compile(r"\b(documents?|docs|pdfs?|wiki|manuals?|knowledge|database|catalogue?|rag|retriev\w*|search|up.to.date)\b", re.I), 3),
    (re.compile(r"\b(examples?|format|json|tone|style|consisten\w*|template)\b", re.I), 2),
)  # fmt: skip


def always_one(scenario: Scenario) -> Rung:
    """A structured prompt, whatever is told."""
    return 1


def keywords(scenario: Scenario) -> Rung:
    """The rung that a word of the opening stands for; a structured prompt when none does."""
    return next((rung for pattern, rung in KEYWORDS if pattern.search(scenario.opening)), 1)
