"""Saying things in Slack: post, stream, update, upload; each once, whatever happens on the way.

Slack has no key that makes a post happen once. So every message of ours carries its delivery's key as metadata, and an
attempt after one that may have got through looks for that key in the thread before it posts.
"""

from __future__ import annotations

import http.client
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from agent.slack.cards import Block, Card
from agent.slack.gauges import Gauges
from agent.slack.logs import log
from agent.slack.store import Paces

#: Slack's word for a token that will not work again.
_REVOKED: Final = frozenset(
    {
        "token_revoked",
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "token_expired",
        "team_access_not_granted",
    }
)
#: Slack's words for "not now".
_PASSING: Final = frozenset(
    {
        "internal_error",
        "fatal_error",
        "request_timeout",
        "service_unavailable",
        "ratelimited",
        "rate_limited",
        "team_added_to_org",
        "org_login_required",
        "streaming_state_conflict",
    }
)
#: Slack's words for a workspace without streams; any other refusal is of one place and one moment.
_NO_STREAMS: Final = frozenset(
    {"unknown_method", "missing_scope", "not_allowed_token_type", "feature_not_enabled"}
)
#: Seconds that a request of a worker that died may still be under way.
GRACE: Final = 3.0
#: Slack's words for blocks that it does not take; what is said matters more than how it looks.
_BAD_BLOCKS: Final = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
#: Methods that put a message into a channel.
_POSTS: Final = frozenset({"chat_postMessage", "chat_startStream"})
_STREAM_OVER: Final = frozenset(
    {"message_not_in_streaming_state", "message_not_owned_by_app", "message_not_found"}
)


class Later(Exception):
    """Slack said "not now", or nothing. `counts`: something may have got through."""

    def __init__(self, seconds: float, reason: str, *, counts: bool) -> None:
        super().__init__(reason)
        self.seconds, self.reason, self.counts = seconds, reason, counts


class Refused(Exception):
    """Slack will not do this, now or later; the text is its code."""


class Revoked(Refused):
    """The workspace's token is gone."""


@dataclass(frozen=True)
class Account:
    """One workspace's access. `workspace` is its id, or its organisation's."""

    workspace: str
    token: str
    bot_user: str
    bot_id: str = ""


class Accounts(Protocol):
    """The workspaces that we serve."""

    def find(self, workspace: str) -> Account | None: ...

    def gone(self, workspace: str, told: float) -> None:
        """Slack says that the app was removed, at the time `told`."""

    def refused(self, workspace: str, code: str) -> None:
        """Slack does not take the workspace's token, and why."""


@dataclass(frozen=True)
class To:
    """Where a message goes, and what it answers: messages of ours later than `since` may be earlier attempts."""

    account: Account
    channel: str
    thread_ts: str
    user: str
    team: str
    since: str


