"""Which slot a number belongs to: calls a day, examples at hand, days to a deadline, tokens."""

from __future__ import annotations

import re
from typing import Final

from agent.facts import Amount, Proposal, Slot
from agent.reading.clauses import Clause
from agent.reading.quantities import Quantity, quantities, scaled

_MONEY_BEFORE: Final = re.compile(r"(?:[$€£¥₹]|\b(?:usd|eur|gbp|rs\.?|inr|aud|cad|chf))\s?$", re.IGNORECASE)
_MONEY_AFTER: Final = re.compile(r"^\s?(?:[$€£%¥₹]|percent|pct|per ?cent|(?:us )?dollars?|bucks|euros?|eur\b|usd\b|pounds?|quid|gbp|cents?|grand|rupees|francs?|kr\b|sek\b|points?\b)", re.IGNORECASE)
_NOT_CALLS: Final = re.compile(
    r"^\W*(?:[\w-]+\s+){0,2}?(?:tokens?|words?|characters?|chars|lines?|pages?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|employees|staff|people in|engineers|developers|devs|lawyers|nurses|doctors|categor\w+|labels?|classes|fields?|languages?|products?|skus?|rows?|pdfs?|manuals?|gb|mb|tb|gigs?|ms|examples?|shots?|tries|versions?|team members|stores?|branches|offices|locations|countries)\b",
    re.IGNORECASE,
)
_CHANGES: Final = re.compile(r"\b(?:chang|updat|refresh|edit|revis|publish|re-?index|deploy|meet|retrain|release)\w*\b|\bnew (?:docs?|documents|articles|products|categories|pages|versions)\b", re.IGNORECASE)
_FAILS: Final = re.compile(r"\b(?:break|fail|wrong|crash|error|invalid|broken|complain)\w*\b", re.IGNORECASE)
_FEW_CALLS: Final = re.compile(
    r"\b(?:(?:it'?s |only |for )?just (?:me|myself|us two|the two of us)|only me|(?:only|just) (?:a )?(?:handful|few|couple)(?: of)? (?:of us|people|users|colleagues|calls|times|requests|a day|per day|each day)|(?:a )?handful (?:of us|a day|per day|of (?:calls|requests|times|people|users)(?: a day| per day)?)|a few (?:times )?(?:a|per|each|every) day|a couple (?:of times )?(?:a|per|each|every) day|now and then|once in a while)\b",
    re.IGNORECASE,
)
_VAST: Final = re.compile(r"\b(?:per|each|every|for each|for every) (?:user|person|customer|agent|employee|head|student|patient|seat|member|clerk|rep|teacher|driver)s?\b|\b(?:each|apiece)\b", re.IGNORECASE)

