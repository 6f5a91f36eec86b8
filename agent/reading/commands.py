"""What a short message plainly wants: undo, skip, yes, "just tell me"; and short answers to the question asked."""

from __future__ import annotations

import re
from typing import Final

from agent.facts import Amount, Slot, Value
from agent.reading import Asked, Intent

#: Intents whose messages state nothing about the case.
WITHOUT_VALUES: Final = frozenset({Intent.UNDO, Intent.RESTART, Intent.SKIP})

_END: Final = r"[\s.!,:)(…]*$"


def _whole(*patterns: str) -> re.Pattern[str]:
    """The whole message is this, give or take politeness."""
    return re.compile(rf"^\W*(?:(?:ok|okay|oh|um|uh|hm+|well|please|pls|sorry|can (?:you|we)|could (?:you|we)|let'?s|i want to|i'd like to|just|hey|no,?|actually|oops|whoops|argh|damn|wait)[\s,.!]+)*(?:{'|'.join(patterns)})(?:[\s,.]+(?:please|pls|thanks|thank you|for now|then|now|ok|sorry|mate|this one|that one|this question|it))*{_END}", re.IGNORECASE)


_PLAIN: Final = (
    (Intent.UNDO, _whole(r"/?undo(?: (?:that|it|this|last|the last(?: one| answer)?|my last(?: answer| one)?))?", r"(?:go|take (?:it|that|me)|step|move) back(?: (?:one|a step|one step|to the (?:last|previous)(?: question| one)?))?", r"back", r"(?:scratch|delete|remove|forget|cancel|revert|ignore|take back|undo) (?:that|(?:my|the|that) (?:last|previous)(?: (?:answer|one|thing|message|bit|reply))?)", r"previous(?: question)?", r"(?:my )?(?:mistake|typo|misclick|wrong (?:button|key|number|answer))")),
    (Intent.RESTART, _whole(r"/?(?:restart|reset)(?: (?:everything|it all|all|the (?:interview|session|conversation|whole thing)|from scratch))?", r"(?:start|begin|go)(?: all)? (?:over|again|anew|afresh|from (?:scratch|the (?:top|start|beginning)|zero))(?: (?:again|from scratch))?", r"new (?:case|use case|one|project|session|conversation|chat)", r"from the (?:top|beginning|start)", r"(?:clear|wipe|forget|scrap|bin|delete) (?:it all|everything|all(?: of (?:it|that|this))?)(?: (?:and )?(?:start (?:over|again)|begin again|restart))?")),
    (Intent.SKIP, _whole(r"/?skip(?: (?:it|this|that|to the next(?: one)?|this (?:one|question)|the question))?", r"next(?: (?:question|one))?", r"pass(?: on (?:this|that)(?: one)?)?", r"(?:i'?d )?(?:rather|prefer) not(?: (?:to )?(?:say|answer|tell|share|disclose)(?: that| this)?)?", r"move on", r"no comment", r"leave (?:it|that|this)(?: (?:blank|out|open|one))?", r"n/?a")),
    (Intent.DONT_KNOW, _whole(r"(?:i |we )?(?:really |honestly |just |simply )?(?:don'?t|dont|do not|dunno|wouldn'?t|couldn'?t) ?(?:really |honestly |actually )?(?:know|say|tell you|have a clue|have any idea|no)?(?: (?:yet|tbh|honestly|really|sorry|at this point|at the moment|that|about that|the answer|either))*", r"dunno(?: (?:yet|tbh|honestly|really))*", r"idk(?: (?:tbh|honestly|really|man|lol))*", r"no (?:idea|clue)(?: (?:yet|tbh|honestly|really|at all|about that|whatsoever|lol))*", r"(?:i'?m |we'?re |i am |we are )?(?:not (?:really |entirely |quite |so |too )?sure|unsure|uncertain|clueless)(?: (?:yet|tbh|honestly|really|about that|about this one|to be honest))*", r"(?:that'?s |it'?s )?(?:hard|difficult|tough|impossible) to (?:say|tell|know)(?: (?:yet|really|right now))*", r"beats me", r"who knows", r"haven'?t (?:a|the (?:faintest|foggiest|slightest)) ?(?:clue|idea)?", r"\?+", r"not a clue", r"search me", r"you tell me", r"no idea sorry", r"i (?:have|got|haven'?t got) no (?:idea|clue)", r"can'?t (?:say|tell)(?: (?:yet|really))?", r"unknown", r"tbd", r"n[oe] ?se", r"don'?t know,? (?:sorry|tbh|really)", r"not known(?: yet)?")),
    (Intent.WHY, _whole(r"/?why\??", r"why (?:do|would|are|did) (?:you|u) (?:ask|need|want|care|asking|even ask)(?: (?:that|this|me|to know)*)*(?: \w+){0,4}\??", r"(?:why|how|what) (?:does|would|should) (?:that|this|it) (?:matter|make a difference|change (?:anything|things))\??", r"what(?:'?s| is) (?:that|this|it) (?:for|got to do with (?:it|anything|this))\??", r"why (?:is|are) (?:that|this|it|you)(?: \w+){0,4}\??", r"what for\??", r"(?:how|why) is (?:that|this) relevant\??", r"why (?:that|this|rung|not)(?: \w+){0,4}\??")),
    (Intent.JUST_TELL_ME, _whole(r"(?:just )?(?:tell|give|show) (?:me|us) (?:the|your|a|an|what|which|something|already)?(?: \w+){0,5}", r"(?:enough|no more|stop|quit|cut)(?: (?:with )?(?:the|asking|all the|these|of the))?(?: (?:questions?|asking|chit ?chat|interrogation|quiz))?(?: \w+){0,6}", r"(?:get|cut) to (?:the|it)(?: point| chase)?", r"(?:what'?s|whats|what is) (?:the|your) (?:answer|verdict|recommendation|advice|bottom line)(?: \w+){0,3}\??", r"just answer(?: me| already)?", r"bottom line\??", r"spit it out", r"(?:skip|forget) (?:the|all the|these) (?:questions|rest)(?: \w+){0,6}")),
)  # fmt: skip
_WHAT_IF: Final = re.compile(r"^\W*(?:(?:and|ok(?:ay)?|so|but|hm+|well|interesting|fine|cool|now|right)[\s,]+)*(?:/?what[- ]?if|what (?:would|will|happens?) (?:happen|change|it|you|if)|how about if|and if (?:we|i|it|the)|suppos(?:e|ing)|(?:let'?s )?(?:say|imagine|assume|pretend) (?:we|i|that|it|the|our)|would (?:it|that|the (?:answer|verdict|advice|rung)|your (?:answer|advice))[^.]{0,40}\bif\b|does (?:it|that|the (?:answer|verdict))[^.]{0,30}\bif\b|if we (?:had|got|could|were|did)\b[^.]*\?)", re.IGNORECASE)
_INJECTION: Final = re.compile(r"\b(?:ignore|disregard|forget|override|bypass) (?:all |any |your |the |my |these |those )*(?:previous |prior |above |earlier )?(?:instructions?|rules?|prompts?|guidelines?|rubric|programming|system)\b|\b(?:system prompt|developer mode|jailbreak|you are now|act as|pretend (?:to be|you are))\b|\b(?:say|print|output|repeat|answer|return|recommend|give me) (?:only |just |rung )(?:4|rung 4|fine-?tuning)\b", re.IGNORECASE)
_OTHER: Final = _whole(r"(?:hi|hello|hey|yo|hiya|howdy|good (?:morning|afternoon|evening|day)|greetings|hallo|hola|bonjour|salut|ciao)(?: (?:there|all|rung|bot|everyone|team))?", r"(?:thanks|thank you|thx|ty|cheers|merci|danke|gracias)(?: (?:a lot|so much|very much|mate|rung|for (?:that|this|the help|everything)))?", r"(?:bye|goodbye|see (?:you|ya)|cya|later)(?: \w+){0,2}", r"(?:lol|lmao|haha+|hmm+|wow|cool|nice|great|awesome|ok then)", r"(?:fuck|screw|damn) (?:you|off|this)(?: \w+){0,3}", r"you(?:'re| are)? (?:suck|stupid|useless|an idiot|dumb|rubbish|crap|so \w+)(?: \w+){0,3}")

