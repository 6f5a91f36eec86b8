"""A message in clauses, each marked for what keeps its words from being facts: hearsay, plans, suppositions, questions,
other people's systems, and how things used to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NOW: Final = r"(?:right now|at the moment|for the moment|for now|at present|currently|today|nowadays|these days|since|lately)"
#: Where a clause ends: sentence ends, line ends, and the words that turn to another thought.
_BREAK: Final = re.compile(
    r"(?<=[.!?;…])(?:[\"')\]]*)\s+|\n+|;\s*|\s+[-–—]{1,2}\s+"
    r"|,?\s+(?=(?:but|however|though|although|whereas|because|cuz|coz|yet|except)\b)"
    r"|,\s+(?=(?:and|so|we|i|it|its|it's|they|there|no|not|the|our|my|which|if|then|now|just|still|only|nothing|also|plus|with|without|as|answers?|outputs?|replies|responses?|should be)\b)"
    rf"|,\s+(?={_NOW}\b)"
    r"|\s+(?=and\s+(?:we|i|it|its|it's|they|there|the|our|my|no|now|then|still|have|has|is|are|has|will)\b)"
    r"|:\s+(?!(?:about |around |roughly |some )?[~<>]?\d)|,\s+(?=\w+ (?:is|are|was|has|have|keeps?|comes?)\b)"
    r"|,\s+(?=(?:an?|some|this|that|these|those|your|their|his|her) (?:[\w'-]+ ){1,2}(?:is|are|was|were|has|have|will|keeps?|comes?|says?|wants?|thinks?)\b)",
    re.IGNORECASE,
)

#: What an adviser advises: without it, "they say it's too stiff" tells how the outputs are, and that is a fact.
_METHOD: Final = re.compile(
    r"\b(?:should|shouldn't|ought|needs? to|must|have to|fine-?\s?tun\w*|(?:re)?train\w*|lora|rag|retrieval|vector|embedd?ing\w*|few-?shot|prompt(?:ing|s| engineering)?|plenty|enough|better off|bigger|smaller|the (?:way|answer|future)|llms?|agents?|swears? by|examples?)\b",
    re.IGNORECASE,
)
_OUTSIDE: Final = (
    r"(?:vendors?|consultants?|consultancy|agency|investors?|friends?|mate|pal|buddy|cousin|brother|sister|husband|wife|nephew|(?:one|another|some|this|that|a) (?:guy|bloke|person)|sales(?: rep| guy| person| people)"
    r"|twitter|reddit|linkedin|youtube|blogs?|articles?|podcasts?|webinar|influencers?|chatgpt|(?:the )?internet|suppliers?|contractors?|freelancers?|integrators?|(?:the )?(?:next|other) one|a third one)"
)
_INSIDE: Final = (
    r"(?:boss|manager|management|leadership|director|cto|ceo|coo|cfo|cio|vp|chief|head of \w+|board|colleagues?|coworkers?|co-workers?|partner|it (?:dept|department)|dev team|data scientists?|engineers?|team lead"
    r"|someone|somebody|everyone|everybody|people|folks|they|he|she)"
)
_SAYS: Final = (
    r"(?:says?|said|saying|tells?|told (?:me|us)|insists?|insisted|recommends?|recommended|suggests?|suggested|claims?|claimed|thinks?|thought|reckons?|believes?|swears?|advised?|advises|promised?|promises|mentioned|pitched|pitching|quoted"
    r"|keeps? (?:saying|telling|pushing|asking|on)|pushes|pushing|(?:is|are) (?:convinced|sure|obsessed|dead set|keen|pushing|right in saying))"
)
_WISHES: Final = r"(?:wants?|wanted|wishes|dreams?|dreaming|demands?|would (?:like|love)|asks? for)"
_TOLD: Final = re.compile(rf"\b{_OUTSIDE}\b[^.,;]{{0,30}}?\b(?:{_SAYS}|{_WISHES})\b", re.IGNORECASE)
_TOLD_INSIDE: Final = re.compile(
    rf"\b{_INSIDE}\b(?: \w+){{0,3}}? (?:{_SAYS}|{_WISHES})\b|\b(?:i|we|people) (?:was|were|have been|got) told\b|\bsomeone(?:'s| is) telling\b|\bapparently\b|\bsupposedly\b|\ballegedly\b|\brumou?r\b|\bword is\b",
    re.IGNORECASE,
)
#: A wish of a named superior or department is theirs whatever it is about.
_WISHED_INSIDE: Final = re.compile(
    rf"\b(?:boss|manager|management|leadership|director|c[te]o|coo|c[fi]o|vp|board|marketing|sales|colleagues?|coworkers?|someone|somebody|everyone)\b(?: \w+){{0,4}}? (?:(?:is|are|was) )?{_WISHES}\b",
    re.IGNORECASE,
)
_READ: Final = re.compile(
    rf"\b(?:i|we)(?:'ve| have)? (?:heard|(?:read|saw|seen) (?:that\b|about\b|somewhere|online|(?:on|in) (?:the |a |an )?\w+|(?:a|an|some|this) (?:\w+ )?(?:articles?|posts?|blogs?|videos?|talks?|papers?|threads?)))|^\W*heard (?:from|that|about)\b|\bi(?:'ve| have)? read\W*$|\baccording to (?:\w+ ){{0,3}}?{_OUTSIDE}\b",
    re.IGNORECASE,
)

#: First-person intent. "Farmers want to ask", "it could be better", "it will invent names" tell how things are.
_PLAN: Final = re.compile(
    r"(?:^\W*(?:(?:and|so|but|also|plus|then|next)\W+)*|\b(?:we|i|we'd|i'd|they|you|and|only|just|really|still|do|don't) |\b(?:we|i)(?: all| both| really| just| only| do| also| would)+ )(?:want|wanna|wish|hope|hoping|intend|plan|aim|would like|'d like|like) (?:to|on)\b|\b(?:we|i)'d (?:want|like|love) to\b"
    r"|\b(?:we|i|one) (?:could|might|may)\b(?!n't| not| have\b)"
    r"|\b(?:gonna|going to|planned (?:to|for|is)|planning (?:to|on)|intend(?:s|ing)? to|hoping to|looking to|aiming to|consider(?:ing|ed)?|thinking (?:of|about)|about to|should be able|someday|eventually)\b"
    r"|\bmaybe (?:we'll|add|try)\b|\b(?:will|wil|we'll|i'll|they'll|it'll|there'll)\b(?! (?:not )?(?:know|sometimes|often|just|happily|also|still|say|make|give|invent|tell))"
    r"|\bnext (?:month|quarter|year|sprint)\b|\bin the future\b|\bdown the (?:line|road)\b|\blater (?:this|on)\b|\bon (?:the|our) roadmap\b|\b(?:is|are|am|was|were|'s|'re) supposed to (?!be\b)|\bscheduled\b|\b(?:we|i|i'm|we're|are|am) expect(?:ing)?\b|\btbd\b|\bonce we\b|\bwhen we (?:have|get|launch|go)\b|\bsoon\b",
    re.IGNORECASE,
)

_IF: Final = re.compile(
    r"(?<!as )(?<!\bsee )(?<!know )(?<!check )(?<!matter )(?<!matters )(?<!wonder )(?<!ask )(?<!sure )\bif\b(?! (?:you (?:must|want|need|ask|like|insist|will|prefer|count)|any\b|at all|not\b|so\b|possible|that helps))",
    re.IGNORECASE,
)
_IF_PERSON: Final = re.compile(r"\bif (?:we|i|you|they|there|only|one)\b", re.IGNORECASE)
_UNREAL: Final = re.compile(
    r"\b(?:would|could|had|were|might|ever|will|we'll|should)\b|'(?:d|ll)\b", re.IGNORECASE
)
_SUPPOSED: Final = re.compile(
    r"\bwhat if\b|\bsuppos(?:e|ing) (?:we|i|that|it|the|you|there)\b|(?:^|\W)imagine (?:we|i|that|if|there|it|the|having)\b|\blet'?s (?:say|imagine|assume|pretend) (?:we|i|it|the|that|there|our)\b|^\W*say (?:we|i)\b|\bassuming (?:we|i|that|it|the)\b|\bhypothetically\b|\bi bet\b|\bfears? (?:that )?(?:it|the|we|they)\b"
    r"|\bwould (?:it|that|this|we)\b|^\W*(?:had|were) we\b|\bunless (?!you (?:count|want|must))|\bprovided (?:that|we)\b",
    re.IGNORECASE,
)
#: Back from a supposition to how it is: "… but there isn't one".
_REAL_AGAIN: Final = re.compile(rf"^\W*(?:but|however|though|yet|so no\b|{_NOW}|now)\b", re.IGNORECASE)

_DOES: Final = r"(?:has|have|had|did|does|do|runs?|uses?|trained|trains|built|got|made|indexed|works?|is|are|was|were|swears?|went|gets?|pays?|already|fine-?tuned)"
_KIN: Final = r"(?:friend|mate|pal|buddy|competitor|rival|neighbou?r|peer|cousin|brother|sister|nephew)s?"
_OTHERS: Final = re.compile(
    rf"\b(?:a|my|our|some|one of (?:our|my)) {_KIN}(?:(?:'s|'|s') \w+|(?: \w+){{0,4}}? {_DOES}\b)"
    rf"|\b(?:another|a different|some other) (?:team|department|company|firm|group|startup|shop|clinic|branch|hospital|school|business)(?:'s\b|(?: \w+){{0,2}}? {_DOES}\b)"
    rf"|\bother (?:teams?|departments?|companies|firms|people|vendors|shops|clinics)(?: \w+){{0,2}}? {_DOES}\b|\b(?:competitors?|rivals?)(?: \w+)? (?:{_DOES}|complains?|struggles?|says?|fights?)\b|\bother \w+s (?:aim|use|run|swear)\b|\bsister company\b|\b(?:my|our) (?:old|previous|former|last) (?:job|company|employer|team|place)\b",
    re.IGNORECASE,
)
#: How it was where it is said to differ now. "It no longer moves" and "built two years ago" are facts of today.
_PAST: Final = re.compile(
    r"\bused to\b|\bpreviously\b|\bformerly\b|\bback then\b|\bat (?:first|the beginning)\b|\boriginally\b|\bonce upon\b|\bin the past\b|\bbefore that\b|\bthe old (?:system|bot|model|version|one)\b"
    r"|\blast (?:year|month|quarter|spring|summer|autumn|winter|fall|season) (?:we|it|i|they|there) (?:did|had|was|were|got|saw|ran|averaged)\b|\bago,? (?:we|it|i|there|our|the \w+) (?:did|had|was|were|got|saw|ran|averaged)\b"
    r"|\b(?:we|i|it) no longer (?:have|has|use|uses|do|does|get|gets)\b|\bdon'?t (?:\w+ )?(?:have|use|do|get) [^.;,]{0,40}\bany ?more\b",
    re.IGNORECASE,
)
#: "Last year 500 a day, now …": what is told first is over.
_LAST: Final = re.compile(
    r"\b(?:last|previous) (?:year|month|quarter|week|spring|summer|autumn|winter)\b|\b(?:until|till|before) (?!we|i|it|they)\w+",
    re.IGNORECASE,
)
_NOW_OTHERWISE: Final = re.compile(
    r"\W*(?:but |and )?(?:now|today|these days|nowadays|since then|meanwhile)\b", re.IGNORECASE
)
_SAID: Final = re.compile(
    r"\b(?:i|we) (?:said|wrote|put|typed|gave|told you|entered|answered)\b[^.;]{0,20}\d", re.IGNORECASE
)
_TAKEN_BACK: Final = re.compile(
    r"\b(?:but|should(?:'ve| have)?|wrong|sorry|actually|meant|mean|mistake|typo|instead|oops|correct)\b",
    re.IGNORECASE,
)
#: What was said before, told only to take it back: "I said we had no retrieval, that's not true".
_REPORTED: Final = re.compile(
    r"\b(?:i|we|you) (?:have |had |just )?(?:said|told you|claimed|misread|misunderstood|noted|put|wrote|typed|have down|got down)\b(?! (?:it|this|that|them|in|into|on|together|a|an|three|two|some|instructions?)\b)"
    r"|\b(?:take|taking) (?:that|it|this|something|what i said)? ?back\b|\bwhere (?:you|it) (?:put|says?|wrote)\b",
    re.IGNORECASE,
)
#: A question without its mark: "overfitting, is that a risk", "how long does it take".
_ASKS: Final = re.compile(
    r"(?:^|,)\W{0,6}(?:(?:and|so|ok|but|or)\W+)?(?:(?:is|are|does|can|could|should|would|will) (?:that|this|it|we|i|you|there|they|one)\b|(?:how|what|why|when|which|where) (?:do|does|did|would|should|can|could) \w+|how (?:many|much|long|do|to)\b(?!\s*(?::|-|is|are)))|\bi wonder\b|^\W*what(?:(?:\'s| is) the difference|(?: sort| kind| type)s? of)\b|^\W*(?:would|does|can|could|should) (?:an?|the|our|my) |^\W*(?:is|are) (?:an?|the|\d+)\b.*\b(?:too (?:much|many|long|big|few|little|small)|enough|better|worth|reasonable|possible|realistic|normal|a good idea)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Clause:
    """A stretch of the message and its marks; `before` and `after` are the rest of the message around it."""

    text: str
    start: int
    hearsay: bool = False
    plan: bool = False
    supposed: bool = False
    question: bool = False
    others: bool = False
    past: bool = False
    before: str = ""
    after: str = ""

    @property
    def factual(self) -> bool:
        """May its words be taken as how things are with this person now?"""
        return not (self.hearsay or self.plan or self.supposed or self.others or self.past or self.question)


def clauses(text: str) -> list[Clause]:
    """The message's clauses, in order, with their marks. A supposition marks the clauses after it in its sentence, until
    a "but" comes back to how it is."""
    found: list[Clause] = []
    start = 0
    bounds = [(m.start(), m.end()) for m in _BREAK.finditer(text)] + [(len(text), len(text))]
    supposed = others = False
    for end, after in bounds:
        piece = text[start:end]
        body = piece.strip()
        if body:
            opens_sentence = not found or bool(
                re.search(r"[.!?;\n]\s*$", text[max(0, start - 30) : start].rstrip(" "))
            )
            if opens_sentence or _REAL_AGAIN.match(body):
                supposed = others = False
            supposed = supposed or _supposes(body, text[start:])
            others = others or bool(_OTHERS.search(body))
            found.append(
                Clause(
                    text=body,
                    start=start + len(piece) - len(piece.lstrip()),
                    hearsay=_is_hearsay(body),
                    plan=bool(_PLAN.search(body)),
                    supposed=supposed,
                    question=body.rstrip(" )\"'").endswith("?") or bool(_ASKS.search(body)),
                    others=others,
                    past=bool(_PAST.search(body) or _REPORTED.search(body))
                    or bool(_LAST.search(body) and _NOW_OTHERWISE.match(text[end:]))
                    or bool(_SAID.search(body) and _TAKEN_BACK.search(text[start:])),
                    before=text[:start],
                    after=text[after:],
                )
            )
        start = after
    return found


def _is_hearsay(body: str) -> bool:
    if _TOLD.search(body) or _WISHED_INSIDE.search(body) or _READ.search(body):
        return True
    told = _TOLD_INSIDE.search(body)
    return bool(told and _METHOD.search(body, told.start()))


def _supposes(body: str, rest: str) -> bool:
    """ "If we had RAG" supposes; "if it gets one wrong, a family loses its flat" tells how it is."""
    if _SUPPOSED.search(body):
        return True
    if not _IF.search(body):
        return False
    sentence = re.split(r"[.!?\n]", rest, maxsplit=1)[0]
    return bool(_IF_PERSON.search(body) or _UNREAL.search(sentence))
