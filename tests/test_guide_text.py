"""The guide's real page: every section is found by its headline and by a paraphrase. Needs the page's text in a file, which
is no part of the repository: RUNG_GUIDE_TEXT names it."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from agent.bootstrap import Shelf
from evals.retrieval.stand_ins import Made
from knowledge.originals.document import Document, fingerprint
from knowledge.search import Search, open_search

GUIDE = os.environ.get("RUNG_GUIDE_TEXT", "")
pytestmark = pytest.mark.skipif(not GUIDE, reason="RUNG_GUIDE_TEXT names no file with the guide's text")

#: How each section's heading begins, and what somebody may ask that it answers.
PARAPHRASES = {
    "Fine-Tuning vs Prompting": "the guide's verdict up front: write better prompts first, and train only for consistent behaviour at scale",
    "Prompting vs fine-tuning at a glance": "prompting and fine-tuning at a glance: time to first result, cost to change behaviour, adds new knowledge",
    "What's in this guide": "list of the chapters to skim",
    "Definitions": "what do these two words mean exactly, steering with text at run time and continuing to train a base model",
    "The mental model": "an analogy with briefing somebody new at work versus sending them on a course",
    "The cost and effort tradeoff": "which of them is dear to begin with and lean per call, and which is cheap to begin with but heavy on tokens",
    "When prompting wins": "when does prompting win: low volume, still iterating, or a task that varies",
    "When fine-tuning wins": "which few situations make training a model pay: identical output at volume, short prompts, a small model",
    "The order to try things": "the natural ladder of escalation, climbed in order, stopping at the first rung that works",
    "Common mistakes": "what do teams get wrong, such as forgetting that a trained model is a frozen snapshot or underrating the work on the data",
    "Sources & further reading": "which papers and vendor docs does the guide rest on, Brown 2020, Wei 2022",
    "What's the difference": "how do prompting and retraining differ in a nutshell",
    "Should I fine-tune or just": "should I rather write a better prompt than fine-tune",
    "When is fine-tuning actually": "when is fine-tuning worth it for a stable task at high volume",
    "Can fine-tuning add": "can a fine-tuned model be given new knowledge",
    "Is fine-tuning more expensive": "does training cost more up front than writing prompts",
    "What order should": "in what sequence do I go through prompt, examples, retrieval, training",
}  # fmt: skip


def _with_page(
    shelf: Shelf, data_dir: Path, origin: Literal["original", "own"], folder: Path
) -> tuple[Search, Document]:
    """The search with the page as the guide's original, or as a team's own, which competes with the digest."""
    from knowledge.originals.reading import read

    page = read(Path(GUIDE).read_bytes(), "text/plain")
    source = "guide" if origin == "original" else "own-guide"
    document = Document(
        f"{source}/page", source, origin, page.title, "", "", date(2026, 11, 1), "text/plain", fingerprint(page.text), page.sections,
    )  # fmt: skip
    made = Made()
    made.put(document, page.text)
    search = open_search(shelf.corpus, shelf.encoder, data_dir)
    search.attach(made, folder)
    return search, document


@pytest.fixture(scope="module")
def added(shelf: Shelf, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Search, Document]:
    return _with_page(shelf, data_dir, "own", tmp_path_factory.mktemp("added"))


def _seen(search: Search, query: str) -> set[str]:
    """The headings of the page's passages among the first five hits or beside them."""
    hits = search.search(query, 5)
    shown = [hit.passage for hit in hits] + [hit.original for hit in hits if hit.original is not None]
    return {p.heading for p in shown if p.id.startswith(("guide/", "own-guide/"))}


def _heading(document: Document, opening: str) -> str:
    (heading,) = [s.heading for s in document.sections if s.heading.startswith(opening)]
    return heading


@pytest.mark.parametrize("opening", PARAPHRASES)
def test_a_section_is_found_by_its_headline_and_by_a_paraphrase(
    added: tuple[Search, Document], opening: str
) -> None:
    search, document = added
    heading = _heading(document, opening)
    assert heading in _seen(search, heading)
    assert heading in _seen(search, PARAPHRASES[opening])


def test_every_section_with_words_of_its_own_is_asked_for(added: tuple[Search, Document]) -> None:
    headings = {s.heading for s in added[1].sections}
    assert headings - {_heading(added[1], o) for o in PARAPHRASES} == {"Frequently Asked Questions"}


def test_as_the_guides_original_nearly_all_stand_beside_what_is_found(
    shelf: Shelf, data_dir: Path, tmp_path: Path
) -> None:
    """An original takes no place while the digests answer, so a section that no digest's hit leads to stays unseen."""
    search, document = _with_page(shelf, data_dir, "original", tmp_path)
    seen = [
        _heading(document, opening) in _seen(search, query)
        for opening, paraphrase in PARAPHRASES.items()
        for query in (_heading(document, opening), paraphrase)
    ]
    assert sum(seen) >= 30
    assert len(seen) == 34
