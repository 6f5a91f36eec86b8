"""Conversations that are recorded with a model, and what was recorded played again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.settings import ModelSettings, Settings
from evals.cassette import Player, asked_hash, purpose_of, read, request_hash
from evals.manners import Manner
from evals.recording import Conversation, planned, record
from tests import model_talk
from tests.model_server import Answer, Fault, model_server


def answer(body: dict[str, Any]) -> Answer:
    """A model that reads nothing and writes nothing."""
    return {
        "read": model_talk.read("question" if "?" in body["messages"][1]["content"][-60:] else "answer"),
        "write": {"sentences": []},
        "answer": {"answers": False, "sentences": []},
    }[purpose_of(body)]


def held(
    out: Path, data: Path, answering: Callable[[dict[str, Any]], Answer], *wanted: Conversation
) -> list[Any]:
    """What came of the conversations, and what the model was asked."""
    with model_server() as server:
        server.answer = answering
        model = ModelSettings(name="m", key="k", base_url=server.url, seconds=20)
        rows = list(record(wanted, out, Settings(data, "sqlite://", model=model)))
        return [rows, server.requests]


def two() -> list[Conversation]:
    return [c for c in planned() if c.manner is Manner.PLAIN and len(c.follow_ups) == 2][:2]


def test_the_plan_is_drawn_the_same_each_time_and_varies() -> None:
    drawn = planned()
    assert drawn == planned() and len({c.id for c in drawn}) == len(drawn) >= 45
    assert not any(c.scenario.kept for c in drawn)
    kinds = [kind for c in drawn for kind, _ in c.follow_ups]
    assert {kinds.count(kind) for kind in kinds} == {len(kinds) // len(set(kinds))}
    assert all(len({k for k, _ in c.follow_ups}) == len(c.follow_ups) in (2, 3) for c in drawn)


def test_what_is_recorded_is_what_went_over_the_wire(tmp_path: Path, data_dir: Path) -> None:
    wanted = two()
    rows, requests = held(tmp_path, data_dir, answer, *wanted)
    calls = read(tmp_path / "cassette.jsonl")
    assert [c.request for c in calls] == [request_hash(body) for body in requests]
    assert [c.asked for c in calls] == [asked_hash(body) for body in requests]
    assert [c.purpose for c in calls] == [purpose_of(body) for body in requests]
    assert all(c.answer and c.input_tokens and c.prompt.startswith(c.purpose) for c in calls)
    assert [r["interview"]["calls"] <= 8 for r in rows] == [True, True]
    for row, conversation in zip(rows, wanted, strict=True):
        transcript = (tmp_path / "transcripts" / f"{conversation.id}.md").read_text()
        assert all(f"> {line.text}" in transcript for _, line in conversation.follow_ups)
        assert len(row["talk"]["exchanges"]) == transcript.count("\n## ")


def test_a_record_played_again_gives_the_same_transcripts(tmp_path: Path, data_dir: Path) -> None:
    wanted = two()[:1]
    held(tmp_path / "first", data_dir, answer, *wanted)
    player = Player(read(tmp_path / "first" / "cassette.jsonl"))
    held(tmp_path / "again", data_dir, lambda body: player.answer(body) or Fault("bad request"), *wanted)
    assert player.missing == []
    name = f"{wanted[0].id}.md"
    again = (tmp_path / "again" / "transcripts" / name).read_text()
    assert again == (tmp_path / "first" / "transcripts" / name).read_text()


def test_a_conversation_on_record_is_not_held_again(tmp_path: Path, data_dir: Path) -> None:
    wanted = two()[:1]
    held(tmp_path, data_dir, answer, *wanted)
    before = (tmp_path / "cassette.jsonl").read_text()
    rows, requests = held(tmp_path, data_dir, answer, *wanted)
    assert rows == requests == []
    assert (tmp_path / "cassette.jsonl").read_text() == before


def test_a_call_that_failed_is_on_record_with_its_fault(tmp_path: Path, data_dir: Path) -> None:
    held(tmp_path, data_dir, lambda _: Fault("unknown model"), *two()[:1])
    calls = read(tmp_path / "cassette.jsonl")
    assert {c.fault for c in calls} == {"OpenAIModelNotFoundError"} and not any(c.answer for c in calls)
    told = json.loads((tmp_path / "talks.jsonl").read_text())
    assert told["interview"]["rung"]
