"""Do words alone give the label away? `python -m evals.leaks`

Two looks at the openings, kept ones included, without printing a word of them. The first counts openings that use the
rubric's own names for things. The second trains the usual text classifier (words and pairs of words, TF-IDF, logistic
regression) to tell the rung from the opening, and asks it about openings it has not seen, ten folds: were the labels
written into the words, it would find them. It needs scikit-learn, a development dependency.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from evals.figures import wilson
from evals.scenario import Scenario, scenarios

#: The rubric's names, which people do not use of themselves. What an engineer may well say (RAG, few-shot) is not among them.
VOCABULARY: Final = re.compile(
    r"\b(?:small[_ ]static|cost[_ ]latency|rung [1-4]|rubric|shortfall|stance|over-?climb|structured prompt|success criteri\w+ (?:is|are) (?:un)?defined|knowledge (?:is|gap)|behaviou?r gap|stability|exhausted prompting)\b",
    re.IGNORECASE,
)
FOLDS: Final = 10
SEED: Final = 20261122


def told(every: Sequence[Scenario]) -> list[Scenario]:
    """The scenarios in people's words: all but the boundaries, which are told in the words of the choices."""
    return [s for s in every if "boundary" not in s.tags]


def by_words(every: Sequence[Scenario]) -> int:
    """How many rungs the classifier tells rightly from openings that it was not trained on."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    texts, rungs = [s.opening for s in every], [s.expect.rung for s in every]
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, max_iter=2000)
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    found = cross_val_predict(model, texts, rungs, cv=folds)
    return sum(a == b for a, b in zip(found, rungs, strict=True))


def main() -> None:
    every = told(scenarios())
    named = [s.id for s in every if VOCABULARY.search(s.opening)]
    print(
        f"{len(every)} openings in people's words; {len(named)} use the rubric's own names: {', '.join(named) or 'none'}"
    )
    rungs = Counter(s.expect.rung for s in every)
    print("labelled rungs: " + ", ".join(f"{rung}: {n}" for rung, n in sorted(rungs.items())))
    for what, hits in (("the commonest rung, always", max(rungs.values())), ("words alone", by_words(every))):
        low, high = wilson(hits, len(every))
        print(f"{what:28} {hits} of {len(every)}, {hits / len(every):.3f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()
