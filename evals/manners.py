"""The manners in which a scripted person talks: the same case, told by different people.

Nine turns of mind around one script. What a person states is known throughout (`evals.scenario.Meaning`), so the verdict
that should follow is known as well, even where a manner holds something back.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any, Final

import yaml

from agent.facts import AMOUNTS, NOTHING, ONE_OF, Slot
from agent.reading.repairs import sentences
from agent.rubric import HIGH_VOLUME
from evals.scenario import DECLINED, Meaning, Scenario, States


class Manner(StrEnum):
    """How a person talks. `plain` gives the answers as written and puts one another way when it was not understood."""

    PLAIN = "plain"
    STUBBORN = "stubborn"
    TERSE = "terse"
    RAMBLING = "rambling"
    CORRECTS = "corrects"
    DONT_KNOW = "dont_know"
    CONTRADICTS = "contradicts"
    HOSTILE = "hostile"
    OFF_TOPIC = "off_topic"
    ASKS_BACK = "asks_back"
    #: Not scripted: played by a language model (`evals.played`).
    PLAYED = "played"


SCRIPTED: Final = tuple(m for m in Manner if m is not Manner.PLAYED)


@dataclass(frozen=True)
class Line:
    """Something said, what it states, and whether it is a question that wants an answer."""

    text: str
    states: States
    asks: bool = False


class Script:
    """One scenario's words in one manner. `seed` settles every choice of words; the same seed says the same."""

    def __init__(self, scenario: Scenario, manner: Manner, seed: int = 0) -> None:
        self._scenario = scenario
        self._manner = manner
        name = f"{scenario.id}/{manner.value}/{seed}".encode()
        self._random = random.Random(hashlib.sha256(name).digest())
        self._asked: dict[str, int] = {}
        self._owed: Slot | None = None  # stated wrongly so far
        means = scenario.means or Meaning()
        self._at_read_back = map(Line, scenario.at_read_back, means.at_read_back or repeat({}))
        self._after_advice = map(
            Line, [scenario.after_advice] if scenario.after_advice else [], [means.after_advice]
        )

    def opening(self) -> Line:
        means = self._scenario.means
        return Line(self._scenario.opening, dict(means.opening) if means else {})

    def answer(self, slot: Slot) -> Line:
        """What this person says when asked for a slot."""
        times = self._asked[slot] = self._asked.get(slot, 0) + 1
        line = _SAYS[self._manner](self, slot, times)
        if self._owed is not None and self._owed is not slot:
            line = self._set_right(line)
        return line

    def confirm(self) -> Line:
        """To "is this right?": what the scenario has, in turn, and then yes, unless something was said wrongly."""
        if self._owed is not None:
            return self._set_right(Line("", {}))
        return next(self._at_read_back, Line("yes", {}))

    def last_word(self) -> Line | None:
        """After the advice: what the scenario has, and then nothing, unless something was said wrongly."""
        return next(self._after_advice, None) if self._owed is None else self._set_right(Line("", {}))

    # -- manners --------------------------------------------------------------------------------------------------

    def plain(self, slot: Slot, times: int) -> Line:
        as_written = self._written(slot)
        return as_written if times == 1 else self._short(slot) or as_written

    def stubborn(self, slot: Slot, times: int) -> Line:
        return self._written(slot)

    def terse(self, slot: Slot, times: int) -> Line:
        return self._short(slot) or self._written(slot)

    def rambling(self, slot: Slot, times: int) -> Line:
        line = self.plain(slot, times)
        before, after = self._random.sample(_bank()["rambling"], 2)
        return Line(f"{before} {_ended(line.text)} {after}", line.states)

    def corrects(self, slot: Slot, times: int) -> Line:
        line = self.plain(slot, times)
        wrong = self._wrong(slot) if len(self._asked) == 1 and times == 1 else None
        if wrong is None:
            return line
        said = self._pick(_bank()["corrects"]).format(wrong=wrong.text, right=line.text)
        return Line(said, line.states)

    def contradicts(self, slot: Slot, times: int) -> Line:
        wrong = self._wrong(slot) if len(self._asked) == 1 and times == 1 else None
        if wrong is None:
            self._owed = None if self._owed is slot else self._owed  # asked again: set right on the way
            return self.plain(slot, times)
        self._owed = slot
        return wrong

    def dont_know(self, slot: Slot, times: int) -> Line:
        return Line(self._pick(_bank()["dont_know"]), {slot: DECLINED})

    def hostile(self, slot: Slot, times: int) -> Line:
        abuse = _bank()["hostile"]
        if len(self._asked) == 1 and times == 1:
            return Line(self._pick(abuse["alone"]), {})
        line = self.plain(slot, 1 if len(self._asked) == 1 and times == 2 else times)
        said = f"{self._pick(abuse['before'])} {_ended(line.text)} {self._pick(abuse['after'])}"
        return Line(said.strip(), line.states)

    def off_topic(self, slot: Slot, times: int) -> Line:
        away = _bank()["off_topic"]
        if len(self._asked) == 1 and times == 1:
            return Line(self._pick(away["alone"]), {})
        line = self.plain(slot, 1 if len(self._asked) == 1 and times == 2 else times)
        return Line(f"{_ended(line.text)} {self._pick(away['after'])}".strip(), line.states)

    def asks_back(self, slot: Slot, times: int) -> Line:
        early = len(self._asked) <= 2
        if early and times == 1:
            return Line(self._pick(_bank()["asks_back"]), {}, asks=True)
        return self.plain(slot, times - 1 if early else times)

    # -- words ----------------------------------------------------------------------------------------------------

    def _written(self, slot: Slot) -> Line:
        text = self._scenario.answers.get(slot)
        if text is None:
            return Line("don't know", {slot: DECLINED})
        means = self._scenario.means
        return Line(text, dict(means.answers.get(slot, {})) if means else {})

    def _short(self, slot: Slot) -> Line | None:
        """The barest words for what this person would state; None when that is not known."""
        value = self._written(slot).states.get(slot)
        if value is None:
            return None
        if value == DECLINED:
            return Line("don't know", {slot: DECLINED})
        measured = {Slot.SUCCESS: "measured"} if value == "exhausted" else {}  # it needs a measurement
        return Line(short(slot, value, self._pick), {slot: value, **measured})

    def _wrong(self, slot: Slot) -> Line | None:
        """Bare words for another value than the true one."""
        value = self._written(slot).states.get(slot)
        if value is None or value == DECLINED:
            return None
        other = self._pick(others(slot, value))
        return Line(short(slot, other, self._pick), {slot: other})

    def _set_right(self, line: Line) -> Line:
        """First what was said wrongly, then the line itself."""
        assert self._owed is not None
        right, self._owed = self._written(self._owed), None
        said = self._pick(_bank()["contradicts"]).format(right=_ended(right.text))
        return Line(f"{said} {line.text}".strip(), {**right.states, **line.states})

    def _pick(self, options: Sequence[Any]) -> Any:
        return options[self._random.randrange(len(options))]


