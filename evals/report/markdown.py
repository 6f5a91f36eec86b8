"""A report as Markdown, for a pull request or a job's summary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from evals.figures import Figure
from evals.report.cases import Case
from evals.report.digest import Report
from evals.report.measures import MEASURES, MEDIAN_QUESTIONS, shift, spread
from evals.report.sentences import (
    SHARE_NAMES,
    count,
    flipped,
    probability,
    rungs,
    scope,
    summary,
    transcript,
    turned,
    verdict,
)

#: Talks told whole, and failing talks named; the page has them all.
_WHOLE, _NAMED = 10, 50


def markdown(report: Report) -> str:
    """The report, the verdict first."""
    parts = (
        _opening, _figures, _flips, _moved, _failing, _manners, _confusion, _questions, _calibration, _baselines,
        _retrieval, _beside, _made_of,
    )  # fmt: skip
    return "\n".join(line for part in parts for line in part(report)).rstrip() + "\n"


def _opening(report: Report) -> Iterator[str]:
    yield from (f"# {verdict(report)}", "", _plain(summary(report)), "")
    yield from (f"- because of {_plain(reason)}" for reason in (*report.gate.broken, *report.gate.drops))
    yield from ("", f"{scope(report)}. Intervals are 95 %.", "")


def _figures(report: Report) -> Iterator[str]:
    heads = [f"{SHARE_NAMES[s.name]}, told plainly" for s in report.shares] + ["all scenarios, all manners"]
    rows = []
    for name, measure in MEASURES.items():
        found = [s.figure(name) for s in report.shares] + [s.figure(name, True) for s in report.shares[:1]]
        if any(f is not None and (f.value or name not in ("calls", "tokens", "money")) for f in found):
            rows.append([measure.label, measure.wanted, *(_cell(f) for f in found)])
    asked = [
        "–" if s.median_questions is None else f"{s.median_questions:g} ({s.most_questions})"
        for s in report.shares
    ]
    rows.append(["Questions, median (most)", f"≤ {MEDIAN_QUESTIONS}", *asked, ""])
    yield from _table(["figure", "asked for", *heads], rows)


def _flips(report: Report) -> Iterator[str]:
    if report.comparison is None:
        return
    yield from ("## Flips", "", f"{flipped(report).capitalize()}.", "")
    if report.comparison.flips:
        rows = [[f.turn, f.case.name, turned(f)] for f in report.comparison.flips[:_NAMED]]
        yield from _table(["turn", "talk", "rung"], rows)
        yield from _left_out(len(report.comparison.flips))
        for flip in report.comparison.flips[:_WHOLE]:
            yield from _talk(flip.case, f"{flip.turn}: {flip.case.name}")


def _moved(report: Report) -> Iterator[str]:
    if report.comparison is None:
        return
    both = (("told plainly", report.comparison.plain), ("all manners", report.comparison.pooled))
    rows = [
        [MEASURES[d.name].label, name, MEASURES[d.name].told(d.before), MEASURES[d.name].told(d.now),
         shift(MEASURES[d.name], d), probability(d.p), str(d.n)]
        for name, some in both for d in some if d.difference
    ]  # fmt: skip
    if rows:
        yield from ("## What moved", "")
        yield from _table(["figure", "", "before", "now", "difference", "McNemar", "n"], rows)


def _failing(report: Report) -> Iterator[str]:
    if not report.failing:
        return
    yield from ("## Failing talks", "", f"{len(report.failing):,} of {report.talks:,} talks fail.", "")
    rows = [
        [", ".join(c.faults), c.name, rungs(c), "kept, not shown" if c.hidden else "; ".join(c.reasons)]
        for c in report.failing[:_NAMED]
    ]
    yield from _table(["fault", "talk", "rung", "why"], rows)
    yield from _left_out(len(report.failing))
    told = {f.case.name for f in report.comparison.flips} if report.comparison else set()
    for case in [c for c in report.failing if c.name not in told][:_WHOLE]:
        yield from _talk(case, f"{', '.join(case.faults)}: {case.name}")


def _manners(report: Report) -> Iterator[str]:
    names = (
        "rung_acceptable",
        "rung_exact",
        "stance",
        "questions",
        "useless",
        "read_precision",
        "read_recall",
    )
    yield from ("## By manner", "")
    rows = [[part.name, *(_cell(part.figure(name)) for name in names)] for part in report.by_manner]
    yield from _table(["manner", *(MEASURES[name].label for name in names)], rows)


def _confusion(report: Report) -> Iterator[str]:
    for found in report.confusion:
        yield from (f"## Labelled rung (down) by advised rung, {found.name}", "")
        rows = [[f"**{n}**", *map(str, row)] for n, row in enumerate(found.rows, 1)]
        yield from _table(["", "1", "2", "3", "4", "no advice"], rows)
        if found.unlabelled:
            yield from (f"{found.unlabelled} talks have no label.", "")


def _questions(report: Report) -> Iterator[str]:
    yield from ("## Questions", "")
    rows = [
        [
            q.name,
            f"{q.median:g}",
            str(q.most),
            " · ".join(f"{n}: {many}" for n, many in enumerate(q.counts) if many),
        ]
        for q in report.questions
    ]
    yield from _table(["", "median", "most", "questions: talks"], rows)


def _calibration(report: Report) -> Iterator[str]:
    yield from ("## Is it right as often as it sounds?", "")
    yield from _table(
        ["", "", "right rung"], [[g.ground, g.label, _cell(g.right)] for g in report.calibration]
    )


def _baselines(report: Report) -> Iterator[str]:
    for name, standings in (("all scenarios", report.baselines), ("measuring third", report.baselines_kept)):
        if standings:
            yield from (f"## Simpler ways, {name}, told plainly", "")
            rows = [
                [s.name, _cell(s.right), _cell(s.over_climb), f"{s.questions:.1f}",
                 shift(MEASURES["rung_acceptable"], s.ahead) if s.ahead else "–", probability(s.ahead.p) if s.ahead else ""]
                for s in standings
            ]  # fmt: skip
            yield from _table(
                ["way", "right rung", "over-climbs", "questions", "Rung is ahead by", "McNemar"], rows
            )


def _retrieval(report: Report) -> Iterator[str]:
    if report.retrieval is None:
        return
    heads = list(report.retrieval.rows[0]) if report.retrieval.rows else []
    yield from ("## Retrieval", "")
    yield from (f"- {key}: {_plain(str(value))}" for key, value in report.retrieval.facts.items())
    if heads:
        yield ""
        yield from _table(heads, [[_number(row.get(h)) for h in heads] for row in report.retrieval.rows])


def _beside(report: Report) -> Iterator[str]:
    if report.pass_k:
        yield "pass^k: " + ", ".join(f"{k}: {100 * v:.1f} %" for k, v in enumerate(report.pass_k, 1))
        yield ""
    if report.times:
        t = report.times
        yield f"A turn takes {t.median:.3f} s (median), {t.p95:.3f} s (95 %), {t.most:.3f} s (most); n = {t.turns:,}."
        yield ""


def _made_of(report: Report) -> Iterator[str]:
    changed = report.comparison.changed if report.comparison else ()
    yield from (f"## What run {report.name} was made of", "")
    rows = [[k, v or "–", "changed" if k in changed else ""] for k, v in report.made_of.model_dump().items()]
    yield from _table(["part", "hash or name", ""], rows)


def _talk(case: Case, title: str) -> Iterator[str]:
    """A talk folded away, its words in a fence that nothing in them can close."""
    if case.hidden:
        return
    said = [f"{who}> {text}" for who, text in transcript(case)]
    ticks = max((len(run) for line in said for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, ticks + 1)
    yield from (
        f"<details><summary>{_plain(title)}</summary>",
        "",
        f"{fence}text",
        *said,
        fence,
        "",
        "</details>",
        "",
    )


def _left_out(many: int) -> Iterator[str]:
    if many > _NAMED:
        yield from (f"{many - _NAMED} more are in the page.", "")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield f"| {' | '.join(_plain(cell) for cell in row)} |"
    yield ""


def _cell(found: Figure | None) -> str:
    if found is None:
        return "–"
    return f"{count(found)} [{spread(MEASURES[found.name], found.low, found.high)}] n {found.n:,}"


def _number(value: object) -> str:
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def _plain(text: str) -> str:
    """Text that stays text in a table cell and in HTML."""
    flat = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return flat.replace("|", "\\|")
