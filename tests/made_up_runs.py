"""Small runs for the tests of the report: every talk is given by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from evals.manners import Manner
from evals.run import BaselineResult, MadeOf, Run
from evals.scenario import Expected
from evals.simulated_user import Advice, Exchange, Talk

MADE_OF = MadeOf(scenarios="5" * 16, code="c" * 16, prompts="a" * 16, corpus="0" * 16, encoder="made-up")


def talk(
    scenario: str, label: int | None, rung: int | None, manner: Manner = Manner.PLAIN, *, said: str = "We sort mails.",
    told: tuple[str, ...] = (), asked: Iterable[str] = ("prompting",), useless: int = 0, **more: Any,
) -> Talk:  # fmt: skip
    """One talk: the opening, one answer to each question asked, and the advice. The first `useless` questions are that."""
    asked = list(asked)
    lines = [said, *(f"answer {n}" for n, _ in enumerate(asked, 1))]
    exchanges = [
        Exchange(said=line, told=told if n == 0 else (), asked=slot, useless=n < useless)
        for n, (line, slot) in enumerate(zip(lines, [*asked, ""], strict=True))
    ]
    advice = None if rung is None else _advice(rung, more.pop("stance", "climb"), more.pop("assumptions", ()))
    expected = (
        None if label is None else Expected(rung=label, stance="climb", acceptable=more.pop("acceptable", []))
    )  # type: ignore[arg-type]
    return Talk(
        scenario=scenario, manner=manner, exchanges=tuple(exchanges), advice=advice, expected=expected, **more
    )


def run(*talks: Talk, baselines: tuple[BaselineResult, ...] = (), repeat: int = 1, **more: Any) -> Run:
    manners = tuple(dict.fromkeys(t.manner for t in talks))
    made_of = MADE_OF.model_copy(update={"code": more.pop("code", MADE_OF.code)})
    return Run(made_of=made_of, manners=manners, talks=talks, baselines=baselines, repeat=repeat, **more)


def _advice(rung: int, stance: str, assumptions: tuple[str, ...]) -> Advice:
    return Advice.model_validate(dict(
        rung=rung, stance=stance, line="made_up", mistakes=(), assumptions=assumptions, headline=f"Go to rung {rung}.",
        sentences=4, uncited=0, citations=5, dangling=0, sources=("guide",),
    ))  # fmt: skip
