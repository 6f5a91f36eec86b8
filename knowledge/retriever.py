"""Rung's search as a LangChain retriever. The library is loaded with this module, so import it only where it is wanted."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from knowledge.search import Search


class PassageRetriever(BaseRetriever):
    """The best passages for a query. A document's `id` is the passage's id; what else is known of it is in `metadata`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    search: Search
    count: int = 5

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [
            Document(
                id=hit.passage.id,
                page_content=hit.passage.text,
                metadata={
                    "point": hit.point,
                    "score": hit.score,
                    "heading": hit.passage.heading,
                    "source": hit.passage.source.title,
                    "url": hit.passage.url,
                    "accessed": hit.passage.source.accessed,
                },
            )
            for hit in self.search.search(query, count=self.count)
        ]
