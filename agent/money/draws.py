"""Ranges: the same sums over thousands of draws of what is uncertain (Monte Carlo), and the tornado.

Each uncertain input is drawn on its own. Calls a day are lognormal, with 90% of the draws between the ends of their
range, because traffic grows and shrinks by factors; everything else is triangular between the ends of its range with
the value as its peak, because little more than the ends can be said of it. The ends come from the case's `ranges`, else
from `ABOUT`: wider for what was assumed than for what was given, clipped to what the input can be. Token prices are drawn
as well: providers change them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from agent.money.case import ABOUT, DRAWN, bounds
from agent.money.payback import LAST_MONTH, YEAR, Account, account
from agent.money.sheet import Plan, Quantities, Variant, month, retraining, total, training

Array = npt.NDArray[np.float64]
#: Percentiles 5, 50 and 95 of a month; None: never.
Months = tuple[int | None, int | None, int | None]

#: How far a price may move within the year, as multiples of today's: gpt-5.6-luna fell by 80% in July 2026
#: (prices#openai-base) and gemini-3.8-flash doubles in January 2027 (prices#google).
MODEL_PRICES: Final = (0.2, 2.0)
#: The same for the tuned model, narrower by assumption: its price has been a multiple of a settled base's.
TUNED_PRICES: Final = (0.8, 1.25)
#: Half the width of 90% of a normal distribution, in standard deviations.
_NINETY: Final = 1.6448536269514722


@dataclass(frozen=True)
class Uncertain:
    """Something that is drawn: an input's name, or `model.prices` and `tuned.prices`, whose value is a factor."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Bar:
    """One bar of the tornado: the net after twelve months with one input at each end of its range."""

    name: str
    low: float
    high: float
    net_at_low: float
    net_at_high: float

    @property
    def swing(self) -> float:
        return abs(self.net_at_high - self.net_at_low)


@dataclass(frozen=True)
class Spread:
    """Percentiles 5, 50 and 95 of something."""

    p5: float
    p50: float
    p95: float


@dataclass(frozen=True)
class Drawn:
    """What the draws say. `pay_back_month` counts a draw that never pays back as later than all others (None)."""

    draws: int
    seed: int
    within_a_year: float
    net_after_a_year: Spread
    month_before: Spread
    month_tuned: Spread
    pay_back_month: Months


@dataclass(frozen=True)
class Curve:
    """Saved less spent by the end of each month: with the figures as they are, and percentiles 5, 25, 50, 75, 95."""

    months: Array
    net: Array
    percentiles: Array


def uncertain(plan: Plan) -> list[Uncertain]:
    """What is drawn in this case, with its range."""
    found = []
    for name in DRAWN:
        value = plan.values.get(name)
        if not value:
            continue  # not known, or zero: nothing to vary
        about = ABOUT[name]
        factors = about.given if name in plan.case.model_fields_set else about.assumed
        ends = plan.case.ranges.get(name) or (
            factors and (value * Decimal(factors[0]), value * Decimal(factors[1]))
        )
        if ends is None:
            continue
        lowest, highest = bounds(name)
        low, high = max(ends[0], lowest), min(ends[1], highest)
        found.append(Uncertain(name, float(value), float(low), float(high)))
    return [*found, Uncertain("model.prices", 1, *MODEL_PRICES), Uncertain("tuned.prices", 1, *TUNED_PRICES)]


def draw(plan: Plan, today: date, draws: int = 10_000, seed: int = 0) -> Drawn:
    """Draw everything that is uncertain and work the sums on all draws at once. The same seed gives the same ranges."""
    values = sample(plan, draws, seed)
    before, tuned, start, again = _sums(plan, values)
    a = account(plan, today)
    nets = _nets(a, before - tuned, start, again, np.array([float(YEAR)]))[0]
    return Drawn(
        draws=draws,
        seed=seed,
        within_a_year=float(np.mean((nets >= 0) & (before > tuned))),
        net_after_a_year=_spread(nets),
        month_before=_spread(before),
        month_tuned=_spread(tuned),
        pay_back_month=_pay_back_months(a, before - tuned, start, again),
    )


