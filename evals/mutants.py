"""The mutants: slips that a developer might make in the rubric, the interview, the reader, the turn or the claims.

Each names its file and a text that stands there exactly once, and what is put in its place; `evals.mutate` refuses one that
no longer applies. Only what can change some person's talk belongs here: a change that no talk could show is no mutant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Mutant:
    """One slip: `find`, once in `file`, becomes `put`. `breaks` says in words what is then wrong."""

    name: str
    area: str
    breaks: str
    file: str
    find: str
    put: str


def _mutants(area: str, file: str, *rows: tuple[str, str, str, str]) -> tuple[Mutant, ...]:
    """Rows of name, what it breaks, the text and what replaces it, all in one file."""
    return tuple(Mutant(name, area, breaks, file, find, put) for name, breaks, find, put in rows)


_THRESHOLDS = _mutants(
    "thresholds", "agent/rubric.py",
    ("volume-100", "100 calls a day are many", "HIGH_VOLUME: Final = 1000", "HIGH_VOLUME: Final = 100"),
    ("volume-above-1000", "1,000 calls a day are not yet many", "value.low >= HIGH_VOLUME", "value.low > HIGH_VOLUME"),
    ("volume-by-its-most", "what may be many counts as many", "value.low >= HIGH_VOLUME", "(value.high or value.low) >= HIGH_VOLUME"),
    ("examples-50", "50 examples are enough", "ENOUGH_EXAMPLES: Final = 100", "ENOUGH_EXAMPLES: Final = 50"),
    ("examples-1000", "100 examples are not enough", "ENOUGH_EXAMPLES: Final = 100", "ENOUGH_EXAMPLES: Final = 1000"),
    ("examples-above-100", "100 examples are not yet enough", "value.low >= ENOUGH_EXAMPLES", "value.low > ENOUGH_EXAMPLES"),
    ("examples-by-their-most", "what may be enough counts as enough", "value.low >= ENOUGH_EXAMPLES", "(value.high or value.low) >= ENOUGH_EXAMPLES"),
    ("deadline-7", "ten days are time enough to train", "SHORT_DEADLINE: Final = 14", "SHORT_DEADLINE: Final = 7"),
    ("deadline-30", "three weeks close rung 4", "SHORT_DEADLINE: Final = 14", "SHORT_DEADLINE: Final = 30"),
    ("deadline-below-14", "fourteen days are time enough", "days <= SHORT_DEADLINE", "days < SHORT_DEADLINE"),
    ("long-prompt-10240", "a prompt of 5,000 tokens gets no word on caching", "LONG_PROMPT: Final = 1024", "LONG_PROMPT: Final = 10240"),
)  # fmt: skip

_LINES = _mutants(
    "rubric lines", "agent/rubric.py",
    ("changing-not-looked-up", "facts that change need no lookup", 'in ("large", "changing"):  # line 1', 'in ("large",):  # line 1'),
    ("small-looked-up", "two pages need a lookup", 'in ("large", "changing"):  # line 1', 'in ("small_static", "large", "changing"):  # line 1'),
    ("start-and-climb-swapped", "who has a prompt is told to start", '"climb" if tried else "start", line="knowledge_missing"', '"start" if tried else "climb", line="knowledge_missing"'),
    ("no-prompt-counts-as-tried", "to have no prompt is to have tried one", "get(Slot.PROMPTING) not in (None, \"none\")\n            return", "get(Slot.PROMPTING) is not None\n            return"),
    ("misses-climbs", "a lookup that misses is told to climb", 'rung=3, stance="stay", line="retrieval_misses"', 'rung=3, stance="climb", line="retrieval_misses"'),
    ("misses-dropped", "a lookup that misses goes unmended", 'if retrieval == "misses":', 'if retrieval == "missing":'),
    ("misused-as-misses", "right pages badly used are called wrong pages", 'if retrieval == "misses":', 'if retrieval in ("misses", "misused"):'),
    ("misused-does-not-carry", "only a lookup that works carries the facts", "        carried = True\n", '        carried = retrieval == "works"\n'),
    ("no-prompt-climbs", "who has nothing is told to climb", 'rung=1, stance="start", line="no_prompt"', 'rung=1, stance="climb", line="no_prompt"'),
    ("no-prompt-adds-examples", "who has no prompt is sent to rung 2", 'rung=1, stance="start", line="no_prompt"', 'rung=2, stance="climb", line="no_prompt"'),
    ("structured-is-few-shot", "a prompt without examples is rung 2", '2 if prompting in ("few_shot", "exhausted") else 1', '2 if prompting in ("structured", "few_shot", "exhausted") else 1'),
    ("exhausted-in-use-lost", "a prompt worked to its end is rung 1", '2 if prompting in ("few_shot", "exhausted") else 1', '2 if prompting == "few_shot" else 1'),
    ("lookup-in-use-always", "a lookup that is misused is in use", 'if carried and read(Slot.RETRIEVAL) == "works":', "if carried:"),
    ("lookup-in-use-never", "a lookup that works is not in use", "        in_use = 3\n", "        in_use = 2\n"),
    ("works-climbs", "what works is told to climb", 'rung=in_use, stance="stay", line="works"', 'rung=in_use, stance="climb", line="works"'),
    ("works-dropped", "what works is asked to go on", "if not shortfall:  # line 3", 'if shortfall == {"nothing"}:  # line 3'),
    ("cost-among-others", "cost beside a fault in form trains a model", 'if shortfall == {"cost_latency"}:', 'if "cost_latency" in shortfall:'),
    ("cost-dropped", "cost alone is taken as behaviour", 'if shortfall == {"cost_latency"}:', 'if shortfall == {"cost"}:'),
    ("cost-without-volume", "a few calls a day pay for training", "(Slot.STABILITY, Slot.VOLUME, Slot.SUCCESS)", "(Slot.STABILITY, Slot.SUCCESS)"),
    ("cost-without-stability", "a moving task is trained for its cost", "(Slot.STABILITY, Slot.VOLUME, Slot.SUCCESS)", "(Slot.VOLUME, Slot.SUCCESS)"),
    ("cost-without-success", "cost trains without a measure", "(Slot.STABILITY, Slot.VOLUME, Slot.SUCCESS)", "(Slot.STABILITY, Slot.VOLUME)"),
    ("cost-wants-examples", "cost asks for examples it does not need", "(Slot.STABILITY, Slot.VOLUME, Slot.SUCCESS)", "(Slot.STABILITY, Slot.VOLUME, Slot.SUCCESS, Slot.EXAMPLES)"),
    ("cheaper-ways-at-1", "too dear sends a few-shot prompt back to rung 1", 'rung=in_use, stance="stay", line="cheaper_ways"', 'rung=1, stance="stay", line="cheaper_ways"'),
    ("distil-stays", "training for cost is called staying", 'rung=4, stance="climb", line="distil"', 'rung=in_use, stance="stay", line="distil"'),
    ("basic-adds-examples", "a one-line prompt gets examples", 'rung=1, stance="climb", line="basic_prompt"', 'rung=2, stance="climb", line="basic_prompt"'),
    ("structured-back-to-1", "a careful prompt is sent back to rung 1", 'rung=2, stance="climb", line="no_examples_yet"', 'rung=1, stance="climb", line="no_examples_yet"'),
    ("structured-dropped", "a prompt without examples goes to the gates", 'if prompting == "structured":\n', 'if prompting == "structure":\n'),
    ("stay-at-2-behind-lookup", "who has a lookup is told to stay at 2", "best: Rung = 3 if carried else 2", "best: Rung = 2"),
    ("gap-alone-trains", "a gap in facts alone may be trained", "if not shortfall & BEHAVIOUR:", "if not shortfall:"),
    ("gap-among-others-closes", "facts beside a fault in tone close rung 4", "if not shortfall & BEHAVIOUR:", 'if "knowledge" in shortfall:'),
    ("style-is-no-behaviour", "tone cannot be trained", '{"format", "style", "quality", "consistency"}', '{"format", "quality", "consistency"}'),
    ("all-open-stays", "all gates open and still stay", 'rung=4, stance="climb", line="gates_open"', 'rung=best, stance="stay", line="gates_open"'),
)  # fmt: skip

_GATES_ROW = (
    '(Slot.STABILITY, Slot.SUCCESS, Slot.EXAMPLES, *(() if prompting == "exhausted" else (Slot.VOLUME,)))'
)
_GATES = _mutants(
    "gates", "agent/rubric.py",
    ("gate-stability-dropped", "a moving task is trained", _GATES_ROW, _GATES_ROW.replace("Slot.STABILITY, ", "")),
    ("gate-success-dropped", "training without a measure", _GATES_ROW, _GATES_ROW.replace("Slot.SUCCESS, ", "")),
    ("gate-examples-dropped", "training without examples", _GATES_ROW, _GATES_ROW.replace("Slot.EXAMPLES, ", "")),
    ("gate-volume-dropped", "training for ten calls a day", _GATES_ROW, "(Slot.STABILITY, Slot.SUCCESS, Slot.EXAMPLES)"),
    ("gate-volume-always", "a behaviour that resists prompting needs volume too", _GATES_ROW, "(Slot.STABILITY, Slot.SUCCESS, Slot.EXAMPLES, Slot.VOLUME)"),
    ("gate-examples-first", "the dearest question comes first", _GATES_ROW, _GATES_ROW.replace("Slot.STABILITY, Slot.SUCCESS, Slot.EXAMPLES", "Slot.EXAMPLES, Slot.STABILITY, Slot.SUCCESS")),
    ("varied-is-stable", "a task that differs each time is trained", 'return value == "stable"', 'return value != "evolving"'),
    ("defined-is-not-enough", "a target in words is no criterion", 'return value != "undefined"', 'return value == "measured"'),
    ("deadline-ignored", "a deadline of days does not count", "    if _hurried(read.facts):\n        return Slot.DEADLINE\n", ""),
    ("deadline-for-behaviour-only", "a deadline of days does not count for cost", "    if _hurried(read.facts):", "    if _hurried(read.facts) and Slot.EXAMPLES in gates:"),
    ("closed-gate-asks-on", "a gate known to be closed is asked past", "(gate in read.facts.known or gate in read.facts.declined) and not _open(gate, read)", "gate in read.facts.declined and not _open(gate, read)"),
)  # fmt: skip

_CAUTION = _mutants(
    "cautious values", "agent/rubric.py",
    ("knowledge-unknown-large", "not to know what it needs asks for a lookup", 'Slot.KNOWLEDGE: "none"', 'Slot.KNOWLEDGE: "large"'),
    ("retrieval-unknown-works", "a lookup nobody knows of works", 'Slot.RETRIEVAL: "none"', 'Slot.RETRIEVAL: "works"'),
    ("prompting-unknown-structured", "a prompt nobody knows is a careful one", 'Slot.PROMPTING: "basic"', 'Slot.PROMPTING: "structured"'),
    ("prompting-unknown-none", "a prompt nobody knows does not exist", 'Slot.PROMPTING: "basic"', 'Slot.PROMPTING: "none"'),
    ("shortfall-unknown-cost", "what nobody can name is cost", 'Slot.SHORTFALL: frozenset({"consistency"})', 'Slot.SHORTFALL: frozenset({"cost_latency"})'),
    ("shortfall-unknown-nothing", "what nobody can name is nothing", 'Slot.SHORTFALL: frozenset({"consistency"})', "Slot.SHORTFALL: frozenset()"),
    ("stability-unknown-stable", "a task nobody knows is settled", 'Slot.STABILITY: "evolving"', 'Slot.STABILITY: "stable"'),
    ("volume-unknown-high", "an unknown volume is high", "Slot.VOLUME: Amount.exactly(0)", "Slot.VOLUME: Amount.exactly(1000)"),
    ("success-unknown-defined", "an unknown measure exists", 'Slot.SUCCESS: "undefined"', 'Slot.SUCCESS: "defined"'),
    ("examples-unknown-enough", "unknown examples are enough", "Slot.EXAMPLES: Amount.exactly(0)", "Slot.EXAMPLES: Amount.exactly(100)"),
    ("assumptions-kept-quiet", "what was assumed is not said", "assumptions=tuple(read.assumed)", "assumptions=()"),
)  # fmt: skip

_BESIDE = _mutants(
    "mistakes and notes", "agent/rubric.py",
    ("facts-trained-in-unnamed", "training facts in is not called a mistake", 'if "facts_trained_in" in wants or (trains and', "if (trains and"),
    ("gap-and-training-unnamed", "training for a gap in facts is not called a mistake", ' or (trains and facts.chosen(Slot.SHORTFALL) == {"knowledge"}):', ":"),
    ("before-prompting-when-staying", "who may not climb is told to prompt first", 'outcome.rung in (1, 2) and outcome.stance != "stay"', "outcome.rung in (1, 2)"),
    ("before-prompting-unnamed", "training before prompting is not called a mistake", 'found.append("finetune_before_prompting")', "pass"),
    ("before-prompting-wanted-or-not", "everybody is told not to train yet", "    if trains and (\n", "    if (\n"),
    ("dataset-cost-inverted", "who has examples is warned that they cost", "examples.low < ENOUGH_EXAMPLES", "examples.low >= ENOUGH_EXAMPLES"),
    ("dataset-cost-wanted-or-not", "who never spoke of training is warned", '"quick_training" in wants and ', ""),
    ("still-changing-varied", "a task that changes is not called a mistake", 'facts.get(Slot.STABILITY) == "evolving"', 'facts.get(Slot.STABILITY) == "varied"'),
    ("tests-first-only-if-told", "who cannot say is not told to write tests", ' or Slot.SUCCESS in facts.declined', ""),
    ("tests-first-despite-a-target", "who has a target is told to write tests first", 'facts.get(Slot.SUCCESS) == "undefined"', 'facts.get(Slot.SUCCESS) != "measured"'),
    ("no-prompt-beside-lookup", "a lookup without a prompt around it", "(1, 2) if facts.chosen(Slot.SHORTFALL) & {\"format\", \"style\"} else (1,)", "(1, 2) if facts.chosen(Slot.SHORTFALL) & {\"format\", \"style\"} else ()"),
    ("examples-beside-lookup-lost", "tone falls short and no examples are advised", '& {"format", "style"} else', '& {"format"} else'),
    ("note-schema-for-style", "constrained output is advised for tone", '"format" in shortfall)', '"style" in shortfall)'),
    ("note-caching-lost", "a bill that hurts gets no word on caching", '"cost_latency" in shortfall or long_prompt', "long_prompt"),
    ("note-availability-lost", "training is advised without where to buy it", '("availability", outcome.rung == 4)', '("availability", outcome.rung == 3)'),
    ("note-context-for-large", "a library is said to fit in the context", '("fits_in_context", facts.get(Slot.KNOWLEDGE) == "small_static")', '("fits_in_context", facts.get(Slot.KNOWLEDGE) == "large")'),
    ("note-repair-misplaced", "who has no lookup is told to mend it", 'outcome.line == "retrieval_misses"),', 'outcome.line == "knowledge_missing"),'),
    ("note-two-axes-misplaced", "the other view of the ladder stands at rung 2", "outcome.rung in (3, 4)", "outcome.rung in (2, 3)"),
    ("note-reasoning-lost", "wrong answers get no word on reasoning", '"quality" in shortfall or "reasoning" in needs', '"reasoning" in needs'),
    ("note-tools-lost", "exact sums get no word on code", '{"actions", "arithmetic"}', '{"actions"}'),
    ("note-examples-lost", "too few examples, and not how many are needed", " or Slot.EXAMPLES in outcome.blockers", ""),
    ("finding-stay-and-act-swapped", "staying is explained as acting", '"stay" if outcome.stance == "stay" else "act"', '"act" if outcome.stance == "stay" else "stay"'),
    ("finding-not-blocked", "a closed gate is shown as later", 'return "blocked", outcome.blockers[0].value', 'return "later", "later"'),
    ("finding-done-later", "examples that are there come later", 'if prompting in ("few_shot", "exhausted"):\n                return "done", "done"', 'if prompting == "exhausted":\n                return "done", "done"'),
)  # fmt: skip

_INTERVIEW = (
    *_mutants(
        "interview", "agent/interview.py",
        ("flips-same-rung", "a change is told that changes nothing", "if rung not in taken:", "if rung in taken:"),
        ("flips-not-cautious", "open questions in a change are left out", "found.append(Flip(slot=slot, value=value, rung=rung, then=then))", "found.append(Flip(slot=slot, value=value, rung=rung))"),
        ("settled-too-early", "only one slot is given up, then no more", "    while (slot := next_slot(facts)) is not None:\n        facts = facts.decline(slot)", "    if (slot := next_slot(facts)) is not None:\n        facts = facts.decline(slot)"),
    ),
    *_mutants(
        "interview", "agent/rubric.py",
        ("asks-shortfall-too-early", "who has no prompt is asked what falls short", '    if prompting == "none":  # line 2', '    read(Slot.SHORTFALL)\n    if prompting == "none":  # line 2'),
        ("asks-prompting-too-early", "who has no lookup is asked about the prompt", "        retrieval = read(Slot.RETRIEVAL)\n", "        retrieval = read(Slot.RETRIEVAL)\n        read(Slot.PROMPTING)\n"),
        ("asks-volume-too-early", "everybody is asked for calls a day", "    shortfall = read(Slot.SHORTFALL)\n", "    read(Slot.VOLUME)\n    shortfall = read(Slot.SHORTFALL)\n"),
        ("asks-success-for-nothing", "what works is asked how it is judged", "    assert isinstance(shortfall, frozenset)\n", "    assert isinstance(shortfall, frozenset)\n    read(Slot.SUCCESS)\n"),
    ),
    *_mutants(
        "interview", "agent/conversation.py",
        ("four-questions", "the interview stops after four questions", "MOST_QUESTIONS = 8", "MOST_QUESTIONS = 4"),
        ("twenty-questions", "the interview may ask twenty", "MOST_QUESTIONS = 8", "MOST_QUESTIONS = 20"),
    ),
)  # fmt: skip

_FACTS = _mutants(
    "facts", "agent/facts.py",
    ("earlier-wins", "a correction does not count", "known[p.slot] = Known(value=value, quote=quote)", "known.setdefault(p.slot, Known(value=value, quote=quote))"),
    ("sets-never-replaced", "a corrected list keeps what was wrong", "                and not replace\n", ""),
    ("sets-always-replaced", "a second fault makes the first forgotten", "                and not replace\n", "                and False\n"),
    ("nothing-adds-up", "“nothing, it works” does not undo a complaint", "                and value\n                and old\n", "                and old\n"),
    ("decline-forgets-others", "one “don't know” forgets the one before", "declined=self.declined | set(slots))", "declined=frozenset(slots))"),
    ("amount-of-a-range-by-its-most", "“100 to 1,000” is read as 1,000", "Amount(low=float(raw[0]), high=None", "Amount(low=float(raw[1] or raw[0]), high=None"),
)  # fmt: skip

_TURN = _mutants(
    "the turn", "agent/advisor.py",
    ("read-back-skipped", "what was read from free text is never read back", "if state.volunteered and not state.confirmed and state.questions", "if state.volunteered and state.confirmed and state.questions"),
    ("read-back-without-end", "it is read back again and again", '                    "confirmed": True,\n', ""),
    ("read-back-of-what-was-asked", "plain answers are read back too", "if p.slot in RUBRIC_SLOTS and p.slot is not state.asked}", "if p.slot in RUBRIC_SLOTS}"),
    ("correction-adds-up", "“the tone, not the format” keeps the format", "replace = reading.intent is Intent.CORRECTION or state.asked in", "replace = state.asked in"),
    ("change-at-read-back-lost", "what is changed at the read-back is lost", "        return self._go_on(state, parts)\n\n    def _not_read(", "        return self._go_on(before, parts)\n\n    def _not_read("),
    ("change-after-advice-lost", "what is corrected after the advice is lost", "        if state.facts == before.facts:\n            return before, [Answer", "        if before.verdict is not None:\n            return before, [Answer"),
    ("no-second-try", "an answer that was not read is given up at once", "if (silent or not state.repeated) and", "if silent and"),
    ("guess-unsaid", "a guess is taken without a word", "return self._go_on(state, [*parts, Notice(text=told)])", "return self._go_on(state, parts)"),
    ("unread-taken-unsaid", "an unread answer becomes “don't know” without a word", '[*parts, Notice(text=texts.reply("taken_as_unknown"))]', "parts"),
    ("noted-unsaid", "what was read is not shown", "parts: list[Part] = list(_noted(state.facts, changed.facts))", "parts: list[Part] = []"),
    ("decline-lost", "“don't know” is asked again", 'state = state.model_copy(update={"facts": state.facts.decline(asked)})\n            declined = Notice', "declined = Notice"),
    ("choice-for-another-slot", "a picked number answers another question", "choice = picked(text, state.asked)\n            if choice is not None:\n                return Reading(intent=Intent.ANSWER, values=(choice,))", "choice = picked(text, state.asked)\n            if choice is not None:\n                choice = choice.model_copy(update={\"slot\": Slot.VOLUME if state.asked is Slot.EXAMPLES else choice.slot})\n                return Reading(intent=Intent.ANSWER, values=(choice,))"),
    ("reader-asked-wrongly", "answers are read as if nothing had been asked", "or self._reader().read(text, state.asked, state.facts)", "or self._reader().read(text, Asked.OPENING, state.facts)"),
    ("just-tell-me-forgets", "“just tell me” forgets what the same message told", "interview.settle_now(self._merged(state, reading, text))", "interview.settle_now(state.facts)"),
    ("skip-as-answer", "“skip” is handled as an answer", "case Intent.SKIP | Intent.DONT_KNOW:", "case Intent.SKIP:"),
    ("question-forgets-the-open-one", "after a question of theirs nothing is asked", "return state, [*self._cited(text, state), *self._again(state)]", "return state, self._cited(text, state)"),
)  # fmt: skip

_CHOICES = (
    *_mutants(
        "choices", "agent/choices.py",
        ("choice-off-by-one", "a number picks the choice after it", "asked.choices[n - 1] for n in numbers", "asked.choices[n % len(asked.choices)] for n in numbers"),
        ("only-the-first-choice", "of several picked only the first counts", "[asked.choices[n - 1] for n in numbers]", "[asked.choices[n - 1] for n in numbers[:1]]"),
    ),
    *_mutants(
        "choices", "prompts/questions.yaml",
        ("stable-and-evolving-swapped", "“still changes” is taken as settled", '{value: evolving, label: "No, what we want from it still changes"}', '{value: stable, label: "No, what we want from it still changes"}'),
        ("volume-choice-too-high", "“100 to 1,000” is taken as 1,000", '{value: [100, 999], label: "100 to 1,000"}', '{value: [1000, 1000], label: "100 to 1,000"}'),
        ("volume-choice-too-low", "“1,000 to 10,000” is taken as 100", '{value: [1000, 10000], label: "1,000 to 10,000"}', '{value: [100, 10000], label: "1,000 to 10,000"}'),
        ("examples-choice-too-high", "“20 to 100” examples are taken as 100", '{value: [20, 99], label: "20 to 100"}', '{value: [100, 100], label: "20 to 100"}'),
        ("examples-choice-too-low", "“100 to 1,000” examples are taken as 20", '{value: [100, 1000], label: "100 to 1,000"}', '{value: [20, 1000], label: "100 to 1,000"}'),
        ("few-shot-choice-exhausted", "a few examples are taken as the end of prompting", "{value: few_shot, label:", "{value: exhausted, label:"),
    ),
)  # fmt: skip

_READER = (
    *_mutants(
        "reader: heads", "agent/reading/local.py",
        ("statements-too-easily", "the heads read what they only suspect", "STATEMENT_FROM: Final = 0.75", "STATEMENT_FROM: Final = 0.2"),
        ("replies-too-easily", "an answer is read from a faint likeness", "REPLY_FROM: Final = 0.7", "REPLY_FROM: Final = 0.1"),
        ("intents-too-easily", "a faint likeness to an intent decides", "INTENT_FROM: Final = 0.6", "INTENT_FROM: Final = 0.05"),
        ("heads-ignored", "only patterns read", "if self._encoder is not None and self._heads is not None:\n            heard = Heard(", "if self._encoder is not None and self._heads is None:\n            heard = Heard("),
        ("second-best", "the second likeliest answer is read", "value, odds = said.heard.reply(slot, text)[0]\n        if value ==", "value, odds = said.heard.reply(slot, text)[1]\n        if value =="),
        ("guess-the-unlikeliest", "a guess is the least likely", "value, odds = told[0]\n", "value, odds = told[-1]\n"),
        ("replies-unread", "no answer is read for the question it answers", "reply = _reply(said, slot)\n        if reply is not None:", "reply = _reply(said, slot)\n        if reply is None and reply:"),
        ("asked-slot-forgotten", "numbers are read as if not asked for", "named or slot)]\n    # under", "named)]\n    # under"),
        ("notes-unread", "messages written like notes are not read", "noted = [] if isinstance(said.asked, Slot) else", "noted = [] if said.asked else"),
        ("summary-changes-unread", "what is told at the read-back is not read", "if not stated and not yes and intent in ANSWERS:", "if yes and intent in ANSWERS:"),
    ),
    *_mutants(
        "reader: heads", "agent/reading/backing.py",
        ("backed-by-certainty-only", "the heads throw out what the wording says", "BACKED_FROM: Final = 0.2", "BACKED_FROM: Final = 0.95"),
        ("never-backed", "whatever a pattern hits is kept", "return support >= BACKED_FROM and not", "return True or not"),
        ("examples-never-counted", "no number counts examples", "COUNTED_FROM: Final = 0.15", "COUNTED_FROM: Final = 1.5"),
        ("never-due", "no date is a deadline", "DUE_FROM: Final = 0.03", "DUE_FROM: Final = 1.5"),
    ),
    *_mutants(
        "reader: words", "agent/reading/replies.py",
        ("stability-table-inverted", "settled is read as changing and the other way round", "Slot.STABILITY: _table(_STABILITY, {}),", 'Slot.STABILITY: _table({"stable": _STABILITY["evolving"], "varied": _STABILITY["varied"], "evolving": _STABILITY["stable"]}, {}),'),
        ("yes-is-evolving", "“yes” to a settled task is no", '(Slot.STABILITY, True): "stable"', '(Slot.STABILITY, True): "evolving"'),
        ("no-is-defined", "“no” to how it is judged is a target", '(Slot.SUCCESS, False): "undefined"', '(Slot.SUCCESS, False): "defined"'),
        ("no-is-large", "“no” to outside information is a library", '(Slot.KNOWLEDGE, False): "none"', '(Slot.KNOWLEDGE, False): "large"'),
        ("denials-lost", "“not measured” is measured", "return bool(match and (_DENIAL.search(text[: match.start()]) or _NO_MORE.search(text)))", "return False"),
        ("no-examples-lost", "“no examples” is examples", "return bool(_NO_SHOTS.search(text))", "return False"),
        ("fault-is-a-hit", "wrong pages are right pages", 'return ("misses", fault.text) if fault is not None else None', 'return ("works", fault.text) if fault is not None else None'),
        ("spoilt-works", "right pages and wrong answers work", 'return "misused", rest.strip()', 'return "works", rest.strip()'),
        ("few-shot-is-structured", "examples in the prompt go unread", '            ("few_shot", said)\n', '            ("structured", said)\n'),
        ("scant-is-structured", "one line is a careful prompt", '        return "basic", said\n    if _BUILT.search(said) and not (scant', '        return "structured", said\n    if _BUILT.search(said) and not (scant'),
        ("praise-of-a-part-lost", "“the tone is fine” is a complaint about tone", "if not _PRAISED.search(piece):", "if piece:"),
        ("large-and-changing-is-small", "a library that changes is a few pages", 'frozenset({"large", "changing"}): "changing"', 'frozenset({"large", "changing"}): "small_static"'),
    ),
    *_mutants(
        "reader: words", "agent/reading/patterns.py",
        ("denied-rows-hold", "“we never labelled a test set” is a test set", "        if denial is None:\n            return self.value", "        if denial is None or self.denied is None:\n            return self.value"),
        ("misuse-row-is-misses", "right pages badly used are called wrong pages", '_row(Slot.RETRIEVAL, "misused",', '_row(Slot.RETRIEVAL, "misses",'),
        ("changing-row-is-small", "prices that change daily are a few pages", '_row(Slot.KNOWLEDGE, "changing",', '_row(Slot.KNOWLEDGE, "small_static",'),
        ("evolving-row-is-stable", "a task that keeps changing is settled", '_row(Slot.STABILITY, "evolving",', '_row(Slot.STABILITY, "stable",'),
        ("eyeballing-is-measured", "judging by eye is a measure", '_row(Slot.SUCCESS, "undefined",', '_row(Slot.SUCCESS, "measured",'),
        ("wish-for-facts-is-training", "to train on documents is only to train", '_row(Slot.WANTS, "facts_trained_in",', '_row(Slot.WANTS, "finetuning",'),
    ),
    *_mutants(
        "reader: words", "agent/reading/clauses.py",
        ("hearsay-is-fact", "what the boss says is how it is", "hearsay=_is_hearsay(body)", "hearsay=False"),
        ("plans-are-facts", "what is planned exists", "plan=bool(_PLAN.search(body))", "plan=False"),
        ("others-are-us", "what a friend's firm has is ours", "others=others,", "others=False,"),
        ("the-past-is-now", "how it used to be is how it is", "past=bool(_PAST.search(body) or _REPORTED.search(body))", "past=bool(_REPORTED.search(body))"),
        ("questions-are-facts", "what is asked is told", 'question=body.rstrip(" )\\"\'").endswith("?") or', "question="),
    ),
    *_mutants(
        "reader: words", "agent/reading/whole.py",
        ("the-weaker-wins", "of two values the weaker is kept", "kept[p.slot] = max(old, p, key=", "kept[p.slot] = min(old, p, key="),
        ("taken-back-is-kept", "“no wait” takes nothing back", "            kept[p.slot] = p\n", "            kept[p.slot] = old\n"),
        ("contradictions-kept", "of two values that exclude each other the first holds", "            cancelled.add(p.slot)\n", "            pass\n"),
        ("praise-despite-but", "“works fine, but …” is praise", "if praise is not None and praise.value == frozenset() and _EXCEPT.search(text):", "if praise is not None and praise.value is None and _EXCEPT.search(text):"),
        ("sets-lose-members", "of several faults only the last is read", "members = old.value | p.value", "members = p.value"),
    ),
    *_mutants(
        "reader: intents", "agent/reading/commands.py",
        ("no-is-yes", "“no” at the read-back agrees", "    if _NO.match(text):\n        return False", "    if _NO.match(text):\n        return True"),
        ("yes-is-no", "“yes” at the read-back disagrees", "    if _YES.match(text):\n        return (\n            not re", "    if _YES.match(text):\n        return (\n            re"),
        ("dont-know-unread", "“no idea” is an answer", "and _UNKNOWN.search(said)\n        and not _ESTIMATE", "and _UNKNOWN.fullmatch(said)\n        and not _ESTIMATE"),
        ("dont-know-too-easily", "“around 500, not sure” is not knowing", "        and not _ESTIMATE.search(said)\n", ""),
        ("corrections-unread", "a correction is an answer", "if not asking and _corrects(text, said, asked):", "if asking and _corrects(text, said, asked):"),
        ("questions-unread", "a question of theirs is an answer", "    if asking:\n        return Intent.QUESTION\n", ""),
        ("why-is-skip", "“why do you ask?” skips the question", "        return Intent.WHY\n", "        return Intent.SKIP\n"),
        ("small-talk-restarts", "an insult starts the talk again", "    if _small_talk(said, asked):\n        return Intent.OTHER", "    if _small_talk(said, asked):\n        return Intent.RESTART"),
        ("impatience-unread", "“just tell me” is an answer", "    if _impatient(said, asked):", "    if _impatient(said, asked) and len(said) > 400:"),
    ),
    *_mutants(
        "reader: numbers", "agent/reading/quantities.py",
        ("week-is-day", "so many a week are so many a day", '"week": 1 / 7,', '"week": 1.0,'),
        ("month-is-day", "so many a month are so many a day", '"month": 1 / 30,', '"month": 1.0,'),
        ("year-is-month", "so many a year are so many a month", '"year": 1 / 365,', '"year": 1 / 30,'),
        ("hour-is-day", "so many an hour are so many a day", '"hour": 24.0,', '"hour": 1.0,'),
        ("k-is-hundred", "5k is 500", '"k": 1e3,', '"k": 1e2,'),
        ("million-is-thousand", "two million are two thousand", '"million": 1e6,', '"million": 1e3,'),
        ("comma-is-a-point", "1,200 is one and a fifth", 'text = re.sub(r"[,\'’ \\u00a0\\u202f]", "", text)', 'text = re.sub(r"[\'’ \\u00a0\\u202f]", "", text)'),
        ("point-is-a-point", "1.200 is one and a fifth", 'text = text.replace(".", "")  # continental thousands', "pass"),
        ("range-by-its-most", "“500 to 2,000” is at least 2,000", "return Amount(low=low.low, high=high.high)", "return Amount(low=high.high, high=high.high)"),
        ("under-is-up-to", "“under 1,000” is 1,000", "return Amount(low=low.low * 0.5, high=low.high)", "return low"),
        ("hundreds-are-thousands", "hundreds are a thousand", '"hundreds": (100, 1000)', '"hundreds": (1000, 9000)'),
        ("scale-of-a-range-lost", "“5-10k” begins at five", "            low = scaled(low, scale)\n", "            pass\n"),
        ("names-are-numbers", "GPT-4 and the year count something", 'return True\n        if (\n            not ranged', 'return False\n        if (\n            not ranged'),
    ),
    *_mutants(
        "reader: numbers", "agent/reading/amounts.py",
        ("retracted-number-kept", "of “200, no wait, 20” the first is kept", "kept = [q for q in kept if q.start >= back.start()]", "kept = [q for q in kept if q.start < back.start()]"),
        ("money-is-volume", "500 dollars a day are 500 calls", "return [q for q in kept if not (_MONEY_BEFORE.search(q.before) or _MONEY_AFTER.match(q.after))]", "return kept"),
        ("per-person-alone", "20 each for 40 people are 20", "value=_rounded(Amount(low=one.low * times.low, high=one.high * times.high))", "value=_rounded(one)"),
        ("unlabelled-is-labelled", "raw logs are examples", "        if unlabelled and not (\n", "        if unlabelled is True and not (\n"),
        ("two-weeks-are-two-days", "a deadline in weeks is read in days", '"week": 7, "month": 30}', '"week": 1, "month": 30}'),
        ("no-examples-unread", "“none” to how many examples is not read", "    if none:\n        return Proposal(slot=Slot.EXAMPLES", "    if none and not asked:\n        return Proposal(slot=Slot.EXAMPLES"),
        ("just-us-unread", "“only me” is no number of calls", "    if few:\n", "    if few and not asked:\n"),
        ("the-most-days", "the busiest day is every day", "left = usual or list(found)\n", "left = list(found)\n"),
    ),
)  # fmt: skip

_CLAIMS = (
    *_mutants(
        "claims and citations", "agent/writing/plain.py",
        ("headline-of-rung-1", "every headline is of rung 1", 'claims[assuming(f"headline.{verdict.rung}.{verdict.stance}", verdict)][0]', 'claims[f"headline.1.{verdict.stance}"][0]'),
        ("assumed-told-as-fact", "what was only assumed is told as a fact", "next((name for name in other if name in _rows()), key)", "key"),
        ("told-as-to-anybody", "a claim's version for what is known is not taken", "        return next(fits, key)", "        return key"),
        ("ladder-upside-down", "the ladder is drawn upside down", "for f in verdict.findings\n", "for f in reversed(verdict.findings)\n"),
        ("mistakes-unsaid", "a mistake is found and not told", 'mistakes=claims.all(f"mistake.{m}" for m in verdict.mistakes)', "mistakes=()"),
        ("tests-first-inverted", "tests first for those who have them", 'claims["do_first"] if verdict.do_first else ()', 'claims["do_first"] if not verdict.do_first else ()'),
        ("blockers-unsaid", "what would open the gate is not told", 'blockers=claims.all(f"blocker.{slot.value}" for slot in verdict.blockers)', "blockers=()"),
        ("next-steps-of-2", "who has no prompt is told how to add examples", '"no_prompt": ("next.1",)', '"no_prompt": ("next.2",)'),
        ("next-steps-train", "who has no lookup is told how to train", '"knowledge_missing": ("next.3.build",)', '"knowledge_missing": ("next.4",)'),
        ("assumptions-unsaid", "what was assumed is not written", 'assumptions=claims.all(f"assumption.{slot.value}" for slot in verdict.assumptions)', "assumptions=()"),
        ("flips-of-this-rung", "every change leads where one is", "{leads} rung {flip.rung}, {NAMES[flip.rung]}.", "{leads} rung {flip.rung}, {NAMES[1]}."),
        ("flips-sure", "what could become is told as certain", '"the advice could become" if flip.then else "the advice would be"', '"the advice would be" if flip.then else "the advice could become"'),
        ("notes-cut-short", "of a note only its first sentence is told", 'sentences=claims[f"note.{n}"])', 'sentences=claims[f"note.{n}"][:1])'),
    ),
    *_mutants(
        "claims and citations", "agent/recommendation.py",
        ("first-point-cited", "the first point of a passage is cited for all", 'passage.point(cite["point"])', "passage.points[0]"),
        ("quotes-paraphrased", "what is cited does not stand there", "            quote=quote,\n            source=passage", "            quote=quote.lower(),\n            source=passage"),
    ),
    *_mutants(
        "claims and citations", "prompts/claims.yaml",
        ("icelandic-figure-misbound", "a figure cites a passage without it", '{passage: openai-model-optimization#icelandic-case, point: "In the same Icelandic case, adding RAG"}', '{passage: openai-model-optimization#two-axes, point: "Both of OpenAI\'s axes"}'),
        ("chain-of-thought-figure-wrong", "56.9% became 65.9%", "from 17.9% to 56.9%", "from 17.9% to 65.9%"),
        ("hybrid-figure-wrong", "67% became 76%", "and sorting the hits once more (reranking) 67%", "and sorting the hits once more (reranking) 76%"),
        ("headline-2-misbound", "examples are advised from the line on training", '  - text: "Add three to five good worked examples to the prompt you already have."\n    cites:\n      - {passage: guide#escalation-ladder, point: "Rung 2"}', '  - text: "Add three to five good worked examples to the prompt you already have."\n    cites:\n      - {passage: guide#escalation-ladder, point: "Rung 4"}'),
        ("headline-of-the-rung-above", "the headline of rung 1 tells to train", '"Turn the prompt you have into a structured one (role, task, limits, output format) before you add anything else."', '"Fine-tune, that is, train this one settled behaviour into a model, before you add anything else."'),
        ("mistake-1-misbound", "a mistake cites another one", '      - {passage: guide#common-mistakes, point: "Mistake 1"}\n      - {passage: ovadia', '      - {passage: guide#common-mistakes, point: "Mistake 2"}\n      - {passage: ovadia'),
        ("wei-misbound", "Wei et al. are said to say what others say", '      - {passage: wei-2022-cot#arithmetic-results, point: "On GSM8K with PaLM 540B"}\n', ""),
        ("citation-dangles", "a claim cites a passage that is not there", '      - {passage: guide#common-mistakes, point: "Remedy for mistake 3"}', '      - {passage: guide#common-errors, point: "Remedy for mistake 3"}'),
        ("sentence-uncited", "a sentence has no citation", '  - text: "Test with and without the examples, above all on a reasoning model: in one 2024 study they made o1-preview worse."\n    cites:\n      - {passage: measured-comparisons#reasoning-models, point: "Nori et al. (2024) find that few-shot prompting lowers"}\n      - {passage: measured-comparisons#reasoning-models, point: "Nori et al. (2024) against the guide"}', '  - text: "Test with and without the examples, above all on a reasoning model: in one 2024 study they made o1-preview worse."\n    cites: []'),
    ),
)  # fmt: skip

MUTANTS: Final[tuple[Mutant, ...]] = (
    *_THRESHOLDS, *_LINES, *_GATES, *_CAUTION, *_BESIDE, *_INTERVIEW, *_FACTS, *_TURN, *_CHOICES, *_READER, *_CLAIMS,
)  # fmt: skip
