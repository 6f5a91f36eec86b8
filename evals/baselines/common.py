"""What the baselines share: the case as one text, the rung read from an answer, and the count of what was used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, cast

from langchain_core.callbacks import BaseCallbackHandler, UsageMetadataCallbackHandler

from agent.rubric import RUNGS, Rung
from agent.writing import texts
from evals.scenario import Scenario

#: How an answer must end, so that nothing has to be guessed from prose.
CLOSING: Final = (
    'End with a line of its own, "RUNG: n", where n is 1, 2, 3 or 4: the rung this team should act on next.'
)
_CLOSED: Final = re.compile(r"^\W*RUNG:\s*(\d)\W*$", re.MULTILINE)


def told(scenario: Scenario) -> str:
    """The opening, and each question with what this person would answer."""
    lines = [scenario.opening.strip()]
    for slot, said in scenario.answers.items():
        lines.append(f"({texts.question(slot.value).text}) {said}")
    return "\n".join(lines)


def rung_in(answer: str) -> Rung | None:
    """The rung of the closing line; None where there is none, or two that differ."""
    found = {int(n) for n in _CLOSED.findall(answer)}
    return cast(Rung, found.pop()) if len(found) == 1 and found <= set(RUNGS) else None


class _Calls(BaseCallbackHandler):
    def __init__(self) -> None:
        self.count = 0

    def on_chat_model_start(self, *args: Any, **kwargs: Any) -> None:
        self.count += 1


@dataclass
class Counted:
    """Callbacks to pass along, and what they counted."""

    calls_: _Calls = field(default_factory=_Calls)
    tokens_: UsageMetadataCallbackHandler = field(default_factory=UsageMetadataCallbackHandler)

    @property
    def config(self) -> dict[str, Any]:
        return {"callbacks": [self.calls_, self.tokens_]}

    @property
    def calls(self) -> int:
        return self.calls_.count

    def tokens(self, name: str) -> int:
        """`input_tokens` or `output_tokens`, of all calls."""
        return sum(int(cast(dict[str, Any], used)[name]) for used in self.tokens_.usage_metadata.values())
