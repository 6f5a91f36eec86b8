"""The encoder of an endpoint: its own index, bounded batches, and the local encoder with one notice when it fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from agent.bootstrap import Shelf
from agent.checkup import Row, checkup
from agent.model.embedding import BATCH, EndpointEncoder
from agent.settings import EmbeddingSettings, Settings
from knowledge.errors import EncoderFault
from tests.embedding_server import KEY, EmbeddingServer, embedding_server
from tests.model_server import refused_url
from tests.test_index import Letters


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with embedding_server() as running:
        yield running


@pytest.fixture
def data(data_dir: Path, shelf: Shelf, tmp_path: Path) -> Path:
    """A data folder in which the local encoder's index is there already."""
    assert shelf.search
    shutil.copytree(data_dir / "indexes", tmp_path / "indexes")
    return tmp_path


def at(server: EmbeddingServer, key: str = KEY) -> EmbeddingSettings:
    return EmbeddingSettings("letters-1", key, server.url)


def open_shelf(data: Path, embedding: EmbeddingSettings) -> Shelf:
    return Shelf(Settings(data, "sqlite://", embedding=embedding))


def test_texts_go_in_bounded_batches_and_come_back_in_order(server: EmbeddingServer) -> None:
    texts = [f"text {'abcdefghij'[n % 10] * (n + 1)}" for n in range(2 * BATCH + 3)]
    done: list[int] = []
    found = EndpointEncoder(at(server)).encode(texts, done.append)
    assert np.allclose(found, Letters().encode(texts), atol=1e-6)
    assert [len(r["input"]) for r in server.requests] == done == [BATCH, BATCH, 3]
    assert {(r["model"], r["encoding_format"]) for r in server.requests} == {("letters-1", "float")}


def test_the_settings_come_from_the_environment_and_a_key_alone_sends_nothing() -> None:
    key = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://a.example/v1"}
    assert Settings.read(key).embedding is None
    given = Settings.read({**key, "RUNG_EMBEDDING_MODEL": "m"}).embedding
    assert given == EmbeddingSettings("m", KEY, "http://a.example/v1")
    other = Settings.read(
        {**key, "RUNG_EMBEDDING_MODEL": "m", "RUNG_EMBEDDING_BASE_URL": "http://b.example/v1"}
    )
    assert other.embedding is not None
    assert other.embedding.place == "b.example"
    assert KEY not in repr(other)


def test_it_has_an_index_of_its_own(data: Path, server: EmbeddingServer) -> None:
    before = {p.name for p in (data / "indexes").glob("knowledge-*")}
    shelf = open_shelf(data, at(server))
    hits = shelf.search.search("fine-tuning")
    assert len({p.name for p in (data / "indexes").glob("knowledge-*")} - before) == 1
    assert not shelf.trouble
    assert hits[0].dense is not None
    assert hits[0].near is None  # another encoder's cosines do not tell the confidence anything
    asked = len(server.requests)
    assert open_shelf(data, at(server)).search.dense
    assert len(server.requests) == asked


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("key", "key"), ("404", "not known"), ("400", "request"), ("html", "no vectors"), ("fewer", "no vectors"),
        ("ragged", "no vectors"), ("zero", "without direction"), ("text", "no vectors"),
    ],
)  # fmt: skip
def test_a_fault_while_indexing_ends_in_the_local_encoder(
    data: Path, server: EmbeddingServer, shelf: Shelf, fault: str, told: str
) -> None:
    server.fault = fault
    other = open_shelf(data, at(server))
    assert other.search.search("what is few-shot") == shelf.search.search("what is few-shot")
    assert told in other.trouble
    assert other.trouble.count("local encoder") == 1
    assert KEY not in other.trouble


@pytest.mark.parametrize("fault", ["key", "500", "dimension"])
def test_a_fault_of_a_query_ends_in_the_local_encoder_once(
    data: Path, server: EmbeddingServer, shelf: Shelf, fault: str
) -> None:
    other = open_shelf(data, at(server))
    search = other.search
    search.search("few-shot")
    server.numbers, server.fault = (7, "") if fault == "dimension" else (26, fault)
    hits = search.search("what is few-shot")
    assert hits == shelf.search.search("what is few-shot")
    asked, told = len(server.requests), other.trouble
    assert "letters-1" in told
    search.search("another question")
    assert (len(server.requests), other.trouble) == (asked, told)


def test_an_endpoint_that_is_not_there_is_said(data: Path) -> None:
    other = open_shelf(data, EmbeddingSettings("m", KEY, refused_url()))
    assert other.search.search("few-shot")
    assert "could not be reached" in other.trouble


def test_a_wrong_key_is_a_fault_of_its_own(server: EmbeddingServer) -> None:
    with pytest.raises(EncoderFault, match="did not accept the key"):
        EndpointEncoder(at(server, "sk-wrong")).encode(["a"])


def test_the_check_up_tries_it_and_does_not_say_that_nothing_leaves(
    server: EmbeddingServer, data: Path
) -> None:
    def row(url: str) -> Row:
        found = checkup(Settings(data, "sqlite://", embedding=EmbeddingSettings("letters-1", KEY, url)))
        assert "network" not in {r.what for r in found}
        return next(r for r in found if r.what == "embedding model")

    there, gone = row(server.url), row(refused_url())
    assert there.ok and "vectors of 26 numbers" in there.found and KEY not in there.found
    assert not gone.ok and not gone.needed and "could not be reached" in gone.found
