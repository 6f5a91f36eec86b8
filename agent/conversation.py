"""A conversation's state between turns, and the parts of a reply."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.facts import Facts, Slot
from agent.reading import Asked
from agent.recommendation import Citation, Recommendation, Understood, Worded
from agent.rubric import Verdict

#: The interview never asks more than this, read-back and repeated questions included.
MOST_QUESTIONS = 8


class State(BaseModel):
    """All that the next turn needs. `volunteered` are slots read from free text and not yet shown back; `undo_to` is
    the number of the turn whose state an undo returns to; `begun` the number of the turn that began this interview; `words` are a
    language model's for the verdict; `last` is the slot asked before this one."""

    model_config = ConfigDict(frozen=True)

    facts: Facts = Facts()
    asked: Slot | Asked = Asked.OPENING
    last: Slot | None = None
    questions: int = 0
    repeated: bool = False
    volunteered: frozenset[Slot] = frozenset()
    confirmed: bool = False
    verdict: Verdict | None = None
    words: Worded | None = None
    undo_to: int | None = None
    begun: int = 0


class Offered(BaseModel):
    """A choice as shown: `value` can be sent back in place of the label or its number."""

    model_config = ConfigDict(frozen=True)

    value: str
    label: str


class Notice(BaseModel):
    """Something the person should know, not an answer: what was noted, undone, left out."""

    type: Literal["notice"] = "notice"
    text: str
    noted: tuple[Understood, ...] = ()


class Answer(BaseModel):
    """A reply to what the person asked or said, with the sources it rests on."""

    type: Literal["reply"] = "reply"
    text: str
    citations: tuple[Citation, ...] = ()
    worded: bool = Field(
        default=False, description="a language model said it, from what `data` and the sources hold"
    )
    words: str = Field(
        default="",
        description="the model's words alone, where `data` tells more: `text` then goes on with the verdicts",
    )
    data: dict[str, Any] | None = Field(
        default=None,
        description="the same for programs; its `kind` is what_if, reach or compare, each with a schema of its own: "
        "rung schema what-if, rung schema reach, rung schema compare",
    )


class Question(BaseModel):
    """What is asked next. `slot` is a slot's name, `opening` or `confirm`; `at_most` is how many more can follow."""

    type: Literal["question"] = "question"
    slot: str
    text: str
    choices: tuple[Offered, ...] = ()
    several: bool = False
    hint: str = ""
    why: str = ""
    understood: tuple[Understood, ...] = ()
    at_most: int = 0


Part = Annotated[Notice | Answer | Question | Recommendation, Field(discriminator="type")]


class Reply(BaseModel):
    """What the person receives for one message, in the order to show it."""

    parts: tuple[Part, ...]

    @property
    def recommendation(self) -> Recommendation | None:
        return next((p for p in self.parts if isinstance(p, Recommendation)), None)

    @property
    def question(self) -> Question | None:
        return next((p for p in reversed(self.parts) if isinstance(p, Question)), None)
