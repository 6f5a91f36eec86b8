"""Where the Slack front's parts are joined."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO, TYPE_CHECKING

from agent.advisor import Advisor
from agent.errors import NeedsSomething
from agent.settings import Settings
from agent.slack.accounts import (
    InstalledWorkspaces,
    OneWorkspace,
    Rotation,
    check_app_token,
    check_client,
    sign_in,
)
from agent.slack.front import Front
from agent.slack.gauges import Gauges
from agent.slack.setup import SlackSettings
from agent.slack.speaker import Accounts, Speaker
from agent.slack.store import Inbox, Installations, Paces, Threads
from agent.slack.vault import Vault

if TYPE_CHECKING:
    from agent.slack.app import Servers


def build(advisor: Advisor, slack: SlackSettings, *, signed_in: Accounts | None = None) -> Servers:
    """The front around an advisor.

    Raises:
        NeedsSomething: Slack does not take a token, or a scope is missing.
    """
    from agent.slack.app import Servers, oauth

    engine, gauges = advisor.sessions.engine, Gauges()
    inbox = Inbox(engine)
    flow = None
    accounts = signed_in
    if slack.many:
        installations = Installations(engine, Vault(slack.keys))
        check_client(slack)
        accounts = InstalledWorkspaces(installations, Rotation(slack))
        flow = oauth(slack, accounts, installations)
    elif accounts is None:
        accounts = OneWorkspace(sign_in(slack))
    if slack.by_socket:
        check_app_token(slack)
    speaker = Speaker(slack.api, gauges, Paces(engine, slack.pace), stream=slack.stream)
    front = Front(advisor, inbox, Threads(engine), accounts, speaker, gauges, channels=slack.channels)
    return Servers(front, slack, flow)


def only_worker(settings: Settings) -> IO[str] | None:
    """With SQLite there is one worker a folder; hold its place while the returned file is open.

    Raises:
        NeedsSomething: another one holds it.
    """
    if not settings.database_url.startswith("sqlite"):
        return None
    file = (Path(settings.make_data_dir()) / "slack.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise NeedsSomething(
            "Another `rung slack` uses this data folder. Several workers need PostgreSQL: set RUNG_DATABASE_URL=postgresql+psycopg://…"
        ) from error
    return file