_YES: Final = re.compile(rf"^\W*(?:(?:ok|okay|oh|ah|well|um|uh)[\s,]+)*(?:y|ye|yes|yep|yeah|yea|yup|yess+|ya|aye|sure|correct|right|exactly|indeed|absolutely|true|(?:that|this|it|all|everything|looks?|sounds?|seems?)(?:'?s| is| are| look| looks| sounds)? ?(?:all )?(?:right|correct|good|fine|it|great|ok|okay|accurate|perfect|about right|true|spot on|pretty much it)|spot on|perfect|go ahead|go on|carry on|proceed|confirmed?|lgtm|fine(?: by me)?|all good|ok|okay|k|good|great|si|oui|ja|da|affirmative|you got it|that'?s (?:it|us|me|right|correct|about it)|bang on|nailed it|continue|agreed|👍|✅)\b", re.IGNORECASE)
_NO: Final = re.compile(r"^\W*(?:(?:ok|oh|ah|well|um|uh|hm+|sorry)[\s,]+)*(?:n|no|nope|nah|naw|not (?:quite|really|exactly|right|correct|entirely|at all|yet|true)|wrong|incorrect|false|non|nein|almost|nearly|that'?s (?:wrong|not)|this is (?:wrong|not)|it'?s not|isn'?t|something(?:'?s| is) (?:off|wrong))\b", re.IGNORECASE)
_EXCEPT: Final = re.compile(r"\b(?:but|except|apart from|only|although|though|however|just|change|wrong|not)\b", re.IGNORECASE)
_CORRECTION: Final = re.compile(
    r"^\W*(?:(?:no|oh|wait|hold on|hang on|oops|whoops|sorry|ah|hm+|argh|umm?)[\s,.!:;-]+)*(?:i (?:meant|misspoke|mistyped|was wrong|said|got (?:that|it|this) wrong|made a mistake)|correction\b|(?:scratch|strike) that,?\s+\w+|let me (?:correct|rephrase|fix)|i (?:should|need to) (?:have said|correct)|(?:that|it) (?:should|was supposed to) (?:be|have been|say)|change (?:the|my|that|it)|make (?:that|it) (?:\d|a )|my (?:bad|mistake)|typo\b)"
    r"|\b(?:not|instead of|rather than) (?:\d[\d,.k]*|per|a) ?\w*\b[^.]{0,20}(?:,|sorry|i mean)|^\W*(?:sorry|oops|whoops|wait|hold on|correction)[\s,.!:;-]+\w+(?:\W+\w+){1,}|\b(?:earlier|before) i (?:said|told|wrote|put|typed)\b|\bi (?:said|told you|wrote|put|typed)\b[^.]{0,60}\b(?:but|wrong|should|meant|actually)\b|^\W*actually[\s,]+(?!i (?:don'?t|do not) know)\w+",
    re.IGNORECASE,
)


