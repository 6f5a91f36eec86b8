"""What a message plainly wants: undo, skip, yes, a question, "just tell me".

Each intent is told by how such messages are worded, not by what they are about, in an order that settles overlaps: orders
to the machine first (a whole message, or it is something said about the case: "restart the test suite on every merge"),
then suppositions, questions about our asking, impatience, small talk, corrections, questions, not knowing. What none of
them recognises is None: the trained head, or else an answer.
"""

from __future__ import annotations

import re
from typing import Final

from agent.facts import Slot
from agent.reading import Asked, Intent

#: Intents whose messages state nothing about the case.
WITHOUT_VALUES: Final = frozenset({Intent.UNDO, Intent.RESTART, Intent.SKIP})


def _plain(text: str) -> str:
    """The message in one spelling: small letters, no apostrophes ("what's", "whats"), "u" and "y do" in full."""
    text = re.sub(r"[’‘`´]", "'", text.strip().lower())
    text = text.replace("'re ", " are ").replace("'ll ", " will ").replace("'", "")
    text = re.sub(r"\b(?:pl[sz]|plss)\b", "please", re.sub(r"\bu(r?)\b", r"you\1", text))
    return re.sub(r"^(\W*)y (?=do|would|tho|is|are|not)", r"\1why ", re.sub(r"\s+", " ", text))


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns))


# Words around the matter: what one says before it, after it, and to be polite.
_LEAD = r"^\W*(?:(?:ok|okay|oh|um+|uh|e?hm+|ah|ahh?|argh|damn|well|so|and|but|then|now|hey|yes|no|nah|nope|please|sorry|pardon|wait|oops|whoops|fine|actually|honestly|tbh|look|come on|sure|also|thanks|great|cool|just|hold on|hang on|can (?:we|you|i)|could (?:we|you|i)|(?:will|would) you|lets|let us|let me|(?:i|we) (?:want|need|have|would like) to|(?:id|wed) like to|im|one question|quick question|before [^:,]{3,30}(?=[:,]))\b[\s,.!:;-]*)*"
_TAIL = r"(?:[\s,.!;-]+(?:please|thanks|thank you|for now|then|now|ok|sorry|mate|here|already|it|again|maybe|afterwards|tbh|honestly|really|yet|at all|lol|man|either))*[\s.!,:)(…?]*$"


#: At us, not at their own system: "this is useless" says nothing of the case.
_AT_US: Final = re.compile(
    r"^\W*(?:(?:oh |my )?god,? |ugh,? |seriously,? )?(?:this is|that'?s|you(?:'re| are|r)?|what an?|such an?|are you|is this|how)\b[^.;:\d]{0,30}"
    r"\b(?:useless|stupid|annoying|dumb|idiot\w*|moron|ridiculous|pathetic|a? ?joke|waste of (?:my |our |everyone'?s )?time|kidding|serious|deaf|even (?:reading|listening)|nonsense|bullshit|crap|terrible bot)\b[^.;:\d]{0,30}$",
    re.IGNORECASE,
)


def _whole(*patterns: str) -> re.Pattern[str]:
    """The whole message is this, give or take politeness."""
    return re.compile(rf"{_LEAD}(?:{'|'.join(patterns)}){_TAIL}")


