"""What citations carry of the originals: the sentence behind a digest's point, and whether its page has moved on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from knowledge.corpus import Borne, Corpus, Excerpt, Passage
from knowledge.errors import KnowledgeError
from knowledge.originals.addresses import Addresses
from knowledge.originals.document import Document
from knowledge.originals.pins import Pin, Pins, Point, Taken, located
from knowledge.originals.store import Store

CHANGED: Final = "its page has changed since it was read"
OTHERWISE: Final = "its page no longer says this as it did"
GONE: Final = "its page is gone"


class Points(Mapping[str, Borne]):
    """What stands behind the points of one passage, found when it is asked for."""

    def __init__(self, points: tuple[str, ...], find: Callable[[str], Borne]) -> None:
        self._points, self._find = points, lru_cache(None)(find)

    def __getitem__(self, point: str) -> Borne:
        if point not in self._points:
            raise KeyError(point)
        return self._find(point)

    def __iter__(self) -> Iterator[str]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)


class Behind:
    """The originals behind a corpus, as they were when this was made. What is damaged counts as not there."""

    def __init__(self, store: Store, corpus: Corpus) -> None:
        """
        Raises:
            KnowledgeError: the pins, or a document's record, cannot be read.
        """
        self._store = store
        pins = Pins.read(store)
        self._documents = {d.id: d for d in store.documents() if d.origin == "original"}
        self._best = pins.best()
        self._moved_on = self._changed(pins.taken, corpus)
        self._text = lru_cache(64)(self._read)

    def joined(self, corpus: Corpus) -> Corpus:
        """The corpus with what stands behind its points."""
        points = defaultdict(list)
        for passage_id, point in self._best:
            points[passage_id].append(point)
        passages = {
            p.id: self._with(p, p.points if p.id in self._moved_on else tuple(points[p.id]))
            for p in corpus.passages.values()
        }
        return replace(corpus, passages=passages, kept=self.kept)

    def kept(self, document_id: str, sha256: str) -> str | None:
        """The text of a document if it is still that edition."""
        document = self._documents.get(document_id)
        return self._text(document) if document and document.sha256 == sha256 else None

    def _with(self, passage: Passage, points: tuple[str, ...]) -> Passage:
        if not points:
            return passage
        return replace(passage, borne=Points(points, lambda point: self._borne((passage.id, point))))

    def _borne(self, point: Point) -> Borne:
        told = self._moved_on.get(point[0], "")
        if point not in self._best:
            return Borne(None, told)
        name, pin = self._best[point]
        document = self._documents.get(name)
        excerpt = self._excerpt(pin, document) if document else None
        return Borne(excerpt, told if told == GONE or excerpt else OTHERWISE if document else "")

    def _excerpt(self, pin: Pin, document: Document) -> Excerpt | None:
        text = self._text(document)
        span = None if text is None else located(pin, document, text)
        if text is None or span is None:
            return None
        start, end = span
        return Excerpt(
            document.id, document.sha256, start, end, text[start:end], document.url, document.read.isoformat()
        )

    def _changed(self, taken: Mapping[str, Taken], corpus: Corpus) -> dict[str, str]:
        """By passage, what is to be said of its page; a page that changed and holds a pin is judged by its pins."""
        pinned = {name for name, _ in self._best.values()}
        found: dict[str, str] = {}
        for page in Addresses.read().pages(corpus):
            document, state = self._documents.get(page.id), taken.get(page.id)
            if document is None or state is None:
                continue
            if document.gone and not state.gone:
                found |= dict.fromkeys(page.rests, GONE)
            elif document.sha256 != state.sha256 and document.id not in pinned:
                found |= dict.fromkeys(page.rests, CHANGED)
        return found

    def _read(self, document: Document) -> str | None:
        try:
            return self._store.text(document)
        except KnowledgeError:
            return None
