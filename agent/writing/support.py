"""Does a sentence that a model wrote say only what it may? Numbers, names, the rung, and what it rests on, checked in code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from agent.language import foreign
from agent.rubric import NAMES, Rung

#: Characters of a sentence at most, and how many of its content words must stand in what it rests on.
LONGEST: Final = 420
SHARE: Final = 0.3

_DIGITS: Final = re.compile(
    r"(?<![\w.])\$?(\d[\d,]*(?:\.\d+)?)\s?(k\b|m\b|%|million\b|thousand\b|bn\b|billion\b)?", re.I
)
_SCALES: Final = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_WORDS: Final = {
    word: float(n)
    for n, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"],
        2,
    )
} | {"dozen": 12, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
     "hundred": 100, "hundreds": 100, "thousand": 1000, "thousands": 1000, "million": 1e6, "millions": 1e6,
     "twice": 2, "double": 2, "half": 0.5, "triple": 3, "thrice": 3}  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_][\w'’-]*")
_NAME: Final = re.compile(
    r"(?<![.!?:]\s)(?<!^)(?<![\"“(])\b(?:[A-Z][\w.&-]*\w|[a-z]+[A-Z]\w*|[A-Za-z]+-?\d[\w.-]*)"
)
#: Names that need no source: what this is all about.
_ALLOWED: Final = frozenset(
    [
        "ai",
        "llm",
        "llms",
        "rag",
        "i'll",
        "i'd",
        "guide",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
)
_MARKUP: Final = re.compile(r"https?://|www\.|[<>`*_#|{}\\]|\[\d|\n|sk-\w{6}", re.I)
_INSIDE: Final = re.compile(
    r"\bsystem prompt\b|\bmy (?:rules|instructions)\b|\bapi key\b|<facts>|verbatim quote", re.I
)

#: Words that claim the most; they count by how they begin, and must stand in what the sentence rests on.
_UTMOST: Final = re.compile(
    r"\b(?:ideal|perfect|optimal|best|always|never|guarante|definite|certainly|undoubted|flawless|unbeatable)",
    re.I,
)

_OTHERS: Final = {
    2: r"few-?shot|rung (?:2|two)",
    3: r"rag\b|retrieval|rung (?:3|three)|vector (?:store|database|search)",
    4: r"fine-?tun\w*|train(?:ing)? (?:a|the|your|it|on)\b|lora\b|rung (?:4|four)",
    1: r"rung (?:1|one)",
}
_URGES: Final = re.compile(
    r"\b(?:go|move|switch|start|begin|try|recommend\w*|advis\w+|should|need to|must|time (?:to|for)|ready (?:to|for)|next (?:step|rung) is|use|choose|pick|let'?s|consider|climb|worth|best (?:is|way)|right (?:choice|step)|proceed|jump)\b",
    re.I,
)
_HELD_BACK: Final = re.compile(
    r"\b(?:not|n't|before|instead of|rather than|without|no|yet|until|if|unless|only|last|later|never|avoid|neither|nor|cannot|would|could|more than|ahead of|first|against|does little|waste|closed|blocked)\b|n['’]t\b",
    re.I,
)


def objection(text: str, rests_on: Iterable[str], may_use: Iterable[str], decided: Rung | None) -> str:
    """What is wrong with a sentence, by the rule that it broke and what to do about it; empty when nothing is.

    `rests_on` is what it must be borne out by (the reviewed sentence, the passages it names); `may_use` is all that numbers
    and names may come from besides (the person's facts).
    """
    grounds = list(rests_on)
    sources = "\n".join([*grounds, *may_use, *NAMES.values()])
    if not text.strip() or len(text) > LONGEST:
        return f"a sentence has some words and at most {LONGEST} characters"
    if foreign(text):
        return "it is not in English; write it in English, whatever language the person uses"
    if _MARKUP.search(text) or _INSIDE.search(text):
        return "markup, links or inner workings do not belong here; write plain words"
    if loose := sorted(numbers(text) - numbers(sources)):
        return f"these numbers have no source: {', '.join(f'{n:g}' for n in loose)}; leave them out, or name an item that holds them"
    if loose_names := sorted(names(text, sources)):
        return f"these names have no source: {', '.join(loose_names)}; leave them out, or name an item that holds them"
    if other := urged(text, decided, "\n".join(grounds)):
        return f"it recommends {NAMES[other]}, which was not decided; say what was, or what the source says of it"
    if utmost := sorted(_utmost(text) - _utmost(sources)):
        return f"it claims more than its sources: {', '.join(utmost)}; leave that out"
    if supported(text, sources) < SHARE:
        return (
            "it does not say what its sources say: few of its words stand there; keep closer to their wording"
        )
    return ""


def numbers(text: str) -> set[float]:
    """Every number of a text, in digits or in words; "one" is a word like any other."""
    found = {
        float(match[1].replace(",", "")) * _SCALES.get((match[2] or "").lower(), 1)
        for match in _DIGITS.finditer(text)
    }
    bare = {float(match[1].replace(",", "")) for match in _DIGITS.finditer(text)}
    scaled = re.sub(r"\d[\d,.]*\s?(?:million|thousand|billion)\b", " ", text)
    return found | bare | {_WORDS[w] for w in re.findall(r"[a-z]+", scaled.lower()) if w in _WORDS}


def names(text: str, sources: str) -> set[str]:
    """The proper names of a text that its sources do not hold."""
    known = {word.lower().rstrip(".'’s-") for word in re.findall(r"[\w.&'’-]+", sources)}
    return {
        match[0]
        for match in _NAME.finditer(text)
        if match[0].lower().rstrip(".'’s-") not in known | _ALLOWED and match[0] != "I"
    }


def _utmost(text: str) -> set[str]:
    return {match[0].lower() for match in _UTMOST.finditer(text)}


def urged(text: str, decided: Rung | None, grounds: str) -> Rung | None:
    """A rung other than the decided one that the text recommends and its grounds do not."""
    for rung, words in _OTHERS.items():
        if rung == decided or not re.search(words, text, re.I):
            continue
        if decided is not None and not re.search(words, grounds, re.I):
            return rung  # type: ignore[return-value]
        if _urges(text, words) and not _urges(grounds, words):
            return rung  # type: ignore[return-value]
    return None


def _urges(text: str, words: str) -> bool:
    return any(
        re.search(words, clause, re.I) and _URGES.search(clause) and not _HELD_BACK.search(clause)
        for clause in re.split(r"[.;:!?\n]|, (?:and|but|so)\b", text)
    )


_SMALL: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "if",
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "with",
        "from",
        "as",
        "is",
        "are",
        "was",
        "be",
        "been",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "you",
        "your",
        "we",
        "our",
        "they",
        "their",
        "not",
        "no",
        "so",
        "do",
        "does",
        "can",
        "may",
        "will",
        "would",
        "should",
        "have",
        "has",
        "had",
        "than",
        "then",
        "more",
        "most",
        "into",
        "out",
        "up",
        "what",
        "which",
        "who",
        "when",
        "how",
        "all",
        "any",
        "each",
        "one",
        "there",
        "here",
        "them",
    ]
)


def supported(text: str, sources: str) -> float:
    """The share of a text's content words that its sources hold, by their first five letters."""
    words = _content(text)
    return len(words & _content(sources)) / len(words) if words else 0.0


def _content(text: str) -> set[str]:
    return {w[:5] for w in (m[0].lower() for m in _WORD.finditer(text)) if w not in _SMALL and len(w) > 2}
