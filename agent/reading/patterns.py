"""Wording that plainly states a value: one row a way of saying it, matched within one factual clause.

Rows are for wording that means one thing wherever it stands; what needs judgement is left to the trained heads, and what
neither reads is asked. `NOT` keeps a row from matching where a denial stands before it in the clause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from agent.facts import Slot

_DENIAL: Final = re.compile(r"\b(?:not?|never|without|don'?t|doesn'?t|didn'?t|isn'?t|aren'?t|wasn'?t|haven'?t|hasn'?t|hadn'?t|can'?t|cannot|won'?t|zero|none|neither|nor|hardly|barely|lack(?:s|ing)?|nothing)\b(?:\W+\w+){0,4}\W*$", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One way of stating one value. `denied` says what the same words state after a denial, if anything."""

    slot: Slot
    value: str
    pattern: re.Pattern[str]
    denied: str | None = None
    any_mark: bool = False

    def reads(self, clause: str) -> tuple[str, str] | None:
        """The value and the words it rests on, or None."""
        match = self.pattern.search(clause)
        if match is None:
            return None
        denial = _DENIAL.search(clause[: match.start()])
        if denial is None:
            return self.value, match[0].strip()
        if self.denied is None:
            return None
        return self.denied, clause[denial.start() : match.end()].strip()


def _row(slot: Slot, value: str, *patterns: str, denied: str | None = None, any_mark: bool = False) -> Row:
    return Row(slot, value, re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE), denied, any_mark)


_DOCS = r"(?:docs?|documents?|documentation|pdfs?|pages?|files?|articles?|manuals?|policies|policy|handbooks?|contracts?|reports?|papers?|records?|wiki|confluence|sharepoint|notion|knowledge ?base|kb|catalogu?e?s?|datasheets?|sops?|procedures?|guidelines?|regulations?|statutes?|case files?|specs?|faqs?|tickets?)"
_RETRIEVAL = r"(?:rag|retrieval|vector (?:db|database|store|search|index)|semantic search|embeddings? search|pinecone|weaviate|qdrant|chroma(?:db)?|faiss|pgvector|elastic ?search|opensearch|azure (?:ai |cognitive )?search)"

