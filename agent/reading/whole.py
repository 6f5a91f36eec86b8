"""What only the whole message shows: which of two values holds, a prompt told in two places, a good lookup and a bad answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agent.facts import AMOUNTS, ONE_OF, Proposal, Slot
from agent.reading import replies
from agent.reading.clauses import Clause
from agent.rubric import BEHAVIOUR

#: Where two values of one slot meet in one message, the one further along wins; other pairs cancel.
_STRONGER: Final[dict[Slot, tuple[str, ...]]] = {
    Slot.KNOWLEDGE: ("large", "changing"),
    Slot.PROMPTING: ("structured", "few_shot", "exhausted"),
    Slot.SUCCESS: ("undefined", "defined", "measured"),
}
_EXCEPT: Final = re.compile(
    r"\b(?:but|however|except|apart from|although|though|only (?:problem|issue|thing|trouble|snag)|what(?:'s| is| isn't)? (?:missing|wrong|lacking|not))\b",
    re.IGNORECASE,
)
_LATER: Final = re.compile(
    r"\b(?:no,? wait|wait,? no|sorry|i mean|i meant|rather|scratch that|correction|actually)\b", re.IGNORECASE
)


def reconcile(found: Sequence[Proposal], text: str, parts: Sequence[Clause]) -> list[Proposal]:
    """One proposal a slot: sets grow, corrections take the later, values that exclude each other cancel."""
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
        elif _LATER.search(text, text.find(old.quote) + len(old.quote), text.find(p.quote) + len(p.quote)):
            kept[p.slot] = p
        elif p.slot in _STRONGER and old.value in _STRONGER[p.slot] and p.value in _STRONGER[p.slot]:
            order = _STRONGER[p.slot]
            kept[p.slot] = max(old, p, key=lambda q: order.index(str(q.value)))
        elif p.slot in ONE_OF or p.slot in AMOUNTS:
            cancelled.add(p.slot)
    _put_together(kept, text, parts)
    praise = kept.get(Slot.SHORTFALL)
    if praise is not None and praise.value == frozenset() and _EXCEPT.search(text):
        cancelled.add(Slot.SHORTFALL)  # "works fine, but …": what follows was not read, so ask
    return [p for slot, p in kept.items() if slot not in cancelled]


#: A message that speaks of looking things up at all; without it, "wrong pages" are pages that it wrote.
_LOOKS_UP: Final = re.compile(
    r"\b(?:rag|retriev\w*|search\w*|look(?:s|ed|ing)?(?: \w+)?[- ]?ups?|index\w*|vectors?|embedd\w*|fetch\w*|finds?|found|pull(?:s|ed|ing)?|passages?|chunks?|bm25|rerank\w*|langchain|llamaindex|glean|pinecone|weaviate|qdrant|chroma\w*|faiss|pgvector|elastic\w*|opensearch|algolia)\b",
    re.IGNORECASE,
)
_NOT_LOOKED_UP: Final = re.compile(
    _LOOKS_UP.pattern
    + r"|\b(?:connect\w*|hook\w*|wired|plugged|linked|built|set up|nothing|in place|access|sees?|reads?)\b",
    re.IGNORECASE,
)


def plausible(p: Proposal, clause: Clause, asked: Slot | None) -> bool:
    """Do the words that a head's value cannot do without stand in the message?"""
    message = f"{clause.before}{clause.text} {clause.after}"
    if p.slot is Slot.VOLUME and asked not in (None, Slot.VOLUME) and _VAGUE_RATE.match(p.quote):
        return False  # "twice a month" tells how often something happens
    if (
        p.slot is Slot.RETRIEVAL
        and p.value == "none"
        and re.search(r"\b(?:check|measur|test|eval)\w*", clause.text, re.IGNORECASE)
    ):
        return False  # nothing set up to measure with
    if p.slot is Slot.RETRIEVAL and asked is not Slot.RETRIEVAL:
        return bool((_NOT_LOOKED_UP.search(clause.text)) if p.value == "none" else _LOOKS_UP.search(message))
    if p.slot is Slot.PROMPTING and p.value in ("few_shot", "exhausted"):
        return replies.shows(clause.text) and not replies.shows_none(clause.text)
    if p.slot is Slot.PROMPTING and p.value == "structured":
        return not replies.scant(clause.text) and (
            replies.shows_none(clause.text) or not replies.shows(clause.text)
        )
    if (
        p.slot is Slot.KNOWLEDGE and p.value == "small_static"
    ):  # a prompt of two pages is no policy of two pages
        back = (
            len(clause.before)
            if re.search(r"\b(?:rules|instructions)\b", clause.text, re.IGNORECASE)
            else 200
        )
        if re.search(
            r"\b(?:users?|customers?|they|people|you|agents?) (?:pastes?|sends?|types?|uploads?|gives?)\b",
            clause.text,
            re.IGNORECASE,
        ):
            return False  # what comes with each call
        return asked is not Slot.PROMPTING and not re.search(
            r"\bprompts?\b", clause.before[-back:], re.IGNORECASE
        )
    if p.slot is Slot.WANTS:
        return not re.search(
            r"(?:\b(?:not|never|against|no need)\b|n['’]t\b)[^.;,]{0,30}\b(?:fine-?\s?tun|train|lora)",
            clause.text,
            re.IGNORECASE,
        )
    if (
        p.slot is Slot.SHORTFALL
        and p.quote == clause.text
        and _WANTED.search(clause.text)
        and not _LACKING.search(clause.text)
    ):
        return False  # what is required, not what fails
    if p.slot is Slot.SHORTFALL and (
        re.match(r"\W*(?:and |so |but )?(?:if|when)\b", clause.text, re.IGNORECASE)
        or (asked in (Slot.KNOWLEDGE, Slot.STABILITY) and p.value == frozenset({"consistency"}))
    ):
        return False  # what would be bad, or what the facts and the task are like
    if p.slot is Slot.VOLUME and asked in (
        Slot.KNOWLEDGE,
        Slot.SUCCESS,
    ):  # what comes in or is checked, not what is called
        return bool(_CALLED.search(clause.text) or _LATER.search(message))
    return True


