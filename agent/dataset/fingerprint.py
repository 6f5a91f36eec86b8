"""Fingerprints of examples: which are the same, which nearly the same, without keeping their texts.

Near sameness is that of the user's side. Its words (case and punctuation aside; a Chinese, Japanese or Korean sign is a
word) are taken in overlapping pairs, and two texts are as alike as the share of word pairs they have in common (Jaccard).
MinHash stands in for it: 64 minima of 64 hash functions agree as often as the pairs do. Ten bands of six minima bring
together what is probably alike (a pair that is 0.9 alike with probability 0.999, 0.8: 0.95, 0.5: 0.15), and all 64 minima then
tell: `ALIKE` of them have to agree. Only the lowest byte of a minimum is kept. Word pairs in more than a
quarter of the examples are a template and left out, or every example would be alike.

Numbers go to temporary files, in buckets by hash; a bucket is sorted in memory, one at a time.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MINIMA = 64
BANDS, DEEP = 10, 6
"""Bands, and minima in each; the last four minima serve the comparison only."""
ALIKE = 50
"""Of 64 minima, how many must agree: about 0.78 of all word pairs in common, give or take 0.05."""
READ_AT_MOST = 20_000
"""Characters of the user's side that are sketched."""
TEMPLATE_SHARE = 0.25
TEMPLATE_FROM = 200
"""Below this many examples nothing is taken for a template."""
ROW = np.dtype(
    [("line", "<u8"), ("asked", "<u8"), ("given", "<u8"), ("answer", "<u8"), ("minima", "u1", (MINIMA,))]
)
"""What is kept of an example. The highest bit of `line` says that the line has an error already."""
FAULTY = np.uint64(1 << 63)
_BUCKET_RECORDS = 1 << 20
_MOST_BUCKETS = 256
_AT_ONCE = 1 << 16
"""Rows looked at before those behind are let go of: 6 MiB."""
_GROUP_BITS = np.uint64(32)
_LINE = np.uint64((1 << 32) - 1)


def _odd(count: int, bits: int, seed: int) -> npt.NDArray[Any]:
    made = np.random.default_rng(seed).integers(0, 2**bits, count, dtype=np.uint64) | np.uint64(1)
    return made.astype(np.uint32) if bits == 32 else made


def _words_table() -> U8:
    """Each byte as it counts in a word: letters in lower case, bytes beyond ASCII as they are, the rest 0."""
    table = np.zeros(256, np.uint8)
    for c in range(256):
        if c >= 0x80 or chr(c).isalnum():
            table[c] = ord(chr(c).lower()) if c < 0x80 else c
    return table


_WORDS = _words_table()
_BYTES = np.where(_WORDS > 0, _odd(256, 64, 1)[_WORDS], 0).astype(np.uint64)
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_PAIR = _odd(3, 64, 2)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_FACTORS: list[np.uint32] = list(_odd(MINIMA, 32, 3))
_LOW_BYTE = np.uint32(0x9E3779B1)


