"""The rubric: `decide(facts)` gives the rung to act on next, or raises `Missing(slot)` for the slot it needs next.

Slots are read lazily, so the reading order is the interview. Lines are numbered as in `agent/RUBRIC.md`; the guide's
sections they come from stand beside the claims in `prompts/claims.yaml`.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.facts import Amount, Facts, Slot, Value

Rung = Literal[1, 2, 3, 4]
Stance = Literal["start", "climb", "stay"]
Status = Literal["fits", "done", "not_needed", "blocked", "later"]

RUNGS: Final[tuple[Rung, ...]] = (1, 2, 3, 4)
NAMES: Final[dict[Rung, str]] = {
    1: "structured prompt",
    2: "few-shot",
    3: "retrieval (RAG)",
    4: "fine-tuning",
}

#: Calls a day from which a volume is high, and pairs from which examples are enough.
HIGH_VOLUME: Final = 1000
ENOUGH_EXAMPLES: Final = 100
#: A deadline up to this many days leaves no time to build a dataset, train and evaluate.
SHORT_DEADLINE: Final = 14
#: A prompt from this many tokens is worth caching (OpenAI's and most of Claude's minimum).
LONG_PROMPT: Final = 1024

BEHAVIOUR: Final = frozenset({"format", "style", "quality", "consistency"})

#: The cautious value assumed for a slot that was declined.
DECLINED_AS: Final[dict[Slot, Value]] = {
    Slot.KNOWLEDGE: "none",
    Slot.RETRIEVAL: "none",
    Slot.PROMPTING: "basic",
    Slot.SHORTFALL: frozenset({"consistency"}),  # "taken as behaviour": any member of BEHAVIOUR decides alike
    Slot.STABILITY: "evolving",
    Slot.VOLUME: Amount.exactly(0),
    Slot.SUCCESS: "undefined",
    Slot.EXAMPLES: Amount.exactly(0),
}


class Missing(Exception):
    """The decision needs this slot, and it is not known: it is the next question."""

    def __init__(self, slot: Slot) -> None:
        super().__init__(slot.value)
        self.slot = slot


class Finding(BaseModel):
    """What the rubric says of one rung; `reason` names the claim that explains it."""

    model_config = ConfigDict(frozen=True)

    rung: Rung
    status: Status
    reason: str


class Flip(BaseModel):
    """The smallest change of one slot that would give another rung.

    `then` lists slots the changed decision would still have to ask; `rung` then holds under their cautious values.
    """

    model_config = ConfigDict(frozen=True)

    slot: Slot
    value: Value
    rung: Rung
    then: tuple[Slot, ...] = ()


class Verdict(BaseModel):
    """What to do next, and all that the explanation rests on."""

    model_config = ConfigDict(frozen=True)

    rung: Rung
    stance: Stance
    line: str = Field(description="the rubric line that settled it; names the claim that explains it")
    findings: tuple[Finding, ...]
    alongside: tuple[Rung, ...] = ()
    do_first: bool = Field(default=False, description="write 20 or more test cases before any rung")
    blockers: tuple[Slot, ...] = Field(
        default=(), description="the closed gate of rung 4, if that is what stopped it"
    )
    mistakes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    assumptions: tuple[Slot, ...] = Field(default=(), description="declined slots that the decision read")
    flips: tuple[Flip, ...] = ()

    @property
    def provisional(self) -> bool:
        """It rests on something the person could not say."""
        return bool(self.assumptions)


class _Reading:
    """Facts as the decision reads them: remembers what it assumed, raises on what it lacks."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.assumed: list[Slot] = []

    def __call__(self, slot: Slot) -> Value:
        value = self.facts.get(slot)
        if value is not None:
            return value
        if slot not in self.facts.declined:
            raise Missing(slot)
        if slot not in self.assumed:
            self.assumed.append(slot)
        return DECLINED_AS[slot]


class _Outcome(BaseModel):
    rung: Rung
    stance: Stance
    line: str
    blockers: tuple[Slot, ...] = ()


