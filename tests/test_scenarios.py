"""Scenario files: what they may hold, what they hold, and how a broken one is told."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
import yaml

from agent import interview
from agent.errors import BadInput
from agent.facts import Facts
from agent.rubric import decide
from evals import agreement
from evals.leaks import told
from evals.scenario import DECLINED, FOLDER, Scenario, States, scenarios, schema

EVERY = scenarios()


def test_there_are_enough_of_every_kind() -> None:
    people = told(EVERY)
    assert len(people) >= 200
    rungs = Counter(s.expect.rung for s in people)
    assert min(rungs.values()) >= 30
    assert sum(s.expect.stance == "stay" for s in people) >= 30
    assert sum(bool(s.expect.mistakes) for s in people) >= 30
    words = sorted(len(s.opening.split()) for s in people)
    assert words[0] <= 5 and words[-1] >= 350


def test_about_a_third_is_kept_for_measuring() -> None:
    kept = [s for s in told(EVERY) if s.kept]
    assert 0.3 <= len(kept) / len(told(EVERY)) <= 0.36


def test_every_one_was_labelled_twice() -> None:
    assert {s.id for s in told(EVERY)} <= agreement.second().keys()


@pytest.mark.parametrize("scenario", [s for s in EVERY if s.means], ids=lambda s: s.id)
def test_the_label_follows_from_what_the_words_mean(scenario: Scenario) -> None:
    """The rubric, asking for what it needs, reaches the label from the labelled meaning alone."""
    assert scenario.means is not None
    stated: States = {}
    facts = Facts()
    for said in (scenario.means.opening, *scenario.means.at_read_back, scenario.means.after_advice):
        stated |= said
        facts = Facts.of({s.value: v for s, v in stated.items()}).decline(*(facts.declined - stated.keys()))
        while (slot := interview.next_slot(facts)) is not None:
            states = scenario.means.answers.get(slot, {slot: DECLINED})
            stated |= {s: v for s, v in states.items() if v != DECLINED}
            gone = facts.declined | ({slot} if slot not in stated else set())
            facts = Facts.of({s.value: v for s, v in stated.items()}).decline(*(gone - stated.keys()))
    verdict = decide(facts)
    assert verdict.rung in scenario.expect.rungs
    if verdict.rung == scenario.expect.rung:
        assert verdict.stance == scenario.expect.stance


def test_the_published_schema_is_the_one_in_use_and_holds_for_every_file() -> None:
    published = (FOLDER.parent / "scenario.schema.json").read_text()
    assert published == schema()
    for file in FOLDER.glob("*.yaml"):
        jsonschema.validate(yaml.safe_load(file.read_text()), json.loads(published))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- id: a\n  opening: [", "not YAML"),
        ("id: a", "a list of scenarios"),
        ("", "a list of scenarios"),
        ("- id: a\n  opening: hi\n  expect: {rung: 5}", "scenario 1 (a): expect.rung"),
        ("- id: a\n  opening: hi\n  expect: {rung: 1}\n  colour: red", "scenario 1 (a): colour"),
        ("- id: a\n  opening: hi\n  expect: {rung: 1, mistakes: [nonsense]}", "scenario 1 (a): expect.mistakes"),
        ("- id: a\n  opening: hi\n  answers: {shoe_size: '44'}\n  expect: {rung: 1}", "scenario 1 (a): answers"),
        ("- id: a\n  opening: hi\n  means: {opening: {knowledge: huge}}\n  expect: {rung: 1}", "knowledge takes one of"),
        ("- opening: hi\n  expect: {rung: 1}", "scenario 1: id"),
        ("- 7", "scenario 1"),
        ("- id: a\n  opening: hi\n  expect: {rung: 1}\n- id: a\n  opening: ho\n  expect: {rung: 1}", "ids used twice: a"),
    ],
)  # fmt: skip
def test_a_broken_file_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(BadInput, match=r"mine\.yaml") as told_error:
        scenarios(file)
    assert said in str(told_error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        scenarios(tmp_path / "none.yaml")
    with pytest.raises(BadInput, match="holds no scenario file"):
        scenarios(tmp_path)
