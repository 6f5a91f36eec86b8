"""A person who answers from a scenario and reveals only what is asked, and how a conversation with them went."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final, Protocol

from pydantic import BaseModel, ConfigDict, Field

from agent import interview
from agent.advisor import Advisor
from agent.conversation import Answer, Notice, Reply
from agent.facts import RUBRIC_SLOTS, Facts, Slot
from agent.recommendation import Recommendation
from agent.rubric import Missing, Rung, Stance, decide
from evals.invariants import faults
from evals.manners import Line, Manner, Script
from evals.reference import needed
from evals.scenario import DECLINED, Expected, Scenario, States
from knowledge.errors import UnknownPassage

#: More turns than this means that the talk goes in circles.
MOST_TURNS: Final = 24
#: Manners in which a person does not state what the scenario's label rests on: the rubric gives what then follows.
_TELLS_OTHERWISE: Final = frozenset({Manner.DONT_KNOW, Manner.TERSE})


class SimulatedUser(Protocol):
    """Says the next thing, or None to leave. What was stated is kept by the talk."""

    def opening(self) -> Line: ...

    def next(self, reply: Reply) -> Line | None: ...


class Scripted:
    """Answers from a script; to what the script does not foresee, "skip"."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def opening(self) -> Line:
        return self._script.opening()

    def next(self, reply: Reply) -> Line | None:
        if reply.recommendation is not None:
            return self._script.last_word()
        if reply.question is None:
            return None
        match reply.question.slot:
            case "opening":
                return self._script.opening()
            case "confirm":
                return self._script.confirm()
            case slot if slot in set(RUBRIC_SLOTS):
                return self._script.answer(Slot(slot))
        return Line("skip", {})


class Exchange(BaseModel):
    """One turn: what was said, what came back besides a question, and the slot asked next ("" after the advice)."""

    model_config = ConfigDict(frozen=True)

    said: str
    told: tuple[str, ...] = ()
    asked: str = ""
    useless: bool = Field(default=False, description="no answer to this question could change the advice")
    again: bool = Field(default=False, description="asked once more right after an answer to it")
    strays: bool = Field(default=False, description="the rubric needs another slot than the one asked next")
    volunteered: bool = Field(default=False, description="something was taken in that was not asked for")
    unanswered: bool = Field(default=False, description="a question of theirs got no answer")
    unsaid: bool = Field(
        default=False, description="something was taken in, or taken as unknown, without a word"
    )


class Advice(BaseModel):
    """What came out: the verdict's parts and the state of its citations."""

    model_config = ConfigDict(frozen=True)

    rung: Rung
    stance: Stance
    line: str
    mistakes: tuple[str, ...]
    assumptions: tuple[Slot, ...]
    headline: str
    sentences: int
    uncited: int
    citations: int
    dangling: int = Field(description="citations that no passage of the corpus bears out")
    sources: tuple[str, ...] = Field(description="ids of the sources cited")
    faults: tuple[str, ...] = Field(default=(), description="what is wrong with it on its own facts")


class Spent(BaseModel):
    """What a language model cost; nothing in embedded mode."""

    model_config = ConfigDict(frozen=True)

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    money: float | None = Field(default=0.0, description="US dollars; None when no price is known")


class Talk(BaseModel):
    """How one conversation went. `told` is what the person's words stated, `known` what the advisor took from them."""

    model_config = ConfigDict(frozen=True)

    scenario: str
    manner: Manner
    seed: int = 0
    kept: bool = False
    tags: tuple[str, ...] = ()
    exchanges: tuple[Exchange, ...]
    crash: str = Field(default="", description="what the advisor broke on, if it did")
    advice: Advice | None = None
    expected: Expected | None = Field(default=None, description="what should follow from what was told")
    told: States = Field(default_factory=dict)
    known: dict[Slot, Any] = Field(default_factory=dict)
    readable: bool = Field(default=False, description="what the words state is labelled")
    read_back: bool | None = Field(
        default=None, description="the first read-back was right; None: there was none"
    )
    spent: Spent = Spent()

    @property
    def asked(self) -> list[str]:
        """The slots asked, in order, read-backs and repeats included."""
        return [e.asked for e in self.exchanges if e.asked]

    @cached_property
    def taken(self) -> Facts:
        """What the advisor took from them, as facts."""
        return Facts.of({s.value: v for s, v in self.known.items()})

    @cached_property
    def scores(self) -> dict[str, float | None]:
        """Worked out so far, by scorer (`evals.figures`): a report asks for each of them many times."""
        return {}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Talk:
        """A copy that takes nothing along which was worked out for this one."""
        copied = super().model_copy(update=update, deep=deep)
        for worked_out in ("taken", "scores"):
            copied.__dict__.pop(worked_out, None)
        return copied

    @property
    def right(self) -> bool:
        return bool(self.advice and self.expected and self.advice.rung in self.expected.rungs)


