"""Pages on a local web server move on, and what rests on them is told: from the first fetch to what is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.bootstrap import Shelf
from agent.cli import cli
from agent.recommendation import Citation
from agent.resting import resting
from agent.settings import Settings
from knowledge.corpus import Borne, Corpus, Passage, load
from knowledge.errors import KnowledgeError
from knowledge.originals.addresses import Addresses
from knowledge.originals.drift import Drift, drift
from knowledge.originals.fetcher import Fetcher, Limits
from knowledge.originals.pins import Pins, accept, pin
from knowledge.originals.store import Store
from knowledge.originals.sync import sync
from tests import web_server
from tests.web_server import Web

COST = "A training run on the small model is billed at 30 dollars for every hour."
FACTS = "Training does not teach facts that a team can rely upon afterwards."
DIGEST = """---
id: guide
title: "A guide"
publisher: Somebody
url: {url}
accessed: "2026-11"
relation: guide
purpose: "tests"
---

## What it costs {{#cost}}
url: {url}
- A run of training with the small model is billed, says the guide, at 30 dollars for each hour.

## What it cannot do {{#facts}}
url: {url}
- Training does not teach facts that one can rely upon afterwards, the guide says.
- Nobody has compared the two on elephants.
"""
PAGE = "<html><head><title>T</title></head><body><article><h1>When to train</h1><p>{}</p><p>{}</p><p>{}</p></article></body></html>"


@dataclass
class Library:
    """A digest whose page the server serves, and the folder of a person who fetched it."""

    web: Web
    folder: Path
    corpus: Corpus

    @property
    def store(self) -> Store:
        return Store(self.folder / "originals")

    def serve(self, cost: str = COST, facts: str = FACTS, more: str = "Other words stand here too.") -> None:
        self.web.page("/page", PAGE.format(cost, facts, more).encode())

    def sync(self) -> None:
        pages = Addresses.read().pages(self.corpus)
        fetcher = Fetcher(
            {"127.0.0.1"}, pause=0, limits=Limits(5, 300_000, 500_000, 1), loopback_port=self.web.port
        )
        sync(pages, self.store, fetcher, date(2026, 11, 22))
        self.pin()

    def pin(self) -> None:
        rests = {page.id: page.rests for page in Addresses.read().pages(self.corpus)}
        pin(self.store, self.corpus, rests, None)

    def drift(self) -> list[Drift]:
        return list(drift(self.store, Addresses.read().pages(self.corpus)))

    def kinds(self) -> list[str]:
        return [one.kind for one in self.drift()]

    def passage(self, anchor: str) -> Passage:
        corpus = Shelf(Settings(self.folder, "sqlite://", sources=self.folder / "digests")).corpus
        return corpus.passage(f"guide#{anchor}")

    def borne(self, anchor: str) -> Borne:
        passage = self.passage(anchor)
        return passage.borne.get(passage.points[0], Borne(None))

    def rung(self, *words: str) -> Result:
        environment = {"RUNG_DATA_DIR": str(self.folder), "RUNG_SOURCES": str(self.folder / "digests")}
        return CliRunner().invoke(cli, ["sources", *words], env=environment)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with web_server.running() as web:
        digests = tmp_path / "digests"
        digests.mkdir()
        (digests / "guide.md").write_text(DIGEST.format(url=web.url("/page")))
        made = Library(web, tmp_path, load(digests))
        made.serve()
        made.sync()
        yield made


def test_the_first_sync_remembers_the_sentence_behind_each_point(library: Library) -> None:
    found = {point[0]: one.text for point, (_, one) in Pins.read(library.store).best().items()}
    assert found == {"guide#cost": COST, "guide#facts": FACTS}
    assert library.drift() == []
    excerpt = library.borne("cost").excerpt
    assert excerpt is not None and (excerpt.text, library.borne("cost").stale) == (COST, "")


def test_an_untouched_page_has_not_moved_on(library: Library) -> None:
    library.sync()
    assert library.drift() == []
    done = library.rung("check")
    assert (done.exit_code, "Nothing has moved on" in done.output) == (0, True)


def test_a_page_that_changes_elsewhere_still_bears_its_points_out(library: Library) -> None:
    library.serve(cost=f"New words come first. {COST}", more="And others last.")
    library.sync()
    assert library.drift() == []
    excerpt = library.borne("cost").excerpt
    (kept,) = library.store.documents()
    assert excerpt is not None and library.borne("cost").stale == ""
    assert library.store.text(kept)[excerpt.start : excerpt.end] == excerpt.text == COST
    assert excerpt.sha256 == kept.sha256


def test_a_page_that_changes_a_number_says_otherwise(library: Library) -> None:
    library.serve(cost=COST.replace("30", "90"))
    library.sync()
    (found,) = library.drift()
    assert (found.kind, found.rests) == ("otherwise", ("guide#cost",))
    assert found.sides == ((COST, COST.replace("30", "90")),)
    assert library.borne("cost") == Borne(None, "its page no longer says this as it did")
    assert library.borne("facts").stale == ""
    done = library.rung("check")
    assert done.exit_code == 1
    assert f"- {COST}" in done.output and f"+ {COST.replace('30', '90')}" in done.output


def test_a_page_that_drops_a_not_says_otherwise_and_other_words_are_a_rewording(library: Library) -> None:
    library.serve(facts=FACTS.replace("does not teach", "does teach"))
    library.sync()
    assert library.kinds() == ["otherwise"]
    library.serve(facts=FACTS.replace("afterwards", "later"))
    library.sync()
    assert library.kinds() == ["reworded"]


def test_a_page_that_drops_the_sentence_is_told(library: Library) -> None:
    library.serve(cost="Prices are on another page.")
    library.sync()
    (found,) = library.drift()
    assert (found.kind, found.sides) == ("dropped", ((COST, ""),))
    passage = library.passage("cost")
    citation = Citation.of(passage, passage.points[0])
    assert citation.original is None and "no longer says" in citation.stale


def test_a_page_that_moved_is_told_and_still_cited(library: Library) -> None:
    target = library.web.page("/new", PAGE.format(COST, FACTS, "Other words stand here too.").encode())
    library.web.redirect("/page", "/new")
    library.sync()
    (found,) = library.drift()
    assert found.kind == "moved" and target in found.why
    assert library.borne("cost").excerpt is not None and library.borne("cost").stale == ""


def test_a_page_that_is_gone_is_told_and_marked(library: Library) -> None:
    library.web.pages.clear()
    library.sync()
    assert library.kinds() == ["gone"]
    found = library.borne("cost")
    assert found.stale == "its page is gone"
    assert found.excerpt is not None and found.excerpt.text == COST


@pytest.mark.parametrize("trouble", ["number", "dropped", "moved", "gone"])
def test_what_is_accepted_is_told_no_more(library: Library, trouble: str) -> None:
    if trouble == "number":
        library.serve(cost=COST.replace("30", "90"))
    elif trouble == "dropped":
        library.serve(cost="Prices are on another page.")
    elif trouble == "gone":
        library.web.pages.clear()
    else:
        library.web.page("/new", PAGE.format(COST, FACTS, "Other words stand here too.").encode())
        library.web.redirect("/page", "/new")
    library.sync()
    assert len(library.drift()) == 1
    accept(library.store, library.store.documents()[0])
    library.pin()
    assert library.drift() == []
    assert library.borne("cost").stale == ""
    assert library.borne("facts").excerpt is not None
    library.sync()
    assert library.drift() == []


def test_a_sentence_that_comes_back_is_found_again(library: Library) -> None:
    for cost in (COST.replace("30", "90"), COST):
        library.serve(cost=cost)
        library.sync()
        accept(library.store, library.store.documents()[0])
        library.pin()
    assert library.borne("cost").excerpt is not None and library.drift() == []


def test_a_sentence_that_was_not_there_at_first_is_looked_for_when_the_page_changes(
    library: Library,
) -> None:
    (library.store.folder / "pins.json").unlink()
    library.serve(cost="Prices are elsewhere.")
    library.sync()
    assert library.borne("cost").excerpt is None
    library.serve()
    library.sync()
    found = library.borne("cost").excerpt
    assert found is not None and found.text == COST


def test_a_page_without_any_such_sentence_is_listed_for_any_change(library: Library) -> None:
    library.serve(cost="Prices are elsewhere.", facts="So is the rest.")
    (library.store.folder / "pins.json").unlink()
    library.sync()
    assert library.drift() == []
    library.serve(cost="Prices are elsewhere.", facts="The rest is there too.")
    library.sync()
    (found,) = library.drift()
    assert found.kind == "changed" and ("So is the rest.", "The rest is there too.") in found.sides
    assert library.borne("cost") == Borne(None, "its page has changed since it was read")


def test_the_claims_the_questions_and_the_scenarios_on_it_are_named(
    corpus: Corpus, library: Library, tmp_path: Path
) -> None:
    document = library.store.documents()[0]
    passage = corpus.passage("guide#escalation-ladder")
    point = (passage.id, passage.point("Rung 2"))
    (tmp_path / "some.yaml").write_text(
        "- {id: a, expect: {cites: [guide]}}\n"
        "- {id: b, expect: {rung: 1, stance: start}}\n"
        "- {id: c, expect: {rung: 2, stance: climb}}\n"
    )
    (tmp_path / "kept.yaml").write_text("- {id: sealed, expect: {cites: [guide]}}\n")
    found = resting(Drift(document, "otherwise", (passage.id,), (point,)), tmp_path)
    assert "headline.2.climb" in found.claims and "headline.1.start" not in found.claims
    assert found.questions == ("shortfall",)
    assert found.scenarios == ("a", "c")
    whole = resting(Drift(document, "gone", (passage.id,)), tmp_path / "nowhere")
    assert {"headline.1.start", "headline.2.climb"} <= set(whole.claims)
    assert whole.scenarios == ()


def test_the_command_accepts_a_page_and_refuses_an_unknown_name(library: Library) -> None:
    library.serve(cost=COST.replace("30", "90"))
    library.sync()
    assert "no original “nothing”" in str(library.rung("accept", "nothing").exception)
    done = library.rung("accept", "guide")
    assert done.exit_code == 0, done.output
    assert library.rung("check").exit_code == 0


def test_pins_that_are_damaged_are_named_with_the_way_out(library: Library) -> None:
    (library.store.folder / "pins.json").write_text('{"taken": []}')
    with pytest.raises(KnowledgeError, match=r"pins\.json cannot be read.*rung sources sync"):
        library.drift()
