"""What has moved on is listed, old beside new, with the passages that rest on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from click.testing import CliRunner

from agent.cli import cli
from knowledge.corpus import Corpus
from knowledge.originals.addresses import Addresses
from knowledge.originals.document import Document, fingerprint
from knowledge.originals.drift import drift, side_by_side
from knowledge.originals.store import Store

OLD = "Prices\n\nA run costs three dollars. It ends in May.\n"
NEW = "Prices\n\nA run costs nine dollars. It ends in May. Hosting is extra.\n"


def kept(store: Store, corpus: Corpus, *texts: str) -> Document:
    page = next(p for p in Addresses.read().pages(corpus) if p.rests)
    for text in texts:
        document = Document(
            page.id,
            page.source.id,
            "original",
            "T",
            "P",
            page.url,
            date(2026, 11, 22),
            "text/html",
            fingerprint(text),
        )
        store.keep(document, text)
    return document


def test_sentences_that_differ_stand_side_by_side(tmp_path: Path, corpus: Corpus) -> None:
    document = kept(Store(tmp_path), corpus, OLD)
    assert side_by_side(OLD, NEW, document) == (
        ("A run costs three dollars.", "A run costs nine dollars."),
        ("", "Hosting is extra."),
    )
    assert side_by_side(OLD, OLD, document) == ()


def test_a_changed_page_is_listed_with_what_rests_on_it(tmp_path: Path, corpus: Corpus) -> None:
    store = Store(tmp_path)
    document = kept(store, corpus, OLD, NEW)
    (found,) = drift(store, Addresses.read().pages(corpus))
    assert (found.kind, found.document) == ("changed", document)
    assert found.rests and set(found.rests) <= set(corpus.passages)


def test_a_page_that_is_what_it_was_is_not(tmp_path: Path, corpus: Corpus) -> None:
    store = Store(tmp_path)
    document = kept(store, corpus, OLD)
    own = replace(document, id="own-a/b", source_id="own-a", origin="own", gone="404")
    store.keep(own, OLD)
    assert list(drift(store, Addresses.read().pages(corpus))) == []


def test_the_command_fails_for_ci_where_something_moved_on(tmp_path: Path, corpus: Corpus) -> None:
    store = Store(tmp_path / "originals")
    document = kept(store, corpus, OLD)
    environment = {"RUNG_DATA_DIR": str(tmp_path)}
    assert CliRunner().invoke(cli, ["sources", "check"], env=environment).exit_code == 0
    kept(store, corpus, NEW)
    store.note(document.id, moved_to="https://example.org/new", gone="404 on 2026-11-22")
    done = CliRunner().invoke(cli, ["sources", "check"], env=environment)
    assert done.exit_code == 1
    for told in (
        "changed",
        "moved",
        "gone",
        "- A run costs three dollars.",
        "+ A run costs nine dollars.",
        "claims that rest on it: ",
    ):
        assert told in done.output
