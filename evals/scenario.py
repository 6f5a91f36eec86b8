"""Scenarios: what a person says at first, what they would answer, what those words mean, and the verdict that follows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.errors import BadInput
from agent.facts import Slot, parse
from agent.rubric import Rung, Stance

FOLDER: Final = Path(__file__).parent / "scenarios"
#: SHA-256 of the file whose scenarios are for measuring only.
KEPT_HASH: Final = FOLDER / "kept.sha256"
DECLINED: Final = "declined"
#: libyaml's where it is built in: ten times as fast.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Mistake = Literal[
    "knowledge_by_finetuning", "finetune_before_prompting", "dataset_cost_underestimated", "behaviour_still_changing"
]  # fmt: skip
#: What words state, by slot: a value as `agent.facts.parse` takes it, or "declined".
States = dict[Slot, Any]


class Expected(BaseModel):
    """What the rubric gives; `acceptable` holds every rung that a careful reader would also take."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rung: Rung
    acceptable: list[Rung] = Field(default_factory=list)
    stance: Stance | None = None
    mistakes: list[Mistake] | None = Field(
        default=None, description="None: not judged; empty: there are none"
    )
    cites: list[str] = Field(default_factory=list, description="ids of sources that the advice must cite")
    max_questions: int = Field(default=8, ge=0)

    @property
    def rungs(self) -> frozenset[Rung]:
        return frozenset({self.rung, *self.acceptable})


class Meaning(BaseModel):
    """What the opening and each answer state, by a person's reading (evals/reading/LABELS.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    opening: States = Field(default_factory=dict)
    answers: dict[Slot, States] = Field(default_factory=dict)
    at_read_back: list[States] = Field(default_factory=list)
    after_advice: States = Field(default_factory=dict)

    @model_validator(mode="after")
    def _values_exist(self) -> Meaning:
        for states in (self.opening, *self.answers.values(), *self.at_read_back, self.after_advice):
            for slot, value in states.items():
                if value != DECLINED:
                    parse(slot, value)
        return self


class Scenario(BaseModel):
    """One canned case. `answers` are in the person's words, by the slot asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    opening: str = Field(min_length=1)
    answers: dict[Slot, str] = Field(default_factory=dict)
    at_read_back: list[str] = Field(
        default_factory=list,
        description="said when asked whether it was understood rightly, in turn; then “yes”",
    )
    after_advice: str = Field(default="", description="said when the advice has come; the last advice counts")
    means: Meaning | None = Field(default=None, description="without it, reading is not scored")
    expect: Expected
    tags: list[str] = Field(default_factory=list)
    kept: bool = Field(default=False, description="for measuring only: never read while building")


def scenarios(path: Path = FOLDER) -> list[Scenario]:
    """Every scenario of a file, or of all files of a folder.

    Raises:
        BadInput: a file that cannot be used, an id used twice, or kept scenarios that changed; with file, place and remedy.
    """
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise BadInput(f"{path} holds no scenario file (*.yaml).")
    found = [scenario for file in files for scenario in _of_file(file)]
    ids = [s.id for s in found]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise BadInput(f"{path}: ids used twice: {', '.join(twice)}. Give each scenario an id of its own.")
    if path == FOLDER:
        _unchanged()
    return found


def schema() -> str:
    """The JSON Schema of a scenario file, for editors; `evals/scenario.schema.json` holds it."""
    written = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Rung scenarios"}
    item = Scenario.model_json_schema()
    rows = {
        "type": "array",
        "items": {k: v for k, v in item.items() if k != "$defs"},
        "$defs": item.get("$defs", {}),
    }
    return json.dumps(written | rows, indent=2, ensure_ascii=False) + "\n"


def digest(path: Path = FOLDER) -> str:
    """SHA-256 over the scenario files, names and bytes, in order."""
    made = hashlib.sha256()
    for file in sorted(path.glob("*.yaml")) if path.is_dir() else [path]:
        made.update(file.name.encode() + b"\0" + file.read_bytes())
    return made.hexdigest()


def _of_file(file: Path) -> list[Scenario]:
    try:
        rows: Any = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror or error}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(rows, list) or not rows:
        raise BadInput(f"{file}: a scenario file is a list of scenarios, each beginning with “- id: …”.")
    return [_scenario(file, number, row) for number, row in enumerate(rows, 1)]


def _scenario(file: Path, number: int, row: Any) -> Scenario:
    try:
        return Scenario.model_validate(row)
    except ValidationError as error:
        named = f" ({row['id']})" if isinstance(row, Mapping) and "id" in row else ""
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the scenario"
        raise BadInput(f"{file}, scenario {number}{named}: {place}: {first['msg']}.") from error


def _unchanged() -> None:
    """What is kept for measuring is what it was when its hash was written."""
    kept = FOLDER / "kept.yaml"
    if kept.is_file() and hashlib.sha256(kept.read_bytes()).hexdigest() != KEPT_HASH.read_text().split()[0]:
        raise BadInput(
            f"{kept} is not what {KEPT_HASH.name} names. What is kept for measuring must not be edited."
        )
