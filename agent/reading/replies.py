"""Replies: wording that states a value only because that slot was asked.

"Wrong ones" says something once we asked what the search brings, and nothing otherwise. So these rows hold for the slot
just asked and nowhere else. They name classes of words, clause by clause; where a reply's clauses say two things that do
not go together, nothing is read here and the trained heads see the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from agent.facts import Amount, Proposal, Slot, Value
from agent.reading.clauses import Clause
from agent.reading.quantities import quantities

#: What a bare yes or no means for each question; a missing entry means that it says nothing.
_BARE: Final[dict[tuple[Slot, bool], Value]] = {
    (Slot.KNOWLEDGE, False): "none",
    (Slot.RETRIEVAL, False): "none",
    (Slot.PROMPTING, False): "none",
    (Slot.SHORTFALL, False): frozenset[str](),
    (Slot.STABILITY, True): "stable",
    (Slot.SUCCESS, False): "undefined",
    (Slot.EXAMPLES, False): Amount.exactly(0),
}


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE)


_NOTHING: Final = _any(
    r"^\W*(?:none|nothing|zero|zilch|nada|nil|0|not (?:yet|really|any|one|a single one|a thing)|no(?:ne)? yet|nothing (?:yet|like that|at all)|never|not at all|nope|not so far|(?:we|i) (?:have|got|have got) (?:none|nothing)|(?:we|i) don'?t have (?:any|one)|there (?:is|are)(?:n'?t| not)(?: any| one| anything)?|there'?s (?:none|nothing)|none defined|no way)"
    r"(?: (?:yet|so far|at all|really|at the moment|right now|for now|i'?m afraid|sadly|today|here|of those|of that))*[\s.!]*$"
)
#: Asked what falls short: praise, or no complaint, by itself.
_NO_COMPLAINT: Final = _any(
    r"^\W*(?:(?:well|honestly|oh|so far|no|nope)[\s,]+)*(?:nothing|none|not(?:hing)? really|no|nope|(?:i |we )?can'?t complain|(?:i |we |we have |there are )?no (?:complaints?|issues?|problems?|trouble)|(?:it |everything |all )?(?:just |really )?(?:works?|runs?|is|'s)(?: just| all| really| very)? (?:fine|great|well|good|perfectly|perfect|ok|smoothly)"
    r"|(?:it |they )?do(?:es)? (?:the|its|their) job|all good|(?:we'?re |i'?m |we are |i am )?(?:very |really |quite )?(?:happy|satisfied|content)(?: with (?:it|the \w+))?)(?: (?:really|so far|at all|here|from anybody|as it is|at the moment|for now|with it))*\W*$"
)
_BUT: Final = _any(r"\b(?:but|except|just|only|though|too|wrong)\b")


def short_answer(slot: Slot, text: str, yes: bool | None) -> Value | None:
    """A bare yes, no or "none" as an answer to this slot's question; its first sentence may be all there is to it."""
    stripped = text.strip()
    sentences = re.split(r"(?<=[.!;])\s+", stripped)
    if slot is Slot.SHORTFALL:
        parts = [p for p in re.split(r"[.,;!]\s*", stripped) if p.strip()]
        first = sentences[0] if len(sentences) > 1 else parts[0] if parts else ""
        return frozenset[str]() if _NO_COMPLAINT.match(first) and not _BUT.search(stripped) else None
    if (slot, False) in _BARE and (
        _NOTHING.match(stripped) or (len(sentences) > 1 and _NOTHING.match(sentences[0]))
    ):
        return _BARE[slot, False]
    if len(stripped.split()) > 3 or yes is None:
        return None
    return _BARE.get((slot, yes))


