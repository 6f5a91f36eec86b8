"""Which addresses stand behind the digests, and where each is fetched (addresses.yaml)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import yaml

from knowledge.corpus import Corpus, Source


@dataclass(frozen=True)
class Page:
    """One page to fetch. `source` is the first digest that names it; `rests` are the ids of all passages that do;
    `file` is its path in the archive at the one address to try, where it comes out of an archive."""

    url: str
    source: Source
    rests: tuple[str, ...]
    tries: tuple[str, ...]
    file: str = ""
    skip: str = ""

    @property
    def id(self) -> str:
        """The document's id: the digest's, and a name made of the address."""
        parts = urlsplit(self.url)
        name = (
            re.sub(r"[^a-z0-9]+", "-", f"{parts.path} {parts.query}".lower()).strip("-")[-60:].strip("-")
            or "home"
        )
        return f"{self.source.id}/{name}-{hashlib.sha256(self.url.encode()).hexdigest()[:6]}"


@dataclass(frozen=True)
class Addresses:
    """The reviewed table: rules, archives, and further hosts that may be led to."""

    rules: tuple[dict[str, Any], ...] = ()
    archives: tuple[dict[str, str], ...] = ()
    more_hosts: tuple[str, ...] = field(default=())

    @classmethod
    def read(cls, text: str | None = None) -> Addresses:
        """The table (by default the one that comes with Rung)."""
        raw = yaml.safe_load(text if text is not None else (files("knowledge") / "originals/addresses.yaml").read_text("utf-8"))  # fmt: skip
        return cls(
            tuple(raw.get("rules") or ()), tuple(raw.get("archives") or ()), tuple(raw.get("hosts") or ())
        )

    def pages(self, corpus: Corpus) -> tuple[Page, ...]:
        """Every page that the digests name, once, in the order of the digests."""
        found: dict[str, Page] = {}
        for url, source, passage_id in _named(corpus):
            page = self._page(url, source)
            before = found.get(page.url)
            rests = (before.rests if before else ()) + ((passage_id,) if passage_id else ())
            first = before or page
            found[page.url] = Page(first.url, first.source, rests, first.tries, first.file, first.skip)
        return tuple(found.values())

    def hosts(self, corpus: Corpus) -> frozenset[str]:
        """The hosts that may be asked: those of the digests, and the further ones of the table."""
        named = {urlsplit(url).hostname or "" for url, _, _ in _named(corpus)}
        archives = {urlsplit(a["archive"]).hostname or "" for a in self.archives}
        return frozenset(named | archives | set(self.more_hosts)) - {""}

    def _page(self, url: str, source: Source) -> Page:
        for archive in self.archives:
            if url == archive["prefix"] or url.startswith(archive["prefix"] + "/"):
                path = urlsplit(url).path.strip("/") or archive["home"]
                return Page(url, source, (), (archive["archive"],), archive["file"].replace("{path}", path))
        for rule in self.rules:
            hit = re.fullmatch(rule["match"], url)
            if hit:
                page = hit.expand(rule["page"]) if "page" in rule else url
                return Page(page, source, (), tuple(hit.expand(t) for t in rule.get("as", (page,))), "", rule.get("skip", ""))  # fmt: skip
        return Page(url, source, (), (url,))


def _named(corpus: Corpus) -> Iterator[tuple[str, Source, str]]:
    """Each address without its fragment, the digest that names it, and the passage (none for a digest's front matter).

    Front matter comes first: a page named there belongs to that digest, whoever else cites it.
    """
    for source in corpus.sources.values():
        yield source.url.partition("#")[0], source, ""
    for passage in corpus.passages.values():
        yield passage.url.partition("#")[0], passage.source, passage.id
