"""Which slot a number belongs to: calls a day, examples at hand, days to a deadline, tokens."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from agent.facts import Amount, Proposal, Slot
from agent.reading.clauses import Clause, clauses
from agent.reading.quantities import Quantity, quantities, scaled

_MONEY_BEFORE: Final = re.compile(r"(?:[$€£¥₹]|\b(?:usd|eur|gbp|rs\.?|inr|aud|cad|chf))\s?$", re.IGNORECASE)
_MONEY_AFTER: Final = re.compile(r"^\s?(?:[$€£%¥₹]|(?:percent|pct|per ?cent|(?:us )?dollars?|bucks|euros?|eur|usd|pounds?|quid|gbp|cents?|rupees|francs?|kr|sek|points?|ppl)\b)", re.IGNORECASE)
_MONEY_WORD: Final = re.compile(r"\b(?:costs?|costing|bill(?:ed|s)?|spend|spending|pay|paying|paid|prices?|money|invoices?|budget|fees?|charged?|revenue|turnover|salary|licen[cs]e|worth|burn\w*|saves?|savings?)\b", re.IGNORECASE)

#: What a rate may count without being calls, whatever was asked.
_UNITS: Final = r"(?:tokens?|words?|characters?|chars|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|gb|mb|tb|kb|gigs?|ms|km|miles|kg|tonnes?|tons?|litres?|watts?|kwh|percent|degrees|meetings?|updates?|changes?|edits?|releases?|deploy\w*)"
#: What is counted about a business, not sent through the model, unless volume was asked.
_BUSINESS: Final = r"(?:visitors?|views?|downloads?|sales|hires?|starters|joiners|subscribers|followers|members|employees|staff|errors?|mistakes?|bugs?|failures?|howlers?|hallucinations?|new (?:docs?|documents|articles|products|items|categories|pages|versions|skus?|models?|rules?|clauses?|customers?|clients?))"
_NOT_CALLS: Final = re.compile(rf"\b{_UNITS}\b", re.IGNORECASE)
_NOT_CALLS_UNASKED: Final = re.compile(rf"\b{_BUSINESS}\b", re.IGNORECASE)
#: What a call works on: after a bare number these words let it stand as an answer to "how many calls?".
_CALLS: Final = re.compile(
    r"^\W*(?:[\w'-]+ ){0,3}?(?:calls?|requests?|quer(?:y|ies)|questions?|tickets?|messages?|msgs?|e?-?mails?|chats?|conversations?|documents?|docs|reports?|letters?|repl(?:y|ies)|summar(?:y|ies)|posts?|comments?|orders?|claims?|cases?|forms?|reviews?|photos?|pics|images?|items?|listings?|times|of (?:them|those|these)"
    r"|runs?|prompts?|hits?|lines?|records?|jobs?|articles?|drafts?|texts?|notes?|translations?|invoices?|transcripts?|tweets?|searches|descriptions?|inquir(?:y|ies)|enquir(?:y|ies)|complaints?|ones|a go|interactions?|sessions?|generations?|completions?|inferences?|transactions?|entries|files|calls)\b",
    re.IGNORECASE,
)
#: After these a bare number stands for itself.
_NO_NOUN: Final = re.compile(
    r"^\W*(?:$|(?<![\w'])(?:or|and|but|on|in|at|if|when|maybe|perhaps|i|we|it|that|this|for|depending|give|tops|max|maximum|min|total|altogether|though|normally|usually|typically|most|right|now|today|currently|so|probably|tbh|lol|roughly|approx\w*|from|with|without|once|as|to|is|would|ish|not|no|actually|sorry|because|since|these days|all|each way|thanks?|please|last|during|while|across|counting)\b)|^\s*[,.;:!?()\n]",
    re.IGNORECASE,
)
_PEOPLE_BEFORE: Final = re.compile(r"\b(?:(?:team|group|staff|crew|headcount|company|firm|department|class) of|(?:we|they)(?:'re| are|re)(?: only| just)?|(?:i'?m|i am|aged?)|top|page|version|by|since|until|case of)(?: about| around| roughly)?\s*$", re.IGNORECASE)
_CHANGES: Final = re.compile(r"\b(?:chang|updat|refresh|revis|re-?index|deploy|retrain|releas|rewrit|rewrote|reshuffl|renew|publish|meet)\w*", re.IGNORECASE)
_CHANGES_AFTER: Final = re.compile(r"^[^.,;]{0,35}?\b(?:(?:get|gets|are|is|being|have|has) (?:been )?)?(?:chang(?:e|es|ed|ing)|updated|added|removed|replaced|refreshed|reindexed|in and out)\b", re.IGNORECASE)
_FAILS: Final = re.compile(r"\b(?:break|fail|wrong|crash|error|invalid|broken|cut off|missing|stuck|times? out|goes down)\w*\b", re.IGNORECASE)
#: "Twice a day" is a call rate when something runs or is asked, and not when it breaks or is updated.
_RUNS: Final = re.compile(r"\b(?:run(?:s|ning)?|us(?:e|es|ed|ing)|call(?:s|ed|ing)?|trigger\w*|ask(?:s|ed|ing)?|fire[sd]?|go(?:es)? through|generat\w+|need(?:s)? it|execut\w*|invok\w*|process\w*|quer(?:y|ies|ied)|hit(?:s|ting)?|sends?|do(?:es)? (?:this|that|it)|traffic|requests?|calls)\b", re.IGNORECASE)
_SAMPLED: Final = re.compile(r"\b(?:random(?:ly)?|sampled?|samples|spot[- ]?check\w*|eyeball\w*|audit\w*)\b|\b(?:check|test|measure|evaluate|validate)\w* (?:it|them|this|that|each \w+|every \w+)? ?(?:on|against|with|over)\b", re.IGNORECASE)

_HARDLY: Final = r"(?:(?:only|just) (?:a )?(?:handful|few)|a (?:small |tiny )?handful|a few|very few|barely any|hardly any|next to none)"
_FEW_CALLS: Final = re.compile(
    rf"\b{_HARDLY}(?: of (?:us|them|calls|requests|times|people|users|colleagues|questions))?(?: (?:calls|requests|times|people|users|colleagues|questions))?(?: (?:a|per|each|every) day)\b"
    rf"|\b(?:only|just) (?:a )?(?:handful|few|couple)(?: of)? (?:us|people|users|colleagues)\b[^.;]{{0,30}}\b(?:us(?:e|es|ing)|test(?:s|ing)?|ask(?:s|ing)?)\b",
    re.IGNORECASE,
)
_FEW_OF_US: Final = re.compile(
    r"\b(?:just|only)(?: for)? (?:me|myself|i|the two of us|us two|my (?:wife|husband|partner|sister|brother|boss|colleague|assistant) and (?:me|i|myself))\b|\bme and my \w+\b|\b(?:my \w+ and (?:me|i|myself)|the (?:two|three|four|five) of us)\b|\bmyself only\b",
    re.IGNORECASE,
)
_FEW_ASKED: Final = re.compile(rf"\b{_HARDLY}\b(?! (?:hundred|thousand|dozen|million|k\b|times? (?:a|per|each) (?:week|month|year|hour|minute)|(?:a|per|each|every) (?:week|month|year|hour|minute)))|\b(?:now and then|once in a while|every now and again|from time to time|hardly ever|rarely|seldom)\b|\ba (?:handful|couple|few) of us\b", re.IGNORECASE)
_USES: Final = re.compile(r"\b(?:us(?:e|es|ed|ing|ers?)|test(?:s|ing)?|play(?:s|ing)?|run(?:s|ning)?|ask(?:s|ing)?|for (?:me|myself))\b", re.IGNORECASE)

_PERSON: Final = r"(?:user|person|customer|client|agent|employee|head|student|pupil|patient|seat|member|clerk|rep|teacher|driver|nurse|doctor|operator|advis[eo]r|analyst|lawyer|editor|consultant|colleague|store|shop|branch|site|clinic|office|location|restaurant|hotel|school|team|tenant|account|guy)"
#: A rate that holds for one of many: "20 each a day", "per agent", "each of our 40 agents". "A draft each" is not one.
_PER_PERSON: Final = re.compile(
    rf"\b(?:per|every|each|for each|for every|an?) {_PERSON}s?\b|\beach of (?:us|our|the|my|those)\b|\b(?:apiece|a head|per head|a ?piece)\b"
    r"|(?<!for )(?<!one )\beach\b(?=\s*(?:$|[,.;)]|an? (?:day|week|month|hour)|per\b|every\b|of us\b|(?:do|does|ask|asks|send|sends|make|makes|handle|handles|write|writes|run|runs|doing|asking|sending|making|handling|use|uses|take|takes|having|has|with)?\s*(?:it )?(?:about |around |~|some |maybe |roughly |up to )?\d))|\d ?[x×] ?\d",
    re.IGNORECASE,
)
_ONE_EACH: Final = re.compile(r"\b(?:one|once|an?) (?:\w+ ){0,2}each\b|\beach (?:one|gets?|getting|needs?|has to|is|was|drafted|checked)\b|\b(?:one|once|a) \w+ (?:per|for each|for every)\b", re.IGNORECASE)
_MANY: Final = re.compile(rf"^\W*(?:[\w'-]+ ){{0,2}}?(?:{_PERSON}s|branches|people|staff|ppl|of us|of them|agencies|companies|folks|devs|engineers|recruiters|officers|writers|mechanics|workers|interns|tutors|coaches|therapists|managers|lawyers|dispatchers|[a-z]+(?:ers|ors|ists|ants|ents))\b", re.IGNORECASE)
_IN_ONE_GO: Final = re.compile(r"\b(?:in one go|at once|at a time|each time|every time|per (?:run|batch|go|time|execution)|each run|in (?:a|one) (?:batch|bunch|block)|a (?:go|batch|pop)|batch(?:es)? of|all at once|apiece|of about|over)\b", re.IGNORECASE)
_PEAK: Final = re.compile(r"\b(?:peaks?|busiest|busy (?:day|season|time)s?|christmas|xmas|black friday|rush|spikes?|record|worst|high season|holidays?|bursts?)\b", re.IGNORECASE)
_USUAL: Final = re.compile(r"\b(?:usual(?:ly)?|normal(?:ly)?|typical(?:ly)?|otherwise|average|rest of the|quiet(?:er)?|most days|ordinary|outside|mostly|on other days)\b", re.IGNORECASE)
_CONCLUDES: Final = re.compile(r"\b(?:so|total(?:s|ling)?|altogether|all together|that'?s|that is|makes|which is|i\.?e\.?|in all|comes to|or|meaning|equals?)\b|=", re.IGNORECASE)
#: How a number opens that replaces an earlier one.
_REPLACES: Final = re.compile(r"^\W*(?:(?:but|and|so|now|then|today|actually|currently|since \w+(?: \w+){0,2}|these days|it|it'?s|that'?s|we|we'?re|is|should|have|be|been|at|only|just|more like|nearer|closer to|down to|up to|about|around|make it|of course)\b[\s,]*)+(?:~ ?)?\d|^\W*(?:so|now|it'?s|should be)\s", re.IGNORECASE)
#: What takes back the number before it.
_NO_WAIT: Final = re.compile(r"\b(?:no,? wait|wait,? no|wait|sorry|i mean|i meant|or rather|scratch that|make that|correction|actually|no,? (?=\d))\b", re.IGNORECASE)
_RETRACTED: Final = re.compile(r"^\W*(?:(?:oh|no|ah|hm+|but)\W+)?(?:no,? wait|wait|sorry|i mean|i meant|scratch that|make that|correction|actually|(?:but )?(?:that|it|this) (?:counts?|counted|includes?|included|was (?:one|only|just|for|with|before|wrong)|is (?:with|counting|wrong)))\b", re.IGNORECASE)
_NOT_BEFORE: Final = re.compile(r"\b(?:not|instead of|rather than|isn'?t|wasn'?t)(?: the)?(?: about| around)?\s*$", re.IGNORECASE)

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
    if clause.question and not (asked and len(text.split()) <= 6) or clause.plan and not asked:
        return None
    everything = quantities(text)
    standing = _standing(text, everything, clause)
    rated = [q for q in standing if _is_call_rate(q, clause, asked)]
    if _PER_PERSON.search(text) and not _ONE_EACH.search(text) and not re.search(r"\b(?:in total|altogether|all together|total)\b", text, re.IGNORECASE):
        return _each_times_many(text, rated, everything)
    batch = _batches(text, rated, standing)
    if batch:
        return batch
    if rated:
        return _the_one(text, clause, [(q, _daily(q, text)) for q in rated])
    few = _FEW_CALLS.search(text) or (_FEW_OF_US.search(text) if asked or _USES.search(text) else None) or (_FEW_ASKED.search(text) if asked else None)
    if few:
        return Proposal(slot=Slot.VOLUME, value=Amount(low=1, high=20), quote=few[0])
    bare = [q for q in standing if q.daily is None and not q.odd_window and _may_be_calls(q, text)]
    window = _window_before(clause) if _REPLACES.match(text) else None
    elsewhere = any(q.daily is not None for q in quantities(clause.before) + quantities(clause.after))
    if not bare or any(q.odd_window for q in standing) or window is None and (elsewhere or not asked):
        return None
    return _the_one(text, clause, [(q, scaled(q.amount, window or 1.0)) for q in bare], only=True)


def _window_before(clause: Clause) -> float | None:
    """The window that an outdated number had, for the one that replaces it: "it was 60 a day, now it's 600"."""
    for earlier in clauses(clause.before)[-3:] if clause.before else []:
        rated = [q for q in quantities(earlier.text) if q.per_day is not None]
        if rated and (earlier.past or re.search(r"\b(?:i|we) (?:said|wrote|put|gave|typed)\b", earlier.text, re.IGNORECASE)):
            return rated[-1].per_day
    return None


def _standing(text: str, found: Sequence[Quantity], clause: Clause) -> list[Quantity]:
    """The quantities that the message does not take back: not the first of "200, no wait, 20", nor "4,500" of "450, not 4,500"."""
    if _RETRACTED.match(clause.after) and re.search(r"\d", clause.after):
        return []
    kept = [q for q in found if not _NOT_BEFORE.search(q.before)]
    for back in _NO_WAIT.finditer(text):
        if any(q.start >= back.end() for q in kept):
            kept = [q for q in kept if q.start >= back.start()]
    return [q for q in kept if not (_MONEY_BEFORE.search(q.before) or _MONEY_AFTER.match(q.after))]


def _noun(q: Quantity, text: str) -> str:
    """The words between a number and its rate, or the few after it."""
    if q.rate_start is not None and q.rate_start >= q.end:
        return text[q.end : q.rate_start]
    return " ".join(re.split(r"[.,;:!?()]", q.after)[0].split()[:3])


def _is_call_rate(q: Quantity, clause: Clause, asked: bool) -> bool:
    if q.daily is None:
        return False
    text, noun = clause.text, _noun(q, clause.text)
    if _NOT_CALLS.search(noun) or not noun.strip(" (,") and _MONEY_WORD.search((clause.before + text[: q.start])[-40:]):
        return False
    if re.match(r"\W*(?:in|on|of|for) (?:\w+ )?(?:fees|tokens|api|inference|costs?|bills?)\b", text[q.rate_end :], re.IGNORECASE):
        return False
    if asked:
        return True
    if q.recent and not _CALLS.match(" " + noun):
        return False
    if _NOT_CALLS_UNASKED.search(noun) or _SAMPLED.search(text) or _CHANGES_AFTER.match(text[q.end :]):
        return False
    often = re.match(r"(?:once|twice|thrice|runs?\b|fires?)", text[q.start : q.end].lstrip("~ "), re.IGNORECASE) or re.match(r"\s*times\b", noun, re.IGNORECASE) or " every " in text[q.start : q.end].lower()
    if often or q.amount.high is not None and q.amount.high <= 2:
        return bool(_RUNS.search(text) or re.match(r"an? \w+ every|one every", text[q.start : q.end], re.IGNORECASE) or not often) and not (_CHANGES.search(text) or _FAILS.search(text))
    return not _FAILS.search(text[q.end : q.end + 30])


def _daily(q: Quantity, text: str) -> Amount:
    """The amount a day; hours are those that are worked, when the clause says so."""
    assert q.per_day is not None
    factor = q.per_day
    if q.window in ("hour", "minute"):
        worked = re.search(r"\b(\d+) ?(?:hours?|hrs?|h)\b(?: (?:a|per|each) (?:\w+ )?(?:day|shift)|/day| shifts?)", text, re.IGNORECASE)
        hours = float(worked[1]) if worked else 8.0 if re.search(r"\b(?:office|business|working|opening) hours\b|\bworking hour\b", text, re.IGNORECASE) else 24.0
        factor *= min(hours, 24.0) / 24.0
    return scaled(q.amount, factor)


def _may_be_calls(q: Quantity, text: str) -> bool:
    """May a number without a rate answer "how many calls a day?"."""
    if _PEOPLE_BEFORE.search(q.before) or re.match(r"\W*(?:of us|or the other|by one)\b", q.after, re.IGNORECASE):
        return False
    if _NOT_CALLS.match(_noun(q, text).lstrip(" -")) or _SAMPLED.search(text):
        return False
    loose = re.match(r"(?:a couple|a few|several|a pair|once|twice|thrice|one\b)", text[q.start : q.end], re.IGNORECASE)
    if loose and len(text.split()) > 5:
        return False
    tail = text[q.end :]
    return bool(_NO_NOUN.match(tail) or _CALLS.match(tail))


def _the_one(text: str, clause: Clause, found: Sequence[tuple[Quantity, Amount]], only: bool = False) -> Proposal | None:
    """One amount out of several: not the peak where the usual is told, and the total where it is summed up."""
    def segment(q: Quantity) -> str:
        left = max((m.end() for m in re.finditer(r"[,;()]\s", text[: q.start])), default=0)
        right = re.search(r"[,;()](?:\s|$)", text[q.end :])
        return text[left : q.end + right.start() if right else len(text)]

    usual = [(q, a) for q, a in found if not _PEAK.search(segment(q)) or _USUAL.search(segment(q))]
    if not usual and _USUAL.search(clause.before + " " + clause.after) and re.search(r"\d", clause.before + clause.after):
        return None
    left = usual or list(found)
    summed = [(q, a) for q, a in left[1:] if _CONCLUDES.search(text[max(0, q.start - 25) : q.start]) or re.match(r"[^.;]{0,20}\b(?:in total|altogether|all together)\b", text[q.end :], re.IGNORECASE)]
    if summed:
        left = summed[-1:]
    if only and len(left) > 1:
        return None
    q, amount = max(left, key=lambda pair: pair[1].low)
    return Proposal(slot=Slot.VOLUME, value=_rounded(amount), quote=_span(text, q))


def _span(text: str, *parts: Quantity) -> str:
    """The words from the first to the last of these quantities and their rates."""
    start = min(min(q.start, q.rate_start if q.rate_start is not None else q.start) for q in parts)
    end = max(max(q.end, q.rate_end or q.end) for q in parts)
    return text[start:end]


def _each_times_many(text: str, rated: Sequence[Quantity], found: Sequence[Quantity]) -> Proposal | None:
    """ "40 agents, 20 queries each a day": the product. How many they are must be said, once; else nothing is read."""
    many = [q for q in found if q.daily is None and q.amount.high is not None and q.amount.low >= 2 and (_MANY.match(q.after) or re.match(r"\s?[x×]", q.after))]
    each = [q for q in rated if q.amount.high is not None]
    if len(many) != 1 or len(each) != 1:
        return None
    one, times = _daily(each[0], text), many[0].amount
    assert one.high is not None and times.high is not None
    return Proposal(slot=Slot.VOLUME, value=_rounded(Amount(low=one.low * times.low, high=one.high * times.high)), quote=_span(text, each[0], many[0]))


def _batches(text: str, rated: Sequence[Quantity], found: Sequence[Quantity]) -> Proposal | None:
    """ "Once a month, 6000 in one go": how often times how many."""
    often = [q for q in rated if re.match(r"(?:once|twice|thrice|one|two|three|\d{1,2})\b", text[q.start : q.end], re.IGNORECASE) and q.amount.low == q.amount.high and (q.amount.low <= 3 or re.match(r"\W*(?:times|batches|runs)\b", q.after))]
    sizes = [q for q in found if q.daily is None and not q.odd_window and q.amount.low > 3 and not _NOT_CALLS.match(_noun(q, text)) and (_IN_ONE_GO.search(text[q.end :]) or _IN_ONE_GO.search(text[max(0, q.start - 20) : q.start]))]
    if len(often) != 1 or len(sizes) != 1:
        return None
    assert often[0].per_day is not None
    return Proposal(slot=Slot.VOLUME, value=_rounded(scaled(sizes[0].amount, often[0].per_day * often[0].amount.low)), quote=_span(text, often[0], sizes[0]))


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
