"""Bolt, and the servers around it: the one place that knows slack_bolt.

A request is checked by Bolt, put into the inbox, and acknowledged; the turn is worked out later by `workers.py`. Where the
inbox cannot be written, Slack gets an error in place of the acknowledgement and sends the event again.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from agent.slack.accounts import InstalledWorkspaces
from agent.slack.events import AT_ONCE, Delivery, read
from agent.slack.front import HELP, UNDER_MESSAGES, Front
from agent.slack.logs import log
from agent.slack.setup import SCOPES, SlackSettings
from agent.slack.store import Installations
from agent.slack.workers import Workers

#: Threads that write the inbox; apart from the workers', so that an acknowledgement never waits for a turn.
_WRITERS: Final = 8
_EVENTS: Final = ("message", "app_mention", "app_home_opened", "assistant_thread_started", "app_uninstalled", "tokens_revoked",
                  "assistant_thread_context_changed", "app_context_changed")  # fmt: skip
#: Bolt's own logs repeat requests; only its errors are let through, and of those only the kind.
_QUIET: Final = logging.getLogger("rung.slack.bolt")


@dataclass(frozen=True)
class Addresses:
    """Where the servers listen."""

    port: int | None
    ops_port: int


class Door:
    """Takes what Slack sends, by HTTP or Socket Mode, into the inbox."""

    def __init__(self, front: Front, workers: Workers, slack: SlackSettings) -> None:
        self._front, self._workers, self._slack = front, workers, slack
        self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="rung-inbox")
        self._at_once: set[asyncio.Task[None]] = set()
        _QUIET.setLevel(logging.ERROR)
        self.bolt = AsyncApp(
            signing_secret=slack.signing_secret or "-",
            authorize=self._authorizer(),
            client=AsyncWebClient(base_url=slack.api),
            process_before_response=True,  # the inbox is written before the acknowledgement
            logger=_QUIET,
        )
        for event in _EVENTS:
            self.bolt.event(event)(self.take)
        self.bolt.action({"action_id": _any_of_ours()})(self.take)
        self.bolt.view({"type": "view_submission", "callback_id": _any_of_ours()})(self.take)
        self.bolt.view_closed(_any_of_ours())(self.take)
        self.bolt.shortcut("rung_ask")(self.take)
        self.bolt.command("/rung")(self.take)

    async def take(self, body: dict[str, Any], ack: Any, context: AsyncBoltContext) -> None:
        """Keep, acknowledge, and only then do anything else."""
        began = time.perf_counter()
        delivery = read(body, context.bot_user_id or "", one_talk=self._slack.one_talk)
        if delivery is None:
            await ack()
        elif delivery.kind in AT_ONCE:
            await ack()
            task = asyncio.create_task(self._do_at_once(delivery))
            self._at_once.add(task)
            task.add_done_callback(self._at_once.discard)
        elif delivery.kind == "case" and delivery.about.get("from") == "command":
            if delivery.text.lower() == "help":
                await ack(HELP)
            else:
                await self._keep(delivery)
                await ack(UNDER_MESSAGES)
        else:
            await self._keep(delivery)
            await ack()
        self._front.gauges.acks.observe(time.perf_counter() - began)

    async def close(self) -> None:
        if self._at_once:
            await asyncio.wait(self._at_once, timeout=10)
        self._writers.shutdown(wait=True)

    async def _keep(self, delivery: Delivery) -> None:
        loop = asyncio.get_running_loop()
        try:
            new = await loop.run_in_executor(self._writers, self._front.keep, delivery)
        except Exception as error:
            self._front.gauges.errors.labels("inbox").inc()
            log("not kept; Slack will send it again", 40, kind=delivery.kind, error=type(error).__name__)
            raise
        if new:
            self._workers.nudge()

    async def _do_at_once(self, delivery: Delivery) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writers, self._front.at_once, delivery)
        self._workers.nudge()

    def _authorizer(self) -> Any:
        """What Bolt asks whose request it is; it looks at the function's arguments, so a method will not do."""

        async def authorize(
            context: Any, enterprise_id: str | None, team_id: str | None
        ) -> AuthorizeResult | None:
            on_all = context.get("is_enterprise_install")
            workspace = (enterprise_id if on_all else team_id) or team_id or enterprise_id or ""
            loop = asyncio.get_running_loop()
            account = await loop.run_in_executor(self._writers, self._front.accounts.find, workspace)
            if account is None:
                self._front.gauges.events.labels("unknown_workspace").inc()
                return None
            bot = {"bot_user_id": account.bot_user or None, "bot_id": account.bot_id or None}
            return AuthorizeResult(
                enterprise_id=enterprise_id, team_id=team_id, bot_token=account.token, **bot
            )

        return authorize


def _any_of_ours() -> Any:
    import re

    return re.compile(r"^rung\.")


# -- OAuth ----------------------------------------------------------------------------------------------------------


class _Store(AsyncInstallationStore):
    """Bolt's view of our installations: saved here, found by `accounts.py`."""

    def __init__(self, accounts: InstalledWorkspaces) -> None:
        self._accounts = accounts

    @property
    def logger(self) -> logging.Logger:
        return _QUIET

    async def async_save(self, installation: Installation) -> None:
        workspace = installation.enterprise_id if installation.is_enterprise_install else installation.team_id
        told = {
            "bot_token": installation.bot_token, "bot_user_id": installation.bot_user_id, "bot_id": installation.bot_id,
            "team_id": installation.team_id, "enterprise_id": installation.enterprise_id,
            "refresh_token": installation.bot_refresh_token, "expires_at": installation.bot_token_expires_at,
        }  # fmt: skip
        await asyncio.to_thread(self._accounts.installed, str(workspace), told)
        log("installed", workspace=workspace)

    async def async_save_bot(self, bot: Bot) -> None:
        return None


