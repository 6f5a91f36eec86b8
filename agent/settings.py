"""Settings from the environment, read once, at the edge.

| variable | meaning | default |
|---|---|---|
| RUNG_DATA_DIR | where the index and the conversations are kept | the system's folder for user data |
| RUNG_DATABASE_URL | database of the conversations | sqlite in RUNG_DATA_DIR |
| RUNG_SOURCES | folder of digests to use in place of Rung's own | the ones that come with Rung |

Those of the Slack front are read in `agent/slack/setup.py`, out of `environment()`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.errors import NeedsSomething


def environment() -> Mapping[str, str]:
    """The environment, for the front ends that have settings of their own."""
    return os.environ


@dataclass(frozen=True)
class Settings:
    data_dir: Path
    database_url: str
    sources: Path | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        env = os.environ if environment is None else environment
        given = env.get("RUNG_DATA_DIR")
        if given:
            data = Path(given).expanduser()
        else:
            from platformdirs import user_data_path

            data = user_data_path("rung", appauthor=False)
        url = env.get("RUNG_DATABASE_URL") or f"sqlite:///{data / 'sessions.db'}"
        sources = env.get("RUNG_SOURCES")
        return cls(data_dir=data, database_url=url, sources=Path(sources).expanduser() if sources else None)

    def make_data_dir(self) -> Path:
        """The data folder, made if need be.

        Raises:
            NeedsSomething: it cannot be made.
        """
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NeedsSomething(
                f"The data folder {self.data_dir} cannot be made: {error.strerror or error}. "
                "Set RUNG_DATA_DIR to a folder you can write to."
            ) from error
        return self.data_dir
