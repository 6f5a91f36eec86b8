"""Where documents are kept, and how: a folder a document, in which a record names the text that counts.

    DATA/originals/lock                           one writer at a time
    DATA/originals/kept/<name>-<16 hex>/document.json   the record: what is known of it, and of its last edition
    DATA/originals/kept/<name>-<16 hex>/<sha256>.txt    the text of the document, and that of its last edition

A text is there before the record that names it, and both come to be by renaming: whoever is killed, at any point, leaves
the last good state. Readers need no lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import orjson

from knowledge.errors import KnowledgeError
from knowledge.originals.document import Document, Section, fingerprint


class Store:
    """The documents of one folder (DATA/originals). Nothing is made before something is kept.

    `documents`, `text` and `earlier` raise KnowledgeError where what they need is damaged or missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept = folder / "kept"

    def documents(self) -> tuple[Document, ...]:
        """Everything kept, in order of id."""
        found = (self._record(path) for path in self._kept.glob("*/document.json"))
        return tuple(sorted((record[0] for record in found if record), key=lambda d: d.id))

    def document(self, document_id: str) -> Document | None:
        """The document of this id, or None."""
        record = self._record(self._place(document_id) / "document.json")
        return record[0] if record else None

    def earlier(self, document_id: str) -> Document | None:
        """The edition before, where there was one with another text; `text` reads it like any other."""
        record = self._record(self._place(document_id) / "document.json")
        return record[1] if record else None

    def text(self, document: Document) -> str:
        """The text of a document, checked against its sha256.

        Raises:
            KnowledgeError: it is missing, or no longer what was kept.
        """
        path = self._place(document.id) / f"{document.sha256}.txt"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise KnowledgeError(
                f"The text of {document.id} is missing ({path}): {error.strerror}. {_again(document)}"
            ) from error
        if hashlib.sha256(data).hexdigest() != document.sha256:
            raise KnowledgeError(
                f"The text of {document.id} is damaged: {path} is not what was kept. {_again(document)}"
            )
        return data.decode()

    def keep(self, document: Document, text: str) -> None:
        """Keep a document, in place of the one of the same id; the text of the edition before stays beside it.

        Raises:
            ValueError: the document's sha256 is not the text's.
        """
        if fingerprint(text) != document.sha256:
            raise ValueError(f"the sha256 of {document.id} is not that of its text")
        place = self._place(document.id)
        with self.writing():
            record = self._record(place / "document.json")
            last = _last(record, document)
            place.mkdir(parents=True, exist_ok=True)
            put(place / f"{document.sha256}.txt", text.encode())
            put(
                place / "document.json",
                orjson.dumps({"document": asdict(document), "earlier": last and asdict(last)}),
            )
            self._sweep(place, {document.sha256, last.sha256 if last else ""})

    def note(self, document_id: str, **fields: Any) -> None:
        """Change what is known of a kept document (`etag`, `moved_to`, …) and leave its text as it is."""
        with self.writing():
            path = self._place(document_id) / "document.json"
            record = self._record(path)
            if record:
                now, last = replace(record[0], **fields), record[1]
                put(path, orjson.dumps({"document": asdict(now), "earlier": last and asdict(last)}))

    def drop(self, document_id: str) -> None:
        """Forget a document and its texts; nothing happens where there is none."""
        place = self._place(document_id)
        with self.writing():
            (place / "document.json").unlink(missing_ok=True)
            shutil.rmtree(place, ignore_errors=True)

    def _place(self, document_id: str) -> Path:
        name = re.sub(r"[^a-z0-9]+", "-", document_id.lower())[:60].strip("-")
        return self._kept / f"{name}-{hashlib.sha256(document_id.encode()).hexdigest()[:16]}"

    def _record(self, path: Path) -> tuple[Document, Document | None] | None:
        """A record, or None where there is none (any more)."""
        try:
            raw = orjson.loads(path.read_bytes())
            return _document(raw["document"]), raw["earlier"] and _document(raw["earlier"])
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KnowledgeError(
                f"{path} cannot be read: {error}. Delete the folder {path.parent} and run `rung sources sync`, "
                "or add the document again."
            ) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writers' lock; the system releases it when a process ends, however it ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _sweep(self, place: Path, needed: set[str]) -> None:
        """Remove texts that no record names any more, and what a killed writer left half written."""
        for path in place.iterdir():
            if path.name != "document.json" and path.stem not in needed:
                with suppress(OSError):
                    path.unlink()


def _last(record: tuple[Document, Document | None] | None, now: Document) -> Document | None:
    """The edition to keep beside `now`: the one before it that had another text."""
    if record is None:
        return None
    document, earlier = record
    return earlier if document.sha256 == now.sha256 else document


def _document(raw: dict[str, Any]) -> Document:
    from datetime import date

    sections = tuple(Section(**s) for s in raw.pop("sections"))
    return Document(**{**raw, "read": date.fromisoformat(raw["read"]), "sections": sections})


def put(path: Path, data: bytes) -> None:
    """A file that is there whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def _again(document: Document) -> str:
    if document.origin == "own":
        return f"Remove it (`rung sources remove {document.source_id}`) and add it again."
    return f"Drop it and fetch it again: `rung sources sync --only {document.source_id}`."
