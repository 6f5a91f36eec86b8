"""What the tests of the Slack front share: a real PostgreSQL for the run, emptied for each test."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from agent.advisor import Advisor
from agent.sessions import Sessions
from agent.slack.front import Front
from tests.slack.driven import Person, Running, app
from tests.slack.mock import MockSlack
from tests.slack.postgres import MISSING, postgres, server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    if server() is None:
        pytest.skip(MISSING)
    with postgres() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The run's PostgreSQL, with nothing in it."""
    yield postgres_server
    engine = sa.create_engine(postgres_server)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each of the two databases that conversations may be kept in."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'slack.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def kept(database_url: str) -> Iterator[Sessions]:
    sessions = Sessions(database_url)
    yield sessions
    sessions.close()


@dataclass
class World:
    """The mock, the app on it, and somebody to talk."""

    mock: MockSlack
    running: Running
    advisor: Advisor
    person: Person

    @property
    def front(self) -> Front:
        return self.running.servers._front

    def settled(self) -> None:
        """Wait until nothing waits to be answered."""
        deadline = time.monotonic() + 20
        while self.front.inbox.waiting():
            assert time.monotonic() < deadline, "the inbox was not worked off"
            time.sleep(0.02)


@pytest.fixture
def slack(request: pytest.FixtureRequest, advisor: Advisor) -> Iterator[World]:
    """The app over HTTP; `indirect` parameters are settings, and `teams`."""
    settings = dict(getattr(request, "param", {}))
    teams = [replace(team) for team in settings.pop("teams", ())]
    with MockSlack(*teams) as mock, app(mock, advisor, **settings) as running:
        yield World(mock, running, advisor, Person(mock))


@pytest.fixture(params=["http", "socket"])
def either(request: pytest.FixtureRequest, advisor: Advisor) -> Iterator[World]:
    """The app over HTTP, and again over Socket Mode."""
    with MockSlack() as mock, app(mock, advisor, socket=request.param == "socket") as running:
        yield World(mock, running, advisor, Person(mock))
