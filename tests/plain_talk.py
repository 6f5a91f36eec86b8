"""A scenario talked through as it is written, with all that was said and given: for tests that compare two fronts or readers."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.advisor import Advisor
from agent.conversation import Question
from agent.facts import Slot
from agent.recommendation import Recommendation
from evals.scenario import Scenario
from evals.simulated_user import MOST_TURNS


@dataclass
class PlainTalk:
    """One conversation: what was said, and the advice it came to."""

    scenario: Scenario
    said: list[str] = field(default_factory=list)
    recommendation: Recommendation | None = None

    @property
    def right(self) -> bool:
        return (
            self.recommendation is not None and self.recommendation.verdict.rung in self.scenario.expect.rungs
        )


def talked(advisor: Advisor, scenario: Scenario, thread_id: str) -> PlainTalk:
    """From the opening to the advice."""
    done, message = PlainTalk(scenario), scenario.opening
    advisor.open(thread_id)
    for _ in range(MOST_TURNS):
        done.said.append(message)
        reply = advisor.reply(thread_id, message)
        if reply.recommendation is not None or reply.question is None:
            done.recommendation = reply.recommendation
            break
        message = answer(scenario, reply.question)
    return done


def answer(scenario: Scenario, question: Question) -> str:
    """What this person says to a question, as written; what they were not given, they do not know."""
    if question.slot == "confirm":
        return "yes"
    if question.slot == "opening":
        return scenario.opening
    return scenario.answers.get(Slot(question.slot), "don't know")
