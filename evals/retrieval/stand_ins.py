"""Stand-ins for documents, made with a seed: pages that say what the digests say, and pages about something else.

No original can be part of the repository, so these take their place where a figure has to be made again by anybody:

- `retold`: a page for a digest, its passages in another order, their facts in another order under a plainer heading, with
  words changed and a paragraph about something else after each. It is nearer to the digest than a real page would be.
- `unrelated`: pages of sentences drawn from the docstrings of Python's own library, so real English about something else,
  but with no thread from one sentence to the next.
"""

from __future__ import annotations

import ast
import random
import re
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from knowledge.corpus import Corpus, Passage
from knowledge.originals.document import Document, Section, fingerprint

#: The publisher of every page made here.
STAND_IN = "made for measuring"
_OTHER_WORDS = {
    "use": "employ", "uses": "employs", "need": "require", "needs": "requires", "show": "demonstrate", "shows": "demonstrates",
    "give": "provide", "gives": "provides", "get": "obtain", "make": "produce", "start": "begin", "often": "frequently",
    "also": "moreover", "only": "solely", "about": "around", "big": "large", "before": "prior to", "many": "numerous",
}  # fmt: skip
_OPENINGS = ("In practice, ", "Note that ", "As a rule, ", "In short: ", "", "", "")


@dataclass
class Made:
    """Documents in memory, as `knowledge.originals.sheets.Documents` wants them. `says` has the digest's passage whose
    fact a sentence retells."""

    kept: dict[str, Document] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=dict)

    def documents(self) -> Sequence[Document]:
        return tuple(self.kept.values())

    def text(self, document: Document) -> str:
        return self.texts[document.id]

    def put(self, document: Document, text: str) -> None:
        self.kept[document.id], self.texts[document.id] = document, text


def retold(corpus: Corpus, origin: Literal["original", "own"], sources: Iterable[str], seed: int = 7) -> Made:
    """A page for each of these digests."""
    made, draw = Made(), random.Random(seed)
    for source_id in sources:
        passages = [p for p in corpus.passages.values() if p.source.id == source_id]
        draw.shuffle(passages)
        parts = [(_plainer(p.heading), _facts(p, draw, made), paragraph(draw)) for p in passages]
        name = source_id if origin == "original" else f"own-{source_id}"
        made.put(*_page(f"{name}/page", name, origin, corpus.sources[source_id].title, parts))
    return made


def unrelated(count: int, sections: int = 20, seed: int = 11) -> Made:
    """Pages of a team's own about something else; each section is one short paragraph, so one passage."""
    made, draw = Made(), random.Random(seed)
    for n in range(count):
        parts = [(_topic(draw), paragraph(draw, 2, 3)) for _ in range(sections)]
        made.put(*_page(f"own-page-{n}/page", f"own-page-{n}", "own", _topic(draw), parts))
    return made


def together(*some: Made) -> Made:
    """All of these documents."""
    whole = Made()
    for made in some:
        whole.kept |= made.kept
        whole.texts |= made.texts
        whole.says |= made.says
    return whole


def paragraph(draw: random.Random, least: int = 4, most: int = 7) -> str:
    """Some sentences about something else."""
    return " ".join(draw.sample(sentences(), draw.randint(least, most)))


@cache
def sentences() -> tuple[str, ...]:
    """Sentences from the docstrings of Python's library, in the order of its files."""
    found: dict[str, None] = {}
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                text = " ".join((ast.get_docstring(node) or "").split())
                found |= dict.fromkeys(s for s in re.split(r"(?<=\.) (?=[A-Z])", text) if _is_prose(s))
    return tuple(found)


def _is_prose(sentence: str) -> bool:
    plain = re.fullmatch(r"[A-Z][\w ,;:'()/-]{40,240}\.", sentence)
    return plain is not None and len(sentence.split()) > 6


def _topic(draw: random.Random) -> str:
    return " ".join(draw.choice(sentences()).split()[:4])


def _plainer(heading: str) -> str:
    return "On " + " ".join(heading.lower().split()[:5])


def _facts(told: Passage, draw: random.Random, made: Made) -> str:
    points = [_otherwise(point, draw) for point in told.points]
    draw.shuffle(points)
    made.says |= dict.fromkeys(points, told.id)
    return " ".join(points)


def _otherwise(point: str, draw: random.Random) -> str:
    words = re.sub(r"\b[a-z]+\b", lambda m: _OTHER_WORDS.get(m[0], m[0]), point.rstrip(".;: "))
    return f"{draw.choice(_OPENINGS)}{words}."


def _page(
    name: str, source_id: str, origin: Literal["original", "own"], title: str, parts: list[tuple[str, ...]]
) -> tuple[Document, str]:
    text, sections = "", []
    for heading, *paragraphs in parts:
        text += f"## {heading}\n\n"
        sections.append(Section(len(text), heading, 2))
        text += "".join(f"{p}\n\n" for p in paragraphs)
    document = Document(
        name, source_id, origin, title, STAND_IN, "https://example.org/", date(2026, 1, 1),
        "text/markdown", fingerprint(text), tuple(sections),
    )  # fmt: skip
    return document, text
