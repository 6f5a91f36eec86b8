"""A document's text as headings and paragraphs, made one clean text with the places where sections begin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.originals.document import Section

#: Longest line kept, in characters; a longer one is broken, at a space where there is one.
LONGEST_LINE = 2_000
#: Longest text kept, in characters: some 1,500 printed pages.
LONGEST_TEXT = 4_000_000
#: Unicode's categories of what is not text: controls, surrogates, private use, unassigned; and the marks that reorder text.
_NOT_TEXT = {"Cc", "Cs", "Co", "Cn"}
_UNSEEN = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200E, 0x200F, 0x061C, 0x2060, 0xFEFF, 0xAD, *range(0xE0000, 0xE0080)]
)  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A heading (`level` 1 to 6) or a paragraph (`level` 0). A paragraph may have several lines."""

    level: int
    text: str


class TooLong(ValueError):
    """A text beyond LONGEST_TEXT."""


def clean(text: str) -> str:
    """NFC, LF, and nothing that cannot be seen: no controls, no marks that reorder text, no half characters."""
    if len(text) > LONGEST_TEXT:
        raise TooLong(f"its text is longer than {LONGEST_TEXT:,} characters")
    text = re.sub(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]", "\n", text).translate(_UNSEEN)
    text = "".join(
        c if c in "\n\t" or unicodedata.category(c) not in _NOT_TEXT else " " if c < " " else "" for c in text
    )
    text = unicodedata.normalize("NFC", text.replace("\t", "    "))
    return "\n".join(part for line in text.split("\n") for part in _broken(line.rstrip()))


def _broken(line: str) -> list[str]:
    parts: list[str] = []
    while len(line) > LONGEST_LINE:
        cut = line.rfind(" ", LONGEST_LINE // 2, LONGEST_LINE)
        cut = LONGEST_LINE if cut < 0 else cut
        parts.append(line[:cut])
        line = line[cut:].lstrip()
    return [*parts, line]


def joined(blocks: Iterable[Block]) -> tuple[str, tuple[Section, ...]]:
    """One text, a blank line between blocks, and its sections; a heading is the line before what stands under it."""
    text: list[str] = []
    sections: list[Section] = []
    length = 0
    for block in blocks:
        words = clean(block.text).strip("\n")
        if block.level:
            words = " ".join(words.split())
        if not words:
            continue
        text.append(words)
        length += len(words) + 2
        if block.level:
            sections.append(Section(length, words, block.level))
    whole = "\n\n".join(text) + "\n" if text else ""
    return whole, tuple(Section(min(s.start, len(whole)), s.heading, s.level) for s in sections)
