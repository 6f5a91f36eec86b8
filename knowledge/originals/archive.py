"""Single files out of a repository's archive (tar.gz or zip), read in memory: nothing is unpacked to the disk."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Set
from io import BytesIO
from typing import IO, cast

#: Largest file taken out, and most that an archive may unpack to, in bytes.
LARGEST = 5_000_000
UNPACKED = 3_000_000_000


class Spoiled(Exception):
    """An archive that cannot be read; the text says why, for people."""


def members(data: bytes, wanted: Set[str]) -> dict[str, bytes]:
    """The wanted files, by path below the archive's one top folder. Links and what is too large are left out.

    Raises:
        Spoiled: it is damaged, or unpacks to more than UNPACKED bytes.
    """
    try:
        return _zipped(data, wanted) if data.startswith(b"PK\x03\x04") else _tarred(data, wanted)
    except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError, zlib.error, ValueError, NotImplementedError, RuntimeError) as error:  # fmt: skip
        raise Spoiled(f"its archive is damaged, or not an archive: {error}") from error


def _tarred(data: bytes, wanted: Set[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with (
        gzip.open(BytesIO(data)) as unpacked,
        tarfile.open(fileobj=cast("IO[bytes]", _Bounded(unpacked)), mode="r|") as archive,
    ):
        for member in archive:
            path = member.name.partition("/")[2]
            if path in wanted and member.isreg() and member.size <= LARGEST:
                file = archive.extractfile(member)
                found[path] = file.read(LARGEST) if file else b""
    return found


def _zipped(data: bytes, wanted: Set[str]) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        chosen = [
            f for f in archive.infolist() if f.filename.partition("/")[2] in wanted and f.file_size <= LARGEST
        ]
        return {f.filename.partition("/")[2]: archive.read(f) for f in chosen}


class _Bounded:
    """A file that refuses to be read beyond UNPACKED bytes."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile) -> None:
        self._file = file
        self._left = UNPACKED

    def read(self, size: int) -> bytes:
        self._left -= size
        if self._left < 0:
            raise ValueError(f"it unpacks to more than {UNPACKED:,} bytes")
        return self._file.read(size)
