"""The same reader and rubric behind a form: all eight questions in a fixed order, whatever was said."""

from __future__ import annotations

from agent import interview
from agent.facts import RUBRIC_SLOTS, Facts
from agent.reading import Asked, Reader
from agent.rubric import Rung, decide
from evals.scenario import Scenario

#: Every question is put, to everybody.
QUESTIONS = len(RUBRIC_SLOTS)


def questionnaire(scenario: Scenario, reader: Reader) -> Rung:
    """The rubric's rung on the opening and all eight answers; what was not read counts as "don't know"."""
    facts = Facts().merge(reader.read(scenario.opening, Asked.OPENING, Facts()).values)
    for slot in RUBRIC_SLOTS:
        if slot in scenario.answers:
            facts = facts.merge(reader.read(scenario.answers[slot], slot, facts).values)
    return decide(interview.settle_now(facts)[0]).rung
