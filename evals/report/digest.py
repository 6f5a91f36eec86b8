"""`Report.of(run)`: all that the console, the pages and the files show, computed once; the same run says the same bytes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np

from evals.figures import Difference, Key, figures, sliced, values
from evals.gate import GUARDED, Broken, broken, drops
from evals.report.calibration import Group, calibration
from evals.report.cases import Case, example, failing
from evals.report.comparison import Comparison, comparison
from evals.report.measures import BY_MANNER, HEADLINES, MEASURES, shift
from evals.report.parts import Confusion, Gate, Part, Questions, Retrieval, Share, Slice, Times
from evals.report.standing import Standing, standings
from evals.run import MadeOf, Run, pass_k, plain
from evals.simulated_user import Talk

#: The columns of the retrieval table that come first.
_FIRST = ("name", "recall", "ndcg", "mrr", "auroc")
#: Seconds of each turn, by talk; kept out of the run because they differ each time.
Seconds = Mapping[Any, Sequence[float]]


class Report(Part):
    """One run, told. Nothing in it quotes a scenario kept for measuring unless `reveal` was given."""

    name: str
    made_of: MadeOf
    manners: tuple[str, ...]
    repeat: int
    talks: int
    revealed: bool
    gate: Gate
    shares: tuple[Share, ...]
    by_manner: tuple[Slice, ...]
    by_tag: tuple[Slice, ...]
    confusion: tuple[Confusion, ...]
    questions: tuple[Questions, ...]
    calibration: tuple[Group, ...]
    baselines: tuple[Standing, ...]
    baselines_kept: tuple[Standing, ...]
    pass_k: tuple[float, ...]
    retrieval: Retrieval | None
    times: Times | None
    comparison: Comparison | None
    failing: tuple[Case, ...]
    example: Case | None

    @classmethod
    def of(
        cls,
        run: Run,
        before: Run | None = None,
        seconds: Seconds | None = None,
        *,
        accepted: dict[str, dict[Key, float]] | None = None,
        reveal: bool = False,
    ) -> Report:
        """What a run says.

        Args:
            before: an earlier run, to compare with.
            seconds: of each turn, by talk.
            accepted: scores of the accepted run (`evals.gate.accepted`), which the gate holds this run against; without
                them it is held against `before`.
            reveal: show the words of scenarios kept for measuring.
        """
        told, talks = plain(run.talks), run.talks
        return cls(
            name=run.name, made_of=run.made_of, manners=tuple(m.value for m in run.manners), repeat=run.repeat,
            talks=len(talks), revealed=reveal, gate=_gate(run, before, accepted), shares=_shares(talks),
            by_manner=_manners(run), by_tag=_tags(told, reveal),
            confusion=tuple(_confusion(n, t) for n, t in (("told plainly", told), ("all manners", talks)) if t),
            questions=tuple(_questions(n, t) for n, t in (("told plainly", told), ("all manners", talks)) if t),
            calibration=tuple(calibration(talks)), baselines=tuple(standings(run.baselines, told)),
            baselines_kept=tuple(standings(run.baselines, kept)) if (kept := _kept(told)) else (),
            pass_k=tuple(round(pass_k(talks, k), 4) for k in range(1, run.repeat + 1)) if run.repeat > 1 else (),
            retrieval=_retrieval(run.retrieval), times=_times(seconds or {}),
            comparison=comparison(before, run, reveal) if before else None,
            failing=tuple(failing(talks, reveal)), example=example(talks),
        )  # fmt: skip

    def share(self, name: str) -> Share | None:
        """The scenarios of one name: all, development or kept."""
        return next((s for s in self.shares if s.name == name), None)

    @property
    def scenarios(self) -> int:
        return self.shares[0].scenarios if self.shares else 0

    def as_json(self) -> str:
        """The report as it is written to a file."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _gate(run: Run, before: Run | None, accepted: dict[str, dict[Key, float]] | None) -> Gate:
    against = "the accepted run" if accepted is not None else f"run {before.name}" if before else ""
    if accepted is None and before is not None:
        accepted = {name: values(name, before.talks) for name in GUARDED}
    fell = drops(run.talks, accepted) if accepted else []
    then = {b.what: set(b.where) for b in broken(before.talks)} if before else None
    return Gate(
        broken=tuple(_told(b, None if then is None else then.get(b.what, set())) for b in broken(run.talks)),
        drops=tuple(_dropped(d, len(plain(run.talks))) for d in fell),
        against=against,
    )  # fmt: skip