def sample(plan: Plan, draws: int, seed: int) -> dict[str, Any]:
    """Every number the sums read: an array of draws where it is uncertain."""
    generator = np.random.default_rng(seed)
    values: dict[str, Any] = {name: float(value) for name, value in plan.values.items()}
    for u in uncertain(plan):
        if u.low >= u.high:
            drawn: Array = np.full(draws, u.value)
        elif u.name == "calls_a_day":
            middle = math.log(u.low * u.high) / 2
            drawn = generator.lognormal(middle, math.log(u.high / u.low) / 2 / _NINETY, draws)
        else:
            drawn = generator.triangular(u.low, min(max(u.value, u.low), u.high), u.high, draws)
        _put(values, u.name, drawn)
    return {name: np.broadcast_to(np.asarray(value, np.float64), draws) for name, value in values.items()}


def tornado(plan: Plan, today: date) -> list[Bar]:
    """The net after twelve months with each uncertain input at either end of its range, the widest first."""
    a = account(plan, today)

    def net(name: str, value: float) -> float:
        values: dict[str, Any] = {n: float(v) for n, v in plan.values.items()}
        _put(values, name, value)
        before, tuned, start, again = _sums(plan, values)
        return float(_nets(a, np.array([before - tuned]), start, again, np.array([float(YEAR)]))[0, 0])

    bars = [Bar(u.name, u.low, u.high, net(u.name, u.low), net(u.name, u.high)) for u in uncertain(plan)]
    return sorted((bar for bar in bars if bar.swing > 0), key=lambda bar: (-bar.swing, bar.name))


def curve(plan: Plan, today: date, months: int, draws: int = 2000, seed: int = 0) -> Curve:
    """The account month by month, for the chart. After the tuned model has ended it stays where it is."""
    a = account(plan, today)
    t = np.arange(months + 1, dtype=np.float64)
    before, tuned, start, again = _sums(plan, sample(plan, draws, seed))
    nets = _nets(a, before - tuned, start, again, t)
    return Curve(
        months=t,
        net=np.array([float(a.after(Decimal(month))) for month in range(months + 1)]),
        percentiles=np.percentile(nets, (5, 25, 50, 75, 95), axis=1),
    )


def _sums(plan: Plan, values: Quantities) -> tuple[Any, Any, Any, Any]:
    """A month before and after tuning, the start, and each later training."""
    other = plan.case.against
    tuned: Variant = "tuned_retrieval" if other == "retrieval" else "tuned"
    again = retraining(plan, values)
    return (
        total(month(plan, other, values)),
        total(month(plan, tuned, values)),
        total(training(plan, values)),
        total(again) if again else 0.0,
    )


def _nets(a: Account, saving: Array, start: Any, again: Any, months: Array) -> Array:
    """The account after each of these months (rows) in each draw (columns); as `Account.after`."""
    served = np.array([float(a.served(Decimal(str(t)))) for t in months])
    trainings = np.array([a.trainings(Decimal(str(t))) for t in months])
    nets: Array = saving * served[:, None] - (start + again * trainings[:, None])
    return nets


def _pay_back_months(a: Account, saving: Array, start: Array, again: Any) -> Months:
    """Percentiles 5, 50 and 95 of the month from which on the account stays at or above zero."""
    last = LAST_MONTH if a.left is None else min(LAST_MONTH, math.ceil(a.left))
    first = int(a.build) + 1
    if last < first:
        return (None, None, None)
    months = np.arange(first, last + 1, dtype=np.float64)
    below = _nets(a, saving, start, again, months) < 0
    # one past the last month below zero; `last + 1` where the very last month is below
    found = np.where(below.any(axis=0), last + 1 - np.argmax(below[::-1], axis=0), first)
    found = np.where(saving > 0, found, last + 1)
    p5, p50, p95 = (int(m) for m in np.percentile(found, (5, 50, 95), method="higher"))
    return (p5 if p5 <= last else None, p50 if p50 <= last else None, p95 if p95 <= last else None)


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    """Set an input, or scale all token prices of one model."""
    role, dot, _ = name.partition(".")
    if not dot:
        values[name] = value
        return
    for column in ("input", "cached_input", "cache_write", "output", "hosting_per_hour"):
        if f"{role}.{column}" in values:
            values[f"{role}.{column}"] = values[f"{role}.{column}"] * value


def _spread(values: Array) -> Spread:
    p5, p50, p95 = np.percentile(values, (5, 50, 95))
    return Spread(float(p5), float(p50), float(p95))
