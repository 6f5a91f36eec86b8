"""The rubric: every line, gate, note and mistake of agent/RUBRIC.md."""

from __future__ import annotations

from typing import Any

import pytest

from agent.facts import Facts, Proposal, Slot, parse
from agent.interview import conclude, settle_now
from agent.rubric import Missing, decide

GATES_OPEN: dict[str, Any] = dict(
    knowledge="none",
    prompting="few_shot",
    shortfall=["quality"],
    stability="stable",
    success="measured",
    examples=3000,
    volume=40_000,
)
WORKED: list[tuple[str, dict[str, Any], int, str]] = [
    ("4,000 policy PDFs, nothing built", dict(knowledge="large", retrieval="none"), 3, "start"),
    (
        "two-page refund policy, no prompt",
        dict(knowledge="small_static", prompting="none", wants=["facts_trained_in"]),
        1,
        "start",
    ),
    (
        "one-line prompt, tone is off",
        dict(knowledge="none", prompting="basic", shortfall=["style"], volume=50),
        1,
        "climb",
    ),
    (
        "careful prompt, JSON breaks",
        dict(knowledge="none", prompting="structured", shortfall=["format"]),
        2,
        "climb",
    ),
    ("few-shot, settled, all gates open", GATES_OPEN, 4, "climb"),
    ("the same, categories changing", {**GATES_OPEN, "stability": "evolving"}, 2, "stay"),
    (
        "good answers, two million a day, bill hurts",
        dict(
            knowledge="none",
            prompting="structured",
            shortfall=["cost_latency"],
            stability="stable",
            volume=2_000_000,
            success="measured",
        ),
        4,
        "climb",
    ),
    (
        "works fine, boss wants our own model",
        dict(knowledge="none", prompting="structured", shortfall="nothing"),
        1,
        "stay",
    ),
    (
        "RAG finds the page, wrong voice, no examples",
        dict(knowledge="large", retrieval="misused", prompting="structured", shortfall=["style"]),
        2,
        "climb",
    ),
    ("RAG pulls the wrong pages", dict(knowledge="large", retrieval="misses"), 3, "stay"),
]


@pytest.mark.parametrize(("told", "facts", "rung", "stance"), WORKED, ids=[w[0] for w in WORKED])
def test_worked_case(told: str, facts: dict[str, Any], rung: int, stance: str) -> None:
    verdict = conclude(Facts.of(facts))
    assert (verdict.rung, verdict.stance) == (rung, stance)


def test_dont_know_to_everything_is_a_provisional_first_rung() -> None:
    facts, declined = settle_now(Facts())
    verdict = conclude(facts)
    assert (verdict.rung, verdict.provisional) == (1, True)
    assert declined == (Slot.KNOWLEDGE, Slot.PROMPTING, Slot.SHORTFALL)


@pytest.mark.parametrize(
    ("change", "blocker"),
    [
        (dict(stability="varied"), Slot.STABILITY),
        (dict(success="undefined"), Slot.SUCCESS),
        (dict(examples=99), Slot.EXAMPLES),
        (dict(volume=999), Slot.VOLUME),
        (dict(volume=[500, 2000]), Slot.VOLUME),
        (dict(deadline=5), Slot.DEADLINE),
    ],
)
def test_each_gate_closes_rung_four_alone(change: dict[str, Any], blocker: Slot) -> None:
    verdict = decide(Facts.of({**GATES_OPEN, **change}))
    assert (verdict.rung, verdict.stance, verdict.blockers) == (2, "stay", (blocker,))
    assert verdict.findings[3].status == "blocked"


def test_gates_are_read_in_their_order() -> None:
    verdict = decide(
        Facts.of({**GATES_OPEN, "stability": "evolving", "success": "undefined", "examples": 0, "volume": 1})
    )
    assert verdict.blockers == (Slot.STABILITY,)


def test_exhausted_prompting_opens_the_volume_gate_without_asking() -> None:
    facts = {**GATES_OPEN, "prompting": "exhausted"}
    del facts["volume"]
    assert decide(Facts.of(facts)).rung == 4


def test_a_closed_gate_stays_at_three_where_retrieval_carries_the_knowledge() -> None:
    verdict = decide(Facts.of({**GATES_OPEN, "knowledge": "changing", "retrieval": "works", "examples": 0}))
    assert (verdict.rung, verdict.stance) == (3, "stay")


def test_fine_tuning_is_never_given_for_a_knowledge_gap_alone() -> None:
    verdict = decide(Facts.of({**GATES_OPEN, "shortfall": ["knowledge"]}))
    assert (verdict.rung, verdict.stance, verdict.blockers) == (2, "stay", (Slot.SHORTFALL,))