def decide(facts: Facts) -> Verdict:
    """The verdict on these facts.

    Raises:
        Missing: the next slot that could change the verdict is neither known nor declined.
    """
    read = _Reading(facts)
    outcome = _settle(read)
    return Verdict(
        rung=outcome.rung,
        stance=outcome.stance,
        line=outcome.line,
        findings=tuple(_finding(rung, outcome, facts) for rung in RUNGS),
        alongside=_alongside(outcome, facts),
        do_first=facts.get(Slot.SUCCESS) == "undefined" or Slot.SUCCESS in facts.declined,
        blockers=outcome.blockers,
        mistakes=_mistakes(outcome, facts),
        notes=_notes(outcome, facts),
        assumptions=tuple(read.assumed),
    )


def _settle(read: _Reading) -> _Outcome:
    """The decision lines, from the top; the first that settles it wins."""
    carried = False  # does retrieval carry the knowledge?
    if read(Slot.KNOWLEDGE) in ("large", "changing"):  # line 1
        retrieval = read(Slot.RETRIEVAL)
        if retrieval == "none":
            tried = read.facts.get(Slot.PROMPTING) not in (None, "none")
            return _Outcome(rung=3, stance="climb" if tried else "start", line="knowledge_missing")
        if retrieval == "misses":
            return _Outcome(rung=3, stance="stay", line="retrieval_misses")
        carried = True

    prompting = read(Slot.PROMPTING)
    if prompting == "none":  # line 2
        return _Outcome(rung=1, stance="start", line="no_prompt")

    in_use: Rung = 2 if prompting in ("few_shot", "exhausted") else 1
    if carried and read(Slot.RETRIEVAL) == "works":
        in_use = 3

    shortfall = read(Slot.SHORTFALL)
    assert isinstance(shortfall, frozenset)
    if not shortfall:  # line 3
        return _Outcome(rung=in_use, stance="stay", line="works")

    if shortfall == {"cost_latency"}:  # line 4
        closed = _closed((Slot.STABILITY, Slot.VOLUME, Slot.SUCCESS), read)
        if closed is not None:
            return _Outcome(rung=in_use, stance="stay", line="cheaper_ways", blockers=(closed,))
        return _Outcome(rung=4, stance="climb", line="distil")

    if prompting == "basic":  # line 5
        return _Outcome(rung=1, stance="climb", line="basic_prompt")
    if prompting == "structured":
        return _Outcome(rung=2, stance="climb", line="no_examples_yet")

    best: Rung = 3 if carried else 2  # line 6
    if not shortfall & BEHAVIOUR:  # fine-tuning is never given for a knowledge gap alone
        return _Outcome(rung=best, stance="stay", line="knowledge_gap_only", blockers=(Slot.SHORTFALL,))
    gates = (Slot.STABILITY, Slot.SUCCESS, Slot.EXAMPLES, *(() if prompting == "exhausted" else (Slot.VOLUME,)))  # fmt: skip
    closed = _closed(gates, read)
    if closed is not None:
        return _Outcome(rung=best, stance="stay", line="gate_closed", blockers=(closed,))
    return _Outcome(rung=4, stance="climb", line="gates_open")


def _closed(gates: tuple[Slot, ...], read: _Reading) -> Slot | None:
    """The gate of rung 4 that is closed, if one is.

    One that is known to be closed settles it: then no answer about the others could open the way, so none is asked for.
    """
    for gate in gates:
        if (gate in read.facts.known or gate in read.facts.declined) and not _open(gate, read):
            return gate
    if _hurried(read.facts):
        return Slot.DEADLINE
    return next((gate for gate in gates if not _open(gate, read)), None)


def opens_gate(slot: Slot, value: Value) -> bool:
    """Does this value of what is asked open a way to rung 4 that its cautious value keeps closed?"""
    return value in {
        Slot.STABILITY: ("stable",),
        Slot.SUCCESS: ("defined", "measured"),
        Slot.PROMPTING: ("exhausted",),
    }.get(slot, ())


def _open(gate: Slot, read: _Reading) -> bool:
    """Is this gate of rung 4 open? An amount counts by its lower bound: what may be too little is too little."""
    value = read(gate)
    match gate:
        case Slot.STABILITY:
            return value == "stable"
        case Slot.SUCCESS:
            return value != "undefined"
        case Slot.EXAMPLES:
            return isinstance(value, Amount) and value.low >= ENOUGH_EXAMPLES
        case _:
            return isinstance(value, Amount) and value.low >= HIGH_VOLUME


