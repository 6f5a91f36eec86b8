"""The suite: every scenario in every manner, through the real advisor, on all processors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from multiprocessing import get_context
from typing import Any, Final

import numpy as np

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.facts import RUBRIC_SLOTS, Facts, Proposal, Slot
from agent.model.usage import Usage
from agent.reading import Asked, Reader, Reading
from agent.reading.backing import stands_alone
from agent.reading.clauses import clauses
from agent.rubric import Rung
from agent.sessions import Sessions, Turn
from agent.settings import Settings
from evals.baselines.questionnaire import QUESTIONS, questionnaire
from evals.baselines.rules import always_one, keywords
from evals.gate import BOUNDARY
from evals.manners import SCRIPTED, Manner, foretold, phrases
from evals.scenario import Scenario
from evals.simulated_user import Timed, talk
from knowledge.embedding import Encoder, MiniLM, Vectors
from knowledge.index import is_ready
from knowledge.search import Search

#: The day on which all advice of the suite is given: a run says the same tomorrow.
DAY: Final = date(2026, 11, 22)


@dataclass
class Remembering:
    """An encoder that encodes no text twice: all manners of a scenario open with the same words.

    `given` stays; what it learns itself is forgotten with each scenario, because a vector's last bits hang on what was encoded
    beside it, and a run is to say the same bytes whichever worker took which scenarios.
    """

    encoder: Encoder
    given: dict[str, Vectors]
    learned: dict[str, Vectors] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.encoder.id

    def keep(self, texts: Sequence[str]) -> None:
        """Learn these for good."""
        self.given |= zip(texts, self.encoder.encode(texts), strict=True)

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        new = [t for t in dict.fromkeys(texts) if t not in self.given and t not in self.learned]
        if new:
            self.learned.update(zip(new, self.encoder.encode(new), strict=True))
        if progress:
            progress(len(texts))
        known = [self.given[t] if t in self.given else self.learned[t] for t in texts]
        return np.stack(known) if known else self.encoder.encode(texts)


class Recalling:
    """A reader that reads nothing twice: in several manners the same words are said in the same place."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._read: dict[tuple[str, str, str], Reading] = {}

    def read(self, text: str, asked: Slot | Asked, facts: Facts) -> Reading:
        key = text, asked.value, facts.model_dump_json()
        if key not in self._read:
            self._read[key] = self._reader.read(text, asked, facts)
        return self._read[key]

    def guess(self, text: str, asked: Slot) -> Proposal | None:
        return self._reader.guess(text, asked)


class AtHand(Sessions):
    """Conversations in memory, gone with the worker: nobody else writes there, so no database need be asked."""

    def __init__(self) -> None:
        super().__init__("sqlite://")
        self._turns: dict[str, list[Turn]] = {}

    def last(self, thread_id: str) -> Turn | None:
        told = self._turns.get(thread_id)
        return told[-1] if told else None

    def turn(self, thread_id: str, number: int) -> Turn | None:
        return next((turn for turn in self.turns(thread_id) if turn.number == number), None)

    def turns(self, thread_id: str) -> list[Turn]:
        return list(self._turns.get(thread_id, ()))

    def record(self, turn: Turn, delivery_id: str | None = None) -> None:
        self._turns.setdefault(turn.thread_id, []).append(turn)

    def spent(
        self, thread_id: str | None = None, *, since: datetime | None = None, number_from: int = 0
    ) -> Usage:
        return Usage()  # no language model takes part


class QuickShelf(Shelf):
    """The shelf that everybody has, with an encoder, a reader and a search that remember; `given` is what the encoder knows already."""

    def __init__(self, settings: Settings, given: dict[str, Vectors] | None = None) -> None:
        super().__init__(settings)
        self._given = dict(given or {})

    @cached_property
    def _encoder(self) -> Any:
        found = super()._encoder
        return None if found is None else Remembering(found, self._given)

    @property
    def encoder(self) -> Remembering | None:
        """None where the weights are not installed."""
        found: Remembering | None = self._encoder
        return found

    @cached_property
    def _reader(self) -> Reader:
        return Recalling(super()._reader)

    @cached_property
    def _search(self) -> Search:
        found = super()._search
        found.search = cache(found.search)  # type: ignore[method-assign]
        return found


