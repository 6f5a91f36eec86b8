"""Verdicts side by side in words: a what-if, the way to a rung, two use cases. Every reason is a reviewed claim with its
passages; what stands between them is names of slots and their values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from agent.comparison import Comparison
from agent.contrast import Assumed, Compared, Differing, Exchange, Gate, Moved, Reached, Side, WhatIf
from agent.conversation import Answer
from agent.facts import Amount, Facts, Slot, Value
from agent.interview import label
from agent.reach import IN_THEIR_HANDS, OTHERS, Way
from agent.reach import Gate as Hinge
from agent.recommendation import Sentence, Step
from agent.render import STANCE, STANDING
from agent.rubric import (
    BEHAVIOUR,
    DECLINED_AS,
    ENOUGH_EXAMPLES,
    HIGH_VOLUME,
    NAMES,
    SHORT_DEADLINE,
    Finding,
    Rung,
    Verdict,
)
from agent.supposition import Case, Supposition
from agent.writing import texts
from agent.writing.plain import Claims, assuming
from knowledge.corpus import Corpus

#: The condition of a gate of rung 4 is a claim of its own.
_BLOCKERS: Final = frozenset({Slot.STABILITY, Slot.SUCCESS, Slot.EXAMPLES, Slot.VOLUME, Slot.DEADLINE})
NOT_KNOWN: Final = "not known"


# -- what if ----------------------------------------------------------------------------------------------------------


def what_if(supposition: Supposition, corpus: Corpus) -> WhatIf:
    """A supposition told, with its citations.

    Raises:
        UnknownPassage: a claim cites what the corpus does not hold.
    """
    now, then = supposition.now, supposition.then
    unread = supposition.unread
    changes = tuple(
        Differing(
            slot=c.slot,
            label=texts.slot_name(c.slot),
            before=c.before,
            after=c.after,
            before_text=_today(now, c.slot),
            after_text=_plain(c.slot, c.after),
            note="already so" if c.before == c.after else "plays no part" if c.slot in unread else "",
        )
        for c in supposition.changes
    )
    claims = Claims(corpus, then.facts)
    return WhatIf(
        supposed={c.slot.value: _plain(c.slot, c.after) for c in supposition.changes},
        now=now.verdict.rung,
        then=then.verdict.rung,
        stance=then.verdict.stance,
        same=supposition.same,
        changes=changes,
        before=side("now", now, corpus),
        after=side("then", then, corpus),
        moved=tuple(
            _moved(m.rung, m.before, m.after, now.verdict, then.verdict, claims) for m in supposition.moved
        ),
        gates_opened=tuple(map(texts.slot_name, supposition.opened)),
        gates_closed=tuple(map(texts.slot_name, supposition.closed)),
        mistakes_come=claims.all(f"mistake.{m}" for m in supposition.come),
        mistakes_gone=Claims(corpus, now.facts).all(f"mistake.{m}" for m in supposition.gone),
    )


def what_if_in_words(told: WhatIf) -> str:
    """The what-if as a few sentences, what was supposed first: "With 50,000 calls a day: it would not change …"."""
    words = what_comes_of_it(told)
    return texts.reply("what_if_with", supposed=_supposed(told), told=f"{words[:1].lower()}{words[1:]}")


def _supposed(told: WhatIf) -> str:
    """ "50,000 calls a day and the task taken as “one settled task”"."""
    own = texts.load("replies")["supposed"]
    return _and(
        own[c.slot.value].format(value=c.after_text)
        if c.slot.value in own
        else texts.reply("supposed_as", slot=c.label.lower(), value=c.after_text)
        for c in told.changes
    )


def what_comes_of_it(told: WhatIf) -> str:
    """The what-if as a few sentences, for a place that shows what was supposed beside them."""
    names = {"now": told.now, "now_name": NAMES[told.now], "then": told.then, "then_name": NAMES[told.then]}
    if told.now != told.then:
        lines = [texts.reply("what_if_changed", **names)]
    elif told.same:
        lines = [texts.reply("what_if_same", rung=told.now, name=NAMES[told.now])]
    else:
        lines = [texts.reply("what_if_stays", rung=told.now, name=NAMES[told.now])]
    lines += [s.text for s in told.after.why]
    already = [c.label for c in told.changes if c.note == "already so"]
    unread = [c.label for c in told.changes if c.note == "plays no part"]
    rows = (
        ("what_if_already", already),
        ("what_if_unread", unread),
        ("what_if_opened", told.gates_opened),
        ("what_if_closed", told.gates_closed),
    )
    lines += [texts.reply(key, slots=_listed(slots)) for key, slots in rows if slots]
    lines += [s.text for s in told.mistakes_come]
    if told.after.assumed:
        lines.append(texts.reply("what_if_assumed", assumed=assumed_in_words(told.after.assumed)))
    return " ".join(lines)


def what_if_answer(told: WhatIf) -> Answer:
    return Answer(text=what_if_in_words(told), citations=told.citations(), data=told.model_dump(mode="json"))


# -- the way to a rung ------------------------------------------------------------------------------------------------


def reached(rung: Rung, ways: Sequence[Way], facts: Facts, corpus: Corpus) -> Reached:
    """The shortest way to a rung told as gates, open and closed, each with its claim's passages.

    Raises:
        UnknownPassage: a claim cites what the corpus does not hold.
    """
    case = Case.of(facts)
    claims = Claims(corpus, case.facts)
    way = ways[0] if ways else None
    there = case.verdict.rung == rung
    reason = case.verdict.findings[rung - 1].reason
    return Reached(
        rung=rung,
        name=NAMES[rung],
        now=case.verdict.rung,
        possible=way is not None,
        changes=len(way.changes) if way else 0,
        gates=tuple(_gate(g, rung, claims) for g in way.gates) if way and not there else (),
        others=tuple(_changes_in_words(w) for w in ways[1 : 1 + OTHERS]) if not there else (),
        standing=claims[f"finding.{reason}"][0],
    )


def reached_in_words(told: Reached) -> str:
    """The way as lines: what is open, what is closed and what would open it."""
    names = {"rung": told.rung, "name": told.name, "now": told.now, "now_name": NAMES[told.now]}
    if told.now == told.rung:
        return f"{texts.reply('reach_there', **names)} {told.standing.text}"
    if not told.possible:
        return f"{texts.reply('reach_never', **names)} {told.standing.text}"
    lead = texts.reply("reach_one" if told.changes == 1 else "reach_many", count=told.changes, **names)
    lines = [lead]
    for gate in told.gates:
        lines.append(f"- {'open' if gate.open else 'CLOSED'}: {gate_in_words(gate)}")
    if told.others:
        lines.append("Another way, just as short: " + "; or ".join(told.others) + ".")
    if any(not g.open and not g.known for g in told.gates):
        lines.append(texts.reply("reach_tell"))
    return "\n".join(lines)


def gate_in_words(gate: Gate) -> str:
    """ "The task: still changing. Fine-tuning becomes an option once …"."""
    key = "reach_open" if gate.known else "reach_unknown"
    today = texts.reply(key, label=gate.label, today=gate.today_text)
    return today if gate.open else f"{today} {gate.why.text}"


def reached_answer(told: Reached) -> Answer:
    return Answer(text=reached_in_words(told), citations=told.citations(), data=told.model_dump(mode="json"))


def _gate(hinge: Hinge, rung: Rung, claims: Claims) -> Gate:
    today, needs = hinge.today, hinge.needs
    return Gate(
        slot=hinge.slot,
        label=texts.slot_name(hinge.slot),
        open=hinge.is_open,
        known=hinge.known,
        today_text=_plain(hinge.slot, today),
        needs_text="" if needs is None else _needed(hinge.slot, needs),
        in_their_hands=hinge.slot in IN_THEIR_HANDS,
        why=_condition(hinge, rung, claims),
    )


def _condition(hinge: Hinge, rung: Rung, claims: Claims) -> Sentence:
    """What would open a closed gate, or what an open one stands for; the passages are the claim's."""
    slot, value = hinge.slot, hinge.today if hinge.needs is None else hinge.needs
    if slot is Slot.DEADLINE:
        return claims["blocker.deadline"][0]
    claim = claims[f"flip.{slot.value}.{_representative(slot, value)}"][0]
    if hinge.is_open:
        today = texts.reply("reach_open", label=texts.slot_name(slot), today=_plain(slot, value))
        return Sentence(text=today, citations=claim.citations)
    if rung == 4 and (slot in _BLOCKERS or _wider(hinge)):
        return claims[f"blocker.{slot.value}"][0]
    return Sentence(text=texts.reply("reach_if", condition=claim.text), citations=claim.citations)


