"""Pages are fetched politely and safely, whatever the server does."""

from __future__ import annotations

import gzip
import itertools
import time
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from knowledge.originals.fetcher import AGENT, Busy, Fetcher, Limits, Refused, is_public
from tests import web_server
from tests.web_server import Web, article

SMALL = Limits(seconds=1.5, wire=300_000, unpacked=500_000, patience=2)


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server.running() as web:
        yield web


@pytest.fixture
def fetcher(web: Web) -> Fetcher:
    return Fetcher({"127.0.0.1"}, pause=0, limits=SMALL, loopback_port=web.port)


def test_a_page_comes_with_what_is_needed_to_ask_again(web: Web, fetcher: Fetcher) -> None:
    found = fetcher.fetch(
        web.page("/a", article(), etag='"1"', last_modified="Sun, 01 Nov 2026 10:00:00 GMT")
    )
    assert (found.status, found.body, found.etag) == (200, article(), '"1"')
    assert found.last_modified.startswith("Sun, 01 Nov")


def test_a_page_that_is_the_same_is_not_sent_again(web: Web, fetcher: Fetcher) -> None:
    url = web.page("/a", article(), etag='"1"')
    assert fetcher.fetch(url, etag='"1"').status == 304
    dated = web.page("/b", article(), last_modified="Sun, 01 Nov 2026 10:00:00 GMT")
    assert fetcher.fetch(dated, last_modified="Sun, 01 Nov 2026 10:00:00 GMT").status == 304


def test_every_request_says_who_asks(web: Web, fetcher: Fetcher) -> None:
    fetcher.fetch(web.page("/a", b"x"))
    assert {headers["User-Agent"] for _, _, headers in web.seen} == {AGENT}


def test_a_packed_page_is_unpacked(web: Web, fetcher: Fetcher) -> None:
    url = web.page("/a", gzip.compress(article()), content_encoding="gzip")
    assert fetcher.fetch(url).body == article()


def test_a_packed_page_that_ends_too_early_is_refused(web: Web, fetcher: Fetcher) -> None:
    url = web.page("/a", gzip.compress(article())[:-20], content_encoding="gzip")
    with pytest.raises(Refused, match="ends too early"):
        fetcher.fetch(url)


def test_a_bomb_is_refused_before_it_is_unpacked(web: Web, fetcher: Fetcher) -> None:
    with pytest.raises(Refused, match="unpacks to more than 500,000 bytes"):
        fetcher.fetch(web.serve("/bomb", web_server.gzip_bomb))


def test_a_packing_that_was_not_asked_for_is_refused(web: Web, fetcher: Fetcher) -> None:
    with pytest.raises(Refused, match="packed as br"):
        fetcher.fetch(web.page("/a", b"x", content_encoding="br"))


@pytest.mark.parametrize(("status", "moved"), [(301, True), (308, True), (302, False), (307, False)])
def test_a_redirect_within_the_hosts_is_followed_and_told_where_lasting(
    web: Web, fetcher: Fetcher, status: int, moved: bool
) -> None:
    target = web.page("/new", article())
    found = fetcher.fetch(web.redirect("/old", "/new", status))
    assert found.body == article()
    assert found.moved_to == (target if moved else "")


def test_a_redirect_to_another_host_is_refused_and_that_host_not_asked(web: Web, fetcher: Fetcher) -> None:
    web.page("/secret", b"secret")
    with pytest.raises(Refused, match=r"localhost.*not one of the hosts"):
        fetcher.fetch(web.redirect("/old", web.url("/secret", "localhost")))
    assert "/secret" not in web.paths()


def test_a_redirect_to_another_port_or_scheme_is_refused(web: Web, fetcher: Fetcher) -> None:
    with pytest.raises(Refused, match="port 22"):
        fetcher.fetch(web.redirect("/port", "http://127.0.0.1:22/"))
    with pytest.raises(Refused, match="http and https"):
        fetcher.fetch(web.redirect("/file", "file:///etc/passwd"))


def test_a_circle_of_redirects_ends(web: Web, fetcher: Fetcher) -> None:
    web.redirect("/b", "/a")
    with pytest.raises(Refused, match="a loop"):
        fetcher.fetch(web.redirect("/a", "/b"))
    assert len(web.paths()) < 10


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_told(web: Web, fetcher: Fetcher, status: int) -> None:
    assert fetcher.fetch(web.page("/a", b"gone", status=status)).status == status


@pytest.mark.parametrize("status", [401, 403, 500])
def test_another_answer_is_named(web: Web, fetcher: Fetcher, status: int) -> None:
    with pytest.raises(Refused, match=f"answered {status}"):
        fetcher.fetch(web.page("/a", b"no", status=status))