@dataclass
class Timed:
    """A talk, and the seconds of each of its turns: kept apart, since they differ from run to run."""

    talk: Talk
    seconds: list[float]


def talk(
    advisor: Advisor,
    scenario: Scenario,
    manner: Manner = Manner.PLAIN,
    seed: int = 0,
    user: SimulatedUser | None = None,
) -> Timed:
    """One conversation through the front door, from the opening until the person has nothing more to say."""
    user = user or Scripted(Script(scenario, manner, seed))
    thread = f"{scenario.id}/{manner.value}/{seed}"
    told: States = {}
    exchanges: list[Exchange] = []
    seconds: list[float] = []
    advice: Advice | None = None
    read_back: bool | None = None
    crash = ""
    advisor.open(thread)
    facts = advisor.facts(thread)
    line: Line | None = user.opening()
    while line is not None and len(exchanges) < MOST_TURNS:
        told |= line.states
        before = facts
        begun = time.perf_counter()
        try:
            reply = advisor.reply(thread, line.text)
        except Exception as error:  # a scenario that breaks the advisor is a finding, not the end of the run
            crash = f"{type(error).__name__}: {error}"
            exchanges.append(Exchange(said=line.text))
            break
        seconds.append(time.perf_counter() - begun)
        facts = advisor.facts(thread)
        if reply.recommendation is not None:
            advice = _advice(reply.recommendation, advisor, facts)
        if read_back is None and reply.question and reply.question.slot == "confirm" and scenario.means:
            read_back = not wrong(facts, told)
        exchanges.append(_exchange(line, exchanges[-1].asked if exchanges else "", reply, before, facts))
        line = user.next(reply)
    done = Talk(
        scenario=scenario.id,
        manner=manner,
        seed=seed,
        kept=scenario.kept,
        tags=tuple(scenario.tags),
        exchanges=tuple(exchanges),
        crash=crash,
        advice=None if crash else advice,
        expected=expected(scenario, manner, told),
        told=told,
        known={s: _plain(facts.get(s)) for s in RUBRIC_SLOTS if s in facts.known},
        readable=scenario.means is not None,
        read_back=read_back,
        spent=_spent(advisor, thread),
    )
    return Timed(done, seconds)


def expected(scenario: Scenario, manner: Manner, told: Mapping[Slot, Any]) -> Expected | None:
    """What should follow from what was told; None when that cannot be known.

    The scenario's label, but for manners that hold something back: then the rubric's verdict on what was stated.
    """
    if manner not in _TELLS_OTHERWISE:
        return scenario.expect
    if scenario.means is None:
        return None
    facts = Facts.of({s.value: v for s, v in told.items() if v != DECLINED})
    verdict = decide(interview.settle_now(facts)[0])
    if verdict.rung == scenario.expect.rung and verdict.stance == scenario.expect.stance:
        return scenario.expect
    return Expected(rung=verdict.rung, stance=verdict.stance, mistakes=verdict.mistakes)


def wrong(facts: Facts, told: Mapping[Slot, Any]) -> list[Slot]:
    """The slots that were read otherwise than told, or read where nothing was told."""
    from evals.reading.score import atoms, same

    def alike(slot: Slot) -> bool:
        label = told.get(slot)
        if label is None or label == DECLINED:
            return False
        read, stated = atoms(slot, facts.get(slot)), atoms(slot, label)
        return all(any(same(slot, r, s) for s in stated) for r in read)

    return [slot for slot in RUBRIC_SLOTS if slot in facts.known and not alike(slot)]


