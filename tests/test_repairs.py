"""How people mend what they said: within a message, and of the answer before."""

from __future__ import annotations

import pytest

from agent.advisor import Advisor
from agent.choices import quoted_choice
from agent.conversation import Reply
from agent.facts import Slot
from agent.reading.repairs import goes_back, repaired, sentences


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("it's forty, no wait, sixty", "sixty"),
        ("hundreds of manuals. sorry, I mixed that up: only the ticket text", "only the ticket text"),
        ("a long one. oh no, that was last year. one line", "one line"),
        ("hm, prices, they change. actually no, nothing is needed", "nothing is needed"),
        ("no, I meant per month", "no, I meant per month"),
        ("no, actually we have none", "no, actually we have none"),
        ("actually no", "actually no"),
        ("I mean, it works", "I mean, it works"),
        ("the manual says what is meant", "the manual says what is meant"),
    ],
)
def test_what_is_left_after_a_repair(said: str, left: str) -> None:
    assert repaired(said) == left


def test_going_back_is_announced() -> None:
    assert goes_back("hang on. about 4,000 PDFs. nothing yet") == ["about 4,000 PDFs.", "nothing yet"]
    assert goes_back("no, it's fine") == []
    assert sentences("One. Two!\nThree") == ["One.", "Two!", "Three"]


def test_a_choice_is_found_among_other_words() -> None:
    found = quoted_choice("Ugh. A lot, more than fits in a prompt. Happy now?", Slot.KNOWLEDGE)
    assert found is not None and found.value == "large"
    assert quoted_choice("nothing yet, we sell boats", Slot.RETRIEVAL) is None
    both = quoted_choice("Tone or wording, and it varies from run to run", Slot.SHORTFALL)
    assert both is not None and both.value == frozenset({"style", "consistency"})


def say(advisor: Advisor, *messages: str) -> Reply:
    for message in messages:
        reply = advisor.reply("t", message)
    return reply


def test_the_answer_before_is_set_right_and_the_open_question_answered_in_one_message(
    advisor: Advisor,
) -> None:
    say(advisor, "a bot that answers letters", "thousands of documents")
    reply = say(advisor, "hang on. no, just the letter itself. nothing yet")
    facts = advisor.facts("t")
    assert facts.get(Slot.KNOWLEDGE) == "none"
    assert reply.question is not None and reply.question.slot == "prompting"


def test_an_apology_for_something_else_sets_nothing_right(advisor: Advisor) -> None:
    say(
        advisor,
        "We've RAG on the operating procedures, finds the right ones",
        "structured, with sections and rules",
    )
    reply = say(
        advisor, "Sorry, I'm typing this on the train and the wifi keeps dropping. nothing. they love it."
    )
    facts = advisor.facts("t")
    assert (facts.get(Slot.PROMPTING), facts.get(Slot.SHORTFALL)) == ("structured", frozenset())
    assert reply.question is not None and reply.question.slot == "confirm"


def test_an_answer_is_found_among_talk_about_other_things(advisor: Advisor) -> None:
    say(advisor, "a bot that answers letters")
    say(
        advisor,
        "The coffee machine broke on Monday. No, just the letter itself. My daughter would say it better.",
    )
    assert advisor.facts("t").get(Slot.KNOWLEDGE) == "none"


def test_abuse_answers_nothing_and_is_met_kindly(advisor: Advisor) -> None:
    say(advisor, "we have 4,000 policy PDFs that people ask about")
    reply = say(advisor, "this is useless")
    assert Slot.RETRIEVAL not in advisor.facts("t").known
    assert reply.question is not None and reply.question.slot == "retrieval"


def test_the_same_words_again_are_taken_for_an_answer(advisor: Advisor) -> None:
    """Nobody is held in a circle: what sounds like a question and comes again word for word is taken as "don't know"."""
    say(advisor, "a bot that answers letters")
    slots = set()
    for _ in range(4):
        reply = say(advisor, "what would that even be for?")
        slots.add(reply.question.slot if reply.question else "")
    assert len(slots) > 1


def test_several_faults_in_one_answer(advisor: Advisor) -> None:
    say(advisor, "a bot that answers letters", "no", "a careful one with rules, no examples")
    say(advisor, "too slow and the format")
    assert advisor.facts("t").get(Slot.SHORTFALL) == frozenset({"cost_latency", "format"})


def test_no_training_is_advised_on_a_guess(advisor: Advisor) -> None:
    from agent.rubric import opens_gate

    assert opens_gate(Slot.STABILITY, "stable") and opens_gate(Slot.SUCCESS, "measured")
    assert not opens_gate(Slot.STABILITY, "evolving") and not opens_gate(Slot.KNOWLEDGE, "large")
