"""The rung that somebody asks the way to: "what would it take to get to 4?", "when would fine-tuning make sense for us?".

Told by two things together: words that ask for conditions or for a way, and a rung named as where it leads. A question
about a rung ("how does fine-tuning work?"), an order of work ("how do we fine-tune?") and a number that is no rung ("how
do we get to 4,000 calls?") are something else.
"""

from __future__ import annotations

import re
from typing import Final

from agent.rubric import RUNGS, Rung

#: Longer than this is a story, not a question.
LONGEST: Final = 160

_NAMED: Final[tuple[tuple[Rung, str], ...]] = (
    (4, r"fine-?\s?tun(?:e|ing|ed)|train(?:ing)?(?: (?:a|our own|the) model)?|lora|step four"),
    (3, r"rag|retrieval|(?:a )?lookup|step three"),
    (2, r"few-?\s?shot(?: prompt(?:ing|s)?)?|step two"),
    (1, r"(?:a )?structured prompt(?:ing|s)?|step one"),
)
_NUMBER: Final = {"1": 1, "2": 2, "3": 3, "4": 4, "one": 1, "two": 2, "three": 3, "four": 4}
#: A bare number only where it can be nothing else: at the end, or before what closes the question.
_RUNG: Final = (
    r"(?:(?:the )?(?:rung|level|step) (?P<rung>[1-4]|one|two|three|four)(?![\d.,]*\d)|(?:the )?(?P<top>top|last|highest) rung"
    r"|(?P<bare>[1-4]|four)(?=\W*$|(?:,| then| from here| here| for us| in our case)(?!\d))"
    + "".join(rf"|(?P<name{rung}>(?:{words})\b)" for rung, words in _NAMED)
    + r")"
)
_LEAD: Final = r"^\W*(?:(?:ok|okay|so|and|but|well|hm+|then|now|right|thanks|great|please|tell me|just|fine)\b[\s,.:;-]*)*"
_US: Final = r"(?:we|us|i|you|they|one|our (?:team|case|bot|project))"
_GET: Final = r"(?:get|reach|arrive|go|move|climb|come|advance|progress|make it|jump)"
_FOR: Final = (
    r"(?:(?:the |a |to |for |up to |on to |as far as |all the way to |be (?:at |on )?|use |do |try |start )*)"
)
_SENSE: Final = r"(?:make|makes|making) (?:any )?sense|pay off|be (?:worth(?: it| while|while)?|right|justified|the (?:right|next) \w+|an option|on the table|advised|recommended|ready)"
_WOULD: Final = r"(?:would|will|could|can|might|should|does|is|do)"

