"""The names of the figures in plain words, what each means, and what the suite asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from evals.figures import Difference, Figure
from evals.scorers import LESS_IS_BETTER

Unit = Literal["share", "count", "dollars"]


@dataclass(frozen=True)
class Measure:
    """How one scorer's figure is told. `target` is what the suite asks of the measuring third."""

    name: str
    label: str
    meaning: str
    unit: Unit = "share"
    target: float | None = None

    @property
    def less(self) -> bool:
        """Less is better."""
        return self.name in LESS_IS_BETTER

    def told(self, value: float) -> str:
        """A value in its unit."""
        if self.unit == "share":
            return percent(value)
        return f"${value:,.2f}" if self.unit == "dollars" else f"{value:,.2f}"

    def moved(self, value: float) -> str:
        """A difference with its sign; shares move by points."""
        size = f"{100 * abs(value):.1f} pt" if self.unit == "share" else self.told(abs(value))
        if not any(digit in size for digit in "123456789"):
            return "0"
        return f"{'+' if value > 0 else '−'}{size}"

    def met(self, value: float) -> bool | None:
        """Is the target reached? None where there is none."""
        if self.target is None:
            return None
        return value <= self.target if self.less else value >= self.target

    @property
    def wanted(self) -> str:
        """The target in words."""
        if self.target is None:
            return ""
        if self.target == 0 or (self.unit == "share" and self.target == 1):
            return "none" if self.less else "all"
        return f"{'≤' if self.less else '≥'} " + self.told(self.target).replace(".0 %", " %")

    def toward(self, value: float) -> Literal["better", "worse", "same"]:
        """What a difference means for the user of the advice."""
        return "same" if value == 0 else "better" if (value < 0) == self.less else "worse"


def percent(value: float) -> str:
    """A share in per cent: whole where it is whole, and never rounded up to all or down to none."""
    if value in (0.0, 1.0):
        return f"{100 * value:.0f} %"
    return f"{min(max(100 * value, 0.1), 99.9):.1f} %"


def spread(measure: Measure, low: float, high: float) -> str:
    """An interval, the unit said once."""
    ends = [
        f"{100 * end:.1f}".replace("100.0", "100") if measure.unit == "share" else f"{end:,.2f}"
        for end in (low, high)
    ]
    return "–".join(dict.fromkeys(ends)) + {"share": " %", "count": " a talk", "dollars": ""}[measure.unit]


def whole(measure: Measure, found: Figure) -> str:
    """A figure with its interval and n, on one line."""
    return f"{measure.told(found.value)} [{spread(measure, found.low, found.high)}], n = {found.n:,}"


def shift(measure: Measure, found: Difference) -> str:
    """A difference with its paired interval, on one line."""
    low, high = (measure.moved(end).removesuffix(" pt") for end in (found.low, found.high))
    return f"{measure.moved(found.difference)} [{low} to {high}]"


_ALL: Final = (
    Measure("rung_acceptable", "Right rung", "The rung advised is one that a careful reader of the rubric would take.", target=0.95),
    Measure("rung_exact", "Exactly the labelled rung", "The rung advised is the one on the label.", target=0.90),
    Measure("stance", "Right stance", "Start, climb or stay, as labelled."),
    Measure("mistakes", "Right mistakes named", "Exactly the mistakes on the label were pointed out."),
    Measure("over_climb", "Over-climbs", "Fine-tuning advised where no careful reader would.", target=0),
    Measure("loss", "Loss", "0 for the right rung, 1 for a wrong one, 5 for an over-climb; the mean.", "count"),
    Measure("dead_end", "Dead ends", "Talks that ended without advice.", target=0),
    Measure("questions", "Questions asked", "Questions per talk, read-back and repeats included; the mean.", "count"),
    Measure("within_questions", "Within its questions", "No more questions about the case than the label allows."),
    Measure("useless", "Useless questions", "Questions per talk whose answer could not have mattered.", "count", 0),
    Measure("asked_again", "Asked again", "Questions per talk put once more right after an answer to them.", "count"),
    Measure("citations_valid", "Citations valid", "Citations that stand in the corpus word for word.", target=1),
    Measure("citations_cover", "Sentences cited", "Sentences of the advice that carry a citation.", target=1),
    Measure("cites", "Wanted sources cited", "Sources that the label wants to see, and that were cited."),
    Measure("read_precision", "Read rightly", "Of what was taken from the talk, the share that was said."),
    Measure("read_recall", "Said and read", "Of what was said, the share that was taken from the talk."),
    Measure("read_back", "Read-back right", "The first “is this right?” was right in every line."),
    Measure("calls", "Model calls", "Calls of a language model per talk.", "count"),
    Measure("tokens", "Model tokens", "Tokens to and from a language model per talk.", "count"),
    Measure("money", "Money", "US dollars per talk for a language model.", "dollars"),
)  # fmt: skip
MEASURES: Final = {measure.name: measure for measure in _ALL}
#: What decides, in the order shown first.
HEADLINES: Final = (
    "rung_acceptable", "rung_exact", "over_climb", "dead_end", "useless", "citations_valid", "citations_cover",
)  # fmt: skip
#: What is told of each manner.
BY_MANNER: Final = (
    "rung_acceptable", "rung_exact", "stance", "mistakes", "within_questions", "read_precision", "read_recall",
    "read_back", "questions", "asked_again", "useless",
)  # fmt: skip
#: At most this many questions in the median talk.
MEDIAN_QUESTIONS: Final = 4
