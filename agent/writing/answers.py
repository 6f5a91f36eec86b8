"""Answers on the way: from the sources with citations, or an honest "my sources do not answer that"; why a question is
asked; why the verdict is what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from agent.conversation import Answer
from agent.facts import Facts, Slot
from agent.interview import label, outcomes
from agent.reading import Asked
from agent.recommendation import Citation, Recommendation, Sentence
from agent.rubric import NAMES, RUNGS
from agent.writing import texts

if TYPE_CHECKING:  # NumPy is not light; the front end shows the first question without it
    from knowledge.search import Search

#: How many points an answer gives, and how close to the best one they must come.
POINTS: Final = 3
NEAR: Final = 0.8

_RUNG_WORDS: Final = (
    (4, r"fine-?tun\w*|train\w*|rung (?:4|four)|weights|lora"),
    (3, r"rag\b|retriev\w*|search|look ?up|rung (?:3|three)|documents"),
    (2, r"few-?shot|examples?|rung (?:2|two)"),
    (1, r"prompt\w*|rung (?:1|one)"),
)


def from_sources(question: str, search: Search) -> Answer:
    """What the sources say to a question: their nearest points, each cited; or that they do not answer it."""
    hits = search.search(question, count=POINTS)
    if not search.answers(hits):
        return Answer(text=texts.reply("no_answer"))
    told = [hit for hit in hits if hit.score >= NEAR * hits[0].score]
    points = "\n".join(f"- {hit.point}" for hit in told)
    return Answer(
        text=f"{texts.reply('answer')}\n{points}",
        citations=tuple(Citation.of(hit.passage, hit.point) for hit in told),
    )


def why_asked(asked: Slot | Asked, facts: Facts) -> Answer:
    """Why the open question is asked, and what each answer would leave open."""
    text = texts.question(asked.value)
    lines = [texts.reply("why_lead", why=text.why)]
    if isinstance(asked, Slot):
        left = outcomes(facts, asked)
        for choice in text.choices:
            name = label(asked, texts.typed(asked, choice))
            rungs = left.get(name)
            if rungs is None:
                continue
            told = " or ".join(f"{r} ({NAMES[r]})" for r in sorted(rungs))
            key = "settled" if len(rungs) == 1 else "still_open"
            lines.append(
                "- " + texts.reply("why_outcome", label=choice.label, rungs=texts.reply(key, rungs=told))
            )
    return Answer(text="\n".join(lines))


def why_verdict(question: str, recommendation: Recommendation) -> Answer:
    """Why this rung, or why not another that the person names."""
    sentences: list[Sentence] = list(recommendation.why)
    negative = re.search(r"\b(?:not|n't|instead|rather|can'?t|shouldn'?t|no)\b", question, re.IGNORECASE)
    for rung, pattern in _RUNG_WORDS:
        if (
            rung in RUNGS
            and re.search(pattern, question, re.IGNORECASE)
            and (negative or rung != recommendation.verdict.rung)
        ):
            sentences = [recommendation.ladder[rung - 1].why, *sentences]
            if rung == 4:
                sentences += recommendation.blockers
            break
    cited = tuple(dict.fromkeys(c for s in sentences for c in s.citations))
    return Answer(text=" ".join(s.text for s in sentences), citations=cited)
