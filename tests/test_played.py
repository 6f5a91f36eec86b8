"""People played by a language model, against the loopback server: what they say, what they state, and what they break."""

from __future__ import annotations

from typing import Any

import pytest

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.facts import Slot
from agent.model.chat import Model
from agent.sessions import Sessions
from agent.settings import ModelSettings
from evals.manners import Manner
from evals.played import PersonSays, Played, audit
from evals.scenario import Scenario
from evals.simulated_user import talk
from tests.model_server import KEY, model_server
from tests.test_suite import CASE


def test_a_played_person_answers_what_is_asked_and_is_told_the_rules(
    shelf: Shelf, sessions: Sessions
) -> None:
    """The advisor is the embedded one; only the person is the model's."""
    advisor = Advisor(lambda: shelf.reader, shelf, sessions)
    answers = {"knowledge": "no, the letter has it all", "prompting": "one line"}

    def person(body: dict[str, Any]) -> dict[str, Any]:
        asked_now = body["messages"][-1]["content"].split("<message>")[1]
        questions = {"does the model need information": "knowledge", "How far have you taken": "prompting"}
        asked = next((slot for words, slot in questions.items() if words in asked_now), None)
        return {"say": answers[asked] if asked else "no idea", "rests_on": [asked] if asked else []}

    with model_server() as server:
        server.answer = person
        played = Played(CASE, Model(ModelSettings(name="m", key=KEY, base_url=server.url, seconds=5.0)))
        done = talk(advisor, CASE, Manner.PLAYED, user=played).talk
        rules, facts = (m["content"] for m in server.requests[0]["messages"])
    assert "Never invent" in rules and "no, the letter has it all" in facts
    assert done.told[Slot.KNOWLEDGE] == "none" and done.told[Slot.PROMPTING] == "basic"
    assert done.advice is not None and done.advice.rung == 1
    assert played.faults == [] and played.messages == len(done.exchanges) - 1


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (PersonSays(say="about 400 a day", rests_on=[Slot.KNOWLEDGE]), "a number that it was not given: 400"),
        (
            PersonSays(say="no, and it is one line", rests_on=[Slot.KNOWLEDGE, Slot.PROMPTING]),
            "told prompting when asked for knowledge",
        ),
    ],
)
def test_the_audit_names_what_breaks_the_rules(given: PersonSays, what: str) -> None:
    assert [f.what for f in audit(CASE, "knowledge", given)] == [what]


def test_the_audit_lets_pass_what_was_given() -> None:
    case: Scenario = CASE.model_copy(update={"answers": {Slot.VOLUME: "400 or so, one or 2 more"}})
    assert audit(case, "volume", PersonSays(say="400", rests_on=[Slot.VOLUME])) == []
    assert audit(case, "confirm", PersonSays(say="yes", rests_on=[])) == []
