"""The talks that the page lists: flips first, then what fails, with their transcripts while there is room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from evals.report import sentences
from evals.report.cases import FAULTS, Case, Flip
from evals.report.digest import Report
from evals.simulated_user import Exchange

#: Characters of talk that one page holds, and how many failing talks it lists: it stays under two megabytes.
_WORDS: Final = 700_000
_LISTED: Final = 800
#: What the filter calls a scenario kept for measuring.
_KEPT: Final = "kept for measuring"


@dataclass(frozen=True)
class Entry:
    """A talk in the page's lists; `words` is whether its transcript is there."""

    case: Case
    told: str
    turn: str
    words: bool
    earlier: tuple[Exchange, ...] = ()

    @property
    def outcomes(self) -> list[str]:
        """What the filter finds it by."""
        return [*([self.turn] if self.turn else []), *self.case.faults]

    @property
    def tags(self) -> list[str]:
        return [_KEPT] if self.case.kept and self.case.hidden else list(self.case.tags)


#: Talks folded together: by what, why they are here, and the talks.
Group = tuple[str, str, list[Entry]]


def entries(report: Report) -> tuple[list[Entry], list[Entry]]:
    """The flips, and the failing talks that are no flips, gravest first; transcripts while there is room."""
    found = report.comparison.flips if report.comparison else ()
    names = {flip.case.name for flip in found}
    rest = [case for case in report.failing if case.name not in names]
    left = _WORDS
    flipped, failing = [], []
    for flip in found:
        left -= (size := _size(flip.case) + sum(len(text) for _, text in sentences.spoken(flip.earlier)))
        flipped.append(_flipped(flip, left >= 0 and size > 0))
    for case in rest[:_LISTED]:
        left -= (size := _size(case))
        failing.append(Entry(case, sentences.rungs(case), "", left >= 0 and size > 0))
    return flipped, failing


def _flipped(flip: Flip, words: bool) -> Entry:
    return Entry(flip.case, sentences.turned(flip), flip.turn, words, flip.earlier)


def _size(case: Case) -> int:
    return sum(len(text) for _, text in sentences.transcript(case))


def unlisted(report: Report, shown: Sequence[Entry]) -> int:
    """Failing talks that the page has no room for."""
    return len({c.name for c in report.failing} - {e.case.name for e in shown})


def groups(flipped: Sequence[Entry], failing: Iterable[Entry]) -> list[Group]:
    """Flips by their turn, then what fails by manner, most failing first."""
    rest = sorted(_grouped(failing, lambda e: e.case.manner, "failing"), key=lambda g: (-len(g[2]), g[0]))
    return [*_grouped(flipped, lambda e: e.turn, "since the last run"), *rest]


def _grouped(entries: Iterable[Entry], by: Callable[[Entry], str], what: str) -> list[Group]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(by(entry), []).append(entry)
    return [(name, what, some) for name, some in found.items()]


def choices(entries: Sequence[Entry]) -> dict[str, list[str]]:
    """What the filter offers."""
    outcomes = ["worse", "better", "other rung", "other stance", *FAULTS]
    there = {o for e in entries for o in e.outcomes}
    return {
        "outcome": [o for o in outcomes if o in there],
        "manner": sorted({e.case.manner for e in entries}),
        "tag": sorted({t for e in entries for t in e.tags}),
    }
