"""A person played by a language model under rules of conduct, and how often it breaks them.

It is given the scenario's opening and answers as facts; the prompt (`prompts/model/person.md.jinja`) forbids inventing and asks
for one thing at a time. `audit` looks at what it said by rule, so its own error rate can be told beside the scores.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, Field

from agent.conversation import Answer, Notice, Reply
from agent.facts import RUBRIC_SLOTS, Slot
from agent.model.chat import Model
from agent.model.prompts import prompt
from evals.manners import Line
from evals.scenario import Scenario, States

_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
#: Numbers that are only ways of speaking: "one or two".
_SPOKEN: Final = frozenset({"1", "2"})


class PersonSays(BaseModel):
    """What the model answers with."""

    say: str = Field(min_length=1)
    rests_on: list[Slot]


@dataclass
class Fault:
    """A rule of conduct broken in one message."""

    message: str
    what: str


@dataclass
class Played:
    """The person, for one conversation. `faults` are the rules it broke so far.

    Raises (from `next`):
        ModelFault: the model gives no answer; the talk ends there, unscored.
    """

    scenario: Scenario
    model: Model
    faults: list[Fault] = field(default_factory=list)
    messages: int = 0
    _talk: list[tuple[str, str]] = field(default_factory=list)
    _said: str = ""

    def opening(self) -> Line:
        self._said = self.scenario.opening
        means = self.scenario.means
        return Line(self._said, dict(means.opening) if means else {})

    def next(self, reply: Reply) -> Line | None:
        if reply.recommendation is not None or reply.question is None:
            return None
        told = "\n".join(p.text for p in reply.parts if isinstance(p, (Notice, Answer)))
        summary = "; ".join(f"{u.label}: {u.text}" for u in reply.question.understood)
        message = "\n".join(part for part in (told, summary, reply.question.text) if part)
        given, _ = self.model.structured(
            PersonSays,
            prompt("person").render(
                opening=self.scenario.opening,
                answers=[(slot.value, words) for slot, words in self.scenario.answers.items()],
                talk=self._talk,
                message=message,
            ),
        )
        self._talk.append((self._said, message))
        self._said = given.say
        self.messages += 1
        self.faults += audit(self.scenario, reply.question.slot, given)
        return Line(given.say, self._states(given.rests_on))

    def _states(self, subjects: Sequence[Slot]) -> States:
        states: States = {}
        for subject in subjects:
            if self.scenario.means is not None:
                states |= self.scenario.means.answers.get(subject, {})
        return states


def audit(scenario: Scenario, asked: str, given: PersonSays) -> list[Fault]:
    """The rules that a message breaks: a number from nowhere, or more told than was asked."""
    known = set(_NUMBER.findall(" ".join([scenario.opening, *scenario.answers.values()]))) | _SPOKEN
    invented = [n for n in _NUMBER.findall(given.say) if n not in known]
    beyond = [s for s in given.rests_on if asked in set(RUBRIC_SLOTS) and s.value != asked]
    found = [Fault(given.say, f"a number that it was not given: {n}") for n in invented]
    return found + [Fault(given.say, f"told {s.value} when asked for {asked}") for s in beyond]
