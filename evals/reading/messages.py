"""Labelled messages and utterances, as `LABELS.md` describes them.

`build`, `develop` and `develop_2` are for building, the `measure` sets for measuring only. Which message of the first went to
build and which to measure was settled by the hash of its text (one in three to measure); the later measuring sets were
written for it. For training there are single clauses and replies (`utterances.jsonl`), numbers with what they count
(`numbers.jsonl`) and time words that are a deadline or not (`deadlines.jsonl`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.facts import Facts, Slot
from agent.reading import Asked, Intent

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Message:
    """One labelled message. `values` maps a slot to (label, quote); what is `open` was labelled two ways and stays
    unscored."""

    id: str
    text: str
    asked: Slot | Asked
    intent: Intent
    values: dict[Slot, tuple[Any, str]]
    known: Facts
    open: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Utterance:
    """One clause or reply with one label: `slot` and `value`, or `intent`; neither for a near miss."""

    text: str
    slot: Slot | None
    value: str
    asked: str
    intent: Intent | None


def asked(name: str) -> Slot | Asked:
    return Slot(name) if name in set(Slot) else Asked(name)


def messages(split: str) -> list[Message]:
    """All messages of a split."""
    found: list[Message] = []
    for line in (FOLDER / f"{split}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        values: dict[Slot, tuple[Any, str]] = {}
        for v in row["values"]:
            slot = Slot(v["slot"])
            label, quote = v["value"], v["quote"]
            if slot in values and isinstance(label, list):  # two entries for one set
                label = [*values[slot][0], *label]
            values[slot] = (label, quote)
        found.append(
            Message(
                row["id"],
                row["text"],
                asked(row["asked"]),
                Intent(row["intent"]),
                values,
                Facts.of(row.get("known") or {}),
                frozenset(row.get("open") or ()),
            )
        )
    return found


def utterances() -> list[Utterance]:
    rows = [
        json.loads(line) for line in (FOLDER / "utterances.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    return [
        Utterance(
            text=row["text"],
            slot=Slot(row["slot"]) if row.get("slot") else None,
            value=str(row.get("value")).lower() if row.get("value") is True else str(row.get("value")),
            asked=str(row["asked"]),
            intent=Intent(row["intent"]) if row.get("intent") else None,
        )
        for row in rows
    ]
