"""What people ask about the advice itself, answered from the advice without a model: in short, what to do first, what it rests
on, what was assumed, what would change it, how sure it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final

from agent.conversation import Answer
from agent.facts import RUBRIC_SLOTS
from agent.recommendation import Citation, Recommendation, Sentence
from agent.rubric import DECLINED_AS
from agent.writing import texts


class Topic(StrEnum):
    """What of an advice a question is about."""

    SHORT = "short"
    NEXT = "next"
    SOURCES = "sources"
    ASSUMED = "assumed"
    KNOWN = "known"
    CHANGES = "changes"
    SURE = "sure"
    WRONG = "wrong"
    COST = "cost"
    SAVE = "save"


_LEAD: Final = (
    r"\W*(?:(?:ok|okay|hm+|and|so|but|well|sorry|wait|huh|great|good|fine|thanks|right|alright|now|then|please|pls|"
    r"(?:can|could|would|will) you|(?:can|could|may) (?:i|we)|i(?:'d| would) like(?: you)? to|i (?:want|need)(?: you)? to|let me)\b[\s,.]*)*"
)
_TAIL: Final = r"(?:[\s,]+(?:please|pls|again|once more|now|then|first|exactly|here|for me|for us|though|really|thanks))*\W*"
_IT: Final = r"(?:it|this|that|all this|all of (?:it|this|that)|everything|(?:the|your|this) (?:\w+ )?(?:advice|answer|result|recommendation|verdict|conclusion|decision|reasoning))"
_WHOM: Final = r"(?:my|our|the|a|an) (?:[\w-]+ ?){1,3}"
_PLAINLY: Final = (
    r"(?:simply|briefly|shortly|quickly|in short|in brief|in a nutshell|in (?:\w+ )?(?:one|a few|a couple of|two|three|other|simple|simpler|plain|your own|my) "
    rf"(?:\w+ )?(?:sentences?|words?|terms|english|language|lines?)|in plain english|like i'?m (?:five|5|\w+)|as if i (?:was|were) \w+|(?:to|for) (?:me|us|them|him|her|{_WHOM}))"
)
_ASKED: Final[tuple[tuple[Topic, str], ...]] = (
    (Topic.SURE, r"how (?:sure|certain|confident|safe|reliable|solid|firm) (?:are you|is (?:that|this|it|(?:the|your) \w+))(?: (?:about|of|in|with|on) (?:this|that|it|(?:the|your) \w+))?"),
    (Topic.SURE, r"(?:are you (?:\w+ )?(?:sure|certain|confident)|should (?:i|we) (?:really )?(?:trust|rely on) (?:that|this|it|you|(?:the|your) \w+)|(?:really )?(?:trust|rely on) (?:that|this|it|you|(?:the|your) \w+))(?: (?:about|of|in|with|on) (?:this|that|it|(?:the|your) \w+))?"),
    (Topic.SHORT, rf"(?:explain|summari[sz]e|sum up|recap|repeat|rephrase|say|put|tell|describe|retell|boil down)(?: me)?(?: {_IT})?(?:,? {_PLAINLY})*"),
    (Topic.SHORT, rf"(?:give|tell|write|show)(?: me| us)?(?: {_WHOM})? ?(?:the|a) (?:short (?:version|answer|summary)|summary|gist|bottom line|tl;?dr|recap)(?: {_PLAINLY})?"),
    (Topic.SHORT, r"tl;?dr|in short|short version|the gist|(?:a )?summary|(?:a )?recap|bottom line|what(?:'s| is) the (?:gist|bottom line|short version|summary)"),
    (Topic.SHORT, rf"(?:what|how) (?:do|should|can|shall|would) (?:i|we) (?:tell|say to|explain (?:it|this|that) to|sell (?:it|this|that) to) (?:them|him|her|{_WHOM})"),
    (Topic.NEXT, r"what (?:do|should|shall|must|can|would) (?:i|we) (?:do|try|build|start with)(?: (?:first|next|now|then|about (?:it|this|that)|on monday))*|what(?:'s| is| are| comes)? (?:the |my |our )?(?:next|first)(?: (?:steps?|thing(?: to do)?|things))?|(?:the )?next steps?"),
    (Topic.NEXT, r"(?:where|how|with what) (?:do|should|shall|would|to) ?(?:i |we )?(?:start|begin|proceed|get started|go on|do (?:it|this|that)|go about (?:it|this|that))|what now|now what"),
    (Topic.SOURCES, r"(?:what|which|who|where) (?:are|is) (?:your|the) (?:sources?|evidence|references?|proof)|(?:what|which) (?:sources|evidence|proof) (?:is there|do you have|did you use|do you use|backs \w+|is (?:that|this|it) based on)|where (?:does|do|did) (?:that|this|it|you|all this|(?:the|your|these|those) (?:advice|answers?|numbers?|figures?|claims?|sentences?|quotes?|verdict|recommendation)) (?:come|get)(?: (?:it|that|this))? from|where(?:'s| is) (?:that|this|it) from"),
    (Topic.SOURCES, r"who says(?: (?:so|that|this))?|says who|(?:see|show me|give me) (?:the|your|some) (?:evidence|sources?|proof|references?)|(?:any|what) (?:proof|evidence|sources?)|(?:based on what|what is (?:that|this|it) based on)|how do you know(?: (?:that|this|all this))?"),
    (Topic.ASSUMED, r"(?:what|which things) (?:did|do|have) you(?: have to)? (?:assumed?|guess(?:ed)?|take(?:n)? for granted|presumed?)|(?:what|which) (?:are (?:your|the) )?assumptions(?: (?:did you make|are there|have you made))?|(?:your |the )?assumptions"),
    (Topic.KNOWN, r"what (?:do|did|have) you (?:know|understand|understood|noted?|got|have|written down)(?: so far)?(?: (?:about|of|on|from|down about) (?:me|us|my \w+|our \w+|it|this|that|the (?:case|project|task)))?|what (?:did|have) i (?:told?|tell|said|say)(?: to)? ?(?:you)?(?: so far)?"),
    (Topic.CHANGES, r"(?:what|when) (?:would|could|can|might|will|should)(?: have to)? (?:change|alter|flip|(?:i|we) change)(?: (?:your mind|this|that|it|(?:the|your) \w+))?|what would make (?:you|it|this) (?:change(?: your mind)?|different|say (?:something|anything) else)"),
    (Topic.WRONG, r"(?:i )?(?:do not|don'?t|dont) (?:agree|believe (?:that|it|you|this)|think so|buy (?:that|it|this))|i disagree(?: with (?:that|this|it|you))?|(?:that|this|it)(?:'s| is|s) (?:all )?(?:wrong|not right|nonsense|incorrect|not true|not correct|a mistake)|you(?:'re| are) wrong|that can'?t be(?: right)?"),
    (Topic.COST, r"(?:how much|what) (?:will|would|does|do|is|might|could)(?: (?:it|that|this|all this|we|i|training|fine-?tuning|retrieval|rag))?(?: going to)?(?: (?:cost|have to pay|pay|need to spend|spend))(?: (?:me|us))?(?: (?:a|per) (?:month|year|day))?|what(?:'s| is| are) the (?:costs?|price)"),
    (Topic.SAVE, rf"(?:save|print|export|download|e-?mail|mail|send|share|copy|keep)(?: me| us)?(?: {_IT}| a copy| a memo| a pdf)?(?: out)?(?: (?:to|with|for) (?:me|us|them|him|her|{_WHOM}))?(?: (?:as|in|to) (?:a |an )?\w+)?"),
)  # fmt: skip
#: Longer than this, a message tells or asks something besides.
_LONGEST: Final = 120


def topic(text: str) -> Topic | None:
    """What of the advice a message asks about, when it asks about nothing else."""
    parts = [part for part in re.split(r"(?<=[?!.])\s+", text.strip()) if part.strip(" ?!.")]
    if not parts or len(text) > _LONGEST:
        return None
    found = {next((name for name, words in _patterns() if words.fullmatch(part)), None) for part in parts}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[Topic, re.Pattern[str]], ...]:
    """Compiled at the first question, so that nobody waits for them at the start."""
    return tuple((name, re.compile(rf"{_LEAD}(?:{words}){_TAIL}", re.IGNORECASE)) for name, words in _ASKED)


def asks_how_sure(text: str) -> bool:
    return topic(text) is Topic.SURE


def retold(about: Topic, advice: Recommendation) -> Answer | None:
    """The part of the advice that a question is about, with its citations; None where the advice has no such part."""
    match about:
        case Topic.SHORT:
            first = texts.reply("retold_first", step=advice.next_steps[0].text) if advice.next_steps else ""
            short = in_short(advice)
            cites = (*short.citations, *(c for s in advice.next_steps[:1] for c in s.citations))
            lines = [short.text, *([first] if first else []), texts.reply("retold_memo")]
            return Answer(text="\n".join(lines), citations=tuple(dict.fromkeys(cites)))
        case Topic.NEXT:
            return _listed("retold_next", (*advice.do_first, *advice.next_steps))
        case Topic.SOURCES:
            return _quoted(advice)
        case Topic.ASSUMED if advice.assumptions:
            return _listed("retold_assumed", advice.assumptions)
        case Topic.ASSUMED:
            return Answer(text=texts.reply("sure_firm"))
        case Topic.KNOWN:
            return Answer(text=texts.reply("retold_known", known=_known(advice)))
        case Topic.CHANGES if advice.flips:
            return _listed("retold_changes", advice.flips)
        case Topic.CHANGES:
            return Answer(text=texts.reply("retold_nothing_changes"))
        case Topic.WRONG:
            return Answer(text=texts.reply("retold_wrong", known=_known(advice)))
        case Topic.COST:
            return Answer(text=advice.cost.answer, citations=advice.cost.citations) if advice.cost else None
        case Topic.SAVE:
            return Answer(text=texts.reply("retold_memo"))
        case Topic.SURE:
            return how_sure(advice)


def certainty(advice: Recommendation) -> tuple[Sentence, ...]:
    """How sure an advice is: that it follows by rule, what was told, what was assumed, and what would change it first.

    The first sentences speak of this case and lean on what the advice itself leans on.
    """
    assumed = [
        f"{texts.slot_name(slot).lower()}: {texts.plain(slot, DECLINED_AS[slot])}"
        for slot in advice.verdict.assumptions
    ]
    known = _known(advice)
    own = [
        texts.reply("sure_how"),
        *([texts.reply("sure_known", known=known)] if known else []),
        texts.reply("sure_provisional" if advice.provisional else "sure_firm", assumed="; ".join(assumed)),
    ]
    rests_on = tuple(dict.fromkeys(c for s in advice.why for c in s.citations))
    first = (Sentence(text=text, citations=rests_on) for text in own)
    return (*first, *advice.assumptions, *advice.flips[:1])


def how_sure(advice: Recommendation | None) -> Answer:
    """ "How sure are you?", before there is an advice as well."""
    if advice is None:
        return Answer(text=texts.reply("sure_open"))
    return _joined(certainty(advice))


def in_short(advice: Recommendation) -> Answer:
    """The advice once more: what it is and why."""
    return _joined((advice.headline, *advice.why))


def _known(advice: Recommendation) -> str:
    """What was told that the rubric reads: "calls a day: 50; what falls short: tone or wording"."""
    known = [u for u in advice.understood if u.value is not None and u.slot in RUBRIC_SLOTS]
    return "; ".join(f"{u.label.lower()}: {u.text}" for u in known)


def _joined(sentences: Sequence[Sentence]) -> Answer:
    return Answer(text=" ".join(s.text for s in sentences), citations=_cited(sentences))


def _listed(lead: str, sentences: Sequence[Sentence]) -> Answer:
    lines = [texts.reply(lead), *(f"- {s.text}" for s in sentences)]
    return Answer(text="\n".join(lines), citations=_cited(sentences))


def _quoted(advice: Recommendation) -> Answer:
    """The words of the sources that the verdict and its reasons rest on."""
    cites = _cited((advice.headline, *advice.why))
    lines = [texts.reply("retold_sources"), *(f"- {c.quote}" for c in cites)]
    return Answer(text="\n".join(lines), citations=cites)


def _cited(sentences: Sequence[Sentence]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(c for s in sentences for c in s.citations))
