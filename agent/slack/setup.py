"""The settings of the Slack front, read once, and what is wrong with them, each with the setting to change.

| variable | meaning |
|---|---|
| RUNG_SLACK_BOT_TOKEN | one workspace: the bot's token, xoxb-… |
| RUNG_SLACK_APP_TOKEN | Socket Mode: the app's token, xapp-…; without it Slack calls us over HTTP |
| RUNG_SLACK_SIGNING_SECRET | HTTP: proves that a request is Slack's |
| RUNG_SLACK_CLIENT_ID, RUNG_SLACK_CLIENT_SECRET, RUNG_SLACK_KEYS | many workspaces, over HTTP: OAuth, and the keys that seal their tokens |
| RUNG_SLACK_REDIRECT | OAuth: the address that Slack sends people back to, …/slack/oauth_redirect |
| RUNG_SLACK_HOST, RUNG_SLACK_PORT | where we listen; 127.0.0.1, 3000 |
| RUNG_SLACK_OPS_PORT | where /health and /metrics are; 9464 |
| RUNG_SLACK_WORKERS | turns worked on at once in one process, 1 to 8; 4 |
| RUNG_SLACK_CHANNELS | ids of the only channels to answer in; all |
| RUNG_SLACK_DM | threads: each message outside a thread begins a conversation; one: all of them are one |
| RUNG_SLACK_STREAM | yes: an advice is written piece by piece; no: posted whole |
| RUNG_SLACK_PACE | seconds between our messages in one channel; 1, as Slack asks |
| RUNG_SLACK_API | Slack's API; another address for GovSlack |
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from agent.errors import BadInput, NeedsSomething

#: What the app must be allowed to do; `slack/manifest.yaml` asks for the same.
SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "im:history",
    "im:write",
    "mpim:history",
)
_KINDS = {
    "xoxb-": "a bot token",
    "xapp-": "an app-level token",
    "xoxp-": "a user's token",
    "xoxe": "a token that expires (rotation)",
    "xoxa-": "a legacy workspace token",
}


@dataclass(frozen=True)
class SlackSettings:
    bot_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    keys: tuple[str, ...] = field(default=(), repr=False)
    redirect: str = ""
    host: str = "127.0.0.1"
    port: int = 3000
    ops_port: int = 9464
    workers: int = 4
    channels: frozenset[str] = frozenset()
    one_talk: bool = False
    stream: bool = True
    pace: float = 1.0
    api: str = "https://slack.com/api/"

    @classmethod
    def read(cls, env: Mapping[str, str]) -> SlackSettings:
        """
        Raises:
            BadInput, NeedsSomething: a setting cannot be used or is missing; which, and where to find it.
        """
        told = {
            name.removeprefix("RUNG_SLACK_"): value.strip()
            for name, value in env.items()
            if name.startswith("RUNG_SLACK_")
        }
        made = cls(
            bot_token=told.get("BOT_TOKEN", ""),
            app_token=told.get("APP_TOKEN", ""),
            signing_secret=told.get("SIGNING_SECRET", ""),
            client_id=told.get("CLIENT_ID", ""),
            client_secret=told.get("CLIENT_SECRET", ""),
            keys=_listed(told.get("KEYS", "")),
            redirect=told.get("REDIRECT", ""),
            host=told.get("HOST") or "127.0.0.1",
            port=_number(told, "PORT", 3000, most=65_535),
            ops_port=_number(told, "OPS_PORT", 9464, most=65_535),
            workers=_number(told, "WORKERS", 4, least=1, most=8),
            channels=frozenset(_listed(told.get("CHANNELS", ""))),
            one_talk=_one_of(told, "DM", ("threads", "one")) == "one",
            stream=_one_of(told, "STREAM", ("yes", "no")) == "yes",
            pace=float(_number(told, "PACE", 1, most=60)),
            api=(told.get("API") or "https://slack.com/api").rstrip("/") + "/",
        )
        made.check()
        return made

    @property
    def by_socket(self) -> bool:
        return bool(self.app_token)

    @property
    def many(self) -> bool:
        """Are workspaces installed by OAuth, in place of one given by its token?"""
        return bool(self.client_id)

    def check(self) -> None:
        """What can be told without asking Slack."""
        if not self.many and not self.bot_token:
            raise NeedsSomething(
                "RUNG_SLACK_BOT_TOKEN is not set. Copy the Bot User OAuth Token (xoxb-…) from your app's page, OAuth & Permissions. "
                "For many workspaces set RUNG_SLACK_CLIENT_ID instead; docs/slack.md says how."
            )
        if self.many and self.bot_token:
            raise BadInput(
                "RUNG_SLACK_BOT_TOKEN and RUNG_SLACK_CLIENT_ID exclude each other: one workspace, or many. Unset one."
            )
        _kind("RUNG_SLACK_BOT_TOKEN", self.bot_token, "xoxb-", "OAuth & Permissions, Bot User OAuth Token")
        _kind(
            "RUNG_SLACK_APP_TOKEN",
            self.app_token,
            "xapp-",
            "Basic Information, App-Level Tokens, with connections:write",
        )
        if not self.by_socket and not self.signing_secret:
            raise NeedsSomething(
                "RUNG_SLACK_SIGNING_SECRET is not set. Over HTTP it proves that a request is Slack's: Basic Information, App Credentials. "
                "Without a public address set RUNG_SLACK_APP_TOKEN for Socket Mode instead."
            )
        if self.signing_secret and not re.fullmatch(r"[0-9a-f]{32}", self.signing_secret):
            raise BadInput(
                "RUNG_SLACK_SIGNING_SECRET is not one: it has 32 characters, 0-9 and a-f (Basic Information, App Credentials)."
            )
        if self.many:
            self._check_many()

    def _check_many(self) -> None:
        if self.by_socket:
            raise BadInput(
                "Socket Mode cannot serve an app that others install. Unset RUNG_SLACK_APP_TOKEN, or use one RUNG_SLACK_BOT_TOKEN."
            )
        for name, value in (
            ("CLIENT_SECRET", self.client_secret),
            ("KEYS", self.keys),
            ("REDIRECT", self.redirect),
        ):
            if not value:
                raise NeedsSomething(
                    f"RUNG_SLACK_{name} is not set; with RUNG_SLACK_CLIENT_ID it is needed. "
                    "A key is made by `rung slack --new-key`; docs/slack.md says where the others are."
                )


def missing_scopes(given: Collection[str]) -> list[str]:
    return [scope for scope in SCOPES if scope not in given]


def check_scopes(given: Collection[str]) -> None:
    """
    Raises:
        NeedsSomething: the app may not do all that it must; what to add.
    """
    missing = missing_scopes(given)
    if missing:
        raise NeedsSomething(
            f"The app lacks the scopes {', '.join(missing)}. Add them under OAuth & Permissions, Bot Token Scopes "
            "(or take slack/manifest.yaml again), and reinstall the app to the workspace."
        )


def _kind(name: str, token: str, prefix: str, where: str) -> None:
    if token == prefix:
        raise NeedsSomething(f"{name} is not filled in; it takes {_KINDS[prefix]} ({where}).")
    if token and not token.startswith(prefix):
        found = next(
            (told for start, told in _KINDS.items() if token.startswith(start)), "no token of Slack's"
        )
        raise BadInput(f"{name} holds {found}; it takes {_KINDS[prefix]}, {prefix}… ({where}).")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _number(told: Mapping[str, str], name: str, default: int, *, most: int, least: int = 0) -> int:
    text = told.get(name) or str(default)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise BadInput(f"RUNG_SLACK_{name} takes a number from {least} to {most}; not {text!r}.")
    return int(text)


def _one_of(told: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    word = told.get(name) or words[0]
    if word not in words:
        raise BadInput(f"RUNG_SLACK_{name} takes {' or '.join(words)}; not {word!r}.")
    return word
