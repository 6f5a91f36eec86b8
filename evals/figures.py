"""Figures over many talks: means with intervals, and the difference between two runs on the same scenarios.

Talks of one scenario in several manners hang together, so every interval over manners resamples scenarios, not talks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from evals.scorers import SCORERS, SHARES
from evals.simulated_user import Talk

#: Bootstrap samples, and the seed that makes a run say the same twice.
SAMPLES = 2000
SEED = 20261122
#: A talk among others: scenario, manner, seed.
Key = tuple[str, str, int]


class Figure(BaseModel):
    """A mean over `n` scored talks of `scenarios` scenarios, with its 95 % interval."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: float
    low: float
    high: float
    n: int
    scenarios: int
    total: float


class Difference(BaseModel):
    """One figure in two runs on the same talks: now less before, its paired 95 % interval, McNemar's p for a share."""

    model_config = ConfigDict(frozen=True)

    name: str
    before: float
    now: float
    difference: float
    low: float
    high: float
    p: float | None
    n: int

    @property
    def certain(self) -> bool:
        """The interval leaves out nought."""
        return self.low > 0 or self.high < 0


def figure(name: str, talks: Iterable[Talk]) -> Figure | None:
    """One scorer's mean over talks; None when none of them is scored."""
    scored = _scored(name, talks)
    if not scored:
        return None
    values = [v for _, v in scored]
    scenarios = len({s for s, _ in scored})
    alike = len(set(values)) == 1  # nothing to resample: count scenarios
    if name in SHARES and (alike or scenarios == len(values)):
        low, high = wilson(sum(v == 1 for v in values) * scenarios // len(values), scenarios)
    else:
        low, high = _by_scenario(scored)
    return Figure(
        name=name, value=_round(float(np.mean(values))), low=low, high=high, n=len(values), scenarios=scenarios,
        total=_round(float(sum(values))),
    )  # fmt: skip


def figures(talks: Sequence[Talk], names: Iterable[str] = tuple(SCORERS)) -> list[Figure]:
    """Every scorer's figure over these talks, in the scorers' order."""
    return [found for name in names if (found := figure(name, talks)) is not None]


def difference(name: str, before: Sequence[Talk], now: Sequence[Talk]) -> Difference | None:
    """How a figure moved on the talks that both runs scored; None when there are none."""
    return paired(name, values(name, before), values(name, now))


def paired(name: str, before: Mapping[Key, float], now: Mapping[Key, float]) -> Difference | None:
    """The same on scores by talk."""
    keys = sorted(before.keys() & now.keys())
    if not keys:
        return None
    deltas = [(key[0], now[key] - before[key]) for key in keys]
    low, high = _by_scenario(deltas)
    p = None
    if name in SHARES and len({k[0] for k in keys}) == len(keys):
        p = mcnemar(sum(d < 0 for _, d in deltas), sum(d > 0 for _, d in deltas))
    return Difference(
        name=name, before=_mean([before[k] for k in keys]), now=_mean([now[k] for k in keys]),
        difference=_mean([d for _, d in deltas]), low=low, high=high, p=p, n=len(keys),
    )  # fmt: skip


def values(name: str, talks: Iterable[Talk]) -> dict[Key, float]:
    """One scorer's values by talk, where it gives one."""
    found = {(t.scenario, t.manner.value, t.seed): _score(name, t) for t in talks}
    return {key: value for key, value in found.items() if value is not None}


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson 1927), by SciPy."""
    from scipy.stats import binomtest

    if n == 0:
        return 0.0, 1.0
    found = binomtest(hits, n).proportion_ci(method="wilson")
    return _round(float(found.low)), _round(float(found.high))


def mcnemar(worse: int, better: int) -> float:
    """The exact p of McNemar's test (McNemar 1947): how likely so lopsided a change is if nothing changed."""
    from scipy.stats import binomtest

    return 1.0 if worse + better == 0 else _round(float(binomtest(worse, worse + better).pvalue))


def sliced(talks: Sequence[Talk], by: Callable[[Talk], Iterable[str]]) -> Mapping[str, list[Talk]]:
    """Talks by a label of theirs, labels in alphabetical order; a talk may have several."""
    found: dict[str, list[Talk]] = {}
    for talk in talks:
        for label in by(talk):
            found.setdefault(label, []).append(talk)
    return dict(sorted(found.items()))


def _score(name: str, talk: Talk) -> float | None:
    if name not in talk.scores:
        talk.scores[name] = SCORERS[name](talk).value
    return talk.scores[name]


def _scored(name: str, talks: Iterable[Talk]) -> list[tuple[str, float]]:
    scores = ((t.scenario, _score(name, t)) for t in talks)
    return [(scenario, value) for scenario, value in scores if value is not None]


def _by_scenario(scored: Sequence[tuple[str, float]]) -> tuple[float, float]:
    """The bootstrap's 95 % percentile interval of the mean, scenarios resampled whole (Efron 1979; Field and Welsh 2007)."""
    names = sorted({s for s, _ in scored})
    place = {s: i for i, s in enumerate(names)}
    sums, counts = np.zeros(len(names)), np.zeros(len(names))
    for scenario, value in scored:
        sums[place[scenario]] += value
        counts[place[scenario]] += 1
    drawn = _drawn(len(names))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return _round(float(low)), _round(float(high))


@lru_cache(maxsize=8)
def _drawn(n: int) -> npt.NDArray[np.int64]:
    """`SAMPLES` rows of `n` scenarios, drawn with replacement."""
    return np.random.default_rng(SEED).integers(0, n, (SAMPLES, n))


def _mean(numbers: Sequence[float]) -> float:
    return _round(float(np.mean(numbers)))


def _round(value: float) -> float:
    return round(value, 4)
