"""A picked choice: its number, several numbers, its label, or its value, for the question just asked."""

from __future__ import annotations

import re
from typing import Final

from agent.facts import Proposal, Slot, Value
from agent.reading.repairs import repaired
from agent.writing.texts import Choice, question, typed


def picked(text: str, slot: Slot) -> Proposal | None:
    """The value picked by a message that is nothing but a choice; None when it is anything else.

    A bare number is a number of calls or examples where one is asked for, unless it could only be a choice's.
    """
    asked = question(slot.value)
    said = _core(text)
    if not said:
        return None
    for choice in asked.choices:
        if said in (str(choice.value).lower(), choice.label.lower()):
            return _proposal(slot, [choice], text)
    numbers = _numbers(said, len(asked.choices), several=asked.several)
    if not numbers or (not asked.several and len(numbers) > 1):
        return None
    return _proposal(slot, [asked.choices[n - 1] for n in numbers], text)


def quoted_choice(text: str, slot: Slot) -> Proposal | None:
    """The choice whose whole label stands among other words; None for none, or for several where one is asked for.

    A label of one or two words ("None", "Nothing yet") says too little inside other words.
    """
    said = " ".join(repaired(text).lower().split())
    asked = question(slot.value)
    found = [c for c in asked.choices if len(c.label.split()) > 2 and _stands_in(c.label.lower(), said)]
    return _proposal(slot, found, text) if len(found) == 1 or (found and asked.several) else None


def _stands_in(label: str, said: str) -> bool:
    return re.search(rf"(?:^|[^\w]){re.escape(label)}(?:[^\w]|$)", said) is not None


#: What people wrap a pick in: "ok 1", "the 3rd one", "I think it's 2".
_AROUND: Final = re.compile(
    r"^(?:(?:ok|okay|so|um|uh|hm+|well|i think|i guess|i'?d say|probably|maybe|prob|it'?s|its|that'?s|would be|the|option|number|no\.?|choice|answer|pick|go with|definitely|mostly|mainly|#)[\s,:]+)*"
    r"|(?:[\s,]+(?:one|option|choice|i think|i guess|please|pls|probably|maybe|then|really|mostly|mainly|definitely))*[\s.!)]*$",
    re.IGNORECASE,
)
_ORDINALS: Final = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "fifth": 5,
    "5th": 5,
    "sixth": 6,
    "6th": 6,
}
_ALL: Final = re.compile(
    r"(?:all|everything|all of (?:them|these|it|the above|those)|every one|the lot)", re.IGNORECASE
)


def _core(text: str) -> str:
    return _AROUND.sub("", text.strip().strip(".)( ").lower().replace("#", "")).strip(" .,!)")


def _numbers(said: str, most: int, *, several: bool) -> list[int]:
    if said in _ORDINALS:
        found = [_ORDINALS[said]]
    elif said == "last":
        found = [most]
    elif several and _ALL.fullmatch(said):
        found = list(range(1, most))  # all but "nothing", which stands last
    else:
        listed = (
            re.fullmatch(r"\d(?:\s*(?:,|and|&|\+|/|\s)+\s*\d)*", said)
            if several
            else re.fullmatch(r"\d", said)
        )
        found = [int(n) for n in re.findall(r"\d", said)] if listed else []
    return found if all(1 <= n <= most for n in found) else []


def _proposal(slot: Slot, chosen: list[Choice], text: str) -> Proposal:
    values: list[Value] = [typed(slot, choice) for choice in chosen]
    value = values[0]
    if isinstance(value, frozenset):
        value = frozenset[str]().union(*(v for v in values if isinstance(v, frozenset)))
    words = "; ".join(choice.label for choice in chosen)
    return Proposal(
        slot=slot, value=value, quote=words if words.lower() != text.strip().lower() else text.strip()
    )
