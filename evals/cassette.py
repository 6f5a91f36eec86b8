"""What a language model was asked and what it answered, one line a call, to be played again.

A request has two hashes. `request` is over all of it: the messages, and the shape that was asked for. `asked` is what an answer
is found by. It leaves out the passages that were found for the request, which may change places from machine to machine, and
what was shown otherwise at first: the words in which a refused sentence's fault was told, an id named twice for one sentence,
and the person's own words behind a fact.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

#: Blocks of a prompt that hold what a search found.
_FOUND: Final = re.compile(r"<(passages|material|sources)>.*?</\1>", re.DOTALL)
_WORDS: Final = re.compile(r" \(in their words: .*\)$", re.MULTILINE)
#: The ids beside a sentence to reword, and the fault told behind a sentence that was refused.
_IDS: Final = re.compile(r"^(\w+ )\[([^]\n]*)\]", re.MULTILINE)
_REFUSED: Final = re.compile(r"(?<=\n)([^\n]*(?:not accepted|without their faults):\n)(.*)", re.DOTALL)
_FAULT: Final = re.compile(r" \([^()\n]*\)$", re.MULTILINE)
#: What a request is for, by the shape that it asks for.
PURPOSES: Final[Mapping[str, str]] = {"MessageRead": "read", "Phrased": "write", "Answered": "answer"}


class Recorded(BaseModel):
    """One call. `answer` is the text as it came, or the arguments of the tool call as JSON; empty when `fault` says why."""

    model_config = ConfigDict(frozen=True)

    conversation: str
    turn: int
    purpose: str
    prompt: str = ""
    request: str
    asked: str
    answer: str = ""
    fault: str = ""
    input_tokens: int = 0
    output_tokens: int = 0


def shape_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The shape that a Chat Completions request asks for: its name and JSON Schema; empty in JSON mode."""
    if body.get("tools"):
        told = body["tools"][0]["function"]
        return {"name": told["name"], "schema": told["parameters"]}
    form = (body.get("response_format") or {}).get("json_schema")
    return {"name": form["name"], "schema": form["schema"]} if form else {}


def purpose_of(body: Mapping[str, Any]) -> str:
    """read, write or answer; "unknown" for a request that Rung would not make."""
    return PURPOSES.get(shape_of(body).get("name", ""), "unknown")


def request_hash(body: Mapping[str, Any]) -> str:
    """All of what was asked, whatever the model and however it is told to answer."""
    return _hash([_messages(body), shape_of(body)])


def asked_hash(body: Mapping[str, Any]) -> str:
    """What was asked, without what a search found for it and without what `plainly` leaves out."""
    told = [text for role, text in _messages(body) if role == "user"]
    return _hash([purpose_of(body), *(plainly(_FOUND.sub("", text)) for text in told)])


def plainly(text: str) -> str:
    """A request, facts without the words behind them, each id once beside its sentence, and refused sentences without what
    was wrong with them."""
    text = _WORDS.sub("", text)
    text = _IDS.sub(lambda m: f"{m[1]}[{', '.join(dict.fromkeys(m[2].split(', ')))}]", text)
    return _REFUSED.sub(lambda m: m[1] + _FAULT.sub("", m[2]), text)


def read(path: Path) -> list[Recorded]:
    """The calls of a file, or of all files of a folder."""
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    lines = (line for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return [Recorded.model_validate_json(line) for line in lines if line.strip()]


class Player:
    """Answers requests from a record; the same request asked again gets the next of its answers, or the last one."""

    def __init__(self, calls: Iterable[Recorded]) -> None:
        self._by_asked: dict[str, list[str]] = {}
        for call in calls:
            self._by_asked.setdefault(call.asked, []).append(call.answer)
        self._given: dict[str, Iterator[str]] = {}
        self.missing: list[str] = []

    def answer(self, body: Mapping[str, Any]) -> str | None:
        """The answer on record; None where this was never asked."""
        key = asked_hash(body)
        answers = self._by_asked.get(key)
        if answers is None:
            self.missing.append(purpose_of(body))
            return None
        return next(self._given.setdefault(key, iter(answers)), answers[-1])


def _messages(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(m["role"], str(m.get("content") or "")) for m in body["messages"]]


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
