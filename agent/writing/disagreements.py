"""Where the sources disagree, told only where it bears on this case: the guide's rule, who sees it otherwise, and what
was measured on either side. The sentences are `prompts/disagreements.yaml`'s, each bound to its passages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from agent.facts import Facts, Slot
from agent.recommendation import Disagreement, Sentence, cited
from agent.rubric import Verdict
from agent.writing.texts import load
from knowledge.corpus import Corpus

#: More than this and the reader loses the thread of the advice.
MOST: Final = 3

#: When a topic bears on the case, the most pressing first.
_BEARS: Final[Mapping[str, Callable[[Verdict, Facts], bool]]] = {
    "facts_by_training": lambda v, f: (
        "knowledge_by_finetuning" in v.mistakes or v.line == "knowledge_gap_only"
    ),
    "how_many_to_train": lambda v, f: Slot.EXAMPLES in v.blockers,
    "volume_needed": lambda v, f: Slot.VOLUME in v.blockers,
    "classify_by_prompt": lambda v, f: v.rung == 4 and "quality" in f.chosen(Slot.SHORTFALL),
    "both_together": lambda v, f: v.rung == 4 and f.get(Slot.RETRIEVAL) in ("works", "misused"),
    "format_by_training": lambda v, f: v.rung == 4 and "format" in f.chosen(Slot.SHORTFALL),
    "style_otherwise": lambda v, f: v.rung != 1 and "style" in f.chosen(Slot.SHORTFALL),
    "whole_document": lambda v, f: v.rung == 3 and v.line == "knowledge_missing",
    "examples_can_hurt": lambda v, f: v.line == "no_examples_yet",
    "order": lambda v, f: v.rung in (3, 4),
}


def disagreements(verdict: Verdict, facts: Facts, corpus: Corpus) -> tuple[Disagreement, ...]:
    """The disagreements that bear on this verdict, at most `MOST`.

    Raises:
        UnknownPassage: one cites what the corpus does not hold.
    """
    told: Mapping[str, Any] = load("disagreements")
    names = [name for name, bears in _BEARS.items() if bears(verdict, facts)][:MOST]
    return tuple(_disagreement(told[name], corpus) for name in names)


def every(corpus: Corpus) -> tuple[Disagreement, ...]:
    """All of them, whatever the case."""
    told: Mapping[str, Any] = load("disagreements")
    return tuple(_disagreement(told[name], corpus) for name in _BEARS)


def _disagreement(row: Mapping[str, Any], corpus: Corpus) -> Disagreement:
    def sentence(one: Mapping[str, Any]) -> Sentence:
        return Sentence(text=one["text"], citations=cited(corpus, one["cites"]))

    return Disagreement(
        topic=row["topic"],
        guide=sentence(row["guide"]),
        others=tuple(map(sentence, row["others"])),
        measured=tuple(map(sentence, row["measured"])),
    )
