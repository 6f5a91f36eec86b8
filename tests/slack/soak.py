"""Thousands of events with faults over two workers on PostgreSQL, one of them killed: `python -m tests.slack.soak`.

Two real `rung slack` processes serve four workspaces. Of the deliveries a fifth goes wrong (sent twice, lost on the way,
cut off before an answer, overtaken by a later one); of Slack's API calls six in a hundred (429, cut before or after they were
carried out, 503). Half-way one worker is killed with -9; another takes its place after five seconds.

What became of the messages is counted in the mock: which message of the app's stands in which workspace, channel and thread,
and whose answer it says it is. Then conversations are held again, by an advisor in this process that no fault can reach, and
every word that stands in Slack must be the one that is said there.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.sessions import Sessions
from agent.settings import Settings
from agent.slack.cards import Place, card
from agent.slack.store import Inbox, Installations
from agent.slack.vault import Vault, new_key
from tests.slack.mock import SECRET, Faults, MockSlack, Team
from tests.slack.postgres import postgres

ROOT = Path(__file__).parents[2]
TEAMS = tuple(
    Team(id=f"T{n}", token=f"xoxb-{n}-good", bot_user=f"UBOT{n}", bot_id=f"BBOT{n}") for n in range(1, 5)
)
#: Conversations, each told with its mark, so that none can be mistaken for another.
TALKS = (
    ("a bot for our shop, {mark}", "1", "why?", "what is few-shot prompting, {mark}?", "2", "what if we had 5,000 examples?",
     "don't know", "undo", "just tell me", "thanks, {mark}"),
    ("4,000 policy PDFs to answer from, {mark}", "why?", "don't know", "10k a day", "is fine-tuning dead, {mark}?", "1", "skip",
     "undo", "just tell me", "why?"),
    ("one-line prompt, the tone is off, about 50 mails a day, {mark}", "no, the mail is all it needs", "yes", "what if we had 20,000 calls a day?",
     "what is RAG, {mark}?", "undo", "2", "don't know", "just tell me", "thanks, {mark}"),
)  # fmt: skip
#: Seconds that an answer may take before its message counts as lost.
PATIENCE = 240.0


@dataclass
class Outcome:
    """What became of the messages."""

    messages: int = 0
    deliveries: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    twice: int = 0
    crossed: int = 0
    half_said: int = 0
    out_of_order: int = 0
    not_on_record: int = 0
    refused: int = 0
    compared: int = 0
    other_words: int = 0
    api_faults: Counter[str] = field(default_factory=Counter)
    too_soon: int = 0
    killed: int = 0
    seconds: float = 0.0
    ack_p99: float = 0.0

    @property
    def good(self) -> bool:
        return not (
            self.lost
            or self.twice
            or self.crossed
            or self.half_said
            or self.other_words
            or self.not_on_record
            or self.refused
        )


class Worker:
    """One `rung slack` process."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from agent.cli import main; main()", "slack"],
                env=env,
                stderr=stderr,
                cwd=ROOT,
            )
        self.url = f"http://127.0.0.1:{self._port()}"

    def _port(self) -> int:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            for line in self._log.read_text().splitlines():
                if '"listening"' in line:
                    return int(json.loads(line)["port"])
            time.sleep(0.1)
        raise RuntimeError(f"a worker did not start: {self._log.read_text()[-2000:]}")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)


