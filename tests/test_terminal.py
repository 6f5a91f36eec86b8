"""The real program in a pseudo-terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from agent.bootstrap import Shelf

ROOT = Path(__file__).parents[1]
PROMPT = "you>"
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[=>])")


class Screen:
    """A program in a terminal of 100 columns."""

    def __init__(self, *args: str, env: dict[str, str] | None = None, columns: int = 100) -> None:
        self.child = pexpect.spawn(
            sys.executable, ["-c", "from agent.cli import main; main()", "chat", *args],
            cwd=str(ROOT), env={**os.environ, **(env or {})}, dimensions=(50, columns), encoding="utf-8", timeout=30,
        )  # fmt: skip
        self.child.delaybeforesend = 0.05

    def say(self, line: str) -> None:
        self.child.send(line + "\r")

    def wait(self, *patterns: str) -> str:
        """Until each has been seen in turn; gives what was printed, without escape codes."""
        seen = ""
        for pattern in patterns:
            self.child.expect(pattern)
            seen += self.child.before + self.child.after
        return _ESCAPES.sub("", seen)

    def close(self) -> None:
        self.child.close(force=True)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"RUNG_DATABASE_URL": f"sqlite:///{tmp_path / 's.db'}"}


@pytest.fixture
def screen(shelf: Shelf, env: dict[str, str]) -> Iterator[Screen]:
    made = Screen(env=env)
    yield made
    made.close()


def test_a_whole_talk_draws_the_ladder_with_the_verdict(screen: Screen) -> None:
    screen.wait("What are you building", PROMPT)
    screen.say("4,000 policy PDFs to answer from, nothing built yet")
    screen.wait("this is what I understood", "Is this right", PROMPT)
    screen.say("yes")
    shown = screen.wait("Rung 3: retrieval", "Do next", "What would change this", "word for word", PROMPT)
    assert re.search(r"┃━━━┃ ▶ 3 retrieval \(RAG\)\s+start here", shown)
    assert re.search(r"┃───┃\s+4 fine-tuning", shown)


def test_choices_are_numbered_and_slash_commands_work(screen: Screen, tmp_path: Path) -> None:
    screen.wait(PROMPT)
    screen.say("a bot for our shop")
    screen.wait("No, what you send it", "Information that keeps changing", PROMPT)
    screen.say("/why")
    screen.wait("Why I ask", PROMPT)
    screen.say("1")
    screen.wait("How far have you taken the prompt", PROMPT)
    screen.say("/facts")
    screen.wait("Outside information: no", PROMPT)
    screen.say("/undo")
    screen.wait("Taken back", "To answer well", PROMPT)
    screen.say("/edit colour")
    screen.wait("Which answer", PROMPT)
    screen.say("/help")
    screen.wait("/restart", "/quit", PROMPT)
    screen.say("/export")
    screen.wait("There is no advice yet", PROMPT)
    screen.say("just tell me")
    screen.wait("provisional", PROMPT)
    screen.say(f"/export {tmp_path / 'advice.md'}")
    screen.wait("Saved to", PROMPT)
    assert (tmp_path / "advice.md").read_text().startswith("# Rung 1")
    screen.say("/sources")
    screen.wait("https://", PROMPT)
    screen.say("/quit")
    screen.wait("rung chat --resume")
    screen.child.expect(pexpect.EOF)


def test_slash_commands_complete(screen: Screen) -> None:
    screen.wait(PROMPT)
    screen.child.send("/so\t")
    screen.wait("/sources")


def test_control_c_keeps_the_session_and_control_d_leaves(screen: Screen, env: dict[str, str]) -> None:
    screen.wait(PROMPT)
    screen.say("we have a long careful prompt without examples")
    screen.wait("To answer well", PROMPT)
    screen.child.send("half a thought\x03")
    screen.wait("Still here", PROMPT)
    screen.child.send("\x04")
    screen.wait("Goodbye")
    screen.child.expect(pexpect.EOF)
    again = Screen("--resume", env=env)
    again.wait("Welcome back", "Prompt so far", "To answer well", PROMPT)
    again.close()


def test_history_brings_back_what_was_typed(screen: Screen) -> None:
    screen.wait(PROMPT)
    screen.say("a bot for our shop")
    screen.wait("To answer well", PROMPT)
    screen.child.send("\x1b[A")
    screen.wait("a bot for our shop")


def test_no_color_is_respected(shelf: Shelf, env: dict[str, str]) -> None:
    plain = Screen(env={**env, "NO_COLOR": "1"})
    plain.child.expect(PROMPT)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", plain.child.before)
    plain.close()


def test_a_narrow_screen_still_shows_the_ladder(shelf: Shelf, env: dict[str, str]) -> None:
    narrow = Screen(env=env, columns=40)
    narrow.wait(PROMPT)
    narrow.say("just tell me")
    shown = narrow.wait("Rung 1", "word for word", PROMPT)
    assert "▶ 1 structured prompt" in shown
    assert [line for line in shown.splitlines() if "┃" in line and len(line.rstrip()) > 40] == []
    narrow.close()


def test_the_index_is_built_with_progress_when_it_is_not_there(shelf: Shelf, tmp_path: Path) -> None:
    fresh = Screen(
        env={"RUNG_DATA_DIR": str(tmp_path), "RUNG_DATABASE_URL": f"sqlite:///{tmp_path / 's.db'}"}
    )
    fresh.wait("What are you building", PROMPT)
    fresh.say("a bot for our shop")
    fresh.child.timeout = 120
    fresh.wait("builds the search index", "To answer well", PROMPT)
    fresh.close()
