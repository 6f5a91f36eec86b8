"""`rung slack` as an admin runs it: a real process, its errors, its logs and its stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.bootstrap import Shelf
from tests.slack.driven import Person, words
from tests.slack.mock import SECRET, MockSlack

ROOT = Path(__file__).parents[2]
RUNG = [sys.executable, "-c", "from agent.cli import main; main()", "slack"]


def settings(mock: MockSlack | None, tmp_path: Path, **more: str) -> dict[str, str]:
    """One workspace over HTTP, in a folder of its own that shares the run's index."""
    told = {
        "RUNG_SLACK_BOT_TOKEN": "xoxb-1-good", "RUNG_SLACK_SIGNING_SECRET": SECRET, "RUNG_SLACK_PORT": "0", "RUNG_SLACK_OPS_PORT": "0",
        "RUNG_SLACK_API": mock.api if mock else "http://127.0.0.1:9/api", "RUNG_DATABASE_URL": f"sqlite:///{tmp_path / 'slack.db'}",
    }  # fmt: skip
    return {**os.environ, **told, **more}


def run(*args: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RUNG, *args], env=env, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False
    )


@contextmanager
def running(env: dict[str, str], log: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, int]]]:
    """A started worker, and where it listens."""
    with log.open("wb") as stderr:
        process = subprocess.Popen(RUNG, env=env, cwd=ROOT, stderr=stderr)
    try:
        deadline = time.monotonic() + 90
        while '"listening"' not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield process, next(json.loads(row) for row in log.read_text().splitlines() if '"listening"' in row)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


@pytest.mark.parametrize(
    ("change", "code", "names"),
    [
        ({"RUNG_SLACK_BOT_TOKEN": ""}, 3, "RUNG_SLACK_BOT_TOKEN"),
        ({"RUNG_SLACK_BOT_TOKEN": "xoxp-oops"}, 2, "holds a user's token"),
        ({"RUNG_SLACK_SIGNING_SECRET": "short"}, 2, "RUNG_SLACK_SIGNING_SECRET"),
        ({"RUNG_SLACK_BOT_TOKEN": "xoxb-unknown"}, 3, "RUNG_SLACK_BOT_TOKEN (invalid_auth)"),
        ({"RUNG_SLACK_API": "http://127.0.0.1:9/api"}, 3, "cannot be reached"),
        ({"RUNG_DATABASE_URL": "postgresql+psycopg://a:hidden-word@127.0.0.1:9/x"}, 3, "RUNG_DATABASE_URL"),
    ],
    ids=["no token", "wrong kind", "bad secret", "unknown token", "no network", "no database"],
)
def test_what_is_wrong_is_said_with_the_setting_to_change(
    tmp_path: Path, change: dict[str, str], code: int, names: str
) -> None:
    with MockSlack() as mock:
        done = run(env=settings(mock, tmp_path, **change))
    assert done.returncode == code
    assert names in done.stderr
    assert "Traceback" not in done.stderr
    assert not [
        s for s in (SECRET, "xoxb-1-good", "xoxp-oops", "xoxb-unknown", "hidden-word") if s in done.stderr
    ]


def test_settings_can_be_checked_without_starting(tmp_path: Path) -> None:
    with MockSlack() as mock:
        done = run("--check", env=settings(mock, tmp_path))
    assert (done.returncode, done.stdout) == (0, "Slack takes the settings.\n")


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    code = "import sys; sys.modules['slack_sdk'] = None; sys.argv[1:] = ['slack']; from agent.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=settings(None, tmp_path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert "pip install 'rung[slack]'" in done.stderr


def test_it_answers_logs_no_word_and_stops_kindly(shelf: Shelf, tmp_path: Path) -> None:
    with MockSlack() as mock, running(settings(mock, tmp_path), tmp_path / "log") as (process, at):
        mock.app_url = f"http://127.0.0.1:{at['port']}"
        answer = Person(mock).say("canary-4711 one-line prompt, tone is off")
        assert answer is not None
        assert "To answer well" in words(answer)
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
    log = (tmp_path / "log").read_text()
    events = [json.loads(row)["event"] for row in log.splitlines()]
    assert sorted(events) == ["listening", "stopped", "stopping", "turn"]
    assert (events[0], events[-1]) == ("listening", "stopped")
    assert not [word for word in ("canary", "xoxb-1-good", SECRET) if word in log]


def test_with_sqlite_there_is_one_worker(shelf: Shelf, tmp_path: Path) -> None:
    with MockSlack() as mock:
        env = settings(mock, tmp_path)
        with running(env, tmp_path / "log"):
            second = run(env=env)
    assert second.returncode == 3
    assert "RUNG_DATABASE_URL=postgresql+psycopg" in second.stderr


def test_killed_in_the_middle_it_answers_after_the_next_start(shelf: Shelf, tmp_path: Path) -> None:
    with MockSlack() as mock:
        person = Person(mock)
        env = settings(mock, tmp_path)
        with running(env, tmp_path / "log") as (process, at):
            mock.app_url = f"http://127.0.0.1:{at['port']}"
            person.say("one-line prompt, tone is off", wait=False)
            process.kill()
        with running(env, tmp_path / "log2"):
            person.answer(0)
            assert len(person.answers()) == 1


def test_feedback_can_be_printed(tmp_path: Path) -> None:
    assert run("--feedback", env=settings(None, tmp_path)).stdout == ""
