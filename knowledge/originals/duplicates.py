"""Near doubles: passages of nearly the same words, of which one is enough.

MinHash over shingles of three words (Broder 1997): the share of equal signs of two signatures estimates the Jaccard
similarity of their shingles. Passages that differ in a number or a negation are never doubles: the rest of a sentence may
be the same and the fact another.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

Signs = npt.NDArray[np.uint32]

#: Signs of a signature, of which one double must share all of at least one band, and this share of all.
SIGNS: Final = 16
BAND: Final = 4
ALIKE: Final = 0.8

_WORD: Final = re.compile(r"\w+")
_TELLING: Final = re.compile(r"\d[\d.,]*|\b(?:not?|never|none|without|cannot|nor)\b|n['’]t\b", re.IGNORECASE)
_DRAW = np.random.default_rng(1997)
_TIMES: Final = _DRAW.integers(1, 2**63, SIGNS, np.uint64) | np.uint64(1)
_PLUS: Final = _DRAW.integers(0, 2**63, SIGNS, np.uint64)


def signature(text: str) -> Signs:
    """The signs of a text, and last one of its numbers and negations."""
    words = _WORD.findall(text.lower())
    shingles = {" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2))}
    hashes = np.array([crc32(s.encode()) for s in shingles], np.uint64)
    mixed = (hashes[:, None] * _TIMES + _PLUS) >> np.uint64(32)
    telling = crc32(" ".join(_TELLING.findall(text.lower())).encode())
    return np.append(mixed.min(0), np.uint64(telling)).astype(np.uint32)


def firsts(signatures: Signs, groups: Sequence[object], ranks: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Of passages in order: is it the first of its kind within its group? The lower rank is first, then the earlier."""
    keep = np.ones(len(signatures), bool)
    seen: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for row in sorted(range(len(signatures)), key=lambda row: ranks[row]):
        signs, group = signatures[row], groups[row]
        bands = [(group, int(signs[SIGNS]), n, signs[n : n + BAND].tobytes()) for n in range(0, SIGNS, BAND)]
        near = {other for band in bands for other in seen[band]}
        if any((signs[:SIGNS] == signatures[other, :SIGNS]).mean() >= ALIKE for other in near):
            keep[row] = False
            continue
        for band in bands:
            seen[band].append(row)
    return keep
