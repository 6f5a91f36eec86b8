"""What rests on a digest's points: the claims and definitions that cite them, the questions those bear on, the scenarios
whose expected advice says such a claim or cites the source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from agent.facts import RUBRIC_SLOTS
from agent.writing import texts
from knowledge.originals.drift import Drift

#: Files of prompts/ in which sentences cite.
_CITING: Final = ("claims", "disagreements", "glossary")
#: Scenario files that nobody looks into but the measure itself.
_SEALED: Final = ("kept", "measure", "fresh")


@dataclass(frozen=True)
class Resting:
    """Names of claims, slots whose questions they bear on, and ids of scenarios; each in the order of the files."""

    claims: tuple[str, ...]
    questions: tuple[str, ...]
    scenarios: tuple[str, ...]


def resting(on: Drift, scenarios: Path | None = None) -> Resting:
    """What rests on a thing that moved on. `scenarios` is the folder of the suite's, which need not be there."""
    claims = tuple(name for name, cites in _cited() if any(_meets(on, cite) for cite in cites))
    slots = tuple(
        slot.value for slot in RUBRIC_SLOTS if any(slot.value in name.split(".") for name in claims)
    )
    sources = {passage.partition("#")[0] for passage in on.rests} | {on.document.source_id}
    return Resting(claims, slots, tuple(_expecting(sources, set(claims), scenarios or _folder())))


def _meets(on: Drift, cite: Mapping[str, str]) -> bool:
    if on.points:
        return any(cite["passage"] == p and point.startswith(cite["point"]) for p, point in on.points)
    return cite["passage"] in on.rests


@cache
def _cited() -> tuple[tuple[str, tuple[Mapping[str, str], ...]], ...]:
    """Each claim's name with all that it cites."""
    found: list[tuple[str, tuple[Mapping[str, str], ...]]] = []
    for file in _CITING:
        raw: Any = texts.load(file)
        rows = raw.items() if isinstance(raw, dict) else ((one["terms"][0], one) for one in raw)
        prefix = "" if file == "claims" else f"{file}: "
        found += [(prefix + name, tuple(_cites(row))) for name, row in rows]
    return tuple(found)


def _cites(node: Any) -> Iterator[Mapping[str, str]]:
    if isinstance(node, dict):
        if "passage" in node and "point" in node:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _cites(part)


def _expecting(sources: Set[str], claims: Set[str], folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.yaml")):
        if path.stem.startswith(_SEALED):
            continue
        for one in yaml.safe_load(path.read_text(encoding="utf-8")) or ():
            expected = (one.get("expect") or {}) if isinstance(one, dict) else {}
            if sources & set(expected.get("cites") or ()) or claims & set(_said(expected)):
                yield str(one["id"])


def _said(expected: Mapping[str, Any]) -> Iterator[str]:
    """The claims that an advice of this label says for certain: its headline, and the mistakes it names."""
    yield f"headline.{expected.get('rung')}.{expected.get('stance')}"
    yield from (f"mistake.{name}" for name in expected.get("mistakes") or ())


def _folder() -> Path:
    return Path(__file__).parent.parent / "evals" / "scenarios"
