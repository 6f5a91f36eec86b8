"""What it would take to get to a rung: the fewest changes of the facts that give it, found by asking the rubric itself.

The rubric reads one slot at a time. At each slot the answer is what holds today, which costs nothing, or another that could
come to hold, which costs one change; the cheapest walks that end at the rung are the ways to it. A slot that the rubric
does not come to is never changed, so no way is longer than it must be.

Only what could come to pass is supposed. What was tried stays tried, what was written down stays written, pairs do not
vanish, and a need or a fault that is known is not wished away: see `could_become`.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from agent.facts import ANY_OF, ONE_OF, RUBRIC_SLOTS, Amount, Facts, Slot, Value
from agent.interview import REPRESENTATIVES, next_slot, settle_now, suppose
from agent.rubric import DECLINED_AS, SHORT_DEADLINE, Rung, decide
from agent.supposition import Change

#: A deadline that leaves time to train, in days.
ROOMY_DEADLINE: Final = 60.0
#: How many other ways, just as short, are told beside the first.
OTHERS: Final = 2
#: What a team can bring about itself; the rest has to turn out so.
IN_THEIR_HANDS: Final = frozenset(
    {Slot.RETRIEVAL, Slot.PROMPTING, Slot.STABILITY, Slot.SUCCESS, Slot.EXAMPLES, Slot.DEADLINE}
)


@dataclass(frozen=True)
class Gate:
    """One thing the rung hangs on: its value today, and the value it needs where that is another.

    `known` is False where today's value is only assumed.
    """

    slot: Slot
    today: Value | None
    needs: Value | None
    known: bool

    @property
    def is_open(self) -> bool:
        return self.needs is None


@dataclass(frozen=True)
class Way:
    """Changes that together give the rung, and everything it hangs on, in the order in which the rubric reads it."""

    rung: Rung
    changes: tuple[Change, ...]
    gates: tuple[Gate, ...]


def could_become(slot: Slot, facts: Facts) -> tuple[Value, ...]:
    """Values that a slot could come to have, nearest first. What is not known could turn out to be anything else."""
    today = facts.get(slot)
    if slot is Slot.DEADLINE:
        return (ROOMY_DEADLINE,) if isinstance(today, float) and today <= SHORT_DEADLINE else ()
    # Nobody heads for right pages that are used wrongly.
    values = tuple(v for v in REPRESENTATIVES[slot] if (slot, v) != (Slot.RETRIEVAL, "misused") or v == today)
    if today is None:
        return tuple(v for v in values if v != DECLINED_AS[slot])
    if slot is Slot.STABILITY:
        return tuple(v for v in values if v == "stable" != today)
    if slot in ONE_OF:  # these scales only go up
        return values[values.index(today) + 1 :]
    if isinstance(today, Amount):
        return tuple(v for v in values if isinstance(v, Amount) and v.low > today.low)
    if isinstance(today, frozenset):  # more may fall short; what does is not unseen
        wider = (today | v for v in values if isinstance(v, frozenset) and not v <= today)
        return tuple(sorted(set(wider), key=lambda v: (len(v), sorted(v))))
    return ()


def ways(facts: Facts, rung: Rung) -> tuple[Way, ...]:
    """The shortest ways to a rung, one for each set of slots they change, the best first: those that leave the prompt
    alone, then what is in the team's own hands, then the smallest steps.

    Empty when no change of these facts would give it; one way without changes when it is the advice already.
    """
    today, _ = settle_now(facts)
    found: list[Way] = []
    for changes, changed in _cheapest_first(today):
        if found and len(changes) > len(found[0].changes):
            break
        if decide(changed).rung == rung:
            found.append(Way(rung, changes, _gates(today, changed, changes)))
    easiest: dict[frozenset[Slot], Way] = {}
    for way in sorted(found, key=lambda way: _effort(way, today)):
        easiest.setdefault(frozenset(c.slot for c in way.changes), way)
    return tuple(easiest.values())


def _cheapest_first(today: Facts) -> Iterator[tuple[tuple[Change, ...], Facts]]:
    """Every end of the rubric, with the changes that lead there, fewest changes first."""
    turn = count()  # keeps the order of equals, and facts out of the comparison
    start = Facts(known={s: k for s, k in today.known.items() if s not in RUBRIC_SLOTS})
    waiting: list[tuple[int, int, tuple[Change, ...], Facts]] = [(0, next(turn), (), start)]
    for days in could_become(Slot.DEADLINE, today):
        change = Change(Slot.DEADLINE, today.get(Slot.DEADLINE), days)
        heapq.heappush(waiting, (1, next(turn), (change,), suppose(start, Slot.DEADLINE, days)))
    while waiting:
        cost, _, changes, facts = heapq.heappop(waiting)
        slot = next_slot(facts)
        if slot is None:
            yield changes, facts
            continue
        kept = today.known.get(slot)
        same = facts.decline(slot) if kept is None else suppose(facts, slot, kept.value)
        heapq.heappush(waiting, (cost, next(turn), changes, same))
        for value in could_become(slot, today):
            change = Change(slot, today.get(slot), value)
            other = suppose(facts, slot, value)
            heapq.heappush(waiting, (cost + 1, next(turn), (*changes, change), other))


def _gates(today: Facts, changed: Facts, changes: Sequence[Change]) -> tuple[Gate, ...]:
    """What the rubric read on this way, in its order; a deadline last, where it was in the way."""
    needs = {c.slot: c.after for c in changes}
    gates: list[Gate] = []
    facts = Facts(known={s: k for s, k in changed.known.items() if s not in RUBRIC_SLOTS})
    while (slot := next_slot(facts)) is not None:
        gates.append(_gate(slot, today, needs.get(slot)))
        value = changed.get(slot)
        facts = facts.decline(slot) if value is None else suppose(facts, slot, value)
    if Slot.DEADLINE in needs:
        gates.append(_gate(Slot.DEADLINE, today, needs[Slot.DEADLINE]))
    return tuple(gates)


def _gate(slot: Slot, today: Facts, needs: Value | None) -> Gate:
    known = slot in today.known
    return Gate(slot, today.get(slot) if known else DECLINED_AS[slot], needs, known)


def _effort(way: Way, today: Facts) -> tuple[bool, int, int]:
    """Ways that leave the prompt alone first, then those in their own hands, then the smallest steps."""
    slots = {c.slot for c in way.changes}
    outside = sum(slot not in IN_THEIR_HANDS for slot in slots)
    return Slot.PROMPTING in slots, outside, sum(_steps(c, today) for c in way.changes)


def _steps(change: Change, today: Facts) -> int:
    """How far along its scale a value moves."""
    values = REPRESENTATIVES.get(change.slot, ())
    before = today.get(change.slot) or DECLINED_AS.get(change.slot)
    if change.slot in ANY_OF or before not in values or change.after not in values:
        return 1
    return abs(values.index(change.after) - values.index(before))
