"""The door to a language model, against a real server on the loopback interface."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
from pydantic import BaseModel, ConfigDict

from agent.errors import BadInput, ModelFault
from agent.model import open_model
from agent.model.breaker import FAILURES, PAUSE, Breaker
from agent.model.chat import Effort, Model
from agent.settings import DEFAULT_MODEL, Budget, ModelSettings, Settings, provider_of
from tests.model_server import (
    FAULTS,
    KEY,
    Fault,
    ModelServer,
    model_server,
    refused_url,
    seconds_for,
    wanted_way,
)


class Colour(BaseModel):
    """A colour."""

    model_config = ConfigDict(extra="forbid")

    name: str
    warm: bool


RED = {"name": "red", "warm": True}
ASKED = [("system", "Name a colour."), ("user", "A warm one, please.")]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


def opened(server: ModelServer, **more: object) -> Model:
    return Model(ModelSettings(name="m", key=KEY, base_url=server.url, **{"seconds": 60.0, **more}))  # type: ignore[arg-type]


def test_without_a_key_there_is_no_model() -> None:
    assert open_model(Settings.read({})) is None
    assert Settings.read({"OPENAI_API_KEY": "sk-x", "RUNG_MODEL": "off"}).model is None


def test_a_key_alone_is_enough() -> None:
    found = Settings.read({"OPENAI_API_KEY": "sk-x"}).model
    assert found is not None
    assert (found.name, found.place) == (DEFAULT_MODEL, "api.openai.com")
    assert "sk-x" not in repr(found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gpt-6-luna", ("openai", "gpt-6-luna")),
        ("llama3.2:3b", ("openai", "llama3.2:3b")),
        ("anthropic:some-model", ("anthropic", "some-model")),
        ("openai:gpt-6-luna", ("openai", "gpt-6-luna")),
    ],
)
def test_a_provider_is_told_from_a_name_with_a_colon(name: str, expected: tuple[str, str]) -> None:
    assert provider_of(name) == expected


def test_budgets_and_prices_are_read_and_the_rest_keeps_its_usual_amount() -> None:
    found = Settings.read(
        {"RUNG_MODEL": "m", "RUNG_DAY_BUDGET": "dollars=0.5 calls=7", "RUNG_MODEL_PRICE": "input=1 output=2"}
    ).model
    assert found is not None and found.price is not None
    assert found.day == Budget(7, 3_000_000, Decimal("0.5"))
    assert (found.price.cached, found.price.output) == (Decimal(1), Decimal(2))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RUNG_DAY_BUDGET", "money=3"),
        ("RUNG_SESSION_BUDGET", "calls=-1"),
        ("RUNG_MODEL_PRICE", "input=1"),
        ("RUNG_MODEL_SECONDS", "soon"),
        ("RUNG_MODEL_OUTPUT", "xml"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(variable: str, value: str) -> None:
    with pytest.raises(BadInput, match=variable):
        Settings.read({"RUNG_MODEL": "m", variable: value})


@pytest.mark.parametrize("way", ["json_schema", "tools", "json"])
@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer_comes_in_the_way_the_server_supports(
    server: ModelServer, way: str, streamed: bool
) -> None:
    server.supports = (way,)
    server.answer = lambda _: RED
    model, heard = opened(server), list[str]()
    found, usage = model.structured(Colour, ASKED, Effort(on_text=heard.append if streamed else None))
    assert found == Colour(name="red", warm=True)
    assert wanted_way(server.requests[-1]) == way
    assert usage.input_tokens > 0 and usage.output_tokens > 0
    asked = len(server.requests)
    model.structured(Colour, ASKED)
    assert len(server.requests) == asked + 1  # what was learned is kept
    if streamed:
        assert heard[-1] == '{"name": "red", "warm": true}' and len(heard) > 2


def test_the_schema_is_sent_strict(server: ModelServer) -> None:
    server.say(RED)
    opened(server).structured(Colour, ASKED)
    form = server.requests[0]["response_format"]["json_schema"]
    assert form["strict"] is True
    assert form["schema"]["additionalProperties"] is False
    assert sorted(form["schema"]["required"]) == ["name", "warm"]
    assert server.keys == [f"Bearer {KEY}"]


def test_an_answer_in_a_code_fence_is_read(server: ModelServer) -> None:
    server.say('```json\n{"name": "red", "warm": true}\n```')
    assert opened(server).structured(Colour, ASKED)[0].name == "red"


def test_plain_text_is_streamed(server: ModelServer) -> None:
    server.say("A long answer that comes in more than one piece, to be shown as it comes.")
    heard: list[str] = []
    text, usage = opened(server).text(ASKED, Effort(on_text=heard.append))
    assert heard[-1] == text and len(heard) > 2
    assert usage.calls == 1 and usage.cached_tokens == 8


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("name", "kind"), FAULTS.items())
def test_every_fault_becomes_a_clear_error(server: ModelServer, name: str, kind: str, streamed: bool) -> None:
    server.answer = lambda _: Fault(name)
    model = opened(server, seconds=seconds_for(name))
    begun = time.monotonic()
    with pytest.raises(ModelFault) as caught:
        model.structured(Colour, ASKED, Effort(on_text=(lambda _: None) if streamed else None))
    assert caught.value.kind == kind
    assert time.monotonic() - begun < 45
    assert len(str(caught.value).split()) >= 4
    assert KEY not in str(caught.value)
    declined = len(server.requests) - 1 if name == "no structure" else 0  # for their form alone
    assert caught.value.usage.calls == len(server.requests) - declined <= 3


def test_a_server_that_does_not_stream_is_asked_for_the_whole(server: ModelServer) -> None:
    server.streams = False
    server.answer = lambda _: RED
    model = opened(server)
    assert model.structured(Colour, ASKED, Effort(on_text=lambda _: None))[0].name == "red"
    model.structured(Colour, ASKED, Effort(on_text=lambda _: None))
    assert [bool(body.get("stream")) for body in server.requests] == [True, False, False]
    assert wanted_way(server.requests[-1]) == "json_schema"


def test_nobody_listening_is_a_clear_error() -> None:
    model = Model(ModelSettings(name="m", base_url=refused_url(), seconds=5))
    with pytest.raises(ModelFault, match=r"127\.0\.0\.1.* could not be reached") as caught:
        model.text(ASKED)
    assert caught.value.kind == "unreachable"


@pytest.mark.parametrize("name", ["busy", "server", "no choices", "no json", "closes", "wrong shape"])
def test_what_is_safe_to_try_again_is_tried_again(server: ModelServer, name: str) -> None:
    server.say(Fault(name), RED)
    found, usage = opened(server).structured(Colour, ASKED)
    assert found.warm
    assert usage.calls == len(server.requests) == 2


@pytest.mark.parametrize(
    "name", ["wrong key", "unknown model", "quota", "too long", "refusal", "bad request", "length"]
)
def test_what_cannot_mend_itself_is_asked_once(server: ModelServer, name: str) -> None:
    server.answer = lambda _: Fault(name)
    with pytest.raises(ModelFault):
        opened(server).structured(Colour, ASKED)
    assert len(server.requests) == 1


def test_retry_after_is_honoured(server: ModelServer) -> None:
    server.say(Fault("busy", after="1"), RED)
    begun = time.monotonic()
    opened(server).structured(Colour, ASKED)
    assert time.monotonic() - begun >= 1.0


def test_a_wait_longer_than_the_time_left_is_not_begun(server: ModelServer) -> None:
    server.answer = lambda _: Fault("busy", after="90")
    begun = time.monotonic()
    with pytest.raises(ModelFault) as caught:
        opened(server).structured(Colour, ASKED)
    assert (caught.value.kind, caught.value.wait) == ("busy", 90.0)
    assert time.monotonic() - begun < 45


def test_the_second_model_answers_when_the_first_fails(server: ModelServer) -> None:
    server.answer = lambda body: RED if body["model"] == "second" else Fault("unknown model")
    found, usage = opened(server, fallback="second").structured(Colour, ASKED)
    assert found.name == "red"
    assert (usage.model, usage.calls) == ("second", 2)


def test_a_first_model_that_hangs_leaves_time_for_the_second(server: ModelServer) -> None:
    server.answer = lambda body: RED if body["model"] == "second" else Fault("hangs")
    found, _ = opened(server, fallback="second", seconds=8.0).structured(Colour, ASKED)
    assert found.name == "red"


def test_an_endpoint_that_keeps_failing_is_left_alone(server: ModelServer) -> None:
    server.answer = lambda _: Fault("server")
    model = opened(server)
    for _ in range(FAILURES):
        with pytest.raises(ModelFault):
            model.text(ASKED)
    asked = len(server.requests)
    with pytest.raises(ModelFault) as caught:
        model.text(ASKED)
    assert caught.value.kind == "paused" and len(server.requests) == asked


def test_the_breaker_lets_one_through_after_its_pause() -> None:
    now = [100.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(FAILURES):
        assert breaker.closed()
        breaker.failed("server")
    assert not breaker.closed()
    now[0] += PAUSE + 1
    assert breaker.closed() and not breaker.closed()
    breaker.succeeded()
    assert breaker.closed()


def test_a_wrong_key_opens_the_breaker_at_once_and_a_refusal_never() -> None:
    breaker = Breaker(lambda: 100.0)
    for _ in range(9):
        breaker.failed("refused")
    assert breaker.closed()
    breaker.failed("key")
    assert not breaker.closed()


def test_ctrl_c_closes_the_request(server: ModelServer) -> None:
    server.answer = lambda _: Fault("hangs")

    def interrupt() -> None:
        while not server.requests and not server.stopping.wait(0.05):
            pass
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        opened(server).text(ASKED)
    assert server.closed_by_client.wait(20)


def test_calls_from_many_threads_do_not_mix(server: ModelServer) -> None:
    server.answer = lambda body: {"name": body["messages"][-1]["content"], "warm": False}
    model, found = opened(server), dict[str, str]()

    def ask(word: str) -> None:
        found[word] = model.structured(Colour, [("user", word)])[0].name

    threads = [threading.Thread(target=ask, args=(f"colour {n}",)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == {f"colour {n}": f"colour {n}" for n in range(12)}


def test_money_goes_by_the_dated_table_and_can_be_overridden(server: ModelServer) -> None:
    server.answer = lambda _: RED
    known = Model(ModelSettings(name="gpt-4.1-2025-04-14", base_url=server.url)).structured(Colour, ASKED)[1]
    # 2.00 in, 0.50 cached, 8.00 out per million: knowledge/sources/prices.md
    expected = ((known.input_tokens - 8) * 2 + 8 * Decimal("0.5") + known.output_tokens * 8) / 1_000_000
    assert known.dollars == expected
    assert opened(server).structured(Colour, ASKED)[1].dollars is None
    told = Settings.read(
        {"RUNG_MODEL": "m", "OPENAI_BASE_URL": server.url, "RUNG_MODEL_PRICE": "input=0 output=1000000"}
    )
    assert told.model is not None
    usage = Model(told.model).structured(Colour, ASKED)[1]
    assert usage.dollars == usage.output_tokens


def test_another_provider_without_its_package_says_which_package() -> None:
    with pytest.raises(ModelFault, match=r"langchain-cohere|langchain_cohere"):
        Model(ModelSettings(name="cohere:command")).text(ASKED)


@pytest.fixture
def azure(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    """Another provider of LangChain's whose package is installed: its key and address are its own variables'."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", server.url.removesuffix("/v1"))
    monkeypatch.setenv("OPENAI_API_VERSION", "2024-10-21")
    return server


