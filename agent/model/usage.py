"""What calls to a language model used: tokens as LangChain reports them, money by the dated price table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from agent.settings import ModelPrice
from knowledge.errors import KnowledgeError

_MILLION: Final = Decimal(1_000_000)


class Usage(BaseModel):
    """Calls, tokens, and US dollars; `dollars` is None where the model's price is not known. `cached_tokens` are those of
    the input tokens that the provider's prompt cache held."""

    model_config = ConfigDict(frozen=True)

    model: str = ""
    calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    dollars: Decimal | None = Decimal(0)

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        unknown = self.dollars is None or other.dollars is None
        return Usage(
            model=other.model or self.model,
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            dollars=None if unknown else (self.dollars or Decimal(0)) + (other.dollars or Decimal(0)),
        )


def used(model: str, reported: Mapping[str, Any], calls: int, price: ModelPrice | None) -> Usage:
    """The usage of some calls to one model, from LangChain's usage metadata."""
    given = int(reported.get("input_tokens") or 0)
    cached = min(given, int((reported.get("input_token_details") or {}).get("cache_read") or 0))
    out = int(reported.get("output_tokens") or 0)
    dollars = None
    if price is not None:
        dollars = ((given - cached) * price.input + cached * price.cached + out * price.output) / _MILLION
    return Usage(
        model=model, calls=calls, input_tokens=given, cached_tokens=cached, output_tokens=out, dollars=dollars
    )


@lru_cache(maxsize=16)
def price_of(model: str, sources: Path | None) -> ModelPrice | None:
    """The table's price of a model; a dated name ("gpt-4.1-2025-04-14") has the price of the undated one."""
    from importlib.resources import files

    from knowledge.prices import load_prices

    try:
        prices = load_prices(sources or Path(str(files("knowledge"))) / "sources")
    except KnowledgeError:
        return None
    bare = re.sub(r"-(?:\d{4}-\d\d-\d\d|\d{8}|latest)$", "", model.lower())
    for row in prices.of_kind("base"):
        name = row.name.lower().replace(" ", "-")
        if name in (model.lower(), bare) and row.input is not None and row.output is not None:
            cached = row.cached_input if row.cached_input is not None else row.input
            return ModelPrice(row.input, cached, row.output)
    return None
