"""What the heads say of a message, and whether they stand by what its wording said.

Patterns are narrow and sometimes hit by accident; the heads read the meaning and sometimes wander. A value is kept where
both can live with it: that costs some recall, and a wrong value costs more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agent.facts import ONE_OF, Amount, Proposal, Slot
from agent.reading.clauses import Clause
from agent.reading.heads import DUE, SILENT, Heads, Ranked, around, features
from agent.reading.quantities import quantities
from knowledge.embedding import Encoder, Vectors

#: What wording alone read is dropped where the heads give it less than this, or another value of the slot more than it
#: and than that. Set on development messages that neither the patterns nor these heads had seen.
BACKED_FROM: Final = 0.2
AGAINST_FROM: Final = 0.3
ANSWERED_AGAINST_FROM: Final = 0.5
#: An answer of so few words has no room for a second meaning.
SHORT: Final = 6
#: How sure the head for numbers must be that this one counts examples: test sets, stocks and plans look much alike.
COUNTED_FROM: Final = 0.15
#: And that a time word is their own deadline: what runs every Friday, or is due to somebody else, sounds the same.
DUE_FROM: Final = 0.03
#: Said by its name, a thing needs no backing.
_BY_NAME: Final = re.compile(r"\b(?:few|multi|[2-9])[- ]?shot\b", re.IGNORECASE)
#: A clause shorter than this cannot stand alone.
CLAUSE_WORDS: Final = 5


class Heard:
    """One message as the heads hear it. Features are made when a head first asks: what the wording settles costs
    nothing."""

    def __init__(
        self, heads: Heads, encoder: Encoder, text: str, parts: Sequence[Clause], asked: str
    ) -> None:
        self._heads = heads
        self._encoder = encoder
        self._text = text
        self._parts = parts
        self._asked = asked
        self._clauses = [c.text for c in parts if stands_alone(c)]
        self._made: dict[str, Vectors] = {}

    def intent(self) -> tuple[str, float]:
        return self._heads.intent(self._asked, self._of(self._text))[0]

    def statement(self, clause: str) -> Ranked:
        return self._heads.statement(self._of(clause))

    def reply(self, slot: Slot, text: str) -> Ranked:
        return self._heads.reply(slot.value, self._of(text))

    def stands_by(self, p: Proposal) -> bool:
        """May this value of the wording's be kept?"""
        if p.slot is Slot.EXAMPLES and p.value != Amount.exactly(0):  # none is the cautious value
            return self._counts_examples(p.quote)
        if p.slot is Slot.DEADLINE:
            return self._is_due(p.quote)
        if p.slot not in ONE_OF and p.slot is not Slot.SHORTFALL:
            return True
        if _BY_NAME.search(p.quote):
            return True
        said = self._odds(p)
        names = p.value or {"nothing"} if isinstance(p.value, frozenset) else {str(p.value)}
        support = max(said.get(name, 0.0) for name in names)
        against = max(
            (odds for value, odds in said.items() if value not in names and value != SILENT), default=0.0
        )
        if p.slot.value == self._asked:  # what answers the question is likely enough by itself
            return len(self._text.split()) <= SHORT or not (
                against > ANSWERED_AGAINST_FROM and against > support
            )
        return support >= BACKED_FROM and not (against > AGAINST_FROM and against > support)

    def _odds(self, p: Proposal) -> dict[str, float]:
        """The odds of each value of a slot, from the whole message and from the clause it was read in."""
        said = dict(self.reply(p.slot, self._text))
        for clause in self._parts:
            if p.quote in clause.text or clause.text in p.quote:
                for label, odds in self.statement(clause.text):
                    slot, _, value = label.partition("=")
                    if slot == p.slot.value:
                        said[value] = max(said.get(value, 0.0), odds)
        return said

    def _counts_examples(self, quote: str) -> bool:
        start = self._text.find(quote)
        numbers = [q for q in quantities(self._text) if q.start < start + len(quote) and q.end > start]
        if not numbers:
            return True  # "none", told without a number
        return any(
            dict(self._heads.number(self._asked, self._of(around(self._text, q.start, q.end)))).get(
                Slot.EXAMPLES.value, 0.0
            )
            >= COUNTED_FROM
            for q in numbers
        )

    def _is_due(self, quote: str) -> bool:
        said = [dict(self.statement(c.text)) for c in self._parts if quote in c.text]
        return not said or max(odds.get(DUE, 0.0) for odds in said) >= DUE_FROM

    def _of(self, text: str) -> Vectors:
        if text not in self._made:
            new = list(dict.fromkeys(self._clauses)) if text in self._clauses else [text]
            self._made.update(zip(new, features(new, self._encoder), strict=True))
        return self._made[text]


def stands_alone(clause: Clause) -> bool:
    """Is it long enough to be read by itself, and anything but hearsay, a question or the past?"""
    return len(clause.text.split()) >= CLAUSE_WORDS and (clause.factual or volunteered(clause))


def volunteered(clause: Clause) -> bool:
    """Wishes and needs are told as plans; they are still theirs."""
    return not (clause.hearsay or clause.others or clause.question or clause.past or clause.supposed)
