"""What was found behind each point of a digest when its page was first fetched, and what has become of it since.

    DATA/originals/pins.json    for each document, the state taken as read, and for each point the sentence that bears it
                                out, or that none does

Pins are made at a sync, document by document, and stay as they are until `rung sources accept` takes a new state as read;
so a page that changes is held against what it said. The file is replaced whole, under the store's lock.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Final, Literal

import orjson

from knowledge.corpus import Corpus
from knowledge.embedding import Encoder
from knowledge.errors import KnowledgeError
from knowledge.originals.bearing import Match, Sentences, negated, numbers, rarities
from knowledge.originals.document import Document
from knowledge.originals.passages import sentences
from knowledge.originals.store import Store, put

#: A digest's passage and one of its points, in full.
Point = tuple[str, str]
#: `stands`: word for word. `otherwise`: the same sentence with other numbers or another negation. `reworded`: nearly it.
Standing = Literal["stands", "otherwise", "reworded", "dropped"]
#: The share of words that a sentence must have kept, in order, to be taken for the same one.
SAME: Final = 0.6


@dataclass(frozen=True)
class Taken:
    """The state of a page that was taken as read: the text's SHA-256, where it had moved, and whether it was gone."""

    sha256: str
    moved_to: str = ""
    gone: bool = False


@dataclass(frozen=True)
class Pin:
    """The sentence behind a point, in the text of this SHA-256; `score` is how well it bears the point out."""

    sha256: str
    start: int
    end: int
    text: str
    score: float


@dataclass
class Pins:
    """All pins, by document and point; None where the document has no sentence for a point, in the text of the SHA-256
    that was `searched` last."""

    taken: dict[str, Taken] = field(default_factory=dict)
    found: dict[str, dict[Point, Pin | None]] = field(default_factory=dict)
    searched: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, store: Store) -> Pins:
        """The pins of a store; empty before the first sync.

        Raises:
            KnowledgeError: the file is damaged; how to make it anew.
        """
        path = store.folder / "pins.json"
        try:
            raw = orjson.loads(path.read_bytes())
            return cls(
                {name: Taken(**state) for name, state in raw["taken"].items()},
                {
                    name: {(p, q): pin and Pin(**pin) for p, q, pin in rows}
                    for name, rows in raw["found"].items()
                },
                dict(raw.get("searched", {})),
            )
        except (FileNotFoundError, NotADirectoryError):
            return cls()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise KnowledgeError(
                f"{path} cannot be read: {error}. Delete it and run `rung sources sync`; what pages say now is then "
                "taken as read."
            ) from error

    def write(self, store: Store) -> None:
        """Put all pins in place of those kept."""
        raw = {
            "taken": {name: asdict(state) for name, state in self.taken.items()},
            "found": {
                name: [[p, q, pin and asdict(pin)] for (p, q), pin in rows.items()]
                for name, rows in self.found.items()
            },
            "searched": self.searched,
        }
        put(store.folder / "pins.json", orjson.dumps(raw))

    def best(self) -> dict[Point, tuple[str, Pin]]:
        """For each point the document and sentence that bear it out best."""
        found: dict[Point, tuple[str, Pin]] = {}
        for name, rows in self.found.items():
            for point, pin in rows.items():
                if pin is not None and (point not in found or pin.score > found[point][1].score):
                    found[point] = (name, pin)
        return found


