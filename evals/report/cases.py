"""Talks worth looking at: those that went wrong and those that changed, with no word of a scenario kept for measuring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from agent.facts import RUBRIC_SLOTS, Facts
from agent.writing import texts
from evals.figures import Key
from evals.gate import over_climbs
from evals.scenario import DECLINED
from evals.scorers import SCORERS
from evals.simulated_user import Exchange, Talk, wrong

Fault = Literal["over-climb", "dead end", "wrong rung", "citation", "useless question"]
Turn = Literal["worse", "better", "other rung", "other stance"]
#: What makes a talk fail, the gravest first, and the scorer that tells why.
FAULTS: Final[dict[Fault, str]] = {
    "over-climb": "over_climb",
    "dead end": "dead_end",
    "wrong rung": "rung_acceptable",
    "citation": "citations_valid",
    "useless question": "useless",
}


class Row(BaseModel):
    """What was told of one slot and what was read, where they differ."""

    model_config = ConfigDict(frozen=True)

    slot: str
    told: str
    read: str


class Case(BaseModel):
    """One talk. Of a scenario kept for measuring only id, rungs and scores are here, so no form can show more."""

    model_config = ConfigDict(frozen=True)

    scenario: str
    manner: str
    seed: int
    kept: bool
    labelled: int | None
    acceptable: tuple[int, ...]
    advised: int | None
    faults: tuple[Fault, ...]
    scores: dict[str, float]
    hidden: bool
    tags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    stance: str = ""
    labelled_stance: str = ""
    headline: str = ""
    misread: tuple[Row, ...] = ()
    exchanges: tuple[Exchange, ...] = ()

    @property
    def name(self) -> str:
        """Scenario and manner, and which repeat where it is not the first."""
        return f"{self.scenario} ({self.manner}{f', {self.seed + 1}' if self.seed else ''})"


class Flip(BaseModel):
    """A talk whose advice changed since the other run; `earlier` is how it went then, where it was shown and differs."""

    model_config = ConfigDict(frozen=True)

    turn: Turn
    rung_before: int | None
    stance_before: str = ""
    case: Case
    earlier: tuple[Exchange, ...] = ()


def case(talk: Talk, reveal: bool = False) -> Case:
    """A talk as it is told: without its words where it is kept and `reveal` is not given."""
    label, advice = talk.expected, talk.advice
    bare = Case(
        scenario=talk.scenario, manner=talk.manner.value, seed=talk.seed, kept=talk.kept,
        labelled=label.rung if label else None, acceptable=tuple(sorted(label.rungs)) if label else (),
        advised=advice.rung if advice else None, faults=faults(talk), scores=_scores(talk),
        hidden=talk.kept and not reveal,
    )  # fmt: skip
    if bare.hidden:
        return bare
    return bare.model_copy(update=dict(
        tags=talk.tags, reasons=_reasons(talk), stance=advice.stance if advice else "",
        labelled_stance=(label.stance or "") if label else "", headline=advice.headline if advice else "",
        misread=_misread(talk), exchanges=talk.exchanges,
    ))  # fmt: skip


def faults(talk: Talk) -> tuple[Fault, ...]:
    """Why this talk fails, the gravest first; nothing when it does not."""
    advice = talk.advice
    found: dict[Fault, bool] = {
        "over-climb": over_climbs(talk),
        "dead end": advice is None,
        "wrong rung": advice is not None and talk.expected is not None and not talk.right and not over_climbs(talk),
        "citation": bool(advice and (advice.uncited or advice.dangling)),
        "useless question": any(e.useless for e in talk.exchanges),
    }  # fmt: skip
    return tuple(fault for fault in FAULTS if found[fault])


def failing(talks: Iterable[Talk], reveal: bool = False) -> list[Case]:
    """The talks that fail, the gravest first, then by name."""
    order = list(FAULTS)
    found = [case(t, reveal) for t in talks if faults(t)]
    return sorted(found, key=lambda c: (order.index(c.faults[0]), c.manner, c.scenario, c.seed))


def flips(before: Sequence[Talk], now: Sequence[Talk], reveal: bool = False) -> list[Flip]:
    """The talks whose advice differs between two runs, those that got worse first."""
    old = {_key(t): t for t in before}
    found = [
        flip for talk in now if _key(talk) in old and (flip := _flip(old[_key(talk)], talk, reveal)) is not None
    ]  # fmt: skip
    order = ("worse", "better", "other rung", "other stance")
    return sorted(found, key=lambda f: (order.index(f.turn), f.case.scenario, f.case.manner, f.case.seed))


def example(talks: Sequence[Talk]) -> Case | None:
    """One talk that went well, of middling length, told plainly and never from what is kept."""
    good = [t for t in talks if t.right and not t.kept and not faults(t) and t.manner.value == "plain"]
    best = min(good, key=lambda t: (abs(len(t.exchanges) - 4), t.scenario, t.seed), default=None)
    return case(best) if best else None


def _flip(before: Talk, now: Talk, reveal: bool) -> Flip | None:
    then, today = before.advice, now.advice
    turn: Turn
    if before.right != now.right:
        turn = "better" if now.right else "worse"
    elif (then and then.rung) != (today and today.rung):
        turn = "other rung"
    elif (then and then.stance) != (today and today.stance):
        turn = "other stance"
    else:
        return None
    told = case(now, reveal)
    hidden = told.hidden or (before.kept and not reveal)
    earlier = () if hidden or before.exchanges == now.exchanges else before.exchanges
    return Flip(
        turn=turn, rung_before=then.rung if then else None, stance_before=then.stance if then and not hidden else "",
        case=told, earlier=earlier,
    )  # fmt: skip


def _scores(talk: Talk) -> dict[str, float]:
    scored = ((name, scorer(talk).value) for name, scorer in SCORERS.items())
    return {name: round(value, 4) for name, value in scored if value is not None}


def _reasons(talk: Talk) -> tuple[str, ...]:
    """Why it fails, in the scorers' words."""
    found = [SCORERS[FAULTS[fault]](talk).explanation for fault in faults(talk)]
    if talk.advice and talk.advice.uncited:
        found.append(SCORERS["citations_cover"](talk).explanation)
    return tuple(f for f in found if f)


def _misread(talk: Talk) -> tuple[Row, ...]:
    """The slots that were read otherwise than told, or told and not read."""
    if not talk.readable:
        return ()
    facts = Facts.of({s.value: v for s, v in talk.known.items()})
    missed = [s for s, v in talk.told.items() if s in RUBRIC_SLOTS and v != DECLINED and s not in talk.known]
    differ = {*wrong(facts, talk.told), *missed}
    return tuple(
        Row(slot=texts.slot_name(s), told=_value(talk.told.get(s)), read=_value(talk.known.get(s)))
        for s in RUBRIC_SLOTS
        if s in differ
    )


def _value(value: object) -> str:
    """A slot's value as a row shows it."""
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join("?" if v is None else f"{v:g}" if isinstance(v, float) else str(v) for v in value)
    return str(value)


def _key(talk: Talk) -> Key:
    return talk.scenario, talk.manner.value, talk.seed
