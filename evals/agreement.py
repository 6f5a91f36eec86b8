"""How far two independent readings of the scenarios agree: `python -m evals.agreement`.

The first reading stands in the scenario files, `scenarios/second.jsonl` holds the other one, made from the rubric and the
texts alone. Counts only, so that it tells nothing of the kept scenarios' words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args

from evals.figures import wilson
from evals.reading.agreement import alpha
from evals.scenario import FOLDER, Mistake, Scenario, scenarios


def second() -> dict[str, Mapping[str, Any]]:
    """The other reading's labels, by scenario."""
    lines = (FOLDER / "second.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}


def pairs(both: list[tuple[Scenario, Mapping[str, Any]]]) -> dict[str, list[tuple[str, str]]]:
    """For each thing labelled, what either reading says of each scenario."""
    found = {
        "rung": [(str(s.expect.rung), str(o["rung"])) for s, o in both],
        "stance": [(str(s.expect.stance), str(o["stance"])) for s, o in both],
    }
    for mistake in get_args(Mistake):
        found[mistake] = [
            (str(mistake in (s.expect.mistakes or ())), str(mistake in o["mistakes"])) for s, o in both
        ]
    return found


def main() -> None:
    other = second()
    every = [(s, other[s.id]) for s in scenarios() if s.id in other]
    for name, both in (("all", every), ("kept", [(s, o) for s, o in every if s.kept])):
        print(f"{name}: {len(both)} scenarios read twice")
        for what, told in pairs(both).items():
            same = sum(a == b for a, b in told)
            low, high = wilson(same, len(told))
            print(f"  {what:28} alike {same} of {len(told)} [{low:.3f}, {high:.3f}]  alpha {alpha(told):.3f}")
        open_ones = sum(len(s.expect.rungs) > 1 for s, _ in both)
        print(f"  open to more than one rung: {open_ones}")


if __name__ == "__main__":
    main()
