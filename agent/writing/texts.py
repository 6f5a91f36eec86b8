"""The questions and short replies of `prompts/`, and values in plain words."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict

from agent.facts import AMOUNTS, NUMBERS, Amount, Facts, Slot, Value, parse
from agent.recommendation import Understood

if TYPE_CHECKING:
    from agent.model.usage import Usage


class Choice(BaseModel):
    """One choice of a question; `value` is what the slot takes."""

    model_config = ConfigDict(frozen=True)

    value: Any
    label: str


class QuestionText(BaseModel):
    model_config = ConfigDict(frozen=True)

    text: str
    why: str
    hint: str = ""
    several: bool = False
    choices: tuple[Choice, ...] = ()


@lru_cache(maxsize=8)
def load(name: str) -> Any:
    """A YAML file of `prompts/`."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(files("prompts").joinpath(f"{name}.yaml").read_text(encoding="utf-8"), Loader=loader)


@lru_cache(maxsize=32)
def question(name: str) -> QuestionText:
    """The question of a slot, or of `opening` and `confirm`."""
    return QuestionText.model_validate(load("questions")[name])


def reply(name: str, /, **values: object) -> str:
    """A short reply with its braces filled; a missing value is an error."""
    text: str = load("replies")[name]
    return text.format(**values)


def slot_name(slot: Slot) -> str:
    return str(load("replies")["slots"][slot.value])


def plain(slot: Slot, value: Value) -> str:
    """A value as a person would say it."""
    if isinstance(value, frozenset):
        if not value:
            return "nothing, it works" if slot is Slot.SHORTFALL else "nothing"
        return "; ".join(_one(slot, member) for member in sorted(value))
    if slot is Slot.DEADLINE and isinstance(value, float):
        return f"in {value:.0f} days"
    if slot in AMOUNTS or isinstance(value, Amount):
        return str(value)
    if slot in NUMBERS and isinstance(value, float):
        return f"{value:,.0f} tokens"
    return _one(slot, str(value))


def _one(slot: Slot, name: str) -> str:
    told: dict[str, str] = load("replies")["values"].get(slot.value, {})
    return told.get(name, name)


def typed(slot: Slot, choice: Choice) -> Value:
    """The value of a choice in the slot's type."""
    if slot is Slot.SHORTFALL:
        return parse(slot, str(choice.value))
    return parse(slot, choice.value)


def understood(facts: Facts) -> tuple[Understood, ...]:
    """All that was taken in, in a steady order, with the person's words; the task is their own opening, so left out."""
    rows: list[Understood] = []
    for slot in Slot:
        if slot is Slot.TASK:
            continue
        known = facts.known.get(slot)
        if known is not None:
            rows.append(
                Understood(
                    slot=slot,
                    label=slot_name(slot),
                    value=known.value,
                    text=plain(slot, known.value),
                    words=known.quote,
                )
            )
        elif slot in facts.declined:
            rows.append(Understood(slot=slot, label=slot_name(slot), value=None, text="don't know"))
    return tuple(rows)


def used(what: str, usage: Usage) -> str:
    """What a language model used, in a line; money where its price is known."""
    money = "price not known" if usage.dollars is None else f"${usage.dollars:,.4f}"
    calls = f"{usage.calls} call" + ("" if usage.calls == 1 else "s")
    cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
    tokens = f"{usage.input_tokens:,} tokens in{cached}, {usage.output_tokens:,} out"
    return f"{what:13} {calls}, {tokens}, {money}"
