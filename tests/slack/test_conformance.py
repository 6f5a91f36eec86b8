"""What Slack asks of an app, and what people may ask of this one: each check drives the real app through the mock."""

from __future__ import annotations

import itertools
import json
import time
import urllib.request
from dataclasses import replace
from typing import Any

import pytest

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.errors import BadInput, NeedsSomething
from agent.facts import Slot
from agent.sessions import Sessions
from agent.slack.front import HELP, MOST_ATTEMPTS, NOT_YOURS, OLD, THANKS, UNDER_MESSAGES, _patience
from agent.slack.setup import SCOPES, SlackSettings, check_scopes
from agent.slack.speaker import Later
from agent.slack.store import Installations
from agent.slack.vault import Vault, new_key
from tests.slack.conftest import World
from tests.slack.driven import Person, app, button, elements, rows, words
from tests.slack.mock import SECRET, MockSlack, Team
from tests.slack.rules import live_tokens

OPENING = "one-line prompt, tone is off"
ENOUGH = "one-line prompt, tone is off, everything it needs is in the mail we send it"


def said(person: Person, text: str, **how: Any) -> dict[str, Any]:
    answer = person.say(text, **how)
    assert answer is not None
    return answer


def pressed(person: Person, message: dict[str, Any], label: str) -> dict[str, Any]:
    answer = person.press(message, label)
    assert answer is not None
    return answer


def asked_to_confirm(person: Person) -> dict[str, Any]:
    said(person, OPENING)
    return said(person, "1")


def advised(person: Person) -> dict[str, Any]:
    said(person, ENOUGH)
    return said(person, "just tell me")


def event(world: World, kind: str, **fields: Any) -> dict[str, Any]:
    return world.mock.envelope(world.person.team, {"type": kind, "user": "U1", "event_ts": "1.0", **fields})


def quiet(world: World) -> None:
    """Nothing was said, nothing waits."""
    world.settled()
    assert world.mock.calls["chat.postMessage"] == world.mock.calls["chat.startStream"] == 0


# -- whose request it is --------------------------------------------------------------------------------------------


def test_a_signed_request_is_taken(slack: World) -> None:
    assert slack.mock.deliver(event(slack, "app_home_opened", tab="home")) == [200]


def test_a_request_signed_with_another_secret_is_refused(slack: World) -> None:
    body = slack.mock.message_events(
        slack.person.team, "D1", slack.mock.add(slack.person.team, "D1", "U1", "hello")
    )[0]
    assert slack.mock.deliver(body, secret="f" * 32, retries=0) == [401]
    quiet(slack)


def test_a_request_with_a_made_up_signature_is_refused(slack: World) -> None:
    assert slack.mock.deliver(event(slack, "app_home_opened"), header="v0=00", retries=0) == [401]


def test_a_replayed_request_is_refused_after_five_minutes(slack: World) -> None:
    assert slack.mock.deliver(event(slack, "app_home_opened", tab="home"), age=301, retries=0) == [401]
    assert slack.mock.deliver(event(slack, "app_home_opened", tab="home"), age=290, retries=0) == [200]


def test_a_request_from_the_future_is_refused(slack: World) -> None:
    assert slack.mock.deliver(event(slack, "app_home_opened", tab="home"), age=-400, retries=0) == [401]


def test_the_certificate_check_is_answered(slack: World) -> None:
    assert slack.mock.deliver({"ssl_check": "1", "token": "old"}) == [200]


def test_the_address_check_is_answered_with_its_challenge(slack: World) -> None:
    assert slack.mock.deliver({"type": "url_verification", "challenge": "c123", "token": "old"}) == [200]
    assert "c123" in slack.mock.last_answer


def test_a_workspace_that_never_installed_the_app_is_not_answered(slack: World) -> None:
    other = Team(id="T9", token="xoxb-9", bot_user="UBOT")
    body = slack.mock.message_events(other, "D1", slack.mock.add(other, "D1", "U1", OPENING))[0]
    assert slack.mock.deliver(body, retries=0) == [200]
    quiet(slack)


def test_the_certificate_check_without_a_body_is_answered(slack: World) -> None:
    with urllib.request.urlopen(f"{slack.mock.app_url}/slack/events?ssl_check=1", timeout=10) as answer:
        assert answer.status == 200
    quiet(slack)


# -- acknowledge first ----------------------------------------------------------------------------------------------


