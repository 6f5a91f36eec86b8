"""What must hold of every advice, whatever was told: said here a second time, in tables, and not taken from the code.

Each check gives the faults that it finds, in words. The gate lets no talk with a fault pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from agent.facts import Facts, Slot
from agent.recommendation import Recommendation, Sentence
from evals.reference import Case, Needed, Word, settle, supposing

#: How the first sentence of each advice begins or what it names, by rung and stance.
_HEADLINES: Final[dict[tuple[int, str], str]] = {
    (1, "start"): r"^Start with .*prompt", (1, "climb"): r"prompt .*into a structured one|^Write a structured prompt", (1, "stay"): r"^Stay with the prompt",
    (2, "climb"): r"^Add .*examples", (2, "stay"): r"^Stay with .*examples",
    (3, "start"): r"^Build .*retrieval", (3, "climb"): r"add retrieval", (3, "stay"): r"^Stay with the retrieval",
    (4, "climb"): r"^Fine-tune",
}  # fmt: skip
#: The passage of the guide that each rung's headline rests on: its place on the ladder, or the rule "stop where it works".
_RESTS_ON: Final = {
    1: "Rung 1",
    2: "Rung 2",
    3: "Rung 3",
    4: "The guide's FAQ finds the same three conditions",
}
_STAYING: Final = "The rule of the guide's ladder"
#: The guide's four mistakes, by the number it gives them.
_MISTAKES: Final = {
    "knowledge_by_finetuning": 1, "finetune_before_prompting": 2, "dataset_cost_underestimated": 3, "behaviour_still_changing": 4,
}  # fmt: skip
_NAMES: Final = {1: "structured prompt", 2: "few-shot", 3: "retrieval (RAG)", 4: "fine-tuning"}
#: A prompt from so many tokens can be cached, at OpenAI and at most of Claude.
_LONG: Final = 1024


def faults(given: Recommendation, facts: Facts) -> tuple[str, ...]:
    """What is wrong with this advice to a person of whom these facts are known."""
    case = Case(facts)
    try:
        word = settle(case)
    except Needed as missing:
        return (f"it advises before the rubric has what it needs: {missing.slot}",)
    checks = (
        _verdict(given, word, case), _headline(given), _ladder(given, facts), _beside(given, facts), _notes(given, facts),
        _spoken(given), _flips(given, facts), _claims(given, facts), _borne_out(given),
    )  # fmt: skip
    return tuple(dict.fromkeys(fault for check in checks for fault in check))


def _verdict(given: Recommendation, word: Word, case: Case) -> Iterator[str]:
    verdict = given.verdict
    if (verdict.rung, verdict.stance) != (word.rung, word.stance):
        yield f"the rubric's page says rung {word.rung}, {word.stance}, not rung {verdict.rung}, {verdict.stance}"
    if [s.value for s in verdict.blockers] != [b for b in [word.blocker] if b]:
        yield f"what closes rung 4 is {word.blocker or 'nothing'}"
    if {s.value for s in verdict.assumptions} != case.assumed or given.provisional != bool(case.assumed):
        yield f"what it assumes is {', '.join(sorted(case.assumed)) or 'nothing'}"


def _headline(given: Recommendation) -> Iterator[str]:
    rung, stance = given.verdict.rung, given.verdict.stance
    if not re.search(_HEADLINES.get((rung, stance), "^$"), given.headline.text):
        yield f"the headline does not say rung {rung}, {stance}"
    opening = _STAYING if stance == "stay" else _RESTS_ON[rung]
    if not any(c.quote.startswith(opening) for c in given.headline.citations):
        yield "the headline does not rest on its place in the guide"


def _ladder(given: Recommendation, facts: Facts) -> Iterator[str]:
    status = {step.rung: step.status for step in given.ladder}
    if [step.name for step in given.ladder] != list(_NAMES.values()):
        yield "the ladder does not show its four rungs in order"
    if status.get(given.verdict.rung) != "fits":
        yield "the ladder does not show the rung that is advised as the one that fits"
    if (status.get(4) == "blocked") != bool(given.verdict.blockers):
        yield "the ladder and the blocker do not agree on rung 4"
    if given.verdict.rung == 4 or facts.get(Slot.PROMPTING) in ("few_shot", "exhausted"):
        fit = {given.verdict.rung, *given.verdict.alongside}
        tried = {
            1: facts.get(Slot.PROMPTING) not in (None, "none"),
            2: facts.get(Slot.PROMPTING) in ("few_shot", "exhausted"),
        }
        if any(status[r] != "done" for r in (1, 2) if tried[r] and r not in fit):
            yield "the ladder does not show as done what is done"


def _beside(given: Recommendation, facts: Facts) -> Iterator[str]:
    """Retrieval carries a prompt, and examples where form or style falls short; without a criterion, tests come first."""
    shaped = bool({"format", "style"} & facts.chosen(Slot.SHORTFALL))
    wanted = () if given.verdict.rung != 3 else (1, 2) if shaped else (1,)
    if given.verdict.alongside != wanted:
        yield f"beside rung {given.verdict.rung} belongs {wanted or 'nothing'}"
    unmeasured = facts.get(Slot.SUCCESS) == "undefined" or (
        Slot.SUCCESS in facts.declined and Slot.SUCCESS not in facts.known
    )
    if given.verdict.do_first != unmeasured:
        yield "test cases come first where there is no criterion, and only there"


def _notes(given: Recommendation, facts: Facts) -> Iterator[str]:
    """The table of notes in agent/RUBRIC.md."""
    short, needs, rung = facts.chosen(Slot.SHORTFALL), facts.chosen(Slot.NEEDS), given.verdict.rung
    length = facts.get(Slot.PROMPT_TOKENS)
    misses = facts.get(Slot.KNOWLEDGE) in ("large", "changing") and facts.get(Slot.RETRIEVAL) == "misses"
    table = {
        "constrained_output": "format" in short,
        "caching": "cost_latency" in short or (isinstance(length, float) and length >= _LONG),
        "availability": rung == 4,
        "fits_in_context": facts.get(Slot.KNOWLEDGE) == "small_static",
        "repair_retrieval": misses,
        "two_axes": rung >= 3,
        "reasoning": "quality" in short or "reasoning" in needs,
        "tools": bool({"actions", "arithmetic"} & needs),
        "how_many_examples": rung == 4 or (rung == 2 and given.verdict.stance == "climb") or Slot.EXAMPLES in given.verdict.blockers,
    }  # fmt: skip
    said = {note.name for note in given.notes}
    for name, wanted in table.items():
        if wanted != (name in said):
            yield f"the note {name} {'is missing' if wanted else 'has no place here'}"


def _spoken(given: Recommendation) -> Iterator[str]:
    """What the verdict holds is said, and what it does not hold is not."""
    verdict = given.verdict
    for what, held, told in (
        ("mistakes", verdict.mistakes, given.mistakes), ("blockers", verdict.blockers, given.blockers),
        ("alongside", verdict.alongside, given.alongside), ("do first", verdict.do_first, given.do_first),
        ("assumptions", verdict.assumptions, given.assumptions), ("flips", verdict.flips, given.flips),
        ("availability", verdict.rung == 4, given.availability),
    ):  # fmt: skip
        if bool(held) != bool(told):
            yield f"what the verdict holds and what is said differ in: {what}"
    numbers = [_MISTAKES[name] for name in verdict.mistakes]
    quotes = [c.quote for s in given.mistakes for c in s.citations]
    if any(not any(q.startswith(f"Mistake {n}") for q in quotes) for n in numbers):
        yield "a mistake is named that its citations do not name"


def _flips(given: Recommendation, facts: Facts) -> Iterator[str]:
    """Each change that is told gives the rung that is told."""
    for flip, sentence in zip(given.verdict.flips, given.flips, strict=False):
        rung, still_open = supposing(facts, flip.slot, flip.value)
        if rung != flip.rung or rung == given.verdict.rung or bool(still_open) != bool(flip.then):
            yield f"{flip.slot.value} changed to {flip.value} gives rung {rung}, not rung {flip.rung}"
        sure = "would be" if not flip.then else "could become"
        if not sentence.text.endswith(f"{sure} rung {flip.rung}, {_NAMES[flip.rung]}."):
            yield "a change is told otherwise than the verdict has it"


# Claims: what is said is what was reviewed, with the passages it was reviewed with.


def _claims(given: Recommendation, facts: Facts) -> Iterator[str]:
    verdict = given.verdict
    parts: tuple[tuple[str, Sequence[Sentence], list[str]], ...] = (
        ("headline", [given.headline], _cautious(f"headline.{verdict.rung}.{verdict.stance}", given)),
        ("why", given.why, _cautious(f"line.{verdict.line}", given)),
        ("ladder", [step.why for step in given.ladder], [f"finding.{f.reason}" for f in verdict.findings]),
        ("mistakes", given.mistakes, [f"mistake.{m}" for m in verdict.mistakes]),
        ("blockers", given.blockers, [f"blocker.{b.value}" for b in verdict.blockers]),
        ("alongside", given.alongside, [f"alongside.{r}" for r in verdict.alongside]),
        ("do first", given.do_first, ["do_first"] if verdict.do_first else []),
        ("assumptions", given.assumptions, [f"assumption.{s.value}" for s in verdict.assumptions]),
        ("experiment", given.experiment, [f"experiment.{s.value}" for s in verdict.assumptions[:1]]),
        *((f"note {n.name}", n.sentences, [f"note.{n.name}"]) for n in given.notes),
    )
    for part, said, keys in parts:
        rows = [row for key in keys for row in _reviewed().get(_version(key, facts), ())]
        if len(rows) != len(said) or not all(map(_is_claim, said, rows)):
            yield f"{part} says or cites something else than the reviewed claim {', '.join(keys)}"
    if not given.next_steps or not all(
        any(_is_claim(s, row) for row in _next(verdict.rung, facts)) for s in given.next_steps
    ):
        yield f"the next steps are not those of rung {verdict.rung}"


def _cautious(key: str, given: Recommendation) -> list[str]:
    """The claim, in its version for what was not known where it has one: nothing assumed is told as a fact."""
    versions = [f"{key}.assuming.{s.value}" for s in given.verdict.assumptions]
    return [name for name in versions if name in _reviewed()][:1] or [key]


def _version(key: str, facts: Facts) -> str:
    """The claim, in its version for what this person said where it has one: the first that holds."""
    for name in _reviewed():
        if name.startswith(f"{key}.when."):
            slot, value = name.removeprefix(f"{key}.when.").split(".")
            said = facts.get(Slot(slot))
            if said == value or (isinstance(said, frozenset) and said == {value} - {"nothing"}):
                return name
    return key


def _is_claim(said: Sentence, row: Mapping[str, Any]) -> bool:
    """The words of the claim, figures filled in, and its citations point by point."""
    words = re.sub(r"\\\{\w+\\\}", ".+", re.escape(row["text"]))
    cites = [(c.passage_id, c.quote) for c in said.citations]
    return bool(re.fullmatch(words, said.text)) and len(cites) == len(row["cites"]) and all(
        passage == cite["passage"] and quote.startswith(cite["point"])
        for (passage, quote), cite in zip(cites, row["cites"], strict=True)
    )  # fmt: skip


def _next(rung: int, facts: Facts) -> list[Mapping[str, Any]]:
    """The steps that may follow an advice of this rung: its own, or those of staying."""
    own = {1: ["next.1"], 2: ["next.2"], 3: ["next.3.build", "next.3.repair"], 4: ["next.4", "next.cost"]}
    stay = [] if rung == 4 else ["next.works", "next.cost", "next.blocked"]
    return [row for key in (*own[rung], *stay) for row in _reviewed()[_version(key, facts)]]


@cache
def _reviewed() -> Mapping[str, list[dict[str, Any]]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = files("prompts").joinpath("claims.yaml").read_text(encoding="utf-8")
    found: Mapping[str, list[dict[str, Any]]] = yaml.load(text, Loader=loader)
    return found


#: Figures that carry weight: with a decimal, a percent sign, or two digits and more; no years, which are dates of reading, and
#: no "of 100", which is a percent sign in words.
_FIGURE: Final = re.compile(r"(?!20[12]\d\b)\b\d+(?:[.,]\d+)+%?|\d+%|(?!20[12]\d\b)(?<!of )\b\d{2,}\b")
_AUTHORITY: Final = re.compile(
    r"\b(?:OpenAI|Anthropic|Google|Microsoft|AWS|Meta|DAIR|Fireworks|Together|Bedrock|[A-Z][a-z]+ et al\.)"
)
#: Rung's own thresholds are called its own.
_OWN_LINE: Final = re.compile(r"\bmy (?:own )?line\b")


def _borne_out(given: Recommendation) -> Iterator[str]:
    """A figure or an authority in a sentence stands in what it cites, or is the person's own. The trial is Rung's own."""
    own = " ".join(u.text for u in given.understood)
    for sentence in given.sentences():
        if sentence not in given.experiment:
            yield from (fault for figure, fault in _unsupported(sentence) if figure not in own)


@cache
def _unsupported(sentence: Sentence) -> tuple[tuple[str, str], ...]:
    """The figures and names of a sentence that none of its citations holds, each with the fault in words."""
    cited = " ".join(
        f"{c.quote} {c.heading} {c.source} {c.publisher} {c.passage_id}" for c in sentence.citations
    )
    cited = cited.lower().replace(",", "")
    rounded = {f"{float(n):.0f}" for n in re.findall(r"\d+\.\d+", cited)}
    figures = [] if _OWN_LINE.search(sentence.text) else [m[0] for m in _FIGURE.finditer(sentence.text)]
    names = [m[0] for m in _AUTHORITY.finditer(sentence.text)]
    found = {name: name.rstrip("%").replace(",", "").lower() for name in (*figures, *names)}
    missing = [name for name, plain in found.items() if plain not in cited and plain not in rounded]
    return tuple((m, f"“{m}” stands in no citation of: {sentence.text[:60]}…") for m in missing)