def _dropped(found: Difference, plainly: int) -> str:
    """A guarded figure that fell: by how much, on which talks."""
    part = "told plainly" if found.n <= plainly else "all manners"
    measure = MEASURES[found.name]
    return f"{measure.label.lower()} fell: {shift(measure, found)}, {part}, n = {found.n:,}"


def _told(found: Broken, before: set[str] | None) -> str:
    """What is broken, in how many talks, and how many of them are new since the run before."""
    many = len(found.where)
    told = f"{found.what}: {many:,} {'talk' if many == 1 else 'talks'}"
    return told if before is None else f"{told}, {len(set(found.where) - before) or 'none'} new"


def _kept(talks: Sequence[Talk]) -> list[Talk]:
    return [t for t in talks if t.kept]


def _shares(talks: Sequence[Talk]) -> tuple[Share, ...]:
    """All, and where both are there, development and kept apart."""
    kept, rest = _kept(talks), [t for t in talks if not t.kept]
    parts = [("all", list(talks))]
    if kept and rest:
        parts += [("development", rest)]
    if kept:
        parts += [("kept", kept)]
    return tuple(_share(name, some) for name, some in parts if some)


def _share(name: str, talks: Sequence[Talk]) -> Share:
    told = plain(talks)
    asked = [len(t.asked) for t in told]
    return Share(
        name=name, scenarios=len({t.scenario for t in talks}), plain=tuple(figures(told)), pooled=tuple(figures(talks)),
        median_questions=float(median(asked)) if asked else None, most_questions=max(asked, default=None),
    )  # fmt: skip


def _manners(run: Run) -> tuple[Slice, ...]:
    """In the order in which they were run."""
    by = sliced(run.talks, lambda t: [t.manner.value])
    return tuple(_slice(m.value, by[m.value], BY_MANNER) for m in run.manners if m.value in by)


def _tags(told: Sequence[Talk], reveal: bool) -> tuple[Slice, ...]:
    """Tags say where to mend, so what is kept for measuring has no part in them."""
    by = sliced([t for t in told if reveal or not t.kept], lambda t: t.tags)
    return tuple(_slice(name, some, (*HEADLINES[:2], "questions")) for name, some in by.items())


def _slice(name: str, talks: Sequence[Talk], names: Sequence[str]) -> Slice:
    return Slice(name=name, talks=len(talks), figures=tuple(figures(talks, names)))


def _confusion(name: str, talks: Sequence[Talk]) -> Confusion:
    met = Counter((t.expected.rung, t.advice.rung if t.advice else None) for t in talks if t.expected)
    rows = tuple(tuple(met[label, given] for given in (1, 2, 3, 4, None)) for label in (1, 2, 3, 4))
    return Confusion(name=name, rows=rows, unlabelled=sum(t.expected is None for t in talks))


def _questions(name: str, talks: Sequence[Talk]) -> Questions:
    asked = [len(t.asked) for t in talks]
    counts = Counter(asked)
    most = max(asked)
    return Questions(
        name=name, counts=tuple(counts[n] for n in range(most + 1)), median=float(median(asked)), most=most
    )


def _times(seconds: Seconds) -> Times | None:
    turns = sorted(second for some in seconds.values() for second in some)
    if not turns:
        return None
    middle, tail = (round(float(q), 4) for q in np.quantile(turns, [0.5, 0.95]))
    return Times(turns=len(turns), median=middle, p95=tail, most=round(turns[-1], 4))


def _retrieval(found: Mapping[str, Any] | None) -> Retrieval | None:
    """What is known of its shape is taken; lists of queries and whatever else is there stay in the run."""
    if not found:
        return None
    rows = [row for row in found.get("ablation") or () if isinstance(row, Mapping)]
    heads = list(dict.fromkeys(str(head) for row in rows for head in row))
    heads.sort(key=lambda head: _FIRST.index(head) if head in _FIRST else len(_FIRST))
    return Retrieval(
        rows=tuple({head: _cell(row.get(head)) for head in heads} for row in rows),
        facts={k: v for k, v in found.items() if isinstance(v, (str, int, float))},
    )


def _cell(value: Any) -> str | float | None:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Sequence):
        return " to ".join(str(v) for v in value)
    return ""
