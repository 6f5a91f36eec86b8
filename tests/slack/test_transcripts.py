"""An interview in Slack is the terminal's, turn for turn: the same words in, the same replies out, all of them to be seen."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.conversation import Answer, Notice, Question, Reply
from agent.lines import converse_jsonl
from agent.recommendation import Recommendation
from agent.render import sections
from agent.rubric import NAMES
from agent.sessions import Sessions
from agent.slack.cards import LONGEST_BUTTON, clip, escape, here
from evals.scenario import FOLDER, Scenario, scenarios
from evals.simulated_user import MOST_TURNS
from tests.plain_talk import answer
from tests.slack.driven import Person, app, words
from tests.slack.mock import MockSlack

ALL = scenarios(FOLDER / "openings.yaml")
#: The first five of each rung.
TWENTY = [s for rung in (1, 2, 3, 4) for s in [one for one in ALL if one.expect.rung == rung][:5]]


def in_terminal(advisor: Advisor, scenario: Scenario) -> list[list[str]]:
    """The scenario through the terminal's own pipe; the texts that came out of it, turn by turn."""
    out = io.StringIO()
    printed: list[list[str]] = []

    def lines() -> Iterator[str]:
        message = scenario.opening
        for _ in range(MOST_TURNS):
            before = out.tell()
            yield json.dumps({"text": message})
            events = [json.loads(line) for line in out.getvalue()[before:].splitlines()]
            printed.append(
                [e["headline"]["text"] if e["type"] == "recommendation" else e["text"] for e in events]
            )
            questions = [e for e in events if e["type"] == "question"]
            if any(e["type"] == "recommendation" for e in events) or not questions:
                return
            message = answer(scenario, Question.model_validate(questions[-1]))

    converse_jsonl(advisor, "terminal", lines(), out)
    return printed


def in_slack(advisor: Advisor, scenario: Scenario, person: Person) -> list[str]:
    """The same in Slack; what could be read there, message by message."""
    seen: list[str] = []
    message = scenario.opening
    for _ in range(MOST_TURNS):
        told = person.say(escape(message))
        assert told is not None
        seen.append(words(told))
        reply = Reply.model_validate_json(
            advisor.turns(f"slack:T1:{person.channel}:{person.thread_ts}")[-1].reply
        )
        if reply.recommendation is not None or reply.question is None:
            break
        message = answer(scenario, reply.question)
    return seen


def told(reply: Reply) -> Iterator[str]:
    """All that the terminal says in a reply, as Slack would spell it."""
    for part in reply.parts:
        match part:
            case Notice() | Answer():
                yield escape(here(part.text))
            case Question():
                yield escape(part.text)
                yield from (escape(u.text) for u in part.understood)
                yield from (clip(f"{n}. {c.label}", LONGEST_BUTTON) for n, c in enumerate(part.choices, 1))
            case Recommendation():
                yield f"Rung {part.verdict.rung}: {NAMES[part.verdict.rung]}"
                yield from (escape(s.text) for s in (part.headline, *part.why))
                for _, sentences in sections(part):
                    shown = sentences[:3] if sentences is part.flips else sentences
                    yield from (escape(s.text) for s in shown)
                yield from (escape(n.sentences[0].text) for n in part.notes)
                yield from (c.passage_id for s in (part.headline, *part.why) for c in s.citations)


@pytest.mark.parametrize("scenario", TWENTY, ids=lambda s: s.id)
def test_the_transcript_is_the_terminals_turn_for_turn(
    advisor: Advisor, shelf: Shelf, scenario: Scenario
) -> None:
    terminal = Advisor(lambda: shelf.reader, shelf, Sessions("sqlite://"))
    printed = in_terminal(terminal, scenario)
    with MockSlack() as mock, app(mock, advisor):
        person = Person(mock, channel="C1" if len(scenario.opening) % 2 else "")
        if person.channel == "C1":
            person.thread_ts = ""
        seen = (
            in_slack_mentioned(advisor, scenario, person)
            if person.channel == "C1"
            else in_slack(advisor, scenario, person)
        )
        slack = advisor.turns(f"slack:T1:{person.channel}:{person.thread_ts}")
        assert not mock.refusals
    assert [(t.said, t.reading, t.reply) for t in slack] == [
        (t.said, t.reading, t.reply) for t in terminal.turns("terminal")
    ]
    for texts, read in zip(printed, seen, strict=True):
        assert texts
        assert not [text for text in texts if escape(here(text)) not in read]
    for turn, read in zip(slack, seen, strict=True):
        missing = [text for text in told(Reply.model_validate_json(turn.reply)) if text not in read]
        assert not missing


def in_slack_mentioned(advisor: Advisor, scenario: Scenario, person: Person) -> list[str]:
    """In a channel: the first message mentions us, the others are said in the thread."""
    first = person.say(escape(scenario.opening), mention=True)
    assert first is not None
    reply = Reply.model_validate_json(advisor.turns(f"slack:T1:C1:{person.thread_ts}")[-1].reply)
    if reply.recommendation is not None or reply.question is None:
        return [words(first)]
    rest = scenario.model_copy(update={"opening": answer(scenario, reply.question)})
    return [words(first), *in_slack(advisor, rest, person)]


def test_twenty_scenarios_are_compared() -> None:
    assert len(TWENTY) == 20
    assert {s.expect.rung for s in TWENTY} == {1, 2, 3, 4}
