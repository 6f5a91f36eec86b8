"""A value given by name, as people type it: `volume=20k/day`, `shortfall=format+style`, `stability=stable`.

Used where somebody names the slot: `/what-if` and the columns of a portfolio. Names and labels of the choices are taken,
in small or capital letters, with spaces, hyphens or underscores alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from agent.errors import BadValue
from agent.facts import AMOUNTS, ANY_OF, NOTHING, ONE_OF, RUBRIC_SLOTS, Amount, Proposal, Slot, Value, parse
from agent.reading.amounts import per
from agent.reading.quantities import WINDOWS, quantities
from agent.writing import texts

#: What a what-if may change: all that the decision reads.
SUPPOSABLE: Final = (*RUBRIC_SLOTS, Slot.DEADLINE)

#: Said in place of a value where nobody knows.
UNKNOWN: Final = frozenset({"?", "unknown", "dont_know", "not_known", "not_sure", "n/a", "na", "tbd"})

#: One value of each slot in the way people type it, for usage lines and errors.
TYPED_SO: Final = {
    Slot.VOLUME: "20k/day",
    Slot.EXAMPLES: "2000",
    Slot.DEADLINE: "3 weeks",
}

_ASSIGNED: Final = re.compile(r"(?:^|[\s,;])([A-Za-z][\w-]*)\s*=\s*")
_DAYS: Final = re.compile(
    r"(?:in |about |~)?(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>d|days?|w|weeks?|months?)?\s*", re.IGNORECASE
)
#: "20.000" is twenty or twenty thousand, "1,5" is one and a half or fifteen.
_AMBIGUOUS: Final = re.compile(r"(?<![\d.,])\d{1,3}\.\d{3}(?!\d)|\d,\d{1,2}(?!\d|,)")
_YES_NO: Final = {"yes": True, "true": True, "1": True, "y": True, "no": False, "false": False, "0": False}
_YES_NO_SLOTS: Final = frozenset({Slot.PRIVACY})


def slot_named(name: str, among: Iterable[Slot] = SUPPOSABLE) -> Slot | None:
    """The slot of this name or of this label ("calls a day"); None when there is none."""
    said = _key(name)
    return next((s for s in among if said in (s.value, _key(texts.slot_name(s)))), None)


def assignments(line: str) -> tuple[Proposal, ...]:
    """The values of a line like `volume=20000 stability=stable`.

    Raises:
        BadValue: a name or a value that does not exist, or none at all; what can be typed is listed.
    """
    marks = list(_ASSIGNED.finditer(line))
    if not marks or line[: marks[0].start()].strip():
        raise BadValue(f"That does not name a value. {usage()}")
    ends = [mark.start() for mark in marks[1:]] + [len(line)]
    found: dict[Slot, Proposal] = {}
    for mark, end in zip(marks, ends, strict=True):
        slot = slot_named(mark[1])
        if slot is None:
            raise BadValue(f"There is nothing called “{mark[1]}” to change. {usage()}")
        raw = line[mark.end() : end].strip(" ,;\"'“”")
        found[slot] = Proposal(slot=slot, value=value_of(slot, raw), quote=raw)
    return tuple(found.values())


def value_of(slot: Slot, raw: str) -> Value:
    """The value that was typed for a slot.

    Raises:
        BadValue: it is none of those that the slot takes; they are listed.
    """
    said = raw.strip()
    if slot in ONE_OF:
        value = _one(slot, said, ONE_OF[slot])
        if value is not None:
            return value
    elif slot in ANY_OF:
        members = _members(slot, said)
        if members is not None:
            return members
    elif slot in AMOUNTS:
        amount = _amount(slot, said)
        if amount is not None:
            return amount
    elif slot is Slot.DEADLINE:
        days = _days(said)
        if days is not None:
            return days
    elif slot in _YES_NO_SLOTS:
        if said.lower() in _YES_NO:
            return _YES_NO[said.lower()]
    elif said:
        return parse(slot, said)
    raise BadValue(f"{slot.value} does not take “{raw}”. It takes {takes(slot)}.")


def is_unknown(raw: str) -> bool:
    """Does it say that nobody knows?"""
    return _key(raw) in UNKNOWN


def takes(slot: Slot) -> str:
    """What can be typed for a slot, in a line."""
    if slot in ONE_OF:
        return "one of: " + ", ".join(map(_typed, ONE_OF[slot]))
    if slot in ANY_OF:
        nothing = f", or {NOTHING}" if slot is Slot.SHORTFALL else ""
        return "one or more, joined by +, of: " + ", ".join(map(_typed, ANY_OF[slot])) + nothing
    if slot is Slot.VOLUME:
        return "calls a day, for example 20000, 20k/day, 600k/month, 100-200"
    if slot is Slot.EXAMPLES:
        return "a number of pairs, for example 2000, 2k, 100-200"
    if slot is Slot.DEADLINE:
        return "a time from now, for example 10 days, 3 weeks"
    if slot in _YES_NO_SLOTS:
        return "yes or no"
    return "a number" if slot in (Slot.PROMPT_TOKENS, Slot.OUTPUT_TOKENS) else "a few words"


def usage() -> str:
    """How a what-if is typed, and what there is to change."""
    rows = [f"  {slot.value:10} {takes(slot)}" for slot in SUPPOSABLE]
    return "\n".join(["For example: /what-if volume=20k/day examples=2000", *rows])


def suggestions(slot: Slot) -> Sequence[tuple[str, str]]:
    """Values to offer while a slot's is being typed, each with what it means."""
    if slot in ONE_OF or slot in ANY_OF:
        names = (*ONE_OF.get(slot, ()), *ANY_OF.get(slot, ()), *([NOTHING] if slot is Slot.SHORTFALL else []))
        return [(_typed(n), _meaning(slot, n)) for n in names]
    return [(TYPED_SO[slot].replace(" ", ""), takes(slot))]