def intent(text: str, asked: Slot | Asked) -> Intent | None:
    """The intent that the wording makes plain, or None."""
    stripped = text.strip()
    if not re.search(r"\w", stripped):
        return Intent.DONT_KNOW if "?" in stripped else Intent.OTHER
    if asked is Asked.CONFIRM and len(stripped) < 80 and (_YES.match(stripped) and not _EXCEPT.search(stripped)):
        return Intent.ANSWER
    for name, pattern in _PLAIN:
        if len(stripped) < 160 and pattern.match(stripped):
            return name
    if _INJECTION.search(stripped):
        return Intent.OTHER
    if _WHAT_IF.match(stripped):
        return Intent.WHAT_IF
    if _OTHER.match(stripped) and asked is not Asked.CONFIRM:
        return Intent.OTHER
    if _CORRECTION.search(stripped) and asked is not Asked.OPENING and "?" not in stripped:
        return Intent.CORRECTION
    if isinstance(asked, Slot) and agrees(stripped) is not None and len(stripped.split()) <= 4:
        return Intent.ANSWER
    if re.fullmatch(r"[\d\s,.~+<>k/-]+(?:a |per )?(?:day|week|month|hour|year)?[.!]?", stripped, re.IGNORECASE):
        return Intent.ANSWER
    return None


def agrees(text: str) -> bool | None:
    """Does the message open with a yes or a no?"""
    if _NO.match(text):
        return False
    if _YES.match(text):
        return not re.search(r"\b(?:but|except|apart from|although|though|however)\b", text, re.IGNORECASE) or None
    return None


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
_NOTHING: Final = re.compile(r"^\W*(?:none|nothing|zero|zilch|nada|nil|0|not (?:yet|really|any|one|a single one)|no(?:ne)? yet|nothing (?:yet|like that|at all)|never|not at all|nope|not so far)(?: (?:yet|so far|at all|really|at the moment|right now|for now|i'?m afraid|sadly))*[\s.!]*$", re.IGNORECASE)
_SHORTFALL_EMPTY: Final = re.compile(r"^\W*(?:nothing|none|not(?:hing)? really|nothing really|no)\b", re.IGNORECASE)


def short_answer(slot: Slot, text: str) -> Value | None:
    """A bare yes, no or "none" as an answer to this slot's question."""
    stripped = text.strip()
    if slot is Slot.SHORTFALL:
        return frozenset[str]() if _SHORTFALL_EMPTY.match(stripped) and len(stripped.split()) <= 3 else None
    if _NOTHING.match(stripped) and (slot, False) in _BARE:
        return _BARE[slot, False]
    if len(stripped.split()) > 3:
        return None
    said = agrees(stripped)
    return None if said is None else _BARE.get((slot, said))
