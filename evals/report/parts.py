"""The parts of a report: plain values, computed in `digest` and shown by every form."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from evals.figures import Figure


class Part(BaseModel):
    """Plain values that never change."""

    model_config = ConfigDict(frozen=True)


class Share(Part):
    """Some of the scenarios: told plainly, and in all manners together."""

    name: str
    scenarios: int
    plain: tuple[Figure, ...]
    pooled: tuple[Figure, ...]
    median_questions: float | None
    most_questions: int | None

    def figure(self, name: str, pooled: bool = False) -> Figure | None:
        """One of its figures by the scorer's name."""
        return next((f for f in (self.pooled if pooled else self.plain) if f.name == name), None)


class Slice(Part):
    """The talks with one label: a manner or a tag."""

    name: str
    talks: int
    figures: tuple[Figure, ...]

    def figure(self, name: str) -> Figure | None:
        return next((f for f in self.figures if f.name == name), None)


class Confusion(Part):
    """Labelled rung by advised rung; the last column is "no advice". Talks without a label are counted apart."""

    name: str
    rows: tuple[tuple[int, ...], ...]
    unlabelled: int


class Questions(Part):
    """How many talks took how many questions, from none to the most."""

    name: str
    counts: tuple[int, ...]
    median: float
    most: int


class Times(Part):
    """Seconds a turn takes."""

    turns: int
    median: float
    p95: float
    most: float


class Retrieval(Part):
    """The query set: one row for each way to search, and the plain facts told beside them."""

    rows: tuple[dict[str, str | float | None], ...]
    facts: dict[str, str | float | bool]


class Gate(Part):
    """May the change land? `broken` are invariants, `drops` guarded figures that fell for certain `against` another run, if any."""

    broken: tuple[str, ...]
    drops: tuple[str, ...]
    against: str

    @property
    def open(self) -> bool:
        return not self.broken and not self.drops
