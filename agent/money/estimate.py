"""An estimate: the months, the way back, what it rests on and what turns it, as one value that programs can read.

It never says what to do. Whether a team should fine-tune is the rubric's question; money is one of its gates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.errors import RungError
from agent.money.case import ABOUT, Case
from agent.money.flips import flips, net_after_a_year
from agent.money.payback import (
    LAST_MONTH,
    Account,
    Outcome,
    PayBack,
    account,
    break_even_accuracy,
    months_left,
    pay_back,
)
from agent.money.sheet import (
    VARIANTS,
    Factor,
    Plan,
    Term,
    Variant,
    index_once,
    is_cached,
    month,
    prefix_tokens,
    retraining,
    total,
    training,
)
from knowledge.prices import FRESH_DAYS, Price, Prices

#: Variants in words.
NAMES: Final[dict[str, str]] = {
    "prompt": "prompt",
    "few_shot": "few-shot",
    "retrieval": "retrieval",
    "tuned": "fine-tuned",
    "tuned_retrieval": "fine-tuned, still looking things up",
}
_NOW: Final[dict[str, str]] = {"prompt": "prompted", "few_shot": "few-shot", "retrieval": "with retrieval"}
#: Prices in words, as flips and bars name them.
_PRICE_NAMES: Final[dict[str, str]] = {
    "input": "input price",
    "cached_input": "cached input price",
    "output": "output price",
    "training": "training price",
    "hosting_per_hour": "hosting price",
}
#: Above this many input tokens a call, several providers charge more (prices#openai-base, prices#anthropic).
_LONG: Final = Decimal(100_000)
_CENT: Final = Decimal("0.01")

#: Said with every estimate.
NO_VERDICT: Final = "Cost alone is no reason to fine-tune: this sum never lifts the advice to rung 4. `rung chat` weighs the rest."


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Line(_Part):
    """One line of a sum: its name, the formula with its numbers, and what it comes to, exactly."""

    name: str
    formula: str
    amount: Decimal


class Sum(_Part):
    """Lines and their total, in US dollars."""

    lines: tuple[Line, ...]
    total: Decimal


class Month(_Part):
    """A month of one variant, and when tuning would pay back if that variant is what you have."""

    variant: str
    total: Decimal
    per_call: Decimal | None = Field(description="None without calls")
    lines: tuple[Line, ...]
    outcome: Outcome | None = Field(default=None, description="None for the tuned variant itself")
    pay_back_month: int | None = None


class Turn(_Part):
    """An input at which “paid back within twelve months” turns, the others unchanged."""

    name: str
    label: str
    unit: str
    now: Decimal
    turns_at: Decimal


class Assumption(_Part):
    """One input of the estimate: given by the person, or assumed, and on what ground."""

    name: str
    label: str
    unit: str
    value: str
    given: bool
    source: str


class PriceUsed(_Part):
    """A row of the price table that the estimate read, with its source, date and grade of evidence."""

    role: str
    name: str
    amounts: dict[str, Decimal]
    read: str
    age: str = Field(description=f"“undated”, or said when older than {FRESH_DAYS} days")
    evidence: str
    url: str
    passage_id: str
    ends: date | None
    note: str


class Elsewhere(_Part):
    """The same case with another tuned model of the table."""

    tuned: str
    month: Decimal
    start: Decimal
    outcome: Outcome
    pay_back_month: int | None
    ends: date | None
    note: str
    prices_from: str = Field(description="passage or address, when it was read, evidence")


class Instead(_Part):
    """Another model of the table whose month costs less than the present and the tuned one's, with nothing trained."""

    model: str
    month: Decimal
    ends: date | None
    note: str
    prices_from: str = Field(description="passage or address, when it was read, evidence")


class Break(_Part):
    """Shares of right answers at which the money comes out even; None: unknown, or more than all."""

    worth_doing: Decimal | None
    same_month: Decimal | None
    back_in_a_year: Decimal | None


class Ranges(_Part):
    """What the draws say: percentiles 5, 50, 95."""

    draws: int
    seed: int
    pays_back_within_a_year: float = Field(description="share of the draws")
    net_after_a_year: tuple[float, float, float]
    month_before: tuple[float, float, float]
    month_tuned: tuple[float, float, float]
    pay_back_month: tuple[int | None, int | None, int | None] = Field(description="None: never")
    tornado: tuple[Swing, ...]


class Swing(_Part):
    """The net after twelve months with one input at either end of its range."""

    name: str
    label: str
    low: float
    high: float
    net_at_low: float
    net_at_high: float


