"""The interview around the rubric: what to ask next, what could still come out, what would change it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from agent.facts import ONE_OF, RUBRIC_SLOTS, Amount, Facts, Known, Slot, Value
from agent.rubric import ENOUGH_EXAMPLES, HIGH_VOLUME, RUNGS, Flip, Missing, Rung, Verdict, decide

#: Values that stand for all that the rubric can tell apart, slot by slot, nearest neighbours side by side.
REPRESENTATIVES: Final[dict[Slot, tuple[Value, ...]]] = {
    **ONE_OF,
    Slot.SHORTFALL: (
        frozenset[str](),
        frozenset({"cost_latency"}),
        frozenset({"knowledge"}),
        frozenset({"consistency"}),
        frozenset({"format"}),
    ),
    Slot.VOLUME: (Amount.exactly(50), Amount.exactly(HIGH_VOLUME)),
    Slot.EXAMPLES: (Amount.exactly(0), Amount.exactly(ENOUGH_EXAMPLES)),
}


def next_slot(facts: Facts) -> Slot | None:
    """The slot to ask next; None when no answer could change the verdict any more."""
    try:
        decide(facts)
    except Missing as missing:
        return missing.slot
    return None


def conclude(facts: Facts) -> Verdict:
    """The verdict with its flips. Raises `Missing` like `decide`."""
    verdict = decide(facts)
    return verdict.model_copy(update={"flips": flips(facts, verdict)})


def settle_now(facts: Facts) -> tuple[Facts, tuple[Slot, ...]]:
    """Decline whatever is still missing, for "just tell me" and one-shot use.

    Returns the facts that can be decided, and the slots declined on the person's behalf, in the order of asking.
    """
    given_up: list[Slot] = []
    while (slot := next_slot(facts)) is not None:
        facts = facts.decline(slot)
        given_up.append(slot)
    return facts, tuple(given_up)


def suppose(facts: Facts, slot: Slot, value: Value) -> Facts:
    """The facts with one slot set to another value."""
    known = {**facts.known, slot: Known(value=value)}
    return Facts(known=known, declined=facts.declined - {slot})


def reachable(facts: Facts) -> frozenset[Rung]:
    """Every rung that some answers to the open questions could still lead to."""
    return _reachable(_key(facts))


def outcomes(facts: Facts, slot: Slot) -> dict[str, frozenset[Rung]]:
    """For each answer to a question, by its label, the rungs it leaves open: why the question is asked."""
    return {label(slot, value): reachable(suppose(facts, slot, value)) for value in REPRESENTATIVES[slot]}


def flips(facts: Facts, verdict: Verdict) -> tuple[Flip, ...]:
    """For each slot that the decision read, the nearest value that gives each other rung."""
    found: list[Flip] = []
    for slot in RUBRIC_SLOTS:
        if slot not in facts.known and slot not in facts.declined:
            continue
        if not _matters(facts, slot):
            continue
        taken = {verdict.rung}
        for value in _nearest_first(slot, facts):
            supposed = suppose(facts, slot, value)
            settled, then = settle_now(supposed)
            rung = decide(settled).rung
            if rung not in taken:
                taken.add(rung)
                found.append(Flip(slot=slot, value=value, rung=rung, then=then))
    # Certain ones first; how far the prompt was taken last, since nobody takes that back.
    return tuple(sorted(found, key=lambda flip: (len(flip.then), flip.slot is Slot.PROMPTING)))


def label(slot: Slot, value: Value) -> str:
    """A short stable name of a representative value: "few_shot", "nothing", "1,000"."""
    if isinstance(value, frozenset):
        return "+".join(sorted(value)) or "nothing"
    return str(value)


def _matters(facts: Facts, slot: Slot) -> bool:
    """Did the decision read this slot? It would ask for it if it were not known."""
    return next_slot(facts.forget(slot)) is slot


def _nearest_first(slot: Slot, facts: Facts) -> Sequence[Value]:
    """Other values of a slot, the smallest change first: fewest members changed, or fewest steps along the scale."""
    values = REPRESENTATIVES[slot]
    current = facts.get(slot)
    if isinstance(current, frozenset):
        others: Iterable[Value] = (v for v in values if v != current)
        return sorted(others, key=lambda v: len(current ^ v) if isinstance(v, frozenset) else 0)
    if isinstance(current, Amount) or current not in values:
        return values
    here = values.index(current)
    return sorted((v for v in values if v != current), key=lambda v: abs(values.index(v) - here))


_Key = tuple[tuple[tuple[Slot, Value], ...], frozenset[Slot]]


def _key(facts: Facts) -> _Key:
    kept = tuple((s, facts.known[s].value) for s in (*RUBRIC_SLOTS, Slot.DEADLINE) if s in facts.known)
    return kept, facts.declined


@lru_cache(maxsize=4096)
def _reachable(key: _Key) -> frozenset[Rung]:
    known, declined = key
    facts = Facts(known={slot: Known(value=value) for slot, value in known}, declined=declined)
    try:
        return frozenset({decide(facts).rung})
    except Missing as missing:
        rungs: set[Rung] = set()
        for value in REPRESENTATIVES[missing.slot]:
            rungs |= reachable(suppose(facts, missing.slot, value))
            if len(rungs) == len(RUNGS):
                break
        return frozenset(rungs)


def longest(facts: Facts) -> int:
    """How many questions could still be asked, at most, along any line of answers."""
    return _longest(_key(facts))


@lru_cache(maxsize=4096)
def _longest(key: _Key) -> int:
    known, declined = key
    facts = Facts(known={slot: Known(value=value) for slot, value in known}, declined=declined)
    slot = next_slot(facts)
    if slot is None:
        return 0
    return 1 + max(longest(suppose(facts, slot, value)) for value in REPRESENTATIVES[slot])