_EXAMPLE_NOUN: Final = (
    r"(?:examples?|samples?|pairs?|(?:q ?& ?a|question[- ]answer|input[- ]output|io)(?: pairs?)?|(?:gold(?:en)?|labell?ed|annotated|tagged|hand[- ]?(?:labell?ed|coded|checked|marked|graded|written|corrected)|graded|corrected|approved|verified|reviewed|accepted|curated|classified|solved|resolved|answered|signed[- ]off|marked(?:[- ]up)?|coded) (?:\w+ ){0,2}\w+|good ones)"
)
_EXAMPLES_AFTER: Final = re.compile(rf"^\W*(?:(?:or so|good|great|nice|clean|solid|quality|high[- ]quality|real|old|past|historic(?:al)?|decent|usable|of|the|those|these|such|really|more|plus|perfect|proper|existing|pairs of|ready|prior|previous|manually|human|already|\w+ed|\w+ly|support|customer|email|ticket|training|domain|legal|medical) ){{0,4}}{_EXAMPLE_NOUN}\b", re.IGNORECASE)
_LABELLED_LATER: Final = re.compile(r"^[^.;,]{0,60}\b(?:labell?ed|annotated|tagged|hand[- ]?(?:labell?ed|coded|checked|written|graded)|with (?:the )?(?:right|correct|final|approved|accepted|good|human|known|gold|their) (?:\w+ )?(?:answers?|labels?|codes?|replies|reply|output|response|categor(?:y|ies)|tags?|results?|translations?|summar(?:y|ies)|version)|that (?:a |our )?(?:humans?|people|experts?|staff|agents?|editors?|lawyers?|team) (?:\w+ )?(?:wrote|labell?ed|tagged|approved|checked|corrected|answered)|already (?:coded|classified|sorted|answered|graded|categorized|categorised|corrected|translated))\b", re.IGNORECASE)
_UNLABELLED: Final = re.compile(r"\b(?:un-?(?:labell?ed|annotated|tagged|marked|checked|graded|sorted)|raw|not (?:yet )?(?:labell?ed|annotated|tagged|checked)|no labels|without labels|nobody (?:has )?(?:labell?ed|checked|tagged))\b", re.IGNORECASE)
_IN_PROMPT: Final = re.compile(r"\b(?:in|inside|into|to|within) (?:the|our|my|its|that|each|every|a) (?:\w+ ){0,2}(?:prompt|instructions|template|context)\b|\bprompt\b[^.;]{0,40}\b(?:with|has|contains|plus|includ\w+|carries|holds|and)\b|[- ]shot\b", re.IGNORECASE)
_TESTS: Final = re.compile(r"\b(?:test|eval\w*|benchmark|held-?out|hold-?out|validation|regression|golden) (?:set|suite|cases?|questions?|items?|tickets?|data|emails?|prompts?|examples?|samples?)\b|\bto (?:test|check|measure) (?:with|against|on)\b", re.IGNORECASE)
_NO_EXAMPLES: Final = re.compile(
    r"\b(?:no|zero|0|not (?:a single|one|any)|none|without(?: any)?|don'?t (?:really )?have(?: any| a single)?|do not have(?: any)?|dont have(?: any)?|haven'?t (?:got )?(?:any )?|have not (?:got )?(?:any )?|hasn'?t (?:any)?|never (?:collected|saved|labell?ed|kept)(?: any)?|lack(?:ing)?(?: any)?|nothing) (?:of )?(?:\w+ ){0,2}?(?:labell?ed|annotated|tagged|training|gold|example|input[- ]output|hand-?labell?ed|marked up|curated)(?: \w+)?\b(?! in (?:the|our|my) prompt)"
    r"|\b(?:nobody|no ?one|we never|never|haven'?t|have not|nothing)(?: has| have| is| was| been| yet)* (?:ever |yet )?(?:labell?ed|annotated|tagged|collected|saved|written down|kept) ?(?:any(?:thing)?|a single one|them|examples|it)?\b",
    re.IGNORECASE,
)
_DUE: Final = re.compile(r"\b(?:deadline|due|ship|launch|demo|live|deliver|ready|release|needs? (?:it|this|to be)|have to|must|pilot|present|go-?live|need (?:it|this|something)|got to|gotta|want it|done|working|finish\w*)\b", re.IGNORECASE)
_DEADLINE: Final = re.compile(
    r"\b(?:by|before|until|till|for|on|this|due) (?:this |next |the )?(?:end of (?:the )?|eo)?(?P<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\b"
    r"|\b(?P<tomorrow>tomorrow)\b|\b(?P<today>today|tonight)\b|\b(?:by |before |until )?(?:the )?(?:end of (?:the|this) week|this week|eow)(?P<week>\b)|\bnext week(?P<next>\b)"
    r"|\b(?:in|within|only|just|have|got|due in|less than|under)\b (?:about |only |just |the next |less than |under )?(?P<count>\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|fourteen|couple(?: of)?|a couple(?: of)?|a few) (?P<unit>days?|weeks?|months?)\b",
    re.IGNORECASE,
)
_COUNT: Final = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "fourteen": 14, "couple": 2, "couple of": 2, "a couple": 2, "a couple of": 2, "a few": 3}
_UNIT_DAYS: Final = {"day": 1, "week": 7, "month": 30}


def volume(clause: Clause, asked: bool) -> Proposal | None:
    """Calls a day: a number with a rate; asked for it, a bare number will do."""
    text = clause.text
    if clause.supposed or clause.hearsay or clause.others or clause.past:
        return None
    best: tuple[float, Proposal] | None = None
    for q in quantities(text):
        if _MONEY_BEFORE.search(q.before) or _MONEY_AFTER.match(q.after) or _NOT_CALLS.match(q.after):
            continue
        daily = q.daily
        end = q.rate_end or q.end
        if daily is None:
            if not asked:
                continue
            daily, end = q.amount, q.end
        elif not asked and (clause.question or _CHANGES.search(text) or _FAILS.search(text[q.end : q.end + 25])):
            continue
        if _VAST.search(text[q.start :]) and not asked:
            continue
        proposal = Proposal(slot=Slot.VOLUME, value=_rounded(daily), quote=text[q.start : end])
        if best is None or daily.low > best[0]:
            best = daily.low, proposal
    if best:
        return best[1]
    few = _FEW_CALLS.search(text)
    if few and (asked or clause.factual):
        return Proposal(slot=Slot.VOLUME, value=Amount(low=1, high=20), quote=few[0])
    return None


