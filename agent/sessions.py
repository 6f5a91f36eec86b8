"""The record of conversations: one row a turn, written before its reply is shown.

SQLite in the user's data folder by default, PostgreSQL by its URL where several workers share it. A row holds what was said, how it
was read, the state after it and the reply; the last row's state is where the conversation goes on, so there is nothing
else to lose. Two processes on one thread cannot both write a turn of one number: the second reads again and retries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from agent.errors import BadInput, NeedsSomething

if TYPE_CHECKING:
    from agent.model.usage import Usage

_METADATA = sa.MetaData()
_TURNS = sa.Table(
    "turns",
    _METADATA,
    sa.Column("thread_id", sa.String(255), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("delivery_id", sa.String(255), unique=True),
    sa.Column("said", sa.Text, nullable=False),
    sa.Column("reading", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reply", sa.Text, nullable=False),
)

#: What the language model was used for. Money in millionths of a US dollar; null where the price is not known.
_CALLS = sa.Table(
    "model_calls",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("thread_id", sa.String(255), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("purpose", sa.String(32), nullable=False),
    sa.Column("model", sa.String(255), nullable=False),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("input_tokens", sa.Integer, nullable=False),
    sa.Column("cached_tokens", sa.Integer, nullable=False),
    sa.Column("output_tokens", sa.Integer, nullable=False),
    sa.Column("micro_dollars", sa.BigInteger),
)


class TurnTaken(Exception):
    """Another process wrote this turn first; read the thread again and retry."""


@dataclass(frozen=True)
class Turn:
    """One recorded turn. `reading`, `state` and `reply` are JSON."""

    thread_id: str
    number: int
    at: datetime
    said: str
    reading: str
    state: str
    reply: str


@dataclass(frozen=True)
class Summary:
    """A conversation in a list: its thread, last use, number of turns, and how it began."""

    thread_id: str
    last: datetime
    turns: int
    opening: str


class Sessions:
    """Turns by thread. Safe to use from several threads and processes.

    Raises:
        NeedsSomething: the database cannot be opened, read or written; the message says what to do.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine = _engine(url)
        with self._guard("open"):
            if self._engine.dialect.name == "sqlite":
                with self._engine.connect() as connection:
                    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
                if found != "ok":
                    raise sa.exc.DatabaseError("quick_check", None, Exception(str(found)))
            create_tables(self._engine, _METADATA)

    @property
    def engine(self) -> sa.Engine:
        """The database, for what else is kept in it."""
        return self._engine

    def last(self, thread_id: str) -> Turn | None:
        """The latest turn of a thread; None when there is none."""
        query = (
            sa.select(_TURNS).where(_TURNS.c.thread_id == thread_id).order_by(_TURNS.c.number.desc()).limit(1)
        )
        return self._one(query)

    def turn(self, thread_id: str, number: int) -> Turn | None:
        return self._one(sa.select(_TURNS).where(_TURNS.c.thread_id == thread_id, _TURNS.c.number == number))

    def delivered(self, delivery_id: str) -> Turn | None:
        """The turn that an event made when it was delivered the first time."""
        return self._one(sa.select(_TURNS).where(_TURNS.c.delivery_id == delivery_id))

    def turns(self, thread_id: str) -> list[Turn]:
        """A thread from its beginning.

        Raises:
            BadInput: there is no such thread.
        """
        with self._guard("read"), self._engine.connect() as connection:
            rows = connection.execute(
                sa.select(_TURNS).where(_TURNS.c.thread_id == thread_id).order_by(_TURNS.c.number)
            ).all()
        if not rows:
            raise BadInput(f"There is no session “{thread_id}”. `rung sessions` lists them.")
        return [_turn(row) for row in rows]

    def record(self, turn: Turn, delivery_id: str | None = None) -> None:
        """Write a turn, durably, before anything of it is shown.

        Raises:
            TurnTaken: this number exists already.
        """
        row = {
            "thread_id": turn.thread_id, "number": turn.number, "at": turn.at, "delivery_id": delivery_id,
            "said": turn.said.replace("\0", ""),  # PostgreSQL takes no NUL in a text
            "reading": turn.reading, "state": turn.state, "reply": turn.reply,
        }  # fmt: skip
        with self._guard("write"):
            try:
                with self._engine.begin() as connection:
                    connection.execute(sa.insert(_TURNS).values(**row))
            except sa.exc.IntegrityError as error:
                raise TurnTaken(turn.thread_id) from error

    def spend(self, thread_id: str, number: int, purpose: str, usage: Usage) -> None:
        """Write down what the language model used in a turn."""
        micro = None if usage.dollars is None else round(usage.dollars * 1_000_000)
        row = usage.model_dump(exclude={"dollars"})
        row |= {"thread_id": thread_id, "number": number, "at": datetime.now(UTC)}
        row |= {"purpose": purpose, "micro_dollars": micro}
        with self._guard("write"), self._engine.begin() as connection:
            connection.execute(sa.insert(_CALLS).values(**row))

    def spent(
        self, thread_id: str | None = None, *, since: datetime | None = None, number_from: int = 0
    ) -> Usage:
        """All that the language model used: in one thread or in all, since a time, from a turn on."""
        from agent.model.usage import Usage

        c = _CALLS.c
        where = [c.number >= number_from]
        where += [c.thread_id == thread_id] if thread_id is not None else []
        where += [c.at >= since] if since is not None else []
        summed = (c.calls, c.input_tokens, c.cached_tokens, c.output_tokens, c.micro_dollars)
        unpriced = sa.func.count() - sa.func.count(c.micro_dollars)
        query = sa.select(*map(sa.func.sum, summed), unpriced, sa.func.max(c.model)).where(*where)
        with self._guard("read"), self._engine.connect() as connection:
            calls, given, cached, out, micro, unknown, model = tuple(connection.execute(query).one())
        return Usage(
            model=model or "",
            calls=calls or 0,
            input_tokens=given or 0,
            cached_tokens=cached or 0,
            output_tokens=out or 0,
            dollars=None if unknown else Decimal(int(micro or 0)) / 1_000_000,
        )

    def summaries(self, count: int = 20) -> list[Summary]:
        """The latest conversations with at least one turn of the person's own."""
        first = sa.select(_TURNS.c.thread_id, _TURNS.c.said).where(_TURNS.c.number == 1).subquery()
        query = (
            sa.select(_TURNS.c.thread_id, sa.func.max(_TURNS.c.at), sa.func.count(), first.c.said)
            .join(first, first.c.thread_id == _TURNS.c.thread_id)
            .group_by(_TURNS.c.thread_id, first.c.said)
            .order_by(sa.func.max(_TURNS.c.at).desc())
            .limit(count)
        )
        with self._guard("read"), self._engine.connect() as connection:
            return [
                Summary(thread, _aware(at), number, said)
                for thread, at, number, said in connection.execute(query)
            ]

    def delete(self, thread_id: str) -> int:
        """Forget a conversation for good; returns how many turns it had."""
        with self._guard("write"), self._engine.begin() as connection:
            # what was used still counts for the day; whose it was is forgotten
            connection.execute(sa.update(_CALLS).where(_CALLS.c.thread_id == thread_id).values(thread_id=""))
            return connection.execute(sa.delete(_TURNS).where(_TURNS.c.thread_id == thread_id)).rowcount

    def close(self) -> None:
        self._engine.dispose()

    def _one(self, query: sa.Select[Any]) -> Turn | None:
        with self._guard("read"), self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else _turn(row)

    @contextmanager
    def _guard(self, doing: str) -> Iterator[None]:
        """Database failures as a sentence with the next step."""
        try:
            yield
        except (sa.exc.OperationalError, sa.exc.DatabaseError) as error:
            place = sa.engine.make_url(self._url).database or self._url
            reason = str(error.orig or error)
            if self._engine.dialect.name != "sqlite":
                raise NeedsSomething(
                    f"Cannot {doing} the conversations in the database {place}: {' '.join(reason.split()).rstrip('.?')}. "
                    "Is the server running, and is RUNG_DATABASE_URL right? What was answered before is kept."
                ) from error
            if "malformed" in reason or "not a database" in reason or "quick_check" in str(error):
                raise NeedsSomething(
                    f"The file of your conversations, {place}, is damaged ({reason}). Move it aside and Rung starts a new one; "
                    f"to save what can be saved: sqlite3 {place} .recover | sqlite3 rescued.db"
                ) from error
            raise NeedsSomething(
                f"Cannot {doing} the file of your conversations, {place}: {reason}. "
                "Free some space or mend its permissions, or set RUNG_DATABASE_URL to another place. What was answered before is kept."
            ) from error


