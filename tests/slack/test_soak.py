"""A small slice of the soak: two real processes on PostgreSQL, faults, one of them killed with -9."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.bootstrap import Shelf
from tests.slack.postgres import MISSING, server
from tests.slack.soak import soak


@pytest.mark.skipif(server() is None, reason=MISSING)
def test_two_workers_with_faults_and_a_kill_lose_nothing_and_answer_once(
    shelf: Shelf, data_dir: Path
) -> None:
    outcome = soak(200, 0.2, data_dir, at_once=24, seed=3)
    assert outcome.messages == 200
    assert outcome.killed == 1
    assert sum(outcome.faults.values()) >= 20
    assert outcome.good, outcome
