"""The local reader: patterns, numbers and trained heads; no model, no network.

Patterns and numbers come first; the heads add what they are sure of. A slot on which the message says two things that
cannot both hold is left unread, and what is not read is asked: silence is better than a wrong value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.facts import ANY_OF, ONE_OF, Amount, Facts, Proposal, Slot, Value, parse
from agent.reading import Asked, Intent, Reading, amounts, commands, grounded, replies
from agent.reading.backing import Heard, stands_alone, volunteered
from agent.reading.clauses import Clause, clauses
from agent.reading.heads import DUE, SILENT, Heads, Ranked
from agent.reading.notes import notes
from agent.reading.patterns import ROWS, model_named, platform_named
from agent.reading.quantities import WINDOWS, quantities
from agent.reading.repairs import repaired, sentences
from agent.reading.whole import plausible, reconcile
from agent.small_talk import foreign
from knowledge.embedding import Encoder

#: Sentences of a reply that are tried alone.
MOST_SENTENCES: Final = 8
#: Longest message that is read; the rest of a paste is left aside (the advisor says so).
MAX_CHARACTERS: Final = 12_000
#: Clauses shown to the heads; a page of text has fewer.
MAX_CLAUSES: Final = 60

#: Of a clause without end (a paste, a row of numbers) only so many characters are matched with patterns.
LONGEST: Final = 1_000

#: How sure a head must be. Set on development messages; `evals.reading.score --folds` shows what they give.
STATEMENT_FROM: Final = 0.75
#: Of another slot than the one just asked.
ASIDE_FROM: Final = 0.8
#: A wish decides no rung; unread, a mistake goes unnamed.
WISH_FROM: Final = 0.6
REPLY_FROM: Final = 0.7
#: A clause alone as the answer: it has lost its context, so it must be longer and surer.
CLAUSE_FROM: Final = 0.85
#: For a question that was put twice; it must also be twice as likely as the next.
GUESS_FROM: Final = 0.45
INTENT_FROM: Final = 0.6
#: Intents that throw an answer away when they are misread, so a head must be surer of them.
COSTLY: Final = frozenset({Intent.UNDO, Intent.RESTART, Intent.SKIP, Intent.JUST_TELL_ME})
COSTLY_FROM: Final = 0.75
#: That a time is their own deadline, where no word of the clause says so: unread, training would be advised too early.
DUE_FROM_ALONE: Final = 0.2
#: Only these are read as an answer to the question asked.
ANSWERS: Final = frozenset({Intent.ANSWER, Intent.CORRECTION})

#: Blank stretches that no one types; patterns would crawl through them.
_RUN: Final = re.compile(r"\s{20,}")

#: Between the items of a list, and the most words of an item.
_ITEMS: Final = re.compile(r"\s*(?:[,;&+/]|\b(?:and|plus|also|as well as)\b)\s*", re.IGNORECASE)
ITEM_WORDS: Final = 5
_PRAISES: Final = re.compile(
    r"\b(?:fine|ok(?:ay)?|good|great|right|perfect|lovely|works?|no|not|isn'?t|never)\b", re.IGNORECASE
)

VOLUNTEERED: Final = (Slot.WANTS, Slot.NEEDS, Slot.PRIVACY)


@dataclass(frozen=True)
class Said:
    """A message in hand: its text, its clauses, what was asked, and the heads' hearing of it where there are heads."""

    text: str
    parts: Sequence[Clause]
    asked: Slot | Asked
    heard: Heard | None

    def backed(self, p: Proposal) -> bool:
        return self.heard is None or self.heard.stands_by(p)


