"""What changed since another run: the parts it was made of, the figures on the same talks, and the talks that flipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict

from evals.figures import Difference, Key, paired, values
from evals.manners import Manner
from evals.report.cases import Flip, flips
from evals.run import Run
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
    kept = {_key(t) for t in now.talks if t.kept}
    moved = [
        (name, values(name, before.talks), values(name, now.talks))
        for name in SCORERS
        if name not in _NOT_COMPARED
    ]

    def among(keys: set[Key]) -> tuple[Difference, ...]:
        """What moved on some of the talks."""
        found = (paired(name, _only(then, keys), _only(today, keys)) for name, then, today in moved)
        return tuple(d for d in found if d is not None)

    told = {key for key in new if key[1] == Manner.PLAIN.value}
    return Comparison(
        name=before.name, changed=_changed(before, now), same_talks=len(old & new), only_before=len(old - new),
        only_now=len(new - old), plain=among(told), kept=among(told & kept), pooled=among(new),
        flips=tuple(flips(before.talks, now.talks, reveal)),
    )  # fmt: skip


def _only(found: Mapping[Key, float], keys: set[Key]) -> dict[Key, float]:
    return {key: value for key, value in found.items() if key in keys}


def _changed(before: Run, now: Run) -> tuple[str, ...]:
    """The parts whose hash or name differs."""
    then = before.made_of.model_dump()
    return tuple(part for part, value in now.made_of.model_dump().items() if value != then[part])


def _keys(talks: Sequence[Talk]) -> set[Key]:
    return {_key(t) for t in talks}


def _key(talk: Talk) -> Key:
    return talk.scenario, talk.manner.value, talk.seed
