"""One case as the kit's templates may use it: the verdict, the facts in plain words, and the person's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from agent.advisor import clean
from agent.facts import ANY_OF, ONE_OF, Amount, Facts, Slot
from agent.recommendation import Recommendation, Sentence
from agent.rubric import ENOUGH_EXAMPLES, NAMES, Rung
from agent.writing import texts

#: Which kind of retrieval checklist a case calls for; none where retrieval is not what has to change.
RetrievalPart = Literal["", "build", "repair", "use"]

#: Their words in a file are a reminder, not a transcript.
LONGEST_WORDS: Final = 240

_RHYTHM: Final = re.compile(
    r"\b(?:hourly|daily|nightly|weekly|fortnightly|monthly|quarterly|yearly|annually"
    r"|(?:every|each|once an?|twice an?) (?:(?:few|other|single|\d+) )?(?:hour|day|night|morning|week|month|quarter|sprint|season|year)s?)\b",
    re.IGNORECASE,
)
_CHANGES: Final = re.compile(r"chang|updat|edit|refresh|renew|revis|replac|new ", re.IGNORECASE)
#: The reasoning models that the digests name, and models called so.
_REASONING: Final = re.compile(
    r"\bo[134]\b|gemini[ -]2\.5[ -]pro|claude[ -]3[.-]7|\breasoning|\bthinking", re.IGNORECASE
)


@dataclass(frozen=True)
class Case:
    """The advice, and the facts it was given on."""

    advice: Recommendation
    facts: Facts

    @property
    def rung(self) -> Rung:
        return self.advice.verdict.rung

    @property
    def name(self) -> str:
        return NAMES[self.rung]

    @property
    def line(self) -> str:
        return self.advice.verdict.line

    @property
    def stays(self) -> bool:
        return self.advice.verdict.stance == "stay"

    @property
    def blocker(self) -> str:
        """The closed gate of rung 4; empty when no gate is what stopped it."""
        blockers = self.advice.verdict.blockers
        return blockers[0].value if blockers else ""

    @property
    def higher(self) -> tuple[Sentence, ...]:
        """What would lead to a higher rung."""
        pairs = zip(self.advice.verdict.flips, self.advice.flips, strict=False)  # only the first few are told
        return tuple(told for flip, told in pairs if flip.rung > self.rung)

    @property
    def shortfall(self) -> tuple[str, ...]:
        """What falls short, in the rubric's order."""
        chosen = self.facts.chosen(Slot.SHORTFALL)
        return tuple(name for name in ANY_OF[Slot.SHORTFALL] if name in chosen)

    @property
    def needs(self) -> frozenset[str]:
        return self.facts.chosen(Slot.NEEDS)

    @property
    def private(self) -> bool:
        return self.facts.get(Slot.PRIVACY) is True

    @property
    def passages(self) -> bool:
        """Does the model answer from passages that are looked up?"""
        return self.facts.get(Slot.KNOWLEDGE) in ("large", "changing")

    @property
    def retrieval_part(self) -> RetrievalPart:
        retrieval = self.facts.get(Slot.RETRIEVAL)
        if self.line == "knowledge_missing":
            return "build"
        if self.line == "retrieval_misses":
            return "repair"
        if not self.passages or self.line in ("works", "cheaper_ways", "distil", "gates_open"):
            return ""
        if retrieval == "misused":
            return "use"
        return "repair" if self.line == "knowledge_gap_only" else ""

    @property
    def reasoning_model(self) -> bool:
        """Did they name a model that reasons by itself? Examples and written-out steps can hurt such a model."""
        return bool(_REASONING.search(self.value("model")))

    @property
    def rhythm(self) -> str:
        """How often their material changes, in their own word ("weekly"); empty when they did not say."""
        for slot in (Slot.KNOWLEDGE, Slot.TASK):
            words = self.said(slot.value)
            for part in re.split(r"[.;!?]\s|,\s", words):
                found = _RHYTHM.search(part)
                if found and _CHANGES.search(part):
                    return found[0].lower()
        return ""

    @property
    def pairs(self) -> int | None:
        """How many good pairs they certainly have; None when they did not say."""
        value = self.facts.get(Slot.EXAMPLES)
        return int(value.low) if isinstance(value, Amount) else None

    @property
    def held_out(self) -> int | None:
        """A tenth of their pairs, and at least 20: what to keep away from training. None for too few to share out."""
        return None if self.pairs is None or self.pairs < ENOUGH_EXAMPLES else max(20, self.pairs // 10)

    def is_known(self, slot: str) -> bool:
        return Slot(slot) in self.facts.known

    def is_value(self, slot: str, *values: str) -> bool:
        """Is the slot known, with one of these values?"""
        return self.facts.get(Slot(slot)) in values

    def value(self, slot: str) -> str:
        """A slot in plain words ("10,000"); empty when it is not known."""
        value = self.facts.get(Slot(slot))
        return "" if value is None else tidy(texts.plain(Slot(slot), value))

    def said(self, slot: str) -> str:
        """The person's own words for a slot; empty when there are none, or they only picked a choice."""
        known = self.facts.known.get(Slot(slot))
        if known is None:
            return ""
        offered = _offered(Slot(slot))
        parts = (part.strip() for part in re.split(r" … |; ", known.quote))
        return tidy(" … ".join(part for part in parts if part.lower() not in offered))


def _offered(slot: Slot) -> frozenset[str]:
    """What a slot's choices are called: words of ours, not of theirs."""
    names = {*ONE_OF.get(slot, ()), *ANY_OF.get(slot, ())}
    if slot.value in texts.load("questions"):
        names |= {choice.label for choice in texts.question(slot.value).choices}
    return frozenset(name.lower() for name in names)


def tidy(words: str) -> str:
    """Words on one line, without control characters, not too long, and without the marks of a blank."""
    text = " ".join(clean(words)[0].split())
    text = re.sub(r"\[{2,}", "[", re.sub(r"\]{2,}", "]", text))
    return text if len(text) <= LONGEST_WORDS else text[: LONGEST_WORDS - 1].rstrip() + "…"
