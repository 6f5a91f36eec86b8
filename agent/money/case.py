"""The inputs of a cost estimate: one case, each input with its unit, its bounds, and where its default comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.errors import BadInput

Share = Annotated[Decimal, Field(ge=0, le=1)]
Count = Annotated[Decimal, Field(ge=0, le=Decimal("1e10"))]
Tokens = Annotated[Decimal, Field(ge=0, le=Decimal("1e7"))]
Money = Annotated[Decimal, Field(ge=0, le=Decimal("1e9"))]
Hours = Annotated[Decimal, Field(ge=0, le=24)]

#: The ways that tuning can be held against.
Against = Literal["prompt", "few_shot", "retrieval"]

#: Where nothing is said: a current small model of which all prices are known, and a place where anybody can still have a
#: model tuned and served, so without an end date. Both are names of rows in the price table.
DEFAULT_MODEL: Final = "gpt-6-luna"
DEFAULT_TUNED: Final = "Fireworks LoRA SFT, up to 16B"


class Case(BaseModel):
    """What is known of a use case. What is not given takes a default, and `ABOUT` says where that comes from.

    Tokens are per call unless the name says otherwise; shares are between 0 and 1; money is in US dollars.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls_a_day: Count
    prompt_tokens: Tokens
    input_tokens: Tokens = Decimal(300)
    output_tokens: Tokens = Decimal(200)
    days_a_month: Annotated[Decimal, Field(gt=0, le=31)] = Decimal("30.4")

    model: str = DEFAULT_MODEL
    tuned: str = DEFAULT_TUNED
    against: Against = "prompt"

    cache_hit_rate: Share = Decimal("0.8")
    cache_min_tokens: Tokens = Decimal(1024)
    batch_share: Share = Decimal(0)

    examples_in_prompt: Annotated[Decimal, Field(ge=0, le=10_000)] = Decimal(4)
    example_tokens: Tokens | None = None

    retrieved_tokens: Tokens = Decimal(4000)
    documents_tokens: Annotated[Decimal, Field(ge=0, le=Decimal("1e13"))] = Decimal(1_000_000)
    churn: Annotated[Decimal, Field(ge=0, le=100)] = Decimal("0.1")
    gb_per_million: Annotated[Decimal, Field(ge=0, le=10)] = Decimal("0.025")
    embedding: str = "text-embedding-3-small"
    storage: str = "OpenAI vector storage"
    search_tool: str = ""

    prompt_kept: Share = Decimal("0.1")
    examples_wanted: Annotated[Decimal, Field(ge=0, le=10_000_000)] = Decimal(500)
    examples_ready: Annotated[Decimal, Field(ge=0, le=10_000_000)] = Decimal(0)
    label_minutes: Annotated[Decimal, Field(ge=0, le=10_000)] = Decimal(6)
    check_minutes: Annotated[Decimal, Field(ge=0, le=10_000)] = Decimal(1)
    hourly_rate: Annotated[Decimal, Field(ge=0, le=10_000)] = Decimal(50)
    setup_hours: Annotated[Decimal, Field(ge=0, le=100_000)] = Decimal(16)
    training_tokens: Tokens | None = None
    epochs: Annotated[Decimal, Field(ge=0, le=1000)] = Decimal(3)
    evaluation_runs: Annotated[Decimal, Field(ge=0, le=10_000)] = Decimal(3)
    evaluation_cases: Annotated[Decimal, Field(ge=0, le=1_000_000)] = Decimal(100)
    build_months: Annotated[Decimal, Field(ge=0, le=60)] = Decimal(1)

    retrain_every: Annotated[Decimal, Field(ge=1, le=120)] | None = Decimal(12)
    relabel_share: Share = Decimal("0.2")
    retrain_hours: Annotated[Decimal, Field(ge=0, le=100_000)] = Decimal(4)

    hosting_hours_a_day: Hours = Decimal(24)
    busy_hours_a_day: Hours | None = None
    hosting_units: Annotated[Decimal, Field(ge=0, le=10_000)] = Decimal(1)

    error_rate: Share | None = None
    few_shot_error_rate: Share | None = None
    retrieval_error_rate: Share | None = None
    tuned_error_rate: Share | None = None
    error_cost: Money | None = None
    success_value: Money | None = None

    ranges: Mapping[str, tuple[Decimal, Decimal]] = {}

    @model_validator(mode="after")
    def _hangs_together(self) -> Case:
        if self.busy_hours_a_day is not None and self.busy_hours_a_day > self.hosting_hours_a_day:
            raise ValueError("busy_hours_a_day cannot exceed hosting_hours_a_day")
        for name, (low, high) in self.ranges.items():
            value = getattr(self, name, None) if name in ABOUT else None
            if not isinstance(value, Decimal) or name not in DRAWN:
                raise ValueError(f"ranges: {name} is not an input with a value that is drawn")
            if not low <= value <= high:
                raise ValueError(f"ranges: {name} must hold its value {value} between {low} and {high}")
            Case.model_validate({**self.model_dump(exclude={"ranges"}), name: low})
            Case.model_validate({**self.model_dump(exclude={"ranges"}), name: high})
        return self

    def with_value(self, name: str, value: Decimal) -> Case:
        """This case with one input changed, unchecked: for asking what would be."""
        return self.model_copy(update={name: value})


