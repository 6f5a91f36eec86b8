"""Search: words, meaning and the field's own things joined by fixed weights, ranked by passage.

    score = words * bm25 / (bm25 + HALF) + meaning * cosine + things * shared

Words are BM25 (Robertson and Zaragoza 2009; the bm25s library) over a whole passage with its source and heading; it grows
without bound, so it is squashed to 0..1. Meaning is the cosine of the nearest point, or of the nearest question that the
passage is marked as answering. Things are the share of what the query names in the field's terms (`terms.yaml`) that one
point names too, so that “bill” meets “price”. A query's slips of the pen are mended first.

The weights were chosen on the tuning half of `evals/retrieval/`; `python -m evals.retrieval.score` shows every part alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from knowledge.corpus import Corpus, Passage
from knowledge.embedding import Encoder, MiniLM, Vectors
from knowledge.errors import EncoderFault
from knowledge.index import Progress, units, vectors
from knowledge.vocabulary import Vocabulary, named_in

if TYPE_CHECKING:
    from knowledge.originals.beside import Beside, Encode, Mix
    from knowledge.originals.sheets import Documents

HALF: Final = 8.0
#: The best hits that are looked at to say whether the sources answer, and the probability from which they are said to.
LOOKED_AT: Final = 3
ANSWERS_FROM: Final = 0.5
#: Encoders whose cosines the confidence was trained on.
READABLE: Final = (MiniLM.id,)


@dataclass(frozen=True)
class Weights:
    """Shares of the three parts in a score; they sum to 1. Without an encoder the share of meaning falls away."""

    words: float
    meaning: float
    things: float


WEIGHTS: Final = Weights(words=0.4, meaning=0.4, things=0.2)
WORDS_ALONE: Final = Weights(words=1.0, meaning=0.0, things=0.0)
MEANING_ALONE: Final = Weights(words=0.0, meaning=1.0, things=0.0)


@dataclass(frozen=True)
class Hit:
    """A passage found, with its best point. Scores lie in 0..1; `dense`, the cosine of its nearest point
    or question, is None when there is no encoder. `known` is the share of the query's words, weighed by rarity, that stand in the passage; `named`
    is how many of the field's things the query names, `strange` how many names in it the sources never mention.
    `near` is `dense` where the confidence was trained on such cosines: another encoder's mean something else.
    `original` is the passage of the page behind the digest that backs the point, with its nearest sentence, where that
    page is kept."""

    passage: Passage
    point: str
    score: float
    bm25: float
    dense: float | None
    known: float = 0.0
    named: int = 0
    strange: int = 0
    near: float | None = None
    original: Passage | None = None
    original_point: str = ""


class Search:
    """Search over one corpus, and over the documents that are attached. Safe to call from several threads once made."""

    def __init__(self, corpus: Corpus, encoder: Encoder | None = None, matrix: Vectors | None = None) -> None:
        import bm25s

        self.corpus = corpus
        self._passages = list(corpus.passages.values())
        self._units = units(corpus)
        at = {p.id: i for i, p in enumerate(self._passages)}
        self._place = at
        self._owner = np.array([at[u.passage_id] for u in self._units])
        self._first = np.concatenate([[0], np.cumsum([len(p.points) for p in self._passages])])
        self._encoder = encoder
        self._matrix = matrix if encoder is not None else None
        self._vocabulary = Vocabulary([_text(p) for p in self._passages], getattr(encoder, "words", ()))
        asked = self._vocabulary.cut([" ".join(p.asked) for p in self._passages])
        self._bm25: Any = bm25s.BM25(k1=1.5, b=0.5)
        self._bm25.index(
            [[*own, *more] for own, more in zip(self._vocabulary.tokens, asked, strict=True)],
            show_progress=False,
        )
        self._tokens = [frozenset(tokens) for tokens in self._vocabulary.tokens]
        self._point_tokens = [
            frozenset(t) for t in self._vocabulary.cut([x for p in self._passages for x in p.points])
        ]
        self._named = np.array([named_in(u.text) for u in self._units], np.float32)
        seen = self._named.sum(0)
        self._telling = np.log((len(self._units) + 0.5) / (seen + 0.5)) + 0.05
        self._beside: Beside | None = None
        self._spare: Search | None = None
        self.instead: Callable[[EncoderFault], Search] | None = None
        """Where to get a search with another encoder, once this one's has failed."""

    def attach(
        self,
        documents: Documents,
        folder: Path,
        progress: Progress | None = None,
        mix: Mix | None = None,
        size: int | None = None,
    ) -> tuple[str, ...]:
        """Search these documents too, from the index in `folder`, built first if need be. `size` is that of a passage.
        Tells of each document that could not be read.

        Raises:
            KnowledgeError: that index cannot be built or read.
        """
        from knowledge.originals.beside import Beside
        from knowledge.originals.passages import SIZE
        from knowledge.originals.sheets import Sheets

        sheets = Sheets(documents, self._encoder, folder, size or SIZE)
        sheets.build(progress)
        some = any(sheet.stretches for _, sheet in sheets)
        self._beside = Beside(sheets, self._vocabulary, mix, self.readable) if some else None
        return tuple(sheets.unreadable)

    @property
    def dense(self) -> bool:
        """Does it search by meaning, or by words alone?"""
        return self._matrix is not None

    @property
    def passages_beside(self) -> int:
        """How many passages of documents are searched."""
        return 0 if self._beside is None else len(self._beside)

    def search(
        self,
        query: str,
        count: int = 5,
        *,
        weights: Weights = WEIGHTS,
        within: Sequence[str] | None = None,
    ) -> list[Hit]:
        """The best passages, at most `count`, best first; `within` keeps only passages of these sources."""
        if self._spare is None:
            try:
                return self._search(query, count, weights, within)
            except EncoderFault as fault:
                if self.instead is None:
                    raise
                self._spare = self.instead(fault)
        return self._spare.search(query, count, weights=weights, within=within)

    def _search(self, query: str, count: int, weights: Weights, within: Sequence[str] | None) -> list[Hit]:
        encode = cache(self._encoded)
        hits = self._digests(query, encode, count, weights, within)
        if self._beside is None:
            return hits
        points = None if self._matrix is None else [self._points(hit) for hit in hits]
        return self._beside.join(query, encode, hits, points, count, weights, within, self.answers(hits))

    def readable(self, cosine: float) -> float | None:
        """A cosine as the confidence can read it; None where it is another encoder's than the one trained with."""
        return cosine if self._encoder is None or self._encoder.id in READABLE else None

    def _digests(
        self, query: str, encode: Encode, count: int, weights: Weights, within: Sequence[str] | None
    ) -> list[Hit]:
        query = self._vocabulary.mend(query)
        strange = len(self._vocabulary.strange_names(query))
        tokens = self._vocabulary.cut([query])[0]
        named = np.array(named_in(query), np.float32)
        words, things, cosines = self._words(tokens), self._things(named), self._cosines(encode(query))
        nearest = None if cosines is None else self._best(cosines)
        total = weights.words * words + weights.things * things
        if nearest is None:
            total /= (weights.words + weights.things) or 1.0
        else:
            total += weights.meaning * nearest
        hits: list[Hit] = []
        for i in np.argsort(-total, kind="stable"):
            if total[i] <= 0 or len(hits) == count:
                break
            if within is None or self._passages[i].source.id in within:
                hits.append(
                    Hit(
                        passage=self._passages[i],
                        point=self._point(int(i), tokens, cosines),
                        score=float(total[i]),
                        bm25=float(words[i]),
                        dense=None if nearest is None else float(nearest[i]),
                        known=self._share(tokens, self._tokens[i]),
                        named=int(named.sum()),
                        strange=strange,
                        near=None if nearest is None else self.readable(float(nearest[i])),
                    )
                )
        return hits

    def answers(self, hits: Sequence[Hit]) -> bool:
        """Are the best hits good enough to say that the sources answer the question?"""
        return confidence(hits) >= ANSWERS_FROM

    def _words(self, tokens: Sequence[str]) -> npt.NDArray[np.float32]:
        known = [t for t in tokens if t in self._bm25.vocab_dict]
        if not known:
            return np.zeros(len(self._passages), np.float32)
        raw = np.asarray(self._bm25.get_scores(known), np.float32)
        squashed: npt.NDArray[np.float32] = raw / (raw + np.float32(HALF))
        return squashed

    def _things(self, named: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        telling = named * self._telling
        if not telling.any():
            return np.zeros(len(self._passages), np.float32)
        return self._best((self._named @ telling / telling.sum()).astype(np.float32))

    def _encoded(self, query: str) -> Vectors | None:
        if self._encoder is None or self._matrix is None:
            return None
        vector: Vectors = self._encoder.encode([query])[0]
        if len(vector) != self._matrix.shape[1]:
            raise EncoderFault(
                f"The index has vectors of {self._matrix.shape[1]} numbers and {self._encoder.id} gives {len(vector)}."
            )
        return vector

    def _cosines(self, query: Vectors | None) -> Vectors | None:
        if query is None or self._matrix is None:
            return None
        found: Vectors = np.clip(self._matrix @ query, 0, 1)
        return found

    def _best(self, scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The best score of each passage's units."""
        best = np.zeros(len(self._passages), np.float32)
        np.maximum.at(best, self._owner[: len(scores)], scores)
        return best

    def _point(self, i: int, tokens: Sequence[str], cosines: Vectors | None) -> str:
        """The passage's point that comes nearest in words and meaning together."""
        span = range(self._first[i], self._first[i + 1])
        near = [
            self._share(tokens, self._point_tokens[n]) + (0.0 if cosines is None else float(cosines[n]))
            for n in span
        ]
        return self._passages[i].points[int(np.argmax(near))]

    def _points(self, hit: Hit) -> Vectors:
        """The vectors of a hit's points."""
        assert self._matrix is not None
        i = self._place[hit.passage.id]
        return self._matrix[self._first[i] : self._first[i + 1]]

    def _share(self, tokens: Sequence[str], within: frozenset[str]) -> float:
        rarity = {t: self._vocabulary.rarity(t) for t in tokens}
        return sum(r for t, r in rarity.items() if t in within) / (sum(rarity.values()) or 1.0)


def features(hits: Sequence[Hit]) -> tuple[float, float, float, float]:
    """What tells a question the sources answer from one they do not: how near in meaning (or words) the best hits come,
    how much of the question's words they hold, how many of the field's things the question names (in fours), and
    whether it names somebody or something that the sources never mention."""
    if not hits:
        return 0.0, 0.0, 0.0, 0.0
    best = hits[:LOOKED_AT]
    near = max(hit.bm25 if hit.near is None else hit.near for hit in best)
    return near, max(hit.known for hit in best), best[0].named / 4, float(best[0].strange > 0)


def confidence(hits: Sequence[Hit]) -> float:
    """The probability, in 0..1, that the sources answer the question these hits were found for: a logistic regression
    trained on the tuning half alone (`python -m evals.retrieval.train`). Answered and unanswered count as equally likely.
    The digests' hits are judged together, as trained; a document's each alone, so that no two pages that are near the
    question in different ways pass for one that answers it."""
    digests = [hit for hit in hits if hit.passage.source.relation not in ("own", "original")]
    alone = [[hit] for hit in hits if hit.passage.source.relation in ("own", "original")]
    return max((_sure(some) for some in (digests, *alone) if some), default=0.0)


def _sure(hits: Sequence[Hit]) -> float:
    trained = _trained()["words" if hits[0].near is None else "meaning"]
    *slopes, start = trained
    return 1 / (1 + math.exp(-start - sum(w * x for w, x in zip(slopes, features(hits), strict=True))))


@cache
def _trained() -> dict[str, list[float]]:
    found: dict[str, list[float]] = json.loads(
        (files("knowledge") / "confidence.json").read_text(encoding="utf-8")
    )
    return found


def _text(passage: Passage) -> str:
    """A passage as its words are searched: the heading counts twice."""
    source = passage.source
    return f"{source.publisher} {source.title} {passage.heading} {passage.heading} {passage.text}"


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
