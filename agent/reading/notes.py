"""Messages written like notes: "few-shot, 12 categories settled, 40,000 a day, 3,000 labelled, measured 86%, need 95%".

Between commas stands one thing, said in a few words; a row here must match all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agent.facts import Amount, Proposal, Slot, Value
from agent.reading.quantities import quantities

_START: Final = r"(?:(?:we|i)(?:'ve| have|'re| are|'m| am)? |it(?:'s| is)? |there(?:'s| is| are)? |our |the |a |an |and |currently |already |now |just |still |prompt(?: is)?:? |today:? )*"
_TASK: Final = r"(?:task|job|categor(?:y|ies)|labels?|classes|queues?|codes?|format|schema|rules?|fields?|template|taxonomy|form|scope)"
_FINDS: Final = r"(?:finds?|found|pulls?|gets?|brings?|fetch(?:es)?|retriev\w+|returns?|surfaces?)"
_HIT: Final = (
    r"(?:pages?|docs?|documents?|passages?|articles?|chunks?|sections?|clauses?|files?|ones?|stuff|results?)"
)
_STORE: Final = r"(?:docs?|documents?|pdfs?|polic(?:y|ies)|manuals?|handbooks?|wiki|catalogu?e?|articles?|pages?|books?|records?|contracts?|knowledge ?base|help ?cent(?:er|re)|website|notion|confluence|faqs?|price ?list)"
_REST: Final = r"(?: (?:now|so far|today|at the moment|honestly|really|for us|mostly|yet|already|in place|exists?|set ?up|live|running|every ?time|pretty much always|most of the time))*"

_GRIPE: Final = r"(?:(?:too|so|very|a bit|rather|overly) )?(?:formal|stiff|casual|salesy|chatty|cold|blunt|robotic|cheerful|chirpy|corporate|generic|bland|stilted|preachy)"
_SOMETIMES: Final = r"(?:sometimes |often |always |still |randomly |regularly |(?:every )?now and then |\d{1,2} ?% of the time |half the time )?"
_SHAPE: Final = r"(?:(?:the )?output |(?:the )?reply |(?:the )?answer )?(?:json|xml|csv|yaml|schema|format(?:ting)?|layout|structure)"

_ROWS: Final[tuple[tuple[Slot, Value, str], ...]] = (
    (Slot.PROMPTING, "few_shot", r"(?:with )?(?:few|multi|[3-9]|three|four|five|six)[- ]?shots?(?: prompt(?:ing)?| examples)?(?: with \S+ (?:good )?examples?)?|(?:tried|using|use|did) (?:few|multi)[- ]?shots?(?: prompting)?|(?:\S+ )?prompt (?:with|has|holds|contains) (?:[3-9]|three|four|five|six) (?:good |worked )?(?:examples?|shots)"),
    (Slot.PROMPTING, "structured", r"(?:(?:long|careful|detailed|thorough|serious|structured|carefully written|well[- ](?:written|built|structured|crafted))(?:,? (?:and )?)?)+ prompt"),
    (Slot.PROMPTING, "basic", r"(?:only |just )?(?:one|1|two|2|single|a)[- ](?:line|liner|sentence)s?(?: prompt| thing)?|(?:one|1|single)[- ]paragraph prompt|(?:(?:very |really |pretty )?(?:quick|simple|basic|stock|short|rough|tiny),? )+(?:first )?prompt"),
    (Slot.PROMPTING, "none", r"no prompts?(?: at all| written)?|nothing (?:built|tried|done|written|started)(?: at all)?"),
    (Slot.STABILITY, "stable", rf"(?:\S+ )?{_TASK} (?:is |are |all )?(?:settled|fixed|frozen|stable|final|never changes?|don'?t change|doesn'?t change|unchanged)|(?:settled|fixed|stable) {_TASK}"),
    (Slot.STABILITY, "evolving", rf"(?:\S+ )?{_TASK} (?:that |which )?(?:keeps? changing|still changes?|changes? (?:every|each) \w+|not settled|still moving)"),
    (Slot.SUCCESS, "measured", r"(?:measured|measure|scores?|scoring|scored)(?: at)? \d{2}(?:\.\d)? ?%?(?: .{0,30})?|(?:have |got |an? )?(?:evals?|test ?set|test cases)(?: suite| set)?(?: of \d+(?: \w+)?)?|evals? ready"),
    (Slot.SUCCESS, "undefined", r"(?:no|zero|without(?: an?y?)?) (?:evals?|test ?sets?|test cases|tests|metrics?|benchmarks?)(?: yet| at all)?"),
    (Slot.SHORTFALL, frozenset[str](), r"(?:all |everything |it all |it |answers? )?(?:works?|working|runs?|running|is|are)(?: \w+)? (?:fine|great|good|well|perfectly)|(?:gpt|claude|gemini|llm|model|it)\S* does (?:it|this|that|the job) (?:well|fine|great|perfectly)|no complaints|happy with it|nothing(?:'s| is)? wrong(?: with it)?"),
    (Slot.SHORTFALL, frozenset({"cost_latency"}), r"(?:bill|cost|price)s? (?:hurts?|(?:is |are )?too high|kills us|is killing us)|(?:way )?too (?:slow|expensive|dear|costly|pricey)|costs? (?:way )?too much|latency (?:is )?(?:way )?too high"),
    (Slot.SHORTFALL, frozenset({"style"}), r"(?:answers? )?(?:in |with )?(?:the )?(?:wrong|off) (?:voice|tone|style)|(?:tone|voice|style|wording) (?:is |are )?(?:still |always )?(?:off|wrong|(?:not|isn'?t) right)|(?:(?:answers|replies|mails|emails|texts|it|they|tone|voice|wording|style) )?(?:(?:is|are|sounds?|feels?|reads?|comes? out|comes? across) )?(?:still |always )?too (?:formal|stiff|casual|salesy|chatty|cold|blunt|robotic|cheerful|chirpy|corporate|generic|bland|preachy)|(?:answers|replies|mails|emails|texts|it|they) (?:sounds?|feels?|reads?) (?:still |always )?"
        rf"{_GRIPE}"),
    (Slot.SHORTFALL, frozenset({"format"}), rf"{_SHAPE} (?:is |are |comes? out )?{_SOMETIMES}(?:breaks?|broken|invalid|malformed|wrong|off|all over the place|a mess|drifts?|fails?)(?: {_SOMETIMES.strip()})?|(?:broken|invalid|malformed|wrong) {_SHAPE}"),
    (Slot.SHORTFALL, frozenset({"consistency"}), r"(?:(?:answers|results|outputs?|labels|it|they) )?(?:is |are )?(?:still |very |too |often |sometimes |quite )?inconsistent"),
    (Slot.RETRIEVAL, "works", rf"(?:\S+ )?{_FINDS} (?:the )?(?:right|correct) {_HIT}"),
    (Slot.RETRIEVAL, "misses", rf"(?:\S+ )?{_FINDS}(?: up| back)? (?:the )?(?:wrong|irrelevant) {_HIT}"),
    (Slot.KNOWLEDGE, "none", r"no (?:outside|external|extra|other) (?:info(?:rmation)?|facts|knowledge|data|documents|sources)(?: (?:is |are )?(?:needed|required|necessary|involved))?|nothing to look up"),
    (Slot.KNOWLEDGE, "large", rf"(?:rag|retrieval|vector search)(?: bot| system| pipeline| assistant)?(?: is)?(?: live| running| in place| up| works?)?(?: (?:over|on|across) (?:our |the |\S+ )*{_STORE})?"),
    (Slot.WANTS, frozenset({"facts_trained_in"}), rf"(?:want to |wanna |should |plan to |to )?(?:train|fine-?tune|finetune|teach) (?:it|gpt|a model|the model|an llm|claude|llama|chatgpt)? ?(?:on|with|from) (?:my|our|the|these|those|all)?.{{0,40}}\b{_STORE}"),
)  # fmt: skip
_COMPILED: Final = tuple(
    (slot, value, re.compile(rf"\W*{_START}(?:{pattern}){_REST}\W*", re.IGNORECASE))
    for slot, value, pattern in _ROWS
)
_LABELLED: Final = re.compile(
    r"\s*(?:labell?ed|annotated|tagged|graded|hand-?labell?ed)(?: (?:ones?|examples?|samples?|pairs?|cases?))?\W*",
    re.IGNORECASE,
)
#: What is reached and what is wanted: "86 %, need 95 %", "the eval says 81, we want 93".
_GAP: Final = re.compile(
    r"(?:(?<![\d.,])(\d{2}(?:\.\d)?) ?(?:%|percent)|\b(?:(?:evals?|tests?) says?|scor\w+|measured|(?:stuck|sits|stands) at|(?:accuracy|recall|precision|f1)(?: is| of| at)?) (\d{2}(?:\.\d)?)(?![\d.,]*\d))"
    r"\D{0,60}?\b(?:need|needs|needed|want|target|goal|must be|should be|has to be|ought to be)\b\D{0,20}(\d{2}(?:\.\d)?)(?![\d.,]*\d) ?(?:%|percent)?",
    re.IGNORECASE,
)

#: A note is short; longer stretches are sentences, read elsewhere.
MOST_WORDS: Final = 12


def notes(text: str) -> Iterator[Proposal]:
    """What each short stretch between commas states; nothing for questions."""
    for segment in re.finditer(r"[^,;.!\n]+(?:\.\d+[^,;.!\n]*)*(?:,\d{3}[^,;.!\n]*)*", text):
        said = segment[0].strip()
        if not said or "?" in said or len(said.split()) > MOST_WORDS:
            continue
        for slot, value, row in _COMPILED:
            if row.fullmatch(said):
                yield Proposal(slot=slot, value=value, quote=said)
        for q in quantities(said):
            if q.per_day is None and _LABELLED.fullmatch(q.after) and isinstance(q.amount, Amount):
                yield Proposal(slot=Slot.EXAMPLES, value=q.amount, quote=said)
    gap = _GAP.search(text[:2000])
    if gap and float(gap[1] or gap[2]) < float(gap[3]):
        yield Proposal(slot=Slot.SHORTFALL, value=frozenset({"quality"}), quote=gap[0])
