"""Words: slips mended, right words left alone, and the field's things met under other names."""

from __future__ import annotations

import pytest

from knowledge.vocabulary import Vocabulary, named_in, things

TEXTS = [
    "Prompt caching is cheaper.",
    "Fine-tuning needs examples and a prompt.",
    "Which model retires, and when?",
]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("promt cachng", "prompt caching"),
        ("exampels", "examples"),
        ("whitch model", "which model"),
        ("PROMTP", "prompt"),
    ],
)
def test_a_single_slip_is_mended(written: str, meant: str) -> None:
    assert Vocabulary(TEXTS).mend(written) == meant


@pytest.mark.parametrize("written", ["retired", "pizza", "prom", "gpt-4o", "rrompt", "", "¿? 12"])
def test_other_words_are_left_alone(written: str) -> None:
    assert Vocabulary(TEXTS).mend(written) == written


def test_a_word_known_to_be_right_is_not_mended() -> None:
    assert Vocabulary(TEXTS, proper={"caching", "catching"}).mend("catching") == "catching"
    assert Vocabulary(TEXTS).mend("catching") == "caching"


def test_a_rare_word_tells_more_than_a_common_one() -> None:
    words = Vocabulary(TEXTS)
    common, rare, unknown = (words.cut([w])[0][0] for w in ("prompt", "retires", "zebra"))
    assert words.rarity(common) < words.rarity(rare) < words.rarity(unknown)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("what will the bill be", "the price per call"),
        ("who pulls out, Microsoft?", "Azure AI Foundry"),
        ("does it make things up", "hallucination"),
        ("customised models", "fine-tuning"),
    ],
)
def test_two_names_of_one_thing_meet(one: str, other: str) -> None:
    assert any(a and b for a, b in zip(named_in(one), named_in(other), strict=True))


def test_no_thing_of_the_field_is_named_by_talk_of_the_weather() -> None:
    assert not any(named_in("Will it rain in Oslo tomorrow?"))
    assert len(things()) > 30


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Does it run on Zebra or xQuagga's cloud?", ["Zebra", "xQuagga's"]),
        ("Zebra. Can I use it? I'd like to.", []),
        ("does it run on zebra", []),
        ("Which Model Should Zebra Use", []),
        ("Is Prompt caching cheaper?", []),
    ],
)
def test_names_the_texts_never_mention_are_noticed(text: str, names: list[str]) -> None:
    assert Vocabulary(TEXTS).strange_names(text) == names
