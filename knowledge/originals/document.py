"""A document as it is kept: its text, where that came from, and where its sections begin."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Literal

#: `original`: the page behind a digest. `own`: a team's, added by `rung sources add`.
Origin = Literal["original", "own"]


@dataclass(frozen=True)
class Section:
    """A heading and the character of the text at which what stands under it begins; the part before the first has none."""

    start: int
    heading: str
    level: int


@dataclass(frozen=True)
class Document:
    """What is known of one document; its text is kept beside it, named by `sha256`.

    `source_id` is the digest it stands behind (`guide`, `openai-deprecations`), or `own-` and a name for a team's own.
    One source may have several documents (a page, a PDF, the files of an archive), so `id` is `source_id` and a name
    joined by a slash. `sha256` is of the text in UTF-8; all offsets count characters of that text. `address` is where the
    bytes came from (an address, or the path of a team's own file); `url` is what a reader is shown, which for a team's own
    file is its name alone. `moved_to` is the address that the page's own now leads to; `gone` says how and when it was found
    gone. `trust` is what a team said of its own: high, medium or low; `dated` the date on it.
    """

    id: str
    source_id: str
    origin: Origin
    title: str
    publisher: str
    url: str
    read: date
    media_type: str
    sha256: str
    sections: tuple[Section, ...] = ()
    trust: str = ""
    dated: str = ""
    etag: str = ""
    last_modified: str = ""
    address: str = ""
    moved_to: str = ""
    gone: str = ""


def fingerprint(text: str) -> str:
    """SHA-256 of a text, the name under which it is kept."""
    return hashlib.sha256(text.encode()).hexdigest()
