"""Search and the encoder: the right weights, the right vectors, BM25 alone where there is no encoder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from agent.bootstrap import Shelf
from knowledge import embedding
from knowledge.corpus import Corpus
from knowledge.errors import KnowledgeError
from knowledge.search import Search, confidence


def test_vectors_equal_those_of_the_published_model(shelf: Shelf) -> None:
    """Reference vectors made with sentence-transformers 5 and torch 2.13 on the same weights."""
    rows = json.loads((Path(__file__).parent / "reference_vectors.json").read_text())
    encoder = embedding.find_encoder()
    assert encoder is not None
    ours = encoder.encode([row["text"] for row in rows])
    assert np.abs(ours - np.array([row["vector"] for row in rows])).max() < 1e-5


def test_weights_other_than_the_published_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(KnowledgeError, match="not the published ones"):
        embedding.check_weights(tmp_path)


def test_a_batch_gives_what_single_texts_give(shelf: Shelf) -> None:
    encoder = embedding.find_encoder()
    assert encoder is not None
    texts = ["a", "a much longer text about examples in a prompt", "", "json " * 50]
    assert np.abs(encoder.encode(texts) - np.vstack([encoder.encode([t]) for t in texts])).max() < 1e-5


@pytest.mark.parametrize(
    ("query", "passage"),
    [
        ("can fine-tuning add new knowledge", "guide#faq-new-knowledge"),
        ("in what order should I try things", "guide#faq-order"),
        ("is openai closing fine tuning", "openai-deprecations#fine-tuning-closing"),
    ],
)
def test_it_finds_what_answers(shelf: Shelf, query: str, passage: str) -> None:
    hits = shelf.search.search(query, 5)
    assert passage in [hit.passage.id for hit in hits]
    assert shelf.search.answers(hits)


@pytest.mark.parametrize(
    "query", ["best pizza in town", "who won the world cup in 1998", "qqqq zzzz", "", "¿?"]
)
def test_it_says_when_the_sources_do_not_answer(shelf: Shelf, query: str) -> None:
    assert not shelf.search.answers(shelf.search.search(query, 5))


def test_words_alone_are_enough_without_the_encoder(corpus: Corpus) -> None:
    search = Search(corpus)
    hits = search.search("prompt caching minimum tokens", 5)
    assert not search.dense
    assert search.answers(hits)
    assert any("caching" in hit.passage.id for hit in hits)
    assert all(hit.dense is None for hit in hits)


def test_a_misspelt_query_finds_what_the_right_one_finds(shelf: Shelf) -> None:
    right = [hit.passage.id for hit in shelf.search.search("prompt caching minimum tokens", 5)]
    assert [hit.passage.id for hit in shelf.search.search("promt cachng minimun tokens", 5)] == right


def test_a_question_in_other_words_finds_its_answer(shelf: Shelf) -> None:
    """Neither shares a telling word with the passage: the field's things and what is asked lead there."""
    assert "google-gemini-tuning#gemini-api-no-tuning" in _ids(shelf, "can i finetune gemeni now")
    assert "azure-foundry-fine-tuning#cost" in _ids(shelf, "what do I pay to keep a tuned model online")


def _ids(shelf: Shelf, query: str) -> list[str]:
    return [hit.passage.id for hit in shelf.search.search(query, 5)]


def test_confidence_is_a_probability_and_none_without_hits(shelf: Shelf) -> None:
    assert confidence([]) == 0
    near = confidence(shelf.search.search("can fine-tuning add new knowledge"))
    far = confidence(shelf.search.search("best pizza in town"))
    assert 0 < far < 0.1 < 0.9 < near < 1


def test_hits_are_ranked_passages_each_once_with_a_point_that_stands_there(shelf: Shelf) -> None:
    hits = shelf.search.search("examples in the prompt", 10)
    assert len({hit.passage.id for hit in hits}) == len(hits) == 10
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.point in hit.passage.points for hit in hits)


def test_it_can_keep_to_some_sources(shelf: Shelf) -> None:
    hits = shelf.search.search("examples", 10, within=["guide"])
    assert hits
    assert {hit.passage.source.id for hit in hits} == {"guide"}