def _meaning(slot: Slot, name: str) -> str:
    value: Value = (frozenset() if name == NOTHING else frozenset({name})) if slot in ANY_OF else name
    return texts.plain(slot, value)


def _one(slot: Slot, said: str, names: Sequence[str]) -> str | None:
    """The value of this name, label or plain wording, or the only one that begins so."""
    key = _key(said)
    if not key:
        return None
    for name in names:
        if key == name or key == _key(texts.plain(slot, name)):
            return name
    for choice in texts.question(slot.value).choices if slot in RUBRIC_SLOTS else ():
        if key == _key(choice.label):
            return str(choice.value)
    begun = [name for name in names if len(key) >= 3 and name.startswith(key)]
    return begun[0] if len(begun) == 1 else None


def _members(slot: Slot, said: str) -> frozenset[str] | None:
    """A set's members, joined by + or a comma; None when one of them does not exist."""
    if slot is Slot.SHORTFALL and _key(said) in (NOTHING, "none", "nothing_it_works", "it_works", "works"):
        return frozenset()
    whole = _member(slot, said)
    if whole is not None:
        return frozenset({whole}) - {NOTHING}
    found = [_member(slot, part) for part in re.split(r"\s*(?:[+,;&/]|\band\b)\s*", said) if part]
    return None if not found or None in found else frozenset(m for m in found if m and m != NOTHING)


def _member(slot: Slot, said: str) -> str | None:
    name = _one(slot, said, ANY_OF[slot])
    if name is not None:
        return name
    worded = {
        _key(word): member
        for member in ANY_OF[slot]
        for word in texts.plain(slot, frozenset({member})).split(" or ")
    }
    return worded.get(_key(said))


def _amount(slot: Slot, said: str) -> Amount | None:
    """A number with its window, "a lot" not being one."""
    for choice in texts.question(slot.value).choices:
        if _key(said) == _key(choice.label):
            chosen = texts.typed(slot, choice)
            return chosen if isinstance(chosen, Amount) else None
    if said.startswith("-"):
        return None
    if _AMBIGUOUS.search(said):
        raise BadValue(
            f"{slot.value}: “{said}” can be read in two ways. Write it without a mark, like 20000."
        )
    try:
        plain = parse(slot, said)
        return plain if isinstance(plain, Amount) else None
    except BadValue:
        found = quantities(re.sub(r"(?<=\d)\+$", " or more", said))
    if len(found) != 1 or re.search(r"\d", said[: found[0].start]):
        return None
    rate = found[0].per_day if slot is Slot.VOLUME else None
    return found[0].amount if rate is None else per(rate, found[0].amount)


def _days(said: str) -> float | None:
    match = _DAYS.fullmatch(said)
    if match is None:
        return None
    unit = {"d": "day", "w": "week", "m": "month"}[(match["unit"] or "d")[0].lower()]
    return float(round(float(match["number"]) / WINDOWS[unit]))


def _typed(name: str) -> str:
    """ "few-shot": what is shown for `few_shot`; both are taken."""
    return name.replace("_", "-")


def _key(said: str) -> str:
    """One spelling: small letters, runs of anything else as one underscore."""
    if said.strip() in ("?",):
        return "?"
    return re.sub(r"[^\w/]+", "_", said.strip().lower().replace("'", "").replace("’", "")).strip("_")