class Sketcher:
    """Turns the user's sides of a block of examples into minima and bands."""

    def __init__(self, template: Flags | None = None) -> None:
        """`template` says, for each value of the lowest 16 bits of a word pair's hash, whether it is left out."""
        self._template = template
        self._powers = self._inverses = np.zeros(0, np.uint64)

    def pairs(self, text: U8, starts: I64) -> tuple[U32, I64]:
        """The hashes of all word pairs, and where those of each segment begin. A last word stands alone."""
        self._reach(len(text))
        begins, ends = _words(text)
        if not begins.size:
            return np.zeros(0, np.uint32), np.zeros(len(starts) + 1, np.int64)
        sums = np.zeros(len(text) + 1, np.uint64)
        np.cumsum(_BYTES[text] * self._powers[: len(text)], out=sums[1:])
        words = (sums[ends] - sums[begins]) * self._inverses[begins]
        words ^= words >> np.uint64(32)
        first = np.append(np.searchsorted(begins, starts), len(begins)).astype(np.int64)
        both = words * _PAIR[0]
        following = words[1:] * _PAIR[1]
        both[:-1] += following
        last = first[1:][first[1:] > first[:-1]] - 1
        both[last] = words[last] * _PAIR[0] + _PAIR[2]
        both ^= both >> np.uint64(29)
        both *= _MIX
        hashes = (both >> np.uint64(32)).astype(np.uint32)
        if self._template is None:
            return hashes, first
        keep = ~self._template[hashes & np.uint32(0xFFFF)]
        return hashes[keep], np.concatenate(([0], np.cumsum(keep)))[first]

    def sketch(self, text: U8, starts: I64) -> tuple[U8, U64, Flags]:
        """Minima (segments by 64), bands (segments by 10), and which segments have words to speak of."""
        hashes, first = self.pairs(text, starts)
        worded = first[1:] > first[:-1]
        minima = np.zeros((len(starts), MINIMA), np.uint8)
        bands = np.zeros((len(starts), BANDS), np.uint64)
        at = first[:-1][worded]
        if not at.size:
            return minima, bands, worded
        least = np.empty((MINIMA, len(at)), np.uint32)
        scratch = np.empty_like(hashes)
        for k, factor in enumerate(_FACTORS):
            np.multiply(hashes, factor, out=scratch)
            np.minimum.reduceat(scratch, at, out=least[k])
        least *= _LOW_BYTE
        minima[worded] = (least >> np.uint32(24)).astype(np.uint8).T
        for band in range(BANDS):
            mixed = np.full(len(at), band + 1, np.uint64)
            for row in least[band * DEEP : (band + 1) * DEEP]:
                mixed = (mixed ^ row) * _MIX
                mixed ^= mixed >> np.uint64(31)
            bands[worded, band] = mixed * np.uint64(_BASE)
        return minima, bands, worded

    def _reach(self, length: int) -> None:
        """Powers of the base, up to the longest text so far."""
        if len(self._powers) < length:
            size = max(length, 1 << 16)
            for name, base in (("_powers", _BASE), ("_inverses", _INVERSE)):
                made = np.full(size, base, np.uint64)
                made[0] = 1
                setattr(self, name, np.cumprod(made, dtype=np.uint64))


def _words(text: U8) -> tuple[I64, I64]:
    """Where words begin and end."""
    inside = np.zeros(len(text) + 2, np.bool_)
    inside[1:-1] = _WORDS[text] > 0
    opens = np.zeros(len(text) + 1, np.bool_)
    if text.size and text.max() >= 0xE2:
        first, second, third = text[:-2], text[1:-1], text[2:]
        marks = (first == 0xE2) & (second == 0x80)  # dashes, curly quotes
        marks |= (first == 0xE3) & (second == 0x80) & (third < 0xA0)  # Chinese and Japanese punctuation
        marks |= (first == 0xEF) & (second == 0xBC) & ((third < 0x90) | (third >= 0x9A)) & (third < 0xA1)
        at = np.flatnonzero(marks) + 1
        for i in range(3):
            inside[at + i] = False
        opens[:-1] = (text >= 0xE3) & (text <= 0xED)  # each sign of these scripts is a word
        opens[:-1] &= inside[1:-1]
    change = inside[1:] != inside[:-1]
    begins = np.flatnonzero((change & inside[1:]) | opens)
    ends = np.flatnonzero((change & inside[:-1]) | (opens & inside[:-1]))
    return begins, ends


def template_of(sketcher: Sketcher, text: U8, starts: I64) -> tuple[Flags | None, int]:
    """Word pairs in more than a quarter of these examples, as flags by the lowest 16 bits; and how many they are."""
    hashes, first = sketcher.pairs(text, starts)
    if len(starts) < TEMPLATE_FROM:
        return None, 0
    owner = np.repeat(np.arange(len(starts), dtype=np.uint64), np.diff(first))
    once = np.unique((hashes.astype(np.uint64) << np.uint64(32)) | owner) >> np.uint64(32)
    values, counts = np.unique(once, return_counts=True)
    common = values[counts > TEMPLATE_SHARE * len(starts)]
    if not common.size:
        return None, 0
    flags = np.zeros(1 << 16, np.bool_)
    flags[(common & np.uint64(0xFFFF)).astype(np.int64)] = True
    return flags, len(common)


