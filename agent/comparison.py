"""Two use cases side by side: where they differ, and which of these differences make the verdicts differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from agent.facts import RUBRIC_SLOTS, Facts, Slot
from agent.interview import settle_now
from agent.rubric import decide
from agent.supposition import Case

#: What is compared: all that the rubric may read, volunteered facts included.
COMPARED = (*RUBRIC_SLOTS, Slot.DEADLINE, Slot.WANTS, Slot.NEEDS, Slot.PRIVACY, Slot.PROMPT_TOKENS)


@dataclass(frozen=True)
class Comparison:
    """Two cases. `makes_a_like_b` are the smallest sets of slots which, taken from B, give A the rung of B."""

    a: Case
    b: Case
    differ: tuple[Slot, ...]
    makes_a_like_b: tuple[tuple[Slot, ...], ...]
    makes_b_like_a: tuple[tuple[Slot, ...], ...]

    @property
    def same_rung(self) -> bool:
        return self.a.verdict.rung == self.b.verdict.rung


def compare(a: Facts, b: Facts) -> Comparison:
    """The two verdicts and what lies between them; what is not known is assumed on either side."""
    first, second = Case.of(a), Case.of(b)
    differ = tuple(s for s in COMPARED if a.get(s) != b.get(s))
    return Comparison(
        first, second, differ, _exchanges(first, second, differ), _exchanges(second, first, differ)
    )


def _exchanges(of: Case, other: Case, differ: Iterable[Slot]) -> tuple[tuple[Slot, ...], ...]:
    """The smallest sets of slots whose exchange turns one verdict into the other's rung; none where they agree."""
    if of.verdict.rung == other.verdict.rung:
        return ()
    read = [s for s in differ if s in RUBRIC_SLOTS or s is Slot.DEADLINE]
    for size in range(1, len(read) + 1):
        found = tuple(
            slots
            for slots in combinations(read, size)
            if decide(settle_now(exchanged(of.facts, other.facts, slots))[0]).rung == other.verdict.rung
        )
        if found:
            return found
    return ()


def exchanged(facts: Facts, other: Facts, slots: Iterable[Slot]) -> Facts:
    """The facts with some slots as they are in others, unknown ones included."""
    known, declined = dict(facts.known), set(facts.declined)
    for slot in slots:
        known.pop(slot, None)
        declined.discard(slot)
        if slot in other.known:
            known[slot] = other.known[slot]
        elif slot in RUBRIC_SLOTS:
            declined.add(slot)
    return Facts(known=known, declined=frozenset(declined))
