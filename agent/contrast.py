"""What the person receives where verdicts stand side by side: a what-if, a way to a rung, two use cases compared.

Each is the `data` of a reply, told apart by `kind`; the reply's `text` says the same in words.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agent.facts import Slot, Value
from agent.recommendation import Citation, Sentence, Step
from agent.rubric import Rung, Stance


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Assumed(_Told):
    """A slot that was not known, and the cautious value it was taken at."""

    slot: Slot
    label: str
    text: str = Field(description="the value assumed, in plain words")


class Side(_Told):
    """One verdict with what explains it."""

    title: str = Field(description="“now”, “then”, or what the use case is called")
    rung: Rung
    name: str
    stance: Stance
    provisional: bool
    headline: Sentence
    why: tuple[Sentence, ...]
    ladder: tuple[Step, ...]
    mistakes: tuple[Sentence, ...] = ()
    blockers: tuple[Sentence, ...] = Field(default=(), description="what would open the closed gate")
    assumed: tuple[Assumed, ...] = Field(default=(), description="what this verdict takes for granted")


class Differing(_Told):
    """One slot on either side; a value is None where it is not known."""

    slot: Slot
    label: str
    before: Value | None
    after: Value | None
    before_text: str
    after_text: str
    note: str = ""


class Moved(_Told):
    """A rung that stands elsewhere on the other side, and why it stands there."""

    rung: Rung
    name: str
    before: str = Field(description="its standing in words")
    after: str
    why: Sentence


class WhatIf(_Told):
    """The verdict now and on what was supposed. Nothing of it is recorded as a fact."""

    kind: Literal["what_if"] = "what_if"
    supposed: dict[str, str] = Field(description="each slot's supposed value in plain words")
    now: Rung
    then: Rung
    stance: Stance = Field(description="the stance then")
    same: bool = Field(description="the advice stays, and what holds the next rung back")
    changes: tuple[Differing, ...]
    before: Side
    after: Side
    moved: tuple[Moved, ...] = ()
    gates_opened: tuple[str, ...] = Field(default=(), description="what held rung 4 back and no longer does")
    gates_closed: tuple[str, ...] = Field(default=(), description="what holds rung 4 back then")
    mistakes_come: tuple[Sentence, ...] = ()
    mistakes_gone: tuple[Sentence, ...] = ()

    def citations(self) -> tuple[Citation, ...]:
        told = (
            *self.after.why,
            *(m.why for m in self.moved),
            *self.after.blockers,
            *self.mistakes_come,
        )
        return _cited(told)


class Gate(_Told):
    """One thing that a rung hangs on. `needs_text` is empty where it is open."""

    slot: Slot
    label: str
    open: bool
    known: bool = Field(description="false where today's value is only assumed")
    today_text: str
    needs_text: str = ""
    in_their_hands: bool = Field(description="a team can bring it about; otherwise it has to turn out so")
    why: Sentence


class Reached(_Told):
    """What it would take to get to a rung: the fewest changes that give it, as gates open and closed."""

    kind: Literal["reach"] = "reach"
    rung: Rung
    name: str
    now: Rung
    possible: bool
    changes: int = Field(description="how many gates are closed; 0 where the rung is the advice already")
    gates: tuple[Gate, ...] = ()
    others: tuple[str, ...] = Field(default=(), description="other ways, just as short")
    standing: Sentence = Field(description="where that rung stands today")

    def citations(self) -> tuple[Citation, ...]:
        return _cited([self.standing, *(g.why for g in self.gates)])


class Exchange(_Told):
    """Slots which, taken over from the other case, turn one verdict into the other's rung."""

    slots: tuple[Slot, ...]
    text: str


class Compared(_Told):
    """Two use cases side by side."""

    kind: Literal["compare"] = "compare"
    a: Side
    b: Side
    differ: tuple[Differing, ...] = Field(description="`before` is A's, `after` is B's")
    moved: tuple[Moved, ...] = ()
    makes_a_like_b: tuple[Exchange, ...] = ()
    makes_b_like_a: tuple[Exchange, ...] = ()

    def citations(self) -> tuple[Citation, ...]:
        return _cited([s for side in (self.a, self.b) for s in (*side.why, *side.blockers)])


Contrast = Annotated[WhatIf | Reached | Compared, Field(discriminator="kind")]
CONTRAST: TypeAdapter[WhatIf | Reached | Compared] = TypeAdapter(Contrast)


def _cited(sentences: tuple[Sentence, ...] | list[Sentence]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(c for s in sentences for c in s.citations))
