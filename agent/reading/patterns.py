"""Wording that plainly states a value: one row a way of saying it, matched within one factual clause.

Rows are for wording that means one thing wherever it stands; what needs judgement is left to the trained heads, and what
neither reads is asked. A denial before the match turns a row off (or states its `denied` value); `unless` names what else
in the clause makes the words mean something different.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from agent.facts import Slot

_DENIAL: Final = re.compile(
    r"\b(?:not?|never|without|don'?t|doesn'?t|didn'?t|isn'?t|aren'?t|wasn'?t|haven'?t|hasn'?t|hadn'?t|can'?t|cannot|won'?t|zero|none|neither|nor|hardly|barely|lack(?:s|ing)?|nothing|nobody)\b(?:\W+\w+){0,4}\W*$",
    re.IGNORECASE,
)

#: "The test set doesn't exist", "the index is gone": a denial that follows its words.
_NONE_SUCH: Final = re.compile(
    r"\W*(?:\w+ ){0,2}(?:(?:do(?:es)?|did)(?:n'?t| not) (?:yet |really )?exist|(?:is|are|was) (?:gone|missing|off|broken|no more)|never (?:existed|happened))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Row:
    """One way of stating one value. `denied` says what the same words state after a denial, if anything."""

    slot: Slot
    value: str
    pattern: re.Pattern[str]
    denied: str | None = None
    any_mark: bool = False
    unless: re.Pattern[str] | None = None

    def reads(self, clause: str) -> tuple[str, str] | None:
        """The value and the words it rests on, or None."""
        match = self.pattern.search(clause)
        if match is None or (self.unless is not None and self.unless.search(clause)):
            return None
        if _NONE_SUCH.match(clause[match.end() :]):
            return None
        denial = _DENIAL.search(clause[: match.start()])
        if denial is None:
            return self.value, match[0].strip()
        if self.denied is None:
            return None
        return self.denied, clause[denial.start() : match.end()].strip()


def _row(
    slot: Slot,
    value: str,
    *patterns: str,
    denied: str | None = None,
    any_mark: bool = False,
    unless: str = "",
) -> Row:
    whole = re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE)
    return Row(slot, value, whole, denied, any_mark, re.compile(unless, re.IGNORECASE) if unless else None)


# Word classes the rows share. `_W` is up to a few words of anything in between.
_W = r"(?:[\w'’/-]+ ){0,3}"
_FEW = r"(?:[2-9]|1[0-2]|two|three|four|five|six|seven|eight|nine|ten|a few|several|some|a couple(?: of)?|a handful of|a dozen|half a dozen|a set of|multiple)"
_SMALL = r"(?:one|two|three|four|five|six|seven|eight|[1-8]|a single|single|a couple(?: of)?|a few|half a)"
_MANY = r"(?:\d{3,}|\d{1,3}[.,  ]\d{3}|[\d.,]+ ?k|[\d.,]+ (?:thousand|million)|[5-9]\d|(?:several |many |a few |tens of |half a )*(?:hundreds?|thousands?|millions?)(?: of)?|dozens of|tons of|loads of|(?:a |an )?(?:\w+ )?(?:pile|stack|mountain|library|archive|heap)s? of|years of|decades? of|(?:\w+ )?(?:gigabytes|gb|gigs|terabytes|shelves) of|so many|too many)"
_DOC = r"(?:docs?|documents?|documentation|pdfs?|manuals?|polic(?:y|ies)|wiki(?: pages)?|contracts?|agreements?|case files|claims? files|datasheets?|data sheets|sops?|procedures|handbooks?|articles|help pages|regulations?|statutes|standards|bylaws|judge?ments|rulings|papers|skus|parts|leaflets|booklets|textbooks|transcripts|records|recipes|design docs|monographs|circulars|guidelines|pages of \w+)"
_DOCS = rf"(?:{_DOC}|pages?|files?|reports?|confluence|sharepoint|notion|knowledge ?base|kb|catalogu?e?s?|specs?|faqs?|tickets?|terms|brochures|chronicle|price list|archive|library|internal \w+)"
_TOOL = r"(?:rag|retrieval|retriever|vector (?:db|database|store|search|index)|(?:semantic|hybrid|document|doc|keyword|vector|our|the) search|search (?:engine|index|layer|over)|embeddings?|pinecone|weaviate|qdrant|chroma(?:db)?|faiss|pgvector|elastic(?: ?search)?|opensearch|azure (?:ai |cognitive )?search|look-?ups?|algolia|search)"
_BRINGS = r"(?:finds?|found|finding|pulls?|pulling|brings?|bringing|fetch(?:es|ing|ed)?|retriev(?:es|ing|ed)|returns?|returning|gets?|getting|grabs?|picks?|surfaces?|serves?|cites?|quotes?|shows?|hands?|digs?|drags?|turns?|comes?|feeds?|gives?)"
_HIT = r"(?:docs?|documents?|pages?|chunks?|passages?|sections?|articles?|files?|polic(?:y|ies)|paragraphs?|results?|clauses?|versions?|hits?|rows?|sources?|manuals?|leaflets?|sheets?|material|precedents?|listings?)"
_RIGHT = r"(?:right|correct|proper|relevant|exact|matching)"
_WRONG = r"(?:wrong|irrelevant|unrelated|outdated|stale|superseded|off[- ]topic|old)"
_OFTEN = r"(?:daily|weekly|hourly|nightly|overnight|constantly|continuously|non-?stop|all the time|(?:all|(?:the )?whole) day(?: long)?|frequently|often|(?:almost |nearly )?(?:each|every) (?:(?:few |couple of |other |\d+ )?(?:days?|weeks?|hours?|nights?|minutes?|min|mins|mornings?|sprints?|seconds)|(?:mon|tues|wednes|thurs|fri)day)|by the (?:minute|hour|day)|(?:several times|once|twice|three times) (?:a|per|each) (?:day|week)|within (?:hours|days)|in real ?time)"
_MOVES = r"(?:chang(?:e|es|ed|ing)|mov(?:e|es|ing)|shift(?:s|ing)?|updat(?:e|es|ed|ing)|refresh(?:es|ed)?|rotat(?:e|es)|edit(?:ed|s)|rewritten|re-?written|amended|re-?set|syncs?|synced|reissued|patched|replaced|swaps?|different|go up and down|turns? over|grows|vanish|revised)"
#: What answers are made of, as against the task itself ("the categories change weekly" is about stability).
_INFO = r"(?:prices?|pricing|stock|inventory|availability|rates?|tariffs?|menus?|listings?|timetables?|schedules?|rosters?|catalogu?e|docs?|documents?|documentation|wiki|articles|pages|news|scores|holdings|portfolios|help cent(?:er|re)|info(?:rmation)?|knowledge|status|offers?|promos|regulations?|lists|release notes|database|feeds?|levels|quotes|positions|content|data|polic(?:y|ies)|specials|openings)"
_TASK = r"(?:categor(?:y|ies)|labels?|classes|taxonomy|criteria|requirements?|spec|scope|format|template|definitions?|queues?|tags?|codes?|schema|task|job|buckets?|layout|rules?|guidelines|structure|output|fields?|types|form|target|checklist|process|tone|voice|wanted \w+|behaviou?r)"
_GRIPE = r"(?:off|wrong|robotic|stiff|bland|generic|cold|formal|corporate|bad|flat|weird|not (?:us|ours|right|there)|too \w+|cheesy|salesy|chatty|casual|american|harsh|arrogant|dry|blunt|lifeless|cheerful|preachy|stilted|pushy)"
_TRAIN = r"(?:train(?:ed|ing)?|re-?train(?:ed|ing)?|fine[- ]?tun(?:e|ed|ing)|teach(?:ing)?|tun(?:e|ed|ing))"
_PERCENT = r"(?:\d{1,3}(?:[.,]\d+)? ?(?:%|percent|per cent|pct|points)|0?\.\d+)"
_AIM = r"(?:under|below|fewer|less than|at most|max(?:imum)?|no more|at least|goal|target|must|should|needs? to|one|a single|each|every|if|when|could|can cost|costs? us|can't have|cannot have)"
_UNWELL = r"(?:but|except|until|though|most(?:ly)?|sometimes|only|would|demo|if|search|retriev\w+|rag|lookup|finds?|fetch\w*|passages?|pages?|elastic\w*|pgvector|index|quality-wise|content-wise)"

ROWS: Final[tuple[Row, ...]] = (
    # retrieval
    _row(Slot.RETRIEVAL, "none",
         rf"\b(?:no|not an?|without(?: any)?|zero) (?:\w+ )?{_TOOL}(?! (?:results?|hits?|complaints|trouble|problem))(?: (?:yet|set ?up|in place|built|at all|so far|of any kind))?\b",
         rf"\b(?:haven'?t|have not|havent|didn'?t|not|never|nobody has|no one has|do not have) (?:yet |even )?(?:built|build|set ?up|done|doing|got|have|tried|do|implemented|started|got round to|get round to|touched|made|wired|indexed|hooked|building|make)\b(?: (?:any|a|an|up|the|on|with|out|to|building|form|kind|of|it|model))* ?(?:{_TOOL}|\b(?:to|into) (?:the )?(?:docs|documents|wiki|catalogu?e|manuals|bot))",
         rf"\b{_DOCS}\b(?: \w+){{0,3}} (?:(?:is|are|was|were|been)(?:n'?t| not)|never|not)(?: yet| being| been)? (?:connected|linked|hooked|plugged|wired|indexed|searchable|loaded|queried|fed in|in any kind of search)\b",
         rf"\b{_TOOL}(?: \w+){{0,2}} (?:doesn'?t exist|does not exist|(?:is|was) switched off|isn'?t built|is not built|hasn'?t been built)\b", r"\b(?:unindexed|never indexed)\b|\bwithout (?:seeing|looking at) any of our\b|\bwe switched it off\b|\bno (?:\w+ )?(?:searching|retrieving)\b|\bnothing (?:looks|searches|fetches|pulls) (?:them|it|the \w+|anything|in)\b|\b(?:isn'?t|is not|not) (?:connected|linked|hooked up) to (?:the|our|any) (?:\w+ )?(?:docs|documents|wiki|pim|database|sharepoint|search|catalogu?e|crm)\b",
         r"\bnothing(?:'s| is| has been)? (?:built|set up|in place)(?: yet| so far)?\b|\bthere (?:isn'?t|is no) a?(?: \w+)? ?(?:tool|system) yet\b"),
    _row(Slot.RETRIEVAL, "misses",
         rf"\b{_BRINGS}(?: up| back| out| over| in)? (?:\w+ ){{0,3}}{_WRONG} (?:\w+ )?(?:{_HIT}|ones?|stuff)\b",
         rf"\b(?:wrong|irrelevant|unrelated|stale) {_HIT} (?:come|comes|coming|get|gets|are (?:found|returned|pulled|brought)|keep|turn up)\b",
         rf"\b(?:{_TOOL}|index)\b(?: \w+){{0,4}} (?:misses|miss|keeps? missing|can'?t find|cant find|doesn'?t (?:find|turn)|does not find|never finds|fails to find|overlooks|skips|confuses?|mix(?:es|ing) up|is (?:bad|poor|terrible|rubbish|awful|crap|dreadful)|(?:returns?|brings?)(?: back)? (?:rubbish|junk|garbage|noise|nonsense))\b",
         rf"\b{_RIGHT} {_HIT} (?:\w+ ){{0,2}}(?:rarely|seldom|never|almost never|doesn'?t|isn'?t|is not)\b", rf"\b(?:always|keeps?|mostly) (?:\w+ ){{0,2}}(?:the )?(?:\d{{4}}|old|previous|last year'?s) version of (?:a|the) {_HIT}",
         rf"\b{_BRINGS}(?: over| back| in| up)? (?:the )?{_HIT} (?:about|for|from|of) (?:an?|the|another|other)? ?(?:different|wrong|other|previous|last year)|\b(?:skips|misses|overlooks) the {_HIT} (?:with|that|where)\b|^\W*wrong {_HIT}\W*$",
         unless=r"\bquot\w+ prices"),
    _row(Slot.RETRIEVAL, "misused",
         rf"\b(?:{_BRINGS}|given|reads|handed|has|had|gets handed)(?: up| back)? (?:\w+ ){{0,2}}(?:{_RIGHT}|exact) (?:\w+ ){{0,2}}(?:{_HIT}|thing|stuff|policy|page|one|\w+)\b[^.]{{0,50}}\b(?:but|yet|still|then|and (?:still|then))\b[^.]{{0,60}}(?:wrong|ignor\w+|misread\w*|misinterpret\w*|misquot\w*|contradict\w*|mangl\w*|garbl\w*|twist\w*|off|bad|drops?|skips?|swaps?|makes?|promis\w+|describes?|gives)\b",
         r"\b(?:ignores?|misreads?|misquotes?|misinterprets|contradicts|twists|mangles|garbles) (?:\w+ ){0,2}(?:the |what the )?(?:passages?|context|chunks?|sources?|paragraphs?|retrieved \w+)\b",
         rf"\b{_RIGHT} {_HIT} in(?:,| but)? wrong (?:answer|reply|output)s? out\b|\beven with the {_RIGHT} {_HIT}\b|\bdraws? the wrong conclusions? from (?:it|them|the {_HIT})\b"),
    _row(Slot.RETRIEVAL, "works",
         rf"\b{_TOOL},?(?: \w+){{0,4}}? (?:is|are|works?|working|runs?|running|does|do|has been|going|goes)(?: \w+){{0,2}} (?:fine|well|good|great|reliabl[ey]|solid|spot on|as it should|nicely|like a charm|in good shape|healthy|its job|ok|smoothly|its job|what it should)\b(?! (?:most|some|half|but|except|enough to))",
         rf"\b{_TOOL}(?: \w+){{0,3}} works\b\W*$", unless=r"\b(?:but|yet|until|used to|only|half|on paper|job boards?)\b|,\s*(?:it'?s what|what)"),
    # knowledge
    _row(Slot.KNOWLEDGE, "changing",
         rf"\b{_INFO}\b[^.;,]{{0,45}}?\b{_MOVES}\b[^.;,]{{0,25}}?\b{_OFTEN}\b", r"\b(?:live|real-?time|up[- ]to[- ]the[- ]minute|today'?s|current|latest) (?:\w+ )?(?:prices?|stock|inventory|availability|rates?|news|schedules?|levels?|holdings|status|timetables?|feed)\b",
         rf"\b(?:of them|they) (?:get|are) (?:changed|updated|rewritten) (?:\w+ )?{_OFTEN}|\bkeeps? (?:editing|changing|updating|rewriting) (?:them|it|the {_INFO})\b",
         rf"\b(?:swaps?|chang\w+|updat\w+|edits?|rewrites?|refresh\w*) (?:it|them|the {_INFO}) {_OFTEN}\b", rf"\b(?:prices|stock|inventory|rates|{_DOC})\b[^.;,]{{0,12}}, (?:\w+ ){{0,2}}(?:updated|refreshed|scraped) (?:\w+ )?{_OFTEN}",
         unless=r"\b(?:traffic|volume|prompts?|categories|labels)\b|\b(?:openai|model|token|api)(?:'s)? (?:prices?|pricing|rates?)"),
    _row(Slot.KNOWLEDGE, "large",
         rf"\b{_MANY} (?:\w+ ){{0,3}}?{_DOC}\b(?!,? (?:(?:come in|arrive|processed) )?(?:a|per|each|every|/) ?(?:day|week|month|hour|year)| daily| monthly)", rf"\b(?!\d\d pages){_MANY}[ -]pages?\b(?! (?:a|per|each) )",
         r"\b(?:huge|massive|big|entire|whole|full|enormous) (?:\w+ ){0,2}(?:confluence|sharepoint|knowledge ?base|intranet|wiki|catalogu?e|document (?:store|library|archive)|archive|library|codebase|corpus)\b", r"\bcorpus (?:is|of|has) \W*\d|\bnever fit in a (?:prompt|context)", r"\b(?:catalogu?e|database|wiki|corpus|knowledge base|codebase)\b[^.;]{0,20}\b(?:\d{2,3}[.,]?\d{3}|\d+ ?k|thousands|millions?|hundreds)\b(?! (?:calls|requests|a day|per day))",
         unless=r"\b(?:labell?ed|annotated|pairs|approved|accepted|test|processed|corrected|graded|a day|per day|a week|per week|a month|per month|each month|daily|tokens?|examples?)\b"),
    _row(Slot.KNOWLEDGE, "small_static",
         rf"\b(?:{_SMALL}|short|small|tiny)[ -]?(?:\w+[ -]){{0,2}}pagers?\b", rf"\b{_SMALL}[- ]pages? (?:\w+ ){{0,2}}(?:policy|doc(?:ument)?|pdf|sheet|style ?guide|price ?list|guide|handbook|faq|list|brief|rulebook|manual|memo|of (?:\w+ )?(?:rules|policy|terms|faqs?|prices))\b",
         rf"\b(?:polic(?:y|ies)|guide|rules|faq|list|memo|terms|glossary|handbook|style ?sheet|doc|document|pdf|rulebook)\b[^.;]{{0,25}}?\b{_SMALL} (?:a4 )?(?:pages?|sheets?)\b", r"\b(?:a|one|little|tiny|short|small|smal|single)(?: \w+)? (?:faq|glossary|price ?list|crib sheet|cheat sheet|style ?sheet|tone guide|fact sheet)\b|\b(?:one|little|tiny|short|small|single) (?:\w+ )?(?:table|checklist|leaflet|style ?guide|document)\b(?! (?:per|for each|every))",
         r"\b(?:faq|glossary|cheat sheet|checklist|price list)\b[^.;]{0,6}\b(?:of |with )?[1-9]\d? (?:terms|abbreviations|questions|entries|points|items|words)\b", r"\bfits? (?:easily |comfortably |all |well |fine )?(?:in|into|on|inside) (?:a|the|one|our|two|a single) (?:\w+ )?(?:prompt|pages?|context|sheet|a4|postcard)\b",
         unless=r"\b(?:daily|every|weekly|prompt is|summar(?:y|ies)|essays?|letters?|reports?|each)\b"),
    _row(Slot.KNOWLEDGE, "none",
         r"\b(?:no|without|not? (?:any )?need (?:of|for)) (?:outside|external|extra|additional|other|special|background|backgroud|company|internal|domain|reference|supporting) (?:info(?:rmation)?|knowledge|data|docs?|documents?|facts?|context|sources?|stuff|material|text)", r"\bnothing (?:else )?(?:to look up|to know|from outside|else from outside)\b",
         r"\b(?:doesn'?t|does not|don'?t|do not|doesnt|dont)(?: have to| need)(?: to)? (?:know )?(?:any |anything |for )?(?:about us|outside|external|extra|additional|other|special|company|of our|background|our (?:products?|docs|documents|data|policies))\b",
         r"\beverything (?:it|the model|that'?s|that is|we) (?:\w+ ){0,2}(?:needs?|required?|know) (?:is|comes|sits|stands) (?:already |right )?(?:in|with|inside|there in) ", r"\b(?:it|bot|model) (?:just|only|simply) (?:rewrites?|rephrases|reformats?|shortens|translates|polishes|cleans|corrects|paraphrases|fixes)\b",
         r"\b(?:all|the) (?:the )?(?:info|information|facts|text) (?:it needs )?(?:sits|is|are|comes?|always come)(?: \w+){0,2} (?:in|with) the (?:input|request|message|email|text|form)\b", r"\bgeneral (?:\w+ )?knowledge (?:is|covers)\b|\b(?:already )?knows enough\b|\bno (?:docs|documents|manual or wiki|company data)(?: \w+){0,2} (?:behind|needed|involved|at all)\b|\b(?:none of our|no) (?:\w+ ){0,2}(?:docs|documents|data) (?:is|are) needed\b"),
    # prompting
    _row(Slot.PROMPTING, "exhausted",
         r"\b(?:few[- ]?shot|examples?|demos?|samples?)\b[^.]{0,90}\b(?:iterat\w+|tun\w+|tweak\w+|measur\w+|swapped|revisions|versions|rounds|runs?|ran|tested|tests?|benchmark\w*|eval\w*|scor\w+)\b[^.]{0,70}\b(?:plateau\w*|stuck|flat\w*|peaked|converged|maxed out|tops out|levels off|ceiling|no (?:more|further) (?:gain|improvement)|no gain|won'?t (?:budge|move)|(?:not|n'?t|never|stopped|quit|no longer) (?:mov\w+|budg\w+|improv\w+|getting better|chang\w+|help)|same (?:score|result|number)|till it stopped)"),
    _row(Slot.PROMPTING, "few_shot",
         rf"\b(?:prompt|instructions?|rules|schema|guidelines|constraints|role)\b[^.]{{0,60}}\b(?:with|plus|and|including|includes|has|contains?|then|got|holds|followed by|shown)\b (?:also |there are |it has |so are )?(?:\w+ )?{_FEW} (?:\w+ ){{0,3}}?(?:examples?|samples?|demos?|demonstrations?|worked cases|shots?|example dialogues|sample \w+|solved \w+|model answers|dialogues|specimens)\b",
         rf"\b{_FEW} (?:\w+ ){{0,3}}(?:examples?|samples?|demonstrations?|demos|worked cases|example \w+|sample \w+|solved \w+|model answers|finished \w+|pairs) (?:\w+ ){{0,2}}(?:in|inside|into|below|under|after|behind|under|on top of) (?:the |our |my |its |that |it|a |each |the same )?",
         r"\b(?:few|five|four|three|two|multi|[2-9])[- ]?shot (?:prompt|version|with|examples)\b|\b(?:did|do|use|using|went|is|it'?s) (?:the |a |with )?(?:few|five|four|three|multi|[2-9])[- ]?shot\b",
         r"\b(?:role|rules|instructions|schema|constraints|guidelines)\b[^.]{0,40}(?:,| and| plus)(?: then)?(?: \w+){0,2} (?:examples|samples|demos)\b", rf"\b(?:plus|put|with|added|included|pasted in|shows?) {_FEW} (?:q ?(?:&|and) ?a |\w+ )?(?:pairs (?:of|as)|samples?\b|sample \w+|example \w+|worked \w+|solved \w+)|\bfew (?:shots?|examples) in the prompt\b|\bexamples are in (?:there|it|the prompt)\b",
         unless=r"\b(?:what|mean|no|not|without|zero|n'?t|never|only examples|train\w*|tuned|collected)\b"),
    _row(Slot.PROMPTING, "structured",
         r"\b(?:long|careful|carefully (?:written|crafted|worded)|detailed|elaborate|thorough|proper|well[- ](?:structured|written|designed|crafted)|structured|solid|worked[- ]out|\d+[- ](?:line|page)|(?:two|three|four|multi)[- ]page|iterated|polished)(?:,)? (?:(?:and|,)? ?(?:long|careful|detailed|structured|proper|system|big|thorough) ?)*prompt\b",
         r"\b(?:thorough|long|big|proper|detailed|careful) (?:and \w+ )?(?:set of |written )?instructions?(?: sheet| set)?\b|\binstructions, long ones\b|\b(?:pages|screens) of (?:rules|instructions)\b(?![^.]{0,10}\bfor (?:staff|employees))|\blong detailed one\b",
         r"\bprompt\b[^.]{0,70}\b(?:no|without|zero|0|not any|hasn'?t (?:got )?any|doesn'?t have any) (?:\w+ ){0,2}examples?\b", r"\b(?:role|rules|format|constraints|schema|tone rules)\b, (?:\w+ ){0,3}(?:role|rules|format|constraints|schema|tone|don'?ts)\b", r"\bprompt (?:\w+ ){0,4}(?:role|rules|format|constraints|output format|schema)\b[^.]{0,60}\b(?:rules|format|constraints|schema|tone)\b",
         unless=r"(?<!no )(?<!any )(?<!zero )(?<!without )\b(?:examples?|samples?|shots?|demos?|demonstrations|pairs|solved|specimens|plan|write a|need a)\b|\bno (?:proper|long|detailed|structured)\b"),
    _row(Slot.PROMPTING, "basic",
         r"\b(?:one[- ]?lin(?:e|er)|one[- ](?:sentence|phrase)|two[- ]?lin(?:e|er)|two[- ]sentence|single[- ](?:line|sentence)|1[- ]line|2[- ]line|quick|simple|basic|short|stock|default|generic|crude|lazy|naive|bare|tiny|plain|trivial|minimal|dumb|half[- ]baked|copy[- ]pasted?|off[- ]the[- ]shelf) (?:\w+ ){0,2}?prompt\b(?!,? (?:engineer|library))", r"\b(?:a|the|our|my|hasty|quick|it'?s|only a) one[- ]?liner\b",
         r"\bprompts?(?: is|['’]s| are| was) (?:\w+ ){0,2}(?:basic|one[- ]line|a one[- ]liner|two lines|short|simple|a single sentence|one sentence|a sentence|tiny|nothing special|bare bones|one phrase)\b", r"\b(?:just|only) (?:asked?|asking|typed?|typing|pasted?|pasting|throw|threw|told|telling) (?:\w+ ){0,3}(?:chat ?gpt|gpt|claude|gemini|copilot|the model)\b", r"\bcopied (?:a|the|some) prompt\b|\bprompt (?:from|off) the (?:internet|web|docs|cookbook|tutorial)\b|\b(?:told|gave|tell|give) it (?:just |only )?(?:one|a single|a|two) (?:lines?|sentences?)\b|\b(?:told|tell) it [\"“]|\bdraft\b[^.;]{0,20}\bnever (?:been |was )?(?:r[au]n|tried)\b|^\W*(?:one|a single|two) (?:sentences?|lines?)\W*$|\b(?:no|without(?: any)?) (?:real |other |proper )?instructions?\b|\b(?:typed|written|wrote|dashed off|threw together) in (?:five|two|ten) minutes\b|\b(?:one|a single|a|two) (?:sentences?|lines?) (?:of|as) (?:a )?(?:prompt|instructions?)\b",
         unless=r"\b(?:not an?|n'?t an?|used to|started)\b|\bprompt (?:templates? )?(?:for each)\b"),
    _row(Slot.PROMPTING, "none",
         r"\b(?:haven'?t|have not|havent|not|didn'?t|never|nor have we|nobody has|no one has) (?:\w+ ){0,2}(?:written|wrote|tried|tested|started|prompted|made|drafted|asked) (?:\w+ ){0,2}?(?:anything(?: at all)?|a (?:single )?(?:prompts?|model)|any prompts?|prompting|a thing|the model)(?: (?:yet|so far))?\b", r"\b(?:no|not a|zero|not one) prompts?(?: (?:yet|so far|at all|written|exists?|in sight|is drafted))?\b(?! (?:caching|engineer|template|change|version))",
         r"\bnothing(?:'s| is| has been| was)? (?:built|tried|done|in place|started|live|exists)(?: (?:yet|so far|at all))?\b", r"\b(?:just|only|still|it'?s|its) (?:\w+ )?(?:an idea|a plan|brainstorming|a slide)\b", r"\b(?:haven'?t|have not|havent) (?:even )?(?:started|begun|built anything|tried anything|done anything|tried yet|prompted)\b|\bnor have we prompted\b|\b(?:isn'?t|is not|not) built(?: yet)?\b|\bstarting from (?:scratch|zero|nothing)\b|\bgreenfield\b",
         unless=r"\b(?:search|rag|retrieval|index|lookup|test|eval|written down|examples|metric|training)\b"),
    # shortfall
    _row(Slot.SHORTFALL, "format",
         r"\b(?:json|xml|csv|yaml|html|markdown|schema|format(?:ting)?|layout|output structure|fields?|columns?|keys?|brackets?|braces?|commas?)\b[^.,;]{0,40}\b(?:breaks?|broken|busted|invalid|malformed|wrong|missing|absent|off|messed up|drifts?|mangled|fails?|doesn'?t (?:parse|validate)|does not (?:parse|validate)|won'?t parse|not valid|garbled|swapped|unclosed)\b",
         r"\b(?:broken|invalid|malformed|busted|unparse?able|mangled|missing|stray|trailing|unclosed) (?:\w+ )?(?:json|xml|csv|yaml|format(?:ting)?|structure|schema|fields?|markup|columns?|brackets?|commas?|headings?|sections?|tags)\b|\bwrong (?:json|format(?:ting)?|structure|fields?|layout|length|columns?)\b",
         r"\b(?:breaks?|messes? up|screws? up|mangles?|ignores?|drops?|forgets?|forgetting|loses?|skips?|leaves? out|omits?|doesn'?t keep|won'?t keep) (?:the |our |some |required |a )?(?:\w+ )?(?:json|xml|csv|schema|format|fields?|headings?|keys?|columns?|sections?|template|layout)\b", r"\b(?:answers?|outputs?|replies|it'?s|they'?re|summar(?:y|ies)|texts?|responses?|descriptions?|titles|always|way|far|lines)(?: \w+){0,3} (?:too|way too|far too) (?:long|wordy|verbose|lengthy)\b|\b(?:too|way too) (?:wordy|verbose|lengthy)\b|\bwall of text\b|\bramble(?:s)? on\b",
         unless=r"\b(?:takes?|wait|latency|seconds|response times?|labels? (?:is|are) wrong|must|should|in the wrong field of|category|without errors|no missing)\b|\bif\b"),
    _row(Slot.SHORTFALL, "style",
         r"\b(?:tone|voice|style|wording|register|writing|language|prose|copy|replies|letters|answers)\b[^.,;]{0,20}\b(?:is|are|feels?|sounds?|comes? (?:out|over|across)|still|all|reads?)\b[^.,;]{0,15}\b(?:off(?!-)|robotic|stiff|bland|generic|cold|too formal|too casual|corporate|lifeless|weird|not (?:us|ours)|cheesy|salesy|chatty|american|harsh|arrogant|stilted|too (?:blunt|dry|cheerful|chirpy|stiff|friendly|polite))\b", rf"\b(?:tone|voice|style|wording|register)\b[^.,;]{{0,12}}\b(?:is|are|was|isn'?t) (?:\w+ ){{0,2}}(?:{_GRIPE}|our brand|right|american)\b", r"\b(?:wrong|robotic|generic|corporate|stiff|bland|off-brand|chatty) (?:tone|voice|style|wording|register)\b",
         r"\b(?:sounds?|reads?|talks?|writes?|writing) (?:\w+ ){0,3}?(?:like (?:an? )?(?:\w+ ){0,3}(?:robot|machine|ai|bot|lawyer|marketing|brochure|gpt|chatgpt|american|corporate|textbook|advert|press release|influencer|intern|mails|tax office)\w*|robotic|generic|stiff|cold|corporate|fake|unnatural|soulless|cheesy|condescending|nothing like us|too \w+)\b", r"\b(?:doesn'?t|does not|never|not|don'?t|dont|doesnt) sound (?:\w+ )?(?:like us|like our|like the|human|right|natural|like me)\b|\boff[- ]brand\b|\b(?:too|so|way too|far too) (?:formal|casual|salesy|chirpy|cheerful|preachy|stiff|blunt|corporate|robotic)\b|\b(?:corporate|marketing) speak\b",
         unless=r"\b(?:must|should|needs? to|want|fine|is not the|isn'?t the|never the|was never)\b|\bno (?:problem|complaint)s? with\b"),
    _row(Slot.SHORTFALL, "cost_latency",
         r"\b(?:bills?|costs?|invoice|spend|price|pricing|tokens?)\b[^.;]{0,30}\b(?:kill(?:s|ing)|too (?:high|much|expensive|dear)|hurts?|hurting|insane|mad|crazy|awful|ridiculous|through the roof|eating|eats|painful|out of hand|unsustainable|exploding|adds? up|way up|skyrocket\w*|brutal|murder|doubled|fuming)\b", r"\b(?:too|way too|painfully|awfully|far too|so|very) (?:slow|expensive|costly|pricey|dear)\b(?! (?:to|for us to) (?:build|train|label|hire|fine))|\bslow as (?:hell|\w+)\b|\bit'?s (?:slow|sluggish|laggy)\b",
         r"\b(?:latency|response times?|speed|wait(?:ing)?(?: time)?)\b[^.;]{0,25}\b(?:too (?:high|long|slow)|is (?:bad|awful|terrible|miserable|a (?:problem|pain|killer)|killing|unacceptable|the problem|the issue)|kills?|hurts?)\b", r"\btakes? (?:forever|ages|too long|way too long|its sweet time|\d+ (?:seconds|secs|minutes) (?:per|each|to answer|for each))\b|\b(?:costs?|costing|paying|pay|spending|burn(?:ing)?) (?:us |me )?(?:a fortune|an arm and a leg|too much|way too much|a bomb|through the nose|through credits)\b|\b(?:can'?t|cannot|cant) afford (?:it|to run|the (?:big |large )?(?:model|bill))\b|\beat(?:s|ing) (?:the|our) (?:margin|budget)",
         unless=r"\b(?:must|should(?:n'?t)?|isn'?t the|not the|website|intranet|wifi)\b"),
    _row(Slot.SHORTFALL, "knowledge",
         r"\b(?:makes?|making|made|mak) (?:stuff|things|shit|facts|details|products?|prices|answers|policies|it|them|order numbers|clauses|names|a number|numbers) up\b|\bmakes? up (?:\w+ ){0,3}(?:facts?|details|products?|prices|answers|polic\w+|features|names|numbers|clauses|cases|citations|references|things|stuff)\b", r"\b(?:invent(?:s|ing|ed)?|hallucinat(?:es|ing|ed|ions?)|fabricat(?:es|ing|ed))\b (?:\w+ ){0,3}?(?:facts?|products?|prices?|polic\w+|features?|names?|part numbers?|numbers|answers?|details|references|clauses|citations|cases|specs?|dates|deadlines|things|stuff|hours|codes|conditions|endpoints|models|rules)\b|\bmade[- ]up (?:citations|facts|numbers|prices|products|references|names)\b",
         r"\b(?:doesn'?t|does not|dont|didn'?t|doesnt|has no (?:idea|clue)|no clue|knows nothing|ignorant)(?: \w+)? (?:know|about|of)(?: (?:anything|things))?(?: about| of| on)? (?:our|the|this year'?s) (?:\w+ ){0,2}(?:products?|prices|polic\w+|data|catalog\w*|rules|stock|range|services|docs|procedures|business|stuff|company|menu|part numbers)\b", r"\b(?:hasn'?t|has not|hasnt|never) (?:seen|read) our (?:\w+ )?(?:docs|documents|manuals|handbook|data)\b|\b(?:quot\w+|answers? with|cites?|gives) (?:\w+ ){0,2}(?:prices|rules|tariffs|law|rates) (?:from|that got replaced|of) (?:months|years|last|two)\b",
         unless=r"\b(?:keys|fields|examples?|must not|never invent|can'?t have|zero invented|if)\b"),
    _row(Slot.SHORTFALL, "consistency",
         r"\binconsisten(?:t|cy|cies|tly)\b|\b(?:hit (?:or|and) miss|hit-or-miss|flip[- ]?flops?|flaky|erratic|coin toss|lottery|unreliable|not reliable|unpredictable|not repeatable)\b", r"\b(?:varies (?:wildly|from|every|each|between)|differs? (?:each|every) (?:time|run)|(?:another|different) (?:answer|result|output|label|score|reply|thing|verdict|ranking)s? (?:each|every) (?:time|run|call)|every (?:re)?run gives|from run to run|random(?:ly)? (?:different|changes|it does))\b|\bnot the same twice\b",
         r"\bsometimes? (?:it )?(?:works?|right|good|fine|great|perfect|brilliant)[^.]{0,30}(?:sometimes?|other times|next day)|\b(?:same|identical) (?:input|question|ticket|email|text|prompt|thing|file|invoices?)s?\b[^.]{0,30}\b(?:different|two|something else|other)\b|\bsome (?:mornings|days)\b[^.]{0,30}\bsome (?:mornings|days)\b|\b(?:run|ask) (?:it )?(?:twice|three times)\b|\bgrades? jump around\b",
         unless=r"\b(?:format|rules are|categories|taxonomy|call that|traffic|volume)\b"),
    _row(Slot.SHORTFALL, "quality",
         r"\b(?:accuracy|precision|recall|f1|quality)\b[^.;]{0,20}\b(?:too low|not (?:good )?enough|is (?:bad|poor|low|terrible|meh|lacking|awful|a joke)|isn'?t (?:good|there|enough|high)|stuck|suffers?|falls? short)\b|\bnot accurate enough\b", r"\b(?:gets?|getting|labels?|picks?|picking|tags?|routes?|gives?|giving|sorts?|scores?|codes?|assigns?|extracts?|lands? in|draws?|makes?|reads?) (?:\w+ ){0,4}?(?:wrong|incorrect(?:ly)?|backwards)\b(?! (?:docs?|documents?|pages?|chunks?|passages?|tone|format|voice|style|version|articles?|files?|length|manual|prices?|language))",
         r"\b(?:wrong|incorrect|inaccurate) (?:answers?|labels?|category|categories|class(?:es|ification)?s?|codes?|diagnos\w+|predictions?|conclusions?|routing|queue|calculations?|reasoning|tags?|scores?|bucket|desk|department|tariff|amounts?|dosage)\b|\bmis-?(?:classif\w+|labels?\b|labell?\w+|routes?\b|routed\b|routing\b|codes?\b|reads?\b|tags?\b|judges?\b|translat\w+|understand\w*)|\b(?:mixes up|confuses)\b(?! (?:two|our) (?:drugs|sister))|\bdraws the wrong conclusion",
         unless=rf"\b{_AIM}\b|\b(?:search|retriev\w*|rag|lookup|index|embeddings?|product (?:line|company)|i got|i gave|i clicked|summary (?:is|was))\b"),
    _row(Slot.SHORTFALL, "nothing",
         r"\b(?:it|answers?|outputs?|results?|replies|everything|that|they|quality|thing|bot)(?:'s)?(?: \w+)? ?(?:works?|working|runs?|running|doing|does|is|are|'s|has been) (?:really |very |perfectly |just |spot )?(?:fine|great|perfectly|perfect|well enough|nicely|a treat|like a charm|really well|very well|brilliantly|well|flawless|beautifully|on|solid|good enough|what (?:it should|we need))\b\W*$", r"\b(?:nothing|no complaints?|none)(?:'s)?(?: \w+){0,2} (?:wrong|falls short|to complain|broken|to moan about|is wrong|is bad)\b",
         r"\bno (?:complaints|problems|issues) (?:so far |at all |really )?(?:with|about) (?:the |its )?(?:answers|output|quality|results|replies)\b|\b(?:happy|satisfied|pleased|delighted) with (?:the |its )?(?:results?|answers?|output|outputs|quality|replies|what it (?:gives|writes|does))\b",
         unless=rf"\b{_UNWELL}\b"),
    # stability
    _row(Slot.STABILITY, "evolving",
         rf"\b{_TASK}\b[^.;]{{0,30}}\b(?:keeps? (?:changing|moving|shifting|growing|evolving)|still (?:changing|moving|evolving|shifting|in flux|open|fluid|a draft)|chang(?:e|es|ed|ing) (?:(?:every|each|after (?:every|each))(?! (?:time|run|call|answer|request))|weekly|monthly|all the time|constantly|a lot|often|again|whenever)|(?:get|gets|getting|been|being|were|was|are) (?:\w+ )?(?:added|renamed|rewritten|redefined|argued over|redesigned|reworked)|(?:rewritten|revised|renamed) (?:twice|weekly|every|again)|shift(?:s|ing)? (?:every|each|weekly|monthly|all the time|constantly)|in flux|at draft \d|moving|so the target moves|(?:not|aren'?t|isn'?t) (?:\w+ )?(?:settled|final|fixed|stable|agreed)(?: yet)?)\b",
         r"\bstill (?:figuring|working|finding|sorting|deciding|experimenting|exploring|debating|arguing|discovering|negotiating)(?: out)?\b|\b(?:moving target|target moves|in flux)\b", rf"\b(?:new|add|adding|adds|added|rewrites?|renam\w+|redefin\w+|revis\w+) (?:and drop )?(?:\w+ ){{0,2}}{_TASK} (?:\w+ )?(?:every|each|all the time|constantly|weekly|monthly|yesterday|twice)\b|\bchang(?:es|ing) (?:her|his|its|their) mind (?:each|every)\b|\bkeeps? changing what\b",
         unless=r"\b(?:docs?|documents|prices?|stock|articles|wiki|menu|prompt (?:is|has)|searches|same input|answers?)\b|\bstill (?:finding|working)\b(?! out)"),
    _row(Slot.STABILITY, "stable",
         rf"\b(?:same|fixed|settled|unchanged|frozen|set in stone) (?:\w+ ){{0,3}}?(?:{_TASK}|job|tags|types|buckets|bins)\b(?: (?:since|for|every|each|all|over|as|always|night|forever|year))", rf"\b{_TASK}\b[^.;]{{0,30}}\b(?:(?:hasn'?t|haven'?t|has not|have not|havent|hasnt|did ?n[o']t) (?:\w+ )?(?:changed?|moved?|budged?|shifted|evolved)|never chang(?:es?|ed)|(?:don'?t|doesn'?t|dont|doesnt|won'?t|not|doesn'?t) (?:chang(?:e|ed|ing)|budge|move)|(?:is|are|been|stays?|stayed|remains?) (?:(?!not|never|n't)\w+ )?(?:the same|fixed|settled|stable|frozen|locked|set in stone|carved in stone|unchanged|constant|identical))\b",
         r"\b(?:one|single|very) narrow(?:,)? (?:\w+,? )?(?:task|job)\b|\balways the same (?:\w+ )?(?:task|job|form|fields|format|thing)\b|\b(?:same|identical) (?:task|job|thing) (?:each|every|all|for years|always|day in)\b|\bunchanging rules\b|\b(?:frozen|fixed|settled|unchanged|same \w+(?: \w+)?) since (?:\d{4}|\w+)\b",
         unless=r"\b(?:said|told|thought|not (?:yet )?(?:fixed|settled|stable)|until|wrong|till|input|answers?|docs?|price|question|score|policy is)\b"),
    _row(Slot.STABILITY, "varied",
         r"\b(?:every|each) (?:call|request|ticket|job|user|one|message|prompt|client|customer|conversation)(?: \w+)? (?:is|asks?|wants?|needs?|brings|gets|uses|it)(?: \w+){0,3}? (?:different|something (?:else|different)|its own|unique|new|another|a one off)\b|\bsomething different of it on every\b", r"\ball (?:sorts|kinds) of (?:\w+ )?(?:tasks?|requests?|things|jobs|stuff)\b|\bno two (?:\w+ )?(?:requests?|calls?|jobs?|tasks?|tickets?)(?: are)?(?: \w+)? (?:alike|the same)\b|\b(?:general|all)[- ]purpose (?:assistant|helper|bot|tool|chat\w*)\b|\bgeneral (?:assistant|helper)\b|\bwhatever (?:staff|people|users|they|lands)\b(?: \w+){0,3} (?:throw|ask|want|like|desk|need)\w*|\b(?:jack of all trades|swiss army knife|bit of everything|mixed bag)\b|\banything (?:under the sun|goes)\b|\bdiffer(?:s|ent) (?:from|between) (?:one )?call(?:s)? to\b",
         unless=r"\b(?:price|label|answer|score|same input|clients come|what the weather)\b"),
    # success
    _row(Slot.SUCCESS, "measured",
         r"\b(?:test|eval(?:uation)?|golden|gold|benchmark|hold-?out|held-?out|validation|regression|dev|reference) (?:set|suite|cases?|data|dataset|harness|tests|split|tickets|questions)\b", r"\b(?:an?|our|the last|the|have|run|nightly) evals?\b(?! (?:set|suite|would|should))|\bevals (?:exist|run)\b|\b(?:promptfoo|langsmith|ragas)\b",
         denied="undefined", unless=r"\b(?:will|roadmap|plan\w*|no longer|meant to|told you|they got|public|what is|unit tests for the code)\b"),
    _row(Slot.SUCCESS, "measured",
         rf"\b(?:measured|scored?|scoring|hits?|hitting|sits? at|sitting at|reach(?:es|ed)|gets?|getting|gets us|passes|at(?! least| most)|(?:accuracy|f1|precision|recall|kappa|agreement) (?:is|of|was))\b(?: \w+){{0,3}}? (?:{_PERCENT}|\d{{2}})(?: \w+){{0,3}}? (?:on (?:our|the|a)|against|across|f1|(?:in|on) (?:our|the) (?:test|last))\b", r"\b(?:graded|scored|tested|evaluated) (?:it |each |every )?(?:on|against|by) (?:\w+ )?\d+\b|\bgot \d+ (?:of|out of) \d+\b",
         unless=r"\b(?:will|roadmap|plan\w*|no longer|meant to|told you|they got|public|what is|unit tests for the code)\b"),
    _row(Slot.SUCCESS, "undefined",
         r"\beye-?ball(?:ing|s|ed)?\b|\b(?:know|knows) (?:it|good|a good one) when (?:we|i|they|you) see\b|\bgut (?:feel(?:ing)?|check|instinct)\b|\b(?:by feel|vibes?|pure intuition|thumbs up or down)\b|\bmy gut\b", r"\bno (?:\w+ )?(?:metrics?|success criteri(?:a|on)|criteri(?:a|on)|kpis?|benchmark|yardstick|pass mark|way (?:of|to) (?:measur\w+|tell\w*|check\w*|know\w*)|acceptance \w+)\b|\bno tests?(?: set| cases)?, no (?:targets?|numbers|thresholds|metrics?|criteri\w+)\b|\bno (?:targets?|numbers|thresholds), no tests?\b",
         r"\b(?:haven'?t|have not|havent|not|never|didn'?t|nobody(?:'s| has| ever)?|no one(?: ever)?) (?:\w+ )?(?:defined|decided|agreed|set|wrote|written|put|specified|formalised) (?:\w+ ){0,3}(?:good|success|target|criteri\w+|metric|what|goal|bar|standard|words)\b", r"\b(?:just|we) (?:look|looks|skim|read|glance)(?: \w+){0,2} (?:at )?(?:some|a few|it|them|a couple|the (?:answers|outputs|results))\b[^.]{0,30}\b(?:shrug|seem|fine|hope|nod|feel|ok)\b|\b(?:reads|skims|reads through) (?:a few|some)\b[^.]{0,20}\b(?:nods?|says|thumbs)\b|\b(?:don'?t|do not|dont) measure (?:anything|a thing|it)\b"),
    _row(Slot.SUCCESS, "defined",
         rf"\b(?:needs? (?:to be|to hit|to reach|at least)|must|has to|have to|should|target(?: is|:| of)?|goal(?: is|:)?|aim(?:ing)? for|require[sd]?|requirement(?: is)?|demands?|at least|sla(?: is|:| says)?|bar is|mark at)\b(?: \w+){{0,5}}? (?:{_PERCENT}|\d{{2}}\b(?![.,  ]?\d)(?! (?:\w+ )?(?:words|tickets|calls|euros|dollars|days|pages|characters)))", rf"\b{_PERCENT}(?: \w+){{0,3}}? (?:is (?:the|our|what) (?:target|goal|bar|mark|we)|or better|or more|needed|required|target|minimum)\b", r"\b(?:fewer|less|no more|not more) than (?:\d+|one|two|three|ten|five) (?:\w+ ){0,2}(?:errors?|wrong|mistakes|corrections|per|in)\b|\b(?:under|below) [\d.,]+ ?(?:%|percent) (?:\w+ )?(?:error\w*|misrouted|wrong|false|errors|mis\w+)",
         r"\b(?:have|got|there'?s|there is) (?:a|our|one) (?:\w+ )?target\b|\b(?:acceptance criteria|acceptance criterion|pass criterion|definition of correct|rubric)\b(?: \w+){0,3} (?:is|are|exists?|written|agreed|in place)\b|\b(?:must|has to|have to) (?:compile|validate|pass|match) (?:\w+ )?(?:the |against |and )|\bcounts as (?:right|correct|good) (?:if|when)\b|\b(?:correct|good|success|right) (?:means|is when)\b|\bwe (?:call|count) (?:one|it) (?:good|correct|right) (?:when|if)\b|\bis our (?:criterion|goal|target|definition)\b", any_mark=True,
         unless=r"\b(?:examples?|pairs|budget|users|calls|traffic|no (?:target|goal)|company targets|growth|cheaper|latency|discount|pages?|nobody|no one)\b|\b\d+% (?:off|of (?:our|the) (?:budget|cost))"),
    # wants
    _row(Slot.WANTS, "facts_trained_in",
         rf"\b{_TRAIN}\b(?: \w+){{0,4}}? (?:on|with|from|about|our|in|all)(?: (?:all|our|my|the|these|those|of|last|\w+)){{0,4}}? (?:{_DOCS}|products?(?! (?:blurbs|descriptions|texts|copy))|website|site|material|textbooks?|books?|law|laws|database|facts|knowledge|history|prices|rules|regulations)\b(?! (?:team|department))", r"\b(?:bake|burn|put|get|inject|embed|load|feed|imprint)(?: \w+){0,5}? (?:facts|knowledge|docs?|documents?|catalogu?e?|manuals?|policies|policy|data|info\w*|sheets)(?: \w+){0,3} (?:in|into|inside) (?:the |its |a )?(?:model'?s? )?(?:weights|model|brain)\b",
         r"\b(?:memori[sz]e|learn|learned|absorb) (?:\w+ ){0,2}?(?:all )?(?:our|the|my|these) (?:\w+ ){0,2}(?:docs?|documents?|manuals?|catalogu?e?|policies|policy|products?|prices|facts|pdfs?|rules|wiki|material)\b|\bupload \S+ (?:\w+ )?(?:pdfs|docs|documents|manuals)\b[^.]{0,60}\btrain\b", any_mark=True,
         unless=r"\b(?:don'?t|not|no longer|staff|colleagues|trainees|employees|students|pairs|labell?ed|should|some people|examples|drivers|approved|to (?:write|sound|answer in|classify))\b"),
    _row(Slot.WANTS, "finetuning",
         r"\b(?:we|i|we'?re|i'?m|we'?ve|us|and)\b(?: \w+){0,3}? (?:want|wanna|plan|planning|going|gonna|intend|would like|hope|hoping|decided|set|ready|keen|leaning|lean|considering|prefer|budgeting|determined)(?: \w+){0,5}? (?:fine[- ]?tun(?:e|ing|ed)|lora|dpo|train(?:ing)? (?:on them|our own|my own|a (?:small |custom |dedicated |smaller )*model|mistral|llama|it to))", r"\b(?:we|i)(?:'d| would) (?:like|love|prefer) to (?:\w+ )?(?:fine[- ]?tune|train (?:our|my|a|the) (?:\w+ )?model)\b", any_mark=True,
         unless=rf"\b(?:don'?t|do not|not|n't|never|dropped|no longer|know|knows|against|facts|knowledge|by heart|{_DOC}|wiki|prices|vendor|drivers|colleagues|interest)\b"),
    _row(Slot.WANTS, "quick_training",
         r"\b(?:just|simply) (?:\w+ ){0,3}?(?:upload|train|fine-?tune|finetune|feed|throw|dump|run|chuck)(?: \w+){0,8}? (?:weekend|afternoon|overnight|done|evening|button|easy)\b", r"\b(?:train(?:ing)?|fine-?tun(?:e|ing)|finetun(?:e|ing)|upload)\b[^.]{0,40}?\b(?:over the weekend|in an afternoon|overnight|in a (?:day|few hours|couple of hours)|a few hours|two hours|no big deal|can'?t be (?:that )?hard|piece of cake|push (?:a|the) button|done by|quick quick|upload and go)\b|\bupload, (?:let it )?(?:run|train)\b", any_mark=True,
         unless=r"\b(?:colleagues|staff|forklift|gives a summary|claims?|not)\b"),
    # needs
    _row(Slot.NEEDS, "actions",
         r"\b(?:must|needs? to|has to|have to|should|supposed to|able to|expected to|it to|got to|will have to|shall)\b(?: \w+){0,5}? (?:book|refund|cancel|re-?schedule|place (?:an |the )?orders?|send (?:out )?(?:the )?(?:emails?|mails?|invoices?|sms|messages)|(?:update|change|write|register|log|file|move|add)\b[^.,]{0,40}\b(?:crm|record|database|ticket|salesforce|calendar|sap|erp|jira|system|workday|backend|stripe|outlook|hubspot|dispatch tool)|create (?:a |the )?(?:ticket|invoice|order|booking|calendar)|issue (?:a |the )?refunds?|reset (?:the |their )?passwords?|transfer|unlock|block the|hit our|trigger|charge the|open (?:a )?tickets?)\b",
         r"\b(?:agent|assistant|bot|it) (?:also )?(?:books|refunds|cancels|reschedules|re-?orders|transfers|unlocks|dispatches) (?:\w+ ){0,4}(?:in|through|via|for) |\b(?:must|should|has to|have to|needs? to|then|and) (?:\w+ )?(?:push|post|send|e?mail|submit|file|issue|write)\b[^.;]{0,60}\b(?:by itself|on its own|live|automatically)\b", any_mark=True, unless=r"\b(?:not just|doesn'?t|not|isn'?t|only (?:suggests|writes|drafts)|a person|clerks?|our old|competitors?)\b"),
    _row(Slot.NEEDS, "arithmetic",
         r"\b(?:exact|correct|precise) (?:\w+ )?(?:sums?|totals?|arithmetic|math|maths|calculations?|figures|multiplications)\b", r"\b(?:add(?:s|ing)? up|sum(?:s|ming)? up|calculat(?:e|es|ing|ions?)|comput(?:e|es|ing)|total(?:s|ling)?|tally|works? out|multiply)\b(?: \w+){0,4}? (?:totals?|sums?|tax(?:es)?|vat|interest|prices?|invoices?|hours|amounts?|commission|figures|numbers|balances?|discounts?|payroll|costs?|doses?|dosages?|lines|average|averages|percentages|rate|points|calories|deductions)\b|\bsums? (?:\w+ ){0,4}(?:have to|has to|must) (?:be (?:exact|right|correct)|match)\b|\bto the (?:cent|penny|last digit)\b|\b(?:do|does) (?:the )?(?:\w+ )?arithmetic\b", any_mark=True, unless=r"\b(?:already|ledger|no |not |eval|accuracy)\b"),
    _row(Slot.NEEDS, "reasoning",
         r"\b(?:multi-?step|multi step|step[- ](?:by|after)[- ]step|several steps|stepwise|many steps|chains? of|multi-?hop|logical)(?: of)?(?: \w+)? ?(?:reasoning|logic|thinking|deduction|inference)\b|\breason(?:ing)? (?:it )?(?:through|over|across|from|about who)\b|\b(?:think|work) (?:it )?through (?:\w+ ){0,3}(?:steps|proof|income|conditions|premises|rules)\b|\bwork through\b[^.;]{0,60}\bstep by step\b|\breason(?:ing)? in (?:stages|steps)\b|\b(?:solve|solves|problems) (?:\w+ ){0,3}in (?:many|several|multiple) steps\b|\blogical deduction\b|\bseveral steps\b[^.]{0,20}\b(?:before|then|reason)", any_mark=True, unless=r"\b(?:no |isn'?t|not |reasoning models?)\b"),
    # privacy
    _row(Slot.PRIVACY, "true",
         r"\b(?:data|records?|nothing|files?|it|documents?|information|texts?|notes|they|none of it|content|drawings|phi|code|everything|reports|none of (?:it|the \w+(?: \w+)?))\b(?: \w+){0,3}? (?:can(?:'?t|not)|may not|must not|mustn'?t|(?:is|isn'?t|are|aren'?t)?(?: not)? ?(?:allowed|permitted)(?: to)?|never|has to (?:stay|remain)|have to (?:stay|remain)|must (?:stay|run|remain)|needs to stay|may (?:never )?|must never|stays?|can|goes)(?: \w+){0,2}? ?(?:leaves?|outside|go out|in-?house|on-?prem\w*|inside|(?:on|within|in) our (?:own )?(?:servers?|network|machines?|environment|infrastructure|cloud|building|walls)|within|off (?:our|the) network|out of (?:the )?(?:building|country|house|eu)|beyond our|on premises|local on)\b",
         r"\bair[- ]?gapped\b|\bon-?prem(?:ises)? only\b|\b(?:only|must be) (?:self-?hosted|on-?prem\w*)\b|\bno (?:data|cloud)(?: \w+){0,2}? (?:leav(?:es|ing)|allowed|outside|out)\b|\bstay inside our\b|\b(?:not allowed|prohibited|forbids?)(?: \w+){0,4} (?:send|sending|share|sharing)\b|\bzero data to\b", any_mark=True, unless=r"\b(?:cuts?|public|isn'?t an issue|prompt|budget|score|doesn'?t have to)\b"),
)  # fmt: skip

_MODELS: Final = re.compile(
    r"\b(?:gpt-?\s?\d(?:\.\d)?[a-z]*(?:[- ](?:mini|nano|turbo|luna|sol|terra|astra))?|gpt-?4o(?:[- ]mini)?|o[134](?:-mini|-pro)?|claude(?:[- ](?:opus|sonnet|haiku|instant))?(?:[- ]\d(?:\.\d)?)?|(?:sonnet|haiku|opus)(?: \d(?:\.\d)?)?|gemini(?:[- ](?:\d(?:\.\d)?))?(?:[- ](?:pro|flash|ultra)(?:[- ]lite)?)?|llama[- ]?\d?(?:\.\d)?(?:[- ]\d+b)?|mistral(?:[- ](?:large|small|nemo|7b))?|mixtral|qwen[- ]?\d?(?:\.\d)?(?:[- ]\d+b)?|deepseek(?:[- ]\w+)?|phi-?\d|gemma(?:[- ]?\d)?|command[- ]r)(?![\w])",
    re.IGNORECASE,
)
_PLATFORMS: Final = re.compile(
    r"\b(?:azure(?: openai| ai foundry| foundry)?|(?:aws |amazon )?bedrock|vertex(?: ai)?|google cloud|gcp|aws|sagemaker|databricks|on-?prem(?:ises)?|self-?hosted|together(?:\.ai| ai)|fireworks(?:\.ai| ai)?|ollama|vllm|hugging ?face|openrouter|groq|snowflake)\b",
    re.IGNORECASE,
)


def model_named(clause: str) -> str | None:
    match = _MODELS.search(clause)
    return match[0].strip() if match else None


def platform_named(clause: str) -> str | None:
    match = _PLATFORMS.search(clause)
    return match[0].strip() if match else None