_SAYS: Final[Mapping[Manner, Callable[[Script, Slot, int], Line]]] = {
    manner: getattr(Script, manner.value) for manner in SCRIPTED
}


def foretold(scenario: Scenario, manner: Manner, seed: int, asked: Sequence[Slot]) -> list[str]:
    """What this person will most likely say when asked for these slots: only a guess, since answers settle what is asked."""
    script = Script(scenario, manner, seed)
    lines = [script.opening()]
    for slot in asked:
        first = script.answer(slot)
        lines += [first] if first.states else [first, script.answer(slot)]
    return [line.text for line in lines]


def phrases() -> list[str]:
    """What people of all scenarios say beside the matter, sentence by sentence."""
    bank = _bank()
    said = [
        *bank["rambling"],
        *bank["asks_back"],
        *bank["dont_know"],
        *bank["hostile"].values(),
        *bank["off_topic"].values(),
    ]
    lines = [line for some in said for line in ([some] if isinstance(some, str) else some)]
    return list(dict.fromkeys(part for line in lines for part in (line, *sentences(line))))


def short(slot: Slot, value: Any, pick: Callable[[Sequence[Any]], Any]) -> str:
    """The barest words for a value."""
    words = _bank()["short"][slot.value]
    if slot in AMOUNTS:
        number = _number(value)
        return "none" if number == "0" and slot is Slot.EXAMPLES else str(pick(words).format(number))
    if slot is Slot.SHORTFALL:
        members = [] if value == NOTHING else sorted([value] if isinstance(value, str) else value)
        return " and ".join(str(pick(words[m])) for m in members) or str(pick(words[NOTHING]))
    return str(pick(words[value]))


def others(slot: Slot, value: Any) -> Sequence[Any]:
    """Values that the rubric tells from this one."""
    if slot is Slot.VOLUME or slot is Slot.EXAMPLES:
        low = value[0] if isinstance(value, list) else value
        return [20] if low >= (HIGH_VOLUME if slot is Slot.VOLUME else 100) else [5000]
    if slot is Slot.SHORTFALL:
        members = [] if value == NOTHING else [value] if isinstance(value, str) else value
        return [[m] for m in ("format", "style", "quality", "cost_latency") if m not in members]
    return [v for v in ONE_OF[slot] if v != value]


def _number(value: Any) -> str:
    """A number, or a range with its bounds, as one types it."""
    if isinstance(value, list):
        low, high = value
        return f"{_plain(low)}+" if high is None else f"{_plain(low)}-{_plain(high)}"
    return _plain(value)


def _plain(number: float) -> str:
    return f"{number:g}" if number < 1 else f"{number:.0f}"


def _ended(text: str) -> str:
    """A sentence with its stop, so that what follows is another one."""
    return text if text.rstrip()[-1:] in ".!?…" else f"{text.rstrip()}."


@cache
def _bank() -> Any:
    return yaml.safe_load((Path(__file__).parent / "manners.yaml").read_text(encoding="utf-8"))
