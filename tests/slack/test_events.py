"""Which of Slack's events are ours, what they say, and by which key each counts once."""

from __future__ import annotations

from typing import Any

import pytest

from agent.slack.events import Delivery, read, said, workspace

BOT = "UBOT"


def event(type: str = "message", **fields: Any) -> dict[str, Any]:
    body = {
        "type": "event_callback", "team_id": "T1", "event_id": "Ev1",
        "authorizations": [{"enterprise_id": None, "team_id": "T1", "user_id": BOT, "is_bot": True, "is_enterprise_install": False}],
        "event": {"type": type, "user": "U1", "text": "a bot for our shop", "ts": "1700000000.000100", "channel": "C1", **fields},
    }  # fmt: skip
    return body


def got(body: dict[str, Any], **options: Any) -> Delivery:
    found = read(body, **options)
    assert found is not None
    return found


def test_a_direct_message_is_ours_and_its_own_thread() -> None:
    found = got(event(channel="D1", channel_type="im"))
    assert (found.kind, found.direct, found.thread_id) == ("say", True, "slack:T1:D1:1700000000.000100")


def test_direct_messages_can_be_one_talk() -> None:
    found = got(event(channel="D1", channel_type="im"), one_talk=True)
    assert found.thread_id == "slack:T1:D1:"
    inside = got(event(channel="D1", channel_type="im", thread_ts="1600000000.000100"), one_talk=True)
    assert inside.thread_id == "slack:T1:D1:1600000000.000100"


def test_a_mention_is_ours_and_its_thread_the_session() -> None:
    found = got(event("app_mention", text=f"<@{BOT}> a bot for our shop"))
    assert (found.text, found.mentioned, found.thread_ts) == ("a bot for our shop", True, "1700000000.000100")


def test_a_mention_that_comes_as_two_events_has_one_key() -> None:
    text = f"<@{BOT}> a bot"
    first = got(event("app_mention", text=text))
    second = got({**event(text=text, channel_type="channel"), "event_id": "Ev2"})
    assert first.key == second.key
    assert second.mentioned


def test_a_name_with_a_label_is_a_mention_too() -> None:
    found = got(event(text=f"<@{BOT}|rung> a bot"))
    assert (found.text, found.mentioned) == ("a bot", True)
    assert read(event(text="<@UBOTTLE> a bot")) is None


def test_talk_in_a_channel_is_not_ours() -> None:
    assert read(event(channel_type="channel")) is None


def test_talk_in_a_thread_may_be_ours() -> None:
    found = got(event(channel_type="channel", thread_ts="1600000000.000100"))
    assert (found.mentioned, found.thread_ts) == (False, "1600000000.000100")


@pytest.mark.parametrize(
    "subtype",
    [
        "message_changed",
        "message_deleted",
        "channel_join",
        "channel_leave",
        "bot_message",
        "channel_topic",
        "assistant_app_thread",
    ],
)
def test_edits_joins_and_the_like_are_not_answered(subtype: str) -> None:
    assert read(event(channel="D1", channel_type="im", subtype=subtype)) is None


@pytest.mark.parametrize("fields", [{"bot_id": "B1"}, {"user": BOT}, {"user": ""}, {"hidden": True}])
def test_bots_and_ourselves_are_not_answered(fields: dict[str, Any]) -> None:
    assert read(event(channel="D1", channel_type="im", **fields)) is None


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_what_people_write_beside_a_file_is_read(subtype: str) -> None:
    assert got(event(channel="D1", channel_type="im", subtype=subtype)).text == "a bot for our shop"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("&lt;b&gt; &amp; co", "<b> & co"),
        ("ask <@U9> or <@U9|ann>", "ask @somebody or @ann"),
        ("in <#C9|general>", "in #general"),
        ("<!channel> and <!here> and <!subteam^S1|@team>", "@channel and @here and @team"),
        ("see <https://example.org/a|our page>", "see our page (https://example.org/a)"),
        ("see <https://example.org/a>", "see https://example.org/a"),
        ("<mailto:a@example.org|a@example.org>", "a@example.org"),
        ("&lt;!channel&gt;", "<!channel>"),
        ("what-if volume=5000", "/what-if volume=5000"),
        ("reach 4", "/reach 4"),
        ("reach out to customers", "reach out to customers"),
    ],
)
def test_what_was_said_is_told_in_plain_words(text: str, plain: str) -> None:
    assert said(text) == plain


