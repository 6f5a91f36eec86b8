"""The README tells the truth: its conversation is replayed, its commands and files exist."""

from __future__ import annotations

import re
from pathlib import Path

import click

from agent.bootstrap import Shelf
from agent.cli import cli
from evals.readme import BLOCK, README, conversation, said

ROOT = Path(__file__).parents[1]
TEXT = README.read_text(encoding="utf-8")


def test_the_conversation_is_what_the_program_prints(shelf: Shelf) -> None:
    match = BLOCK.search(TEXT)
    assert match
    assert conversation(said()) == match[2], "run: python -m evals.readme"


def test_every_command_it_names_exists() -> None:
    named = set(re.findall(r"(?:^|`)rung ([a-z-]+)", TEXT, re.MULTILINE))
    assert named >= {"chat", "assess", "search", "doctor"}
    assert named <= set(cli.list_commands(click.Context(cli)))


def test_every_file_of_its_map_exists() -> None:
    tree = TEXT.split("```text\nMakefile")[1].split("```")[0]
    folder = ""
    lines = ("Makefile" + tree).splitlines()
    for name in [*lines[0].split(), *(line.split()[0] for line in lines[1:])]:
        inside = any(line.startswith(f"  {name}") for line in lines)
        path = ROOT / (folder + name if inside else name)
        folder = folder if inside else name
        assert path.exists(), path


def test_every_make_target_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`", TEXT)) <= targets


def test_every_setting_is_in_its_table() -> None:
    settings = set(re.findall(r"RUNG_[A-Z_]+", (ROOT / "agent" / "settings.py").read_text()))
    assert settings <= set(re.findall(r"RUNG_[A-Z_]+", TEXT))
