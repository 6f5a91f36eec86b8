"""Markdown, MDX and plain text, read into headings and paragraphs."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from knowledge.originals.blocks import Block, clean

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.+?)\s*#*\s*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})\s*$")
_ANCHOR = re.compile(r"\s*\{#[^}]*\}\s*$")


def markdown(text: str, tags: bool = True) -> list[Block]:
    """Headings and paragraphs of Markdown; the marks of links and of stress are left out, their words stay.

    `tags` are HTML's, and left out too; without them what looks like one is a word of the page.
    """
    blocks: list[Block] = []
    lines: list[str] = []
    fence = ""

    def close() -> None:
        if lines:
            blocks.append(Block(0, "\n".join(lines)))
            lines.clear()

    for line in _FRONT.sub("", clean(text).lstrip("\n") + "\n").split("\n"):
        mark = _FENCE.match(line)
        heading = _HEADING.match(line)
        if fence or mark:
            if not fence and mark:
                close()
                fence = mark[1]
            elif mark and mark[1][0] == fence[0] and len(mark[1]) >= len(fence) and line.strip() == mark[1]:
                fence = ""
                close()
            elif line.strip():
                lines.append(line)
        elif heading:
            close()
            blocks.append(Block(len(heading[1]), bare(_ANCHOR.sub("", heading[2]), tags)))
        elif len(lines) == 1 and _UNDERLINE.match(line) and not lines[0].startswith(("|", "- ", "* ")):
            blocks.append(Block(1 if "=" in line else 2, lines.pop()))
        elif not line.strip():
            close()
        elif not re.fullmatch(r"\s*([-*_]\s*){3,}|[\s|:-]+", line):
            lines.append(bare(line, tags))
    close()
    return blocks


#: Characters of the private use area, which no page means as text, stand for stretches of code while a line is read.
_HELD = 0xE000
_MOST_HELD = 1000
_HELD_MARKS = re.compile(f"[{chr(_HELD)}-{chr(_HELD + _MOST_HELD - 1)}]")


def bare(line: str, tags: bool = True) -> str:
    """A line without the marks of images, links, stress, code and, if there may be any, HTML tags; what stands in code is
    kept as it is."""
    held: list[str] = []

    def hold(code: re.Match[str]) -> str:
        held.append(code[1])
        return chr(_HELD + len(held) - 1) if len(held) <= _MOST_HELD else code[0]

    line = re.sub(r"`([^`\n]{1,500})`", hold, _HELD_MARKS.sub("", line))
    return _HELD_MARKS.sub(lambda mark: held[ord(mark[0]) - _HELD], _bare(line, tags))


def _bare(line: str, tags: bool) -> str:
    line = re.sub(r"!\[([^\]]{0,300})\]\([^()\s]{0,2000}(?:\s[^()]{0,300})?\)", "", line)
    line = re.sub(r"\[([^\[\]]{1,500})\]\((?:[^()\s]|\([^()\s]*\)){0,2000}(?:\s[^()]{0,300})?\)", r"\1", line)
    line = re.sub(r"<(https?://[^>\s]+)>", r"\1", line)
    if tags:
        line = html.unescape(re.sub(r"</?[A-Za-z][A-Za-z0-9.-]*(\s[^<>]{0,1000})?/?>", "", line))
    line = re.sub(r"(\*\*|__)(?=\S)([^\n]{1,500}?)(?<=\S)\1", r"\2", line)
    line = re.sub(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,500}?)(?<=\S)\*(?![\w*])", r"\1", line)
    return re.sub(r"\\([\\`*_{}\[\]()#+.!|<>~-])", r"\1", line)


def mdx(text: str) -> list[Block]:
    """Markdown with components: imports and exports go, tags go with their attributes, what stands between them stays."""
    kept: list[str] = []
    fence = ""
    skipping = False
    for line in clean(text).split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or line.strip() == fence):
            fence = "" if fence else mark[1]
        elif not fence and (re.match(r"(import|export)\s", line) or skipping):
            skipping = bool(line.strip()) and not re.search(r"""['"];?\s*$|[;})\]]\s*$""", line)
            continue
        kept.append(line)
    return markdown(_outside_code(_without_tags, "\n".join(kept)))


def _outside_code(change: Callable[[str], str], text: str) -> str:
    """Change a text but for its fenced code."""
    parts: list[tuple[bool, list[str]]] = [(False, [])]
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
            parts.append((True, []))
        parts[-1][1].append(line)
        if mark and parts[-1][0] and len(parts[-1][1]) > 1 and line.strip() == fence:
            fence = ""
            parts.append((False, []))
    return "\n".join("\n".join(lines) if code else change("\n".join(lines)) for code, lines in parts)


def _without_tags(text: str) -> str:
    for opening, closing in (
        ("{/*", "*/}"),
        ("<!--", "-->"),
        ("<script", "</script>"),
        ("<style", "</style>"),
    ):
        text = _without_stretches(text, opening, closing)
    attributes = (
        r"""(?:[^<>{}"'\n]|\n|"[^"]{0,2000}"|'[^']{0,2000}'|\{[^{}]{0,2000}\}|\{\{[^{}]{0,2000}\}\})"""
    )
    text = re.sub(rf"</?[A-Za-z][\w.]*(?=[\s/>]){attributes}{{0,2000}}?/?>|<>|</>", "", text)
    return re.sub(r"^[ \t]+(?=#{1,6} )", "", re.sub(r"\{['\"` ]*\}", " ", text), flags=re.MULTILINE)


def _without_stretches(text: str, opening: str, closing: str) -> str:
    """A text without what stands between two marks; found by search, since a pattern would take forever on unclosed ones."""
    kept: list[str] = []
    at = 0
    while (start := text.find(opening, at)) >= 0 and (end := text.find(closing, start)) >= 0:
        kept.append(text[at:start])
        at = end + len(closing)
    return "".join(kept) + text[at:]


def plain(text: str) -> list[Block]:
    """Plain text: paragraphs are parted by blank lines; a short line alone, without a full stop, is a headline."""
    parts = [part.strip("\n") for part in re.split(r"\n[ \t]*\n+", clean(text)) if part.strip()]
    hits = [_is_headline(part) and i + 1 < len(parts) for i, part in enumerate(parts)]
    blocks: list[Block] = []
    for i, part in enumerate(parts):
        alone = hits[i] and not _in_a_list(hits, i)
        level = 0 if not alone else 2 if any(b.level for b in blocks) else 1
        blocks.append(
            Block(level, part.strip() if level else "\n".join(bare(line) for line in part.split("\n")))
        )
    return blocks


def _is_headline(part: str) -> bool:
    """One line of up to ninety characters; no byline, bullet, address or sentence."""
    line = part.strip()
    return (
        "\n" not in line
        and 3 <= len(line) <= 90
        and line[-1] not in ".,;:!→›»…"
        and re.match(r"[*•·\-–—|>@#(\[{\"“'‘]|https?:|by [A-Z]|by the ", line, re.IGNORECASE) is None
        and re.search(r"[^\W\d_]{2}", line) is not None
    )


def _in_a_list(hits: list[bool], at: int) -> bool:
    """One of four or more short lines in a row: a list, not headlines."""
    first = last = at
    while first and hits[first - 1]:
        first -= 1
    while last + 1 < len(hits) and hits[last + 1]:
        last += 1
    return last - first >= 3
