"""What has moved on since the originals were read: pages that moved or are gone, sentences that changed, and what rests on them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from knowledge.originals.addresses import Page
from knowledge.originals.document import Document
from knowledge.originals.passages import sentences
from knowledge.originals.pins import Pin, Pins, Point, Standing, Taken, listed, standing
from knowledge.originals.store import Store

Kind = Literal["gone", "moved", "otherwise", "reworded", "dropped", "changed"]
#: What each kind means, for people.
TOLD: Final[Mapping[Kind, str]] = {
    "gone": "the page is gone",
    "moved": "the page has moved",
    "otherwise": "the page now says otherwise",
    "reworded": "a sentence that something rests on was reworded",
    "dropped": "a sentence that something rests on is gone",
    "changed": "the page has changed",
}


@dataclass(frozen=True)
class Drift:
    """One thing that is no longer as it was read. `rests` are the passages of the digests that rest on it, `points` the
    very points where that is known; `sides` the sentences that differ, old beside new, either empty where there is none."""

    document: Document
    kind: Kind
    rests: tuple[str, ...]
    points: tuple[Point, ...] = ()
    sides: tuple[tuple[str, str], ...] = ()

    @property
    def why(self) -> str:
        """What happened, for people."""
        more = {"gone": self.document.gone, "moved": f"now at {self.document.moved_to}"}.get(
            self.kind, f"read {self.document.read}"
        )
        return f"{TOLD[self.kind]} ({more})"


def drift(store: Store, pages: Iterable[Page]) -> Iterator[Drift]:
    """Everything of the originals that is not as it was taken as read, in order of id.

    A page that changed is judged by its sentences behind the digests' points: while they stand, nothing has moved on. Only
    a page without any is listed for a change anywhere in it.

    Raises:
        KnowledgeError: a kept text, or what was found in it, is damaged or missing.
    """
    rests = {page.id: page.rests for page in pages}
    pins = Pins.read(store)
    best = pins.best()
    for document in store.documents():
        if document.origin != "original" or document.id not in rests:
            continue
        on_it, taken = rests[document.id], pins.taken.get(document.id)
        if document.gone and not (taken and taken.gone):
            yield Drift(document, "gone", on_it)
        if document.moved_to and document.moved_to != (taken.moved_to if taken else ""):
            yield Drift(document, "moved", on_it)
        behind = list(listed(best, document.id))
        yield from _sentences(store, document, behind) if behind else _whole(store, document, taken, on_it)


def side_by_side(old: str, new: str, document: Document) -> tuple[tuple[str, str], ...]:
    """The sentences that differ, old beside new."""
    before, after = ([text[a:b] for a, b in sentences(document, text)] for text in (old, new))
    rows: list[tuple[str, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if tag != "equal":
            rows.append((" ".join(before[a:b]), " ".join(after[c:d])))
    return tuple(rows)


def _sentences(
    store: Store, document: Document, behind: Iterable[tuple[Pin, list[Point]]]
) -> Iterator[Drift]:
    """The sentences behind points that do not stand any more."""
    text = store.text(document)
    for pin, points in behind:
        how, now = standing(pin, document, text)
        if how != "stands":
            passages = tuple(dict.fromkeys(passage for passage, _ in points))
            yield Drift(document, _KIND[how], passages, tuple(points), ((pin.text, now),))


def _whole(store: Store, document: Document, taken: Taken | None, on_it: tuple[str, ...]) -> Iterator[Drift]:
    """A page behind which nothing was found, if it is another than was read."""
    earlier = store.earlier(document.id)
    if earlier is None or (taken is not None and taken.sha256 == document.sha256):
        return
    sides = side_by_side(store.text(earlier), store.text(document), document)
    yield Drift(document, "changed", on_it, sides=sides)


_KIND: Final[Mapping[Standing, Kind]] = {
    "otherwise": "otherwise",
    "reworded": "reworded",
    "dropped": "dropped",
}