# Retrieval: what comes back, and what is made of it
_PAGES = r"(?:pages?|passages?|chunks?|docs?|documents?|sheets?|articles?|sections?|results?|hits?|files?|polic(?:y|ies)|paragraphs?|clauses?|ones?|stuff|things?|material|sources?|records?|manuals?|entr(?:y|ies))"
_ABSENT = _any(
    r"^\W*(?:no|not yet|nope|none|nothing|nah)\b(?!,? (?:problem|complaint))",
    r"\bnot (?:yet|built|set up|there yet|in place|connected|live)\b",
    r"\b(?:nobody|no ?one)(?:'s| has| have)? (?:\w+ ){0,2}(?:got round|built|done|set|connected|touched|looked)",
    r"\b(?:we|i|they) (?:just |still )?(?:paste|copy)\b",
    r"\bat zero\b|\bby hand\b",
)
_FAULT = _any(
    rf"\b(?:wrong|irrelevant|unrelated|stale|outdated|old|random|useless|bad)(?: \w+)? {_PAGES}\b",
    r"^\W*(?:\w+ ){0,4}(?:wrong|irrelevant|unrelated|outdated|missing|misses|rubbish|garbage|junk|hit and miss|hit or miss|patchy|poor(?:ly)?|bad(?:ly)?|terrible|awful|useless|disaster)\W*(?:\w+\W+){0,3}$",
    r"\bwrong \w+ (?:comes?|turns?|shows?|pops?|gets?|is|are|keeps?)\b",
    r"\b(?:do|does|did|is|are|was|were)(?:n'?t| not) (?:\w+ )?(?:turn(?:ed)? up|come up|show(?:n)? up|appear|found|find|there|among|in (?:the|what)|returned|retrieved|picked up)\b|\b(?:can(?:no|')?t|never|rarely|seldom|fails? to|hardly ever) (?:\w+ )?(?:finds?|turns? up|comes? up|shows? up|appears?|gets? (?:the right|it))\b",
    rf"\b(?:misses|missing|overlooks|skips|fails)\b(?! (?:the )?(?:tone|style|voice))|\binstead of the (?:right|correct|\w+ {_PAGES})",
)
_HITS = _any(
    rf"\b(?:right|correct|proper|relevant|matching|good|decent|needed)(?: \w+)? {_PAGES}\b",
    r"\b(?:right|correct|good|relevant|proper|needed)\b(?: \w+){0,4} (?:every time|always|each time|on top|comes? (?:up|back|first)|is (?:found|there))\b",
    r"\b(?:works?|working)(?: (?:fine|well|great|ok|good|nicely|perfectly|reliably|alright))?\W*$|\b(?:is|it'?s|runs?|pretty|very|quite|search(?:es)?|find(?:s|ing)?|retrieval) (?:\w+ )?(?:good|fine|great|reliable|solid|excellent|spot on|ok|right)\b|\b(?:does|do|brings?|finds?|gets?|returns?|pulls?|fetches) (?:\w+ )?(?:what (?:it|we|you|they) (?:should|needs?|wants?|asks?)|its job|the right \w+)\b|^\W*(?:\w+,? ){0,2}(?:fine|good|great|reliable|spot on|solid)\W*$|\bno (?:complaints|problems?|issues)\b",
)
_MADE_OF_IT = _any(
    r"\b(?:answers?|repl(?:y|ies)|bot|chat|assistant|model|output|wording|tone|voice|it|gpt\S*|claude|conclusion|summary|llm|format|form)\b[^.;]{0,60}\b(?:wrong|ignor\w*|misread\w*|opposite|mis\w+|off|rude|stiff|bad|contradict\w*|twist\w*|makes?|drop\w*|skip\w*|not (?:in|follow|use)|too|doesn'?t (?:use|follow|say)|invent\w*|different|cold|long|ramble\w*|formal|garbl\w*|mix\w*|like an?|sounds?|wanted)\b"
)
_NOT_THERE = _any(
    r"[^.;,]{0,20}\b(?:rarely|seldom|never|hardly|almost never|not|isn'?t|aren'?t|doesn'?t|don'?t) (?:\w+ )?(?:in there|in it|there|found|among|comes?|returned|on top|turn|show|included|retrieved)\b"
)
#: A second thing told, and it is bad: "right passages, bad answers".
_SPOILT = _any(
    r"[,;.:–-]\s[^.;]{0,50}\b(?:wrong|bad(?:ly)?|off|isn'?t|misread\w*|misquot\w*|ignor\w*|doesn'?t (?:use|follow|read)|mak(?:es?|ing) (?:\w+ )?up|rude|stiff|garbl\w*|invent\w*|contradict\w*|opposite|sounds?|terrible|awful|poor|too (?!expensive|slow|dear|costly|many)\w+)\b"
)
_TURN = _any(r"\b(?:but|yet|however|still|afterwards|except|just that|only that|though|although|then)\b")