class Soak:
    def __init__(
        self, mock: MockSlack, workers: list[Worker], events: int, faults: float, at_once: int, seed: int
    ) -> None:
        self.mock, self.workers, self.events, self.at_once = mock, workers, events, at_once
        self.urls = [w.url for w in workers]
        self.share = faults
        self.rng = random.Random(seed)
        self.outcome = Outcome()
        self.sent: dict[str, tuple[str, str, str]] = {}
        self.order: dict[str, list[str]] = defaultdict(list)
        self.answers: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._answered: dict[str, asyncio.Event] = {}
        mock.on_message = self._saw
        mock.balance = lambda: self.rng.choice(self.urls)

    def _saw(self, team: Team, channel: str, message: dict[str, Any]) -> None:
        key = ((message.get("metadata") or {}).get("event_payload") or {}).get("key", "")
        if key in self._answered:
            self._answered[key].set()

    async def run(self) -> None:
        """All conversations, so many at a time."""
        each = len(TALKS[0])
        left = list(range(-(-self.events // each)))
        marks = iter(left)

        async def some() -> None:
            for number in marks:
                await self._conversation(number)

        await asyncio.gather(*(some() for _ in range(min(self.at_once, len(left)))))

    async def _conversation(self, number: int) -> None:
        team = TEAMS[number % len(TEAMS)]
        direct = number % 3 != 0
        # The same ids in every workspace: only the workspace tells them apart.
        user = f"U{number // len(TEAMS)}"
        channel = (
            f"D{number // len(TEAMS)}" if direct else f"C{number // 24}"
        )  # a channel holds two interviews at once
        texts = [t.format(mark=f"case {number}") for t in TALKS[number % len(TALKS)]]
        thread = ""
        n = 0
        while n < len(texts) and self.outcome.messages < self.events:
            pair = 2 if n and n + 1 < len(texts) and self.rng.random() < self.share / 4 else 1
            batch = texts[n : n + pair]
            n += pair
            made = []
            for text in batch:
                spoken = f"<@{team.bot_user}> {text}" if not direct and not thread else text
                message = self.mock.add(team, channel, user, spoken, thread)
                thread = thread or message["ts"]
                made.append((message, text))
            await self._say(team, channel, thread, made)

    async def _say(
        self, team: Team, channel: str, thread: str, made: list[tuple[dict[str, Any], str]]
    ) -> None:
        """Deliver one message, or two of which the later comes first; wait for the answers."""
        session = f"slack:{team.key}:{channel}:{thread}"
        work, keys = [], []
        for message, text in made:
            key = f"msg:{team.key}:{channel}:{message['ts']}"
            self.sent[key] = (session, text, message["ts"])
            self.order[session].append(text)
            self._answered[key] = asyncio.Event()
            self.outcome.messages += 1
            keys.append(key)
        if len(made) == 2:
            self.outcome.faults["overtaken"] += 1
        for message, _ in reversed(made):
            for event in self.mock.message_events(team, channel, message):
                work.append(asyncio.ensure_future(self._deliver(event)))
            if len(made) == 2:
                await asyncio.sleep(0.03)
        await asyncio.gather(*work)
        for key in keys:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._answered[key].wait(), PATIENCE)
            del self._answered[key]

    async def _deliver(self, event: dict[str, Any]) -> None:
        """As Slack does, with its retries a hundred times faster; three kinds of faults on the way."""
        drawn = self.rng.random() / self.share if self.share else 9.0
        fault = "twice" if drawn < 0.25 else "lost" if drawn < 0.5 else "cut off" if drawn < 0.75 else ""
        if fault:
            self.outcome.faults[fault] += 1
        if fault == "lost":
            await asyncio.sleep(0.05)  # it never reached us; this is the retry
        elif fault == "cut off":
            self.outcome.deliveries += 1
            await self.mock.cut_off(event)
            await asyncio.sleep(0.05)
        copies = [self._attempts(event) for _ in range(2 if fault == "twice" else 1)]
        await asyncio.gather(*copies)

    async def _attempts(self, event: dict[str, Any]) -> None:
        for attempt, wait in enumerate((0.0, 0.0, 0.6, 3.0, 3.0)):
            await asyncio.sleep(wait)
            self.outcome.deliveries += 1
            if await self.mock._by_http(event, attempt, 0.0, SECRET, "") == 200:
                return
        self.outcome.faults["gave up"] += 1

    # -- afterwards -----------------------------------------------------------------------------------------------

    def judge(self, kept: Sessions) -> Outcome:
        """Follow every message to its answers in Slack, and every session to its record."""
        found: Counter[str] = Counter()
        for (workspace, channel), messages in self.mock.messages.items():
            for message in messages:
                if not message.get("bot_id"):
                    continue
                key = ((message.get("metadata") or {}).get("event_payload") or {}).get("key")
                where = f"slack:{workspace}:{channel}:{message.get('thread_ts', '')}"
                if key is None:
                    self.outcome.half_said += 1
                    continue
                found[str(key)] += 1
                self.answers[str(key)].append(message)
                if key not in self.sent or self.sent[key][0] != where:
                    self.outcome.crossed += 1
        self.outcome.lost = sum(1 for key in self.sent if not found[key])
        self.outcome.twice = sum(1 for key in self.sent if found[key] > 1)
        for session, said in self.order.items():
            turns = [t.said for t in kept.turns(session)]
            self.outcome.not_on_record += int(sorted(turns) != sorted(said))
            self.outcome.out_of_order += int(turns != said)
        self._at_their_times()
        over = (
            "message_not_in_streaming_state",
            "streaming_state_conflict",
        )  # what is found when half a stream is finished
        refused = [r for r in self.mock.refusals if not r[1].startswith(over) and r[0] != "oauth.v2.access"]
        self.outcome.refused = len(refused)
        for method, reason in refused[:5]:
            print(f"refused: {method} {reason}", file=sys.stderr)
        acks = sorted(self.mock.acks)
        self.outcome.ack_p99 = acks[int(len(acks) * 0.99)] if acks else 0.0
        return self.outcome

    def compare(self, advisor: Advisor, kept: Sessions, most: int) -> None:
        """Hold conversations again where nothing goes wrong; each word in Slack must be the one said there."""
        keys = {(session, text): key for key, (session, text, _) in self.sent.items()}
        for session in self.rng.sample(sorted(self.order), min(most, len(self.order))):
            for turn in kept.turns(session):
                reply = advisor.reply(session, turn.said)
                told = card(reply, Place(session.rsplit(":", 1)[1], turn.number))
                once = self.order[session].count(turn.said) == 1  # "undo" twice has two keys
                for message in self.answers[keys[session, turn.said]] if once else ():
                    self.outcome.compared += 1
                    posted = (told.text, list(told.blocks))
                    streamed = ("".join(told.lead), list(told.rest))
                    self.outcome.other_words += int(
                        (message["text"], message["blocks"]) not in (posted, streamed)
                    )

    def _at_their_times(self) -> None:
        """Messages that followed another one in their channel in less than half a second."""
        for messages in self.mock.messages.values():
            at = [m["at"] for m in messages if m.get("bot_id")]
            self.outcome.too_soon += sum(1 for a, b in itertools.pairwise(at) if b - a < 0.5)


@contextlib.contextmanager
def environment(
    mock: MockSlack, url: str, folder: str, data_dir: Path, pace: int = 1
) -> Iterator[dict[str, str]]:
    """Four installed workspaces, and the settings of a worker that serves them."""
    key = new_key()
    kept = Sessions(url)
    Inbox(kept.engine)
    installed = Installations(kept.engine, Vault([key]))
    for team in TEAMS:
        installed.save(
            team.key, {"bot_token": team.token, "bot_user_id": team.bot_user, "bot_id": team.bot_id}
        )
    kept.close()
    yield {
        **os.environ, "RUNG_DATABASE_URL": url, "RUNG_DATA_DIR": str(data_dir), "OPENBLAS_NUM_THREADS": "1", "HOME": folder,
        "RUNG_SLACK_API": mock.api, "RUNG_SLACK_SIGNING_SECRET": SECRET, "RUNG_SLACK_CLIENT_ID": "1.2",
        "RUNG_SLACK_CLIENT_SECRET": "s", "RUNG_SLACK_KEYS": key, "RUNG_SLACK_REDIRECT": "https://rung.example.org/slack/oauth_redirect",
        "RUNG_SLACK_PORT": "0", "RUNG_SLACK_OPS_PORT": "0", "RUNG_SLACK_PACE": str(pace), "RUNG_SLACK_WORKERS": "4",
    }  # fmt: skip


def soak(
    events: int,
    faults: float,
    data_dir: Path,
    *,
    at_once: int = 48,
    kill: bool = True,
    seed: int = 11,
    compared: int = 200,
) -> Outcome:
    """Run it; the data folder's index is built first if need be."""
    shelf = Shelf(Settings(data_dir, "sqlite://"))
    shelf.warm()
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="rung-soak-") as folder, postgres() as url,
        MockSlack(*TEAMS) as mock, environment(mock, url, folder, data_dir) as env,
    ):  # fmt: skip
        workers = [Worker(env, Path(folder) / f"worker-{n}.log") for n in range(2)]
        run = Soak(mock, workers, events, faults, at_once, seed)
        mock.faults = Faults(
            rate_limited=faults / 10, cut_before=faults * 0.075, cut_after=faults * 0.075, broken=faults / 20
        )
        killer = threading.Thread(target=_kill_half_way, args=(run, env, Path(folder)), daemon=True)
        try:
            if kill:
                killer.start()
            mock.run(run.run(), timeout=7200)
            if kill:
                killer.join(60)
        finally:
            for worker in run.workers:
                worker.stop()
        kept = Sessions(url)
        outcome = run.judge(kept)
        outcome.api_faults = mock.faults.made
        outcome.seconds = time.monotonic() - began
        alone = Sessions("sqlite://")
        run.compare(Advisor(lambda: shelf.reader, shelf, alone), kept, compared)
        alone.close()
        kept.close()
    return outcome