def buckets_for(size: int) -> int:
    """How many buckets keep each near a million records, for a file of `size` bytes; a power of two, as files are cut by bits."""
    records = size // 400 * BANDS  # of shorter examples a bucket holds more
    wanted = max(1, records // _BUCKET_RECORDS)
    return min(_MOST_BUCKETS, 1 << (wanted - 1).bit_length())


class Spill:
    """What one run over a file leaves for the comparison: rows in order, and hashes in buckets with the row's number."""

    def __init__(self, folder: Path, name: str, buckets: int) -> None:
        self.folder, self.name, self.buckets = folder, name, buckets
        self.rows = 0
        self._out = self._path("rows").open("wb")
        self._exact = _Buckets(self, "exact")
        self._near = _Buckets(self, "near")
        self._recent = np.zeros(1 << 16, np.uint64)

    def add(self, rows: npt.NDArray[Any], bands: U64, worded: Flags) -> None:
        """A block of rows. A user's side seen lately goes to the exact buckets only, so copies do not pile up."""
        numbers = np.arange(self.rows, self.rows + len(rows), dtype=np.uint64)
        self.rows += len(rows)
        self._out.write(rows.tobytes())
        asked = rows["asked"]
        self._exact.add(asked, numbers)
        slot = (asked & np.uint64(0xFFFF)).astype(np.int64)
        fresh = worded & (self._recent[slot] != asked)
        self._recent[slot] = asked
        self._near.add(bands[fresh].ravel(), np.repeat(numbers[fresh], BANDS))

    def close(self) -> None:
        self._exact.close()
        self._near.close()
        self._out.close()

    def _path(self, what: str) -> Path:
        return self.folder / f"{self.name}.{what}"


class _Buckets:
    """Files of records: 32 bits of hash, 32 bits of row number."""

    def __init__(self, spill: Spill, what: str) -> None:
        self._bits = (spill.buckets - 1).bit_length()
        self._files: list[BinaryIO] = [
            spill._path(f"{what}{n}").open("wb", buffering=0) for n in range(spill.buckets)
        ]
        self._waiting: list[tuple[U64, U64]] = []
        self._count = 0

    def add(self, keys: U64, numbers: U64) -> None:
        self._waiting.append((keys, numbers))
        self._count += len(keys)
        if self._count >= 1 << 17:
            self._write()

    def close(self) -> None:
        self._write()
        for file in self._files:
            file.close()

    def _write(self) -> None:
        if not self._waiting:
            return
        keys = np.concatenate([k for k, _ in self._waiting])
        numbers = np.concatenate([n for _, n in self._waiting])
        self._waiting, self._count = [], 0
        hashes = (keys >> np.uint64(32 - self._bits)) << _GROUP_BITS
        records = hashes | numbers
        if self._bits == 0:
            self._files[0].write(records.tobytes())
            return
        bucket = (keys >> np.uint64(64 - self._bits)).astype(np.uint16)
        order = np.argsort(bucket, kind="stable")
        edges = np.searchsorted(bucket[order], np.arange(len(self._files) + 1))
        records = records[order]
        for file, start, end in zip(self._files, edges, edges[1:], strict=False):
            if end > start:
                file.write(records[start:end].tobytes())


@dataclass(frozen=True)
class Part:
    """One spill as it stands in the whole: where it is, and what to add to its row and line numbers."""

    folder: Path
    name: str
    rows: int
    lines_before: int

    def path(self, what: str) -> Path:
        return self.folder / f"{self.name}.{what}"


class Rows:
    """The rows of several spills, numbered through."""

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        self.starts = np.cumsum([0, *(p.rows for p in parts)])
        self._maps = [np.memmap(p.path("rows"), ROW, "r") if p.rows else None for p in parts]

    def __len__(self) -> int:
        return int(self.starts[-1])

    def field(self, name: str, numbers: U64) -> npt.NDArray[Any]:
        """One field of many rows; of `line`, the number in the whole file with the flag kept.

        Goes through the file from front to back and lets go of what is behind, so that little of it is held.
        """
        kind = ROW[name]
        out = np.zeros((len(numbers), *kind.shape), kind.base)
        order = np.argsort(numbers, kind="stable")
        ordered = numbers[order].astype(np.int64)
        for part, start, end, rows in zip(self.parts, self.starts, self.starts[1:], self._maps, strict=False):
            if rows is None:
                continue
            edges = np.searchsorted(ordered, np.append(np.arange(start, end, _AT_ONCE), end))
            for a, b in pairwise(edges):
                if a == b:
                    continue
                got = rows[name][ordered[a:b] - start]
                out[order[a:b]] = got + np.uint64(part.lines_before) if name == "line" else got
                if hasattr(mmap, "MADV_DONTNEED"):
                    rows._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]
        return out

    def lines(self, numbers: U64) -> U64:
        found: U64 = self.field("line", numbers) & ~FAULTY
        return found

    def records(self, what: str, bucket: int) -> U64:
        """The records of one bucket in order: equal hashes together, each with its row's number in the whole."""
        found = []
        for part, start in zip(self.parts, self.starts, strict=False):
            records = np.fromfile(part.path(f"{what}{bucket}"), np.uint64)
            records += np.uint64(start)
            found.append(records)
        whole = np.concatenate(found)
        whole.sort()
        return whole

    def close(self) -> None:
        self._maps = []


