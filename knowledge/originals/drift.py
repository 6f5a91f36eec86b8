"""What has moved on since the originals were first fetched: pages that changed, moved or are gone, and what rests on them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.originals.addresses import Page
from knowledge.originals.document import Document
from knowledge.originals.store import Store


@dataclass(frozen=True)
class Drift:
    """One page that is no longer what it was. `rests` are the passages of the digests that name it; `sides` the lines that
    differ, old beside new, either empty where there is none."""

    document: Document
    kind: Literal["changed", "moved", "gone"]
    rests: tuple[str, ...]
    sides: tuple[tuple[str, str], ...] = ()

    @property
    def why(self) -> str:
        """What happened, for people."""
        if self.kind == "gone":
            return self.document.gone
        return f"now at {self.document.moved_to}" if self.kind == "moved" else f"read {self.document.read}"


def drift(store: Store, pages: Iterable[Page]) -> Iterator[Drift]:
    """Every original that changed between its last two editions, moved, or is gone, in order of id.

    Raises:
        KnowledgeError: a kept text is damaged or missing.
    """
    rests = {page.id: page.rests for page in pages}
    for document in store.documents():
        if document.origin != "original" or document.id not in rests:
            continue
        on_it = rests[document.id]
        if document.gone:
            yield Drift(document, "gone", on_it)
        if document.moved_to:
            yield Drift(document, "moved", on_it)
        earlier = store.earlier(document.id)
        if earlier is not None:
            yield Drift(document, "changed", on_it, side_by_side(store.text(earlier), store.text(document)))


def side_by_side(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """The sentences that differ, old beside new."""
    before, after = _sentences(old), _sentences(new)
    rows: list[tuple[str, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if tag != "equal":
            rows.append((" ".join(before[a:b]), " ".join(after[c:d])))
    return tuple(rows)


def _sentences(text: str) -> list[str]:
    return [s for line in text.split("\n") for s in re.split(r"(?<=[.!?])\s+", line.strip()) if s]
