"""Facts: merging, declining, correcting; the values slots take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import BadValue
from agent.facts import ANY_OF, ONE_OF, RUBRIC_SLOTS, Amount, Facts, Proposal, Slot, Value, parse

amounts = st.tuples(st.floats(0, 1e9), st.one_of(st.none(), st.floats(0, 1e9))).map(
    lambda pair: Amount(
        low=min(pair[0], pair[1] if pair[1] is not None else pair[0]),
        high=None if pair[1] is None else max(pair),
    )
)


def values(slot: Slot) -> st.SearchStrategy[Value]:
    if slot in ONE_OF:
        return st.sampled_from(ONE_OF[slot])
    if slot in ANY_OF:
        return st.frozensets(st.sampled_from(ANY_OF[slot]))
    return amounts


proposals = st.sampled_from(RUBRIC_SLOTS).flatmap(
    lambda slot: st.builds(
        Proposal, slot=st.just(slot), value=values(slot), quote=st.text(min_size=1, max_size=20)
    )
)


@given(st.lists(proposals, max_size=12))
def test_facts_survive_json(said: list[Proposal]) -> None:
    facts = Facts().merge(said).decline(Slot.VOLUME)
    assert Facts.model_validate_json(facts.model_dump_json()) == facts


@given(st.lists(proposals, max_size=8), proposals)
def test_the_later_word_wins(before: list[Proposal], last: Proposal) -> None:
    value = Facts().merge(before).merge([last], replace=True).get(last.slot)
    assert value == last.value


@given(st.lists(proposals, max_size=8), proposals)
def test_merging_twice_is_merging_once(before: list[Proposal], last: Proposal) -> None:
    once = Facts().merge(before).merge([last])
    assert once.merge([last]).known.keys() == once.known.keys()
    assert once.merge([last]).get(last.slot) == once.get(last.slot)


def test_what_falls_short_grows_until_nothing_does() -> None:
    facts = Facts.of(shortfall=["style"]).merge(
        [Proposal(slot=Slot.SHORTFALL, value=frozenset({"format"}), quote="broken json")]
    )
    assert facts.chosen(Slot.SHORTFALL) == {"style", "format"}
    facts = facts.merge([Proposal(slot=Slot.SHORTFALL, value=frozenset(), quote="all fine now")])
    assert facts.get(Slot.SHORTFALL) == frozenset()


def test_a_correction_replaces_what_falls_short() -> None:
    facts = Facts.of(shortfall=["style"]).merge(
        [Proposal(slot=Slot.SHORTFALL, value=frozenset({"format"}), quote="no, the shape")], replace=True
    )
    assert facts.chosen(Slot.SHORTFALL) == {"format"}


def test_an_answer_takes_a_declined_slot_back() -> None:
    facts = (
        Facts().decline(Slot.VOLUME).merge([Proposal(slot=Slot.VOLUME, value=Amount.exactly(50), quote="50")])
    )
    assert Slot.VOLUME not in facts.declined
    assert facts.get(Slot.VOLUME) == Amount.exactly(50)


@pytest.mark.parametrize(
    ("slot", "raw"),
    [
        (Slot.KNOWLEDGE, "huge"),
        (Slot.SHORTFALL, "format,beauty"),
        (Slot.VOLUME, "lots"),
        (Slot.VOLUME, -3),
        (Slot.VOLUME, "nan"),
        (Slot.VOLUME, [5, 2]),
        (Slot.DEADLINE, "soon"),
        (Slot.DEADLINE, "inf"),
    ],
)
def test_a_value_a_slot_does_not_take_is_refused_with_what_it_takes(slot: Slot, raw: object) -> None:
    with pytest.raises(BadValue, match=slot.value):
        parse(slot, raw)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [(12000, "12,000"), (0.14, "0.14"), ([200, 500], "200 to 500"), ([1000, None], "1,000 or more")],
)
def test_amounts_read_as_people_write_them(raw: object, shown: str) -> None:
    assert str(parse(Slot.VOLUME, raw)) == shown