@pytest.mark.parametrize("streamed", [False, True])
def test_another_provider_answers_in_its_own_way(azure: ModelServer, streamed: bool) -> None:
    azure.answer = lambda body: (
        RED if wanted_way(body) != "text" else "A warm answer in more pieces than one."
    )
    model, heard = Model(ModelSettings(name="azure_openai:m")), list[str]()
    effort = Effort(on_text=heard.append if streamed else None)
    found, usage = model.structured(Colour, ASKED, effort)
    assert found == Colour(name="red", warm=True)
    assert (usage.model, usage.calls) == ("azure_openai:m", 1) and usage.input_tokens > 0
    if streamed:
        assert heard[-1] == '{"name": "red", "warm": true}' and len(heard) > 2
    assert model.text(ASKED)[0].startswith("A warm answer")


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("name", "kind"), FAULTS.items())
def test_another_provider_s_faults_are_as_clear(
    azure: ModelServer, name: str, kind: str, streamed: bool
) -> None:
    azure.answer = lambda _: Fault(name)
    model = Model(ModelSettings(name="azure_openai:m", seconds=seconds_for(name)))
    with pytest.raises(ModelFault) as caught:
        model.structured(Colour, ASKED, Effort(on_text=(lambda _: None) if streamed else None))
    assert caught.value.kind == kind
    assert KEY not in str(caught.value)
