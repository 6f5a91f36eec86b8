"""A message in clauses, each marked for what keeps its words from being facts: hearsay, plans, suppositions, questions,
other people's systems, and how things used to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

#: Where a clause ends: sentence ends, line ends, and the words that turn to another thought.
_BREAK: Final = re.compile(
    r"(?<=[.!?;…])(?:[\"')\]]*)\s+|\n+|;\s*|\s+[-–—]{1,2}\s+"
    r"|,?\s+(?=(?:but|however|though|although|whereas|because|cuz|coz|yet|except)\b)"
    r"|,\s+(?=(?:and|so|we|i|it|its|it's|they|there|no|not|the|our|my|which|if|then|now|just|still|only|nothing|also|plus|with|without)\b)"
    r"|\s+(?=and\s+(?:we|i|it|its|it's|they|there|the|our|my|no|now|then|still|have|has|is|are|has)\b)"
    r"|:\s+|,\s+(?=\w+ (?:is|are|was|has|have|keeps?|comes?)\b)",
    re.IGNORECASE,
)

_ADVISERS: Final = (
    r"(?:vendor|consultant|consultancy|agency|boss|manager|management|leadership|director|cto|ceo|coo|cfo|cio|vp|chief|head of \w+|board|investors?"
    r"|colleague|coworker|co-worker|friend|mate|cousin|brother|sister|husband|wife|nephew|someone|somebody|everyone|everybody|people|folks|they|he|she|guy|sales(?: rep| guy| person| people)?"
    r"|twitter|reddit|linkedin|youtube|blogs?|article|podcast|influencer|chatgpt|the internet|supplier|contractor|freelancer|partner|it (?:dept|department)|data scientists?|dev team|engineers?)"
)
_HEARSAY: Final = re.compile(
    rf"\b{_ADVISERS}\b[^.,;]{{0,30}}?\b(?:says?|said|saying|told|tells|insists?|insisted|recommends?|recommended|suggests?|suggested|claims?|claimed|thinks?|thought"
    r"|reckons?|believes?|wants?|wanted|keeps? (?:saying|telling|pushing|asking|on)|pushes|pushing|swears?|advised?|advises|promised?|promises|mentioned|is (?:convinced|sure|obsessed|dead set|keen|pushing)|wishes|dreams?|would (?:like|love)|heard|asks?|demands?|pitched|pitching|quoted)\b"
    r"|\b(?:i|we)(?:'ve| have)? (?:read|heard|saw|seen)\b|\bapparently\b|\baccording to\b|\bsupposedly\b|\ballegedly\b|\brumou?r\b|\bword is\b|\bi was told\b|\bwe were told\b|\bwe got told\b|\bsomeone(?:'s| is) telling\b",
    re.IGNORECASE,
)
_PLAN: Final = re.compile(
    r"\b(?:will|we'll|i'll|wil|gonna|going to|plan(?:s|ned)? (?:to|on|is)|planning (?:to|on)|intend(?:s|ing)? to|hop(?:e|ing) to|want to|wanna|would like to|'d like to|looking to|aim(?:ing)? to"
    r"|consider(?:ing|ed)?|thinking (?:of|about)|about to|may(?:be)? (?:we'll|add|try)|might|could|should be able|someday|eventually|next (?:month|quarter|year|sprint)|in the future|down the (?:line|road)|later (?:this|on)|on (?:the|our) roadmap"
    r"|supposed to|scheduled|tbd|once we|when we (?:have|get|launch|go)|soon)\b",
    re.IGNORECASE,
)
_SUPPOSED: Final = re.compile(
    r"\b(?:if (?:we|i|it|the|our|you|they|there|only)|what if|suppos(?:e|ing)|imagine|let'?s say|say we|say i|assuming|hypothetically|would (?:it|that|this|we|you)|had we|were we|unless|provided (?:that|we))\b",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(
    r"\b(?:(?:a|my|our|some|one of (?:our|my)) (?:friend|mate|competitor|rival|neighbou?r|peer|cousin|brother|sister)s?(?:'s|')?\b|another (?:team|department|company|firm|group|startup|shop|clinic|branch)|other (?:teams?|departments?|companies|firms|people|vendors)|competitors?\b|rivals?\b|sister company|a different (?:team|company|department)|(?:my|our) (?:old|previous|former|last) (?:job|company|employer|team|place))",
    re.IGNORECASE,
)
_PAST: Final = re.compile(
    r"\b(?:used to|previously|formerly|back then|at (?:first|the beginning)|originally|once upon|in the past|(?:last|a) (?:year|month|quarter|spring|summer|autumn|winter|fall) (?:ago )?(?:we|it|the)|years ago|months ago|before (?:that|we)|the old (?:system|bot|model|version|one)|no longer|not any ?more|anymore)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Clause:
    """A stretch of the message and its marks."""

    text: str
    start: int
    hearsay: bool = False
    plan: bool = False
    supposed: bool = False
    question: bool = False
    others: bool = False
    past: bool = False

    @property
    def factual(self) -> bool:
        """May its words be taken as how things are with this person now?"""
        return not (self.hearsay or self.plan or self.supposed or self.others or self.past or self.question)


def clauses(text: str) -> list[Clause]:
    """The message's clauses, in order, with their marks. A supposition marks the clauses after it in its sentence."""
    found: list[Clause] = []
    start = 0
    bounds = [(m.start(), m.end()) for m in _BREAK.finditer(text)] + [(len(text), len(text))]
    supposed = others = False
    for end, after in bounds:
        piece = text[start:end]
        body = piece.strip()
        if body:
            opens_sentence = not found or bool(re.search(r"[.!?;\n]\s*$", text[:start].rstrip(" ") if start else "."))
            if opens_sentence:
                supposed = others = False
            supposed = supposed or bool(_SUPPOSED.search(body))
            others = others or bool(_OTHERS.search(body))
            found.append(
                Clause(
                    text=body,
                    start=start + len(piece) - len(piece.lstrip()),
                    hearsay=bool(_HEARSAY.search(body)),
                    plan=bool(_PLAN.search(body)),
                    supposed=supposed,
                    question=body.endswith("?"),
                    others=others,
                    past=bool(_PAST.search(body)),
                )
            )
        start = after
    return found
