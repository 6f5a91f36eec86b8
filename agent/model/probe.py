"""What `rung doctor` asks of a language model: does it answer, in which ways can it be asked for JSON, does it stream?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from pydantic import BaseModel, ConfigDict

from agent.errors import ModelFault
from agent.model.answers import Way
from agent.model.chat import Effort, Message, Model, ways_of
from agent.settings import ModelSettings, Settings

#: Seconds for each question of the check-up.
SECONDS: Final = 20.0
_ASKED: Final[list[Message]] = [("user", "Answer with a JSON object whose key ready is true.")]
_CALLED: Final = {
    "json_schema": "strict JSON schema",
    "tools": "tool calls",
    "json": "JSON mode",
    "own": "its own",
}


class Ready(BaseModel):
    """Says that it is ready."""

    model_config = ConfigDict(extra="forbid")

    ready: bool


@dataclass(frozen=True)
class Probed:
    what: str
    ok: bool
    found: str
    remedy: str = ""


def probe(settings: Settings) -> list[Probed]:
    """A few short calls to each model that is set up."""
    given = settings.model
    if given is None:
        return []
    rows = [
        Probed("network", ok=True, found=f"used: what is typed in a conversation is sent to {given.place}")
    ]
    rows.append(_tracing())
    names = [("language model", given.name)] + ([("second model", given.fallback)] if given.fallback else [])
    for what, name in names:
        rows.append(_probed(what, replace(given, name=name, fallback=None, seconds=SECONDS), settings))
    return rows


def _probed(what: str, one: ModelSettings, settings: Settings) -> Probed:
    known = [w for w in ways_of(one.name, one.output) if _answers(replace(one, output=w), settings, w)]
    if not known:
        return Probed(what, ok=False, found=_fault(one, settings), remedy="docs/model.md has recipes")
    streams = _streams(one, settings)
    kinds = ", ".join(_CALLED[w] for w in known)
    key = "with a key" if one.key else "without a key"
    return Probed(
        what,
        ok=True,
        found=f"{one.name} at {one.place}, {key}, answers; {kinds}; {'streams' if streams else 'does not stream'}. "
        f"Used: {_CALLED[known[0]]}",
    )


def _answers(one: ModelSettings, settings: Settings, way: Way) -> bool:
    try:
        Model(one, settings.sources, ways=(way,)).structured(Ready, _ASKED)
    except ModelFault:
        return False
    return True


def _streams(one: ModelSettings, settings: Settings) -> bool:
    pieces: list[str] = []
    try:
        Model(one, settings.sources).text(_ASKED, Effort(on_text=pieces.append))
    except ModelFault:
        return False
    return len(pieces) > 1


def _fault(one: ModelSettings, settings: Settings) -> str:
    try:
        Model(one, settings.sources).structured(Ready, _ASKED)
    except ModelFault as error:
        return str(error)
    return "answers now and then"


def _tracing() -> Probed:
    from langsmith.utils import tracing_is_enabled

    on = bool(tracing_is_enabled())
    found = "LangSmith, as its variables say: calls are sent there too" if on else "off"
    return Probed("tracing", ok=True, found=found)
