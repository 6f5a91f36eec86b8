"""Fetching the originals of the digests into the store, and telling what changed.

Each document is kept as soon as it is read, so a run that is stopped loses nothing; the next one asks for everything again,
but a page that has not changed answers in a few bytes (304).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from email.message import Message
from itertools import groupby
from typing import Literal

from knowledge.originals.addresses import Page
from knowledge.originals.archive import Spoiled, members
from knowledge.originals.document import Document, fingerprint
from knowledge.originals.fetcher import Fetched, Fetcher, Limits, Refused
from knowledge.originals.reading import Unreadable, media_type, read
from knowledge.originals.store import Store

Fate = Literal["new", "changed", "same", "moved", "gone", "failed", "skipped"]
#: A repository archive carries pictures too, so it may be larger and take longer than a page.
ARCHIVE = Limits(seconds=900, wire=600_000_000, unpacked=2**62)


@dataclass(frozen=True)
class Outcome:
    """What became of one page; `why` says it where that is not plain."""

    page: Page
    fate: Fate
    why: str = ""


def sync(
    pages: Iterable[Page], store: Store, fetcher: Fetcher, today: date, progress: Callable[[Outcome], None] = lambda _: None
) -> list[Outcome]:  # fmt: skip
    """Fetch every page and keep what is new; nothing kept is ever lost to a page that fails."""
    outcomes: list[Outcome] = []
    ordered = sorted(pages, key=lambda page: page.tries[0] if page.file else "")
    for archive, run_of in groupby(ordered, key=lambda page: page.tries[0] if page.file else ""):
        group = list(run_of)
        run = (
            _archived(group, archive, store, fetcher, today)
            if archive
            else _single(group, store, fetcher, today)
        )
        for outcome in run:
            outcomes.append(outcome)
            progress(outcome)
    return outcomes


def _single(pages: Iterable[Page], store: Store, fetcher: Fetcher, today: date) -> Iterator[Outcome]:
    for page in pages:
        if page.skip:
            yield Outcome(page, "skipped", page.skip)
            continue
        try:
            yield _kept(page, _first(page, store.document(page.id), fetcher), store, today)
        except (Refused, Unreadable) as reason:
            yield Outcome(page, "failed", str(reason))


def _first(page: Page, kept: Document | None, fetcher: Fetcher) -> Fetched:
    """The answer of the first address that is there and can be read."""
    trouble: Exception | None = None
    gone: Fetched | None = None
    for address in page.tries:
        same = kept is not None and kept.address == address and not kept.gone
        try:
            found = (
                fetcher.fetch(address, kept.etag, kept.last_modified)
                if same and kept
                else fetcher.fetch(address)
            )
            if found.status == 200:
                media_type(found.body, _name(found.address), found.content_type)
            if found.status in (200, 304):
                return replace(found, moved_to=found.moved_to if address == page.url else "", asked=address)
            gone = found
        except (Refused, Unreadable) as reason:
            trouble = trouble or reason
    if gone and (trouble is None or gone.asked == page.url):
        return gone
    raise trouble or Refused("no address of it is known")


def _kept(page: Page, found: Fetched, store: Store, today: date) -> Outcome:
    """Keep what was found, and say what it is to what was kept before."""
    if found.status == 304:
        return _moved(page, found, store) or Outcome(page, "same")
    if found.status != 200:
        store.note(page.id, gone=f"{found.status} on {today.isoformat()}")
        return Outcome(page, "gone", f"the server answered {found.status}")
    kind = media_type(found.body, _name(found.address), found.content_type)
    header = Message()
    header["content-type"] = found.content_type
    outcome = _put(page, found.body, kind, found, store, today, header.get_content_charset() or "")
    return (_moved(page, found, store) or outcome) if outcome.fate == "same" else outcome


def _put(
    page: Page, data: bytes, kind: str, found: Fetched, store: Store, today: date, charset: str = ""
) -> Outcome:
    done = read(data, kind, charset)
    before = store.document(page.id)
    document = Document(
        page.id, page.source.id, "original", done.title or page.source.title, page.source.publisher, page.url, today, kind,
        fingerprint(done.text), done.sections, etag=found.etag, last_modified=found.last_modified,
        address=found.asked or found.address, moved_to=found.moved_to,
    )  # fmt: skip
    store.keep(document, done.text)
    if before is None:
        return Outcome(page, "new")
    return Outcome(page, "same" if before.sha256 == document.sha256 else "changed")


def _moved(page: Page, found: Fetched, store: Store) -> Outcome | None:
    if not found.moved_to:
        kept = store.document(page.id)
        if kept and kept.moved_to:
            store.note(page.id, moved_to="")
        return None
    store.note(page.id, moved_to=found.moved_to)
    return Outcome(page, "moved", f"now at {found.moved_to}")


def _archived(
    pages: Sequence[Page], address: str, store: Store, fetcher: Fetcher, today: date
) -> Iterator[Outcome]:
    """The pages of one archive, fetched once; asked on condition only where all of them come from the same edition of it."""
    kept = [store.document(page.id) for page in pages]
    etags = {d.etag if d and d.address == address and not d.gone else "" for d in kept}
    etag = etags.pop() if len(etags) == 1 else ""
    try:
        found = replace(fetcher.fetch(address, etag, limits=ARCHIVE), asked=address, moved_to="")
        if found.status == 304:
            yield from (Outcome(page, "same") for page in pages)
            return
        if found.status != 200:
            raise Refused(f"the server answered {found.status} for its archive")
        inside = members(found.body, {page.file for page in pages})
    except (Refused, Spoiled) as reason:
        yield from (Outcome(page, "failed", str(reason)) for page in pages)
        return
    for page in pages:
        try:
            if page.file in inside:
                yield _put(
                    page, inside[page.file], media_type(inside[page.file], page.file), found, store, today
                )
            else:
                store.note(page.id, gone=f"not in the archive on {today.isoformat()}")
                yield Outcome(page, "gone", f"{page.file} is not in the archive")
        except Unreadable as reason:
            yield Outcome(page, "failed", str(reason))


def _name(address: str) -> str:
    return address.partition("?")[0].rstrip("/").rpartition("/")[2]
