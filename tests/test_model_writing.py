"""Writing with a language model: what is checked, what takes a sentence's place, and what happens when it fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.conversation import Answer, Notice, Reply
from agent.facts import Facts, Slot
from agent.model.chat import Model
from agent.reading.llm import MessageRead, checked
from agent.recommendation import Recommendation, check
from agent.render import read_when
from agent.rubric import Rung
from agent.sessions import Sessions
from agent.settings import Settings
from agent.supposition import Case
from agent.writing.llm import shortened
from agent.writing.support import names, numbers, objection, urged
from tests.model_server import FAULTS, Fault, refused_url, seconds_for
from tests.model_talk import Talk, model_talk, purpose_of, read
from tests.test_model_reading import SURF, SURF_READ


def offered(body: dict[str, Any]) -> list[tuple[str, list[str], str]]:
    """The sentences that a request to write offers: id, passages, text."""
    block = body["messages"][1]["content"].split("<sentences>")[1].split("</sentences>")[0]
    rows = re.findall(r"^(\w+) \[(.*?)\] (.*)$", block, re.MULTILINE)
    return [(i, ids.split(", "), text) for i, ids, text in rows]


def phrased(body: dict[str, Any], **changed: dict[str, Any]) -> dict[str, Any]:
    """Each sentence with a few words about the case put in front, unless a test says otherwise."""
    told = [
        {
            "id": i,
            "text": f"For your reply bot: {text[0].lower()}{text[1:]}",
            "passages": ids[:1],
            **changed.get(i, {}),
        }
        for i, ids, text in offered(body)
    ]
    return {"sentences": told}


def model(body: dict[str, Any]) -> Any:
    """A model that does what it is asked."""
    match purpose_of(body):
        case "read":
            return SURF_READ if SURF in body["messages"][-1]["content"].split("<message>")[1] else read()
        case "write":
            return phrased(body)
        case _:
            ids = re.findall(
                r"^(\S+) \(.*?\): ", body["messages"][1]["content"].split("<material>")[1], re.MULTILINE
            )
            text = re.search(
                rf"^{re.escape(ids[0])} \(.*?\): (.*)$", body["messages"][1]["content"], re.MULTILINE
            )
            assert text is not None
            return {"answers": True, "sentences": [{"text": f"In short: {text[1]}", "ids": ids[:1]}]}


@pytest.fixture
def talk(shelf: Shelf, sessions: Sessions) -> Iterator[Talk]:
    with model_talk(shelf, sessions) as made:
        made.server.answer = model
        yield made


def advised(talk: Talk, thread: str = "t") -> Recommendation:
    for text in (SURF, "1", "yes"):
        reply = talk.advisor.reply(thread, text)
    assert reply.recommendation is not None
    return reply.recommendation


@pytest.fixture(scope="module")
def plain(shelf: Shelf) -> Recommendation:
    """The same advice without a model."""
    kept = Sessions("sqlite://")
    advisor = Advisor(lambda: shelf.reader, shelf, kept)
    for text in (SURF, "1", "yes"):
        reply = advisor.reply("t", text)
    kept.close()
    assert reply.recommendation is not None
    return reply.recommendation


def answers(reply: Reply) -> list[Answer]:
    return [p for p in reply.parts if isinstance(p, Answer)]


def test_the_advice_is_worded_for_the_person_and_decided_by_the_rubric(
    talk: Talk, plain: Recommendation
) -> None:
    advice, same = advised(talk), plain
    assert advice.verdict == same.verdict
    assert advice.headline.text.startswith("For your reply bot: ")
    assert [s.text.startswith("For your reply bot: ") for s in (*advice.why, *advice.next_steps)] == [
        True
    ] * 7
    assert (advice.ladder, advice.flips, advice.notes) == (same.ladder, same.flips, same.notes)
    assert len(talk.calls("write")) == 1


def test_the_advice_records_its_prompts_its_model_and_its_tokens(talk: Talk) -> None:
    by = advised(talk).wording
    assert by is not None
    assert (by.model, by.prompts) == ("m", ("read/4", "write/1"))
    spent = talk.sessions.spent("t")
    assert (by.calls, by.input_tokens, by.output_tokens) == (
        spent.calls,
        spent.input_tokens,
        spent.output_tokens,
    )
    assert by.calls == 2 and by.dollars is None and by.kept == ()


def test_the_model_is_shown_what_was_said_since_in_their_words(talk: Talk) -> None:
    told = "It needs nothing that is not in the mail it answers"
    talk.server.say(SURF_READ, read("answer", ("knowledge", "none", "needs nothing")))
    for text in (SURF, told, "yes"):
        talk.advisor.reply("t", text)
    facts = talk.calls("write")[0]["messages"][1]["content"].split("<facts>")[1].split("</facts>")[0]
    assert "Outside information: nothing needed (in their words: needs nothing)" in facts
    assert "Prompt so far: a quick one\n" in facts  # its words stand in how they began


def test_a_server_that_has_gone_leaves_an_advice_in_reviewed_words(talk: Talk, plain: Recommendation) -> None:
    for text in (SURF, "1"):
        talk.advisor.reply("t", text)
    talk.mind.model = Model(replace(talk.mind.model.settings, base_url=refused_url()))
    reply = talk.advisor.reply("t", "yes")
    assert reply.recommendation is not None
    assert list(reply.recommendation.sentences()) == list(plain.sentences())
    told = [p for p in reply.parts if isinstance(p, Notice) and "without the language model" in p.text]
    assert len(told) == 1


def test_the_words_stay_when_the_advice_is_shown_again_and_nobody_is_asked_again(talk: Talk) -> None:
    advice = advised(talk)
    asked = len(talk.server.requests)
    assert talk.advisor.recommendation("t") == advice
    assert advice in talk.advisor.open("t").parts
    assert len(talk.server.requests) == asked


def test_every_citation_resolves(talk: Talk, shelf: Shelf) -> None:
    advice = advised(talk)
    check(advice, shelf.corpus)
    assert all(s.citations for s in advice.sentences())


@pytest.mark.parametrize(
    ("text", "passages", "why"),
    [
        (
            "Your bot will be 3 times better with a structured prompt.",
            ["guide#escalation-ladder"],
            "a number from nowhere",
        ),
        (
            "Turn your prompt for the Zendesk bot into a structured one.",
            ["guide#escalation-ladder"],
            "a name from nowhere",
        ),
        ("Fine-tune your bot now, the prompt is good enough.", ["guide#escalation-ladder"], "another rung"),
        ("Turn the prompt you have into a structured one.", ["guide#no-such-passage"], "no passage"),
        (
            "Turn the prompt you have into a structured one, see https://example.com.",
            ["guide#escalation-ladder"],
            "a link",
        ),
        ("Bananas ripen best beside apples in warm kitchens.", ["guide#escalation-ladder"], "something else"),
        ("", ["guide#escalation-ladder"], "nothing"),
    ],
)
def test_a_sentence_that_fails_is_repaired_once_then_the_reviewed_one_stands(
    talk: Talk, plain: Recommendation, text: str, passages: list[str], why: str
) -> None:
    bad = {"text": text, "passages": passages}
    talk.server.answer = lambda body: phrased(body, h=bad) if purpose_of(body) == "write" else model(body)
    advice = advised(talk)
    assert advice.headline == plain.headline, why
    assert advice.wording is not None and advice.wording.kept == ("h",)
    assert advice.why[0].text.startswith("For your reply bot")
    first, second = talk.calls("write")
    assert [i for i, _, _ in offered(second)] == ["h"] and len(offered(first)) > 5


def test_a_repaired_sentence_is_taken(talk: Talk) -> None:
    bad = {"h": {"text": "Fine-tune it now."}}
    tries = iter([bad, {}])
    talk.server.answer = lambda body: (
        phrased(body, **next(tries)) if purpose_of(body) == "write" else model(body)
    )
    advice = advised(talk)
    assert advice.headline.text.startswith("For your reply bot")
    assert (
        "it recommends fine-tuning, which was not decided" in talk.calls("write")[1]["messages"][1]["content"]
    )


def test_the_text_comes_in_checked_and_sentence_by_sentence(talk: Talk) -> None:
    talk.server.answer = lambda body: (
        phrased(body, w1={"text": "It will cost 900 dollars."})
        if purpose_of(body) == "write"
        else model(body)
    )
    for text in (SURF, "1"):
        talk.advisor.reply("t", text)
    heard: list[str] = []
    talk.advisor.reply("t", "yes", watch=heard.append)
    assert any(h.startswith("For your reply bot") for h in heard) and not any("900" in h for h in heard)
    assert talk.calls("write")[0]["stream"] is True


@pytest.mark.parametrize(
    "question",
    [
        "is a longer prompt slower?",
        "why not fine-tuning?",
        "what if we had 20,000 mails a day?",
        "explain it to my manager, please?",
    ],
)
def test_questions_after_the_advice_are_answered_from_what_it_rests_on(
    talk: Talk, shelf: Shelf, question: str
) -> None:
    advised(talk)
    if "what if" in question:
        talk.server.say(
            {
                **read("what_if"),
                "supposed": [{"slot": "volume", "value": "20000 per day", "quote": "20,000 mails a day"}],
            }
        )
    else:
        talk.server.say(*([] if "why" in question else [read("question")]))  # "why" needs no model to be read
    told = answers(talk.advisor.reply("t", question))[0]
    assert told.text.startswith("In short: ") and told.citations
    for citation in told.citations:
        assert citation.quote in shelf.corpus.passage(citation.passage_id).points
    assert len(talk.calls("answer")) == 1
    assert talk.sessions.spent("t").calls == (3 if "why" in question else 4)


def test_the_model_s_answer_to_what_if_stands_above_the_comparison(talk: Talk) -> None:
    from evals.recording import printed

    advised(talk)
    supposed = [{"slot": "volume", "value": "20000 per day", "quote": "20,000 mails a day"}]
    talk.server.say({**read("what_if"), "supposed": supposed})
    reply = talk.advisor.reply("t", "what if we had 20,000 mails a day?")
    told = answers(reply)[0]
    shown = printed(reply)
    assert told.worded and " ".join(shown.split()).startswith(told.words)
    assert " ".join(shown.split()).count(told.words) == 1
    assert "What if" in shown.split("Calls a day")[0] and "go here next" in shown


def test_the_result_reaches_the_model_whole_and_each_item_says_whose_it_is(talk: Talk) -> None:
    advised(talk)
    supposed = [{"slot": "volume", "value": "20000 per day", "quote": "20,000 mails a day"}]
    talk.server.say({**read("what_if"), "supposed": supposed})
    talk.advisor.reply("t", "what if we had 20,000 mails a day?")
    sent = talk.calls("answer")[0]["messages"][1]["content"]
    rows = re.findall(r"^(\S+) \((.+?)\): (.+)$", sent.split("<material>")[1], re.MULTILINE)
    assert {"t1", "a1"} <= {i for i, _, _ in rows}
    assert all(re.search(r"[.!?:)”\"]$", text) for i, _, text in rows if "#" not in i), rows
    sources = dict(re.findall(r"^(\S+): .+, read (.+)$", sent.split("<sources>")[1], re.MULTILINE))
    assert {i for _, named, _ in rows for i in named.split(", ")} == set(sources)


def test_who_says_so_may_be_answered_with_the_source_and_its_day(talk: Talk) -> None:
    advice = advised(talk)
    cited = advice.headline.citations[0]
    text = f"{advice.headline.text.rstrip('.')}, says {cited.source} by {cited.publisher}, read {read_when(cited.accessed)}."
    says = {"answers": True, "sentences": [{"text": text, "ids": ["a1"]}]}
    talk.server.say(read("question"), says)
    assert answers(talk.advisor.reply("t", "where does that come from? who says so?"))[0].text == text


def test_a_passage_is_shown_in_whole_sentences() -> None:
    first = "A sentence of some length that goes on about one thing, " * 5 + "and ends."
    assert shortened(f"{first} Then another.") == first
    assert shortened("One here. Two here; three is small.") == "One here. Two here; three is small."
    assert shortened(f"Short. {first}") == "Short."


OTHER = "compare this with a second use case: we sort 30,000 tickets a day, the prompt is long with six examples, and one in ten still lands wrong"


@pytest.mark.parametrize("place", ["supposed", "values"])
def test_another_case_is_decided_on_its_own_facts_and_leaves_this_one_as_it_is(
    talk: Talk, place: str
) -> None:
    advised(talk)
    before = talk.advisor.facts("t")
    stated = [
        {"slot": "volume", "value": "30000 per day", "quote": "30,000 tickets a day"},
        {"slot": "prompting", "value": "few_shot", "quote": "the prompt is long with six examples"},
        {"slot": "shortfall", "value": "quality", "quote": "one in ten still lands wrong"},
    ]
    talk.server.say({**read("compare"), place: stated})
    told = answers(talk.advisor.reply("t", OTHER))[0]
    assert talk.advisor.facts("t") == before
    assert told.data is not None and told.data["kind"] == "compare" and told.worded
    rungs = [f"rung {told.data[side]['rung']}, {told.data[side]['name']}" for side in "ab"]
    assert told.text.startswith(told.words) and all(rung in told.text for rung in rungs)
    alone = Facts().merge(
        checked(MessageRead.model_validate({**read("compare"), place: stated}), OTHER, before).supposed
    )
    assert set(alone.known) == {Slot.VOLUME, Slot.PROMPTING, Slot.SHORTFALL}
    assert told.data["b"]["rung"] == Case.of(alone).verdict.rung
    assert told.data["a"]["rung"] == 1


def test_a_comparison_that_tells_nothing_of_another_case_is_a_question(talk: Talk) -> None:
    advised(talk)
    talk.server.say(read("compare"))
    told = answers(talk.advisor.reply("t", "and how does that compare to the rest of the industry?"))[0]
    assert told.data is None


@pytest.mark.parametrize(
    ("text", "grounds", "refused"),
    [
        ("Your labelled mails are ideal for examples.", "Labelled mails can serve as examples.", True),
        ("Examples always fix the labelled mails.", "Examples fix most labelled mails.", True),
        ("Labelled mails are the best examples.", "The best examples are labelled mails.", False),
        ("Labelled mails can serve as examples.", "Labelled mails may serve as examples.", False),
    ],
)
def test_a_superlative_needs_a_source(text: str, grounds: str, refused: bool) -> None:
    assert objection(text, [grounds], [], 2).startswith("it claims more") is refused


def test_what_the_material_does_not_answer_is_said_to_be_unanswered(talk: Talk) -> None:
    advised(talk)
    talk.server.say(read("question"), {"answers": False, "sentences": []})
    told = answers(talk.advisor.reply("t", "who won the football last night?"))[0]
    assert told.text == "My sources do not answer that."


@pytest.mark.parametrize("name", [*FAULTS])
def test_every_fault_of_the_model_leaves_an_advice_in_reviewed_words(
    shelf: Shelf, sessions: Sessions, plain: Recommendation, name: str
) -> None:
    with model_talk(shelf, sessions) as talk:
        talk.server.answer = lambda body: Fault(name) if purpose_of(body) == "write" else model(body)
        for text in (SURF, "1"):
            talk.advisor.reply("t", text)
        given = talk.mind.model.settings
        talk.mind.model.settings = replace(given, seconds=seconds_for(name))
        reply = talk.advisor.reply("t", "yes")
        same = plain
        assert reply.recommendation is not None and reply.recommendation.wording is None
        assert list(reply.recommendation.sentences()) == list(same.sentences())
        assert reply.recommendation.verdict == same.verdict
        told = [p for p in reply.parts if isinstance(p, Notice) and "without the language model" in p.text]
        assert len(told) == 1
        assert talk.advisor.recommendation("t") == reply.recommendation


def test_an_answer_that_cannot_be_borne_out_gives_way_to_the_plain_one(talk: Talk) -> None:
    advised(talk)
    lie = {"answers": True, "sentences": [{"text": "You should fine-tune with 5,000 pairs.", "ids": ["a1"]}]}
    talk.server.say(read("question"), lie, lie)
    told = answers(talk.advisor.reply("t", "is a longer prompt slower?"))[0]
    assert "5,000" not in told.text and len(talk.calls("answer")) == 2


def test_numbers_are_the_same_in_digits_and_in_words() -> None:
    assert numbers("20 test cases, 1,000 calls, 2k pairs and 95%") == {20, 1000, 2, 2000, 95}
    assert numbers("twenty cases, a thousand calls, one prompt") == {20, 1000}


def test_names_must_have_a_source() -> None:
    assert names("So Acme uses GPT-4o and the RAG of Bedrock.", "we run bedrock") == {"Acme", "GPT-4o"}
    assert names("So begin on Monday with Acme.", "begin") == {"Acme"}


@pytest.mark.parametrize(
    ("text", "decided", "grounds", "expected"),
    [
        ("You should fine-tune now.", 1, "Training comes last.", 4),
        ("Fine-tuning comes last.", 1, "Fine-tuning comes last.", None),
        ("Go for fine-tuning.", 2, "Do not go for fine-tuning yet.", 4),
        ("Fine-tuning is not worth it yet.", 2, "Fine-tuning is not worth it yet.", None),
        ("Use retrieval for this.", 1, "Write one prompt.", 3),
        ("Fine-tune a small model.", 4, "Train it.", None),
        ("You should fine-tune.", None, "Fine-tuning changes behaviour.", 4),
    ],
)
def test_another_rung_than_the_decided_one_is_not_recommended(
    text: str, decided: Rung | None, grounds: str, expected: int | None
) -> None:
    assert urged(text, decided, grounds) == expected


def test_no_reviewed_sentence_is_objected_to(talk: Talk, shelf: Shelf) -> None:
    """What people reviewed must pass the check that a model's words have to pass."""
    from agent.writing.plain import Claims, keys

    claims = Claims(shelf.corpus, Facts.of(volume=5000, examples=300, deadline=7))
    rungs: dict[str, Rung] = {"1": 1, "2": 2, "3": 3, "4": 4}
    objected = {
        sentence.text: reason
        for key in keys()
        if key.split(".")[0] in ("headline", "line", "mistake", "do_first", "blocker", "next")
        for sentence in claims[key]
        if (
            reason := objection(
                sentence.text,
                [sentence.text, *(c.quote for c in sentence.citations)],
                [],
                rungs.get(key.split(".")[1] if "." in key else ""),
            )
        )
    }
    assert objected == {}


