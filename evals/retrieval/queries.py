"""The labelled queries: what people ask, and the passages that answer or help (`LABELS.md` has the rule)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
SPLITS = ("tune", "measure", "fresh")
KINDS = ("keyword", "paraphrase", "multi", "typo", "conversation", "unanswerable")


@dataclass(frozen=True)
class Query:
    """`answers` are the passages that answer it (grade 2), `helps` those that add to an answer (grade 1). A query
    without answers is one that the sources cannot answer."""

    id: str
    kind: str
    text: str
    answers: frozenset[str]
    helps: frozenset[str]
    split: str

    @property
    def answerable(self) -> bool:
        return bool(self.answers)

    def grade(self, passage: str) -> int:
        return 2 if passage in self.answers else 1 if passage in self.helps else 0


def queries(split: str) -> list[Query]:
    """The queries of one half, in the file's order."""
    rows = [json.loads(line) for line in (FOLDER / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Query(
            row["id"],
            row["kind"],
            row["query"],
            frozenset(row["answers"]),
            frozenset(row["helps"]),
            row["split"],
        )
        for row in rows
        if row["split"] == split
    ]