_LAST = r"(?:that|this|it|(?:my|the|that|this|your)? ?(?:very )?(?:last|previous|latest|preceding)(?: (?:answer|reply|one|things?|message|entry|response|input|bit|change|question|step))?(?: i (?:gave|told you|said|wrote|sent|typed)(?: you)?)?|what i (?:just |last )?(?:said|told you|wrote|sent|typed|entered|put|gave|answered)(?: (?:just now|last|you))*|that (?:answer|one|bit|message|entry))"
_UNDO = _any(
    rf"{_LEAD}/?(?:undo|unsay|ctrl ?[+-]? ?z|revert|(?:(?:go|step|move|take|roll|one|put) )?(?:(?:it|that|me|one|a step|one step) )?back(?: (?:a|one)(?: step| question)?| to (?:the )?{_LAST}(?: before)?| to the question before)?|one step back|previous(?: question)?|rückgängig|zurück|deshacer|annuler)\b(?: {_LAST})?{_TAIL}",
    rf"{_LEAD}[^.:;\d]{{0,40}}\b(?:undo|unsay|scratch|delete|remove|forget|cancel|revert|ignore|disregard|take back|take away|take|strike|retract|withdraw|discard|erase|drop|redo|roll back|(?<!to )put) {_LAST}(?: (?:out|back|away|to) ?(?:again|how it was)?)?\b(?![ ,]*(?:its|is|\d))[^\d]{{0,50}}$",
    r"\b(?:answered|hit|pressed|clicked|typed|sent) (?:enter |the |it |that )*(?:wrong (?:thing|key|button|one|line|window)|by (?:accident|mistake)|too (?:early|fast|soon))\b[^\d]{0,40}$",
    rf"{_LEAD}[^.\d]{{0,40}}\b(?:put|set|turn|take) (?:it|that|things) (?:back|out again|away)\b(?: (?:to )?how it was)?[^\d]{{0,40}}$",
    rf"^annuler|^\W*back[.!]|{_LAST}, take (?:it|that) (?:out|back)",
)
_AGAIN = r"(?:over|again|anew|afresh|fresh|new|from (?:scratch|zero|nil|nothing|(?:the (?:very )?)?(?:top|start|beginning|first question|question one))|(?:at|to) the (?:start|beginning|top))"
_RESTART = _any(
    rf"{_LEAD}/?(?:restart|reset|(?:start|begin|go|do (?:it|this|that|everything)|back|redo|(?:and )?ask me)(?: (?:all|me|it|everything|completely|right))? {_AGAIN}|from (?:the )?(?:top|beginning|start|scratch|zero)|(?:nochmal )?von vorne|recommencer|empezar de nuevo)(?: (?:it all|everything|all|please|completely|with|from|for|w/|the|this|that|whole|entire|interview|thing|session|conversation|talk|chat|my|different|another|other|new|product|project|client|team|case|again|over|scratch|top|start|question|one|first))*{_TAIL}",
    rf"(?:^|[.,!;:] |\band |\blets |please |\bwe )(?:re)?(?:start|begin)(?: (?:all|it all|completely|everything))? {_AGAIN}(?! (?:every|each|when|with the))[^\d]{{0,45}}$",
    r"(?:^|[.,!;:] |please |\b(?:begin|start|run|open|try|have|do)\b )(?:(?:begin|start|run|do|open|try)\b )?(?:a )?(?:brand )?(?:(?:new|fresh|clean|blank|empty) (?:case|use case|one|page|sheet|project|session|conversation|chat|interview|slate|start|beginning)|different (?:case|use case|project))(?! (?:law|stud))(?: for [\w ]{2,40}| with [\w ]{2,40}| to discuss)?(?:[,. ]+(?:please|pls|now|thanks|forget everything so far))*[.! ]*$",
    rf"{_LEAD}(?:clear|wipe|forget|scrap|bin|delete|erase|discard|throw)\b(?: away| out)? (?:it all|everything|all(?: of)?(?: (?:it|that|this|answers))?|the (?:lot|whole (?:thing|interview|lot))|my case|this whole \w+)(?: so far)?\b(?! (?:instructions|previous|rules|your))[^\d]{{0,60}}$",
    r"\b(?:redo|restart|scrap) (?:the|this) (?:entire|whole|complete) (?:thing|interview|conversation|talk|chat|session)",
    r"^i want to do this again for|[.!] reset\b[^\d]{0,30}$",
)
_REFUSED = r"(?:say|answer|tell|share|disclose|discuss|talk|go into|do|reveal|give|comment|get into)"
_SKIP = _any(
    rf"{_LEAD}(?:/?(?:skipp?|omit|pass)\b(?: (?:it|this|that|on|over|to|the|next|following|one|question|please|\w+ question))*(?: and ask.*)?|ne?xt(?: (?:question|one|topic))?|mov(?:e|ing) on|no comment|leave (?:it|that|this)(?: (?:blank|out|open|empty|one))?|n/?a|not now|weiter|siguiente|suivante?|überspringen|ill pass)(?: (?:it|next|that|this|one|please|question|then|for now|to|the))*{_TAIL}",
    rf"{_LEAD}(?:/?skip|pass)(?: (?:it|this|that|please)(?: one)?)?[ ,]+(?:next|please|no time)\b",
    rf"\b(?:rather|prefer|like|id|wed) (?:to )?not (?:to )?{_REFUSED}\b|\b(?:rather|prefer) not\b|\b(?:prefer to|rather|id|wed|lets) keep (?:\w+ ){1, 3}?(?:to (?:myself|ourselves)|private|confidential|secret|inhouse)\b|\bprefer to keep\b|\bno wish to\b|\bmove on\W*$|\b(?:prefer|rather|like) not to\b|\b(?:can|may|could) i not {_REFUSED}",
    rf"\b(?:not (?:going|willing|allowed|able|comfortable|prepared|ready)|(?<!they )wont|(?<!they )(?:dont|do not|wouldnt) (?:really )?(?:want|feel like|wish|care|like)(?: me| us)?)(?: to| with)? {_REFUSED}(?:ing)?\b",
    rf"\b(?:dont|do not) (?:really )?feel like\b|\bnot going (?:to share|into)\b|\b(?:wont|cant|cannot|may not|must not) (?:share|disclose|discuss|reveal|talk about)\b|\bnot allowed to {_REFUSED}",
    r"\b(?:leave|come back to|park|get (?:back )?to|return to|postpone|put off) (?:it|that|this|the \w+(?: \w+)?)\b[^.]{0,20}\b(?:out|for (?:now|later|another|the moment)|later|afterwards?|another (?:day|time)|some other)\b",
    r"(?:^|[.,!?;:] |\bthe |\bdo a )(?:next|other|another|different|following) (?:question|one|topic)(?: please| then| now)?\W*$|\bask (?:me )?(?:something|anything) else|\b(?:go|carry|move|moving) on(?: with| to)(?: the)? (?:next|others?|rest|following)|^put a dash|\b(?:thats|this is|it is|its) (?:confidential|classified|secret|private|none of your)\b[^.]{0,25}$",
)
#: Not knowing, as such: the subject, if there is one, is the speaker or everyone.
_UNKNOWN = _any(
    r"(?<!it )(?<!bot )(?<!model )(?<!you )(?<!they )\b(?:dont|do not|didnt|cant|cannot|can not|couldnt|could not|i wouldnt|id not) (?:\w+ ){0,2}(?:know|say|tell|guess|judge|predict|answer|put my finger|have (?:that|this|the|any|a) (?:info\w*|number|figure|data|idea|clue|view))\b(?! (?:good|it when|which (?:categor|label)|(?:yet )?what (?:\w+ ){1,4}(?:should|want|looks?|good)))",
    r"\bd[ou]n?no\b|\bidk\b|\b(?:no|not a|ni|zero|havent a|havent (?:got )?(?:a|the|any)|no earthly) (?:idea|clue|view)\b(?! (?:exists|what good|how to))|\bhavent (?:got )?the (?:faintest|foggiest|slightest)|\babsolutely no idea|\bnobody (?:here )?(?:knows|has told)\b(?! yet)|\bno ?one (?:here )?knows",
    r"\b(?:not (?:really |entirely |quite |so |too |at all )?sure|unsure|uncertain|unclear|clueless|beyond me|not in a position)\b",
    r"\b(?:hard|difficult|tough|impossible|tricky) to (?:say|tell|know|estimate|judge|predict)\b|\bbeats me\b|\bwho knows(?=\W*$)|^\W*who knows\b|\bsearch me\b|\byou tell me\b|\byour guess is as good|\bhow (?:should|would|could|can) (?:i|we) know\b|\bmaking it up\b|\bnever (?:counted|measured it|looked into|checked)\b|\b(?:could go|goes) either way|\bunknown\b|^tbd$|\bnot known\b|\bdont ask me\b",
    r"\bthats for .{3,40} to (?:say|decide|know)\b|\b(?:have|need) to (?:ask|check with)\b|\b(?:without|until) (?:asking|checking)\b|\bno s[eé]\b|\bkeine ahnung\b|\bje ne sais pas\b|\bweiß (?:ich )?nicht\b",
)
_IS_SO = r"(?:important|relevant|matter(?:s|ing)?|necessary|needed|useful|interest(?:ing|ed)|required)"
#: Our asking itself is the subject: its purpose, its weight. Holds anywhere in the message.
_WHY_ASK = _any(
    r"\bwhy (?:do|would|are|did|must|should|even)? ?(?:you|we|i)(?: \w+){0,2} (?:ask\w*|need|want|care|interested|know|start|insist|repeat|keep|count)\b|\bwhy (?:does|do|should|would|is|are) (?:it|that|this|these|they|the [\w ]{2,40}|you)\b[^.?]{0,40}\b(?:matter|important|relevant|make a difference|needed)",
    rf"\b{_IS_SO} because\W*$|\bwhat(?:s| is| has| have| does| do| would)?\b[^.?]{{0,40}} (?:got )?to do with (?:it|this|that|anything|your?|the (?:advice|answer)|fine|rag)|\bwhat (?:difference|use|good) (?:does|is|would) (?:it|that|this)\b|\bwhats? (?:is )?(?:it|that|this) (?:good )?for\b|^\W*what for\b|\bwhat (?:do|does|did|d|would|dyou)\b ?(?:you )?[^.?]{{0,12}}\b(?:need|want|do with)\b[^.?]{{0,60}}(?:\bfor\b|\binformation|\bwith that)",
    r"\bfor what (?:do|reason)\b|\bwhat you (?:want|need) (?:that|this|it)[\w ]{0,12} for\b|\bwhats? (?:is )?the (?:point|reason|relevance|purpose|use|sense) (?:of|behind|in|for)\b|\breason for asking\b|\bwhats the reasoning\b|\bi (?:dont|fail to) see (?:why|what|how)\b|\bcurious why\b|\bwozu\b|^\W*warum\b|^\W*pourquoi\b|^\W*por ?qu[eé]\b(?! pas)",
    r"\bhow (?:is|are|does|do|would|will|should) (?:it|that|this|the [\w ]{2,30}|\w+) (?:help|matter|relevant|play into|affect|influence|change (?:anything|your|the|things))",
)
_WHY_OPENING = _any(
    r"[?!.] why (?:the|this|that|not|do|should|would|must|is|does)\b",
    rf"{_LEAD}(?:/?why\b(?!-)|how come\b|what (?:makes|made) (?:you|the|that|this|it)\b|for what\b)",
)
#: Asked whether something said about their case weighs at all: a why, where it is the question just put to them.
_WEIGHT = _any(
    rf"{_LEAD}(?:is|are|does|do|would|will) (?:it|that|this|the|my|our|what|how|\w+)\b[^.?]{{0,40}}\b(?:{_IS_SO}|affect)\b(?! (?:for|to) (?:rag|fine|lora|train|a |an ))",
    r"^what does [^.?]{2,40} (?:change|matter)\b",
)
_REASONS = _any(
    r"\b(?:explain|justify|defend|show|walk me through)(?: me)? (?:your|this|that|the|its) (?:reasoning|recommendation|advice|verdict|choice|answer|decision|thinking|logic)",
    r"\bhow (?:did|do|have) (?:you|we) (?:\w+ )?(?:arrive|arrived|get|got|come|reach|decide|conclude|work)\b|\b(?:on what|what is|whats) (?:basis|grounds|your (?:reasoning|reason|basis))|\bwhat speaks (?:against|for)\b|\bbased on what\b",
)
#: Why asked of the world, not of us: "why do LLMs hallucinate?"
_WORLD = _any(
    rf"{_LEAD}why (?:do|does|is|are|did) (?!you\b|it\b|that\b|this\b|these\b|i\b|we\b|my\b|our\b|not\b|the (?:advice|answer|rung|verdict|number|volume))\w+"
)
_SUBJECT = r"(?:we|i|you|they|it|that|this|there|the|our|my|your|a|an|all|everything|every|nobody|somebody|someone|one|half|only|just|few.?shot|retrieval|rag|legal|users?|users|\w+s|openai|\w+)"
_WOULD_IT = r"(?:then what|what then|whats then|any different|(?:which|what) rung then|still (?:rung|rag|fine|few|the same|say|need|recommend)|same (?:answer|verdict|advice|result|rung|thing|recommendation)|(?:would|does|do|will|did)\b[^.?]{0,60}\b(?:chang\w+|differ\w*|flip|alter|matter(?:ed)?|move|unlock|open|be (?:the same|another|different|enough|stricter|on the table)|say the same|still|make a difference)|what would (?:you|it|that|the)|changes?\?|would (?:you|that|it) (?:do|be)|would we|then\?)"
_WHAT_IF = _any(
    rf"{_LEAD}(?:/?what[- ]?if\b|how about if\b|(?:and )?in the (?:scenario|case) where|suppos(?:e|ing)\b|hypothetical\w*|(?:let me )?play devils|was wäre|et si\b|qué pasaría|consider the same|same (?:case|thing|setup) but|what (?:happens|changes|becomes?|would happen|will happen|would change)\b[^.]{{0,50}}\b(?:if|when|once|were|should)\b|what about the case)",
    r"^[^.]{0,25}\b(?:what if|suppose|imagine|supposing) (?:we|it|i|the|our|you|they|there)\b|\bimagine (?:it|we|that|they)\b",
    r"(?:^|[.,!:;] |\bif |\band |\bbut )(?:would|does|do|will) (?:it|that|this|you|the|your|anything|adding|\d+x)\b[^.?]{0,60}\b(?:change|differ\w*|flip|alter|still|the same|move)\b[^.?]{0,60}\b(?:if|with|for|were|had|were|to|anything|when)\b",
    r"^\W*what would \w+(?: \w+){0,5} if\b|\bwhat would (?:you|it|that|the \w+) (?:say|advise|recommend|look|be|tell \w+|suggest|change)\b[^.?]{0,40}\b(?:if|with)\b|\bhow would (?:it|that|the \w+) look with\b|\bwould (?:flip|change|tip) (?:it|that|the|your)\b",
    r"\bwould (?:\d+x|adding|having|more|fewer|twice|half) [^.?]{0,40}\b(?:make a difference|change|move|help)",
)
#: Another case is told beside this one: what follows is none of this person's facts.
_OTHER_CASE = r"(?:an?|the|my|our|this|that)? ?(?:second|other|another|different|next|2nd) (?:\w+ )?(?:use ?case|case|project)\b"
_COMPARE = _any(
    rf"{_LEAD}/?(?:compare|contrast|(?:put|hold|set|lay|place|look at|see))\b[^.:;?]{{0,40}}? (?:with|to|and|against|beside|besides|next to|versus|vs) {_OTHER_CASE}",
    rf"\bhow (?:does|would|do) [^.:;?]{{0,40}}\bcompare[sd]? (?:with|to|against) {_OTHER_CASE}",
)
#: A supposition only where something is asked of it, or the talk is past the questions.
_IF = _any(
    rf"{_LEAD}(?:if|(?:had|were)(?= (?:we|i|you|they|it|the|our|there)\b)|and if|(?:lets )?(?:say|imagine|assume|pretend|assuming|imagining)|suppose)\b(?: that)? (?!you must|youd|you want|\d|an? day){_SUBJECT}\b"
)
_WITH = _any(rf"{_LEAD}(?:with|without|how would it look with|if) .{{3,80}}\?$")
_ASKS_THEN = _any(_WOULD_IT, r"\?\W*$")