def _engine(url: str) -> sa.Engine:
    try:
        # A connection that the server dropped is replaced; no error and no log repeats what was said.
        engine = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True, **_pool(url))
    except ModuleNotFoundError as error:
        raise NeedsSomething(
            f"This database needs the package {error.name}. With PostgreSQL: pip install 'rung[slack]'"
        ) from error
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
        raise BadInput(
            f"RUNG_DATABASE_URL cannot be used: {error}. It looks like sqlite:////folder/sessions.db or postgresql+psycopg://…"
        ) from error
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def _durable(connection: Any, _: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")  # a turn that was shown survives a power cut
            cursor.execute("PRAGMA busy_timeout=5000")
            cursor.close()

    return engine


def _pool(url: str) -> dict[str, Any]:
    return {"pool_size": 10, "max_overflow": 20} if url.startswith("postgresql") else {}


def create_tables(engine: sa.Engine, tables: sa.MetaData) -> None:
    """Make the tables that are not there yet; several processes may begin at once."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(1920298855)"))
        tables.create_all(connection)


def _turn(row: Any) -> Turn:
    return Turn(row.thread_id, row.number, _aware(row.at), row.said, row.reading, row.state, row.reply)


def _aware(at: datetime) -> datetime:
    """SQLite gives times back without their zone; they were written in UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