class Estimate(_Part):
    """The whole answer. Amounts are exact US dollars; people are shown them to the cent."""

    type: Literal["estimate"] = "estimate"
    date: date
    answer: str
    against: str
    outcome: Outcome
    pay_back_month: int | None
    months_left: Decimal | None = Field(
        description="until the tuned model stops answering; None: no end is known"
    )
    saving_a_month: Decimal
    net_after_a_year: Decimal
    months: tuple[Month, ...]
    start: Sum = Field(description="what training costs once")
    index_once: Line = Field(description="retrieval's own start")
    retraining: Sum
    retrain_every: Decimal | None
    accuracy: Break
    account: tuple[Decimal, ...] = Field(description="saved less spent after 0, 1, … 24 months")
    turns: tuple[Turn, ...]
    elsewhere: tuple[Elsewhere, ...]
    instead: tuple[Instead, ...]
    assumptions: tuple[Assumption, ...]
    prices: tuple[PriceUsed, ...]
    notes: tuple[str, ...]
    ranges: Ranges | None = Field(
        default=None, description="None without draws, or where nothing can be trained"
    )


def estimate(case: Case, prices: Prices, today: date, draws: int = 10_000, seed: int = 0) -> Estimate:
    """What the four ways cost this case, and when tuning pays back. Without draws there are no ranges.

    Raises:
        BadPrices: a row that the case names is not in the table.
        NeedsSomething: a row lacks a price that is needed.
    """
    plan = Plan.of(case, prices)
    a = account(plan, today)
    back = pay_back(plan, today)
    months = tuple(_month(plan, variant, today) for variant in VARIANTS)
    accuracy = break_even_accuracy(plan, today)
    can_train = back.outcome not in ("ended", "closed")
    return Estimate(
        date=today,
        answer=_answer(plan, a, back),
        against=case.against,
        outcome=back.outcome,
        pay_back_month=back.month,
        months_left=a.left,
        saving_a_month=a.saving,
        net_after_a_year=net_after_a_year(plan, today),
        months=months,
        start=_sum(training(plan)),
        index_once=line(index_once(plan)),
        retraining=_sum(retraining(plan)),
        retrain_every=case.retrain_every,
        accuracy=Break(
            worth_doing=accuracy.worth_doing,
            same_month=accuracy.same_month,
            back_in_a_year=accuracy.back_in_a_year,
        ),
        account=tuple(a.after(Decimal(t)) for t in range(25)),
        turns=tuple(_turn(plan, today)) if can_train else (),
        elsewhere=tuple(_elsewhere(plan, prices, today)),
        instead=tuple(_instead(plan, prices, today)),
        assumptions=tuple(_assumptions(plan)),
        prices=tuple(_prices_used(plan, today)),
        notes=tuple(_notes(plan, today)),
        ranges=_ranges(plan, today, draws, seed) if draws and can_train else None,
    )


# -- numbers in words ---------------------------------------------------------------------------------------------


def dollars(amount: Decimal) -> str:
    """To the cent, with a minus before the sign: "−$1,234.50"."""
    rounded = amount.quantize(_CENT, ROUND_HALF_UP)
    return f"{'−' if rounded < 0 else ''}${abs(rounded):,}"


def number(value: Decimal) -> str:
    """At most six significant figures after the point, no trailing zeros, thousands apart."""
    if value == 0:
        return "0"
    places = max(0, 5 - value.adjusted())
    text = f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(value: Decimal) -> str:
    """As `number`, with at least two places: "0.10", "0.075"."""
    text = number(value)
    whole, _, places = text.partition(".")
    return text if len(places) >= 2 else f"{whole}.{places:0<2}"


def line(term: Term) -> Line:
    """A term with its numbers put in: "5,000 calls a day × 30.4 days × …"."""
    return Line(name=term.name, formula=" × ".join(_told(f) for f in term.factors), amount=term.amount)


def _told(factor: Factor) -> str:
    if factor.text.startswith("$"):
        return factor.text.format(price(factor.value))
    told = number(factor.value)
    text = re.sub(r"^({} \w+)s\b", r"\1", factor.text) if told == "1" else factor.text
    return text.format(told)


def _sum(terms: Iterable[Term]) -> Sum:
    lines = tuple(line(term) for term in terms)
    return Sum(lines=lines, total=sum((row.amount for row in lines), Decimal(0)))


def label(name: str) -> str:
    """An input or a price in words."""
    role, dot, column = name.partition(".")
    if not dot:
        return ABOUT[name].label
    model = "tuned model" if role == "tuned" else "prompted model"
    return f"prices of the {model}, × today's" if column == "prices" else f"{_PRICE_NAMES[column]}, {model}"