@dataclass(frozen=True)
class About:
    """An input: what it is called, its unit, where its default comes from, and how far it may be off.

    `source` is "assumed" (with the reason) or names the passage. `assumed` and `given` are the ends of the range drawn
    from, as multiples of the value, when the value is the default and when the person gave it; None: not drawn.
    """

    label: str
    unit: str
    source: str
    assumed: tuple[str, str] | None = None
    given: tuple[str, str] | None = ("0.8", "1.25")


_WIDE: Final = ("0.5", "2")
_SHARE: Final = ("0.5", "1.2")

#: Every input, in reading order.
ABOUT: Final[Mapping[str, About]] = {
    "calls_a_day": About("calls a day", "calls", "needed from you", _WIDE, _WIDE),
    "prompt_tokens": About("prompt sent ahead of each call", "tokens", "needed from you", _WIDE),
    "input_tokens": About("input that differs from call to call", "tokens", "assumed", _WIDE),
    "output_tokens": About("answer", "tokens", "assumed", _WIDE),
    "days_a_month": About("days of use a month", "days", "365 days / 12, to one place", None, None),
    "model": About("model that is prompted", "row", "a current small model; all its prices are known (prices#openai-base)"),
    "tuned": About("model that would be tuned", "row", "anybody can still have it tuned, and it has no end date (provider-finetuning-availability#summary)"),
    "against": About("tuning is held against", "variant", "what you have today"),
    "cache_hit_rate": About("prompt found in the cache", "share", "assumed", _SHARE),
    "cache_min_tokens": About("shortest prompt that is cached", "tokens", "openai-prompt-engineering#prompt-caching", None, None),
    "batch_share": About("calls that can wait for a batch", "share", "assumed: none", _SHARE, _SHARE),
    "examples_in_prompt": About("examples in the few-shot prompt", "examples", "3-5 in guide#escalation-ladder", ("0.75", "1.25")),
    "example_tokens": About("one example in the prompt", "tokens", "assumed: as long as one input and its answer", _WIDE),
    "retrieved_tokens": About("passages looked up for a call", "tokens", "assumed: 5 pieces of 800 tokens, the default size in openai-prompt-engineering#file-search", _WIDE),
    "documents_tokens": About("documents in the index", "tokens", "assumed", ("0.2", "5")),
    "churn": About("documents replaced a month", "share", "assumed", _WIDE),
    "gb_per_million": About("storage for 1M tokens of documents", "GB", "assumed: 2,500 pieces of 10 kB; pieces of 800 overlap by 400 (openai-prompt-engineering#file-search)", _WIDE),
    "embedding": About("embedding model", "row", "the cheaper of prices#openai-retrieval"),
    "storage": About("vector storage", "row", "prices#openai-retrieval"),
    "search_tool": About("search tool paid by the call", "row", "assumed: none"),
    "prompt_kept": About("prompt still sent after tuning", "share", "assumed; “can often be much shorter” in guide#cost-and-effort", ("0", "4")),
    "examples_wanted": About("examples to train on", "examples", "prices#break-even; hundreds to thousands in guide#common-mistakes", ("0.4", "3")),
    "examples_ready": About("of these, there already", "examples", "assumed: none", None, None),
    "label_minutes": About("work to make and check one example", "minutes", "assumed; guide#common-mistakes calls it underestimated", ("0.5", "3")),
    "check_minutes": About("work to check one that is there", "minutes", "assumed", ("0.5", "3")),
    "hourly_rate": About("an hour of that work", "$", "assumed", _WIDE),
    "setup_hours": About("work to set up, train and judge", "hours", "assumed", ("0.5", "3")),
    "training_tokens": About("one training example", "tokens", "as long as what the tuned model gets and answers", _WIDE),
    "epochs": About("epochs", "epochs", "prices#break-even", ("0.67", "1.67"), None),
    "evaluation_runs": About("evaluation runs a training", "runs", "assumed", _WIDE),
    "evaluation_cases": About("cases in an evaluation", "cases", "assumed", _WIDE),
    "build_months": About("time until the tuned model serves", "months", "assumed; “hours to weeks” in guide#at-a-glance", None, None),
    "retrain_every": About("months between trainings", "months", "assumed; azure-foundry-fine-tuning#when-it-helps says it may be needed", None, None),
    "relabel_share": About("examples made anew for a retraining", "share", "assumed", _WIDE),
    "retrain_hours": About("work to train and judge again", "hours", "assumed", ("0.5", "3")),
    "hosting_hours_a_day": About("hours a day that it is hosted", "hours", "assumed: always on, idle or not", None, None),
    "busy_hours_a_day": About("of these, hours with work", "hours", "not known", None, None),
    "hosting_units": About("GPUs or deployments", "units", "assumed: one carries the load", None, None),
    "error_rate": About("wrong answers, prompt", "share", "not known", _WIDE, _WIDE),
    "few_shot_error_rate": About("wrong answers, few-shot", "share", "assumed: as with the prompt", _WIDE, _WIDE),
    "retrieval_error_rate": About("wrong answers, retrieval", "share", "assumed: as with the prompt", _WIDE, _WIDE),
    "tuned_error_rate": About("wrong answers, tuned", "share", "not known", _WIDE, _WIDE),
    "error_cost": About("what one wrong answer costs", "$", "not known", _WIDE),
    "success_value": About("what one right answer is worth", "$", "not known", None, None),
}  # fmt: skip