def _retrieval(parts: Sequence[Clause], text: str) -> tuple[str, str] | None:
    if (
        parts
        and _ABSENT.search(parts[0].text)
        and not _FAULT.search(text)
        and (len(parts[0].text.split()) <= 3 or not _HITS.search(text))
    ):
        return "none", parts[0].text
    fault = next(
        (
            c
            for c in parts
            if _FAULT.search(c.text)
            and not re.search(r"\b(?:answers?|repl(?:y|ies)|conclusion|tone|voice)\b", c.text, re.IGNORECASE)
        ),
        None,
    )
    hit = next((c for c in parts if _HITS.search(c.text) and not _denied(c.text, _HITS)), None)
    if hit is not None:
        rest = text[hit.start :]
        if fault is hit:
            return "misses", hit.text
        if fault is not None:
            return None
        found = _HITS.search(hit.text)
        after = rest[found.end() if found else 0 :]
        if _NOT_THERE.match(after):
            return "misses", hit.text
        if _SPOILT.search(after) and not re.search(rf"\bwrong (?:\w+ )?{_PAGES}\b", after, re.IGNORECASE):
            return "misused", rest.strip()
        if _TURN.search(rest):
            return ("misused", hit.text) if _MADE_OF_IT.search(rest) else None
        return "works", hit.text
    return ("misses", fault.text) if fault is not None else None


# Prompting: how much of a prompt there is
_SHOTS = r"(?:examples?|samples?|few[- ]?shots?|shots|demos?|demonstrations|specimens|(?:sample|example) \w+|(?:in[-/ ]?out|input[-/ ]output|q ?(?:&|and) ?a) pairs|model (?:answers|letters|replies))"
_NO_SHOTS = _any(
    rf"\b(?:no|none|without|zero|not (?:a single|one|any)|never|minus|don'?t|doesn'?t|hasn'?t|haven'?t|isn'?t|aren'?t|lacks?|left out|nor)\b[^.;,]{{0,25}}\b{_SHOTS}\b",
    rf"\b{_SHOTS}\b (?:are|is)(?:n'?t| not)\b|\b{_SHOTS}\b(?: \w+){{0,3}} (?:none|no|left out|missing|not yet|never)\b|\b{_SHOTS}:? (?:none|no|zero)\b",
)
_WITH_SHOTS = _any(
    rf"\b{_SHOTS}\b",
    r"\b(?:two|three|four|five|six|seven|eight|some|several|a few|a couple of|a handful of|[2-9]|1[0-2]) (?:of (?:our|the|my) )?(?:\w+ )?(?:good|best|ideal|perfect|typical|finished|solved|worked|old|past|real|approved|model|sample|example) \w+|\bas (?:a )?models?\b(?: to follow)?|\bbefore[-/ ](?:and[- ])?after\b|\bworked (?:cases|\w+s)\b|\bof what (?:it|we|they) (?:should|want)",
)
_BUILT = _any(
    r"\b(?:rules?|roles?|instructions?|persona|constraints?|sections?|schema|guidelines?|templates?|forbidden|banned|do(?:s|'s)? and don'?ts|output format|format|layout|tone|structure)\b",
    r"\b(?:long|detailed|careful(?:ly)?|elaborate|thorough|structured|proper|polished|worked[- ]out|extensive|well[- ](?:made|written|prepared))\b",
    r"\b(?:\d{2,}|twenty|thirty|forty|fifty|sixty) (?:lines|rules|words)\b|\b(?:\d+|one|two|three|four|five|half a|a couple of|several|a few|a full) pages?\b|\b(?:two|three|four|five|[2-9])-pager\b",
)
_SCANT = _any(
    r"\b(?:one|two|three|a|single|1|2|a few|couple of|that|this) (?:\w+ )?(?:sentences?|lines?|lin(?:er|ers)|phrase|words)\b|\bone-?liners?\b",
    r"^\W*(?:(?:just|only|it'?s|a|the|very|pretty|really)\W+)*(?:basic|simple|short|quick|default|stock|standard|generic|minimal|plain|naive|crude)\b(?!(?: \w+){0,3} (?:rules|role|instructions))",
    r"\b(?:default|stock|standard|out[- ]of[- ]the[- ]box|built-?in|copied|untouched|came with)\b|\bcomes with the\b|\bnothing (?:special|fancy|elaborate)\b|\bjust (?:asked?|said|says|told|ask)\b",
    r"^\W{0,3}[\"'“‘][^\"”]{3,90}[\"'”’](?: ?\+ ?(?:the )?\w+)?[^\w]*(?:yep|yes|that'?s (?:it|all)|and that'?s (?:it|all)|nothing (?:else|more)|basically)?\W*$",
)
_UNTRIED = _any(
    r"^\W*(?:no|none|nope|nothing|not yet|zero)\W*$",
    r"\b(?:haven'?t|have not|didn'?t|did not|never|not) (?:\w+ ){0,2}(?:written|wrote|tried|started|prompt(?:ed)?|begun|built|made|done|opened|got (?:that far|one|any))\b",
    r"\b(?:no|without a) prompt\b|\bnothing (?:written|yet|so far|tried|at all)\b|\bat zero\b",
)
_WORKED_ON: Final = _any(
    r"\b(?:iterat\w+|versions?|rounds?|revisions?|revised|rewr\w+|tweak\w*|variations?|tuned|tuning|changed (?:it|them|the \w+) \d+|swapped|\d+ (?:variants|attempts|tries)|optimi[sz]\w+|v\d+)\b"
)
_AGAINST: Final = _any(
    r"\b(?:test\w*|evals?|evaluat\w+|benchmark\w*|scor(?:es?|ed|ing)|measur\w+|accuracy|f1|recall|precision|suite|labell?ed|held[- ]?out|golden)\b|\b(?:set|list|sample) of \d"
)
_STALLED: Final = _any(
    r"\b(?:flat(?:lined|tened)?|plateau\w*|stuck|stopped (?:mov|improv|climb|ris|get)\w*|stalled|peaked|ceiling|no progress|maxed|tops? out|levell?ed off|converged|no (?:more|further) (?:gain|improvement|progress)s?|no gains?|nothing (?:more )?help\w*|at 0?\.\d+ (?:every|each)|0?\.\d+ every time|can'?t get (?:it )?(?:any )?(?:higher|better)|sit at \d+|whatever we (?:do|change|try)|caps? (?:out )?at|within (?:half )?a point|same (?:score|result|number)|(?:has|have|had|did|do|does|would|won|is|was)(?:n['’]?t| not| never) (?:\w+ )?(?:mov\w*|budg\w*|improv\w*|go\w* (?:up|any)|gain\w*|help\w*)|won'?t (?:move|budge|go)|no longer (?:mov|improv|help|ris)\w*|stopped at|tops at|(?:score|accuracy|result|number)s? (?:has|have|did)(?:n'?t| not) chang\w*)"
)


