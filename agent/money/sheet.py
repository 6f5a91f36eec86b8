"""The sums: what a month of each variant costs, and what training costs, as terms that are products of factors.

Every amount is written once and works for exact decimals (the sheet people see) and for arrays of draws alike, so the
ranges cannot disagree with the sums. Formulas:

- tokens: calls × tokens × price, the provider's own way of charging (prices#openai-base)
- cached prefix: hits × cached price + misses × write price (openai-prompt-engineering#prompt-caching)
- training: examples × tokens × epochs × price (azure-foundry-fine-tuning#cost)
- hosting: hours × price, used or not (azure-foundry-fine-tuning#cost)
- errors: calls × rate × what one costs (openai-model-optimization#good-enough)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, Literal

from agent.errors import NeedsSomething
from agent.money.case import Case
from knowledge.prices import Price, Prices

Variant = Literal["prompt", "few_shot", "retrieval", "tuned", "tuned_retrieval"]
VARIANTS: Final[tuple[Variant, ...]] = ("prompt", "few_shot", "retrieval", "tuned")

#: A decimal, or an array with one number a draw. Only + − × ÷ and abs are used on it.
Quantity = Any
Quantities = Mapping[str, Quantity]

_MILLION: Final = 1_000_000
#: The amounts of a price row that a sum may read.
_MODEL: Final = ("input", "cached_input", "cache_write", "output")
_TUNED: Final = (*_MODEL, "training", "hosting_per_hour")


@dataclass(frozen=True)
class Factor:
    """One number of a product: `text` has a {} for it; `per` is what the text's unit divides it by."""

    value: Quantity
    text: str
    per: int = 1


@dataclass(frozen=True)
class Term:
    """One line of a sheet."""

    name: str
    factors: tuple[Factor, ...]

    @property
    def amount(self) -> Quantity:
        product: Quantity = 1
        for factor in self.factors:
            product = product * factor.value / factor.per
        return product


@dataclass(frozen=True)
class Plan:
    """A case with the price rows it names."""

    case: Case
    model: Price
    tuned: Price
    embedding: Price
    storage: Price
    search: Price | None = None

    @classmethod
    def of(cls, case: Case, prices: Prices) -> Plan:
        """The rows looked up and checked.

        Raises:
            BadPrices: a name is not in the table.
            NeedsSomething: a row lacks a price that a sum needs.
        """
        plan = cls(
            case=case,
            model=prices.row(case.model, "base"),
            tuned=prices.row(case.tuned, "tuned"),
            embedding=prices.row(case.embedding, "embedding"),
            storage=prices.row(case.storage, "storage"),
            search=prices.row(case.search_tool, "search") if case.search_tool else None,
        )
        _need(plan.model, "input", "output")
        tuned = plan.tuned
        _need(tuned, "training", *(() if tuned.by_the_hour else ("input", "output")))
        _need(plan.embedding, "input")
        _need(plan.storage, "per_gb_day")
        if plan.search:
            _need(plan.search, "per_1000_calls")
        return plan

    @cached_property
    def values(self) -> dict[str, Decimal]:
        """Every number that the sums read, by name: inputs, and prices as `model.input`, `tuned.training`, …"""
        case = self.case
        found = {
            name: value for name in Case.model_fields if isinstance(value := getattr(case, name), Decimal)
        }
        found.setdefault("example_tokens", case.input_tokens + case.output_tokens)
        found.setdefault(
            "training_tokens", case.prompt_tokens * case.prompt_kept + case.input_tokens + case.output_tokens
        )
        if case.error_rate is not None:
            found.setdefault("few_shot_error_rate", case.error_rate)
            found.setdefault("retrieval_error_rate", case.error_rate)
        for role, row, names in (("model", self.model, _MODEL), ("tuned", self.tuned, _TUNED)):
            found |= {f"{role}.{n}": value for n in names if (value := getattr(row, n)) is not None}
            if row.input is not None:
                found.setdefault(f"{role}.cache_write", row.input)
        found["embedding.input"] = _known(self.embedding.input)
        found["storage.per_gb_day"] = _known(self.storage.per_gb_day)
        found["storage.free_gb"] = self.storage.free_gb or Decimal(0)
        if self.search:
            found["search.per_1000_calls"] = _known(self.search.per_1000_calls)
        return found

    def with_value(self, name: str, value: Decimal) -> Plan:
        """This plan with one input, or one price such as `tuned.output`, changed."""
        role, dot, column = name.partition(".")
        if not dot:
            return replace(self, case=self.case.with_value(name, value))
        changes: dict[str, Any] = {column: value}
        rows: dict[str, Any] = {role: replace(getattr(self, role), **changes)}
        return replace(self, **rows)

    @property
    def counts_errors(self) -> bool:
        """Are wrong answers part of the months? Only when both rates and the cost of one are known."""
        known = (self.case.error_cost, self.case.error_rate, self.case.tuned_error_rate)
        return all(value is not None for value in known)


