"""What the gate holds every advice against: the rubric read a second time, and faults that it must see."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from agent.facts import Facts, Slot
from agent.interview import conclude, next_slot
from agent.recommendation import Recommendation
from agent.rubric import decide
from agent.writing.plain import write
from evals.invariants import faults
from evals.reference import Case, needed, settle
from knowledge.corpus import Corpus
from tests.test_interview import walks

READY = dict(
    knowledge="none", prompting="few_shot", shortfall=["format"], stability="stable", success="undefined",
)  # fmt: skip


def test_both_readings_of_the_rubric_agree_on_every_walk() -> None:
    seen = 0
    for facts in walks():
        verdict, case = decide(facts), Case(facts)
        word = settle(case)
        blockers = tuple(Slot(b) for b in [word.blocker] if b)
        assert (verdict.rung, verdict.stance, verdict.blockers) == (word.rung, word.stance, blockers), facts
        assert {s.value for s in verdict.assumptions} == case.assumed, facts
        seen += 1
    assert seen > 500


def test_both_readings_ask_for_the_same_next() -> None:
    for facts in islice(walks(), 0, None, 3):
        for slot in [*facts.known, *facts.declined]:
            fewer = facts.forget(slot)
            assert needed(fewer) == (next_slot(fewer) or ""), fewer


def test_sound_advice_has_no_faults(corpus: Corpus) -> None:
    for facts in islice(walks(), 0, None, 11):
        assert faults(write(conclude(facts), facts, corpus), facts) == ()


def changed(given: Recommendation, **verdict: Any) -> Recommendation:
    return given.model_copy(update={"verdict": given.verdict.model_copy(update=verdict)})


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (lambda a: changed(a, rung=4), "not rung 4"),
        (lambda a: changed(a, blockers=(Slot.VOLUME,)), "what closes rung 4 is success"),
        (lambda a: changed(a, do_first=False), "test cases come first"),
        (lambda a: a.model_copy(update={"headline": a.why[0]}), "the headline does not say rung 2"),
        (lambda a: a.model_copy(update={"ladder": a.ladder[::-1]}), "four rungs in order"),
        (lambda a: a.model_copy(update={"notes": a.notes[1:]}), "the note constrained_output is missing"),
        (lambda a: a.model_copy(update={"blockers": ()}), "differ in: blockers"),
        (lambda a: a.model_copy(update={"why": a.blockers}), "why says or cites something else"),
        (lambda a: changed(a, flips=tuple(f.model_copy(update={"rung": 3}) for f in a.verdict.flips)), "not rung 3"),
    ],
)  # fmt: skip
def test_tampered_advice_is_faulted(corpus: Corpus, tamper: Any, told: str) -> None:
    facts = Facts.of(READY)
    given = write(conclude(facts), facts, corpus)
    assert faults(given, facts) == ()
    assert any(told in fault for fault in faults(tamper(given), facts))


def test_a_figure_that_its_citation_does_not_hold_is_a_fault(corpus: Corpus) -> None:
    facts = Facts.of(READY)
    given = write(conclude(facts), facts, corpus)
    wrong = given.why[0].model_copy(update={"text": "It works in 93% of all cases, says Google."})
    found = faults(given.model_copy(update={"why": (wrong,)}), facts)
    assert any("“93%”" in fault for fault in found)
    assert any("“Google”" in fault for fault in found)
