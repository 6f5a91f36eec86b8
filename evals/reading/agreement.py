"""How far two independent readings of the measuring messages agree: `python -m evals.reading.agreement [measure_3]`.

`SPLIT.jsonl` holds the labels in use, `SPLIT.second.jsonl` the other reading. Prints counts alone, never a message. Where
the two differ, or one marks the slot as open to two readings, the slot (or the intent) is put under `open` with `--open`
and is not scored from then on: nobody decides between the two.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.facts import AMOUNTS, NUMBERS, Slot
from evals.reading.messages import FOLDER
from evals.reading.score import COUNTED, wilson


def labels(row: dict[str, Any]) -> dict[str, Any]:
    """One label a slot, sets as sorted lists, numbers as (low, high)."""
    found: dict[str, Any] = {}
    for v in row["values"]:
        slot, value = v["slot"], v["value"]
        if Slot(slot) not in COUNTED:
            continue
        if slot in ("shortfall", "wants", "needs"):
            members = [] if value == "nothing" else sorted({value} if isinstance(value, str) else value)
            found[slot] = sorted({*found.get(slot, []), *members})
        elif Slot(slot) in AMOUNTS or Slot(slot) in NUMBERS:
            low, high = value if isinstance(value, list) else (value, value)
            found[slot] = (low, high)
        else:
            found[slot] = str(value).lower()
    return found


def alike(one: Any, other: Any) -> bool:
    """Equal; numbers within a tenth or half a call."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return all(
            a == b or (a is not None and b is not None and abs(a - b) <= max(0.5, 0.1 * max(a, b)))
            for a, b in zip(one, other, strict=True)
        )
    return bool(one == other)


def alpha(pairs: Sequence[tuple[str, str]]) -> float:
    """Krippendorff's alpha for two readers, nominal, nothing missing (Krippendorff 2011, "Computing Krippendorff's
    Alpha-Reliability")."""
    counts = Counter(value for pair in pairs for value in pair)
    n = sum(counts.values())
    observed = sum(a != b for a, b in pairs) / len(pairs)
    expected = 1 - sum(c * (c - 1) for c in counts.values()) / (n * (n - 1))
    return 1.0 if expected == 0 else 1 - observed / expected


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("split", nargs="?", default="measure_3")
    parser.add_argument("--open", action="store_true", help="mark what the two read differently as open")
    args = parser.parse_args()
    path = FOLDER / f"{args.split}.jsonl"
    first = read(path)
    second = {row["id"]: row for row in read(FOLDER / f"{args.split}.second.jsonl")}
    differ: dict[str, set[str]] = {row["id"]: set(second[row["id"]].get("open") or ()) for row in first}
    same = stated = 0
    pairs: dict[str, list[tuple[str, str]]] = {"intent": []}
    for row in first:
        other = second[row["id"]]
        pairs["intent"].append((row["intent"], other["intent"]))
        if row["intent"] != other["intent"]:
            differ[row["id"]].add("intent")
        mine, theirs = labels(row), labels(other)
        for slot in (s.value for s in COUNTED):
            a, b = mine.get(slot), theirs.get(slot)
            agree = alike(a, b)
            pairs.setdefault(slot, []).append((str(a), str(a) if agree else str(b)))
            if a is not None or b is not None:
                stated += 1
                same += agree
            if not agree:
                differ[row["id"]].add(slot)
    print(f"{args.split}: {len(first)} messages, read twice")
    low, high = wilson(same, stated)
    print(
        f"slots stated by either reading: {stated}; alike in both: {same} = {same / stated:.3f} [{low:.3f}, {high:.3f}]"
    )
    agreed = sum(a == b for a, b in pairs["intent"])
    low, high = wilson(agreed, len(first))
    print(f"intents alike: {agreed} = {agreed / len(first):.3f} [{low:.3f}, {high:.3f}]")
    print(
        "Krippendorff's alpha (nominal; not stated is a value): "
        + ", ".join(f"{k} {alpha(v):.3f}" for k, v in pairs.items())
    )
    print(
        f"open to two readings, not scored: {sum(map(len, differ.values()))} in {sum(map(bool, differ.values()))} messages"
    )
    if args.open:
        for row in first:
            if differ[row["id"]]:
                row["open"] = sorted(differ[row["id"]])
        path.write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in first), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
