"""The turn: a message in, a reply out. Every front end calls `Advisor.reply` and nothing else.

read → answer a question on the way → merge → decide → ask, read back, or advise → record → reply
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, Protocol
from weakref import WeakValueDictionary

from agent import interview
from agent.choices import picked, quoted_choice
from agent.conversation import MOST_QUESTIONS, Answer, Notice, Offered, Part, Question, Reply, State
from agent.facts import RUBRIC_SLOTS, Facts, Known, Proposal, Slot
from agent.reading import Asked, Intent, Reader, Reading
from agent.reading.repairs import goes_back
from agent.recommendation import Recommendation, Worded, check
from agent.rubric import Rung, Verdict, opens_gate
from agent.sessions import Sessions, Summary, Turn, TurnTaken
from agent.small_talk import kind_of
from agent.writing import texts
from agent.writing.answers import (
    asks_what_is_meant,
    explained,
    from_sources,
    names_a_rung,
    why_asked,
    why_verdict,
)
from agent.writing.plain import write
from agent.writing.platforms import named_platform, platforms, read_on
from agent.writing.retelling import asks_how_sure, how_sure, in_short, retold, topic
from knowledge.corpus import Corpus

if TYPE_CHECKING:  # NumPy is not light; the front end shows the first question without it
    from agent.model.turn import Mind
    from agent.model.usage import Usage
    from knowledge.search import Search

#: Characters of a message that are read; more is a paste, not an answer.
LONGEST: Final = 12_000
#: Readings of a message that may ask the way to a rung.
_ASKING: Final = frozenset({Intent.QUESTION, Intent.WHAT_IF, Intent.WHY, Intent.OTHER, Intent.ANSWER})
#: Readings after which the open question is put again.
_REASKED: Final = frozenset({Intent.QUESTION, Intent.WHY, Intent.WHAT_IF, Intent.OTHER})
_FOR_ADVICE: Final = re.compile(
    r"\b(?:should|shall|ought|do|would|could|can) (?:we|i|you|my|our)\b|\bwhich (?:way|one|rung|approach|option)\b|\bwhat (?:should|would|do) (?:we|i|you)\b|\bbest (?:way|approach|option)\b",
    re.IGNORECASE,
)
#: "3, and the failures are wrong values": a choice's number, then more.
_NUMBERED: Final = re.compile(r"^\s*(\d)\s*[,;:.)–-]+\s+(?=[^\W\d])")
_CONTROL: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


class Library(Protocol):
    """What the advisor needs of knowledge; loaded when it is first asked for."""

    @property
    def corpus(self) -> Corpus: ...

    @property
    def search(self) -> Search: ...


@dataclass(frozen=True)
class Outcome:
    """A turn, worked out but not recorded."""

    state: State
    parts: tuple[Part, ...]
    reading: Reading


class Advisor:
    """Holds no conversation itself: each turn starts from the last recorded state."""

    def __init__(
        self,
        reader: Callable[[], Reader],
        library: Library,
        sessions: Sessions,
        today: Callable[[], date] = date.today,
        mind: Mind | None = None,
    ) -> None:
        """`mind` is the language model that `reader` may use; without one everything is done here."""
        self._mind = mind
        self._reader = reader
        self._today = today
        self._library = library
        self._sessions = sessions
        # A lock lives as long as somebody holds it: a server sees threads without end.
        self._locks: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._locks_lock = threading.Lock()

    def open(self, thread_id: str) -> Reply:
        """The first question, or where a known conversation stopped."""
        last = self._sessions.last(thread_id)
        if last is None:
            return Reply(parts=(opening_question(),))
        state = State.model_validate_json(last.state)
        again = self._ask(state.asked, state) if state.asked is not Asked.DONE else None
        parts: list[Part] = [Notice(text=texts.reply("welcome_back"), noted=texts.understood(state.facts))]
        if again is not None:
            parts.append(again)
        elif state.verdict is not None:
            parts.append(self._written(state.verdict, state))
        return Reply(parts=tuple(parts))

    def reply(
        self,
        thread_id: str,
        text: str,
        delivery_id: str | None = None,
        watch: Callable[[str], None] | None = None,
    ) -> Reply:
        """One turn. The turn is on record when this returns; an event delivered again gets the recorded reply.

        `watch` is shown what a language model writes while it writes: all the checked text so far.

        Raises:
            NeedsSomething, KnowledgeError: the database or the corpus cannot be used; nothing recorded is lost.
        """

        def work(number: int, state: State) -> Outcome:
            if self._mind is None:
                return self._turn(thread_id, number, state, text)
            interview = state.begun if state.verdict is None else None
            with self._mind.turn(
                thread_id, number, interview, lambda: self._said(thread_id, state), watch
            ) as turn:
                done = self._turn(thread_id, number, state, text)
            notices = tuple(Notice(text=told) for told in turn.notices)
            return replace(done, parts=(*notices, *done.parts))

        return self._record(thread_id, text, work, delivery_id)

    def _said(self, thread_id: str, state: State) -> list[str]:
        """How the person began this interview, and what they said last: who has to understand the next words needs both."""
        first, last = self._sessions.turn(thread_id, state.begun + 1), self._sessions.last(thread_id)
        return list(dict.fromkeys(turn.said for turn in (first, last) if turn is not None))

    def _record(
        self, thread_id: str, text: str, work: Callable[[int, State], Outcome], delivery_id: str | None = None
    ) -> Reply:
        """Work a turn out from the last state and write it down before it is shown."""
        with self._lock(thread_id):
            while True:
                if delivery_id is not None and (seen := self._sessions.delivered(delivery_id)):
                    return Reply.model_validate_json(seen.reply)
                last = self._sessions.last(thread_id)
                number = 1 if last is None else last.number + 1
                state = State() if last is None else State.model_validate_json(last.state)
                outcome = work(number, state)
                reply = Reply(parts=outcome.parts)
                turn = Turn(
                    thread_id=thread_id,
                    number=number,
                    at=datetime.now(UTC),
                    said=text[:LONGEST],
                    reading=outcome.reading.model_dump_json(),
                    state=outcome.state.model_dump_json(),
                    reply=reply.model_dump_json(),
                )
                try:
                    self._sessions.record(turn, delivery_id)
                except TurnTaken:
                    continue  # another process was faster; read its state and take this turn after it
                return reply

    @property
    def model_told(self) -> str:
        """Which language model reads along, and where it is; empty where there is none."""
        if self._mind is None:
            return ""
        settings = self._mind.model.settings
        return texts.reply("with_model", model=settings.name, place=settings.place)

    def used(self, thread_id: str) -> tuple[Usage, Usage]:
        """What the language model used in the last turn and in the whole conversation."""
        last = self._sessions.last(thread_id)
        number = 0 if last is None else last.number
        return self._sessions.spent(thread_id, number_from=number), self._sessions.spent(thread_id)

    def edit(self, thread_id: str, slot: Slot) -> Reply:
        """Ask one slot again, whatever was said of it; recorded as a turn, so it can be undone."""
        return self._record(
            thread_id, f"/edit {slot.value}", lambda number, state: self._edited(number, state, slot)
        )

    def amend(self, thread_id: str, changes: Sequence[Proposal], delivery_id: str | None = None) -> Reply:
        """Values given by name in place of what was known, as from a form; one turn, which an undo takes back."""
        told = "; ".join(f"{texts.slot_name(p.slot)}: {texts.plain(p.slot, p.value)}" for p in changes)
        return self._record(
            thread_id, told, lambda number, state: self._amended(number, state, changes), delivery_id
        )

    @property
    def sessions(self) -> Sessions:
        """Where the conversations are kept."""
        return self._sessions

    @property
    def corpus(self) -> Corpus:
        """What the citations resolve in."""
        return self._library.corpus

    def compare(self, thread_id: str, other_id: str) -> Reply:
        """This conversation beside another one; recorded as a turn that changes nothing.

        Raises:
            BadInput: there is no such conversation.
        """

        from agent.exploration import on_another

        def work(number: int, state: State) -> Outcome:
            self._sessions.turns(other_id)
            answer = on_another(state.facts, self.facts(other_id), other_id, self._library.corpus)
            return Outcome(state, (answer, *self._again(state)), Reading(intent=Intent.QUESTION))

        return self._record(thread_id, f"/compare {other_id}", work)

    def others(self, thread_id: str) -> list[Summary]:
        """The latest other conversations."""
        return [s for s in self._sessions.summaries() if s.thread_id != thread_id]

    def turns(self, thread_id: str) -> list[Turn]:
        """The conversation from its beginning.

        Raises:
            BadInput: there is no such conversation.
        """
        return self._sessions.turns(thread_id)

    def facts(self, thread_id: str) -> Facts:
        """What is known so far in a conversation."""
        last = self._sessions.last(thread_id)
        return Facts() if last is None else State.model_validate_json(last.state).facts

    def recommendation(self, thread_id: str) -> Recommendation | None:
        """The latest advice of a conversation, if it has come that far."""
        last = self._sessions.last(thread_id)
        state = None if last is None else State.model_validate_json(last.state)
        return None if state is None or state.verdict is None else self._written(state.verdict, state)

    # -- the turn -------------------------------------------------------------------------------------------------

    def _turn(self, thread_id: str, number: int, state: State, raw: str) -> Outcome:
        text, cut = clean(raw)
        parts: list[Part] = []
        if cut:
            parts.append(Notice(text=texts.reply("long_paste", limit=f"{LONGEST:,}")))
        if not text:
            return Outcome(
                state, (Notice(text=texts.reply("empty")), *self._again(state)), Reading(intent=Intent.OTHER)
            )
        from agent.exploration import (
            commanded,
            on_way,
        )  # its patterns are not light, and no first question needs them

        if (explored := commanded(text)) is not None:
            answer = explored(state.facts, self._library.corpus)
            return Outcome(state, (*parts, answer, *self._again(state)), Reading(intent=Intent.WHAT_IF))
        reading = self._wishing(self._read(text, state), text, state)
        if self._in_english(text, reading, state):
            parts.append(Notice(text=texts.reply("english_only")))
        if (rung := self._asked_for(text, reading, state)) is not None:
            answer = self._told(text, on_way(rung, state.facts, self._library.corpus), state)
            return Outcome(state, (*parts, answer, *self._again(state)), reading)
        before = state
        if (
            reading.intent in _REASKED
            and not _of_the_talk(text)
            and self._said_again(thread_id, number, text, state)
        ):
            # the same words again are an answer
            reading = reading.model_copy(update={"intent": Intent.ANSWER})
            state = state.model_copy(update={"repeated": True})
        match reading.intent:
            case Intent.UNDO:
                state, more = self._undo(thread_id, state)
                return Outcome(state, (*parts, *more), reading)
            case Intent.RESTART:
                state = State(undo_to=number - 1, begun=number)
                return Outcome(
                    state, (*parts, Notice(text=texts.reply("restarted")), opening_question()), reading
                )
            case Intent.WHY:
                more = self._why(text, state)
            case Intent.QUESTION if not reading.values and not _insists(text, state):
                state, more = self._answer(text, state)
            case Intent.WHAT_IF:
                more = self._what_if(reading, state)
            case Intent.COMPARE:
                more = self._beside(reading, state)
            case Intent.OTHER if not reading.values and not (
                state.repeated and isinstance(state.asked, Slot)
            ):
                state, more = self._small_talk(text, state)
            case Intent.JUST_TELL_ME:
                facts, _ = interview.settle_now(self._merged(state, reading, text))
                state, more = self._advise(state.model_copy(update={"facts": facts}))
            case Intent.SKIP | Intent.DONT_KNOW:
                told = self._with(state, reading, text)
                state, more = self._decline(told, reading, _noted(state.facts, told.facts))
            case _:
                state, more = self._take(state, reading, text)
        if state != before:
            state = state.model_copy(update={"undo_to": number - 1})
        return Outcome(state, (*parts, *more), reading)

    def _read(self, text: str, state: State) -> Reading:
        """A picked choice needs no reader; all else does."""
        if isinstance(state.asked, Slot):
            choice = picked(text, state.asked)
            if choice is not None:
                return Reading(intent=Intent.ANSWER, values=(choice,))
            if (quoted := quoted_choice(text, state.asked)) is not None:
                return Reading(intent=Intent.ANSWER, values=(quoted,))
            numbered = _NUMBERED.match(text)
            if numbered and (choice := picked(numbered[1], state.asked)) is not None:
                more = self._reader().read(text[numbered.end() :], Asked.DONE, state.facts).values
                told = tuple(p for p in more if p.slot is not state.asked)
                return Reading(intent=Intent.ANSWER, values=(choice, *told))
        if _asks_platform(state):
            platform = picked(text, Slot.PLATFORM) or named_platform(text, self._library.corpus)
            if platform is not None:
                return Reading(intent=Intent.ANSWER, values=(platform,))
        if self._mind is None:
            return self._mended(text, state) or self._reader().read(text, state.asked, state.facts)
        whole = self._reader().read(text, state.asked, state.facts)
        return whole if whole.by_model else self._mended(text, state) or whole

    def _said_again(self, thread_id: str, number: int, text: str, state: State) -> bool:
        """Did they say just this, word for word, to the same question a turn ago?"""
        turn = self._sessions.turn(thread_id, number - 1)
        if turn is None or not isinstance(state.asked, Slot) or clean(turn.said)[0] != text:
            return False
        return State.model_validate_json(turn.state).asked is state.asked

    def _mended(self, text: str, state: State) -> Reading | None:
        """ "Hang on, …": what sets the answer before right, and then the answer to the question now open."""
        said = goes_back(text) if state.last is not None and state.last is not state.asked else []
        read = self._reader().read
        for n in range(1, len(said) + 1):  # it may take more than a sentence
            first, then = " ".join(said[:n]), " ".join(said[n:])
            told = [
                p for p in read(first, state.last or Asked.DONE, state.facts).values if p.slot is state.last
            ]
            if told and told[0].value != state.facts.get(told[0].slot):
                alone = n > 1 or not then
                if alone and any(p.slot is state.asked for p in read(first, state.asked, state.facts).values):
                    return None  # it may as well answer the open question
                return self._after_mending(told[0], then, state)
        return None

    def _after_mending(self, told: Proposal, then: str, state: State) -> Reading:
        """The answer before set right, and what else the message says, to the question now open."""
        if not then:
            return Reading(intent=Intent.CORRECTION, values=(told,))
        after = self._reader().read(then, state.asked, state.facts.merge([told], replace=True))
        intent = Intent.CORRECTION if after.intent is Intent.ANSWER else after.intent
        values = (told, *(p for p in after.values if p.slot is not told.slot))
        return after.model_copy(update={"intent": intent, "values": values})

    def _take(self, state: State, reading: Reading, text: str) -> tuple[State, list[Part]]:
        """An answer or a correction: merge it, say what was noted, and go on."""
        changed = self._with(state, reading, text)
        parts: list[Part] = list(_noted(state.facts, changed.facts))
        if reading.question and changed.facts != state.facts:
            aside = from_sources(reading.question, self._library.search)
            parts.extend([aside] if aside.citations else [])
        asked = state.asked
        if asked is Asked.DONE:
            return self._after_advice(state, changed, parts)
        if asked is Asked.CONFIRM:
            return self._confirmed(state, changed, reading, parts)
        if isinstance(asked, Slot) and asked not in changed.facts.known:
            return self._not_read(changed, asked, parts, text, silent=bool(reading.values))
        return self._go_on(changed, parts)

    def _with(self, state: State, reading: Reading, text: str) -> State:
        """The state with what the message states, and which of it was not asked for."""
        facts = self._merged(state, reading, text)
        told = {p.slot for p in reading.values if p.slot in RUBRIC_SLOTS and p.slot is not state.asked}
        return state.model_copy(update={"facts": facts, "volunteered": state.volunteered | told})

    def _merged(self, state: State, reading: Reading, text: str) -> Facts:
        replace = reading.intent is Intent.CORRECTION or state.asked in (Slot.SHORTFALL, Asked.CONFIRM)
        facts = state.facts.merge(reading.values, replace=replace)
        return with_task(facts, text) if state.asked is Asked.OPENING else facts

    def _go_on(self, state: State, parts: list[Part]) -> tuple[State, list[Part]]:
        """Ask the next question, read back, or advise."""
        slot = interview.next_slot(state.facts)
        if slot is not None and state.questions < MOST_QUESTIONS:
            state = state.model_copy(
                update={
                    "asked": slot,
                    "last": _before(state),
                    "questions": state.questions + 1,
                    "repeated": False,
                }
            )
            return state, [*parts, self._ask(slot, state)]
        if (
            slot is not None
        ):  # cannot happen while repeated questions are kept within bounds; advise on what is known
            state = state.model_copy(update={"facts": interview.settle_now(state.facts)[0]})
        if state.volunteered and not state.confirmed and state.questions < MOST_QUESTIONS:
            state = state.model_copy(
                update={
                    "asked": Asked.CONFIRM,
                    "last": _before(state),
                    "questions": state.questions + 1,
                    "confirmed": True,
                }
            )
            return state, [*parts, self._ask(Asked.CONFIRM, state)]
        state, more = self._advise(state)
        return state, [*parts, *more]

    def _advise(self, state: State) -> tuple[State, list[Part]]:
        verdict = interview.conclude(state.facts)
        advice = self._write(verdict, state.facts)
        update = {
            "asked": Asked.DONE,
            "last": _before(state),
            "verdict": verdict,
            "repeated": False,
            "words": self._words(advice, state),
        }
        state = state.model_copy(update=update)
        parts: list[Part] = [self._with_words(advice, state)]
        if _asks_platform(state):
            parts.append(asked_as(Slot.PLATFORM))
        return state, parts

    def _confirmed(
        self, before: State, state: State, reading: Reading, parts: list[Part]
    ) -> tuple[State, list[Part]]:
        """After the read-back: a yes or a change goes on; anything else is asked about once."""
        changed = state.facts != before.facts
        if not reading.yes and not changed and not before.repeated and before.questions < MOST_QUESTIONS:
            state = state.model_copy(update={"repeated": True, "questions": state.questions + 1})
            ask = texts.reply("which_wrong" if reading.yes is False else "confirm_unclear")
            again = self._ask(Asked.CONFIRM, state).model_copy(
                update={"text": ask, "hint": "", "understood": ()}
            )
            return state, [*parts, again]
        return self._go_on(state, parts)

    def _not_read(
        self, state: State, asked: Slot, parts: list[Part], text: str, *, silent: bool
    ) -> tuple[State, list[Part]]:
        """The answer to this question was not read: ask once more, then take the likeliest and say so, or "don't know".

        `silent`: the message told something else instead, so the question is put again without a word.
        """
        if interview.next_slot(state.facts) is not asked:  # what they said instead made the question needless
            return self._go_on(state, parts)
        if (silent or not state.repeated) and state.questions < MOST_QUESTIONS:
            repeated = state.repeated or not silent
            state = state.model_copy(update={"repeated": repeated, "questions": state.questions + 1})
            if not silent:
                parts.append(Notice(text=f"{texts.reply('not_read')} {texts.reply('pick')}"))
            return state, [*parts, self._ask(asked, state)]
        guess = self._reader().guess(text, asked)
        if guess is None or opens_gate(asked, guess.value):  # no training on a guess
            state = state.model_copy(update={"facts": state.facts.decline(asked)})
            return self._go_on(state, [*parts, Notice(text=texts.reply("taken_as_unknown"))])
        told = texts.reply(
            "taken_as", slot=texts.slot_name(asked).lower(), value=texts.plain(asked, guess.value)
        )
        state = state.model_copy(
            update={"facts": state.facts.merge([guess]), "volunteered": state.volunteered | {asked}}
        )
        return self._go_on(state, [*parts, Notice(text=told)])

    def _decline(self, state: State, reading: Reading, noted: Sequence[Part]) -> tuple[State, list[Part]]:
        """ "Don't know": the slot asked is declined, unless the same message tells it after all."""
        asked = state.asked
        if isinstance(asked, Slot) and not any(p.slot is asked for p in reading.values):
            state = state.model_copy(update={"facts": state.facts.decline(asked)})
            declined = Notice(text=texts.reply("declined", slot=texts.slot_name(asked).lower()))
            return self._go_on(state, [*noted, declined])
        if asked is Asked.DONE:
            return state, [*noted, Answer(text=texts.reply("done_hint"))]
        return self._go_on(state, [*noted])

    def _after_advice(self, before: State, state: State, parts: list[Part]) -> tuple[State, list[Part]]:
        """More facts after the advice: advise again where it matters, else say that nothing changes."""
        if state.facts == before.facts:
            return before, [Answer(text=texts.reply("done_hint"))]
        if interview.next_slot(state.facts) is not None:
            return self._go_on(state.model_copy(update={"questions": 0}), parts)
        verdict = interview.conclude(state.facts)
        if before.verdict is not None and _core(before.verdict) == _core(verdict):
            # other figures: the words found for the old ones would tell those
            new = state.model_copy(update={"verdict": verdict, "repeated": False, "words": None})
            return new, [*parts, *self._bought(before, new), Answer(text=texts.reply("no_change"))]
        new, more = self._advise(state)
        return new, [*parts, Notice(text=texts.reply("changed")), *more]

    def _bought(self, before: State, state: State) -> list[Part]:
        """The row of the platform that they just named, when fine-tuning is what they were given."""
        if state.verdict is None or before.facts.get(Slot.PLATFORM) == state.facts.get(Slot.PLATFORM):
            return []
        rows = platforms(state.verdict, state.facts, self._library.corpus, self._today())
        return [
            Answer(
                text=" ".join(
                    [
                        texts.reply(
                            "platform_row",
                            name=row.name,
                            read=read_on(row),
                            open_to=row.open_to,
                            tunable=row.tunable,
                            ends=row.ends,
                        ),
                        texts.reply("platform_portable"),
                    ]
                ),
                citations=row.citations,
                data={"platform": row.model_dump(mode="json")},
            )
            for row in rows
            if row.yours
        ]

    def _undo(self, thread_id: str, state: State) -> tuple[State, list[Part]]:
        if state.undo_to is None:
            return state, [Notice(text=texts.reply("nothing_to_undo")), *self._again(state)]
        turn = self._sessions.turn(thread_id, state.undo_to)
        back = State() if turn is None else State.model_validate_json(turn.state)
        return back, [
            Notice(text=texts.reply("undone"), noted=texts.understood(back.facts)),
            *self._again(back),
        ]

    def _edited(self, number: int, state: State, slot: Slot) -> Outcome:
        new = state.model_copy(
            update={
                "facts": state.facts.forget(slot),
                "asked": slot,
                "repeated": False,
                "undo_to": number - 1,
                "questions": 0,
            }
        )
        return Outcome(new, (self._ask(slot, new),), Reading(intent=Intent.CORRECTION))

    def _amended(self, number: int, state: State, changes: Sequence[Proposal]) -> Outcome:
        facts = state.facts.merge(changes, replace=True)
        new = state.model_copy(update={"facts": facts, "undo_to": number - 1})
        parts: list[Part] = list(_noted(state.facts, facts))
        if state.asked is Asked.DONE:
            new, parts = self._after_advice(state, new, parts)
        else:
            new, parts = self._go_on(new, parts)
        return Outcome(new, tuple(parts), Reading(intent=Intent.CORRECTION, values=tuple(changes)))

    # -- answers on the way ---------------------------------------------------------------------------------------

    def _answer(self, text: str, state: State) -> tuple[State, list[Part]]:
        """A question of theirs, answered; then the open one again. "Should we fine-tune?" is what the interview answers."""
        for_advice = _FOR_ADVICE.search(text) and not asks_what_is_meant(text)
        if state.asked is Asked.OPENING and (state.repeated or for_advice):
            return self._go_on(with_opening(state, text), [])
        if state.asked is Asked.OPENING or (
            isinstance(state.asked, Slot) and "?" not in text and not _of_the_talk(text)
        ):
            state = state.model_copy(update={"repeated": True})  # if it comes again, it was an answer
        return state, [*self._cited(text, state), *self._again(state)]

    def _wishing(self, reading: Reading, text: str, state: State) -> Reading:
        """What is about the talk itself is a question: "Spanish please" tells nothing of the case; nor does, after the advice,
        what no reader here reads."""
        from agent.language import foreign, wished

        about_it = asks_how_sure(text) or asks_what_is_meant(text)
        about_it = about_it or (state.asked is Asked.DONE and topic(text) is not None)
        if about_it and not reading.values and reading.intent is not Intent.WHY:
            return reading.model_copy(update={"intent": Intent.QUESTION, "question": text})
        if reading.intent is not Intent.ANSWER or reading.values or reading.yes is not None:
            return reading
        unread = self._mind is None and state.asked is Asked.DONE and foreign(text)
        return Reading(intent=Intent.QUESTION, question=text) if unread or wished(text) else reading

    def _in_english(self, text: str, reading: Reading, state: State) -> bool:
        """Is it to be said that the answer is in English? Where another language is asked for, or a model reads one."""
        from agent.language import foreign, wished

        if reading.values and reading.intent is Intent.ANSWER and state.asked is not Asked.OPENING:
            return False
        asks = reading.intent in _ASKING - {Intent.ANSWER, Intent.OTHER} or reading.intent is Intent.COMPARE
        if foreign(text):
            return self._mind is not None and (asks or state.asked is Asked.OPENING)
        return asks and wished(text)

    def _cited(self, text: str, state: State) -> list[Part]:
        return [self._told(text, self._plainly(text, state), state)]

    def _plainly(self, text: str, state: State) -> Answer:
        """The answer to a question without a model: about what was said last, about the advice, or from the sources."""
        from agent.language import besides, foreign, wished

        if asks_how_sure(text):
            return how_sure(self._advice(state))
        if wished(text):
            asked = besides(text)
            return self._plainly(asked, state) if asked else self._once_more(state)
        if asks_what_is_meant(text):
            return self._once_more(state)
        about, advice = topic(text), self._advice(state)
        if (
            about is not None
            and advice is not None
            and state.asked is Asked.DONE
            and (told := retold(about, advice))
        ):
            return told
        if self._mind is None and foreign(text):
            return Answer(text=texts.reply("foreign"))
        return from_sources(text, self._library.search)

    def _once_more(self, state: State) -> Answer:
        """What was said last: the open question, or the advice."""
        advice = self._advice(state)
        if state.asked is Asked.DONE and advice is not None:
            return in_short(advice)
        return explained(state.asked)

    def _advice(self, state: State) -> Recommendation | None:
        return None if state.verdict is None else self._write(state.verdict, state.facts)

    def _why(self, text: str, state: State) -> list[Part]:
        if asks_how_sure(text):
            return [*self._cited(text, state), *self._again(state)]
        if state.asked is Asked.DONE and state.verdict is not None:
            return [self._told(text, why_verdict(text, self._write(state.verdict, state.facts)), state)]
        if names_a_rung(text):  # "why not fine-tuning?" before there is a verdict: what the sources say
            return [*self._cited(text, state), *self._again(state)]
        return [why_asked(state.asked, state.facts), *self._again(state)]

    def _what_if(self, reading: Reading, state: State) -> list[Part]:
        """The verdict now and under the supposition, both on what is known and the cautious rest."""
        from agent.exploration import on_supposition, supposed

        changes = supposed(reading.question, reading.supposed, state.facts, self._reader())
        if not changes:
            answer = from_sources(reading.question, self._library.search)
            lead = [answer] if answer.citations else []
            return [*lead, Answer(text=texts.reply("what_if_how")), *self._again(state)]
        answer = on_supposition(changes, state.facts, self._library.corpus)
        return [self._told(reading.question, answer, state), *self._again(state)]

    def _beside(self, reading: Reading, state: State) -> list[Part]:
        """Another case that the message describes, decided on its own facts and set beside this one."""
        from agent.exploration import on_another

        other = Facts().merge(reading.supposed)
        answer = on_another(state.facts, other, texts.reply("other_case"), self._library.corpus)
        return [self._told(reading.question, answer, state), *self._again(state)]

    def _asked_for(self, text: str, reading: Reading, state: State) -> Rung | None:
        """The rung that the way is asked to, once something of the case is known."""
        if (
            state.asked is Asked.OPENING
            or reading.intent not in _ASKING
            or reading.values
            or reading.supposed
        ):
            return None
        from agent.goal import wanted_rung

        return wanted_rung(text)

    def _small_talk(self, text: str, state: State) -> tuple[State, list[Part]]:
        from agent.language import wished

        kind = kind_of(text)
        if (kind == "foreign" and self._mind is not None) or wished(text):
            kind = "english_only"
        if kind == "ok" and state.asked is not Asked.DONE:
            kind = "off_topic"
        parts: list[Part] = [Answer(text=texts.reply("done_hint" if kind == "ok" else kind))]
        if state.asked is Asked.OPENING and state.repeated:
            return self._go_on(state, parts)
        if state.asked is not Asked.DONE:
            state = state.model_copy(
                update={"repeated": True}
            )  # the next one that says nothing counts as an answer
        return state, [*parts, *self._again(state)]

    def _again(self, state: State) -> list[Part]:
        """The open question once more, so that nobody loses the thread."""
        if state.asked is Asked.DONE:
            return []
        return [self._ask(state.asked, state)]

    def _ask(self, asked: Slot | Asked, state: State) -> Question:
        if asked is Asked.OPENING:
            return opening_question()
        if asked is Asked.CONFIRM:
            return asked_as(asked).model_copy(update={"understood": texts.understood(state.facts)})
        at_most = max(0, interview.longest(state.facts) - 1)
        return asked_as(asked).model_copy(update={"at_most": at_most})

    def _write(self, verdict: Verdict, facts: Facts) -> Recommendation:
        return write(verdict, facts, self._library.corpus, self._library.search, self._today())

    def _written(self, verdict: Verdict, state: State) -> Recommendation:
        """The advice as it was given: with the words that were found for it then."""
        return self._with_words(self._write(verdict, state.facts), state)

    def _words(self, advice: Recommendation, state: State) -> Worded | None:
        """The language model's words for an advice, where there is a model."""
        if self._mind is None:
            return None
        from agent.writing.llm import worded

        return worded(advice, state.facts)

    def _with_words(self, advice: Recommendation, state: State) -> Recommendation:
        if state.words is None:
            return advice
        from agent.writing.llm import cited_anew, reworded

        made = reworded(advice, cited_anew(state.words, self._library.corpus))
        check(made, self._library.corpus)
        return made

    def _told(self, question: str, answer: Answer, state: State) -> Answer:
        """An answer on the way, said for this person where there is a model to say it."""
        if self._mind is None:
            return answer
        from agent.writing.llm import Ground, answered

        ground = Ground(answer, state.asked, self._advice(state), self._library.search)
        told = answered(question, ground, state.facts)
        return _above(told, answer) if told.worded and answer.data is not None else told

    def _lock(self, thread_id: str) -> threading.Lock:
        with self._locks_lock:
            return self._locks.setdefault(thread_id, threading.Lock())


