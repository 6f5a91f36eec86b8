"""A run: all its talks and what it was made of, as one file that says the same bytes when nothing changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.errors import BadInput
from evals.manners import Manner
from evals.scenario import digest
from evals.simulated_user import Talk

FORMAT = 1


class MadeOf(BaseModel):
    """SHA-256 (the first 16 digits) of all that a run hangs on, and the names of its models."""

    model_config = ConfigDict(frozen=True)

    scenarios: str
    code: str
    prompts: str
    corpus: str
    encoder: str
    model: str = Field(default="", description="the language model; empty in embedded mode")


class BaselineResult(BaseModel):
    """What a simpler way says to the same scenarios: the rung by scenario (None: no answer), and the questions it took."""

    model_config = ConfigDict(frozen=True)

    name: str
    told: str = Field(description="what it does, in a sentence")
    rungs: dict[str, int | None]
    questions: float


class Run(BaseModel):
    """One run of the suite."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    made_of: MadeOf
    manners: tuple[Manner, ...]
    repeat: int = 1
    talks: tuple[Talk, ...]
    baselines: tuple[BaselineResult, ...] = ()
    retrieval: dict[str, Any] | None = Field(default=None, description="the report of the query set")

    @property
    def name(self) -> str:
        """Twelve digits over everything in it."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()[:12]

    def as_json(self) -> str:
        """The run as it is written to a file."""
        return (
            json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=None, sort_keys=True) + "\n"
        )


def made_of(scenarios: Path, corpus: str, encoder: str, model: str = "") -> MadeOf:
    """The hashes of what stands here now."""
    root = Path(__file__).parents[1]
    code = [p for package in ("agent", "knowledge", "evals") for p in (root / package).rglob("*.py")]
    prompts = [p for p in Path(str(files("prompts"))).rglob("*") if p.is_file() and p.suffix != ".pyc"]
    return MadeOf(
        scenarios=digest(scenarios)[:16], code=_hash(root, code), prompts=_hash(root, prompts), corpus=corpus[:16],
        encoder=encoder, model=model,
    )  # fmt: skip


def read(path: Path) -> Run:
    """A run from its file, or from the folder that holds `run.json`.

    Raises:
        BadInput: there is none, or it is not a run of this format.
    """
    file = path / "run.json" if path.is_dir() else path
    try:
        return Run.model_validate_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(
            f"There is no run at {file}: {error.strerror or error}. Give the folder of a run, or its run.json."
        ) from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{file} is not a run that this version can read. Run the suite again to compare with it."
        ) from error


def plain(talks: Iterable[Talk]) -> list[Talk]:
    """The talks in which the answers were given as written."""
    return [t for t in talks if t.manner is Manner.PLAIN]


def pass_k(talks: Sequence[Talk], k: int) -> float:
    """pass^k: the share of (scenario, manner) pairs that are right in all of `k` repeats (Yao et al. 2024, tau-bench)."""
    groups: dict[tuple[str, str], list[bool]] = {}
    for talk in talks:
        if talk.expected is not None:
            groups.setdefault((talk.scenario, talk.manner.value), []).append(talk.right)
    whole = [g[:k] for g in groups.values() if len(g) >= k]
    return sum(all(g) for g in whole) / len(whole) if whole else 0.0


def _hash(root: Path, paths: Iterable[Path]) -> str:
    made = hashlib.sha256()
    for path in sorted(paths):
        made.update(
            str(path.relative_to(root) if path.is_relative_to(root) else path.name).encode()
            + b"\0"
            + path.read_bytes()
        )
    return made.hexdigest()[:16]
