"""An encoder at an OpenAI-compatible endpoint: texts go there in bounded batches and come back as unit vectors.

Whatever goes wrong is one `EncoderFault`, told without the server's own words, which may hold a part of the key.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from agent.settings import EmbeddingSettings
from knowledge.embedding import Vectors
from knowledge.errors import EncoderFault

if TYPE_CHECKING:
    from openai import OpenAI

#: Texts in one request, and seconds that one may take: a query is waited for less long than a part of an index.
BATCH: Final = 64
SECONDS: Final = 60.0
SECONDS_A_QUERY: Final = 10.0


class EndpointEncoder:
    """An embedding model by name. Safe to use from several threads."""

    def __init__(self, settings: EmbeddingSettings, words: Collection[str] = ()) -> None:
        """`words` are rightly spelt, as the local encoder's are."""
        self.id = f"{settings.name}@{settings.place}"
        self.words = words
        self._settings = settings

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Unit vectors, one row a text.

        Raises:
            EncoderFault: the endpoint cannot be reached, refuses, or answers with what are no such vectors.
        """
        rows: list[Vectors] = []
        for start in range(0, len(texts), BATCH):
            batch = [text or " " for text in texts[start : start + BATCH]]
            rows.append(self._batch(batch, alone=len(texts) == 1))
            if progress:
                progress(len(batch))
        if len({row.shape[1] for row in rows}) > 1:
            raise self._fault("gave vectors of several lengths")
        return np.concatenate(rows) if rows else np.empty((0, 0), np.float32)

    def _batch(self, texts: list[str], *, alone: bool) -> Vectors:
        client = self._client.with_options(
            timeout=SECONDS_A_QUERY if alone else SECONDS, max_retries=1 if alone else 3
        )
        try:
            answer = client.embeddings.create(model=self._settings.name, input=texts, encoding_format="float")
            data: list[Any] = sorted(answer.data, key=lambda row: row.index)
            found = np.array([row.embedding for row in data], np.float32)
        except (
            Exception
        ) as error:  # servers that only imitate OpenAI's fail in ways that are no error of the client's
            raise self._fault(_told(error)) from None
        return self._unit(found, len(texts))

    def _unit(self, found: Vectors, count: int) -> Vectors:
        if found.ndim != 2 or len(found) != count or not np.isfinite(found).all():
            raise self._fault("gave no vectors that can be used")
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        if not lengths.all():
            raise self._fault("gave a vector without direction")
        unit: Vectors = found / lengths
        return unit

    def _fault(self, told: str) -> EncoderFault:
        return EncoderFault(
            f"The embedding model {self._settings.name} at {self._settings.place} {told}; "
            "searching with the local encoder. Check RUNG_EMBEDDING_MODEL, RUNG_EMBEDDING_BASE_URL and OPENAI_API_KEY."
        )

    @cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI

        return OpenAI(api_key=self._settings.key or "none", base_url=self._settings.base_url)


def _told(error: Exception) -> str:
    from openai import APIConnectionError, APIStatusError, APITimeoutError

    if isinstance(error, APITimeoutError):
        return "took too long"
    if isinstance(error, APIConnectionError):
        return "could not be reached"
    if not isinstance(error, APIStatusError):
        return "gave no vectors that can be used"
    return {401: "did not accept the key", 403: "did not accept the key", 404: "is not known there", 429: "is too busy"}.get(
        error.status_code, "did not accept the request" if error.status_code < 500 else "failed to answer"
    )  # fmt: skip