def test_a_host_that_asks_for_patience_is_waited_for(web: Web, fetcher: Fetcher) -> None:
    def once(handler: web_server.Handler) -> None:
        first = web.paths().count("/a") == 1
        handler.answer(429 if first else 200, b"text", {"retry-after": "1"})

    begun = time.monotonic()
    assert fetcher.fetch(web.serve("/a", once)).body == b"text"
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize(
    "wait",
    ["3600", formatdate(time.time() + 3600, usegmt=True)],
    ids=["seconds", "date"],  # the same in every worker
)
def test_a_host_that_asks_for_an_hour_is_left_alone_for_this_run(
    web: Web, fetcher: Fetcher, wait: str
) -> None:
    url = web.page("/a", b"", status=429, retry_after=wait)
    with pytest.raises(Busy, match="run the same command later"):
        fetcher.fetch(url)
    with pytest.raises(Busy):
        fetcher.fetch(web.page("/b", b"x"))
    assert web.paths() == ["/a"]


@pytest.mark.parametrize("serve", [web_server.silent, web_server.dripping])
def test_a_slow_server_is_given_up_in_time(web: Web, fetcher: Fetcher, serve: web_server.Serve) -> None:
    begun = time.monotonic()
    with pytest.raises(Refused, match="longer than"):
        fetcher.fetch(web.serve("/slow", serve))
    assert time.monotonic() - begun < 4


def test_an_endless_page_is_cut_off(web: Web, fetcher: Fetcher) -> None:
    with pytest.raises(Refused, match="larger than 300,000 bytes"):
        fetcher.fetch(web.serve("/endless", web_server.endless))


def test_what_robots_forbid_is_not_fetched(web: Web, fetcher: Fetcher) -> None:
    web.page("/robots.txt", b"User-agent: *\nDisallow: /private/", "text/plain")
    with pytest.raises(Refused, match=r"robots\.txt asks"):
        fetcher.fetch(web.page("/private/a", b"x"))
    assert fetcher.fetch(web.page("/open", b"x")).body == b"x"
    assert web.paths() == ["/open"]


def test_robots_forbid_the_target_of_a_redirect_too(web: Web, fetcher: Fetcher) -> None:
    web.page("/robots.txt", b"User-agent: *\nDisallow: /private/", "text/plain")
    web.page("/private/a", b"x")
    with pytest.raises(Refused, match=r"robots\.txt asks"):
        fetcher.fetch(web.redirect("/open", "/private/a"))
    assert web.paths() == ["/open"]


def test_robots_that_cannot_be_asked_forbid_all(web: Web, fetcher: Fetcher) -> None:
    web.page("/robots.txt", b"", status=500)
    with pytest.raises(Refused, match=r"robots\.txt could not be asked"):
        fetcher.fetch(web.page("/a", b"x"))
    assert web.paths() == []


def test_one_request_a_pause_to_a_host(web: Web) -> None:
    fetcher = Fetcher({"127.0.0.1"}, pause=0.3, limits=SMALL, loopback_port=web.port)
    for path in ("/a", "/b", "/c"):
        fetcher.fetch(web.page(path, b"x"))
    times = [at for at, _, _ in web.seen]
    assert len(times) == 4
    assert min(b - a for a, b in itertools.pairwise(times)) > 0.25


def test_a_crawl_delay_is_kept_too(web: Web) -> None:
    web.page("/robots.txt", b"User-agent: *\nCrawl-delay: 7", "text/plain")
    slept: list[float] = []
    fetcher = Fetcher({"127.0.0.1"}, pause=1, limits=SMALL, loopback_port=web.port, sleep=slept.append)
    for path in ("/a", "/b"):
        fetcher.fetch(web.page(path, b"x"))
    assert max(slept) > 6


def test_this_machine_is_not_asked_unless_a_test_says_so(web: Web) -> None:
    fetcher = Fetcher({"127.0.0.1", "localhost"}, pause=0, limits=SMALL)
    web.page("/a", b"x")
    with pytest.raises(Refused):
        fetcher.fetch(web.url("/a"))
    for address in ("http://127.0.0.1/", "http://localhost/"):
        with pytest.raises(Refused, match="not a public address"):
            fetcher.fetch(address)
    assert web.seen == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fe80::1", "fe80::1%eth0",
     "fc00::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "ff02::1", "::"],
)  # fmt: skip
def test_private_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "151.101.1.1", "2606:4700:4700::1111"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "http://user:pass@127.0.0.1/", "http://example.org/", "http://[::1", "notanaddress", "http://2130706433/"]
)  # fmt: skip
def test_an_address_that_may_not_be_asked_is_refused(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(Refused):
        fetcher.fetch(url)
