"""What turns the answer: for each input, the value at which tuning is just paid back after twelve months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from agent.money.case import DRAWN, Case, bounds
from agent.money.payback import YEAR, account
from agent.money.sheet import Plan

#: No value further off than this many times is looked for: it would not be the same case.
_REACH: Final = Decimal(1000)
#: Bisection stops when the value is known to one part in ten thousand.
_CLOSE: Final = Decimal("0.0001")
#: What is asked about beside the inputs that are drawn.
_PRICES: Final = ("model.input", "model.cached_input", "model.output", "tuned.input", "tuned.output", "tuned.training", "tuned.hosting_per_hour")  # fmt: skip
_ALSO: Final = ("hosting_hours_a_day", "retrain_every")


@dataclass(frozen=True)
class Flip:
    """An input, its value now, and the value from which on the answer is the other one. `times` is their ratio."""

    name: str
    now: Decimal
    turns_at: Decimal

    @property
    def times(self) -> Decimal:
        return self.turns_at / self.now if self.now else Decimal("Infinity")

    @property
    def distance(self) -> Decimal:
        """How far off it is, as a factor of at least 1, upwards or downwards alike."""
        if not self.now or not self.turns_at:
            return _REACH
        return max(self.times, 1 / self.times)


def flips(plan: Plan, today: date) -> list[Flip]:
    """Every input and price that alone can turn "paid back within twelve months", the nearest first.

    Bisection on the sums themselves; each input alone, the others as they are.
    """
    found = [flip for name in _asked(plan) if (flip := _flip(plan, today, name))]
    return sorted(found, key=lambda flip: (flip.distance, flip.name))


def net_after_a_year(plan: Plan, today: date) -> Decimal:
    """Saved less spent twelve months from today, in US dollars."""
    return account(plan, today).after(YEAR)


def _asked(plan: Plan) -> Iterator[str]:
    values = plan.values
    for name in (*DRAWN, *_ALSO, *_PRICES):
        if name in values:
            yield name


def _flip(plan: Plan, today: date, name: str) -> Flip | None:
    now = plan.values[name]
    back = net_after_a_year(plan, today) >= 0

    def turned(value: Decimal) -> bool:
        return (net_after_a_year(plan.with_value(name, value), today) >= 0) != back

    low, high = _bounds(name, now)
    far = next((end for end in (low, high) if end != now and turned(end)), None)
    if far is None:
        return None
    same, other = now, far
    for _ in range(80):
        if abs(other - same) <= _CLOSE * max(abs(other), abs(same)):
            break
        middle = (same + other) / 2
        same, other = (same, middle) if turned(middle) else (middle, other)
    return Flip(name, now, other)


def _bounds(name: str, now: Decimal) -> tuple[Decimal, Decimal]:
    """The values that an input can take, within reach."""
    reach = (now or Decimal(1)) * _REACH
    if name not in Case.model_fields:
        return Decimal(0), reach
    low, high = bounds(name)
    return low, min(high, reach)