@pytest.mark.parametrize(
    ("prompting", "retrieval", "rung"),
    [("basic", None, 1), ("few_shot", None, 2), ("structured", "works", 3)],
)
def test_what_works_stays_at_the_highest_rung_in_use(
    prompting: str, retrieval: str | None, rung: int
) -> None:
    knowledge = dict(knowledge="large", retrieval=retrieval) if retrieval else dict(knowledge="none")
    verdict = decide(Facts.of(**knowledge, prompting=prompting, shortfall="nothing"))
    assert (verdict.rung, verdict.stance) == (rung, "stay")


def test_examples_are_not_asked_where_only_cost_falls_short() -> None:
    facts = Facts.of(
        knowledge="none",
        prompting="few_shot",
        shortfall=["cost_latency"],
        stability="stable",
        volume=5000,
        success="defined",
    )
    assert decide(facts).rung == 4


def test_a_slot_is_asked_only_when_its_line_is_reached() -> None:
    asked: list[Slot] = []
    facts = Facts()
    for slot, value in [
        ("knowledge", "large"),
        ("retrieval", "works"),
        ("prompting", "few_shot"),
        ("shortfall", ["style"]),
        ("stability", "stable"),
        ("success", "defined"),
        ("examples", 500),
        ("volume", 9000),
    ]:
        with pytest.raises(Missing) as missing:
            decide(facts)
        asked.append(missing.value.slot)
        facts = facts.merge([Proposal(slot=Slot(slot), value=parse(Slot(slot), value), quote="said")])
    assert [s.value for s in asked] == [
        "knowledge",
        "retrieval",
        "prompting",
        "shortfall",
        "stability",
        "success",
        "examples",
        "volume",
    ]
    assert decide(facts).rung == 4


@pytest.mark.parametrize(
    ("facts", "mistake"),
    [
        (
            dict(knowledge="small_static", prompting="none", wants=["facts_trained_in"]),
            "knowledge_by_finetuning",
        ),
        (
            dict(knowledge="none", prompting="basic", shortfall=["style"], wants=["finetuning"]),
            "finetune_before_prompting",
        ),
        ({**GATES_OPEN, "examples": 0, "wants": ["quick_training"]}, "dataset_cost_underestimated"),
        ({**GATES_OPEN, "stability": "evolving", "wants": ["finetuning"]}, "behaviour_still_changing"),
    ],
)
def test_each_common_mistake_is_named_when_they_head_for_it(facts: dict[str, Any], mistake: str) -> None:
    assert mistake in decide(Facts.of(facts)).mistakes
    without = {k: v for k, v in facts.items() if k != "wants"}
    assert mistake not in decide(Facts.of(without)).mistakes


def test_no_mistake_is_named_where_fine_tuning_is_the_advice() -> None:
    assert decide(Facts.of({**GATES_OPEN, "wants": ["finetuning"]})).mistakes == ()


@pytest.mark.parametrize(
    ("facts", "note"),
    [
        (dict(knowledge="none", prompting="structured", shortfall=["format"]), "constrained_output"),
        (dict(knowledge="none", prompting="structured", shortfall="nothing", prompt_tokens=3000), "caching"),
        (GATES_OPEN, "availability"),
        (dict(knowledge="small_static", prompting="none"), "fits_in_context"),
        (dict(knowledge="large", retrieval="misses"), "repair_retrieval"),
        (dict(knowledge="large", retrieval="none"), "two_axes"),
        (dict(knowledge="none", prompting="basic", shortfall=["quality"]), "reasoning"),
        (dict(knowledge="none", prompting="none", needs=["actions"]), "tools"),
        (dict(knowledge="none", prompting="structured", shortfall=["style"]), "how_many_examples"),
    ],
)
def test_each_note_is_told_when_it_applies(facts: dict[str, Any], note: str) -> None:
    assert note in decide(Facts.of(facts)).notes


def test_retrieval_carries_a_structured_prompt_and_examples_where_form_falls_short() -> None:
    assert decide(Facts.of(knowledge="large", retrieval="none")).alongside == (1,)
    assert decide(Facts.of(knowledge="large", retrieval="none", shortfall=["style"])).alongside == (1, 2)


def test_no_success_criterion_asks_for_test_cases_first() -> None:
    assert decide(Facts.of(knowledge="none", prompting="none", success="undefined")).do_first
    assert not decide(Facts.of(knowledge="none", prompting="none", success="measured")).do_first
