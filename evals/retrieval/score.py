"""Score the search: `python -m evals.retrieval.score [--split measure] [--tune]`.

recall@5 (of at most 5 labelled passages), nDCG@10 with binary gains, MRR, and AUROC of telling answerable queries from
unanswerable ones by the best hit's score. `--tune` tries weights on the tuning half alone and prints the best.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.settings import Settings
from evals.reading.score import wilson
from knowledge.corpus import load
from knowledge.embedding import find_encoder
from knowledge.search import ANSWERS_FROM, WEIGHT, Search, open_search

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Query:
    id: str
    kind: str
    text: str
    passages: frozenset[str]
    split: str


def queries(split: str) -> list[Query]:
    rows = [json.loads(line) for line in (FOLDER / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Query(r["id"], r["kind"], r["query"], frozenset(r["passages"]), r["split"])
        for r in rows
        if r["split"] == split
    ]


@dataclass(frozen=True)
class Figures:
    recall: float
    ndcg: float
    mrr: float
    auroc: float
    told_right: int
    told: int


def measure(search: Search, asked: Sequence[Query], weight: float) -> Figures:
    """All figures of one weight on these queries."""
    recalls, gains, ranks = [], [], []
    best: list[tuple[float, bool]] = []
    right = 0
    for query in asked:
        hits = search.search(query.text, 10, weight=weight)
        found = [hit.passage.id for hit in hits]
        top = hits[0].score if hits else 0.0
        best.append((top, bool(query.passages)))
        right += search.answers(hits) == bool(query.passages)
        if not query.passages:
            continue
        recalls.append(len(query.passages & set(found[:5])) / min(5, len(query.passages)))
        dcg = sum(1 / math.log2(rank + 1) for rank, p in enumerate(found, 1) if p in query.passages)
        ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(10, len(query.passages)) + 1))
        gains.append(dcg / ideal)
        ranks.append(next((1 / rank for rank, p in enumerate(found, 1) if p in query.passages), 0.0))
    yes = [score for score, answerable in best if answerable]
    no = [score for score, answerable in best if not answerable]
    pairs = [(a > b) + 0.5 * (a == b) for a in yes for b in no]
    return Figures(_mean(recalls), _mean(gains), _mean(ranks), _mean(pairs), right, len(asked))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=("tune", "measure"), default="measure")
    parser.add_argument("--tune", action="store_true", help="try weights on the tuning half")
    args = parser.parse_args()
    search = open_search(load(), find_encoder(), Settings.read().data_dir)
    asked = queries("tune" if args.tune else args.split)
    answerable = sum(bool(q.passages) for q in asked)
    print(f"{'tune' if args.tune else args.split}: {len(asked)} queries, {answerable} answerable")
    print(f"{'':22} recall@5  nDCG@10    MRR   AUROC  told rightly")
    rows = (
        [(f"weight {w / 20:.2f}", w / 20) for w in range(0, 21)]
        if args.tune
        else [("BM25 alone", 0.0), ("dense alone", 1.0), (f"both (weight {WEIGHT})", WEIGHT)]
    )
    for name, weight in rows:
        f = measure(search, asked, weight)
        low, high = wilson(f.told_right, f.told)
        print(
            f"{name:22} {f.recall:8.3f} {f.ndcg:8.3f} {f.mrr:6.3f} {f.auroc:7.3f}  {f.told_right / f.told:.3f} [{low:.3f}, {high:.3f}]"
        )
    if args.tune:
        scores = sorted((search.search(q.text, 1)[0].score, bool(q.passages)) for q in asked)
        best = max((sum((s >= t) == a for s, a in scores), t) for t, _ in scores)
        print(
            f"best threshold for “my sources answer that” at weight {WEIGHT}: {best[1]:.3f} ({best[0]} of {len(scores)} right); in use: {ANSWERS_FROM}"
        )


if __name__ == "__main__":
    main()
