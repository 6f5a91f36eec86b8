"""Documents beside the digests: the index grows by what is new, mends itself, and the search keeps what it found before."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from agent.bootstrap import Shelf
from agent.recommendation import Citation
from agent.settings import Settings
from agent.writing.answers import from_sources
from evals.retrieval.queries import queries
from evals.retrieval.stand_ins import Made, retold, unrelated
from knowledge.corpus import Corpus
from knowledge.embedding import Vectors
from knowledge.errors import UnknownPassage
from knowledge.originals.document import Document, Section, fingerprint
from knowledge.originals.sheets import Sheets
from knowledge.originals.store import Store
from knowledge.search import Search, confidence
from tests.test_index import Letters

POLICY = """# Sending customer data to Contoso

The platform council lets teams send ticket numbers to Contoso. Names of customers are masked by the Veil gateway first.

# Review

The council of Contoso users meets on the first Tuesday.
"""


def own(text: str, name: str = "own-policy/policy", *headings: str) -> Document:
    sections = tuple(Section(text.index(h) + len(h), h.strip("# "), 1) for h in headings)
    return Document(
        name, name.split("/")[0], "own", "Data policy", "Our platform team", "", date(2026, 3, 1), "text/markdown",
        fingerprint(text), sections,
    )  # fmt: skip


class Counting(Letters):
    def __init__(self) -> None:
        super().__init__()
        self.texts = 0

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        self.texts += len(texts)
        return super().encode(texts, progress)


def files(sheets: Sheets) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sheets.place.glob("*.safetensors")}


def test_only_what_is_new_is_encoded_and_what_is_gone_vanishes(tmp_path: Path) -> None:
    made, encoder, seen = unrelated(100), Counting(), list[tuple[int, int]]()
    assert Sheets(made, encoder, tmp_path).build(lambda done, of: seen.append((done, of))) == 100
    assert encoder.texts == 2000
    assert seen == [(n, 100) for n in range(1, 101)]

    before = files(Sheets(made, encoder, tmp_path))
    changed = next(iter(made.documents()))
    text = made.text(changed) + "One sentence more stands at the end."
    made.put(replace(changed, sha256=fingerprint(text)), text)
    gone = list(made.documents())[50]
    del made.kept[gone.id]
    encoder.texts = 0
    assert Sheets(made, encoder, tmp_path).build() == 1
    assert 20 <= encoder.texts <= 21
    after = files(Sheets(made, encoder, tmp_path))
    assert len(after) == 99
    assert len(before.items() & after.items()) == 98
    assert Sheets(made, encoder, tmp_path).build() == 0


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_sheet_is_made_again_and_no_other(tmp_path: Path, damage: bytes | None) -> None:
    made, encoder = unrelated(5), Counting()
    sheets = Sheets(made, encoder, tmp_path)
    sheets.build()
    good = files(sheets)
    hurt, whole = next(iter(good.items()))
    hurt.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if damage is None else damage)
    encoder.texts = 0
    assert Sheets(made, encoder, tmp_path).build() == 1
    assert encoder.texts == 20
    assert files(sheets) == good


BUILDER = """
import sys, time
from pathlib import Path
from evals.retrieval.stand_ins import unrelated
from knowledge.originals.sheets import Sheets
from tests.test_index import Letters
def shown(done, total):
    print(done, total, flush=True)
    time.sleep(float(sys.argv[2]))
Sheets(unrelated(12), Letters(), Path(sys.argv[1])).build(shown)
"""


def _builder(folder: Path, pause: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", BUILDER, str(folder), str(pause)],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip


def test_a_killed_build_goes_on_where_it_was(tmp_path: Path) -> None:
    process = _builder(tmp_path, 0.2)
    assert process.stdout is not None
    for _ in range(3):
        process.stdout.readline()
    process.kill()
    process.communicate(timeout=30)
    made, encoder = unrelated(12), Counting()
    already = len(files(Sheets(made, encoder, tmp_path)))
    assert 3 <= already < 12
    assert Sheets(made, encoder, tmp_path).build() == 12 - already
    assert encoder.texts == 20 * (12 - already)


def test_of_several_processes_at_once_one_builds(tmp_path: Path) -> None:
    running = [_builder(tmp_path, 0.01) for _ in range(3)]
    told = [process.communicate(timeout=60)[0].split("\n") for process in running]
    assert sorted(len(lines) - 1 for lines in told) == [0, 0, 12]


@pytest.fixture(scope="module")
def backed(shelf: Shelf, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Search:
    """The real search with a page behind the guide and three companions, and a policy of the team's own."""
    made = retold(shelf.corpus, "original", list(shelf.corpus.sources)[:4])
    made.put(own(POLICY, "own-policy/policy", "# Sending customer data to Contoso", "# Review"), POLICY)
    return _with(shelf, data_dir, made, tmp_path_factory.mktemp("backed"))


def _with(shelf: Shelf, data_dir: Path, made: Made, folder: Path) -> Search:
    from knowledge.search import open_search

    found = open_search(shelf.corpus, shelf.encoder, data_dir)
    assert found.attach(made, folder) == ()
    return found