def test_the_acknowledgement_does_not_wait_for_the_turn(
    either: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = either.advisor.reply

    def slow(*told: Any, **more: Any) -> Any:
        time.sleep(4)  # longer than Slack waits
        return real(*told, **more)

    monkeypatch.setattr(either.advisor, "reply", slow)
    said(either.person, OPENING)
    assert max(either.mock.acks) < 1


def test_what_cannot_be_kept_is_not_acknowledged_and_comes_again(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, real = slack.front.inbox, slack.front.inbox.put
    failing = [OSError("disk full"), OSError("disk full")]

    def put(delivery: Any, **more: Any) -> bool:
        if failing:
            raise failing.pop()
        return real(delivery, **more)

    monkeypatch.setattr(inbox, "put", put)
    message = slack.mock.add(slack.person.team, "D1", "U1", OPENING)
    slack.person.thread_ts = message["ts"]
    statuses = slack.mock.deliver(slack.mock.message_events(slack.person.team, "D1", message)[0])
    assert statuses == [500, 500, 200]
    slack.person.answer(0)


# -- ways in --------------------------------------------------------------------------------------------------------


def test_a_direct_message_begins_an_interview_in_its_thread(either: World) -> None:
    answer = said(either.person, OPENING)
    assert answer["thread_ts"] == either.person.thread_ts
    assert "To answer well" in words(answer)


def test_a_direct_message_inside_a_thread_goes_on_with_it(either: World) -> None:
    said(either.person, OPENING)
    assert "this is what I understood" in words(said(either.person, "1"))


def test_two_messages_outside_threads_are_two_interviews(slack: World) -> None:
    said(slack.person, OPENING)
    other = Person(slack.mock)
    said(other, "4,000 policy PDFs to answer from")
    assert slack.advisor.facts(f"slack:T1:D1:{other.thread_ts}").get(Slot.PROMPTING) is None


@pytest.mark.parametrize("slack", [{"one_talk": True}], indirect=True)
def test_direct_messages_can_be_one_interview(slack: World) -> None:
    for n, text in enumerate((OPENING, "1")):
        message = slack.mock.add(slack.person.team, "D1", "U1", text)
        slack.mock.deliver(slack.mock.message_events(slack.person.team, "D1", message)[0])
        slack.mock.wait(lambda n=n: len(slack.mock.said(slack.person.team, "D1", "")) > n)
    assert len(slack.advisor.turns("slack:T1:D1:")) == 2


def test_a_mention_begins_an_interview_in_its_thread(either: World) -> None:
    person = Person(either.mock, channel="C1")
    answer = said(person, OPENING, mention=True)
    assert answer["thread_ts"] == person.thread_ts
    assert len(person.answers()) == 1


def test_a_bare_mention_is_asked_the_first_question(slack: World) -> None:
    person = Person(slack.mock, channel="C1")
    assert "What are you building" in words(said(person, "", mention=True))


def test_the_command_begins_an_interview_under_messages(either: World) -> None:
    body = {"command": "/rung", "text": OPENING, "team_id": "T1", "user_id": "U1", "channel_id": "C1", "trigger_id": "t1",
            "response_url": "http://127.0.0.1/none", "api_app_id": "A1"}  # fmt: skip
    assert either.mock.deliver(body) == [200]
    assert UNDER_MESSAGES in either.mock.last_answer
    root, answer = either.mock.wait(lambda: (m := either.mock.said(either.person.team, "D1"))[1:] and m)
    assert OPENING in words(root)
    assert answer["thread_ts"] == root["ts"]
    assert "To answer well" in words(answer)


def test_the_bare_command_asks_the_first_question(slack: World) -> None:
    body = {
        "command": "/rung",
        "text": "",
        "team_id": "T1",
        "user_id": "U1",
        "channel_id": "C1",
        "trigger_id": "t1",
    }
    slack.mock.deliver(body)
    answer = slack.mock.wait(lambda: (m := slack.mock.said(slack.person.team, "D1"))[1:] and m[1])
    assert "What are you building" in words(answer)


def test_the_command_can_be_asked_for_help(either: World) -> None:
    either.mock.deliver(
        {
            "command": "/rung",
            "text": "help",
            "team_id": "T1",
            "user_id": "U1",
            "channel_id": "C1",
            "trigger_id": "t1",
        }
    )
    assert HELP[:30] in either.mock.last_answer
    quiet(either)


def test_the_shortcut_takes_a_message_as_the_case(either: World) -> None:
    body = {"type": "message_action", "callback_id": "rung_ask", "team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "t1",
            "channel": {"id": "CSECRET"}, "message": {"text": f"&lt;b&gt; {OPENING}", "ts": "1.0", "user": "U9"}, "action_ts": f"{time.time():.6f}"}  # fmt: skip
    assert either.mock.deliver(body) == [200]
    root, answer = either.mock.wait(lambda: (m := either.mock.said(either.person.team, "D1"))[1:] and m)
    assert "&lt;b&gt;" in words(root)
    assert "Noted: prompt so far" in words(answer)


def test_the_case_goes_on_in_its_thread(slack: World) -> None:
    slack.mock.deliver(
        {"command": "/rung", "text": OPENING, "team_id": "T1", "user_id": "U1", "trigger_id": "t1"}
    )
    root, first = slack.mock.wait(lambda: (m := slack.mock.said(slack.person.team, "D1"))[1:] and m)
    slack.person.thread_ts = root["ts"]
    assert "this is what I understood" in words(
        pressed(slack.person, first, "No, what you send it is all it needs")
    )


def test_the_agent_view_offers_something_to_begin_with(either: World) -> None:
    either.mock.deliver(event(either, "app_home_opened", tab="messages", channel="D1"))
    prompts = either.mock.wait(lambda: either.mock.prompts)
    assert prompts[0]["channel_id"] == "D1"


def test_the_older_assistant_view_is_served_too(slack: World) -> None:
    thread = {"user_id": "U1", "channel_id": "D1", "thread_ts": "5.0"}
    slack.mock.deliver(event(slack, "assistant_thread_started", assistant_thread=thread))
    assert slack.mock.wait(lambda: slack.mock.prompts)[0]["thread_ts"] == "5.0"


def test_the_context_events_of_both_views_are_acknowledged(slack: World) -> None:
    for kind in ("assistant_thread_context_changed", "app_context_changed"):
        assert slack.mock.deliver(event(slack, kind)) == [200]
    quiet(slack)


# -- who is answered ------------------------------------------------------------------------------------------------


def test_talk_in_a_channel_is_left_alone(either: World) -> None:
    message = either.mock.add(either.person.team, "C1", "U1", "shall we fine-tune?")
    either.mock.deliver(either.mock.message_events(either.person.team, "C1", message)[0])
    quiet(either)


def test_a_thread_that_is_not_with_us_is_left_alone(slack: World) -> None:
    root = slack.mock.add(slack.person.team, "C1", "U1", "lunch?")
    message = slack.mock.add(slack.person.team, "C1", "U2", "yes", root["ts"])
    slack.mock.deliver(slack.mock.message_events(slack.person.team, "C1", message)[0])
    quiet(slack)


def test_in_a_thread_only_the_person_being_interviewed_is_answered(slack: World) -> None:
    person = Person(slack.mock, channel="C1")
    said(person, OPENING, mention=True)
    other = Person(slack.mock, user="U2", channel="C1")
    other.thread_ts = person.thread_ts
    other.say("I think it is 3", wait=False)
    slack.settled()
    assert len(person.answers()) == 1
    assert "understood" in words(said(person, "1"))


def test_another_who_mentions_us_takes_the_interview_over(slack: World) -> None:
    person = Person(slack.mock, channel="C1")
    said(person, OPENING, mention=True)
    other = Person(slack.mock, user="U2", channel="C1")
    other.thread_ts = person.thread_ts
    said(other, "1", mention=True)
    person.say("hello?", wait=False)
    slack.settled()
    assert len(person.answers()) == 2
    said(other, "yes")


def test_somebody_elses_click_is_answered_with_a_note_for_them(slack: World) -> None:
    person = Person(slack.mock, channel="C1")
    answer = said(person, OPENING, mention=True)
    other = Person(slack.mock, user="U2", channel="C1")
    other.thread_ts = person.thread_ts
    other.press(answer, "No, what you send it is all it needs", wait=False)
    note = slack.mock.wait(lambda: slack.mock.ephemerals)[0]
    assert (note["user"], note["text"]) == ("U2", NOT_YOURS)
    assert len(slack.advisor.turns(f"slack:T1:C1:{person.thread_ts}")) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B9"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"subtype": "bot_message"},
        {"user": "UBOT"},
        {"user": "USLACKBOT"},
    ],
    ids=["bot", "edit", "deletion", "join", "bot message", "ourselves", "Slackbot"],
)
def test_bots_edits_and_joins_are_not_answered(slack: World, fields: dict[str, Any]) -> None:
    message = {
        "type": "message",
        "ts": slack.mock.stamp(),
        "text": OPENING,
        "user": "U1",
        "channel": "D1",
        "channel_type": "im",
        **fields,
    }
    assert slack.mock.deliver(slack.mock.envelope(slack.person.team, message)) == [200]
    quiet(slack)


@pytest.mark.parametrize("slack", [{"channels": frozenset({"C7"})}], indirect=True)
def test_channels_can_be_limited(slack: World) -> None:
    outside = Person(slack.mock, channel="C1")
    outside.say(OPENING, mention=True, wait=False)
    quiet(slack)
    said(Person(slack.mock, channel="C7"), OPENING, mention=True)
    said(Person(slack.mock), OPENING)


# -- once, in order -------------------------------------------------------------------------------------------------


def test_an_event_delivered_twice_is_answered_once(either: World) -> None:
    message = either.mock.add(either.person.team, "D1", "U1", OPENING)
    either.person.thread_ts = message["ts"]
    body = either.mock.message_events(either.person.team, "D1", message)[0]
    for _ in range(3):
        assert either.mock.deliver(body) == [200]
    either.person.answer(0)
    either.settled()
    assert len(either.person.answers()) == 1
    assert len(either.advisor.turns(f"slack:T1:D1:{message['ts']}")) == 1


def test_a_retry_whose_first_delivery_was_lost_is_answered(slack: World) -> None:
    """Dropping whatever carries a retry header would lose this one."""
    url, slack.mock.app_url = slack.mock.app_url, "http://127.0.0.1:9"
    message = slack.mock.add(slack.person.team, "D1", "U1", OPENING)
    slack.person.thread_ts = message["ts"]
    body = slack.mock.message_events(slack.person.team, "D1", message)[0]
    assert slack.mock.deliver(body, retries=0) == [0]
    slack.mock.app_url = url

    async def retry() -> int:
        return await slack.mock._by_http(body, 1, 0.0, SECRET, "")

    assert slack.mock.run(retry()) == 200
    slack.person.answer(0)


