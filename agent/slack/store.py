"""What Slack's front keeps in the sessions' database: the inbox, whose thread is whose, judgements, installations.

**The inbox** is written before Slack is told that an event arrived, so a worker that dies loses none. A delivery's key is
unique, so an event that comes again is known. One lane (a thread) is held by one worker at a time, through a lock that
PostgreSQL releases when the worker's connection ends, however it ends. With SQLite there is one worker, and the lock is its own.
What was said stays in the inbox only until it was answered; then the key alone is kept, as long as Slack may send it again.
A reply in a thread that nobody has asked us into is held apart for a moment, since the mention that does may be on its way.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from agent.sessions import create_tables
from agent.slack.events import Delivery
from agent.slack.vault import Vault

_TABLES = sa.MetaData()
_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_INBOX = sa.Table(
    "slack_inbox",
    _TABLES,
    sa.Column("id", _BIG, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(255), nullable=False, unique=True),
    sa.Column("lane", sa.String(255), nullable=False),
    sa.Column("user_id", sa.String(32), nullable=False),
    sa.Column("ts", sa.String(32), nullable=False),
    sa.Column("state", sa.String(8), nullable=False, server_default="new"),
    sa.Column("arrived", sa.Float, nullable=False),
    sa.Column("due", sa.Float, nullable=False),
    sa.Column("begun", sa.Float),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("root", sa.String(64), nullable=False, server_default=""),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("slack_inbox_waiting", "state", "lane", "ts"),
)
_THREADS = sa.Table(
    "slack_threads",
    _TABLES,
    sa.Column("thread_id", sa.String(255), primary_key=True),
    sa.Column("workspace", sa.String(32), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("thread_ts", sa.String(32), nullable=False),
    sa.Column("user_id", sa.String(32), nullable=False, index=True),
    sa.Column("last", sa.Float, nullable=False),
)
#: Everybody who was ever interviewed in a thread, for when they want their words deleted.
_VOICES = sa.Table(
    "slack_voices",
    _TABLES,
    sa.Column("thread_id", sa.String(255), primary_key=True),
    sa.Column("user_id", sa.String(32), primary_key=True),
    sa.Column("workspace", sa.String(32), nullable=False),
)
_PACES = sa.Table(
    "slack_paces",
    _TABLES,
    sa.Column("workspace", sa.String(32), primary_key=True),
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("free", sa.Float, nullable=False),
)
_JUDGED = sa.Table(
    "slack_feedback",
    _TABLES,
    sa.Column("thread_id", sa.String(255), primary_key=True),
    sa.Column("turn", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.String(32), primary_key=True),
    sa.Column("good", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)
_INSTALLED = sa.Table(
    "slack_installations",
    _TABLES,
    sa.Column("workspace", sa.String(32), primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)
_STATES = sa.Table(
    "slack_states",
    _TABLES,
    sa.Column("state", sa.String(64), primary_key=True),
    sa.Column("until", sa.Float, nullable=False),
)

#: Seconds that a message waits for one that it may have overtaken on the way.
SETTLE: Final = 0.2
#: Seconds that a reply is held for the mention before it: Slack sends that a second time at once and a third after a minute.
HELD: Final = 75.0
#: Keys of what was answered are kept this long; Slack gives up much sooner.
REMEMBERED: Final = 7 * 24 * 3600.0
_LANES_LOOKED_AT: Final = 32


@dataclass(frozen=True)
class Waiting:
    """A delivery taken from the inbox. `attempts` counts this one; `begun` is when the one before it began.

    `root` is the time of the message that opens its thread, once that is posted."""

    id: int
    delivery: Delivery
    attempts: int
    arrived: float
    begun: float | None
    root: str


class Inbox:
    """Deliveries that wait to be worked on. Safe for several threads and, on PostgreSQL, several processes."""

    def __init__(
        self, engine: sa.Engine, clock: Callable[[], float] = time.time, settle: float = SETTLE
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._settle = settle
        self._held: set[str] = set()
        self._held_lock = threading.Lock()
        create_tables(engine, _TABLES)

    def put(self, delivery: Delivery, *, held: bool = False) -> bool:
        """Keep a delivery; False when it is known already. `held`: nobody has asked us into its thread yet."""
        now = self._clock()
        row = {
            "key": delivery.key[:255], "lane": delivery.lane, "user_id": delivery.user, "ts": delivery.ts or f"{now:.6f}",
            "arrived": now, "due": now + self._settle, "body": delivery.model_dump_json(), "state": "held" if held else "new",
        }  # fmt: skip
        put = _insert(self._engine, _INBOX).values(row)
        if held:
            put = put.on_conflict_do_nothing(index_elements=["key"])
        else:  # a message that is held may come again as the mention that it is
            anew = {name: row[name] for name in ("state", "due", "body")}
            put = put.on_conflict_do_update(index_elements=["key"], set_=anew, where=_INBOX.c.state == "held")
        with self._engine.begin() as connection:
            return connection.execute(put.returning(_INBOX.c.id)).first() is not None

    def hold(self, waiting: Waiting) -> None:
        """Said by somebody who is not being interviewed there; they may be asked in a moment."""
        self._set(waiting, state="held")

    def admit(self, delivery: Delivery) -> None:
        """A mention is being answered: what the same person said after it in its thread is for us too."""
        rows = _INBOX.c
        after = sa.and_(
            rows.state == "held",
            rows.lane == delivery.lane,
            rows.user_id == delivery.user,
            rows.ts > delivery.ts,
        )
        with self._engine.begin() as connection:
            connection.execute(sa.update(_INBOX).where(after).values(state="new", due=self._clock()))

    def drop_held(self) -> int:
        """Forget what was held for a mention that did not come, key and all."""
        old = sa.and_(_INBOX.c.state == "held", _INBOX.c.arrived < self._clock() - HELD)
        with self._engine.begin() as connection:
            return connection.execute(sa.delete(_INBOX).where(old)).rowcount

    @contextmanager
    def lane(self) -> Iterator[str | None]:
        """Hold a lane in which something is due, the one that waited longest first; None when there is none free."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            held = next((lane for lane in self._due(connection) if self._hold(connection, lane)), None)
            try:
                yield held
            finally:
                if held is not None:
                    self._release(connection, held)

    def next(self, lane: str) -> Waiting | None:
        """The oldest delivery of a held lane, if it is due; counts as begun."""
        now = self._clock()
        rows = _INBOX.c
        oldest = (
            sa.select(_INBOX)
            .where(rows.state == "new", rows.lane == lane)
            .order_by(rows.ts, rows.id)
            .limit(1)
        )
        with self._engine.begin() as connection:
            row = connection.execute(oldest).first()
            if row is None or row.due > now:
                return None
            begin = {"attempts": rows.attempts + 1, "begun": now}
            connection.execute(sa.update(_INBOX).where(rows.id == row.id).values(begin))
        delivery = Delivery.model_validate_json(row.body)
        return Waiting(row.id, delivery, row.attempts + 1, row.arrived, row.begun, row.root)

    def done(self, waiting: Waiting, state: str = "done") -> None:
        """It was answered (or given up, `failed`): forget what was said, remember that it was."""
        self._set(waiting, state=state, body="")

    def later(self, waiting: Waiting, seconds: float, *, counts: bool) -> None:
        """Not now: its lane waits. `counts`: it was an attempt that may have left something behind."""
        due = self._clock() + seconds
        rows = _INBOX.c
        with self._engine.begin() as connection:
            lane = sa.and_(rows.lane == waiting.delivery.lane, rows.state == "new", rows.due < due)
            connection.execute(sa.update(_INBOX).where(lane).values(due=due))
        if not counts:
            self._set(waiting, attempts=waiting.attempts - 1, begun=waiting.begun)

    def rooted(self, waiting: Waiting, root: str) -> None:
        """The message that opens its thread is posted."""
        self._set(waiting, root=root)

    def expects(self, lane: str) -> bool:
        """Does something wait in this lane?"""
        rows = _INBOX.c
        found = sa.select(rows.id).where(rows.state == "new", rows.lane == lane).limit(1)
        with self._engine.connect() as connection:
            return connection.execute(found).first() is not None

    def waiting(self) -> int:
        """How many wait to be answered."""
        with self._engine.connect() as connection:
            count = sa.select(sa.func.count()).select_from(_INBOX).where(_INBOX.c.state == "new")
            return int(connection.execute(count).scalar_one())

    def forget_old(self) -> int:
        """Drop keys that Slack will not send again."""
        old = sa.and_(_INBOX.c.state != "new", _INBOX.c.arrived < self._clock() - REMEMBERED)
        with self._engine.begin() as connection:
            return connection.execute(sa.delete(_INBOX).where(old)).rowcount

    def _set(self, waiting: Waiting, **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.update(_INBOX).where(_INBOX.c.id == waiting.id).values(**values))

    def _due(self, connection: sa.Connection) -> list[str]:
        rows = _INBOX.c
        due = (
            sa.select(rows.lane)
            .where(rows.state == "new")
            .group_by(rows.lane)
            .having(sa.func.min(rows.due) <= self._clock())
            .order_by(sa.func.min(rows.id))
            .limit(_LANES_LOOKED_AT)
        )
        return [lane for (lane,) in connection.execute(due)]

    def _hold(self, connection: sa.Connection, lane: str) -> bool:
        with self._held_lock:
            if lane in self._held:
                return False
            self._held.add(lane)
        if connection.dialect.name != "postgresql" or connection.scalar(_TRY_LOCK, {"lane": lane}):
            return True
        with self._held_lock:
            self._held.discard(lane)
        return False

    def _release(self, connection: sa.Connection, lane: str) -> None:
        try:
            if connection.dialect.name == "postgresql":
                connection.execute(_UNLOCK, {"lane": lane})
        finally:
            with self._held_lock:
                self._held.discard(lane)


