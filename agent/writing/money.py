"""What the four ways would cost, inside a recommendation: when calls a day and the length of the prompt are known.

It explains the advice and never makes it: the rubric alone decides.
"""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from agent.errors import NeedsSomething
from agent.facts import Amount, Facts, Slot
from agent.recommendation import Citation, Cost, CostMonth, CostPrice
from agent.rubric import Rung
from knowledge.corpus import Corpus
from knowledge.errors import BadPrices
from knowledge.prices import Prices, load_prices


def cost(rung: Rung, facts: Facts, corpus: Corpus, today: date) -> Cost | None:
    """The estimate in brief; None where the volume or the prompt's length is unknown, or where the price table lacks what
    it needs (`rung cost` then says what).

    A volume told as a range is taken at its geometric middle.
    """
    values = _values(facts)
    if values is None:
        return None
    from agent.money.case import DEFAULT_MODEL, case_of
    from agent.money.estimate import NAMES, NO_VERDICT, estimate
    from agent.money.telling import outcome, turn_told

    try:
        prices = _prices(corpus.folder)
        named = _row_named(str(facts.get(Slot.MODEL) or ""), prices)
        found = estimate(case_of({**values, "model": named or DEFAULT_MODEL}), prices, today)
    except (BadPrices, NeedsSomething):
        return None
    told, platform = facts.get(Slot.MODEL), facts.get(Slot.PLATFORM)
    notes = (
        [] if named or not told else [f"{told} is not in the price table; {DEFAULT_MODEL} stands in for it."]
    )
    prompted, trained = (next((p.name for p in found.prices if p.role == role), "") for role in _ROLES)
    notes.append(
        f"Prompted is {prompted}, trained is {trained}, which is taken to carry every call on one machine."
    )
    if platform:
        notes.append(
            f"Prices on {platform} may differ: `rung cost --tuned NAME`, or your own with --prices FILE."
        )
    if rung == 4 and found.outcome != "pays_back":
        notes.append("So the case for training here rests on the answers it gives, not on the bill.")
    if found.instead:
        cheapest = found.instead[0]
        notes.append(
            f"Cheaper than both with nothing trained, if it passes your tests: {cheapest.model}, ${cheapest.month:,.2f} a month."
        )
    return Cost(
        date=today,
        answer=found.answer,
        months=tuple(
            CostMonth(
                way=NAMES[m.variant],
                total=m.total,
                per_call=m.per_call,
                training=outcome(m.outcome, m.pay_back_month),
            )
            for m in found.months
        ),
        to_begin=found.start.total,
        chance_in_a_year=found.ranges.pays_back_within_a_year if found.ranges else None,
        turns=tuple(turn_told(turn) for turn in found.turns if _within_reach(turn.now, turn.turns_at)),
        given=tuple(f"{a.label}: {a.value}" for a in found.assumptions if a.given and a.name in _TOLD),
        prices=tuple(
            CostPrice(name=p.name, role=p.role, read=p.read, age=p.age, evidence=p.evidence, url=p.url)
            for p in found.prices
        ),
        notes=(*notes, NO_VERDICT),
        citations=tuple(_cited(corpus, p.passage_id, p.name) for p in found.prices if p.passage_id),
    )


#: Inputs that the person told, as against those that we put in.
_TOLD = ("calls_a_day", "prompt_tokens", "output_tokens", "examples_ready")
#: A turn further away than this many times is no news.
_REACH = 20


def _within_reach(now: Decimal, turns_at: Decimal) -> bool:
    return now > 0 and now / _REACH <= turns_at <= now * _REACH


#: What the two models are called among the prices that were used.
_ROLES = ("prompted model", "tuned model")


def _values(facts: Facts) -> dict[str, Any] | None:
    volume, prompt = facts.get(Slot.VOLUME), facts.get(Slot.PROMPT_TOKENS)
    if not isinstance(volume, Amount) or not isinstance(prompt, float) or volume.low <= 0:
        return None
    values: dict[str, Any] = {
        "calls_a_day": _decimal(math.sqrt(volume.low * (volume.high or volume.low))),
        "prompt_tokens": _decimal(prompt),
        "against": "retrieval" if facts.get(Slot.RETRIEVAL) in ("works", "misused") else "prompt",
    }
    if facts.get(Slot.PROMPTING) in ("few_shot", "exhausted"):
        values["examples_in_prompt"] = Decimal(0)  # the prompt's length holds them already
    output, examples = facts.get(Slot.OUTPUT_TOKENS), facts.get(Slot.EXAMPLES)
    if isinstance(output, float):
        values["output_tokens"] = _decimal(output)
    if isinstance(examples, Amount):
        values["examples_ready"] = _decimal(examples.low)
    return values


def _decimal(x: float) -> Decimal:
    return Decimal(repr(round(x, 2)))


@lru_cache(maxsize=4)
def _prices(folder: Path) -> Prices:
    return load_prices(folder)


def _row_named(model: str, prices: Prices) -> str | None:
    """The price row of a model as a person names it: "GPT-4o", "Claude Haiku 4.5"; None where it is not one row."""
    wanted = model.lower().replace(" ", "-")
    for price in prices.of_kind("base"):
        if price.name.lower().replace(" ", "-") in (wanted, f"claude-{wanted}"):
            return price.name
    return None


def _cited(corpus: Corpus, passage_id: str, name: str) -> Citation:
    passage = corpus.passage(passage_id)
    point = next((p for p in passage.points if p.startswith(f"{name}: ")), passage.points[0])
    return Citation.of(passage, point)
