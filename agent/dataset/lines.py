"""A file as blocks of lines, whatever its size: ranges of bytes, gzip, lines too long to hold, and what is no JSON Lines at all."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, cast

import orjson

from agent.dataset.kinds import Finding
from agent.errors import BadInput, RungError

BLOCK = 1 << 18
"""Bytes read at a time: small enough for the work on them to stay in the processor's cache."""
LONGEST = 1 << 24
"""Bytes of a line beyond which it is passed over: 16 MiB."""
HEAD = 1 << 20
BOM = b"\xef\xbb\xbf"
GZIP = b"\x1f\x8b"
_BINARY = (
    (b"PK\x03\x04", "a ZIP archive or spreadsheet"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%PDF", "a PDF"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"\xfd7zXZ\x00", "compressed with xz"),
    (b"BZh", "compressed with bzip2"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
)


@dataclass(frozen=True)
class Source:
    """A file to read, and the part of it that is meant. `end` None means to the end."""

    path: Path
    zipped: bool = False
    start: int = 0
    end: int | None = None

    def open(self) -> BinaryIO:
        try:
            return cast(BinaryIO, gzip.open(self.path, "rb")) if self.zipped else self.path.open("rb")
        except OSError as error:
            raise BadInput(f"{self.path} cannot be read: {error.strerror or error}.") from error


@dataclass(frozen=True)
class Block:
    """Whole lines without their ends. None stands for a line that was too long."""

    lines: list[bytes | None]
    size: int
    """Bytes read for them, for progress."""
    last_is_open: bool = False
    """The file ends with the last line, and no line break follows it."""


def blocks(source: Source) -> Iterator[Block]:
    """The lines that begin within the source's range.

    Raises:
        RungError: the file cannot be read to its end.
    """
    try:
        with source.open() as stream:
            yield from _blocks(stream, source.start, source.end)
    except (OSError, EOFError, zlib.error) as error:
        what = (
            "The gzip data is damaged or cut off" if source.zipped else "The file cannot be read to its end"
        )
        raise RungError(f"{source.path}: {what} ({error}). Write or download it again.") from error


def _blocks(stream: BinaryIO, start: int, end: int | None) -> Iterator[Block]:
    at = 0
    if start:
        stream.seek(start - 1)
        at = start - 1 + _skip_line(stream)
        if end is not None and at >= end:
            return
    tail, long, pending = b"", False, 0
    while True:
        left = BLOCK if end is None else min(BLOCK, end - at)
        chunk = stream.read(left) if left > 0 else stream.readline(BLOCK)
        if not chunk or (left <= 0 and not tail and not long):
            break
        at += len(chunk)
        pending += len(chunk)
        cut = chunk.rfind(b"\n")
        if cut < 0:
            long = long or len(tail) + len(chunk) > LONGEST
            tail = b"" if long else tail + chunk
            continue
        lines: list[bytes | None] = list((tail + chunk[:cut]).split(b"\n"))
        if long:
            lines[0] = None
        tail, long = chunk[cut + 1 :], False
        yield Block(lines, pending)
        pending = 0
        if end is not None and at >= end and not tail:
            return
    if tail or long:
        yield Block([None if long else tail], pending, last_is_open=True)


def _skip_line(stream: BinaryIO) -> int:
    """Reads to the end of a line; how many bytes that was."""
    skipped = 0
    while piece := stream.readline(BLOCK):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def ranges(source: Source, size: int, count: int) -> list[Source]:
    """The file in `count` parts of like size. A compressed or empty file has one part."""
    if source.zipped or not size:
        return [source]
    edges = [size * n // count for n in range(count + 1)]
    return [Source(source.path, False, a, b) for a, b in pairwise(edges) if b > a]


def regular(path: Path, folder: Path, name: str, told: Callable[[str], None]) -> Path:
    """The file itself, or a copy of what a pipe gives, since the file is read more than once.

    Raises:
        BadInput: there is no such file, or it cannot be read.
    """
    if path.is_file():
        return path
    if path.is_dir():
        raise BadInput(f"{path} is a folder. Name the .jsonl file in it.")
    if not path.exists():
        raise BadInput(f"There is no file {path}.")
    told("Copying what the pipe gives")
    copy = folder / f"{name}.piped"
    try:
        with path.open("rb") as given, copy.open("wb") as kept:
            while piece := given.read(HEAD):
                kept.write(piece)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from error
    return copy


def look(path: Path) -> tuple[Source, bytes, list[Finding], bool]:
    """The source, its beginning, what its beginning tells about the whole, and whether reading on makes sense."""
    source = Source(path)
    try:
        with source.open() as stream:
            magic = stream.read(2)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from error
    found: list[Finding] = []
    if magic == GZIP:
        source = Source(path, zipped=True)
        found.append(Finding("gzip-file", 0, "the file is compressed with gzip; it was read all the same"))
    try:
        with source.open() as stream:
            head = stream.read(HEAD)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(
            f"{path} begins like gzip but cannot be unpacked ({error}). Write or download it again."
        ) from error
    if head.startswith(BOM):
        found.append(
            Finding(
                "byte-order-mark", 1, "the file begins with a byte order mark; save it as UTF-8 without one"
            )
        )
    whole = _whole(head)
    return source, head, [*found, *([whole] if whole else [])], whole is None


def _whole(head: bytes) -> Finding | None:
    """What the whole file is instead of JSON Lines, if its beginning shows it."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Finding("utf16-file", 1, "the file is written in UTF-16; save it as UTF-8")
    for magic, what in _BINARY:
        if head.startswith(magic):
            return Finding("binary-file", 0, f"the file is {what}; it must be JSON Lines")
    if b"\x00" in head[:4096]:
        return Finding("binary-file", 0, "the file holds zero bytes; it is not text")
    text = head.removeprefix(BOM).lstrip()
    if not text:
        return None
    line = head[: len(head) - len(text)].count(b"\n") + 1
    first, *more = text.split(b"\n", 2)
    if text.startswith(b"["):
        complete = _parses(first)
        if not complete or not b"".join(more).strip():
            return Finding("json-array", line, "the file is one JSON array; write one object a line")
        return None
    if text.startswith(b"{"):
        if not _parses(first) and _object_over_lines(text):
            return Finding("pretty-json", line, "the first object goes on over several lines; put it on one")
        return None
    second = more[0] if more else b""
    for sign in (b",", b"\t", b";"):
        columns = first.count(sign)
        if columns and second.count(sign) >= columns and not first.startswith(b'"messages"'):
            return Finding(
                "csv-file", line, "the file looks like a table (CSV); write one JSON object a line"
            )
    return None


def _parses(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _object_over_lines(text: bytes) -> bool:
    try:
        _, end = json.JSONDecoder().raw_decode(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    return b"\n" in text[:end].rstrip()
