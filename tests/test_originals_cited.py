"""Where an original is at hand, a citation carries its very sentence: equal to the kept text, true to the point, safe to show."""

from __future__ import annotations

import html as escaping
import itertools
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.bootstrap import Shelf
from agent.cli import cli
from agent.facts import Facts
from agent.interview import conclude
from agent.memo.memo import as_markdown, memo
from agent.memo.page import html
from agent.recommendation import Citation, Recommendation
from agent.render import quoted
from agent.settings import Settings
from agent.writing.plain import write
from evals.retrieval.stand_ins import Made, retold, unrelated
from knowledge.corpus import Corpus
from knowledge.originals.bearing import Sentences, numbers, rarities
from knowledge.originals.document import Document, fingerprint
from knowledge.originals.pins import Pins, pin
from knowledge.originals.store import Store
from tests.test_interview import walks

DAY = date(2026, 11, 22)
#: Sources that the claims cite, few enough to be read in seconds.
FEW = ("guide", "openai-model-optimization", "gekhman-2024-ft-hallucination")


def keep(made: Made, store: Store) -> None:
    for document in made.documents():
        store.keep(document, made.text(document))


@pytest.fixture(scope="module")
def made(corpus: Corpus) -> Made:
    return retold(corpus, "original", FEW)


@pytest.fixture(scope="module")
def folder(made: Made, corpus: Corpus, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with stand-ins for originals, looked through."""
    folder = tmp_path_factory.mktemp("cited")
    store = Store(folder / "originals")
    keep(made, store)
    assert pin(store, corpus, {}, shelf.encoder) == len(FEW)
    return folder


@pytest.fixture(scope="module")
def joined(folder: Path) -> Corpus:
    return Shelf(Settings(folder, "sqlite://")).corpus


def several(corpus: Corpus) -> Iterator[Recommendation]:
    for facts in itertools.islice(walks(), 0, None, 40):
        yield write(conclude(facts), facts, corpus, today=DAY)


def equal_to_the_kept(citations: list[Citation], store: Store) -> int:
    """How many quotes of originals there are, after comparing each with the kept text."""
    kept = {d.id: d for d in store.documents()}
    found = [c.original for c in citations if c.original]
    for one in found:
        text = store.text(kept[one.document_id])
        assert one.quote == text[one.start : one.end]
        assert one.sha256 == fingerprint(text)
    return len(found)


def test_every_quote_of_an_original_is_the_kept_text_at_its_offsets(joined: Corpus, folder: Path) -> None:
    counts = [
        equal_to_the_kept(advice.citations(), Store(folder / "originals")) for advice in several(joined)
    ]
    assert len(counts) > 20
    assert min(counts) > 0


def test_the_sentence_retells_the_very_passage_and_has_its_numbers(joined: Corpus, made: Made) -> None:
    right = wrong = 0
    for passage in joined.passages.values():
        for point in passage.borne:
            excerpt = passage.borne[point].excerpt
            assert excerpt is not None
            assert numbers(point) <= numbers(excerpt.text)
            from_it = [told for told, of in made.says.items() if of == passage.id and excerpt.text in told]
            right, wrong = right + bool(from_it), wrong + (not from_it)
    assert right > 100
    assert wrong <= right * 0.03


def test_pages_about_something_else_bear_nothing_out(corpus: Corpus, shelf: Shelf) -> None:
    points = [point for p in corpus.passages.values() for point in p.points][::12]
    rarity = rarities(points)
    for document in (other := unrelated(6)).documents():
        found = Sentences(document, other.text(document), shelf.encoder).bearing_out(points, rarity)
        assert found == [None] * len(points)


def test_a_sentence_without_the_number_is_no_match_however_alike(shelf: Shelf) -> None:
    point = "A tuning run on the small model costs 30 dollars an hour and ends within 2 days."
    other = point.replace("30", "40")
    for text, found in ((point, True), (other, False), (f"{other} {point}", True)):
        document = Document("x/y", "x", "original", "T", "P", "", DAY, "text/plain", fingerprint(text))
        (match,) = Sentences(document, text, shelf.encoder).bearing_out([point], rarities([point, other]))
        assert (match is not None) is found
        assert match is None or match.text == point
    assert numbers("Three runs, 1,000 calls, 4.50 dollars") == {"3", "1000", "4.5"}


def test_without_originals_a_recommendation_is_what_it_was(corpus: Corpus, joined: Corpus) -> None:
    for plain, with_them in zip(several(corpus), several(joined), strict=True):
        told = plain.model_dump_json()
        assert '"original"' not in told and '"stale"' not in told
        stripped = json.loads(with_them.model_dump_json(), object_hook=_without)
        assert stripped == json.loads(told)


def _without(found: dict[str, object]) -> dict[str, object]:
    return {k: v for k, v in found.items() if k not in ("original", "stale")}


def test_the_memo_opens_each_quote_in_place(joined: Corpus) -> None:
    facts = Facts.of(knowledge="large", retrieval="none")
    made = memo("q", write(conclude(facts), facts, joined, today=DAY), DAY)
    page, text = html(made), as_markdown(made)
    one = next(c.original for c in made.recommendation.citations() if c.original)
    assert f"<details><summary>in the original</summary><blockquote>{escaping.escape(one.quote)}" in page
    assert one.sha256[:12] in page
    assert "<details><summary>in the original</summary>" in text


def test_the_terminal_marks_the_sentence_in_its_surroundings(folder: Path, joined: Corpus) -> None:
    passage = next(p for p in joined.passages.values() if p.id == "guide#escalation-ladder")
    point = next(iter(passage.borne))
    one = Citation.of(passage, point).original
    assert one is not None
    shown = quoted(one, joined.kept(one.document_id, one.sha256)).plain
    assert f"»{one.quote}«" in shown
    assert len(shown) > len(one.quote) + 100
    done = CliRunner().invoke(
        cli, ["show", passage.id, "--original"], env={"RUNG_DATA_DIR": str(folder), "COLUMNS": "9999"}
    )
    assert done.exit_code == 0 and f"»{one.quote}«" in done.output


def test_slash_quote_prints_it_and_says_which_numbers_have_one(folder: Path) -> None:
    all_of_them = "".join(f"/quote {n}\n" for n in range(1, 12))
    said = f"4,000 policy PDFs to answer from, nothing built yet\nyes\n/sources\n{all_of_them}/quote 999\n/quit\n"
    done = CliRunner().invoke(cli, ["chat"], input=said, env={"RUNG_DATA_DIR": str(folder)})
    assert "word for word: /quote" in done.output
    assert "Originals are at hand for" in done.output
    assert done.output.count("»") >= done.output.count("word for word: /quote") > 0


def test_markup_of_a_page_stays_text(corpus: Corpus, tmp_path: Path, shelf: Shelf) -> None:
    point = corpus.passage("guide#summary").points[0]
    text = f"{point[:-1]} <script>alert(1)</script> [red]now[/red].\n"
    store = Store(tmp_path / "originals")
    store.keep(
        Document("guide/page", "guide", "original", "T", "P", "", DAY, "text/plain", fingerprint(text)), text
    )
    pin(store, corpus, {}, shelf.encoder)
    passage = Shelf(Settings(tmp_path, "sqlite://")).corpus.passage("guide#summary")
    citation = Citation.of(passage, point)
    assert citation.original is not None and "<script>" in citation.original.quote
    facts = Facts.of(knowledge="none", prompting="none")
    advice = write(conclude(facts), facts, corpus, today=DAY)
    headline = advice.headline.model_copy(update={"citations": (citation,)})
    made = memo("q", advice.model_copy(update={"headline": headline}), DAY)
    assert "<script>" not in html(made) and "&lt;script&gt;" in html(made)
    assert "<script>" not in as_markdown(made)
    assert "[red]now[/red]" in quoted(citation.original, text).plain


def test_what_is_damaged_counts_as_not_there(folder: Path, corpus: Corpus, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(folder / "originals", tmp_path / "originals")
    for path in tmp_path.glob("originals/kept/*/*.txt"):
        path.write_text("something else")
    broken = Shelf(Settings(tmp_path, "sqlite://")).corpus
    assert all(c.original is None for advice in several(broken) for c in advice.citations())
    (tmp_path / "originals" / "pins.json").write_text("{")
    shelf = Shelf(Settings(tmp_path, "sqlite://"))
    assert shelf.corpus.passages.keys() == corpus.passages.keys()
    assert "rung sources sync" in shelf.trouble


GUIDE = os.environ.get("RUNG_GUIDE_TEXT", "")


@pytest.mark.skipif(not GUIDE, reason="RUNG_GUIDE_TEXT names no file with the guide's text")
def test_the_guides_own_sentences_are_cited(corpus: Corpus, shelf: Shelf, tmp_path: Path) -> None:
    from knowledge.originals.reading import read

    page = read(Path(GUIDE).read_bytes(), "text/plain")
    store = Store(tmp_path / "originals")
    document = Document(
        "guide/page", "guide", "original", page.title, "", "", DAY, "text/plain", fingerprint(page.text), page.sections,
    )  # fmt: skip
    store.keep(document, page.text)
    pin(store, corpus, {}, shelf.encoder)
    joined = Shelf(Settings(tmp_path, "sqlite://")).corpus
    counts = [equal_to_the_kept(advice.citations(), store) for advice in several(joined)]
    assert min(counts) > 0
    assert len(Pins.read(store).best()) >= 30
