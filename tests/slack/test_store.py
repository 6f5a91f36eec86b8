"""The inbox and what else is kept for Slack, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.errors import BadInput, NeedsSomething
from agent.facts import Slot
from agent.sessions import Sessions, Turn, TurnTaken
from agent.slack.events import Delivery
from agent.slack.store import Inbox, Installations, Paces, Threads
from agent.slack.vault import Vault, new_key

ROOT = Path(__file__).parents[2]


class Clock:
    """A clock that tests turn by hand."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def delivery(n: int, channel: str = "C1", *, ts: int | None = None, workspace: str = "T1") -> Delivery:
    return Delivery(
        key=f"msg:{workspace}:{channel}:{n}", kind="say", workspace=workspace, channel=channel, thread_ts="1.0",
        ts=f"17000000{n if ts is None else ts:02d}.000000", user="U1", text=f"said {n}",
    )  # fmt: skip


def taken(inbox: Inbox) -> list[str]:
    """Work through all that is due; what was said, in order."""
    found: list[str] = []
    while True:
        with inbox.lane() as lane:
            if lane is None:
                return found
            while (waiting := inbox.next(lane)) is not None:
                found.append(waiting.delivery.text)
                inbox.done(waiting)


# -- sessions -------------------------------------------------------------------------------------------------------


def turn(number: int, said: str = "said") -> Turn:
    return Turn("t", number, datetime.now(UTC), said, "{}", "{}", "{}")


def test_two_writers_of_one_turn_cannot_both_win(kept: Sessions) -> None:
    kept.record(turn(1))
    with pytest.raises(TurnTaken):
        kept.record(turn(1))


def test_what_a_database_cannot_store_does_not_lose_the_turn(kept: Sessions) -> None:
    kept.record(turn(1, "a bot\0 for our shop"))
    assert [t.said for t in kept.turns("t")] == ["a bot for our shop"]


def test_a_conversation_is_kept_and_forgotten(kept: Sessions, shelf: Shelf) -> None:
    advisor = Advisor(lambda: shelf.reader, shelf, kept)
    first = advisor.reply("t", "one line prompt, tone is off", delivery_id="e1")
    assert advisor.reply("t", "one line prompt, tone is off", delivery_id="e1") == first
    assert advisor.facts("t").get(Slot.PROMPTING) == "basic"
    assert [(s.thread_id, s.turns) for s in kept.summaries()] == [("t", 1)]
    assert kept.delete("t") == 1
    assert kept.last("t") is None


