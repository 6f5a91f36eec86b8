"""Where the parts are joined. Nothing heavy is loaded before it is needed; `warm` loads it beside the conversation."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from agent.advisor import Advisor
from agent.reading import Reader
from agent.sessions import Sessions
from agent.settings import Settings
from knowledge.corpus import Corpus, load
from knowledge.errors import EncoderFault, KnowledgeError

if TYPE_CHECKING:
    from agent.model.chat import Listener
    from knowledge.embedding import MiniLM
    from knowledge.index import Progress
    from knowledge.originals.store import Store
    from knowledge.search import Search


class Shelf:
    """The corpus, its search and the reader: each made once, on first use, by whichever thread asks first.

    Originals and a team's own documents, where there are any in the data folder, are part of both corpus and search. Where
    an index cannot be built or read, search goes on without it and `trouble` says why.
    """

    def __init__(self, settings: Settings, progress: Progress | None = None) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self._searching = threading.Lock()  # an index may take minutes, and the reader must not wait for it
        self.progress = progress
        self.trouble: str = ""
        self.besides: Callable[[], None] = lambda: None
        """What is to be loaded besides."""

    @property
    def corpus(self) -> Corpus:
        with self._lock:
            return self._corpus

    @property
    def search(self) -> Search:
        with self._searching:
            return self._search

    @property
    def reader(self) -> Reader:
        with self._lock:
            return self._reader

    def warm(self) -> None:
        """Load everything; failures are met again, and told, when the part is used."""
        self.besides()
        try:
            _ = self.reader
            _ = self.search
        except KnowledgeError:
            return

    @cached_property
    def _corpus(self) -> Corpus:
        corpus = load(self._settings.sources)
        if not self._originals.is_dir():
            return corpus
        from knowledge.originals.borne import Behind
        from knowledge.originals.pages import Pages

        corpus = replace(corpus, documents=Pages(self._store))
        try:
            return Behind(self._store(), corpus).joined(corpus)
        except KnowledgeError as error:
            self._tell(str(error))
            return corpus

    @property
    def _originals(self) -> Path:
        return self._settings.data_dir / "originals"

    def _store(self) -> Store:
        from knowledge.originals.store import Store

        return Store(self._originals)

    @property
    def encoder(self) -> MiniLM | None:
        with self._lock:
            return self._encoder

    @cached_property
    def _encoder(self) -> MiniLM | None:
        from knowledge.embedding import find_encoder

        try:
            return find_encoder()
        except KnowledgeError as error:
            self._tell(f"Searching by words alone: {error}")
            return None

    @cached_property
    def _search(self) -> Search:
        if self._settings.embedding is None:
            return self._with_local_encoder()
        from agent.model.embedding import EndpointEncoder
        from knowledge.search import open_search

        words = getattr(self.encoder, "words", ())
        try:
            found = open_search(
                self.corpus,
                EndpointEncoder(self._settings.embedding, words),
                self._settings.data_dir,
                self.progress,
            )
            self._attach(found)
        except EncoderFault as fault:
            return self._with_local_encoder(fault)
        found.instead = self._with_local_encoder
        return found

    def _with_local_encoder(self, fault: EncoderFault | None = None) -> Search:
        from knowledge.search import Search, open_search

        if fault is not None:
            self._tell(str(fault))
        try:
            found = open_search(self.corpus, self.encoder, self._settings.data_dir, self.progress)
        except KnowledgeError as error:
            self._tell(f"Searching by words alone: {error}")
            found = Search(self.corpus)
        self._attach(found)
        return found

    def _attach(self, search: Search) -> None:
        """Search the documents too, if there are any; what cannot be read of them is told."""
        if not self._originals.is_dir():
            return
        try:
            unread = search.attach(self._store(), self._settings.data_dir, self.progress)
        except EncoderFault:
            raise
        except KnowledgeError as error:
            unread = (str(error),)
        for told in unread:
            self._tell(told)

    def _tell(self, told: str) -> None:
        if told not in self.trouble:
            self.trouble = f"{self.trouble} {told}".strip()

    @cached_property
    def _reader(self) -> Reader:
        from agent.reading.heads import heads
        from agent.reading.local import LocalReader

        return LocalReader(self._encoder, heads() if self._encoder is not None else None)


def build(
    settings: Settings, progress: Progress | None = None, listeners: Sequence[Listener] = ()
) -> tuple[Advisor, Shelf]:
    """The advisor with its parts, and the shelf they come from. `listeners` are LangChain's callbacks, told of each call of
    the language model.

    Raises:
        NeedsSomething: the data folder or the database cannot be used.
    """
    if settings.database_url.startswith("sqlite"):
        settings.make_data_dir()
    shelf = Shelf(settings, progress)
    kept = Sessions(settings.database_url)
    if settings.model is None:
        # the advisor asks for the reader each turn, loaded once
        return Advisor(lambda: shelf.reader, shelf, kept), shelf
    from agent.model.chat import Model
    from agent.model.turn import Mind

    def reader() -> Reader:
        from agent.reading.llm import ModelReader  # its patterns are not light

        return ModelReader(shelf.reader)

    model = Model(settings.model, settings.sources, listeners=listeners)
    shelf.besides = model.warm
    return Advisor(reader, shelf, kept, mind=Mind(model, kept)), shelf
