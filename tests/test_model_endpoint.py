"""Forty-five conversations, follow-ups included, whose model was a capable reader at an endpoint, played again from the record.

Readers saw the requests alone: neither labels nor code. `python -m evals.recording` held the conversations.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.settings import ModelSettings, Settings
from evals.cassette import Player, read
from evals.recording import planned, record
from tests.model_server import Fault, model_server

CALLS = read(Path(__file__).parent / "recorded" / "endpoint.jsonl")
#: One follow-up of each asks in other words since it was recorded; Rung then answers by itself.
ASKED_OTHERWISE = {
    "hostel-house-rules.hostile",
    "lagos-narration-tagger.hostile",
    "muscat-shortage-answers.off_topic",
    "worked-own-model.plain",
    "worked-rag-wrong-pages.corrects",
}


@pytest.fixture(scope="module")
def played(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Any], set[str]]]:
    """What came of every conversation, and those in which something was asked that is not on record."""
    wanted = [c for c in planned() if c.id in {call.conversation for call in CALLS}]
    out = tmp_path_factory.mktemp("endpoint")
    player = Player(CALLS)
    with model_server() as server:
        server.answer = lambda body: player.answer(body) or Fault("bad request")
        model = ModelSettings(name="m", key="k", base_url=server.url, seconds=60)
        rows = list(record(wanted, out, Settings(data_dir, "sqlite://", model=model)))
    yield rows, {call.conversation for call in read(out / "cassette.jsonl") if call.fault}


def test_every_conversation_comes_to_its_labelled_rung_in_the_model_s_words(
    played: tuple[list[Any], set[str]],
) -> None:
    rows, _ = played
    assert len(rows) == 45
    assert [r["conversation"] for r in rows if not r["interview"]["reworded"]] == []
    assert [
        r["conversation"]
        for r in rows
        if r["interview"]["rung"]
        not in {r["talk"]["expected"]["rung"], *r["talk"]["expected"].get("acceptable", [])}
    ] == []


def test_no_interview_costs_more_than_promised(played: tuple[list[Any], set[str]]) -> None:
    rows, _ = played
    assert max(r["interview"]["calls"] for r in rows) <= 8
    assert max(r["interview"]["input_tokens"] for r in rows) <= 12_000


def test_every_sentence_is_cited_and_every_citation_stands(played: tuple[list[Any], set[str]]) -> None:
    rows, _ = played
    advice = [r["talk"]["advice"] for r in rows]
    assert [(a["uncited"], a["dangling"]) for a in advice] == [(0, 0)] * len(rows)
    assert [a["faults"] for a in advice if "the rubric's page says" in " ".join(a["faults"])] == []


def test_what_is_asked_is_what_was_recorded(played: tuple[list[Any], set[str]]) -> None:
    _, otherwise = played
    assert otherwise == ASKED_OTHERWISE