def pin(
    store: Store,
    corpus: Corpus,
    rests: Mapping[str, Iterable[str]],
    encoder: Encoder | None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Look for the sentence behind every point that was not looked for yet, or not found in an earlier text; how many
    documents were read for it.

    `rests` are, by document, the passages of the digests that name its page.

    Raises:
        KnowledgeError: the pins are damaged, or the folder cannot be written.
    """
    originals = [d for d in store.documents() if d.origin == "original"]
    with store.writing():
        pins = Pins.read(store)
        for gone in set(pins.found) - {d.id for d in originals}:
            pins.found.pop(gone)
            pins.taken.pop(gone, None)
            pins.searched.pop(gone, None)
        new = [(d, lacking) for d in originals if (lacking := _lacking(d, corpus, rests.get(d.id, ()), pins))]
        for done, (document, points) in enumerate(new, 1):
            if _pin(store, document, points, corpus, encoder, pins):
                pins.write(store)
            if progress:
                progress(done, len(new))
    return len(new)


def accept(store: Store, document: Document) -> None:
    """Take the present state of a page as read; sentences that no longer stand are looked for anew by `pin`."""
    with store.writing():
        pins = Pins.read(store)
        text = store.text(document)
        rows = pins.found.get(document.id, {})
        kept = {point: one and _moved(one, document, text) for point, one in rows.items()}
        pins.found[document.id] = {p: one for p, one in kept.items() if one is not None}
        pins.taken[document.id] = Taken(document.sha256, document.moved_to, bool(document.gone))
        pins.write(store)


def located(pin: Pin, document: Document, text: str) -> tuple[int, int] | None:
    """Where a pinned sentence stands in the document's text as it is now, word for word; None where it does not."""
    if document.sha256 == pin.sha256 and text[pin.start : pin.end] == pin.text:
        return pin.start, pin.end
    words = r"\s+".join(map(re.escape, pin.text.split()))
    places = [m.span() for m in re.finditer(rf"(?<!\w){words}(?!\w)", text)]
    return min(places, key=lambda span: abs(span[0] - pin.start), default=None)


def standing(pin: Pin, document: Document, text: str) -> tuple[Standing, str]:
    """What has become of a pinned sentence, and what stands in its place now (empty where nothing does)."""
    if located(pin, document, text):
        return "stands", pin.text
    words = pin.text.split()
    matcher = difflib.SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(words)
    near: tuple[float, str] = (0.0, "")
    for start, end in sentences(document, text):
        matcher.set_seq1(text[start:end].split())
        if matcher.real_quick_ratio() > near[0] and matcher.quick_ratio() > near[0]:
            near = max(near, (matcher.ratio(), text[start:end]))
    if near[0] < SAME:
        return "dropped", ""
    differs = numbers(near[1]) != numbers(pin.text) or negated(near[1]) != negated(pin.text)
    return ("otherwise" if differs else "reworded"), near[1]


def _lacking(document: Document, corpus: Corpus, rests: Iterable[str], pins: Pins) -> list[Point]:
    named = set(rests)
    passages = [p for p in corpus.passages.values() if p.source.id == document.source_id or p.id in named]
    rows = pins.found.get(document.id, {})
    again = pins.searched.get(document.id) != document.sha256
    have = {point for point, one in rows.items() if one is not None or not again}
    return [(p.id, point) for p in passages for point in p.points if (p.id, point) not in have]


def _pin(
    store: Store, document: Document, points: list[Point], corpus: Corpus, encoder: Encoder | None, pins: Pins
) -> bool:
    try:
        text = store.text(document)
    except KnowledgeError:
        return False  # told where it is searched
    sought = Sentences(document, text, encoder)
    told = [point for _, point in points]
    rarity = rarities([*sought.texts, *told])
    rows = pins.found.setdefault(document.id, {})
    for point, match in zip(points, sought.bearing_out(told, rarity), strict=True):
        rows[point] = _pinned(match, document) if match else None
    for stray in [p for p in rows if p[0] not in corpus.passages or p[1] not in corpus.passages[p[0]].points]:
        del rows[stray]
    pins.taken.setdefault(document.id, Taken(document.sha256))
    pins.searched[document.id] = document.sha256
    return True


def _pinned(match: Match, document: Document) -> Pin:
    return Pin(document.sha256, match.start, match.end, match.text, match.score)


def _moved(pin: Pin, document: Document, text: str) -> Pin | None:
    span = located(pin, document, text)
    return span and replace(
        pin, sha256=document.sha256, start=span[0], end=span[1], text=text[span[0] : span[1]]
    )


def listed(rows: Mapping[Point, tuple[str, Pin]], document_id: str) -> Iterator[tuple[Pin, list[Point]]]:
    """The sentences pinned in a document, each once with the points that rest on it, in the order of the text."""
    by_sentence: dict[tuple[int, str], tuple[Pin, list[Point]]] = {}
    for point, (name, pin) in rows.items():
        if name == document_id:
            by_sentence.setdefault((pin.start, pin.text), (pin, []))[1].append(point)
    yield from (by_sentence[key] for key in sorted(by_sentence))
