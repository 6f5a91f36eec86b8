"""Which slot a number belongs to: calls a day, examples at hand, days to a deadline, tokens."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from agent.facts import Amount, Proposal, Slot
from agent.reading.clauses import Clause, clauses
from agent.reading.quantities import WINDOWS, Quantity, quantities, scaled

_MONEY_BEFORE: Final = re.compile(r"(?:[$€£¥₹]|\b(?:usd|eur|gbp|rs\.?|inr|aud|cad|chf))\s?$", re.IGNORECASE)
_MONEY_AFTER: Final = re.compile(
    r"^\s?(?:[$€£%¥₹]|(?:percent|pct|per ?cent|(?:us )?dollars?|bucks|euros?|eur|usd|pounds?|quid|gbp|cents?|rupees|francs?|kr|sek|points?|ppl)\b)",
    re.IGNORECASE,
)
_MONEY_WORD: Final = re.compile(
    r"\b(?:costs?|costing|bill(?:ed|s)?|spend|spending|pay|paying|paid|prices?|money|invoices?|budget|fees?|charged?|revenue|turnover|salary|licen[cs]e|worth|burn\w*|saves?|savings?)\b",
    re.IGNORECASE,
)

#: What a rate may count without being calls, whatever was asked.
_UNITS: Final = r"(?:tokens?|words?|characters?|chars|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|gb|mb|tb|kb|gigs?|ms|km|miles|kg|tonnes?|tons?|litres?|watts?|kwh|percent|degrees|meetings?|updates?|changes?|edits?|releases?|deploy\w*)"
#: What is counted about a business, not sent through the model, unless volume was asked.
_BUSINESS: Final = r"(?:visitors?|views?|downloads?|sales|hires?|starters|joiners|subscribers|followers|members|employees|staff|errors?|mistakes?|bugs?|failures?|howlers?|hallucinations?|new (?:docs?|documents|articles|products|items|categories|pages|versions|skus?|models?|rules?|clauses?|customers?|clients?))"
_NOT_CALLS: Final = re.compile(rf"\b{_UNITS}\b", re.IGNORECASE)
_NOT_CALLS_UNASKED: Final = re.compile(rf"\b{_BUSINESS}\b", re.IGNORECASE)
#: What a call works on: after a bare number these words let it stand as an answer to "how many calls?".
_CALLS: Final = re.compile(
    r"^\W*(?:[\w'-]+ ){0,3}?(?:calls?|requests?|quer(?:y|ies)|questions?|tickets?|messages?|msgs?|e?-?mails?|chats?|conversations?|documents?|docs|reports?|letters?|repl(?:y|ies)|summar(?:y|ies)|posts?|comments?|orders?|claims?|cases?|forms?|reviews?|photos?|pics|images?|items?|listings?|times|of (?:them|those|these)"
    r"|runs?|prompts?|hits?|lines?|records?|jobs?|articles?|drafts?|texts?|notes?|translations?|invoices?|transcripts?|tweets?|searches|descriptions?|inquir(?:y|ies)|enquir(?:y|ies)|complaints?|ones|a go|interactions?|sessions?|generations?|completions?|inferences?|transactions?|entries|files|calls)\b",
    re.IGNORECASE,
)
#: After these a bare number stands for itself.
_NO_NOUN: Final = re.compile(
    r"^\W*(?:$|(?<![\w'])(?:or|and|but|on|in|at|if|when|maybe|perhaps|i|we|it|that|this|for|depending|give|tops|max|maximum|min|total|altogether|though|normally|usually|typically|most|right|now|today|currently|so|probably|tbh|lol|roughly|approx\w*|from|with|without|once|as|to|is|would|ish|not|no|actually|sorry|because|since|these days|all|each way|thanks?|please|last|during|while|across|counting)\b)|^\s*[,.;:!?()\n]",
    re.IGNORECASE,
)
_PEOPLE_BEFORE: Final = re.compile(
    r"\b(?:(?:team|group|staff|crew|headcount|company|firm|department|class) of|(?:we|they)(?:'re| are|re)(?: only| just)?|(?:i'?m|i am|aged?)|top|page|version|by|since|until|case of)(?: about| around| roughly)?\s*$",
    re.IGNORECASE,
)
_CHANGES: Final = re.compile(
    r"\b(?:chang|updat|refresh|revis|re-?index|deploy|retrain|releas|rewrit|rewrote|reshuffl|renew|publish|meet)\w*",
    re.IGNORECASE,
)
_CHANGES_AFTER: Final = re.compile(
    r"^[^.,;]{0,35}?\b(?:(?:get|gets|are|is|being|have|has) (?:been )?)?(?:chang(?:e|es|ed|ing)|updated|added|removed|replaced|refreshed|reindexed|in and out)\b",
    re.IGNORECASE,
)
_FAILS: Final = re.compile(
    r"\b(?:break|fail|wrong|crash|error|invalid|broken|cut off|missing|stuck|times? out|goes down)\w*\b",
    re.IGNORECASE,
)
#: "Twice a day" is a call rate when something runs or is asked, and not when it breaks or is updated.
_RUNS: Final = re.compile(
    r"\b(?:run(?:s|ning)?|us(?:e|es|ed|ing)|call(?:s|ed|ing)?|trigger\w*|ask(?:s|ed|ing)?|fire[sd]?|go(?:es)? through|generat\w+|need(?:s)? it|execut\w*|invok\w*|process\w*|quer(?:y|ies|ied)|hit(?:s|ting)?|sends?|do(?:es)? (?:this|that|it)|traffic|requests?|calls)\b",
    re.IGNORECASE,
)
_SAMPLED: Final = re.compile(
    r"\b(?:random(?:ly)?|sampled?|samples|spot[- ]?check\w*|eyeball\w*|audit\w*)\b|\b(?:check|test|measure|evaluate|validate)\w* (?:it|them|this|that|each \w+|every \w+)? ?(?:on|against|with|over)\b",
    re.IGNORECASE,
)

_HARDLY: Final = r"(?:(?:only|just) (?:a )?(?:handful|few)|a (?:small |tiny )?handful|a few|very few|barely any|hardly any|next to none)"
_FEW_CALLS: Final = re.compile(
    rf"\b{_HARDLY}(?: of (?:us|them|calls|requests|times|people|users|colleagues|questions))?(?: (?:calls|requests|times|people|users|colleagues|questions))?(?: (?:a|per|each|every) day)\b"
    rf"|\b(?:only|just) (?:a )?(?:handful|few|couple)(?: of)? (?:us|people|users|colleagues)\b[^.;]{{0,30}}\b(?:us(?:e|es|ing)|test(?:s|ing)?|ask(?:s|ing)?)\b",
    re.IGNORECASE,
)
_FEW_OF_US: Final = re.compile(
    r"\b(?:just|only)(?: for)? (?:me|myself|i|the two of us|us two|my (?:wife|husband|partner|sister|brother|boss|colleague|assistant))\b|\bme and my \w+\b|\b(?:my \w+ and (?:me|i|myself)|the (?:two|three|four|five) of us)\b|\bmyself only\b",
    re.IGNORECASE,
)
_FEW_ASKED: Final = re.compile(
    rf"\b{_HARDLY}\b(?! (?:hundred|thousand|dozen|million|k\b|times? (?:a|per|each) (?:week|month|year|hour|minute)|(?:a|per|each|every) (?:week|month|year|hour|minute)))|\b(?:now and then|once in a while|every now and again|from time to time|hardly ever|rarely|seldom)\b|\ba (?:handful|couple|few) of us\b",
    re.IGNORECASE,
)
_USES: Final = re.compile(
    r"\b(?:us(?:e|es|ed|ing|ers?)|test(?:s|ing)?|play(?:s|ing)?|run(?:s|ning)?|ask(?:s|ing)?|for (?:me|myself))\b",
    re.IGNORECASE,
)

_PERSON: Final = r"(?:user|person|customer|client|agent|employee|head|student|pupil|patient|seat|member|clerk|rep|teacher|driver|nurse|doctor|operator|advis[eo]r|analyst|lawyer|editor|consultant|colleague|store|shop|branch|site|clinic|office|location|restaurant|hotel|school|team|tenant|account|guy)"
#: A rate that holds for one of many: "20 each a day", "per agent", "each of our 40 agents". "A draft each" is not one.
_PER_PERSON: Final = re.compile(
    rf"\b(?:per|every|each|for each|for every|an?) {_PERSON}s?\b|\beach of (?:us|our|the|my|those)\b|\b(?:apiece|a head|per head|a ?piece)\b"
    r"|(?<!for )(?<!one )\beach\b(?=\s*(?:$|[,.;)]|an? (?:day|week|month|hour)|per\b|every\b|of us\b|(?:do|does|ask|asks|send|sends|make|makes|handle|handles|write|writes|run|runs|doing|asking|sending|making|handling|use|uses|take|takes|having|has|with)?\s*(?:it )?(?:about |around |~|some |maybe |roughly |up to )?\d))|\d ?[x×] ?\d",
    re.IGNORECASE,
)
_ONE_EACH: Final = re.compile(
    r"\b(?:one|once|an?) (?!day|week|month|hour|year)(?:\w+ ){0,2}each\b|\beach (?:one|gets?|getting|needs?|has to|is|was|drafted|checked)\b|\b(?:one|once|a) (?!day|week|month|hour|year)\w+ (?:per|for each|for every)\b",
    re.IGNORECASE,
)
_MANY: Final = re.compile(
    rf"^\W*(?:[\w'-]+ ){{0,2}}?(?:{_PERSON}s|branches|people|staff|ppl|of us|of them|agencies|companies|folks|devs|engineers|recruiters|officers|writers|mechanics|workers|interns|tutors|coaches|therapists|managers|lawyers|dispatchers|[a-z]+(?:ers|ors|ists|ants|ents))\b",
    re.IGNORECASE,
)
_IN_ONE_GO: Final = re.compile(
    r"\b(?:in one go|at once|at a time|each time|every time|per (?:run|batch|go|time|execution)|each run|in (?:a|one) (?:batch|bunch|block)|a (?:go|batch|pop)|batch(?:es)? of|all at once|apiece|of about|over)\b",
    re.IGNORECASE,
)
_PEAK: Final = re.compile(
    r"\b(?:peaks?|busiest|busy (?:day|season|time)s?|christmas|xmas|black friday|rush|spikes?|record|worst|high season|(?:in|around|before) (?:december|november|summer|winter|spring|autumn)|sometimes|holidays?|bursts?)\b",
    re.IGNORECASE,
)
_USUAL: Final = re.compile(
    r"\b(?:usual(?:ly)?|normal(?:ly)?|typical(?:ly)?|otherwise|average|rest of the|quiet(?:er)?|most days|ordinary|outside|mostly|on other days)\b",
    re.IGNORECASE,
)
_CONCLUDES: Final = re.compile(
    r"\b(?:so|total(?:s|ling)?|altogether|all together|that'?s|that is|makes|which is|i\.?e\.?|in all|comes to|or|meaning|equals?)\b|=",
    re.IGNORECASE,
)
#: How a number opens that replaces an earlier one.
_REPLACES: Final = re.compile(
    r"^\W*(?:(?:but|and) )?(?:so|now|today|since|actually|currently|it'?s|it is|should|these days|nowadays|make it)\b",
    re.IGNORECASE,
)
#: What takes back the number before it.
_NO_WAIT: Final = re.compile(
    r"\b(?:no,? wait|wait,? no|wait|sorry|i mean|i meant|or rather|scratch that|make that|correction|actually|no,? (?=\d))\b",
    re.IGNORECASE,
)
_RETRACTED: Final = re.compile(
    r"^\W*(?:(?:oh|no|ah|hm+|but)\W+)?(?:no,? wait|wait|sorry|i mean|i meant|scratch that|make that|correction|actually|(?:but )?(?:that|it|this) (?:counts?|counted|includes?|included|was (?:one|only|just|for|with|before|wrong)|is (?:with|counting|wrong)))\b",
    re.IGNORECASE,
)
_NOT_BEFORE: Final = re.compile(
    r"\b(?:not|instead of|rather than|isn'?t|wasn'?t)(?: the)?(?: about| around)?\s*$", re.IGNORECASE
)

#: Words for "with the accepted answer", the strong ones about anything, the weak ones not about reference documents.
_LABELLED: Final = r"(?:(?:hand-?|human-?|manually |already |expert-?|professionally )?(?:labell?ed|annotated|tagged|coded|categori[sz]ed|classified|graded|gold(?:en)?|corrected|scored|marked(?:[- ]up)?|solved|resolved|answered|adjudicated|decided|translated|confirmed|signed(?:[- ]off)?))"
_ACCEPTED: Final = r"(?:approved|accepted|verified|reviewed|checked|edited|fixed|finished|closed|curated|certified|vetted|validated|proofread|cleaned(?: up)?|hand-?written|booked|done by|written by|thumbs[- ]up)"
_DOCUMENTS: Final = re.compile(
    r"\b(?:pdfs?|documents|docs|articles|polic(?:y|ies)|manuals?|products?|skus?|rules?|wiki|web ?pages|handbooks?|guidelines|procedures)\b",
    re.IGNORECASE,
)
_EXAMPLE_NOUN: Final = r"(?:(?:(?:past|sample|good|old|real|training|example) )?(?:examples?|samples?|pairs?)|(?:q ?& ?a|question[- ]answer|input[- ]output|in[- ]out|io|before(?:[- ]|/)(?:and[- ])?after)(?: pairs?)?|training (?:cases|data ?points|rows|items|records)|good ones)"
_MODIFIER: Final = (
    r"(?:or so|or more|give or take|of|the|those|these|them|such|really|more or less|in total|[\w'&/-]+)"
)
_EXAMPLES_AFTER: Final = re.compile(
    rf"^\W*(?:{_MODIFIER} ){{0,4}}?(?P<noun>{_EXAMPLE_NOUN})\b", re.IGNORECASE
)
_LABELLED_AFTER: Final = re.compile(
    rf"^\W*(?:(?!not\b|un|never\b|test\b|to\b|yet\b|when\b|until\b)[\w'’&/-]+,?\s+){{0,9}}?(?<!not )(?<!to be )(?<!in )(?P<label>{_LABELLED}|{_ACCEPTED})\b(?! in (?:the|our) prompt| by (?:\w+ )?(?:customers|users|guests|clients|readers))",
    re.IGNORECASE,
)
#: "9,000 with her notes", "emails, each with the category our agents filed it under", "tickets and their replies".
_WITH_ANSWER: Final = re.compile(
    r"^[^.;:!?]{0,60}?\b(?:with|next to|alongside|paired (?:with|to)|matched (?:with|to)|plus|and|incl(?:uding|\.)?|together with|along with)\s+(?:(?:the|their|its|our|his|her|my|a|an|both|all|known|final|human|right|correct|good|accepted|approved|expected|gold|real|actual|official|confirmed|moderator'?s|agent'?s|[a-z]+(?:'s|s')|that [\w]+) ){1,4}"
    r"(?:\w+ ){0,2}?(?:answers?|labels?|tags?|repl(?:y|ies)|respons\w+|categor(?:y|ies)|codes?|team|queue|decisions?|comments?|notes?|versions?|translations?|summar(?:y|ies)|originals?|verdicts?|outcomes?|results?|grades?|scores?|corrections?|outputs?|questions?|resolutions?|diagnos[ei]s|ratings?|group|deeds?|class|intents?|drafts?|edits?|targets?|solutions?|texts?|transcripts?|source)\b"
    r"|^[^.;:!?]{0,60}?\bwith (?:\w+ )?(?:labels?|tags?|answers?|replies|summaries|translations|corrections|decisions|verdicts|comments|ratings|grades|solutions|outcomes)\b"
    r"|^[^.;!?]{0,60}?\bside by side\b",
    re.IGNORECASE,
)
_EXAMPLES_BEFORE: Final = re.compile(
    rf"(?<!to )(?<!will )\b(?:(?:hand-?)?(?:labell?ed|annotated|tagged|graded|corrected|approved|curated|signed off|thumbs(?:[- ]up)?))(?: (?:by hand|manually|on|to|already|so far|up|them|some))*\s*$|\b(?:{_EXAMPLE_NOUN}|(?:labell?ed|annotated|tagged)(?: \w+)?|training (?:data|set))(?: \w+)?(?: please)?\s*(?:(?:is|are|to|=|:|,|comes? to|should be|that'?s|count|number|be|of|maybe|only|just|about|around|roughly)\s*){{1,3}}$",
    re.IGNORECASE,
)
_OWN_ANSWER_EACH: Final = re.compile(
    r"\b(?:correct(?:ed|ion)|own|final|accepted|approved|right|fixed|edited|human)(?: \w+){0,2} (?:next to|beside|for|under|alongside) (?:each|every|all)\b",
    re.IGNORECASE,
)
_UNLABELLED: Final = re.compile(
    r"\b(?:un-?(?:labell?ed|annotated|tagged|marked|checked|graded|sorted|verified|answered|reviewed)|raw|\w*(?:not|n't|never)(?: \w+){0,3} (?:labell?ed|annotated|tagged|checked|graded|reviewed|coded)|(?:no|without|lack\w*|have no) (?:\w+ )?(?:labels?|tags?|codes?|answers?|annotations?)|nobody(?: \w+){0,3} (?:labell?ed|checked|tagged|looked|reviewed|graded|annotated)|just logs|only logs)\b",
    re.IGNORECASE,
)
_IN_PROMPT: Final = re.compile(
    r"\b(?:in|inside|into|to|within|at the end of) (?:the|our|my|its|that|each|every|a|it\b)\s?(?:\w+ ){0,2}(?:prompt|instructions?|template|context)?\b(?<=prompt|uction|ctions|mplate|ontext)|\bprompts?\b(?!s? (?:engineer|pairs?))|\b(?:few|\w+)[- ]shot\b|\b(?:rules?|role|instructions?|persona|format|schema)\b[^.;]{0,30}(?:\band|\bplus|\bwith|,|\+)",
    re.IGNORECASE,
)
_TESTS: Final = re.compile(
    r"\b(?:test|eval\w*|benchmark|held-?\s?out|hold-?\s?out|validation|regression|dev)(?: |-)?(?:set|suite|cases?|questions?|items?|tickets?|data|emails?|prompts?|examples?|samples?|ones|sheet|rows|pairs)?\b|\b(?:to|we|i|and) (?:test|check|measure|score|evaluate)\w* (?:(?:it|them|this|that|each \w+|every \w+) )?(?:with|against|on|over)\b|\bgold(?:en)? (?:set|questions?|answers?|cases?|tickets?)\b",
    re.IGNORECASE,
)
_PAIR_WORDS: Final = r"(?:labell?ed|annotated|tagged|marked[- ]up|hand-?labell?ed|curated|training|gold(?:en)?|input[- ]output|past|accepted|approved|graded|usable|good|old|saved|previous|solved|historical)"
_NOT_ANY: Final = r"(?:no|zero|0|not (?:a single|one|any)|without any|(?:don'?t|do not|doesn'?t|didn'?t) (?:really |actually |currently )?have (?:any|a single)?|(?:haven'?t|have not|hasn'?t) (?:got )?(?:any )?|never (?:had|collected|saved|labell?ed|kept|made)(?: any)?|lack(?:ing)?(?: any)?)"
_NO_EXAMPLES: Final = re.compile(
    rf"\b{_NOT_ANY}\s?(?:of )?(?:single |real |such |proper |kind of )*(?:(?:labell?ed|annotated|tagged|marked[- ]up|hand-?labell?ed|training|gold(?:en)?|input[- ]output|labell?ing)(?: (?:data\w*|examples?|pairs?|cases?|samples?|tickets?|set|anything|ones|emails?|records?|items?|material))?|past (?:cases|answers|examples|pairs)|(?:example|sample) \w+ (?:exists?|so far|yet|anywhere|at hand)|(?:examples?|samples?|pairs?) (?:at all|anywhere|whatsoever|collected|saved|labell?ed|to (?:show|train|learn)))\b"
    r"|\b(?:nobody|no ?one|we never|we'?ve never|nothing|none)(?: has| have| is| was| been|'s| of (?:it|them|that|those) (?:is|are|was|has been))* (?:ever |yet )?(?:labell?ed|annotated|tagged|hand-?labell?ed)(?: (?:any(?:thing)?|a single one|them|it))?\b"
    r"|\b(?:examples?|pairs|(?:sample|example|labell?ed) \w+)\b(?: \w+){0,6}?,? (?:we|i) (?:have (?:none|zero)|don'?t have any|have got none|got none)\b"
    r"|\b(?:haven'?t|have not|hasn'?t|never) (?:ever |yet )?(?:labell?ed|annotated|tagged) (?:any(?:thing)?|a single one|them|it|one)\b",
    re.IGNORECASE,
)
#: Asked for examples, "none" in any of its forms.
_NONE_ASKED: Final = re.compile(
    rf"^\W*(?:(?:well|sadly|honestly|erm?|um|oh|nope|no|we|i|there|there'?s|have|has|got|'ve|ve|we'?ve|i'?ve|are|is|absolutely|basically|literally|currently|still|that'?s|at the moment|right now|so far)[\s,.]+)*(?P<none>none|zero|zilch|nada|nil|nothing(?! (?:but|except|like a lot))|not (?:a single|one|any)\b|no (?:{_PAIR_WORDS} )*(?:examples?|pairs?|cases?|samples?|data\w*|records?|archive|history|dataset|ones|answers?|tickets?)\b)"
    rf"|\b(?P<never>(?:we|i|nobody|no one)(?:'ve|'s| have| has)? (?:never|not|n't|haven'?t|didn'?t|don'?t|do not)(?: \w+)? (?:saved?|kept|keep|collect(?:ed)?|have|stored?|recorded?|logg?(?:ed)?|label(?:led)?|any)(?: (?:any\w*|them|it|those|one|a single \w+))?)\b(?! (?:many|much|more|enough|a lot|them all))"
    r"|^\W*(?P<bare>(?:don'?t|do not|haven'?t|have not)(?: really| actually)? (?:have|got|keep)(?: (?:any\w*|one|them|that|those))?)\W*$"
    r"|\b(?P<gone>(?:thrown away|deleted|gone|lost|binned)(?: (?:all|everything))?)\s*[.!]?$",
    re.IGNORECASE,
)
_NOT_PAIRS: Final = re.compile(
    r"^\W*(?:[\w'-]+ ){0,2}?(?:tokens?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|yrs?|people|employees|staff|agents|users|customers|engineers|devs|categor\w+|classes|fields?|languages?|of us|interns?|annotators?|%|percent|pages|words|pdfs?|documents?|docs|manuals?|logs?|folders?|boxes|shoebox\w*|sheets?|gb|mb|prompts?|times|versions?|per ?cent|calls|requests)\b",
    re.IGNORECASE,
)
_DUE: Final = re.compile(
    r"\b(?:deadline|due|ship\w*|launch\w*|demo\w*|live|deliver\w*|ready|releas\w*|needs? (?:it|this|to be|something)|have to|has to|had to|must|pilot|trial|present(?:ing|ation)?|go-?live|got to|gotta|want it|opens?|opening|starts?|begins?|election|exam|hearing|inspection|audit|conference|trade fair|season|finish(?:ed)? by|wants?\b[^.;]{0,40}\bby)\b",
    re.IGNORECASE,
)
_DAY_COUNT: Final = r"\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|ninety|(?:a )?couple(?: of)?|a few"
_DAY_UNIT: Final = r"hours?|hrs?|days?|weeks?|wks?|months?"
_DEADLINE: Final = re.compile(
    r"\b(?P<after>(?:the )?day after tomorrow)\b|\b(?P<tomorrow>tomorrow|tmrw|tomorow|tmr)\b|\b(?P<today>today|tonight)\b"
    r"|(?:^\W*|\b(?:by|before|until|till|for|on|this|due|come|wants? it|needs? it|goes live|launch(?:es)?) )(?:this |next |the )?(?:end of (?:the )?|eo)?(?P<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\b"
    r"|\b(?:by |before |until )?(?:the )?(?:end of (?:the|this) week|this week|eow|sometime this week|(?:before|over) the weekend)(?P<week>\b)|\bnext week(?P<next>\b)"
    r"|\b(?:in|within|for|only|just|have|got|is|another|live) (?:only |just |in )?a (?P<fortnight>fortnight)\b|\b(?P<fortnight2>fortnight) (?:left|to go|from now)\b"
    rf"|\b(?P<left>{_DAY_COUNT}) (?P<of>{_DAY_UNIT}) (?:left|to go|to (?:get|make|do|build|have|ship|finish|deliver)|until|till|remaining|from now|out|away|off|to the|(?<!ago )before (?=the|we|our|go|it|launch|election|christmas))\b"
    rf"|\b(?:in|within|due in|less than|under|(?:only|just|have|got|we've|has|gives? us|given)(?: only| just| got)?)\s?(?:about |only |just |like |roughly |the next |the |less than |under )?(?P<count>{_DAY_COUNT}) (?P<unit>{_DAY_UNIT})\b(?! (?:of|a|per|ago|old))"
    rf"|^\W*(?:(?:uh|um|well|so|just|only|about|maybe)[\s,]+)*(?P<begins>{_DAY_COUNT}) (?P<begins_unit>{_DAY_UNIT})\b(?! (?:of|a|per|ago|old|each|every))"
    rf"|[,:] (?P<bare>{_DAY_COUNT}) (?P<bare_unit>{_DAY_UNIT})(?: that is| then)?\W*$",
    re.IGNORECASE,
)
_COUNT: Final = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
    "couple": 2,
    "couple of": 2,
    "a couple": 2,
    "a couple of": 2,
    "a few": 3,
}
_UNIT_DAYS: Final = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30}


def volume(clause: Clause, asked: bool) -> Proposal | None:
    """Calls a day: a number with a rate; asked for it, a bare number will do."""
    text = clause.text
    if clause.supposed or clause.hearsay or clause.others or clause.past:
        return None
    if (clause.question and not (asked and len(text.split()) <= 6)) or (clause.plan and not asked):
        return None
    everything = quantities(text)
    standing = _standing(text, everything, clause)
    rated = [q for q in standing if _is_call_rate(q, clause, asked)]
    if (
        _PER_PERSON.search(text)
        and not _ONE_EACH.search(text)
        and not re.search(r"\b(?:in total|altogether|all together|total)\b", text, re.IGNORECASE)
    ):
        return _each_times_many(text, rated, everything)
    batch = _batches(text, rated, standing)
    if batch:
        return batch
    if rated:
        return _the_one(text, clause, [(q, _daily(q, text)) for q in rated])
    few = (
        _FEW_CALLS.search(text)
        or (_FEW_OF_US.search(text) if asked or _USES.search(text) else None)
        or (_FEW_ASKED.search(text) if asked else None)
    )
    if few:
        return Proposal(slot=Slot.VOLUME, value=Amount(low=1, high=20), quote=few[0])
    bare = [q for q in standing if q.daily is None and not q.odd_window and _may_be_calls(q, text)]
    window = _window_before(clause) if _REPLACES.match(text) else None
    elsewhere = any(
        q.daily is not None for q in quantities(clause.before[-400:]) + quantities(clause.after[:400])
    )
    if not bare or any(q.odd_window for q in standing) or (window is None and (elsewhere or not asked)):
        return None
    if asked and window is None and len(bare) == 1:
        told = _WINDOW_AFTER.match(clause.after)
        window = WINDOWS[(told[1] or "day").lower()] if told else None
    return _the_one(text, clause, [(q, scaled(q.amount, window or 1.0)) for q in bare], only=True)


#: "It's 3,000. Per month."
_WINDOW_AFTER: Final = re.compile(
    r"^\W*(?:and )?(?:that'?s |that is |it'?s |i mean )?(?:per|an?|each|every) (hour|day|week|month|quarter|year)\W*$",
    re.IGNORECASE,
)


def _window_before(clause: Clause) -> float | None:
    """The window that an outdated number had, for the one that replaces it: "it was 60 a day, now it's 600"."""
    for earlier in clauses(clause.before[-400:])[-3:]:
        rated = [q for q in quantities(earlier.text) if q.per_day is not None]
        if rated and (
            earlier.past
            or re.search(r"\b(?:i|we) (?:said|wrote|put|gave|typed)\b", earlier.text, re.IGNORECASE)
        ):
            return rated[-1].per_day
    return None


def _standing(text: str, found: Sequence[Quantity], clause: Clause) -> list[Quantity]:
    """The quantities that the message does not take back: not the first of "200, no wait, 20", nor "4,500" of "450, not 4,500"."""
    if _RETRACTED.match(clause.after) and re.search(r"\d", clause.after):
        return []
    kept = [q for q in found if not _NOT_BEFORE.search(q.before)]
    for back in _NO_WAIT.finditer(text):
        if any(q.start >= back.end() for q in kept):
            kept = [q for q in kept if q.start >= back.start()]
    return [q for q in kept if not (_MONEY_BEFORE.search(q.before) or _MONEY_AFTER.match(q.after))]


def _noun(q: Quantity, text: str) -> str:
    """The words between a number and its rate, or the few after it."""
    if q.rate_start is not None and q.rate_start >= q.end:
        return text[q.end : q.rate_start]
    return " ".join(re.split(r"[.,;:!?()]", q.after)[0].split()[:3])


def _is_call_rate(q: Quantity, clause: Clause, asked: bool) -> bool:
    if q.daily is None:
        return False
    text, noun = clause.text, _noun(q, clause.text)
    if _NOT_CALLS.search(noun) or (
        not noun.strip(" (,") and _MONEY_WORD.search((clause.before + text[: q.start])[-40:])
    ):
        return False
    if re.match(
        r"\W*(?:in|on|of|for) (?:\w+ )?(?:fees|tokens|api|inference|costs?|bills?)\b",
        text[q.rate_end :],
        re.IGNORECASE,
    ):
        return False
    if asked:
        return True
    if q.recent and not _CALLS.match(" " + noun):
        return False
    if _NOT_CALLS_UNASKED.search(noun) or _SAMPLED.search(text) or _CHANGES_AFTER.match(text[q.end :]):
        return False
    often = (
        re.match(r"(?:once|twice|thrice|runs?\b|fires?)", text[q.start : q.end].lstrip("~ "), re.IGNORECASE)
        or re.match(r"\s*times\b", noun, re.IGNORECASE)
        or " every " in text[q.start : q.end].lower()
    )
    if often or (q.amount.high is not None and q.amount.high <= 2):
        return bool(
            _RUNS.search(text)
            or re.match(r"an? \w+ every|one every", text[q.start : q.end], re.IGNORECASE)
            or not often
        ) and not (_CHANGES.search(text) or _FAILS.search(text))
    return not _FAILS.search(text[q.end : q.end + 30])


def _daily(q: Quantity, text: str) -> Amount:
    """The amount a day; hours are those that are worked, when the clause says so."""
    assert q.per_day is not None
    factor = q.per_day
    if q.window in ("hour", "minute"):
        worked = re.search(
            r"\b(\d+) ?(?:hours?|hrs?|h)\b(?: (?:a|per|each) (?:\w+ )?(?:day|shift)|/day| shifts?)",
            text,
            re.IGNORECASE,
        )
        hours = (
            float(worked[1])
            if worked
            else 8.0
            if re.search(
                r"\b(?:office|business|working|opening) hours\b|\bworking hour\b", text, re.IGNORECASE
            )
            else 24.0
        )
        factor *= min(hours, 24.0) / 24.0
    return scaled(q.amount, factor)


def _may_be_calls(q: Quantity, text: str) -> bool:
    """May a number without a rate answer "how many calls a day?"."""
    if _PEOPLE_BEFORE.search(q.before) or re.match(
        r"\W*(?:of us|or the other|by one)\b", q.after, re.IGNORECASE
    ):
        return False
    if _NOT_CALLS.match(_noun(q, text).lstrip(" -")) or _SAMPLED.search(text):
        return False
    loose = re.match(
        r"(?:a couple|a few|several|a pair|once|twice|thrice|one\b)", text[q.start : q.end], re.IGNORECASE
    )
    if loose and len(text.split()) > 5:
        return False
    tail = text[q.end : q.end + 80]
    return bool(_NO_NOUN.match(tail) or _CALLS.match(tail))


def _the_one(
    text: str, clause: Clause, found: Sequence[tuple[Quantity, Amount]], only: bool = False
) -> Proposal | None:
    """One amount out of several: not the peak where the usual is told, and the total where it is summed up."""

    def segment(q: Quantity) -> str:
        left = max((m.end() for m in re.finditer(r"[,;()]\s", text[: q.start])), default=0)
        right = re.search(r"[,;()](?:\s|$)", text[q.end :])
        return text[left : q.end + right.start() if right else len(text)]

    usual = [(q, a) for q, a in found if not _PEAK.search(segment(q)) or _USUAL.search(segment(q))]
    if not usual and re.search(r"\d", clause.before + clause.after):
        return None
    left = usual or list(found)
    summed = [
        (q, a)
        for q, a in left[1:]
        if _CONCLUDES.search(text[max(0, q.start - 25) : q.start])
        or re.match(r"[^.;]{0,20}\b(?:in total|altogether|all together)\b", text[q.end :], re.IGNORECASE)
    ]
    if summed:
        left = summed[-1:]
    if only and len(left) > 1:
        return None
    q, amount = max(left, key=lambda pair: pair[1].low)
    return Proposal(slot=Slot.VOLUME, value=_rounded(amount), quote=_span(text, q))


def _span(text: str, *parts: Quantity) -> str:
    """The words from the first to the last of these quantities and their rates."""
    start = min(min(q.start, q.rate_start if q.rate_start is not None else q.start) for q in parts)
    end = max(max(q.end, q.rate_end or q.end) for q in parts)
    return text[start:end]


def _each_times_many(text: str, rated: Sequence[Quantity], found: Sequence[Quantity]) -> Proposal | None:
    """ "40 agents, 20 queries each a day": the product. How many they are must be said, once; else nothing is read."""
    many = [
        q
        for q in found
        if q.daily is None
        and q.amount.high is not None
        and q.amount.low >= 2
        and (_MANY.match(q.after) or re.match(r"\s?[x×]", q.after))
    ]
    each = [q for q in rated if q.amount.high is not None]
    if len(many) != 1 or len(each) != 1:
        return None
    one, times = _daily(each[0], text), many[0].amount
    assert one.high is not None and times.high is not None
    return Proposal(
        slot=Slot.VOLUME,
        value=_rounded(Amount(low=one.low * times.low, high=one.high * times.high)),
        quote=_span(text, each[0], many[0]),
    )


def _batches(text: str, rated: Sequence[Quantity], found: Sequence[Quantity]) -> Proposal | None:
    """ "Once a month, 6000 in one go": how often times how many."""
    often = [
        q
        for q in rated
        if re.match(r"(?:once|twice|thrice|one|two|three|\d{1,2})\b", text[q.start : q.end], re.IGNORECASE)
        and q.amount.low == q.amount.high
        and (q.amount.low <= 3 or re.match(r"\W*(?:times|batches|runs)\b", q.after))
    ]
    sizes = [
        q
        for q in found
        if q.daily is None
        and not q.odd_window
        and q.amount.low > 3
        and not _NOT_CALLS.match(_noun(q, text))
        and (_IN_ONE_GO.search(text[q.end :]) or _IN_ONE_GO.search(text[max(0, q.start - 20) : q.start]))
    ]
    if len(often) != 1 or len(sizes) != 1:
        return None
    assert often[0].per_day is not None
    return Proposal(
        slot=Slot.VOLUME,
        value=_rounded(scaled(sizes[0].amount, often[0].per_day * often[0].amount.low)),
        quote=_span(text, often[0], sizes[0]),
    )


def examples(clause: Clause, asked: bool) -> Proposal | None:
    """Input/output pairs at hand: a number of labelled or accepted cases; asked for them, a bare number will do."""
    text = clause.text
    if clause.supposed or clause.hearsay or clause.others or clause.past or (clause.plan and not _have(text)):
        return None
    if clause.question and not (asked and len(text.split()) <= 4):
        return None
    standing = [q for q in _standing(text, quantities(text), clause) if q.daily is None and not q.odd_window]
    none = _none(clause, asked, standing)
    if none:
        return Proposal(slot=Slot.EXAMPLES, value=Amount.exactly(0), quote=none)
    in_prompt, tests = _IN_PROMPT.search(text), _TESTS.search(text)
    unlabelled = _UNLABELLED.search(text) or _UNLABELLED.search(
        re.split(r"[.,;!?]", clause.after)[0]
        if re.match(r"\W*(?:but|though|although|only|and|they|none)\b", clause.after, re.IGNORECASE)
        else ""
    )
    if in_prompt or (tests and not asked) or (tests and re.search(r"\btest", text, re.IGNORECASE)):
        return None
    read: list[tuple[Quantity, int]] = []
    for q in standing:
        if re.match(r"\s*more\b(?! or less)", q.after, re.IGNORECASE) or (
            clause.plan and _PLANNED.search(text[: q.start])
        ):
            continue
        q_before, tail = text[max(0, q.start - 100) : q.start], text[q.end : q.end + 160]
        noun, label = _EXAMPLES_AFTER.match(tail), _LABELLED_AFTER.match(tail)
        if noun and _NOT_OF_PAIRS.search(tail[: noun.start("noun")]):
            noun = None
        if label and (
            _NOT_OF_PAIRS.search(tail[: label.start("label")])
            or _MANY.match(tail[: label.start("label")])
            or (
                re.fullmatch(_ACCEPTED, label["label"], re.IGNORECASE)
                and _DOCUMENTS.search(tail[: label.end() + 25])
            )
            or re.search(r"\b(?:and|but|which aren'?t|by)\b", tail[: label.start("label")], re.IGNORECASE)
        ):
            label = None
        answered = _WITH_ANSWER.match(tail)
        if unlabelled and not (
            (label and re.fullmatch(_LABELLED, label["label"], re.IGNORECASE))
            or re.match(r"[^.;]{0,12}\b(?:of (?:them|those|these)|are)\b", tail)
        ):
            continue
        before = _EXAMPLES_BEFORE.search(q_before) or _OWN_ANSWER_EACH.search(
            clause.before[-80:] + " " + q_before
        )
        if asked and not (noun or label or answered or before) and not _stands_for_pairs(q, text):
            continue
        if not asked and (not (noun or label or answered or before) or _few_in_prompt(q, text, bool(label))):
            continue
        end = q.end + max((m.end() for m in (noun, label, answered) if m), default=0)
        read.append((q, end))
    if not read:
        return None
    q, end = next(((q, e) for q, e in read if e > q.end), read[0])
    exact = [(p, e) for p, e in read if p.amount.low == p.amount.high]
    if q.amount.low != q.amount.high and exact:  # "hundreds, say 700"
        q, end = exact[0]
    if len(read) > 1 and _UNIQUE.search(text):
        q, end = read[-1]
    return Proposal(slot=Slot.EXAMPLES, value=q.amount, quote=text[q.start : end].rstrip(" ,."))


#: Between a number and its "labelled" or "examples", these say that something else is counted.
_NOT_OF_PAIRS: Final = re.compile(
    r"\b(?:categor\w+|fields?|languages?|pages?|words?|codes?|labels?|classes|rules?|clauses?|criteria|types?|topics?|people|as|for|per|series|been)\b|,(?! (?:each|all|every|source|hand|already|that|which|with|mostly)\b)",
    re.IGNORECASE,
)
_PLANNED: Final = re.compile(
    r"\b(?:plan\w*|will|we'll|going to|want|hop(?:e|ing)|supposed|aim\w*|intend\w*|could|might|maybe we)\b",
    re.IGNORECASE,
)
_UNIQUE: Final = re.compile(
    r"\b(?:unique|usable|of (?:them|those|these|which)|actually|really)\b", re.IGNORECASE
)
_LABEL_TALK: Final = re.compile(
    r"\b(?:labell?ed|annotated|tagged|training data|examples?|pairs|samples)\b", re.IGNORECASE
)


def _none(clause: Clause, asked: bool, standing: Sequence[Quantity]) -> str | None:
    """The words that say that there are no examples at all. "No examples in the prompt" and "no tests" are not they."""
    text = clause.text
    if (clause.plan and not asked) or any(
        q.amount.low > 0 and not re.match(r"(?:one|a)\b", text[q.start :], re.IGNORECASE) for q in standing
    ):
        return None
    none = _NO_EXAMPLES.search(text)
    if none and not _IN_PROMPT.search(text):
        return none[0]
    if asked:
        none = _NONE_ASKED.search(text)
        if none and not re.search(
            r"\b(?:idea|clue|prompt|problem|matter|wrong|no (?:more|fewer|less))\b", text, re.IGNORECASE
        ):
            return none["none"] or none["never"] or none["bare"] or none["gone"]
    if (
        re.match(
            r"\W*(?:but |and )?we(?:'ve| have| got|'ve got| have got)+ (?:none|zero)\b", text, re.IGNORECASE
        )
        and _LABEL_TALK.search(clause.before[-140:])
        and not _IN_PROMPT.search(clause.before[-140:])
    ):
        return text.rstrip(" .!")
    return None


def _stands_for_pairs(q: Quantity, text: str) -> bool:
    """Asked for examples: a number alone, or one of things that may be cases; not of people, pages or months."""
    if _NOT_PAIRS.match(q.after) or _PEOPLE_BEFORE.search(q.before):
        return False
    return q.amount.low != 1 or q.amount.high != 1 or len(text.split()) <= 4


def _few_in_prompt(q: Quantity, text: str, labelled: bool) -> bool:
    """Three to twelve "examples" are what a prompt holds, unless they are called labelled and had."""
    if (
        q.amount.high == 0
    ):  # "zero examples" speaks of the prompt as often as of a dataset; `_none` reads the plain cases
        return True
    few = q.amount.high is not None and q.amount.high <= 12
    return (
        few
        and not (labelled and _have(text))
        and not re.search(
            r"\b(?:examples?|pairs) (?:is|are|count|to|:|should)\b|\b(?:today|so far)\b", text, re.IGNORECASE
        )
    )


def _have(text: str) -> bool:
    return bool(
        re.search(
            r"\b(?:have|has|got|there (?:are|is)|already|so far|with|we'?ve|today)\b", text, re.IGNORECASE
        )
    )


def deadline(clause: Clause) -> Proposal | None:
    """Days until it must work, when the clause speaks of something being due."""
    found = timed(clause)
    spoken = found is not None and (_DUE.search(clause.text) or re.search(r"\b(?:left|to go)\b", found.quote))
    return found if spoken else None


def timed(clause: Clause) -> Proposal | None:
    """Days until the time that the clause names, whatever happens then; None for the past and for what may be."""
    if clause.hearsay and "need" not in clause.text and "want" not in clause.text:
        return None
    match = next(
        (
            m
            for m in _DEADLINE.finditer(clause.text)
            if not re.search(r"\bnot\s*$", clause.text[: m.start()], re.IGNORECASE)
        ),
        None,
    )
    if match is None or clause.supposed or clause.others or clause.past:
        return None
    before = clause.text[: match.start()]
    if re.search(r"\bfor\s*$|\b(?:no|zero|never|not (?:a|one))\b[^,.;:]*$", before, re.IGNORECASE):
        return None  # how long it took, or has been so: "no complaints in 8 months"
    return Proposal(slot=Slot.DEADLINE, value=_days(match), quote=match[0])


def _days(match: re.Match[str]) -> float:
    named = {
        "weekday": 5.0,
        "after": 2.0,
        "tomorrow": 1.0,
        "today": 0.0,
        "fortnight": 14.0,
        "fortnight2": 14.0,
    }
    for name, days in named.items():
        if match[name]:
            return days
    for count, unit in (("left", "of"), ("count", "unit"), ("bare", "bare_unit"), ("begins", "begins_unit")):
        if match[count]:
            said, per = (
                match[count].lower(),
                match[unit].lower().rstrip("s").replace("hr", "hour").replace("wk", "week"),
            )
            number = float(said) if said.isdigit() else float(_COUNT[re.sub(r"^a (?=couple)| of$", "", said)])
            return float(math.ceil(number * _UNIT_DAYS[per]))
    return 7.0 if match["next"] is not None else 5.0


_TOKENS: Final = re.compile(r"\s?-?tok(?:en)?s?\b", re.IGNORECASE)
_PROMPT_SIDE: Final = re.compile(
    r"\b(?:prompts?|instructions?|system|inputs?|context)\b|\bin\b\s*[,;.)]?$", re.IGNORECASE
)
_ANSWER_SIDE: Final = re.compile(
    r"\b(?:outputs?|answers?|repl(?:y|ies)|respon\w+|completions?|generates?|returns?|writes?)\b|\bout\b\s*[,;.)]?$",
    re.IGNORECASE,
)


#: After a number: "tokens", with what is so long right before or behind it: "4k prompt tokens", "200 token answers".
_LENGTH: Final = re.compile(
    r"\s?-?(?:(?P<before>input|prompt|system|context|output|completion|answer|reply|response)[\s-]+)?tok(?:en)?s?\b"
    r"(?:[\s-]+(?:long\s+)?(?:(?:per|for|of|as)\s+)?(?:the\s+|each\s+|an?\s+)?"
    r"(?P<behind>prompts?|inputs?|in|context|instructions?|outputs?|out|answers?|repl(?:y|ies)|responses?|completions?)\b)?",
    re.IGNORECASE,
)


def tokens(clause: Clause) -> list[Proposal]:
    """Lengths of the prompt and of the answer, when said in tokens, here or just before ("… and the answers are 40")."""
    if not clause.factual:
        return []
    text, end = clause.text, 0
    found: dict[Slot, Proposal] = {}
    for q in quantities(text):
        unit = _LENGTH.match(text[q.end :])
        ahead, behind = text[end : q.start], re.split(r"[,;]", text[q.end :])[0]
        continued = (
            _ANSWER_SIDE.search(ahead) and _TOKENS.search(clause.before[-60:]) and re.match(r"\W*$", q.after)
        )
        if q.daily is None and (unit or continued):
            beside = (unit["before"] or unit["behind"] or "") if unit else ""
            slot = next((s for s in map(_side, (beside, ahead, behind)) if s is not None), None)
            if slot is not None and slot not in found:
                quote = text[q.start : q.end + (unit.end() if unit else 0)]
                found[slot] = Proposal(slot=slot, value=q.amount.high or q.amount.low, quote=quote)
        end = q.end
    return list(found.values())


def _side(words: str) -> Slot | None:
    """Which length these words speak of; None when of neither or of both."""
    sides = [
        slot
        for slot, side in ((Slot.PROMPT_TOKENS, _PROMPT_SIDE), (Slot.OUTPUT_TOKENS, _ANSWER_SIDE))
        if side.search(words)
    ]
    return sides[0] if len(sides) == 1 else None


def per(window_factor: float, amount: Amount) -> Amount:
    """The amount a day when the same number is meant per another window."""
    return _rounded(scaled(amount, window_factor))


def _rounded(amount: Amount) -> Amount:
    """Whole calls; a fraction of a call a day stays one decimal."""

    def near(x: float) -> float:
        return float(round(x)) if x >= 1 else round(x, 2)

    return Amount(low=near(amount.low), high=None if amount.high is None else near(amount.high))


__all__ = ["Quantity", "deadline", "examples", "per", "tokens", "volume"]
