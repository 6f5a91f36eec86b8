"""After the advice people ask about the advice: each such question gets that part of it, with its citations, without a model."""

from __future__ import annotations

import pytest

from agent.advisor import Advisor
from agent.conversation import Answer
from agent.recommendation import Recommendation
from agent.slack.cards import here
from agent.writing import texts
from agent.writing.retelling import Topic, topic

CASE = (
    "Few-shot with 5 examples, 12 categories settled, 40,000 a day, 3,000 labelled, measured 86%, need 95%",
    "1",
    "yes",
)


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("explain it to my boss", Topic.SHORT),
        ("Can you say that in one sentence?", Topic.SHORT),
        ("tl;dr", Topic.SHORT),
        ("ok, give me the short version please", Topic.SHORT),
        ("What do I tell my CTO?", Topic.SHORT),
        ("ok so what do I do first?", Topic.NEXT),
        ("where do we start?", Topic.NEXT),
        ("what's next", Topic.NEXT),
        ("How do I do that?", Topic.NEXT),
        ("where does that come from? who says so?", Topic.SOURCES),
        ("what are your sources?", Topic.SOURCES),
        ("can I see the evidence?", Topic.SOURCES),
        ("what did you assume?", Topic.ASSUMED),
        ("what do you know about my case?", Topic.KNOWN),
        ("what would change your mind?", Topic.CHANGES),
        ("are you really sure about that?", Topic.SURE),
        ("can we trust this?", Topic.SURE),
        ("I don't agree", Topic.WRONG),
        ("that's wrong", Topic.WRONG),
        ("how much will it cost us?", Topic.COST),
        ("save this as a pdf", Topic.SAVE),
        ("Can you email it to my boss?", Topic.SAVE),
    ],
)
def test_a_question_about_the_advice_is_known_by_its_words(said: str, about: Topic) -> None:
    assert topic(said) is about


@pytest.mark.parametrize(
    "said",
    [
        "what do we do with tickets in Spanish?",
        "how do you know which examples to pick?",
        "it must save 20% of the bill",
        "our boss says that's wrong",
        "the answers are wrong",
        "what should we do about hallucinations?",
        "where do the examples come from?",
        "how much does fine-tuning gpt-4.1 cost at Azure?",
        "explain few-shot",
        "explain it to my boss. What is LoRA?",
        "what is next token prediction?",
        "",
        "?!",
    ],
)
def test_a_question_about_something_else_is_not(said: str) -> None:
    assert topic(said) is None


@pytest.fixture
def advised(advisor: Advisor) -> tuple[Advisor, Recommendation]:
    for text in CASE:
        reply = advisor.reply("t", text)
    assert reply.recommendation is not None
    return advisor, reply.recommendation


def asked(advisor: Advisor, text: str) -> Answer:
    parts = advisor.reply("t", text).parts
    assert len(parts) == 1 and isinstance(parts[0], Answer), parts
    return parts[0]


def test_each_part_of_the_advice_is_found_by_asking_for_it(advised: tuple[Advisor, Recommendation]) -> None:
    advisor, advice = advised
    short = asked(advisor, "explain it to my boss")
    assert advice.headline.text in short.text and advice.next_steps[0].text in short.text
    assert set(advice.headline.citations) <= set(short.citations)
    steps = asked(advisor, "what do I do first?")
    assert [line[2:] for line in steps.text.splitlines()[1:]] == [s.text for s in advice.next_steps]
    assert {c for s in advice.next_steps for c in s.citations} == set(steps.citations)
    sources = asked(advisor, "who says so?")
    assert all(c.quote in sources.text for c in advice.headline.citations)
    flips = asked(advisor, "what would change your mind?")
    assert all(s.text in flips.text for s in advice.flips)
    assert asked(advisor, "what did you assume?").text == texts.reply("sure_firm")
    assert "40,000" in asked(advisor, "that's wrong").text
    assert "/export" in asked(advisor, "save this").text
    assert asked(advisor, "ok").text == texts.reply("done_hint")


def test_what_was_assumed_is_listed(advisor: Advisor) -> None:
    for text in ("solar panels seller, want AI", "don't know", "don't know", "don't know"):
        reply = advisor.reply("t", text)
    advice = reply.recommendation
    assert advice is not None and advice.assumptions
    told = asked(advisor, "what did you assume?")
    assert all(s.text in told.text for s in advice.assumptions) and told.citations


def test_before_the_advice_none_is_told_again(advisor: Advisor) -> None:
    advisor.reply("t", "We want a bot for our shop emails")
    reply = advisor.reply("t", "where do I start?")
    assert reply.question is not None and reply.recommendation is None
    assert not advisor.facts("t").declined


def test_in_slack_no_command_of_the_terminal_is_named() -> None:
    for key in ("retold_memo", "retold_sources", "retold_changes", "retold_next"):
        assert "/" not in here(texts.reply(key))
