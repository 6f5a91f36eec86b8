"""Scorers: small functions from a talk to a `Score`. A value of None is "not scored" and never counts as nought."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from agent.facts import RUBRIC_SLOTS, Facts, Slot
from evals.reading.score import atoms, same
from evals.scenario import DECLINED
from evals.simulated_user import Talk, wrong


@dataclass(frozen=True)
class Score:
    """A figure for one talk, and why it is that."""

    value: float | None
    explanation: str = ""


Scorer = Callable[[Talk], Score]
#: What a wrong rung costs. Training that was not warranted spends a budget, so it weighs as much as five other mistakes.
OVER_CLIMB_WEIGHT: Final = 5.0


def rung_exact(talk: Talk) -> Score:
    """Is it the labelled rung?"""
    if talk.expected is None:
        return Score(None, "no label for this manner")
    got = talk.advice.rung if talk.advice else None
    return Score(float(got == talk.expected.rung), f"rung {got}, labelled {talk.expected.rung}")


def rung_acceptable(talk: Talk) -> Score:
    """Is it a rung that a careful reader would take?"""
    if talk.expected is None:
        return Score(None, "no label for this manner")
    got = talk.advice.rung if talk.advice else None
    return Score(float(got in talk.expected.rungs), f"rung {got}, acceptable {sorted(talk.expected.rungs)}")


def stance(talk: Talk) -> Score:
    """Start, climb or stay, as labelled?"""
    if talk.expected is None or talk.expected.stance is None or talk.advice is None:
        return Score(None, "no label or no advice")
    got = talk.advice.stance
    return Score(float(got == talk.expected.stance), f"{got}, labelled {talk.expected.stance}")


def mistakes(talk: Talk) -> Score:
    """Were exactly the labelled mistakes named?"""
    if talk.expected is None or talk.expected.mistakes is None or talk.advice is None:
        return Score(None, "no label or no advice")
    got, label = set(talk.advice.mistakes), set(talk.expected.mistakes)
    return Score(float(got == label), f"named {sorted(got)}, labelled {sorted(label)}")


def over_climb(talk: Talk) -> Score:
    """Was fine-tuning advised where it is not warranted? 1 is bad."""
    if talk.expected is None or talk.advice is None:
        return Score(None, "no label or no advice")
    over = talk.advice.rung == 4 and 4 not in talk.expected.rungs
    return Score(float(over), f"rung {talk.advice.rung}, acceptable {sorted(talk.expected.rungs)}")


def loss(talk: Talk) -> Score:
    """What the advice costs: 0 right, 1 wrong, `OVER_CLIMB_WEIGHT` where it trains without warrant."""
    right, over = rung_acceptable(talk).value, over_climb(talk).value
    if right is None:
        return Score(None, "no label for this manner")
    return Score(OVER_CLIMB_WEIGHT if over else 1.0 - right, "over-climb" if over else "")


def dead_end(talk: Talk) -> Score:
    """Did the talk end without advice? 1 is bad."""
    return Score(float(talk.advice is None), talk.crash or f"{len(talk.exchanges)} turns")


def questions(talk: Talk) -> Score:
    """How many questions were put, read-back and repeats included."""
    return Score(float(len(talk.asked)), " ".join(talk.asked))


def useless(talk: Talk) -> Score:
    """Questions whose answer could not have mattered. Any is bad."""
    found = [e.asked for e in talk.exchanges if e.useless]
    return Score(float(len(found)), " ".join(found))


def asked_again(talk: Talk) -> Score:
    """Questions put once more although they had just been answered."""
    found = [e.asked for e in talk.exchanges if e.again]
    return Score(float(len(found)), " ".join(found))


def within_questions(talk: Talk) -> Score:
    """No more questions about the case than the label allows; the read-back is not one."""
    if talk.expected is None:
        return Score(None, "no label for this manner")
    asked = len([a for a in talk.asked if a != "confirm"])
    return Score(
        float(asked <= talk.expected.max_questions), f"{asked}, at most {talk.expected.max_questions}"
    )


def citations_valid(talk: Talk) -> Score:
    """Share of citations that stand in the corpus word for word."""
    if talk.advice is None:
        return Score(None, "no advice")
    cited, bad = talk.advice.citations, talk.advice.dangling
    return Score(1 - bad / cited if cited else 0.0, f"{bad} of {cited} do not stand there")


def citations_cover(talk: Talk) -> Score:
    """Share of the advice's sentences that carry a citation."""
    if talk.advice is None:
        return Score(None, "no advice")
    said, bare = talk.advice.sentences, talk.advice.uncited
    return Score(1 - bare / said if said else 0.0, f"{bare} of {said} sentences are bare")


def cites(talk: Talk) -> Score:
    """Share of the sources that the label wants to see cited."""
    if talk.expected is None or not talk.expected.cites or talk.advice is None:
        return Score(None, "no label")
    missing = sorted(set(talk.expected.cites) - set(talk.advice.sources))
    return Score(1 - len(missing) / len(talk.expected.cites), f"missing {missing}" if missing else "")


def read_precision(talk: Talk) -> Score:
    """Of the slots taken from the talk, the share that is as told. A guess that was shown as one counts."""
    if not talk.readable or not talk.known:
        return Score(None, "no label, or nothing read")
    bad = wrong(talk.taken, talk.told)
    return Score(1 - len(bad) / len(talk.known), f"wrong: {', '.join(bad)}" if bad else "")


def read_recall(talk: Talk) -> Score:
    """Of what was told, the share that was read."""
    told = {s: v for s, v in talk.told.items() if s in RUBRIC_SLOTS and v != DECLINED}
    if not talk.readable or not told:
        return Score(None, "no label, or nothing told")
    missed = [s for s, v in told.items() if not _found(talk.taken, s, v)]
    return Score(1 - len(missed) / len(told), f"missed: {', '.join(missed)}" if missed else "")


def read_back(talk: Talk) -> Score:
    """Was what it read back right in every slot?"""
    return Score(None, "no read-back") if talk.read_back is None else Score(float(talk.read_back))


def calls(talk: Talk) -> Score:
    """Calls of a language model."""
    return Score(float(talk.spent.calls))


def tokens(talk: Talk) -> Score:
    """Tokens to and from a language model."""
    return Score(float(talk.spent.input_tokens + talk.spent.output_tokens))


def money(talk: Talk) -> Score:
    """US dollars for a language model; not scored where no price is known."""
    return Score(talk.spent.money, "" if talk.spent.money is not None else "no price known")


def _found(facts: Facts, slot: Slot, label: object) -> bool:
    if slot not in facts.known:
        return False
    read = atoms(slot, facts.get(slot))
    return all(any(same(slot, r, s) for r in read) for s in atoms(slot, label))


#: In the order shown. Latency is told beside the run, since it differs from run to run.
SCORERS: Final[Mapping[str, Scorer]] = {
    scorer.__name__: scorer
    for scorer in (
        rung_acceptable, rung_exact, stance, mistakes, over_climb, loss, dead_end, questions, within_questions,
        useless, asked_again, citations_valid, citations_cover, cites, read_precision, read_recall, read_back,
        calls, tokens, money,
    )
}  # fmt: skip
#: Scores that are yes or no, told with Wilson's interval.
SHARES: Final = frozenset({
    "rung_acceptable", "rung_exact", "stance", "mistakes", "over_climb", "dead_end", "within_questions", "read_back",
})  # fmt: skip
#: Where less is better.
LESS_IS_BETTER: Final = frozenset({
    "over_climb", "loss", "dead_end", "questions", "useless", "asked_again", "calls", "tokens", "money",
})  # fmt: skip
