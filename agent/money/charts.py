"""The estimate as pictures: the break-even curve and the tornado, each as PNG and SVG. Needs the extra `charts`."""

from __future__ import annotations

import textwrap
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agent.errors import BadInput, NeedsSomething
from agent.money.draws import curve
from agent.money.estimate import NAMES, Estimate
from agent.money.payback import months_left
from agent.money.sheet import Plan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HOW_TO_ADD: Final = (
    "Charts need matplotlib. Add it with: pip install 'rung[charts]' (or: pip install matplotlib)."
)
MONTHS: Final = 24
#: Two hues that people of every colour vision tell apart (Okabe and Ito).
_BEFORE: Final = "#0072B2"
_TUNED: Final = "#D55E00"
_BARS: Final = 10


def write_charts(plan: Plan, found: Estimate, folder: Path, today: date) -> list[Path]:
    """`cost-breakeven` and `cost-tornado` as .png and .svg in the folder, which is made if need be.

    Raises:
        NeedsSomething: matplotlib is not installed.
        BadInput: the folder cannot be written to.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise NeedsSomething(HOW_TO_ADD) from error

    pictures: dict[str, Figure] = {"cost-breakeven": Figure(figsize=(8, 5), layout="constrained")}
    _curve(pictures["cost-breakeven"], plan, found, today)
    if found.ranges and found.ranges.tornado:
        pictures["cost-tornado"] = Figure(figsize=(8, 5), layout="constrained")
        _tornado(pictures["cost-tornado"], found)
    written = []
    for name, figure in pictures.items():
        figure.supxlabel(_sources(found), fontsize=7, color="0.35")
        for ending in ("png", "svg"):
            path = folder / f"{name}.{ending}"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                # no date and no random ids inside, so that the same case gives the same file
                with rc_context({"svg.hashsalt": "rung"}):
                    figure.savefig(path, dpi=150, metadata={"Date": None} if ending == "svg" else None)
            except OSError as error:
                raise BadInput(f"The chart {path} cannot be written: {error.strerror or error}.") from error
            written.append(path)
    return written


def _curve(figure: Figure, plan: Plan, found: Estimate, today: date) -> None:
    """Saved less spent by the end of each month, with the middle half and the middle 90% of the draws as bands."""
    path = curve(plan, today, MONTHS)
    axes: Axes = figure.subplots()
    for low, high, share, shade in ((0, 4, 90, 0.12), (1, 3, 50, 0.25)):
        bands = path.percentiles
        axes.fill_between(
            path.months,
            bands[low],
            bands[high],
            color=_BEFORE,
            alpha=shade,
            lw=0,
            label=f"{share}% of the draws",
        )
    axes.plot(path.months, path.net, color=_BEFORE, lw=2, label="with the figures as they are")
    axes.axhline(0, color="black", lw=1)
    if found.outcome == "pays_back" and found.pay_back_month is not None and found.pay_back_month <= MONTHS:
        month = found.pay_back_month
        axes.plot([month], [path.net[month]], "o", color=_TUNED, ms=8, label=f"paid back: month {month}")
    left = months_left(plan, today)
    if left is not None and left <= MONTHS:
        axes.axvline(float(left), color=_TUNED, ls="--", label=f"tuned model retired: {plan.tuned.ends}")
    axes.set_xlim(0, MONTHS)
    axes.set_xticks(range(0, MONTHS + 1, 3))
    axes.set_xlabel("months from today")
    axes.set_ylabel(f"saved less spent, US dollars, against {NAMES[found.against]}")
    axes.yaxis.set_major_formatter(_dollars)
    axes.set_title("\n".join(textwrap.wrap(_plain(found.answer), 84)), fontsize=10, loc="left")
    axes.grid(alpha=0.25)
    axes.legend(loc="best", frameon=False, fontsize=9)


def _tornado(figure: Figure, found: Estimate) -> None:
    """The net after twelve months, one input at a time from the low to the high end of its range."""
    assert found.ranges is not None
    bars = found.ranges.tornado[:_BARS][::-1]
    middle = float(found.net_after_a_year)
    axes: Axes = figure.subplots()
    for row, bar in enumerate(bars):
        for net, colour in ((bar.net_at_low, _BEFORE), (bar.net_at_high, _TUNED)):
            axes.barh(row, net - middle, left=middle, color=colour, height=0.6)
    axes.set_yticks(
        range(len(bars)), [f"{b.label}\n{_short(b.low)} to {_short(b.high)}" for b in bars], fontsize=8
    )
    axes.axvline(middle, color="black", lw=1)
    axes.axvline(0, color="0.4", ls=":", lw=1)
    handles = [_patch(_BEFORE, "at the low end"), _patch(_TUNED, "at the high end")]
    axes.legend(handles=handles, loc="lower right", frameon=False)
    axes.set_xlabel("net after 12 months, US dollars (above 0: paid back)")
    axes.locator_params(axis="x", nbins=6)
    axes.xaxis.set_major_formatter(_dollars)
    axes.set_title("What moves the net of tuning after 12 months", fontsize=10, loc="left")
    axes.grid(axis="x", alpha=0.25)


def _patch(colour: str, label: str) -> Any:
    from matplotlib.patches import Patch

    return Patch(color=colour, label=label)


def _sources(found: Estimate) -> str:
    """The prices behind the picture, with their dates."""
    rows = [
        f"{p.name} (read {p.read}, evidence {p.evidence}, {p.passage_id or p.url})" for p in found.prices[:2]
    ]
    return _plain("\n".join(textwrap.wrap(f"Worked out on {found.date}. Prices: {'; '.join(rows)}.", 130)))


def _plain(text: str) -> str:
    """A dollar sign begins a formula in matplotlib."""
    return text.replace("$", r"\$")


def _dollars(value: float, _position: float = 0) -> str:
    return f"{'−' if value < 0 else ''}\\${abs(value):,.0f}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
