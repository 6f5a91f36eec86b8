"""Scenarios: what a person says at first, what they would answer, and the verdict that follows by the rubric."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from agent.facts import Slot
from agent.rubric import Rung, Stance

FOLDER = Path(__file__).parent / "scenarios"


class Expected(BaseModel):
    """What the rubric gives; `acceptable` holds every rung that a careful reader would also take."""

    model_config = ConfigDict(extra="forbid")

    rung: Rung
    acceptable: list[Rung] = Field(default_factory=list)
    stance: Stance | None = None
    mistakes: list[str] = Field(default_factory=list)
    cites: list[str] = Field(default_factory=list)
    max_questions: int = 8


class Scenario(BaseModel):
    """One canned case. `answers` are in the person's words, by the slot asked."""

    model_config = ConfigDict(extra="forbid")

    id: str
    opening: str
    answers: dict[Slot, str] = Field(default_factory=dict)
    expect: Expected
    tags: list[str] = Field(default_factory=list)


def scenarios(path: Path = FOLDER) -> list[Scenario]:
    """Every scenario of a file, or of all files of a folder.

    Raises:
        ValueError: a file that cannot be used, or an id used twice; with the file and the place.
    """
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    found: list[Scenario] = []
    for file in files:
        rows: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        if not isinstance(rows, list):
            raise ValueError(f"{file}: a scenario file is a list of scenarios")
        for number, row in enumerate(rows, 1):
            try:
                found.append(Scenario.model_validate(row))
            except ValueError as error:
                raise ValueError(f"{file}, scenario {number}: {error}") from error
    ids = [s.id for s in found]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise ValueError(f"{path}: ids used twice: {', '.join(twice)}")
    return found