ROWS: Final[tuple[Row, ...]] = (
    # retrieval
    _row(Slot.RETRIEVAL, "none",
         rf"\bno (?:{_RETRIEVAL}|search|lookup|look-up|index)(?: (?:yet|set ?up|in place|built|at all|so far|of any kind))?\b",
         rf"\b(?:haven'?t|have not|havent|didn'?t|not|never) (?:yet )?(?:built|set ?up|done|got|have|tried|any|do|implemented|started|got round to)(?: (?:any|a|an|up|the|on|with|out))* {_RETRIEVAL}",
         rf"\bwithout (?:any )?{_RETRIEVAL}"),
    _row(Slot.RETRIEVAL, "misses",
         r"\b(?:pulls?|pulling|brings?|bringing|fetch(?:es|ing)?|retriev(?:es|ing)|returns?|returning|finds?|finding|gets?|getting|grabs?|picks?|surfaces?|cites?)(?: \w+){0,3} (?:up |back )?(?:the )?(?:wrong|irrelevant|unrelated|outdated|stale|random) (?:\w+ )?(?:docs?|documents?|pages?|chunks?|passages?|sections?|articles?|ones?|files?|polic\w+|paragraphs?|results?|clauses?|versions?|stuff)",
         r"\b(?:wrong|irrelevant|unrelated) (?:chunks?|passages?|pages?|docs?|documents?|sections?) (?:come|comes|get|gets|are|keep)",
         r"\b(?:search|retriev\w+|rag|lookup) (?:\w+ ){0,3}(?:misses|keeps missing|can'?t find|doesn'?t find|does not find|never finds|fails to find|is (?:bad|poor|terrible|rubbish|awful|crap))"),
    _row(Slot.RETRIEVAL, "misused",
         r"\b(?:finds?|found|pulls?|gets?|retriev\w+|fetch\w*|brings?|surfaces?)(?: \w+){0,3} (?:the )?(?:right|correct|proper|relevant) (?:\w+ )?(?:docs?|documents?|pages?|chunks?|passages?|sections?|articles?|paragraphs?|stuff|ones?|clauses?|files?)[^.]{0,60}\b(?:but|yet|still|then|and (?:still|then))\b",
         r"\b(?:right|correct|relevant) (?:\w+ )?(?:docs?|documents?|pages?|chunks?|passages?|sections?|articles?|paragraphs?)[^.]{0,50}\b(?:but|yet|still)\b[^.]{0,60}\b(?:wrong|ignor\w+|misread\w*|garbled|twist\w*|off|bad|mangles?)\b"),
    # knowledge
    _row(Slot.KNOWLEDGE, "changing",
         rf"\b{_DOCS}\b(?: \w+){{0,4}} (?:chang(?:e|es|ing)|(?:is|are|get|gets) updated|updates?)(?: \w+){{0,2}} (?:daily|weekly|hourly|constantly|all the time|every (?:day|week|hour|night|few days)|nightly|frequently|often)",
         r"\b(?:live|real-?time|up[- ]to[- ]the[- ]minute|today'?s|current) (?:prices?|stock|inventory|availability|data|rates?|news|schedules?|levels?)",
         r"\b(?:prices?|stock|inventory|availability|rates?|menus?|listings?|timetables?|schedules?)\b(?: \w+){0,3} chang(?:e|es|ing)(?: \w+){0,3} (?:daily|weekly|hourly|constantly|all the time|every|nightly|often|each)"),
    _row(Slot.KNOWLEDGE, "large",
         rf"\b(?:\d[\d,.]*k?|hundreds of|thousands of|tens of thousands of|tons of|loads of|a (?:huge|massive|giant|big) (?:pile|stack|set|folder|library|archive|heap) of|a mountain of|years of|decades of|gigabytes of|\d+ ?gb of|so many|too many) (?:\w+ ){{0,3}}(?:pdfs?|docs|documents|manuals|policies|wiki pages|pages of (?:\w+ ){{0,2}}(?:docs?|documentation|manuals?|polic\w+|regulations?|rules|procedures|guidelines)|contracts|case files|datasheets|sops|procedures|handbooks|knowledge base articles|kb articles|help (?:center |centre )?articles|confluence pages|regulations|statutes|standards|skus)\b",
         r"\b(?:our|the|a|huge|massive|big|entire|whole) (?:\w+ ){0,2}(?:confluence|sharepoint|knowledge ?base|intranet|document (?:store|library|archive))\b"),
    _row(Slot.KNOWLEDGE, "small_static",
         r"\b(?:one|two|three|four|five|six|1|2|3|4|5|6|7|8|a single|single|couple(?: of)?|few|short|small|tiny|half a|a half)[- ]?(?:\w+[ -]){0,2}pagers?\b",
         r"\b(?:a|one|two|three|four|five|six|1|2|3|4|5|6|7|8|a single|a couple(?: of)?|a few|half a)[- ]pages? (?:\w+ ){0,2}(?:policy|doc(?:ument)?|pdf|sheet|style ?guide|price ?list|guide|handbook|faq|list|brief|rulebook|manual|memo|of)",
         r"\bfits? (?:easily |comfortably |all |well |fine )?(?:in|into|on|inside) (?:a|the|one|our|two|a single) (?:\w+ )?(?:prompt|page|pages|context)"),
    _row(Slot.KNOWLEDGE, "none",
         r"\bno (?:outside|external|extra|additional|other|special|background|company|internal|domain) (?:info(?:rmation)?|knowledge|data|docs?|documents?|facts?|context|sources?)(?: (?:is )?(?:needed|required|necessary))?",
         r"\b(?:doesn'?t|does not|don'?t|do not|no) need (?:to know )?(?:any |anything |for )?(?:outside|external|extra|additional|other|special|company) (?:info(?:rmation)?|knowledge|data|docs?|facts?|context)",
         r"\beverything (?:it|the model|that'?s|that is|we) (?:\w+ )?(?:needs?|required?) (?:is|comes|sits|stands) (?:already )?(?:in|with|inside) (?:the )?(?:\w+ )?(?:input|message|text|email|mail|ticket|document|prompt|request|question|itself|note|transcript|call)"),
    # prompting
    _row(Slot.PROMPTING, "exhausted",
         r"\b(?:few[- ]?shot|examples?)\b[^.]{0,80}\b(?:iterat\w+|tun\w+|tweak\w+|measur\w+|test(?:ed|ing)? (?:it )?(?:against|on)|benchmark\w*|plateau\w*)\b[^.]{0,60}\b(?:test (?:set|cases)|eval\w*|plateau\w*|stuck|flat|no (?:more )?(?:gain|improvement)|won'?t (?:budge|move)|same score|benchmark|hold-?out|golden)"),
    _row(Slot.PROMPTING, "few_shot",
         r"\b(?:few|five|four|three|two|multi|[2-9]|1[0-2])[- ]?shots?\b(?! and iterat)",
         r"\b(?:prompt|instructions?)\b(?:[^.]{0,60})\b(?:with|plus|and|including|has|contains|incl)\b (?:also )?(?:[2-9]|1[0-2]|two|three|four|five|six|seven|eight|ten|a few|several|some|a couple(?: of)?|a handful of) (?:\w+ ){0,2}(?:examples?|samples?|demos?|demonstrations?|worked cases)\b",
         r"\b(?:[2-9]|1[0-2]|two|three|four|five|six|seven|eight|ten|a few|several|a couple(?: of)?|a handful of) (?:\w+ ){0,2}(?:examples?|samples?|demonstrations?|worked cases) (?:\w+ ){0,2}(?:in|inside|into|to) (?:the|our|my|its|that|each|every) (?:\w+ )?(?:prompts?|instructions?|system prompt|template)"),
    _row(Slot.PROMPTING, "structured",
         r"\b(?:long|careful|carefully (?:written|crafted|worded)|detailed|elaborate|thorough|proper|well[- ](?:structured|written|designed|crafted)|structured|solid|huge|massive|big|worked[- ]out|\d+[- ](?:line|page|word|token)|two[- ]page|three[- ]page|multi[- ]page|iterated|polished)(?:,)? (?:(?:and|,)? ?(?:long|careful|detailed|structured|proper|system|big|thorough) ?)*prompt\b(?![^.]{0,60}\b(?:examples?|shots?)\b)",
         r"\bprompt\b[^.]{0,70}\b(?:no|without|zero|0|not any|hasn'?t (?:got )?any|doesn'?t have any) (?:\w+ ){0,2}examples?\b",
         r"\bprompt (?:\w+ ){0,4}(?:role|rules|format|constraints|output format|schema)\b[^.]{0,60}\b(?:rules|format|constraints|schema|tone)\b(?![^.]{0,60}\bexamples?\b)"),
    _row(Slot.PROMPTING, "basic",
         r"\b(?:one[- ]?lin(?:e|er)|one[- ]sentence|two[- ]?lin(?:e|er)|two[- ]sentence|single[- ](?:line|sentence)|1[- ]line|2[- ]line|quick|simple|basic|short|stock|default|generic|crude|lazy|naive|bare|tiny|plain|trivial|rough|dumb|half[- ]baked|copy[- ]pasted?|off[- ]the[- ]shelf) (?:\w+ ){0,2}prompt\b",
         r"\bprompt is (?:\w+ ){0,2}(?:basic|one line|a one[- ]liner|two lines|short|simple|a single sentence|one sentence|a sentence|tiny|nothing special|pretty simple)\b",
         r"\bjust (?:asked|asking|ask|typed|typing|pasted|pasting|throw|threw|told|telling|using) (?:\w+ ){0,3}(?:chat ?gpt|gpt|claude|gemini|copilot|the model|it)\b"),
    _row(Slot.PROMPTING, "none",
         r"\b(?:haven'?t|have not|havent|not|didn'?t|never|nothing) (?:\w+ ){0,2}(?:written|wrote|tried|tested|started|built|prompted|made|touched|done|begun) (?:\w+ ){0,2}(?:any(?:thing)?(?: at all)?|a (?:single )?prompts?|any prompts?|prompting|a prompt yet)(?: (?:yet|so far))?\b",
         r"\bno prompts?(?: (?:yet|so far|at all|written|exists?))?\b(?! (?:caching|engineer|template))",
         r"\bnothing (?:is |has been |was )?(?:built|tried|written|done|running|in place|started|live)(?: (?:yet|so far|at all))?\b",
         r"\b(?:just|only|still|it'?s) (?:\w+ )?an idea\b", r"\b(?:haven'?t|have not|havent|not) (?:even )?(?:started|begun|built anything|tried anything|done anything|tried yet)\b", r"\bstarting from (?:scratch|zero|nothing)\b"),
    # shortfall
    _row(Slot.SHORTFALL, "format",
         r"\b(?:json|xml|csv|yaml|markdown|schema|format(?:ting)?|output structure|fields?|columns?|keys?|brackets?|braces?|commas?)\b[^.,;]{0,40}\b(?:breaks?|broken|busted|invalid|malformed|wrong|missing|off|inconsistent|messed up|drifts?|mangled|fails?|doesn'?t (?:parse|validate)|does not (?:parse|validate)|won'?t parse|not valid|garbled|screwed)\b",
         r"\b(?:broken|invalid|malformed|busted|bad|wrong|unparse?able|mangled) (?:json|xml|csv|yaml|format(?:ting)?|structure|schema|fields?|markup|columns?)\b",
         r"\b(?:breaks?|messes? up|screws? up|mangles?|ignores?|drops?|forgets?|loses?|skips?|leaves? out|omits?) (?:the |our |some |required |a )?(?:\w+ )?(?:json|xml|csv|schema|format|fields?|headings?|keys?|columns?|sections?|template|layout)\b",
         r"\b(?:too|way too|far too) (?:long|wordy|verbose|lengthy|chatty)\b"),
    _row(Slot.SHORTFALL, "style",
         r"\b(?:tone|voice|style|wording|register|writing)\b[^.,;]{0,30}\b(?:is|are|feels?|sounds?|comes? out|still|all|reads?)\b[^.,;]{0,25}\b(?:off|wrong|robotic|stiff|bland|generic|cold|formal|corporate|bad|flat|weird|not (?:us|ours|right|there)|inconsistent|too \w+|cheesy|salesy|casual|american)\b",
         r"\b(?:wrong|robotic|generic|corporate|stiff|bland|off-brand|incorrect) (?:tone|voice|style|wording|register)\b",
         r"\bsounds? (?:\w+ ){0,3}(?:like (?:a )?(?:robot|machine|ai|bot|lawyer|marketing|brochure|gpt|chatgpt|american|corporate|textbook)\w*|robotic|generic|stiff|cold|corporate|fake|unnatural|soulless|cheesy|nothing like us|too \w+)\b",
         r"\b(?:doesn'?t|does not|never|not|don'?t) sound (?:\w+ )?(?:like us|like our|human|right|natural|like me)\b", r"\boff[- ]brand\b"),
    _row(Slot.SHORTFALL, "cost_latency",
         r"\b(?:bills?|costs?|invoice|spend|price|pricing|tokens?)\b[^.;]{0,40}\b(?:kill(?:s|ing)|too (?:high|much|expensive|dear)|hurt(?:s|ing)?|insane|crazy|ridiculous|through the roof|eating|eats|painful|out of hand|unsustainable|exploding|adds? up|way up|skyrocket\w*|brutal|murder)\b",
         r"\b(?:too|way too|very|really|painfully|so|awfully|far too) (?:slow|expensive|costly|pricey|dear)\b(?! (?:to|for us to) (?:build|train|label|hire|fine))",
         r"\b(?:latency|response times?|speed|wait(?:ing)?(?: time)?)\b[^.;]{0,30}\b(?:too (?:high|long|slow)|is (?:bad|awful|terrible|a (?:problem|pain|killer)|killing|unacceptable|the problem|the issue)|kills?|hurts?|problem|issue)\b",
         r"\btakes? (?:forever|ages|too long|way too long|\d+ (?:seconds|secs|minutes) (?:per|each|to answer|for each))\b", r"\b(?:costs?|costing|paying|spending|burn(?:ing)?) (?:us |me )?(?:a fortune|an arm and a leg|too much|way too much|a bomb|through the nose)\b"),
    _row(Slot.SHORTFALL, "knowledge",
         r"\b(?:makes?|making|made) (?:stuff|things|shit|facts|details|products?|prices|answers|policies|it|them|order numbers|clauses|names) up\b", r"\bmakes? up (?:\w+ ){0,3}(?:facts?|details|products?|prices|answers|policies|features|names|numbers|clauses|cases|citations|references|things|stuff)\b",
         r"\b(?:invent(?:s|ing)?|hallucinat(?:es|ing|ed|ions?)|fabricat(?:es|ing))\b(?! (?:less|rarely))(?:(?: \w+){0,3} (?:facts?|products?|prices?|polic\w+|features?|names?|part numbers?|numbers|answers?|details|references|clauses|citations|cases|specs?|dates|deadlines|things|stuff))",
         r"\b(?:doesn'?t|does not|dont|didn'?t|cannot|can'?t|has no (?:idea|clue)|no clue|knows nothing)(?: \w+){0,1} (?:know|about)(?: \w+){0,2} (?:our|about our|of our|the) (?:\w+ ){0,2}(?:products?|prices|polic\w+|data|catalog\w*|rules|stock|services|docs|procedures|business|stuff|company|menu)\b"),
    _row(Slot.SHORTFALL, "consistency",
         r"\binconsisten(?:t|cy|cies|tly)\b", r"\b(?:hit (?:or|and) miss|hit-or-miss|flip[- ]?flops?|varies (?:wildly|a lot|from|every|each)|differs? (?:each|every) time|different (?:answer|result|output|label|score|reply|thing)s? (?:each|every) (?:time|run|call)|changes? its mind|sometimes (?:it )?(?:works|right|good|fine|great|perfect)[^.]{0,30}(?:sometimes|other times)|same (?:input|question|ticket|email|text|prompt|thing)[^.]{0,30}different|unreliable|not reliable|unpredictable|random(?:ly)? (?:different|changes))\b"),
    _row(Slot.SHORTFALL, "quality",
         r"\b(?:accuracy|precision|recall|f1|quality)\b[^.;]{0,30}\b(?:too low|not (?:good )?enough|is (?:bad|poor|low|terrible|meh|lacking)|isn'?t (?:good|there|enough|high)|stuck|plateau\w*|below|drops?|suffers?|falls? short)\b",
         r"\b(?:gets?|getting|got|labels?|classif\w+|picks?|picking|tags?|routes?|gives?|giving|sorts?|scores?|codes?|assigns?) (?:\w+ ){0,4}(?:wrong|incorrect(?:ly)?|mislabel\w*)\b(?! (?:docs?|documents?|pages?|chunks?|passages?|tone|format|voice|style))",
         r"\b(?:wrong|incorrect|inaccurate) (?:answers?|labels?|category|categories|class(?:es|ification)?s?|results?|codes?|diagnos\w+|predictions?|conclusions?|routing|queue|calculations?|reasoning|tags?|scores?)\b", r"\bmis-?(?:classif\w+|labels?\b|labell?\w+|routes?\b|routed\b|routing\b|codes?\b|reads?\b|tags?\b|judges?\b|translat\w+|spells?\b|understand\w*)"),
    _row(Slot.SHORTFALL, "nothing",
         r"\b(?:works?|working|runs?|running|doing|does|is|it'?s) (?:\w+ )?(?:fine|great|perfectly|well enough|nicely|a treat|like a charm|ok as it is|really well|very well|brilliantly|just fine|pretty well)\b(?! (?:most|except|but|until|for (?:the )?(?:easy|simple|short)|with|in (?:demos?|english)|sometimes|on))",
         r"\b(?:nothing|no complaints?|none)(?: \w+){0,2} (?:wrong|falls short|really falls short|to complain|broken|missing|is wrong|is bad)\b", r"\bno (?:complaints|problems|issues)(?: (?:so far|at all|really|to speak of|with (?:the )?(?:answers|output|quality)))?\s*(?:$|[.,!])", r"\b(?:happy|satisfied|content|pleased|delighted) with (?:\w+ ){0,2}(?:it|them|results?|answers?|output|quality|that|what)\b"),
    # stability
    _row(Slot.STABILITY, "evolving",
         r"\b(?:categor(?:y|ies)|labels?|classes|rules?|taxonomy|criteria|requirements?|spec|scope|format|template|definitions?|queues?|tags?|codes?|schema|task|policy on tone|guidelines)\b[^.;]{0,30}\b(?:keeps? (?:changing|moving|shifting|growing|evolving)|still (?:changing|moving|evolving|shifting|in flux|being|open|fluid)|chang(?:e|es|ing) (?:every|each|weekly|monthly|all the time|constantly|a lot|often|per|again)|shift(?:s|ing)? (?:every|each|weekly|monthly|all the time|constantly)|in flux|moving target|not (?:settled|final|fixed|stable) yet|aren'?t (?:settled|final|fixed)|isn'?t (?:settled|final|fixed))\b",
         r"\bstill (?:figuring|working|finding|sorting|deciding|experimenting|exploring|learning|debating|arguing|discovering)(?: out)?\b", r"\bmoving target\b", r"\bin flux\b", r"\b(?:new|add|adding|adds) (?:\w+ )?(?:categor(?:y|ies)|labels?|classes|rules|types|tags|codes) (?:every|each|all the time|constantly|weekly|monthly)\b"),
    _row(Slot.STABILITY, "stable",
         r"\b(?:same|fixed|settled|stable|unchanged|frozen|set in stone|locked|static) (?:\w+ ){0,3}(?:categor(?:y|ies)|labels?|classes|format|template|task|rules?|queues?|fields?|codes?|schema|taxonomy|spec|structure|layout|form|job|tags|types|buckets|checklist|definition|since \d{4})\b(?![^.]{0,20}\?)",
         r"\b(?:categor(?:y|ies)|labels?|classes|format|template|task|rules?|queues?|fields?|codes?|schema|taxonomy|spec|structure|layout|form|job|tags|types|buckets|definition|list)\b[^.;]{0,30}\b(?:hasn'?t changed|haven'?t changed|has not changed|have not changed|havent changed|hasnt changed|never chang(?:es?|ed)|(?:don'?t|doesn'?t|dont|doesnt|won'?t|not) chang(?:e|ed|ing)|(?:is|are|been|stays?|stayed|remains?) (?:the same|fixed|settled|stable|frozen|locked|set in stone|unchanged|constant|identical))\b",
         r"\b(?:one|single) narrow(?:,)? (?:\w+,? )?(?:task|job)\b"),
    _row(Slot.STABILITY, "varied",
         r"\b(?:every|each) (?:call|request|ticket|question|task|job|day|user|one|message|prompt|input|case|time) (?:is|asks?|wants?|needs?)(?: \w+){0,2} (?:different|something else|something different|its own|unique|new thing)\b", r"\ball (?:sorts|kinds) of (?:\w+ )?(?:tasks?|requests?|things|questions|jobs|stuff)\b", r"\bno two (?:\w+ )?(?:are|requests?|calls?|jobs?|tasks?|tickets?|cases?)(?: are)?(?: \w+)? (?:alike|the same)\b", r"\b(?:general|all)[- ]purpose (?:assistant|helper|bot|chat\w*)\b"),
    # success
    _row(Slot.SUCCESS, "measured",
         r"\b(?:test|eval(?:uation)?|golden|gold|benchmark|hold-?out|held-?out|validation|regression) (?:set|suite|cases|data|dataset|harness|questions|tickets|examples)\b", r"\b(?:an?|our|the|have) evals?\b(?! (?:set|suite))", r"\b(?:measured|scores?|scored|scoring|hits?|hitting|sits? at|sitting at|reach(?:es|ed|ing)?|get(?:s|ting)?|at|accuracy (?:is|of)|f1 (?:is|of)|precision (?:is|of))\b(?: \w+){0,3} (?:0?\.\d+|\d{2}(?:\.\d+)? ?(?:%|percent|pct)|f1)(?: \w+){0,3} (?:on|against|across|accuracy|accurate|f1|correct|right|of the time|precision|recall)\b",
         denied="undefined"),
    _row(Slot.SUCCESS, "undefined",
         r"\beye-?ball(?:ing|s|ed)?\b", r"\b(?:know|knows) (?:it|good|a good one) when (?:we|i|they|you) see\b", r"\bgut (?:feel(?:ing)?|check|instinct)\b", r"\bno (?:\w+ )?(?:metrics?|evals?|test (?:set|cases)|success criteri(?:a|on)|criteri(?:a|on)|kpis?|targets?|benchmark|way (?:of|to) (?:measur\w+|tell\w*|check\w*|know\w*)|measure(?:ment)?s?)\b", r"\b(?:haven'?t|have not|havent|not|never|didn'?t) (?:\w+ )?(?:defined|decided|agreed|measured|set) (?:\w+ ){0,3}(?:good|success|target|criteri\w+|it|metric|what)\b", r"\bby feel\b", r"\bvibes?\b"),
    _row(Slot.SUCCESS, "defined",
         r"\b(?:needs?|must|has to|have to|should|target(?: is|:)?|goal(?: is|:)?|aim(?:ing)? for|require[sd]?|want|at least|sla(?: is|:)?)\b(?: \w+){0,5} (?:\d{2}(?:\.\d+)? ?(?:%|percent|pct))", r"\b\d{2}(?:\.\d+)? ?(?:%|percent|pct)(?: \w+){0,3} (?:is (?:the|our) (?:target|goal|bar)|or better|or more|needed|required|target|minimum)\b", r"\b(?:acceptance criteria|checklist|rubric|sla)\b(?: \w+){0,3} (?:exists?|written|agreed|in place|we use|for (?:good|what))\b", any_mark=True),
    # wants
    _row(Slot.WANTS, "facts_trained_in",
         rf"\b(?:train|fine-?tune|finetune|teach|tune|training|fine-?tuning|finetuning|teaching)\b(?: \w+){{0,4}} (?:on|with|from|about|our|in|all)(?: (?:all|our|my|the|these|those|of|\w+)){{0,5}} (?:{_DOCS}|products?|website|site|material|content|textbooks?|books?|law|laws|database|facts|knowledge|history|prices|rules)\b",
         r"\b(?:bake|burn|put|get|inject|embed|load)(?: \w+){0,5} (?:facts|knowledge|docs?|documents?|docs|catalogu?e?|manuals?|policies|policy|data|info\w*)(?: \w+){0,3} (?:in|into|inside) (?:the |its )?(?:weights|model|brain)\b", r"\b(?:memori[sz]e|learn) (?:\w+ ){0,2}(?:all )?(?:our|the|my|these) (?:\w+ ){0,2}(?:docs?|documents?|manuals?|catalogu?e?|policies|policy|products?|prices|facts|pdfs?|rules|wiki)\b", any_mark=True),
    _row(Slot.WANTS, "finetuning",
         r"\b(?:we|i|we'?re|i'?m|we'?ve|us)\b(?: \w+){0,3} (?:want|wanna|plan|planning|going|intend|would like|'?d like|like|hope|hoping|decided|about|set|ready|keen|thinking (?:of|about)|thinking|leaning|lean|leaning (?:to|towards?)|considering|looking|prefer|figured?|convinced|think)(?: \w+){0,5} (?:fine[- ]?tun(?:e|ing|ed)|lora|train(?:ing)? (?:our|my|a|an|us a)(?: own| custom| small(?:er)?| dedicated)? (?:\w+ )?model|finetun\w+)", any_mark=True),
    _row(Slot.WANTS, "quick_training",
         r"\b(?:just|simply) (?:\w+ ){0,3}(?:upload|train|fine-?tune|finetune|feed|throw|dump|run)(?: \w+){0,8} (?:weekend|afternoon|overnight|hours?|day|done|evening|button|gpu|week|easy)\b", r"\b(?:train(?:ing)?|fine-?tun(?:e|ing)|finetun(?:e|ing))\b[^.]{0,40}\b(?:over the weekend|in an afternoon|overnight|in a (?:day|few hours|couple of hours)|a few hours|no big deal|can'?t be (?:that )?hard|piece of cake|easy|push (?:a|the) button|an hour)\b", any_mark=True),
    # needs
    _row(Slot.NEEDS, "actions",
         r"\b(?:must|needs? to|has to|have to|should|can|supposed to|able to|also|then)\b(?: \w+){0,4} (?:book|refund|cancel|reschedule|place (?:an )?orders?|send (?:the )?(?:emails?|mails?|invoices?|sms|texts?|messages)|update (?:the )?(?:crm|record|database|ticket|salesforce|calendar|order)|create (?:a |the )?(?:ticket|invoice|order|booking|calendar)|issue (?:a |the )?refunds?|reset (?:the |their )?passwords?|transfer|pay|unlock|call (?:the|an|our) api|open (?:a )?tickets?)\b", any_mark=True),
    _row(Slot.NEEDS, "arithmetic",
         r"\b(?:exact|correct|precise|right) (?:sums?|totals?|arithmetic|math|maths|calculations?|figures)\b", r"\b(?:add(?:s|ing)? up|sum(?:s|ming)? up|calculat(?:e|es|ing)|comput(?:e|es|ing)|total(?:s|ling)?)\b(?: \w+){0,3} (?:totals?|sums?|tax(?:es)?|vat|interest|prices?|invoices?|hours|amounts?|commission|figures|numbers|balances?|discounts?|payroll|costs?|doses?|dosages?)\b", any_mark=True),
    _row(Slot.NEEDS, "reasoning",
         r"\b(?:multi-?step|step[- ]by[- ]step|several steps of|chains? of|complex|deep|multi-?hop)(?: \w+)? (?:reasoning|logic|thinking|deduction|inference|problems?|analysis)\b", r"\breason(?:ing)? (?:through|over|about|across)\b", any_mark=True),
    # privacy
    _row(Slot.PRIVACY, "true",
         r"\b(?:data|records?|nothing|files?|it|documents?|information|text|notes|they)\b(?: \w+){0,3} (?:can(?:'?t|not)|may not|must not|mustn'?t|not allowed to|isn'?t allowed to|aren'?t allowed to|never|is not allowed to|has to stay|must stay|may never|must never|stays?|can)(?: \w+){0,2} (?:leave|go outside|go out|leaves|in-?house|on-?prem\w*|inside|on our (?:own )?(?:servers?|network|machines?)|within|out of the (?:building|country|eu))\b", r"\bair-?gapped\b", r"\bon-?prem(?:ises)? only\b", r"\bno (?:data|cloud)(?: \w+){0,2} (?:leav(?:es|ing)|allowed|outside)\b", any_mark=True),
)  # fmt: skip

