"""A picked choice: its number, several numbers, its label, or its value, for the question just asked."""

from __future__ import annotations

import re

from agent.facts import Proposal, Slot, Value
from agent.writing.texts import Choice, question, typed


def picked(text: str, slot: Slot) -> Proposal | None:
    """The value picked by a message that is nothing but a choice; None when it is anything else.

    A bare number is a number of calls or examples where one is asked for, unless it could only be a choice's.
    """
    asked = question(slot.value)
    said = text.strip().strip(".)( ").lower()
    if not said:
        return None
    for choice in asked.choices:
        if said in (str(choice.value).lower(), choice.label.lower()):
            return _proposal(slot, [choice], text)
    numbers = _numbers(said, len(asked.choices), several=asked.several)
    if not numbers or (not asked.several and len(numbers) > 1):
        return None
    return _proposal(slot, [asked.choices[n - 1] for n in numbers], text)


def _numbers(said: str, most: int, *, several: bool) -> list[int]:
    bare = re.fullmatch(r"(?:option |number |no\.? ?|choice |answer |#)?(\d)", said)
    listed = re.fullmatch(r"\d(?:\s*(?:,|and|&|\+|/|\s)\s*\d)+", said) if several else None
    found = [int(n) for n in re.findall(r"\d", said)] if bare or listed else []
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
