"""Train the search's confidence on the tuning half: `python -m evals.retrieval.train`; writes knowledge/confidence.json.

A logistic regression on three features of the hits (`knowledge.search.features`), once with the encoder and once by words
alone. Both classes weigh the same. The AUROC printed is of predictions for queries held out, five folds drawn five times.
It is trained without the digests' `asked:` lines, which were written with this half in view and would flatter it.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from agent.settings import Settings
from evals.retrieval.queries import queries
from knowledge.corpus import load
from knowledge.embedding import find_encoder
from knowledge.search import LOOKED_AT, Search, features, open_search

TARGET = Path(__file__).parents[2] / "knowledge" / "confidence.json"


def train(search: Search) -> tuple[list[float], float]:
    """The slopes and the start, rounded, and the AUROC on held-out queries."""
    asked = queries("tune")
    x = np.array([features(search.search(q.text, LOOKED_AT)) for q in asked])
    y = np.array([q.answerable for q in asked])
    model = LogisticRegression(C=10, class_weight="balanced")
    aurocs = []
    for seed in range(5):
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        aurocs.append(
            roc_auc_score(y, cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1])
        )
    model.fit(x, y)
    return [round(float(w), 3) for w in (*model.coef_[0], model.intercept_[0])], float(np.mean(aurocs))


def main() -> None:
    corpus = load().without_asked()
    found = {}
    for name, search in (
        ("meaning", open_search(corpus, find_encoder(), Settings.read().data_dir)),
        ("words", Search(corpus)),
    ):
        found[name], auroc = train(search)
        print(f"{name}: {found[name]}, AUROC on held-out queries {auroc:.3f}")
    TARGET.write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
