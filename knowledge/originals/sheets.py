"""The documents' index: one file a document, a sheet, with all that is costly to make.

    DATA/indexes/documents-<hash>/<key>.safetensors     one sheet
    DATA/indexes/documents-<hash>/lock                  one builder at a time

The folder's name hashes the model, the layout and the field's terms; a sheet's key hashes the document's text, title and
sections. So a changed document is another sheet and no other is touched; a sheet that nobody wants any more is deleted. A
sheet is written under another name first and holds its own checksum, so that a killed build goes on where it was and a
damaged sheet is made again. Kept beside Chroma, not in it: a document's passages come and go together, and reading is
all that a search needs.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.embedding import Encoder, Vectors, word_pieces
from knowledge.errors import KnowledgeError
from knowledge.index import Progress, only_builder
from knowledge.originals.document import Document
from knowledge.originals.duplicates import SIGNS, Signs, signature
from knowledge.originals.passages import SIZE, Span, Stretch, estimate, split
from knowledge.vocabulary import named_in, stems, things

#: Part of the index's name: raise it when what a sheet holds changes.
LAYOUT: Final = "sheets-1"
#: Passages that are encoded in one go, so that memory stays the same however long a document is.
AT_ONCE: Final = 128


class Documents(Protocol):
    """Where documents are kept."""

    def documents(self) -> Sequence[Document]: ...

    def text(self, document: Document) -> str: ...


@dataclass(frozen=True)
class Sheet:
    """What is known of one document's passages, a row each. `postings` are (passage, word, times) with words numbered as
    in `words`; `named` are the field's things; `vectors` have no columns where there was no encoder."""

    stretches: tuple[Stretch, ...]
    words: tuple[str, ...]
    postings: npt.NDArray[np.int32]
    named: npt.NDArray[np.bool_]
    signatures: Signs
    vectors: Vectors

    @cached_property
    def lengths(self) -> npt.NDArray[np.float32]:
        """Words of each passage."""
        found = np.zeros(len(self.stretches), np.float32)
        np.add.at(found, self.postings[:, 0], self.postings[:, 2])
        return found


def make(document: Document, text: str, encoder: Encoder | None, size: int = SIZE) -> Sheet:
    """The sheet of a document."""
    stretches = split(document, text, word_pieces() or estimate, size)
    read = [stretch.read(text) for stretch in stretches]
    words, postings = _words(
        [f"{document.title} {stretch.heading} {r}" for stretch, r in zip(stretches, read, strict=True)]
    )
    return Sheet(
        stretches=tuple(stretches),
        words=words,
        postings=postings,
        named=np.array([named_in(r) for r in read], bool).reshape(len(read), len(things())),
        signatures=np.array([signature(r) for r in read], np.uint32).reshape(len(read), SIGNS + 1),
        vectors=_vectors(read, encoder),
    )


def _words(texts: Sequence[str]) -> tuple[tuple[str, ...], npt.NDArray[np.int32]]:
    numbers: dict[str, int] = {}
    rows = [
        (row, numbers.setdefault(word, len(numbers)), times)
        for row, cut in enumerate(stems(texts))
        for word, times in Counter(cut).items()
    ]
    return tuple(numbers), np.array(rows, np.int32).reshape(len(rows), 3)


def _vectors(texts: Sequence[str], encoder: Encoder | None) -> Vectors:
    if encoder is None or not texts:
        return np.empty((len(texts), 0), np.float32)
    return np.concatenate(
        [encoder.encode(texts[start : start + AT_ONCE]) for start in range(0, len(texts), AT_ONCE)]
    )