def month(plan: Plan, variant: Variant, values: Quantities | None = None) -> tuple[Term, ...]:
    """A month of one variant. `tuned_retrieval` is the tuned model that still gets its passages looked up."""
    v = plan.values if values is None else values
    tuned = variant in ("tuned", "tuned_retrieval")
    fresh = [("input", v["input_tokens"])]
    looked_up = variant in ("retrieval", "tuned_retrieval")
    if looked_up:
        fresh.append(("passages", v["retrieved_tokens"]))
    terms: list[Term] = []
    if not (tuned and plan.tuned.by_the_hour):
        terms += _tokens(plan, "tuned" if tuned else "model", variant, fresh, v)
    if tuned:
        terms += _hosting(plan, v)
    if looked_up:
        terms += _index(plan, v)
    if plan.counts_errors:
        terms.append(
            Term(
                "wrong answers",
                (*_calls(v), Factor(_error_rate(variant, v), "{} wrong"), Factor(v["error_cost"], "${}")),
            )
        )
    return tuple(terms)


def training(plan: Plan, values: Quantities | None = None) -> tuple[Term, ...]:
    """What is spent once before the tuned model serves: examples, training, evaluation."""
    v = plan.values if values is None else values
    missing = _at_least_zero(v["examples_wanted"] - v["examples_ready"])
    return (
        *_work("making examples", missing, v["label_minutes"], v),
        *_work("checking ready examples", v["examples_wanted"] - missing, v["check_minutes"], v),
        Term("setting up and judging", (Factor(v["setup_hours"], "{} hours"), _rate(v))),
        *_run(plan, v),
    )


def retraining(plan: Plan, values: Quantities | None = None) -> tuple[Term, ...]:
    """What each training after the first costs; nothing where there is none."""
    v = plan.values if values is None else values
    if plan.case.retrain_every is None:
        return ()
    return (
        *_work("making examples anew", v["examples_wanted"] * v["relabel_share"], v["label_minutes"], v),
        Term("training and judging again", (Factor(v["retrain_hours"], "{} hours"), _rate(v))),
        *_run(plan, v),
    )


def index_once(plan: Plan) -> Term:
    """Embedding all documents the first time: retrieval's own start."""
    v = plan.values
    return Term(
        "embedding the documents",
        (Factor(v["documents_tokens"], "{} tokens"), _price(v["embedding.input"])),
    )


def total(terms: Iterable[Term]) -> Quantity:
    first, *rest = [term.amount for term in terms] or [Decimal(0)]
    return sum(rest, first)


def prefix_tokens(variant: Variant, v: Quantities) -> Quantity:
    """What is sent unchanged ahead of every call."""
    if variant in ("tuned", "tuned_retrieval"):
        return v["prompt_tokens"] * v["prompt_kept"]
    if variant == "few_shot":
        return v["prompt_tokens"] + v["examples_in_prompt"] * v["example_tokens"]
    return v["prompt_tokens"]


def is_cached(plan: Plan, role: str, variant: Variant) -> bool:
    """Does the cache take this prefix? Decided on the case itself, not draw by draw."""
    row = plan.model if role == "model" else plan.tuned
    return row.cached_input is not None and prefix_tokens(variant, plan.values) >= plan.case.cache_min_tokens


def _tokens(
    plan: Plan, role: str, variant: Variant, fresh: list[tuple[str, Quantity]], v: Quantities
) -> Iterable[Term]:
    calls = _calls(v)
    prefix = Factor(prefix_tokens(variant, v), "{} tokens")
    batch = _batch(plan.model if role == "model" else plan.tuned, plan, v)
    named = "prompt and examples" if variant == "few_shot" else "prompt"
    if is_cached(plan, role, variant):
        hit = v["cache_hit_rate"]
        yield Term(
            f"{named}, cached",
            (*calls, prefix, Factor(hit, "{} hits"), _price(v[f"{role}.cached_input"]), *batch),
        )
        yield Term(
            f"{named}, not cached",
            (*calls, prefix, Factor(1 - hit, "{} misses"), _price(v[f"{role}.cache_write"]), *batch),
        )
    else:
        yield Term(named, (*calls, prefix, _price(v[f"{role}.input"]), *batch))
    for name, tokens in fresh:
        yield Term(name, (*calls, Factor(tokens, "{} tokens"), _price(v[f"{role}.input"]), *batch))
    yield Term(
        "answer", (*calls, Factor(v["output_tokens"], "{} tokens"), _price(v[f"{role}.output"]), *batch)
    )


