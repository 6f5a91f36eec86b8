"""The real app on the mock Slack, in this process, and a person who uses it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from agent.advisor import Advisor
from agent.slack import house
from agent.slack.app import Addresses, Servers
from agent.slack.setup import SlackSettings
from tests.slack.mock import SECRET, MockSlack, Team


class Running:
    """`rung slack` in a thread: the same servers, workers and stop."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self.trouble: BaseException | None = None
        self.finished: bool | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.finished = self._loop.run_until_complete(self.servers.run(self._stop, self._is_ready))
        except BaseException as error:
            self.trouble = error
            self._ready.set()

    def _is_ready(self, addresses: Addresses) -> None:
        self.addresses = addresses
        self._ready.set()

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(30), "the app did not start"
        if self.trouble:
            raise self.trouble

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(40)
        assert not self._thread.is_alive(), "the app did not stop"
        self._loop.close()


@contextmanager
def app(mock: MockSlack, advisor: Advisor, *, socket: bool = False, **settings: Any) -> Iterator[Running]:
    """The app, listening, with the mock's first team unless it is told of many."""
    team = next(iter(mock.teams.values()))
    told: dict[str, Any] = {
        "api": mock.api,
        "signing_secret": SECRET,
        "port": 0,
        "ops_port": 0,
        "workers": 4,
        "pace": 0.0,
    }
    if "client_id" not in settings:
        told["bot_token"] = team.token
    if socket:
        told |= {"app_token": mock.app_token}
    running = Running(house.build(advisor, SlackSettings(**(told | settings))))
    running.start()
    mock.app_url = "" if socket else f"http://127.0.0.1:{running.addresses.port}"
    try:
        if socket:
            mock.wait(lambda: mock.connected)
        yield running
    finally:
        running.stop()


class Person:
    """Somebody in Slack, with one conversation in hand."""

    def __init__(
        self, mock: MockSlack, team: Team | None = None, user: str = "U1", channel: str = ""
    ) -> None:
        self.mock, self.user = mock, user
        self.team = team or next(iter(mock.teams.values()))
        self.channel = channel or f"D{user[1:]}"
        self.thread_ts = ""

    def say(
        self, text: str, *, mention: bool = False, wait: bool = True, **how: Any
    ) -> dict[str, Any] | None:
        """Say it in the conversation (the first message begins it); the app's answer."""
        before = len(self.answers())
        spoken = f"<@{self.team.bot_user}> {text}" if mention else text
        message = self.mock.add(self.team, self.channel, self.user, spoken, self.thread_ts)
        self.thread_ts = self.thread_ts or message["ts"]
        for event in self.mock.message_events(self.team, self.channel, message):
            self.mock.deliver(event, **how)
        return self.answer(before) if wait else None

    def answers(self) -> list[dict[str, Any]]:
        return self.mock.said(self.team, self.channel, self.thread_ts) if self.thread_ts else []

    def answer(self, before: int, timeout: float = 20) -> dict[str, Any]:
        """The next answer after so many, once it is whole."""
        return dict(
            self.mock.wait(
                lambda: (a := self.answers())[before:] and not a[before].get("streaming") and a[before],
                timeout,
            )
        )

    def press(
        self, message: dict[str, Any], label: str, *, wait: bool = True, **more: Any
    ) -> dict[str, Any] | None:
        """Press the button with this label (or action)."""
        before = len(self.answers())
        self.mock.deliver(
            self.mock.action(self.team, self.user, self.channel, message, button(message, label), **more)
        )
        return self.answer(before) if wait else None


def elements(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        e for b in message["blocks"] if b["type"] in ("actions", "context_actions") for e in b["elements"]
    ]


def button(message: dict[str, Any], label: str) -> dict[str, Any]:
    """A message's button by its label, or by its action's name."""
    for element in elements(message):
        if label in (element.get("action_id"), element.get("text", {}).get("text", "").split(". ", 1)[-1]):
            return element
    raise AssertionError(f"no button {label!r} among {[e.get('action_id') for e in elements(message)]}")


def words(message: dict[str, Any]) -> str:
    """All that a person reads of a message: its text where it was streamed, and its blocks."""
    told = [message.get("text", "")] if not message.get("blocks") or "streamed" in message else []
    for block in message.get("blocks") or ():
        if isinstance(block.get("text"), dict):
            told.append(block["text"]["text"])
        elif isinstance(block.get("text"), str):
            told.append(block["text"])
        for element in block.get("elements") or ():
            text = element.get("text")
            told.append(text if isinstance(text, str) else (text or {}).get("text", ""))
            told += [o["text"]["text"] for o in element.get("options") or ()]
    return "\n".join(t for t in told if t)


def rows(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, default=str)
