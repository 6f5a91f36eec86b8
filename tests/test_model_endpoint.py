"""Forty-eight conversations, follow-ups included, whose model was a capable reader at an endpoint, played again from the record.

Readers saw the requests alone: neither labels nor code. `python -m evals.recording` held the conversations. Answers that an
earlier version of a prompt got are kept where what it was asked about has not changed; each line says which version it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.settings import ModelSettings, Settings
from evals.cassette import Player, read
from evals.recording import planned, record
from evals.scorers import read_recall
from evals.simulated_user import Talk, wrong
from tests.model_server import Fault, model_server

CALLS = read(Path(__file__).parent / "recorded" / "endpoint.jsonl")


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
    assert len(rows) == 48
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
    assert otherwise == set()


def test_what_was_taken_from_a_talk_is_what_was_told(played: tuple[list[Any], set[str]]) -> None:
    talks = [Talk.model_validate(row["talk"]) for row in played[0]]
    read = sum(len(t.known) for t in talks)
    bad = sum(len(wrong(t.taken, t.told)) for t in talks)
    recall = [s.value for t in talks if (s := read_recall(t)).value is not None]
    print(
        f"{read - bad} of {read} values as told; recall {sum(recall) / len(recall):.3f} of {len(recall)} talks"
    )
    assert read > 200 and (read - bad) / read >= 0.98
    assert sum(recall) / len(recall) >= 0.90
