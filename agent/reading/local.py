"""The local reader: patterns, numbers and trained heads; no model, no network.

Patterns and numbers come first; the heads add what they are sure of. A slot on which the message says two things that
cannot both hold is left unread, and what is not read is asked: silence is better than a wrong value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agent.facts import ANY_OF, ONE_OF, Amount, Facts, Proposal, Slot, Value, parse
from agent.reading import Asked, Intent, Reading, amounts, commands, grounded, replies
from agent.reading.clauses import Clause, clauses
from agent.reading.heads import SILENT, Heads, Ranked, features
from agent.reading.notes import notes
from agent.reading.patterns import ROWS, model_named, platform_named
from agent.reading.quantities import WINDOWS, quantities
from agent.reading.whole import plausible, reconcile
from agent.small_talk import foreign
from knowledge.embedding import Encoder, Vectors

#: Longest message that is read; the rest of a paste is left aside (the advisor says so).
MAX_CHARACTERS: Final = 12_000
#: Clauses shown to the heads; a page of text has fewer.
MAX_CLAUSES: Final = 60

#: Of a clause without end (a paste, a row of numbers) only so many characters are matched with patterns.
LONGEST: Final = 1_000

#: How sure a head must be. Set on development messages; `evals.reading.score --folds` shows what they give.
STATEMENT_FROM: Final = 0.55
#: Of another slot than the one just asked.
ASIDE_FROM: Final = 0.7
REPLY_FROM: Final = 0.75
#: A clause alone as the answer: it has lost its context, so it must be longer and surer.
CLAUSE_FROM: Final = 0.85
CLAUSE_WORDS: Final = 5
#: What wording alone read is dropped where the heads give it less than this, or another value of the slot more than it
#: and than that: it costs some recall, and a wrong value costs more.
#: Said by its name, a thing needs no backing.
_BY_NAME: Final = re.compile(
    r"\b(?:few|multi|[2-9])[- ]?shot\b|\bone[- ]liner?\b|\b(?:test|eval(?:uation)?) set\b", re.IGNORECASE
)
BACKED_FROM: Final = 0.1
AGAINST_FROM: Final = 0.3
INTENT_FROM: Final = 0.5
#: Intents that throw an answer away when they are misread, so a head must be surer of them.
COSTLY: Final = frozenset({Intent.UNDO, Intent.RESTART, Intent.SKIP, Intent.JUST_TELL_ME})
COSTLY_FROM: Final = 0.85
#: Only these are read as an answer to the question asked.
ANSWERS: Final = frozenset({Intent.ANSWER, Intent.CORRECTION})

#: Blank stretches that no one types; patterns would crawl through them.
_RUN: Final = re.compile(r"\s{20,}")

VOLUNTEERED: Final = (Slot.WANTS, Slot.NEEDS, Slot.PRIVACY)


class LocalReader:
    """Reads messages with patterns, numbers and, where the encoder is installed, trained heads."""

    def __init__(self, encoder: Encoder | None = None, heads: Heads | None = None) -> None:
        self._encoder = encoder if heads is not None else None
        self._heads = heads if encoder is not None else None

    def read(self, text: str, asked: Slot | Asked, facts: Facts) -> Reading:
        """What the message states and wants. Never raises; an empty reading is a valid one."""
        original = text[:MAX_CHARACTERS]
        text = _RUN.sub(" ", original)
        parts = clauses(text)[:MAX_CLAUSES]
        vectors = None if self._encoder is None else _Encoded(self._encoder, parts)
        intent, yes = self._intent(text, asked, vectors)
        unsure = (
            intent in (Intent.QUESTION, Intent.OTHER)
            and "?" not in text
            and commands.intent(text, asked) is None
        )
        if unsure and isinstance(asked, Slot) and self._reply(asked, text, parts, vectors) is not None:
            intent = Intent.ANSWER  # what answers the question is an answer, however it sounds
        if intent in commands.WITHOUT_VALUES:
            return Reading(intent=intent, yes=yes)
        stated = self._values(
            text,
            parts,
            asked if intent in ANSWERS else Asked.DONE,
            vectors,
            supposed=intent is Intent.WHAT_IF,
            named=_named(text) if intent is Intent.CORRECTION else None,
        )
        if asked is Asked.CONFIRM and not stated and not yes and intent in ANSWERS:
            stated = _corrected(text, facts)
            intent = Intent.CORRECTION if stated else intent
        if asked is Asked.CONFIRM and yes:  # "everything is right": the summary, not the outputs
            stated = tuple(p for p in stated if p.value != frozenset())
        if intent is Intent.WHAT_IF:
            return Reading(intent=intent, supposed=stated, question=text)
        if (
            asked is Asked.CONFIRM
            and intent is Intent.ANSWER
            and stated
            and not commands.agrees(re.split(r"[,.;]", text)[0])
        ):
            intent = Intent.CORRECTION  # at the summary, what is told of the case changes it
        if intent is Intent.CORRECTION or (asked is Asked.CONFIRM and yes is False):
            stated = (*stated, *_rewindowed(text, stated, facts))
        if (
            intent in (Intent.QUESTION, Intent.OTHER)
            and asked is not Asked.OPENING
            and not any(c.factual for c in parts)
        ):
            stated = ()
        if intent is Intent.ANSWER and not stated and foreign(text):
            intent = Intent.OTHER
        question = text if intent in (Intent.QUESTION, Intent.WHY) else _question_within(parts)
        return Reading(intent=intent, values=grounded(stated, original), question=question, yes=yes)

    def _intent(self, text: str, asked: Slot | Asked, vectors: _Encoded | None) -> tuple[Intent, bool | None]:
        yes = commands.agrees(text)
        plain = commands.intent(text, asked)
        if plain is not None:
            return plain, yes
        if vectors is not None and self._heads is not None:
            name, odds = self._heads.intent(asked.value, vectors.of(text))[0]
            if odds >= (COSTLY_FROM if Intent(name) in COSTLY else INTENT_FROM):
                return Intent(name), yes
        return Intent.ANSWER, yes

    def _values(
        self,
        text: str,
        parts: Sequence[Clause],
        asked: Slot | Asked,
        vectors: _Encoded | None,
        *,
        supposed: bool,
        named: Slot | None,
    ) -> tuple[Proposal, ...]:
        found: list[Proposal] = []
        slot = asked if isinstance(asked, Slot) else None
        for clause in parts:
            if supposed:
                clause = Clause(clause.text, clause.start)
            here = list(_by_rows(clause)) + list(_by_numbers(clause, named or slot))
            if self._heads is not None and vectors is not None and _for_heads(clause):
                read = {p.slot for p in here}
                here.extend(
                    p
                    for p in _by_head(
                        self._heads.statement(vectors.of(clause.text)),
                        clause,
                        ASIDE_FROM if slot else STATEMENT_FROM,
                    )
                    if p.slot not in read and not (slot is Slot.KNOWLEDGE and p.slot is Slot.PROMPTING)
                )  # "a page, in the prompt" tells what is known
            here = [p for p in here if plausible(p, clause, slot)]
            if any(
                p.slot is Slot.EXAMPLES for p in here
            ):  # cases with their answers are examples, not a stock to look up
                here = [p for p in here if p.slot is not Slot.KNOWLEDGE]
            found.extend(here)
        if slot is None and not supposed:
            stated = {p.slot for p in found}
            found.extend(p for p in notes(text) if p.slot not in stated or p.slot in ANY_OF)
        merged = [
            p for p in reconcile(found, text, parts) if supposed or self._backed(p, text, parts, vectors)
        ]
        told = replies.by_words(slot, text, parts) if slot is Slot.SUCCESS else None
        if told is not None and told.value == "measured":
            merged = [told if p.slot is Slot.SUCCESS and p.value == "defined" else p for p in merged]
        if slot is not None and not any(p.slot is slot for p in merged) and not supposed:
            reply = self._reply(slot, text, parts, vectors)
            if reply is not None:
                merged.append(reply)
        if not any(p.slot is Slot.KNOWLEDGE for p in merged):
            running = next((p for p in merged if p.slot is Slot.RETRIEVAL and p.value != "none"), None)
            if running is not None and not supposed:  # retrieval runs, so there is more than a prompt holds
                moving = next((c for c in parts if c.factual and replies.often(c.text)), None)
                merged.append(
                    Proposal(
                        slot=Slot.KNOWLEDGE,
                        value="changing" if moving else "large",
                        quote=moving.text if moving else running.quote,
                    )
                )
        return tuple(merged)

    def _backed(self, p: Proposal, text: str, parts: Sequence[Clause], vectors: _Encoded | None) -> bool:
        """Do the heads, which read the meaning, stand by what the wording said? They may stay silent, not disagree."""
        if self._heads is None or vectors is None or not (p.slot in ONE_OF or p.slot is Slot.SHORTFALL):
            return True
        if _BY_NAME.search(p.quote):
            return True
        names = (
            {p.value}
            if isinstance(p.value, str)
            else set(p.value) or {"nothing"}
            if isinstance(p.value, frozenset)
            else set()
        )
        said = dict(self._heads.reply(p.slot.value, vectors.of(text)))
        for clause in parts:
            if p.quote in clause.text or clause.text in p.quote:
                for label, odds in self._heads.statement(vectors.of(clause.text)):
                    slot, _, value = label.partition("=")
                    if slot == p.slot.value:
                        said[value] = max(said.get(value, 0.0), odds)
        support = max(said.get(name, 0.0) for name in names)
        against = max(
            (odds for value, odds in said.items() if value not in names and value != SILENT), default=0.0
        )
        return support >= BACKED_FROM and not (against > AGAINST_FROM and against > support)

    def _reply(
        self, slot: Slot, text: str, parts: Sequence[Clause], vectors: _Encoded | None
    ) -> Proposal | None:
        """The message as an answer to the question just asked."""
        plain = replies.short_answer(slot, text, commands.agrees(text))
        if plain is not None:
            return Proposal(slot=slot, value=plain, quote=text.strip())
        told = replies.by_words(slot, text, parts) or (
            replies.stock(parts) if slot is Slot.KNOWLEDGE else None
        )
        if told is not None:
            return told
        if self._heads is None or vectors is None or (slot not in ONE_OF and slot is not Slot.SHORTFALL):
            return None
        if not any(c.factual or c.plan for c in parts):
            return None
        if slot is not Slot.SUCCESS and any(q.per_day is not None for q in quantities(text[:LONGEST])):
            return None  # "600 mails come in a day" tells how many, whatever was asked
        if all(c.factual or c.plan for c in parts):  # else the whole holds words that are not facts
            value, odds = self._heads.reply(slot.value, vectors.of(text))[0]
            if value == "works" and replies.turned(text):
                return None  # "the right page, then …": what came then was not read
            if value != SILENT and odds >= REPLY_FROM:
                return Proposal(slot=slot, value=_typed(slot, value), quote=text.strip())
        for clause in parts:
            if clause.factual and len(parts) > 1 and _for_heads(clause):
                value, odds = self._heads.reply(slot.value, vectors.of(clause.text))[0]
                if value != SILENT and odds >= CLAUSE_FROM:
                    return Proposal(slot=slot, value=_typed(slot, value), quote=clause.text)
        return None


class _Encoded:
    """Features of the message and its clauses, made when a head first asks: what the wording settles costs nothing."""

    def __init__(self, encoder: Encoder, parts: Sequence[Clause]) -> None:
        self._encoder = encoder
        self._clauses = [c.text for c in parts if _for_heads(c)]
        self._made: dict[str, Vectors] = {}

    def of(self, text: str) -> Vectors:
        if text not in self._made:
            new = list(dict.fromkeys(self._clauses)) if text in self._clauses else [text]
            self._made.update(zip(new, features(new, self._encoder), strict=True))
        return self._made[text]


def _for_heads(clause: Clause) -> bool:
    """Is it long enough to stand alone, and anything but hearsay, a question or the past?"""
    return len(clause.text.split()) >= CLAUSE_WORDS and (clause.factual or _volunteered(clause))


def _by_rows(clause: Clause) -> list[Proposal]:
    found: list[Proposal] = []
    for row in ROWS:
        if row.any_mark:
            if not _volunteered(clause):
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
        amounts.tokens(clause),
    ]
    return [p for p in found if p is not None]


def _by_head(ranked: Ranked, clause: Clause, sure: float) -> list[Proposal]:
    name, odds = ranked[0]
    if name == SILENT or odds < sure:
        return []
    slot_name, _, value = name.partition("=")
    slot = Slot(slot_name)
    if not (clause.factual or (slot in VOLUNTEERED and _volunteered(clause))):
        return []
    return [Proposal(slot=slot, value=_typed(slot, value), quote=clause.text)]


def _volunteered(clause: Clause) -> bool:
    """Wishes and needs are told as plans; they are still theirs."""
    return not (clause.hearsay or clause.others or clause.question or clause.past or clause.supposed)


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


def _rewindowed(text: str, stated: Sequence[Proposal], facts: Facts) -> list[Proposal]:
    """ "No, I meant per month": the same number over another window."""
    old = facts.get(Slot.VOLUME)
    match = re.search(
        r"\b(?:per|a|an|each|every|/)\s?(hour|day|week|month|year|minute)\b|\b(monthly|weekly|hourly|yearly|daily)\b",
        text,
        re.IGNORECASE,
    )
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
