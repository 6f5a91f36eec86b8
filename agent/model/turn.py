"""The language model within one turn: what it may still use, what it used, and what the person has to be told of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol, TypeVar

from pydantic import BaseModel

from agent.errors import ModelFault
from agent.model.chat import TRIES, Effort, Message, Model, Watch
from agent.model.usage import Usage
from agent.settings import Budget
from agent.writing import texts

S = TypeVar("S", bound=BaseModel)

#: The most that an interview up to its recommendation takes, and what of it is kept for writing the recommendation.
INTERVIEW_CALLS: Final = 8
INTERVIEW_TOKENS: Final = 12_000
KEPT_CALLS: Final = 1
KEPT_TOKENS: Final = 3_000


class Ledger(Protocol):
    """Where usage is written down; `agent.sessions.Sessions` keeps it beside the turns."""

    def spend(self, thread_id: str, number: int, purpose: str, usage: Usage) -> None: ...

    def spent(
        self, thread_id: str | None = None, *, since: datetime | None = None, number_from: int = 0
    ) -> Usage: ...


@dataclass
class ModelTurn:
    """One turn's use of the model. `number_from` is the turn that this interview began with; None after the advice.
    `left` are the seconds that the model may still take, all calls together."""

    mind: Mind
    thread_id: str
    number: int
    number_from: int | None
    left: float
    earlier: Callable[[], Sequence[str]]
    watch: Watch | None = None
    notices: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    usage: Usage = field(default_factory=Usage)

    def may_read(self) -> bool:
        """At most one call to read a turn."""
        return "read" not in self.asked

    def ask(
        self, purpose: str, schema: type[S], messages: Sequence[Message], on_text: Watch | None = None
    ) -> S | None:
        """The model's answer; None where it fails or may not be asked, and the person is told once."""
        self.asked.add(purpose)
        tries = self._tries(purpose, messages)
        if tries <= 0 or self.left <= 0:
            return None
        over = self.mind.over_budget(self.thread_id)
        if over:
            self._tell("budget", over)
            return None
        begun = time.monotonic()
        try:
            effort = Effort(self.left, tries, on_text, f"rung {purpose}")
            answer, used = self.mind.model.structured(schema, messages, effort)
        except ModelFault as error:
            self._record(purpose, error.usage)
            self._tell(error.kind, str(error))
            return None
        finally:
            self.left -= time.monotonic() - begun
        self._record(purpose, used)
        self.mind.answered(self.thread_id)
        return answer

    def account(self) -> dict[str, Any]:
        """What this interview used so far, as a recommendation records it."""
        spent = self.mind.ledger.spent(self.thread_id, number_from=self.number_from or 0)
        return {"model": self.usage.model, **spent.model_dump(exclude={"model"})}

    def _tries(self, purpose: str, messages: Sequence[Message]) -> int:
        """How many calls this may take: an interview has its bounds, and reading leaves enough for the recommendation."""
        if self.number_from is None:
            return 2 * TRIES
        spent = self.mind.ledger.spent(self.thread_id, number_from=self.number_from)
        kept_calls, kept_tokens = (0, 0) if purpose == "write" else (KEPT_CALLS, KEPT_TOKENS)
        calls = INTERVIEW_CALLS - kept_calls - spent.calls
        tokens = INTERVIEW_TOKENS - kept_tokens - spent.input_tokens
        return min(calls, tokens // max(1, _about(messages)))

    def _record(self, purpose: str, used: Usage | None) -> None:
        if used is not None and used.calls:
            self.usage += used
            self.mind.ledger.spend(self.thread_id, self.number, purpose, used)

    def _tell(self, kind: str, reason: str) -> None:
        if self.mind.first_time(self.thread_id, kind):
            self.notices.append(texts.reply("without_model", reason=reason))


class Mind:
    """The model with its budgets. One for all conversations."""

    def __init__(
        self, model: Model, ledger: Ledger, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.model = model
        self.ledger = ledger
        self._now = now
        self._told: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(
        self,
        thread_id: str,
        number: int,
        number_from: int | None,
        earlier: Callable[[], Sequence[str]],
        watch: Watch | None = None,
    ) -> Iterator[ModelTurn]:
        """What is read and written inside may use the model; `current()` gives the turn."""
        made = ModelTurn(self, thread_id, number, number_from, self.model.settings.seconds, earlier, watch)
        token = _CURRENT.set(made)
        try:
            yield made
        finally:
            _CURRENT.reset(token)

    def over_budget(self, thread_id: str) -> str:
        """Which budget is used up, in words; empty while none is."""
        settings = self.model.settings
        today = self._now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        of_session = _over(self.ledger.spent(thread_id), settings.session)
        if of_session:
            return texts.reply("budget_session", what=of_session)
        of_day = _over(self.ledger.spent(since=today), settings.day)
        return texts.reply("budget_day", what=of_day) if of_day else ""

    def first_time(self, thread_id: str, kind: str) -> bool:
        """Is this trouble news in this conversation? It is told again only after the model answered."""
        sort = "budget" if kind == "budget" else "trouble"
        with self._lock:
            told = self._told.setdefault(thread_id, set())
            if sort in told:
                return False
            told.add(sort)
            return True

    def answered(self, thread_id: str) -> None:
        with self._lock:
            self._told.pop(thread_id, None)


_CURRENT: ContextVar[ModelTurn | None] = ContextVar("model turn", default=None)


def current() -> ModelTurn | None:
    """The turn that is being worked out with a model at hand; None without one."""
    return _CURRENT.get()


def _over(spent: Usage, budget: Budget) -> str:
    """What is used up: what was used reaches what there is. Money counts where the model's price is known."""
    for name, used, most in (
        ("calls", spent.calls, budget.calls),
        ("tokens", spent.tokens, budget.tokens),
        ("dollars", spent.dollars, budget.dollars),
    ):
        if used is not None and used >= most:
            return f"{most:,} {name}"
    return ""


def _about(messages: Sequence[Message]) -> int:
    """Tokens of messages, about: four characters each."""
    return sum(len(text) for _, text in messages) // 4
