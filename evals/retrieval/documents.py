"""Score the search with documents: `python -m evals.retrieval.documents [--split tune]`.

The documents are stand-ins (`evals/retrieval/stand_ins.py`): no original can be part of the repository. Every arm is asked
the labelled queries.

- digests alone;
- with originals: a retold page behind every digest, competing for places with the weight in the first column, or beside the digests' passages (0);
- with unrelated documents of a team's own, which can only do harm;
- a team's own documents that alone know something: every second digest but the guide is taken away and added as a retold
  page among the unrelated ones. Recall then counts the passages of that page which retell an answer.

`RUNG_GUIDE_TEXT` names a file with the guide's own text; with it, the real page takes the place of the guide's stand-in.
“backed” is taken over stand-ins alone.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from agent.settings import Settings, environment
from evals.retrieval.metrics import auroc
from evals.retrieval.queries import SPLITS, Query, queries
from evals.retrieval.stand_ins import STAND_IN, Made, retold, together, unrelated
from knowledge.corpus import Corpus, load
from knowledge.embedding import Encoder, Vectors, find_encoder
from knowledge.index import units, vectors
from knowledge.originals.beside import Mix
from knowledge.originals.document import fingerprint
from knowledge.originals.passages import SIZE
from knowledge.originals.reading import read
from knowledge.search import ANSWERS_FROM, Hit, Search, confidence

#: Unrelated pages of 20 passages each.
PAGES = 50
WEIGHTS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.15, 1.2, 1.3)
SIZES = (64, 128, 192)


class Remembering:
    """An encoder that encodes each text once: every arm asks the same queries."""

    def __init__(self, encoder: Encoder) -> None:
        self.id, self._encoder, self.words = encoder.id, encoder, getattr(encoder, "words", ())
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= dict(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])


@dataclass(frozen=True)
class Row:
    """An arm: recall@5 and one@5 of what answers, AUROC of the confidence, and queries told rightly from unanswerable ones.
    `backed`: of the digests' hits, how many have the original's passage beside them that retells them."""

    name: str
    recall: float
    one: float
    auroc: float
    told: int
    backed: float


@dataclass(frozen=True)
class Bench:
    """What all arms share."""

    corpus: Corpus
    encoder: Encoder
    folder: Path
    asked: Sequence[Query]

    def search(self, corpus: Corpus, made: Made | None, mix: Mix | None = None, size: int = SIZE) -> Search:
        matrix = vectors(self.corpus, self.encoder, self.folder)
        rows = [n for n, unit in enumerate(units(self.corpus)) if unit.passage_id in corpus.passages]
        found = Search(corpus, self.encoder, matrix[rows])
        if made is not None:
            found.attach(made, self.folder / "scored", mix=mix, size=size)
        return found

    def row(
        self,
        name: str,
        search: Search,
        asked: Sequence[Query] | None = None,
        *,
        counts: Mapping[str, str] | None = None,
        backs: Mapping[str, str] | None = None,
    ) -> Row:
        """One arm. A passage that retells a fact of `counts` counts as the digest's; `backs` has what originals retell."""
        recalls, ones, sure, backed = [], [], [], []
        for query in self.asked if asked is None else asked:
            hits = search.search(query.text, 5)
            sure.append(confidence(hits))
            if query.answerable:
                met = set().union(*(_passages(hit, counts or {}) for hit in hits)) & query.answers
                recalls.append(len(met) / min(5, len(query.answers)))
                ones.append(bool(met))
            backed += [_backs(hit, backs or {}) for hit in hits if _is_stand_in(hit)]
        truth = [q.answerable for q in (self.asked if asked is None else asked)]
        return Row(
            name,
            statistics.mean(recalls),
            statistics.mean(ones),
            auroc([c for c, t in zip(sure, truth, strict=True) if t], [c for c, t in zip(sure, truth, strict=True) if not t]),
            sum((c >= ANSWERS_FROM) == t for c, t in zip(sure, truth, strict=True)),
            statistics.mean(backed) if backed else float("nan"),
        )  # fmt: skip


def _passages(hit: Hit, says: Mapping[str, str]) -> set[str]:
    return {hit.passage.id} | _retells(hit.passage.points, says)


def _retells(points: Sequence[str], says: Mapping[str, str]) -> set[str]:
    """The digests' passages whose facts these sentences hold: a fact may be of several sentences, or a part of one."""
    return {
        passage
        for fact, passage in says.items()
        if any(p in fact or fact in p for p in points if len(p) > 30)
    }


def _is_stand_in(hit: Hit) -> bool:
    return hit.original is not None and hit.original.source.publisher == STAND_IN


def _backs(hit: Hit, says: Mapping[str, str]) -> bool:
    return hit.original is not None and hit.passage.id in _retells(hit.original.points, says)


def with_originals(bench: Bench) -> list[Row]:
    made = retold(bench.corpus, "original", bench.corpus.sources)
    if given := environment().get("RUNG_GUIDE_TEXT"):
        _put_guide(made, Path(given))
    rows = [bench.row("digests alone", bench.search(bench.corpus, None))]
    for weight in (0.0, *WEIGHTS):
        search = bench.search(bench.corpus, made, Mix(original=weight))
        rows.append(bench.row(f"originals, weight {weight}", search, backs=made.says))
    return rows


def _put_guide(made: Made, path: Path) -> None:
    page = read(path.read_bytes(), "text/plain")
    stand_in = made.kept["guide/page"]
    made.put(
        replace(stand_in, publisher="", sha256=fingerprint(page.text), sections=page.sections), page.text
    )


def with_unrelated(bench: Bench, noise: Made) -> list[Row]:
    return [
        bench.row(f"unrelated own, weight {w}", bench.search(bench.corpus, noise, Mix(own=w)))
        for w in WEIGHTS
    ]


def with_own(bench: Bench, noise: Made) -> list[Row]:
    """Queries that only the team's own pages can answer, and those that nothing can."""
    taken = [s for s in bench.corpus.sources if s != "guide"][::2]
    left = replace(bench.corpus, passages=MappingProxyType({i: p for i, p in bench.corpus.passages.items() if p.source.id not in taken}))  # fmt: skip
    told = retold(bench.corpus, "own", taken)
    made = together(told, noise)
    asked = [q for q in bench.asked if not q.answerable or {a.split("#")[0] for a in q.answers} <= set(taken)]
    rows = []
    for size in SIZES:
        for weight in WEIGHTS if size == SIZE else (1.0,):
            search = bench.search(left, made, Mix(own=weight), size)
            rows.append(
                bench.row(
                    f"own alone knows, weight {weight}, size {size} ({len(asked)})",
                    search,
                    asked,
                    counts=told.says,
                )
            )
    return rows


def run(split: str, folder: Path) -> list[Row]:
    encoder = find_encoder()
    assert encoder is not None
    bench = Bench(load(), Remembering(encoder), folder, queries(split))
    noise = unrelated(PAGES)
    return [*with_originals(bench), *with_unrelated(bench, noise), *with_own(bench, noise)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=SPLITS, default="tune")
    args = parser.parse_args()
    print(f"{args.split:44} recall@5  one@5  AUROC  told rightly  backed")
    for row in run(args.split, Settings.read().data_dir):
        print(
            f"{row.name:44} {row.recall:8.3f} {row.one:6.3f} {row.auroc:6.3f} {row.told:13} {row.backed:7.3f}"
        )


if __name__ == "__main__":
    main()
