"""Adverts and the furniture of web pages in plain text, told by general rules: calls to action, share bars, skip links.

A call to action is a whole short sentence ("No card needed."), never a word: a policy may well speak of free trials.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.originals.blocks import Block

#: A paragraph or section that ends in a call to action goes only where it is at most so long, in characters.
_SHORT = 420
_CALL = re.compile(
    r"""(
      no\ (credit\ )?card(\ (needed|required))? | no\ sign[\ -]?up(\ (needed|required))? | cancel\ any\ ?time
    | (try\ (it\ )?|start\ |get\ )?(your\ |a\ )?free\ (for\ )?\d+[\ -](days?|weeks?|months?)(\ trial)?(,?\ no\ (credit\ )?card.*)?
    | (try\ (it\ )?(for\ )?free | start\ (your\ )?(free\ trial|for\ free) | get\ started(\ (for\ free|free|today|now))?)
    | (sign\ up|subscribe|log\ in|sign\ in|register|book\ a\ demo|request\ a\ demo|buy\ now|download\ (now|our)|join\ our)(\ .{0,40})?
    | (read|learn|see|show)\ more(\ .{0,30})? | (browse|see|view|explore)\ (all|our)\ .{0,50}
    | (accept|reject|manage)\ (all\ )?cookies | advertisement | sponsored(\ by\ .{0,40})?
    )\s*[.!→›»]*""",
    re.IGNORECASE | re.VERBOSE,
)
_SKIP = re.compile(r"skip to (main |the )?(content|navigation)", re.IGNORECASE)
_ARROW = re.compile(r".{3,160}\s*[→›»]\W*")
_NETWORK = r"(share( (this|on|via))?|tweet|facebook|twitter|x|linkedin|e-?mail|copy link|reddit|whatsapp|pinterest|print|mastodon|bluesky)"
_SHARES = re.compile(rf"{_NETWORK}([\s|·,/•]+{_NETWORK})+|share this( \w+)?|copy link", re.IGNORECASE)


def without_adverts(blocks: Sequence[Block], *, guessed: bool = False) -> list[Block]:
    """The blocks that are no advert.

    Where headings are `guessed` (plain text), the name of a product or firm above one paragraph and a call to action was
    taken for one: it goes with them. A heading that a page marked as such stays.
    """
    kept: list[Block] = []
    for section in _sections(blocks):
        if not (guessed and _is_sold(section)):
            kept += _without_teasers(section)
    return kept


def _is_sold(section: Sequence[Block]) -> bool:
    """A name, at most one short paragraph, and a call to action."""
    name, body = section[0], section[1:]
    calls = [b for b in body if _is_advert(b.text)]
    return (
        name.level > 1
        and re.fullmatch(r"([A-Z][\w&.'’-]*\s*){1,4}", name.text) is not None
        and bool(calls)
        and body[-1] is calls[-1]
        and len(body) - len(calls) <= 1
        and sum(len(b.text) for b in body) <= _SHORT
    )


def _without_teasers(section: Sequence[Block]) -> list[Block]:
    """A section without its adverts, and without the short line that led up to one."""
    kept: list[Block] = []
    for block in section:
        if block.level or not _is_advert(block.text):
            lines = [line for line in block.text.split("\n") if not _is_furniture(line)]
            if lines:
                kept.append(Block(block.level, "\n".join(lines)))
        elif kept and not kept[-1].level and _is_teaser(kept[-1].text):
            kept.pop()
    return kept


def _is_teaser(text: str) -> bool:
    return len(text) <= 60 and re.match(r"(try|get|want|need|ready|stop|start|build|write|save|join)\b", text, re.IGNORECASE) is not None  # fmt: skip


def _is_advert(text: str) -> bool:
    """A short paragraph whose last sentence is a call to action."""
    last = re.split(r"(?<=[.!?])\s+", text.strip())[-1]
    return len(text) <= _SHORT and (_CALL.fullmatch(last) is not None or _is_furniture(text))


def _is_furniture(line: str) -> bool:
    line = line.strip()
    return bool(_SKIP.match(line) or _SHARES.fullmatch(line) or ("\n" not in line and _ARROW.fullmatch(line)))


def _sections(blocks: Sequence[Block]) -> list[list[Block]]:
    """Blocks by heading: each list begins with one, but for what stands before the first."""
    found: list[list[Block]] = []
    for block in blocks:
        if block.level or not found:
            found.append([])
        found[-1].append(block)
    return found