def _hurried(facts: Facts) -> bool:
    """A deadline of days; volunteered, so never asked."""
    days = facts.get(Slot.DEADLINE)
    return isinstance(days, float) and days <= SHORT_DEADLINE


def _finding(rung: Rung, outcome: _Outcome, facts: Facts) -> Finding:
    """Where one rung stands, given the outcome."""
    status, reason = _standing(rung, outcome, facts)
    return Finding(rung=rung, status=status, reason=f"{rung}.{reason}")


def _standing(rung: Rung, outcome: _Outcome, facts: Facts) -> tuple[Status, str]:
    if rung == outcome.rung:
        return "fits", "stay" if outcome.stance == "stay" else "act"
    if rung in _alongside(outcome, facts):
        return "fits", "alongside"
    prompting = facts.get(Slot.PROMPTING)
    works = outcome.line == "works"
    match rung:
        case 1:
            if prompting in (None, "none"):
                return "fits", "alongside"
            return "done", "done"
        case 2:
            if prompting in ("few_shot", "exhausted"):
                return "done", "done"
            if works or outcome.line in ("distil", "cheaper_ways"):
                return "not_needed", "good_already"
            return "later", "later"
        case 3:
            if facts.get(Slot.KNOWLEDGE) in ("large", "changing"):
                return "done", "done"
            if facts.get(Slot.KNOWLEDGE) == "small_static":
                return "not_needed", "fits_in_prompt"
            return "not_needed", "no_gap"
        case 4:
            if works:
                return "not_needed", "good_already"
            if outcome.blockers:
                return "blocked", outcome.blockers[0].value
            if outcome.rung == 3:
                return "later", "not_for_facts"
            return "later", "later"


def _alongside(outcome: _Outcome, facts: Facts) -> tuple[Rung, ...]:
    """Rungs to act on together with the verdict: retrieval always carries a structured prompt."""
    if outcome.rung != 3:
        return ()
    return (1, 2) if facts.chosen(Slot.SHORTFALL) & {"format", "style"} else (1,)


def _mistakes(outcome: _Outcome, facts: Facts) -> tuple[str, ...]:
    """The guide's four common mistakes, where the person's own words head for one."""
    wants = facts.chosen(Slot.WANTS)
    trains = "finetuning" in wants
    prompting = facts.get(Slot.PROMPTING)
    examples = facts.get(Slot.EXAMPLES)
    found: list[str] = []
    if "facts_trained_in" in wants or (trains and facts.chosen(Slot.SHORTFALL) == {"knowledge"}):
        found.append("knowledge_by_finetuning")
    if trains and (
        (outcome.rung in (1, 2) and outcome.stance != "stay") or prompting in ("none", "basic", "structured")
    ):
        found.append("finetune_before_prompting")
    if "quick_training" in wants and isinstance(examples, Amount) and examples.low < ENOUGH_EXAMPLES:
        found.append("dataset_cost_underestimated")
    if trains and facts.get(Slot.STABILITY) == "evolving":
        found.append("behaviour_still_changing")
    return tuple(found)


def _notes(outcome: _Outcome, facts: Facts) -> tuple[str, ...]:
    """What the guide does not say, and a serious adviser must."""
    shortfall = facts.chosen(Slot.SHORTFALL)
    needs = facts.chosen(Slot.NEEDS)
    prompt_tokens = facts.get(Slot.PROMPT_TOKENS)
    long_prompt = isinstance(prompt_tokens, float) and prompt_tokens >= LONG_PROMPT
    examples_wanted = (
        outcome.rung == 4 or outcome.line == "no_examples_yet" or Slot.EXAMPLES in outcome.blockers
    )
    rows = (
        ("constrained_output", "format" in shortfall),
        ("caching", "cost_latency" in shortfall or long_prompt),
        ("availability", outcome.rung == 4),
        ("fits_in_context", facts.get(Slot.KNOWLEDGE) == "small_static"),
        ("repair_retrieval", outcome.line == "retrieval_misses"),
        ("two_axes", outcome.rung in (3, 4)),
        ("reasoning", "quality" in shortfall or "reasoning" in needs),
        ("tools", bool(needs & {"actions", "arithmetic"})),
        ("how_many_examples", examples_wanted),
    )
    return tuple(name for name, applies in rows if applies)
