"""A person who answers from a scenario, and reveals only what is asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.advisor import Advisor
from agent.conversation import Question
from agent.facts import Slot
from agent.recommendation import Recommendation
from evals.scenario import Scenario

#: More turns than this means that the talk goes in circles.
MOST_TURNS = 20


@dataclass
class Talk:
    """How one conversation went. `asked` are the slots in order, read-backs and repeats included."""

    scenario: Scenario
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    recommendation: Recommendation | None = None
    slots_read: dict[str, str] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        expect = self.scenario.expect
        if self.recommendation is None:
            return False
        return self.recommendation.verdict.rung in {expect.rung, *expect.acceptable}


def talk(advisor: Advisor, scenario: Scenario, thread_id: str) -> Talk:
    """One conversation through the front door: the opening, then the answer to whatever is asked, until advice."""
    done = Talk(scenario)
    advisor.open(thread_id)
    message = scenario.opening
    for _ in range(MOST_TURNS):
        done.said.append(message)
        reply = advisor.reply(thread_id, message)
        if reply.recommendation is not None:
            done.recommendation = reply.recommendation
            break
        if reply.question is None:
            break
        done.asked.append(reply.question.slot)
        message = answer(scenario, reply.question)
    done.slots_read = (
        {u.slot.value: u.text for u in done.recommendation.understood} if done.recommendation else {}
    )
    return done


def answer(scenario: Scenario, question: Question) -> str:
    """What this person says to a question; what they were not given, they do not know."""
    if question.slot == "confirm":
        return "yes"
    if question.slot == "opening":
        return scenario.opening
    return scenario.answers.get(Slot(question.slot), "don't know")
