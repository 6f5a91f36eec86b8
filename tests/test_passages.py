"""Passages: exact characters, nothing lost, nothing the encoder would cut, near doubles folded and no others."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.embedding import MAX_WORD_PIECES, word_pieces
from knowledge.originals.document import Document, Section, fingerprint
from knowledge.originals.duplicates import firsts, signature
from knowledge.originals.passages import estimate, passage, slug, split

POLICY = """Preamble of the policy. It holds for everyone.

# What may be sent

Customer names stay here, e.g. in the archive. Dr. Known decides otherwise!

1. Ask first.
2. Write it down.

# What may not

Keys. Passwords.
"""


def document(text: str, *headings: str, name: str = "own-policy/policy") -> Document:
    sections = tuple(Section(text.index(h) + len(h), h.strip("# "), 1) for h in headings)
    return Document(
        name, name.split("/")[0], "own", "Policy", "us", "https://example.org/p", date(2026, 3, 1), "text/markdown",
        fingerprint(text), sections,
    )  # fmt: skip


def test_passages_follow_sections_and_sentences() -> None:
    kept = document(POLICY, "# What may be sent", "# What may not")
    found = [passage(kept, POLICY, s) for s in split(kept, POLICY)]
    assert [p.id for p in found] == [
        "own-policy/policy#policy-1", "own-policy/policy#what-may-be-sent-1", "own-policy/policy#what-may-not-1",
    ]  # fmt: skip
    assert found[1].points == (
        "Customer names stay here, e.g. in the archive.", "Dr. Known decides otherwise!", "1. Ask first.", "2. Write it down.",
    )  # fmt: skip
    assert found[2].points == ("Keys.", "Passwords.")
    assert found[0].source.relation == "own"
    assert found[0].source.accessed == "2026-03-01"


#: What people paste and what attackers write: no spaces, no sentences, control characters, scripts without spaces.
HOSTILE = {
    "one endless word": "x" * 20_000,
    "rare letters": "xqzjk" * 3_000,
    "chinese": "提示工程与微调的区别" * 500,
    "korean": "한국어문장" * 800,
    "accents": "é̈́" * 3_000,
    "emoji": "🧗‍♀️" * 1_500,
    "control characters": "a\x00b\x1c\x1d.\x1e" * 3_000,
    "punctuation": ".,;!?" * 3_000,
    "quotes": '. "((((' * 3_000,
    "blank": " \n\t" * 5_000,
    "numbers": "1234567890" * 1_000,
    "one long line": "the model reads this and that without an end " * 700,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_is_cut_by_the_encoders_window(kind: str) -> None:
    text = f"# {HOSTILE[kind][:400]}\n\n{HOSTILE[kind]}\n\nAn ordinary end.\n"
    kept = document(text, text.splitlines()[0]) if kind != "blank" else document(text)
    measure = word_pieces()
    assert measure is not None
    found = split(kept, text, measure)
    lengths = measure([s.read(text) for s in found])
    assert max(lengths) + 2 <= MAX_WORD_PIECES  # and the marks at both ends
    assert "An ordinary end." in " ".join(text[a:b] for s in found for a, b in s.sentences)


@given(st.text(st.characters(codec="utf-8"), max_size=2000), st.integers(0, 400), st.integers(1, 60))
def test_every_quote_stands_at_its_place_and_no_word_is_lost(text: str, at: int, size: int) -> None:
    kept = Document(
        "own-x/x", "own-x", "own", "T", "", "", date(2026, 1, 1), "text/plain", fingerprint(text),
        (Section(min(at, len(text)), "heading that stands nowhere", 1),),
    )  # fmt: skip
    found = split(kept, text, estimate, size)
    spans = [span for s in found for span in s.sentences]
    assert spans == sorted(spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    for stretch in found:
        points = passage(kept, text, stretch).points
        assert [text[a:b] for a, b in stretch.sentences] == list(points)
        assert text[stretch.start : stretch.end].startswith(points[0])
        assert estimate(points)[0] <= max(size, 2)
    assert "".join("".join(text[a:b] for a, b in spans).split()) == "".join(text.split())
    assert len({s.id for s in found}) == len(found)


def test_a_heading_becomes_an_anchor() -> None:
    assert slug("What's in this guide?") == "what-s-in-this-guide"
    assert slug("提示") == "part"


STORY = "The platform team decides once a quarter which providers may be used for customer data and writes the list down."


def test_near_doubles_are_folded_once_within_a_group() -> None:
    texts = [
        STORY,
        STORY.upper(),
        STORY + " Yes.",
        "Something else entirely is said in this one, of other things.",
    ]
    signs = np.array([signature(t) for t in texts])
    alike = [0] * 4
    assert firsts(signs, ["own"] * 4, alike).tolist() == [True, False, False, True]
    assert firsts(signs, ["own", "original", "own", "own"], alike).tolist() == [True, True, False, True]
    assert firsts(signs, ["own"] * 4, [2, 0, 1, 2]).tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    ("one", "two"), [("may be used", "may not be used"), ("once a quarter", "once in 4 quarters")]
)
def test_another_number_or_a_negation_is_another_fact(one: str, two: str) -> None:
    signs = np.array([signature(STORY), signature(STORY.replace(one, two))])
    assert firsts(signs, ["own", "own"], [0, 0]).all()
