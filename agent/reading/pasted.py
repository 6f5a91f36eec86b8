"""What in a message is not the person speaking: pasted text, forged turns, orders to the machine.

Values rest on the person's own words alone, so these stretches are blanked before a model's quotes are looked up. A blanked
character stays a blank, so that everything keeps its place.
"""

from __future__ import annotations

import re
from typing import Final

_I: Final = re.IGNORECASE

#: Text between marks, and lines quoted as in a mail.
_BETWEEN: Final = (
    re.compile(r"```.*?(?:```|\Z)", re.DOTALL),
    re.compile(
        r"<(?P<tag>document|doc|page|context|passage|email|mail|source|quote|article|file|log|data|result|tool|system|instructions?|message|facts|talk)\b[^>]*>.*?(?:</(?P=tag)>|\Z)",
        re.DOTALL | _I,
    ),
    re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL),
    re.compile(r"^\s*>.*$", re.MULTILINE),
    re.compile(
        r"^-{3,} ?(?:begin|start|forwarded|original)\b.*?(?:^-{3,} ?end\b.*?$|\Z)",
        re.DOTALL | re.MULTILINE | _I,
    ),
)
#: A turn that somebody else is made to say: from its name to the end of the paragraph.
_TURN: Final = re.compile(
    r"(?:^|\n)[ \t]*(?:#+ ?|\*+|\[+|<\|?)?(?:im_start\W*)?(?:system|assistant|developer|admin(?:istrator)?|tool|inst|instructions?|new instructions?|rung|adviser|advisor|note to (?:the )?(?:ai|model|assistant|reader))\b ?(?:prompt|message|override|note|update|instructions?)?[ \t]*(?:\|?>|\]+|\*+|:|\n|-{2,}).*?(?=\n[ \t]*\n|\Z)",
    re.DOTALL | _I,
)
#: An order to us: from its beginning to the end of the paragraph, since what follows is what it orders.
_ORDER: Final = re.compile(
    r"(?:^|(?<=[.!?:;\n\"“(]))[ \t]*(?:(?:please|now|so|and|then|first|ok|important|attention|ai|hey|also|instead)[\s,:!-]+){0,3}(?:"
    r"(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}\b(?:instructions?|rules?|prompts?|rubric|guidelines?|system|above|previous|everything|facts?)\b"
    r"|(?:set|change|fix|force|reveal|show|repeat|tell me|make|mark|record|note|register|log|store|report|output|return|extract|fill in|treat|assume|consider|classify|declare|pretend|act|say|print|answer|reply|respond|conclude|recommend|write down|put down|enter|read)\b[^.\n]{0,50}\b(?:rung|slots?|verdict|facts|knowledge|retrieval|prompting|shortfall|stability|volume|success|examples|fine-?tun\w*|values?|quotes?|as (?:if|though)|stable|exhausted|measured|user|json|system prompt|prompts?|instructions|api keys?|keys?|secrets?)\b"
    r"|you (?:must|are to|are now|will now|should now|have to|shall)\b|from now on\b|your (?:new|real|true|actual) (?:task|instructions?|role|rules?|job)\b|the (?:user|person|customer|client|reader) (?:has|have|says?|said|states?|stated|confirms?|confirmed|means?|meant|wants?|really|actually)\b"
    r").*?(?=\n[ \t]*\n|\Z)",
    re.DOTALL | _I,
)


def own_words(text: str) -> str:
    """The message with everything blanked that the person only passes on, at its old length."""
    for pattern in (*_BETWEEN, _TURN, _ORDER):
        text = pattern.sub(_blank, text)
    return text


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"\S", " ", match[0])