def test_a_retry_after_six_minutes_is_known(slack: World) -> None:
    said(slack.person, OPENING)
    body = slack.mock.message_events(slack.person.team, "D1", slack.mock.messages["T1", "D1"][0])[0]
    slack.mock.clock_ahead += 360
    slack.mock.deliver(body)
    slack.settled()
    assert len(slack.person.answers()) == 1


def test_a_mention_that_also_comes_as_a_message_is_answered_once_in_either_order(slack: World) -> None:
    for swapped in (False, True):
        person = Person(slack.mock, channel="C1")
        message = slack.mock.add(person.team, "C1", "U1", f"<@UBOT> {OPENING}")
        person.thread_ts = message["ts"]
        events = slack.mock.message_events(person.team, "C1", message)
        assert {e["event"]["type"] for e in events} == {"message", "app_mention"}
        for body in reversed(events) if swapped else events:
            slack.mock.deliver(body)
        person.answer(0)
        slack.settled()
        assert len(person.answers()) == 1


def test_messages_that_arrive_out_of_order_are_taken_in_order(slack: World) -> None:
    said(slack.person, OPENING)
    thread = slack.person.thread_ts
    first, second = (slack.mock.add(slack.person.team, "D1", "U1", text, thread) for text in ("1", "yes"))
    for message in (second, first):
        slack.mock.deliver(slack.mock.message_events(slack.person.team, "D1", message)[0])
    slack.mock.wait(lambda: len(slack.person.answers()) == 3)
    assert [t.said for t in slack.advisor.turns(f"slack:T1:D1:{thread}")] == [OPENING, "1", "yes"]


def reply(world: World, person: Person, text: str) -> None:
    """Say something in the person's thread, and deliver it."""
    message = world.mock.add(person.team, person.channel, person.user, text, person.thread_ts)
    for body in world.mock.message_events(person.team, person.channel, message):
        world.mock.deliver(body)


def test_a_reply_that_overtakes_its_mention_is_answered_after_it(either: World) -> None:
    person = Person(either.mock, channel="C1")
    mention = either.mock.add(person.team, "C1", "U1", f"<@UBOT> {OPENING}")
    person.thread_ts = mention["ts"]
    reply(either, person, "1")
    time.sleep(0.5)
    assert not person.answers()
    for body in either.mock.message_events(person.team, "C1", mention):
        either.mock.deliver(body)
    either.mock.wait(lambda: len(person.answers()) == 2)
    assert [t.said for t in either.advisor.turns(f"slack:T1:C1:{person.thread_ts}")] == [OPENING, "1"]


def test_what_was_said_in_a_thread_before_the_mention_is_left_alone(slack: World) -> None:
    person, other = Person(slack.mock, channel="C1"), Person(slack.mock, user="U2", channel="C1")
    root = slack.mock.add(person.team, "C1", "U1", "lunch?")
    person.thread_ts = other.thread_ts = root["ts"]
    reply(slack, person, "1")
    reply(slack, person, f"<@UBOT> {OPENING}")
    reply(slack, other, "2")
    person.answer(0)
    slack.settled()
    assert [t.said for t in slack.advisor.turns(f"slack:T1:C1:{root['ts']}")] == [OPENING]


def test_a_reply_that_overtakes_a_take_over_is_answered_after_it(slack: World) -> None:
    person, other = Person(slack.mock, channel="C1"), Person(slack.mock, user="U2", channel="C1")
    said(person, OPENING, mention=True)
    other.thread_ts = person.thread_ts
    reply(slack, other, "what is few-shot?")  # before taking over: not for us
    mention = slack.mock.add(person.team, "C1", "U2", "<@UBOT> 1", person.thread_ts)
    reply(slack, other, "yes")
    time.sleep(0.5)
    for body in slack.mock.message_events(person.team, "C1", mention):
        slack.mock.deliver(body)
    slack.mock.wait(lambda: len(person.answers()) == 3)
    slack.settled()
    assert [t.said for t in slack.advisor.turns(f"slack:T1:C1:{person.thread_ts}")] == [OPENING, "1", "yes"]


def test_a_mention_whose_copy_does_not_show_it_is_answered(slack: World) -> None:
    """The copy that arrives first is held, since it says nothing of us; the mention itself is the same message."""
    root = slack.mock.add(slack.person.team, "C1", "U1", "lunch?")
    person = Person(slack.mock, channel="C1")
    person.thread_ts = root["ts"]
    message = slack.mock.add(person.team, "C1", "U1", "<@UBOT> one-line prompt, tone is off", root["ts"])
    mention, copy = slack.mock.message_events(person.team, "C1", message)
    copy["event"]["text"] = "one-line prompt, tone is off"
    for body in (copy, mention):
        slack.mock.deliver(body)
    assert "To answer well" in words(person.answer(0))
    slack.settled()
    assert len(person.answers()) == 1