class LocalReader:
    """Reads messages with patterns, numbers and, where the encoder is installed, trained heads."""

    def __init__(self, encoder: Encoder | None = None, heads: Heads | None = None) -> None:
        self._encoder = encoder
        self._heads = heads

    def read(self, text: str, asked: Slot | Asked, facts: Facts) -> Reading:
        """What the message states and wants. Never raises; an empty reading is a valid one."""
        original = text[:MAX_CHARACTERS]
        if not isinstance(asked, Slot):
            return self._whole(original, asked, facts)
        original = repaired(original)
        reading = self._whole(original, asked, facts)
        if asked is Slot.SHORTFALL:
            reading = self._listed(original, facts, reading)
        if reading.intent in _MAY_HOLD_AN_ANSWER and not any(p.slot is asked for p in reading.values):
            return self._by_sentence(original, asked, facts, reading)
        return reading

    def _listed(self, text: str, facts: Facts, whole: Reading) -> Reading:
        """Several faults in one answer, "too slow and the format": each item of the list, read alone, adds to the first."""
        items = [item for item in _ITEMS.split(text) if item.strip()]
        told = next((p for p in whole.values if p.slot is Slot.SHORTFALL), None)
        if (
            told is None
            or not told.value
            or len(items) < 2
            or any(len(i.split()) > ITEM_WORDS for i in items)
        ):
            return whole
        read = [
            p.value
            for i in items
            if not _PRAISES.search(i)  # "the tone is fine" names no fault
            for p in self._whole(i, Slot.SHORTFALL, facts).values
            if p.slot is told.slot
        ]
        faults = frozenset[str]().union(*(v for v in (told.value, *read) if isinstance(v, frozenset)))
        both = told.model_copy(update={"value": faults, "quote": text.strip()})
        return whole.model_copy(update={"values": tuple(both if p is told else p for p in whole.values)})

    def _by_sentence(self, text: str, asked: Slot, facts: Facts, whole: Reading) -> Reading:
        """An answer among other talk: the one thing that its sentences, each alone, say to the question."""
        parts = sentences(text)[:MOST_SENTENCES]
        if len(parts) < 2:
            return whole
        alone = [self._whole(part, asked, facts) for part in parts]
        told = [p for reading in alone for p in reading.values if p.slot is asked]
        if told and all(p.value == told[0].value for p in told):
            aside = next((r.question for r in alone if r.question), "")
            others = tuple(p for p in whole.values if p.slot is not asked)
            return Reading(intent=Intent.ANSWER, values=(told[0], *others), question=aside)
        if not told and not whole.values and any(r.intent is Intent.DONT_KNOW for r in alone):
            return Reading(intent=Intent.DONT_KNOW)
        return whole

    def _whole(self, original: str, asked: Slot | Asked, facts: Facts) -> Reading:
        text = _RUN.sub(" ", original)
        parts = clauses(text)[:MAX_CLAUSES]
        heard = None
        if self._encoder is not None and self._heads is not None:
            heard = Heard(self._heads, self._encoder, text, parts, asked.value)
        said = Said(text, parts, asked, heard)
        intent, yes = _intent(said), commands.agrees(text)
        if intent in commands.WITHOUT_VALUES:
            return Reading(intent=intent, yes=yes)
        if intent is Intent.WHAT_IF:
            return Reading(intent=intent, supposed=_supposed(said), question=text)
        if (
            intent is Intent.COMPARE
        ):  # nothing told of another case: asked of the sources, and still no fact of this one
            other = _supposed(said)
            return Reading(intent=intent if other else Intent.QUESTION, supposed=other, question=text)
        stated = _stated(said, asked if intent in ANSWERS and isinstance(asked, Slot) else None, intent)
        if asked is Asked.CONFIRM:
            intent, stated = _at_summary(said, intent, yes, stated, facts)
        if intent is Intent.CORRECTION or (asked is Asked.CONFIRM and yes is False):
            stated = (*stated, *_rewindowed(text, stated, facts))
        if intent in _ASIDES and asked is not Asked.OPENING and not any(c.factual for c in parts):
            stated = ()
        if intent is Intent.ANSWER and not stated and foreign(text):
            intent = Intent.OTHER
        question = text if intent in (Intent.QUESTION, Intent.WHY) else _question_within(parts)
        return Reading(intent=intent, values=grounded(stated, original), question=question, yes=yes)

    def guess(self, text: str, asked: Slot) -> Proposal | None:
        """What the heads hold for likeliest, far below what they would read unasked."""
        if (
            self._encoder is None
            or self._heads is None
            or (asked not in ONE_OF and asked is not Slot.SHORTFALL)
        ):
            return None
        text = _RUN.sub(" ", text[:MAX_CHARACTERS]).strip()
        heard = Heard(self._heads, self._encoder, text, clauses(text)[:MAX_CLAUSES], asked.value)
        told = [(value, odds) for value, odds in heard.reply(asked, text) if value != SILENT]
        value, odds = told[0]
        if not text or odds < GUESS_FROM or odds < 2 * told[1][1]:
            return None
        return Proposal(slot=asked, value=_typed(asked, value), quote=text)


