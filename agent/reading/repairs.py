"""How people mend what they said: within one message ("forty, no wait, sixty"), and of the answer before ("hang on, …")."""

from __future__ import annotations

import re
from typing import Final

#: What stands before these in a reply is taken back by the speaker.
_MENDS: Final = re.compile(
    r"(?:^|(?<=[\s,.;:!?…—–-]))(?:"
    r"(?:oh|ah|hm+|oops|um+|no|wait|sorry|actually|hold on|hang on)?[\s,.]*(?:no[\s,]+wait|wait[\s,]+no|scratch that|strike that|forget that)"
    r"|(?:actually|sorry|well|oh|hm+)[\s,]+no(?=[\s,.;:!])(?!\s+(?:one|idea|more|need|longer|prompt|examples?|search))"
    r"|(?:no[\s,]+)?sorry[\s,]+(?:i|that) (?:meant?|was wrong|(?:mixed|confused|got) (?:that|it|this|them)(?: up| wrong)?)"
    r"|(?:i )?(?:mixed|got|confused) (?:that|it|this|them) (?:up|wrong)"
    r"|(?:my (?:mistake|bad)|i misspoke|i take that back|that was (?:last (?:year|month|week)|before|the old one|wrong))"
    r"|i mean(?:t)?[\s,:]+|correction\s*:|make that\b|or rather\b|rather\s*[,:]"
    r")(?:[\s,.;:!—–-]+(?:that(?:'s| is| was) (?:wrong|not (?:right|true|it))|i (?:meant?|mixed that up)|it'?s|no|sorry)(?=[\s,.;:!]))*[\s,.;:!—–-]*",
    re.IGNORECASE,
)
#: Before a repair, these are no answer that it could take back: "no, I meant per month" mends what was said earlier.
_NOTHING_YET: Final = re.compile(
    r"(?:\W|\b(?:no|nope|oh|ah|hm+|um+|sorry|actually|wait|well|oops|but|and|so)\b)*", re.IGNORECASE
)
#: These begin a message that goes back to what was said before.
_GOES_BACK: Final = re.compile(
    r"^\W*(?:(?:oh|ah|hm+|um+|ok|okay|but|well)[\s,.]+)?(?:"
    r"(?:hang|hold) on(?: a (?:second|moment|minute))?|wait(?: a (?:second|moment|minute))?(?:[\s,]+no)?|no[\s,]+wait|sorry(?:[\s,]+no)?|actually(?:[\s,]+no)?|hm+[\s,]+no|"
    r"on second thoughts?|(?:now that i|when i|if i|thinking) (?:think )?about it(?: again)?|(?:let me|i (?:have|need|must|want) to|i'?d like to) (?:correct|go back|take back|fix)[^.,:;]{0,40}|"
    r"correction|i (?:was wrong|misspoke|made a mistake|said (?:it|that|something) wrong)[^.,:;]{0,40}|one thing i said[^.,:;]{0,30}|hm+|well"
    r")\s*[,.:;!—–-]+\s*",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?<=[.!?…])\s+(?=\S)|\n+")


def repaired(text: str) -> str:
    """What is left of a reply after the speaker took part of it back: the words after the last repair."""
    ends = [m.end() for m in _MENDS.finditer(text) if not _NOTHING_YET.fullmatch(text[: m.start()])]
    after = text[ends[-1] :].strip() if ends else ""
    return after or text


def goes_back(text: str) -> list[str]:
    """The sentences of a message that announces that it mends the answer before, without the announcement; else none."""
    begun = _GOES_BACK.match(text)
    return sentences(text[begun.end() :]) if begun else []


def sentences(text: str) -> list[str]:
    """A message in sentences, each as it stands in it."""
    return [part for part in _SENTENCE.split(text.strip()) if part.strip()]
