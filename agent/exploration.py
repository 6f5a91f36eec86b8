"""Looking around without going anywhere: what if, the way to a rung, another use case beside this one.

Each gives an answer on the facts known so far. None of them changes a fact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from agent.comparison import compare
from agent.conversation import Answer
from agent.errors import BadValue
from agent.facts import Amount, Facts, Proposal, Slot
from agent.given import SUPPOSABLE, assignments, usage
from agent.goal import rung_named
from agent.reach import ways
from agent.reading import Asked, Reader
from agent.reading.quantities import scaled
from agent.rubric import NAMES, Rung
from agent.supposition import Supposition
from agent.writing import texts
from agent.writing.contrasts import (
    compared,
    compared_answer,
    reached,
    reached_answer,
    what_if,
    what_if_answer,
)
from knowledge.corpus import Corpus

#: What opens a supposition, and how it is told as if it were so: the reader takes statements better than suppositions.
_OPENS: Final = re.compile(
    r"^\W*(?:(?:and|but|so|ok|now)\s+)*(?:/?what[- ]if|suppos(?:e|ing)(?: that)?|imagine(?: that)?|if)\b[\s,:]*",
    re.IGNORECASE,
)
_AS_TOLD: Final = (
    (re.compile(r"\b(we|they|you|things|rules|prices|categories|\w+s) were\b", re.IGNORECASE), r"\1 are"),
    (re.compile(r"\bwe had\b", re.IGNORECASE), "we have"),
    (re.compile(r"\b(?:was|were)\b", re.IGNORECASE), "is"),
)
_TIMES: Final = (
    (re.compile(r"\b(?:doubled?|twice|two times)\b", re.IGNORECASE), 2.0),
    (re.compile(r"\b(?:tripled?|three times)\b", re.IGNORECASE), 3.0),
    (re.compile(r"\b(?:halved?|half)\b", re.IGNORECASE), 0.5),
    (re.compile(r"\b(?:ten times|tenfold)\b", re.IGNORECASE), 10.0),
    (re.compile(r"\b(?:a )?hundred ?(?:times|fold)\b", re.IGNORECASE), 100.0),
    (re.compile(r"\b(?P<times>\d{1,4}(?:\.\d)?) ?(?:x|×|times|fold)(?!\w)", re.IGNORECASE), 0.0),
)
_OF_WHAT: Final = (
    (Slot.VOLUME, re.compile(r"\b(?:traffic|volume|calls|requests|load|queries)\b", re.IGNORECASE)),
    (Slot.EXAMPLES, re.compile(r"\b(?:examples|pairs|labels|labelled|training data)\b", re.IGNORECASE)),
)


def supposed(text: str, read: Sequence[Proposal], facts: Facts, reader: Reader) -> tuple[Proposal, ...]:
    """What a message supposes: as it was read, or the same said as a fact, or so many times what is known."""
    found = [p for p in read if p.slot in SUPPOSABLE]
    if not found:
        found = _multiplied(text, facts)
    if not found:
        told = _OPENS.sub("", text.strip()).rstrip("?!. ")
        for pattern, plain in _AS_TOLD:
            told = pattern.sub(plain, told)
        found = [p for p in reader.read(f"{told}.", Asked.DONE, Facts()).values if p.slot in SUPPOSABLE]
    return tuple(found)


def on_supposition(changes: Sequence[Proposal], facts: Facts, corpus: Corpus) -> Answer:
    """The verdict now and on these changes."""
    return what_if_answer(what_if(Supposition.of(facts, changes), corpus))


def on_way(rung: Rung, facts: Facts, corpus: Corpus) -> Answer:
    """What it would take to get to a rung."""
    return reached_answer(reached(rung, ways(facts, rung), facts, corpus))


def on_another(facts: Facts, other: Facts, name: str, corpus: Corpus) -> Answer:
    """This use case beside another."""
    return compared_answer(compared(compare(facts, other), corpus, "this case", name))


def commanded(text: str) -> Callable[[Facts, Corpus], Answer] | None:
    """What `/what-if slot=value …` and `/reach RUNG` ask for; None for any other message.

    Raises:
        BadValue: the command is given something it does not take; what it takes is listed.
    """
    name, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    match name.lower():
        case "/what-if" | "/whatif" if not rest:
            raise BadValue(f"What would be different? Say it in words, or name it. {usage()}")
        case "/what-if" | "/whatif" if "=" in rest:
            changes = assignments(rest)
            return lambda facts, corpus: on_supposition(changes, facts, corpus)
        case "/reach":
            rung = rung_named(rest)
            if rung is None:
                rungs = ", ".join(f"{n} {name}" for n, name in NAMES.items())
                raise BadValue(texts.reply("reach_which", rungs=rungs))
            return lambda facts, corpus: on_way(rung, facts, corpus)
    return None


def _multiplied(text: str, facts: Facts) -> list[Proposal]:
    """ "10x traffic", "what if volume doubled": so many times the amount that is known."""
    named = [slot for slot, words in _OF_WHAT if words.search(text)]
    times = next((match for match in ((p.search(text), by) for p, by in _TIMES) if match[0]), None)
    if len(named) != 1 or times is None or times[0] is None:
        return []
    today = facts.get(named[0])
    by = times[1] or float(times[0]["times"])
    if not isinstance(today, Amount):
        return []
    return [Proposal(slot=named[0], value=scaled(today, by), quote=times[0][0])]
