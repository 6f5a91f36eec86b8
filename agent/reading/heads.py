"""Trained heads: softmax classifiers for wording that no pattern foresees.

- `statement`    a clause → slot=value, or silent;
- `reply.SLOT`   an answer to that slot's question → a value, or silent;
- `intent`       a message and what was asked → an intent;
- `number`       a number with the words around it, and what was asked → a slot, or other.

All are linear over the sentence vector beside hashed words and letter groups (the hashing trick, Weinberger et al. 2009),
so that both meaning and spelling count. `python -m evals.reading.train` makes the file; weights are kept as float16.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from knowledge.embedding import Encoder, Vectors

FILE: Final = "heads.npz"
#: The label for "says nothing of this"; `none` is a value of some slots.
SILENT: Final = "-"
#: The statement head's label for "tells when it must be done"; the number of days is read from the words.
DUE: Final = "deadline=due"

BUCKETS: Final = 4096
#: Weight of the hashed part beside the sentence vector; both have length 1 before it.
SPELLING: Final = 0.8

Ranked = list[tuple[str, float]]


class Heads:
    """Loaded heads. Each method gives (label, probability) pairs, best first."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as stored:
            self._weights = {
                name: stored[name].astype(np.float32) for name in stored.files if name != "labels"
            }
            self._labels: dict[str, list[str]] = json.loads(str(stored["labels"]))

    def statement(self, features: Vectors) -> Ranked:
        return self._ranked("statement", features)

    def reply(self, slot: str, features: Vectors) -> Ranked:
        return self._ranked(f"reply.{slot}", features)

    def intent(self, asked: str, features: Vectors) -> Ranked:
        return self._ranked("intent", np.concatenate([features, context(asked)]))

    def number(self, asked: str, features: Vectors) -> Ranked:
        return self._ranked("number", np.concatenate([features, place(asked)]))

    def _ranked(self, head: str, features: Vectors) -> Ranked:
        logits = self._weights[f"{head}.w"] @ features + self._weights[f"{head}.b"]
        odds = np.exp(logits - logits.max())
        odds /= odds.sum()
        return sorted(zip(self._labels[head], odds.tolist(), strict=True), key=lambda pair: -pair[1])


def features(texts: Sequence[str], encoder: Encoder) -> Vectors:
    """One row a text: its sentence vector, then its hashed words and letter groups."""
    return np.hstack([encoder.encode(texts), SPELLING * np.stack([hashed(text) for text in texts])])


def hashed(text: str) -> Vectors:
    """Words, word pairs and groups of 3 and 4 letters, hashed with a sign into `BUCKETS`; length 1."""
    words = re.findall(r"[a-z0-9']+", text.lower())
    counts: Counter[str] = Counter()
    for word in words:
        counts[f"w{word}"] += 2
        padded = f" {word} "
        for size in (3, 4):
            counts.update(f"c{padded[i : i + size]}" for i in range(len(padded) - size + 1))
    for pair in set(pairwise(words)):
        counts[f"b{pair[0]} {pair[1]}"] = 2
    row = np.zeros(BUCKETS, np.float32)
    for key, count in counts.items():
        place = zlib.crc32(key.encode())
        row[place % BUCKETS] += (1 if place & 0x80000000 else -1) * (count / 2) ** 0.5
    length = float(np.linalg.norm(row))
    return row / length if length else row


def context(asked: str) -> Vectors:
    """What was asked, as three numbers: opening, confirm, done (all 0 for a slot)."""
    return np.array([asked == name for name in ("opening", "confirm", "done")], np.float32)


def place(asked: str) -> Vectors:
    """What was asked, for a number: volume, examples, opening, confirm, done, or another slot."""
    names = ("volume", "examples", "opening", "confirm", "done")
    return np.array([*(asked == name for name in names), asked not in names], np.float32)


_SENTENCE_END: Final = re.compile(r"[.!?;](?=\s)|\n")
#: Characters shown on either side of a number.
AROUND: Final = 90


def around(text: str, start: int, end: int) -> str:
    """A number's surroundings within its sentence, with a mark in its place: what it counts shows in the words, not in
    its size."""
    before = _SENTENCE_END.split(text[max(0, start - AROUND) : start])[-1]
    after = _SENTENCE_END.split(text[end : end + AROUND])[0]
    return f"{before} #number# {after}"


@lru_cache(maxsize=1)
def heads() -> Heads | None:
    """The heads that come with Rung; None when the file is not there."""
    path: Any = files("agent.reading") / FILE
    return Heads(Path(str(path))) if path.is_file() else None
