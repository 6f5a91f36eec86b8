"""Openings written like notes: each short stretch between commas is read, and nothing beside it."""

from __future__ import annotations

import pytest

from agent.bootstrap import Shelf
from agent.facts import Facts
from agent.reading import Asked


def read(shelf: Shelf, text: str) -> dict[str, str]:
    told = shelf.reader.read(text, Asked.OPENING, Facts()).values
    return {
        p.slot.value: "+".join(sorted(p.value)) or "nothing"
        if isinstance(p.value, frozenset)
        else str(p.value)
        for p in told
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Email drafts for a gym, short prompt, the tone is wrong.", {"prompting": "basic", "shortfall": "style"}),
        ("Support replies, 300/day, basic prompt, too formal.", {"prompting": "basic", "shortfall": "style", "volume": "300"}),
        ("Invoice extraction, JSON breaks sometimes, long careful prompt, no examples.", {"prompting": "structured", "shortfall": "format"}),
        ("One-paragraph prompt, output format is all over the place.", {"prompting": "basic", "shortfall": "format"}),
        ("we tried few shot, still inconsistent, 10k requests daily, rules are fixed, have test set of 200", {"prompting": "few_shot", "shortfall": "consistency", "volume": "10,000", "stability": "stable", "success": "measured"}),
        ("Few-shot with 5 examples, 40,000 a day, labels change every sprint, 3000 labelled, measured 86%, want 95%", {"prompting": "few_shot", "volume": "40,000", "stability": "evolving", "examples": "3,000", "success": "measured", "shortfall": "quality"}),
        ("Voice assistant, latency too high, answers good, 50k/day, fixed task", {"shortfall": "cost_latency", "volume": "50,000", "stability": "stable"}),
        ("no outside data needed, just the ticket text, short simple prompt, inconsistent", {"knowledge": "none", "prompting": "basic", "shortfall": "consistency"}),
        ("Legal letters: tone too casual, format wrong, long detailed prompt", {"prompting": "structured", "shortfall": "format+style"}),
        ("zero examples, no test set, maybe 20 requests per day", {"success": "undefined", "volume": "20"}),
    ],
)  # fmt: skip
def test_notes_are_read(shelf: Shelf, text: str, told: dict[str, str]) -> None:
    assert read(shelf, text) == told


@pytest.mark.parametrize(
    "text",
    [
        "the format must never be wrong, otherwise fine",
        "If the tone is wrong, customers complain",
        "We need it to be less formal, prompt is three pages",
        "is it bad when a prompt is short, or too formal?",
        "suppose we had a short prompt, wrong tone",
        "the tone must not be off, nor the format wrong",
    ],
)
def test_what_only_sounds_like_a_note_is_none(shelf: Shelf, text: str) -> None:
    told = read(shelf, text)
    assert not {"shortfall", "prompting"} & told.keys(), told


def test_how_long_it_has_been_so_is_no_deadline(shelf: Shelf) -> None:
    assert "deadline" not in read(
        shelf, "Works fine, no complaints in 8 months, the boss wants our own model"
    )
    assert read(shelf, "Works fine, it goes live in 8 days")["deadline"] == "8.0"