def _wider(hinge: Hinge) -> bool:
    """Facts alone fall short today, and behaviour has to as well."""
    return hinge.known and isinstance(hinge.today, frozenset) and bool(hinge.today)


def _representative(slot: Slot, value: Value | None) -> str:
    """The name of the value that stands for this one among the claims."""
    if isinstance(value, Amount):
        line, names = (
            (HIGH_VOLUME, ("50", "1,000")) if slot is Slot.VOLUME else (ENOUGH_EXAMPLES, ("0", "100"))
        )
        return names[value.low >= line]
    if isinstance(value, frozenset):
        if "format" in value:
            return "format"
        return "consistency" if value & BEHAVIOUR else label(slot, value) if len(value) < 2 else "knowledge"
    return str(value)


def _needed(slot: Slot, value: Value | None) -> str:
    """The value that a gate needs: amounts from there up, a deadline that leaves time."""
    if isinstance(value, Amount):
        return f"{value} or more"
    return f"more than {SHORT_DEADLINE} days away" if slot is Slot.DEADLINE else _plain(slot, value)


def _changes_in_words(way: Way) -> str:
    return ", ".join(
        texts.reply("reach_or", label=texts.slot_name(c.slot).lower(), needs=_needed(c.slot, c.after))
        for c in way.changes
    )


