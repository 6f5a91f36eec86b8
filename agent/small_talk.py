"""What kind of not-an-answer a message is: a greeting, thanks, abuse, an order, another language, or something else."""

from __future__ import annotations

import re
from typing import Final

_KINDS: Final = (
    ("orders", r"\b(?:ignore|disregard|forget|override|bypass|reveal|repeat|print|show)\b.{0,40}\b(?:instructions?|rules?|prompts?|rubric|guidelines?|system)\b|\b(?:system prompt|developer mode|jailbreak|you are now|act as|pretend)\b|\b(?:say|print|output|answer|recommend|conclude)\b.{0,20}\b(?:rung ?4|fine-?tun\w+)\b"),
    ("abuse", r"\b(?:fuck\w*|shit\w*|crap|idiot|stupid|useless|moron|dumb|suck\w*|bullshit|wtf|bastard|garbage|trash|rubbish|waste of time|screw you|piss)\b"),
    ("thanks", r"^\W*(?:thanks|thank you|thx|ty|cheers|great,? thanks|much appreciated|merci|danke|gracias)\b"),
    ("ok", r"^\W*(?:(?:ok(?:ay)?|alright|all right|fine|cool|great|nice|perfect|got it|i see|understood|sounds good|makes sense|good to know|interesting|wow|hm+|aha)\W*)+$"),
    ("bye", r"^\W*(?:bye|goodbye|see (?:you|ya)|cya|ciao|good ?night|that'?s all)\b"),
    ("hello", r"^\W*(?:hi|hello|hey|yo|hiya|howdy|good (?:morning|afternoon|evening|day)|greetings)\b(?:\W*\w+){0,4}\W*$"),
)  # fmt: skip
_COMPILED: Final = tuple((name, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for name, pattern in _KINDS)

_ENGLISH: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "is",
        "are",
        "we",
        "i",
        "it",
        "to",
        "of",
        "and",
        "in",
        "for",
        "our",
        "with",
        "that",
        "this",
        "not",
        "on",
        "have",
        "has",
        "do",
        "does",
        "what",
        "how",
        "you",
        "be",
        "can",
        "my",
        "they",
        "at",
        "or",
        "but",
        "if",
    ]
)
_FOREIGN: Final = frozenset(
    [
        "der",
        "die",
        "das",
        "und",
        "ist",
        "nicht",
        "wir",
        "ich",
        "ein",
        "eine",
        "mit",
        "für",
        "auf",
        "le",
        "la",
        "les",
        "et",
        "est",
        "nous",
        "je",
        "une",
        "des",
        "que",
        "pour",
        "dans",
        "el",
        "los",
        "las",
        "y",
        "es",
        "un",
        "una",
        "por",
        "con",
        "para",
        "que",
        "nosotros",
        "não",
        "uma",
        "com",
        "para",
        "nós",
        "il",
        "lo",
        "gli",
        "e",
        "di",
        "che",
        "non",
        "per",
        "siamo",
        "het",
        "een",
        "niet",
        "voor",
        "van",
        "wij",
        "ik",
        "og",
        "jeg",
        "ikke",
        "vi",
        "är",
        "inte",
        "och",
        "att",
    ]
)


def kind_of(text: str) -> str:
    """The name of the fitting short reply in `prompts/replies.yaml`."""
    for name, pattern in _COMPILED:
        if pattern.search(text):
            return name
    return "foreign" if foreign(text) else "off_topic"


def foreign(text: str) -> bool:
    """Is it plainly not English? By its letters, or by the small words it uses."""
    letters = [c for c in text if c.isalpha()]
    if letters and sum(ord(c) > 0x24F for c in letters) > 0.3 * len(letters):
        return True
    words = re.findall(r"[^\W\d_]+", text.lower())
    return len(words) >= 3 and sum(w in _FOREIGN for w in words) > sum(w in _ENGLISH for w in words)
