"""How sure is a match between a digest's point and a sentence of its original? Measured on stand-ins, and on a page of the
guide where there is one: python -m evals.retrieval.bearing [GUIDE.txt]

Of each digest two stand-ins are made, with every second passage each. A point's own page holds a sentence that retells it
(right: that sentence, or another of its passage; wrong: another passage's), the other page does not, so any match there is
false, but for facts that a digest tells twice.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from evals.retrieval.stand_ins import Made, retold
from knowledge.corpus import Corpus, load
from knowledge.embedding import Encoder, find_encoder
from knowledge.originals.bearing import Sentences, rarities
from knowledge.originals.document import Document, fingerprint

#: The digests of which stand-ins are made.
SOURCES = ("guide", "openai-model-optimization", "anthropic-prompt-engineering", "min-2022-demonstrations", "azure-foundry-fine-tuning")  # fmt: skip
LEAST = (0.4, 0.45, 0.5, 0.53, 0.55, 0.6, 0.65, 0.7)


@dataclass(frozen=True)
class Found:
    """The score of a point's nearest sentence, and whether that retells it; None on a page that does not hold it."""

    score: float
    right: bool | None


def on_stand_ins(corpus: Corpus, encoder: Encoder | None) -> Iterator[Found]:
    for source in SOURCES:
        passages = [p for p in corpus.passages.values() if p.source.id == source]
        for half in (0, 1):
            held = {p.id: p for p in passages[half::2]}
            made = retold(replace(corpus, passages=held), "original", [source])
            (document,) = made.documents()
            points = [(p.id, point) for p in passages for point in p.points]
            yield from _found(document, made, points, held, encoder)


def _found(
    document: Document,
    made: Made,
    points: Sequence[tuple[str, str]],
    held: Collection[str],
    encoder: Encoder | None,
) -> Iterator[Found]:
    told = [point for _, point in points]
    sought = Sentences(document, made.text(document), encoder)
    nearest = sought.nearest(told, rarities([*sought.texts, *told]))
    for (passage_id, _), match in zip(points, nearest, strict=True):
        if passage_id not in held:
            yield Found(match.score if match else 0.0, None)
        elif match is None:
            yield Found(0.0, False)
        else:
            yield Found(match.score, any(match.text in s for s, of in made.says.items() if of == passage_id))


def on_the_guide(corpus: Corpus, encoder: Encoder | None, path: Path) -> Iterator[Found]:
    """The guide's own points (taken as right) and all other digests' (taken as false) on the guide's page."""
    from knowledge.originals.reading import read

    page = read(path.read_bytes(), "text/plain")
    document = Document("guide/page", "guide", "original", page.title, "", "", date(2026, 11, 1), "text/plain", fingerprint(page.text), page.sections)  # fmt: skip
    sought = Sentences(document, page.text, encoder)
    for own in (True, False):
        told = [
            point for p in corpus.passages.values() if (p.source.id == "guide") is own for point in p.points
        ]
        for match in sought.nearest(told, rarities([*sought.texts, *told])):
            yield Found(match.score if match else 0.0, True if own else None)


def table(found: Sequence[Found]) -> Iterator[str]:
    """For each threshold: the share of points matched rightly, matched wrongly, and matched where nothing tells them."""
    held = [f for f in found if f.right is not None]
    absent = [f for f in found if f.right is None]
    yield f"{len(held)} points with a page that holds them, {len(absent)} with one that does not"
    yield "least   right   wrong   false"
    for least in LEAST:
        right, wrong = (
            sum(f.score >= least and f.right is is_right for f in held) for is_right in (True, False)
        )
        false = sum(f.score >= least for f in absent)
        yield f"{least:.2f}   {right / len(held):.3f}   {wrong / len(held):.3f}   {false / len(absent):.4f}"


def main(guide: str = "") -> None:
    corpus = load()
    for name, encoder in (("words and meaning", find_encoder()), ("words alone", None)):
        print(f"\n{name}, on stand-ins")
        print("\n".join(table(list(on_stand_ins(corpus, encoder)))))
        if guide:
            print(f"\n{name}, on the guide's page")
            print("\n".join(table(list(on_the_guide(corpus, encoder, Path(guide))))))


if __name__ == "__main__":
    main(*sys.argv[1:2])
