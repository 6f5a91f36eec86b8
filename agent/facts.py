"""What the interview has learned: slots that are known (with the words they rest on), declined, or not asked yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.errors import BadValue


class Slot(StrEnum):
    """A thing we may learn about a use case. Meanings and values: evals/reading/LABELS.md."""

    KNOWLEDGE = "knowledge"
    RETRIEVAL = "retrieval"
    PROMPTING = "prompting"
    SHORTFALL = "shortfall"
    STABILITY = "stability"
    VOLUME = "volume"
    SUCCESS = "success"
    EXAMPLES = "examples"
    # Volunteered; never asked for their own sake.
    TASK = "task"
    DEADLINE = "deadline"
    WANTS = "wants"
    NEEDS = "needs"
    PRIVACY = "privacy"
    PROMPT_TOKENS = "prompt_tokens"
    OUTPUT_TOKENS = "output_tokens"
    MODEL = "model"
    PLATFORM = "platform"
    ERROR_COST = "error_cost"


#: The slots the rubric may read, in no particular order: reading order is the rubric's.
RUBRIC_SLOTS: Final = (
    Slot.KNOWLEDGE,
    Slot.RETRIEVAL,
    Slot.PROMPTING,
    Slot.SHORTFALL,
    Slot.STABILITY,
    Slot.VOLUME,
    Slot.SUCCESS,
    Slot.EXAMPLES,
)

#: One value out of these, mildest first.
ONE_OF: Final[Mapping[Slot, tuple[str, ...]]] = {
    Slot.KNOWLEDGE: ("none", "small_static", "large", "changing"),
    Slot.RETRIEVAL: ("none", "misses", "misused", "works"),
    Slot.PROMPTING: ("none", "basic", "structured", "few_shot", "exhausted"),
    Slot.STABILITY: ("evolving", "varied", "stable"),
    Slot.SUCCESS: ("undefined", "defined", "measured"),
}

#: Any of these together. An empty `shortfall` means that nothing falls short.
ANY_OF: Final[Mapping[Slot, tuple[str, ...]]] = {
    Slot.SHORTFALL: ("knowledge", "format", "style", "quality", "consistency", "cost_latency"),
    Slot.WANTS: ("finetuning", "facts_trained_in", "quick_training"),
    Slot.NEEDS: ("actions", "arithmetic", "reasoning"),
}
NOTHING: Final = "nothing"

AMOUNTS: Final = frozenset({Slot.VOLUME, Slot.EXAMPLES})
NUMBERS: Final = frozenset({Slot.DEADLINE, Slot.PROMPT_TOKENS, Slot.OUTPUT_TOKENS})


class Amount(BaseModel):
    """A number as people give it: exact (`low == high`), between two bounds, or open above (`high` is None).

    `volume` is in calls a day, `examples` in input/output pairs.
    """

    model_config = ConfigDict(frozen=True)

    low: float = Field(ge=0, allow_inf_nan=False)
    high: float | None = Field(default=None, allow_inf_nan=False)

    @model_validator(mode="after")
    def _ordered(self) -> Amount:
        if self.high is not None and self.high < self.low:
            raise ValueError("the upper bound is below the lower one")
        return self

    @classmethod
    def exactly(cls, number: float) -> Amount:
        return cls(low=number, high=number)

    def __str__(self) -> str:
        if self.high is None:
            return f"{_plain(self.low)} or more"
        if self.high == self.low:
            return _plain(self.low)
        return f"{_plain(self.low)} to {_plain(self.high)}"


Value = str | bool | float | frozenset[str] | Amount


class Known(BaseModel):
    """A slot's value and the person's own words that it rests on."""

    model_config = ConfigDict(frozen=True)

    value: Value
    quote: str = ""


class Proposal(BaseModel):
    """A value that one message states for one slot. `quote` is verbatim from that message."""

    model_config = ConfigDict(frozen=True)

    slot: Slot
    value: Value
    quote: str


class Facts(BaseModel):
    """Everything learned so far. Immutable: each change returns new facts."""

    model_config = ConfigDict(frozen=True)

    known: Mapping[Slot, Known] = Field(default_factory=dict)
    declined: frozenset[Slot] = frozenset()

    @classmethod
    def of(cls, values: Mapping[str, Any] | None = None, /, **more: Any) -> Facts:
        """Facts from plain values: `Facts.of(knowledge="large", volume=5000)`.

        Raises:
            BadValue: a slot or a value that does not exist.
        """
        given = {**(values or {}), **more}
        return cls().merge(
            Proposal(slot=Slot(s), value=parse(Slot(s), v), quote=str(v)) for s, v in given.items()
        )

    def get(self, slot: Slot) -> Value | None:
        entry = self.known.get(slot)
        return None if entry is None else entry.value

    def chosen(self, slot: Slot) -> frozenset[str]:
        """The members of a set slot; empty when it is not known."""
        value = self.get(slot)
        return value if isinstance(value, frozenset) else frozenset()

    def merge(self, proposals: Iterable[Proposal], *, replace: bool = False) -> Facts:
        """Take in what a message states. Later words win over earlier ones.

        Several things may fall short, so a set slot grows, unless `replace` (the person corrects what they said)
        or the new value is that nothing does.
        """
        known = dict(self.known)
        declined = set(self.declined)
        for p in proposals:
            value, quote = p.value, p.quote
            old = known.get(p.slot)
            if (
                isinstance(value, frozenset)
                and value
                and old
                and isinstance(old.value, frozenset)
                and not replace
            ):
                new = value - old.value
                if not new:
                    continue
                value = old.value | value
                quote = f"{old.quote} … {quote}" if old.quote and old.value else quote
            known[p.slot] = Known(value=value, quote=quote)
            declined.discard(p.slot)
        return Facts(known=known, declined=frozenset(declined))

    def decline(self, *slots: Slot) -> Facts:
        """Mark slots as "don't know": not asked again; the rubric assumes its cautious value."""
        gone = {s: k for s, k in self.known.items() if s not in slots}
        return Facts(known=gone, declined=self.declined | set(slots))

    def forget(self, slot: Slot) -> Facts:
        """Make a slot not asked yet, whatever it was."""
        return Facts(
            known={s: k for s, k in self.known.items() if s is not slot},
            declined=self.declined - {slot},
        )


def parse(slot: Slot, raw: Any) -> Value:
    """The typed value of `raw` for a slot; one place for every reader, front end and file.

    Raises:
        BadValue: with the values that the slot takes.
    """
    if slot in ONE_OF:
        if isinstance(raw, str) and raw in ONE_OF[slot]:
            return raw
        raise BadValue(f"{slot.value} takes one of: {', '.join(ONE_OF[slot])}; not {raw!r}.")
    if slot in ANY_OF:
        members = (
            frozenset(part.strip() for part in raw.split(",")) if isinstance(raw, str) else frozenset(raw)
        )
        if slot is Slot.SHORTFALL:
            members -= {NOTHING}
        if members <= set(ANY_OF[slot]):
            return members
        raise BadValue(f"{slot.value} takes any of: {', '.join(ANY_OF[slot])}; not {raw!r}.")
    if slot in AMOUNTS:
        try:
            if isinstance(raw, Amount):
                return raw
            if isinstance(raw, Mapping):
                return Amount.model_validate(raw)
            if isinstance(raw, (list, tuple)):
                return Amount(low=float(raw[0]), high=None if raw[1] is None else float(raw[1]))
            return Amount.exactly(float(str(raw).replace(",", "")))
        except (ValueError, TypeError, IndexError) as error:
            raise BadValue(f"{slot.value} takes a number, 0 or more; not {raw!r}.") from error
    if slot in NUMBERS:
        try:
            number = float(str(raw).replace(",", ""))
        except ValueError as error:
            raise BadValue(f"{slot.value} takes a number; not {raw!r}.") from error
        if not 0 <= number < float("inf"):
            raise BadValue(f"{slot.value} takes a number, 0 or more; not {raw!r}.")
        return number
    if slot is Slot.PRIVACY:
        return raw is True or str(raw).lower() in {"true", "yes", "1"}
    return str(raw)


def _plain(number: float) -> str:
    """12000.0 → "12,000"; 0.14 → "0.14"."""
    return f"{number:,.0f}" if number >= 10 or number == int(number) else f"{number:,.2g}"
