"""Reading a file of any format in a child process, so that no loop, bomb or flaw of a parser reaches the advisor."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import PurePath

import orjson

from knowledge.originals.document import Section

#: Most that one file may take to be read: seconds, bytes of memory, bytes of the file.
SECONDS = 60
MEMORY = 1_500_000_000
LARGEST = 60_000_000

#: File endings, and the media type each is read as.
ENDINGS = {
    ".md": "text/markdown", ".markdown": "text/markdown", ".mdx": "text/mdx", ".txt": "text/plain", ".text": "text/plain",
    ".html": "text/html", ".htm": "text/html", ".xhtml": "text/html", ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
DOCX = ENDINGS[".docx"]
_TOLD = {"text/markdown", "text/x-markdown", "text/mdx", "text/plain", "text/html", "application/xhtml+xml", "application/pdf", DOCX}  # fmt: skip


class Unreadable(Exception):
    """A file that cannot be read; the text says why, for people."""


@dataclass(frozen=True)
class Read:
    """A file's title (empty where it has none), its text and where its sections begin."""

    title: str
    text: str
    sections: tuple[Section, ...]


def media_type(data: bytes, name: str, told: str = "") -> str:
    """What a file is, by its first bytes, then its ending, then what the server said.

    Raises:
        Unreadable: none of the formats that Rung reads.
    """
    head = data[:1024].lstrip().lower()
    told = told.partition(";")[0].strip().lower()
    ending = PurePath(name).suffix.lower()
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return "application/pdf"
    if data.startswith(b"PK\x03\x04") and (ending == ".docx" or told == DOCX):
        return DOCX
    if head.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    kind = ENDINGS.get(ending) or (told.replace("/x-", "/").replace("application/xhtml+xml", "text/html") if told in _TOLD else "")  # fmt: skip
    if not kind or kind in ("application/pdf", DOCX) or _is_binary(data):
        shown = f"{told or ending or 'without an ending'}"
        raise Unreadable(f"it is not a file that Rung reads ({shown}): Markdown, text, HTML, PDF or DOCX")
    return kind


def read(data: bytes, kind: str, charset: str = "") -> Read:
    """The text of a file of this media type, in a child process with limits of time and memory.

    Raises:
        Unreadable: too large, too slow, damaged, or without text.
    """
    if len(data) > LARGEST:
        raise Unreadable(f"it is larger than {LARGEST:,} bytes")
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "knowledge.originals.child", kind, charset or "-"],
            input=data, capture_output=True, timeout=SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Unreadable(f"reading it took longer than {SECONDS} s") from error
    try:
        told = orjson.loads(done.stdout)
    except ValueError as error:
        raise Unreadable(
            "reading it took more time or memory than a document may, or it is damaged"
        ) from error
    if "trouble" in told:
        raise Unreadable(told["trouble"])
    return Read(told["title"], told["text"], tuple(Section(*row) for row in told["sections"]))


def _is_binary(data: bytes) -> bool:
    """Text has no zero bytes, but for UTF-16, which says so in its first two."""
    return b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))