_ASIDES: Final = frozenset({Intent.QUESTION, Intent.OTHER})
#: What a message with an answer in it may be taken for as a whole.
_MAY_HOLD_AN_ANSWER: Final = frozenset(
    {Intent.ANSWER, Intent.CORRECTION, Intent.QUESTION, Intent.OTHER, Intent.WHY}
)


def _intent(said: Said) -> Intent:
    plain = commands.intent(said.text, said.asked)
    if plain is not None:
        return plain
    if said.heard is None:
        return Intent.ANSWER
    name, odds = said.heard.intent()
    intent = Intent(name)
    if odds < (COSTLY_FROM if intent in COSTLY else INTENT_FROM):
        return Intent.ANSWER
    if (
        (intent in _ASIDES or intent in COSTLY)
        and "?" not in said.text
        and isinstance(said.asked, Slot)
        and (_reply(said, said.asked) or (intent in COSTLY and _may_answer(said, said.asked)))
    ):
        return Intent.ANSWER  # what answers the question is an answer, however it sounds
    return intent


def _may_answer(said: Said, slot: Slot) -> bool:
    """Do the heads hold some answer to the question for likely? Then it is not thrown away as a command."""
    if said.heard is None or (slot not in ONE_OF and slot is not Slot.SHORTFALL):
        return False
    return any(odds >= GUESS_FROM for value, odds in said.heard.reply(slot, said.text) if value != SILENT)


def _at_summary(
    said: Said, intent: Intent, yes: bool | None, stated: tuple[Proposal, ...], facts: Facts
) -> tuple[Intent, tuple[Proposal, ...]]:
    """At the read-back, what is told of the case changes it, and "everything is right" is no praise of the outputs."""
    if not stated and not yes and intent in ANSWERS:
        stated = _corrected(said.text, facts)
        return (Intent.CORRECTION if stated else intent), stated
    if yes:
        stated = tuple(p for p in stated if p.value != frozenset())
    if intent is Intent.ANSWER and any(_contradicts(p, facts) for p in stated):
        intent = Intent.CORRECTION
    return intent, stated


def _contradicts(p: Proposal, facts: Facts) -> bool:
    return p.slot in facts.known and facts.get(p.slot) != p.value


def _supposed(said: Said) -> tuple[Proposal, ...]:
    """What a "what if" supposes: read as if it were so."""
    bare = [Clause(c.text, c.start) for c in said.parts]
    return tuple(reconcile([p for c in bare for p in _in_clause(said, c, None, None)], said.text, said.parts))


def _stated(said: Said, slot: Slot | None, intent: Intent) -> tuple[Proposal, ...]:
    """What the message states; `slot` is the question it may answer."""
    named = _named(said.text) if intent is Intent.CORRECTION else None
    found = [p for clause in said.parts for p in _in_clause(said, clause, slot, named or slot)]
    # under a question, few words mean what the question makes of them
    noted = [] if isinstance(said.asked, Slot) else [p for p in notes(said.text) if _told_of_here(p, said)]
    told = reconcile([*found, *_agreeing(noted, found)], said.text, said.parts)
    merged = [
        p for p in told if said.backed(p) or any(n.slot is p.slot and n.value == p.value for n in noted)
    ]
    if slot is not None and not any(p.slot is slot for p in merged):
        reply = _reply(said, slot)
        if reply is not None:
            merged.append(reply)
    return (*merged, *_looked_up(said, merged))


def _told_of_here(p: Proposal, said: Said) -> bool:
    """Does it stand in a clause about how things are with this person, or, a wish, in one that is theirs?"""
    start = said.text.find(p.quote)
    around = (c for c in said.parts if c.start < start + len(p.quote) and start < c.start + len(c.text))
    return any(c.factual or (p.slot in VOLUNTEERED and volunteered(c)) for c in around)


