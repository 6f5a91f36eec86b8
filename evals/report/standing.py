"""Rung beside simpler ways, on the same scenarios told plainly."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from evals.figures import Difference, Figure, figure, paired, values
from evals.run import BaselineResult
from evals.simulated_user import Advice, Talk


class Standing(BaseModel):
    """One simpler way: how often it is right, and how far Rung is ahead on the same scenarios."""

    model_config = ConfigDict(frozen=True)

    name: str
    told: str
    right: Figure | None
    exact: Figure | None
    over_climb: Figure | None
    silent: int
    questions: float
    ahead: Difference | None


def standings(baselines: Sequence[BaselineResult], talks: Sequence[Talk]) -> list[Standing]:
    """Each simpler way on the scenarios of these plain talks; of repeats the first."""
    first = [t for t in talks if t.seed == 0]
    return [_standing(b, first) for b in baselines]


def _standing(baseline: BaselineResult, talks: Sequence[Talk]) -> Standing:
    theirs = [_as_if(t, baseline.rungs[t.scenario]) for t in talks if t.scenario in baseline.rungs]
    right = "rung_acceptable"
    return Standing(
        name=baseline.name, told=baseline.told, right=figure(right, theirs), exact=figure("rung_exact", theirs),
        over_climb=figure("over_climb", theirs), silent=sum(t.advice is None for t in theirs),
        questions=baseline.questions, ahead=paired(right, values(right, theirs), values(right, talks)),
    )  # fmt: skip


def _as_if(talk: Talk, rung: int | None) -> Talk:
    """The same talk, had it ended with this rung: so that Rung and the others are scored by the same functions."""
    advice = None if rung is None else Advice.model_validate(_NOTHING_BUT | {"rung": rung})
    return talk.model_copy(update={"advice": advice})


_NOTHING_BUT: dict[str, object] = dict(
    stance="start", line="", mistakes=(), assumptions=(), headline="", sentences=0, uncited=0, citations=0,
    dangling=0, sources=(),
)  # fmt: skip