def test_two_workers_on_one_thread_keep_every_turn(postgres_url: str, shelf: Shelf) -> None:
    workers = [Sessions(postgres_url) for _ in range(2)]
    advisors = [Advisor(lambda: shelf.reader, shelf, s) for s in workers]
    said = [f"what is few-shot, take {n}?" for n in range(8)]
    threads = [
        threading.Thread(target=advisors[n % 2].reply, args=("t", text)) for n, text in enumerate(said)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    turns = workers[0].turns("t")
    assert sorted(t.said for t in turns) == sorted(said)
    assert [t.number for t in turns] == list(range(1, 9))
    for worker in workers:
        worker.close()


def test_many_processes_may_make_the_tables_at_once(postgres_url: str) -> None:
    code = "import sys; from agent.sessions import Sessions; Sessions(sys.argv[1]).close()"
    made = [subprocess.Popen([sys.executable, "-c", code, postgres_url], cwd=ROOT) for _ in range(4)]
    assert [p.wait(60) for p in made] == [0, 0, 0, 0]


def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    with pytest.raises(NeedsSomething, match="RUNG_DATABASE_URL") as raised:
        Sessions("postgresql+psycopg://rung:topsecret@127.0.0.1:1/rung")
    assert "topsecret" not in str(raised.value)


# -- the inbox ------------------------------------------------------------------------------------------------------


def test_a_delivery_counts_once(kept: Sessions) -> None:
    inbox = Inbox(kept.engine, settle=0)
    assert inbox.put(delivery(1))
    assert not inbox.put(delivery(1))
    assert taken(inbox) == ["said 1"]
    assert not inbox.put(delivery(1))  # also after it was answered
    assert taken(inbox) == []


def test_one_id_in_two_workspaces_is_two_deliveries(kept: Sessions) -> None:
    inbox = Inbox(kept.engine, settle=0)
    assert inbox.put(delivery(1))
    assert inbox.put(delivery(1, workspace="T2"))


def test_messages_that_overtook_each_other_are_put_in_order(kept: Sessions) -> None:
    clock = Clock()
    inbox = Inbox(kept.engine, clock)
    inbox.put(delivery(2))
    clock.now += 0.1
    inbox.put(delivery(1))
    assert taken(inbox) == []  # not settled
    clock.now += 0.3
    assert taken(inbox) == ["said 1", "said 2"]


def test_a_lane_is_held_by_one_at_a_time(kept: Sessions) -> None:
    inbox = Inbox(kept.engine, settle=0)
    inbox.put(delivery(1))
    inbox.put(delivery(2, "C2"))
    with inbox.lane() as first, inbox.lane() as second, inbox.lane() as third:
        assert {first, second} == {"slack:T1:C1:1.0", "slack:T1:C2:1.0"}
        assert third is None


def test_two_processes_share_the_lock(postgres_url: str) -> None:
    one, two = Sessions(postgres_url), Sessions(postgres_url)
    here, there = Inbox(one.engine, settle=0), Inbox(two.engine, settle=0)
    here.put(delivery(1))
    with here.lane() as mine:
        assert mine is not None
        with there.lane() as theirs:
            assert theirs is None
    with there.lane() as theirs:
        assert theirs == mine
    one.close()
    two.close()


HOLD = """
import sys, time
from agent.sessions import Sessions
from agent.slack.store import Inbox
inbox = Inbox(Sessions(sys.argv[1]).engine)
with inbox.lane() as lane:
    waiting = inbox.next(lane)
    print(waiting.delivery.text, flush=True)
    time.sleep(60)
"""


def test_a_worker_that_is_killed_gives_back_what_it_held(postgres_url: str) -> None:
    kept = Sessions(postgres_url)
    inbox = Inbox(kept.engine, settle=0)
    inbox.put(delivery(1))
    worker = subprocess.Popen(
        [sys.executable, "-c", HOLD, postgres_url], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert worker.stdout
    assert worker.stdout.readline() == "said 1\n"
    with inbox.lane() as lane:
        assert lane is None
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(10)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with inbox.lane() as lane:
            if lane is not None:
                waiting = inbox.next(lane)
                assert waiting is not None
                assert (waiting.delivery.text, waiting.attempts) == ("said 1", 2)
                break
        time.sleep(0.05)
    else:
        pytest.fail("the lock of a killed worker was not released")
    kept.close()


def test_what_must_wait_holds_its_lane_back_and_no_other(kept: Sessions) -> None:
    clock = Clock()
    inbox = Inbox(kept.engine, clock, settle=0)
    for n, channel in ((1, "C1"), (2, "C1"), (3, "C2")):
        inbox.put(delivery(n, channel))
    with inbox.lane() as lane:
        assert lane is not None
        waiting = inbox.next(lane)
        assert waiting is not None
        inbox.later(waiting, 30, counts=False)
        assert inbox.next(lane) is None
    assert taken(inbox) == ["said 3"]
    clock.now += 31
    with inbox.lane() as lane:
        again = inbox.next(str(lane))
        assert again is not None
        assert (again.delivery.text, again.attempts, again.begun) == ("said 1", 1, None)


def test_what_was_said_is_not_kept_in_the_inbox_once_answered(kept: Sessions) -> None:
    inbox = Inbox(kept.engine, settle=0)
    inbox.put(delivery(1))
    taken(inbox)
    with kept.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT body FROM slack_inbox").scalar() == ""


def test_old_keys_are_dropped(kept: Sessions) -> None:
    clock = Clock()
    inbox = Inbox(kept.engine, clock, settle=0)
    inbox.put(delivery(1))
    taken(inbox)
    assert inbox.forget_old() == 0
    clock.now += 8 * 24 * 3600
    assert inbox.forget_old() == 1


def test_what_is_held_waits_for_its_mention_and_counts_once(kept: Sessions) -> None:
    inbox = Inbox(kept.engine, settle=0)
    assert inbox.put(delivery(2), held=True)
    assert not inbox.put(delivery(2), held=True)
    assert inbox.put(delivery(3).model_copy(update={"user": "U2"}), held=True)
    assert inbox.waiting() == 0
    inbox.put(delivery(1))
    inbox.admit(delivery(1))
    assert taken(inbox) == ["said 1", "said 2"]
    assert inbox.put(delivery(3).model_copy(update={"user": "U2"}))  # held, and now it is for us
    assert not inbox.put(delivery(3), held=True)
    assert taken(inbox) == ["said 3"]


def test_a_channels_pace_is_one_for_all(kept: Sessions, database_url: str) -> None:
    clock = Clock()
    other = Sessions(database_url)
    one, two = Paces(kept.engine, 0.5, clock), Paces(other.engine, 0.5, clock)
    assert one.take("T1", "C1") == 0.0
    assert 0 < two.take("T1", "C1") <= 0.5
    assert two.take("T2", "C1") == two.take("T1", "C2") == 0.0
    clock.now += 0.6
    time.sleep(0.6)
    assert two.take("T1", "C1") == 0.0
    two.hold("T1", "C1", 30)
    one.hold("T1", "C1", 1)
    assert 28 < one.take("T1", "C1") <= 30
    assert Paces(kept.engine, 0).take("T1", "C1") == 0.0
    other.close()


# -- threads, judgements, installations -----------------------------------------------------------------------------


def test_a_thread_has_one_person_until_another_takes_it(kept: Sessions) -> None:
    Inbox(kept.engine)
    threads = Threads(kept.engine)
    assert threads.person(delivery(1).thread_id) is None
    threads.take(delivery(1))
    threads.take(delivery(2).model_copy(update={"user": "U2"}))
    assert threads.person(delivery(1).thread_id) == "U2"
    assert [p.thread_id for p in threads.of("T1", "U2")] == ["slack:T1:C1:1.0"]
    assert threads.of("T2", "U2") == []


def test_a_judgement_keeps_its_reason(kept: Sessions) -> None:
    Inbox(kept.engine)
    threads = Threads(kept.engine)
    judged = delivery(1).model_copy(update={"about": {"judged": "bad"}, "text": ""})
    threads.judge(judged, 3)
    threads.judge(judged.model_copy(update={"text": "too short"}), 3)
    threads.judge(judged, 3)
    assert [(j.turn, j.good, j.reason) for j in threads.judgements()] == [(3, False, "too short")]


def test_a_person_can_be_forgotten_in_one_workspace(kept: Sessions) -> None:
    inbox, threads = Inbox(kept.engine, settle=0), Threads(kept.engine)
    for workspace in ("T1", "T1_"):
        inbox.put(delivery(1, workspace=workspace))
        threads.take(delivery(1, workspace=workspace))
        threads.judge(delivery(1, workspace=workspace), 1)
    taken(inbox)
    threads.forget("T1", "U1")
    assert threads.of("T1", "U1") == []
    assert len(threads.of("T1_", "U1")) == 1
    assert len(threads.judgements()) == 1
    assert not inbox.put(delivery(1))  # the key stays, or a late retry would bring the words back


def test_tokens_are_sealed_and_removed(kept: Sessions) -> None:
    old, new = new_key(), new_key()
    installed = Installations(kept.engine, Vault([old]))
    installed.save("T1", {"bot_token": "xoxb-very-secret"})
    with kept.engine.connect() as connection:
        assert "very-secret" not in str(connection.exec_driver_sql("SELECT * FROM slack_installations").all())
    both = Installations(kept.engine, Vault([new, old]))
    assert both.find("T1") == {"bot_token": "xoxb-very-secret"}
    assert both.renew() == 1
    assert Installations(kept.engine, Vault([new])).find("T1") == {"bot_token": "xoxb-very-secret"}
    with pytest.raises(NeedsSomething, match="RUNG_SLACK_KEYS"):
        installed.find("T1")
    assert both.remove("T1")
    assert both.find("T1") is None


def test_a_key_that_is_none_is_said() -> None:
    with pytest.raises(BadInput, match="RUNG_SLACK_KEYS"):
        Vault(["nonsense"])


def test_a_state_of_an_installation_holds_once_and_not_for_long(kept: Sessions) -> None:
    clock = Clock()
    installed = Installations(kept.engine, Vault([new_key()]), clock)
    first, second = installed.issue(), installed.issue()
    assert installed.consume(first)
    assert not installed.consume(first)
    clock.now += 601
    assert not installed.consume(second)
    assert not installed.consume("made up")
