"""The corpus: digests are whole, ids are stable, and what is wrong with one is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knowledge.corpus import Corpus, load
from knowledge.errors import KnowledgeError, UnknownPassage

GUIDE = """---
id: guide
title: A guide
publisher: Somebody
url: https://example.org
accessed: 2026-11
relation: guide
purpose: to test with
---

## The ladder {#escalation-ladder}
url: https://example.org/ladder
- Climb in order.
- Stop at what works.

| rung | price |
| --- | --- |
| one | 1 |
"""


def test_the_guide_has_every_section_it_promises(corpus: Corpus) -> None:
    anchors = {p.split("#")[1] for p in corpus.passages if p.startswith("guide#")}
    assert anchors >= {
        "summary", "at-a-glance", "definitions", "mental-model", "cost-and-effort", "lean-toward", "when-prompting-wins",
        "when-fine-tuning-wins", "escalation-ladder", "common-mistakes", "sources", "faq-difference",
        "faq-fine-tune-or-prompt", "faq-worth-it", "faq-new-knowledge", "faq-more-expensive", "faq-order",
    }  # fmt: skip


def test_every_source_says_when_it_was_read_and_what_it_is_for(corpus: Corpus) -> None:
    assert len(corpus.sources) >= 22
    for source in corpus.sources.values():
        assert re.search(r"20\d\d", source.accessed)
        assert source.purpose.endswith(".")
        assert source.url.startswith("https://")
        assert source.relation in ("guide", "cited-by-guide", "companion")


def test_every_point_can_be_cited_by_its_opening_words(corpus: Corpus) -> None:
    for passage in corpus.passages.values():
        for point in passage.points:
            assert passage.point(point) == point


def test_tables_are_spelled_out_row_by_row(tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text(GUIDE)
    assert load(tmp_path).passage("guide#escalation-ladder").points == (
        "Climb in order.",
        "Stop at what works.",
        "one: price: 1",
    )


def test_what_is_asked_helps_the_search_and_is_never_a_point(tmp_path: Path) -> None:
    asked = GUIDE.replace(
        "url: https://example.org/ladder\n",
        "url: https://example.org/ladder\nasked: what first?; and then?\n",
    )
    (tmp_path / "guide.md").write_text(asked)
    corpus = load(tmp_path)
    passage = corpus.passage("guide#escalation-ladder")
    assert passage.asked == ("what first?", "and then?")
    assert not any("what first" in point for point in passage.points)
    bare = corpus.without_asked()
    assert bare.passage("guide#escalation-ladder").asked == ()
    assert bare.digest != corpus.digest


def test_an_unknown_passage_id_names_its_neighbours(corpus: Corpus) -> None:
    with pytest.raises(UnknownPassage, match="escalation-ladder"):
        corpus.passage("guide#ladder")
    with pytest.raises(UnknownPassage, match=r"nobody\.md back, or reinstall"):
        corpus.passage("nobody#here")


def test_a_missing_guide_is_said(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"guide\.md back, or reinstall"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.replace("accessed: 2026-11\n", ""), "lacks accessed"),
        (lambda t: t.replace(" {#escalation-ladder}", ""), "needs an anchor"),
        (lambda t: t.replace("url: https://example.org/ladder\n", ""), "needs a url"),
        (lambda t: t + "\n## Again {#escalation-ladder}\nurl: https://a.b\n- x\n", "used twice"),
        (lambda t: t.replace("---\n", "", 1), "front matter"),
        (lambda t: t.replace("id: guide", "id: other"), "name the file other.md"),
        (lambda t: t.replace("title: A guide", "title: [unclosed"), "cannot be used"),
    ],
)
def test_a_digest_that_cannot_be_used_is_named_with_the_reason(
    tmp_path: Path, change: object, said: str
) -> None:
    (tmp_path / "guide.md").write_text(change(GUIDE))  # type: ignore[operator]
    with pytest.raises(KnowledgeError, match=said):
        load(tmp_path)


def test_bytes_that_are_not_text_are_said(tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_bytes(b"---\xff\xfe\n")
    with pytest.raises(KnowledgeError, match=r"guide\.md cannot be used"):
        load(tmp_path)