def test_the_workspace_is_whose_installation_it_is() -> None:
    grid = {
        "team_id": None,
        "enterprise_id": "E1",
        "authorizations": [{"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}],
    }
    assert workspace(grid) == "E1"
    assert workspace({"team": None, "enterprise": {"id": "E1"}, "is_enterprise_install": True}) == "E1"
    assert workspace({"is_enterprise_install": "true", "enterprise_id": "E1", "team_id": "T1"}) == "E1"
    assert workspace({"is_enterprise_install": "false", "enterprise_id": "E1", "team_id": "T1"}) == "T1"
    assert workspace({"team": {"id": "T1"}, "enterprise": None}) == "T1"
    assert workspace({}) == ""


def action(**more: Any) -> dict[str, Any]:
    pressed = {
        "action_id": "rung.say.0",
        "value": '{"thread": "1.0", "turn": 3, "say": "Nothing yet"}',
        "action_ts": "17.5",
    }
    return {
        "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "trigger_id": "tr",
        "channel": {"id": "C1"}, "container": {"type": "message", "message_ts": "2.0", "channel_id": "C1"},
        "actions": [{**pressed, **more}],
    }  # fmt: skip


def test_a_button_says_its_choice_in_its_thread() -> None:
    found = got(action())
    assert (found.kind, found.text, found.turn, found.thread_id) == (
        "pick",
        "Nothing yet",
        3,
        "slack:T1:C1:1.0",
    )


def test_a_button_pressed_twice_is_two_deliveries_and_one_sent_twice_is_one() -> None:
    assert got(action()).key == got(action()).key
    assert got(action()).key != got(action(action_ts="17.6")).key


def test_ticked_boxes_are_said_by_number() -> None:
    body = action(action_id="rung.several", value='{"thread": "1.0", "turn": 3}')
    body["state"] = {
        "values": {"b": {"rung.choices": {"selected_options": [{"value": "2"}, {"value": "3"}]}}}
    }
    assert got(body).text == "2, 3"
    body["state"] = {"values": {"b": {"rung.choices": {"selected_options": []}}}}
    assert read(body) is None


@pytest.mark.parametrize(
    "pressed", [{"action_id": "rung.choices"}, {"action_id": "rung.link"}, {"action_id": "other"}]
)
def test_what_needs_no_answer_is_none(pressed: dict[str, Any]) -> None:
    assert read(action(**pressed)) is None


def test_a_value_that_is_none_of_ours_does_no_harm() -> None:
    assert got(action(value="not json")).turn is None
    assert got(action(value="[1]")).text == ""


def test_home_and_messages_tab_are_told_apart() -> None:
    assert got(event("app_home_opened", tab="home")).kind == "home"
    assert got(event("app_home_opened", tab="messages", channel="D1")).kind == "greet"


def test_the_older_assistant_view_is_greeted_in_its_thread() -> None:
    body = event(
        "assistant_thread_started", assistant_thread={"user_id": "U1", "channel_id": "D1", "thread_ts": "5.0"}
    )
    found = got(body)
    assert (found.kind, found.channel, found.thread_ts, found.user) == ("greet", "D1", "5.0", "U1")


def test_a_workspace_that_goes_is_noticed() -> None:
    assert got(event("app_uninstalled")).kind == "gone"
    assert got(event("tokens_revoked", tokens={"bot": ["UBOT"]})).kind == "gone"
    assert read(event("tokens_revoked", tokens={"oauth": ["U1"]})) is None


def test_command_and_shortcut_bring_a_case() -> None:
    command = got(
        {
            "command": "/rung",
            "text": "a bot &amp; a shop",
            "team_id": "T1",
            "user_id": "U1",
            "trigger_id": "x",
        }
    )
    assert (command.kind, command.text, command.user) == ("case", "a bot & a shop", "U1")
    cut = got(
        {
            "type": "message_action",
            "team": {"id": "T1"},
            "user": {"id": "U1"},
            "trigger_id": "x",
            "message": {"text": "help"},
        }
    )
    assert (cut.kind, cut.text) == ("case", "help")
    assert command.key != cut.key


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "event_callback"},
        {"type": "event_callback", "event": {"type": "reaction_added"}},
        {"type": "view_closed"},
    ],
)
def test_anything_else_is_left_alone(body: dict[str, Any]) -> None:
    assert read(body) is None
