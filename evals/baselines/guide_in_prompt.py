"""The guide's digest pasted into one prompt, and the model asked directly."""

from __future__ import annotations

from typing import Final

from langchain_core.language_models import BaseChatModel

from agent.rubric import Rung
from evals.baselines.common import CLOSING, Counted, rung_in, told
from evals.scenario import Scenario
from knowledge.corpus import Corpus

_TASK: Final = (
    "You advise teams on the next step with a language model: 1 a structured prompt, 2 few-shot examples, 3 retrieval, "
    "4 fine-tuning. Follow this guide.\n\n"
)


class GuideInPrompt:
    """One call a scenario."""

    def __init__(self, llm: BaseChatModel, corpus: Corpus) -> None:
        self._llm = llm
        guide = [f"## {p.heading}\n{p.text}" for p in corpus.passages.values() if p.source.id == "guide"]
        self._system = f"{_TASK}{chr(10).join(guide)}\n\n{CLOSING}"
        self.used = Counted()

    def answer(self, scenario: Scenario) -> Rung | None:
        """The rung the model gives; None where its answer names none."""
        messages = [("system", self._system), ("user", told(scenario))]
        return rung_in(self._llm.invoke(messages, self.used.config).text)  # type: ignore[arg-type]