def test_originals_displace_no_digest(shelf: Shelf, backed: Search) -> None:
    shown = 0
    for query in queries("tune")[:40]:
        alone = [h.passage.id for h in shelf.search.search(query.text)]
        hits = backed.search(query.text)
        kept = [h.passage.id for h in hits if h.passage.source.relation != "own"]
        assert kept == alone[: len(kept)]
        for hit in hits:
            if hit.original is not None:
                shown += 1
                assert hit.original.source.id == hit.passage.source.id
                assert hit.original.source.relation == "original"
                assert hit.original_point in hit.original.points
    assert shown > 20


def test_a_teams_own_page_answers_what_no_digest_does(shelf: Shelf, backed: Search) -> None:
    question = "does Contoso get the names of customers"
    assert not shelf.search.answers(shelf.search.search(question))
    hits = backed.search(question)
    assert hits[0].passage.id == "own-policy/policy#sending-customer-data-to-contoso-1"
    assert hits[0].point == "Names of customers are masked by the Veil gateway first."
    assert backed.answers(hits)
    answer = from_sources(question, backed)
    assert Citation.of(hits[0].passage, hits[0].point) in answer.citations


@pytest.mark.parametrize("query", ["best pizza in town", "who won the world cup in 1998", "qqqq zzzz", ""])
def test_documents_do_not_make_it_answer_anything(backed: Search, query: str) -> None:
    assert not backed.answers(backed.search(query))


def test_it_can_keep_to_the_teams_own_source(backed: Search) -> None:
    hits = backed.search("customers", within=["own-policy"])
    assert hits
    assert {hit.passage.source.id for hit in hits} == {"own-policy"}


def test_unrelated_pages_change_neither_ranking_nor_confidence_of_what_is_known(
    shelf: Shelf, data_dir: Path, tmp_path: Path
) -> None:
    search = _with(shelf, data_dir, unrelated(3), tmp_path)
    for text in ("in what order should I try things", "is openai closing fine tuning"):
        assert search.search(text) == shelf.search.search(text)
    assert confidence(search.search("best pizza in town")) < 0.5


def test_documents_are_found_by_words_alone_too(corpus: Corpus, tmp_path: Path) -> None:
    made = Made()
    made.put(own(POLICY), POLICY)
    search = Search(corpus)
    search.attach(made, tmp_path)
    hit = search.search("Veil gateway masks Contoso customers")[0]
    assert hit.passage.source.relation == "own"
    assert hit.dense is None


def test_no_documents_and_empty_ones_change_nothing(corpus: Corpus, tmp_path: Path) -> None:
    search, made = Search(corpus), Made()
    search.attach(made, tmp_path)
    made.put(own("  \n "), "  \n ")
    search.attach(made, tmp_path)
    assert search.passages_beside == 0
    assert search.search("few-shot")


@pytest.fixture
def stocked(tmp_path: Path) -> Settings:
    store = Store(tmp_path / "originals")
    store.keep(own(POLICY, "own-policy/policy", "# Sending customer data to Contoso", "# Review"), POLICY)
    return Settings(tmp_path, "sqlite://")


def test_the_shelf_finds_and_resolves_what_is_kept(stocked: Settings, shelf: Shelf) -> None:
    stocked_shelf = Shelf(stocked)
    corpus = stocked_shelf.corpus
    passage = corpus.passage("own-policy/policy#review-1")
    assert passage.points == ("The council of Contoso users meets on the first Tuesday.",)
    assert corpus.digest == shelf.corpus.digest
    assert "own-policy/policy#review-1" not in corpus.passages
    with pytest.raises(UnknownPassage, match="own-policy/policy#review-1"):
        corpus.passage("own-policy/policy#nothing-1")
    with pytest.raises(UnknownPassage, match="removed"):
        corpus.passage("own-other/x#nothing-1")


def test_a_damaged_document_is_named_and_the_others_are_searched(stocked: Settings) -> None:
    store = Store(stocked.data_dir / "originals")
    store.keep(own("Gone.", "own-gone/x"), "Gone.")
    for path in (stocked.data_dir / "originals").rglob(f"{fingerprint('Gone.')}.txt"):
        path.write_text("other")
    search = Search(Shelf(stocked).corpus)
    (told,) = search.attach(store, stocked.data_dir)
    assert "own-gone/x" in told
    assert search.search("Veil gateway")[0].passage.source.id == "own-policy"


def test_bm25_over_documents_is_that_of_bm25s(tmp_path: Path, corpus: Corpus) -> None:
    """The same ranking as the library's where rarity is the documents' own."""
    import bm25s

    from knowledge.originals.words import Words
    from knowledge.vocabulary import Vocabulary

    made = unrelated(10)
    sheets = Sheets(made, None, tmp_path)
    sheets.build()
    words, texts = Words(Vocabulary([])), []
    for document, sheet in sheets:
        words.add(sheet)
        texts += [f"{document.title} {s.heading} {s.read(made.text(document))}" for s in sheet.stretches]
    words.close(np.ones(len(texts), bool))
    library = bm25s.BM25(k1=1.5, b=0.5)
    cut = Vocabulary(texts).tokens
    library.index(cut, show_progress=False)
    query = list(dict.fromkeys(cut[3][:6] + cut[70][:6]))
    rare = {w: Vocabulary(texts).rarity(w) for w in query}
    words.rarity = rare.__getitem__  # type: ignore[method-assign]
    raw = np.asarray(library.get_scores(query))
    assert np.allclose(words.scores(query), raw / (raw + 8), atol=1e-5)