_VAGUE_RATE: Final = re.compile(
    r"\W*(?:about |maybe )?(?:once|twice|thrice|several|a few|a couple)\b", re.IGNORECASE
)
_WANTED: Final = re.compile(
    r"\b(?:needs? (?:to|a|an)|must|should|has to|have to|is required|we want|important)\b", re.IGNORECASE
)
_LACKING: Final = re.compile(
    r"\b(?:but|not|never|too|wrong|off|n['’]t|instead|fails?|lacks?|still|yet)\b|n['’]t\b", re.IGNORECASE
)
_MOVES: Final = re.compile(
    r"\b(?:edit|chang|updat|rewrit|revis|renew|replac)\w*\b[^.;]{0,30}\b(?:daily|weekly|hourly|constantly|all (?:day|the time)|all day long|every (?:day|week|hour|few days)|each (?:day|week)|often|non-?stop)\b|\b(?:daily|weekly|constant|hourly) (?:edits|changes|updates)\b",
    re.IGNORECASE,
)
_CRITERION: Final = re.compile(
    r"\b(?:rule|target|criteri\w+|goal|bar|threshold|must|passes|\d{2} ?%)\b", re.IGNORECASE
)
_CALLED: Final = re.compile(
    r"\b(?:calls?|requests?|quer(?:y|ies)|traffic|volume|we (?:get|handle|process|do|have|send|run)|asked|users?|questions a)\b",
    re.IGNORECASE,
)


def _put_together(kept: dict[Slot, Proposal], text: str, parts: Sequence[Clause]) -> None:
    """What only the whole message shows: a prompt told in two places, a good lookup and a bad answer."""
    said = ", ".join(c.text for c in parts if c.factual)
    prompting = kept.get(Slot.PROMPTING)
    told = prompting.value if prompting is not None else ""
    if (
        prompting is not None
        and replies.shows(said)
        and (told == "few_shot" or (told == "structured" and not replies.shows_none(said)))
    ):
        if replies.stalled(said):
            kept[Slot.PROMPTING] = Proposal(slot=Slot.PROMPTING, value="exhausted", quote=prompting.quote)
        elif told == "few_shot" and replies.perhaps_stalled(said):
            del kept[Slot.PROMPTING]  # how far was it taken? ask
        elif told == "structured" and replies.adds_shots(text, prompting.quote):
            kept[Slot.PROMPTING] = Proposal(slot=Slot.PROMPTING, value="few_shot", quote=prompting.quote)
        elif told == "structured" and Slot.EXAMPLES not in kept:
            del kept[Slot.PROMPTING]  # careful, and there are examples somewhere: in it or not? ask
    success = kept.get(Slot.SUCCESS)
    if success is not None and success.value == "undefined" and _CRITERION.search(said):
        del kept[Slot.SUCCESS]  # no tests, and yet some rule to go by: ask
    knowledge = kept.get(Slot.KNOWLEDGE)
    if (
        knowledge is not None
        and knowledge.value == "large"
        and (moving := _MOVES.search(said))
        and moving[0] in text
    ):
        kept[Slot.KNOWLEDGE] = knowledge = Proposal(slot=Slot.KNOWLEDGE, value="changing", quote=moving[0])
    if (
        knowledge is not None
        and knowledge.value == "none"
        and kept.get(Slot.RETRIEVAL, knowledge).value == "none"
    ):
        kept.pop(Slot.RETRIEVAL, None)  # "nothing to look up" is about what must be known
    retrieval, shortfall = kept.get(Slot.RETRIEVAL), kept.get(Slot.SHORTFALL)
    if retrieval is not None and retrieval.value == "works":
        rest = text[text.find(retrieval.quote) + len(retrieval.quote) :]
        if replies.misused(rest) or (
            shortfall is not None and isinstance(shortfall.value, frozenset) and shortfall.value & BEHAVIOUR
        ):
            kept[Slot.RETRIEVAL] = Proposal(slot=Slot.RETRIEVAL, value="misused", quote=retrieval.quote)
