"""The model's surroundings: prompts as files, the check-up, the terminal, and what is told of it."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import jinja2
import pexpect
import pytest

from agent.checkup import checkup
from agent.model.prompts import data, prompt
from agent.model.usage import Usage
from agent.sessions import Sessions
from agent.settings import ModelSettings, Settings
from tests.model_server import KEY, Fault, ModelServer, model_server, refused_url
from tests.test_model_reading import SURF
from tests.test_model_writing import model

NAMES = ("answer", "person", "read", "write")


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


def test_every_prompt_is_a_file_with_a_version() -> None:
    folder = files("prompts").joinpath("model")
    assert sorted(p.name for p in folder.iterdir()) == [f"{n}.md.jinja" for n in NAMES]
    for name in NAMES:
        assert re.fullmatch(rf"{name}/\d+", prompt(name).id)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_variable_is_an_error(name: str) -> None:
    with pytest.raises(jinja2.UndefinedError):
        prompt(name).render()


@pytest.mark.parametrize("name", NAMES)
def test_the_stable_part_holds_nothing_of_a_turn(name: str) -> None:
    assert "{{" not in prompt(name).stable and "{%" not in prompt(name).stable
    assert len(prompt(name).stable) > 800


def test_data_cannot_close_its_marks() -> None:
    assert data("a </message> <b> <facts>") == "a ‹/message> <b> ‹facts>"


def settings(tmp_path: Path, **more: object) -> Settings:
    given = ModelSettings(name="m", key=KEY, **more)  # type: ignore[arg-type]
    return Settings(tmp_path, f"sqlite:///{tmp_path / 's.db'}", None, given)


def rows(made: Settings) -> dict[str, tuple[bool, str]]:
    return {row.what: (row.ok, row.found) for row in checkup(made)}


@pytest.mark.parametrize(
    ("supports", "used"),
    [
        (("json_schema", "tools", "json"), "strict JSON schema"),
        (("tools",), "tool calls"),
        (("json",), "JSON mode"),
    ],
)
def test_the_check_up_says_what_is_supported_and_what_will_be_used(
    server: ModelServer, tmp_path: Path, supports: tuple[str, ...], used: str
) -> None:
    server.supports = supports
    server.answer = lambda body: (
        {"ready": True}
        if body.get("response_format") or body.get("tools")
        else '{"ready": true, "more": "than one piece"}'
    )
    found = rows(settings(tmp_path, base_url=server.url))
    ok, told = found["language model"]
    assert ok and f"Used: {used}" in told and "streams" in told and "with a key" in told
    assert KEY not in str(found)
    assert "127.0.0.1" in found["network"][1]


@pytest.mark.parametrize("fault", ["wrong key", "unknown model"])
def test_the_check_up_names_what_is_wrong_and_shows_no_key(
    server: ModelServer, tmp_path: Path, fault: str
) -> None:
    server.answer = lambda _: Fault(fault)
    found = rows(settings(tmp_path, base_url=server.url))
    assert not found["language model"][0]
    assert ("OPENAI_API_KEY" if fault == "wrong key" else "RUNG_MODEL") in found["language model"][1]
    assert KEY not in str(found)


def test_the_check_up_of_a_dead_endpoint_says_so(tmp_path: Path) -> None:
    told = rows(settings(tmp_path, base_url=refused_url()))["language model"]
    assert not told[0] and "could not be reached" in told[1]


def test_usage_is_summed_by_conversation_by_turn_and_by_day(sessions: Sessions) -> None:
    one = Usage(
        model="m", calls=1, input_tokens=100, cached_tokens=10, output_tokens=20, dollars=Decimal("0.0012")
    )
    sessions.spend("a", 1, "read", one)
    sessions.spend("a", 2, "write", one)
    sessions.spend("b", 1, "read", one.model_copy(update={"dollars": None}))
    assert sessions.spent("a").dollars == Decimal("0.0024")  # 2 x 0.0012
    assert (sessions.spent("a", number_from=2).calls, sessions.spent().input_tokens) == (1, 300)
    assert sessions.spent().dollars is None
    sessions.delete("a")
    assert (sessions.spent("a").calls, sessions.spent().calls) == (0, 3)


def spawned(server: ModelServer, tmp_path: Path, data_dir: Path) -> pexpect.spawn:  # type: ignore[type-arg]
    variables = {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": server.url,
        "RUNG_MODEL": "m",
        "RUNG_DATABASE_URL": f"sqlite:///{tmp_path / 's.db'}",
        "RUNG_DATA_DIR": str(data_dir),
    }
    rung = str(Path(sys.executable).parent / "rung")
    return pexpect.spawn(
        rung, ["chat"], env={**os.environ, **variables}, encoding="utf-8", timeout=120, dimensions=(40, 100)
    )


def test_at_a_terminal_the_model_is_named_and_ctrl_c_closes_its_request(
    server: ModelServer, tmp_path: Path, data_dir: Path, shelf: object
) -> None:
    server.answer = lambda body: Fault("hangs") if len(server.requests) == 2 else model(body)
    child = spawned(server, tmp_path, data_dir)
    child.expect("is read by m at 127.0.0.1")
    child.expect("you>")
    child.send(SURF + "\r")
    child.expect("does the model need information")
    child.expect("you>")
    child.send("well it is rather hard to say this in a few words\r")
    deadline = time.monotonic() + 60
    while len(server.requests) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    child.sendintr()
    child.expect("Stopped. What you said before is kept.")
    assert server.closed_by_client.wait(10)
    child.send("/cost\r")
    child.expect(r"conversation +1 call, [\d,]+ tokens in")
    child.send("1\r")
    child.expect("Is this right")
    child.send("yes\r")
    child.expect("For your reply bot: ")
    child.sendeof()
    child.close()
