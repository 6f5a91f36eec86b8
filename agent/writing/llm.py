"""Prose with a language model: the decided advice, and answers on the way, said for this person.

The model rewords reviewed sentences and names the passages it leans on. What it writes is checked sentence by sentence; one
that fails is tried once more, and then the reviewed sentence stands. It picks no rung and writes no citation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.conversation import Answer
from agent.facts import Facts, Slot
from agent.model.answers import partial
from agent.model.chat import Message, Watch
from agent.model.prompts import prompt
from agent.model.turn import ModelTurn, current
from agent.reading import Asked
from agent.recommendation import Citation, Recommendation, Sentence, Worded, Wording
from agent.render import read_when
from agent.rubric import NAMES, Rung
from agent.writing import texts
from agent.writing.retelling import certainty
from agent.writing.support import objection

if TYPE_CHECKING:
    from knowledge.corpus import Corpus
    from knowledge.search import Search

#: The parts of a recommendation that are reworded, each with the letter of its ids. The rest stays as reviewed.
PARTS: Final[Mapping[str, str]] = {
    "headline": "h", "why": "w", "mistakes": "m", "do_first": "d", "blockers": "b", "next_steps": "n",
}  # fmt: skip
#: Passages searched for a question, and characters of a passage that are shown, about: its sentences stay whole.
PASSAGES: Final = 5
SHOWN: Final = 260
_ENDS: Final = re.compile(r"(?<=[.!?;])\s+(?=[\"“(]?[A-Z0-9])")
#: Characters of how the person began that are shown.
TOLD: Final = 900


class Phrase(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    text: str
    passages: list[str]


class Phrased(BaseModel):
    """The sentences of an advice, reworded."""

    model_config = ConfigDict(extra="forbid")

    sentences: list[Phrase]


class AnswerSentence(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    ids: list[str]


class Answered(BaseModel):
    """An answer to a question, or that the material does not hold one."""

    model_config = ConfigDict(extra="forbid")

    answers: bool
    sentences: list[AnswerSentence]


# -- the advice -----------------------------------------------------------------------------------------------------


def worded(advice: Recommendation, facts: Facts) -> Worded | None:
    """The advice in words for this person; None where no model wrote a sentence of it."""
    turn = current()
    if turn is None:
        return None
    desk = _Desk(advice, _facts(facts, turn))
    written = turn.ask("write", Phrased, desk.messages(()), _preview(turn, desk.preview))
    failed = desk.take(written)
    if failed:  # once more, for these alone
        desk.take(turn.ask("write", Phrased, desk.messages(failed)))
    if not desk.accepted:
        return None
    by = Wording(
        kept=tuple(i for i in desk.reviewed if i not in desk.accepted),
        prompts=(prompt("read").id, prompt("write").id),
        **turn.account(),
    )
    return Worded(sentences=desk.accepted, by=by)


def reworded(advice: Recommendation, words: Worded | None) -> Recommendation:
    """The advice with the accepted sentences in their places."""
    if words is None:
        return advice
    changed: dict[str, object] = {"wording": words.by}
    for part, letter in PARTS.items():
        old = getattr(advice, part)
        if isinstance(old, Sentence):
            changed[part] = words.sentences.get(letter, old)
        else:
            changed[part] = tuple(words.sentences.get(f"{letter}{n}", s) for n, s in enumerate(old, 1))
    return advice.model_copy(update=changed)


def cited_anew(words: Worded, corpus: Corpus) -> Worded:
    """The words as they were recorded, their citations as the sources stand now."""

    def anew(sentence: Sentence) -> Sentence:
        cites = tuple(Citation.of(corpus.passage(c.passage_id), c.quote) for c in sentence.citations)
        return sentence.model_copy(update={"citations": cites})

    return words.model_copy(update={"sentences": {at: anew(s) for at, s in words.sentences.items()}})


class _Desk:
    """One advice being reworded: the reviewed sentences, and those accepted in their place."""

    def __init__(self, advice: Recommendation, facts: Sequence[str]) -> None:
        self.reviewed = dict(_reviewed(advice))
        self.accepted: dict[str, Sentence] = {}
        self._verdict = advice.verdict
        self._further = {c.passage_id: c for c in advice.further}
        self._facts = facts

    def messages(self, failed: Sequence[tuple[str, str, str]]) -> list[Message]:
        wanted = [i for i, _, _ in failed] or list(self.reviewed)
        rows = [
            (i, self.reviewed[i].text, list(dict.fromkeys(c.passage_id for c in self.reviewed[i].citations)))
            for i in wanted
        ]
        return prompt("write").render(
            rung=self._verdict.rung,
            rung_name=NAMES[self._verdict.rung],
            stance=self._verdict.stance,
            facts=self._facts,
            passages=[(c.passage_id, shortened(c.quote)) for c in self._further.values()],
            sentences=rows,
            failed=failed,
        )

    def take(self, written: Phrased | None) -> list[tuple[str, str, str]]:
        """Accept what holds; what does not comes back with its reason."""
        failed = []
        for phrase in written.sentences if written else ():
            if phrase.id not in self.reviewed or phrase.id in self.accepted:
                continue
            sentence, reason = self.checked(phrase)
            if sentence is None:
                failed.append((phrase.id, phrase.text, reason))
            else:
                self.accepted[phrase.id] = sentence
        return failed

    def preview(self, item: Mapping[str, Any]) -> str:
        phrase = Phrase.model_validate(item)
        known = phrase.id in self.reviewed
        return phrase.text if known and self.checked(phrase)[0] is not None else ""

    def checked(self, phrase: Phrase) -> tuple[Sentence | None, str]:
        """The model's sentence with its citations resolved, or why it cannot stand."""
        reviewed = self.reviewed[phrase.id]
        own = {c.passage_id for c in reviewed.citations}
        named = [i for i in dict.fromkeys(phrase.passages) if i in own or i in self._further]
        if not named:
            return None, "it names no passage that was offered; copy one of those listed"
        citations = (*reviewed.citations, *(self._further[i] for i in named if i not in own))
        grounds = [reviewed.text, *(c.quote for c in citations)]
        reason = objection(phrase.text, grounds, self._facts, self._verdict.rung)
        return (None, reason) if reason else (Sentence(text=phrase.text.strip(), citations=citations), "")


