"""The corpus: sources, and the passages that can be cited.

A digest is a Markdown file in `knowledge/sources/`: front matter about the source, then one section a passage,

    ## The order to try things {#escalation-ladder}
    url: https://…
    asked: what people ask that this answers; another way to ask it
    - one fact a line

`asked:` is optional and only helps the search: it is never shown or cited. A passage's id is `source#anchor`, as in `guide#escalation-ladder`, and stays when its heading is reworded.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import KnowledgeError, UnknownPassage

#: A section's heading and its anchor.
SECTION = re.compile(r"^## (?P<heading>.+?) \{#(?P<anchor>[a-z0-9-]+)\}\s*$", re.MULTILINE)
_REQUIRED = ("id", "title", "publisher", "url", "accessed", "relation", "purpose")


@dataclass(frozen=True)
class Source:
    """One publication. `accessed` is when it was read, as precisely as is known; `relation` is how it belongs here:
    `guide`, `cited-by-guide` or `companion`; `purpose` is what the advice uses it for."""

    id: str
    title: str
    publisher: str
    url: str
    accessed: str
    relation: str
    purpose: str
    note: str = ""


@dataclass(frozen=True)
class Excerpt:
    """A sentence of an original, word for word: `text` is characters `start` to `end` of the kept text with this SHA-256."""

    document_id: str
    sha256: str
    start: int
    end: int
    text: str
    url: str
    read: str


@dataclass(frozen=True)
class Borne:
    """What stands behind a point: its sentence in the original, if there is one, and what is to be said of the page
    where it has moved on since (empty otherwise)."""

    excerpt: Excerpt | None
    stale: str = ""


@dataclass(frozen=True)
class Passage:
    """One section of a digest: what can be cited. `points` are its facts, each readable alone; `rows` are those of them
    that stand in a table, cell by column, for code that reckons with them; `asked` are questions it answers, in the words
    people use, for the search alone; `borne` is what the originals have of the points, where they were fetched."""

    id: str
    source: Source
    heading: str
    url: str
    points: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...] = field(default=(), compare=False)
    asked: tuple[str, ...] = ()
    borne: Mapping[str, Borne] = field(default_factory=dict, compare=False, repr=False)

    @property
    def text(self) -> str:
        return "\n".join(self.points)

    def point(self, opening: str) -> str:
        """The point that begins with these words.

        Raises:
            UnknownPassage: no point, or more than one, begins so.
        """
        found = [p for p in self.points if p.startswith(opening)]
        if len(found) != 1:
            raise UnknownPassage(
                f"{len(found)} points of {self.id} begin with “{opening}”; exactly one must."
            )
        return found[0]


@dataclass(frozen=True)
class Corpus:
    """All sources and passages of the digests, in reading order. `documents` are the passages of originals and of a team's
    own documents, which resolve as the others do and rest no claim; `kept` is the text of an original by id and SHA-256,
    None where that edition is not kept."""

    sources: Mapping[str, Source]
    passages: Mapping[str, Passage]
    folder: Path = field(default_factory=Path)
    documents: Mapping[str, Passage] = field(default_factory=dict, compare=False)
    kept: Callable[[str, str], str | None] = field(default=lambda *_: None, compare=False)

    def without_asked(self) -> Corpus:
        """The same without the `asked:` lines, to see what they do."""
        return replace(self, passages={i: replace(p, asked=()) for i, p in self.passages.items()})

    def passage(self, passage_id: str) -> Passage:
        """The passage of this id.

        Raises:
            UnknownPassage: with the nearest ids, or the missing digest named.
        """
        if passage_id in self.passages:
            return self.passages[passage_id]
        if passage_id in self.documents:
            return self.documents[passage_id]
        source_id, _, _ = passage_id.partition("#")
        if source_id.startswith("own-") or "/" in source_id:
            near = [p for p in self.documents if p.startswith(f"{source_id}#")]
            raise UnknownPassage(
                f"There is no passage “{passage_id}”. {source_id} has: {', '.join(near[:20])}."
                if near
                else f"There is no document “{source_id}”. `rung sources` lists them; it may have been removed."
            )
        if source_id in self.sources:
            near = [p for p in self.passages if p.startswith(f"{source_id}#")]
            raise UnknownPassage(f"There is no passage “{passage_id}”. {source_id} has: {', '.join(near)}.")
        raise UnknownPassage(
            f"There is no source “{source_id}”. `rung sources` lists them. "
            f"If it should be there, its digest is missing: put {self.folder / (source_id + '.md')} back, or reinstall Rung."
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that can be cited or searched."""
        state = hashlib.sha256()
        for p in self.passages.values():
            state.update("\x1f".join((p.id, p.source.title, p.heading, p.url, *p.asked, *p.points)).encode())
            state.update(b"\x1e")
        return state.hexdigest()


