"""BM25 over the passages of many documents (Robertson and Zaragoza 2009, in Lucene's form), in one sparse array.

The rarity of a word is that of digests and documents together, in which all documents weigh at most as much as all
digests: neither a single page nor twenty thousand passages shifts the balance between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.originals.sheets import Sheet
from knowledge.vocabulary import Vocabulary

#: BM25's parameters and the half-way point of the squashed score, as for the digests (`knowledge/search.py`).
K1: Final = 1.5
B: Final = 0.5
HALF: Final = 8.0

Ints = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]


class Words:
    """For each word, which passages hold it and what that is worth. `number` has every word of the documents."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.number: dict[str, int] = {}
        self._vocabulary = vocabulary
        self._rows: list[tuple[Ints, Ints, Ints]] = []
        self._lengths: list[Scores] = []
        self._count = 0

    def add(self, sheet: Sheet) -> None:
        """A document's passages, after those added before."""
        table = np.array([self.number.setdefault(w, len(self.number)) for w in sheet.words], np.int32)
        row, word, times = sheet.postings.T
        self._rows.append((row + np.int32(self._count), table[word], times))
        self._lengths.append(sheet.lengths)
        self._count += len(sheet.stretches)

    def close(self, keep: npt.NDArray[np.bool_]) -> None:
        """Everything is added; only these passages stay, numbered anew."""
        row, word, times = (np.concatenate(part) for part in zip(*self._rows, strict=True))
        lengths = np.concatenate(self._lengths)[keep]
        self._rows, self._lengths, self._count = [], [], len(lengths)
        kept = keep[row]
        row, word = (np.cumsum(keep, dtype=np.int32) - 1)[row[kept]], word[kept]
        order = np.argsort(word, kind="stable")
        self._row, often = row[order], times[kept][order].astype(np.float32)
        self._start = np.concatenate([[0], np.cumsum(np.bincount(word, minlength=len(self.number)))])
        damped = K1 * (1 - B + B * lengths / max(1.0, float(lengths.mean())))
        self._worth: Scores = (often / (often + damped[self._row])).astype(np.float32)
        self._share = min(self._count, len(self._vocabulary.tokens)) / max(1, self._count)

    def rarity(self, word: str) -> float:
        """What a word tells, over digests and documents."""
        return self._vocabulary.rarity(
            word, self._share * len(self._holding(word)), self._share * self._count
        )

    def scores(self, words: Iterable[str]) -> Scores:
        """Each passage's score, squashed to 0..1 as the digests' are."""
        raw = np.zeros(self._count, np.float32)
        for word in words:
            at = self._at(word)
            raw[self._row[at]] += self._worth[at] * np.float32(self.rarity(word))
        squashed: Scores = raw / (raw + np.float32(HALF))
        return squashed

    def known(self, words: Sequence[str], row: int) -> float:
        """The share of these words, weighed by rarity, that stand in a passage."""
        rare = {word: self.rarity(word) for word in words}
        return sum(r for word, r in rare.items() if self._holds(word, row)) / (sum(rare.values()) or 1.0)

    def _holds(self, word: str, row: int) -> bool:
        rows = self._holding(word)
        at = int(np.searchsorted(rows, row))
        return at < len(rows) and int(rows[at]) == row

    def _holding(self, word: str) -> Ints:
        found: Ints = self._row[self._at(word)]
        return found

    def _at(self, word: str) -> slice:
        n = self.number.get(word)
        return slice(0, 0) if n is None else slice(int(self._start[n]), int(self._start[n + 1]))
