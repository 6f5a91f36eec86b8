"""What the tests of the Slack front share: a real PostgreSQL for the run, emptied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from agent.sessions import Sessions
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