_RESULT = r"(?:answer|verdict|recommendation|advice|results?|conclusion|rung|outcome|(?:best )?guess|bottom line|solution|recommend\w*|what (?:you (?:have|got|know)|youve got))"
_TELL = r"(?:tell|give|show|hand|see|have|want|like|need|say|read)"
_IMPATIENT = _any(
    r"\b(?:enough|no more|no further|no|stop|stopp|quit|cut|done with|sick of|tired of|skip|drop|forget|too many|how many more|end|not (?:filling|answering|doing))\b(?: (?:with|of|in|a|any|all|the|these|this|those|your|more|asking|quizzing|out|me))* ?(?:questions\b|asking\b|interview\b|interrogat\w+|quiz\w*|digging\b|form\b|survey\b|chit ?chat\b|small ?talk\b|probing\b|of (?:this|these|that)\b)",
    r"\bstop checking\b|\b(?:dont|do not) (?:want|need|have time for) (?:an? |this |the )?(?:interview|questions|form|quiz)|\bskip (?:the|all|this|to) (?:the )?(?:questions|confirm\w*|rest|end|interview|summary|advice)",
    rf"(?:^|[.,!?;:] |\b(?:please|just|now|and|then|to|lets|simply|i|id|so far|or|can (?:you|we|i)|straight) ){_TELL}(?: (?:to|it|me|us))*(?: (?:have|the|your|a|an|some|already|just|my|final|straight))* {_RESULT}\b",
    r"(?:^|[.,!?;:] |\b(?:please|now|and|come on|simply|just) )(?:just |simply |already )*(?:tell|say|decide|answer|recommend|pick|choose|conclude)(?: (?:me|us|it|for|to))*(?: (?:already|now|something|simply))* ?(?:what (?:to do|(?:should )?(?:we|i) (?:should )?(?:do|build|use|go))|which (?:one|of|rung|way)|fine.?tun\w* or|rag or|with what|$|[.,!:])",
    rf"\b(?:just|only) (?:the|your|a) {_RESULT}|\b{_RESULT}(?:,? (?:now|please|already|pls))+\W*$|\bwhats? (?:is )?(?:the|your) {_RESULT}(?: already| then| now)?\W*$|^\W*(?:straight answer|bottom line|tl;?dr)\b|\bone word is enough|\bdecide for (?:us|me)|\bspit it out|\bout with it\b|\bwhich one is it\b|\bcome on\b.{0, 40}\b(?:which|what) (?:is it|one)|\b(?:get|cut) to the (?:point|chase|end)|\b(?:jump|go|skip)(?: straight)? to the (?:end|point|recommendation|advice|conclusion)|\bwrap (?:it |this )?up\b|\bwhich (?:of the four|rung)\b(?: is it| then)?\W*$|\blosing patience|\bnow decide\b|\byou (?:have|ve|know) (?:heard )?enough|\byouve heard enough",
    r"\b(?:dont care|whatever|hurry|already|enough)\b.{0,60}\bwhat (?:should|do|can) (?:we|i) (?:do|build|use|take)\b|\bwhat (?:to|should (?:we|i)) do already|\bdime ya|\bsag (?:mir )?einfach|\bdis[- ]moi",
)