def test_what_a_conversation_used_is_told(talk: Talk) -> None:
    from agent.slash import run

    advised(talk)
    shown = str(run("/cost", talk.advisor, "t").show)
    assert re.search(r"last turn +1 call, [\d,]+ tokens in \(8 cached\)", shown)
    assert re.search(r"conversation +2 calls, [\d,]+ tokens in .*price not known", shown)


def test_the_record_of_a_turn_holds_no_key(talk: Talk) -> None:
    from tests.model_server import KEY

    advised(talk)
    for turn in talk.sessions.turns("t"):
        assert KEY not in json.dumps([turn.said, turn.reading, turn.state, turn.reply])


@pytest.mark.parametrize(
    "said", ["Go for Fine-Tuning vs Prompting.", "So Fine-Tuning it is.", "Try fine-tuning."]
)
def test_a_title_lends_no_recommendation(talk: Talk, said: str) -> None:
    """Only a whole title beside its publisher, or in quotation marks, is let be."""
    advice = advised(talk)
    cited = advice.headline.citations[0]
    assert cited.source.startswith("Fine-Tuning vs Prompting")
    says = {"answers": True, "sentences": [{"text": f"{said} {cited.publisher} says so.", "ids": ["a1"]}]}
    talk.server.say(read("question"), says, says)
    told = answers(talk.advisor.reply("t", "where does that come from? who says so?"))[0]
    assert not told.worded and said not in told.text


