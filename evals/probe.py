"""One copy of the code before the gate, in a process of its own: does the suite find it sound?

`record` runs the unbroken code and keeps its talks; `judge` runs a copy, cheapest scenarios first, and stops at the first
reason not to let it land. The judging is what the gate in CI would do, and kept scenarios take no part.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydantic import BaseModel

from agent.settings import Settings
from evals import gate
from evals.manners import Manner
from evals.scenario import FOLDER, Scenario, scenarios
from evals.simulated_user import Talk, talk
from evals.suite import Bench
from knowledge.embedding import Vectors

MUST_PASS: Final = "must-pass scenarios, plain"
PLAIN: Final = "all scenarios, plain"
MANNERS: Final = "every manner"
#: From cheap to dear.
STAGES: Final = (MUST_PASS, PLAIN, MANNERS)
#: How far a run goes: most of what can be caught shows in the answers as they are written.
Reach = Literal["plain", "manners"]
#: Those that take words back come first: that is what plain answers cannot show.
_TOLD: Final[dict[str, tuple[Manner, ...]]] = {
    "plain": (Manner.PLAIN,),
    "manners": (
        Manner.CONTRADICTS, Manner.CORRECTS, Manner.DONT_KNOW, Manner.HOSTILE, Manner.STUBBORN, Manner.ASKS_BACK,
        Manner.OFF_TOPIC, Manner.TERSE, Manner.RAMBLING,
    ),
}  # fmt: skip


class Judged(BaseModel):
    """What became of one copy: the stage and the reasons that caught it; none when it came through."""

    stage: str = ""
    reasons: tuple[str, ...] = ()


def development() -> list[Scenario]:
    """Every scenario but those kept for measuring."""
    return [s for file in sorted(FOLDER.glob("*.yaml")) if file.stem != "kept" for s in scenarios(file)]


def record(folder: Path, reach: Reach, part: int, parts: int) -> None:
    """Run every part-th scenario on the code as it is, and keep the talks and the texts' vectors."""
    wanted = development()[part::parts]
    bench = Bench.on(Settings.read(), _seen(folder))
    assert bench.encoder is not None, "the weights are not installed"
    told = [t for manner in _TOLD[reach] for t in _talks(bench, wanted, manner)]
    (folder / f"talks-{reach}-{part}.jsonl").write_text("\n".join(t.model_dump_json() for t in told))
    seen = bench.encoder.learned
    vectors = np.stack(list(seen.values()))
    np.savez(folder / f"seen-{reach}-{part}.npz", texts=json.dumps(list(seen)), vectors=vectors)


def settle(folder: Path) -> list[gate.Broken]:
    """Make the recorded talks the accepted run, and return the invariants that the unbroken code breaks already."""
    lines = [line for file in sorted(folder.glob("talks-*.jsonl")) for line in file.read_text().splitlines()]
    told = [Talk.model_validate_json(line) for line in lines]
    gate.accept(told, folder / "accepted.json")
    known = gate.broken(told)
    (folder / "known.json").write_text(json.dumps(sorted(_places(known))))
    return known


def judge(folder: Path, reach: Reach) -> Judged:
    """The gate's word on the code that this process runs, against what `record` and `settle` left in the folder."""
    known = {(what, where) for what, where in json.loads((folder / "known.json").read_text())}
    wanted = sorted(development(), key=lambda s: gate.MUST_PASS not in s.tags)
    told: list[Talk] = []
    bench = Bench.on(Settings.read(), _seen(folder))
    for manner in (*_TOLD["plain"], *(_TOLD["manners"] if reach == "manners" else ())):
        here: list[Talk] = []
        for one in _talks(bench, wanted, manner):
            if reasons := _broken([one], known):
                return Judged(stage=_stage(one), reasons=reasons)
            here.append(one)
        if reasons := _dropped(here, folder):
            return Judged(stage=_stage(here[0], whole=True), reasons=reasons)
        told += here
    reasons = _dropped(told, folder)
    return Judged(stage=MANNERS if reasons else "", reasons=reasons)


def _stage(talk: Talk, whole: bool = False) -> str:
    if talk.manner is not Manner.PLAIN:
        return MANNERS
    return MUST_PASS if gate.MUST_PASS in talk.tags and not whole else PLAIN


def _talks(bench: Bench, wanted: Sequence[Scenario], manner: Manner) -> Iterator[Talk]:
    return (talk(bench.advisor, scenario, manner).talk for scenario in wanted)


def _seen(folder: Path) -> dict[str, Vectors]:
    """The vectors of all texts that the unbroken code met: no mutant changes the encoder."""
    seen: dict[str, Vectors] = {}
    for file in sorted(folder.glob("seen-*.npz")):
        with np.load(file) as kept:
            seen.update(zip(json.loads(str(kept["texts"])), kept["vectors"], strict=True))
    return seen


def _places(found: Sequence[gate.Broken]) -> set[tuple[str, str]]:
    return {(b.what, where) for b in found for where in b.where}


def _broken(told: Sequence[Talk], known: set[tuple[str, str]]) -> tuple[str, ...]:
    new = _places(gate.broken(told)) - known
    kinds = sorted({what for what, _ in new})
    return tuple(str(gate.Broken(what, tuple(sorted(p for w, p in new if w == what)))) for what in kinds)


def _dropped(told: Sequence[Talk], folder: Path) -> tuple[str, ...]:
    drops = gate.drops(told, gate.accepted(folder / "accepted.json"))
    return tuple(dict.fromkeys(f"a drop: {d.name} {d.before:.3f} → {d.now:.3f}" for d in drops))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["record", folder, ("plain" | "manners") as reach, part, parts]:
            record(Path(folder), reach, int(part), int(parts))
        case ["judge", folder, ("plain" | "manners") as reach, seconds]:
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 5))
            print(judge(Path(folder), reach).model_dump_json())
        case _:
            sys.exit(
                "usage: python -m evals.probe record FOLDER plain|manners PART PARTS | judge FOLDER plain|manners"
            )
