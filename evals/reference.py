"""The rubric once more, written line by line from `agent/RUBRIC.md` and not from `agent/rubric.py`.

The gate holds every question and every verdict against it: two who read the same page must say the same. It gives no
advice; whoever changes the rubric changes its page, its scenarios and this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from agent.facts import Facts, Known, Slot

#: The column "declined as". Of "the set is taken as behaviour" any member of behaviour will do.
CAUTIOUS: Final[dict[str, Any]] = {
    "knowledge": "none", "retrieval": "none", "prompting": "basic", "shortfall": {"consistency"},
    "stability": "evolving", "volume": 0, "success": "undefined", "examples": 0,
}  # fmt: skip
#: A gate of rung 4 is open when this holds of its slot; amounts count by what they are at least.
_OPEN: Final[dict[str, Callable[[Any], bool]]] = {
    "stability": lambda v: v == "stable",
    "success": lambda v: v in ("defined", "measured"),
    "examples": lambda v: v >= 100,
    "volume": lambda v: v >= 1000,
}
#: "A deadline of days": up to two weeks.
DAYS: Final = 14


class Needed(Exception):
    """The line reached needs a slot that is neither known nor declined."""

    def __init__(self, slot: str) -> None:
        super().__init__(slot)
        self.slot = slot


@dataclass
class Case:
    """Facts as the page reads them; `assumed` are the declined slots that it came upon."""

    facts: Facts
    assumed: set[str] = field(default_factory=set)

    def told(self, slot: str) -> Any:
        """The value, or None when it is not known."""
        value = self.facts.get(Slot(slot))
        return value.low if hasattr(value, "low") else value

    def need(self, slot: str) -> Any:
        """The value, the cautious one where it was declined.

        Raises:
            Needed: it is neither known nor declined.
        """
        value = self.told(slot)
        if value is not None:
            return value
        if Slot(slot) not in self.facts.declined:
            raise Needed(slot)
        self.assumed.add(slot)
        return CAUTIOUS[slot]

    def settled(self, slot: str) -> bool:
        return self.told(slot) is not None or Slot(slot) in self.facts.declined


@dataclass(frozen=True)
class Word:
    """What the page says: the rung, the stance, and the gate that closed rung 4 if that is what stopped it."""

    rung: int
    stance: str
    blocker: str = ""


def settle(case: Case) -> Word:
    """The six lines, from the top; the first that settles it wins.

    Raises:
        Needed: the slot to ask next.
    """
    looked_up = ""
    if case.need("knowledge") in ("large", "changing"):  # 1
        looked_up = case.need("retrieval")
        if looked_up == "none":
            return Word(3, "start" if case.told("prompting") in (None, "none") else "climb")
        if looked_up == "misses":
            return Word(3, "stay")
    prompting = case.need("prompting")
    if prompting == "none":  # 2
        return Word(1, "start")
    short = set(case.need("shortfall"))
    in_use = 3 if looked_up == "works" else {"few_shot": 2, "exhausted": 2}.get(prompting, 1)
    if not short:  # 3
        return Word(in_use, "stay")
    if short == {"cost_latency"}:  # 4
        return _gated(case, ["stability", "volume", "success"], in_use)
    if prompting in ("basic", "structured"):  # 5
        return Word({"basic": 1, "structured": 2}[prompting], "climb")
    stay_at = 3 if looked_up else 2  # 6
    if not short & {"format", "style", "quality", "consistency"}:
        return Word(stay_at, "stay", "shortfall")
    resists = prompting == "exhausted"
    return _gated(case, ["stability", "success", "examples", *([] if resists else ["volume"])], stay_at)


def needed(facts: Facts) -> str:
    """The slot that the page needs next; "" when it can be settled."""
    try:
        settle(Case(facts))
    except Needed as missing:
        return missing.slot
    return ""


def supposing(facts: Facts, slot: Slot, value: Any) -> tuple[int, tuple[str, ...]]:
    """The rung with one slot set otherwise, open slots declined, and the slots that were open."""
    changed = Facts(known={**facts.known, slot: Known(value=value)}, declined=facts.declined - {slot})
    open_slots: list[str] = []
    while slot_needed := needed(changed):
        open_slots.append(slot_needed)
        changed = changed.decline(Slot(slot_needed))
    return settle(Case(changed)).rung, tuple(open_slots)


def _gated(case: Case, gates: list[str], otherwise: int) -> Word:
    """Rung 4 if every gate is open and there is time; a gate known to be closed needs no further question."""
    closed = [g for g in gates if case.settled(g) and not _OPEN[g](case.need(g))]
    days = case.told("deadline")
    if not closed and days is not None and days <= DAYS:
        closed = ["deadline"]
    if closed:
        case.need(closed[0]) if closed[0] != "deadline" else None
        return Word(otherwise, "stay", closed[0])
    for gate in gates:
        case.need(gate)
    return Word(4, "climb")
