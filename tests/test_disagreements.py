"""Where the sources disagree: only what bears on the case, both sides cited."""

from __future__ import annotations

import pytest

from agent.facts import Facts
from agent.interview import conclude
from agent.recommendation import Recommendation
from agent.writing.disagreements import MOST, every
from agent.writing.plain import write
from agent.writing.texts import load
from knowledge.corpus import Corpus

FEW_SHOT = dict(
    knowledge="none", prompting="few_shot", shortfall=["quality"], stability="stable", success="measured"
)


def advised(corpus: Corpus, **facts: object) -> Recommendation:
    known = Facts.of(**facts)
    return write(conclude(known), known, corpus)


@pytest.mark.parametrize(
    ("facts", "topics"),
    [
        (dict(knowledge="none", prompting="none"), []),
        (dict(knowledge="none", prompting="basic", shortfall=["quality"]), []),
        (dict(knowledge="none", prompting="structured", shortfall=["style"]), ["style_otherwise", "examples_can_hurt"]),
        (dict(knowledge="large", retrieval="none"), ["whole_document", "order"]),
        ({**FEW_SHOT, "examples": 5}, ["how_many_to_train"]),
        ({**FEW_SHOT, "examples": 500, "volume": 10}, ["volume_needed"]),
        ({**FEW_SHOT, "examples": 500, "volume": 5000}, ["classify_by_prompt", "order"]),
        (dict(knowledge="none", prompting="none", wants=["facts_trained_in"]), ["facts_by_training"]),
    ],
)  # fmt: skip
def test_only_what_bears_on_the_case_is_told(
    corpus: Corpus, facts: dict[str, object], topics: list[str]
) -> None:
    told = load("disagreements")
    advice = advised(corpus, **facts)
    assert [d.topic for d in advice.disagreements] == [told[name]["topic"] for name in topics]


def test_each_tells_the_guide_another_source_and_where_they_stand(corpus: Corpus) -> None:
    found = every(corpus)
    assert len(found) == len(load("disagreements")) and len(found) > MOST
    measured = 0
    for one in found:
        assert {c.passage_id.split("#")[0] for c in one.guide.citations} == {"guide"}
        for other in one.others:
            assert all(not c.passage_id.startswith("guide#") for c in other.citations)
        for sentence in one.sentences():
            assert len(sentence.text.split()) <= 45, sentence.text
        measured += any(any(ch.isdigit() for ch in s.text) for s in one.measured)
    assert measured >= 8  # with figures on at least so many