def examples(clause: Clause, asked: bool) -> Proposal | None:
    """Input/output pairs at hand: a number of labelled or accepted cases; asked for them, a bare number will do."""
    text = clause.text
    if clause.supposed or clause.hearsay or clause.others or (clause.plan and not _have(text)):
        return None
    none = _NO_EXAMPLES.search(text)
    if none and not (clause.question or clause.past):
        return Proposal(slot=Slot.EXAMPLES, value=Amount.exactly(0), quote=none[0])
    if _UNLABELLED.search(text) or _IN_PROMPT.search(text) or _TESTS.search(text):
        return None
    for q in quantities(text):
        if _MONEY_BEFORE.search(q.before) or _MONEY_AFTER.match(q.after) or q.daily is not None:
            continue
        if _EXAMPLES_AFTER.match(q.after) or _LABELLED_LATER.match(q.after) or (asked and not _NOT_PAIRS.match(q.after)):
            if clause.question and not asked:
                continue
            if not asked and q.amount.low < 20 and q.amount.high is not None and q.amount.high <= 12:
                continue  # "3-5 examples" is what a prompt holds
            noun = _EXAMPLES_AFTER.match(q.after) or _LABELLED_LATER.match(q.after)
            end = q.end + (noun.end() if noun else 0)
            return Proposal(slot=Slot.EXAMPLES, value=q.amount, quote=text[q.start : end].rstrip(" ,."))
    return None


_NOT_PAIRS: Final = re.compile(r"^\W*(?:[\w-]+\s+){0,1}?(?:tokens?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|yrs?|people|employees|staff|categor\w+|classes|fields?|languages?|of us|interns?|annotators?|%|percent)\b", re.IGNORECASE)


def _have(text: str) -> bool:
    return bool(re.search(r"\b(?:have|has|got|there (?:are|is)|already|so far|with)\b", text, re.IGNORECASE))


def deadline(clause: Clause) -> Proposal | None:
    """Days until it must work, when the clause speaks of something being due."""
    if clause.hearsay and "need" not in clause.text and "want" not in clause.text:
        return None
    match = _DEADLINE.search(clause.text)
    if match is None or clause.supposed or clause.others or clause.past or not _DUE.search(clause.text):
        return None
    if match["weekday"]:
        days = 5.0
    elif match["tomorrow"]:
        days = 1.0
    elif match["today"]:
        days = 0.0
    elif match["count"]:
        count = match["count"].lower()
        days = float(count if count.isdigit() else _COUNT[count]) * _UNIT_DAYS[match["unit"].lower().rstrip("s")]
    else:
        days = 7.0 if match["next"] is not None else 5.0
    return Proposal(slot=Slot.DEADLINE, value=days, quote=match[0])


def tokens(clause: Clause) -> Proposal | None:
    """Length of the prompt or of the answer, when said in tokens."""
    for q in quantities(clause.text):
        if re.match(r"\s?-?tok(?:en)?s?\b", q.after, re.IGNORECASE) and q.daily is None and clause.factual:
            whole = clause.text.lower()
            slot = Slot.PROMPT_TOKENS if re.search(r"prompt|instruct|system|input|context", whole) else Slot.OUTPUT_TOKENS if re.search(r"output|answer|repl|respon|out\b", whole) else None
            if slot:
                end = q.end + len(re.match(r"\s?-?tok(?:en)?s?", q.after, re.IGNORECASE)[0])  # type: ignore[index]
                return Proposal(slot=slot, value=q.amount.high or q.amount.low, quote=clause.text[q.start : end])
    return None


def per(window_factor: float, amount: Amount) -> Amount:
    """The amount a day when the same number is meant per another window."""
    return _rounded(scaled(amount, window_factor))


def _rounded(amount: Amount) -> Amount:
    """Whole calls; a fraction of a call a day stays one decimal."""
    def near(x: float) -> float:
        return float(round(x)) if x >= 1 else round(x, 2)

    return Amount(low=near(amount.low), high=None if amount.high is None else near(amount.high))


__all__ = ["Quantity", "deadline", "examples", "per", "tokens", "volume"]