def unit(name: str) -> str:
    _, dot, column = name.partition(".")
    if not dot:
        return ABOUT[name].unit
    return "$ an hour" if column == "hosting_per_hour" else "$ per 1M tokens"


# -- the parts ----------------------------------------------------------------------------------------------------


def _month(plan: Plan, variant: Variant, today: date) -> Month:
    lines = tuple(line(term) for term in month(plan, variant))
    whole = sum((row.amount for row in lines), Decimal(0))
    calls = plan.case.calls_a_day * plan.case.days_a_month
    back = None if variant == "tuned" else pay_back(plan, today, variant)
    return Month(
        variant=variant,
        total=whole,
        per_call=whole / calls if calls else None,
        lines=lines,
        outcome=back.outcome if back else None,
        pay_back_month=back.month if back else None,
    )


def _answer(plan: Plan, a: Account, back: PayBack) -> str:
    """The one sentence that says it."""
    other = _NOW[plan.case.against]
    before = total(month(plan, plan.case.against))
    tuned = before - a.saving
    months = f"a month costs {dollars(tuned)} fine-tuned and {dollars(before)} {other}"
    spent = f"{dollars(a.start)} to begin"
    if back.outcome == "pays_back":
        told = f"Fine-tuning pays back here in month {back.month}: {months}, after {spent}"
        if a.every and a.trainings(Decimal(back.month or 0)):
            told += f", retraining every {number(a.every)} months counted in"
        if a.left is not None:
            told += f". The tuned model stops answering on {plan.tuned.ends} (month {number(_left(a))})"
        return f"{told}."
    if back.outcome == "retired_before":
        return (
            f"Fine-tuning does not pay back here before the tuned model is retired: it would take until month "
            f"{back.month}, and {plan.tuned.name} stops answering on {plan.tuned.ends} (month {number(_left(a))})."
        )
    if back.outcome == "ended":
        return f"Fine-tuning never pays back here: {plan.tuned.name} stopped answering on {plan.tuned.ends}."
    if back.outcome == "closed":
        return f"Fine-tuning never pays back here: nobody can train {plan.tuned.name} since {plan.tuned.trains_until}."
    if a.saving <= 0:
        return f"Fine-tuning never pays back here: {months}."
    again = f" and {dollars(a.again)} every {number(a.every)} months" if a.every else ""
    return (
        f"Fine-tuning never pays back here, not in {LAST_MONTH // 12} years: it saves {dollars(a.saving)} a month "
        f"and costs {spent}{again}."
    )


def _left(a: Account) -> Decimal:
    return (a.left or Decimal(0)).quantize(Decimal("0.1"))


def _turn(plan: Plan, today: date) -> Iterable[Turn]:
    for flip in flips(plan, today):
        yield Turn(
            name=flip.name, label=label(flip.name), unit=unit(flip.name), now=flip.now, turns_at=flip.turns_at
        )


def _elsewhere(plan: Plan, prices: Prices, today: date) -> Iterable[Elsewhere]:
    """The other tuned models whose prices are all known and that can still be trained, the cheapest month first."""
    found = []
    for row in prices.of_kind("tuned"):
        if row.name == plan.tuned.name:
            continue
        try:
            other = Plan.of(plan.case.model_copy(update={"tuned": row.name}), prices)
        except RungError:
            continue  # a price is missing: nothing can be said
        back = pay_back(other, today)
        if back.outcome in ("ended", "closed"):
            continue
        found.append(
            Elsewhere(
                tuned=row.name,
                month=total(month(other, "tuned")),
                start=total(training(other)),
                outcome=back.outcome,
                pay_back_month=back.month,
                ends=row.ends,
                note=row.note,
                prices_from=_from(row),
            )
        )
    return sorted(found, key=lambda e: (e.month, e.start, e.tuned))


def _instead(plan: Plan, prices: Prices, today: date) -> Iterable[Instead]:
    """Models that, used as the present one, cost less a month than it and than the tuned one, the cheapest first:
    whether they are good enough only a test tells (prices#break-even)."""
    tuned = total(month(plan, "tuned_retrieval" if plan.case.against == "retrieval" else "tuned"))
    least = min(tuned, total(month(plan, plan.case.against)))
    found = []
    for row in prices.of_kind("base"):
        if row.name == plan.model.name or (row.ends is not None and row.ends <= today):
            continue
        try:
            other = Plan.of(plan.case.model_copy(update={"model": row.name}), prices)
        except RungError:
            continue  # a price is missing: nothing can be said
        costs = total(month(other, plan.case.against))
        if costs < least:
            found.append(
                Instead(model=row.name, month=costs, ends=row.ends, note=row.note, prices_from=_from(row))
            )
    return sorted(found, key=lambda other: (other.month, other.model))


