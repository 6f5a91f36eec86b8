"""Where fine-tuning can be bought: dated rows from the digest, the person's own marked, and asked for after rung 4 alone."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from agent.advisor import Advisor
from agent.conversation import Answer
from agent.facts import Facts
from agent.interview import conclude
from agent.recommendation import Recommendation
from agent.render import markdown
from agent.writing.plain import write
from knowledge.availability import offer_of, offers
from knowledge.corpus import Corpus, load
from knowledge.errors import KnowledgeError

TODAY = date(2026, 11, 22)
GATES_OPEN = dict(
    knowledge="none", prompting="exhausted", shortfall=["quality"], stability="stable", volume=40_000, success="measured", examples=3000,
)  # fmt: skip


def advised(corpus: Corpus, today: date = TODAY, **more: object) -> Recommendation:
    facts = Facts.of(**{**GATES_OPEN, **more})
    return write(conclude(facts), facts, corpus, today=today)


def edited(corpus: Corpus, folder: Path, old: str, new: str) -> Corpus:
    """The corpus with one change in the digest of availability."""
    shutil.copytree(corpus.folder, folder, dirs_exist_ok=True)
    digest = folder / "provider-finetuning-availability.md"
    text = digest.read_text()
    assert text.count(old) == 1
    digest.write_text(text.replace(old, new))
    return load(folder)


def test_rung_4_carries_every_platform_with_its_date_and_source(corpus: Corpus) -> None:
    rows = advised(corpus).availability
    assert [r.name for r in rows] == [
        "OpenAI", "Anthropic", "Google Cloud", "Microsoft Foundry", "Amazon Bedrock", "Together AI", "Fireworks AI", "Your own machines",
    ]  # fmt: skip
    assert not rows[0].is_open and "7 May 2026" in rows[0].open_to
    for row in rows:
        assert row.read.year == 2026
        assert row.citations[0].quote.startswith(row.name)
        assert all(passage in corpus.passages for passage in row.rests_on)


def test_other_rungs_carry_none(corpus: Corpus) -> None:
    facts = Facts.of(knowledge="large", retrieval="none")
    assert write(conclude(facts), facts, corpus).availability == ()


def test_a_row_read_more_than_ninety_days_ago_says_so(corpus: Corpus) -> None:
    row = advised(corpus, date(2026, 11, 20)).availability[1]  # Anthropic, read on 22 August 2026: 90 days
    assert not row.is_old
    late = advised(corpus, date(2026, 11, 21))
    assert late.availability[1].is_old
    assert "2026-08-22, over 90 days ago" in markdown(late)


def test_a_changed_row_of_the_digest_changes_the_advice(corpus: Corpus, tmp_path: Path) -> None:
    changed = edited(corpus, tmp_path / "s", "| no, not offered |", "| yes, since yesterday |")
    row = advised(changed).availability[1]
    assert row.is_open
    assert "yes, since yesterday" in markdown(advised(changed))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("| 2026-09-25 |", "| in autumn |", "“in autumn” is no date"),
        ("| 2026-09-25 |", "| |", "nothing stands under Read"),
        ("google-gemini-tuning#models-and-limits |", "google-gemini-tuning#no-such |", "no-such"),
    ],
)
def test_a_broken_row_is_named(corpus: Corpus, tmp_path: Path, old: str, new: str, said: str) -> None:
    broken = edited(corpus, tmp_path / "s", old, new)
    with pytest.raises(KnowledgeError, match=said):
        offers(broken)


@pytest.mark.parametrize(
    ("said", "platform"),
    [
        ("Azure OpenAI", "Microsoft Foundry"),
        ("AWS Bedrock", "Amazon Bedrock"),
        ("GPT-4o", "OpenAI"),
        ("claude sonnet", "Anthropic"),
        ("Gemini on Vertex", "Google Cloud"),
        ("our own gpus", "Your own machines"),
        ("self-hosted llama on ollama", "Your own machines"),
        ("fireworks.ai", "Fireworks AI"),
        ("something else", None),
        ("googling", None),
    ],
)
def test_platforms_are_known_by_the_names_people_use(corpus: Corpus, said: str, platform: str | None) -> None:
    found = offer_of(offers(corpus), said)
    assert (found and found.platform) == platform


def test_the_platform_is_asked_after_rung_4_and_its_row_told(advisor: Advisor) -> None:
    thread = "platform"
    advisor.reply(
        thread,
        "We sort tickets, no outside info needed. Few-shot prompt, iterated on our test set until the score stopped moving at 86%. "
        "Same 12 categories for years. It is wrong too often. 40,000 calls a day. 3,000 labelled tickets.",
    )
    for _ in range(8):
        asked = advisor.open(thread).question
        if asked is None:
            break
        answers = {
            "knowledge": "1", "prompting": "5", "shortfall": "4", "stability": "3", "volume": "40,000", "success": "3", "examples": "3,000", "confirm": "yes",
        }  # fmt: skip
        last = advisor.reply(thread, answers[asked.slot])
        if last.recommendation is not None:
            break
    advice = last.recommendation
    assert advice is not None and advice.verdict.rung == 4
    assert last.question is not None and last.question.slot == "platform"
    told = advisor.reply(thread, "we're on bedrock")
    rows = [p for p in told.parts if isinstance(p, Answer) and p.data]
    assert rows[0].data is not None and rows[0].data["platform"]["name"] == "Amazon Bedrock"
    again = advisor.recommendation(thread)
    assert again is not None
    assert [r.name for r in again.availability if r.yours] == ["Amazon Bedrock"]
    assert again.verdict.rung == 4
