"""The reader with a language model: one structured answer a message, of which nothing is taken on trust.

A value counts when its words stand in the message, outside of what is pasted or ordered, when its type takes it, and when
its numbers are among those words. What plainly needs no model, and what a model fails to read, the local reader reads.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from agent.errors import BadValue
from agent.facts import AMOUNTS, ANY_OF, Amount, Facts, Proposal, Slot, Value, parse
from agent.given import value_of
from agent.model.chat import Message
from agent.model.prompts import prompt
from agent.model.turn import ModelTurn, current
from agent.reading import Asked, Intent, Reader, Reading, commands, replies
from agent.reading.pasted import own_words
from agent.reading.quantities import WINDOWS, quantities
from agent.writing import texts

#: Words of a message that may be nothing but a command or a short answer; longer ones go to the model.
BRIEF: Final = 6
#: Characters shown of what was said before.
TALK: Final = 300
#: A few a day; no line of the rubric lies below.
FEW: Final = 20
#: Intents that throw something away. From the model they count in a short message only: a paste cannot restart the talk.
_COSTLY: Final = frozenset({Intent.UNDO, Intent.RESTART, Intent.SKIP, Intent.JUST_TELL_ME})
_COSTLY_WITHIN: Final = 30

#: Words that leave something out: "only what the caller says", "all that it needs", "no outside info".
_LEAVES_OUT: Final = re.compile(
    r"\b(?:no|not|none|nothing|never|nor|only|just|solely|all|everything|alone|itself|enough|without|whatever)\b|n['’]t\b",
    re.IGNORECASE,
)

SlotName = Literal[
    "knowledge", "retrieval", "prompting", "shortfall", "stability", "volume", "success", "examples", "deadline",
    "wants", "needs", "privacy", "prompt_tokens", "output_tokens", "model", "platform", "error_cost",
]  # fmt: skip
IntentName = Literal[
    "answer", "question", "correction", "dont_know", "skip", "why", "what_if", "compare", "undo", "restart", "just_tell_me", "other",
]  # fmt: skip


class Stated(BaseModel):
    model_config = ConfigDict(extra="forbid")

    slot: SlotName
    value: str
    quote: str


class MessageRead(BaseModel):
    """What one message states and wants."""

    model_config = ConfigDict(extra="forbid")

    intent: IntentName
    agrees: Literal["yes", "no", "neither"]
    values: list[Stated]
    supposed: list[Stated]
    question: str


class ModelReader:
    """Reads with the model where there is one in this turn, and as `local` does otherwise."""

    def __init__(self, local: Reader) -> None:
        self._local = local

    def read(self, text: str, asked: Slot | Asked, facts: Facts) -> Reading:
        turn = current()
        if turn is None or not turn.may_read() or is_plain(text, asked):
            return self._local.read(text, asked, facts)
        found = turn.ask("read", MessageRead, _messages(text, asked, facts, turn))
        if found is None:
            return self._local.read(text, asked, facts)
        return checked(found, text, facts, asked).model_copy(update={"by_model": True})

    def guess(self, text: str, asked: Slot) -> Proposal | None:
        return self._local.guess(text, asked)


def is_plain(text: str, asked: Slot | Asked) -> bool:
    """Is it nothing but a command, a yes or no, or a short answer that rules read for certain?"""
    if len(text.split()) > BRIEF:
        return False
    agrees = commands.agrees(text)
    if isinstance(asked, Slot) and replies.short_answer(asked, text, agrees) is not None:
        return True
    if asked is Asked.CONFIRM and agrees is True:
        return True
    return commands.intent(text, asked) in (*_COSTLY, Intent.DONT_KNOW, Intent.WHY)


def checked(found: MessageRead, text: str, facts: Facts, asked: Slot | Asked = Asked.OPENING) -> Reading:
    """The model's answer as a reading, without all that the message does not bear out."""
    intent = Intent(found.intent)
    if intent in _COSTLY and len(text.split()) > _COSTLY_WITHIN:
        intent = Intent.ANSWER
    if intent in commands.WITHOUT_VALUES:
        return Reading(intent=intent)
    supposed = tuple(_proposals(found.supposed, text))
    told = (p for p in _proposals(found.values, text) if p.slot is asked or not _guessed(p))
    values = _looked_up(tuple(told), facts)
    if intent is Intent.WHAT_IF:
        return Reading(intent=intent, supposed=supposed or values, question=text)
    if intent is Intent.COMPARE:
        other = _of_another(found, text)
        return Reading(intent=intent if other else Intent.QUESTION, supposed=other, question=text)
    if intent in (Intent.QUESTION, Intent.WHY):
        return Reading(intent=intent, values=values, question=text)
    agrees = {"yes": True, "no": False}.get(found.agrees)
    question = found.question if found.question and found.question in text else ""
    return Reading(intent=intent, values=values, question=question, yes=agrees)