def _agreeing(noted: Sequence[Proposal], found: Sequence[Proposal]) -> list[Proposal]:
    """Of what stands in notes: what may stand beside other values, and what nothing read otherwise contradicts."""
    return [
        n for n in noted if n.slot in ANY_OF or all(p.value == n.value for p in found if p.slot is n.slot)
    ]


def _in_clause(said: Said, clause: Clause, slot: Slot | None, counted: Slot | None) -> list[Proposal]:
    """What one clause states by its wording and its numbers, and what the heads add."""
    here = [*_by_rows(clause), *_by_numbers(clause, counted)]
    if said.heard is not None and stands_alone(clause):
        read = {p.slot for p in here}
        if slot is Slot.KNOWLEDGE:
            read.add(Slot.PROMPTING)  # "a page, in the prompt" tells what is known
        sure = ASIDE_FROM if slot else STATEMENT_FROM
        here += [p for p in _by_head(said.heard.statement(clause.text), clause, sure) if p.slot not in read]
    if said.heard is not None and (due := _due(said.heard, clause, here)) is not None:
        here.append(due)
    here = [p for p in here if plausible(p, clause, slot)]
    if any(p.slot is Slot.EXAMPLES for p in here):  # cases with their answers are no stock to look up
        here = [p for p in here if p.slot is not Slot.KNOWLEDGE]
    return here


def _due(heard: Heard, clause: Clause, here: Sequence[Proposal]) -> Proposal | None:
    """A time that the clause names in no word of the trade, where the heads hear a deadline of theirs."""
    found = None if any(p.slot is Slot.DEADLINE for p in here) else amounts.timed(clause)
    if found is None or dict(heard.statement(clause.text)).get(DUE, 0.0) < DUE_FROM_ALONE:
        return None
    return found


def _looked_up(said: Said, merged: Sequence[Proposal]) -> list[Proposal]:
    """Where retrieval runs, there is more than a prompt holds."""
    running = next((p for p in merged if p.slot is Slot.RETRIEVAL and p.value != "none"), None)
    if running is None or any(p.slot is Slot.KNOWLEDGE for p in merged):
        return []
    moving = next((c for c in said.parts if c.factual and replies.often(c.text)), None)
    if moving is not None:
        return [Proposal(slot=Slot.KNOWLEDGE, value="changing", quote=moving.text)]
    return [Proposal(slot=Slot.KNOWLEDGE, value="large", quote=running.quote)]


def _reply(said: Said, slot: Slot) -> Proposal | None:
    """The message as an answer to the question just asked."""
    text, parts = said.text, said.parts
    plain = replies.short_answer(slot, text, commands.agrees(text))
    if plain is not None:
        return Proposal(slot=slot, value=plain, quote=text.strip())
    told = replies.by_words(slot, text, parts)
    if told is not None and said.backed(told):
        return told
    if slot is Slot.KNOWLEDGE and (stock := replies.stock(parts)) is not None:
        return stock
    if said.heard is None or (slot not in ONE_OF and slot is not Slot.SHORTFALL):
        return None
    if not any(c.factual or c.plan for c in parts):
        return None
    if slot is not Slot.SUCCESS and any(q.per_day is not None for q in quantities(text[:LONGEST])):
        return None  # "600 mails come in a day" tells how many, whatever was asked
    if all(c.factual or c.plan for c in parts):  # else the whole holds words that are not facts
        value, odds = said.heard.reply(slot, text)[0]
        if value == "works" and replies.turned(text):
            return None  # "the right page, then …": what came then was not read
        if value != SILENT and odds >= REPLY_FROM:
            return Proposal(slot=slot, value=_typed(slot, value), quote=text.strip())
    for clause in parts:
        if clause.factual and len(parts) > 1 and stands_alone(clause):
            value, odds = said.heard.reply(slot, clause.text)[0]
            if value != SILENT and odds >= CLAUSE_FROM:
                return Proposal(slot=slot, value=_typed(slot, value), quote=clause.text)
    return None


def _by_rows(clause: Clause) -> list[Proposal]:
    found: list[Proposal] = []
    for row in ROWS:
        if row.any_mark:
            if not volunteered(clause):
                continue
        elif not clause.factual:
            continue
        read = row.reads(clause.text[:LONGEST])
        if read is not None:
            found.append(Proposal(slot=row.slot, value=_typed(row.slot, read[0]), quote=read[1]))
    if not (clause.others or clause.supposed or clause.question):
        for slot, named in (
            (Slot.MODEL, model_named(clause.text)),
            (Slot.PLATFORM, platform_named(clause.text)),
        ):
            if named and clause.factual:
                found.append(Proposal(slot=slot, value=named, quote=named))
    return found


