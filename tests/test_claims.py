"""Every sentence of every verdict has a citation that resolves, over all combinations of slot values."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import jsonschema
import pytest

from agent.facts import ANY_OF, Facts, Proposal, Slot
from agent.interview import conclude
from agent.recommendation import Recommendation, check
from agent.writing.answers import definition
from agent.writing.plain import Claims, keys, write
from agent.writing.texts import load
from knowledge.corpus import Corpus
from knowledge.errors import UnknownPassage
from tests.test_interview import walks

EXTRA = [
    {},
    {Slot.WANTS: frozenset(ANY_OF[Slot.WANTS])},
    {Slot.NEEDS: frozenset({"actions"}), Slot.PROMPT_TOKENS: 5000.0},
    {Slot.DEADLINE: 3.0},
]


def test_every_verdict_over_all_slot_values_is_written_and_cited(corpus: Corpus) -> None:
    """Every walk of the interview, "don't know" included, with and without what is volunteered."""
    written = 0
    used: set[str] = set()
    for facts, extra in itertools.product(walks(), EXTRA):
        more = facts.merge(Proposal(slot=s, value=v, quote="said") for s, v in extra.items())
        try:
            verdict = conclude(more)
        except Exception:
            pytest.fail(f"{more} cannot be decided")
        advice = write(verdict, more, corpus)  # raises where an id dangles or a quote is not the corpus's
        written += 1
        for sentence in advice.sentences():
            assert sentence.citations, sentence.text
            assert sentence.text.endswith((".", "?", "!")), sentence.text
            assert not re.search(r"[{}]|\bunknown\b", sentence.text), sentence.text
            used.update(c.passage_id for c in sentence.citations)
    assert written > 2000
    assert used <= corpus.passages.keys()


def test_every_shortfall_set_is_written(corpus: Corpus) -> None:
    members = ANY_OF[Slot.SHORTFALL]
    for size in range(len(members) + 1):
        for chosen in itertools.combinations(members, size):
            facts = Facts.of(
                knowledge="none",
                prompting="structured",
                shortfall=chosen or "nothing",
                stability="stable",
                volume=5000,
                success="defined",
            )
            check(write(conclude(facts), facts, corpus), corpus)


def test_every_claim_resolves_and_none_is_long(corpus: Corpus) -> None:
    claims = Claims(corpus, Facts())
    for key in keys():
        for sentence in claims[key]:
            assert sentence.citations
            assert len(sentence.text.split()) <= 40, key


def test_every_glossary_entry_resolves_and_answers_what_is_asked(corpus: Corpus) -> None:
    entries = load("glossary")
    assert len(entries) >= 20
    for entry in entries:
        for term in entry["terms"]:
            sentence = definition(f"What is {term}?", corpus)
            assert sentence is not None, term
            assert sentence.citations
    assert definition("what is the best pizza in town?", corpus) is None


def test_a_citation_of_words_that_do_not_stand_there_is_refused(corpus: Corpus) -> None:
    facts = Facts.of(knowledge="large", retrieval="none")
    advice = write(conclude(facts), facts, corpus)
    wrong = advice.headline.citations[0].model_copy(update={"quote": "Fine-tuning is always best."})
    forged = advice.model_copy(
        update={"headline": advice.headline.model_copy(update={"citations": (wrong,)})}
    )
    with pytest.raises(UnknownPassage, match="do not stand there"):
        check(forged, corpus)


def test_the_recommendation_keeps_its_published_schema(corpus: Corpus) -> None:
    published = json.loads((Path(__file__).parents[1] / "agent" / "recommendation.schema.json").read_text())
    assert published == Recommendation.model_json_schema(mode="serialization"), (
        "run: rung schema recommendation > agent/recommendation.schema.json"
    )
    facts = Facts.of(knowledge="large", retrieval="none")
    jsonschema.validate(json.loads(write(conclude(facts), facts, corpus).model_dump_json()), published)


def test_every_question_and_value_can_be_told() -> None:
    questions, replies = load("questions"), load("replies")
    for slot in Slot:
        assert slot.value in replies["slots"]
    for name, question in questions.items():
        assert question["text"].endswith((".", "?")), name
        assert question["why"], name


def test_what_was_only_assumed_is_not_told_as_a_fact(corpus: Corpus) -> None:
    unknown = Facts.of(knowledge="none", shortfall=("style",)).decline(Slot.PROMPTING)
    advice = write(conclude(unknown), unknown, corpus)
    assert (advice.verdict.rung, advice.verdict.stance) == (1, "climb")
    assert advice.headline.text.startswith("Write a structured prompt")
    assert advice.why[0].text.startswith("How far your prompt has come I do not know")
    known = Facts.of(knowledge="none", shortfall=("style",), prompting="basic")
    assert "So far there is only a quick prompt" in write(conclude(known), known, corpus).why[0].text
    lookup = Facts.of(knowledge="large", prompting="basic").decline(Slot.RETRIEVAL)
    assert "as far as I know nothing" in write(conclude(lookup), lookup, corpus).why[0].text