def test_a_turn_takes_one_call_to_read_and_one_to_write_at_most(talk: Talk) -> None:
    said = (
        SURF, "1", "hang on, that was wrong: it needs our price list of two pages. And what does few-shot mean?", "yes",
        "is a longer prompt slower?", "what if we had 20,000 mails a day?", "explain it to my manager, please", OTHER,
    )  # fmt: skip
    for text in said:
        before = len(talk.server.requests)
        talk.advisor.reply("t", text)
        purposes = [purpose_of(body) for body in talk.server.requests[before:]]
        assert purposes.count("read") <= 1 and len(purposes) - purposes.count("read") <= 1, text


@pytest.mark.parametrize(
    "command",
    ["/cost", "/why", "/facts", "/sources", "/more", "/reach 4", "/what-if volume=20000", "/edit volume", "/undo", "/help"],
)  # fmt: skip
def test_a_slash_command_is_not_read_by_the_model(talk: Talk, command: str) -> None:
    from agent.slash import run

    advised(talk)
    asked = len(talk.calls("read"))
    done = run(command, talk.advisor, "t")
    assert done.show is not None or done.reply is not None
    assert len(talk.calls("read")) == asked


def test_a_button_needs_no_model(talk: Talk) -> None:
    reply = talk.advisor.reply("t", SURF)
    asked = len(talk.server.requests)
    assert reply.question is not None and reply.question.choices
    talk.advisor.reply("t", reply.question.choices[0].value)
    assert len(talk.calls("read")) == 1 and len(talk.server.requests) == asked


@pytest.mark.parametrize("over", ["calls=1", "tokens=600", "dollars=0.000001"])
def test_each_kind_of_budget_ends_the_model_s_part(shelf: Shelf, sessions: Sessions, over: str) -> None:
    read_so = Settings.read(
        {"RUNG_MODEL": "m", "RUNG_SESSION_BUDGET": over, "RUNG_MODEL_PRICE": "input=1 output=1"}
    ).model
    assert read_so is not None
    with model_talk(shelf, sessions, session=read_so.session, price=read_so.price) as talk:
        talk.server.answer = model
        talk.advisor.reply("t", SURF)
        reply = talk.advisor.reply("t", "well it is rather hard to say this in a few words")
        assert len(talk.server.requests) == 1
        assert any("budget" in p.text for p in reply.parts if isinstance(p, Notice))