def groups(records: U64) -> tuple[U64, I64, I64]:
    """Row numbers whose hash occurs more than once, with the index of the first and the last of their group."""
    hashes = records >> _GROUP_BITS
    same = hashes[1:] == hashes[:-1]
    many = np.zeros(len(records), np.bool_)
    many[1:] |= same
    many[:-1] |= same
    kept, hashes = records[many] & _LINE, hashes[many]
    if not kept.size:
        return kept, np.zeros(0, np.int64), np.zeros(0, np.int64)
    index = np.arange(len(kept))
    change = np.flatnonzero(hashes[1:] != hashes[:-1]) + 1
    heads = np.concatenate(([0], change))
    sizes = np.diff(np.append(heads, len(kept)))
    first = np.repeat(heads, sizes)
    return kept, first.astype(np.int64), (first + np.repeat(sizes, sizes) - 1)[index].astype(np.int64)


@dataclass
class Matches:
    """What the comparison found, by row number. `said` is told (code, row, the other row) for each finding."""

    rows: Rows
    training: int
    """Rows below this number are training examples, the others are the test file's."""
    said: Callable[[str, U64, U64], None]
    joined: Callable[[U64, U64], None] | None = None
    """Told of every pair that has to stay on one side of a split."""

    def run(self, buckets: int, progress: Callable[[float], None]) -> None:
        settled = np.zeros(self.training, np.bool_)
        leaked = np.zeros(self.training, np.bool_)
        for n in range(buckets):
            self._exact(self.rows.records("exact", n), settled, leaked)
            progress((n + 1) / buckets * 0.3)
        for n in range(buckets):
            self._near(self.rows.records("near", n), settled, leaked)
            progress(0.3 + (n + 1) / buckets * 0.7)

    def _exact(self, records: U64, settled: Flags, leaked: Flags) -> None:
        """Equal user's sides: duplicates, contradictions, leaks."""
        numbers, _, _ = groups(records)
        if not numbers.size:
            return
        asked = self.rows.field("asked", numbers)
        given = self.rows.field("given", numbers)
        answer = self.rows.field("answer", numbers)
        order = np.lexsort((numbers, asked))
        numbers, asked, given, answer = numbers[order], asked[order], given[order], answer[order]
        training = numbers < self.training
        first, last = _runs(asked)
        leak = training & (numbers[last] >= self.training)
        leaked[numbers[leak].astype(np.int64)] = True
        self._say("leak", numbers[leak], numbers[last][leak])
        numbers, asked, given, answer = numbers[training], asked[training], given[training], answer[training]
        if not numbers.size:
            return
        first, _ = _runs(asked)
        later = numbers != numbers[first]
        if self.joined is not None:
            self.joined(numbers[later], numbers[first][later])
        settled[numbers[later].astype(np.int64)] = True
        # the same input: sorted so that the earliest line of each input and of each answer to it comes first
        order = np.lexsort((numbers, given, asked))
        numbers, asked, given, answer = numbers[order], asked[order], given[order], answer[order]
        first, _ = _runs(asked, given)
        before = np.arange(len(numbers)) == first
        heads = numbers[before]
        opener = _least(numbers, asked)[before]
        elsewhere = heads != opener
        self._say("near-duplicate", heads[elsewhere], opener[elsewhere])
        source = numbers[first]
        order = np.lexsort((numbers, answer, given, asked))
        numbers, asked, given, answer, source = (
            numbers[order], asked[order], given[order], answer[order], source[order],
        )  # fmt: skip
        first, _ = _runs(asked, given, answer)
        copy = numbers != numbers[first]
        self._say("duplicate", numbers[copy], numbers[first][copy])
        other = ~copy & (numbers != source)
        self._say("contradiction", numbers[other], source[other])

    def _near(self, records: U64, settled: Flags, leaked: Flags) -> None:
        numbers, first, last = groups(records)
        if not numbers.size:
            return
        training = numbers < self.training
        for others in (numbers[first], np.concatenate((numbers[:1], numbers[:-1]))):
            pair = training & (others < numbers)
            if self.joined is None:
                pair[training] &= ~settled[numbers[training].astype(np.int64)]
            a, b = self._alike(numbers[pair], others[pair])
            if self.joined is not None:
                self.joined(a, b)
            a, at = np.unique(a, return_index=True)
            new = ~settled[a.astype(np.int64)]
            a, b = a[new], b[at][new]
            self._say("near-duplicate", a, b)
            settled[a.astype(np.int64)] = True
        other = numbers[last]
        pair = training & (other >= self.training)
        pair[training] &= ~leaked[numbers[training].astype(np.int64)]
        a, b = self._alike(numbers[pair], other[pair])
        a, at = np.unique(a, return_index=True)
        self._say("near-leak", a, b[at])
        leaked[a.astype(np.int64)] = True

    def _alike(self, a: U64, b: U64) -> tuple[U64, U64]:
        """Those pairs whose minima agree often enough."""
        kept = [
            np.zeros(len(a), np.bool_) if not len(a) else self._agree(a[i : i + 65536], b[i : i + 65536])
            for i in range(0, max(1, len(a)), 65536)
        ]
        alike = np.concatenate(kept)
        return a[alike], b[alike]

    def _agree(self, a: U64, b: U64) -> Flags:
        same = self.rows.field("minima", a) == self.rows.field("minima", b)
        enough: Flags = same.sum(axis=1) >= ALIKE
        return enough

    def _say(self, code: str, rows: U64, others: U64) -> None:
        if rows.size:
            self.said(code, rows, others)


def _runs(*keys: U64) -> tuple[I64, I64]:
    """For sorted keys, the index of the first and of the last of each run of equal ones."""
    change = np.zeros(len(keys[0]), np.bool_)
    change[:1] = True
    for key in keys:
        change[1:] |= key[1:] != key[:-1]
    heads = np.flatnonzero(change)
    sizes = np.diff(np.append(heads, len(change)))
    first = np.repeat(heads, sizes)
    return first.astype(np.int64), (first + np.repeat(sizes, sizes) - 1).astype(np.int64)


def _least(numbers: U64, key: U64) -> U64:
    """The smallest number within each run of equal keys, repeated over the run."""
    first, last = _runs(key)
    heads = np.flatnonzero(np.arange(len(key)) == first)
    return np.repeat(np.minimum.reduceat(numbers, heads), last[heads] - heads + 1)