def opening_question() -> Question:
    return asked_as(Asked.OPENING)


def asked_as(asked: Slot | Asked) -> Question:
    """A question as `prompts/questions.yaml` words it, with its choices."""
    text = texts.question(asked.value)
    return Question(
        slot=asked.value,
        text=text.text,
        hint=text.hint,
        why=text.why,
        several=text.several,
        choices=tuple(Offered(value=_value_name(c.value), label=c.label) for c in text.choices),
    )


def _above(told: Answer, plain: Answer) -> Answer:
    """A model's words with the verdicts below them, for a place that shows the text alone."""
    return told.model_copy(update={"words": told.text, "text": f"{told.text}\n\n{plain.text}"})


def _insists(text: str, state: State) -> bool:
    """What sounds like a question, has no question mark and comes after one that was not read, is an answer."""
    return state.repeated and isinstance(state.asked, Slot) and "?" not in text and not _of_the_talk(text)


def _of_the_talk(text: str) -> bool:
    """Is it about the talk itself ("how sure are you", "in Spanish please")? However often it is said, it answers nothing."""
    from agent.language import wished

    return asks_how_sure(text) or asks_what_is_meant(text) or wished(text)


def _before(state: State) -> Slot | None:
    """The slot that the person answered last, once another question follows."""
    return state.asked if isinstance(state.asked, Slot) else state.last