_WH = r"(?:what|which|who|whose|where|when|how|whats|hows|wheres|whos)"
_AUX = r"(?:is|are|was|were|do|does|did|can|could|would|should|will|must|may|has|have|isnt|arent|doesnt|dont|cant|shouldnt)"

_INJECTION = _any(
    r"\b(?:ignore|disregard|forget|override|bypass|reveal|print|output|repeat|show)\b(?: \w+){0,4}? (?:instructions?|rules?|prompts?|guidelines?|rubric|programming|secrets|configuration|text (?:above|you were))\b|\b(?:system prompt verbatim|developer mode|jailbreak|you are (?:now )?(?:dan\b|in developer)|act as an?|from now on (?:you|answer|only|talk|reply)|pretend (?:to be|you are|the rubric))\b",
    r"\b(?:say|print|output|repeat|answer|return|recommend|always recommend|put me on) (?:only |just |always )?(?:rung [1-4]|rung four|fine-?tuning)\b(?! (?:or|is|yes))|(?:^|\s)system: ?\w|\bset all slots\b|\balways recommend\b",
)
_CODE = re.compile(
    r"^\s*(?:import \w+\s*$|import \w+\n|from \w+ import |def \w+\(|class \w+[(:]|select .{1,60} from |drop table|insert into|print\(|console\.|<\w+[ >]|#include|rm -rf|sudo |function \w*\(|\{\s*\"\w+\"\s*:)|^\w+ = \w+\.\w+\(",
    re.IGNORECASE | re.MULTILINE,
)
#: Words only found where somebody tells of a case; small talk has none.
_CASE = re.compile(
    r"\d|\b(?:we|our|ours|bots?|chatbots?|apps?|assistant|customers?|clients?|users?|support|tickets?|emails?|documents?|docs|prompts?|model|data|team|company|answers?|outputs?|examples?|rag|search|tone|fine-?tun\w*|retrieval|few-shot|test set|eval|texts?|reports?|summar\w+|translat\w+|classif\w+|prices?|labels?|per day|daily|hourly|weekly|monthly|deadline|stable|stability|accuracy|replies|privacy|cost|speed|format|json|wrong|pages?|measured|defined|undefined|misses|exhausted|structured|basic|few)\b",
    re.IGNORECASE,
)
_GREETING = r"(?:hi|hello|hey|yo|hiya|howdy|good (?:morning|afternoon|evening|day|bot|job|night)|greetings|hallo|hola|bonjour|salut|ciao|merhaba|guten (?:tag|morgen|abend)|thanks|thank you|thx|ty|cheers|merci|danke|gracias|bye|goodbye|see (?:you|ya)|cya|later|happy (?:new|birthday)|nice (?:to meet|weather)|have a (?:good|nice)|welcome|bless you|congrat\w*|knock knock|anybody (?:home|there)|are you (?:still )?there)"
_SMALL_TALK = _any(
    rf"^\W*{_GREETING}\b",
    r"^\W*[😂🤣😆]|^\W*(?:hm+|um+|hmm+)\W*$|^\W*(?:(?:a?ha){2,}h?|lol|lmao|wow|cool|nice|great|awesome|boring|moo|test|brb|blah|lorem ipsum|roses are red|one sec|good bot)\b(?! to me)",
)
_ABUSE = _any(
    r"\byou(?:re| are| r)? (?:\w+ ){0,4}(?:stupid|useless|as useful as|useful as|idiot\w*|dumb\w*|moron\w*|rubbish|crap|trash|garbage|liar|scam|fraud|clown|suck\w*|worthless)\b|\b(?:fuck|screw|damn|f\*+k?) (?:you|off|this)|\b(?:stupid|dumb|useless) (?:bot|machine|robot|thing|advice)|\bf\*+ off|\bgo to hell|\byour mother|\b(?:worst|dumbest) (?:\w+ )?(?:chatbot|bot|advice|tool)|\byou fraud\b|^\W*i (?:love|hate) you\b",
)
_OFF_TOPIC = _any(
    rf"{_LEAD}(?:{_WH}|{_AUX}|write|sing|tell|give me|recommend|nice|bitcoin)\b[^.]*\b(?:weather|rain(?:ing)?|poem|haiku|limerick|joke|song|sing me|riddle|elections?|champions league|world cup|restaurants?|flights? to|homework|favou?rite (?:colou?r|food|film)|bitcoin|pizza|horoscope|lottery)\b|^bitcoin|^sing me",
    r"\bare you (?:a |an )?(?:real|human|chatgpt|gpt\S*|robot|person|alive|an? ai|claude)\b|^\W*(?:who|what) (?:made|built|are) you\b|\b(?:do|can) you (?:like|love|feel|dream|have feelings)\b|\bhow old are you|\bwhats your name|\bwhat (?:do|did) you think (?:about|of) (?!our|my|that|this|rag|fine|it)|^\W*what (?:time|day) is it|^what is [\d\s*+/x-]+\??$|\bdid you see the\b|^write (?:me )?(?:a|an|some) (?!prompt)|^translate \"|\btell me who\b|\bwhat a lovely\b|^\W*my (?:back|head|train|bus) |\bcat\b.{0,25}\bkeyb|\bwrong (?:chat|tab)\b|\bwas away\b",
)
_FOREIGN: Final = re.compile(
    r"\b(?:le|les|est|vous|je|nous|que|pour|avec|merci|bonjour|qué|los|una|por|para|usted|creo|der|das|und|ist|nicht|ich|wir|ein|eine|bitte|mit|schönen|het|een|niet|você|buenas|tardes|ça|va|bonne|journée|il|che|sono)\b",
    re.IGNORECASE,
)
_ENGLISH: Final = re.compile(
    r"\b(?:the|a|is|are|it|we|i|of|and|to|you|in|our|for|no|yes|not|that|what|right|good|from|with)\b",
    re.IGNORECASE,
)
_RUNS: Final = tuple(
    run
    for row in ("qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "jkl;jkl;")
    for run in (row, row[::-1])
)

_BACK = r"(?:said|told you|wrote|put|typed|gave(?: you)?|mentioned|called it|answered|claimed|entered|meant)"
_WRONG = r"(?:wrong|incorrect|not (?:true|right|correct)(?: any ?more)?|a typo|a mistake|an error|nonsense|undersold|oversold|too generous)"
_CORRECTION = _any(
    rf"{_LEAD}(?:no,? )?i (?:meant?|misspoke|mistyped|mixed|undersold|oversold|counted wrong|was (?:wrong|mistaken|a zero|too generous)|got (?:\w+ ){{1,3}}wrong|made a (?:mistake|typo)|take (?:that|it|something|this) back|(?:need|have|want|must|should) (?:to )?(?:correct|revise|take (?:back|something)|change|have said)|stand corrected)|\bi (?:have to|must|need to) (?:take|correct|revise)\b|\bi misspoke\b|\bmisspoke\b|\bmisplaced a\b|\bforgot a zero|\bi mixed (?:it|them|that|up)|\blet me (?:\w+ )?(?:correct|rephrase|fix|revise)|\bjust realised\b|\b(?:turns out)\b|\bgave you the wrong\b|\bfor the wrong (?:product|project|one)",
    r"^\W*(?:(?:sorry|oops|no|wait|i mean|ah|oh|argh)[\s,]+)+(?:(?:per|an?|each|every|by the)\s+)?(?:day|week|month|hour|year|minute|daily|weekly|monthly|hourly|yearly)\W*$|^\W*(?:i )?(?:have )?just (?:learn(?:ed|t)|found out|noticed|checked|heard|been told)\b",
    r"^\W*(?:correction\b|(?:scratch|strike) that,?\s+\w+|(?:ne|nein), stimmt nicht|je me suis trompé|my (?:bad|mistake)\b|typo\b|one (?:mistake|correction)\b)",
    rf"\b(?:earlier|before|previously|what|the \w+|that|where|as|like|just|when|number|figure|but|hm|wait|sorry|on|again|the \d[\d,.]*) i (?:just )?{_BACK}\b|\bi (?:\w+ )?{_BACK}\b[^?]{{0,80}}\b(?:but|wrong|meant|actually|isnt|arent|not|there are|there is|we do|was|just (?:checked|been)|so \d)|\b(?:was|is|are) calls? per \w+ what i gave",
    rf"{_LEAD}(?:change|fix|correct|amend|edit|update|set|swap|replace|rephrase|revise|take out|strike|remove) (?:the|my|that|it|this|your|volume|examples|stability|knowledge|retrieval|prompt\w*|success|deadline|\"|“)(?! last| previous)|{_LEAD}make (?:that|it) (?:\d|a )|{_LEAD}forget the \w+, |\b(?:should|was supposed to) (?:have been|say|read) (?:\d|\w+\W*$)|^\W*(?:\w+ ){{1,2}}should be \d|\b(?:strike|drop) (?:it|that|that point)\W*$",
    r"\b(?:sorry|oops|oh|ah|wait|pardon|no wait|hang on|hold on|damn)\b[^.?]{0,60}\b(?:not|instead of|rather than|isnt|was|were|only|more like|wrong|its|meant|mistyped|are) (?:\d|per|a |the raw|one |monthly|weekly|daily|for the|\w+ \d)",
    r"^\W*(?:no[ ,.]+)?(?:per|a|an)? ?(?:day|week|month|hour|year|hourly|daily|weekly|monthly)\W+not\b|^\W*no\b[ ,.]+(?:no,? |i said |that was )|^not \d[\d,.]*k? ?\w*, \d|\bwas (?:a|the) (?:typo|mistake)|^[\d ,.k]+\W+(?:pardon|sorry|oops|typo|not)\b|^sorry\b.{0,30}[. ]\d[\d,.]*, not \d|\binstead of \d+, typo",
    rf"^\W*(?:(?:oh|oops|whoops|no|ah|hm+)[\s,]+)*(?:oops|whoops|wait|hold on|hang on|actually)[\s,.!:;-]+(?!(?:i|we) (?:dont|do not) know|yes\b|why|what|how|can)\w+(?:\W+\w+){{2,}}|\byou (?:wrote|put|noted|assumed|have us as|only put|misread|misunderstood)\b|\bis {_WRONG}[,:.] \w+",
)

_ASKING = _any(
    # a question word and its verb, with or without a question mark; "what our search finds is fine" is no question
    rf"{_LEAD}(?:(?!only)\w+ly |in |at |by |from |on |for |to |is |like )?(?:(?:the )?(?:difference|differences) between\b|(?:please )?(?:explain|define|describe|clarify|remind me)\b|tell me (?:about|what|how|more|the difference)\b|(?:do )?you mean\b|whats\b|{_WH} (?:(?:exactly|else|even|(?:kind|sort|type)s? of \w+) )?{_AUX}\b|which \w+ {_AUX}\b|(?:what|how) (?!it\b|we\b|our\b|i\b|they\b|the\b|he\b|she\b|you\b)\w+ (?:do|does|did|can|could|should|would|will)\b|what does\b|how (?:many|much|long|often|big|large|far|well|do|does|to)\b|{_WH} (?:counts?|makes?|model|models|happens?|size|sense|kind|vector|gpu)\b|(?:c.est quoi|was ist|qué es)\b)",
    rf"{_LEAD}(?:(?:is|are|was|can|could|would|should|will|must) (?:a|an|the|one|few.?shot|\"few)\b(?! same)|(?:is|are|was|do|does|did|can|could|would|should|will|must) (?!(?:very|always|just|not|only|all|simple|mostly|be|have)\b)(?:i|you|it|we|there|that|this|these|people|rag|retrieval|fine.?tun\w*|lora|llms?|gpt\S*|claude|gemini|openai|anthropic|synthetic|prompts?|examples?|chain|json|\"?\w+\"? (?:count|work|help|need|slow|make|mean|matter|cost|let|better|one|anything)|[\w.-]+ (?:\w+ ){{0,5}}(?:count|work|help|make|mean|any good|slow|belong|worth)))\b|{_LEAD}(?:{_AUX})\b[^.!?]*\?\W*$",
    r"^[^.?!,]{3,40}, (?:(?:is|are|does|do|can) (?:that|it|they|this|there)|whats|(?:what|how) (?:is|are|does|do|would))\b|^[^.?!]{2,30} = ?\?|^(?:settled|stable|large|changing|good|calls|\w+) (?:in (?:what|which) sense|meaning)\b|^by \w+ you mean\b|^(?:at|from) (?:what|how|which)\b|^(?:per \w+ or per \w+)\?|^where it says\b",
)
#: "What hurts is the money", "what it writes is not": told, though it opens like a question.
_CLEFT = re.compile(r"^\W*(?:\w+ )?what(?:s \w+| \w+s| (?:it|we|our|i|you)\b.*) (?:is|are|was) ")
_QUERY = re.compile(rf"\b(?:{_WH}|{_AUX})\b")
#: The message tells something of the case as well.
_STATES = re.compile(
    r"\b(?:we|our|ours|weve|im|my (?!grandma|office|question|own|advice)|i (?!mean|wonder|read|heard))|\d"
)
_EXCEPT = re.compile(
    r"\b(?:but|except|apart from|only|although|though|however|just|change|wrong|not)\b", re.IGNORECASE
)
_ESTIMATE = re.compile(
    r"\d|\b(?:dozen|hundreds?|thousands?|millions?|handful|zero|none|few)\b|\b(?:but|although|though)\b"
)

_YES: Final = re.compile(
    r"^\W*(?:(?:ok|okay|oh|ah|well|um|uh)[\s,]+)*(?:y|ye|yes|yep|yeah|yea|yup|yess+|ya|aye|sure|correct|right|exactly|indeed|absolutely|true|(?:that|this|it|all|everything|looks?|sounds?|seems?)(?:'?s| is| are| look| looks| sounds)? ?(?:all )?(?:right|correct|good|fine|it|great|ok|okay|accurate|perfect|about right|true|spot on|pretty much it)|spot on|perfect|go ahead|go on|carry on|proceed|confirmed?|lgtm|fine(?: by me)?|all good|ok|okay|k|good|great|si|oui|ja|da|affirmative|you got it|that'?s (?:it|us|me|right|correct|about it)|bang on|nailed it|continue|agreed|m+-?hm+)\b|^\W*[👍✅👌]",
    re.IGNORECASE,
)
_NO: Final = re.compile(
    r"^\W*(?:(?:ok|oh|ah|well|um|uh|hm+|sorry)[\s,]+)*(?:n|no(?! (?:idea|clue|wish|comment|opinion)\b)|nope|nah|naw|not (?:quite|really|exactly|right|correct|entirely|at all|yet|true)|wrong|incorrect|false|non|nein|almost|nearly|that'?s (?:wrong|not)|this is (?:wrong|not)|it'?s not|isn'?t|something(?:'?s| is) (?:off|wrong))\b",
    re.IGNORECASE,
)


#: Asked what falls short: it is the model that does not know.
_IT_IGNORES = re.compile(
    r"^\W*(?:it|the|our|has|mostly|that|cant tell)\b|\b(?:idea|clue|know|tell|unknown)\b (?:about|of|which|our|any|an?|terms|to it|what our|from)\b"
)
#: Not to know this is the answer: the task is not settled, or good is not defined.
_UNSETTLED = re.compile(
    r"\b(?:how (?:the|wed|to tell|we) |what (?:good|we want|it should|(?:the|a) [\w ]{2,20} (?:should|looks?))|which (?:categor|label|class))|^we wouldnt know"
)


def intent(text: str, asked: Slot | Asked) -> Intent | None:
    """The intent that the wording makes plain, or None."""
    if not re.search(r"\w", text):
        return (
            Intent.DONT_KNOW
            if "?" in text
            else Intent.ANSWER
            if asked is Asked.CONFIRM and agrees(text)
            else Intent.OTHER
        )
    said = _plain(text)
    short, words = len(said) < 200, len(said.split())
    answering, confirming = isinstance(asked, Slot), asked is Asked.CONFIRM
    if "ツ" in text:
        return Intent.DONT_KNOW
    if _INJECTION.search(said) or _CODE.search(text) or _noise(said):
        return Intent.OTHER
    if words <= 10 and asked is not Slot.SHORTFALL and _AT_US.search(said):
        return Intent.OTHER
    if (short and _RESTART.search(said)) or (
        len(said) < 400 and _RESTART.search(re.split(r"(?<=[.!?]) ", said)[-1])
    ):
        return Intent.RESTART
    if len(said) < 120 and _UNDO.search(said):
        return Intent.UNDO
    if (
        confirming
        and len(said) < 80
        and not _IMPATIENT.search(said)
        and not _SKIP.search(said)
        and agrees(text) is not None
        and not _EXCEPT.search(said)
    ):
        return (
            Intent.CORRECTION
            if agrees(text) is False and words > 2 and _corrects(text, said, asked)
            else Intent.ANSWER
        )
    if asked is not Asked.OPENING and _COMPARE.search(said):
        return Intent.COMPARE
    if _supposes(said, asked):
        return Intent.WHAT_IF
    if _why(said, asked):
        return Intent.WHY
    if _impatient(said, asked):
        return Intent.JUST_TELL_ME
    if _small_talk(said, asked):
        return Intent.OTHER
    asking = _asks(said, asked)
    if (
        len(said) < 140
        and (words < 16 or asked is not Asked.OPENING)
        and _SKIP.search(said)
        and (not asking or re.match(r"(?:can|could|may|lets)\b", said))
    ):
        return Intent.SKIP
    if not asking and _corrects(text, said, asked):
        return Intent.CORRECTION
    if (
        len(said) < 140
        and (answering or words <= 5 or confirming or said.startswith("i dont know"))
        and _UNKNOWN.search(said)
        and not _ESTIMATE.search(said)
        and not (asked in (Slot.STABILITY, Slot.SUCCESS) and _UNSETTLED.search(said))
        and not (asked is Slot.SHORTFALL and _IT_IGNORES.search(said))
    ):
        return Intent.DONT_KNOW
    if asking:
        return Intent.QUESTION
    if answering and agrees(text) is not None and words <= 4:
        return Intent.ANSWER
    if re.fullmatch(r"[\d\s,.~+<>k/-]+(?:a |per )?(?:day|week|month|hour|year)?[.!]?", said):
        return Intent.ANSWER
    return None


def _noise(said: str) -> bool:
    """Keyboard mash, or a language that is not read."""
    tokens = re.findall(r"[^\W\d_]+|\S+", said)
    if (
        len(said) < 60
        and all(
            re.fullmatch(r"(\w)\1{3,}|[\W_]+|z+", t) or (len(t) >= 4 and any(t[:4] in run for run in _RUNS))
            for t in tokens
            if not t.isdigit()
        )
        and not all(t.isdigit() for t in tokens)
    ):
        return True
    return bool(re.search(r"[\u0400-\u04ff\u3040-\u30ff\u4e00-\u9fff\u0600-\u06ff]", said))


def _supposes(said: str, asked: Slot | Asked) -> bool:
    """A change is supposed and asked about. Before the advice is given, "say 50 a day" is an estimate."""
    if len(said) > 260:
        return False
    if _WHAT_IF.search(said):
        return True
    if _IF.search(said):
        return bool(_ASKS_THEN.search(said))
    return asked is Asked.DONE and bool(
        _WITH.search(said)
        or (
            re.search(rf"{_WOULD_IT}\W*$", said)
            and re.search(r"\b(?:if|with|imagine|pretend|say|same)\b", said)
        )
    )


def _why(said: str, asked: Slot | Asked) -> bool:
    if len(said) > 200:
        return False
    if (_WHY_ASK.search(said) and asked is not Asked.OPENING) or (
        _REASONS.search(said) and asked is Asked.DONE
    ):
        return True
    if isinstance(asked, Slot) and _WEIGHT.search(said):
        return True
    if not _WHY_OPENING.search(said) or re.match(r"\W*why, (?:of course|yes|no)|why would (?:we|i)\b", said):
        return False
    return not _WORLD.search(said) if asked in (Asked.OPENING, Asked.DONE) else True


def _impatient(said: str, asked: Slot | Asked) -> bool:
    """Wants the advice now. A first message that tells the case and ends so is still the telling of a case."""
    limit = 140 if asked is Asked.OPENING else 320
    return (
        len(said) < limit
        and bool(_IMPATIENT.search(said))
        and not re.search(
            r"\b(?:tell me (?:what|how|about) (?:a |an |the )?[\w-]+ (?:is|are|means?|does)|poem|joke|story)\b",
            said,
        )
    )


def _small_talk(said: str, asked: Slot | Asked) -> bool:
    if len(said) > 120:
        return False
    if _ABUSE.search(said) or _OFF_TOPIC.search(said):
        return True
    if (
        asked is not Asked.CONFIRM
        and len(said.split()) <= 10
        and _SMALL_TALK.search(said)
        and not _CASE.search(said)
    ):
        return True
    foreign = len(_FOREIGN.findall(said))
    return (
        asked is not Asked.CONFIRM
        and foreign >= 2
        and foreign > len(_ENGLISH.findall(said))
        and not _CASE.search(said)
        and not _UNKNOWN.search(said)
        and "?" not in said[-3:]
    )


def _asks(said: str, asked: Slot | Asked) -> bool:
    """A question to us, and nothing told of the case before it."""
    if "?" not in said and _CLEFT.match(said):
        return False
    if (re.match(r".{0,60}\b(?:whatever|what we)\b", said) and "?" not in said) or len(said) > 300:
        return False
    mark = said.rstrip("\"') ").endswith("?")
    sentences = [s for s in re.split(r"(?<=[.!?…])\s+", said) if s.strip()]
    if _ASKING.search(said):
        # "What's on offer. Marketing swaps it every Monday": a full stop, and more told after it
        rest = [s for s in sentences[1:] if not s.endswith("?")]
        return not any(_STATES.search(s) for s in rest) and (
            sentences[0].endswith("?")
            or (not sentences[0].endswith(".") and "?" in said)
            or (len(sentences) == 1 and not said.endswith("."))
        )
    return (
        mark
        and len(sentences) == 1
        and len(_QUERY.findall(said)) > 0
        and not (isinstance(asked, Slot) and len(said.split()) < 4)
        and not re.search(r"\b(?:we|our)\b", said)
    )


def _corrects(text: str, said: str, asked: Slot | Asked) -> bool:
    """Something said before is changed. At the summary, whatever is told of the case and is no yes changes it."""
    if said.endswith("?") or len(said) > 260 or re.match(r"\s*[\"'“‘]", text):
        return False
    if asked is Asked.CONFIRM:
        agreed = _YES.match(text)
        told = bool(_CASE.search(re.sub(r"\b(?:not|isnt) right\b|\bwrong\b|\banswers?\b", "", said)))
        return (
            told
            and (not agreed or bool(re.search(r"\b(?:but|except|apart from|only that)\b", said)))
            and not _UNKNOWN.search(said)
        )
    if asked is Asked.OPENING:
        return bool(re.match(r"^\W*(?:wait no|no wait|sorry i (?:wrote|said)|correction)\b", said))
    return bool(_CORRECTION.search(said)) and not re.match(r"^\W*\d+[,;] no\b", said)


def agrees(text: str) -> bool | None:
    """Does the message open with a yes or a no?"""
    if _NO.match(text):
        return False
    if _YES.match(text):
        return (
            not re.search(r"\b(?:but|except|apart from|although|though|however)\b", text, re.IGNORECASE)
            or None
        )
    return None
