"""The manifests, the example settings and the docs say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from agent.slack import setup
from agent.slack.app import _EVENTS
from agent.slack.setup import SCOPES, SlackSettings
from agent.slack.views import prompts

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "slack.md").read_text()
#: Subscriptions whose events arrive as `message`.
MESSAGES = {"message.channels", "message.groups", "message.im", "message.mpim"}


@pytest.mark.parametrize("name", ["manifest.yaml", "manifest-http.yaml"])
def test_a_manifest_asks_for_what_the_code_needs(name: str) -> None:
    told = yaml.safe_load((ROOT / "slack" / name).read_text())
    assert tuple(told["oauth_config"]["scopes"]["bot"]) == SCOPES
    events = set(told["settings"]["event_subscriptions"]["bot_events"])
    assert events >= MESSAGES
    assert events - MESSAGES <= set(_EVENTS)
    assert told["features"]["slash_commands"][0]["command"] == "/rung"
    assert told["features"]["shortcuts"][0]["callback_id"] == "rung_ask"
    offered = {p["message"] for p in prompts()}
    assert {p["message"] for p in told["features"]["agent_view"]["suggested_prompts"]} <= offered
    assert told["settings"]["socket_mode_enabled"] is (name == "manifest.yaml")
    assert len(told["display_information"]["long_description"]) >= 174


def test_every_setting_is_documented() -> None:
    named = set(re.findall(r"RUNG_SLACK_[A-Z_]+", setup.__doc__ or ""))
    read = {
        f"RUNG_SLACK_{n}" for n in re.findall(r'"(?!RUNG)([A-Z_]{2,})"', Path(setup.__file__).read_text())
    }
    assert read <= named
    assert named == set(re.findall(r"`(RUNG_SLACK_[A-Z_]+)`", DOCS))


def test_every_scope_is_explained() -> None:
    assert all(f"`{scope}`" in DOCS for scope in SCOPES)


def test_the_example_settings_name_real_settings_and_hold_no_secret() -> None:
    text = (ROOT / "slack" / ".env.example").read_text()
    given = dict(
        line.lstrip("#").split("=", 1) for line in text.splitlines() if re.match(r"#?[A-Z_]+=", line)
    )
    assert all(f"`{name}`" in DOCS for name in given if name.startswith("RUNG_"))
    filled = {
        **given,
        "RUNG_SLACK_BOT_TOKEN": "xoxb-1",
        "RUNG_SLACK_APP_TOKEN": "xapp-1",
        "RUNG_SLACK_REDIRECT": "",
    }
    assert SlackSettings.read(filled).by_socket


def test_the_manual_check_has_fifteen_steps() -> None:
    assert re.findall(r"^(\d+)\. ", DOCS.split("Fifteen steps")[1], re.MULTILINE) == [
        str(n) for n in range(1, 16)
    ]


def test_the_container_file_copies_what_there_is() -> None:
    text = (ROOT / "slack" / "Containerfile").read_text()
    for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name
