"""Numbers as people write them: "10k/day", "a couple thousand a month", "twice an hour", "~3M", "just me".

`quantities(text)` finds each with its bounds, where it stands, its unit word and its rate. What a number means is
decided elsewhere; here only how much, of what, and how often.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from agent.facts import Amount

#: How many of each window make a day. A month is 30 days, as in `evals/reading/LABELS.md`.
WINDOWS: Final = {
    "second": 86400.0,
    "minute": 1440.0,
    "hour": 24.0,
    "day": 1.0,
    "week": 1 / 7,
    "fortnight": 1 / 14,
    "month": 1 / 30,
    "quarter": 1 / 91,
    "year": 1 / 365,
}

_UNITS: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS: Final = {
    w: 10 * n
    for n, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
} | {"fourty": 40}
_SMALL_WORDS: Final[dict[str, float]] = {
    **{w: float(n) for n, w in enumerate(_UNITS)},
    **{w: float(n) for w, n in _TENS.items()},
}
_SCALES: Final = {
    "k": 1e3, "thousand": 1e3, "thousands": 1e3, "thou": 1e3, "grand": 1e3, "hundred": 100.0, "hundreds": 100.0,
    "m": 1e6, "mm": 1e6, "mil": 1e6, "mill": 1e6, "mio": 1e6, "mln": 1e6, "million": 1e6, "millions": 1e6,
    "bn": 1e9, "billion": 1e9, "billions": 1e9, "lakh": 1e5, "lakhs": 1e5, "lac": 1e5, "crore": 1e7, "crores": 1e7,
    "dozen": 12.0, "dozens": 12.0, "tens": 10.0,
}  # fmt: skip

#: 1,200 · 2,00,000 · 1 200 · 1'200 · 1.200.000 · 1.5 · 1,5 · 1200
_DIGITS = r"\d{1,3}(?:,\d{2})+,\d{3}(?!\d)|\d{1,3}(?:[,'’ \u00a0\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}(?!\d)|\d+(?:[.,]\d+)?"
_SCALE = r"(?:\s?(?:k|thousands?|thou|mm|mil|mill|mio|mln|millions?|bn|billion|lakhs?|lac|crores?|m)\b|\s(?:hundred|grand|dozen)\b)"
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_UNITS[1:10])}))?|{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
_SCALE_WORD = r"(?:hundred|thousand|grand|million|billion|lakhs?|crores?|dozen)"
_SPELLED = rf"(?:(?:(?:{_SMALL}|an?|half an?)(?: and a half)? )?{_SCALE_WORD}(?: {_SCALE_WORD})*(?: (?:and )?{_SMALL}(?: {_SCALE_WORD})*)*(?: and a half)?|{_SMALL})"
_VAGUE = (
    r"(?:a )?couple (?:of )?(?:hundred|thousand|dozen|million|k)s?|(?:a |some )?few (?:hundred|thousand|dozen|million|k)s?"
    r"|several (?:hundred|thousand|dozen|million)s?|(?:many )?(?:tens|hundreds) of (?:thousands|millions)"
    r"|(?:many )?(?:hundreds|thousands|dozens|millions|tens)(?: of)?"
    r"|a couple(?: of)?|a (?:small )?handful|a few|several|a pair|once|twice|thrice"
)
_ONE = rf"(?:(?:{_DIGITS}){_SCALE}?|\b(?:{_VAGUE})\b|\b(?:{_SPELLED})\b)"
_APPROX = r"(?:~|≈|about|around|roughly|approx(?:imately)?\.?|circa|ca\.?|maybe|perhaps|some|say|like|close to|nearly|nearer|almost|just|only|easily|probably)\s*"
_OVER = r"more than|over|above|at least|upwards of|north of|min(?:imum)?(?: of)?|>"
_STRICTLY_UNDER = r"less than|fewer than|under|below|not even|<"
_UP_TO = r"not more than|no more than|up to|at most|max(?:imum)?(?: of)?"
_QUANTITY = re.compile(
    rf"(?:(?:\b|(?=[<>]))(?P<bound>{_OVER}|{_STRICTLY_UNDER}|{_UP_TO})\s*(?=\W|\d|\b))?"
    rf"(?P<approx>{_APPROX})*"
    rf"(?:(?P<range>between|from)\s+(?:{_APPROX})?)?(?P<low>{_ONE})"
    rf"(?:\s?(?:-|–|—|to|or|and(?=\s*(?:\d|{_SMALL}))|\.\.)\s?(?:{_APPROX})?(?P<high>{_ONE}))?"
    rf"(?P<plus>\s?\+|\s?ish\b|-ish\b|\s?odd\b|-odd\b| plus\b| or (?:so|more|less|thereabouts)\b| give or take\b)?",
    re.IGNORECASE,
)

_DAYS_OF_WEEK = r"mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|weekends?"
_WINDOW_WORDS: Final = {
    **{w: w for w in WINDOWS},
    "sec": "second", "s": "second", "min": "minute", "m": "minute", "hr": "hour", "h": "hour", "d": "day", "wk": "week", "w": "week",
    "mo": "month", "mth": "month", "mnth": "month", "mnt": "month", "yr": "year", "y": "year", "annum": "year",
    "night": "day", "nite": "day", "evening": "day", "afternoon": "day", "morning": "day", "weekday": "day", "workday": "day", "weeknight": "day",
    "hourly": "hour", "daily": "day", "nightly": "day", "overnight": "day", "weekly": "week", "fortnightly": "fortnight", "monthly": "month",
    "yearly": "year", "annually": "year", "quarterly": "quarter",
    "rps": "second", "qps": "second", "rpm": "minute", "pd": "day", "pw": "week", "pm": "month",
}  # fmt: skip
_WINDOW = r"(?:second|sec|minute|min|hour|hr|day|night|nite|evening|afternoon|morning|weekday|weeknight|workday|week|wk|fortnight|month|mnth|mth|mnt|mo|quarter|year|yr|annum)s?"
_KIND_OF_DAY = r"(?:(?:single|working|work|business|normal|average|avg|typical|ordinary|regular|usual|given|busy|quiet|slow|good|bad|calendar|week|school|market|trading|whole|full|solid) ?){0,2}"
_RATE = re.compile(
    rf"(?:\b(?:in |on |of |for )?(?:(?<!for )(?:an?|one)|pe?r|each|every|evry|any)(?: \w+ per)?\s+{_KIND_OF_DAY}|\bin (?:the )?(?=days?\b)|\bp/|(?P<slash>/)\s?(?:an? |per )?)(?P<window>{_WINDOW}|(?<=/)[hdwymsn]|{_DAYS_OF_WEEK})\b"
    r"(?! (?:ago|later|old|off|before|after|earlier|job|trip|trial|ahead|of\b|from now|long))(?!-)"
    r"|\b(?P<adverb>hourly|daily|nightly|weekly|fortnightly|monthly|yearly|annually|quarterly|overnight|rps|qps|rpm|pd|pw|pm)\b"
    r"|\b(?:in the |over the |the )?(?<!since )(?P<recent>(?:last|past|this|previous) (?:month|week|year|quarter)|yesterday)\b",
    re.IGNORECASE,
)
#: Windows that say nothing about a day: how long a shift or a season is, nobody knows.
_ODD_WINDOW = re.compile(
    r"\b(?:an?|per|each|every|this|last|in the|over the|during the)\s+(?:\w+ )?(?:shift|term|season|semester|campaign|sprint|event|session|lesson|decade|election|harvest|cycle|project|match|game|stay|visit)\b",
    re.IGNORECASE,
)
#: Words that end the reach of a rate that follows its number.
_APART = re.compile(
    r"[.;:!?\n]|,(?!\s*(?:each|every|per|a|on a|daily|weekly|monthly|hourly)\b)|\b(?:and|but|with|which|that|from|over|because|since|when|if)\b",
    re.IGNORECASE,
)
#: What may stand between a rate and the number after it: "per week it's some 25", "daily volume is around 40".
_FILLER = re.compile(
    r"^(?:[\s,:=~≈()-]|\b(?:we|i|they|it|it'?s|is|are|was|were|there|there'?s|get|gets|have|has|do|does|run|runs|see|handle|process|send|make|makes|receive|some|about|around|roughly|maybe|perhaps|approx\w*|volume|load|traffic|count|total|average|avg|number"
    r"|requests?|calls?|quer(?:y|ies)|tickets?|messages?|of|at|would|be|comes?|to|in|the|our|usually|normally|say|up|that'?s|that|makes|so|between|on|goes|go|through)\b)*$",
    re.IGNORECASE,
)
_SMALL_COUNT = rf"\d+|{'|'.join(_UNITS[1:])}|twenty|thirty"
_EVERY = re.compile(
    rf"\b(?:(?P<times>an?|once|one|{_SMALL_COUNT})(?P<noun>(?: (?!a\b)\w+){{0,2}}?)|(?P<verb>runs?|fires?|called|triggered|goes off|asks?(?: (?:it|him|her|us))?|comes? in|executes?)(?: \w+)?) every\s+(?P<count>{_SMALL_COUNT}|couple(?: of)?|few|other)\s+(?P<window>seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?)\b",
    re.IGNORECASE,
)
#: Names that carry a number: "GPT 4", "Llama 3.1", "rung 3", "type 2".
_NAME_BEFORE = re.compile(
    r"\b(?:gpt|llama|claude|gemini|gemma|mistral|mixtral|qwen|phi|sonnet|haiku|opus|version|iso|python|type|level|tier|section|rung|step|option|no\.|number|nr\.?|covid|windows|office|sap|channel|phase|class|grade|age[sd]?|article|chapter|room|page|figure|top|f1|scored?(?: of)?)[\s-]?$",
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(
    r"\b(?:in|since|until|till|by|before|after|from|of|during|year|mid|late|early|spring|summer|autumn|fall|winter|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|q[1-4]|through|back to)[\s-]$",
    re.IGNORECASE,
)
#: "that one", "the second one", "no one", "one of the": words, not counts.
_PRONOUN_BEFORE = re.compile(
    r"\b(?:the|this|that|which|any|no|each|every|another|other|following|next|last|first|second|big|small|new|old|right|wrong|good|better|best|cheaper|whole|single|former|latter|current|some|what|a)\s+(?:\w+ )?$",
    re.IGNORECASE,
)
_PRONOUN_AFTER = re.compile(
    r"(?:'s)?(?: \w+)? (?:is|was|has|takes?|of)\b|\s*(?:-|thing|day\b|guy|by one)", re.IGNORECASE
)
#: A stretch with more numbers than this is pasted data; what follows is left aside.
_MOST: Final = 100


@dataclass(frozen=True)
class Quantity:
    """A number in a text: `amount` as said, the span it stands in, the words just after it, and its rate a day.

    `rate_start` and `rate_end` span the rate's words, which may stand before the number. `recent` marks a rate that is a
    report of a past window ("last month"), `odd_window` a window whose length is unknown ("per shift")."""

    amount: Amount
    start: int
    end: int
    after: str
    before: str
    per_day: float | None = None
    rate_end: int | None = None
    rate_start: int | None = None
    window: str = ""
    recent: bool = False
    odd_window: bool = False

    @property
    def daily(self) -> Amount | None:
        """The amount a day; None when no rate was given."""
        return None if self.per_day is None else scaled(self.amount, self.per_day)


@lru_cache(maxsize=64)  # one reading asks for a text's quantities ten times over
def quantities(text: str) -> tuple[Quantity, ...]:
    """All quantities of a text, in order."""
    every = _every(text)
    found: list[Quantity] = []
    for match in _QUANTITY.finditer(text):
        start, end = match.span()
        if len(found) >= _MOST:
            break
        if any(e.start <= match.start("low") < e.end for e in every) or _part_of_a_name(
            text, match.start("low"), match.end("low"), match["high"] is not None
        ):
            continue
        amount = _amount(match, text[end : end + 20])
        if amount is None:
            continue
        start += len(match[0]) - len(match[0].lstrip())
        end -= len(match[0]) - len(match[0].rstrip())
        found.append(Quantity(amount, start, end, text[end : end + 60], text[max(0, start - 40) : start]))
    found = sorted(found + every, key=lambda q: q.start)
    rated: list[Quantity] = []
    for n, q in enumerate(found):
        stop = found[n + 1].start if n + 1 < len(found) else len(text)
        since = max((p.rate_end or p.end for p in rated), default=0)
        rated.append(q if q.per_day is not None else _with_rate(q, text, since, stop))
    return tuple(rated)


def scaled(amount: Amount, factor: float) -> Amount:
    return Amount(low=amount.low * factor, high=None if amount.high is None else amount.high * factor)


def _part_of_a_name(text: str, start: int, end: int, ranged: bool) -> bool:
    """ "GPT-4o", "v2", "H100", "Llama 3.1", "24/7", "in 2027", "9 am", "1 in 8", "that one": they count nothing."""
    before, word, after = text[max(0, start - 40) : start], text[start:end].strip(), text[end : end + 40]
    if word[:1].isdigit():
        if re.search(r"[A-Za-z_#]-?$|\^$|(?:^|\s)\.$|\d[.:,]$|24/$", before) or (
            _NAME_BEFORE.search(before) and re.fullmatch(r"[\d.,]+", word)
        ):
            return True
        if (
            not ranged
            and re.fullmatch(r"(?:19|20)\d\d", word)
            and (_YEAR_BEFORE.search(before) or re.match(r"s\b", after))
        ):
            return True
        if re.match(
            r"(?:st|nd|rd|th|o|b|x|s)\b|\^|\s?(?:/7\b|/\d|:\d\d|(?:am|o'?clock)\b)|[a-z]\d|-(?:shot|day|week|month|year|hour|minute|page|line|bit|person|man|step|point|digit|letter)\b",
            after,
            re.IGNORECASE,
        ):
            return True
        if re.search(r"\bat $", before) and re.match(
            r" (?:each|every|in the) \w+(?:ning|night|day)\b", after
        ):
            return True
        if re.match(r"\s?pm\b", after, re.IGNORECASE) and float(re.sub(r"[^\d]", "", word) or 0) <= 12:
            return True
    elif (
        word.lower() == "one"
        and not ranged
        and (_PRONOUN_BEFORE.search(before) or _PRONOUN_AFTER.match(after))
    ):
        return True
    if re.match(
        r"\s(?:of|in|out of|from)(?: (?:every|each|the))? (?:\d(?!\d{3}\b)|[a-z]*(?:ten|twenty|fifty|hundred|three|four|five)\b)",
        after,
        re.IGNORECASE,
    ):
        return True
    return bool(
        re.search(r"(?:\d|\b(?:one|two|three)) (?:of|in|out of)(?: every| the)? $", before, re.IGNORECASE)
    )


def _amount(match: re.Match[str], after: str) -> Amount | None:
    low = _bounds(match["low"])
    if low is None:
        return None
    high = _bounds(match["high"]) if match["high"] else None
    if high is not None and high.high is not None:
        # "5-10k", "two or three hundred": the scale belongs to both
        scale = _scale_of(match["high"])
        if _scale_of(match["low"]) == 1.0 and low.low * scale <= high.high and low.low < 1000:
            low = scaled(low, scale)
        if high.high >= low.low:
            return Amount(low=low.low, high=high.high)
    bound = (match["bound"] or "").strip().lower()
    if bound and re.fullmatch(_STRICTLY_UNDER, bound):
        return Amount(low=low.low * 0.5, high=low.high)
    if (
        (match["plus"] and match["plus"].strip() in {"+", "plus", "or more"})
        or (bound and re.fullmatch(_OVER, bound))
        or re.match(r"\s(?:and (?:up|counting)|upwards)\b", after)
    ):
        return Amount(low=low.low, high=None)
    return low


def _scale_of(text: str) -> float:
    unit = re.search(r"[a-z]+$", text.strip().lower())
    return _SCALES.get(unit[0], 1.0) if unit else 1.0


def _bounds(text: str) -> Amount | None:
    """The bounds of one number word or figure."""
    text = text.strip().lower()
    figure = re.fullmatch(rf"({_DIGITS})\s?([a-z]*)", text)
    if figure:
        number = _figure(figure[1])
        return Amount.exactly(number * _SCALES.get(figure[2], 1.0)) if number is not None else None
    if text in {"once", "twice", "thrice"}:
        return Amount.exactly({"once": 1, "twice": 2, "thrice": 3}[text])
    return _vague(text) or _spelled(text)


def _figure(text: str) -> float | None:
    """ "1,200", "1 200" and "1.200" are twelve hundred; "1.5" and "1,5" one and a half."""
    if re.fullmatch(r"\d{1,3}(?:[,'’ \u00a0\u202f]\d{2,3})+(?:\.\d+)?", text) and re.search(
        r"\d{3}(?:\.\d+)?$", text
    ):
        text = re.sub(r"[,'’ \u00a0\u202f]", "", text)
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+", text) and not text.startswith("0"):
        text = text.replace(".", "")  # continental thousands
    text = text.replace(",", ".")
    return float(text) if len(text) < 16 else None


_VAGUE_BOUNDS: Final[dict[str, tuple[float, float]]] = {
    "couple": (2, 2), "few": (2, 5), "several": (3, 9), "handful": (2, 20), "pair": (2, 2),
}  # fmt: skip
_LOOSE_BOUNDS: Final[dict[str, tuple[float, float]]] = {
    "tens": (20, 100), "dozens": (24, 100), "hundreds": (100, 1000), "thousands": (1e3, 1e4), "millions": (1e6, 1e7),
}  # fmt: skip


def _vague(text: str) -> Amount | None:
    words = re.sub(r"^(?:a small|a|many|some) ", "", text).replace(" of", "").split()
    if len(words) == 1 and words[0] in _LOOSE_BOUNDS:
        return Amount(low=_LOOSE_BOUNDS[words[0]][0], high=_LOOSE_BOUNDS[words[0]][1])
    if words[0] in ("tens", "hundreds") and len(words) == 2:
        tens = _SCALES[words[0]] * _SCALES[words[1]]
        return Amount(low=tens, high=10 * tens)
    if words[0] in _VAGUE_BOUNDS:
        scale = (
            _SCALES.get(words[1]) or _SCALES.get(words[1].removesuffix("s"), 1.0) if len(words) == 2 else 1.0
        )
        low, high = _VAGUE_BOUNDS[words[0]]
        return Amount(low=low * scale, high=high * scale)
    return None


def _spelled(text: str) -> Amount | None:
    """ "two hundred and fifty" → 250, "a dozen" → 12, "half a million", "one and a half thousand"."""
    total = current = last = 0.0
    seen = False
    for word in re.split(r"[ -]", text):
        if word in _SMALL_WORDS:
            current += _SMALL_WORDS[word]
            seen = True
        elif word == "half":
            if last >= 100:  # "a million and a half"
                total += 0.5 * last
            else:
                current += 0.5
        elif word in _SCALES:
            seen, last = True, _SCALES[word]
            if last >= 1000:
                total, current = total + (current or 1) * last, 0.0
            else:
                current = (current or 1) * last
    return Amount.exactly(total + current) if seen else None


def _with_rate(q: Quantity, text: str, since: int, stop: int) -> Quantity:
    """The quantity with the rate that follows it within a few words, or that stands before it: "200 tickets per day",
    "per week some 25". A rate belongs to the number next to it."""
    behind = _RATE.search(text, q.end, min(len(text), q.end + 70))
    odd = _ODD_WINDOW.search(text[q.end : min(stop, q.end + 50)])
    if behind and behind.start() < stop:
        between = text[q.end : behind.start()]
        apart = _APART.search(text, q.end)
        if (
            not (apart and apart.start() < behind.start())
            and len(between.split()) <= 6
            and not (odd and q.end + odd.start() < behind.start())
        ):
            return _rated(q, behind)
    if odd and not _APART.search(text[q.end : q.end + odd.start()]):
        return replace(q, odd_window=True)
    for ahead in reversed(list(_RATE.finditer(text, since, q.start))):
        if (
            _FILLER.match(text[ahead.end() : q.start])
            and not ahead["slash"]
            and not (ahead["adverb"] and "," in text[ahead.end() : q.start])
        ) or (
            ahead["slash"] and re.fullmatch(r"\W+(?:is |are |about |around )*", text[ahead.end() : q.start])
        ):
            return _rated(q, ahead)
        break
    if _ODD_WINDOW.search(text[max(since, q.start - 40) : q.start]):
        return replace(q, odd_window=True)
    return q


def _rated(q: Quantity, rate: re.Match[str]) -> Quantity:
    word = (rate["window"] or rate["adverb"] or rate["recent"].split()[-1]).lower()
    if re.fullmatch(_DAYS_OF_WEEK, word):
        window = "week"
    elif word == "yesterday":
        window = "day"
    else:
        window = _WINDOW_WORDS.get(word) or _WINDOW_WORDS.get(word.rstrip("s")) or "day"
    return replace(
        q,
        per_day=WINDOWS[window],
        rate_start=rate.start(),
        rate_end=max(rate.end(), q.end),
        window=window,
        recent=rate["recent"] is not None,
    )


def _every(text: str) -> list[Quantity]:
    """ "one every 5 minutes", "a ticket every other day", "runs every two hours": so often a window."""
    found: list[Quantity] = []
    for match in _EVERY.finditer(text):
        count = match["count"].lower()
        fewest, most = {"other": (2.0, 2.0), "few": _VAGUE_BOUNDS["few"]}.get(count) or (
            (2.0, 2.0) if count.startswith("couple") else (_number(count),) * 2
        )
        times = 1.0 if match["verb"] else _number((match["times"] or "one").lower())
        if fewest == 0:
            continue
        word = match["window"].lower().rstrip("s")
        window = _WINDOW_WORDS[word]
        amount = Amount(low=times / most, high=times / fewest)
        end = match.end()
        found.append(
            Quantity(
                amount,
                match.start(),
                end,
                text[end : end + 60],
                text[max(0, match.start() - 40) : match.start()],
                WINDOWS[window],
                end,
                match.start(),
                window,
            )
        )
    return found


def _number(word: str) -> float:
    return float(word) if word.isdigit() else _SMALL_WORDS.get(word, 1.0)