def _batch(row: Price, plan: Plan, v: Quantities) -> tuple[Factor, ...]:
    """What is left of the price after the discount on calls that can wait."""
    if not plan.case.batch_share or row.batch_discount is None:
        return ()
    discount = row.batch_discount
    share = v["batch_share"]
    left = 1 - share * (discount if isinstance(share, Decimal) else float(discount))
    return (Factor(left, "{} after batch discount"),)


def _hosting(plan: Plan, v: Quantities) -> Iterable[Term]:
    if plan.tuned.hosting_per_hour is None:
        return
    case = plan.case
    price = Factor(v["tuned.hosting_per_hour"], "${} an hour")
    units = Factor(v["hosting_units"], "{} units")
    days = Factor(v["days_a_month"], "{} days")
    if case.busy_hours_a_day is None:
        yield Term("hosting", (units, Factor(v["hosting_hours_a_day"], "{} hours a day"), days, price))
        return
    idle = v["hosting_hours_a_day"] - v["busy_hours_a_day"]
    yield Term("hosting, at work", (units, Factor(v["busy_hours_a_day"], "{} hours a day"), days, price))
    yield Term("hosting, idle", (units, Factor(idle, "{} hours a day"), days, price))


def _index(plan: Plan, v: Quantities) -> Iterable[Term]:
    embedding = _price(v["embedding.input"])
    yield Term("embedding the questions", (*_calls(v), Factor(v["input_tokens"], "{} tokens"), embedding))
    yield Term(
        "embedding changed documents",
        (Factor(v["documents_tokens"], "{} tokens"), Factor(v["churn"], "{} a month"), embedding),
    )
    stored = v["documents_tokens"] / _MILLION * v["gb_per_million"]
    paid = Factor(_at_least_zero(stored - v["storage.free_gb"]), "{} GB beyond the free part")
    price = Factor(v["storage.per_gb_day"], "${} a day")
    yield Term("storage", (paid, Factor(v["days_a_month"], "{} days"), price))
    if plan.search:
        yield Term("search tool", (*_calls(v), Factor(v["search.per_1000_calls"], "${} per 1,000", 1000)))


def _run(plan: Plan, v: Quantities) -> Iterable[Term]:
    """One training run and its evaluation. What is paid by the hour has its evaluation in the hosting."""
    yield Term(
        "training run",
        (
            Factor(v["examples_wanted"], "{} examples"),
            Factor(v["training_tokens"], "{} tokens"),
            Factor(v["epochs"], "{} epochs"),
            _price(v["tuned.training"]),
        ),
    )
    if plan.tuned.by_the_hour:
        return
    cases = (Factor(v["evaluation_runs"], "{} runs"), Factor(v["evaluation_cases"], "{} cases"))
    sent = prefix_tokens("tuned", v) + v["input_tokens"]
    yield Term("evaluation, input", (*cases, Factor(sent, "{} tokens"), _price(v["tuned.input"])))
    yield Term(
        "evaluation, answers", (*cases, Factor(v["output_tokens"], "{} tokens"), _price(v["tuned.output"]))
    )


def _work(name: str, examples: Quantity, minutes: Quantity, v: Quantities) -> Iterable[Term]:
    yield Term(name, (Factor(examples, "{} examples"), Factor(minutes, "{} minutes", 60), _rate(v)))


def _error_rate(variant: Variant, v: Quantities) -> Quantity:
    if variant in ("tuned", "tuned_retrieval"):
        return v["tuned_error_rate"]
    return v["error_rate" if variant == "prompt" else f"{variant}_error_rate"]


def _calls(v: Quantities) -> tuple[Factor, Factor]:
    return Factor(v["calls_a_day"], "{} calls a day"), Factor(v["days_a_month"], "{} days")


def _rate(v: Quantities) -> Factor:
    return Factor(v["hourly_rate"], "${} an hour")


def _price(value: Quantity) -> Factor:
    return Factor(value, "${} per 1M", _MILLION)


def _at_least_zero(x: Quantity) -> Quantity:
    """max(x, 0), written so that it holds for arrays too."""
    return (x + abs(x)) / 2


def _known(amount: Decimal | None) -> Decimal:
    assert amount is not None, "Plan.of has checked it"
    return amount


def _need(row: Price, *columns: str) -> None:
    missing = [column for column in columns if getattr(row, column) is None]
    if missing:
        raise NeedsSomething(
            f"The price table has no {' and no '.join(missing)} price for {row.name} ({row.passage_id or row.url}). "
            f"Take it from {row.url} and give a row of that name with --prices FILE."
        )
