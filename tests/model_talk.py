"""Conversations with a language model that a test plays: the advisor as it is built, a server on the loopback interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.model.chat import Model
from agent.model.turn import Mind
from agent.reading.llm import ModelReader
from agent.sessions import Sessions
from agent.settings import ModelSettings
from tests.model_server import KEY, ModelServer, model_server


@dataclass
class Talk:
    """An advisor with a model, the server that is its model, and what it wrote down."""

    advisor: Advisor
    server: ModelServer
    sessions: Sessions
    mind: Mind

    def calls(self, purpose: str) -> list[dict[str, Any]]:
        """The requests of one purpose so far."""
        return [body for body in self.server.requests if purpose_of(body) == purpose]


@contextmanager
def model_talk(shelf: Shelf, sessions: Sessions, **settings: Any) -> Iterator[Talk]:
    """An advisor whose model is a loopback server, until the block ends."""
    with model_server() as server:
        given = {"name": "m", "key": KEY, "base_url": server.url, "seconds": 60.0, **settings}
        mind = Mind(Model(ModelSettings(**given)), sessions)
        advisor = Advisor(lambda: ModelReader(shelf.reader), shelf, sessions, mind=mind)
        yield Talk(advisor, server, sessions, mind)


def purpose_of(body: dict[str, Any]) -> str:
    """What a request is for: read, write or answer, by the shape it asks for."""
    if body.get("tools"):
        name = body["tools"][0]["function"]["name"]
    elif (body.get("response_format") or {}).get("type") == "json_schema":
        name = body["response_format"]["json_schema"]["name"]
    else:
        name = body["messages"][-1]["content"]
    return {"MessageRead": "read", "Phrased": "write", "Answered": "answer"}.get(name, "unknown")


def read(intent: str = "answer", *values: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    """The model's answer to a reading: `(slot, value, quote)` each."""
    stated = [{"slot": s, "value": v, "quote": q} for s, v, q in values]
    return {"intent": intent, "agrees": "neither", "values": stated, "supposed": [], "question": "", **more}