def scant(text: str) -> bool:
    """Does it speak of a line or two?"""
    return bool(_SCANT.search(text))


def turned(text: str) -> bool:
    """Is there a "but" in it?"""
    return bool(_TURN.search(text))


def misused(text: str) -> bool:
    """After a turn ("but", "yet"): is what is made of the passages bad?"""
    turn = _TURN.search(text)
    return bool(_SPOILT.match(text) or (turn and _MADE_OF_IT.search(text, turn.end())))


_ADDS_SHOTS: Final = _any(
    rf"(?:\b(?:with|and|plus|then|including|has|have|also)\b|[,+&])\s+(?:also |there are |then )?(?:[2-9]|1[0-2]|two|three|four|five|six|seven|eight|some|several|a few|a couple of|a handful of) (?:\w+ ){{0,3}}?(?:{_SHOTS}|pairs|(?:worked|solved|finished|example) \w+|demos)\b(?! (?:labell?ed|to train))"
)


def adds_shots(text: str, quote: str) -> bool:
    """Does the sentence that tells of the prompt go on to a few examples in it?"""
    sentence = next((s for s in re.split(r"(?<=[.!?])\s+", text) if quote and quote in s), "")
    after = sentence[sentence.find(quote) :]
    return bool(_ADDS_SHOTS.search(after) and not shows_none(after))


def often(text: str) -> bool:
    """Is it said that what must be known keeps changing?"""
    return bool(_KNOWLEDGE["changing"].search(text))


def shows_none(text: str) -> bool:
    """Is it said that the prompt holds no examples?"""
    return bool(_NO_SHOTS.search(text))


def perhaps_stalled(text: str) -> bool:
    """Does some of it sound like a prompt worked on until it no longer moved, though not all of it is said?"""
    return bool(_STALLED.search(text) or (_WORKED_ON.search(text) and _AGAINST.search(text)))


_RULES_AND_SOME: Final = re.compile(
    r"\b(?:rules|instructions?|guidelines|definitions|house rules|full (?:one|prompt))\b[^.;:]{0,20}(?:\+|&|\b(?:and|with|plus|then)\b)\s*(?:\w+ )?"
    r"(?:[2-9]|1[0-9]|two|three|four|five|six|seven|eight|ten|a few|a couple of|some)\s+(?:of (?:our|my|their|the) )?(?:\w+ ){0,2}"
    r"(?!lines?\b|sentences? long|pages?\b|words?\b|rules?\b|fields?\b|sections?\b|steps?\b|bullets?\b|points?\b|paragraphs? of|headings?\b|languages?\b|categor\w+|labels?\b|codes?\b|classes\b|versions?\b|times\b|days\b|people\b|rounds\b)\w{3,}s\b",
    re.IGNORECASE,
)