_MODELS: Final = re.compile(r"\b(?:gpt-?\s?\d(?:\.\d)?[a-z]*(?:[- ](?:mini|nano|turbo|luna|sol|terra|astra))?|gpt-?4o(?:[- ]mini)?|o[134](?:-mini|-pro)?|claude(?:[- ](?:opus|sonnet|haiku|instant))?(?:[- ]\d(?:\.\d)?)?|(?:sonnet|haiku|opus)(?: \d(?:\.\d)?)?|gemini(?:[- ](?:\d(?:\.\d)?))?(?:[- ](?:pro|flash|ultra)(?:[- ]lite)?)?|llama[- ]?\d?(?:\.\d)?(?:[- ]\d+b)?|mistral(?:[- ](?:large|small|nemo|7b))?|mixtral|qwen[- ]?\d?(?:\.\d)?(?:[- ]\d+b)?|deepseek(?:[- ]\w+)?|phi-?\d|gemma(?:[- ]?\d)?|command[- ]r)(?![\w])", re.IGNORECASE)
_PLATFORMS: Final = re.compile(r"\b(?:azure(?: openai| ai foundry| foundry)?|(?:aws |amazon )?bedrock|vertex(?: ai)?|google cloud|gcp|aws|sagemaker|databricks|on-?prem(?:ises)?|self-?hosted|together(?:\.ai| ai)|fireworks(?:\.ai| ai)?|ollama|vllm|hugging ?face|openrouter|groq|snowflake)\b", re.IGNORECASE)


def model_named(clause: str) -> str | None:
    match = _MODELS.search(clause)
    return match[0].strip() if match else None


def platform_named(clause: str) -> str | None:
    match = _PLATFORMS.search(clause)
    return match[0].strip() if match else None
