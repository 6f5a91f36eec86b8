"""What the person receives: a recommendation in which every sentence carries citations that resolve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.facts import Slot, Value
from agent.rubric import Rung, Status, Verdict
from knowledge.corpus import Borne, Corpus, Excerpt, Passage
from knowledge.errors import UnknownPassage


class Original(BaseModel):
    """A sentence of the page behind a digest, word for word; offsets count characters of the kept text."""

    model_config = ConfigDict(frozen=True)

    document_id: str
    sha256: str = Field(description="of the document's kept text, in UTF-8")
    start: int
    end: int = Field(description="the character after the last")
    quote: str
    url: str
    read: str = Field(description="the day the page was fetched")


class Citation(BaseModel):
    """A passage and the words of it that support a sentence; the words are the corpus's, never a model's."""

    model_config = ConfigDict(frozen=True)

    passage_id: str
    quote: str
    source: str = Field(description="title of the source")
    publisher: str
    heading: str
    url: str
    accessed: str = Field(description="when the source was read")
    original: Original | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description="the sentence of the page itself that bears the quote out, where the page was fetched and has one",
    )
    stale: str = Field(
        default="",
        exclude_if=lambda value: not value,
        description="what is to be known of the page where it has moved on since it was read",
    )

    @classmethod
    def of(cls, passage: Passage, quote: str) -> Citation:
        borne = passage.borne.get(quote, Borne(None))
        return cls(
            passage_id=passage.id,
            quote=quote,
            source=passage.source.title,
            publisher=passage.source.publisher,
            heading=passage.heading,
            url=passage.url,
            accessed=passage.source.accessed,
            original=_original(borne.excerpt) if borne.excerpt else None,
            stale=borne.stale,
        )


def _original(found: Excerpt) -> Original:
    return Original(
        document_id=found.document_id,
        sha256=found.sha256,
        start=found.start,
        end=found.end,
        quote=found.text,
        url=found.url,
        read=found.read,
    )


class Sentence(BaseModel):
    """One reviewed claim and what supports it."""

    model_config = ConfigDict(frozen=True)

    text: str
    citations: tuple[Citation, ...] = Field(min_length=1)


class Step(BaseModel):
    """One rung of the ladder as drawn: where it stands and why."""

    model_config = ConfigDict(frozen=True)

    rung: Rung
    name: str
    status: Status
    why: Sentence


def cited(corpus: Corpus, cites: Iterable[Mapping[str, str]]) -> tuple[Citation, ...]:
    """Citations from their file form: a passage's id and the opening words of one of its points.

    Raises:
        UnknownPassage: one does not resolve.
    """
    found: list[Citation] = []
    for cite in cites:
        passage = corpus.passage(cite["passage"])
        found.append(Citation.of(passage, passage.point(cite["point"])))
    return tuple(found)


class Note(BaseModel):
    """One thing the guide does not say and a serious adviser must; the first sentence stands for the rest."""

    model_config = ConfigDict(frozen=True)

    name: str
    sentences: tuple[Sentence, ...] = Field(min_length=1)


class Disagreement(BaseModel):
    """A question on which a source departs from the guide, and what was measured on either side."""

    model_config = ConfigDict(frozen=True)

    topic: str
    guide: Sentence
    others: tuple[Sentence, ...] = Field(min_length=1)
    measured: tuple[Sentence, ...] = ()

    def sentences(self) -> tuple[Sentence, ...]:
        return self.guide, *self.others, *self.measured


class Platform(BaseModel):
    """Can fine-tuning be bought here? One row of the dated table."""

    model_config = ConfigDict(frozen=True)

    name: str
    yours: bool = Field(description="the person named this platform, or a model of it")
    is_open: bool = Field(description="somebody who never tuned here can begin now")
    open_to: str
    tunable: str
    ends: str = Field(description="what ends there, and when")
    read: date
    is_old: bool = Field(description="read more than 90 days before the advice was given")
    rests_on: tuple[str, ...] = Field(description="ids of the passages with the particulars")
    citations: tuple[Citation, ...] = Field(min_length=1)


class CostMonth(BaseModel):
    """A month of one way, in US dollars, and what training would do for a team that has this way today."""

    model_config = ConfigDict(frozen=True)

    way: str
    total: Decimal
    per_call: Decimal | None = None
    training: str = Field(default="", description="“pays back in month 5”, “never pays back”")


class CostPrice(BaseModel):
    """A price row that the sums used, with its source, date and grade of evidence."""

    model_config = ConfigDict(frozen=True)

    name: str
    role: str
    read: str
    age: str = Field(description="“undated”, or said when older than 90 days")
    evidence: str
    url: str


class Cost(BaseModel):
    """What the four ways would cost, and when training would pay itself back. It never decides the rung."""

    model_config = ConfigDict(frozen=True)

    date: date
    answer: str
    months: tuple[CostMonth, ...]
    to_begin: Decimal = Field(description="what training costs once, in US dollars")
    chance_in_a_year: float | None = Field(description="share of the draws that pay back within 12 months")
    turns: tuple[str, ...] = Field(description="what would turn “paid back within 12 months”")
    given: tuple[str, ...] = Field(description="the inputs that the person told; all others are assumed")
    prices: tuple[CostPrice, ...]
    notes: tuple[str, ...] = ()
    citations: tuple[Citation, ...]


class Understood(BaseModel):
    """One thing we took from what the person said, in our words and in theirs."""

    model_config = ConfigDict(frozen=True)

    slot: Slot
    label: str
    value: Value | None = Field(description="None when the person could not say")
    text: str = Field(description="the value in plain words")
    words: str = Field(default="", description="the person's own words")


class Wording(BaseModel):
    """Who worded the advice, where a language model did: the prompts' versions, and what the whole interview used."""

    model_config = ConfigDict(frozen=True)

    model: str
    prompts: tuple[str, ...] = Field(description="file and version of each, as in “write/1”")
    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    dollars: Decimal | None = Field(description="None where the model's price is not known")
    kept: tuple[str, ...] = Field(default=(), description="sentences that stayed as reviewed")


