"""Train the reading heads on utterances and on messages for building: `python -m evals.reading.train`.

Needs scikit-learn (a development dependency). Reads what may be learned from; never a `measure` set.
With `OPENBLAS_NUM_THREADS=1` it takes seconds; threads that fight over a busy machine make it minutes.
`--folds 5` reports cross-validated precision and recall by threshold instead of writing the file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from agent.facts import ANY_OF, ONE_OF, Slot
from agent.reading import Intent
from agent.reading.clauses import clauses
from agent.reading.heads import DUE, FILE, SILENT, around, context, features, place
from agent.reading.quantities import quantities
from evals.reading.messages import FOLDER, Message, Utterance, messages, utterances
from evals.scenario import DECLINED, scenarios
from evals.scenario import FOLDER as SCENARIOS
from knowledge.embedding import Vectors, find_encoder

#: Inverse strength of the penalty.
STRENGTH = 10.0
LABELLED = (*ONE_OF, *ANY_OF, Slot.PRIVACY)
REPLIED = (*ONE_OF, Slot.SHORTFALL)
#: Scenarios whose answers may be learned from; never those that are kept.
ANSWERED = ("openings", "develop", "develop_2")
NUMBERED = (Slot.VOLUME, Slot.EXAMPLES)


@dataclass(frozen=True)
class Row:
    """One training row of one head; `group` keeps rows of one message in one fold."""

    text: str
    label: str
    asked: str
    group: str


def rows(head: str, said: Sequence[Utterance], told: Sequence[Message]) -> list[Row]:
    """The training rows of a head."""
    kind, _, name = head.partition(".")
    if kind == "intent":
        return [Row(u.text, u.intent.value, u.asked, u.text) for u in said if u.intent] + [
            Row(m.text, m.intent.value, m.asked.value, m.text) for m in told
        ]
    if kind == "reply":
        return _reply_rows(Slot(name), said, told)
    if kind == "number":
        return [row for m in told for row in _number_rows(m)] + counted()
    found = [
        Row(u.text, f"{u.slot.value}={u.value}" if u.slot else SILENT, "", u.text)
        for u in said
        if not u.intent and u.asked != "True"
    ]
    found += due()
    for m in told:
        for clause in clauses(m.text):
            if Slot.DEADLINE in m.values and m.values[Slot.DEADLINE][1] in clause.text:
                found.append(Row(clause.text, DUE, "", m.text))
                continue
            stated = {
                f"{slot.value}={label}"
                for slot in LABELLED
                if slot in m.values
                and m.asked is not slot
                and (m.values[slot][1] in clause.text or clause.text in m.values[slot][1])
                for label in names(m.values[slot][0])
            }
            if len(stated) == 1:
                found.append(Row(clause.text, stated.pop(), "", m.text))
            elif not stated and not isinstance(m.asked, Slot):
                found.append(Row(clause.text, SILENT, "", m.text))
    return found


def _reply_rows(slot: Slot, said: Sequence[Utterance], told: Sequence[Message]) -> list[Row]:
    found = [Row(u.text, u.value, "", u.text) for u in said if u.slot is slot]
    found += answered(slot)
    found += [Row(u.text, SILENT, "", u.text) for u in said if u.slot is None and u.intent is None]
    for m in told:
        labels = names(m.values[slot][0]) if slot in m.values else [SILENT]
        if len(labels) > 1:
            continue
        if m.asked is slot and m.intent in (Intent.ANSWER, Intent.CORRECTION):
            found.append(Row(m.text, labels[0], "", m.text))
        elif slot in m.values:
            found.append(Row(m.values[slot][1], labels[0], "", m.text))
    return found


def _number_rows(m: Message) -> list[Row]:
    """Each number of a message with the slot whose quote it stands in."""
    spans = [
        (slot, at, at + len(m.values[slot][1]))
        for slot in NUMBERED
        if slot in m.values and (at := m.text.find(m.values[slot][1])) >= 0
    ]
    found: list[Row] = []
    for q in quantities(m.text):
        role = next((slot.value for slot, start, end in spans if q.start < end and q.end > start), SILENT)
        found.append(Row(around(m.text, q.start, q.end), role, m.asked.value, m.text))
    return found


def due() -> list[Row]:
    """Clauses with time words: the person's own deadline, or something else that happens in time."""
    rows = [
        json.loads(line) for line in (FOLDER / "deadlines.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    return [Row(r["text"], SILENT if r["deadline"] is None else DUE, "", r["text"]) for r in rows]


def counted() -> list[Row]:
    """Numbers of `numbers.jsonl`, each with its role."""
    found: list[Row] = []
    for line in (FOLDER / "numbers.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for number in row["numbers"]:
            start = row["text"].find(number["quote"])
            role = SILENT if number["role"] == "other" else number["role"]
            words = around(row["text"], start, start + len(number["quote"]))
            found.append(Row(words, role, row["asked"], row["text"]))
    return found


def answered(slot: Slot) -> list[Row]:
    """What people of the scenarios for building answer when asked for a slot; several things at once teach no one label."""
    found: list[Row] = []
    for s in (s for file in ANSWERED for s in scenarios(SCENARIOS / f"{file}.yaml")):
        value = s.means.answers.get(slot, {}).get(slot) if s.means and slot in s.answers else None
        labels = [] if value is None else names("nothing" if value == [] else value)
        if len(labels) == 1 and labels != [DECLINED]:
            found.append(Row(s.answers[slot], labels[0], "", s.answers[slot]))
    return found


def learnable() -> list[Message]:
    """The messages to learn from."""
    return [*messages("build"), *messages("develop"), *messages("develop_2")]


def names(label: object) -> list[str]:
    """A label as head labels: one name, the members of a set, or "true"."""
    if isinstance(label, list):
        return [str(one) for one in label] or ["nothing"]
    return [str(label).lower() if isinstance(label, bool) else str(label)]


def heads_wanted() -> list[str]:
    return ["statement", *(f"reply.{slot.value}" for slot in REPLIED), "intent", "number"]


class Features:
    """Features of texts, each made once."""

    def __init__(self) -> None:
        encoder = find_encoder()
        if encoder is None:
            sys.exit("The encoder is not installed; see `rung doctor`.")
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}

    def of(self, given: Sequence[Row], head: str) -> csr_matrix:
        new = sorted({r.text for r in given} - self._known.keys())
        if new:
            self._known.update(zip(new, features(new, self._encoder), strict=True))
        stacked = np.stack([self._known[r.text] for r in given])
        if head == "intent":
            stacked = np.hstack([stacked, np.stack([context(r.asked) for r in given])])
        if head == "number":
            stacked = np.hstack([stacked, np.stack([place(r.asked) for r in given])])
        return csr_matrix(stacked)


def fit(x: csr_matrix, labels: Sequence[str]) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=2000).fit(x, labels)


def train(path: Path, told: Sequence[Message] | None = None, made: Features | None = None) -> None:
    """Write the heads trained on all utterances and on these messages (by default all that may be learned from)."""
    said = utterances()
    told = learnable() if told is None else told
    made = made or Features()
    stored: dict[str, np.ndarray] = {}
    labels: dict[str, list[str]] = {}
    for head in heads_wanted():
        given = rows(head, said, told)
        model = fit(made.of(given, head), [r.label for r in given])
        weights, bias = model.coef_, model.intercept_
        stored[f"{head}.w"], stored[f"{head}.b"] = weights.astype(np.float16), bias.astype(np.float16)
        labels[head] = list(model.classes_)
    np.savez_compressed(path, labels=json.dumps(labels), **stored)


def fold_of(text: str, folds: int) -> int:
    """A text's fold, by its hash."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) // 3 % folds


def cross_validate(folds: int) -> None:
    said, told = utterances(), learnable()
    made = Features()
    print(f"{'head':26} rows  " + "  ".join(f"p/r at {t}" for t in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)))
    for head in heads_wanted():
        given = rows(head, said, told)
        x = made.of(given, head)
        fold = np.array([fold_of(r.group, folds) for r in given])
        labels = np.array([r.label for r in given])
        best = np.full(len(given), SILENT, dtype=object)
        odds = np.zeros(len(given))
        for k in range(folds):
            model = fit(x[fold != k], labels[fold != k])
            p = model.predict_proba(x[fold == k])
            best[fold == k], odds[fold == k] = model.classes_[p.argmax(1)], p.max(1)
        cells = []
        for threshold in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
            chosen = (best != SILENT) & (odds >= threshold)
            right = chosen & (best == labels)
            cells.append(
                f"{right.sum() / max(1, chosen.sum()):.2f}/{right.sum() / max(1, (labels != SILENT).sum()):.2f}"
            )
        print(f"{head:26} {len(given):5} " + "   ".join(f"{c:9}" for c in cells))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, help="cross-validate instead of writing the heads")
    args = parser.parse_args()
    if args.folds:
        cross_validate(args.folds)
    else:
        target = Path(__file__).parents[2] / "agent" / "reading" / FILE
        train(target)
        print(f"{target.relative_to(Path.cwd())}: {target.stat().st_size / 1024:.0f} KiB")
