"""What a memo holds, whatever it is printed on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version

from pydantic import BaseModel, ConfigDict, Field

from agent.advisor import clean
from agent.kit.page import for_markdown
from agent.reading import Intent
from agent.recommendation import Recommendation
from agent.render import markdown
from agent.sessions import Turn

#: Characters of the question that are shown; a page of it is not a memo.
LONGEST_QUESTION = 700


class Memo(BaseModel):
    """A recommendation with the question it answers, the day, and the versions it was made with."""

    model_config = ConfigDict(frozen=True)

    question: str = Field(description="the use case, in the person's own words")
    date: date
    rung: str = Field(description="version of Rung")
    corpus: str = Field(description="hash of the sources that the citations resolve in")
    recommendation: Recommendation


def memo(question: str, advice: Recommendation, day: date) -> Memo:
    words = " ".join(clean(question)[0].split())
    short = words if len(words) <= LONGEST_QUESTION else f"{words[: LONGEST_QUESTION - 1]}…"
    return Memo(
        question=short, date=day, rung=version("rung"), corpus=advice.corpus[:12], recommendation=advice
    )


def asked_in(turns: Sequence[Turn]) -> str:
    """The use case as a conversation opened with it, since it last began anew; greetings and commands apart."""
    told: list[str] = []
    for turn in turns:
        if json.loads(turn.reading)["intent"] == Intent.RESTART:
            told = []
        elif not turn.said.startswith("/") and len(turn.said.split()) >= 4:
            told.append(turn.said)
    return told[0] if told else turns[-1].said


def as_markdown(found: Memo) -> str:
    """The memo as Markdown."""
    head, _, rest = markdown(found.recommendation).partition("\n")
    question = for_markdown(found.question)
    foot = f"\n---\n{found.date.isoformat()} · Rung {found.rung} · sources {found.corpus}\n"
    return f"{head}\n\n> {question}\n{rest}{foot}"
