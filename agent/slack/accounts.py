"""The workspaces that we serve: one, given by its token, or all that installed the app."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from agent.errors import NeedsSomething
from agent.slack.logs import log
from agent.slack.setup import SlackSettings, check_scopes
from agent.slack.speaker import Account
from agent.slack.store import Installations

#: Seconds that an installation is remembered; another worker may remove it.
_REMEMBERED: Final = 15.0


class OneWorkspace:
    """The workspace of one bot token; every other is unknown."""

    def __init__(self, account: Account) -> None:
        self._account: Account | None = account
        self._workspace = account.workspace

    def find(self, workspace: str) -> Account | None:
        return self._account if workspace == self._workspace else None

    def gone(self, workspace: str) -> None:
        if workspace == self._workspace and self._account is not None:
            self._account = None
            log(
                "the token was revoked: install the app again, set RUNG_SLACK_BOT_TOKEN anew and restart",
                40,
                workspace=workspace,
            )


class InstalledWorkspaces:
    """The workspaces that installed the app by OAuth."""

    def __init__(self, installations: Installations, clock: Callable[[], float] = time.monotonic) -> None:
        self._installations = installations
        self._clock = clock
        self._known: dict[str, tuple[float, Account | None]] = {}
        self._lock = threading.Lock()

    def find(self, workspace: str) -> Account | None:
        now = self._clock()
        with self._lock:
            until, account = self._known.get(workspace, (0.0, None))
        if until > now:
            return account
        found = self._installations.find(workspace)
        account = None if found is None else account_of(workspace, found)
        with self._lock:
            self._known[workspace] = (now + _REMEMBERED, account)
        return account

    def gone(self, workspace: str) -> None:
        """Uninstalled or revoked: the token is removed."""
        self._installations.remove(workspace)
        with self._lock:
            self._known[workspace] = (self._clock() + _REMEMBERED, None)

    def installed(self, workspace: str, installation: dict[str, Any]) -> None:
        self._installations.save(workspace, installation)
        with self._lock:
            self._known.pop(workspace, None)


def account_of(workspace: str, installation: dict[str, Any]) -> Account:
    return Account(
        workspace,
        installation["bot_token"],
        installation.get("bot_user_id") or "",
        installation.get("bot_id") or "",
    )


def sign_in(slack: SlackSettings) -> Account:
    """The workspace of the bot token, once Slack has said that it holds and may do what it must.

    Raises:
        NeedsSomething: it does not; the setting to change.
    """
    client = WebClient(token=slack.bot_token, base_url=slack.api, timeout=10)
    try:
        told = client.auth_test()
    except SlackApiError as error:
        if error.response.status_code >= 429:
            raise NeedsSomething(
                f"Slack has no time for us just now ({error.response.status_code}); start again in a minute."
            ) from error
        raise NeedsSomething(
            f"Slack does not take RUNG_SLACK_BOT_TOKEN ({error.response.get('error')}). Copy it again from OAuth & Permissions, "
            "Bot User OAuth Token; after a reinstall it is a new one."
        ) from error
    except (OSError, SlackClientError) as error:
        raise NeedsSomething(
            f"Slack cannot be reached at {slack.api} ({type(error).__name__}). Is there a network, or a proxy to set?"
        ) from error
    given = told.headers.get("x-oauth-scopes") or told.headers.get("X-OAuth-Scopes") or ""
    check_scopes({scope.strip() for scope in given.split(",")})
    org_wide = told.get("is_enterprise_install") and told.get("enterprise_id")
    workspace = str(org_wide or told["team_id"])
    return Account(workspace, slack.bot_token, str(told["user_id"]), str(told.get("bot_id") or ""))


def check_app_token(slack: SlackSettings) -> None:
    """
    Raises:
        NeedsSomething: Slack does not take the app's token for Socket Mode.
    """
    try:
        WebClient(base_url=slack.api, timeout=10).apps_connections_open(app_token=slack.app_token)
    except SlackApiError as error:
        raise NeedsSomething(
            f"Slack does not take RUNG_SLACK_APP_TOKEN ({error.response.get('error')}). It needs the scope connections:write "
            "(Basic Information, App-Level Tokens), and Socket Mode must be on."
        ) from error
