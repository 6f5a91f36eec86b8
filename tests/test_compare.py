"""Two use cases side by side, and which of their differences decide."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given as for_all
from hypothesis import settings

from agent.bootstrap import Shelf
from agent.cli import cli
from agent.comparison import compare, exchanged
from agent.contrast import Compared
from agent.errors import BadInput
from agent.facts import Facts, Slot
from agent.interview import settle_now
from agent.rubric import decide
from agent.writing.contrasts import compared, compared_in_words
from knowledge.corpus import Corpus
from tests.test_cli import rung
from tests.test_supposition import NEARLY, proposals, some_facts

BUSY = NEARLY.merge(proposals(volume=20_000), replace=True)
NEW = NEARLY.merge(proposals(volume=20_000, stability="evolving", examples=20), replace=True)


def test_one_difference_that_decides_is_named() -> None:
    told = compare(NEARLY, BUSY)
    assert (told.a.verdict.rung, told.b.verdict.rung) == (2, 4)
    assert told.differ == (Slot.VOLUME,)
    assert told.makes_a_like_b == told.makes_b_like_a == ((Slot.VOLUME,),)


def test_where_none_decides_alone_the_smallest_sets_are_named() -> None:
    """BUSY is at 4. NEW has two gates closed: both must open; closing either takes BUSY back to 2."""
    told = compare(NEW, BUSY)
    assert told.makes_a_like_b == ((Slot.STABILITY, Slot.EXAMPLES),)
    assert told.makes_b_like_a == ((Slot.STABILITY,), (Slot.EXAMPLES,))


def test_two_at_one_rung_have_nothing_to_exchange(corpus: Corpus) -> None:
    told = compare(NEARLY, NEW)
    assert told.makes_a_like_b == told.makes_b_like_a == ()
    assert "Both come out at rung 2" in compared_in_words(compared(told, corpus))


def test_the_same_case_twice_is_alike(corpus: Corpus) -> None:
    told = compared(compare(NEARLY, NEARLY), corpus)
    assert told.differ == ()
    assert "alike" in compared_in_words(told)


def test_an_unknown_value_is_exchanged_as_unknown() -> None:
    facts = exchanged(BUSY, Facts.of(volume=5), [Slot.EXAMPLES, Slot.VOLUME])
    assert facts.get(Slot.EXAMPLES) is None
    assert Slot.EXAMPLES in facts.declined
    assert str(facts.get(Slot.VOLUME)) == "5"


@settings(max_examples=100)
@for_all(some_facts(), some_facts())
def test_what_is_said_to_decide_does(a: Facts, b: Facts) -> None:
    told = compare(a, b)
    for one, other, sets in (
        (told.a, told.b, told.makes_a_like_b),
        (told.b, told.a, told.makes_b_like_a),
    ):
        assert bool(sets) == (one.verdict.rung != other.verdict.rung)
        for slots in sets:
            settled, _ = settle_now(exchanged(one.facts, other.facts, slots))
            assert decide(settled).rung == other.verdict.rung


def test_every_reason_is_cited(corpus: Corpus) -> None:
    told = compared(compare(NEARLY, BUSY), corpus)
    assert all(s.citations for side in (told.a, told.b) for s in (*side.why, *side.blockers))


# -- the command ------------------------------------------------------------------------------------------------------

A = "A few-shot prompt sorts mails into 12 queues, 86% on our test set. 20 mails a day."
B = "4,000 policy PDFs to answer from, nothing built yet."


def test_descriptions_are_compared_on_the_terminal(shelf: Shelf) -> None:
    done = CliRunner().invoke(cli, ["compare", A, B])
    assert done.exit_code == 0, done.output
    assert "A comes out at rung 2, few-shot; B at rung 3, retrieval (RAG)." in " ".join(done.stdout.split())
    assert "What makes the difference" in done.stdout
    assert "\x1b" not in done.stdout


def test_files_and_sessions_are_compared_as_json(shelf: Shelf, tmp_path: Path) -> None:
    env = {"RUNG_DATABASE_URL": f"sqlite:///{tmp_path / 's.db'}"}
    (tmp_path / "case.txt").write_text("﻿" + A, encoding="utf-8")
    rung("chat", said=f"{B}\nyes\n", env=env)
    (session,) = json.loads(rung("sessions", "--format", "json", env=env).stdout)
    done = rung("compare", f"@{tmp_path / 'case.txt'}", session["id"], "--format", "json", env=env)
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)
    jsonschema.validate(got, Compared.model_json_schema(mode="serialization"))
    assert (got["a"]["title"], got["a"]["rung"]) == ("case.txt", 2)
    assert (got["b"]["title"], got["b"]["rung"]) == (session["id"], 3)
    assert "knowledge" in [d["slot"] for d in got["differ"]]


def test_markdown_has_tables_and_sources_with_their_words(shelf: Shelf) -> None:
    done = CliRunner().invoke(cli, ["compare", A, B, "--format", "markdown"])
    assert done.exit_code == 0
    assert done.stdout.startswith("# A and B\n")
    assert "| 3 retrieval (RAG) | not needed | start here |" in done.stdout
    assert "## Sources" in done.stdout


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("deadbeef", B, "no session"),
        (A, "@/nowhere/case.txt", "cannot be read"),
        (" ", B, "is empty"),
    ],
)
def test_what_names_no_case_is_refused(shelf: Shelf, a: str, b: str, said: str) -> None:
    done = CliRunner().invoke(cli, ["compare", a, b])
    assert isinstance(done.exception, BadInput)
    assert said in str(done.exception)
