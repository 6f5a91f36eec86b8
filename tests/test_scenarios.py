"""Whole conversations: every worked case of the rubric and the other openings reach the right verdict."""

from __future__ import annotations

import statistics

import pytest

from agent.advisor import Advisor
from evals.scenario import FOLDER, Scenario, scenarios
from evals.simulated_user import talk

WORKED = scenarios(FOLDER / "worked_cases.yaml")
OPENINGS = scenarios(FOLDER / "openings.yaml")


def test_there_are_enough_of_them() -> None:
    assert len(WORKED) == 11
    assert len(OPENINGS) >= 60


@pytest.mark.parametrize("scenario", [*WORKED, *OPENINGS], ids=lambda s: s.id)
def test_scenario_reaches_its_verdict(advisor: Advisor, scenario: Scenario) -> None:
    done = talk(advisor, scenario, scenario.id)
    assert done.recommendation is not None
    verdict = done.recommendation.verdict
    expect = scenario.expect
    assert verdict.rung in {expect.rung, *expect.acceptable}, (verdict.line, done.asked, done.slots_read)
    assert expect.stance is None or verdict.stance == expect.stance
    assert set(verdict.mistakes) == set(expect.mistakes)
    assert len(done.asked) <= 8


def test_the_interview_is_short(advisor: Advisor) -> None:
    short = [s for s in OPENINGS if s.opening.count(".") <= 2]
    asked = [len(talk(advisor, s, f"count-{s.id}").asked) for s in short]
    assert len(short) >= 20
    assert statistics.median(asked) <= 4
    assert max(asked) <= 8