def _asks_platform(state: State) -> bool:
    """After fine-tuning was advised: where could they buy it? It changes nothing in the advice itself."""
    advised = state.asked is Asked.DONE and state.verdict is not None and state.verdict.rung == 4
    return advised and Slot.PLATFORM not in state.facts.known


def with_opening(state: State, text: str) -> State:
    return state.model_copy(update={"facts": with_task(state.facts, text)})


def with_task(facts: Facts, text: str) -> Facts:
    """The opening's first sentence is what it is for; used to search for passages that fit."""
    if Slot.TASK in facts.known or len(text.split()) < 4:
        return facts
    sentence = re.split(r"(?<=[.!?])\s|\n", text, maxsplit=1)[0][:240]
    return facts.merge([Proposal(slot=Slot.TASK, value=sentence, quote=sentence)])


def clean(raw: str) -> tuple[str, bool]:
    """The message without control characters, escape sequences and invisible marks, and whether it was cut."""
    raw = raw.encode("utf-8", errors="replace").decode()  # a command line may hold bytes that are no text
    text = unicodedata.normalize(
        "NFC", _CONTROL.sub("", raw.replace("\r\n", "\n").replace("\r", "\n"))
    ).strip()
    return text[:LONGEST], len(text) > LONGEST


def _noted(before: Facts, after: Facts) -> list[Notice]:
    """What this message added or changed, shown at once so that a wrong reading is seen."""
    new = [u for u in texts.understood(after) if _differs(before.known.get(u.slot), after.known.get(u.slot))]
    return (
        [
            Notice(
                text="Noted: " + "; ".join(f"{u.label.lower()}: {u.text}" for u in new) + ".",
                noted=tuple(new),
            )
        ]
        if new
        else []
    )


def _differs(old: Known | None, new: Known | None) -> bool:
    return new is not None and (old is None or old.value != new.value)


def _core(verdict: Verdict) -> tuple[Rung, str, str, tuple[Slot, ...], tuple[str, ...]]:
    """What makes one advice another."""
    return verdict.rung, verdict.stance, verdict.line, verdict.blockers, verdict.mistakes


def _value_name(value: object) -> str:
    if isinstance(value, list):
        low, high = value
        return f"{low}+" if high is None else f"{low}-{high}"
    return str(value)
