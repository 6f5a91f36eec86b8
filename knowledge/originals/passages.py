"""Passages of a document: stretches of one idea, each pointing to exact characters of the text as it is kept.

A text is cut along its sections, then its paragraphs, then its sentences; a sentence is broken only where it is longer than a
whole passage may be. Paragraphs that belong to one heading are joined while they fit. `text[start:end]` is always the
quote: nothing is put right, and nothing is lost but white space and the headings' own lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from knowledge.corpus import Passage, Source
from knowledge.originals.document import Document

#: Start and end of some characters of a text, the end not included.
Span = tuple[int, int]
#: Texts to their lengths in the encoder's word pieces.
Measure = Callable[[Sequence[str]], list[int]]

#: Word pieces of a passage at most, chosen by measurement (docs/originals-search.md), and of the heading read before it.
SIZE: Final = 128
HEADING: Final = 48
#: Characters of a sentence at most: a word without end is a single piece to the encoder.
LONGEST: Final = 1200

_PARAGRAPH: Final = re.compile(r"\n[^\S\n]*\n\s*")
#: Where one sentence ends and the next begins: after a full stop and before a capital, or at the next item of a list.
_GAP: Final = re.compile(
    r"[.!?…][\"'”’)\]*_]{0,4}(?P<after>\s+)(?=[\"'“‘(\[*_#•–—-]{0,4}[^\W_a-z])|(?P<line>\n)(?=\s{0,8}(?:[-*•|#]|\d{1,3}[.)]\s))"
)
_SHORTENED: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|cf|al|Fig|Eq|Dr|Mr|Ms|Mrs|No|approx)|(?<!\w)[A-Z]|(?:^|(?<=\n))\s{0,8}\d{1,3})\.$"
)
_MARKS: Final = "#*_=- \t\r\n"


@dataclass(frozen=True)
class Stretch:
    """Where a passage stands: its id, the heading it stands under, and its sentences."""

    id: str
    heading: str
    sentences: tuple[Span, ...]

    @property
    def start(self) -> int:
        return self.sentences[0][0]

    @property
    def end(self) -> int:
        return self.sentences[-1][1]

    def read(self, text: str) -> str:
        """What the encoder and the word search are given: the heading, then the words, white space made plain."""
        return " ".join(f"{self.heading}: {text[self.start : self.end]}".split())


def estimate(texts: Sequence[str]) -> list[int]:
    """Word pieces of ordinary English, about four characters each: for use without the encoder, where no window cuts."""
    return [1 + len(text) // 4 for text in texts]


def split(document: Document, text: str, measure: Measure = estimate, size: int = SIZE) -> list[Stretch]:
    """The passages of a document in reading order. None is longer than `size` word pieces and its heading's `HEADING`."""
    numbers: Counter[str] = Counter()
    found: list[Stretch] = []
    for heading, body in _bodies(document, text):
        shown = shortened(heading, measure)
        anchor = slug(heading)
        for sentences in _packed(text, body, measure, size):
            numbers[anchor] += 1
            found.append(Stretch(f"{document.id}#{anchor}-{numbers[anchor]}", shown, tuple(sentences)))
    return found


def sentences(document: Document, text: str) -> list[Span]:
    """Every sentence of a document, headings' own lines left out, in reading order."""
    return [
        sentence
        for _, body in _bodies(document, text)
        for paragraph in _cut(text, body, _PARAGRAPH.finditer(text, *body))
        for sentence in _cut(text, paragraph, _gaps(text, paragraph))
    ]


def passage(document: Document, text: str, stretch: Stretch) -> Passage:
    """A stretch as something that can be cited: its points are its sentences, word for word."""
    return Passage(
        stretch.id,
        source(document),
        stretch.heading,
        document.url,
        tuple(text[start:end] for start, end in stretch.sentences),
    )


def source(document: Document) -> Source:
    """A document as the source of its passages, marked as a team's own or as an original."""
    purpose = "a document of the team's own" if document.origin == "own" else "the page behind the digest"
    told = [
        f"trust: {document.trust}" if document.trust else "",
        f"of {document.dated}" * bool(document.dated),
    ]
    return Source(
        document.source_id,
        document.title,
        document.publisher,
        document.url,
        document.read.isoformat(),
        document.origin,
        purpose,
        "; ".join(filter(None, told)),
    )


