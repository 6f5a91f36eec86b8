"""Documents are kept whole or not at all, and read back as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.errors import KnowledgeError
from knowledge.originals.document import Document, Section, fingerprint
from knowledge.originals.store import Store


def document(text: str, name: str = "guide/page") -> Document:
    return Document(
        name, name.split("/")[0], "original", "A title", "A publisher", "https://example.org/a", date(2026, 11, 1),
        "text/html", fingerprint(text), (Section(0, "A title", 1),),
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "originals")


def test_nothing_kept_is_nothing_and_makes_nothing(store: Store) -> None:
    assert store.documents() == ()
    assert not store.folder.exists()


def test_what_is_kept_comes_back_in_order_of_id(store: Store) -> None:
    one, two = document("one é\n", "b/page"), document("two\n", "a/page")
    store.keep(one, "one é\n")
    store.keep(two, "two\n")
    assert store.documents() == (two, one)
    assert store.text(one) == "one é\n"


def test_a_new_edition_replaces_and_the_one_before_stays_one_generation(store: Store) -> None:
    editions = [document(text) for text in ("first", "second", "third")]
    for edition, text in zip(editions, ("first", "second", "third"), strict=True):
        store.keep(edition, text)
    assert store.documents() == (editions[2],)
    assert store.earlier("guide/page") == editions[1]
    assert store.text(editions[1]) == "second"
    with pytest.raises(KnowledgeError, match="missing"):
        store.text(editions[0])


def test_the_same_text_again_keeps_the_edition_before(store: Store) -> None:
    store.keep(document("first"), "first")
    store.keep(document("second"), "second")
    store.keep(replace(document("second"), etag='"2"'), "second")
    earlier = store.earlier("guide/page")
    assert earlier is not None and store.text(earlier) == "first"


def test_a_damaged_text_is_refused_with_what_to_do(store: Store) -> None:
    kept = document("as it was")
    store.keep(kept, "as it was")
    next(store.folder.glob(f"kept/*/{kept.sha256}.txt")).write_text("as it is now")
    with pytest.raises(KnowledgeError, match=r"damaged.*rung sources sync --only guide"):
        store.text(kept)


def test_a_damaged_record_is_refused_with_its_place(store: Store) -> None:
    store.keep(document("text"), "text")
    next(store.folder.glob("kept/*/document.json")).write_text("{")
    with pytest.raises(KnowledgeError, match=r"document\.json cannot be read"):
        store.documents()


def test_a_text_that_is_not_the_documents_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="sha256"):
        store.keep(document("one"), "another")
    assert store.documents() == ()


def test_a_dropped_document_is_gone_with_its_texts(store: Store) -> None:
    store.keep(document("text"), "text")
    store.drop("guide/page")
    store.drop("guide/page")
    assert store.documents() == ()
    assert not list(store.folder.rglob("*.txt"))


def test_an_id_cannot_leave_the_folder(store: Store, tmp_path: Path) -> None:
    name = "own-x/../../../../escaped"
    store.keep(document("text", name), "text")
    assert [d.id for d in store.documents()] == [name]
    assert {p.name for p in tmp_path.iterdir()} == {"originals"}


def test_what_a_killed_writer_left_half_written_is_not_read_and_is_swept(store: Store) -> None:
    store.keep(document("first"), "first")
    folder = next(store.folder.glob("kept/*"))
    (folder / "abc.part").write_text("half")
    store.keep(document("second"), "second")
    assert not list(folder.glob("*.part"))


def test_a_note_changes_what_is_known_and_not_the_text(store: Store) -> None:
    store.keep(document("text"), "text")
    store.note("guide/page", moved_to="https://example.org/b")
    store.note("guide/nothing", gone="404")
    (kept,) = store.documents()
    assert kept.moved_to == "https://example.org/b"
    assert store.text(kept) == "text"
