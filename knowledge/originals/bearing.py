"""Which sentence of an original bears out a digest's point: sought by rare words and meaning, and held to its numbers.

A digest retells in other words, so a sentence is judged by three things: the share of the point's telling words that it
has (weighed by rarity), the share of its own that the point has, and the cosine of the two. Below the threshold there is
no match, since none is better than a wrong one; and a sentence that lacks a number of the point's never is one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from knowledge.embedding import Encoder
from knowledge.originals.document import Document
from knowledge.originals.passages import sentences
from knowledge.vocabulary import stems

#: The least score of a match with an encoder, and by words alone; chosen on stand-ins and the guide's text
#: (`python -m evals.retrieval.bearing`).
LEAST: Final = 0.5
LEAST_BY_WORDS: Final = 0.45
#: The least score by words with an encoder: texts of one field are near in meaning, whatever they say.
IN_COMMON: Final = 0.35
#: Sentences whose meaning is compared with a point's: those with most of its words.
CLOSE: Final = 6
#: Words of a sentence at least: a heading or a table's cell bears out nothing.
SHORTEST: Final = 5

_DIGITS: Final = re.compile(r"\d+(?:[.,]\d+)*")
_IN_WORDS: Final = {
    word: str(n)
    for n, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 2
    )
} | {"thousand": "1000", "thousands": "1000", "hundred": "100", "hundreds": "100", "million": "1000000"}
_NEGATION: Final = re.compile(
    r"\b(?:not?|never|none|neither|nor|without|cannot|no longer)\b|n['’]t\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Match:
    """The sentence that bears out a point: `text[start:end]` of the document's text, and how well (0..1)."""

    start: int
    end: int
    text: str
    score: float


def numbers(text: str) -> frozenset[str]:
    """The numbers of a text, in digits or words, written one way: 1,000 and "thousand" are 1000. "One" is a word."""
    digits = {_plain(found) for found in _DIGITS.findall(text)}
    return frozenset(digits | {_IN_WORDS[w] for w in re.findall(r"[a-z]+", text.lower()) if w in _IN_WORDS})


def negated(text: str) -> int:
    """How many words of a text deny something."""
    return len(_NEGATION.findall(text))


def _plain(digits: str) -> str:
    whole = re.sub(r",(?=\d{3}(?:\D|$))", "", digits)
    return whole.rstrip("0").rstrip(".") if "." in whole and whole.count(".") == 1 else whole


class Sentences:
    """The sentences of one document, ready to be compared with points."""

    def __init__(self, document: Document, text: str, encoder: Encoder | None) -> None:
        self.spans = [s for s in sentences(document, text) if len(text[s[0] : s[1]].split()) >= SHORTEST]
        self.texts = [text[start:end] for start, end in self.spans]
        self._stems = [frozenset(cut) for cut in stems(self.texts)] if self.texts else []
        self._numbers = [numbers(t) for t in self.texts]
        self._encoder = encoder

    def bearing_out(self, points: Sequence[str], rarity: Mapping[str, float]) -> list[Match | None]:
        """For each point the sentence that bears it out best, or None."""
        least = LEAST_BY_WORDS if self._encoder is None else LEAST
        return [m if m and m.score >= least else None for m in self.nearest(points, rarity)]

    def nearest(self, points: Sequence[str], rarity: Mapping[str, float]) -> list[Match | None]:
        """For each point the best of the sentences that have its numbers and enough of its words, however good; None
        where there is none."""
        cut = [frozenset(words) for words in stems(points)] if points else []
        close = [self._close(point, words, rarity) for point, words in zip(points, cut, strict=True)]
        cosines = self._cosines(points, close)
        return [self._best(rows, cosines[n]) for n, rows in enumerate(close)]

    def _close(
        self, point: str, words: frozenset[str], rarity: Mapping[str, float]
    ) -> list[tuple[float, int]]:
        """The sentences with all the point's numbers and most of its words, each with its score by words."""
        needed = numbers(point)
        scored = [
            (alike(words, self._stems[row], rarity), row)
            for row in range(len(self.spans))
            if needed <= self._numbers[row]
        ]
        return sorted(scored, reverse=True)[:CLOSE]

    def _cosines(
        self, points: Sequence[str], close: Sequence[Sequence[tuple[float, int]]]
    ) -> list[dict[int, float]]:
        if self._encoder is None:
            return [{} for _ in points]
        rows = sorted({row for found in close for _, row in found})
        if not rows:
            return [{} for _ in points]
        at = {row: n for n, row in enumerate(rows)}
        said = self._encoder.encode([" ".join(self.texts[row].split()) for row in rows])
        asked = self._encoder.encode(list(points))
        return [{row: float(said[at[row]] @ asked[n]) for _, row in found} for n, found in enumerate(close)]

    def _best(self, close: Sequence[tuple[float, int]], cosines: Mapping[int, float]) -> Match | None:
        if cosines:
            scored = [((words + cosines[row]) / 2, row) for words, row in close if words >= IN_COMMON]
        else:
            scored = list(close)
        if not scored:
            return None
        score, row = max(scored)
        start, end = self.spans[row]
        return Match(start, end, self.texts[row], round(score, 4))


def alike(point: frozenset[str], sentence: frozenset[str], rarity: Mapping[str, float]) -> float:
    """How alike two texts' words are: the harmonic mean of the shares, weighed by rarity, that each has of the other."""
    unknown = max(rarity.values(), default=1.0)

    def weight(words: Iterable[str]) -> float:
        return sum(rarity.get(word, unknown) for word in words)

    shared = weight(point & sentence)
    whole = weight(point) + weight(sentence)
    return 2 * shared / whole if whole else 0.0


def rarities(texts: Iterable[str]) -> dict[str, float]:
    """What each word tells among these texts: BM25's inverse document frequency."""
    cut = [set(words) for words in stems(list(texts))]
    seen = Counter(word for words in cut for word in words)
    return {word: math.log(1 + (len(cut) - n + 0.5) / (n + 0.5)) for word, n in seen.items()}