def _kill_half_way(run: Soak, env: dict[str, str], folder: Path) -> None:
    while run.outcome.messages < run.events // 2:
        time.sleep(0.05)
    gone = run.workers[0]
    gone.kill()
    run.outcome.killed += 1
    time.sleep(1)  # until whoever spreads the requests has noticed
    run.urls = [u for u in run.urls if u != gone.url]
    time.sleep(4)
    new = Worker(env, folder / "worker-new.log")
    run.workers.append(new)
    run.urls = [*run.urls, new.url]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--faults", type=float, default=0.2)
    parser.add_argument("--at-once", type=int, default=48)
    parser.add_argument("--seed", type=int, default=11)
    args = parser.parse_args()
    outcome = soak(
        args.events, args.faults, Settings.read().make_data_dir(), at_once=args.at_once, seed=args.seed
    )
    print(
        f"messages         {outcome.messages} ({outcome.deliveries} deliveries; faults on them: {dict(outcome.faults)},\n"
        f"                 {sum(outcome.faults.values()) / outcome.messages:.1%} of the messages; on API calls: {dict(outcome.api_faults)})\n"
        f"workers killed   {outcome.killed} (SIGKILL, replaced after 5 s)\n"
        f"lost             {outcome.lost}\nanswered twice   {outcome.twice}\ncrossed          {outcome.crossed}\n"
        f"left half-said   {outcome.half_said}\n"
        f"other words      {outcome.other_words} of {outcome.compared} answers, against conversations without faults\n"
        f"not on record    {outcome.not_on_record} sessions; refused by Slack's rules: {outcome.refused}\n"
        f"out of order     {outcome.out_of_order} sessions\n"
        f"too soon         {outcome.too_soon} messages less than half a second after another one in their channel\n"
        f"acknowledged     p99 {outcome.ack_p99 * 1000:.0f} ms\ntook             {outcome.seconds:.0f} s"
    )
    sys.exit(0 if outcome.good and outcome.killed else 1)


if __name__ == "__main__":
    main()
