"""The interview stops soundly: proved by enumerating every completion."""

from __future__ import annotations

from collections.abc import Iterator

from agent.facts import RUBRIC_SLOTS, Facts, Slot, Value
from agent.interview import (
    REPRESENTATIVES,
    conclude,
    flips,
    longest,
    next_slot,
    outcomes,
    reachable,
    settle_now,
    suppose,
)
from agent.rubric import decide

#: Every value the rubric can tell apart, and for what falls short the sets that mix.
CHOICES: dict[Slot, tuple[Value, ...]] = {
    **REPRESENTATIVES,
    Slot.SHORTFALL: (
        *REPRESENTATIVES[Slot.SHORTFALL],
        frozenset({"knowledge", "cost_latency"}),
        frozenset({"quality", "cost_latency"}),
    ),
}


EMPTY = Facts()


def walks(facts: Facts = EMPTY, declines: bool = True) -> Iterator[Facts]:
    """Every way through the interview, "don't know" included, to the point where it stops."""
    slot = next_slot(facts)
    if slot is None:
        yield facts
        return
    for value in CHOICES[slot]:
        yield from walks(suppose(facts, slot, value), declines)
    if declines:
        yield from walks(facts.decline(slot), declines)


def completions(facts: Facts) -> Iterator[Facts]:
    """Every full set of answers that agrees with these."""
    unknown = [slot for slot in RUBRIC_SLOTS if slot not in facts.known]
    stack = [(facts, unknown)]
    while stack:
        current, left = stack.pop()
        if not left:
            yield current
            continue
        for value in (CHOICES[left[0]][0], *CHOICES[left[0]][1:]):
            stack.append((suppose(current, left[0], value), left[1:]))


def test_the_interview_stops_soundly() -> None:
    """Once it stops, no answer to any slot it did not ask gives another rung. Declined slots stay declined."""
    stops = checked = 0
    for facts in walks(declines=False):
        stops += 1
        rung = decide(facts).rung
        for full in completions(facts):
            checked += 1
            assert decide(full).rung == rung
    assert stops > 100
    assert checked > 10_000


def test_it_asks_only_what_could_matter() -> None:
    """Whatever is asked, two of its answers can lead to different advice."""
    seen: set[tuple[Slot, ...]] = set()

    def visit(facts: Facts) -> None:
        slot = next_slot(facts)
        if slot is None:
            return
        kinds = {
            tuple(sorted((decide(f).rung, decide(f).line) for f in _ends(suppose(facts, slot, value))))
            for value in CHOICES[slot]
        }
        assert len(kinds) > 1, slot
        seen.add((slot,))
        for value in REPRESENTATIVES[slot]:
            visit(suppose(facts, slot, value))

    visit(Facts())
    assert {s for (s,) in seen} == set(RUBRIC_SLOTS)


def _ends(facts: Facts) -> list[Facts]:
    return list(walks(facts, declines=False))


def test_no_walk_asks_more_than_eight_questions() -> None:
    assert longest(Facts()) == 8
    for facts in walks():
        assert len(facts.known) + len(facts.declined) <= 8


def test_all_dont_know_ends_in_a_provisional_verdict() -> None:
    facts, declined = settle_now(Facts())
    assert len(declined) == 3
    assert conclude(facts).provisional


def test_a_verdict_on_a_declined_slot_is_provisional_and_only_then() -> None:
    for facts in walks():
        assert conclude(facts).provisional == bool(facts.declined)


def test_every_flip_gives_the_rung_it_promises() -> None:
    count = 0
    for facts in walks():
        verdict = decide(facts)
        for flip in flips(facts, verdict):
            count += 1
            settled, then = settle_now(suppose(facts, flip.slot, flip.value))
            assert decide(settled).rung == flip.rung != verdict.rung
            assert then == flip.then
    assert count > 500


def test_reachable_rungs_are_those_of_all_completions() -> None:
    for start in (
        Facts(),
        Facts.of(knowledge="none"),
        Facts.of(knowledge="large"),
        Facts.of(knowledge="none", prompting="few_shot"),
    ):
        assert reachable(start) == {decide(f).rung for f in walks(start, declines=False)}


def test_why_a_question_is_asked_tells_what_each_answer_leaves_open() -> None:
    told = outcomes(Facts.of(knowledge="large"), Slot.RETRIEVAL)
    assert told["none"] == told["misses"] == {3}
    assert 4 in told["works"]
