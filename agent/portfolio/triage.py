"""One row's verdict: the rung, what stands in its way, what to do, what it rests on and what was left open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from agent.assessment import facts_in
from agent.facts import Slot
from agent.interview import conclude, settle_now
from agent.portfolio.rows import Row
from agent.reading import Reader
from agent.recommendation import Sentence
from agent.render import understood
from agent.rubric import DECLINED_AS, NAMES, Rung, Stance
from agent.writing import texts
from agent.writing.plain import write
from knowledge.corpus import Corpus

#: Characters of the description that are shown again in a table.
EXCERPT: Final = 160


class Named(BaseModel):
    """Something with a steady name for programs, and what it means."""

    model_config = ConfigDict(frozen=True)

    name: str
    text: str


class Triaged(BaseModel):
    """One use case, triaged. Where `error` is set nothing was decided, and it says why."""

    model_config = ConfigDict(frozen=True)

    id: str
    rung: Rung | None = None
    name: str = ""
    stance: Stance | None = None
    provisional: bool | None = Field(default=None, description="it rests on something the row does not say")
    blockers: tuple[Named, ...] = Field(default=(), description="the closed gate of rung 4, by its slot")
    mistakes: tuple[Named, ...] = ()
    do_first: str = Field(default="", description="test cases before any rung, where there is no measure")
    next_step: str = ""
    rests_on: tuple[str, ...] = Field(default=(), description="what was read, with its words")
    open_questions: tuple[str, ...] = Field(
        default=(), description="what was assumed, in the order of asking"
    )
    error: str = ""
    excerpt: str = Field(default="", description="how the description begins")
    input: str = Field(default="", description="hash of what the row says and of what read it")


def triage(row: Row, reader: Reader, corpus: Corpus, made_by: str = "") -> Triaged:
    """The verdict on one row; an empty description or an impossible value is told in `error`.

    Raises:
        UnknownPassage: a claim cites what the corpus does not hold.
    """
    if row.error:
        return Triaged(id=row.id, error=row.error, excerpt=excerpt(row.text))
    facts = facts_in(row.text, reader).merge(row.values, replace=True).decline(*row.declined)
    settled, missing = settle_now(facts)
    verdict = conclude(settled)
    advice = write(verdict, settled, corpus)
    assumed = [*(s for s in verdict.assumptions if s in row.declined), *missing]
    return Triaged(
        id=row.id,
        rung=verdict.rung,
        name=NAMES[verdict.rung],
        stance=verdict.stance,
        provisional=verdict.provisional,
        blockers=_named([slot.value for slot in verdict.blockers], advice.blockers),
        mistakes=_named(verdict.mistakes, advice.mistakes),
        do_first=advice.do_first[0].text if advice.do_first else "",
        next_step=advice.next_steps[0].text,
        rests_on=tuple(understood(u) for u in advice.understood if u.value is not None),
        open_questions=tuple(_question(slot) for slot in dict.fromkeys(assumed)),
        excerpt=excerpt(row.text),
        input=fingerprint(row, made_by),
    )


def fingerprint(row: Row, made_by: str) -> str:
    """What must be the same for an earlier verdict to hold: the row, and what reads and decides it."""
    return f"{row.digest}.{made_by}"


def excerpt(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= EXCERPT else f"{said[: EXCERPT - 1]}…"


def _named(names: Sequence[str], sentences: Sequence[Sentence]) -> tuple[Named, ...]:
    """Names with the first sentence of each; a mistake has two sentences."""
    each = max(1, len(sentences) // len(names)) if names else 1
    return tuple(Named(name=n, text=s.text) for n, s in zip(names, sentences[::each], strict=False))


def _question(slot: Slot) -> str:
    """ "Is it one settled task? (taken as: still changing)"."""
    asked = re.sub(r" You can pick several\.$", "", texts.question(slot.value).text)
    return f"{asked} (taken as: {texts.plain(slot, DECLINED_AS[slot])})"
