"""Which language is meant: is a text plainly not English, and does a message wish for an answer in another language?

Rung answers in English alone, since its sources and the checks on its sentences are. Both tests would rather miss than
take English for something else.
"""

from __future__ import annotations

import re
from typing import Final

_LANGUAGES: Final = (
    r"(?:spanish|español|espanol|castellano|german|deutsch|french|français|francais|italian|italiano|portuguese|português"
    r"|portugues|dutch|nederlands|polish|polski|swedish|svenska|danish|dansk|norwegian|norsk|finnish|suomi|czech|greek"
    r"|turkish|türkçe|russian|ukrainian|romanian|hungarian|arabic|hebrew|hindi|urdu|bengali|tamil|chinese|mandarin"
    r"|cantonese|japanese|korean|vietnamese|thai|indonesian|swahili|catalan|another language|(?:my|our|their) (?:own )?language)"
)
_IN: Final = rf"(?:in|into|to|auf|en|em|po|på) (?:(?:plain|simple) )?{_LANGUAGES}\b"
_PRONOUN: Final = r"(?:me|us|it|this|that|them|him|her|everything|all|(?:the|your|my) (?:\w+ )?(?:advice|answers?|result|recommendation|questions?|verdict|reasons?))"
_TO_WHOM: Final = r"(?:to|for) (?:me|us|my|our|the|a) ?\w*(?: \w+)?"
_SAY: Final = r"(?:explain|say|tell|repeat|retell|translate|answer|reply|respond|write|put|give|phrase|summari[sz]e|speak|talk|continue|go on|explicar|erklär\w*|expli\w+)"
_ASKS: Final = r"^\W*(?:(?:and|but|so|ok|okay|now|hi|hello|sorry|please|por favor|bitte|(?:can|could|would|will) (?:you|we|i)|i(?:'d| would) (?:like|prefer)(?: you)?(?: to)?|i (?:want|need)(?: you)?(?: to)?|do you|let'?s)[\s,]+)*"
_PLEASE: Final = (
    r"(?:,? (?:please|pls|por favor|bitte|s'il (?:vous|te) pla[iî]t|per favore|then|instead|too))?"
)
_WISH: Final = (
    # explain it to my boss in Spanish; answer in German; can you say that in Polish?
    re.compile(
        rf"{_ASKS}{_SAY}(?: {_PRONOUN})*(?: {_TO_WHOM})?,? {_IN}(?: {_TO_WHOM})?{_PLEASE}\W*$", re.IGNORECASE
    ),
    # in Spanish, please; auf Deutsch bitte; Spanish please
    re.compile(
        rf"{_ASKS}(?:(?:all |the same |that |this |it )?{_IN}{_PLEASE}|{_LANGUAGES},? please)\W*$",
        re.IGNORECASE,
    ),
    # do you speak Spanish?; can you talk Dutch?
    re.compile(rf"{_ASKS}(?:speak|talk|understand|know) {_LANGUAGES}\W*$", re.IGNORECASE),
    # what is LoRA, in Spanish?
    re.compile(rf"^[^.]*\?? ?,? {_IN},? ?(?:please|por favor|bitte)\W*$", re.IGNORECASE),
)
_SAID: Final = re.compile(rf",? ?\b{_IN}|\b{_LANGUAGES}\b", re.IGNORECASE)
_POLITE: Final = re.compile(r",? ?\b(?:please|pls|por favor|bitte|per favore)\b", re.IGNORECASE)
#: What is left of a wish that asks for nothing besides the language.
_BARE: Final = re.compile(
    rf"{_ASKS}(?:{_SAY}|speak|talk|understand|know)?(?: {_PRONOUN})*(?: {_TO_WHOM})?(?:\W*{_PLEASE})\W*$",
    re.IGNORECASE,
)
#: Longer than this is a story of the case.
_LONGEST: Final = 160

_SCRIPT: Final = 0x24F
_WORD: Final = re.compile(r"[^\W\d_]+")
_ENGLISH: Final = frozenset(
    _WORD.findall(
        "the a an is are was were we i it to of and in for our with that this not on have has do does what how you be can my they "
        "at or but if why which would should could will from by as more than so your there when who about no yes per me"
    )
)
#: Small words of other languages that are no English words, and rarely stand in English text.
_FOREIGN: Final = frozenset(
    _WORD.findall(
        "was der das und ist nicht wir ich ein eine einen mit für auf wie warum wieso welche wäre wenn hätten haben sind zu den dem "
        "bitte kannst du mir auch oder "
        "le les et est nous je une que qu quoi pour dans pourquoi ne pas faire quel quelle avec sur vous être du "
        "el los las qué cómo por para una nosotros puedes más cuánto sería tenemos mi lo si es "
        "não uma com nós você quanto seria "
        "il gli che di della perché questo sono quanto costa costerebbe cosa "
        "het een niet voor van wij ik wat waarom hoe "
        "og jeg ikke är inte och att vad hur "
        "nie jest czy jak dlaczego się"
    )
)


def foreign(text: str) -> bool:
    """Is it plainly not English? By its letters, or by at least two small words of another language, more than English ones."""
    letters = [c for c in text if c.isalpha()]
    if "¿" in text or (letters and sum(ord(c) > _SCRIPT for c in letters) > 0.3 * len(letters)):
        return True
    words = _WORD.findall(text.lower())
    others = sum(w in _FOREIGN for w in words)
    return others >= 2 and others > sum(w in _ENGLISH for w in words)


def wished(text: str) -> bool:
    """Does a message ask to be answered in another language than English? "Our bot answers in German" does not."""
    said = text.strip()
    return len(said) <= _LONGEST and any(pattern.search(said) for pattern in _WISH)


def besides(text: str) -> str:
    """What a wish for another language asks besides, in English: "what is LoRA?"; empty where it is the language alone."""
    if foreign(text):
        return ""
    rest = " ".join(_POLITE.sub("", _SAID.sub("", text)).split()).strip(" ,")
    return "" if _BARE.match(rest) else rest
