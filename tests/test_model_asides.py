"""Questions about the talk itself, with a language model and without: another language, what is meant, how sure, what was supposed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.conversation import Answer, Notice, Reply
from agent.facts import Slot
from agent.language import besides, foreign, wished
from agent.model.prompts import prompt
from agent.recommendation import Recommendation
from agent.sessions import Sessions
from agent.writing import texts
from agent.writing.support import objection
from tests.model_talk import Talk, model_talk, read
from tests.test_model_reading import SURF
from tests.test_model_writing import OTHER, advised, answers, model, offered

ENGLISH_ONLY = texts.reply("english_only")
SPANISH = "La guía espera que un prompt estructurado baste en la mayoría de los casos."


@pytest.fixture
def talk(shelf: Shelf, sessions: Sessions) -> Iterator[Talk]:
    with model_talk(shelf, sessions) as made:
        made.server.answer = model
        yield made


@pytest.fixture
def alone(shelf: Shelf, sessions: Sessions) -> Advisor:
    """The advisor without a model."""
    return Advisor(lambda: shelf.reader, shelf, sessions)


def material(talk: Talk, call: int = -1) -> dict[str, str]:
    """The items of a request to answer, by id."""
    block = (
        talk.calls("answer")[call]["messages"][1]["content"].split("<material>")[1].split("</material>")[0]
    )
    return dict(re.findall(r"^(\S+)(?: \(.+?\))?: (.+)$", block, re.MULTILINE))


def notices(reply: Reply) -> list[str]:
    return [p.text for p in reply.parts if isinstance(p, Notice)]


def known(advisor: Advisor, *texts_: str) -> Recommendation:
    for text in texts_:
        reply = advisor.reply("t", text)
    assert reply.recommendation is not None
    return reply.recommendation


# -- another language -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("explain it in Spanish", ""),
        ("Can you explain that to my boss in German, please?", ""),
        ("auf Deutsch bitte", ""),
        ("en español por favor", ""),
        ("Spanish please", ""),
        ("Do you speak Polish?", ""),
        ("What is LoRA, in Spanish please?", "What is LoRA?"),
    ],
)
def test_a_wish_for_another_language_is_told_and_what_it_asks_besides(said: str, rest: str) -> None:
    assert wished(said) and besides(said) == rest


@pytest.mark.parametrize(
    "said",
    [
        "Our bot answers in German.",
        "It writes product texts in German",
        "Translate manuals into German, 40 a day",
        "Reply in French to customer mails is what it does",
        "How well do models write in Polish?",
        "Summarize the meetings in German",
        "German",
    ],
)
def test_a_case_in_another_language_is_no_wish(said: str) -> None:
    assert not wished(said)


@pytest.mark.parametrize(
    "said",
    [
        SPANISH,
        "Was ist LoRA eigentlich?",
        "Pourquoi ne pas faire du fine-tuning tout de suite ?",
        "Quanto ci costerebbe all'anno farlo girare in casa?",
        "これを上司に説明してください",
    ],
)
def test_what_is_not_english_is_told_by_its_letters_or_small_words(said: str) -> None:
    assert foreign(said)


def test_no_reviewed_sentence_is_taken_for_another_language() -> None:
    told = [row["text"] for rows in texts.load("claims").values() for row in rows]
    assert len(told) > 100
    assert [text for text in told if foreign(text)] == []


@pytest.mark.parametrize("said", ["explain it in Spanish", "¿Me lo puedes explicar en español, por favor?"])
def test_asked_for_another_language_the_model_answers_in_english_after_one_plain_sentence(
    talk: Talk, said: str
) -> None:
    advice = advised(talk)
    talk.server.say(read("question"))
    reply = talk.advisor.reply("t", said)
    assert notices(reply) == [ENGLISH_ONLY]
    told = answers(reply)[0]
    assert told.worded and not foreign(told.text) and told.citations
    assert len(talk.calls("answer")) == 1
    assert "Write English" in talk.calls("answer")[0]["messages"][0]["content"]
    assert advice.verdict.rung == 1


def test_a_sentence_in_another_language_is_refused_as_such_and_the_model_told_so(talk: Talk) -> None:
    advice = advised(talk)
    again = f"In short: {advice.why[0].text}"
    talk.server.say(
        read("question"),
        {"answers": True, "sentences": [{"text": SPANISH, "ids": ["a2"]}]},
        {"answers": True, "sentences": [{"text": again, "ids": ["a2"]}]},
    )
    told = answers(talk.advisor.reply("t", "explain it in Spanish"))[0]
    assert told.text == again
    assert (
        f"{SPANISH} (it is not in English; write it in English"
        in talk.calls("answer")[1]["messages"][1]["content"]
    )


def test_a_case_told_in_another_language_is_read_by_the_model_and_the_language_said_once(talk: Talk) -> None:
    said = "Wir haben einen Bot für Mails mit einem kurzen Prompt, und der Ton ist nicht gut."
    talk.server.say(read("answer", ("prompting", "basic", "kurzen Prompt")))
    first = talk.advisor.reply("t", said)
    assert ENGLISH_ONLY in notices(first)
    talk.server.say(read("answer", ("knowledge", "none", "nichts weiter")))
    assert ENGLISH_ONLY not in notices(
        talk.advisor.reply("t", "Es braucht nichts weiter, das ist alles für uns.")
    )


def test_without_a_model_a_wish_for_another_language_is_answered_in_english(alone: Advisor) -> None:
    advice = known(alone, SURF, "just tell me")
    reply = alone.reply("t", "explain it in Spanish")
    assert notices(reply) == [ENGLISH_ONLY]
    assert answers(reply)[0].text.startswith(advice.headline.text)
    about = alone.reply("t", "What is LoRA, in Spanish please?")
    assert notices(about) == [ENGLISH_ONLY] and answers(about)[0].text.startswith("LoRA is")


def test_without_a_model_a_question_in_another_language_is_told_that_it_is_not_read(alone: Advisor) -> None:
    alone.reply("t", SURF)
    reply = alone.reply("t", "Was ist LoRA eigentlich?")
    assert answers(reply)[0].text == texts.reply("foreign")
    assert reply.question is not None and reply.question.slot == "knowledge"


@pytest.mark.parametrize("said", ["Spanish please", "auf Deutsch bitte"])
def test_the_name_of_a_language_is_no_answer_and_no_small_talk(alone: Advisor, said: str) -> None:
    alone.reply("t", SURF)
    reply = alone.reply("t", said)
    assert ENGLISH_ONLY in [p.text for p in reply.parts if isinstance(p, Notice | Answer)]
    assert reply.question is not None and reply.question.slot == "knowledge"
    assert known(alone, "just tell me").verdict.rung == 1
    after = alone.reply("t", said)
    assert ENGLISH_ONLY in [p.text for p in after.parts if isinstance(p, Notice | Answer)]


# -- what is meant ----------------------------------------------------------------------------------------------------


def test_what_is_meant_reaches_the_model_with_the_question_it_is_about(talk: Talk) -> None:
    asked = talk.advisor.reply("t", SURF).question
    assert asked is not None
    text = f"By that I mean: {asked.why}"
    talk.server.say(read("question"), {"answers": True, "sentences": [{"text": text, "ids": ["q2"]}]})
    reply = talk.advisor.reply("t", "what do you mean by that?")
    told = material(talk)
    assert told["q1"].endswith(asked.text) and told["q2"] == asked.why
    assert all(choice.label in told["q3"] for choice in asked.choices)
    assert answers(reply)[0].text == text and answers(reply)[0].worded
    assert reply.question is not None and reply.question.slot == asked.slot


def test_after_the_advice_no_question_is_open(talk: Talk) -> None:
    advised(talk)
    talk.server.say(read("question"))
    talk.advisor.reply("t", "what does that mean?")
    assert not [i for i in material(talk) if i.startswith("q")]


@pytest.mark.parametrize(
    "said", ["What do you mean by that?", "what does that mean?", "Sorry, what do you mean?"]
)
def test_without_a_model_the_question_is_explained_and_put_again(alone: Advisor, said: str) -> None:
    asked = alone.reply("t", SURF).question
    assert asked is not None
    reply = alone.reply("t", said)
    assert asked.why in answers(reply)[0].text
    assert reply.question is not None and reply.question.text == asked.text


def test_the_first_question_is_explained_too(alone: Advisor) -> None:
    reply = alone.reply("t", "what do you mean?")
    assert texts.question("opening").why in answers(reply)[0].text
    assert reply.question is not None and reply.question.slot == "opening"


# -- what was supposed ------------------------------------------------------------------------------------------------


def test_the_number_that_was_supposed_may_be_said(talk: Talk) -> None:
    advised(talk)
    supposed = [{"slot": "volume", "value": "50000 per day", "quote": "50,000 mails a day"}]
    text = "With 50,000 calls a day it would not change the advice."
    talk.server.say(
        {**read("what_if"), "supposed": supposed},
        {"answers": True, "sentences": [{"text": text, "ids": ["t1"]}]},
    )
    told = answers(talk.advisor.reply("t", "what if we had 50,000 mails a day?"))[0]
    assert material(talk)["t1"].startswith("With 50,000 calls a day: ")
    assert told.words == text and len(talk.calls("answer")) == 1


def test_without_a_model_the_answer_begins_with_what_was_supposed(alone: Advisor) -> None:
    known(alone, SURF, "just tell me")
    told = answers(alone.reply("t", "/what-if volume=50000/day stability=stable"))[0]
    assert told.text.startswith("With 50,000 calls a day and the task taken as “one settled task”: ")


# -- each id once, how sure, which side -------------------------------------------------------------------------------


def test_no_sentence_is_offered_with_an_id_twice(talk: Talk) -> None:
    advice = advised(talk)
    doubled = [
        s
        for s in (advice.headline, *advice.why, *advice.next_steps, *advice.mistakes)
        if len({c.passage_id for c in s.citations}) < len(s.citations)
    ]
    assert doubled, "a sentence that leans on two points of a passage"
    assert all(len(ids) == len(set(ids)) for _, ids, _ in offered(talk.calls("write")[0]))


def test_how_sure_the_advice_is_stands_in_the_material(talk: Talk) -> None:
    advised(talk)
    sure = texts.reply("sure_firm")
    talk.server.say(read("question"), {"answers": True, "sentences": [{"text": sure, "ids": ["c3"]}]})
    told = answers(talk.advisor.reply("t", "How sure are you about this?"))[0]
    assert material(talk)["c1"] == texts.reply("sure_how")
    assert "calls a day: 50" in material(talk)["c2"]
    assert told.text == sure and told.worded and told.citations


def test_without_a_model_how_sure_is_told_from_what_is_known_and_assumed(alone: Advisor) -> None:
    alone.reply("t", SURF)
    assert answers(alone.reply("t", "How sure are you?"))[0].text == texts.reply("sure_open")
    advice = known(alone, "just tell me")
    assert advice.provisional
    told = answers(alone.reply("t", "How sure are you?"))[0]
    assert (
        "provisional: what you could not say" in told.text
        and "outside information: nothing needed" in told.text
    )
    assert advice.assumptions[0].text in told.text and told.citations


@pytest.mark.parametrize(
    "said", ["how sure are you", "explain it in Spanish please", "what do you mean by that"]
)
def test_asked_about_the_talk_again_and_again_nothing_is_taken_for_an_answer(
    alone: Advisor, said: str
) -> None:
    for text in ("We want a bot for our shop emails", "1", "2", "blue", said, said, said):
        reply = alone.reply("t", text)
    assert reply.question is not None and reply.question.slot == "shortfall"
    assert Slot.SHORTFALL not in alone.facts("t").known and not alone.facts("t").declined


def test_what_was_all_told_is_not_called_provisional(alone: Advisor) -> None:
    advice = known(alone, SURF, "1", "yes")
    assert not advice.provisional
    assert texts.reply("sure_firm") in answers(alone.reply("t", "are you sure about that?"))[0].text


def test_each_value_of_a_comparison_says_whose_it_is(talk: Talk) -> None:
    advised(talk)
    stated = [{"slot": "volume", "value": "30000 per day", "quote": "30,000 tickets a day"}]
    talk.server.say({**read("compare"), "supposed": stated})
    told: Answer = answers(talk.advisor.reply("t", OTHER))[0]
    rows = [line for line in told.text.splitlines() if line.startswith("- ")]
    assert "- Calls a day: 50 (this case) | 30,000 (the other case)" in rows
    assert all("(this case) | " in row and row.endswith("(the other case)") for row in rows)


# -- what is refused, and why -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SPANISH, "not in English"),
        ("You will save 900 dollars with the prompt.", "no source: 900; leave them out"),
        ("Turn the prompt for Zendesk into a structured one.", "no source: Zendesk; leave them out"),
        ("Go for fine-tuning now.", "recommends fine-tuning, which was not decided; say what was"),
        ("A structured prompt is ideal.", "more than its sources: ideal; leave that out"),
        ("Bananas ripen best beside apples in warm kitchens.", "best; leave that out"),
        ("Bananas ripen beside apples in warm kitchens.", "few of its words stand there"),
        ("See <b>the structured prompt</b>.", "write plain words"),
        ("", "some words"),
    ],
)
def test_a_refusal_says_which_rule_was_broken_and_what_to_do(text: str, reason: str) -> None:
    assert reason in objection(text, ["Turn your prompt into a structured prompt first."], [], 1)


def test_the_prompt_to_answer_has_a_version_of_its_own() -> None:
    assert prompt("answer").id == "answer/3"
