"""The retrieval set and its figures: metrics as scikit-learn has them, labels that resolve, a report that is the same twice."""

from __future__ import annotations

import json
import math
from collections import Counter

import numpy as np
import pytest
from sklearn.metrics import ndcg_score, roc_auc_score

from evals.retrieval.metrics import auroc, bootstrap, ndcg, recall, reciprocal_rank
from evals.retrieval.queries import FOLDER, KINDS, SPLITS, Query, queries
from evals.retrieval.score import DEFAULT, Figure, RetrievalReport, Row, outcome, run
from knowledge.corpus import Corpus


@pytest.mark.parametrize("seed", range(8))
def test_ndcg_is_that_of_scikit_learn(seed: int) -> None:
    draw = np.random.default_rng(seed)
    grades = draw.integers(0, 3, 30)
    grades[0] = 2
    scores = draw.permutation(30).astype(float)
    in_order = [float(g) for g in grades[np.argsort(-scores)]]
    expected = ndcg_score([grades], [scores], k=10)
    assert ndcg(in_order[:10], [float(g) for g in grades]) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(8))
def test_auroc_is_that_of_scikit_learn_with_ties(seed: int) -> None:
    draw = np.random.default_rng(seed)
    scores = draw.integers(0, 5, 40) / 4
    truth = np.arange(40) % 3 == 0
    expected = roc_auc_score(truth, scores)
    assert auroc(list(scores[truth]), list(scores[~truth])) == pytest.approx(expected)


def test_auroc_of_one_class_is_not_a_number() -> None:
    assert math.isnan(auroc([0.5], []))


def test_recall_asks_for_no_more_than_fit() -> None:
    found = ["a", "b", "c", "d", "e", "f"]
    assert recall(found, {"a", "f"}) == 0.5
    assert recall(found, set("abcdefgh")) == 1.0
    assert recall([], {"a"}) == 0.0


def test_reciprocal_rank_is_that_of_the_first_wanted() -> None:
    assert reciprocal_rank(["x", "a", "b"], {"a", "b"}) == 0.5
    assert reciprocal_rank(["x"], {"a"}) == 0.0


def test_a_bootstrap_interval_holds_the_figure_and_is_the_same_twice() -> None:
    rows = [0.0, 1.0] * 50
    low, high = bootstrap(rows, lambda r: sum(r) / len(r))
    assert 0.38 < low < 0.5 < high < 0.62
    assert (low, high) == bootstrap(rows, lambda r: sum(r) / len(r))


def test_passages_that_only_help_count_for_ndcg_but_not_for_recall() -> None:
    query = Query("q", "multi", "?", frozenset({"a"}), frozenset({"h"}), "tune")
    helped = outcome(query, ["h", "x"])
    assert (helped.recall, helped.mrr, helped.one) == (0, 0, 0)
    assert helped.ndcg == pytest.approx(1 / (2 + 1 / math.log2(3)))
    assert outcome(query, ["a", "h"]).ndcg == pytest.approx(1)


def test_every_label_is_a_passage_and_no_passage_has_two_grades(corpus: Corpus) -> None:
    for split in SPLITS:
        for query in queries(split):
            assert (query.answers | query.helps) <= set(corpus.passages)
            assert not query.answers & query.helps
            assert query.answerable == (query.kind != "unanswerable")


def test_the_set_is_large_enough_and_no_query_stands_twice() -> None:
    halves = {split: queries(split) for split in SPLITS}
    everything = [q for half in halves.values() for q in half]
    assert len(everything) >= 220
    assert len({q.id for q in everything}) == len({q.text.lower() for q in everything}) == len(everything)
    assert all(n >= 15 for n in Counter(q.kind for q in halves["measure"]).values())
    assert {q.kind for q in everything} == set(KINDS)


def test_labels_given_twice_are_of_pairs_in_the_set(corpus: Corpus) -> None:
    known = {q.id: q for split in SPLITS for q in queries(split)}
    rows = [json.loads(line) for line in (FOLDER / "labels_twice.jsonl").read_text().splitlines()]
    assert len(rows) == 60
    for row in rows:
        assert known[row["query"]].grade(row["passage"]) == row["first"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> RetrievalReport:
    return run("tune", tmp_path_factory.mktemp("retrieval"))


def test_the_default_beats_each_part_alone_on_the_tuning_half(report: RetrievalReport) -> None:
    arms = {row.name: row for row in report.arms}
    for part in ("BM25 alone", "dense alone", "both"):
        assert arms[DEFAULT].recall.value > arms[part].recall.value
        assert arms[DEFAULT].ndcg.value > arms[part].ndcg.value
    assert arms["both and the field's things"].recall.value > arms["both"].recall.value


def test_the_guide_in_context_says_what_it_costs(report: RetrievalReport) -> None:
    guide = report.arms[-1]
    assert guide.name == "whole guide in context"
    assert guide.tokens > 2 * report.default.tokens
    assert math.isnan(guide.auroc.value)


def test_a_report_is_json_that_leaves_the_clock_out() -> None:
    nothing = Figure(math.nan, math.nan, math.nan)
    row = Row("x", 1, Figure(1 / 3, 0.1, 0.9), nothing, nothing, nothing, nothing, 10, relative_time=1.23)
    text = RetrievalReport("tune", 1, 0, (row,), (), 1).to_json()
    assert text == RetrievalReport("tune", 1, 0, (row,), (), 1).to_json()
    read = json.loads(text)["arms"][0]
    assert read["recall"]["value"] == 0.3333
    assert read["auroc"]["value"] is None
    assert "relative_time" not in read


def test_an_unknown_split_is_named() -> None:
    with pytest.raises(ValueError, match="tune, measure"):
        run("kept")
