"""Sessions: what was said is on record before it is answered, whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.errors import BadInput, NeedsSomething
from agent.facts import Amount, Slot
from agent.sessions import Sessions, Turn, TurnTaken


def turn(number: int, thread: str = "t") -> Turn:
    return Turn(thread, number, datetime.now(UTC), f"said {number}", "{}", "{}", "{}")


def test_turns_come_back_in_order(sessions: Sessions) -> None:
    for number in (1, 2, 3):
        sessions.record(turn(number))
    assert [t.said for t in sessions.turns("t")] == ["said 1", "said 2", "said 3"]
    last = sessions.last("t")
    assert last is not None
    assert last.number == 3


def test_two_writers_of_one_turn_cannot_both_win(sessions: Sessions) -> None:
    sessions.record(turn(1))
    with pytest.raises(TurnTaken):
        sessions.record(turn(1))


def test_an_event_delivered_twice_counts_once(advisor: Advisor) -> None:
    first = advisor.reply("t", "one line prompt, tone is off", delivery_id="e1")
    assert advisor.reply("t", "one line prompt, tone is off", delivery_id="e1") == first
    assert advisor.facts("t").get(Slot.PROMPTING) == "basic"


def test_turns_at_once_on_one_thread_are_all_kept(advisor: Advisor, sessions: Sessions) -> None:
    advisor.reply("t", "we have a long careful prompt without examples")
    said = [f"what is few-shot, take {n}?" for n in range(6)]
    threads = [threading.Thread(target=advisor.reply, args=("t", text)) for text in said]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(t.said for t in sessions.turns("t")[1:]) == sorted(said)


def test_an_unknown_session_is_said(sessions: Sessions) -> None:
    with pytest.raises(BadInput, match="rung sessions"):
        sessions.turns("nobody")


def test_a_session_can_be_forgotten(sessions: Sessions) -> None:
    sessions.record(turn(1))
    assert sessions.delete("t") == 1
    assert sessions.last("t") is None


@pytest.mark.parametrize(
    "content", [b"this is not a database, it is a text" * 100, b"SQLite format 3\x00" + b"\xff" * 8000]
)
def test_a_damaged_database_is_said_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sessions.db"
    path.write_bytes(content)
    with pytest.raises(NeedsSomething, match="Move it aside"):
        Sessions(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NeedsSomething, match="RUNG_DATABASE_URL"):
        Sessions(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")


def test_a_url_that_is_none_is_said() -> None:
    with pytest.raises(BadInput, match="RUNG_DATABASE_URL"):
        Sessions("not a url")


def test_a_full_disk_is_said_and_keeps_what_was_there(tmp_path: Path) -> None:
    kept = Sessions(f"sqlite:///{tmp_path / 'sessions.db'}")
    kept.record(turn(1))
    with kept._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

    import sqlalchemy as sa

    @sa.event.listens_for(kept._engine, "checkout")
    def _full(connection: object, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]

    big = Turn("t", 2, datetime.now(UTC), "x" * 1_000_000, "{}", "{}", "{}")
    with pytest.raises(NeedsSomething, match="full"):
        kept.record(big)
    assert [t.number for t in kept.turns("t")] == [1]


TALK = """
import sys
from agent.bootstrap import build
from agent.settings import Settings
advisor, _ = build(Settings.read())
for line in sys.stdin:
    advisor.reply("kill", line)
    print("answered", flush=True)
"""


def test_kill_nine_loses_no_answered_slot(shelf: Shelf, data_dir: Path, tmp_path: Path) -> None:
    said = [
        "sorting mail with a few-shot prompt",
        "1",
        "4",
        "stable, same for years",
        "we have test cases",
        "3000 labelled ones",
    ]
    for answered in range(1, len(said)):
        thread_db = f"sqlite:///{tmp_path / f'kill{answered}.db'}"
        process = subprocess.Popen(
            [sys.executable, "-c", TALK],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1],
            env={**os.environ, "RUNG_DATABASE_URL": thread_db},
        )  # fmt: skip
        assert process.stdin
        assert process.stdout
        for line in said[:answered]:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == "answered\n"
        process.stdin.write(said[answered] + "\n")
        process.stdin.flush()
        process.send_signal(signal.SIGKILL)  # while it works on the next one
        process.wait()
        kept = Sessions(thread_db)
        turns = kept.turns("kill")
        assert [t.said.strip() for t in turns[:answered]] == said[:answered]
        facts = json.loads(turns[answered - 1].state)["facts"]["known"]
        assert facts["prompting"]["value"] == "few_shot"
        if answered == 5:
            assert facts["success"]["value"] == "measured"
        kept.close()


def test_a_conversation_goes_on_in_another_process(shelf: Shelf, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'one.db'}"
    first = Sessions(url)
    Advisor(lambda: shelf.reader, shelf, first).reply("t", "we sort 5,000 mails a day")
    first.close()
    second = Sessions(url)
    advisor = Advisor(lambda: shelf.reader, shelf, second)
    volume = advisor.facts("t").get(Slot.VOLUME)
    assert volume == Amount.exactly(5000)
    parts = advisor.open("t").parts
    assert parts[0].type == "notice"
    assert parts[-1].type == "question"
