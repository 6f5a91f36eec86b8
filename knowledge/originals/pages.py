"""The documents' passages by id, for citations to resolve in: read when one is asked for, never all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache

from knowledge.corpus import Passage
from knowledge.embedding import word_pieces
from knowledge.originals.document import Document
from knowledge.originals.passages import Stretch, estimate, passage, split
from knowledge.originals.sheets import Documents


class Pages(Mapping[str, Passage]):
    """A mapping that cuts a document into passages when one of them is wanted."""

    def __init__(self, documents: Callable[[], Documents]) -> None:
        """`documents` opens where they are kept, on first use."""
        self._open = documents
        self._stretches = lru_cache(64)(self._split)

    def __getitem__(self, passage_id: str) -> Passage:
        document = self._by_id[passage_id.partition("#")[0]]
        stretch = self._stretches(document)[passage_id]
        return passage(document, self._kept.text(document), stretch)

    def __iter__(self) -> Iterator[str]:
        for document in self._by_id.values():
            yield from self._stretches(document)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @cached_property
    def _kept(self) -> Documents:
        return self._open()

    @cached_property
    def _by_id(self) -> dict[str, Document]:
        return {document.id: document for document in self._kept.documents()}

    def _split(self, document: Document) -> dict[str, Stretch]:
        return {s.id: s for s in split(document, self._kept.text(document), word_pieces() or estimate)}