def test_what_was_held_for_no_mention_is_forgotten(slack: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person(slack.mock, channel="C1")
    person.thread_ts = slack.mock.add(person.team, "C1", "U1", "lunch?")["ts"]
    reply(slack, person, "canary-4715")
    clock = slack.front.inbox._clock
    monkeypatch.setattr(slack.front.inbox, "_clock", lambda: clock() + 60)
    assert slack.front.inbox.drop_held() == 0
    monkeypatch.setattr(slack.front.inbox, "_clock", lambda: clock() + 76)
    assert slack.front.inbox.drop_held() == 1
    with slack.advisor.sessions.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM slack_inbox").scalar() == 0


def test_messages_at_once_on_one_thread_are_answered_one_by_one(slack: World) -> None:
    said(slack.person, OPENING)
    texts = [f"what is few-shot, take {n}?" for n in range(5)]
    messages = [slack.mock.add(slack.person.team, "D1", "U1", t, slack.person.thread_ts) for t in texts]
    work = [
        slack.mock.spawn(slack.mock.deliver_async(slack.mock.message_events(slack.person.team, "D1", m)[0]))
        for m in messages
    ]
    assert all(w.result(20) == [200] for w in work)
    slack.mock.wait(lambda: len(slack.person.answers()) == 6)
    assert [t.said for t in slack.advisor.turns(f"slack:T1:D1:{slack.person.thread_ts}")][1:] == texts


def test_threads_do_not_wait_for_each_other(slack: World) -> None:
    people = [Person(slack.mock, user=f"U{n}") for n in range(8)]
    for person in people:
        person.say(OPENING, wait=False)
    for person in people:
        person.answer(0)
        assert len(person.answers()) == 1


def test_a_click_delivered_twice_counts_once(slack: World) -> None:
    answer = said(slack.person, OPENING)
    body = slack.mock.action(
        slack.person.team, "U1", "D1", answer, button(answer, "No, what you send it is all it needs")
    )
    for _ in range(2):
        slack.mock.deliver(body)
    slack.person.answer(1)
    slack.settled()
    assert len(slack.person.answers()) == 2


# -- the conversation -----------------------------------------------------------------------------------------------


def test_a_button_says_what_its_number_says_in_a_terminal(either: World) -> None:
    answer = said(either.person, OPENING)
    pressed(either.person, answer, "No, what you send it is all it needs")
    either.advisor.reply("terminal", OPENING)
    either.advisor.reply("terminal", "1")
    mine = either.advisor.facts(f"slack:T1:D1:{either.person.thread_ts}")
    assert mine == either.advisor.facts("terminal")


def test_dont_know_and_why_are_buttons(slack: World) -> None:
    answer = said(slack.person, OPENING)
    assert "Why I ask" in words(pressed(slack.person, answer, "Why?"))
    latest = slack.person.answers()[-1]
    assert "Noted as “don't know”" in words(pressed(slack.person, latest, "Don't know"))


def test_several_answers_can_be_ticked(slack: World) -> None:
    said(slack.person, "a bot for our shop")
    said(slack.person, "1")
    asked = said(slack.person, "2")
    ticked = {"b": {"rung.choices": {"selected_options": [{"value": "2"}, {"value": "3"}]}}}
    slack.person.press(asked, "OK", wait=False, state={"values": ticked})
    slack.person.answer(3)
    facts = slack.advisor.facts(f"slack:T1:D1:{slack.person.thread_ts}")
    assert facts.get(Slot.SHORTFALL) == frozenset({"format", "style"})


def test_ticking_a_box_alone_says_nothing(slack: World) -> None:
    said(slack.person, "a bot for our shop")
    said(slack.person, "1")
    asked = said(slack.person, "2")
    slack.mock.deliver(slack.mock.action(slack.person.team, "U1", "D1", asked, button(asked, "rung.choices")))
    slack.settled()
    assert len(slack.person.answers()) == 3


def test_an_answered_question_loses_its_buttons(slack: World) -> None:
    answer = said(slack.person, OPENING)
    pressed(slack.person, answer, "No, what you send it is all it needs")
    slack.mock.wait(lambda: not elements(slack.person.answers()[0]))
    assert "You picked: No, what you send it is all it needs" in words(slack.person.answers()[0])


def test_a_stale_click_gets_a_gentle_note_and_changes_nothing(either: World) -> None:
    answer = said(either.person, OPENING)
    said(either.person, "1")
    either.person.press(answer, "A lot, more than fits in a prompt", wait=False)
    note = either.mock.wait(lambda: either.mock.ephemerals)[0]
    assert (note["user"], note["text"]) == ("U1", OLD)
    assert len(either.advisor.turns(f"slack:T1:D1:{either.person.thread_ts}")) == 2


def test_a_click_in_a_finished_session_changes_nothing(slack: World) -> None:
    question = said(slack.person, OPENING)
    said(slack.person, "just tell me")
    slack.person.press(question, "A lot, more than fits in a prompt", wait=False)
    assert slack.mock.wait(lambda: slack.mock.ephemerals)[0]["text"] == OLD
    assert len(slack.advisor.turns(f"slack:T1:D1:{slack.person.thread_ts}")) == 2


def test_a_click_in_a_forgotten_session_changes_nothing(slack: World) -> None:
    question = said(slack.person, OPENING)
    slack.front.threads.forget("T1", "U1")
    slack.advisor.sessions.delete(f"slack:T1:D1:{slack.person.thread_ts}")
    slack.person.press(question, "A lot, more than fits in a prompt", wait=False)
    assert slack.mock.wait(lambda: slack.mock.ephemerals)[0]["text"] == OLD
    assert slack.advisor.sessions.last(f"slack:T1:D1:{slack.person.thread_ts}") is None


def test_a_window_shows_what_was_understood_and_takes_changes(either: World) -> None:
    answer = asked_to_confirm(either.person)
    either.person.press(answer, "Change something", wait=False)
    view = either.mock.wait(lambda: either.mock.views)[0]
    fields = {b["block_id"]: b["element"] for b in view["blocks"]}
    assert fields["prompting"]["initial_option"]["text"]["text"] == "A quick one, a line or two"
    values = {
        "prompting": {"choice": {"selected_option": {"value": "2"}}},
        "knowledge": {"choice": {"selected_option": None}},
    }
    either.mock.deliver(either.mock.submission(either.person.team, "U1", view, values))
    either.person.answer(2)
    assert either.advisor.facts(f"slack:T1:D1:{either.person.thread_ts}").get(Slot.PROMPTING) == "structured"


def test_a_window_sent_unchanged_changes_nothing(slack: World) -> None:
    answer = asked_to_confirm(slack.person)
    slack.person.press(answer, "Change something", wait=False)
    view = slack.mock.wait(lambda: slack.mock.views)[0]
    slack.mock.deliver(slack.mock.submission(slack.person.team, "U1", view, {}))
    assert "Nothing was changed" in slack.mock.wait(lambda: slack.mock.ephemerals)[0]["text"]


def test_a_window_that_was_overtaken_changes_nothing(slack: World) -> None:
    answer = asked_to_confirm(slack.person)
    slack.person.press(answer, "Change something", wait=False)
    view = slack.mock.wait(lambda: slack.mock.views)[0]
    said(slack.person, "yes")
    values = {"prompting": {"choice": {"selected_option": {"value": "4"}}}}
    slack.mock.deliver(slack.mock.submission(slack.person.team, "U1", view, values))
    assert slack.mock.wait(lambda: slack.mock.ephemerals)[0]["text"] == OLD
    assert slack.advisor.facts(f"slack:T1:D1:{slack.person.thread_ts}").get(Slot.PROMPTING) == "basic"


def test_a_trigger_that_ran_out_does_no_harm(slack: World) -> None:
    answer = asked_to_confirm(slack.person)
    body = slack.mock.action(slack.person.team, "U1", "D1", answer, button(answer, "Change something"))
    slack.mock.clock_ahead += 4
    assert slack.mock.deliver(body) == [200]
    slack.mock.wait(lambda: [r for r in slack.mock.refusals if "expired_trigger_id" in r[1]])
    said(slack.person, "yes")


def test_work_is_shown_while_it_is_done(slack: World) -> None:
    said(slack.person, OPENING)
    assert slack.mock.statuses[0]["thread_ts"] == slack.person.thread_ts


def test_the_advice_is_streamed_where_streams_are(either: World) -> None:
    answer = advised(either.person)
    assert answer["streamed"] > 0
    assert either.mock.calls["chat.stopStream"] == 1
    assert "Rung 1: structured prompt" in words(answer)
    assert "What would change this" in words(answer)


def test_in_a_channel_a_stream_names_its_recipient(slack: World) -> None:
    person = Person(slack.mock, channel="C1")
    said(person, ENOUGH, mention=True)
    assert "Rung 1" in words(said(person, "just tell me"))
    assert not slack.mock.refusals


def test_where_there_are_no_streams_the_advice_is_posted_and_updated(slack: World) -> None:
    slack.mock.no_streams = True
    said(slack.person, ENOUGH)
    answer = said(slack.person, "just tell me")
    slack.mock.wait(lambda: slack.person.answers()[-1].get("edited"))
    assert "What would change this" in words(slack.person.answers()[-1])
    assert len(slack.person.answers()) == 2
    assert answer["ts"] == slack.person.answers()[-1]["ts"]


def test_a_refusal_in_one_place_turns_no_streams_off(slack: World) -> None:
    said(slack.person, ENOUGH)
    slack.mock.next_errors["chat.startStream"] = ["method_not_supported_for_channel_type"]
    assert "streamed" not in said(slack.person, "just tell me")
    assert advised(Person(slack.mock, user="U2"))["streamed"] > 0


@pytest.mark.parametrize("method", ["chat.stopStream", "chat.update"])
def test_an_advice_whose_blocks_slack_does_not_take_stands_as_far_as_it_came(
    slack: World, method: str
) -> None:
    slack.mock.no_streams = method == "chat.update"
    said(slack.person, ENOUGH)
    slack.mock.next_errors[method] = ["invalid_blocks"]
    answer = said(slack.person, "just tell me")
    slack.settled()
    assert "Rung 1: structured prompt" in words(answer)
    assert len(slack.person.answers()) == 2
    assert not answer.get("streaming")


@pytest.mark.parametrize("slack", [{"stream": False}], indirect=True)
def test_streams_can_be_turned_off(slack: World) -> None:
    advised(slack.person)
    assert slack.mock.calls["chat.startStream"] == 0


def test_a_stream_that_died_is_resumed_as_a_new_message(slack: World) -> None:
    said(slack.person, ENOUGH)
    slack.mock.next_errors["chat.stopStream"] = ["message_not_in_streaming_state"]
    slack.person.say("just tell me", wait=False)
    rest = slack.mock.wait(lambda: (a := slack.person.answers())[2:] and a[2])
    assert "What would change this" in words(rest)
    slack.settled()
    assert len(slack.person.answers()) == 3


def test_a_stream_older_than_five_minutes_is_over_in_the_mock_too(slack: World) -> None:
    said(slack.person, ENOUGH)
    slack.mock.on_message = None
    real = slack.mock._do_chat_appendStream

    def late(team: Team, told: Any) -> dict[str, Any]:
        slack.mock.clock_ahead += 301
        return real(team, told)

    slack.mock._do_chat_appendStream = late  # type: ignore[method-assign]
    slack.person.say("just tell me", wait=False)
    rest = slack.mock.wait(lambda: (a := slack.person.answers())[2:] and a[2])
    assert "So far there is only a quick prompt" in words(rest)


@pytest.mark.parametrize(
    ("label", "form", "begins"),
    [("Full report", "md", "# Rung 1"), ("Report as a page", "html", "<!doctype html>")],
)
def test_the_whole_report_comes_as_a_file(slack: World, label: str, form: str, begins: str) -> None:
    answer = advised(slack.person)
    slack.person.press(answer, label, wait=False)
    file = slack.mock.wait(lambda: [f for f in slack.mock.files.values() if "title" in f])[0]
    assert file["name"] == f"rung-advice.{form}"
    assert file["content"].decode().lower().startswith(begins.lower())
    assert file["length"] == len(file["content"])


def test_good_feedback_is_kept(slack: World) -> None:
    answer = advised(slack.person)
    element = dict(button(answer, "rung.judge"))
    slack.mock.deliver(
        slack.mock.action(
            slack.person.team, "U1", "D1", answer, {**element, "value": element["positive_button"]["value"]}
        )
    )
    assert slack.mock.wait(lambda: slack.mock.ephemerals)[0]["text"] == THANKS
    assert [(j.good, j.turn) for j in slack.front.threads.judgements()] == [(True, 2)]


def test_bad_feedback_is_asked_for_its_reason_and_both_are_kept(either: World) -> None:
    answer = advised(either.person)
    element = dict(button(answer, "rung.judge"))
    either.mock.deliver(
        either.mock.action(
            either.person.team, "U1", "D1", answer, {**element, "value": element["negative_button"]["value"]}
        )
    )
    view = either.mock.wait(lambda: either.mock.views)[0]
    either.settled()
    assert [j.good for j in either.front.threads.judgements()] == [False]
    values = {"reason": {"text": {"value": "too <!here> long"}}}
    either.mock.deliver(either.mock.submission(either.person.team, "U1", view, values))
    either.settled()
    assert [(j.good, j.reason) for j in either.front.threads.judgements()] == [(False, "too <!here> long")]


def test_every_message_has_a_fallback_and_lives_within_the_limits(slack: World) -> None:
    """The mock refuses a message without a text, and blocks that slack_sdk's models do not take."""
    advised(slack.person)
    assert not slack.mock.refusals
    assert all(m["text"] for m in slack.person.answers())


@pytest.mark.parametrize(
    "text", ["&lt;!channel&gt; a bot", "a bot for <@U9> and <!here>", "see <https://evil.example|our bank>"]
)
def test_what_people_say_comes_back_without_its_powers(slack: World, text: str) -> None:
    slack.mock.deliver(
        {"command": "/rung", "text": text, "team_id": "T1", "user_id": "U1", "trigger_id": "t1"}
    )
    messages = slack.mock.wait(lambda: (m := slack.mock.said(slack.person.team, "D1"))[1:] and m)
    for message in messages:
        assert not live_tokens(rows(message.get("blocks")), ())
        assert not live_tokens(message["text"], ())


def test_a_very_long_message_is_read_as_far_as_it_is_read_anywhere(slack: World) -> None:
    answer = said(slack.person, f"{OPENING}. " + "and so on " * 3900)
    assert "I read the first 12,000 characters" in words(answer)


# -- Home -----------------------------------------------------------------------------------------------------------


def test_home_lists_my_sessions_and_nobody_elses(either: World) -> None:
    said(either.person, OPENING)
    said(Person(either.mock, user="U2"), "4,000 policy PDFs")
    either.mock.deliver(event(either, "app_home_opened", tab="home"))
    home = rows(either.mock.wait(lambda: either.mock.homes.get("U1")))
    assert OPENING in home
    assert "policy PDFs" not in home


def test_home_without_sessions_says_how_to_begin(slack: World) -> None:
    slack.mock.deliver(event(slack, "app_home_opened", tab="home"))
    assert "You have no sessions yet" in rows(slack.mock.wait(lambda: slack.mock.homes.get("U1")))


def home_action(world: World, user: str, name: str, value: str) -> dict[str, Any]:
    body = world.mock.action(
        world.person.team, user, "", {"ts": ""}, {"action_id": name, "type": "button", "value": value}
    )
    return {**body, "container": {"type": "view"}, "view": {"type": "home"}, "channel": None}


def test_a_session_can_be_opened_from_home(slack: World) -> None:
    said(slack.person, OPENING)
    thread = f"slack:T1:D1:{slack.person.thread_ts}"
    slack.mock.deliver(home_action(slack, "U1", "rung.open", json.dumps({"session": thread})))
    view = slack.mock.wait(lambda: slack.mock.views)[0]
    assert OPENING in rows(view)
    assert f"https://x.slack.com/archives/D1/p{slack.person.thread_ts.replace('.', '')}" in rows(view)


def test_somebody_elses_session_cannot_be_opened(slack: World) -> None:
    said(slack.person, OPENING)
    thread = f"slack:T1:D1:{slack.person.thread_ts}"
    slack.mock.deliver(home_action(slack, "U2", "rung.open", json.dumps({"session": thread})))
    time.sleep(0.3)
    assert not slack.mock.views


def test_my_data_can_be_deleted(either: World) -> None:
    said(either.person, OPENING)
    other = Person(either.mock, user="U2")
    said(other, OPENING)
    either.mock.deliver(home_action(either, "U1", "rung.forget", "{}"))
    either.mock.wait(lambda: either.mock.homes.get("U1"))
    either.settled()
    assert either.advisor.sessions.last(f"slack:T1:D1:{either.person.thread_ts}") is None
    assert either.advisor.sessions.last(f"slack:T1:D2:{other.thread_ts}") is not None
    assert either.front.threads.of("T1", "U1") == []


def test_my_words_are_deleted_also_where_somebody_else_went_on(slack: World) -> None:
    person, other = Person(slack.mock, channel="C1"), Person(slack.mock, user="U2", channel="C1")
    said(person, OPENING, mention=True)
    other.thread_ts = person.thread_ts
    said(other, "1", mention=True)
    slack.mock.deliver(home_action(slack, "U1", "rung.forget", "{}"))
    slack.mock.wait(lambda: slack.mock.homes.get("U1"))
    slack.settled()
    assert slack.advisor.sessions.last(f"slack:T1:C1:{person.thread_ts}") is None
    assert "What are you building" in words(said(other, "", mention=True))


# -- when Slack says no ---------------------------------------------------------------------------------------------


def test_a_rate_limit_is_waited_out_as_long_as_slack_says(slack: World) -> None:
    slack.mock.next_errors["chat.postMessage"] = [2]
    began = time.monotonic()
    said(slack.person, OPENING)
    assert 2 <= time.monotonic() - began < 8
    assert len(slack.person.answers()) == 1


def test_a_rate_limit_holds_no_other_conversation_back(slack: World) -> None:
    slack.mock.next_errors["chat.postMessage"] = [30]
    slack.person.say(OPENING, wait=False)
    slack.mock.wait(lambda: slack.mock.calls["chat.postMessage"] == 1)
    said(Person(slack.mock, user="U2"), OPENING)


@pytest.mark.parametrize("slack", [{"pace": 1.0}], indirect=True)
def test_a_channel_gets_one_message_a_second(slack: World) -> None:
    slack.mock.strict_pace = True
    people = [Person(slack.mock, user=f"U{n}", channel="C1") for n in range(3)]
    for person in people:
        person.say(OPENING, mention=True, wait=False)
    times = sorted(person.answer(0)["at"] for person in people)
    assert all(later - earlier >= 0.95 for earlier, later in itertools.pairwise(times))
    assert not slack.mock.refusals


@pytest.mark.parametrize("slack", [{"pace": 1.0}], indirect=True)
def test_a_rate_limit_holds_its_channel_back(slack: World) -> None:
    slack.mock.next_errors["chat.postMessage"] = [3]
    people = [Person(slack.mock, user=f"U{n}", channel="C1") for n in range(2)]
    people[0].say(OPENING, mention=True, wait=False)
    slack.mock.wait(lambda: slack.mock.calls["chat.postMessage"] == 1)
    limited = time.monotonic()
    people[1].say(OPENING, mention=True, wait=False)
    for person in people:
        assert person.answer(0)["at"] - limited > 2.5
    assert slack.mock.calls["chat.postMessage"] == 3


def test_two_workers_together_keep_one_channels_pace(shelf: Shelf, postgres_url: str) -> None:
    kept = [Sessions(postgres_url) for _ in range(2)]
    workers = [Advisor(lambda: shelf.reader, shelf, one) for one in kept]
    with (
        MockSlack() as mock,
        app(mock, workers[0], pace=1.0) as first,
        app(mock, workers[1], pace=1.0) as second,
    ):
        mock.strict_pace = True
        urls = itertools.cycle(f"http://127.0.0.1:{one.addresses.port}" for one in (first, second))
        mock.balance = lambda: next(urls)
        people = [Person(mock, user=f"U{n}", channel="C1") for n in range(6)]
        for person in people:
            person.say(OPENING, mention=True, wait=False)
        times = sorted(person.answer(0)["at"] for person in people)
        assert all(later - earlier >= 0.95 for earlier, later in itertools.pairwise(times))
        assert not mock.refusals
        took_part = [one.servers._front.gauges.turns._sum.get() > 0 for one in (first, second)]
    assert all(took_part)
    for one in kept:
        one.close()


def test_a_post_whose_answer_was_cut_is_not_posted_again(slack: World) -> None:
    slack.mock.next_errors["chat.postMessage"] = ["cut"]
    said(slack.person, OPENING)
    slack.settled()
    assert len(slack.person.answers()) == 1
    assert slack.mock.calls["conversations.replies"] == 1


def test_a_post_that_never_arrived_is_posted(slack: World) -> None:
    slack.mock.next_errors["chat.postMessage"] = [503]
    said(slack.person, OPENING)
    assert len(slack.person.answers()) == 1


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
def test_a_stream_cut_anywhere_leaves_one_whole_advice(slack: World, method: str) -> None:
    said(slack.person, ENOUGH)
    slack.mock.next_errors[method] = ["cut"]
    slack.person.say("just tell me", wait=False)
    slack.settled()
    answers = slack.person.answers()
    assert len(answers) == 2
    assert "What would change this" in words(answers[1])


def test_blocks_that_slack_does_not_take_are_said_as_plain_text(slack: World) -> None:
    slack.mock.next_errors["chat.postMessage"] = ["invalid_blocks"]
    assert "To answer well" in said(slack.person, OPENING)["text"]


def test_what_slack_refuses_for_another_reason_is_said_to_have_failed(slack: World) -> None:
    slack.mock.next_errors["chat.postMessage"] = ["msg_too_long"]
    assert "Something went wrong on my side" in words(said(slack.person, OPENING))


def test_an_outage_of_slacks_is_waited_out_longer_and_longer(slack: World) -> None:
    waits = [_patience(Later(3.0, "503", counts=True), n) for n in range(1, MOST_ATTEMPTS)]
    assert waits[0] == 3.0
    assert waits == sorted(waits)
    assert 600 <= sum(waits) <= 900
    assert _patience(Later(7.0, "ratelimited", counts=False), 5) == 7.0


def test_a_channel_that_we_are_not_in_is_told_of_in_a_direct_message(slack: World) -> None:
    slack.mock.outside.add("C5")
    Person(slack.mock, channel="C5").say(OPENING, mention=True, wait=False)
    note = slack.mock.wait(lambda: slack.mock.said(slack.person.team, "D1"))[0]
    assert "I am not in <#C5>" in note["text"]


@pytest.mark.parametrize("channel", ["CNONE", "CARCHIVED"])
def test_a_channel_that_is_gone_is_given_up_and_the_next_turn_works(slack: World, channel: str) -> None:
    slack.mock.archived.add("CARCHIVED")
    Person(slack.mock, channel=channel).say(OPENING, mention=True, wait=False)
    slack.settled()
    said(Person(slack.mock, user="U2"), OPENING)


def test_a_person_who_was_deactivated_is_given_up(slack: World) -> None:
    slack.mock.deliver(
        {"command": "/rung", "text": OPENING, "team_id": "T1", "user_id": "UGONE1", "trigger_id": "t1"}
    )
    slack.settled()
    quiet(slack)


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive", "invalid_auth"])
def test_a_revoked_token_is_noticed_and_nothing_more_is_tried(slack: World, code: str) -> None:
    slack.person.team.revoked = code
    slack.person.say(OPENING, wait=False)
    slack.settled()
    tried = sum(slack.mock.calls.values())
    slack.person.say("1", wait=False)
    slack.settled()
    assert sum(slack.mock.calls.values()) == tried
    assert slack.front.accounts.find("T1") is None


def test_a_turn_that_fails_again_and_again_is_said_to_have_failed(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr("agent.slack.front.MOST_ATTEMPTS", 1)
    monkeypatch.setattr(slack.advisor, "reply", broken)
    assert "Something went wrong on my side" in words(said(slack.person, OPENING))
    monkeypatch.undo()
    assert "To answer well" in words(said(slack.person, OPENING))


# -- organisations and several workspaces ---------------------------------------------------------------------------

GRID = Team(id="T1", enterprise="E1", org_wide=True)


@pytest.mark.parametrize("slack", [{"teams": (GRID,)}], indirect=True)
def test_an_organisation_without_a_team_is_served(slack: World) -> None:
    answer = said(slack.person, OPENING)
    pressed(slack.person, answer, "No, what you send it is all it needs")
    assert len(slack.advisor.turns(f"slack:E1:D1:{slack.person.thread_ts}")) == 2


MANY: dict[str, Any] = {
    "client_id": "1.2",
    "client_secret": "s" * 32,
    "keys": (new_key(),),
    "redirect": "https://rung.example.org/slack/oauth_redirect",
}
ONE, TWO = Team(), Team(id="T2", token="xoxb-2-good", bot_user="UBOT2", bot_id="BBOT2")


def install(world: World, team: Team, *, state: str = "", cookie: str = "", code: str = "") -> int:
    """Go through the installation as a browser does; the status at its end."""
    page = urllib.request.urlopen(f"{world.mock.app_url}/slack/install", timeout=10)
    given = page.headers["Set-Cookie"].split(";")[0]
    issued = page.read().decode().split("state=")[1].split("&")[0].split('"')[0]
    query = f"code={code or f'code-{team.key}'}&state={state or issued}"
    request = urllib.request.Request(
        f"{world.mock.app_url}/slack/oauth_redirect?{query}", headers={"Cookie": cookie or given}
    )
    try:
        return int(urllib.request.urlopen(request, timeout=10).status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("slack", [{**MANY, "teams": (ONE, TWO)}], indirect=True)
def test_two_workspaces_install_and_are_kept_apart(slack: World) -> None:
    assert install(slack, ONE) == install(slack, TWO) == 200
    first, second = Person(slack.mock, ONE), Person(slack.mock, TWO)
    said(first, OPENING)
    second.thread_ts = ""
    said(second, "4,000 policy PDFs to answer from")
    assert slack.advisor.facts(f"slack:T2:D1:{second.thread_ts}").get(Slot.PROMPTING) is None
    assert {k[0] for k, v in slack.mock.messages.items() if v} == {"T1", "T2"}


@pytest.mark.parametrize("slack", [{**MANY, "teams": (ONE,)}], indirect=True)
def test_an_installation_needs_the_browser_that_began_it_and_a_fresh_state(slack: World) -> None:
    assert install(slack, ONE, state="madeup") == 400
    assert install(slack, ONE, cookie="slack-app-oauth-state=other") == 400
    assert install(slack, ONE, code="nonsense") != 200
    assert slack.front.accounts.find("T1") is None


@pytest.mark.parametrize("slack", [{**MANY, "teams": (GRID,)}], indirect=True)
def test_an_organisation_can_install(slack: World) -> None:
    assert install(slack, GRID) == 200
    said(slack.person, OPENING)


@pytest.mark.parametrize("slack", [{**MANY, "teams": (replace(ONE), TWO)}], indirect=True)
@pytest.mark.parametrize(
    "last",
    [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}}],
    ids=lambda e: e["type"],
)
def test_an_uninstalled_workspaces_token_is_removed(slack: World, last: dict[str, Any]) -> None:
    team = slack.person.team
    assert install(slack, team) == install(slack, TWO) == 200
    slack.mock.deliver(slack.mock.envelope(team, last))
    slack.settled()
    assert slack.front.accounts.find("T1") is None
    assert slack.front.accounts.find("T2") is not None


@pytest.mark.parametrize("slack", [{**MANY, "teams": (replace(ONE),)}], indirect=True)
def test_an_uninstallation_that_comes_late_spares_a_newer_installation(slack: World) -> None:
    late = slack.mock.envelope(slack.person.team, {"type": "app_uninstalled"})
    late["event_time"] -= 60
    assert install(slack, slack.person.team) == 200
    slack.mock.deliver(late)
    slack.settled()
    said(slack.person, OPENING)


@pytest.mark.parametrize("slack", [{**MANY, "teams": (replace(ONE),)}], indirect=True)
@pytest.mark.parametrize(("code", "kept"), [("token_revoked", False), ("invalid_auth", True)])
def test_only_a_token_that_nothing_brings_back_is_removed(slack: World, code: str, kept: bool) -> None:
    team = slack.person.team
    assert install(slack, team) == 200
    team.revoked = code
    slack.person.say(OPENING, wait=False)
    slack.settled()
    assert slack.front.accounts.find("T1") is None
    with slack.advisor.sessions.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM slack_installations").scalar() == int(kept)


@pytest.mark.parametrize("slack", [{**MANY, "teams": (replace(ONE),)}], indirect=True)
def test_a_workspace_installed_again_through_another_worker_is_answered_at_once(slack: World) -> None:
    team = slack.person.team
    assert install(slack, team) == 200
    team.revoked = "invalid_auth"
    slack.person.say(OPENING, wait=False)
    slack.settled()
    assert slack.front.accounts.find("T1") is None
    slack.mock.teams["xoxb-1-anew"] = replace(team, token="xoxb-1-anew", revoked="")
    elsewhere = Installations(slack.advisor.sessions.engine, Vault(MANY["keys"]))
    elsewhere.save("T1", {"bot_token": "xoxb-1-anew", "bot_user_id": "UBOT", "bot_id": "BBOT"})
    said(Person(slack.mock, user="U2"), OPENING)


@pytest.mark.parametrize("slack", [{**MANY, "teams": (replace(ONE, expires_in=3600),)}], indirect=True)
def test_a_token_that_expires_is_renewed_before_it_does(slack: World) -> None:
    team = slack.person.team
    first = team.token
    assert install(slack, team) == 200
    team.expires_in = 43_200
    said(slack.person, OPENING)
    assert team.token != first
    second = team.token
    slack.front.accounts._known.clear()  # type: ignore[attr-defined]
    said(slack.person, "1")
    assert team.token == second  # it holds for twelve hours
    assert slack.mock.calls["oauth.v2.access"] == 3  # at the start, at the installation, and once anew
    with slack.advisor.sessions.engine.connect() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM slack_installations").all())
    assert not [secret for secret in (team.token, team.refresh) if secret in kept]


@pytest.mark.parametrize("slack", [{**MANY, "teams": (replace(ONE, expires_in=3600),)}], indirect=True)
def test_a_token_that_cannot_be_renewed_is_used_while_it_holds(slack: World) -> None:
    assert install(slack, slack.person.team) == 200
    slack.person.team.refresh = "another"
    said(slack.person, OPENING)


def test_a_client_secret_that_slack_does_not_take_is_named_at_the_start(advisor: Advisor) -> None:
    with MockSlack() as mock:
        mock.client_secret = "another"
        with (
            pytest.raises(NeedsSomething, match=r"RUNG_SLACK_CLIENT_SECRET \(bad_client_secret\)"),
            app(mock, advisor, **MANY),
        ):
            pass


@pytest.mark.parametrize("slack", [{**MANY, "teams": (ONE,)}], indirect=True)
def test_no_token_stands_readable_in_the_database(slack: World) -> None:
    assert install(slack, ONE) == 200
    with slack.advisor.sessions.engine.connect() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM slack_installations").all())
    assert ONE.token not in kept


# -- Socket Mode ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kindly", [True, False], ids=["refresh", "cut"])
def test_a_dropped_socket_is_opened_again(advisor: Advisor, kindly: bool) -> None:
    with MockSlack() as mock, app(mock, advisor, socket=True):
        person = Person(mock)
        said(person, OPENING)
        mock.drop_sockets(kindly=kindly)
        mock.wait(lambda: mock.connected, 30)
        said(person, "1")
        assert len(person.answers()) == 2


# -- operations -----------------------------------------------------------------------------------------------------


def ops(world: World, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{world.running.addresses.ops_port}{path}", timeout=10
        ) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_health_says_that_all_is_well(either: World) -> None:
    status, text = ops(either, "/health")
    assert (status, json.loads(text)["ok"]) == (200, True)


def test_health_says_what_is_not(slack: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> int:
        raise OSError("gone")

    monkeypatch.setattr(slack.front.inbox, "waiting", broken)
    status, text = ops(slack, "/health")
    assert status == 503
    assert json.loads(text)["database"] is False


def test_metrics_count_and_tell_nobodys_words(slack: World) -> None:
    said(slack.person, "canary-4711 one-line prompt, tone is off")
    slack.settled()
    _, text = ops(slack, "/metrics")
    assert 'rung_slack_events_total{kind="say"} 1.0' in text
    assert "rung_slack_turn_seconds_count 1.0" in text
    assert "rung_slack_ack_seconds_bucket" in text
    assert not any(word in text for word in ("canary", "U1", "D1", "T1", "xoxb"))


def test_metrics_are_not_on_the_public_address(slack: World) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{slack.mock.app_url}/metrics", timeout=10)


def test_a_graceful_stop_finishes_the_turn_in_hand(advisor: Advisor, monkeypatch: pytest.MonkeyPatch) -> None:
    real = advisor.reply

    def slow(*told: Any, **more: Any) -> Any:
        time.sleep(1.5)
        return real(*told, **more)

    monkeypatch.setattr(advisor, "reply", slow)
    with MockSlack() as mock:
        person = Person(mock)
        with app(mock, advisor) as running:
            person.say(OPENING, wait=False)
            mock.wait(lambda: mock.calls["assistant.threads.setStatus"])
        assert running.finished
        assert len(person.answers()) == 1


def test_what_was_kept_before_a_stop_is_answered_after_the_next_start(
    advisor: Advisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MockSlack() as mock:
        person = Person(mock)
        with app(mock, advisor) as running:
            monkeypatch.setattr(running.servers._front.inbox, "_settle", 3600.0)
            person.say(OPENING, wait=False)
        assert not person.answers()
        with advisor.sessions.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE slack_inbox SET due = 0")
        with app(mock, advisor):
            person.answer(0)


def test_no_secret_and_no_word_of_anybody_is_logged(slack: World) -> None:
    import io
    import logging

    from agent.slack import logs

    before = (logging.getLogger().handlers, logging.getLogger().level)
    stream = io.StringIO()
    logs.to(stream)
    try:
        said(slack.person, "canary-4711 one-line prompt, tone is off")
        bad = slack.mock.message_events(
            slack.person.team, "D1", slack.mock.add(slack.person.team, "D1", "U1", "canary-4712")
        )[0]
        slack.mock.deliver(bad, secret="f" * 32, retries=0)
        slack.mock.next_errors["chat.postMessage"] = ["internal_error", 503]
        said(slack.person, "canary-4713")
        slack.settled()
        logging.getLogger("slack_sdk").error("token xoxb-1-good and canary-4714")
        logs.log("odd", token=slack.person.team.token)
    finally:
        logging.getLogger().handlers, level = before
        logging.getLogger().setLevel(level)
    told = stream.getvalue()
    assert '"event": "turn"' in told
    assert "[secret]" in told
    assert not [word for word in ("canary", "xoxb-1", SECRET) if word in told]
    assert all(json.loads(line)["event"] for line in told.splitlines())


# -- at the start ---------------------------------------------------------------------------------------------------

GOOD = {"RUNG_SLACK_BOT_TOKEN": "xoxb-1", "RUNG_SLACK_SIGNING_SECRET": SECRET}


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"RUNG_SLACK_BOT_TOKEN": ""}, "RUNG_SLACK_BOT_TOKEN is not set"),
        ({"RUNG_SLACK_BOT_TOKEN": "xoxb-"}, "RUNG_SLACK_BOT_TOKEN is not filled in"),
        ({"RUNG_SLACK_BOT_TOKEN": "xoxe.xoxb-1-2"}, r"a token that expires \(rotation\)"),
        ({"RUNG_SLACK_BOT_TOKEN": "xoxp-1"}, "RUNG_SLACK_BOT_TOKEN holds a user's token"),
        ({"RUNG_SLACK_BOT_TOKEN": "xapp-1"}, "RUNG_SLACK_BOT_TOKEN holds an app-level token"),
        ({"RUNG_SLACK_APP_TOKEN": "xoxb-1"}, "RUNG_SLACK_APP_TOKEN holds a bot token"),
        ({"RUNG_SLACK_SIGNING_SECRET": ""}, "RUNG_SLACK_SIGNING_SECRET is not set"),
        ({"RUNG_SLACK_SIGNING_SECRET": "abc"}, "RUNG_SLACK_SIGNING_SECRET is not one"),
        ({"RUNG_SLACK_CLIENT_ID": "1.2"}, "exclude each other"),
        ({"RUNG_SLACK_CLIENT_ID": "1.2", "RUNG_SLACK_BOT_TOKEN": ""}, "RUNG_SLACK_CLIENT_SECRET is not set"),
        (
            {"RUNG_SLACK_CLIENT_ID": "1", "RUNG_SLACK_BOT_TOKEN": "", "RUNG_SLACK_APP_TOKEN": "xapp-1"},
            "Unset RUNG_SLACK_APP_TOKEN",
        ),
        ({"RUNG_SLACK_PORT": "80000"}, "RUNG_SLACK_PORT takes"),
        ({"RUNG_SLACK_WORKERS": "many"}, "RUNG_SLACK_WORKERS takes"),
        ({"RUNG_SLACK_DM": "both"}, "RUNG_SLACK_DM takes"),
    ],
)
def test_a_wrong_setting_is_named_at_the_start(change: dict[str, str], names: str) -> None:
    with pytest.raises((BadInput, NeedsSomething), match=names):
        SlackSettings.read({**GOOD, **change})


