"""What changed since another run: the parts it was made of, the figures on the same talks, and the talks that flipped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict

from evals.figures import Difference, difference
from evals.report.cases import Flip, flips
from evals.run import Run, plain
from evals.scorers import SCORERS
from evals.simulated_user import Talk

#: What differs with the model's price and not with what was said.
_NOT_COMPARED: Final = frozenset({"money"})


class Comparison(BaseModel):
    """This run beside an earlier one. `plain` and `pooled` are on the talks that both runs hold."""

    model_config = ConfigDict(frozen=True)

    name: str
    changed: tuple[str, ...]
    same_talks: int
    only_before: int
    only_now: int
    plain: tuple[Difference, ...]
    kept: tuple[Difference, ...]
    pooled: tuple[Difference, ...]
    flips: tuple[Flip, ...]

    def turned(self, turn: str) -> int:
        """How many talks turned worse, better or otherwise."""
        return sum(f.turn == turn for f in self.flips)


def comparison(before: Run, now: Run, reveal: bool = False) -> Comparison:
    """What this run says otherwise than the one before."""
    old, new = _keys(before.talks), _keys(now.talks)
    return Comparison(
        name=before.name, changed=_changed(before, now), same_talks=len(old & new), only_before=len(old - new),
        only_now=len(new - old), plain=_moved(plain(before.talks), plain(now.talks)),
        kept=_moved(*([t for t in plain(r.talks) if t.kept] for r in (before, now))),
        pooled=_moved(before.talks, now.talks), flips=tuple(flips(before.talks, now.talks, reveal)),
    )  # fmt: skip


def _moved(before: Sequence[Talk], now: Sequence[Talk]) -> tuple[Difference, ...]:
    found = (difference(name, before, now) for name in SCORERS if name not in _NOT_COMPARED)
    return tuple(d for d in found if d is not None)


def _changed(before: Run, now: Run) -> tuple[str, ...]:
    """The parts whose hash or name differs."""
    then = before.made_of.model_dump()
    return tuple(part for part, value in now.made_of.model_dump().items() if value != then[part])


def _keys(talks: Sequence[Talk]) -> set[tuple[str, str, int]]:
    return {(t.scenario, t.manner.value, t.seed) for t in talks}
