"""Search: BM25 and dense scores joined by one weight, best point first, ranked by passage.

    score = WEIGHT * cosine + (1 - WEIGHT) * bm25 / (bm25 + HALF)

BM25 (Robertson and Zaragoza 2009; the bm25s library) grows without bound, so it is squashed to 0..1. WEIGHT and HALF were
tuned on the tuning half of `evals/retrieval/`; `python -m evals.retrieval.score` shows both halves and each part on its own.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from knowledge.corpus import Corpus, Passage
from knowledge.embedding import Encoder, Vectors
from knowledge.index import Progress, units, vectors

WEIGHT: Final = 0.55
HALF: Final = 6.0
#: Below these the sources are said not to answer a question (dense and BM25 together; BM25 alone).
ANSWERS_FROM: Final = 0.35
ANSWERS_FROM_WORDS: Final = 0.37


@dataclass(frozen=True)
class Hit:
    """A passage found, with its best point. Scores lie in 0..1; `dense` is None when there is no encoder."""

    passage: Passage
    point: str
    score: float
    bm25: float
    dense: float | None


class Search:
    """Search over one corpus. Safe to call from several threads once made."""

    def __init__(self, corpus: Corpus, encoder: Encoder | None = None, matrix: Vectors | None = None) -> None:
        import bm25s
        import snowballstemmer

        self.corpus = corpus
        self._stem: Any = snowballstemmer.stemmer("english")
        self._units = units(corpus)
        self._encoder = encoder
        self._matrix = matrix if encoder is not None else None
        self._bm25: Any = bm25s.BM25()
        self._lock = threading.Lock()
        self._bm25.index(self._tokens([u.text for u in self._units]), show_progress=False)

    @property
    def dense(self) -> bool:
        """Does it search by meaning, or by words alone?"""
        return self._matrix is not None

    def search(
        self, query: str, count: int = 5, *, weight: float | None = None, within: Sequence[str] | None = None
    ) -> list[Hit]:
        """The best passages, at most `count`, best first; `within` keeps only passages of these sources.

        `weight` overrides the share of the dense score (0 is BM25 alone, 1 dense alone).
        """
        words = self._words(query)
        meaning = self._meaning(query)
        share = (WEIGHT if weight is None else weight) if meaning is not None else 0.0
        total = (1 - share) * words + (share * meaning if meaning is not None else 0)
        best: dict[str, int] = {}
        for i in np.argsort(-total, kind="stable"):
            unit = self._units[i]
            if total[i] <= 0 or len(best) == count:
                break
            if within is None or unit.passage_id.partition("#")[0] in within:
                best.setdefault(unit.passage_id, int(i))
        return [
            Hit(
                passage=self.corpus.passages[passage_id],
                point=self._point(i),
                score=float(total[i]),
                bm25=float(words[i]),
                dense=None if meaning is None else float(meaning[i]),
            )
            for passage_id, i in best.items()
        ]

    def answers(self, hits: Sequence[Hit]) -> bool:
        """Is the best hit good enough to say that the sources answer the question?"""
        if not hits:
            return False
        return hits[0].score >= (ANSWERS_FROM if self.dense else ANSWERS_FROM_WORDS)

    def _point(self, i: int) -> str:
        passage_id, _, n = self._units[i].id.rpartition("/")
        return self.corpus.passages[passage_id].points[int(n)]

    def _tokens(self, texts: list[str]) -> list[list[str]]:
        import bm25s

        with self._lock:  # the stemmer keeps state
            found: list[list[str]] = bm25s.tokenize(
                texts, stopwords="en", stemmer=self._stem.stemWords, return_ids=False, show_progress=False
            )
        return found

    def _words(self, query: str) -> npt.NDArray[np.float32]:
        known = [t for t in self._tokens([query])[0] if t in self._bm25.vocab_dict]
        if not known:
            return np.zeros(len(self._units), np.float32)
        raw = np.asarray(self._bm25.get_scores(known), np.float32)
        squashed: npt.NDArray[np.float32] = raw / (raw + np.float32(HALF))
        return squashed

    def _meaning(self, query: str) -> Vectors | None:
        if self._encoder is None or self._matrix is None:
            return None
        found: Vectors = np.clip(self._matrix @ self._encoder.encode([query])[0], 0, 1)
        return found


def open_search(
    corpus: Corpus, encoder: Encoder | None, folder: Path, progress: Progress | None = None
) -> Search:
    """Search with the index in `folder`, built first if need be; by words alone when there is no encoder.

    Raises:
        KnowledgeError: the index cannot be built or read.
    """
    if encoder is None:
        return Search(corpus)
    return Search(corpus, encoder, vectors(corpus, encoder, folder, progress))