def _from(row: Price) -> str:
    return f"{row.passage_id or row.url}, read {row.read}, evidence {row.evidence}"


def _assumptions(plan: Plan) -> Iterable[Assumption]:
    case = plan.case
    for name, about in ABOUT.items():
        given = name in case.model_fields_set
        value: Any = getattr(case, name)
        if value is None and not given:
            value = plan.values.get(name)
        text = number(value) if isinstance(value, Decimal) else ("not known" if value is None else str(value))
        if name == "retrain_every" and value is None:
            text = "never"
        if text or given:
            yield Assumption(
                name=name, label=about.label, unit=about.unit, value=text or "none", given=given,
                source="yours" if given else about.source,
            )  # fmt: skip


def _prices_used(plan: Plan, today: date) -> Iterable[PriceUsed]:
    rows: tuple[tuple[str, Price | None], ...] = (
        ("prompted model", plan.model),
        ("tuned model", plan.tuned),
        ("embedding", plan.embedding),
        ("storage", plan.storage),
        ("search tool", plan.search),
    )
    columns = (
        "input", "cached_input", "cache_write", "output", "training", "hosting_per_hour", "batch_discount",
        "per_gb_day", "free_gb", "per_1000_calls",
    )  # fmt: skip
    for role, row in rows:
        if row is None:
            continue
        yield PriceUsed(
            role=role, name=row.name, read=row.read, age=row.age(today), evidence=row.evidence, url=row.url,
            amounts={c: value for c in columns if (value := getattr(row, c)) is not None},
            passage_id=row.passage_id, ends=row.ends, note=row.note,
        )  # fmt: skip


def _notes(plan: Plan, today: date) -> Iterable[str]:
    """What the sums leave out or rest on, where it matters in this case."""
    case, model, tuned = plan.case, plan.model, plan.tuned
    if case.against == "retrieval":
        yield "Training does not replace looking things up, so the tuned model is counted with its passages (guide#common-mistakes)."
    if model.cached_input is None:
        yield f"No cached price is known for {model.name}: all its input is counted at the full price."
    elif not is_cached(plan, "model", "prompt"):
        tokens = number(prefix_tokens("prompt", plan.values))
        yield f"A prompt of {tokens} tokens is too short for the cache (from {number(case.cache_min_tokens)})."
    if case.batch_share:
        for row in (model, tuned):
            if row.batch_discount is None and not row.by_the_hour:
                yield f"No batch discount is known for {row.name}: its calls are counted at the full price."
        yield "It is assumed that a batch discount holds for cached input as well."
    if tuned.hosting_per_hour is not None and case.busy_hours_a_day is None:
        yield "Hosting is paid while it idles; busy_hours_a_day shows how much of it that is."
    if tuned.by_the_hour:
        yield f"That {number(case.hosting_units)} GPU or deployment carries the load is assumed, whatever the volume (hosting_units)."
    if case.error_cost is None or not plan.counts_errors:
        yield "Wrong answers are not counted: that takes error_rate, tuned_error_rate and error_cost."
    if prefix_tokens("few_shot", plan.values) + case.retrieved_tokens + case.input_tokens > _LONG:
        yield f"Above {number(_LONG)} tokens several providers charge more a token; that is not counted."
    if model.ends is not None:
        yield f"{model.name} itself stops answering on {model.ends}; a prompt moves to the next model, a tuned model does not."
    left = months_left(plan, today)
    if tuned.trains_until is not None and left is not None:
        yield f"{tuned.name} can be trained until {tuned.trains_until} and answers until {tuned.ends}."
    if tuned.note:
        yield f"{tuned.name}: {tuned.note}."
    if model.note:
        yield f"{model.name}: {model.note}."
    yield NO_VERDICT


def _ranges(plan: Plan, today: date, draws: int, seed: int) -> Ranges:
    from agent.money.draws import draw, tornado

    drawn = draw(plan, today, draws, seed)
    spreads = [(s.p5, s.p50, s.p95) for s in (drawn.net_after_a_year, drawn.month_before, drawn.month_tuned)]
    return Ranges(
        draws=draws,
        seed=seed,
        pays_back_within_a_year=drawn.within_a_year,
        net_after_a_year=spreads[0],
        month_before=spreads[1],
        month_tuned=spreads[2],
        pay_back_month=drawn.pay_back_month,
        tornado=tuple(
            Swing(
                name=bar.name, label=label(bar.name), low=bar.low, high=bar.high,
                net_at_low=bar.net_at_low, net_at_high=bar.net_at_high,
            )
            for bar in tornado(plan, today)
        ),
    )  # fmt: skip
