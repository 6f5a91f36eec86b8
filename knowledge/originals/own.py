"""A team's own documents: added from files, folders and addresses, read again on update, removed.

They can be searched and cited, marked as the team's own. Nothing here is a digest: facts, claims and the rubric never see it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

from knowledge.originals.document import Document, fingerprint
from knowledge.originals.fetcher import Fetched, Fetcher, Refused
from knowledge.originals.reading import ENDINGS, LARGEST, Unreadable, media_type, read
from knowledge.originals.store import Store

PREFIX = "own-"
#: Most files taken from one folder.
MOST = 5_000


@dataclass(frozen=True)
class Label:
    """What the person who adds a document says of it; what is empty is taken from the document."""

    title: str = ""
    publisher: str = ""
    dated: str = ""
    trust: str = "medium"


@dataclass(frozen=True)
class Told:
    """What became of one file: its document, or the reason why not. `changed` says whether its text is another than before."""

    name: str
    document: Document | None = None
    why: str = ""
    changed: bool = True


def add_path(path: Path, label: Label, store: Store, today: date) -> Iterator[Told]:
    """Add a file, or every file of a folder; one that cannot be read is told and the rest is still added."""
    root = path.expanduser().absolute()
    if not root.is_dir():
        yield _add_file(root, root.name, _source_id(root.stem, str(root), store), label, store, today)
        return
    source_id = _source_id(root.name, str(root), store)
    for count, file in enumerate(_files(root)):
        name = file.relative_to(root).as_posix()
        if count >= MOST:
            yield Told(name, why=f"the folder has more than {MOST:,} files; this and the rest were left out")
            return
        yield _add_file(file, name, source_id, label, store, today, root)


def add_url(url: str, label: Label, store: Store, fetcher: Fetcher, today: date) -> Told:
    """Add the page at an address."""
    parts = urlsplit(url)
    name = f"{parts.hostname} {parts.path}".removesuffix("/").rpartition("/")[2] or str(parts.hostname)
    return _add_page(url, _source_id(name, url, store), label, store, fetcher, today)


def own(store: Store) -> tuple[Document, ...]:
    """The team's own documents, in order of id."""
    return tuple(d for d in store.documents() if d.origin == "own")


def chosen(store: Store, name: str) -> tuple[Document, ...]:
    """The own documents of this source id or document id, with or without `own-`."""
    wanted = {name, PREFIX + name}
    return tuple(d for d in own(store) if d.id in wanted or d.source_id in wanted)


def update(document: Document, store: Store, fetcher: Callable[[str], Fetcher], today: date) -> Told:
    """Read a document again from where it came; what cannot be read is told, and the kept text stays."""
    label = Label(document.title, document.publisher, document.dated, document.trust)
    if document.address.startswith(("http://", "https://")):
        return _add_page(document.address, document.source_id, label, store, fetcher(document.address), today)
    return _add_file(Path(document.address), document.url, document.source_id, label, store, today)


def _add_file(
    file: Path, name: str, source_id: str, label: Label, store: Store, today: date, root: Path | None = None
) -> Told:
    try:
        data = _bytes(file, root)
        kind = media_type(data, file.name)
        return _keep(data, kind, name, str(file), name, source_id, label, store, today)
    except (Unreadable, OSError) as reason:
        return Told(name, why=getattr(reason, "strerror", None) or str(reason))


def _bytes(file: Path, root: Path | None) -> bytes:
    """A file's bytes; links out of the added folder, pipes and devices are refused."""
    real = file.resolve()
    if root is not None and not real.is_relative_to(root.resolve()):
        raise Unreadable("it is a link that leads out of the folder")
    if not real.is_file():
        raise Unreadable("there is no such file" if not real.exists() else "it is not a file")
    with real.open("rb") as open_file:
        data = open_file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Unreadable(f"it is larger than {LARGEST:,} bytes")
    if not data.strip():
        raise Unreadable("it is empty")
    return data


def _files(root: Path) -> Iterator[Path]:
    """The files of a folder in order, hidden ones and linked folders left out."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        yield from (Path(folder) / n for n in sorted(names) if not n.startswith("."))


def _add_page(url: str, source_id: str, label: Label, store: Store, fetcher: Fetcher, today: date) -> Told:
    try:
        found: Fetched = fetcher.fetch(url)
        if found.status != 200:
            raise Refused(f"the server answered {found.status}")
        header = Message()
        header["content-type"] = found.content_type
        name = urlsplit(found.address).path.rpartition("/")[2]
        kind = media_type(found.body, name, found.content_type)
        charset = header.get_content_charset() or ""
        return _keep(found.body, kind, name or "page", url, url, source_id, label, store, today, charset)
    except (Refused, Unreadable) as reason:
        return Told(url, why=str(reason))


def _keep(
    data: bytes, kind: str, name: str, address: str, url: str, source_id: str, label: Label, store: Store, today: date,
    charset: str = "",
) -> Told:  # fmt: skip
    done = read(data, kind, charset)
    document_id = f"{source_id}/{_slug(name)}-{hashlib.sha256(address.encode()).hexdigest()[:6]}"
    before = store.document(document_id)
    document = Document(
        document_id, source_id, "own", label.title or done.title or name, label.publisher or "your own", url, today, kind,
        fingerprint(done.text), done.sections, trust=label.trust, dated=label.dated, address=address,
    )  # fmt: skip
    store.keep(document, done.text)
    return Told(name, document, changed=before is None or before.sha256 != document.sha256)


def _source_id(name: str, address: str, store: Store) -> str:
    """`own-` and a name; a number after it where another place's documents have that name already."""
    taken: dict[str, bool] = {}
    for document in own(store):
        below = document.address == address or document.address.startswith(address.rstrip("/") + os.sep)
        taken[document.source_id] = taken.get(document.source_id, False) or below
    base, number = PREFIX + _slug(name), 1
    source_id = base
    while not taken.get(source_id, True):
        number += 1
        source_id = f"{base}-{number}"
    return source_id


def _slug(name: str) -> str:
    stem = name.rpartition(".")[0] if Path(name).suffix.lower() in ENDINGS else name
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:60].strip("-") or "document"
