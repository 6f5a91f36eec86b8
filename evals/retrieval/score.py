"""Score the search: `python -m evals.retrieval.score [--split measure] [--format text|json] [--misses]`.

Recall@5 counts passages that answer (of at most 5); nDCG@10 gives 2 for one that answers and 1 for one that helps; MRR looks for
the first that answers; “one@5” is the share of queries with an answering passage among the first five. AUROC says how well
“my sources answer that” is told from “they do not” by the search's confidence. Intervals are 95 % bootstraps over queries.

With RUNG_EMBEDDING_MODEL set, that encoder is scored beside the local one.

The ablation: words alone (BM25), meaning alone (dense), both, the default without each further part, and the whole guide in
context: every query is given all passages of the guide in their order and nothing else. For that last row recall is taken
over everything given, not over the first five, since all of it is in view, and its tokens are counted beside it.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from agent.settings import Settings
from evals.retrieval.metrics import auroc, bootstrap, ndcg, recall, reciprocal_rank
from evals.retrieval.queries import KINDS, SPLITS, Query, queries
from knowledge.corpus import Corpus, load
from knowledge.embedding import Encoder, find_encoder
from knowledge.index import units, vectors
from knowledge.search import (
    ANSWERS_FROM,
    MEANING_ALONE,
    WEIGHTS,
    WORDS_ALONE,
    Search,
    Weights,
    confidence,
)

#: Characters a token, near enough for English prose.
CHARACTERS_A_TOKEN = 4
BOTH = Weights(words=0.5, meaning=0.5, things=0.0)


@dataclass(frozen=True)
class Outcome:
    """What one search gave one query; the figures of an unanswerable query are NaN but for its confidence."""

    query: Query
    found: tuple[str, ...]
    recall: float
    one: float
    ndcg: float
    mrr: float
    confidence: float


@dataclass(frozen=True)
class Figure:
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Row:
    """One arm of the ablation, or one kind of query. `tokens` is what an answer's context holds on average; `relative_time`
    is the median time of a search over that of words alone, in the same run (not part of the JSON: it is never the same)."""

    name: str
    queries: int
    recall: Figure
    one: Figure
    ndcg: Figure
    mrr: Figure
    auroc: Figure
    tokens: int
    relative_time: float = math.nan


@dataclass(frozen=True)
class RetrievalReport:
    """All figures of one half. `to_json` gives the same bytes for the same code and data."""

    split: str
    answerable: int
    unanswerable: int
    arms: tuple[Row, ...]
    kinds: tuple[Row, ...]
    told_rightly: int

    @property
    def default(self) -> Row:
        return next(row for row in self.arms if row.name == DEFAULT)

    def to_json(self) -> str:
        def tidy(value: object) -> object:
            if isinstance(value, dict):
                return {k: tidy(v) for k, v in value.items() if k != "relative_time"}
            if isinstance(value, (list, tuple)):
                return [tidy(v) for v in value]
            return (None if math.isnan(value) else round(value, 4)) if isinstance(value, float) else value

        return json.dumps(tidy(asdict(self)), ensure_ascii=False, indent=2)


DEFAULT = "default"


def run(split: str = "measure", folder: Path | None = None) -> RetrievalReport:
    """Score every arm on one half with the index in `folder` (by default the user's).

    Raises:
        KnowledgeError: the index cannot be built or read, or the encoder's weights are not the published ones.
    """
    if split not in SPLITS:
        raise ValueError(f"There is no split “{split}”: it is one of {', '.join(SPLITS)}.")
    corpus, encoder, asked = load(), find_encoder(), queries(split)
    full, plain = _searches(corpus, encoder, folder or Settings.read().data_dir)
    arms = [
        _row("BM25 alone", *_asked_of(Search(plain.corpus), asked, WORDS_ALONE)),
        _row("dense alone", *_asked_of(plain, asked, MEANING_ALONE)),
        _row("both", *_asked_of(plain, asked, BOTH)),
        _row("both and the field's things", *_asked_of(plain, asked, WEIGHTS)),
        _row("both and what is asked", *_asked_of(full, asked, BOTH)),
    ]
    arms += _endpoint(corpus, asked, folder)
    outcomes, took = _asked_of(full, asked, WEIGHTS)
    arms += [_row(DEFAULT, outcomes, took), _guide(corpus, asked)]
    base = arms[0].relative_time
    kinds = [_row(kind, [o for o in outcomes if o.query.kind == kind], math.nan) for kind in KINDS]
    return RetrievalReport(
        split=split,
        answerable=sum(q.answerable for q in asked),
        unanswerable=sum(not q.answerable for q in asked),
        arms=tuple(replace(row, relative_time=row.relative_time / base) for row in arms),
        kinds=tuple(kinds),
        told_rightly=sum((o.confidence >= ANSWERS_FROM) == o.query.answerable for o in outcomes),
    )


def _endpoint(corpus: Corpus, asked: Sequence[Query], folder: Path | None) -> list[Row]:
    """The encoder at an endpoint in place of the local one, where one is set up; it fails loudly, not over to the local."""
    settings = Settings.read()
    if settings.embedding is None:
        return []
    from agent.model.embedding import EndpointEncoder

    encoder = EndpointEncoder(settings.embedding, getattr(find_encoder(), "words", ()))
    search, plain = _searches(corpus, encoder, folder or settings.data_dir)
    return [
        _row(f"{settings.embedding.name}, dense alone", *_asked_of(plain, asked, MEANING_ALONE)),
        _row(f"{settings.embedding.name}, all parts", *_asked_of(search, asked, WEIGHTS)),
    ]


def _searches(corpus: Corpus, encoder: Encoder | None, folder: Path) -> tuple[Search, Search]:
    """The search, and the same without the digests' `asked:` lines, from one index."""
    bare = corpus.without_asked()
    if encoder is None:
        return Search(corpus), Search(bare)
    matrix = vectors(corpus, encoder, folder)
    return Search(corpus, encoder, matrix), Search(bare, encoder, matrix[: len(units(bare))])


def _asked_of(search: Search, asked: Sequence[Query], weights: Weights) -> tuple[list[Outcome], float]:
    """The outcome of every query, and the median seconds of a search."""
    outcomes, took = [], []
    for query in asked:
        start = time.perf_counter()
        hits = search.search(query.text, 10, weights=weights)
        took.append(time.perf_counter() - start)
        outcomes.append(outcome(query, [hit.passage.id for hit in hits], confidence(hits)))
    return outcomes, statistics.median(took)


def outcome(query: Query, found: Sequence[str], sure: float = math.nan, at: int = 5) -> Outcome:
    """The figures of one ranking for one query."""
    if not query.answerable:
        return Outcome(query, tuple(found), math.nan, math.nan, math.nan, math.nan, sure)
    grades = [2.0] * len(query.answers) + [1.0] * len(query.helps)
    return Outcome(
        query,
        tuple(found),
        recall=recall(found, query.answers, at),
        one=float(bool(set(found[:at]) & query.answers)),
        ndcg=ndcg([query.grade(p) for p in found], grades),
        mrr=reciprocal_rank(found, query.answers),
        confidence=sure,
    )


def _guide(corpus: Corpus, asked: Sequence[Query]) -> Row:
    given = [p.id for p in corpus.passages.values() if p.source.id == "guide"]
    outcomes = [outcome(query, given, at=len(given)) for query in asked]
    return _row("whole guide in context", outcomes, math.nan, corpus.passages[given[0]].source.id)


def _row(name: str, outcomes: Sequence[Outcome], took: float, source: str | None = None) -> Row:
    answerable = [o for o in outcomes if o.query.answerable]
    passages = load().passages
    if source is None:
        sizes = [sum(len(passages[p].text) for p in o.found[:5]) for o in outcomes]
    else:
        sizes = [sum(len(p.text) for p in passages.values() if p.source.id == source)]
    return Row(
        name=name,
        queries=len(outcomes),
        recall=_figure(answerable, lambda rows: _mean([o.recall for o in rows])),
        one=_figure(answerable, lambda rows: _mean([o.one for o in rows])),
        ndcg=_figure(answerable, lambda rows: _mean([o.ndcg for o in rows])),
        mrr=_figure(answerable, lambda rows: _mean([o.mrr for o in rows])),
        auroc=_figure(outcomes, _told),
        tokens=round(_mean(sizes) / CHARACTERS_A_TOKEN),
        relative_time=took,
    )


def _told(rows: Sequence[Outcome]) -> float:
    if any(math.isnan(o.confidence) for o in rows):
        return math.nan
    return auroc(
        [o.confidence for o in rows if o.query.answerable],
        [o.confidence for o in rows if not o.query.answerable],
    )


def _figure(rows: Sequence[Outcome], of: Callable[[Sequence[Outcome]], float]) -> Figure:
    value = of(rows)
    return Figure(value, math.nan, math.nan) if math.isnan(value) else Figure(value, *bootstrap(rows, of))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def _print(report: RetrievalReport) -> None:
    print(f"{report.split}: {report.answerable} answerable queries, {report.unanswerable} unanswerable")
    print(
        f"{'':28} {'recall@5':^20} {'one@5':^20} {'nDCG@10':^20} {'MRR':^20} {'AUROC':^20} {'tokens':>7} {'time':>5}"
    )
    for row in (*report.arms, *report.kinds):
        cells = " ".join(_cell(f) for f in (row.recall, row.one, row.ndcg, row.mrr, row.auroc))
        took = "" if math.isnan(row.relative_time) else f"{row.relative_time:5.1f}"
        print(f"{row.name:28} {cells} {row.tokens:7} {took}  ({row.queries})")
    told = report.answerable + report.unanswerable
    print(f"told rightly whether the sources answer: {report.told_rightly} of {told}")


def _cell(figure: Figure) -> str:
    if math.isnan(figure.value):
        return f"{'–':^20}"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _print_misses() -> None:
    """What the default misses in the tuning half; never the other half, for to look at its misses is to tune on it."""
    full, _ = _searches(load(), find_encoder(), Settings.read().data_dir)
    for o in _asked_of(full, queries("tune"), WEIGHTS)[0]:
        if o.query.answerable and o.recall < 1:
            missed = sorted(o.query.answers - set(o.found[:5]))
            print(
                f"{o.query.id} {o.query.text}\n   missed {', '.join(missed)}\n   gave {', '.join(o.found[:5])}"
            )
        elif (o.confidence >= ANSWERS_FROM) != o.query.answerable:
            print(f"{o.query.id} {o.query.text}\n   confidence {o.confidence:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=SPLITS, default="measure")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument(
        "--misses", action="store_true", help="show what the default misses in the tuning half"
    )
    args = parser.parse_args()
    if args.misses:
        _print_misses()
        return
    report = run(args.split)
    if args.format == "json":
        print(report.to_json())
    else:
        _print(report)


if __name__ == "__main__":
    main()
