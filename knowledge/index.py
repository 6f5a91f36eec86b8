"""The index: one vector a point of the corpus, kept in Chroma as a build artefact and only read at run time.

    DATA/indexes/knowledge-<hash>/   Chroma's files, and ready.json written last
    DATA/indexes/lock                one builder at a time

The name hashes the model, the layout and the content, so a changed digest or model is another index, never a mix.
`ready.json` holds the count and a checksum of the vectors; an index without it was not finished, one that differs from it
is damaged, and either is built anew. Chroma gets no embedding function: its default one downloads a model.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from knowledge.corpus import Corpus
from knowledge.embedding import Encoder, Vectors
from knowledge.errors import KnowledgeError

#: Part of the index's name: raise it when what is embedded changes.
LAYOUT: Final = "points-2"
COLLECTION: Final = "points"

#: Called with (done, total) while an index is built.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Unit:
    """What is searched by meaning: one point of one passage read under its heading, or a question that it answers."""

    id: str
    passage_id: str
    text: str


def units(corpus: Corpus) -> list[Unit]:
    """Every point with its heading before it, so that it can be found by that too; then what is asked of each passage."""
    passages = corpus.passages.values()
    points = [
        Unit(f"{p.id}/{n}", p.id, f"{p.heading}: {x}") for p in passages for n, x in enumerate(p.points)
    ]
    return points + [Unit(f"{p.id}/asked{n}", p.id, x) for p in passages for n, x in enumerate(p.asked)]


def name(corpus: Corpus, model_id: str) -> str:
    """The index's name: model, layout and content in one hash."""
    return "knowledge-" + hashlib.sha256(f"{model_id}\n{LAYOUT}\n{corpus.digest}".encode()).hexdigest()[:24]


def vectors(corpus: Corpus, encoder: Encoder, folder: Path, progress: Progress | None = None) -> Vectors:
    """The vectors of `units(corpus)`, in their order: read from the index, which is built first if need be.

    Raises:
        KnowledgeError: the folder cannot be written, or the index stays unreadable after it was built anew.
    """
    place = folder / "indexes" / name(corpus, encoder.id)
    ids = [unit.id for unit in units(corpus)]
    found = _read(place, ids)
    if found is not None:
        return found
    try:
        with only_builder(folder / "indexes"):
            found = _read(place, ids)  # another process may have built it while we waited
            if found is None:
                _build(place, corpus, encoder, progress)
                found = _read(place, ids)
    except OSError as error:
        raise KnowledgeError(
            f"The search index cannot be written to {place}: {error.strerror or error}. "
            "Free some space there, or set RUNG_DATA_DIR to a folder you can write to."
        ) from error
    if found is None:
        raise KnowledgeError(
            f"The search index in {place} cannot be read after building it. Delete that folder and try again."
        )
    return found


def is_ready(corpus: Corpus, model_id: str, folder: Path) -> bool:
    """Has this index been built? A look only; `vectors` checks it."""
    return (folder / "indexes" / name(corpus, model_id) / "ready.json").is_file()


@contextmanager
def only_builder(folder: Path) -> Iterator[None]:
    """Hold the builders' lock; the system releases it when a process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(place: Path, corpus: Corpus, encoder: Encoder, progress: Progress | None) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    searched = units(corpus)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(done, len(searched))

    made = encoder.encode([unit.text for unit in searched], advance)
    with _chroma(place) as client:
        collection = client.create_collection(COLLECTION, embedding_function=None)
        collection.add(
            ids=[unit.id for unit in searched],
            embeddings=list(made),
            documents=[unit.text for unit in searched],
            metadatas=[{"passage": unit.passage_id} for unit in searched],
        )
    ready = place / "ready.json"
    partial = place / "ready.json.partial"
    partial.write_text(json.dumps({"count": len(searched), "vectors": _checksum(made), "model": encoder.id}))
    partial.rename(ready)


def _read(place: Path, ids: list[str]) -> Vectors | None:
    """The index's vectors in the order of `ids`; None when it is not there, not whole or damaged."""
    try:
        ready: dict[str, Any] = json.loads((place / "ready.json").read_text())
        with _chroma(place) as client:
            collection = client.get_collection(COLLECTION, embedding_function=None)
            got = collection.get(include=["embeddings"])
        rows = dict(zip(got["ids"], np.asarray(got["embeddings"], np.float32), strict=True))
        found = np.stack([rows[i] for i in ids])
    except BaseException as error:  # Chroma's Rust half panics with a BaseException on damaged files
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
            raise
        return None
    whole = ready.get("count") == len(rows) == len(ids) and ready.get("vectors") == _checksum(found)
    return found if whole else None


@contextmanager
def _chroma(place: Path) -> Iterator[Any]:
    """An embedded client on one folder, closed afterwards; no telemetry, nothing opened to the network."""
    import chromadb
    from chromadb.config import Settings

    client: Any = chromadb.PersistentClient(path=str(place), settings=Settings(anonymized_telemetry=False))
    try:
        yield client
    finally:
        client.close()


def _checksum(found: Vectors) -> str:
    return hashlib.sha256(np.ascontiguousarray(found, np.float32).tobytes()).hexdigest()