def _of_another(found: MessageRead, text: str) -> tuple[Proposal, ...]:
    """What the message tells of another case, wherever the model put it: none of it is this person's."""
    return _looked_up(tuple(_proposals([*found.supposed, *found.values], text)), Facts())


def _proposals(stated: Iterable[Stated], text: str) -> Iterable[Proposal]:
    """The values that hold, one a slot: sets are joined, and of two values that cannot both hold neither counts."""
    found: dict[Slot, list[Proposal]] = {}
    own = own_words(text)
    for one in stated:
        quote = verbatim(one.quote, own)
        value = _value(Slot(one.slot), one.value)
        if quote is None or value is None or not _numbers_stand(value, quote):
            continue
        found.setdefault(Slot(one.slot), []).append(Proposal(slot=Slot(one.slot), value=value, quote=quote))
    for slot, proposals in found.items():
        first = proposals[0]
        if slot in ANY_OF:
            members = frozenset[str]().union(*(p.value for p in proposals if isinstance(p.value, frozenset)))
            quotes = dict.fromkeys(p.quote for p in proposals if p.value or not members)
            yield Proposal(slot=slot, value=members, quote=" … ".join(quotes))
        elif all(p.value == first.value for p in proposals):
            yield first


def _guessed(p: Proposal) -> bool:
    """That nothing from outside is needed must be said: a task that sorts or rewrites may need a rulebook all the same."""
    return p.slot is Slot.KNOWLEDGE and p.value == "none" and not _LEAVES_OUT.search(p.quote)


def _looked_up(values: tuple[Proposal, ...], facts: Facts) -> tuple[Proposal, ...]:
    """Where retrieval runs, there is more than a prompt holds, unless something else is known of it."""
    running = next((p for p in values if p.slot is Slot.RETRIEVAL and p.value != "none"), None)
    told = Slot.KNOWLEDGE in facts.known or any(p.slot is Slot.KNOWLEDGE for p in values)
    if running is None or told:
        return values
    return (*values, Proposal(slot=Slot.KNOWLEDGE, value="large", quote=running.quote))


def verbatim(quote: str, text: str) -> str | None:
    """The words of the message that a quote repeats; None when they do not stand there.

    White space, case, and the shape of quotation marks are forgiven, and the message's own are given back.
    """
    words = quote.strip().strip("\"“”'").split()
    if not words:
        return None
    pattern = r"\s+".join(_forgiving(word) for word in words)
    match = re.search(pattern, text, re.IGNORECASE)
    return match[0] if match else None


def _forgiving(word: str) -> str:
    escaped = re.escape(word)
    escaped = re.sub(r"(?:\\?['’‘`])", "['’‘`]", escaped)
    escaped = re.sub(r'(?:\\?["“”])', '["“”]', escaped)
    return escaped.replace("‹", "[‹<]")


def _value(slot: Slot, raw: str) -> Value | None:
    """The typed value, as a person's own typing of it would be taken; None when the slot does not take it."""
    raw = raw.strip()
    try:
        if slot in AMOUNTS:
            return value_of(slot, raw)
        if slot is Slot.PRIVACY:
            return True if parse(slot, raw) else None
        return parse(slot, raw) if raw else None
    except BadValue:
        return None


def _numbers_stand(value: Value, quote: str) -> bool:
    """Are the digits of an amount among the numbers of its words, give or take a unit of time and one multiplication
    ("12 people, 5 times each")? "Hundreds" and "just me" have no digits, and are let be."""
    if not isinstance(value, Amount | float) or not re.search(r"\d", quote):
        return True
    low, high = (value.low, value.high) if isinstance(value, Amount) else (value, value)
    if high is not None and high <= FEW:
        return True  # "just me, two classes" is a few, whatever else is counted
    told = [b for q in quantities(quote) for b in (q.amount.low, q.amount.high) if b]
    told += [a * b for a in told for b in told]
    reach = [n * unit for n in told for unit in _UNITS]
    return all(any(math.isclose(n, r, rel_tol=0.02) for r in reach) for n in (low, high) if n)


#: Calls a day from any rate; days from weeks and months.
_UNITS: Final = (*WINDOWS.values(), 7.0, 30.0, 1000.0)


def _messages(text: str, asked: Slot | Asked, facts: Facts, turn: ModelTurn) -> list[Message]:
    known = [f"{u.slot.value}: {u.text}" for u in texts.understood(facts)]
    return prompt("read").render(
        talk=[said[:TALK] for said in turn.earlier()],
        facts=known,
        asked=_asked(asked),
        message=text,
    )


def _asked(asked: Slot | Asked) -> str:
    """The question as it was put, with the slot's name."""
    if asked is Asked.DONE:
        return "nothing; the advice was given and the talk goes on"
    name = "confirm, the read-back of all facts" if asked is Asked.CONFIRM else asked.value
    return f"{name}: {texts.question(asked.value).text}"