#: The inputs that draws vary.
DRAWN: Final = tuple(name for name, about in ABOUT.items() if about.assumed or about.given)


@cache
def bounds(name: str) -> tuple[Decimal, Decimal]:
    """The lowest and the highest value that an input takes."""
    schema = Case.model_json_schema()["properties"][name]
    numbers = [s for s in (schema, *schema.get("anyOf", ())) if "maximum" in s]
    low = numbers[0].get("minimum", numbers[0].get("exclusiveMinimum", 0))
    return Decimal(str(low)), Decimal(str(numbers[0]["maximum"]))


_VOLUME: Final = re.compile(
    r"(?P<count>(?:\d{1,3}(?:[,_]\d{3})+|\d+)(?:\.\d+)?)\s*(?P<scale>k|m|million|thousand)?\s*(?:calls?)?"
    r"(?:\s*(?:/|per|an?)\s*(?P<unit>hour|day|week|month|year))?",
    re.IGNORECASE,
)
_SCALE: Final = {None: 1, "k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}


def calls_a_day(text: str, days_a_month: Decimal) -> Decimal:
    """Calls a day of "5000/day", "150k a month", "2M per year"; a bare number is a day's.

    Raises:
        BadInput: it is not that.
    """
    match = _VOLUME.fullmatch(text.strip())
    _refuse_two_ways(text)
    if not match:
        raise BadInput(
            f"“{text}” is not a volume. Say it like 5000/day, 150k/month or 40/hour (--volume 5000/day)."
        )
    scale = match["scale"]
    count = Decimal(re.sub("[,_]", "", match["count"])) * _SCALE[scale.lower() if scale else None]
    unit = (match["unit"] or "day").lower()
    if unit == "month":
        return count / days_a_month
    over = {"week": 7, "year": 365}.get(unit, 1)
    return count * 24 if unit == "hour" else count / over


def _refuse_two_ways(text: str) -> None:
    """ "5.000" is five thousand in one country and five in another."""
    if match := re.match(r"\s*[1-9]\d{0,2}\.\d{3}(?!\d)", text):
        raise BadInput(
            f"“{match[0].strip()}” can be read in two ways. Write {match[0].strip().replace('.', '')}, or the small one with fewer decimals."
        )


def case_of(values: Mapping[str, Any]) -> Case:
    """A case of these inputs.

    Raises:
        BadInput: an input is missing, unknown or out of bounds; all of them are named.
    """
    try:
        return Case.model_validate(dict(values))
    except ValidationError as error:
        raise BadInput("The case cannot be costed:\n  " + "\n  ".join(_problems(error))) from error


def _problems(error: ValidationError) -> list[str]:
    """What is wrong, one line an input."""
    lines = []
    for problem in error.errors():
        name = str(problem["loc"][0]) if problem["loc"] else ""
        about = ABOUT.get(name)
        if problem["type"] == "missing" and about:
            lines.append(f"{name} is needed: {about.label} ({about.unit})")
        elif problem["type"] == "extra_forbidden":
            lines.append(f"{name}: there is no such input; docs/cost.md lists them")
        else:
            text = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{name}: {text[0].lower()}{text[1:]}, not {problem['input']}" if name else text)
    return lines


def values_of_file(path: Path) -> dict[str, Any]:
    """The inputs of a YAML file: a mapping of names to values.

    Raises:
        BadInput: the file cannot be read or is not a mapping.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"The case in {path} cannot be read: {error.strerror or error}.") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"The case in {path} cannot be read: {' '.join(str(error).split())}.") from error
    if not isinstance(values, dict):
        raise BadInput(f"The case in {path} must be lines like “calls_a_day: 5000”.")
    return {str(name): value for name, value in values.items()}


def settings_of(pairs: tuple[str, ...]) -> dict[str, Any]:
    """`name=value` pairs as inputs; an empty value or "none" means not known or never.

    Raises:
        BadInput: a pair has no “=”.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"“{pair}” is not a setting. Say it like --set label_minutes=10.")
        text = value.strip()
        _refuse_two_ways(text)
        values[name.strip()] = None if text.lower() in ("", "none", "never", "unknown") else text
    return values
