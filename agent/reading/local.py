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
from agent.reading.patterns import ROWS, model_named, platform_named
from agent.reading.quantities import WINDOWS
from agent.rubric import BEHAVIOUR
from knowledge.embedding import Encoder, Vectors

#: Longest message that is read; the rest of a paste is left aside (the advisor says so).
MAX_CHARACTERS: Final = 12_000
#: Clauses shown to the heads; a page of text has fewer.
MAX_CLAUSES: Final = 60

#: How sure a head must be. Set on cross-validated build messages for a precision of 0.97 (`evals.reading.train`).
STATEMENT_FROM: Final = 0.7
REPLY_FROM: Final = 0.55
#: A clause alone as the answer: it has lost its context, so it must be longer and surer.
CLAUSE_FROM: Final = 0.75
CLAUSE_WORDS: Final = 4
INTENT_FROM: Final = 0.7
#: Intents that throw an answer away when they are misread, so a head must be surer of them.
COSTLY: Final = frozenset({Intent.UNDO, Intent.RESTART, Intent.SKIP, Intent.JUST_TELL_ME})
COSTLY_FROM: Final = 0.85
#: Only these are read as an answer to the question asked.
ANSWERS: Final = frozenset({Intent.ANSWER, Intent.CORRECTION})

VOLUNTEERED: Final = (Slot.WANTS, Slot.NEEDS, Slot.PRIVACY)

#: Where two values of one slot meet in one message, the one further along wins; other pairs cancel.
_STRONGER: Final[dict[Slot, tuple[str, ...]]] = {
    Slot.KNOWLEDGE: ("large", "changing"),
    Slot.PROMPTING: ("structured", "few_shot", "exhausted"),
    Slot.SUCCESS: ("undefined", "defined", "measured"),
}
_EXCEPT: Final = re.compile(r"\b(?:but|however|except|apart from|although|though|only (?:problem|issue|thing|trouble|snag)|what(?:'s| is| isn't)? (?:missing|wrong|lacking|not))\b", re.IGNORECASE)
_LATER: Final = re.compile(r"\b(?:no,? wait|wait,? no|sorry|i mean|i meant|rather|scratch that|correction|actually)\b", re.IGNORECASE)


class LocalReader:
    """Reads messages with patterns, numbers and, where the encoder is installed, trained heads."""

    def __init__(self, encoder: Encoder | None = None, heads: Heads | None = None) -> None:
        self._encoder = encoder if heads is not None else None
        self._heads = heads if encoder is not None else None

    def read(self, text: str, asked: Slot | Asked, facts: Facts) -> Reading:
        """What the message states and wants. Never raises; an empty reading is a valid one."""
        text = text[:MAX_CHARACTERS]
        parts = clauses(text)[:MAX_CLAUSES]
        vectors = self._vectors([text, *(c.text for c in parts)])
        intent, yes = self._intent(text, asked, None if vectors is None else vectors[0])
        if isinstance(asked, Slot) and intent in (Intent.QUESTION, Intent.OTHER) and "?" not in text and commands.intent(text, asked) is None:
            if self._reply(asked, text, parts, vectors) is not None:
                intent = Intent.ANSWER  # what answers the question is an answer, however it sounds
        if intent in commands.WITHOUT_VALUES:
            return Reading(intent=intent, yes=yes)
        stated = self._values(text, parts, asked if intent in ANSWERS else Asked.DONE, vectors, supposed=intent is Intent.WHAT_IF)
        if intent is Intent.WHAT_IF:
            return Reading(intent=intent, supposed=stated, question=text)
        if intent is Intent.CORRECTION or (asked is Asked.CONFIRM and yes is False):
            stated = (*stated, *_rewindowed(text, stated, facts))
        if intent in (Intent.QUESTION, Intent.OTHER) and asked is not Asked.OPENING and not any(c.factual for c in parts):
            stated = ()
        question = text if intent in (Intent.QUESTION, Intent.WHY) else _question_within(parts)
        return Reading(intent=intent, values=grounded(stated, text), question=question, yes=yes)

    def _vectors(self, texts: Sequence[str]) -> Vectors | None:
        return None if self._encoder is None else features(texts, self._encoder)

    def _intent(self, text: str, asked: Slot | Asked, vector: Vectors | None) -> tuple[Intent, bool | None]:
        yes = commands.agrees(text)
        plain = commands.intent(text, asked)
        if plain is not None:
            return plain, yes
        if vector is not None and self._heads is not None:
            name, odds = self._heads.intent(asked.value, vector)[0]
            if odds >= (COSTLY_FROM if Intent(name) in COSTLY else INTENT_FROM):
                return Intent(name), yes
        return Intent.ANSWER, yes

    def _values(self, text: str, parts: Sequence[Clause], asked: Slot | Asked, vectors: Vectors | None, *, supposed: bool) -> tuple[Proposal, ...]:
        found: list[Proposal] = []
        slot = asked if isinstance(asked, Slot) else None
        for n, clause in enumerate(parts):
            if supposed:
                clause = Clause(clause.text, clause.start)
            here = list(_by_rows(clause)) + list(_by_numbers(clause, slot))
            if self._heads is not None and vectors is not None and len(clause.text.split()) >= CLAUSE_WORDS:
                read = {p.slot for p in here}
                here.extend(p for p in _by_head(self._heads.statement(vectors[n + 1]), clause) if p.slot not in read)
            here = [p for p in here if _plausible(p, clause, slot)]
            if any(p.slot is Slot.EXAMPLES for p in here):  # cases with their answers are examples, not a stock to look up
                here = [p for p in here if p.slot is not Slot.KNOWLEDGE]
            found.extend(here)
        merged = _reconcile(found, text, parts)
        if slot is not None and not any(p.slot is slot for p in merged) and not supposed:
            reply = self._reply(slot, text, parts, vectors)
            if reply is not None:
                merged.append(reply)
        if not any(p.slot is Slot.KNOWLEDGE for p in merged):
            running = next((p for p in merged if p.slot is Slot.RETRIEVAL and p.value != "none"), None)
            if running is not None and not supposed:  # retrieval runs, so there is more than a prompt holds
                moving = next((c for c in parts if c.factual and replies.often(c.text)), None)
                merged.append(Proposal(slot=Slot.KNOWLEDGE, value="changing" if moving else "large", quote=moving.text if moving else running.quote))
        return tuple(merged)

    def _reply(self, slot: Slot, text: str, parts: Sequence[Clause], vectors: Vectors | None) -> Proposal | None:
        """The message as an answer to the question just asked."""
        plain = replies.short_answer(slot, text, commands.agrees(text))
        if plain is not None:
            return Proposal(slot=slot, value=plain, quote=text.strip())
        told = replies.by_words(slot, text, parts) or (replies.stock(parts) if slot is Slot.KNOWLEDGE else None)
        if told is not None:
            return told
        if self._heads is None or vectors is None or slot not in ONE_OF and slot is not Slot.SHORTFALL:
            return None
        if not any(c.factual or c.plan for c in parts):
            return None
        if all(c.factual or c.plan for c in parts):  # else the whole holds words that are not facts
            value, odds = self._heads.reply(slot.value, vectors[0])[0]
            if value != SILENT and odds >= REPLY_FROM:
                return Proposal(slot=slot, value=_typed(slot, value), quote=text.strip())
        for n, clause in enumerate(parts):
            if clause.factual and len(parts) > 1 and len(clause.text.split()) >= CLAUSE_WORDS:
                value, odds = self._heads.reply(slot.value, vectors[n + 1])[0]
                if value != SILENT and odds >= CLAUSE_FROM:
                    return Proposal(slot=slot, value=_typed(slot, value), quote=clause.text)
        return None


