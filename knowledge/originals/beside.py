"""Search over documents, joined to the search over the digests.

Digests are scored as without documents. An original stands beside the digest's passage whose words it backs and takes no
place of its own; a team's own documents compete, their score times `OWN`. A document's passage is scored by the same three
parts as a digest's, except that it has one vector, not one for each point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from knowledge.corpus import Passage
from knowledge.embedding import Vectors
from knowledge.errors import EncoderFault, KnowledgeError
from knowledge.originals.document import Document
from knowledge.originals.duplicates import Signs, firsts
from knowledge.originals.passages import passage
from knowledge.originals.sheets import Sheets
from knowledge.originals.words import Scores, Words
from knowledge.vocabulary import Vocabulary, named_in, stems

if TYPE_CHECKING:
    from knowledge.search import Hit, Weights

#: What the score of a team's own passage, and of an original's, is multiplied by before it competes with the digests';
#: chosen on the tuning half (`python -m evals.retrieval.documents`). 0: it does not compete. `UNANSWERED` is an
#: original's where the digests have no answer; above 0 it has not been measured.
OWN: Final = 1.15
ORIGINAL: Final = 0.0
UNANSWERED: Final = 0.0
#: Of near doubles the most trusted one is kept.
TRUSTED: Final = {"high": 0, "medium": 1, "low": 2}
#: How near in meaning an original's passage must come to one of the digest's points to stand beside it.
BACKS: Final = 0.5

#: A text to its unit vector; None where there is no encoder.
Encode = Callable[[str], Vectors | None]


@dataclass(frozen=True)
class Mix:
    """What scores are multiplied by before they compete, by where a document comes from."""

    own: float = OWN
    original: float = ORIGINAL
    unanswered: float = UNANSWERED


@dataclass(frozen=True)
class Asked:
    """A query: as it was written, its stems, what it names, and the names in it that the digests never mention."""

    text: str
    words: Sequence[str]
    named: npt.NDArray[np.float32]
    strange: Sequence[str]


@dataclass(frozen=True)
class Parts:
    """The score of every passage and the parts it is made of."""

    total: Scores
    words: Scores
    cosines: Scores | None


class Beside:
    """Search over the documents' passages. Safe to call from several threads once made."""

    def __init__(
        self,
        sheets: Sheets,
        vocabulary: Vocabulary,
        mix: Mix | None = None,
        readable: Callable[[float], float | None] = lambda cosine: cosine,
    ) -> None:
        """`readable` is a cosine as the confidence can read it, or None."""
        mix = mix or Mix()
        self._readable = readable
        self._sheets = sheets
        self._vocabulary = vocabulary
        self._words = Words(vocabulary)
        self._documents: list[Document] = []
        keep = self._gather()
        self._matrix = self._vectors(keep)
        own = np.array([d.origin == "own" for d in self._documents], bool)[self._owner]
        self._weight = np.where(own, mix.own, mix.original).astype(np.float32)
        self._weight_unanswered = np.where(own, mix.own, mix.unanswered).astype(np.float32)
        self._originals = self._by_source(own)
        self._sheet = lru_cache(256)(sheets.of)
        self._text = lru_cache(64)(sheets.read)

    def __len__(self) -> int:
        return len(self._owner)

    def _gather(self) -> npt.NDArray[np.bool_]:
        """Read every sheet but its vectors; which passages are no near doubles."""
        owner: list[int] = []
        numbers: list[int] = []
        named: list[npt.NDArray[np.bool_]] = []
        signatures: list[Signs] = []
        for document, sheet in self._sheets:
            owner += [len(self._documents)] * len(sheet.stretches)
            numbers += range(len(sheet.stretches))
            self._documents.append(document)
            self._words.add(sheet)
            named.append(sheet.named)
            signatures.append(sheet.signatures)
        behind = [self._documents[i] for i in owner]
        keep = firsts(
            np.concatenate(signatures), [d.origin for d in behind], [TRUSTED.get(d.trust, 1) for d in behind]
        )
        self._words.close(keep)
        self._named = np.concatenate(named)[keep]
        self._owner, self._number = np.array(owner)[keep], np.array(numbers)[keep]
        return keep

    def _vectors(self, keep: npt.NDArray[np.bool_]) -> Vectors | None:
        """All vectors in one array, filled document by document so that they are in memory once."""
        if self._sheets.encoder is None:
            return None
        matrix: Vectors | None = None
        row = done = 0
        for _, sheet in self._sheets:
            chosen = sheet.vectors[keep[row : row + len(sheet.vectors)]]
            if matrix is None:
                matrix = np.empty((int(keep.sum()), sheet.vectors.shape[1]), np.float32)
            if len(chosen) and chosen.shape[1] != matrix.shape[1]:
                raise EncoderFault(
                    f"{self._sheets.encoder.id} has changed its vectors since a part of {self._sheets.place} was made; "
                    "delete that folder to index with it anew."
                )
            matrix[done : done + len(chosen)] = chosen
            row, done = row + len(sheet.vectors), done + len(chosen)
        return matrix

    def _by_source(self, own: npt.NDArray[np.bool_]) -> Mapping[str, npt.NDArray[np.int64]]:
        sources = np.array([d.source_id for d in self._documents])[self._owner]
        return {source: np.flatnonzero(~own & (sources == source)) for source in set(sources[~own])}

    def join(
        self,
        query: str,
        encode: Encode,
        hits: Sequence[Hit],
        points: Sequence[Vectors] | None,
        count: int,
        weights: Weights,
        within: Sequence[str] | None,
        answered: bool,
    ) -> list[Hit]:
        """The digests' hits with the originals beside them, and the team's own passages among them, at most `count`.
        `points` are the vectors of each hit's points; `answered` says whether these hits answer the query."""
        mended = self._vocabulary.mend(query, self._words.number)
        asked = Asked(
            query,
            stems([mended])[0],
            np.array(named_in(mended), np.float32),
            self._vocabulary.strange_names(mended),
        )
        parts = self._parts(asked, encode(mended), weights)
        weigh = self._weight if answered else self._weight_unanswered
        joined = [
            *self._backed(hits, asked, parts, points),
            *self._competing(asked, parts, weigh, count, within),
        ]
        return sorted(joined, key=lambda hit: -hit.score)[:count]

    def _parts(self, asked: Asked, vector: Vectors | None, weights: Weights) -> Parts:
        words = self._words.scores(asked.words)
        things = self._named @ asked.named / (asked.named.sum() or 1.0)
        total = weights.words * words + weights.things * things
        if vector is None or self._matrix is None:
            return Parts((total / ((weights.words + weights.things) or 1.0)).astype(np.float32), words, None)
        cosines: Scores = np.clip(self._matrix @ vector, 0, 1)
        return Parts((total + weights.meaning * cosines).astype(np.float32), words, cosines)

    def _competing(
        self, asked: Asked, parts: Parts, weigh: Scores, count: int, within: Sequence[str] | None
    ) -> Iterator[Hit]:
        """The best passages that compete, their scores weighed."""
        weighed = parts.total * weigh
        if within is not None:
            inside = np.array([d.source_id in within for d in self._documents], bool)
            weighed = weighed * inside[self._owner]
        best = np.argpartition(-weighed, min(count, len(weighed) - 1))[:count]
        for row in (int(r) for r in best if weighed[r] > 0):
            found = self._passage(row)
            if found is not None:
                yield self._hit(row, found, asked, parts, float(weighed[row]))

    def _backed(
        self, hits: Sequence[Hit], asked: Asked, parts: Parts, points: Sequence[Vectors] | None
    ) -> Iterator[Hit]:
        """Each digest's hit, with the passage of its original that backs its point and answers the query best; none is
        shown twice."""
        shown: set[int] = set()
        for n, hit in enumerate(hits):
            rows = self._originals.get(hit.passage.source.id)
            row = (
                None
                if rows is None
                else self._backing(rows, parts, None if points is None else points[n], shown)
            )
            found = None if row is None else self._passage(row)
            if row is None or found is None:
                yield hit
                continue
            shown.add(row)
            yield replace(hit, original=found, original_point=self._sentence(found, asked))

    def _backing(
        self, rows: npt.NDArray[np.int64], parts: Parts, points: Vectors | None, shown: set[int]
    ) -> int | None:
        left = np.array([row for row in rows if int(row) not in shown], np.int64)
        near = parts.total[left]
        if points is not None and self._matrix is not None and len(left):
            alike = (self._matrix[left] @ points.T).max(1)
            left, near = left[alike >= BACKS], (2 * near + alike)[alike >= BACKS]
        return int(left[np.argmax(near)]) if len(left) and near.max() > 0 else None

    def _hit(self, row: int, found: Passage, asked: Asked, parts: Parts, score: float) -> Hit:
        from knowledge.search import Hit

        said = f"{found.source.title} {found.heading} {found.text}".lower()
        return Hit(
            passage=found,
            point=self._sentence(found, asked),
            score=score,
            bm25=float(parts.words[row]),
            dense=None if parts.cosines is None else float(parts.cosines[row]),
            known=self._words.known(asked.words, row),
            named=int(asked.named.sum()),
            near=None if parts.cosines is None else self._readable(float(parts.cosines[row])),
            strange=sum(name.lower() not in said for name in asked.strange),
        )

    def _passage(self, row: int) -> Passage | None:
        """A passage's words; None where its document has gone since the search was opened."""
        document = self._documents[self._owner[row]]
        sheet = self._sheet(document)
        try:
            text = self._text(document)
        except (KnowledgeError, OSError):
            return None
        return None if sheet is None else passage(document, text, sheet.stretches[self._number[row]])

    def _sentence(self, found: Passage, asked: Asked) -> str:
        """The sentence that holds most of the query's words, the first of several; what the heading says already tells
        little of which sentence is meant."""
        heading, *cut = stems([found.heading, *found.points])
        tells = {w: self._words.rarity(w) * (0.1 if w in heading else 1.0) for w in asked.words}
        held = [sum(tells.get(word, 0.0) for word in set(words)) for words in cut]
        return found.points[int(np.argmax(held))]