def test_a_setting_never_shows_its_secrets() -> None:
    told = repr(SlackSettings.read({**GOOD, "RUNG_SLACK_APP_TOKEN": "xapp-1"}))
    assert not [s for s in ("xoxb-1", "xapp-1", SECRET) if s in told]


def test_a_missing_scope_is_named_at_the_start(advisor: Advisor) -> None:
    lacking = Team(scopes=tuple(s for s in SCOPES if s not in ("files:write", "im:write")))
    with (
        MockSlack(lacking) as mock,
        pytest.raises(NeedsSomething, match=r"lacks the scopes files:write, im:write"),
        app(mock, advisor),
    ):
        pass
    check_scopes(SCOPES)


def test_a_token_that_slack_does_not_know_is_named_at_the_start(advisor: Advisor) -> None:
    with (
        MockSlack() as mock,
        pytest.raises(NeedsSomething, match="RUNG_SLACK_BOT_TOKEN"),
        app(mock, advisor, bot_token="xoxb-bad"),
    ):
        pass


def test_an_app_token_that_slack_does_not_know_is_named_at_the_start(advisor: Advisor) -> None:
    with (
        MockSlack() as mock,
        pytest.raises(NeedsSomething, match="connections:write"),
        app(mock, advisor, socket=True, app_token="xapp-bad"),
    ):
        pass


def test_a_slack_that_cannot_be_reached_is_said_at_the_start(advisor: Advisor) -> None:
    with (
        MockSlack() as mock,
        pytest.raises(NeedsSomething, match="cannot be reached"),
        app(mock, advisor, api="http://127.0.0.1:9/api/"),
    ):
        pass


def test_there_are_enough_checks() -> None:
    assert len([name for name in globals() if name.startswith("test_")]) >= 60