def shows(text: str) -> bool:
    """Are examples to be shown spoken of, by name or as "rules plus four finished letters"?"""
    return bool(_WITH_SHOTS.search(text) or _RULES_AND_SOME.search(text))


def stalled(text: str) -> bool:
    """Was the prompt worked on against a measure until that no longer moved? All three must be said, and what it was worked
    on and how it stalled close together: "the categories have not changed" is about something else."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    for here, after in zip(sentences, [*sentences[1:], ""], strict=True):
        near = f"{here} {after}"
        if _WORKED_ON.search(here) and _STALLED.search(near) and _AGAINST.search(near):
            return True
    return False


def _prompting(parts: Sequence[Clause], text: str) -> tuple[str, str] | None:
    said = " ".join(c.text for c in parts)
    if _STABILITY["evolving"].search(said) and not re.search(
        r"\b(?:prompt|instructions?)", said, re.IGNORECASE
    ):
        return None  # the rules of the task, not of the prompt
    if _UNTRIED.search(said) and not _BUILT.search(said):
        return "none", said
    without, with_them = shows_none(said), shows(said)
    if with_them and re.search(
        r"\b(?:no|without|not a)\b[^.;,]{0,20}\b(?:instructions?|prompt|rules)\b", said, re.IGNORECASE
    ):
        return "basic", said
    if with_them and not without:
        if stalled(said) or (_STALLED.search(said) and (_AGAINST.search(said) or _WORKED_ON.search(said))):
            return "exhausted", said
        return (
            ("few_shot", said)
            if (_BUILT.search(said) or re.search(r"\b(?:with|but|plus|and|has)\b", said))
            and not re.search(r"\b(?:only|just)\b", said)
            else None
        )
    scant = _SCANT.search(said)
    if scant and not _BUILT.search(
        re.sub(
            r"\binstructions?\b|\b(?:no|without) (?:\w+ )?\w+",
            "",
            said.replace(scant[0], ""),
            flags=re.IGNORECASE,
        )
    ):
        return "basic", said
    if _BUILT.search(said) and not (scant and not without):
        return "structured", said
    return None


# Shortfall: the words for each kind of complaint, read segment by segment
_FALLS_SHORT: Final[dict[str, re.Pattern[str]]] = {
    "knowledge": _any(
        r"\b(?:invent\w*|hallucinat\w*|mak(?:es?|ing) (?:\w+ ){0,2}up|made[- ]up|out[- ]of[- ]date|does(?:n'?t| not) know|no (?:idea|clue) (?:about|of)|knows nothing|facts? (?:missing|it)|missing facts|lacks? (?:our|the) \w+|from thin air)\b"
    ),
    "format": _any(
        r"\b(?:format(?:ting)?|json|xml|csv|yaml|markdown|html|schema|layout|headings?|bullets?|sections?|brackets?|too (?:long|wordy|verbose)|length|broken (?:structure|tables?)|structure|(?:missing|wrong) (?:fields?|columns?|keys?|places?|order|sections?)|fields? (?:are |is )?(?:missing|wrong))\b"
    ),
    "style": _any(
        r"\b(?:tone|voice|style|wording|phrasing|register|charm(?:ing)?|robotic|stiff|bland|corporate|salesy|too (?:formal|casual|cold|dry|blunt|friendly|chatty|polite|stiff)|off[- ]brand|brand voice|cheesy|impolite|rude|sounds? (?:\w+ )?(?:like|cold|wrong|off|stiff|formal|fake))\b"
    ),
    "quality": _any(
        r"\b(?:wrong (?!format|places?|order|sections?|columns?|keys|tone|style|voice|fields?|length|prices?|json|structure)\w+|(?:too many )?(?:mistakes?|errors?)|misses (?:too|many|some|a lot)|inaccura\w+|accuracy|incorrect\w*|mis(?:classif|rout|label|read|judg|translat|tag|cod)\w*|gets? (?:\w+ ){0,4}wrong|(?:are|is|be|it'?s|often|they'?re) wrong|not (?:accurate|correct)|bad (?:answers|labels|reasoning|decisions|judgement))\b"
    ),
    "consistency": _any(
        r"\b(?:inconsisten\w*|unreliable|unpredictable|varies|vary|different (?:each|every)|from run to run|hit (?:or|and) miss|sometimes (?:\w+ )?(?:right|good|works?|fine)|not the same|flip-?flop\w*)\b"
    ),
    "cost_latency": _any(
        r"\b(?:costs?|bills?|prices?|pric(?:e)?y|expensive|money|slow|latency|speed|waiting time|response times?|(?:\d+|ten|twenty|thirty|forty) seconds)\b"
    ),
}
_PRAISED: Final = _any(
    r"\b(?:fine|ok|okay|good|great|perfect|not the (?:problem|issue|point|trouble)|no (?:problem|issue|trouble|complaint)s?|no longer|gone|fixed|used to)\b|\bno\W*$|\b(?:isn'?t|is not|not|never|nothing to do with) (?:the |its? |about |our )"
)


def _shortfall(parts: Sequence[Clause], text: str) -> tuple[Value, str] | None:
    found: set[str] = set()
    for clause in parts:
        if len(clause.text.split()) > 14:
            return None  # a tale; the rows and the heads read those
        for piece in re.split(r"[,;&+/]\s*|\band\b", clause.text):
            if not _PRAISED.search(piece):
                found |= {name for name, words in _FALLS_SHORT.items() if words.search(piece)}
    if "style" in found and "quality" in found and len(text.split()) < 6:
        found.discard("quality")
    return (frozenset(found), text.strip()) if found else None


# Stability, success, knowledge: one table of words each
_STABILITY: Final[dict[str, re.Pattern[str]]] = {
    "evolving": _any(
        r"\b(?:keeps? (?:changing|moving|shifting|growing)|still (?:changing|moving|evolving|open|arguing|figuring|deciding|shaping|working (?:it )?out|learning|debating|adding|discussing)|in flux|moving target|evolv(?:es|ing)|chang(?:e|es|ed|ing) (?:every|each|a lot|often|weekly|monthly|all the time|constantly|again|quite)|new (?:\w+ )?(?:every|each)|not (?:yet )?(?:settled|fixed|final|stable|decided)|renamed?|re(?:does|did|writes?|defin\w+|work\w+|vis\w+))\b",
        r"^\W*(?:it |they |that |the \w+ )?(?:still )?(?:changes|moves|shifts|changing|moving)\W*$|\b(?:each|every) (?:week|month|sprint|day|quarter|release) (?:\w+ ){0,3}(?:new|another)\b|\b(?:add(?:s|ed|ing)?|com(?:es?|ing)) (?:\w+ ){0,3}(?:new|another|more) (?:categor\w+|labels?|rules?|types?|classes|tags?|fields?)\b",
    ),
    "varied": _any(
        r"\b(?:every|each) (?:\w+ )?(?:is|one|are|call|time|request|user|customer|day) (?:\w+ ){0,3}(?:different|new|else|its own|another)\b|\b(?:all (?:sorts|kinds)|anything|whatever|a bit of everything|mixed|wide range|no two)\b|\bone day\b[^.;]{0,40}\b(?:next|another|other)\b|\bvaries (?:a lot|widely|from|by|with)\b|^\W*(?:very |quite |it'?s )*(?:varied|mixed|different)\W*$"
    ),
    "stable": _any(
        r"\b(?:same|identical) (?:\w+ ){0,3}(?:since|for|every|always|all|each|as)\b|^\W*(?!.*\b(?:never|not|no)\b)(?:\w+,? ){0,2}(?:always |exactly |it'?s |the )*(?:the )?same(?: (?:thing|task|job|one))?\W*$|\balways (?:the )?same\b|\b(?:settled|narrow|frozen|carved in stone|set in stone|unchanged|never chang\w+|stable|fixed|locked)\b",
        r"\b(?:no|without) (?:more |big |real )?changes?\b|\b(?:hasn'?t|haven'?t|has not|have not|didn'?t|doesn'?t|don'?t|does not|do not|won'?t|not|never) (?:\w+ )?(?:chang\w*|mov\w*|budg\w*|touched)\b|\bone (?:\w+ )?(?:task|job|thing)\b|\bfor (?:years|ages|decades|a long time|\d+ years)\b|\bsince \d{4}\b",
    ),
}
_SUCCESS: Final[dict[str, re.Pattern[str]]] = {
    "measured": _any(
        r"\b(?:test (?:set|cases?|suite|data|inputs?|questions|tickets|files|emails)|evals?|benchmark\w*|golden (?:set|\w+)|held[- ]?out|scor(?:es?|ed|ing) (?:\w+ ){0,5}\d|graded|\d+ (?:out )?of \d+|measured|(?:f1|precision|recall|accuracy) (?:is |of |at |was )?\W?\d|\d+ (?:\w+ )?(?:test|labell?ed|marked|checked|reference|fixed) \w+)\b"
    ),
    "defined": _any(
        r"\b(?:target|criteri(?:a|on)|goal|at least|no more than|fewer than|less than|under \d|must|has to|have to|may (?:never|not)|needs? to|should|rubric|threshold|requirement|sla|definition)\b|\d ?(?:%|percent)|\bgood (?:means|is when)\b"
    ),
    "undefined": _any(
        r"\b(?:eye-?ball\w*|feel(?:s|ings?)?|gut|vibes?|when we see|intuition|by ear|taste|nods?|shrugs?|hope|we just look|look at (?:it|them|some|a few)|reads? (?:some|a few|them|through|\w+ of them)|nothing (?:formal|written|defined|yet)|nobody (?:\w+ ){0,3}(?:defined|decided|said|written|checks?|measures?)|no (?:\w+ )?(?:criteri\w+|targets?|metrics?|tests?|numbers?|definition)|not (?:really )?(?:defined|measured|written)|(?:don'?t|do not|never) (?:really )?(?:measure|test|check|track)\w*)\b|^\W*(?:not really|no)\b\W*$"
    ),
}
_INPUT = r"(?:(?:e-?)?mails?|messages?|text|comments?|transcripts?|forms?(?: data)?|tickets?|input|request|findings?(?: text)?|letters?|cases?|notes?|documents? itself|articles? itself|questions?|details|photos?|data|chapter|call|reports?|page|invoice|contract|draft)"
_KNOWLEDGE: Final[dict[str, re.Pattern[str]]] = {
    "changing": _any(
        r"\b(?:chang(?:e|es|ing)|updated?|refreshed|republished|replaced|edit(?:s|ed)?|rewrit\w+|re-?indexed|loaded|new|moves?|fresh|live|current|overturned)\b[^.;]{0,40}\b(?:daily|weekly|hourly|nightly|constantly|non-?stop|all (?:the time|day)|every|each|often|by the (?:minute|hour|day)|real[- ]time)\b|\b(?:daily|weekly|hourly|live|real[- ]time|today'?s|current) (?:\w+ )?(?:prices?|stock|rates?|news|levels?|availability|data|feeds?|schedules?|offers?|menus?|tickets|status)\b|,\s*live\W*$|^\W*live\b|\b(?:every|each) (?:night|day|week|morning|hour|month)\b[^.;,]{0,40}\b(?:new|loaded|updated|changes?|published|refreshed)\b"
    ),
    "large": _any(
        r"\b(?:too (?:much|many|big|long|large) (?:\w+ )?(?:for|to)|(?:doesn'?t|won'?t|don'?t|not|never) (?:\w+ )?fit|more than fits)\b|\b(?:hundreds|thousands|millions|tens of thousands|some thousand|dozens|gigabytes|a (?:whole )?(?:library|archive|mountain)) (?:of )?(?!words|tokens|characters)|\b(?:entire|whole|huge|massive|full) (?:\w+ )?(?:wiki|intranet|catalogu?e|archive|manual\w*|library|database|docs?|documentation|knowledge base|confluence|sharepoint)\b",
        r"\b(?:wiki|intranet|confluence|sharepoint|knowledge base|data ?base|product catalogu?e|help cent(?:er|re)|archive)\b",
    ),
    "small_static": _any(
        r"\b(?:one|two|three|four|five|six|[1-6]|a|a single|a couple of|a few|half a|single) (?:\w+ )?(?:a4 )?(?:pages?|sheets?|pagers?|leaflets?|paragraphs?|bullet points|lines)\b(?! of (?:code|text))|\b(?:short|small|little|tiny) (?:\w+ )?(?:list|policy|guide|sheet|table|document|doc|faq|glossary|leaflet)\b|\bfits (?:easily |all )?(?:in|on) (?:a|the|one)\b"
    ),
    "none": _any(
        rf"\b(?:just|only|nothing but|apart from|beyond) (?:\w+ )?(?:the |their |its |that |what'?s in (?:the )?)?(?:\w+ )?{_INPUT}\b(?: (?:itself|alone|only))?\W*$|^\W*(?:only|just) (?:the )?(?:\w+ )?{_INPUT}\b",
        rf"\b(?:the |our |customer'?s |raw )?{_INPUT}(?: \w+)? (?:has|have|holds|contains|carries|says|goes in|is all|is enough|comes? in|comes with|is (?:there|in it|the whole))\b|\b(?:we|the \w+|user|they) (?:put|paste|send|give|fill|type)s?(?: it| them)?(?: in)? (?:\w+ ){{0,3}}(?:details|data|text|form|everything|input)\b",
        r"\b(?:goes in|is sent|comes|sent along|included|supplied|delivered|is pasted|attached) with (?:each|every|the) (?:request|call|ticket|message|order|case|mail|form|question)\b|\b(?:it|that|all)'?s? (?:all )?(?:in|inside|within) the (?:\w+ )?(?:input|form|text|mail|request|message|ticket)\b|\bnothing (?:else|more|from outside|beyond)\b|\bnot needed\b|\bneeds? (?:nothing|no \w+)\b",
    ),
}


def _table(
    rows: dict[str, re.Pattern[str]], together: dict[frozenset[str], str]
) -> Callable[[Sequence[Clause], str], tuple[str, str] | None]:
    """A reader over one table; what two of its values together mean, where they go together."""

    def read(parts: Sequence[Clause], text: str) -> tuple[str, str] | None:
        found: dict[str, str] = {}
        for clause in parts:
            for value, words in rows.items():
                if words.search(clause.text) and not (value != "none" and _denied(clause.text, words)):
                    found.setdefault(value, clause.text)
        meant = next(iter(found)) if len(found) == 1 else together.get(frozenset(found))
        return (meant, found.get(meant, text.strip())) if meant else None

    return read


#: How it was, and what ended it.
_NO_MORE: Final = re.compile(r"\b(?:was|were)\b[^.;]{0,30}\b(?:till|until|before|up to)\b", re.IGNORECASE)
_DENIAL: Final = re.compile(
    r"\b(?:no|not|never|without|isn'?t|aren'?t|doesn'?t|don'?t|wasn'?t|hardly|nothing|far from)\b(?: \w+){0,2}\W*$",
    re.IGNORECASE,
)


def _denied(text: str, words: re.Pattern[str]) -> bool:
    match = words.search(text)
    return bool(match and (_DENIAL.search(text[: match.start()]) or _NO_MORE.search(text)))


_READERS: Final[dict[Slot, Callable[[Sequence[Clause], str], tuple[Value, str] | None]]] = {
    Slot.RETRIEVAL: _retrieval,
    Slot.PROMPTING: _prompting,
    Slot.SHORTFALL: _shortfall,
    Slot.STABILITY: _table(_STABILITY, {}),
    Slot.SUCCESS: _table(_SUCCESS, {frozenset({"measured", "defined"}): "measured"}),
    Slot.KNOWLEDGE: _table(
        _KNOWLEDGE,
        {frozenset({"large", "changing"}): "changing", frozenset({"small_static", "none"}): "small_static"},
    ),
}
#: From this many things to know, a prompt will not hold them.
MANY: Final = 100
_NO_STOCK: Final = re.compile(
    r"\s*(?:words?|tokens?|characters?|lines?|people|staff|employees|users?|customers?|years?|days?|%|percent|euros?|dollars?)\b",
    re.IGNORECASE,
)


def by_words(slot: Slot, text: str, parts: Sequence[Clause]) -> Proposal | None:
    """What the words of this reply state about the slot that was asked."""
    factual = [c for c in parts if c.factual]
    reader = _READERS.get(slot)
    if reader is None or not factual:
        return None
    read = reader(factual, text)
    if read is None:
        return None
    value, quote = read
    return Proposal(slot=slot, value=value, quote=quote if quote in text else text.strip())


def stock(parts: Sequence[Clause]) -> Proposal | None:
    """Asked what must be known, a number of things to know is an answer: "15,000 hotel descriptions"."""
    for clause in parts:
        for q in quantities(clause.text):
            things = re.match(r"[\w\s-]{0,30}?[a-z]{3,}", q.after)
            if (
                clause.factual
                and q.per_day is None
                and q.amount.low >= MANY
                and things
                and not _NO_STOCK.match(q.after)
            ):
                return Proposal(
                    slot=Slot.KNOWLEDGE, value="large", quote=clause.text[q.start : q.end + things.end()]
                )
    return None
