"""A report in the terminal, and how far a run has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from evals.figures import Figure
from evals.report.cases import Case
from evals.report.digest import Report
from evals.report.measures import MEASURES, MEDIAN_QUESTIONS, shift, spread
from evals.report.parts import Share
from evals.report.sentences import (
    SHARE_NAMES,
    count,
    flipped,
    probability,
    rungs,
    scope,
    summary,
    turned,
    verdict,
)

T = TypeVar("T")
#: More failing talks than this are counted, not named.
_MOST = 15


def progress(done: Iterable[T], total: int, console: Console | None = None) -> Iterator[T]:
    """Hand on what is done and show how far it is, on standard error; quiet when that is not a terminal."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield from done
        return
    columns = (TextColumn("scenarios"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("scenarios", total=total)
        for one in done:
            yield one
            bar.advance(task)


def show(report: Report, console: Console) -> None:
    """The report in tables, the verdict first and last."""
    _verdict(report, console)
    for table in (
        _figures(report, console.width >= 110),
        _manners(report),
        _confusion(report),
        _baselines(report),
        _retrieval(report),
        _moved(report),
    ):
        if table is not None:
            console.print(table)
    _flips(report, console)
    _failing(report, console)
    console.print(Text(_beside(report), style="dim"))
    _verdict(report, console)


def _verdict(report: Report, console: Console) -> None:
    """May it land, why not, and what it comes to."""
    style = "bold green" if report.gate.open else "bold red"
    console.print(Text.assemble((verdict(report), style), ". ", summary(report)))
    for reason in (*report.gate.broken, *report.gate.drops):
        console.print(Text(f"  because of {reason}", style="red"))


def _figures(report: Report, wide: bool) -> Table:
    """The figures of all parts, told plainly, and pooled over manners; on a narrow screen without development alone."""
    shares = [s for s in report.shares if wide or s.name != "development"]
    columns = [(s, False) for s in shares] + [(s, True) for s in report.shares[:1]]
    table = Table(title=scope(report), title_justify="left", box=SIMPLE_HEAD)
    table.add_column("figure")
    table.add_column("asked", justify="right", min_width=6)
    for share, pooled in columns:
        how = "all manners" if pooled else "told plainly"
        table.add_column(f"{SHARE_NAMES[share.name]}\n{how}", justify="right", min_width=12)
    many = [share.figure("dead_end", pooled) for share, pooled in columns]
    table.add_row("", "", *(f"n {f.n:,}" if f else "" for f in many), style="dim")
    for name, measure in MEASURES.items():
        found = [share.figure(name, pooled) for share, pooled in columns]
        if any(f is not None and (f.value or name not in ("calls", "tokens", "money")) for f in found):
            cells = (_cell(f, n) for f, n in zip(found, many, strict=True))
            table.add_row(measure.label, measure.wanted, *cells)
    asked = ["" if pooled else _asked(share) for share, pooled in columns]
    table.add_row("Questions, median (most)", f"≤ {MEDIAN_QUESTIONS}", *asked)
    return table


def _cell(found: Figure | None, beside: Figure | None = None) -> Text:
    """The value over its interval, red where a target is missed; n where it is not that of the figure beside it."""
    if found is None:
        return Text("–", style="dim")
    measure = MEASURES[found.name]
    style = "bold red" if measure.met(found.value) is False else ""
    interval = spread(measure, found.low, found.high).removesuffix(" %").removesuffix(" a talk")
    n = "" if beside and beside.n == found.n else f"\nn {found.n:,}"
    return Text.assemble((count(found), style), (f"\n{interval}{n}", "dim"))


def _asked(share: Share) -> str:
    return "–" if share.median_questions is None else f"{share.median_questions:g} ({share.most_questions})"


def _manners(report: Report) -> Table:
    table = Table(title="By manner", title_justify="left", box=SIMPLE_HEAD)
    names = ("rung_acceptable", "rung_exact", "stance", "questions", "useless")
    table.add_column("manner", no_wrap=True)
    table.add_column("n", justify="right")
    for name in names:
        table.add_column(MEASURES[name].label, justify="right", min_width=9)
    for part in report.by_manner:
        exact = part.figure("rung_exact")
        n = f"{exact.n:,}" if exact else "–"
        table.add_row(part.name, n, *(_cell(part.figure(name), exact) for name in names))
    return table


def _confusion(report: Report) -> Table | None:
    if not report.confusion:
        return None
    found = report.confusion[-1]
    table = Table(
        title=f"Labelled rung (down) by advised rung, {found.name}",
        title_justify="left",
        min_width=60,
        box=SIMPLE_HEAD,
    )
    for head in ("", "1", "2", "3", "4", "no advice"):
        table.add_column(head, justify="right")
    for number, row in enumerate(found.rows, 1):
        table.add_row(str(number), *(Text(str(n), style="" if n else "dim") for n in row))
    return table


def _baselines(report: Report) -> Table | None:
    if not report.baselines:
        return None
    table = Table(
        title="Simpler ways on the same scenarios, told plainly", title_justify="left", box=SIMPLE_HEAD
    )
    for head in ("way", "right rung", "questions", "Rung is ahead by", "McNemar"):
        table.add_column(head, justify="left" if head == "way" else "right")
    for one in report.baselines:
        ahead = shift(MEASURES["rung_acceptable"], one.ahead) if one.ahead else "–"
        p = probability(one.ahead.p) if one.ahead else ""
        table.add_row(Text(one.name), _cell(one.right), f"{one.questions:.1f}", ahead, p)
    return table


def _retrieval(report: Report) -> Table | None:
    if report.retrieval is None or not report.retrieval.rows:
        return None
    heads = list(report.retrieval.rows[0]) if report.retrieval.rows else []
    table = Table(*heads, title="Retrieval", title_justify="left", box=SIMPLE_HEAD)
    for row in report.retrieval.rows:
        table.add_row(*(Text(_shown(row.get(head))) for head in heads))
    return table


def _shown(value: object) -> str:
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def _moved(report: Report) -> Table | None:
    """What moved against the other run; what did not is left out."""
    if report.comparison is None:
        return None
    both = (("told plainly", report.comparison.plain), ("all manners", report.comparison.pooled))
    rows = [(name, d) for name, some in both for d in some if d.difference]
    table = Table(title=f"Moved against run {report.comparison.name}", title_justify="left", box=SIMPLE_HEAD)
    for head in ("figure", "", "before", "now", "difference", "McNemar"):
        table.add_column(head, justify="left" if head in ("figure", "") else "right")
    for name, d in rows:
        m = MEASURES[d.name]
        style = {"worse": "red", "better": "green", "same": ""}[m.toward(d.difference)] if d.certain else ""
        table.add_row(
            m.label, name, m.told(d.before), m.told(d.now), Text(shift(m, d), style=style), probability(d.p)
        )
    return table if rows else None


def _flips(report: Report, console: Console) -> None:
    if report.comparison is None:
        return
    console.print(Text(f"{flipped(report)}.".capitalize(), style="bold"))
    for flip in report.comparison.flips[:_MOST]:
        style = {"worse": "red", "better": "green"}.get(flip.turn, "")
        console.print(Text.assemble("  ", (flip.turn, style), f"  {flip.case.name}: {turned(flip)}"))
    _more(len(report.comparison.flips), console)


def _failing(report: Report, console: Console) -> None:
    if not report.failing:
        return
    console.print(Text(f"{len(report.failing):,} of {report.talks:,} talks fail:", style="bold"))
    for case in report.failing[:_MOST]:
        console.print(Text(f"  {', '.join(case.faults)}  {case.name}: {_why(case)}"))
    _more(len(report.failing), console)


def _why(case: Case) -> str:
    return rungs(case) + ("; kept for measuring, its words are not shown" if case.hidden else "")


def _more(many: int, console: Console) -> None:
    if many > _MOST:
        console.print(Text(f"  and {many - _MOST} more, in the page", style="dim"))


def _beside(report: Report) -> str:
    """Times, repeats, and what the run was made of."""
    lines = []
    if report.pass_k:
        lines.append("pass^k  " + ", ".join(f"{k}: {100 * v:.1f} %" for k, v in enumerate(report.pass_k, 1)))
    if report.times:
        t = report.times
        lines.append(f"a turn takes {t.median:.3f} s (median), {t.p95:.3f} s (95 %), {t.most:.3f} s (most)")
    made = ", ".join(f"{k} {v or '–'}" for k, v in report.made_of.model_dump().items())
    return "\n".join([*lines, f"run {report.name}: {made}"])
