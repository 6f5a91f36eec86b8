"""Money: cases computed by hand, what must hold for any case, the ranges, the flips, and the command."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticUndefined

from agent.cli import cli
from agent.errors import BadInput, NeedsSomething
from agent.money.case import ABOUT, Case, bounds, calls_a_day, case_of
from agent.money.draws import draw, sample, tornado, uncertain
from agent.money.estimate import Estimate, dollars, estimate, number
from agent.money.flips import flips, net_after_a_year
from agent.money.payback import Account, pay_back_of
from agent.money.sheet import VARIANTS, Plan, month, retraining, total, training
from agent.money.telling import markdown, sparkline, text
from knowledge.corpus import Corpus
from knowledge.errors import KnowledgeError
from knowledge.prices import Prices, load_prices

HERE = Path(__file__).parent
SHEET: dict[str, Any] = yaml.safe_load((HERE / "cost_cases.yaml").read_text(encoding="utf-8"))
BASE: dict[str, Any] = SHEET["base"]
ROUND = load_prices(path=HERE / "cost_prices.yaml")
TODAY = date(2026, 11, 22)


def plan_of(**inputs: Any) -> Plan:
    return Plan.of(case_of({**BASE, **inputs}), ROUND)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


# -- by hand ------------------------------------------------------------------------------------------------------


def test_there_are_at_least_thirty_cases_each_with_its_arithmetic() -> None:
    assert len(SHEET["cases"]) >= 30
    assert all(case["arithmetic"] for case in SHEET["cases"])


@pytest.mark.parametrize("case", SHEET["cases"], ids=lambda case: str(case["id"]))
def test_the_sum_is_the_one_computed_by_hand(case: Mapping[str, Any]) -> None:
    found = estimate(case_of({**BASE, **case["inputs"]}), ROUND, case.get("date", TODAY), draws=0)
    months = {m.variant: m for m in found.months}
    got: dict[str, Callable[[], Any]] = {
        **{name: lambda name=name: cents(months[name].total) for name in VARIANTS},
        "start": lambda: cents(found.start.total),
        "again": lambda: cents(found.retraining.total),
        "index": lambda: cents(found.index_once.amount),
        "year": lambda: cents(found.net_after_a_year),
        "outcome": lambda: found.outcome,
        "month": lambda: found.pay_back_month,
        "same": lambda: round(found.accuracy.same_month or Decimal(0), 4),
        "back": lambda: round(found.accuracy.back_in_a_year or Decimal(0), 4),
        "worth": lambda: round(found.accuracy.worth_doing or Decimal(0), 4),
        "call": lambda: round(months["prompt"].per_call or Decimal(0), 4),
        "tuned_call": lambda: round(months["tuned"].per_call or Decimal(0), 4),
    }
    for name, value in case["expect"].items():
        want = Decimal(str(value)) if isinstance(value, float) else value
        assert got[name]() == want, f"{name}: {case['arithmetic']}"


def test_idle_hours_are_a_line_of_their_own() -> None:
    lines = {t.name: t.amount for t in month(plan_of(tuned="hour", busy_hours_a_day=6), "tuned")}
    # 6 × 30 × 2 = 360 at work, 18 × 30 × 2 = 1080 idle
    assert lines == {"hosting, at work": 360, "hosting, idle": 1080}


def test_a_formula_shows_its_numbers() -> None:
    found = estimate(case_of(BASE), ROUND, TODAY, draws=0)
    told = found.months[0].lines[0]
    assert told.name == "prompt, cached"
    assert told.formula == "1,000 calls a day × 30 days × 2,000 tokens × 0.9 hits × $0.10 per 1M"


# -- what must hold for any case ----------------------------------------------------------------------------------

amounts = st.decimals(0, 1000, places=3)
models = st.sampled_from(["plain", "uncached", "free to write"])
tuned_models = st.sampled_from(["token", "hour", "both", "cheap"])
inputs = st.fixed_dictionaries(
    {
        "calls_a_day": st.decimals(0, 10**7, places=1),
        "prompt_tokens": st.integers(0, 20_000),
        "input_tokens": st.integers(0, 5_000),
        "output_tokens": st.integers(0, 5_000),
        "cache_hit_rate": st.decimals(0, 1, places=3),
        "batch_share": st.decimals(0, 1, places=2),
        "documents_tokens": st.integers(0, 10**9),
        "gb_per_million": st.decimals(0, 1, places=3),
        "examples_wanted": st.integers(0, 5_000),
        "examples_ready": st.integers(0, 5_000),
        "label_minutes": st.decimals(0, 60, places=1),
        "build_months": st.integers(0, 6),
        "retrain_every": st.none() | st.integers(1, 24),
        "model": models,
        "tuned": tuned_models,
        "search_tool": st.sampled_from(["", "finder"]),
    }
)


@given(inputs, st.decimals(1, 100, places=2))
def test_more_calls_never_cost_less(values: dict[str, Any], times: Decimal) -> None:
    plan = plan_of(**values)
    more = plan.with_value("calls_a_day", plan.case.calls_a_day * times)
    for variant in VARIANTS:
        assert total(month(more, variant)) >= total(month(plan, variant))


@given(
    inputs, st.sampled_from(["model.input", "model.output", "embedding.input", "storage.per_gb_day"]), amounts
)
def test_a_higher_price_never_costs_less(values: dict[str, Any], price: str, more: Decimal) -> None:
    plan = plan_of(**values)
    dearer = plan.with_value(price, plan.values[price] + more)
    for variant in VARIANTS:
        assert total(month(dearer, variant)) >= total(month(plan, variant))


@given(inputs, st.sampled_from(["training", "hosting_per_hour", "input", "output"]), amounts)
def test_a_higher_price_of_the_tuned_model_never_saves(
    values: dict[str, Any], column: str, more: Decimal
) -> None:
    plan = plan_of(**values)
    now = plan.values.get(f"tuned.{column}")
    if now is None:
        return
    dearer = plan.with_value(f"tuned.{column}", now + more)
    assert total(month(dearer, "tuned")) >= total(month(plan, "tuned"))
    assert total(training(dearer)) >= total(training(plan))
    assert net_after_a_year(dearer, TODAY) <= net_after_a_year(plan, TODAY)


@given(inputs, st.decimals(0, 1, places=3))
def test_a_higher_hit_rate_never_costs_more(values: dict[str, Any], other: Decimal) -> None:
    plan = plan_of(**values)
    low, high = sorted((plan.case.cache_hit_rate, other))
    for variant in VARIANTS:
        at_low = total(month(plan.with_value("cache_hit_rate", low), variant))
        assert total(month(plan.with_value("cache_hit_rate", high), variant)) <= at_low


@given(inputs)
def test_twice_the_days_are_twice_the_month(values: dict[str, Any]) -> None:
    """Units: all but the documents that change goes by the day."""
    plan = plan_of(**{**values, "days_a_month": 15})
    double = plan.with_value("days_a_month", Decimal(30))
    for variant in ("prompt", "few_shot", "tuned"):
        assert total(month(double, variant)) == pytest.approx(2 * total(month(plan, variant)))  # type: ignore[arg-type]


@given(inputs)
def test_no_sum_is_negative_or_infinite(values: dict[str, Any]) -> None:
    plan = plan_of(**values)
    for variant in VARIANTS:
        for term in (*month(plan, variant), *training(plan), *retraining(plan)):
            assert term.amount.is_finite()
            assert term.amount >= 0


def test_the_largest_values_that_are_taken_are_told() -> None:
    largest = {
        name: bounds(name)[1] for name, field in Case.model_fields.items()
        if field.annotation is Decimal
    }  # fmt: skip
    found = estimate(case_of({**largest, "busy_hours_a_day": 24}), load_prices(), TODAY, draws=100)
    assert found.net_after_a_year.is_finite()
    assert "$" in text(found)


def test_zero_everywhere_is_told() -> None:
    least = {
        name: bounds(name)[0] for name, field in Case.model_fields.items()
        if field.annotation is Decimal and name != "days_a_month"
    }  # fmt: skip
    found = estimate(case_of(least), load_prices(), TODAY, draws=100)
    assert found.outcome == "never"
    assert [m.total for m in found.months] == [0, 0, 0, 0]


@given(inputs)
@settings(max_examples=40)
def test_draws_are_the_same_sums(values: dict[str, Any]) -> None:
    """With every number as it is, the arrays give what the decimals give."""
    import numpy as np

    plan = plan_of(**values)
    numbers = {name: np.full(3, float(value)) for name, value in plan.values.items()}
    for variant in VARIANTS:
        exact = float(total(month(plan, variant)))
        assert np.allclose(total(month(plan, variant, numbers)), exact)
    assert np.allclose(total(training(plan, numbers)), float(total(training(plan))))


# -- paying back --------------------------------------------------------------------------------------------------


def ledger(a: Account, months: int) -> list[Decimal]:
    """The account month by month, kept as a bookkeeper would: whole months, the start first."""
    balance, rows, served = -a.start, [], 0
    for t in range(1, months + 1):
        if t > a.build:
            if a.every and served and served % a.every == 0:
                balance -= a.again
            balance += a.saving
            served += 1
        rows.append(balance)
    return rows


@given(
    st.integers(-50, 500), st.integers(0, 5000), st.integers(0, 1500),
    st.none() | st.integers(1, 12), st.integers(0, 4), st.none() | st.integers(5, 40),
)  # fmt: skip
def test_the_pay_back_month_is_the_bookkeepers(
    saving: int, start: int, again: int, every: int | None, build: int, left: int | None
) -> None:
    a = Account(
        Decimal(saving), Decimal(start), Decimal(again), None if every is None else Decimal(every),
        Decimal(build), None if left is None else Decimal(left),
    )  # fmt: skip
    rows = ledger(a, left or 120)
    late = [t for t, balance in enumerate(rows, 1) if balance < 0 or t <= build]
    first = (late[-1] if late else 0) + 1
    back = pay_back_of(a)
    if saving > 0 and first <= len(rows):
        assert back.outcome == "pays_back"
        assert back.month == first
    else:
        assert back.outcome in ("never", "retired_before")


def test_more_volume_never_pays_back_later() -> None:
    months = []
    for calls in (400, 800, 1600, 3200, 100_000):
        found = estimate(
            case_of({**BASE, "model": "uncached", "tuned": "cheap", "calls_a_day": calls}), ROUND, TODAY, 0
        )
        months.append(found.pay_back_month)
    # saving 0.1728 a call a day: 1001.524 / 69.12 = 14.5, / 138.24 = 7.2, / 276.48 = 3.6, / 552.96 = 1.8, / 17,280 < 1
    assert months == [15, 8, 4, 2, 1]


# -- ranges and flips ---------------------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    plan = plan_of(model="uncached", tuned="cheap")
    assert draw(plan, TODAY, 1000, 7) == draw(plan, TODAY, 1000, 7)
    assert draw(plan, TODAY, 1000, 7).net_after_a_year != draw(plan, TODAY, 1000, 8).net_after_a_year


def test_draws_stay_within_their_ranges_and_peak_at_the_value() -> None:
    plan = plan_of(error_rate=0.9, tuned_error_rate=0.5, error_cost=1)
    values = sample(plan, 20_000, 0)
    for u in uncertain(plan):
        if "." in u.name or u.name == "calls_a_day":
            continue
        assert values[u.name].min() >= u.low
        assert values[u.name].max() <= u.high
    assert max(values["error_rate"]) <= 1  # a share stays one, though twice 0.9 is not
    calls = sorted(values["calls_a_day"])
    # 90% between half and twice 1,000: the 5th and 95th of 100 stand near 500 and 2,000
    assert calls[1000] == pytest.approx(500, rel=0.05)
    assert calls[19_000] == pytest.approx(2000, rel=0.05)


def test_a_range_of_the_case_goes_before_the_usual_one() -> None:
    plan = plan_of(ranges={"output_tokens": [90, 110]})
    row = next(u for u in uncertain(plan) if u.name == "output_tokens")
    assert (row.low, row.high) == (90, 110)


def test_the_chance_is_certain_where_nothing_is_in_doubt() -> None:
    sure = draw(plan_of(model="uncached", tuned="cheap", calls_a_day=10**7), TODAY, 500)
    assert sure.within_a_year == 1
    assert sure.pay_back_month == (1, 1, 1)
    lost = draw(plan_of(tuned="hour", calls_a_day=1), TODAY, 500)
    assert lost.within_a_year == 0
    assert lost.pay_back_month == (None, None, None)


def test_a_case_on_the_edge_has_a_chance_between() -> None:
    drawn = draw(plan_of(model="uncached", tuned="cheap", calls_a_day=480), TODAY, 4000)
    assert 0.2 < drawn.within_a_year < 0.8
    spread = drawn.net_after_a_year
    assert spread.p5 < spread.p50 < spread.p95


def test_the_tornado_moves_one_input_at_a_time() -> None:
    plan = plan_of(model="uncached", tuned="cheap", ranges={"calls_a_day": [500, 2000]})
    bar = next(b for b in tornado(plan, TODAY) if b.name == "calls_a_day")
    # 12 × 86.40 − 1001.524 = 35.276; 12 × 345.60 − 1001.524 = 3145.676
    assert (bar.net_at_low, bar.net_at_high) == pytest.approx((35.276, 3145.676))
    swings = [b.swing for b in tornado(plan, TODAY)]
    assert swings == sorted(swings, reverse=True)


def test_a_flip_is_where_the_answer_turns() -> None:
    plan = plan_of(model="uncached", tuned="cheap")
    found = {flip.name: flip for flip in flips(plan, TODAY)}
    # paid back in twelve months from 1001.524 / (12 × 0.1728) = 482.99 calls a day on
    assert found["calls_a_day"].turns_at == pytest.approx(Decimal("482.99"), rel=Decimal("0.0002"))
    # and while the start is at most 12 × 172.80 = 2073.60: (2073.60 − 501.524) / 500 × 6 = 18.865 minutes an example
    assert found["label_minutes"].turns_at == pytest.approx(Decimal("18.865"), rel=Decimal("0.0002"))


@given(inputs)
@settings(max_examples=25)
def test_every_flip_turns_the_answer_and_only_just(values: dict[str, Any]) -> None:
    plan = plan_of(**values)
    back = net_after_a_year(plan, TODAY) >= 0
    for flip in flips(plan, TODAY):
        there = plan.with_value(flip.name, flip.turns_at)
        assert (net_after_a_year(there, TODAY) >= 0) != back, flip


# -- inputs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "calls"),
    [
        ("5000", 5000), ("5,000/day", 5000), ("5k a day", 5000), ("2M/day", 2_000_000), ("40/hour", 960),
        ("700 per week", 100), ("30400/month", 1000), ("365000 calls a year", 1000), ("1.5 million/month", Decimal(1_500_000) / Decimal("30.4")),
    ],
)  # fmt: skip
def test_a_volume_is_read_with_its_unit(said: str, calls: Decimal) -> None:
    assert calls_a_day(said, Decimal("30.4")) == calls


@pytest.mark.parametrize("said", ["", "lots", "5/fortnight", "-3", "5//day"])
def test_what_is_no_volume_is_refused(said: str) -> None:
    with pytest.raises(BadInput, match="not a volume"):
        calls_a_day(said, Decimal("30.4"))


def test_every_input_says_what_it_is_and_where_its_default_comes_from(corpus: Corpus) -> None:
    assert set(ABOUT) == set(Case.model_fields) - {"ranges"}
    for name, about in ABOUT.items():
        assert about.label, name
        assert about.unit, name
        assert about.source, name
        for passage_id in re.findall(r"[a-z-]+#[a-z-]+", about.source):
            assert passage_id in corpus.passages, name


#: The run that docs/cost.md shows.
RUN = "rung cost --volume 60k/day --prompt-tokens 3500 --output-tokens 250 --model gpt-6.1-terra --set cache_hit_rate=0.6 --set examples_ready=200 --date 2026-11-22"


def row_of(name: str) -> str:
    """An input as docs/cost.md lists it."""
    default = Case.model_fields[name].default
    told = (
        {None: "not known", "": "none"}.get(default, str(default))
        if not isinstance(default, Decimal)
        else number(default)
    )
    return f"| `{name}` | {ABOUT[name].label} | {'' if default is PydanticUndefined else told} | {ABOUT[name].unit} | {ABOUT[name].source} |"


def test_every_input_is_documented_with_its_default() -> None:
    page = (HERE.parent / "docs" / "cost.md").read_text(encoding="utf-8")
    for name in ABOUT:
        assert row_of(name) in page


def test_the_documented_run_is_what_the_program_prints() -> None:
    page = (HERE.parent / "docs" / "cost.md").read_text(encoding="utf-8")
    shown = page.split(f"$ {RUN}\n")[1].split("```")[0].rstrip()
    assert len(shown) > 2000
    assert run(*RUN.split()[1:]).stdout.startswith(shown)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"prompt_tokens": -1}, "prompt_tokens: input should be greater than or equal to 0"),
        ({"cache_hit_rate": 1.1}, "cache_hit_rate: input should be less than or equal to 1"),
        ({"calls_a_day": "nan"}, "calls_a_day"),
        ({"calls_a_day": "1e400"}, "calls_a_day"),
        ({"promt_tokens": 5}, "promt_tokens: there is no such input"),
        ({"calls_a_day": None}, "calls_a_day"),
        ({"against": "hope"}, "against"),
        ({"hosting_hours_a_day": 5, "busy_hours_a_day": 6}, "busy_hours_a_day cannot exceed"),
        ({"ranges": {"output_tokens": [200, 300]}}, "must hold its value"),
        ({"ranges": {"model": [1, 2]}}, "model is not an input"),
        ({"ranges": {"cache_hit_rate": [0, 2]}}, "less than or equal to 1"),
    ],
)  # fmt: skip
def test_an_input_that_cannot_be_is_named(inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=re.escape(said)):
        case_of({**BASE, **inputs})


@pytest.mark.parametrize(
    ("amount", "said"),
    [("0", "$0.00"), ("-1234.505", "−$1,234.51"), ("0.004", "$0.00"), ("1e9", "$1,000,000,000.00")],
)
def test_dollars_are_told_to_the_cent(amount: str, said: str) -> None:
    assert dollars(Decimal(amount)) == said


@pytest.mark.parametrize(
    ("value", "said"), [("0", "0"), ("0.10", "0.1"), ("30.40", "30.4"), ("1000", "1,000"), ("0.0001234567", "0.000123457"), ("1e12", "1,000,000,000,000")]
)  # fmt: skip
def test_numbers_are_told_without_noise(value: str, said: str) -> None:
    assert number(Decimal(value)) == said


def test_a_sparkline_has_one_bar_a_value() -> None:
    assert sparkline([Decimal(n) for n in range(8)]) == "▁▂▃▄▅▆▇█"
    assert sparkline([Decimal(3), Decimal(3)]) == "▁▁"
    assert sparkline([]) == ""


# -- the answer ---------------------------------------------------------------------------------------------------


def test_volume_and_tokens_are_enough() -> None:
    found = estimate(case_of({"calls_a_day": 5000, "prompt_tokens": 3000}), load_prices(), TODAY)
    assert Estimate.model_validate_json(found.model_dump_json()) == found
    assert found.answer.startswith("Fine-tuning")
    assumed = {row.name for row in found.assumptions if not row.given}
    assert {"output_tokens", "label_minutes", "hourly_rate"} <= assumed


def test_cost_alone_never_advises() -> None:
    for calls in (10, 10**6):
        found = estimate(
            case_of({**BASE, "model": "uncached", "tuned": "cheap", "calls_a_day": calls}), ROUND, TODAY, 0
        )
        assert "never lifts the advice to rung 4" in found.notes[-1]
        assert "rung" not in found.model_fields_set


def test_a_cheaper_model_with_nothing_trained_is_named() -> None:
    case = case_of({**BASE, "model": "uncached", "tuned": "token"})
    found = estimate(case, ROUND, TODAY, draws=0)
    instead = {row.model: row.month for row in found.instead}
    # plain costs 42.90 and free to write 63.00, both below 72.00 tuned and 180.00 now
    assert (instead["plain"], instead["free to write"]) == (Decimal("42.90"), 63)
    assert all(month < 72 for month in instead.values())
    now = estimate(case_of({**BASE, "tuned": "token"}), ROUND, TODAY, draws=0)
    assert all(row.month < Decimal("42.90") for row in now.instead)  # below the present one as well


@pytest.mark.parametrize("tell", [text, markdown, lambda e: e.model_dump_json()])
def test_every_price_is_told_with_source_date_and_evidence(tell: Callable[[Estimate], str]) -> None:
    told = " ".join(
        tell(
            estimate(case_of({"calls_a_day": 5000, "prompt_tokens": 3000}), load_prices(), TODAY, 10)
        ).split()
    )
    for part in (
        "gpt-6-luna",
        "undated, 2026-09-22 or later",
        "2026-10-07",
        "prices#openai-base",
        "https://developers.openai.com/api/docs/models/gpt-6-luna",
        "2026-11-22",
    ):
        assert part in told
    assert re.search(r"evidence\W+[AB]", told)
    assert "93 days old" in told  # 2026-08-21 to 2026-11-22: 10 + 30 + 31 + 22


def test_the_answer_comes_first_and_fits_eighty_columns() -> None:
    for case in SHEET["cases"]:
        found = estimate(case_of({**BASE, **case["inputs"]}), ROUND, case.get("date", TODAY), draws=20)
        lines = text(found).splitlines()
        assert lines[0].startswith("Fine-tuning")
        assert not [line for line in lines if len(line) > 80 and " " in line.strip()], case["id"]


def test_the_outcomes_are_told_in_words() -> None:
    by_id = {case["id"]: case for case in SHEET["cases"]}
    for case_id, said in {
        "pays back in the sixth month": "pays back here in month 6: a month costs $7.20 fine-tuned and $180.00 prompted, after $1,001.52",
        "tuned, paid by the token": "never pays back here: a month costs $72.00 fine-tuned and $42.90 prompted",
        "retired before it pays back": "before the tuned model is retired: it would take until month 6, and ending stops answering on 2027-02-20 (month 3)",
        "too little traffic to pay back in ten years": "not in 10 years: it saves $1.73 a month and costs $1,001.52 to begin",
        "retired already": "ending stopped answering on 2027-02-20",
        "closed for training": "nobody can train closing since 2026-10-01",
    }.items():  # fmt: skip
        case = by_id[case_id]
        found = estimate(case_of({**BASE, **case["inputs"]}), ROUND, case.get("date", TODAY), draws=0)
        assert said in found.answer


def test_a_missing_price_is_asked_for() -> None:
    with pytest.raises(NeedsSomething, match=r"no training .* gemini-3\.5-flash, tuned .*--prices FILE"):
        estimate(case_of({**BASE, "tuned": "gemini-3.5-flash, tuned"}), ROUND, TODAY)


# -- the command --------------------------------------------------------------------------------------------------

GIVEN = ["cost", "--volume", "5000/day", "--prompt-tokens", "3000", "--output-tokens", "200", "--date", "2026-11-22", "--draws", "200"]  # fmt: skip


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args)


def test_the_command_answers_first() -> None:
    done = run(*GIVEN)
    assert done.exit_code == 0
    # 730 hours less 0.4: 24 × 30.4 × 8 = 5,836.80; 152,000 calls: 456M tokens, 0.8 × 0.01 + 0.2 × 0.125 = 0.033 per 1M
    # = 15.048; 45.6M × 0.10 = 4.56; 30.4M × 0.50 = 15.20; sum 34.808
    assert done.stdout.startswith(
        "Fine-tuning never pays back here: a month costs $5,836.80 fine-tuned and $34.81\n"
    )


def test_the_command_gives_json() -> None:
    done = run(*GIVEN, "--format", "json")
    got = json.loads(done.stdout)
    jsonschema.validate(got, json.loads(run("schema", "estimate").stdout))
    assert got["outcome"] == "never"
    assert got["ranges"]["draws"] == 200
    assert got["prices"][0]["passage_id"] == "prices#openai-base"


def test_a_case_file_an_option_and_a_setting_go_in_that_order(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text("calls_a_day: 10\nprompt_tokens: 10\noutput_tokens: 10\nlabel_minutes: 10\n")
    done = run("cost", "--case", str(path), "--output-tokens", "20", "--set", "label_minutes=30", "--format", "json", "--draws", "0")  # fmt: skip
    given = {row["name"]: row["value"] for row in json.loads(done.stdout)["assumptions"] if row["given"]}
    assert given == {"calls_a_day": "10", "prompt_tokens": "10", "output_tokens": "20", "label_minutes": "30"}


def test_prices_of_your_own_go_before_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("name,kind,input,output,read\ngpt-6-luna,base,100,500,2026-11-20\n")
    got = json.loads(run(*GIVEN, "--prices", str(path), "--format", "json").stdout)
    # 152,000 calls × (3,300 × 100 + 200 × 500) per 1M = 152,000 × 0.43 = 65,360
    assert Decimal(got["months"][0]["total"]) == 65_360
    assert got["prices"][0]["read"] == "2026-11-20"
    assert got["prices"][0]["evidence"] == "yours"
    assert got["prices"][0]["url"] == str(path)


def test_a_changed_row_of_the_digest_changes_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sources"
    shutil.copytree(Path(str(files("knowledge"))) / "sources", folder)
    digest = folder / "prices.md"
    changed = digest.read_text().replace(
        "| gpt-6-luna | 0.10 | 0.01 | 0.125 | 0.50 |", "| gpt-6-luna | 0.20 | 0.02 | 0.25 | 1.00 |"
    )
    assert changed != digest.read_text()
    digest.write_text(changed)
    monkeypatch.setenv("RUNG_SOURCES", str(folder))
    assert "$69.62 prompted" in " ".join(run(*GIVEN).stdout.split())  # 2 × 34.808


@pytest.mark.parametrize(
    ("args", "error", "said"),
    [
        (["cost"], BadInput, "--volume 5000/day"),
        (["cost", "--volume", "5000"], BadInput, "prompt_tokens is needed"),
        ([*GIVEN, "--set", "epochs"], BadInput, "--set label_minutes=10"),
        ([*GIVEN, "--set", "epoch=3"], BadInput, "no such input"),
        ([*GIVEN, "--date", "tomorrow"], BadInput, "not a day"),
        ([*GIVEN, "--case", "nowhere.yaml"], BadInput, r"nowhere\.yaml cannot be read"),
        ([*GIVEN, "--prices", "nowhere.yaml"], KnowledgeError, r"nowhere\.yaml cannot be read"),
        ([*GIVEN, "--model", "gpt-7"], KnowledgeError, "not in the price table"),
        ([*GIVEN, "--tuned", "gpt-4.1"], KnowledgeError, "gpt-4.1-mini-2025-04-14"),
        ([*GIVEN, "--tuned", "Together SFT, 17B"], NeedsSomething, "no training"),
    ],
)  # fmt: skip
def test_bad_usage_says_what_to_do(args: list[str], error: type[Exception], said: str) -> None:
    done = run(*args)
    assert isinstance(done.exception, error)
    assert re.search(said, str(done.exception))
    assert done.stdout == ""


def test_charts_without_the_extra_say_how_to_add_it(tmp_path: Path) -> None:
    code = "import sys; sys.modules['matplotlib'] = None; sys.modules['matplotlib.figure'] = None; from agent.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *GIVEN, "--charts", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=HERE.parent,
    )  # fmt: skip
    assert done.returncode == 3
    assert "pip install 'rung[charts]'" in done.stderr


@pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="the extra charts is not installed"
)
def test_charts_are_written_with_their_labels_and_sources(tmp_path: Path) -> None:
    done = run(*GIVEN, "--charts", str(tmp_path / "new"))
    assert done.exit_code == 0
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["cost-breakeven.png", "cost-breakeven.svg", "cost-tornado.png", "cost-tornado.svg"]
    assert (tmp_path / "new" / "cost-breakeven.png").read_bytes().startswith(b"\x89PNG")
    drawn = (tmp_path / "new" / "cost-breakeven.svg").read_text()
    for words in (
        "months from today",
        "saved less spent",
        "gpt-6-luna (read undated, 2026-09-22 or later, evidence A",
    ):
        assert words in drawn


@pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="the extra charts is not installed"
)
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(*GIVEN, "--charts", str(tmp_path / "file"))
    assert isinstance(done.exception, BadInput)
    assert "cannot be written" in str(done.exception)


def test_prices_are_the_ones_of_the_round_table() -> None:
    """The hand-computed cases rest on rows that the digest cannot change."""
    assert isinstance(ROUND, Prices)
    assert ROUND.row("plain", "base").url.endswith("cost_prices.yaml")