@dataclass(frozen=True)
class Bench:
    """What a worker needs: the advisor with a database of its own, its reader for the questionnaire, and its encoder."""

    advisor: Advisor
    reader: Reader
    encoder: Remembering | None

    @classmethod
    def on(cls, settings: Settings, given: dict[str, Vectors] | None = None) -> Bench:
        shelf = QuickShelf(settings, given)
        if shelf.encoder is not None:
            shelf.encoder.keep(phrases())
        advisor = Advisor(lambda: shelf.reader, shelf, AtHand(), today=lambda: DAY)
        return cls(advisor, shelf.reader, shelf.encoder)

    def begin(self) -> None:
        """Forget the scenario before."""
        if self.encoder is not None:
            self.encoder.learned.clear()

    def foresee(
        self, scenario: Scenario, manners: Sequence[Manner], seed: int, asked: Sequence[Slot]
    ) -> None:
        """Encode together what will most likely be said when asked this: half the cost of one by one."""
        said = [text for manner in manners for text in foretold(scenario, manner, seed, asked)]
        alone = [clause.text for text in said for clause in clauses(text) if stands_alone(clause)]
        if self.encoder is not None:
            self.encoder.encode([*said, *alone])


#: Each gives a rung to a scenario, and may use the reader.
BASELINES: Final[Mapping[str, Callable[[Scenario, Reader], Rung]]] = {
    "always rung 1": lambda scenario, _: always_one(scenario),
    "keywords": lambda scenario, _: keywords(scenario),
    "questionnaire": questionnaire,
}


#: What each of them does, and how many questions it puts.
TOLD: Final[Mapping[str, tuple[str, float]]] = {
    "always rung 1": ("advises a structured prompt, whatever is told", 0),
    "keywords": ("looks for words in what is told first, and asks nothing", 0),
    "questionnaire": ("puts all eight questions in a fixed order; the same reader and rubric", QUESTIONS),
}


@dataclass(frozen=True)
class Done:
    """A scenario's talks, and the rung that each baseline gives it."""

    talks: list[Timed]
    baselines: dict[str, int | None]


@dataclass(frozen=True)
class Job:
    """One scenario in all manners, as many times as asked."""

    scenario: Scenario
    manners: tuple[Manner, ...]
    repeat: int = 1


def run(
    wanted: Sequence[Scenario],
    manners: Sequence[Manner] = SCRIPTED,
    repeat: int = 1,
    workers: int | None = None,
    settings: Settings | None = None,
) -> Iterator[Done]:
    """One scenario after another, in the order given, as they are done.

    With more than one worker each is a process of its own. The index is built first if need be, so that they only read it.
    """
    settings = settings or Settings.read()
    jobs = [Job(scenario, tuple(manners), repeat) for scenario in wanted]
    workers = min(workers or os.cpu_count() or 1, len(jobs))
    _build_index(settings)
    if workers == 1:
        bench = Bench.on(settings)
        yield from (_done(bench, job) for job in jobs)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(settings,)) as pool:
        yield from pool.map(_work, jobs)


def _build_index(settings: Settings) -> None:
    """Unless it stands there: loading it here as well would keep the workers waiting."""
    shelf = Shelf(settings)
    if not is_ready(shelf.corpus, MiniLM.id, settings.data_dir):
        _ = shelf.search


def _done(bench: Bench, job: Job) -> Done:
    """All talks of a scenario. A boundary is told in the words of the choices, so the first manner is all there is to it."""
    told: list[Timed] = []
    for seed in range(job.repeat):
        bench.begin()
        first, *others = job.manners[:1] if BOUNDARY in job.scenario.tags else job.manners
        bench.foresee(job.scenario, [first], seed, RUBRIC_SLOTS)  # the questionnaire puts them all
        told.append(talk(bench.advisor, job.scenario, first, seed))
        asked = [Slot(slot) for slot in dict.fromkeys(told[-1].talk.asked) if slot in set(RUBRIC_SLOTS)]
        bench.foresee(job.scenario, others, seed, asked)
        for manner in others:
            told.append(_as_before(told, manner) or talk(bench.advisor, job.scenario, manner, seed))
    return Done(told, {name: answer(job.scenario, bench.reader) for name, answer in BASELINES.items()})


def _as_before(told: Sequence[Timed], manner: Manner) -> Timed | None:
    """Who was never asked a thing twice has said, being stubborn, just what was said plainly a moment ago."""
    plain = told[-1].talk if told and manner is Manner.STUBBORN else None
    if plain is None or plain.manner is not Manner.PLAIN or len(set(plain.asked)) < len(plain.asked):
        return None
    return Timed(plain.model_copy(update={"manner": manner}), told[-1].seconds)


_BENCH: list[Bench] = []


def _begin(settings: Settings) -> None:
    """Once a worker: its own advisor."""
    _BENCH.append(Bench.on(settings))


def _work(job: Job) -> Done:
    return _done(_BENCH[0], job)
