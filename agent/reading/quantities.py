"""Numbers as people write them: "10k/day", "a couple thousand a month", "twice an hour", "~3M", "just me".

`quantities(text)` finds each with its bounds, where it stands, its unit word and its rate. What a number means is
decided elsewhere; here only how much, of what, and how often.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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

_UNITS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS: Final = {w: 10 * n for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_TENS["fourty"] = 40
_WORDS: Final[dict[str, float]] = {
    **{w: float(n) for n, w in enumerate(_UNITS)},
    **{w: float(n) for w, n in _TENS.items()},
    "dozen": 12.0,
    "hundred": 100.0,
    "thousand": 1000.0,
    "grand": 1000.0,
    "million": 1e6,
    "billion": 1e9,
    "lakh": 1e5,
    "crore": 1e7,
}
_SCALES: Final = {
    "k": 1e3, "thousand": 1e3, "thousands": 1e3, "thou": 1e3, "grand": 1e3, "hundred": 100.0, "hundreds": 100.0,
    "m": 1e6, "mm": 1e6, "mil": 1e6, "mill": 1e6, "mio": 1e6, "mln": 1e6, "million": 1e6, "millions": 1e6,
    "b": 1e9, "bn": 1e9, "billion": 1e9, "lakh": 1e5, "lakhs": 1e5, "crore": 1e7, "dozen": 12.0, "dozens": 12.0,
}  # fmt: skip

_DIGITS = r"\d{1,3}(?:[,'’ ]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?"
_SCALE = r"(?:\s?(?:k|thousands?|thou|mm|mil|mill|mio|mln|millions?|bn|billion|lakhs?|crore|m|b)\b|\s(?:hundred|grand|dozen)\b)"
_WORD = "|".join(sorted((w for w in _WORDS), key=len, reverse=True))
_SPELLED = rf"(?:half an? (?:million|thousand|dozen|hundred)|an? (?:hundred|thousand|million|dozen)|(?:{_WORD})(?:[ -](?:and )?(?:{_WORD}))*)"
_VAGUE = (
    r"(?:a )?couple (?:of )?(?:hundred|thousand|dozen|million|k)s?|(?:a )?few (?:hundred|thousand|dozen|million|k)s?"
    r"|several (?:hundred|thousand|dozen|million)s?|(?:many )?(?:tens|hundreds) of (?:thousands|millions)"
    r"|(?:many )?(?:hundreds|thousands|dozens|millions|tens)"
    r"|a couple(?: of)?|a handful|a few|several|a pair|once|twice|thrice"
)
_ONE = rf"(?:(?:{_DIGITS}){_SCALE}?|\b(?:{_SPELLED})\b|\b(?:{_VAGUE})\b)"
_APPROX = r"(?:~|≈|about|around|roughly|approx(?:imately)?\.?|circa|ca\.?|maybe|perhaps|some|say|like|close to|nearly|almost|just|only)\s*"
_QUANTITY = re.compile(
    rf"(?P<bound>\b(?:more than|over|above|at least|upwards of|north of|min(?:imum)?(?: of)?|less than|fewer than|under|below|up to|at most|max(?:imum)?(?: of)?|not (?:even|more than))\s+|[<>]\s?)?"
    rf"(?P<approx>{_APPROX})*"
    rf"(?:(?P<range>between|from)\s+)?(?P<low>{_ONE})"
    rf"(?:\s?(?:-|–|—|to|or|and(?=\s*\d)|maybe)\s?(?:{_APPROX})?(?P<high>{_ONE}))?"
    rf"(?P<plus>\s?\+|\s?ish\b|-ish\b| plus\b| or (?:so|more|less)\b)?",
    re.IGNORECASE,
)
_WINDOW = r"second|minute|hour|day|night|evening|morning|week|fortnight|month|quarter|year|annum"
_ABBREVIATED = {
    "sec": "second", "s": "second", "min": "minute", "mins": "minute", "m": "minute", "hr": "hour", "hrs": "hour", "h": "hour",
    "d": "day", "wk": "week", "w": "week", "mo": "month", "mth": "month", "mnth": "month", "yr": "year", "y": "year",
    "annum": "year", "night": "day", "nite": "day", "evening": "day", "morning": "day", "weekday": "day", "workday": "day",
}  # fmt: skip
_RATE = re.compile(
    rf"(?:(?:/|\ba\b|\ban\b|\bper\b|\bp\b\.?/?|\beach\b|\bevery\b|\bin an?\b|\bin one\b|\bevry\b)\s?(?:single |working |business |week|work|normal |average |busy |good )?(?P<window>{_WINDOW}|sec|min|hrs?|wk|mo|mth|mnth|yr|nite|weekday|workday|[hdwy])s?\b"
    r"|\b(?P<adverb>hourly|daily|nightly|weekly|monthly|yearly|annually|quarterly)\b|\b(?P<short>rps|qps|rpm|pd|pm|pw)\b|(?P<over>\bovernight\b))",
    re.IGNORECASE,
)
_EVERY = re.compile(
    rf"\b(?:once )?every\s+(?:(?P<count>\d+|{'|'.join(_UNITS[2:13])}|couple(?: of)?|few|other)\s+)?(?P<window>seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?)\b",
    re.IGNORECASE,
)
_ADVERBS = {"hourly": "hour", "daily": "day", "nightly": "day", "weekly": "week", "monthly": "month", "yearly": "year", "annually": "year", "quarterly": "quarter"}
_SHORT = {"rps": "second", "qps": "second", "rpm": "minute", "pd": "day", "pm": "month", "pw": "week"}


@dataclass(frozen=True)
class Quantity:
    """A number in a text: `amount` as said, the span it stands in, the words just after it, and its rate a day."""

    amount: Amount
    start: int
    end: int
    after: str
    before: str
    per_day: float | None = None
    rate_end: int | None = None

    @property
    def daily(self) -> Amount | None:
        """The amount a day; None when no rate was given."""
        return None if self.per_day is None else scaled(self.amount, self.per_day)


def quantities(text: str) -> list[Quantity]:
    """All quantities of a text, in order."""
    found: list[Quantity] = []
    for match in _QUANTITY.finditer(text):
        start, end = match.span()
        if _part_of_a_name(text, match.start("low"), end):
            continue
        amount = _amount(match)
        if amount is None:
            continue
        start += len(match[0]) - len(match[0].lstrip())
        end -= len(match[0]) - len(match[0].rstrip())
        after = text[end : end + 60]
        per_day, rate_end = _rate(after, end)
        found.append(Quantity(amount, start, end, after, text[max(0, start - 40) : start], per_day, rate_end))
    every = _every(text)
    found = [q for q in found if not any(e.start <= q.start < e.end for e in every)]
    return sorted(found + every, key=lambda q: q.start)


def scaled(amount: Amount, factor: float) -> Amount:
    return Amount(low=amount.low * factor, high=None if amount.high is None else amount.high * factor)


def _part_of_a_name(text: str, start: int, end: int) -> bool:
    """ "GPT-4o", "v2", "H100", "Llama 3.1", "24/7": digits that count nothing."""
    if re.search(r"[A-Za-z_#]-?$", text[:start]) and text[start : start + 1].isdigit():
        return True
    if re.search(r"(?:gpt|llama|claude|gemini|mistral|qwen|phi|sonnet|haiku|opus|version|iso|python|type|level|tier|section|rung|step|option|no\.?|number|covid|windows|office|sap|s)[\s-]?$", text[:start], re.IGNORECASE) and re.fullmatch(r"[\d.,]+", text[start:end].strip()):
        return True
    if re.match(r"(?:st|nd|rd|th|o|b|B|x)\b", text[end:]) and text[end - 1 : end].isdigit():
        return True
    return bool(re.match(r"\s?(?:/7\b|:\d\d)", text[end:])) or text[:start].endswith("24/")


def _amount(match: re.Match[str]) -> Amount | None:
    low = _bounds(match["low"])
    if low is None:
        return None
    if match["high"]:
        high = _bounds(match["high"])
        if high is not None:
            # "5-10k": the scale belongs to both
            if low.high is not None and high.high is not None and low.high < 1000 <= high.high and re.fullmatch(r"[\d.,]+", match["low"].strip()):
                scale = _scale_of(match["high"])
                low = scaled(low, scale) if low.low * scale <= high.low else low
            if high.high is None or high.high >= low.low:
                return Amount(low=low.low, high=high.high)
    bound = (match["bound"] or "").strip().lower()
    if bound in {"less than", "fewer than", "under", "below", "up to", "at most", "max", "maximum", "max of", "maximum of", "<", "not even", "not more than"}:
        return Amount(low=0 if low.low <= 1 else min(low.low, low.low * 0.5), high=low.high)
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
    half = re.fullmatch(r"half an? (\w+)", text)
    if half:
        return Amount.exactly(_WORDS[half[1]] / 2)
    vague = _vague(text)
    if vague:
        return vague
    return _spelled(text)


def _figure(text: str) -> float | None:
    """ "1,200" and "1 200" are twelve hundred; "1.5" and "1,5" one and a half."""
    if re.fullmatch(r"\d{1,3}(?:[,'’ ]\d{3})+(?:\.\d+)?", text):
        text = re.sub(r"[,'’ ]", "", text)
    elif re.fullmatch(r"\d{1,3}\.\d{3}", text) and not text.startswith("0"):
        text = text.replace(".", "")  # continental thousands
    text = text.replace(",", ".")
    return float(text) if len(text) < 16 else None


_VAGUE_BOUNDS: Final[dict[str, tuple[float, float]]] = {
    "couple": (2, 2), "few": (2, 5), "several": (3, 9), "handful": (2, 20), "pair": (2, 2),
}  # fmt: skip


def _vague(text: str) -> Amount | None:
    words = re.sub(r"^a |^many ", "", text).replace(" of", "").split()
    scale = 1.0
    if len(words) == 2 and words[0] in ("tens", "hundreds"):
        return Amount(low=(10 if words[0] == "tens" else 100) * _SCALES[words[1]], high=(100 if words[0] == "tens" else 1000) * _SCALES[words[1]])
    if len(words) == 1 and words[0] in ("hundreds", "thousands", "millions", "dozens", "tens"):
        unit = {"dozens": 24.0, "tens": 20.0, "hundreds": 100.0, "thousands": 1e3, "millions": 1e6}[words[0]]
        return Amount(low=unit, high=100 if unit < 100 else unit * 10)
    if len(words) == 2:
        scale = _SCALES.get(words[1].removesuffix("s") if words[1] not in _SCALES else words[1], 0.0)
    if words and words[0] in _VAGUE_BOUNDS and scale:
        low, high = _VAGUE_BOUNDS[words[0]]
        return Amount(low=low * scale, high=high * scale)
    return None


def _spelled(text: str) -> Amount | None:
    """ "two hundred and fifty" → 250, "a dozen" → 12."""
    total = current = 0.0
    seen = False
    for word in re.split(r"[ -]", text):
        if word in ("a", "an"):
            current = max(current, 0.0)
        elif word in _WORDS:
            seen = True
            value = _WORDS[word]
            if value >= 1000:
                total += (current or 1) * value
                current = 0.0
            elif value in (100.0, 12.0) and word in ("hundred", "dozen"):
                current = (current or 1) * value
            else:
                current += value
    return Amount.exactly(total + current) if seen else None


def _rate(after: str, end: int) -> tuple[float | None, int | None]:
    """The rate that follows a number, within a few words: "200 tickets per day", "30 or so every week"."""
    for match in _RATE.finditer(after):
        if re.search(r"[.;:!?\n]|,(?!\s*(?:each|every|per|a)\b)|\b(?:and|but|with|which|that|from|over)\b", after[: match.start()]):
            return None, None
        if len(after[: match.start()].split()) > 5:
            return None, None
        window = match["window"] or _ADVERBS.get((match["adverb"] or "").lower()) or _SHORT.get((match["short"] or "").lower()) or "day"
        window = window.lower()
        window = _ABBREVIATED.get(window, window)
        return WINDOWS[window], end + match.end()
    return None, None


def _every(text: str) -> list[Quantity]:
    """ "every 5 minutes", "one every other day": once a window."""
    found: list[Quantity] = []
    for match in _EVERY.finditer(text):
        count = (match["count"] or "1").lower()
        number = float(count) if count.isdigit() else {"other": 2.0, "few": 3.0}.get(count) or (2.0 if count.startswith("couple") else _WORDS.get(count, 1.0))
        if number == 0 or (match["count"] is None and not match[0].lower().startswith("once")):
            continue
        word = match["window"].lower()
        window = _ABBREVIATED.get(word.rstrip("s") if word.rstrip("s") in _ABBREVIATED else word, word.rstrip("s"))
        found.append(
            Quantity(Amount.exactly(1), match.start(), match.end(), text[match.end() : match.end() + 60], text[max(0, match.start() - 40) : match.start()], WINDOWS[window] / number, match.end())
        )
    return found