def could_matter(facts: Facts, slot: Slot) -> bool:
    """Is there any way the talk could go on in which the answer to this slot gives another rung, stance or line?

    The line counts because it is what the advice says: "it works, stay" is not "stay, and this blocks you".
    Worked out from the rubric alone, by trying, so that it does not take the interview's word for it.
    """
    bare = tuple(
        (s, facts.known[s].value) for s in sorted({*RUBRIC_SLOTS, Slot.DEADLINE} & facts.known.keys())
    )
    return _matters(bare, facts.declined, slot)


@cache
def _matters(known: tuple[tuple[Slot, Any], ...], declined: frozenset[Slot], slot: Slot) -> bool:
    open_facts = Facts(declined=declined - {slot})
    for s, value in known:
        if s is not slot:
            open_facts = interview.suppose(open_facts, s, value)
    return _differs(open_facts, slot)


def _differs(facts: Facts, slot: Slot) -> bool:
    outcomes = set()
    for value in interview.REPRESENTATIVES[slot]:
        try:
            verdict = decide(interview.suppose(facts, slot, value))
        except Missing as missing:
            return any(
                _differs(interview.suppose(facts, missing.slot, other), slot)
                for other in interview.REPRESENTATIVES[missing.slot]
            )
        outcomes.add((verdict.rung, verdict.stance, verdict.line))
    return len(outcomes) > 1


def _exchange(line: Line, answered: str, reply: Reply, before: Facts, facts: Facts) -> Exchange:
    asked = reply.question.slot if reply.question and not reply.recommendation else ""
    slot = Slot(asked) if asked in set(RUBRIC_SLOTS) else None
    new = {s for s in RUBRIC_SLOTS if facts.get(s) is not None and facts.get(s) != before.get(s)}
    taken = new | (facts.declined - before.declined)
    return Exchange(
        said=line.text,
        told=tuple(p.text for p in reply.parts if isinstance(p, (Notice, Answer))),
        asked=asked,
        useless=slot is not None and not could_matter(facts, slot),
        again=slot is not None and asked == answered and slot in line.states,
        strays=slot is not None and slot.value != needed(facts),
        volunteered=any(s.value != answered for s in new),
        unanswered=line.asks and not any(isinstance(p, Answer) for p in reply.parts),
        unsaid=bool(taken)
        and asked != "confirm"
        and not any(isinstance(p, (Notice, Recommendation)) for p in reply.parts),
    )


def _advice(given: Recommendation, advisor: Advisor, facts: Facts) -> Advice:
    verdict, sentences = given.verdict, list(given.sentences())
    return Advice(
        rung=verdict.rung,
        stance=verdict.stance,
        line=verdict.line,
        mistakes=verdict.mistakes,
        assumptions=verdict.assumptions,
        headline=given.headline.text,
        sentences=len(sentences),
        uncited=sum(not s.citations for s in sentences),
        citations=len(given.citations()),
        dangling=_dangling(given, advisor),
        sources=tuple(sorted({c.passage_id.split("#")[0] for c in given.citations()})),
        faults=faults(given, facts),
    )


def _dangling(given: Recommendation, advisor: Advisor) -> int:
    """How many citations do not stand in the corpus word for word."""
    corpus, found = advisor.corpus, 0
    for citation in given.citations():
        try:
            found += citation.quote not in corpus.passage(citation.passage_id).points
        except UnknownPassage:
            found += 1
    return found


def _spent(advisor: Advisor, thread: str) -> Spent:
    used = advisor.used(thread)[1]
    money = None if used.dollars is None else float(used.dollars)
    return Spent(
        calls=used.calls, input_tokens=used.input_tokens, output_tokens=used.output_tokens, money=money
    )


def _plain(value: Any) -> Any:
    """A value as JSON holds it: amounts as [low, high], sets sorted."""
    if isinstance(value, frozenset):
        return sorted(value)
    return [value.low, value.high] if hasattr(value, "low") else value