class Sheets:
    """The sheets of some documents as they are now, made where they are missing. `unreadable` tells of documents that could
    not be read, which are left out."""

    def __init__(self, documents: Documents, encoder: Encoder | None, folder: Path, size: int = SIZE) -> None:
        self.documents = tuple(documents.documents())
        self.read = documents.text
        self.encoder = encoder
        self.unreadable: list[str] = []
        self._size = size
        model = "words" if encoder is None else encoder.id
        terms = (files("knowledge") / "terms.yaml").read_bytes()
        told = f"{model}\n{LAYOUT}\n{size}\n{word_pieces() is None}\n".encode() + terms
        self.place = folder / "indexes" / f"documents-{hashlib.sha256(told).hexdigest()[:24]}"

    def __iter__(self) -> Iterator[tuple[Document, Sheet]]:
        """Every document with its sheet, one at a time; those that are not whole are left out."""
        for document in self.documents:
            sheet = self.of(document)
            if sheet is not None:
                yield document, sheet

    def of(self, document: Document) -> Sheet | None:
        """A document's sheet; None when it is not there or damaged."""
        return _read(self._path(document))

    def build(self, progress: Progress | None = None) -> int:
        """Make the sheets that are missing or damaged and delete those not wanted. How many were made. `progress` counts
        documents.

        Raises:
            KnowledgeError: the folder cannot be written.
        """
        wanted = {self._path(document): document for document in self.documents}
        if not self._lacking(wanted) and not self._strays(wanted):
            return 0
        try:
            with only_builder(self.place):
                missing = self._lacking(wanted)
                for stray in self._strays(wanted):
                    stray.unlink(missing_ok=True)
                for done, path in enumerate(missing, 1):
                    self._make(path, wanted[path])
                    if progress:
                        progress(done, len(missing))
        except OSError as error:
            raise KnowledgeError(
                f"The documents' search index cannot be written to {self.place}: {error.strerror or error}. "
                "Free some space there, or set RUNG_DATA_DIR to a folder you can write to."
            ) from error
        return len(missing)

    def _make(self, path: Path, document: Document) -> None:
        try:
            text = self.read(document)
        except KnowledgeError as error:
            self.unreadable.append(str(error))
            return
        _write(path, make(document, text, self.encoder, self._size))

    def _lacking(self, wanted: dict[Path, Document]) -> list[Path]:
        return [path for path in wanted if _read(path) is None]

    def _strays(self, wanted: dict[Path, Document]) -> list[Path]:
        return [p for p in self.place.glob("*.*") if p not in wanted]

    def _path(self, document: Document) -> Path:
        told = json.dumps(
            [document.id, document.sha256, document.title, [(s.start, s.heading) for s in document.sections]]
        )
        return self.place / f"{hashlib.sha256(told.encode()).hexdigest()[:32]}.safetensors"


def _write(path: Path, sheet: Sheet) -> None:
    from safetensors.numpy import save

    arrays: dict[str, npt.NDArray[Any]] = {
        "told": _packed([[s.id, s.heading, s.sentences] for s in sheet.stretches]),
        "words": _packed(sheet.words),
        "postings": sheet.postings,
        "named": sheet.named,
        "signatures": sheet.signatures,
        "vectors": np.ascontiguousarray(sheet.vectors),
    }
    whole = save(arrays)
    partial = path.with_suffix(".partial")
    partial.write_bytes(hashlib.sha256(whole).digest() + whole)
    partial.rename(path)


def _read(path: Path) -> Sheet | None:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        raw = path.read_bytes()
        if hashlib.sha256(raw[32:]).digest() != raw[:32]:
            return None
        arrays = load(raw[32:])
        stretches = tuple(_stretch(*row) for row in json.loads(arrays["told"].tobytes()))
        words = tuple(json.loads(arrays["words"].tobytes()))
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        return None
    return Sheet(
        stretches, words, arrays["postings"], arrays["named"], arrays["signatures"], arrays["vectors"]
    )


def _stretch(name: str, heading: str, sentences: list[Span]) -> Stretch:
    return Stretch(name, heading, tuple((start, end) for start, end in sentences))


def _packed(told: object) -> npt.NDArray[np.uint8]:
    return np.frombuffer(json.dumps(told).encode(), np.uint8)