# -- two use cases ----------------------------------------------------------------------------------------------------


def compared(comparison: Comparison, corpus: Corpus, a_name: str = "A", b_name: str = "B") -> Compared:
    """A comparison told, with its citations.

    Raises:
        UnknownPassage: a claim cites what the corpus does not hold.
    """
    a, b = comparison.a, comparison.b
    claims = Claims(corpus, b.facts)
    pairs = zip(a.verdict.findings, b.verdict.findings, strict=True)
    return Compared(
        a=side(a_name, a, corpus),
        b=side(b_name, b, corpus),
        differ=tuple(
            Differing(
                slot=slot,
                label=texts.slot_name(slot),
                before=a.facts.get(slot),
                after=b.facts.get(slot),
                before_text=_today(a, slot),
                after_text=_today(b, slot),
                note=_decisive(slot, comparison),
            )
            for slot in comparison.differ
        ),
        moved=tuple(
            _moved(one.rung, one, two, a.verdict, b.verdict, claims)
            for one, two in pairs
            if (one.status, one.reason) != (two.status, two.reason)
        ),
        makes_a_like_b=_exchanges(comparison.makes_a_like_b, a_name, b_name, b.verdict.rung),
        makes_b_like_a=_exchanges(comparison.makes_b_like_a, b_name, a_name, a.verdict.rung),
    )


def compared_in_words(told: Compared) -> str:
    """The two verdicts, and what makes them differ."""
    a, b = told.a, told.b
    if a.rung == b.rung:
        lines = [texts.reply("compare_same", rung=a.rung, name=a.name)]
    else:
        lines = [
            texts.reply(
                "compare_differ",
                a=a.title[:1].upper() + a.title[1:] if " " in a.title else a.title,
                b=b.title,
                a_rung=a.rung,
                b_rung=b.rung,
                a_name=a.name,
                b_name=b.name,
            )
        ]
    lines += [f"- {d.label}: {d.before_text} ({a.title}) | {d.after_text} ({b.title})" for d in told.differ]
    if not told.differ:
        lines.append(texts.reply("compare_alike"))
    if a.rung != b.rung:
        lines += decisive_in_words(told)
    return "\n".join(lines)


