"""The workspaces that we serve: one, given by its token, or all that installed the app."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation import TokenRotator

from agent.errors import NeedsSomething
from agent.slack.logs import log
from agent.slack.setup import SlackSettings, check_scopes
from agent.slack.speaker import Account
from agent.slack.store import Installations

#: Seconds that an installation is remembered; another worker may remove it.
_REMEMBERED: Final = 15.0
#: Seconds that a workspace is let alone after Slack refused its token, as for a moved organisation or a listed address.
_LET_ALONE: Final = 300.0
#: Slack's words for a token that nothing brings back.
_FINAL: Final = frozenset({"token_revoked", "account_inactive"})
#: Seconds by which Slack's clock and ours may differ.
_SKEW: Final = 2.0
#: Seconds before its end that a token is renewed; it lives for twelve hours.
_EARLY: Final = 2 * 3600


class OneWorkspace:
    """The workspace of one bot token; every other is unknown."""

    def __init__(self, account: Account) -> None:
        self._account: Account | None = account
        self._workspace = account.workspace

    def find(self, workspace: str) -> Account | None:
        return self._account if workspace == self._workspace else None

    def gone(self, workspace: str, told: float) -> None:
        self.refused(workspace, "uninstalled")

    def refused(self, workspace: str, code: str) -> None:
        if workspace == self._workspace and self._account is not None:
            self._account = None
            log(
                "the token is not taken any more: install the app again, set RUNG_SLACK_BOT_TOKEN anew and restart",
                40,
                workspace=workspace,
                reason=code,
            )


class InstalledWorkspaces:
    """The workspaces that installed the app by OAuth."""

    def __init__(
        self,
        installations: Installations,
        renew: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._installations = installations
        self._renew = renew
        self._clock = clock
        self._known: dict[str, tuple[float, Account]] = {}
        self._refused: dict[str, float] = {}
        self._lock = threading.Lock()

    def find(self, workspace: str) -> Account | None:
        now = self._clock()
        with self._lock:
            until, known = self._known.get(workspace, (0.0, None))
        if until > now:
            return known
        found = self._installations.find(workspace)
        if found is None:  # not remembered: it may be installed in a moment
            return None
        if expires_soon(found):
            found = self._installations.refreshed(workspace, self._renew) or found
        account = account_of(workspace, found)
        with self._lock:
            if self._refused.get(account.token, 0.0) > now:
                return None
            self._known[workspace] = (now + _REMEMBERED, account)
        return account

    def gone(self, workspace: str, told: float) -> None:
        """Uninstalled: the token is removed, unless the app was installed again since then."""
        self._installations.remove(workspace, before=told + _SKEW)
        with self._lock:
            self._known.pop(workspace, None)

    def refused(self, workspace: str, code: str) -> None:
        """The token is removed where Slack says that it will never hold again; else it is let alone for a while."""
        if code in _FINAL:
            self._installations.remove(workspace)
        now = self._clock()
        with self._lock:
            _, known = self._known.pop(workspace, (0.0, None))
            self._refused = {token: until for token, until in self._refused.items() if until > now}
            if known is not None:
                self._refused[known.token] = now + _LET_ALONE
        log("the token is not taken: install the app there again", 40, workspace=workspace, reason=code)

    def installed(self, workspace: str, installation: dict[str, Any]) -> None:
        self._installations.save(workspace, installation)
        with self._lock:
            self._known.pop(workspace, None)


class Rotation:
    """Tokens that expire (Slack's token rotation), made anew before they do."""

    def __init__(self, slack: SlackSettings) -> None:
        self._rotator = TokenRotator(
            client_id=slack.client_id,
            client_secret=slack.client_secret,
            client=WebClient(base_url=slack.api, timeout=10),
        )

    def __call__(self, installation: dict[str, Any]) -> dict[str, Any] | None:
        """The installation with a new token; None where the old one still holds, or Slack gives no other."""
        bot = Bot(
            bot_token=installation["bot_token"], bot_id=installation.get("bot_id") or "", installed_at=0.0,
            bot_user_id=installation.get("bot_user_id") or "", bot_refresh_token=installation.get("refresh_token"),
            bot_token_expires_at=installation.get("expires_at"),
        )  # fmt: skip
        try:
            anew = self._rotator.perform_bot_token_rotation(bot=bot, minutes_before_expiration=_EARLY // 60)
        except (OSError, SlackClientError) as error:
            log("token not renewed", 40, error=type(error).__name__, reason=_code(error))
            return None
        if anew is None:
            return None
        return {**installation, "bot_token": anew.bot_token, "refresh_token": anew.bot_refresh_token,
                "expires_at": anew.bot_token_expires_at}  # fmt: skip


def expires_soon(installation: dict[str, Any]) -> bool:
    expires = installation.get("expires_at")
    return expires is not None and expires <= time.time() + _EARLY


def _code(error: Exception) -> str:
    """Slack's word for what went wrong with a rotation."""
    cause = getattr(error, "api_error", None)
    return "" if cause is None else str(cause.response.get("error"))


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
        raise NeedsSomething(_unreachable(slack, error)) from error
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


def check_client(slack: SlackSettings) -> None:
    """
    Raises:
        NeedsSomething: Slack does not take the app's client id or secret. A made-up code is how it can be asked.
    """
    try:
        WebClient(base_url=slack.api, timeout=10).oauth_v2_access(
            client_id=slack.client_id, client_secret=slack.client_secret, code="check"
        )
    except SlackApiError as error:
        if error.response.get("error") in ("invalid_client_id", "bad_client_secret"):
            raise NeedsSomething(
                f"Slack does not take RUNG_SLACK_CLIENT_ID and RUNG_SLACK_CLIENT_SECRET ({error.response.get('error')}). "
                "Copy both again from Basic Information, App Credentials."
            ) from error
    except (OSError, SlackClientError) as error:
        raise NeedsSomething(_unreachable(slack, error)) from error


def _unreachable(slack: SlackSettings, error: Exception) -> str:
    return f"Slack cannot be reached at {slack.api} ({type(error).__name__}). Is there a network, or a proxy to set?"
