"""A Slack of our own, on loopback: it keeps channels and messages, enforces Slack's rules, and delivers events as Slack does.

Events go out signed over HTTP, or over a Socket Mode web socket; what is not acknowledged within three seconds comes again
at once, after one minute and after five, by the clock that the test turns. The app under test talks to it with the real slack_sdk.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from agent.slack.setup import SCOPES
from tests.slack.rules import BadBlocks, check_blocks, check_view

SECRET = "0123456789abcdef0123456789abcdef"
STREAM_SECONDS = 300.0
TRIGGER_SECONDS = 3.0
ACK_SECONDS = 3.0
#: Slack sends again at once, after a minute, after five; seconds on the test's clock.
RETRIES = (0.0, 60.0, 300.0)
#: What each method needs the app to be allowed.
NEEDS = {
    "chat.postMessage": "chat:write", "chat.update": "chat:write", "chat.postEphemeral": "chat:write", "chat.startStream": "chat:write",
    "chat.appendStream": "chat:write", "chat.stopStream": "chat:write", "assistant.threads.setStatus": "chat:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write", "conversations.open": "im:write",
    "files.getUploadURLExternal": "files:write", "files.completeUploadExternal": "files:write",
}  # fmt: skip


#: Asked when an app starts; a fault there only means to start again.
_AT_START = frozenset({"auth.test", "apps.connections.open", "oauth.v2.access"})


class Wrong(Exception):
    """An error of Slack's, by its code."""


@dataclass
class Team:
    """A workspace (or an organisation, id E…) with the app in it."""

    id: str = "T1"
    token: str = "xoxb-1-good"
    enterprise: str | None = None
    org_wide: bool = False
    bot_user: str = "UBOT"
    bot_id: str = "BBOT"
    scopes: tuple[str, ...] = SCOPES
    revoked: str = ""
    #: With token rotation: the seconds that a token holds, and what the next one is had for.
    expires_in: int = 0
    refresh: str = "xoxe-1-first"

    @property
    def key(self) -> str:
        return str(self.enterprise if self.org_wide else self.id)


@dataclass
class Faults:
    """How often something goes wrong, by kind; each a share of calls or deliveries."""

    rate_limited: float = 0.0
    cut_before: float = 0.0
    cut_after: float = 0.0
    broken: float = 0.0
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    made: Counter[str] = field(default_factory=Counter)

    def pick(self) -> str:
        drawn = self.rng.random()
        for name in ("rate_limited", "cut_before", "cut_after", "broken"):
            drawn -= getattr(self, name)
            if drawn < 0:
                self.made[name] += 1
                return name
        return ""


