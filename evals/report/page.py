"""A report as one HTML page that holds all its parts: nothing is fetched, and what people said is text in it, never markup."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evals.figures import Difference, Figure
from evals.report import measures, sentences
from evals.report.digest import Report
from evals.report.entries import choices, entries, groups, unlisted
from evals.report.measures import HEADLINES, MEASURES, MEDIAN_QUESTIONS
from evals.report.parts import Share, Slice

_HERE: Final = Path(__file__).parent
#: Tags of fewer scenarios than this are folded away.
_FEW: Final = 4


def html(report: Report) -> str:
    """The whole page; the same report gives the same bytes."""
    flipped, failing = entries(report)
    shown = [*flipped, *failing]
    style, script = _text("page.css"), _text("page.js")
    page: str = _environment().get_template("page.html.jinja").render(
        report=report, style=Markup(style), script=Markup(script), policy=_policy(style, script),
        verdict=sentences.verdict(report), scope=sentences.scope(report), facts=_facts(report),
        headlines=[MEASURES[name] for name in HEADLINES], columns=_columns(report), axis=_axis(_headline_figures(report)),
        moved={d.name: d for d in report.comparison.pooled} if report.comparison else {},
        groups=groups(flipped, failing), flipped_words=_sentence(sentences.flipped(report)), hidden_away=unlisted(report, shown), choices=choices(shown),
        manner_axis=_axis(s.figure("rung_acceptable") for s in report.by_manner),
        tags=_tags(report, True), rare_tags=_tags(report, False), few=_FEW,
        forest=_forest(report), calibration_axis=_axis(g.right for g in report.calibration),
    )  # fmt: skip
    return page


def _facts(report: Report) -> list[tuple[str, str, str, str]]:
    """The few facts beside the verdict: name, value, what it is of, and whether it is good, bad or neither."""
    return [f for f in (_flip_fact(report), *_broken_facts(report), *_right_facts(report)) if f]


def _flip_fact(report: Report) -> tuple[str, str, str, str] | None:
    if report.comparison is None:
        return None
    worse, better = report.comparison.turned("worse"), report.comparison.turned("better")
    other = len(report.comparison.flips) - worse - better
    of = f"{better} better, {other} otherwise; since run {report.comparison.name}"
    return "Talks turned worse", str(worse), of, "bad" if worse else "good"


def _broken_facts(report: Report) -> list[tuple[str, str, str, str]]:
    share = report.share("all")
    names = ("over_climb", "dead_end", "useless")
    found = [f for n in names if share and (f := share.figure(n, pooled=True))]
    return [
        (
            MEASURES[f.name].label,
            f"{f.total:,.0f}",
            f"in {f.n:,} talks, all manners",
            "bad" if f.total else "good",
        )
        for f in found
    ]


def _right_facts(report: Report) -> list[tuple[str, str, str, str]]:
    share = report.share("kept") or report.share("all")
    found = share.figure("rung_acceptable") if share else None
    if share is None or found is None:
        return []
    measure = MEASURES["rung_acceptable"]
    of = f"of {found.n:,}, {sentences.SHARE_NAMES[share.name]}; {measures.spread(measure, found.low, found.high)}"
    told = [(measure.label, measure.told(found.value), of, "good" if measure.met(found.value) else "bad")]
    everyone = report.shares[0].figure("rung_acceptable", pooled=True)
    if everyone is None:
        return told
    moved = (
        next((d for d in report.comparison.pooled if d.name == everyone.name), None)
        if report.comparison
        else None
    )
    since = f"; {measure.moved(moved.difference)} since the last run" if moved else ""
    mood = "bad" if moved and moved.certain and moved.difference < 0 else "none"
    return [
        *told,
        (measure.label, measure.told(everyone.value), f"of {everyone.n:,}, all manners{since}", mood),
    ]


def _columns(report: Report) -> list[tuple[str, str, Share, bool]]:
    """The columns of the first table: what it is of, how told, the share, and whether manners are pooled."""
    order = sorted(report.shares, key=lambda s: ("kept", "development", "all").index(s.name))
    told = [
        (sentences.SHARE_NAMES[s.name], "told plainly", s, False) for s in order if s.name != "development"
    ]
    return [
        *told,
        *((sentences.SHARE_NAMES[s.name], "all manners", s, True) for s in order if s.name == "all"),
    ]


def _headline_figures(report: Report) -> list[Figure | None]:
    return [
        s.figure(n, pooled) for _, _, s, pooled in _columns(report) for n in ("rung_acceptable", "rung_exact")
    ]


def _axis(found: Iterable[Figure | None]) -> tuple[float, float]:
    """Where a chart of shares begins and ends: the tenth below the lowest end of an interval, and all."""
    lows = [f.low for f in found if f is not None]
    return max(0.0, min(math.floor(10 * min(lows, default=0) - 0.001) / 10, 0.9)), 1.0


def _tags(report: Report, many: bool) -> list[Slice]:
    """Tags with enough scenarios, or the others; the worst first."""

    def order(one: Slice) -> tuple[float, int, str]:
        found = one.figure("rung_acceptable")
        return found.value if found else 1.0, -one.talks, one.name

    return sorted((s for s in report.by_tag if (s.talks >= _FEW) is many), key=order)


def _forest(report: Report) -> list[tuple[str, list[Difference], float]]:
    """What moved in shares, by part, with the widest end of an interval on that chart."""
    if report.comparison is None:
        return []
    parts = (
        ("measuring third, told plainly", report.comparison.kept), ("all scenarios, told plainly", report.comparison.plain),
        ("all scenarios, all manners", report.comparison.pooled),
    )  # fmt: skip
    moved = [(name, [d for d in some if d.difference]) for name, some in parts]
    return [(name, some, _widest(some)) for name, some in moved if some]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _widest(moved: Iterable[Difference]) -> float:
    """The end of an interval of a share that is furthest from nought."""
    return max((max(abs(d.low), abs(d.high)) for d in moved if MEASURES[d.name].unit == "share"), default=1)


def _policy(style: str, script: str) -> str:
    """Nothing runs or is drawn but this page's own script and style, known by their hashes; nothing is fetched."""
    return (
        f"default-src 'none'; script-src {_hashed(script)}; style-src {_hashed(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hashed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    made.globals |= {
        "MEASURES": MEASURES, "BY_MANNER": measures.BY_MANNER, "MEDIAN_QUESTIONS": MEDIAN_QUESTIONS,
        "SHARE_NAMES": sentences.SHARE_NAMES, "shift": measures.shift, "probability": sentences.probability,
        "transcript": sentences.transcript, "spoken": sentences.spoken, "seen": sentences.seen,
        "spread": _unbroken(measures.spread), "count": _unbroken(sentences.count), "percent": _unbroken(measures.percent),
    }  # fmt: skip
    return made


def _unbroken(told: Callable[..., str]) -> Callable[..., str]:
    """The same words on one line: a figure is not torn from its unit."""
    return lambda *values: told(*values).replace(" ", "\N{NO-BREAK SPACE}")
