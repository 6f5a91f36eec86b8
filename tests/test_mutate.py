"""The mutation run: every mutant applies, two are caught, and code that is as good as before comes through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from agent.errors import BadInput
from evals.mutants import MUTANTS, Mutant
from evals.mutate import ROOT, Lab, Report, Result, chosen, mutated

BY_NAME = {m.name: m for m in MUTANTS}
SAME = Mutant("same", "none", "nothing", "agent/rubric.py", "  # line 1\n", "  # the first line\n")


def test_there_are_enough_and_each_has_its_name() -> None:
    assert len(MUTANTS) >= 70
    assert len(BY_NAME) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_a_mutant_applies_and_can_be_read(mutant: Mutant) -> None:
    text = mutated(mutant, (ROOT / mutant.file).read_text(encoding="utf-8"))
    read = ast.parse if mutant.file.endswith(".py") else yaml.safe_load
    assert read(text)


def test_a_mutant_whose_words_are_gone_is_named() -> None:
    mutant = BY_NAME["volume-100"]
    with pytest.raises(BadInput, match="mutant volume-100: its text stands 0 times"):
        mutated(mutant, "HIGH_VOLUME: Final = 2000")
    with pytest.raises(BadInput, match="stands 2 times"):
        mutated(mutant, mutant.find * 2)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(BadInput, match="no mutant or area volumes"):
        chosen(["volumes"], [])


def test_a_report_counts_crashes_apart_and_names_survivors() -> None:
    made = [
        Result(BY_NAME["volume-100"], "caught", "must-pass scenarios, plain", ("wrong",), 1.0),
        Result(BY_NAME["citation-dangles"], "crashed", "", ("UnknownPassage",), 1.0),
        Result(BY_NAME["week-is-day"], "survived", "", (), 1.0),
    ]
    data = Report(tuple(made), (), 3.0).as_data()
    assert (data["caught"], data["crashed"], data["survivors"]) == (1, 1, ["week-is-day"])
    assert data["low"] < data["share"] < data["high"]
    assert "survived: week-is-day" in "\n".join(Report(tuple(made), (), 3.0).lines())


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A small one: the worked cases alone."""
    made = Lab(tmp_path_factory.mktemp("lab"), workers=1, scenarios="worked_cases.yaml")
    assert made.record("plain") == []
    yield made


@pytest.mark.parametrize("name", ["structured-back-to-1", "headline-of-rung-1"])
def test_a_mutant_is_caught_and_taken_out_again(lab: Lab, name: str) -> None:
    result = lab.one(BY_NAME[name], "plain")
    assert (result.how, bool(result.reasons)) == ("caught", True)
    assert lab.one(SAME, "plain").how == "survived"


def test_nothing_kept_for_measuring_is_copied(lab: Lab) -> None:
    copied = {f.name for f in lab.folder.rglob("*") if f.is_file()}
    assert "worked_cases.yaml" in copied
    assert not {n for n in copied if n == "kept.yaml" or (n.startswith("measure") and n.endswith(".jsonl"))}


@pytest.mark.parametrize("name", ["reference", "invariants"])
def test_the_second_reading_does_not_lean_on_the_first(name: str) -> None:
    text = (Path(__file__).parents[1] / "evals" / f"{name}.py").read_text(encoding="utf-8")
    used = {n.module for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ImportFrom)}
    assert not used & {"agent.rubric", "agent.interview", "agent.writing.plain", "agent.writing.texts"}
