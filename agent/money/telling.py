"""An estimate told to people: plain text of 80 columns, or Markdown. The answer comes first."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from agent.money.estimate import (
    NAMES,
    Elsewhere,
    Estimate,
    Instead,
    Month,
    PriceUsed,
    Sum,
    Turn,
    dollars,
    number,
    price,
)
from agent.money.payback import Outcome

WIDTH: Final = 80
#: How many of these fit a screen; JSON has all.
_SHOWN: Final = 5
_BARS: Final = "▁▂▃▄▅▆▇█"

_KEPT: Final = "* Held against the tuned model with look-up, which training does not replace."

_OUTCOMES: Final[dict[Outcome, str]] = {
    "pays_back": "pays back in month {month}",
    "never": "never pays back",
    "retired_before": "not before it is retired",
    "ended": "cannot be had any more",
    "closed": "cannot be trained any more",
}
_UNITS: Final = {
    "input": "1M input tokens", "cached_input": "1M cached", "cache_write": "1M written to the cache",
    "output": "1M output", "training": "1M training tokens", "hosting_per_hour": "hour of hosting",
    "per_gb_day": "GB and day", "per_1000_calls": "1,000 calls",
}  # fmt: skip


def sparkline(values: Sequence[Decimal]) -> str:
    """One bar a value, the lowest to the highest."""
    if not values:
        return ""
    low, high = min(values), max(values)
    step = (high - low) / (len(_BARS) - 1)
    return "".join(_BARS[int((v - low) / step) if step else 0] for v in values)


def outcome(kind: Outcome | None, month: int | None) -> str:
    """ "pays back in month 5"; nothing for the tuned variant itself."""
    return _OUTCOMES[kind].format(month=month) if kind else ""


def _if(month: Month) -> str:
    """What tuning would do for a team that has this variant; the star stands for `_KEPT`."""
    kept = " *" if month.variant == "retrieval" else ""
    return f"{outcome(month.outcome, month.pay_back_month)}{kept}"


# -- plain text ---------------------------------------------------------------------------------------------------


def text(found: Estimate) -> str:
    """The estimate for a terminal."""
    return "\n".join(_text(found)) + "\n"


def _text(found: Estimate) -> Iterator[str]:
    yield from _wrap(found.answer, "", "")
    yield ""
    yield f"{'A month costs':<16}{'':>14}{'a call':>13}   if you have it, tuning"
    for month in found.months:
        yield f"  {NAMES[month.variant]:<14}{dollars(month.total):>14}{_per_call(month):>13}   {_if(month)}".rstrip()
    yield f"  {'To begin tuning':<28}{dollars(found.start.total):>14}"
    if found.retrain_every is not None:
        every = f"Again every {number(found.retrain_every)} months"
        yield f"  {every:<28}{dollars(found.retraining.total):>14}"
    yield f"  {_KEPT}"
    if found.months_left is not None:
        yield from _wrap(f"The tuned model answers for {_months(found.months_left)} more.", "  ", "  ")
    yield ""
    yield f"Saved less spent, months 0 to {len(found.account) - 1}:"
    yield f"  {sparkline(found.account)}  {dollars(found.account[0])} to {dollars(found.account[-1])}"
    yield from _ranges(found)
    yield from _turns(found)
    yield from _accuracy(found)
    yield from _instead(found)
    yield from _elsewhere(found.elsewhere)
    yield ""
    yield "How it adds up"
    for month in found.months:
        yield from _lines(NAMES[month.variant], Sum(lines=month.lines, total=month.total))
    yield from _lines("to begin tuning", found.start)
    if found.retraining.lines:
        yield from _lines("each retraining", found.retraining)
    once = found.index_once
    yield from _wrap(f"retrieval, once: {once.name}, {once.formula} = {dollars(once.amount)}", "  ", "    ")
    yield ""
    yield "Yours"
    unknown = [row.name for row in found.assumptions if row.value == "not known"]
    for row in found.assumptions:
        if row.given:
            yield from _wrap(f"{row.label}: {_with_unit(row.value, row.unit)}  [{row.name}]", "  ", "    ")
    yield "Assumed (change with --set name=value)"
    for row in found.assumptions:
        if not row.given and row.name not in unknown:
            yield from _wrap(
                f"{row.label}: {_with_unit(row.value, row.unit)}  [{row.name}] {row.source}", "  ", "    "
            )
    if unknown:
        yield from _wrap(f"Not known, left out: {', '.join(unknown)}", "", "  ")
    yield ""
    yield f"Prices, US dollars (override with --prices FILE); worked out on {found.date}"
    for used in found.prices:
        yield from _wrap(_row(used), "  ", "    ")
    yield ""
    for note in found.notes:
        yield from _wrap(note, "", "")


def _ranges(found: Estimate) -> Iterator[str]:
    if not (drawn := found.ranges):
        return
    yield ""
    yield f"Chance of being paid back within 12 months: {_chance(drawn.pays_back_within_a_year)}"
    yield f"  ({drawn.draws:,} draws, seed {drawn.seed}; low, middle and high are percentiles 5, 50, 95)"
    yield f"  {'':<24}{'low':>17}{'middle':>17}{'high':>17}"
    for name, spread in (
        ("net after 12 months", drawn.net_after_a_year),
        (f"a month, {NAMES[found.against]}", drawn.month_before),
        ("a month, fine-tuned", drawn.month_tuned),
    ):
        yield f"  {name:<24}" + "".join(f"{_round(value):>17}" for value in spread)
    told = [f"month {m}" if m is not None else "never" for m in drawn.pay_back_month]
    yield f"  {'paid back':<24}" + "".join(f"{m:>17}" for m in told)
    yield "What moves the net after 12 months most"
    for bar in drawn.tornado[:_SHOWN]:
        span = f"{_figure(bar.low)} to {_figure(bar.high)}: {_round(bar.net_at_low)} to {_round(bar.net_at_high)}"
        yield from _wrap(f"{bar.label}, {span}", "  ", "    ")


def _turns(found: Estimate) -> Iterator[str]:
    if found.outcome in ("ended", "closed"):
        return
    yield ""
    back = found.net_after_a_year >= 0
    if not found.turns:
        yield from _wrap("No single input turns the answer to “paid back within 12 months?”.", "", "")
        return
    yield (
        "It would no longer be paid back within 12 months"
        if back
        else "It would be paid back within 12 months"
    )
    for turn in found.turns[:_SHOWN]:
        yield from _wrap(f"{turn_told(turn)}", "  ", "    ")
    if len(found.turns) > 1:
        yield from _wrap("Each alone, the others as they are.", "  ", "  ")


def turn_told(turn: Turn) -> str:
    """ "with calls a day from 42,000 (now 5,000)"."""
    way = "from" if turn.turns_at > turn.now else "down to"
    turns_at, now = _three(turn.turns_at), number(turn.now)
    if turn.unit.startswith("$"):
        dear = price(Decimal(f"{turn.turns_at:.2e}"))
        return f"with {turn.label} {way} ${dear}{turn.unit.removeprefix('$')} (now ${price(turn.now)})"
    if turn.unit == "share":
        return f"with {turn.label} {way} {_share(turn.turns_at)} (now {_share(turn.now)})"
    return (
        f"with {turn.label} {way} {turns_at}{'' if turn.unit in turn.label else f' {turn.unit}'} (now {now})"
    )


def _accuracy(found: Estimate) -> Iterator[str]:
    rows = accuracies(found)
    if rows:
        yield ""
        yield "Break-even accuracy"
        for row in rows:
            yield from _wrap(row, "  ", "    ")


def accuracies(found: Estimate) -> list[str]:
    """What share of right answers the money asks for."""
    known = {row.name: row.value for row in found.assumptions}
    share, rows = found.accuracy, []
    if share.worth_doing is not None:
        rows.append(f"at {_share(share.worth_doing)} right answers, these earn what the wrong ones cost")
    if known["error_cost"] in ("not known", "0") or known["error_rate"] == "not known":
        return rows
    for value, what in (
        (share.same_month, "a tuned month costs as much as the other"),
        (share.back_in_a_year, "tuning is paid back in 12 months"),
    ):
        rows.append(
            f"with the tuned model at {_share(value)} right, {what}"
            if value is not None
            else f"no accuracy of the tuned model is so high that {what}"
        )
    return rows


def _instead(found: Estimate) -> Iterator[str]:
    if found.instead:
        yield ""
        yield "Cheaper than both, nothing trained, if it passes your tests (--model NAME)"
        for row in found.instead[:_SHOWN]:
            yield from _wrap(
                "; ".join((f"{row.model}: {dollars(row.month)} a month", *_ends(row))), "  ", "    "
            )


def _elsewhere(rows: Sequence[Elsewhere]) -> Iterator[str]:
    if rows:
        yield ""
        yield "The same case with another tuned model (--tuned NAME)"
        for row in rows[:_SHOWN]:
            told = f"{dollars(row.month)} a month, {dollars(row.start)} to begin: {outcome(row.outcome, row.pay_back_month)}"
            yield from _wrap("; ".join((f"{row.tuned}: {told}", *_ends(row))), "  ", "    ")


def _ends(row: Elsewhere | Instead) -> list[str]:
    """What stands against it, and where its prices are from."""
    return [part for part in (f"ends {row.ends}" if row.ends else "", row.note, row.prices_from) if part]


def _lines(name: str, part: Sum) -> Iterator[str]:
    yield f"  {name}, {dollars(part.total)}"
    for row in part.lines:
        yield from _wrap(f"{row.name}: {row.formula} = {dollars(row.amount)}", "    ", "      ")


def _row(row: PriceUsed) -> str:
    amounts = [f"${price(a)} per {_UNITS[c]}" for c, a in row.amounts.items() if c in _UNITS]
    if "batch_discount" in row.amounts:
        amounts.append(f"{_share(row.amounts['batch_discount'])} off in a batch")
    if "free_gb" in row.amounts:
        amounts.append(f"first {number(row.amounts['free_gb'])} GB free")
    return f"{row.role}: {row.name}, {', '.join(amounts)}; {_source(row)}"


def _source(price: PriceUsed) -> str:
    """Where and when a price was read, and how good the evidence is."""
    age = f" ({price.age}: check it)" if price.age and price.age != "undated" else ""
    where = f"{price.passage_id}, " if price.passage_id else ""
    return f"{where}read {price.read}{age}, evidence {price.evidence}, {price.url}"


def _wrap(words: str, first: str, later: str) -> list[str]:
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _per_call(month: Month) -> str:
    return "" if month.per_call is None else f"${number(month.per_call.quantize(Decimal('1e-6')))}"


def _months(months: Decimal) -> str:
    return f"{number(months.quantize(Decimal('0.1')))} months"


def _with_unit(value: str, unit: str) -> str:
    if unit in ("row", "variant") or value in ("not known", "never", "none"):
        return value
    if unit == "share":
        return _share(Decimal(value.replace(",", "")))
    if unit == "$":
        return f"${value}"
    return f"{value} {unit.removesuffix('s') if value == '1' else unit}"


def _chance(share: float) -> str:
    """In whole per cent, never rounded to a certainty that the draws do not show."""
    if 0 < share < 0.005 or 0.995 < share < 1:
        return "under 1%" if share < 0.5 else "over 99%"
    return f"{share:.0%}"


def _share(share: Decimal) -> str:
    return f"{number((share * 100).quantize(Decimal('0.1')))}%"


def _round(amount: float) -> str:
    """Whole dollars: a range is no more exact than that."""
    return f"{'−' if round(amount) < 0 else ''}${abs(round(amount)):,}"


def _figure(value: float) -> str:
    return number(Decimal(str(value)).quantize(Decimal("0.01"))) if abs(value) < 100 else f"{value:,.0f}"


def _three(value: Decimal) -> str:
    """Three significant figures."""
    return number(Decimal(f"{value:.2e}")) if value else "0"


# -- Markdown -----------------------------------------------------------------------------------------------------


def markdown(found: Estimate) -> str:
    """The estimate as a document."""
    return "\n".join(_markdown(found)) + "\n"


def _markdown(found: Estimate) -> Iterator[str]:
    yield f"**{found.answer}**"
    yield ""
    yield f"Worked out on {found.date}, US dollars."
    yield ""
    yield from _table(
        ("a month of", "costs", "a call", "if you have it, tuning"),
        ((NAMES[m.variant], dollars(m.total), _per_call(m), _if(m)) for m in found.months),
    )
    yield ""
    yield f"\\{_KEPT}"
    yield ""
    yield f"To begin tuning: {dollars(found.start.total)}."
    if found.retrain_every is not None:
        yield f"Again every {number(found.retrain_every)} months: {dollars(found.retraining.total)}."
    if drawn := found.ranges:
        low, middle, high = (_round(v) for v in drawn.net_after_a_year)
        yield ""
        yield (
            f"Chance of being paid back within 12 months: **{_chance(drawn.pays_back_within_a_year)}** "
            f"({drawn.draws:,} draws, seed {drawn.seed}). Net after 12 months: {low}, {middle}, {high} "
            "(percentiles 5, 50, 95)."
        )
        yield ""
        yield "## What moves it most"
        yield ""
        yield from _table(
            ("input", "from", "to", "net after 12 months"),
            (
                (
                    b.label,
                    _figure(b.low),
                    _figure(b.high),
                    f"{_round(b.net_at_low)} to {_round(b.net_at_high)}",
                )
                for b in drawn.tornado[:_SHOWN]
            ),
        )
    if found.turns:
        yield ""
        yield "## What would flip “paid back within 12 months”"
        yield ""
        yield from (f"- {turn_told(turn)}" for turn in found.turns[:_SHOWN])
    if rows := accuracies(found):
        yield ""
        yield "## Break-even accuracy"
        yield ""
        yield from (f"- {row}" for row in rows)
    if found.instead:
        yield ""
        yield "## Cheaper than both, nothing trained, if it passes your tests"
        yield ""
        yield from (
            f"- {_escape('; '.join((f'{row.model}: {dollars(row.month)} a month', *_ends(row))))}"
            for row in found.instead[:_SHOWN]
        )
    if found.elsewhere:
        yield ""
        yield "## The same case with another tuned model"
        yield ""
        yield from _table(
            ("tuned model", "a month", "to begin", "", "note"),
            (
                (
                    r.tuned,
                    dollars(r.month),
                    dollars(r.start),
                    outcome(r.outcome, r.pay_back_month),
                    "; ".join(_ends(r)),
                )
                for r in found.elsewhere[:_SHOWN]
            ),
        )
    yield ""
    yield "## How it adds up"
    parts = [(NAMES[m.variant], Sum(lines=m.lines, total=m.total)) for m in found.months]
    for name, part in (*parts, ("to begin tuning", found.start), ("each retraining", found.retraining)):
        yield ""
        yield f"**{name}, {dollars(part.total)}**"
        yield ""
        yield from _table(
            ("", "formula", "amount"), ((r.name, r.formula, dollars(r.amount)) for r in part.lines)
        )
    yield ""
    yield "## What it rests on"
    yield ""
    yield from _table(
        ("input", "value", "from"),
        ((f"{r.label} (`{r.name}`)", _with_unit(r.value, r.unit), r.source) for r in found.assumptions),
    )
    yield ""
    yield "## Prices"
    yield ""
    yield from (f"- {_escape(_row(row))}" for row in found.prices)
    yield ""
    yield "## Notes"
    yield ""
    yield from (f"- {_escape(note)}" for note in found.notes)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(_escape(cell) if '`' not in cell else cell for cell in row)} |"


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|").replace("_", "\\_").replace("*", "\\*").replace("<", "&lt;")
