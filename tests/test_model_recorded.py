"""Forty-four conversations whose model was a capable reader answering over the wire, played again from the record.

The record holds the answers alone, each under a hash of what was asked: the message with its question, or the facts with the
sentences to reword. They were given to the prompts that its first line names; the newer record is in test_model_endpoint.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import interview
from agent.bootstrap import Shelf
from agent.conversation import Reply
from agent.recommendation import Recommendation, check
from agent.sessions import Sessions
from agent.writing.support import numbers
from agent.writing.texts import load
from evals.cassette import plainly
from evals.scenario import FOLDER, Scenario, scenarios
from tests.model_server import Fault
from tests.model_talk import model_talk
from tests.plain_talk import PlainTalk as Talk
from tests.plain_talk import talked

LINES = [
    json.loads(line)
    for line in (Path(__file__).parent / "recorded" / "conversations.jsonl").read_text().splitlines()
]
HEAD, ANSWERS = LINES[0], {row["asked"]: row["answer"] for row in LINES[1:]}


def asked(body: dict[str, Any]) -> str:
    text = body["messages"][1]["content"]
    if "<message>" in text:
        part = text[text.index("Asked last:") :]
    else:
        part = plainly(text[: text.index("<passages>")] + text[text.index("<sentences>") :])
    return hashlib.sha256(part.encode()).hexdigest()[:24]


def chosen() -> list[Scenario]:
    files = ("worked_cases.yaml", "openings.yaml", "develop.yaml")
    return [s for f in files for s in scenarios(FOLDER / f) if s.id in HEAD["scenarios"]]


@pytest.fixture(scope="module")
def played(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Talk], Sessions]]:
    kept = Sessions(f"sqlite:///{tmp_path_factory.mktemp('recorded') / 's.db'}")
    with model_talk(shelf, kept, seconds=30.0) as made:
        made.server.answer = lambda body: ANSWERS.get(asked(body), Fault("bad request"))
        made.server.counts_schemas = True
        yield [talked(made.advisor, scenario, scenario.id) for scenario in chosen()], kept
    kept.close()


def advice(done: Talk) -> Recommendation:
    assert done.recommendation is not None, done.scenario.id
    return done.recommendation


def test_every_conversation_ends_at_the_labelled_rung_in_the_model_s_words(
    played: tuple[list[Talk], Sessions],
) -> None:
    talks, _ = played
    assert len(talks) == 44
    assert [t.scenario.id for t in talks if not t.right] == []
    assert [t.scenario.id for t in talks if advice(t).wording is None] == []


def test_no_verdict_differs_from_the_rubric_s(played: tuple[list[Talk], Sessions]) -> None:
    from agent.conversation import State

    talks, kept = played
    for done in talks:
        last = kept.last(done.scenario.id)
        assert last is not None
        facts = State.model_validate_json(last.state).facts
        assert advice(done).verdict == interview.conclude(facts)


def test_an_interview_takes_at_most_8_calls_and_12_000_tokens(played: tuple[list[Talk], Sessions]) -> None:
    talks, kept = played
    used = [kept.spent(t.scenario.id) for t in talks]
    assert max(u.calls for u in used) <= 8
    assert max(u.input_tokens for u in used) <= 12_000
    for done in talks:
        turns = len(done.said)
        assert (
            kept.spent(done.scenario.id).calls <= turns + 2
        )  # one a turn to read, one to write, one to repair


def test_every_citation_resolves_and_every_number_has_its_source(
    played: tuple[list[Talk], Sessions], shelf: Shelf
) -> None:
    talks, _ = played
    for done in talks:
        made = advice(done)
        check(made, shelf.corpus)
        told = " ".join([*done.said, *(u.text for u in made.understood)])
        for sentence in (
            made.headline,
            *made.why,
            *made.mistakes,
            *made.do_first,
            *made.blockers,
            *made.next_steps,
        ):
            sources = " ".join([told, *(c.quote for c in sentence.citations)])
            assert numbers(sentence.text) <= numbers(sources) | reviewed_numbers(), sentence.text


def reviewed_numbers() -> set[float]:
    """Numbers of the reviewed sentences themselves, which people checked against their passages."""
    return {n for rows in load("claims").values() for row in rows for n in numbers(row["text"])}


def test_replies_are_recorded_as_they_were_shown(played: tuple[list[Talk], Sessions]) -> None:
    talks, kept = played
    for done in talks:
        shown = [Reply.model_validate_json(t.reply).recommendation for t in kept.turns(done.scenario.id)]
        assert shown[-1] == advice(done)
