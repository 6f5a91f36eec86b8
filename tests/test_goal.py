"""Which messages ask the way to a rung: labelled by hand, half of them near misses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.goal import rung_named, wanted_rung

ASK_THE_WAY = [
    ("What would it take to get to 4?", 4),
    ("what would it take to get to rung 4", 4),
    ("what would it take for us to get to fine-tuning?", 4),
    ("What does it take to reach rung 3?", 3),
    ("what would it take to fine-tune?", 4),
    ("How do we get to fine-tuning?", 4),
    ("how do we get to rung 3?", 3),
    ("How could we get up to level 4 from here?", 4),
    ("how can i reach rung four?", 4),
    ("ok, and how would we get to RAG?", 3),
    ("When would fine-tuning make sense for us?", 4),
    ("when would fine tuning make sense?", 4),
    ("When does fine-tuning make sense for us?", 4),
    ("At what point would retrieval be worth it?", 3),
    ("under what conditions would you recommend fine-tuning?", 4),
    ("when would you advise few-shot?", 2),
    ("When could we fine-tune?", 4),
    ("What's missing for rung 4?", 4),
    ("what is still needed to get to fine-tuning?", 4),
    ("what are we missing for fine-tuning?", 4),
    ("What stands between us and RAG?", 3),
    ("What do we need for fine-tuning?", 4),
    ("what do we still need to get to 4?", 4),
    ("what must we change to get to few-shot prompting?", 2),
    ("What would have to change for rung 4?", 4),
    ("what would have to be true for fine-tuning?", 4),
    ("What would make you recommend fine-tuning?", 4),
    ("what would unlock rung 4?", 4),
    ("what would justify fine-tuning?", 4),
    ("how far are we from fine-tuning?", 4),
    ("How close are we to rung 4?", 4),
    ("could we ever get to 4?", 4),
    ("Will we ever fine-tune?", 4),
    ("which gates are still closed for rung 4?", 4),
    ("what are the conditions for fine-tuning?", 4),
    ("what is the shortest way to rung 4?", 4),
    ("Is there any way to get to the top rung?", 4),
    ("so what would it take to move up to step 3?", 3),
]

NEAR_MISSES = [
    "What would it take to label 100 examples?",
    "what would it take to get to 4,000 calls a day?",
    "what would it take to get to 4 examples?",
    "How do we get to 95%?",
    "How do we get 4 good examples?",
    "how do we fine-tune?",
    "How does fine-tuning work?",
    "how much does fine-tuning cost?",
    "How long does fine-tuning take?",
    "what is fine-tuning?",
    "why not fine-tuning?",
    "Why is it rung 2 and not rung 4?",
    "When did OpenAI stop fine-tuning?",
    "when does fine-tuning make sense?",
    "when would retrieval fail?",
    "what do we need retrieval for?",
    "what data do we need?",
    "What does rung 4 mean?",
    "what is the difference between RAG and fine-tuning?",
    "what if we had 2,000 labelled examples?",
    "what if we fine-tuned anyway?",
    "what would change with 20,000 calls a day?",
    "how do we get to the next question?",
    "How do we get started?",
    "how do we get the prompt to 4 pages?",
    "how far can few-shot take us?",
    "What would it take to get to 4 days of work?",
    "what's missing in the prompt?",
    "What would make fine-tuning go wrong?",
    "can fine-tuning add knowledge?",
    "could we fine-tune Llama?",
    "should we fine-tune?",
    "we want to get to 4 mails a minute",
    "What do I need to pay for fine-tuning data?",
    "what would unlock better prices?",
    "is there a way to undo that?",
    "What is the best way to write a prompt?",
    "how do I get to the sources?",
    "yes",
    "it is 400 calls a day",
]


@pytest.mark.parametrize(("said", "rung"), ASK_THE_WAY)
def test_a_question_for_the_way_names_its_rung(said: str, rung: int) -> None:
    assert wanted_rung(said) == rung


@pytest.mark.parametrize("said", NEAR_MISSES)
def test_a_near_miss_asks_no_way(said: str) -> None:
    assert wanted_rung(said) is None


@pytest.mark.parametrize(
    ("said", "rung"),
    [("4", 4), ("rung 3", 3), ("fine-tuning", 4), ("RAG", 3), ("few-shot", 2), ("structured prompt", 1), ("top rung", 4)],
)  # fmt: skip
def test_a_rung_can_be_named_alone(said: str, rung: int) -> None:
    assert rung_named(said) == rung


@pytest.mark.parametrize("said", ["", "5", "0", "four calls", "rung 4,000", "4 examples"])
def test_what_is_no_rung_names_none(said: str) -> None:
    assert rung_named(said) is None


@given(st.text(max_size=200))
def test_any_text_is_taken(said: str) -> None:
    assert wanted_rung(said) in (None, 1, 2, 3, 4)
