"""Prose without a model: every sentence is a reviewed claim of `prompts/claims.yaml`, bound to its passages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from agent.facts import AMOUNTS, Amount, Facts, Slot
from agent.interview import label
from agent.recommendation import Citation, Note, Recommendation, Sentence, Step, check, cited
from agent.rubric import NAMES, Flip, Verdict
from agent.writing.disagreements import disagreements
from agent.writing.money import cost
from agent.writing.platforms import platforms
from agent.writing.texts import load, plain, understood
from knowledge.corpus import Corpus

if TYPE_CHECKING:  # NumPy is not light; the front end shows the first question without it
    from knowledge.search import Search

#: How many passages are added for the case at hand, and how many flips are told.
FURTHER: Final = 3
FLIPS: Final = 6

#: Which next steps go with each rubric line.
_NEXT: Final[Mapping[str, tuple[str, ...]]] = {
    "knowledge_missing": ("next.3.build",),
    "retrieval_misses": ("next.3.repair",),
    "no_prompt": ("next.1",),
    "basic_prompt": ("next.1",),
    "no_examples_yet": ("next.2",),
    "works": ("next.works",),
    "cheaper_ways": ("next.cost",),
    "knowledge_gap_only": ("next.blocked",),
    "gate_closed": ("next.blocked",),
    "distil": ("next.cost", "next.4"),  # the cheaper ways first
    "gates_open": ("next.4",),
}


def _next(verdict: Verdict) -> tuple[str, ...]:
    if verdict.line == "knowledge_gap_only" and verdict.rung == 3:
        return ("next.3.repair",)
    return _NEXT[verdict.line]


def write(
    verdict: Verdict, facts: Facts, corpus: Corpus, search: Search | None = None, today: date | None = None
) -> Recommendation:
    """The recommendation for a verdict: claims, their citations, and passages retrieved for this case.

    `today` is the date that ages are reckoned from.

    Raises:
        UnknownPassage: a claim cites what the corpus does not hold; the digest it needs is named.
        KnowledgeError: the table of platforms cannot be used.
    """
    today = today or date.today()
    claims = Claims(corpus, facts)
    cautious = verdict.assumptions[:1]
    recommendation = Recommendation(
        verdict=verdict,
        provisional=verdict.provisional,
        headline=claims[assuming(f"headline.{verdict.rung}.{verdict.stance}", verdict)][0],
        why=claims[assuming(f"line.{verdict.line}", verdict)],
        ladder=tuple(
            Step(rung=f.rung, name=NAMES[f.rung], status=f.status, why=claims[f"finding.{f.reason}"][0])
            for f in verdict.findings
        ),
        mistakes=claims.all(f"mistake.{m}" for m in verdict.mistakes),
        do_first=claims["do_first"] if verdict.do_first else (),
        blockers=claims.all(f"blocker.{slot.value}" for slot in verdict.blockers),
        alongside=claims.all(f"alongside.{rung}" for rung in verdict.alongside),
        next_steps=claims.all(_next(verdict)),
        notes=tuple(Note(name=n, sentences=claims[f"note.{n}"]) for n in verdict.notes),
        availability=platforms(verdict, facts, corpus, today),
        cost=cost(verdict.rung, facts, corpus, today),
        disagreements=disagreements(verdict, facts, corpus),
        assumptions=claims.all(f"assumption.{slot.value}" for slot in verdict.assumptions),
        experiment=claims.all(f"experiment.{slot.value}" for slot in cautious),
        flips=tuple(claims.flip(flip) for flip in verdict.flips[:FLIPS]),
        understood=understood(facts),
        corpus=corpus.digest,
    )
    recommendation = recommendation.model_copy(update={"further": _further(recommendation, facts, search)})
    check(recommendation, corpus)
    return recommendation


class Claims:
    """The claims of one corpus, filled with one person's figures."""

    def __init__(self, corpus: Corpus, facts: Facts) -> None:
        self._corpus = corpus
        self._facts = facts
        self._figures = {slot.value: _figure(facts, slot) for slot in (*AMOUNTS, Slot.DEADLINE)}

    def __getitem__(self, key: str) -> tuple[Sentence, ...]:
        return tuple(
            Sentence(text=row["text"].format(**self._figures), citations=cited(self._corpus, row["cites"]))
            for row in _rows()[self._fitting(key)]
        )

    def _fitting(self, key: str) -> str:
        """The claim's name, or that of its version for a value that is known of this person."""
        fits = (
            name
            for name, slot, value in _versions().get(key, ())
            if (known := self._facts.get(slot)) is not None and label(slot, known) == value
        )
        return next(fits, key)

    def all(self, keys: Iterable[str]) -> tuple[Sentence, ...]:
        return tuple(sentence for key in keys for sentence in self[key])

    def flip(self, flip: Flip) -> Sentence:
        """ "If …, the advice would be rung 3, retrieval." """
        condition = self[f"flip.{flip.slot.value}.{label(flip.slot, flip.value)}"][0]
        leads = "the advice could become" if flip.then else "the advice would be"
        return Sentence(
            text=f"If {condition.text}, {leads} rung {flip.rung}, {NAMES[flip.rung]}.",
            citations=condition.citations,
        )


def assuming(key: str, verdict: Verdict) -> str:
    """The claim's name, or that of its version which tells no assumption as a fact, where one was made and there is one."""
    other = (f"{key}.assuming.{slot.value}" for slot in verdict.assumptions)
    return next((name for name in other if name in _rows()), key)


def keys() -> list[str]:
    """The names of all claims."""
    return list(_rows())


@lru_cache(maxsize=1)
def _rows() -> Mapping[str, list[dict[str, Any]]]:
    rows: Mapping[str, list[dict[str, Any]]] = load("claims")
    return rows


@lru_cache(maxsize=1)
def _versions() -> Mapping[str, list[tuple[str, Slot, str]]]:
    """For a claim its versions, each with the slot and the value that it is for."""
    found: dict[str, list[tuple[str, Slot, str]]] = {}
    for name in _rows():
        key, when, fact = name.partition(".when.")
        if when:
            slot, _, value = fact.partition(".")
            found.setdefault(key, []).append((name, Slot(slot), value))
    return found


def _figure(facts: Facts, slot: Slot) -> str:
    value = facts.get(slot)
    return str(value) if isinstance(value, Amount) else plain(slot, value) if value is not None else "unknown"


def _further(recommendation: Recommendation, facts: Facts, search: Search | None) -> tuple[Citation, ...]:
    """Passages that fit this case and are not cited yet: found by what it is for, what falls short, and the rung."""
    if search is None:
        return ()
    verdict = recommendation.verdict
    parts = [str(facts.get(Slot.TASK) or "")[:200], NAMES[verdict.rung]]
    parts += [plain(Slot.SHORTFALL, frozenset({s})) for s in sorted(facts.chosen(Slot.SHORTFALL))]
    used = {c.passage_id for c in recommendation.citations()}
    fresh = [hit for hit in search.search(" ".join(parts), count=20) if hit.passage.id not in used]
    return tuple(Citation.of(hit.passage, hit.point) for hit in fresh[:FURTHER])