_TRY_LOCK: Final = sa.text("SELECT pg_try_advisory_lock(hashtextextended(:lane, 0))")
_UNLOCK: Final = sa.text("SELECT pg_advisory_unlock(hashtextextended(:lane, 0))")


class Threads:
    """Whose interview a thread is, and what people said of its advice."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def person(self, thread_id: str) -> str | None:
        """Who is being interviewed; None for a thread that is not with us."""
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(_THREADS.c.user_id).where(_THREADS.c.thread_id == thread_id))

    def take(self, delivery: Delivery, thread_ts: str | None = None) -> None:
        """The thread is this person's from now on."""
        ts = delivery.thread_ts if thread_ts is None else thread_ts
        new = {"user_id": delivery.user, "last": time.time()}
        row = {"thread_id": _thread(delivery, ts), "workspace": delivery.workspace, "channel": delivery.channel,
               "thread_ts": ts, **new}  # fmt: skip
        voice = {"thread_id": row["thread_id"], "user_id": delivery.user, "workspace": delivery.workspace}
        with self._engine.begin() as connection:
            put = _insert(self._engine, _THREADS).values(row)
            connection.execute(put.on_conflict_do_update(index_elements=["thread_id"], set_=new))
            connection.execute(_insert(self._engine, _VOICES).values(voice).on_conflict_do_nothing())

    def of(self, workspace: str, user: str) -> list[Delivery]:
        """A person's threads, the latest first, as places."""
        mine = (_THREADS.c.workspace == workspace) & (_THREADS.c.user_id == user)
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_THREADS).where(mine).order_by(_THREADS.c.last.desc())).all()
        return [
            Delivery(
                key="",
                kind="open",
                workspace=r.workspace,
                channel=r.channel,
                thread_ts=r.thread_ts,
                user=user,
            )
            for r in rows
        ]

    def spoken(self, workspace: str, user: str) -> set[str]:
        """The threads that hold words of a person's, also those that somebody else went on with."""
        heard = (_VOICES.c.workspace == workspace) & (_VOICES.c.user_id == user)
        with self._engine.connect() as connection:
            found = set(connection.scalars(sa.select(_VOICES.c.thread_id).where(heard)))
        return found | {place.thread_id for place in self.of(workspace, user)}

    def judge(self, delivery: Delivery, turn: int) -> None:
        """Keep what somebody thinks of an advice; a reason sent later joins the judgement."""
        row = {"thread_id": delivery.thread_id, "turn": turn, "user_id": delivery.user, "at": time.time(),
               "good": delivery.about.get("judged") == "good", "reason": delivery.text.replace("\0", "")}  # fmt: skip
        put = _insert(self._engine, _JUDGED).values(row)
        new = {"good": row["good"], "at": row["at"]} | ({"reason": row["reason"]} if row["reason"] else {})
        with self._engine.begin() as connection:
            connection.execute(
                put.on_conflict_do_update(index_elements=["thread_id", "turn", "user_id"], set_=new)
            )

    def judgements(self) -> Sequence[sa.Row[Any]]:
        """All of them: thread, turn, good or not, the reason."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(_JUDGED).order_by(_JUDGED.c.at)).all()

    def forget(self, workspace: str, user: str, before: int | None = None) -> None:
        """Forget a person here: threads, judgements, and what is in the inbox of theirs, `before` the number of their wish."""
        theirs = f"slack:{workspace}:"
        with self._engine.begin() as connection:
            for table in (_THREADS, _VOICES):
                mine = (table.c.workspace == workspace) & (table.c.user_id == user)
                connection.execute(sa.delete(table).where(mine))
            judged = _JUDGED.c.thread_id.startswith(theirs, autoescape=True) & (_JUDGED.c.user_id == user)
            connection.execute(sa.delete(_JUDGED).where(judged))
            rows = _INBOX.c
            said = rows.lane.startswith(theirs, autoescape=True) & (rows.user_id == user)
            if before is not None:
                said &= rows.id < before
            connection.execute(sa.update(_INBOX).where(said).values(state="done", body="", user_id=""))


class Paces:
    """When each channel may next be written to: one row a channel, for all workers together.

    On PostgreSQL it goes by the database's clock, so the workers' own may differ.
    """

    def __init__(
        self, engine: sa.Engine, seconds: float = 1.0, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._seconds = seconds
        self._clock = clock
        create_tables(engine, _TABLES)

    def take(self, workspace: str, channel: str) -> float:
        """Seconds to wait; 0: this message may go, and the next one must wait."""
        if not self._seconds:
            return 0.0
        now = self._now()
        put = self._free_at(workspace, channel, now + self._seconds, _PACES.c.free <= now)
        here = (_PACES.c.workspace == workspace) & (_PACES.c.channel == channel)
        with self._engine.begin() as connection:
            if connection.execute(put.returning(_PACES.c.free)).first() is not None:
                return 0.0
            left = connection.scalar(sa.select(_PACES.c.free - now).where(here))
        return max(0.02, float(left or 0.0))

    def hold(self, workspace: str, channel: str, seconds: float) -> None:
        """Slack wants nothing more in this channel for so long."""
        until = self._now() + seconds
        if self._seconds:
            with self._engine.begin() as connection:
                connection.execute(self._free_at(workspace, channel, until, _PACES.c.free < until))

    def forget_old(self) -> int:
        """Drop channels in which nothing was said for an hour."""
        with self._engine.begin() as connection:
            return connection.execute(sa.delete(_PACES).where(_PACES.c.free < self._now() - 3600.0)).rowcount

    def _free_at(self, workspace: str, channel: str, until: Any, where: Any) -> Any:
        put = _insert(self._engine, _PACES).values(workspace=workspace, channel=channel, free=until)
        return put.on_conflict_do_update(
            index_elements=["workspace", "channel"], set_={"free": until}, where=where
        )

    def _now(self) -> Any:
        if self._engine.dialect.name == "postgresql":
            return sa.cast(sa.func.extract("epoch", sa.func.clock_timestamp()), sa.Float)
        return sa.literal(self._clock(), sa.Float)


class Installations:
    """Workspaces that installed the app, each with its token, sealed; and the states of installations under way."""

    def __init__(self, engine: sa.Engine, vault: Vault, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock
        create_tables(engine, _TABLES)

    def save(self, workspace: str, installation: dict[str, Any]) -> None:
        new = {"sealed": self._vault.seal(json.dumps(installation)), "at": self._clock()}
        put = _insert(self._engine, _INSTALLED).values(workspace=workspace, **new)
        with self._engine.begin() as connection:
            connection.execute(put.on_conflict_do_update(index_elements=["workspace"], set_=new))

    def find(self, workspace: str) -> dict[str, Any] | None:
        with self._engine.connect() as connection:
            sealed = connection.scalar(
                sa.select(_INSTALLED.c.sealed).where(_INSTALLED.c.workspace == workspace)
            )
        return None if sealed is None else dict(json.loads(self._vault.open(sealed)))

    def refreshed(
        self, workspace: str, refresh: Callable[[dict[str, Any]], dict[str, Any] | None]
    ) -> dict[str, Any] | None:
        """The installation, made anew by `refresh` where that gives one; one worker at a time, since a refresh token holds once."""
        here = _INSTALLED.c.workspace == workspace
        with self._engine.begin() as connection:
            sealed = connection.scalar(sa.select(_INSTALLED.c.sealed).where(here).with_for_update())
            if sealed is None:
                return None
            kept = dict(json.loads(self._vault.open(sealed)))
            anew = refresh(kept)
            if anew is not None:
                put = sa.update(_INSTALLED).where(here)
                connection.execute(put.values(sealed=self._vault.seal(json.dumps(anew))))
        return anew or kept

    def remove(self, workspace: str, before: float | None = None) -> bool:
        """Forget a workspace's token; with `before`, only one that was kept before that time."""
        gone = _INSTALLED.c.workspace == workspace
        if before is not None:
            gone &= _INSTALLED.c.at < before
        with self._engine.begin() as connection:
            return connection.execute(sa.delete(_INSTALLED).where(gone)).rowcount == 1

    def renew(self) -> int:
        """Seal every token with the first key; returns how many."""
        with self._engine.begin() as connection:
            rows = connection.execute(sa.select(_INSTALLED.c.workspace, _INSTALLED.c.sealed)).all()
            for workspace, sealed in rows:
                anew = sa.update(_INSTALLED).where(_INSTALLED.c.workspace == workspace)
                connection.execute(anew.values(sealed=self._vault.renew(sealed)))
        return len(rows)

    def issue(self, seconds: float = 600) -> str:
        """A state for one installation; it holds for ten minutes."""
        state = secrets.token_urlsafe(32)
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_STATES).where(_STATES.c.until < self._clock()))
            connection.execute(sa.insert(_STATES).values(state=state, until=self._clock() + seconds))
        return state

    def consume(self, state: str) -> bool:
        """Is this a state that we issued and nobody has used? It is used now."""
        good = (_STATES.c.state == state) & (_STATES.c.until >= self._clock())
        with self._engine.begin() as connection:
            return connection.execute(sa.delete(_STATES).where(good)).rowcount == 1


def _thread(delivery: Delivery, thread_ts: str) -> str:
    return delivery.model_copy(update={"thread_ts": thread_ts}).thread_id


def _insert(engine: sa.Engine, table: sa.Table) -> Any:
    """An INSERT that can be told what to do when the row is there."""
    return (postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert)(table)
