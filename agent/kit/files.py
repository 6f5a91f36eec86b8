"""Which files a verdict calls for, and their text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from agent.facts import Facts, Slot
from agent.kit import sheets
from agent.kit.case import Case
from agent.kit.page import Page
from agent.recommendation import Recommendation, Sentence
from agent.writing.plain import Claims
from agent.writing.texts import load, slot_name
from knowledge.corpus import Corpus

#: How a blank begins, in every file.
BLANK: Final = "[[ fill in"

_SHEETS: Final[Mapping[str, Callable[[Case], str]]] = {
    "test_cases.csv": sheets.test_cases,
    "retrieval_eval.csv": sheets.retrieval_eval,
    "evaluation.csv": sheets.evaluation,
}


def kit(advice: Recommendation, facts: Facts, corpus: Corpus) -> Mapping[str, str]:
    """The kit for a piece of advice: file name → text, in the order in which to use them.

    `facts` are those the advice was given on.

    Raises:
        UnknownPassage: a template cites what the corpus does not hold.
    """
    case = Case(advice, facts)
    trial = _trial(case, corpus)
    made = {
        name: _SHEETS[name](case) if name in _SHEETS else Page(name, case, corpus).render(trial=trial)
        for name in _names(case)
    }
    readme = Page("README.md", case, corpus).render(
        files={name: purpose(name) for name in made},
        blanks=sum(text.count(BLANK) for text in made.values()),
        unknown=[slot_name(slot).lower() for slot in Slot if slot in facts.declined],
    )
    return {"README.md": readme, **made}


def purpose(name: str) -> str:
    """What a file is for, in a few words."""
    return str(load("kit/files")[name])


def _names(case: Case) -> Iterator[str]:
    """The files besides the README, in the order in which to use them."""
    yield "test_cases.csv"
    if case.stays and case.line != "retrieval_misses":
        yield "experiment.md"
    if case.retrieval_part:
        yield from ("retrieval.md", "retrieval_eval.csv")
    if case.rung != 4 and (not case.stays or case.line == "retrieval_misses" or case.retrieval_part == "use"):
        yield "prompt.md"
    if (case.rung == 2 and not case.stays) or 2 in case.advice.verdict.alongside:
        yield "examples.md"
    if "format" in case.shortfall:
        yield "output.schema.json"
    if case.rung == 4:
        yield "dataset.md"
    if case.rung == 4 or case.blocker == "examples":
        yield "train.example.jsonl"
    if case.rung == 4 or case.line == "cheaper_ways":
        yield "evaluation.csv"


def _trial(case: Case, corpus: Corpus) -> Sentence | None:
    """The one experiment that would tell most about the closed gate; none for a date, which only passes."""
    if not case.blocker or case.blocker == "deadline":
        return None
    name = "knowledge" if case.blocker == "shortfall" else case.blocker
    return Claims(corpus, case.facts)[f"experiment.{name}"][0]
