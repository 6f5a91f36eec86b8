"""The gate: may this change land? Invariants that must hold in every talk, and no drop against the accepted run.

`baseline.json` holds the scores of the run that was last accepted (`rung eval --accept`), talk by talk.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.errors import BadInput
from evals.figures import Difference, Key, paired, values
from evals.manners import Manner
from evals.scorers import read_precision, read_recall, within_questions
from evals.simulated_user import Talk

BASELINE: Final = Path(__file__).parent / "baseline.json"
#: What may not drop, over all manners together and in each of them.
GUARDED: Final = ("rung_acceptable", "rung_exact", "stance", "mistakes", "read_precision", "read_recall")
#: Scenarios with this tag hold the rubric's lines and thresholds: each must be right, told plainly.
MUST_PASS: Final = "must-pass"
#: Of these, whatever is told is read.
BOUNDARY: Final = "boundary"
#: In these every answer is one of the choices, and the opening says nothing of the case.
PICKED: Final = "picked"


#: What a person is promised (DESIGN: "the interview never asks more").
MOST_ASKED: Final = 8
#: After a question or an outburst of theirs the open question is put again, and that counts as none.
_LEADS_AWAY: Final = frozenset({Manner.HOSTILE, Manner.OFF_TOPIC, Manner.ASKS_BACK})


@dataclass(frozen=True)
class Broken:
    """A reason not to land: what is broken, and where."""

    what: str
    where: tuple[str, ...]

    def __str__(self) -> str:
        shown = ", ".join(self.where[:5]) + (
            f" and {len(self.where) - 5} more" if len(self.where) > 5 else ""
        )
        return f"{self.what}: {shown}"


def broken(talks: Sequence[Talk]) -> list[Broken]:
    """The invariants that some talk breaks."""
    rules = (
        ("a sentence without a citation", lambda t: bool(t.advice and t.advice.uncited)),
        ("a citation that does not resolve", lambda t: bool(t.advice and t.advice.dangling)),
        ("fine-tuning advised without warrant", over_climbs),
        ("a talk that ended without advice", lambda t: t.advice is None),
        ("a question that could not matter", lambda t: any(e.useless for e in t.exchanges)),
        ("a question out of the rubric's order", lambda t: any(e.strays for e in t.exchanges)),
        ("more questions than promised", _asks_too_much),
        ("a question of theirs without an answer", lambda t: any(e.unanswered for e in t.exchanges)),
        ("something taken in without a word", lambda t: any(e.unsaid for e in t.exchanges)),
        ("advice on what was never read back", _not_read_back),
        ("a read-back of what was only just picked", _read_back_for_nothing),
        ("advice with a fault in itself", lambda t: bool(t.advice and t.advice.faults)),
        ("a must-pass scenario that is wrong", _must_pass_fails),
    )
    found = ((what, tuple(_named(t) for t in talks if rule(t))) for what, rule in rules)
    return [Broken(what, where) for what, where in found if where]


def _asks_too_much(talk: Talk) -> bool:
    """More than eight, the read-back and a second try included, from somebody who does not lead the talk elsewhere."""
    return len(talk.asked) > MOST_ASKED and talk.manner not in _LEADS_AWAY


def _not_read_back(talk: Talk) -> bool:
    """What was not asked for is read back before the advice, while there are questions left."""
    told = any(e.volunteered for e in talk.exchanges[:-1])
    return talk.advice is not None and told and "confirm" not in talk.asked and len(talk.asked) < MOST_ASKED


def _read_back_for_nothing(talk: Talk) -> bool:
    """Choices were picked and nothing else was said: each was shown when it was given."""
    return PICKED in talk.tags and talk.manner is Manner.PLAIN and "confirm" in talk.asked


def over_climbs(talk: Talk) -> bool:
    """Fine-tuning was advised and no careful reader would."""
    return bool(talk.advice and talk.expected and talk.advice.rung == 4 and 4 not in talk.expected.rungs)


def drops(talks: Sequence[Talk], accepted: dict[str, dict[Key, float]]) -> list[Difference]:
    """The guarded figures whose paired interval against the accepted run lies wholly below nought."""
    by_manner = [[t for t in talks if t.manner is manner] for manner in Manner]
    moved = (
        paired(name, accepted.get(name, {}), values(name, some))
        for some in (talks, *by_manner)
        for name in GUARDED
    )
    return [d for d in moved if d is not None and d.high < 0]


def accept(talks: Sequence[Talk], path: Path = BASELINE) -> None:
    """Make this run the one that later ones are held against."""
    marks = {
        name: {"/".join(map(str, key)): value for key, value in sorted(values(name, talks).items())}
        for name in GUARDED
    }
    path.write_text(json.dumps(marks, indent=0, sort_keys=True) + "\n", encoding="utf-8")


def accepted(path: Path = BASELINE) -> dict[str, dict[Key, float]]:
    """The scores of the accepted run.

    Raises:
        BadInput: there is none, or it cannot be read.
    """
    try:
        marks = json.loads(path.read_text(encoding="utf-8"))
        return {name: {_key(key): value for key, value in by.items()} for name, by in marks.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise BadInput(
            f"{path} is not an accepted run: {error}. Make one with: rung eval --accept"
        ) from error


def _must_pass_fails(talk: Talk) -> bool:
    """The verdict, the mistakes, what was read or the number of questions is not as labelled."""
    plainly = talk.manner in (Manner.PLAIN, Manner.STUBBORN)
    if MUST_PASS not in talk.tags or not plainly or talk.expected is None:
        return False
    if talk.advice is None or within_questions(talk).value == 0:
        return True
    reading = (read_precision, read_recall) if BOUNDARY in talk.tags else (read_precision,)
    if any(scorer(talk).value not in (None, 1.0) for scorer in reading):
        return True
    return (talk.advice.rung, talk.advice.stance, set(talk.advice.mistakes)) != (
        talk.expected.rung, talk.expected.stance, set(talk.expected.mistakes or ()),
    )  # fmt: skip


def _named(talk: Talk) -> str:
    return f"{talk.scenario} ({talk.manner.value})"


def _key(text: str) -> Key:
    scenario, manner, seed = text.rsplit("/", 2)
    return scenario, manner, int(seed)
