"""What if: the verdict on the facts as they are, the verdict on the facts supposed, and what lies between them.

Nothing here is recorded: a supposition is worked out from facts and forgotten. What is not known stays unknown and is
taken at its cautious value on both sides, so that the two verdicts differ by what was supposed alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from agent import interview
from agent.facts import Facts, Proposal, Slot, Value
from agent.rubric import RUNGS, Finding, Rung, Verdict

_T = TypeVar("_T")


@dataclass(frozen=True)
class Change:
    """One slot set to a value. `before` is None when it was not known; it may be the same value."""

    slot: Slot
    before: Value | None
    after: Value | None


@dataclass(frozen=True)
class Case:
    """Facts that can be decided, and the verdict on them. `opened` are the slots that nobody has been asked about yet."""

    facts: Facts
    verdict: Verdict
    opened: tuple[Slot, ...]

    @classmethod
    def of(cls, facts: Facts) -> Case:
        """The verdict with whatever is missing taken at its cautious value."""
        settled, opened = interview.settle_now(facts)
        return cls(settled, interview.conclude(settled), opened)

    def reads(self, slot: Slot) -> bool:
        """Did the decision come to this slot? A deadline is looked at last, and only where rung 4 would be given."""
        if slot is Slot.DEADLINE:
            without = self.facts.forget(slot)
            return interview.conclude(without).rung == 4
        return interview.next_slot(self.facts.forget(slot)) is slot


@dataclass(frozen=True)
class Moved:
    """One rung that stands elsewhere on the other side."""

    rung: Rung
    before: Finding
    after: Finding


@dataclass(frozen=True)
class Supposition:
    """The facts now and as supposed, each with its verdict."""

    now: Case
    then: Case
    changes: tuple[Change, ...]

    @classmethod
    def of(cls, facts: Facts, supposed: Iterable[Proposal]) -> Supposition:
        """What these values would change. They replace what was said of their slots, sets included."""
        wanted = {p.slot: p for p in supposed}
        changes = tuple(Change(slot, facts.get(slot), p.value) for slot, p in wanted.items())
        return cls(Case.of(facts), Case.of(facts.merge(wanted.values(), replace=True)), changes)

    @property
    def same(self) -> bool:
        """The advice is the same, and what holds the next rung back."""
        now, then = self.now.verdict, self.then.verdict
        return (now.rung, now.stance, now.line, now.blockers) == (
            then.rung,
            then.stance,
            then.line,
            then.blockers,
        )

    @property
    def moved(self) -> tuple[Moved, ...]:
        """The rungs that stand elsewhere, from the lowest up."""
        return tuple(
            Moved(rung, a, b)
            for rung, a, b in zip(RUNGS, self.now.verdict.findings, self.then.verdict.findings, strict=True)
            if (a.status, a.reason) != (b.status, b.reason)
        )

    @property
    def unread(self) -> tuple[Slot, ...]:
        """What was supposed and plays no part in the verdict then."""
        return tuple(c.slot for c in self.changes if not self.then.reads(c.slot))

    @property
    def gone(self) -> tuple[str, ...]:
        """Mistakes that the supposition takes away."""
        return _without(self.now.verdict.mistakes, self.then.verdict.mistakes)

    @property
    def come(self) -> tuple[str, ...]:
        """Mistakes that it brings."""
        return _without(self.then.verdict.mistakes, self.now.verdict.mistakes)

    @property
    def opened(self) -> tuple[Slot, ...]:
        """Gates of rung 4 that were closed and are open then: what was supposed opens them, or rung 4 is given."""
        supposed = {c.slot for c in self.changes}
        left = _without(self.now.verdict.blockers, self.then.verdict.blockers)
        return tuple(slot for slot in left if self.then.verdict.rung == 4 or slot in supposed)

    @property
    def closed(self) -> tuple[Slot, ...]:
        """The gate that stops rung 4 then and was not what stopped it before."""
        return _without(self.then.verdict.blockers, self.now.verdict.blockers)


def _without(some: Sequence[_T], others: Sequence[_T]) -> tuple[_T, ...]:
    return tuple(x for x in some if x not in others)