class _States(AsyncOAuthStateStore):
    def __init__(self, installations: Installations) -> None:
        self._installations = installations

    @property
    def logger(self) -> logging.Logger:
        return _QUIET

    async def async_issue(self, *_: Any, **__: Any) -> str:
        return await asyncio.to_thread(self._installations.issue)

    async def async_consume(self, state: str) -> bool:
        return await asyncio.to_thread(self._installations.consume, state)


def oauth(
    slack: SlackSettings, accounts: InstalledWorkspaces, installations: Installations
) -> AsyncOAuthFlow:
    """The way a workspace's admin installs the app."""
    return AsyncOAuthFlow(
        client=AsyncWebClient(base_url=slack.api),
        logger=_QUIET,
        settings=AsyncOAuthSettings(
            client_id=slack.client_id,
            client_secret=slack.client_secret,
            scopes=SCOPES,
            redirect_uri=slack.redirect,
            installation_store=_Store(accounts),
            state_store=_States(installations),
            logger=_QUIET,
        ),
    )


# -- servers --------------------------------------------------------------------------------------------------------


class Servers:
    """The two HTTP servers and the socket, from start to graceful stop."""

    def __init__(self, front: Front, slack: SlackSettings, flow: AsyncOAuthFlow | None = None) -> None:
        self._front, self._slack, self._flow = front, slack, flow
        self.workers = Workers(front, slack.workers)
        self._socket: AsyncSocketModeHandler | None = None

    async def run(self, stop: asyncio.Event, ready: Callable[[Addresses], None] | None = None) -> bool:
        """Serve until `stop`; then let the turns in hand finish. False when one did not end in time."""
        slack = self._slack
        self._door = Door(self._front, self.workers, slack)
        runners = [await _serving(self._ops(), slack.host, slack.ops_port)]
        port = None
        self.workers.start()
        if slack.by_socket:
            self._socket = AsyncSocketModeHandler(
                self._door.bolt,
                slack.app_token,
                web_client=AsyncWebClient(base_url=slack.api),
                logger=_QUIET,
                ping_interval=5,
            )
            await self._socket.connect_async()  # type: ignore[no-untyped-call]
        else:
            runners.insert(0, await _serving(self._public(), slack.host, slack.port))
            port = runners[0].addresses[0][1]
        addresses = Addresses(port, runners[-1].addresses[0][1])
        log(
            "listening",
            port=addresses.port,
            ops_port=addresses.ops_port,
            socket_mode=slack.by_socket,
            workers=slack.workers,
        )
        if ready is not None:
            ready(addresses)
        await stop.wait()
        return await self._close(runners)

    async def _close(self, runners: list[web.AppRunner]) -> bool:
        log("stopping")
        if self._socket is not None:
            await self._socket.close_async()  # type: ignore[no-untyped-call]
        for runner in runners:
            await runner.cleanup()
        await self._door.close()
        finished = await asyncio.to_thread(self.workers.stop)
        log("stopped", finished=finished)
        return finished

    def _public(self) -> web.Application:
        made = web.Application()
        made.add_routes([web.post("/slack/events", self._from_slack), web.get("/slack/events", self._certificate),
                         web.get("/health", self._health)])  # fmt: skip
        if self._flow is not None:
            made.add_routes(
                [web.get("/slack/install", self._install), web.get("/slack/oauth_redirect", self._redirect)]
            )
        return made

    def _ops(self) -> web.Application:
        made = web.Application()
        made.add_routes([web.get("/health", self._health), web.get("/metrics", self._metrics)])
        return made

    async def _from_slack(self, request: web.Request) -> web.Response:
        answer = await self._door.bolt.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answer)

    async def _certificate(self, _: web.Request) -> web.Response:
        """Slack looks at the address's certificate now and then (`ssl_check`), also without a body."""
        return web.Response()

    async def _install(self, request: web.Request) -> web.Response:
        assert self._flow is not None
        return await to_aiohttp_response(await self._flow.handle_installation(await to_bolt_request(request)))

    async def _redirect(self, request: web.Request) -> web.Response:
        assert self._flow is not None
        return await to_aiohttp_response(await self._flow.handle_callback(await to_bolt_request(request)))

    async def _health(self, _: web.Request) -> web.Response:
        """200 while the database answers, the workers live and the socket is open; else 503, with what is wrong."""
        found = {"workers": self.workers.alive}
        try:
            await asyncio.wait_for(asyncio.to_thread(self._front.inbox.waiting), 3)
            found["database"] = True
        except Exception:
            found["database"] = False
        if self._socket is not None:
            found["socket"] = bool(await self._socket.client.is_connected())
        return web.json_response(
            {"ok": all(found.values()), **found}, status=200 if all(found.values()) else 503
        )

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(
            body=self._front.gauges.text(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )


async def _serving(app: web.Application, host: str, port: int) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


def serve(servers: Servers, ready: Callable[[Addresses], None] | None = None) -> bool:
    """Run in this thread until SIGTERM or Ctrl-C."""

    async def main() -> bool:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        return await servers.run(stop, ready)

    return asyncio.run(main())
