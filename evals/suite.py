"""The suite: every scenario in every manner, through the real advisor, on all processors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from multiprocessing import get_context
from typing import Any, Final

import numpy as np

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.reading import Reader
from agent.rubric import Rung
from agent.sessions import Sessions
from agent.settings import Settings
from evals.baselines.questionnaire import QUESTIONS, questionnaire
from evals.baselines.rules import always_one, keywords
from evals.gate import BOUNDARY
from evals.manners import SCRIPTED, Manner
from evals.scenario import Scenario
from evals.simulated_user import Timed, talk
from knowledge.embedding import Encoder, Vectors

#: The day on which all advice of the suite is given: a run says the same tomorrow.
DAY: Final = date(2026, 11, 22)


@dataclass
class Remembering:
    """An encoder that encodes no text twice: all manners of a scenario open with the same words."""

    encoder: Encoder
    seen: dict[str, Vectors] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.encoder.id

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        for text in dict.fromkeys(
            texts
        ):  # one by one: a text's vector must not hang on what stands beside it
            if text not in self.seen:
                self.seen[text] = self.encoder.encode([text])[0]
        if progress:
            progress(len(texts))
        return np.stack([self.seen[t] for t in texts]) if texts else self.encoder.encode(texts)


class QuickShelf(Shelf):
    """The shelf that everybody has, with an encoder that remembers; `seen` is what it knows already."""

    def __init__(self, settings: Settings, seen: dict[str, Vectors] | None = None) -> None:
        super().__init__(settings)
        self.seen: dict[str, Vectors] = {} if seen is None else seen

    @cached_property
    def _encoder(self) -> Any:
        encoder = super()._encoder
        return None if encoder is None else Remembering(encoder, self.seen)


@dataclass(frozen=True)
class Bench:
    """What a worker needs: the advisor with a database of its own, and its reader for the questionnaire."""

    advisor: Advisor
    reader: Reader

    @classmethod
    def on(cls, settings: Settings, seen: dict[str, Vectors] | None = None) -> Bench:
        shelf = QuickShelf(settings, seen)
        sessions = Sessions("sqlite://")  # in memory, and gone with the worker
        return cls(Advisor(lambda: shelf.reader, shelf, sessions, today=lambda: DAY), shelf.reader)


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
    _ = Shelf(settings).search
    if workers == 1:
        bench = Bench.on(settings)
        yield from (_done(bench, job) for job in jobs)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(settings,)) as pool:
        yield from pool.map(_work, jobs)


def _done(bench: Bench, job: Job) -> Done:
    """All talks of a scenario. A boundary is told in the words of the choices, so the first manner is all there is to it."""
    told: list[Timed] = []
    for seed in range(job.repeat):
        for manner in job.manners:
            if BOUNDARY not in job.scenario.tags or manner is job.manners[0]:
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