_ASKS: Final = tuple(
    re.compile(_LEAD + pattern, re.IGNORECASE)
    for pattern in (
        # what would it take to get to 4
        rf"what (?:would|will|does|did|do|could) (?:it|that|{_US}) (?:take|need|require|have to (?:do|change))\b[^?]{{0,25}}?\b(?:to|for)\s+(?:(?:{_US} )?(?:to )?{_GET} )?(?:us )?(?:there, )?{_FOR}{_RUNG}",
        rf"what (?:do|would|must|should|can|could|else do|else would) {_US} (?:still )?(?:need|do|change|have to (?:do|change|have|show)|miss|lack|be missing|have)\b[^?]{{0,25}}?\b(?:for|to)\s+(?:be (?:ready|fit) (?:for|to) )?(?:{_GET} )?{_FOR}{_RUNG}",
        # how do we get to rung 3
        rf"how (?:do|can|could|would|might|should|to|will|soon can) ?{_US}? ?(?:ever |still |possibly )?(?:{_GET}|reach|arrive|qualify|unlock|justify|earn)\s+(?:(?:up|on|over) )?(?:to |at |for )?{_FOR}{_RUNG}",
        rf"how (?:far|close|near)\b[^?]{{0,20}}\b(?:from|to)\s+{_FOR}{_RUNG}",
        # when would fine-tuning make sense for us
        rf"(?:when|under (?:what|which) (?:conditions|circumstances)|in (?:what|which) case|at (?:what|which) point|from when) (?:would|will|could|can|might|should) {_FOR}{_RUNG}\b[^?]{{0,20}}\b(?:{_SENSE})\b",
        rf"(?:when|under (?:what|which) (?:conditions|circumstances)|at (?:what|which) point) (?:does|do|is) {_FOR}{_RUNG}\b[^?]{{0,20}}\b(?:{_SENSE})\b[^?]{{0,12}}\b(?:for (?:us|me)|for our|in our case|here)\b",
        rf"(?:when|under (?:what|which) (?:conditions|circumstances)|at (?:what|which) point|if what) (?:would|should|could|can|may|will|do) {_US} (?:\w+ )?(?:advise|recommend|suggest|say|choose|pick|consider|allow|{_GET}(?: to)?|be (?:ready|fit) (?:for|to))\s*{_FOR}{_RUNG}",
        rf"(?:when|under (?:what|which) (?:conditions|circumstances)) (?:would|should|could|can|may|will) (?:we|i) (?:{_FOR}){_RUNG}\W*$",
        # what is missing for 4, what stands between us and RAG, what would unlock it
        rf"what(?:'?s| is| are we| do we)? (?:still |else )?(?:missing|lacking|needed|required|necessary)\b[^?]{{0,20}}?\b(?:for|to|before)\s+(?:(?:{_US} )?{_GET} )?{_FOR}{_RUNG}",
        rf"what (?:stands|lies|is standing|else stands|is) between (?:us|me|our \w+) and {_FOR}{_RUNG}",
        rf"what (?:would|could|must|might|should|else would|has to|needs to|will)(?: have to| need to)? (?:change|happen|be (?:true|different|the case|so|met))\b[^?]{{0,30}}?\b(?:for|to|before|so that|until)\s+(?:you (?:to )?(?:recommend|advise|say|suggest)? ?|it (?:to be|is|becomes) |(?:we|us) (?:to |can |could |should )?(?:{_GET} )?(?:to )?|the (?:advice|answer|verdict) (?:to be|is|becomes) )?{_FOR}{_RUNG}",
        rf"what (?:would|could|might|will) (?:unlock|open(?: up)?|justify|make (?:you (?:\w+ )?(?:recommend|advise|say|suggest|choose|pick)|it|the (?:advice|verdict|answer)|us ready for|a case for)|get us to|bring us to|take us to|lead to|tip it to|move (?:us|it|you) to)\s+{_FOR}{_RUNG}",
        rf"(?:what|which) (?:are the |(?:conditions|gates|requirements|criteria)[^?]{{0,30}})(?:conditions|gates|requirements|criteria)?[^?]{{0,30}}?\b(?:for|to|before|at|of)\s+(?:{_GET} )?{_FOR}{_RUNG}",
        rf"(?:what|which|how many) (?:gates|conditions) (?:are|stay|remain|is) (?:still )?(?:closed|open|left|unmet)[^?]{{0,20}}\b(?:for|to|before|at|of)\s+{_FOR}{_RUNG}",
        rf"(?:could|can|would|will|might|should) (?:we|i) ever (?:{_GET} )?(?:to )?{_FOR}{_RUNG}",
        rf"(?:is there (?:a|any) way|any way|(?:what|which)(?:'?s| is) the (?:\w+ )?(?:way|path|route|road))\b[^?]{{0,20}}?\bto\s+(?:(?:{_GET}|reach) )?(?:to )?{_FOR}{_RUNG}",
        rf"(?:(?:i|we) (?:want|would like|need|hope|plan) to|how to|help us(?: to)?|let'?s) (?:{_GET} to|reach|qualify for)\s+{_FOR}{_RUNG}[^?]{{0,20}}(?:what|how|when)\b",
    )
)
#: What follows the name makes it a subject, not a place to get to: "the cost of fine-tuning", "a fine-tuned model's API".
_SUBJECT: Final = re.compile(
    r"^[\s-]*(?:%|k\b|(?:data|dataset|examples?|jobs?|runs?|api|cost|price|budget|time|calls?|mails?|tickets?|pages?|days?|weeks?|people|percent|million|llama|gpt\S*|mistral|gemma|qwen|claude|an? \w+|the \w+|on|with|using)\b)",
    re.IGNORECASE,
)


def wanted_rung(text: str) -> Rung | None:
    """The rung whose conditions the message asks for; None when it asks for something else."""
    said = re.sub(r"\s+", " ", text.replace("’", "'")).strip()
    if len(said) > LONGEST:
        return None
    for pattern in _ASKS:
        match = pattern.match(said)
        if match and not _SUBJECT.match(said[_end(match) :]):
            return _rung(match)
    return None


def rung_named(text: str) -> Rung | None:
    """The rung that is named and nothing else: "4", "rung 3", "fine-tuning"."""
    match = re.fullmatch(_RUNG, text.strip(), re.IGNORECASE)
    return None if match is None else _rung(match)


def _end(match: re.Match[str]) -> int:
    return max(match.end(name) for name, found in match.groupdict().items() if found)


def _rung(match: re.Match[str]) -> Rung:
    if match["top"]:
        return 4
    number = match["rung"] or match["bare"]
    if number:
        return RUNGS[_NUMBER[number.lower()] - 1]
    return next(rung for rung, _ in _NAMED if match[f"name{rung}"])