def load(folder: Path | None = None) -> Corpus:
    """Read every digest of a folder (by default the ones that come with Rung).

    Raises:
        KnowledgeError: no digests, the guide missing, or a digest that cannot be read, with the file and the reason.
    """
    folder = folder or Path(str(files("knowledge"))) / "sources"
    paths = sorted(folder.glob("*.md"), key=lambda p: (p.stem != "guide", p.stem))
    if not paths or paths[0].stem != "guide":
        raise KnowledgeError(
            f"The guide's digest is missing: put {folder / 'guide.md'} back, or reinstall Rung."
        )
    sources: dict[str, Source] = {}
    passages: dict[str, Passage] = {}
    for path in paths:
        try:
            source, sections = _digest(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as error:
            raise KnowledgeError(
                f"The digest {path} cannot be used: {error}. Mend it, or reinstall Rung."
            ) from error
        if source.id != path.stem:
            raise KnowledgeError(
                f"The digest {path} says its id is “{source.id}”; name the file {source.id}.md."
            )
        sources[source.id] = source
        passages.update((p.id, p) for p in sections)
    return Corpus(sources=sources, passages=passages, folder=folder)


def _digest(text: str) -> tuple[Source, list[Passage]]:
    """One digest's source and passages; ValueError says what is wrong."""
    match = re.match(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL)
    if not match:
        raise ValueError("it does not begin with front matter between two lines of ---")
    meta: dict[str, Any] = yaml.safe_load(match[1]) or {}
    missing = [key for key in _REQUIRED if not meta.get(key)]
    if missing:
        raise ValueError(f"its front matter lacks {', '.join(missing)}")
    source = Source(**{key: str(meta[key]) for key in _REQUIRED}, note=str(meta.get("note", "")))

    pieces = SECTION.split(match[2])
    passages: list[Passage] = []
    for heading, anchor, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        url, asked, points, rows = _section(body)
        passage_id = f"{source.id}#{anchor}"
        if not url or not points:
            raise ValueError(f"section “{heading}” needs a url: line and at least one point")
        if any(p.id == passage_id for p in passages):
            raise ValueError(f"the anchor {anchor} is used twice")
        passages.append(Passage(passage_id, source, heading, url, points, rows, asked))
    unmarked = [line for line in match[2].splitlines() if line.startswith("## ") and not SECTION.match(line)]
    if unmarked or not passages:
        raise ValueError(
            f"every section needs an anchor {{#like-this}}: {unmarked[:1] or 'there are no sections'}"
        )
    return source, passages


def _section(
    body: str,
) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[dict[str, str], ...]]:
    """A section's address, what is asked that it answers, its points (bullets, plain lines, and the rows of its tables
    spelled out), and those rows."""
    url = ""
    asked: tuple[str, ...] = ()
    points: list[str] = []
    rows: list[dict[str, str]] = []
    head: list[str] = []
    for line in (raw.strip() for raw in body.splitlines()):
        if line.startswith("url:") and not url:
            url = line.removeprefix("url:").strip()
        elif line.startswith("asked:") and not points:
            asked = tuple(q.strip() for q in line.removeprefix("asked:").split(";") if q.strip())
        elif line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                continue
            if not head:
                head = cells
            else:
                rest = "; ".join(
                    f"{name}: {cell}" for name, cell in zip(head[1:], cells[1:], strict=False) if cell
                )
                points.append(f"{cells[0]}: {rest}")
                rows.append(dict(zip(head, cells, strict=False)))
        else:
            head = []
            if line and not line.startswith("#"):
                points.append(line.removeprefix("- "))
    return url, asked, tuple(points), tuple(rows)
