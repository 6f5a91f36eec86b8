"""Run scenarios through the front door: `python -m evals.front_door [FILE or FOLDER]`."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import uuid
from pathlib import Path

from agent.bootstrap import build
from agent.settings import Settings
from evals.reading.score import wilson
from evals.scenario import FOLDER, scenarios
from evals.simulated_user import Talk, talk


def run(path: Path) -> list[Talk]:
    """Every scenario, each in a conversation of its own, on a database that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.read()
        advisor, _ = build(Settings(settings.data_dir, f"sqlite:///{folder}/sessions.db", settings.sources))
        return [talk(advisor, s, uuid.uuid4().hex) for s in scenarios(path)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--show", action="store_true", help="tell the ones that went wrong")
    args = parser.parse_args()
    talks = run(args.path)
    right = sum(t.right for t in talks)
    low, high = wilson(right, len(talks))
    print(f"rung right       {right} of {len(talks)}  {right / len(talks):.3f} [{low:.3f}, {high:.3f}]")
    stance = [t for t in talks if t.scenario.expect.stance and t.recommendation]
    print(
        f"stance right     {sum(t.recommendation.verdict.stance == t.scenario.expect.stance for t in stance if t.recommendation)} of {len(stance)}"
    )
    mistakes = [t for t in talks if t.recommendation]
    same = sum(
        set(t.recommendation.verdict.mistakes) == set(t.scenario.expect.mistakes)
        for t in mistakes
        if t.recommendation
    )
    print(f"mistakes right   {same} of {len(mistakes)}")
    asked = [len(t.asked) for t in talks]
    print(f"questions        median {statistics.median(asked)}, most {max(asked)} (read-back included)")
    slots = [sum(a != "confirm" for a in t.asked) for t in talks]
    print(
        f"without it       median {statistics.median(slots)}, most {max(slots)}; over its max_questions: {sum(n > t.scenario.expect.max_questions for n, t in zip(slots, talks, strict=True))}"
    )
    for t in talks if args.show else []:
        got = t.recommendation.verdict if t.recommendation else None
        expect = t.scenario.expect
        if not t.right or (
            got and (got.stance != expect.stance or set(got.mistakes) != set(expect.mistakes))
        ):
            print(
                f"\n{t.scenario.id}: expected {expect.rung} {expect.stance} {expect.mistakes}, got {got and (got.rung, got.stance, got.line, got.mistakes)}"
            )
            print(f"   opening: {' '.join(t.scenario.opening.split())}")
            for slot, said in zip(t.asked, t.said[1:], strict=False):
                print(f"   {slot}: {said}")
            print(f"   read: {t.slots_read}")


if __name__ == "__main__":
    main()
