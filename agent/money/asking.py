"""What `rung cost` was asked: a case, prices and a day, from options, files and the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from agent.errors import BadInput
from agent.money.case import Case, calls_a_day, case_of, settings_of, values_of_file
from agent.settings import Settings
from knowledge.prices import Prices, load_prices


@dataclass(frozen=True)
class Asked:
    case: Case
    prices: Prices
    today: date


def asked(given: Mapping[str, Any], settings: Settings) -> Asked:
    """The command's options as a case; `--set` goes before an option, an option before the case file.

    Raises:
        BadInput: something given cannot be used.
        KnowledgeError: the prices cannot be used.
    """
    values = values_of_file(Path(given["case_file"])) if given["case_file"] else {}
    for name in ("prompt_tokens", "input_tokens", "output_tokens", "model", "tuned"):
        if given[name] is not None:
            values[name] = given[name]
    if given["against"]:
        values["against"] = given["against"].replace("-", "_")
    values |= settings_of(given["pairs"])
    if given["volume"]:
        values["calls_a_day"] = calls_a_day(given["volume"], _days(values))
    if not values.keys() & {"calls_a_day", "prompt_tokens"}:
        raise BadInput(
            "Say how much goes through, at least: rung cost --volume 5000/day --prompt-tokens 3000 --output-tokens 200"
        )
    path = Path(given["price_file"]) if given["price_file"] else None
    return Asked(case_of(values), load_prices(settings.sources, path), _day(given["day"]))


def _days(values: Mapping[str, Any]) -> Decimal:
    """Days a month, for a volume said by the month; checked with the rest of the case."""
    default = Case.model_fields["days_a_month"].default
    try:
        return Decimal(str(values.get("days_a_month", default))) or default
    except ArithmeticError:
        return Decimal(default)


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise BadInput(f"“{text}” is not a day. Say it like --date 2026-11-22.") from None