class Worded(BaseModel):
    """The accepted sentences of a model, by the place of the reviewed one that each stands for."""

    model_config = ConfigDict(frozen=True)

    sentences: Mapping[str, Sentence]
    by: Wording


class Recommendation(BaseModel):
    """The whole advice. `verdict` is the rubric's; all else explains it."""

    model_config = ConfigDict(frozen=True)

    type: Literal["recommendation"] = "recommendation"
    verdict: Verdict
    provisional: bool
    headline: Sentence
    why: tuple[Sentence, ...]
    ladder: tuple[Step, ...]
    mistakes: tuple[Sentence, ...] = ()
    do_first: tuple[Sentence, ...] = ()
    blockers: tuple[Sentence, ...] = Field(default=(), description="what would open the closed gate")
    alongside: tuple[Sentence, ...] = ()
    next_steps: tuple[Sentence, ...] = ()
    notes: tuple[Note, ...] = ()
    availability: tuple[Platform, ...] = Field(default=(), description="with rung 4: where it can be bought")
    cost: Cost | None = Field(default=None, description="when calls a day and the prompt's length are known")
    disagreements: tuple[Disagreement, ...] = ()
    assumptions: tuple[Sentence, ...] = ()
    experiment: tuple[Sentence, ...] = Field(default=(), description="the one trial that would tell most")
    flips: tuple[Sentence, ...] = Field(
        default=(), description="what would change the verdict, smallest change first"
    )
    understood: tuple[Understood, ...] = ()
    further: tuple[Citation, ...] = Field(default=(), description="passages retrieved for this very case")
    wording: Wording | None = Field(default=None, description="set where a language model worded the advice")
    corpus: str = Field(description="hash of the corpus that the citations resolve in")

    def sentences(self) -> Iterator[Sentence]:
        """Every sentence of the explanation, in reading order."""
        yield self.headline
        yield from self.why
        yield from (step.why for step in self.ladder)
        for part in (
            self.mistakes, self.do_first, self.blockers, self.alongside, self.assumptions, self.experiment,
            self.next_steps, *(note.sentences for note in self.notes),
            *(one.sentences() for one in self.disagreements), self.flips,
        ):  # fmt: skip
            yield from part

    def citations(self) -> list[Citation]:
        """Every citation once, in order of first use."""
        seen = {c: None for s in self.sentences() for c in s.citations}
        seen |= {c: None for row in self.availability for c in row.citations}
        if self.cost is not None:
            seen |= dict.fromkeys(self.cost.citations)
        return list(seen | dict.fromkeys(self.further))


def check(recommendation: Recommendation, corpus: Corpus) -> None:
    """Every citation names a passage of the corpus and quotes it word for word, and its original too.

    Raises:
        UnknownPassage: one does not.
    """
    for citation in recommendation.citations():
        if citation.quote not in corpus.passage(citation.passage_id).points:
            raise UnknownPassage(
                f"The words cited from {citation.passage_id} do not stand there: “{citation.quote[:80]}…”"
            )
        one = citation.original
        if one and (corpus.kept(one.document_id, one.sha256) or "")[one.start : one.end] != one.quote:
            raise UnknownPassage(f"The words cited from {one.document_id} do not stand there any more.")