def _reviewed(advice: Recommendation) -> Iterator[tuple[str, Sentence]]:
    for part, letter in PARTS.items():
        old = getattr(advice, part)
        if isinstance(old, Sentence):
            yield letter, old
        else:
            yield from ((f"{letter}{n}", sentence) for n, sentence in enumerate(old, 1))


# -- answers on the way ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """What an answer may rest on. Rung's own question has no passages behind it; all else has."""

    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Ground:
    """What there is to answer from: the plain answer, the question left open, the advice, and where passages are found."""

    plain: Answer
    asked: Slot | Asked
    advice: Recommendation | None
    search: Search | None


def answered(question: str, ground: Ground, facts: Facts) -> Answer:
    """The answer to a question, said for this person; the plain one where no model says it better."""
    plain, advice = ground.plain, ground.advice
    turn = current()
    if turn is None:
        return plain
    material = _material(question, ground)
    decided = advice.verdict.rung if advice else None
    lines = _facts(facts, turn)
    failed: list[tuple[str, str]] = []
    good: list[Item] = []
    for _ in range(2):
        messages = prompt("answer").render(
            decided=f"rung {decided}, {NAMES[decided]}" if decided else "nothing yet",
            facts=lines,
            material=[(i, _source_ids(s), _shown(i, s)) for i, s in material.items()],
            sources=_sources(material.values()),
            question=question,
            failed=failed,
        )
        show = _preview(turn, lambda item: _of_answer(item, material, lines, decided))
        written = turn.ask("answer", Answered, messages, show)
        if written is None or not written.answers:
            break
        good, failed = _borne_out(written.sentences, material, lines, decided)
        if not failed:
            break
    if not good:
        return plain
    citations = tuple(dict.fromkeys(c for s in good for c in s.citations))
    text = " ".join(s.text for s in good)
    return plain.model_copy(update={"text": text, "citations": citations, "worded": True})


def _borne_out(
    written: Iterable[AnswerSentence],
    material: Mapping[str, Item],
    facts: Sequence[str],
    decided: Rung | None,
) -> tuple[list[Item], list[tuple[str, str]]]:
    good: list[Item] = []
    failed: list[tuple[str, str]] = []
    for one in written:
        used = [material[i] for i in dict.fromkeys(one.ids) if i in material]
        reason = (
            objection(
                _unattributed(one.text, used),
                [s.text for s in used],
                [*facts, *_names_of_sources(used)],
                decided,
            )
            if used
            else "it names nothing of the material; copy the ids of the items it rests on"
        )
        if reason:
            failed.append((one.text, reason))
        else:
            good.append(Item(one.text.strip(), tuple(c for s in used for c in s.citations)))
    return good, failed


def _material(question: str, ground: Ground) -> dict[str, Item]:
    """What an answer may rest on, by id: a result, the open question, the advice, how sure it is, and passages found."""
    plain, advice, search = ground.plain, ground.advice, ground.search
    found: dict[str, Item] = {}
    if plain.data is not None and plain.citations:
        told = [Item(line, plain.citations) for line in plain.text.splitlines() if line.strip()]
        found |= _numbered("t", told)
    if ground.asked is not Asked.DONE:
        found |= _numbered("q", _question(ground.asked))
    if advice is not None:
        found |= _numbered("a", map(_item, _of_advice(advice)))
        found |= _numbered("c", map(_item, certainty(advice)))
    for citation in plain.citations if plain.data is None else ():
        found[citation.passage_id] = Item(citation.quote, (citation,))
    for hit in search.search(question, count=PASSAGES) if search is not None else ():
        found.setdefault(hit.passage.id, Item(hit.point, (Citation.of(hit.passage, hit.point),)))
    return found


