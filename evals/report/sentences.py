"""What a report comes to, in sentences that all its forms share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evals.figures import Figure
from evals.report.cases import Case, Flip
from evals.report.digest import Report
from evals.report.measures import MEASURES, MEDIAN_QUESTIONS, percent
from evals.report.parts import Share
from evals.simulated_user import Exchange

#: What the parts of the scenarios are called.
SHARE_NAMES = {"all": "all scenarios", "development": "development", "kept": "measuring third"}

#: What no form can hold or should: control characters, halves of pairs, and marks that turn the reading order around.
_UNSEEN = re.compile(
    "[^\t\n\r\u0020-\u007e\u00a0-\u200d\u2010-\u2029\u202f-\u205f\u2070-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


def verdict(report: Report) -> str:
    """May it land?"""
    return "Gate: open" if report.gate.open else "Gate: closed"


def summary(report: Report) -> str:
    """What a person who must decide wants to know first, in one line."""
    parts = [_right(report), *_broken(report), flipped(report)]
    return "; ".join(p for p in parts if p) + "."


def flipped(report: Report) -> str:
    """How many talks changed against the other run and which way; with no such run, what the gate found beside its own."""
    found = report.comparison
    if found is None and report.gate.against and not report.gate.drops:
        return f"no drop against {report.gate.against}"
    if found is None:
        return "no earlier run beside it"
    turns = [
        f"{n} {turn}"
        for turn in ("worse", "better", "other rung", "other stance")
        if (n := found.turned(turn))
    ]
    many = len(found.flips)
    return f"{many or 'no'} {'flip' if many == 1 else 'flips'} against run {found.name}" + (
        f": {', '.join(turns)}" if turns else ""
    )


def scope(report: Report) -> str:
    """What was run."""
    manners = f"{len(report.manners)} {'manner' if len(report.manners) == 1 else 'manners'}"
    repeats = f" × {report.repeat} repeats" if report.repeat > 1 else ""
    kept = report.share("kept")
    measured = f" ({kept.scenarios} of them kept for measuring)" if kept else ""
    return f"{report.scenarios:,} scenarios{measured} × {manners}{repeats}: {report.talks:,} talks"


def targets(report: Report) -> list[tuple[str, str, bool | None]]:
    """Each target of the suite on the scenarios kept for measuring (on all, where none is kept): label, what was found, met?"""
    share = report.share("kept") or report.share("all")
    if share is None:
        return []
    found = [(m.label, share.figure(m.name)) for m in MEASURES.values() if m.target is not None]
    rows = [(label, count(f), MEASURES[f.name].met(f.value)) for label, f in found if f is not None]
    if share.median_questions is not None:
        rows.append(
            ("Questions, median", f"{share.median_questions:g}", share.median_questions <= MEDIAN_QUESTIONS)
        )
    return rows


def count(found: Figure) -> str:
    """A figure as a person counts it: how many where they should be none, else the share."""
    measure = MEASURES[found.name]
    if measure.target == 0:
        return f"{found.total:,.0f} in {found.n:,}"
    return measure.told(found.value)


def rungs(case: Case) -> str:
    """What the label says and what was advised."""
    label = "no label" if case.labelled is None else f"labelled {case.labelled}"
    others = [str(r) for r in case.acceptable if r != case.labelled]
    label += f" (or {', '.join(others)})" if others else ""
    return f"{label}, advised {case.advised if case.advised is not None else 'nothing'}"


def turned(flip: Flip) -> str:
    """What a flip changed, the label last."""
    before, now = flip.rung_before or "nothing", flip.case.advised or "nothing"
    label = "no label" if flip.case.labelled is None else f"labelled {flip.case.labelled}"
    if before != now:
        return f"{before} → {now}, {label}"
    stance = f", {flip.stance_before} → {flip.case.stance}" if flip.stance_before else ""
    return f"still {now}{stance}, {label}"


def transcript(case: Case) -> Iterator[tuple[str, str]]:
    """Who said what, in order, and the advice at the end; nothing of a case whose words are hidden."""
    yield from spoken(case.exchanges)
    if case.headline:
        yield "rung", seen(f"rung {case.advised}, {case.stance}: {case.headline}")


def spoken(exchanges: Iterable[Exchange]) -> Iterator[tuple[str, str]]:
    """Who said what, in order."""
    for exchange in exchanges:
        yield "user", seen(exchange.said)
        yield from (("rung", seen(told)) for told in exchange.told)
        if exchange.asked:
            marks = (("useless", exchange.useless), ("asked again", exchange.again))
            named = ", ".join(mark for mark, there in marks if there)
            yield "rung", f"asks: {exchange.asked}" + (f" ({named})" if named else "")


def seen(text: str) -> str:
    """Text with what cannot be seen in it made visible."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def probability(p: float | None) -> str:
    """McNemar's p as one says it."""
    return "" if p is None else "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _right(report: Report) -> str:
    """Right rungs, the measuring third first where there is one."""
    parts = [s for name in ("kept", "all") if (s := report.share(name)) is not None]
    found = [(SHARE_NAMES[s.name], f) for s in parts if (f := s.figure("rung_acceptable")) is not None]
    told = [f"{percent(f.value)} of {f.n} right ({name})" for name, f in found]
    pooled = _pooled(report.share("all"))
    return ", ".join([*told, *([f"{percent(pooled.value)} in all manners"] if pooled else [])])


def _pooled(share: Share | None) -> Figure | None:
    return share.figure("rung_acceptable", pooled=True) if share else None


def _broken(report: Report) -> list[str]:
    """The invariants, counted over all talks."""
    share = report.share("all")
    counted = (
        ("over_climb", "over-climb", "over-climbs"), ("dead_end", "dead end", "dead ends"),
        ("useless", "useless question", "useless questions"),
    )  # fmt: skip
    found = [(share.figure(name, pooled=True) if share else None, one, many) for name, one, many in counted]
    told = [f"{f.total:.0f} {one if f.total == 1 else many}" for f, one, many in found if f is not None]
    cited = share.figure("citations_valid", pooled=True) if share else None
    return [", ".join(told), f"citations {percent(cited.value)} valid" if cited else ""]
