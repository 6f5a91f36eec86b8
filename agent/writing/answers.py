"""Answers on the way: from the sources with citations, or an honest "my sources do not answer that"; why a question is
asked; why the verdict is what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from agent.conversation import Answer
from agent.facts import Facts, Slot
from agent.interview import label, outcomes
from agent.reading import Asked
from agent.recommendation import Citation, Recommendation, Sentence, cited
from agent.rubric import NAMES, RUNGS
from agent.writing import texts
from knowledge.corpus import Corpus

if TYPE_CHECKING:  # NumPy is not light; the front end shows the first question without it
    from knowledge.search import Search

#: How many points an answer gives, and how close to the best one they must come.
POINTS: Final = 3
NEAR: Final = 0.8

_WHAT_IS: Final = re.compile(
    r"(?:(?:ok|and|so|but|sorry|wait|hm+)[\s,]+)*(?:what(?:'s| is| are|s| does)?|define|explain|(?:can|could) you explain|what do you mean by|meaning of)\s+(?P<term>[\w\s/-]{2,40}?)(?: mean| means| exactly| again| simply| in (?:simple|plain) \w+)?\s*[?.!]*$",
    re.IGNORECASE,
)
_LEAD: Final = r"^\W*(?:(?:ok|okay|hm+|and|so|but|well|sorry|wait|huh)\b[\s,.?]*)*"
_WHAT_IS_MEANT: Final = re.compile(
    _LEAD
    + r"(?:what (?:do|did) you mean(?: by (?:that|this|it))?|what(?:'s| is| does|s) (?:that|this|it) (?:mean|supposed to mean)"
    r"|what is meant(?: by (?:that|this|it))?|(?:(?:can|could|would) you )?(?:please )?(?:explain|clarify|rephrase) "
    r"(?:that|this|it|(?:the|your) question)|meaning)(?: exactly| here)?(?:,? please)?\W*$",
    re.IGNORECASE,
)
_RUNG_WORDS: Final = (
    (4, r"fine-?tun\w*|train\w*|rung (?:4|four)|weights|lora"),
    (3, r"rag\b|retriev\w*|search|look ?up|rung (?:3|three)|documents"),
    (2, r"few-?shot|examples?|rung (?:2|two)"),
    (1, r"prompt\w*|rung (?:1|one)"),
)


def from_sources(question: str, search: Search) -> Answer:
    """What the sources say to a question: a definition where one is asked for, or their nearest points, each cited; or
    that they do not answer it."""
    defined = definition(question, search.corpus)
    if defined is not None:
        return Answer(text=defined.text, citations=defined.citations)
    hits = search.search(question, count=POINTS)
    if not search.answers(hits):
        return Answer(text=texts.reply("no_answer"))
    told = [hit for hit in hits if hit.score >= NEAR * hits[0].score]
    points = "\n".join(f"- {hit.point}" for hit in told)
    return Answer(
        text=f"{texts.reply('answer')}\n{points}",
        citations=tuple(Citation.of(hit.passage, hit.point) for hit in told),
    )


def definition(question: str, corpus: Corpus) -> Sentence | None:
    """The glossary's sentence, when the question is what a term means."""
    match = _WHAT_IS.match(question.strip())
    if match is None:
        return None
    term = re.sub(r"^(?:a|an|the) ", "", match["term"].lower().strip(" \"'“”"))
    for entry in texts.load("glossary"):
        if term in entry["terms"] or term.removesuffix("s") in entry["terms"]:
            return Sentence(text=entry["text"], citations=cited(corpus, entry["cites"]))
    return None


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


def explained(asked: Slot | Asked) -> Answer:
    """What the open question is after: "what do you mean by that?"."""
    return Answer(text=texts.reply("meant", why=texts.question(asked.value).why))


def asks_what_is_meant(text: str) -> bool:
    """ "What do you mean by that?": about what was said last, whatever that was."""
    return bool(_WHAT_IS_MEANT.match(text.strip()))


def names_a_rung(text: str) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for _, pattern in _RUNG_WORDS)


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