class Speaker:
    """Talks to Slack for every workspace. Safe for several threads."""

    def __init__(
        self,
        api: str,
        gauges: Gauges,
        paces: Paces,
        *,
        stream: bool = True,
    ) -> None:
        self._api = api
        self._gauges = gauges
        self.paces = paces
        self._stream = stream
        self._no_streams: set[str] = set()

    def call(self, account: Account, method: str, **told: Any) -> Mapping[str, Any]:
        """One call of Slack's API, its failures sorted.

        Raises:
            Later, Refused, Revoked: it did not happen, or may not have.
        """
        client = WebClient(token=account.token, base_url=self._api, timeout=10, retry_handlers=[])
        try:
            answer = getattr(client, method)(**told)
        except SlackApiError as error:
            outcome = self._sorted(method, error)
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as error:
            outcome = Later(GRACE, type(error).__name__, counts=True)
        else:
            self._gauges.calls.labels(method, "ok").inc()
            data: Mapping[str, Any] = answer.data
            return data
        self._gauges.calls.labels(method, str(outcome)).inc()
        if isinstance(outcome, Later) and outcome.reason == "ratelimited" and method in _POSTS:
            self.paces.hold(account.workspace, str(told["channel"]), outcome.seconds)
        raise outcome

    def tell(self, to: To, card: Card, key: str, *, again: bool = False) -> str:
        """Say it, once; the time of the message."""
        if again and (before := self._before(to, key, bool(card.lead))):
            if card.lead:  # whatever was written of it, it ends as the whole
                self.attempt(to.account, "chat_stopStream", channel=to.channel, ts=before)
                self._update(to, before, card, key)
            return before
        self.pace(to)
        if not card.lead:
            return self._post(to, card.text, card.blocks, key)
        if self._streams(to):
            told = self._streamed(to, card, key)
            if told is not None:
                return told
        ts = self._post(to, card.text, card.blocks[:2], key)
        with _half_said():
            self._update(to, ts, card, key)
        return ts

    def pace(self, to: To) -> None:
        """
        Raises:
            Later: this channel had a message of ours too short a time ago.
        """
        wait = self.paces.take(to.account.workspace, to.channel)
        if wait > 0:
            raise Later(wait, "paced", counts=False)

    def whisper(self, to: To, text: str) -> None:
        """A note that only this person sees; where it cannot be said, it is left unsaid."""
        more = {"thread_ts": to.thread_ts} if to.thread_ts else {}
        self.attempt(to.account, "chat_postEphemeral", channel=to.channel, user=to.user, text=text, **more)

    def busy(self, to: To) -> None:
        """Show that we are at work; Slack takes it away with the next message."""
        if to.thread_ts:
            self.attempt(
                to.account,
                "assistant_threads_setStatus",
                channel_id=to.channel,
                thread_ts=to.thread_ts,
                status="is working it out…",
            )

    def replace(self, to: To, ts: str, text: str, blocks: tuple[Block, ...]) -> None:
        """Change a message of ours, if it can be changed."""
        self.attempt(to.account, "chat_update", channel=to.channel, ts=ts, text=text, blocks=list(blocks))

    def upload(self, to: To, name: str, title: str, content: bytes, *, again: bool = False) -> None:
        """Put a file into the thread, once."""
        if again and self._has_file(to, title):
            return
        self.pace(to)
        more = {"thread_ts": to.thread_ts} if to.thread_ts else {}
        self.call(
            to.account,
            "files_upload_v2",
            channel=to.channel,
            filename=name,
            title=title,
            content=content,
            **more,
        )

    def attempt(self, account: Account, method: str, **told: Any) -> Mapping[str, Any] | None:
        """A call that may fail without harm."""
        try:
            return self.call(account, method, **told)
        except Revoked:
            raise
        except (Later, Refused) as error:
            log("left undone", logging.DEBUG, method=method, reason=str(error))
            return None

    # -- how ------------------------------------------------------------------------------------------------------

    def _sorted(self, method: str, error: SlackApiError) -> Later | Refused:
        status = getattr(error.response, "status_code", 200)
        code = (
            str(error.response.get("error") or status)
            if isinstance(error.response.data, dict)
            else str(status)
        )
        if status == 429:
            waits = (
                error.response.headers.get("Retry-After") or error.response.headers.get("retry-after") or "1"
            )
            return Later(float(waits) if str(waits).isdecimal() else 1.0, "ratelimited", counts=False)
        if status >= 500 or code in _PASSING or not re.fullmatch(r"[a-z_]{1,60}", code):
            return Later(GRACE, code if code in _PASSING else str(status), counts=True)
        return Revoked(code) if code in _REVOKED else Refused(code)

    def _post(self, to: To, text: str, blocks: tuple[Block, ...], key: str) -> str:
        told: dict[str, Any] = {
            "channel": to.channel,
            "text": text,
            "metadata": _metadata(key),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if to.thread_ts:
            told["thread_ts"] = to.thread_ts
        try:
            answer = self.call(to.account, "chat_postMessage", blocks=list(blocks), **told)
        except Refused as error:
            if str(error) not in _BAD_BLOCKS:
                raise
            log("blocks refused; said as plain text", logging.ERROR, reason=str(error))
            answer = self.call(to.account, "chat_postMessage", **told)
        return str(answer["ts"])

    def _update(self, to: To, ts: str, card: Card, key: str) -> None:
        told = {"channel": to.channel, "ts": ts, "text": card.text, "metadata": _metadata(key)}
        try:
            self.call(to.account, "chat_update", blocks=list(card.blocks), **told)
        except Refused as error:
            if str(error) not in _BAD_BLOCKS:
                raise
            log("blocks refused; the beginning stays", logging.ERROR, reason=str(error))

    def _streams(self, to: To) -> bool:
        """Can it be streamed there? In a thread only, and in a channel only to a person whose workspace is known."""
        known = to.channel.startswith("D") or bool(to.team)
        return self._stream and bool(to.thread_ts) and known and to.account.workspace not in self._no_streams

    def _streamed(self, to: To, card: Card, key: str) -> str | None:
        """Written piece by piece; None where this workspace has no streams."""
        first, *pieces = ["".join(card.lead[:2]), "".join(card.lead[2:])]
        try:
            start = self.call(
                to.account, "chat_startStream", channel=to.channel, thread_ts=to.thread_ts, markdown_text=first,
                recipient_team_id=to.team or None, recipient_user_id=to.user,
            )  # fmt: skip
        except Revoked:
            raise
        except Refused as error:
            if str(error) in _NO_STREAMS:
                self._no_streams.add(to.account.workspace)
            log("no stream here", workspace=to.account.workspace, reason=str(error))
            return None
        ts = str(start["ts"])
        with _half_said():
            self._finish(to, ts, pieces, card, key)
        return ts

    def _finish(self, to: To, ts: str, pieces: list[str], card: Card, key: str) -> None:
        """Write what is left of a stream and close it; in a new message, where the stream is over."""
        try:
            while pieces:
                self.call(to.account, "chat_appendStream", channel=to.channel, ts=ts, markdown_text=pieces[0])
                pieces = pieces[1:]
            self._stop_stream(to, ts, card, key)
        except Refused as error:
            if str(error) not in _STREAM_OVER:
                raise
            log("stream resumed as a message", workspace=to.account.workspace)
            rest: tuple[Block, ...] = tuple({"type": "markdown", "text": p} for p in pieces)
            self._post(to, card.text, (*rest, *card.rest), key)

    def _stop_stream(self, to: To, ts: str, card: Card, key: str) -> None:
        told = {"channel": to.channel, "ts": ts, "metadata": _metadata(key)}
        try:
            self.call(to.account, "chat_stopStream", blocks=list(card.rest), **told)
        except Refused as error:
            if str(error) not in _BAD_BLOCKS:
                raise
            log("blocks refused; the stream ends without them", logging.ERROR, reason=str(error))
            self.call(to.account, "chat_stopStream", **told)

    def _before(self, to: To, key: str, streams: bool) -> str | None:
        """The message that an earlier attempt left. A stream has no key before it is stopped: ours without one is it."""
        unkeyed = None
        for message in self._ours(to):
            found = ((message.get("metadata") or {}).get("event_payload") or {}).get("key")
            if found == key:
                return str(message["ts"])
            if found is None and not message.get("files"):
                unkeyed = str(message["ts"])
        return unkeyed if streams else None

    def _has_file(self, to: To, title: str) -> bool:
        return any(f.get("title") == title for m in self._ours(to) for f in m.get("files") or ())

    def _ours(self, to: To) -> list[Mapping[str, Any]]:
        """Our messages since what is being answered."""
        told: dict[str, Any] = {
            "channel": to.channel,
            "oldest": to.since,
            "include_all_metadata": True,
            "limit": 200,
        }
        try:
            if to.thread_ts:
                found = self.call(to.account, "conversations_replies", ts=to.thread_ts, **told)
            else:
                found = self.call(to.account, "conversations_history", **told)
        except Revoked:
            raise
        except Refused as error:
            log("could not look for an earlier attempt", logging.WARNING, reason=str(error))
            return []
        ours = (to.account.bot_user, to.account.bot_id)
        return [
            m
            for m in found.get("messages") or ()
            if m.get("user") in ours or (m.get("bot_id") and m["bot_id"] in ours)
        ]


@contextmanager
def _half_said() -> Iterator[None]:
    """A part of it stands in Slack already, so even a call that surely did nothing leaves something to look for."""
    try:
        yield
    except Later as error:
        raise Later(error.seconds, error.reason, counts=True) from error


def _metadata(key: str) -> dict[str, Any]:
    return {"event_type": "rung_reply", "event_payload": {"key": key}}
