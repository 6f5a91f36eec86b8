"""Cards: within Slack's limits whatever is said, and nothing in them comes alive that should not."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.advisor import Advisor
from agent.conversation import Answer, Notice, Offered, Question, Reply, State
from agent.facts import Facts, Slot
from agent.recommendation import Understood
from agent.slack.cards import LONGEST_STREAM, LONGEST_TEXT, Place, answered, card, clip, escape, link, note
from agent.slack.views import Kept, amend_view, changed, home_view, prompts, reason_view, session_view
from agent.writing import texts
from evals.scenario import FOLDER, scenarios
from tests.plain_talk import talked
from tests.slack.rules import BadBlocks, check_blocks, check_view, live_tokens

PLACE = Place("1700000000.000100", 3)
SCENARIOS = scenarios(FOLDER / "openings.yaml")


def words(blocks: object) -> str:
    return json.dumps(blocks, ensure_ascii=False)


def marked(node: object) -> str:
    """All text that Slack reads for its markup; in plain text a "<" is a "<"."""
    if isinstance(node, dict):
        own = str(node["text"]) if node.get("type") == "mrkdwn" else ""
        return own + "".join(marked(part) for part in node.values())
    return "".join(marked(part) for part in node) if isinstance(node, (list, tuple)) else ""


@pytest.mark.parametrize("scenario", SCENARIOS[:25], ids=lambda s: s.id)
def test_every_card_of_a_conversation_is_within_the_limits(advisor: Advisor, scenario: object) -> None:
    talked(advisor, scenario, "t")  # type: ignore[arg-type]
    for turn in advisor.turns("t"):
        made = card(Reply.model_validate_json(turn.reply), PLACE)
        check_blocks(list(made.blocks))
        assert 0 < len(made.text) <= 4000
        assert not live_tokens(words(made.blocks))
        if made.lead:
            check_blocks(list(made.rest))
            assert sum(map(len, made.lead)) <= LONGEST_STREAM


def test_the_verdict_card_tells_the_ladder_the_reasons_and_the_sources(advisor: Advisor) -> None:
    advisor.reply("t", "one-line prompt, the tone is off, all is in the mail we send")
    reply = advisor.reply("t", "just tell me")
    advice = reply.recommendation
    assert advice is not None
    told = words(card(reply, PLACE).blocks)
    assert f"Rung {advice.verdict.rung}: " in told
    for sentence in (advice.headline, *advice.why, *advice.next_steps, *advice.flips[:3]):
        assert json.dumps(escape(sentence.text), ensure_ascii=False)[1:-1] in told
    for citation in advice.headline.citations:
        assert f"<{citation.url}|[1]>" in told
    assert all(name in told for name in ("structured prompt", "few-shot", "retrieval", "fine-tuning"))
    assert "rung.report.md" in told
    assert "feedback_buttons" in told


def test_a_what_if_shows_both_ladders(advisor: Advisor) -> None:
    advisor.reply("t", "one-line prompt, the tone is off, all is in the mail we send")
    reply = advisor.reply("t", "/what-if prompting=few-shot stability=stable")
    made = card(reply, PLACE)
    check_blocks(list(made.blocks))
    ladders = next(b["text"]["text"] for b in made.blocks if b["text"]["text"].startswith("```"))
    assert ladders.count("━━━") == 2


def test_a_question_offers_its_choices_and_ways_out(advisor: Advisor) -> None:
    asked = advisor.reply("t", "a bot for our shop").question
    assert asked is not None
    made = card(Reply(parts=(asked,)), PLACE)
    buttons = [e for b in made.blocks if b["type"] == "actions" for e in b["elements"]]
    said = [json.loads(b["value"])["say"] for b in buttons]
    assert said == [*(c.label for c in asked.choices), "don't know", "why?"]
    assert all(json.loads(b["value"])["turn"] == 3 for b in buttons)
    assert asked.text in made.text


def test_a_question_that_takes_several_has_boxes() -> None:
    asked = texts.question("shortfall")
    part = Question(
        slot="shortfall", text=asked.text, several=True,
        choices=tuple(Offered(value=str(c.value), label=c.label) for c in asked.choices),
    )  # fmt: skip
    made = card(Reply(parts=(part,)), PLACE)
    check_blocks(list(made.blocks))
    boxes = [
        e for b in made.blocks if b["type"] == "actions" for e in b["elements"] if e["type"] == "checkboxes"
    ]
    assert [o["value"] for o in boxes[0]["options"]] == [str(n) for n in range(1, len(part.choices) + 1)]


@example("", "<0>")
@given(st.text(max_size=9000), st.text(max_size=400))
def test_nothing_that_is_said_breaks_a_card_or_comes_alive(said: str, other: str) -> None:
    row = Understood(slot=Slot.VOLUME, label="Calls a day", value="x", text=other or "x", words=said)
    parts = (
        Notice(text=said or "x", noted=(row,)),
        Answer(text=said or "x"),
        Question(slot="confirm", text=other or "x", understood=(row,) * 12, hint=said),
        Question(slot="knowledge", text="?", choices=(Offered(value="a", label=other or "x"),) * 7),
    )
    for part in parts:
        made = card(Reply(parts=(part,)), PLACE)
        check_blocks(list(made.blocks))
        assert not live_tokens(marked(made.blocks), ())
        assert len(made.text) <= 4000


@pytest.mark.parametrize(
    "said",
    [
        "<!channel> hello",
        "<@U123>",
        "<#C1|general>",
        "<https://evil.example|bank>",
        "a & b < c > d",
        "&lt;!here&gt;",
    ],
)
def test_markup_in_what_people_say_stays_text(said: str) -> None:
    told = marked(card(Reply(parts=(Notice(text=said),)), PLACE).blocks)
    assert not live_tokens(told, ())
    assert escape(said) in told


def test_only_addresses_of_the_web_become_links() -> None:
    assert link("https://example.org/a?b=1&c=2", "[1]") == "<https://example.org/a?b=1&amp;c=2|[1]>"
    assert link("javascript:alert(1)", "x<y") == "x&lt;y"
    assert link("https://example.org/a|b>", "x") == "x"


@given(st.text(alphabet="ab &<>;", max_size=200), st.integers(8, 60))
def test_a_cut_text_is_within_the_limit_and_cuts_no_escape(said: str, longest: int) -> None:
    cut = clip(escape(said), longest)
    assert len(cut) <= longest
    assert cut.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").count("&") == 0


def test_a_reply_with_too_many_parts_is_cut_and_says_so() -> None:
    made = card(Reply(parts=tuple(Notice(text=f"part {n}") for n in range(80))), PLACE)
    check_blocks(list(made.blocks))
    assert "There is more" in words(made.blocks[-1])


def test_long_texts_are_told_over_several_sections() -> None:
    made = card(Reply(parts=(Answer(text="word " * 200 + "\n" + "more " * 550),)), PLACE)
    check_blocks(list(made.blocks))
    assert max(len(b["text"]["text"]) for b in made.blocks if b["type"] == "section") <= LONGEST_TEXT


def test_an_answered_question_loses_its_buttons(advisor: Advisor) -> None:
    asked = advisor.reply("t", "a bot for our shop")
    left = answered(card(asked, PLACE).blocks, "No, <!here>")
    check_blocks(list(left))
    assert not [b for b in left if b["type"] == "actions"]
    assert "You picked: No, &lt;!here&gt;" in words(left)


def test_a_note_of_the_front_is_a_card() -> None:
    check_blocks(list(note("That question is answered already.").blocks))


@pytest.mark.parametrize(
    "blocks", [[], [{"type": "section"}], [{"type": "nonsense"}], [{"type": "divider"}] * 51]
)
def test_the_rules_refuse_what_slack_refuses(blocks: list[dict[str, object]]) -> None:
    with pytest.raises(BadBlocks):
        check_blocks(blocks)


# -- windows --------------------------------------------------------------------------------------------------------


def facts() -> Facts:
    return Facts.of(knowledge="large", shortfall="style,format", volume=5000, examples=[0, 20])


@pytest.mark.parametrize("known", [Facts(), facts(), facts().decline(Slot.STABILITY)])
def test_the_window_to_change_things_is_one_that_slack_opens(known: Facts) -> None:
    check_view(amend_view(known, {"thread": "1.0", "channel": "C1", "turn": 4}))


def test_the_window_shows_what_is_known() -> None:
    fields = {b["block_id"]: b["element"] for b in amend_view(facts(), {})["blocks"]}
    assert fields["knowledge"]["initial_option"]["text"]["text"] == "A lot, more than fits in a prompt"
    assert len(fields["shortfall"]["initial_options"]) == 2
    assert "initial_option" not in fields["volume"]
    assert fields["volume"]["placeholder"]["text"] == "5,000"


def test_only_what_was_changed_in_the_window_counts() -> None:
    same = {"knowledge": "2", "shortfall": "1,2"}
    assert changed(same, facts()) == []
    new = changed({"knowledge": "0", "shortfall": "1", "success": "2"}, facts())
    assert {p.slot.value: p.value for p in new} == {
        "knowledge": "none",
        "shortfall": frozenset({"format"}),
        "success": "measured",
    }


def test_home_reason_and_session_views_are_ones_that_slack_takes(advisor: Advisor) -> None:
    advisor.reply("t", "one-line prompt, tone is off " * 100)
    turn = advisor.turns("t")[-1]
    kept = Kept(thread_id="t" * 200, opening="<!channel> " * 400, last=turn.at, turns=3)
    for view in (home_view([]), home_view([kept] * 40, "U1"), reason_view({"turn": 1})):
        check_view(view)
        assert not live_tokens(words(view).replace("<@U1>", ""))
    check_view(
        session_view(
            State.model_validate_json(turn.state), "<!here> " * 400, "https://x.slack.com/archives/C1/p1"
        )
    )
    check_view(session_view(State(), "", ""))


def test_what_is_offered_to_begin_with_fits() -> None:
    offered = list(prompts())
    assert 1 <= len(offered) <= 4
    assert all(p["title"] and p["message"] for p in offered)
