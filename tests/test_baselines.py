"""The baselines answer as `answer(scenario) -> rung or None`, against a server on the loopback interface."""

from __future__ import annotations

from typing import Any

import pytest

from agent.bootstrap import Shelf
from agent.model.chat import open_chat
from agent.settings import ModelSettings
from evals.baselines.common import rung_in, told
from evals.baselines.guide_in_prompt import GuideInPrompt
from evals.baselines.rag_agent import RagAgent
from evals.scenario import FOLDER, scenarios
from tests.model_server import Fault, model_server

CASE = scenarios(FOLDER / "worked_cases.yaml")[0]


@pytest.mark.parametrize(
    ("text", "rung"),
    [
        ("So look it up.\nRUNG: 3", 3),
        ("**RUNG: 2**", 2),
        ("RUNG: 7", None),
        ("Rung 4 would be next.", None),
        ("RUNG: 1\nRUNG: 4", None),
    ],
)
def test_a_rung_is_read_from_the_closing_line_alone(text: str, rung: int | None) -> None:
    assert rung_in(text) == rung


def test_the_case_holds_everything_the_person_would_answer() -> None:
    text = told(CASE)
    assert text.startswith(CASE.opening.strip()) and all(said in text for said in CASE.answers.values())


def test_the_guide_in_the_prompt_asks_once(shelf: Shelf) -> None:
    with model_server() as server:
        server.say("Because …\nRUNG: 3")
        baseline = GuideInPrompt(open_chat("m", ModelSettings(name="m", base_url=server.url)), shelf.corpus)
        assert baseline.answer(CASE) == 3
        assert (
            shelf.corpus.passage("guide#escalation-ladder").text
            in server.requests[0]["messages"][0]["content"]
        )
        assert baseline.used.calls == 1 and baseline.used.tokens("input_tokens") > 1000


def test_the_agent_searches_and_then_answers(shelf: Shelf) -> None:
    def answer(body: dict[str, Any]) -> Any:
        searched = [m for m in body["messages"] if m["role"] == "tool"]
        return "See the passages.\nRUNG: 1" if searched else {"query": "does fine-tuning add knowledge"}

    with model_server() as server:
        server.answer = answer
        baseline = RagAgent(open_chat("m", ModelSettings(name="m", base_url=server.url)), shelf.search)
        assert baseline.answer(CASE) == 1
        found = server.requests[1]["messages"][-1]["content"]
        assert found.count("[") >= 5 and "#" in found
        assert baseline.used.calls == 2


def test_an_agent_that_never_ends_gives_no_rung(shelf: Shelf) -> None:
    with model_server() as server:
        server.answer = lambda _: {"query": "again"}
        assert (
            RagAgent(open_chat("m", ModelSettings(name="m", base_url=server.url)), shelf.search).answer(CASE)
            is None
        )
        assert len(server.requests) < 20


def test_a_fault_is_not_taken_for_an_answer(shelf: Shelf) -> None:
    with model_server() as server:
        server.answer = lambda _: Fault("server")
        baseline = GuideInPrompt(open_chat("m", ModelSettings(name="m", base_url=server.url)), shelf.corpus)
        with pytest.raises(Exception, match="server had an error"):
            baseline.answer(CASE)