def _by_rows(clause: Clause) -> list[Proposal]:
    found: list[Proposal] = []
    for row in ROWS:
        if row.any_mark:
            if not _volunteered(clause):
                continue
        elif not clause.factual:
            continue
        read = row.reads(clause.text)
        if read is not None:
            found.append(Proposal(slot=row.slot, value=_typed(row.slot, read[0]), quote=read[1]))
    if not (clause.others or clause.supposed or clause.question):
        for slot, named in ((Slot.MODEL, model_named(clause.text)), (Slot.PLATFORM, platform_named(clause.text))):
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


def _by_head(ranked: Ranked, clause: Clause) -> list[Proposal]:
    name, odds = ranked[0]
    if name == SILENT or odds < STATEMENT_FROM:
        return []
    slot_name, _, value = name.partition("=")
    slot = Slot(slot_name)
    if not (clause.factual or slot in VOLUNTEERED and _volunteered(clause)):
        return []
    return [Proposal(slot=slot, value=_typed(slot, value), quote=clause.text)]


def _volunteered(clause: Clause) -> bool:
    """Wishes and needs are told as plans; they are still theirs."""
    return not (clause.hearsay or clause.others or clause.question or clause.past or clause.supposed)


def _typed(slot: Slot, name: str) -> Value:
    if slot in ANY_OF:
        return frozenset[str]() if name == "nothing" else frozenset({name})
    return parse(slot, name)


def _reconcile(found: Sequence[Proposal], text: str, parts: Sequence[Clause]) -> list[Proposal]:
    """One proposal a slot: sets grow, amounts and corrections take the later, values that exclude each other cancel."""
    kept: dict[Slot, Proposal] = {}
    cancelled: set[Slot] = set()
    for p in found:
        old = kept.get(p.slot)
        if old is None or old.value == p.value:
            kept.setdefault(p.slot, p)
        elif isinstance(old.value, frozenset) and isinstance(p.value, frozenset):
            # "works fine, but too slow": what falls short outweighs the praise
            members = old.value | p.value
            kept[p.slot] = Proposal(slot=p.slot, value=members, quote=old.quote if old.value else p.quote)
        elif _LATER.search(text) or isinstance(p.value, Amount) and p.slot is Slot.VOLUME and p.value.low > 0 and _LATER.search(text):
            kept[p.slot] = p
        elif isinstance(p.value, Amount) and isinstance(old.value, Amount):
            kept[p.slot] = p if p.value.low > old.value.low else old
        elif p.slot in _STRONGER and old.value in _STRONGER[p.slot] and p.value in _STRONGER[p.slot]:
            order = _STRONGER[p.slot]
            kept[p.slot] = max(old, p, key=lambda q: order.index(str(q.value)))
        elif p.slot in ONE_OF:
            cancelled.add(p.slot)
    _put_together(kept, text, parts)
    praise = kept.get(Slot.SHORTFALL)
    if praise is not None and praise.value == frozenset() and _EXCEPT.search(text):
        cancelled.add(Slot.SHORTFALL)  # "works fine, but …": what follows was not read, so ask
    return [p for slot, p in kept.items() if slot not in cancelled]


