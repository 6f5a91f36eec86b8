"""Where the parts are joined. Nothing heavy is loaded before it is needed; `warm` loads it beside the conversation."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from agent.advisor import Advisor
from agent.reading import Reader
from agent.sessions import Sessions
from agent.settings import Settings
from knowledge.corpus import Corpus, load
from knowledge.errors import KnowledgeError

if TYPE_CHECKING:
    from agent.model.chat import Listener
    from knowledge.embedding import MiniLM
    from knowledge.index import Progress
    from knowledge.search import Search


class Shelf:
    """The corpus, its search and the reader: each made once, on first use, by whichever thread asks first.

    Where the index cannot be built or read, search goes on by words alone and `trouble` says why.
    """

    def __init__(self, settings: Settings, progress: Progress | None = None) -> None:
        self._settings = settings
        self._lock = threading.RLock()
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
        with self._lock:
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
        return load(self._settings.sources)

    @cached_property
    def _encoder(self) -> MiniLM | None:
        from knowledge.embedding import find_encoder

        try:
            return find_encoder()
        except KnowledgeError as error:
            self.trouble = str(error)
            return None

    @cached_property
    def _search(self) -> Search:
        from knowledge.search import Search, open_search

        corpus = self._corpus
        try:
            return open_search(corpus, self._encoder, self._settings.data_dir, self.progress)
        except KnowledgeError as error:
            self.trouble = str(error)
            return Search(corpus)

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