def decisive_in_words(told: Compared) -> list[str]:
    """Which differences make the verdicts differ, a line each."""
    every = (*told.makes_a_like_b, *told.makes_b_like_a)
    alone = [] if any(len(e.slots) == 1 for e in every) else [texts.reply("compare_no_turn")]
    return [*alone, *(e.text for e in every)]


def compared_answer(told: Compared) -> Answer:
    return Answer(text=compared_in_words(told), citations=told.citations(), data=told.model_dump(mode="json"))


def _exchanges(sets: Iterable[tuple[Slot, ...]], one: str, other: str, rung: Rung) -> tuple[Exchange, ...]:
    return tuple(
        Exchange(
            slots=slots,
            text=texts.reply(
                "compare_turns", slots=_listed(map(texts.slot_name, slots)), other=other, one=one, rung=rung
            ),
        )
        for slots in sets
    )


def _decisive(slot: Slot, comparison: Comparison) -> str:
    """Does this difference alone make one verdict the other's?"""
    alone = {*comparison.makes_a_like_b, *comparison.makes_b_like_a}
    return "decides it alone" if (slot,) in alone else ""


# -- shared -----------------------------------------------------------------------------------------------------------


def side(title: str, case: Case, corpus: Corpus) -> Side:
    """One verdict with what explains it.

    Raises:
        UnknownPassage: a claim cites what the corpus does not hold.
    """
    verdict, claims = case.verdict, Claims(corpus, case.facts)
    return Side(
        title=title,
        rung=verdict.rung,
        name=NAMES[verdict.rung],
        stance=verdict.stance,
        provisional=verdict.provisional,
        headline=claims[assuming(f"headline.{verdict.rung}.{verdict.stance}", verdict)][0],
        why=claims[assuming(f"line.{verdict.line}", verdict)],
        ladder=tuple(
            Step(rung=f.rung, name=NAMES[f.rung], status=f.status, why=claims[f"finding.{f.reason}"][0])
            for f in verdict.findings
        ),
        mistakes=claims.all(f"mistake.{m}" for m in verdict.mistakes),
        blockers=claims.all(f"blocker.{slot.value}" for slot in verdict.blockers),
        assumed=tuple(
            Assumed(slot=slot, label=texts.slot_name(slot), text=_plain(slot, DECLINED_AS[slot]))
            for slot in verdict.assumptions
        ),
    )


def assumed_in_words(rows: Iterable[Assumed]) -> str:
    """ "the task: still changing; good examples: 0"."""
    return "; ".join(f"{row.label.lower()}: {row.text}" for row in rows)


def _moved(rung: Rung, before: Finding, after: Finding, now: Verdict, then: Verdict, claims: Claims) -> Moved:
    return Moved(
        rung=rung,
        name=NAMES[rung],
        before=_standing(before, now),
        after=_standing(after, then),
        why=claims[f"finding.{after.reason}"][0],
    )


def _standing(finding: Finding, verdict: Verdict) -> str:
    return STANCE[verdict.stance] if finding.rung == verdict.rung else STANDING[finding.status][0]


def _today(case: Case, slot: Slot) -> str:
    """A slot's value in plain words; what is not known says what it is taken at where that counts."""
    value = case.facts.get(slot)
    if value is not None:
        return _plain(slot, value)
    if slot in case.verdict.assumptions:
        return f"{NOT_KNOWN}, taken as {_plain(slot, DECLINED_AS[slot])}"
    return NOT_KNOWN


def _plain(slot: Slot, value: Value | None) -> str:
    if value is None:
        return NOT_KNOWN
    return texts.plain(slot, value)


def _listed(names: Iterable[str]) -> str:
    """ "calls a day and good examples"."""
    return _and(name.lower() for name in names)


def _and(parts: Iterable[str]) -> str:
    told = list(parts)
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
