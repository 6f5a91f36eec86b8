"""What the tests share: real parts, a data folder of their own, and nothing of the user's."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.sessions import Sessions
from agent.settings import Settings
from knowledge.corpus import Corpus, load

settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the run, so that the index is built once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session", autouse=True)
def _environment(data_dir: Path) -> Iterator[None]:
    """Programs started by tests use the run's folder; no setting of the user's reaches them."""
    before = dict(os.environ)
    for name in [n for n in os.environ if n.startswith(("RUNG_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_"))]:
        del os.environ[name]
    os.environ.update(RUNG_DATA_DIR=str(data_dir), TERM="xterm-256color", PROMPT_TOOLKIT_NO_CPR="1")
    # a worker of pytest-xdist has the width of its master's screen
    for name in ("NO_COLOR", "COLUMNS", "LINES"):
        os.environ.pop(name, None)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_counts() -> None:
    """Begun in the background, a shell has us and all that we start ignore Ctrl-C; several tests press it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return load()


@pytest.fixture(scope="session")
def shelf(data_dir: Path) -> Shelf:
    """The real corpus, encoder, index and reader."""
    made = Shelf(Settings(data_dir, "sqlite://"))
    made.warm()
    assert not made.trouble
    return made


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    kept = Sessions(f"sqlite:///{tmp_path / 'sessions.db'}")
    yield kept
    kept.close()


@pytest.fixture
def advisor(shelf: Shelf, sessions: Sessions) -> Advisor:
    return Advisor(lambda: shelf.reader, shelf, sessions)