def _of_advice(advice: Recommendation) -> tuple[Sentence, ...]:
    return (
        advice.headline,
        *advice.why,
        *advice.blockers,
        *advice.mistakes,
        *advice.next_steps,
        *advice.flips,
    )


def _question(asked: Slot | Asked) -> list[Item]:
    """The question that is open, why it is asked, and what there is to pick from: what "that" may mean."""
    text = texts.question(asked.value)
    picks = "; ".join(choice.label for choice in text.choices)
    told = [texts.reply("asked_last", text=text.text), text.why, texts.reply("picks", picks=picks)]
    return [Item(line) for line in (told if picks else told[:2])]


def _numbered(letter: str, items: Iterable[Item]) -> dict[str, Item]:
    return {f"{letter}{n}": item for n, item in enumerate(items, 1)}


def _item(sentence: Sentence) -> Item:
    return Item(sentence.text, sentence.citations)


def _shown(id: str, item: Item) -> str:
    """What is shown of an item: a result and the advice whole, a passage up to the end of a sentence."""
    return shortened(item.text) if "#" in id else item.text


def shortened(text: str) -> str:
    """The first sentences of a text, as many as fit `SHOWN` characters; the first one whole in any case."""
    kept = ""
    for sentence in _ENDS.split(text.strip()):
        if kept and len(kept) + len(sentence) >= SHOWN:
            break
        kept = f"{kept} {sentence}".strip()
    return kept


def _source_ids(item: Item) -> list[str]:
    return list(dict.fromkeys(_source_id(c) for c in item.citations))


def _source_id(citation: Citation) -> str:
    return citation.passage_id.split("#")[0]


def _sources(material: Iterable[Item]) -> list[tuple[str, Citation, str]]:
    """Whose words the material rests on: each source's id, a citation of it, and when it was read."""
    cited = {_source_id(c): c for s in material for c in s.citations}
    return [(i, c, read_when(c.accessed)) for i, c in cited.items()]


def _names_of_sources(used: Iterable[Item]) -> list[str]:
    """Who says so. A title lends its names alone: it is no ground for recommending what it is about."""
    return [f"{c.source}, {c.publisher}" for s in used for c in s.citations]


def _unattributed(text: str, used: Iterable[Item]) -> str:
    """The sentence without who says so and when: a title beside its publisher, or quoted, advises nothing, and the days on
    which sources were read are no figures of the case."""
    for c in {c.passage_id: c for s in used for c in s.citations}.values():
        title, publisher = re.escape(c.source), re.escape(c.publisher)
        for told in (
            rf"[“\"]{title}[”\"]",
            rf"{title}\W{{1,3}}(?:by\W|from\W)?{publisher}",
            rf"{publisher}\W{{1,3}}(?:s\W)?{title}",
        ):
            text = re.sub(told, c.publisher, text)
        text = text.replace(read_when(c.accessed), "")
    return text


# -- both -----------------------------------------------------------------------------------------------------------


def _facts(facts: Facts, turn: ModelTurn) -> list[str]:
    """What is known, as noted and in their words: how they began, and what was said of a fact since."""
    opening = next(iter(turn.earlier()), "")[:TOLD]
    lines = [f"Their case, in their words: {opening}"] if opening else []
    return lines + [
        f"{u.label}: {u.text}"
        + (f" (in their words: {u.words})" if u.words and u.words not in opening else "")
        for u in texts.understood(facts)
    ]


def _of_answer(
    item: Mapping[str, Any], material: Mapping[str, Item], facts: Sequence[str], decided: Rung | None
) -> str:
    good, _ = _borne_out([AnswerSentence.model_validate(item)], material, facts, decided)
    return good[0].text if good else ""


def _preview(turn: ModelTurn, accept: Callable[[Mapping[str, Any]], str]) -> Watch | None:
    """Shows each finished sentence that holds while the answer streams in; None where nobody watches."""
    watch = turn.watch
    if watch is None:
        return None
    seen: dict[int, str] = {}

    def show(so_far: str) -> None:
        items = partial(so_far).get("sentences") or []
        for n, item in enumerate(items[:-1]):
            if n not in seen:
                try:
                    seen[n] = accept(item)
                except ValidationError:
                    seen[n] = ""
        watch(" ".join(text for text in seen.values() if text))

    return show
