"""The suite with the language model that is set up: Rung with it, people it plays, and two ways to do without Rung.

One scenario after another in one process: a server that is asked by many at once says less than one that is asked in turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from agent.advisor import Advisor
from agent.bootstrap import build
from agent.errors import NeedsSomething, RungError
from agent.model.chat import Model, open_chat
from agent.settings import Settings
from evals.baselines.guide_in_prompt import GuideInPrompt
from evals.baselines.rag_agent import RagAgent
from evals.manners import Manner
from evals.played import Fault, Played
from evals.scenario import Scenario
from evals.simulated_user import Timed, talk
from evals.suite import Done

TOLD: Final[Mapping[str, tuple[str, float]]] = {
    "guide in the prompt": ("the guide and everything told, in one prompt, and the model asked directly", 0),
    "plain retrieval agent": (
        "LangChain's agent with a search tool over the same sources, told everything",
        0,
    ),
}


def run(wanted: Sequence[Scenario], folder: Path, settings: Settings, faults: list[Fault]) -> Iterator[Done]:
    """Each scenario told as written and by a played person. What the played people broke is added to `faults`.

    Raises:
        NeedsSomething: no language model is set up.
    """
    if settings.model is None:
        raise NeedsSomething(
            "No language model is set up. Set OPENAI_API_KEY or OPENAI_BASE_URL, see docs/model.md."
        )
    advisor, shelf = build(replace(settings, database_url=f"sqlite:///{folder / 'talks.db'}"))
    model, llm = Model(settings.model, settings.sources), open_chat(settings.model.name, settings.model)
    for scenario in wanted:
        talks = [talk(advisor, scenario), *_played(advisor, scenario, model, faults)]
        yield Done(
            talks,
            {
                "guide in the prompt": _rung(GuideInPrompt(llm, shelf.corpus), scenario),
                "plain retrieval agent": _rung(RagAgent(llm, shelf.search), scenario),
            },
        )


def _played(advisor: Advisor, scenario: Scenario, model: Model, faults: list[Fault]) -> list[Timed]:
    """One talk; none when the model that plays the person fails, since that says nothing of Rung."""
    person = Played(scenario, model)
    try:
        return [talk(advisor, scenario, Manner.PLAYED, user=person)]
    except RungError:
        return []
    finally:
        faults += person.faults


def _rung(way: Any, scenario: Scenario) -> int | None:
    """What a way without Rung says; None where it fails or names no rung."""
    try:
        found: int | None = way.answer(scenario)
    except Exception:  # whatever a chain breaks on, it gave no rung
        return None
    return found