#: A message that speaks of looking things up at all; without it, "wrong pages" are pages that it wrote.
_LOOKS_UP: Final = re.compile(r"\b(?:rag|retriev\w*|search\w*|look(?:s|ed|ing)?(?: \w+)?[- ]?ups?|index\w*|vectors?|embedd\w*|fetch\w*|finds?|found|pull(?:s|ed|ing)?|passages?|chunks?|bm25|rerank\w*|langchain|llamaindex|glean|pinecone|weaviate|qdrant|chroma\w*|faiss|pgvector|elastic\w*|opensearch|algolia)\b", re.IGNORECASE)
_NOT_LOOKED_UP: Final = re.compile(_LOOKS_UP.pattern + r"|\b(?:connect\w*|hook\w*|wired|plugged|linked|built|set up|nothing|in place|access|sees?|reads?)\b", re.IGNORECASE)


def _plausible(p: Proposal, clause: Clause, asked: Slot | None) -> bool:
    """Do the words that a head's value cannot do without stand in the message?"""
    message = f"{clause.before}{clause.text} {clause.after}"
    if p.slot is Slot.RETRIEVAL and asked is not Slot.RETRIEVAL:
        return bool((_NOT_LOOKED_UP.search(clause.text)) if p.value == "none" else _LOOKS_UP.search(message))
    if p.slot is Slot.PROMPTING and p.value in ("few_shot", "exhausted"):
        return replies.shows(clause.text) and not replies.shows_none(clause.text)
    if p.slot is Slot.PROMPTING and p.value == "structured":
        return replies.shows_none(clause.text) or not replies.shows(clause.text)
    if p.slot is Slot.KNOWLEDGE and p.value == "small_static":  # a prompt of two pages is no policy of two pages
        return asked is not Slot.PROMPTING and not re.search(r"\bprompts?\b", clause.before[-80:], re.IGNORECASE)
    return True


def _put_together(kept: dict[Slot, Proposal], text: str, parts: Sequence[Clause]) -> None:
    """What only the whole message shows: a prompt told in two places, a good lookup and a bad answer."""
    said = " ".join(c.text for c in parts if c.factual)
    prompting = kept.get(Slot.PROMPTING)
    if prompting is not None and prompting.value in ("structured", "few_shot") and replies.shows(said):
        if prompting.value == "few_shot" or not replies.shows_none(said):
            if replies.stalled(said):
                kept[Slot.PROMPTING] = Proposal(slot=Slot.PROMPTING, value="exhausted", quote=prompting.quote)
            elif prompting.value == "structured" and Slot.EXAMPLES not in kept:
                del kept[Slot.PROMPTING]  # careful, and there are examples somewhere: in it or not? ask
    retrieval, shortfall = kept.get(Slot.RETRIEVAL), kept.get(Slot.SHORTFALL)
    if retrieval is not None and retrieval.value == "works":
        rest = text[text.find(retrieval.quote) + len(retrieval.quote) :]
        if replies.misused(rest) or (shortfall is not None and isinstance(shortfall.value, frozenset) and shortfall.value & BEHAVIOUR):
            kept[Slot.RETRIEVAL] = Proposal(slot=Slot.RETRIEVAL, value="misused", quote=retrieval.quote)


def _rewindowed(text: str, stated: Sequence[Proposal], facts: Facts) -> list[Proposal]:
    """ "No, I meant per month": the same number over another window."""
    old = facts.get(Slot.VOLUME)
    match = re.search(r"\b(?:per|a|an|each|every|/)\s?(hour|day|week|month|year|minute)\b|\b(monthly|weekly|hourly|yearly|daily)\b", text, re.IGNORECASE)
    if match is None or not isinstance(old, Amount) or any(p.slot is Slot.VOLUME for p in stated):
        return []
    window = (match[1] or {"monthly": "month", "weekly": "week", "hourly": "hour", "yearly": "year", "daily": "day"}[match[2].lower()]).lower()
    return [Proposal(slot=Slot.VOLUME, value=amounts.per(WINDOWS[window], old), quote=match[0])]


def _question_within(parts: Sequence[Clause]) -> str:
    """A question asked on the way, if there is one."""
    return next((c.text for c in parts if c.question and len(c.text.split()) > 2), "")
