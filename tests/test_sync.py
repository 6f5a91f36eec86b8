"""The originals are fetched into the store, and a run says what changed; killed at any point it leaves the last good state."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.corpus import Corpus, Source
from knowledge.originals.addresses import Addresses, Page
from knowledge.originals.archive import Spoiled, members
from knowledge.originals.fetcher import Fetcher, Limits
from knowledge.originals.store import Store
from knowledge.originals.sync import sync
from tests import web_server
from tests.web_server import MARKDOWN, MDX, Web, article, pdf, tar_gz, zipped

TODAY = date(2026, 11, 22)
ROOT = Path(__file__).parents[1]
SOURCE = Source("guide", "The digest's title", "A publisher", "https://example.org", "2026", "guide", "tests")


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server.running() as web:
        yield web


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "originals")


def fetcher(web: Web) -> Fetcher:
    return Fetcher({"127.0.0.1"}, pause=0, limits=Limits(1.5, 300_000, 500_000, 1), loopback_port=web.port)


def page(url: str, *tries: str, file: str = "") -> Page:
    return Page(url, SOURCE, ("guide#summary",), tries or (url,), file)


def fates(web: Web, store: Store, *pages: Page) -> list[str]:
    return [outcome.fate for outcome in sync(pages, store, fetcher(web), TODAY)]


def test_a_page_is_new_then_the_same_then_changed(web: Web, store: Store) -> None:
    a = page(web.page("/a", article(), etag='"1"'))
    assert fates(web, store, a) == ["new"]
    (kept,) = store.documents()
    assert (kept.id, kept.origin, kept.source_id, kept.url, kept.read) == (
        a.id,
        "original",
        "guide",
        a.url,
        TODAY,
    )
    assert store.text(kept).startswith("When to train a model")
    assert fates(web, store, a) == ["same"]
    web.page("/a", article("A run is paid by the hour."), etag='"2"')
    assert fates(web, store, a) == ["changed"]
    earlier = store.earlier(a.id)
    assert earlier and "paid by the token" in store.text(earlier)
    assert "paid by the hour" in store.text(store.documents()[0])


def test_a_page_without_marks_is_the_same_when_its_text_is(web: Web, store: Store) -> None:
    a = page(web.page("/a", article()))
    assert fates(web, store, a) == ["new"]
    web.page("/a", article().replace(b"Buy the course", b"Buy the other course"))
    assert fates(web, store, a) == ["same"]


@pytest.mark.parametrize(
    ("path", "body", "kind", "word"),
    [("/m.md", MARKDOWN.encode(), "text/plain", "Fifty good examples"), ("/p", pdf("Models learn in context."), "application/pdf", "learn in context"),
     ("/x.mdx", MDX.encode(), "text/plain", "the majority"), ("/t", b"A headline\n\nSome words stand here.", "text/plain", "Some words")],
)  # fmt: skip
def test_every_format_is_kept(web: Web, store: Store, path: str, body: bytes, kind: str, word: str) -> None:
    assert fates(web, store, page(web.page(path, body, kind))) == ["new"]
    assert word in store.text(store.documents()[0])


def test_markdown_at_the_same_address_goes_first_and_the_page_stands_in(web: Web, store: Store) -> None:
    a = page(web.url("/a"), web.url("/a.md"), web.url("/a"))
    web.page("/a", article())
    assert fates(web, store, a) == ["new"]
    assert store.documents()[0].media_type == "text/html"
    web.page("/a.md", MARKDOWN.encode(), "text/markdown")
    assert fates(web, store, a) == ["changed"]
    assert store.documents()[0].address == web.url("/a.md")


def test_a_page_that_moved_is_told_and_kept(web: Web, store: Store) -> None:
    a = page(web.page("/a", article()))
    assert fates(web, store, a) == ["new"]
    target = web.page("/b", article())
    web.redirect("/a", "/b")
    assert fates(web, store, a) == ["moved"]
    assert store.documents()[0].moved_to == target


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_told_and_its_text_stays(web: Web, store: Store, status: int) -> None:
    a = page(web.page("/a", article(), etag='"1"'))
    assert fates(web, store, a) == ["new"]
    web.page("/a", b"", status=status)
    assert fates(web, store, a) == ["gone"]
    (kept,) = store.documents()
    assert kept.gone == f"{status} on 2026-11-22"
    assert "paid by the token" in store.text(kept)
    web.page("/a", article(), etag='"1"')
    assert fates(web, store, a) == ["same"]
    assert store.documents()[0].gone == ""


@pytest.mark.parametrize(
    "trouble", [web_server.silent, web_server.endless, web_server.gzip_bomb, web_server.dripping]
)
def test_a_page_that_fails_keeps_what_there_was_and_the_rest_goes_on(
    web: Web, store: Store, trouble: web_server.Serve
) -> None:
    a, b = page(web.page("/a", article())), page(web.page("/b", article("Another.")))
    assert fates(web, store, a) == ["new"]
    web.serve("/a", trouble)
    assert fates(web, store, a, b) == ["failed", "new"]
    assert len(store.documents()) == 2
    assert "paid by the token" in store.text(next(d for d in store.documents() if d.id == a.id))


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [(b"\x89PNG\r\n\0\0", "image/png", "not a file that Rung reads"), (b"<html><script>x</script></html>", "text/html", "no text"),
     (bytes(range(128, 256)) * 200, "text/markdown", "encoding is broken"), (b"%PDF-1.4 broken", "application/pdf", "damaged")],
)  # fmt: skip
def test_a_page_of_the_wrong_kind_is_told(web: Web, store: Store, body: bytes, kind: str, why: str) -> None:
    (outcome,) = sync([page(web.page("/a", body, kind))], store, fetcher(web), TODAY)
    assert outcome.fate == "failed" and why in outcome.why
    assert store.documents() == ()


def test_what_robots_forbid_and_the_table_skips_is_told(web: Web, store: Store) -> None:
    web.page("/robots.txt", b"User-agent: *\nDisallow: /", "text/plain")
    skipped = replace(page(web.url("/s")), skip="a folder")
    told = sync([page(web.page("/a", article())), skipped], store, fetcher(web), TODAY)
    assert [o.fate for o in told] == ["failed", "skipped"]
    assert "robots.txt" in told[0].why


@pytest.mark.parametrize("packed", [tar_gz, zipped])
def test_pages_of_an_archive_come_from_one_request(web: Web, store: Store, packed: object) -> None:
    assert callable(packed)
    url = web.page(
        "/repo",
        packed({"pages/a.en.mdx": MDX.encode(), "pages/b.en.mdx": b"# B\n\nwords"}),
        "application/gzip",
        etag='"1"',
    )
    pages = [page(f"https://x.org/{n}", url, file=f"pages/{n}.en.mdx") for n in "abc"]
    assert fates(web, store, *pages) == ["new", "new", "gone"]
    assert web.paths() == ["/repo"]
    assert fates(web, store, *pages[:2]) == ["same", "same"]
    assert store.documents()[0].url == "https://x.org/a"


def test_a_link_in_an_archive_and_a_broken_one_are_told() -> None:
    with pytest.raises(Spoiled, match="damaged"):
        members(tar_gz({"a": b"x" * 10_000})[:60], {"a"})
    with pytest.raises(Spoiled, match="damaged"):
        members(b"PK\x03\x04nothing", {"a"})
    assert members(tar_gz({"../../a": b"x", "b": b"y"}), {"b"}) == {"b": b"y"}


def test_a_second_run_takes_up_what_the_first_could_not(web: Web, store: Store) -> None:
    pages = [page(web.page(f"/{i}", article(f"Number {i}."), etag=f'"{i}"')) for i in range(3)]
    web.page("/1", b"", status=500)
    assert fates(web, store, *pages) == ["new", "failed", "new"]
    web.page("/1", article("Number 1."))
    assert fates(web, store, *pages) == ["same", "new", "same"]


SYNC = """
import sys
from datetime import date
from pathlib import Path
from knowledge.originals.fetcher import Fetcher
from knowledge.originals.store import Store
from knowledge.originals.sync import sync
from tests.test_sync import page
port = int(sys.argv[1])
pages = [page(f"http://127.0.0.1:{port}/{i}.md") for i in range(6)]
print("begun", flush=True)
sync(pages, Store(Path(sys.argv[2])), Fetcher({"127.0.0.1"}, pause=0, loopback_port=port), date(2026, 11, 22))
"""


def test_a_sync_killed_at_any_point_leaves_the_last_good_state(web: Web, store: Store) -> None:
    """Killed at twelve points over its run, each text is whole, the old or the new one, and the next run ends well."""
    command = [sys.executable, "-c", SYNC, str(web.port), str(store.folder)]

    def serve(edition: int) -> None:
        for i in range(6):
            web.page(
                f"/{i}.md",
                f"# Page {i}\n\nEdition {edition} of it. {'Words. ' * 400}\n".encode(),
                "text/markdown",
            )

    def run() -> subprocess.Popen[str]:
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True, env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
        assert child.stdout and child.stdout.readline() == "begun\n"
        return child

    serve(0)
    begun = time.monotonic()
    assert run().wait(120) == 0
    whole = time.monotonic() - begun
    chance = random.Random(7)
    seen = set()
    for edition in range(1, 13):
        serve(edition)
        child = run()
        time.sleep(whole * chance.random() * 0.8)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(10)
        documents = store.documents()
        assert len(documents) == 6
        for document in documents:
            text = store.text(document)
            number = int(text.split("Edition ")[1].split(" ")[0])
            assert number <= edition
            seen.add(edition - number)
            earlier = store.earlier(document.id)
            assert earlier is None or store.text(earlier) != text
    assert len(seen) > 1, "every run was killed before it began, or after it ended"
    assert run().wait(120) == 0
    assert all("Edition 12 " in store.text(d) for d in store.documents())


def test_every_address_of_the_digests_is_fetched_once_from_an_allowed_host(corpus: Corpus) -> None:
    table = Addresses.read()
    pages = table.pages(corpus)
    hosts = table.hosts(corpus)
    assert len({p.url for p in pages}) == len({p.id for p in pages}) == len(pages)
    rests = [passage for p in pages for passage in p.rests]
    assert sorted(rests) == sorted(corpus.passages)
    assert {p.source.id for p in pages} | {"ddh-companions"} >= {s for s in corpus.sources if s not in ("prices", "provider-finetuning-availability", "measured-comparisons")}  # fmt: skip
    for one in pages:
        assert one.skip or all(t.startswith("https://") and t.split("/")[2] in hosts for t in one.tries), one


def test_papers_pages_in_markdown_and_archives_have_their_address(corpus: Corpus) -> None:
    by_url = {p.url: p for p in Addresses.read().pages(corpus)}
    assert by_url["https://arxiv.org/abs/2005.14165"].tries == ("https://arxiv.org/pdf/2005.14165",)
    assert "https://arxiv.org/pdf/2005.14165" not in by_url
    assert by_url["https://developers.openai.com/api/docs/deprecations"].tries[0].endswith("/deprecations.md")
    assert by_url["https://www.promptingguide.ai/techniques/cot"].file == "pages/techniques/cot.en.mdx"
    assert by_url["https://www.promptingguide.ai/"].file == "pages/index.en.mdx"
