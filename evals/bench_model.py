"""Rung with a language model beside two baselines on the same model and corpus: `make bench-model`, or
`python -m evals.bench_model [FILE] [--every N] [--most N]`. Uses the model that the environment names (docs/model.md), and its money.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from agent.bootstrap import build
from agent.errors import RungError
from agent.model.chat import open_chat
from agent.settings import Settings
from evals.baselines.guide_in_prompt import GuideInPrompt
from evals.baselines.rag_agent import RagAgent
from evals.reading.score import wilson
from evals.scenario import FOLDER, Scenario, scenarios
from evals.simulated_user import talk

#: Development scenarios; what is kept back stays so.
DEFAULT = FOLDER / "worked_cases.yaml"


@dataclass
class Row:
    """One system over all scenarios."""

    name: str
    right: int = 0
    failed: int = 0
    calls: list[int] = field(default_factory=list)
    given: list[int] = field(default_factory=list)
    out: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def told(self, count: int) -> str:
        low, high = wilson(self.right, count)
        return (
            f"{self.name:24} {self.right:3} of {count} [{low:.2f}, {high:.2f}]  {self.failed:4}  "
            f"{statistics.median(self.calls):5.0f} {max(self.calls):4}  {statistics.median(self.given):7,.0f} "
            f"{max(self.given):7,}  {statistics.median(self.out):6,.0f}  {statistics.median(self.seconds):6.1f}"
        )


#: What a system made of one scenario: right or not, or None where it gave no rung; calls, tokens in, tokens out.
Ran = tuple[bool | None, int, int, int]


def measured(name: str, cases: list[Scenario], run: Callable[[Scenario], Ran]) -> Row:
    """A system over the scenarios. A crash counts as a scenario without a rung."""
    row = Row(name)
    for case in cases:
        begun = time.monotonic()
        try:
            right, calls, given, out = run(case)
        except Exception as error:  # the table goes on; what happened is told
            print(f"{name}, {case.id}: {type(error).__name__}: {error}", file=sys.stderr)
            right, calls, given, out = None, 0, 0, 0
        row.right += right is True
        row.failed += right is None
        row.calls.append(calls)
        row.given.append(given)
        row.out.append(out)
        row.seconds.append(time.monotonic() - begun)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--every", type=int, default=1, help="every so many scenarios of the file")
    parser.add_argument("--most", type=int, default=None, help="so many scenarios at most")
    parser.add_argument("--only", choices=["rung", "guide", "agent"], help="one system")
    args = parser.parse_args()
    settings = Settings.read()
    if settings.model is None:
        sys.exit("This needs a language model: set OPENAI_API_KEY or OPENAI_BASE_URL, see docs/model.md.")
    cases = scenarios(args.path)[:: args.every][: args.most]
    with tempfile.TemporaryDirectory() as folder:
        rows = list(_rows(settings, Path(folder), cases, args.only))
    print(f"{len(cases)} scenarios of {args.path.name}, model {settings.model.name}")
    print(f"{'system':24} rung right            no rung  calls most  tokens in   most  tokens out  seconds")
    for row in rows:
        print(row.told(len(cases)))


def _rows(settings: Settings, folder: Path, cases: list[Scenario], only: str | None) -> list[Row]:
    model = settings.model
    assert model is not None
    advisor, shelf = build(
        Settings(settings.data_dir, f"sqlite:///{folder / 'sessions.db'}", settings.sources, model)
    )
    llm = open_chat(model.name, model)

    def rung(case: Scenario) -> Ran:
        done = talk(advisor, case).talk
        return (
            (done.right if done.advice else None),
            done.spent.calls,
            done.spent.input_tokens,
            done.spent.output_tokens,
        )

    def baseline(made: Callable[[], GuideInPrompt | RagAgent]) -> Callable[[Scenario], Ran]:
        def run(case: Scenario) -> Ran:
            system = made()
            got = system.answer(case)
            right = None if got is None else got in {case.expect.rung, *case.expect.acceptable}
            used = system.used
            return right, used.calls, used.tokens("input_tokens"), used.tokens("output_tokens")

        return run

    systems: dict[str, tuple[str, Callable[[Scenario], Ran]]] = {
        "rung": ("Rung with the model", rung),
        "guide": ("guide in the prompt", baseline(lambda: GuideInPrompt(llm, shelf.corpus))),
        "agent": ("plain retrieval agent", baseline(lambda: RagAgent(llm, shelf.search))),
    }
    return [measured(name, cases, run) for key, (name, run) in systems.items() if only in (None, key)]


if __name__ == "__main__":
    try:
        main()
    except RungError as error:
        sys.exit(str(error))
