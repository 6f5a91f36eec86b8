"""The figures of a ranking: recall, nDCG, reciprocal rank, AUROC, and bootstrap intervals. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def recall(found: Sequence[str], wanted: Collection[str], at: int = 5) -> float:
    """The share of the wanted passages among the first `at`, of at most `at`, so that 1 can be reached."""
    return len(set(found[:at]) & set(wanted)) / min(at, len(wanted))


def ndcg(gains: Sequence[float], ideal: Sequence[float], at: int = 10) -> float:
    """Discounted cumulative gain over the best that the labels allow (Järvelin and Kekäläinen 2002; gains linear, discount
    log2(rank + 1), as in scikit-learn). `gains` are the grades of what was found in order, `ideal` all grades given."""
    best = sorted(ideal, reverse=True)
    return _dcg(gains[:at]) / _dcg(best[:at])


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def reciprocal_rank(found: Sequence[str], wanted: Collection[str]) -> float:
    """1 over the rank of the first wanted passage; 0 when there is none."""
    return next((1 / rank for rank, p in enumerate(found, 1) if p in wanted), 0.0)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often a positive scores above a negative, ties counting half (Mann and Whitney 1947)."""
    if not positive or not negative:
        return math.nan
    above = np.subtract.outer(np.asarray(positive), np.asarray(negative))
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def bootstrap(
    rows: Sequence[T], figure: Callable[[Sequence[T]], float], draws: int = 1000
) -> tuple[float, float]:
    """The 95 % percentile interval of a figure over rows drawn anew with replacement; the same each time."""
    if not rows:
        return math.nan, math.nan
    draw = np.random.default_rng(20260101)
    found = [figure([rows[i] for i in draw.integers(0, len(rows), len(rows))]) for _ in range(draws)]
    low, high = np.nanpercentile(found, [2.5, 97.5])
    return float(low), float(high)