def slug(heading: str) -> str:
    """A heading as an anchor: its first words, plain."""
    return "-".join(re.findall(r"[a-z0-9]+", heading.lower())[:8])[:60].strip("-") or "part"


def shortened(heading: str, measure: Measure) -> str:
    """A heading in one line, cut where it would crowd the passage out of the encoder's window."""
    heading = " ".join(heading.split())[:200]
    while heading and measure([heading])[0] > HEADING:
        heading = heading[: len(heading) * 2 // 3]
    return heading


def _bodies(document: Document, text: str) -> Iterator[tuple[str, Span]]:
    """Each section's heading and what stands under it, without the line of the heading that follows."""
    marks = [(0, document.title), *((s.start, s.heading) for s in document.sections)]
    for (start, heading), (end, following) in pairwise([*marks, (len(text), "")]):
        yield heading, (start, _before(text, start, end, following) if following else end)


def _before(text: str, start: int, end: int, heading: str) -> int:
    """Where the line of `heading` begins, if the stretch ends with it."""
    stop = start + len(text[start:end].rstrip(_MARKS))
    line = max(start, text.rfind("\n", start, stop) + 1)
    return line if text[line:stop].strip(_MARKS) == heading.strip(_MARKS) else end


def _packed(text: str, body: Span, measure: Measure, size: int) -> Iterator[list[Span]]:
    """The sentences of a section, some at a time: paragraphs joined while they fit, long ones cut between sentences."""
    current: list[Span] = []
    used = 0
    for paragraph in _paragraphs(text, body, measure, size):
        if used + sum(length for _, length in paragraph) > size and current:
            yield current
            current, used = [], 0
        for span, length in paragraph:
            if current and (used + length > size or current[-1][1] == span[0]):
                yield current
                current, used = [], 0
            current.append(span)
            used += length
    if current:
        yield current


def _paragraphs(text: str, body: Span, measure: Measure, size: int) -> Iterator[list[tuple[Span, int]]]:
    """The sentences of each paragraph with their lengths in word pieces, none above `size`."""
    for paragraph in _cut(text, body, _PARAGRAPH.finditer(text, *body)):
        sentences = list(_cut(text, paragraph, _gaps(text, paragraph)))
        lengths = measure([text[start:end] for start, end in sentences])
        fitting: list[tuple[Span, int]] = []
        for span, length in zip(sentences, lengths, strict=True):
            fitting += _fitting(text, span, length, measure, size)
        if fitting:
            yield fitting


def _gaps(text: str, paragraph: Span) -> Iterator[re.Match[str]]:
    return (
        gap
        for gap in _GAP.finditer(text, *paragraph)
        if gap["line"] or not _SHORTENED.search(text, max(0, gap.start() - 8), gap.start("after"))
    )


def _cut(text: str, span: Span, gaps: Iterator[re.Match[str]]) -> Iterator[Span]:
    """The stretches between the gaps, without white space at their ends; empty ones left out."""
    start = span[0]
    for gap in gaps:
        yield from _trimmed(text, start, gap.start("after") if gap.groupdict().get("after") else gap.start())
        start = gap.end()
    yield from _trimmed(text, start, span[1])


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    inside = text[start:end]
    if inside.strip():
        yield start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip())


def _fitting(text: str, span: Span, length: int, measure: Measure, size: int) -> Iterator[tuple[Span, int]]:
    """The sentence, or its halves (cut at a line's end or a space where there is one) until each fits."""
    start, end = span
    if (length <= size and end - start <= LONGEST) or end - start == 1:
        yield span, length
        return
    quarter, middle = start + (end - start) // 4, (start + end + 1) // 2
    cut = next((c for gap in "\n " if (c := text.rfind(gap, quarter, middle)) > start), middle)
    for half in (*_trimmed(text, start, cut), *_trimmed(text, cut, end)):
        yield from _fitting(text, half, measure([text[half[0] : half[1]]])[0], measure, size)