class MockSlack:
    """Runs in a thread of its own; every public method may be called from any thread."""

    def __init__(self, *teams: Team, http_limit: float = ACK_SECONDS) -> None:
        self.teams = {t.token: t for t in teams or (Team(),)}
        self.app_token = "xapp-1-good"
        self.client_secret = ""
        self.expired: set[str] = set()
        self.messages: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self.outside: set[str] = set()
        self.archived: set[str] = set()
        self.ephemerals: list[dict[str, Any]] = []
        self.statuses: list[dict[str, Any]] = []
        self.prompts: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.homes: dict[str, dict[str, Any]] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.calls: Counter[str] = Counter()
        self.refusals: list[tuple[str, str]] = []
        self.acks: list[float] = []
        self.faults = Faults()
        self.no_streams = False
        self.strict_pace = False
        self.next_errors: dict[str, list[Any]] = defaultdict(list)
        self.clock_ahead = 0.0
        self.app_url = ""
        self.balance: Callable[[], str] | None = None
        self.on_message: Callable[[Team, str, dict[str, Any]], None] | None = None
        self._last_post: dict[tuple[str, str], float] = {}
        self._triggers: dict[str, float] = {}
        self._sockets: list[web.WebSocketResponse] = []
        self._acked: dict[str, asyncio.Future[Any]] = {}
        self._serial = itertools.count(1)
        self._http_limit = http_limit
        self.changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    # -- life -----------------------------------------------------------------------------------------------------

    def __enter__(self) -> MockSlack:
        self._thread.start()
        self.run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=False, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.api, self._here = f"http://127.0.0.1:{port}/api/", f"127.0.0.1:{port}"
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200))

    async def _stop(self) -> None:
        await self._http.close()
        for socket in self._sockets:
            await socket.close()
        await self._runner.cleanup()

    def run(self, work: Any, timeout: float = 60) -> Any:
        """Run a coroutine of the mock's from another thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    def spawn(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def wait(self, until: Callable[[], Any], timeout: float = 20) -> Any:
        """Wait for something to be so; what it gave.

        Raises:
            TimeoutError: it did not become so.
        """
        deadline = time.monotonic() + timeout
        with self.changed:
            while not (found := until()):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError("what was waited for did not happen in the mock")
                self.changed.wait(min(left, 0.2))
        return found

    def now(self) -> float:
        return time.time() + self.clock_ahead

    def stamp(self) -> str:
        """A message's time: unique, and in order."""
        return f"{int(time.time())}.{next(self._serial):06d}"

    # -- what people see ------------------------------------------------------------------------------------------

    def said(self, team: Team, channel: str, thread_ts: str | None = None) -> list[dict[str, Any]]:
        """The app's messages in a channel or one of its threads."""
        with self.changed:
            return [
                m for m in self.messages[team.key, channel]
                if m.get("bot_id") and (thread_ts is None or (m.get("thread_ts") or "") == thread_ts)
            ]  # fmt: skip

    def add(
        self, team: Team, channel: str, user: str, text: str, thread_ts: str = "", ts: str = ""
    ) -> dict[str, Any]:
        """A person's message."""
        message = {"type": "message", "user": user, "text": text, "ts": ts or self.stamp()}
        if thread_ts:
            message["thread_ts"] = thread_ts
        with self.changed:
            self.messages[team.key, channel].append(message)
        return message

    # -- delivering -----------------------------------------------------------------------------------------------

    def envelope(self, team: Team, event: Mapping[str, Any], event_id: str = "") -> dict[str, Any]:
        """An event as Slack wraps it."""
        return {
            "type": "event_callback", "token": "old", "api_app_id": "A1", "event_id": event_id or f"Ev{uuid.uuid4().hex[:10].upper()}",
            "team_id": None if team.org_wide else team.id, "enterprise_id": team.enterprise, "event_time": int(time.time()),
            "event": dict(event),
            "authorizations": [{
                "enterprise_id": team.enterprise, "team_id": None if team.org_wide else team.id, "user_id": team.bot_user,
                "is_bot": True, "is_enterprise_install": team.org_wide,
            }],
        }  # fmt: skip

    def message_events(
        self, team: Team, channel: str, message: Mapping[str, Any], *, twice: bool = False
    ) -> list[dict[str, Any]]:
        """The events of a person's message: a mention comes as two."""
        event = {
            **message,
            "channel": channel,
            "event_ts": message["ts"],
            "channel_type": "im" if channel.startswith("D") else "channel",
        }
        made = [self.envelope(team, event)]
        if f"<@{team.bot_user}>" in message["text"] and not channel.startswith("D"):
            mention = {k: v for k, v in event.items() if k != "channel_type"}
            made.insert(0, self.envelope(team, {**mention, "type": "app_mention"}))
        return made * (2 if twice else 1)

    def action(
        self,
        team: Team,
        user: str,
        channel: str,
        message: Mapping[str, Any],
        element: Mapping[str, Any],
        **more: Any,
    ) -> dict[str, Any]:
        """Somebody pressed a button of a message."""
        pressed = {
            "action_id": element["action_id"],
            "type": element["type"],
            "action_ts": f"{time.time():.6f}",
        }
        if "value" in element:
            pressed["value"] = element["value"]
        return {
            "type": "block_actions", "api_app_id": "A1", "trigger_id": self.trigger(), "is_enterprise_install": team.org_wide,
            "enterprise": {"id": team.enterprise} if team.enterprise else None, "team": None if team.org_wide else {"id": team.id},
            "user": {"id": user, "team_id": team.id}, "channel": {"id": channel},
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel, "thread_ts": message.get("thread_ts")},
            "message": {"ts": message["ts"], "thread_ts": message.get("thread_ts")}, "response_url": f"http://{self._here}/api/respond",
            "actions": [pressed], **more,
        }  # fmt: skip

    def trigger(self) -> str:
        made = f"trigger.{next(self._serial)}"
        self._triggers[made] = self.now()
        return made

    def submission(
        self, team: Team, user: str, view: Mapping[str, Any], values: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Somebody sent a window off."""
        return {
            "type": "view_submission", "team": {"id": team.id}, "user": {"id": user, "team_id": team.id}, "api_app_id": "A1",
            "is_enterprise_install": team.org_wide, "enterprise": {"id": team.enterprise} if team.enterprise else None,
            "view": {**view, "id": view.get("id", f"V{next(self._serial)}"), "hash": "1.abc", "state": {"values": values}},
        }  # fmt: skip

    def deliver(self, body: Mapping[str, Any], **how: Any) -> list[int]:
        """Deliver as Slack does, retries and all; the statuses that came back (0: none in time)."""
        return list(self.run(self.deliver_async(body, **how), timeout=120))

    async def deliver_async(
        self,
        body: Mapping[str, Any],
        *,
        retries: int = 3,
        age: float = 0.0,
        secret: str = SECRET,
        header: str = "",
    ) -> list[int]:
        statuses: list[int] = []
        for attempt in range(retries + 1):
            self.clock_ahead += (0.0, *RETRIES)[attempt]
            if self._sockets or not (self.app_url or self.balance):
                status = await self._by_socket(body, attempt)
            else:
                status = await self._by_http(body, attempt, age, secret, header)
            statuses.append(status)
            if status == 200:
                break
        return statuses

    async def _by_http(
        self, body: Mapping[str, Any], attempt: int, age: float, secret: str, header: str
    ) -> int:
        raw, kind = packed(body)
        sent = str(int(time.time() - age))
        headers = {
            "Content-Type": kind, "X-Slack-Request-Timestamp": sent,
            "X-Slack-Signature": header or str(SignatureVerifier(secret).generate_signature(timestamp=sent, body=raw)),
        }  # fmt: skip
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"}
        began = time.perf_counter()
        try:
            async with self._http.post(
                f"{self.balance() if self.balance else self.app_url}/slack/events",
                data=raw,
                headers=headers,
                timeout=aiohttp.ClientTimeout(self._http_limit),
            ) as answer:
                self.last_answer = await answer.text()
                status = answer.status
        except (TimeoutError, aiohttp.ClientError, ConnectionError):
            return 0
        self.acks.append(time.perf_counter() - began)
        return status

    async def cut_off(self, body: Mapping[str, Any]) -> None:
        """Deliver, and break the connection off before an answer can come; whether it arrived, Slack does not know."""
        raw, kind = packed(body)
        sent = str(int(time.time()))
        host, port = (self.balance() if self.balance else self.app_url).removeprefix("http://").split(":")
        head = (
            f"POST /slack/events HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: {kind}\r\nContent-Length: {len(raw.encode())}\r\n"
            f"X-Slack-Request-Timestamp: {sent}\r\nX-Slack-Signature: "
            f"{SignatureVerifier(SECRET).generate_signature(timestamp=sent, body=raw)}\r\n\r\n"
        )
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            return
        writer.write(head.encode() + raw.encode())
        with contextlib.suppress(OSError):
            await writer.drain()
        await asyncio.sleep(random.random() * 0.02)
        writer.transport.abort()

    async def _by_socket(self, body: Mapping[str, Any], attempt: int) -> int:
        deadline = time.monotonic() + 10
        while not (live := [s for s in self._sockets if not s.closed]):
            if time.monotonic() > deadline:
                return 0
            await asyncio.sleep(0.05)
        envelope = f"env-{next(self._serial)}"
        kind = (
            "events_api"
            if body.get("type") == "event_callback"
            else "slash_commands"
            if "command" in body
            else "interactive"
        )
        told = {"envelope_id": envelope, "type": kind, "payload": body, "accepts_response_payload": kind != "events_api",
                "retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}  # fmt: skip
        waiting = self._acked[envelope] = self._loop.create_future()
        began = time.perf_counter()
        try:
            await random.choice(live).send_json(told)
            self.last_answer = json.dumps((await asyncio.wait_for(waiting, ACK_SECONDS)).get("payload"))
        except (TimeoutError, ConnectionError):
            return 0
        finally:
            self._acked.pop(envelope, None)
        self.acks.append(time.perf_counter() - began)
        return 200

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        self._sockets.append(socket)
        with self.changed:
            self.changed.notify_all()
        async for message in socket:
            told = json.loads(message.data)
            waiting = self._acked.get(told.get("envelope_id", ""))
            if waiting is not None and not waiting.done():
                waiting.set_result(told)
        self._sockets = [s for s in self._sockets if s is not socket]
        return socket

    @property
    def connected(self) -> int:
        return len([s for s in self._sockets if not s.closed])

    def drop_sockets(self, *, kindly: bool = True) -> None:
        """Slack refreshes its connections now and then: kindly with a word before, or not."""

        async def drop() -> None:
            for socket in list(self._sockets):
                if kindly:
                    await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
                await socket.close()

        self.run(drop())

    # -- the API --------------------------------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls[method] += 1
        fault = self.faults.pick() if method not in _AT_START else ""
        if fault == "cut_before":
            return self._cut(request)
        if fault == "rate_limited":
            return _limited(1)
        if fault == "broken":
            return web.Response(status=503, text="<html>upstream</html>", content_type="text/html")
        if self.next_errors[method]:
            planned = self.next_errors[method].pop(0)
            if planned == "cut":
                await self._answer(request, method)
                return self._cut(request)
            if isinstance(planned, int):
                return _limited(planned) if planned < 100 else web.Response(status=planned, text="oh")
            return web.json_response({"ok": False, "error": planned})
        answer = await self._answer(request, method)
        return self._cut(request) if fault == "cut_after" else answer

    def _cut(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def _answer(self, request: web.Request, method: str) -> web.Response:
        told = await _arguments(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(told.get("token", ""))
        try:
            team = self._allowed(method, token)
            handler = getattr(self, "_do_" + method.replace(".", "_"), None)
            if handler is None:
                raise Wrong("unknown_method")
            with self.changed:
                answer = {"ok": True, **(handler(team, told) or {})}
                self.changed.notify_all()
        except (Wrong, BadBlocks) as error:
            code = "invalid_blocks" if isinstance(error, BadBlocks) else str(error)
            with self.changed:
                self.refusals.append((method, f"{code}: {error}"))
                self.changed.notify_all()
            if code == "ratelimited":
                return _limited(1)
            return web.json_response({"ok": False, "error": code})
        found = self.teams.get(token)
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(found.scopes)} if found else {})

    def _allowed(self, method: str, token: str) -> Team:
        if method == "apps.connections.open":
            if token != self.app_token:
                raise Wrong("not_allowed_token_type" if token.startswith("xoxb") else "invalid_auth")
            return Team()
        if method == "oauth.v2.access":
            return Team()
        team = self.teams.get(token)
        if team is None:
            raise Wrong("token_expired" if token in self.expired else "invalid_auth")
        if team.revoked:
            raise Wrong(team.revoked)
        if NEEDS.get(method, "") not in ("", *team.scopes):
            raise Wrong("missing_scope")
        return team

    def _do_auth_test(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        return {"team_id": team.id, "user_id": team.bot_user, "bot_id": team.bot_id, "enterprise_id": team.enterprise,
                "is_enterprise_install": team.org_wide, "url": "https://x.slack.com/"}  # fmt: skip

    def _do_apps_connections_open(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        return {"url": f"ws://{self._here}/link?ticket={next(self._serial)}"}

    def _do_oauth_v2_access(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        if self.client_secret and told.get("client_secret") != self.client_secret:
            raise Wrong("bad_client_secret")
        found = self._exchanged(told)
        lives = {"expires_in": found.expires_in, "refresh_token": found.refresh} if found.expires_in else {}
        return {
            **lives,
            "access_token": found.token, "token_type": "bot", "scope": ",".join(found.scopes), "bot_user_id": found.bot_user, "app_id": "A1",
            "team": None if found.org_wide else {"id": found.id, "name": "x"}, "is_enterprise_install": found.org_wide,
            "enterprise": {"id": found.enterprise, "name": "y"} if found.enterprise else None, "authed_user": {"id": "U1"},
        }  # fmt: skip

    def _exchanged(self, told: Mapping[str, Any]) -> Team:
        """Whose installation a code stands for, or whose token is made anew; the token before it and the refresh token end."""
        if told.get("grant_type") != "refresh_token":
            found = next((t for t in self.teams.values() if told.get("code") == f"code-{t.key}"), None)
            if found is None:
                raise Wrong("invalid_code")
            return found
        found = next((t for t in self.teams.values() if told.get("refresh_token") == t.refresh), None)
        if found is None:
            raise Wrong("invalid_refresh_token")
        self.expired.add(found.token)
        del self.teams[found.token]
        found.token, found.refresh = f"xoxe.xoxb-{next(self._serial)}", f"xoxe-1-{next(self._serial)}"
        self.teams[found.token] = found
        return found

    def _do_chat_postMessage(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._channel(told)
        if not told.get("text"):
            raise Wrong("no_text")  # we ask more than Slack: a fallback on every message
        if len(told["text"]) > 40_000:
            raise Wrong("msg_too_long")
        if "blocks" in told:
            check_blocks(_list(told["blocks"]))
        self._paced(team, channel)
        return self._posted(team, channel, told)

    def _do_chat_update(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        message = self._mine(team, told)
        check_blocks(_list(told.get("blocks")))
        if message.get("streaming"):
            raise Wrong("streaming_state_conflict")
        message.update(text=told["text"], blocks=_list(told["blocks"]), edited=True)
        if told.get("metadata"):
            message["metadata"] = _dict(told["metadata"])
        self._tell_watcher(team, told["channel"], message)
        return {"ts": message["ts"], "channel": told["channel"]}

    def _do_chat_postEphemeral(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        self._channel(told)
        if not told.get("user") or not told.get("text"):
            raise Wrong("invalid_arguments")
        self.ephemerals.append(dict(told))
        return {"message_ts": self.stamp()}

    def _do_chat_startStream(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        if self.no_streams:
            raise Wrong("method_not_supported_for_channel_type")
        channel = self._channel(told)
        if not told.get("thread_ts"):
            raise Wrong("invalid_thread_ts")
        if not channel.startswith("D") and not (
            told.get("recipient_user_id") and told.get("recipient_team_id")
        ):
            raise Wrong("missing_recipient_user_id")
        text = told.get("markdown_text") or ""
        self._paced(team, channel)
        made = self._posted(team, channel, {**told, "text": text})
        self._find(team, channel, made["ts"]).update(streaming=self.now(), streamed=len(text))
        return made

    def _do_chat_appendStream(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        message = self._streaming(team, told)
        message["text"] += told["markdown_text"]
        message["streamed"] += len(told["markdown_text"])
        if message["streamed"] > 12_000:
            raise Wrong("msg_too_long")
        return {"ts": message["ts"], "channel": told["channel"]}

    def _do_chat_stopStream(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        message = self._streaming(team, told)
        if told.get("blocks"):
            check_blocks(_list(told["blocks"]))
            message["blocks"] = _list(told["blocks"])
        message["metadata"] = _dict(told.get("metadata"))
        message["streaming"] = None
        self._tell_watcher(team, told["channel"], message)
        return {"ts": message["ts"], "channel": told["channel"]}

    def _do_assistant_threads_setStatus(self, team: Team, told: Mapping[str, Any]) -> None:
        self._channel({"channel": told.get("channel_id")})
        if not told.get("thread_ts"):
            raise Wrong("invalid_thread_ts")
        self.statuses.append(dict(told))

    def _do_assistant_threads_setSuggestedPrompts(self, team: Team, told: Mapping[str, Any]) -> None:
        prompts = _list(told.get("prompts"))
        if not 0 < len(prompts) <= 4 or any(set(p) != {"title", "message"} for p in prompts):
            raise Wrong("invalid_arguments")
        self.prompts.append(dict(told))

    def _do_conversations_open(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        if str(told.get("users", "")).startswith("UGONE"):
            raise Wrong("user_disabled")
        return {"channel": {"id": "D" + str(told["users"])[1:]}}

    def _do_conversations_replies(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        found = self._history(team, told)
        return {"messages": [m for m in found if told["ts"] in (m["ts"], m.get("thread_ts"))]}

    def _do_conversations_history(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        return {"messages": [m for m in self._history(team, told) if not m.get("thread_ts")]}

    def _history(self, team: Team, told: Mapping[str, Any]) -> list[dict[str, Any]]:
        all_ = self.messages[team.key, self._channel(told)]
        oldest = float(told.get("oldest") or 0)
        shown = str(told.get("include_all_metadata")).lower() in ("1", "true")
        return [
            {k: v for k, v in m.items() if shown or k != "metadata"} for m in all_ if float(m["ts"]) > oldest
        ]

    def _do_views_open(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        born = self._triggers.pop(str(told.get("trigger_id")), None)
        if born is None:
            raise Wrong("invalid_trigger_id")
        if self.now() - born > TRIGGER_SECONDS:
            raise Wrong("expired_trigger_id")
        view = _dict(told["view"])
        check_view(view)
        view["id"] = f"V{next(self._serial)}"
        self.views.append(view)
        return {"view": view}

    def _do_views_publish(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        view = _dict(told["view"])
        check_view(view)
        self.homes[str(told["user_id"])] = view
        return {"view": view}

    def _do_chat_getPermalink(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "permalink": f"https://x.slack.com/archives/{told['channel']}/p{str(told['message_ts']).replace('.', '')}"
        }

    def _do_files_getUploadURLExternal(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        made = f"F{next(self._serial)}"
        self.files[made] = {"name": told["filename"], "length": int(told["length"])}
        return {"upload_url": f"http://{self._here}/upload/{made}", "file_id": made}

    def _do_files_completeUploadExternal(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        files = _list(told["files"])
        for file in files:
            self.files[file["id"]]["title"] = file["title"]
        channel = self._channel({"channel": told.get("channel_id") or told.get("channels")})
        self._posted(team, channel, {"text": "", "thread_ts": told.get("thread_ts"), "files": files})
        return {"files": files}

    async def _upload(self, request: web.Request) -> web.Response:
        data = await request.read()
        self.files[request.match_info["file"]]["content"] = data
        return web.Response(text=f"OK - {len(data)}")

    # -- its rules ------------------------------------------------------------------------------------------------

    def _channel(self, told: Mapping[str, Any]) -> str:
        channel = str(told.get("channel") or "")
        if not channel or channel == "CNONE":
            raise Wrong("channel_not_found")
        if channel in self.outside:
            raise Wrong("not_in_channel")
        if channel in self.archived:
            raise Wrong("is_archived")
        return channel

    def _paced(self, team: Team, channel: str) -> None:
        last = self._last_post.get((team.key, channel), 0.0)
        if self.strict_pace and time.monotonic() - last < 0.95:
            raise Wrong("ratelimited")
        self._last_post[team.key, channel] = time.monotonic()

    def _posted(self, team: Team, channel: str, told: Mapping[str, Any]) -> dict[str, Any]:
        thread_ts = str(told.get("thread_ts") or "")
        if thread_ts and not any(m["ts"] == thread_ts for m in self.messages[team.key, channel]):
            raise Wrong("thread_not_found")
        message = {
            "type": "message", "user": team.bot_user, "bot_id": team.bot_id, "ts": self.stamp(), "text": told.get("text", ""),
            "blocks": _list(told.get("blocks")), "metadata": _dict(told.get("metadata")), "at": time.monotonic(),
        }  # fmt: skip
        if thread_ts:
            message["thread_ts"] = thread_ts
        if told.get("files"):
            message["files"] = [{"id": f["id"], "title": f["title"]} for f in told["files"]]
        self.messages[team.key, channel].append(message)
        if not told.get("recipient_user_id"):
            self._tell_watcher(team, channel, message)
        return {"ts": message["ts"], "channel": channel}

    def _tell_watcher(self, team: Team, channel: str, message: dict[str, Any]) -> None:
        if self.on_message is not None:
            self.on_message(team, channel, message)

    def _find(self, team: Team, channel: str, ts: str) -> dict[str, Any]:
        for message in self.messages[team.key, channel]:
            if message["ts"] == ts:
                return message
        raise Wrong("message_not_found")

    def _mine(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        message = self._find(team, self._channel(told), str(told.get("ts")))
        if message.get("bot_id") != team.bot_id:
            raise Wrong("cant_update_message")
        return message

    def _streaming(self, team: Team, told: Mapping[str, Any]) -> dict[str, Any]:
        message = self._mine(team, told)
        if not message.get("streaming") or self.now() - message["streaming"] > STREAM_SECONDS:
            message["streaming"] = None
            raise Wrong("message_not_in_streaming_state")
        return message


def packed(body: Mapping[str, Any]) -> tuple[str, str]:
    """A request's body as Slack sends its kind."""
    form = "application/x-www-form-urlencoded"
    if body.get("type") in ("event_callback", "url_verification"):
        return json.dumps(body), "application/json"
    if "command" in body or "ssl_check" in body:
        return urlencode(body), form
    return urlencode({"payload": json.dumps(body)}), form


async def _arguments(request: web.Request) -> dict[str, Any]:
    told: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        told |= json.loads(await request.text() or "{}")  # auth.test says that it is JSON and sends nothing
    else:
        told |= dict(await request.post())
    return told


def _limited(seconds: int) -> web.Response:
    return web.json_response(
        {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(seconds)}
    )


def _list(value: Any) -> list[Any]:
    return json.loads(value) if isinstance(value, str) else list(value or ())


def _dict(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else dict(value or {})