def _by_numbers(clause: Clause, asked: Slot | None) -> list[Proposal]:
    found = [
        amounts.volume(clause, asked is Slot.VOLUME),
        amounts.examples(clause, asked is Slot.EXAMPLES),
        amounts.deadline(clause),
        *amounts.tokens(clause),
    ]
    return [p for p in found if p is not None]


def _by_head(ranked: Ranked, clause: Clause, sure: float) -> list[Proposal]:
    name, odds = ranked[0]
    wish = name.startswith(f"{Slot.WANTS.value}=")
    if name in (SILENT, DUE) or odds < (min(sure, WISH_FROM) if wish else sure):
        return []
    slot_name, _, value = name.partition("=")
    slot = Slot(slot_name)
    if not (clause.factual or (slot in VOLUNTEERED and volunteered(clause))):
        return []
    return [Proposal(slot=slot, value=_typed(slot, value), quote=clause.text)]


def _typed(slot: Slot, name: str) -> Value:
    if slot in ANY_OF:
        return frozenset[str]() if name == "nothing" else frozenset({name})
    return parse(slot, name)


def _corrected(text: str, facts: Facts) -> tuple[Proposal, ...]:
    """At the summary: what would answer the question of one known slot, and differs from what is noted, mends it."""
    after_no = re.sub(r"^\W*(?:no|nope|not quite|wrong|almost)\b[\s,.:;-]*", "", text, flags=re.IGNORECASE)
    told = [replies.by_words(slot, after_no, clauses(after_no)) for slot in facts.known if slot in ONE_OF]
    new = [p for p in told if p is not None and p.value != facts.get(p.slot)]
    return tuple(new) if len(new) == 1 else ()


_NAMED: Final = (
    (Slot.VOLUME, re.compile(r"\b(?:volume|calls?|traffic|requests|load)\b", re.IGNORECASE)),
    (Slot.EXAMPLES, re.compile(r"\b(?:examples?|pairs|samples)\b", re.IGNORECASE)),
)


def _named(text: str) -> Slot | None:
    """The amount that a correction names: "all fine but the volume, it's 40"."""
    found = [slot for slot, words in _NAMED if words.search(text)]
    return found[0] if len(found) == 1 else None


_WINDOW: Final = re.compile(
    r"\b(?:per|a|an|each|every|/)\s?(hour|day|week|month|year|minute)\b|\b(monthly|weekly|hourly|yearly|daily)\b",
    re.IGNORECASE,
)


_NOT_THAT: Final = re.compile(r"\b(?:not|instead of|rather than)\W*$", re.IGNORECASE)


def _rewindowed(text: str, stated: Sequence[Proposal], facts: Facts) -> list[Proposal]:
    """ "No, I meant per month": the same number over another window."""
    old = facts.get(Slot.VOLUME)
    windows = [m for m in _WINDOW.finditer(text) if not _NOT_THAT.search(text[: m.start()])]
    match = windows[-1] if windows else None  # "I said a day, it should be a week"
    match = match or re.fullmatch(
        r"\W*(?:\w+[\s,]+){0,3}(hour|day|week|month|year|minute)()\W*", text, re.IGNORECASE
    )
    if match is None or not isinstance(old, Amount) or any(p.slot is Slot.VOLUME for p in stated):
        return []
    if any(q.amount.low not in (old.low, old.high) for q in quantities(text)):
        return []  # another number is in play
    window = (
        match[1]
        or {"monthly": "month", "weekly": "week", "hourly": "hour", "yearly": "year", "daily": "day"}[
            match[2].lower()
        ]
    ).lower()
    return [Proposal(slot=Slot.VOLUME, value=amounts.per(WINDOWS[window], old), quote=match[0])]


def _question_within(parts: Sequence[Clause]) -> str:
    """A question asked on the way, if there is one."""
    return next((c.text for c in parts if c.question and len(c.text.split()) > 2), "")
