"""One run over one part of a file: every line looked at once, its findings, its figures, and what is needed to compare it.

A block of lines is worked on in two ways. Line by line it is parsed and its structure checked, the everyday case first.
Then the texts of the whole block are laid end to end, and lengths, sketches, secrets and odd characters are found in it at
once with NumPy.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import mmh3
import numpy as np
import orjson

from agent.dataset import tokens
from agent.dataset.example import (
    BETWEEN,
    Shape,
    examine,
    fingerprint,
    seed_of,
    shape_of,
    user_side,
)
from agent.dataset.fingerprint import FAULTY, I64, READ_AT_MOST, ROW, U8, Flags, Sketcher, Spill
from agent.dataset.kinds import ERRORS
from agent.dataset.lines import BOM, LONGEST, Block, Source, blocks
from agent.dataset.secrets import Finder

SHORT = 60
"""Characters up to which an answer may be a label."""
MOST_LABELS = 1000
LONGEST_COUNTED = 200_000
"""Tokens up to which lengths are counted one by one; what is longer is counted with the longest."""
REFUSALS = ("I'm sorry", "I’m sorry", "I am sorry", "Sorry, ", "I can't", "I can’t", "I cannot", "I'm unable", "I’m unable", "I am unable")  # fmt: skip
_REFUSING = {refusal[:3] for refusal in REFUSALS}
_END = "\x1e"
"""Stands after the text of each line while a block is worked on."""
_ODD = np.zeros(256, np.bool_)
_ODD[:32] = _ODD[127] = True
_ODD[[9, 10, 13, 0x1E, 0x1F]] = False
_MOST_SHAPES = 10_000


@dataclass
class Tally:
    """The findings of one kind: how many, and the first of them."""

    count: int = 0
    shown: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, text: str, show: int) -> None:
        self.count += 1
        if len(self.shown) < show:
            self.shown.append((line, text))

    def join(self, other: Tally, lines_before: int, show: int) -> None:
        self.count += other.count
        moved = ((line + lines_before if line else 0, text) for line, text in other.shown)
        self.shown = heapq.nsmallest(show, [*self.shown, *moved])


@dataclass
class Scan:
    """What a run over one part found. Line numbers count from the part's own beginning until parts are joined."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    lines: int = 0
    blank: int = 0
    faulty: int = 0
    """Lines with an error."""
    examples: int = 0
    """Lines in good enough order to be compared and counted."""
    rows: int = 0
    roles: Counter[str] = field(default_factory=Counter)
    lengths: np.ndarray[tuple[int], np.dtype[np.int64]] = field(
        default_factory=lambda: np.zeros(LONGEST_COUNTED + 1, np.int64)
    )
    """How many examples are estimated to have so many tokens."""
    tokens: int = 0
    longest: tuple[int, int] = (0, 0)
    """Tokens and line of the longest example."""
    labels: dict[str, tuple[int, int]] | None = field(default_factory=dict)
    """Short answers: how often, and the first line. None once there are too many to be labels."""
    short: int = 0
    refusals: int = 0

    def join(self, other: Scan, show: int) -> None:
        """Adds the next part of the same file."""
        for code, tally in other.tallies.items():
            self.tallies.setdefault(code, Tally()).join(tally, self.lines, show)
        if self.labels is not None and other.labels is not None:
            for label, (count, line) in other.labels.items():
                before, first = self.labels.get(label, (0, line + self.lines))
                self.labels[label] = (before + count, first)
            if len(self.labels) > MOST_LABELS:
                self.labels = None
        else:
            self.labels = None
        if other.longest[0] > self.longest[0]:
            self.longest = (other.longest[0], other.longest[1] + self.lines)
        self.roles += other.roles
        self.lengths += other.lengths
        for name in ("lines", "blank", "faulty", "examples", "rows", "tokens", "short", "refusals"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True)
class Order:
    """What one run is to do. `test` marks the test file: only the user's side counts there."""

    source: Source
    folder: Path
    name: str
    buckets: int
    show: int
    max_tokens: int
    template: Flags | None = None
    test: bool = False


def scan(order: Order, progress: Callable[[int], None]) -> Scan:
    """Runs over one part of a file; `progress` is told how many bytes were read."""
    work = _TestScanner(order) if order.test else _Scanner(order)
    at_start = order.source.start == 0
    try:
        for block in blocks(order.source):
            lines = block.lines
            if at_start and lines[0] is not None:
                lines[0] = lines[0].removeprefix(BOM)
            at_start = False
            work.block(block)
            progress(block.size)
    finally:
        work.spill.close()
    work.found.rows = work.spill.rows
    return work.found


class _Line(NamedTuple):
    """What the work on a whole block needs of one line."""

    number: int
    asked: str
    rest: str
    messages: int
    """How many messages; 0 for a line that is not to be counted or compared."""
    prints: tuple[int, int, int]
    """Fingerprints of the user's side, the whole input and the answer."""


class _Scanner:
    def __init__(self, order: Order) -> None:
        self.order, self.found = order, Scan()
        self.spill = Spill(order.folder, order.name, order.buckets)
        self._sketcher = Sketcher(order.template)
        self._shapes: dict[tuple[str, ...], Shape | None] = {}

    def block(self, block: Block) -> None:
        lines, faulty = list[_Line](), set[int]()
        self._parse(block, self.found.lines + 1, lines, faulty)
        self.found.lines += len(block.lines)
        if lines:
            self._read(lines, faulty)
        self.found.faulty += len(faulty)

    # line by line

    def _parse(self, block: Block, first: int, lines: list[_Line], faulty: set[int]) -> None:
        """Everyday examples are known by what does not go wrong here; all others are looked at carefully."""
        shapes, loads, join, hash64 = self._shapes, orjson.loads, BETWEEN.join, mmh3.hash64
        keep, new, isspace = lines.append, tuple.__new__, str.isspace
        used: list[Shape] = []
        short: list[tuple[str, int]] = []
        last_open = first + len(block.lines) - 1 if block.last_is_open else 0
        for number, raw in enumerate(block.lines, start=first):
            try:
                value = loads(raw)  # type: ignore[arg-type]
                messages = value["messages"]
                contents = [m["content"] for m in messages]
                shape = shapes[tuple([m["role"] for m in messages])]
                if (
                    shape is None
                    or len(value) != 1
                    or sum(map(len, messages)) != 2 * len(messages)
                    or "" in contents
                    or any(map(isspace, contents))
                ):
                    raise LookupError
            except (ValueError, LookupError, TypeError):
                self._carefully(raw, number, number == last_open, lines, faulty, short)
                continue
            used.append(shape)
            answer = contents[-1]
            given = join(contents[:-1])
            asked = (
                contents[shape.asks] if shape.asks is not None else join([contents[i] for i in shape.asking])
            )
            rest = join([contents[i] for i in shape.others])
            prints = (
                hash64(asked)[0],
                hash64(given, shape.seed)[0],
                hash64(answer)[0],
            )
            keep(new(_Line, (number, asked, rest, len(contents), prints)))
            if len(answer) <= SHORT:
                short.append((answer, number))
            if answer[:3] in _REFUSING and answer.startswith(REFUSALS):
                self.found.refusals += 1
        for shape, count in Counter(used).items():
            for role in shape.roles:
                self.found.roles[role] += count
        self.found.examples += len(used)
        self._label(short)

    def _carefully(
        self,
        raw: bytes | None,
        number: int,
        last_open: bool,
        lines: list[_Line],
        faulty: set[int],
        short: list[tuple[str, int]],
    ) -> None:
        """A line that is not an everyday example: says what is wrong, or finds that nothing is."""
        if raw is None:
            self._say(
                "long-line",
                number,
                f"the line is longer than {LONGEST >> 20} MiB; it was passed over",
                faulty,
            )
            return
        if not raw.strip():
            self.found.blank += 1
            self._say("blank-line", number, "the line is blank; remove it", faulty)
            return
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            self._say(*_unreadable(raw, number, error, last_open), faulty)
            self._text_only(raw.decode("utf-8", "ignore"), number, lines)
            return
        example = examine(value)
        for code, text in example.problems.items():
            self._say(code, number, text, faulty)
        if not example.comparable:
            self._text_only(BETWEEN.join((example.asked, example.rest)), number, lines)
            return
        if len(self._shapes) < _MOST_SHAPES:
            self._shapes.setdefault(example.roles, shape_of(example.roles))
        self.found.examples += 1
        self.found.roles.update(example.roles)
        answer = example.answer
        prints = (
            fingerprint(example.asked),
            fingerprint(example.given, seed_of(example.roles)),
            fingerprint(answer),
        )
        lines.append(_Line(number, example.asked, example.rest, len(example.roles), prints))
        if len(answer) <= SHORT:
            short.append((answer, number))
        self.found.refusals += answer.startswith(REFUSALS)

    def _text_only(self, text: str, number: int, lines: list[_Line]) -> None:
        """Text of a line that cannot be an example: still looked through for what must not be in the file."""
        lines.append(_Line(number, "", text, 0, (0, 0, 0)))

    def _label(self, short: list[tuple[str, int]]) -> None:
        self.found.short += len(short)
        if self.found.labels is None:
            return
        labels = self.found.labels
        for answer, count in Counter(a for a, _ in short).items():
            before = labels.get(answer)
            if before is None:
                labels[answer] = (count, next(n for a, n in short if a == answer))
            else:
                labels[answer] = (before[0] + count, before[1])
        if len(labels) > MOST_LABELS:
            self.found.labels = None

    # the block at once

    def _read(self, lines: list[_Line], faulty: set[int]) -> None:
        for n, line in enumerate(lines):
            if len(line.asked) > READ_AT_MOST:
                rest = line.asked[READ_AT_MOST:] + BETWEEN + line.rest
                lines[n] = line._replace(asked=line.asked[:READ_AT_MOST], rest=rest)
        numbers, asked_texts, rest_texts, messages, prints = zip(*lines, strict=True)
        asked, asked_at = self._laid_out(asked_texts, numbers, faulty)
        others, others_at = self._laid_out(rest_texts, numbers, faulty)
        self._look_through(asked, asked_at, others, others_at, numbers, faulty)
        counted = np.array(messages)
        self._measure(asked, asked_at, others, others_at, counted, numbers, faulty)
        kept = counted > 0
        if not kept.any():
            return
        minima, bands, worded = self._sketcher.sketch(asked, asked_at)
        rows = np.zeros(int(kept.sum()), ROW)
        rows["line"] = np.array(numbers, np.uint64)[kept]
        if faulty:
            bad = np.isin(rows["line"], np.array(sorted(faulty), np.uint64))
            rows["line"][bad] |= FAULTY
        rows["asked"], rows["given"], rows["answer"] = np.array(prints, np.int64).view(np.uint64)[kept].T
        rows["minima"] = minima[kept]
        self.spill.add(rows, bands[kept], worded[kept])

    def _laid_out(self, texts: Sequence[str], numbers: Sequence[int], faulty: set[int]) -> tuple[U8, I64]:
        """All texts end to end as UTF-8, a separator after each; and where each begins."""
        whole = _END.join(texts) + _END
        if whole.count(_END) != len(texts):
            for n, text in enumerate(texts):
                if _END in text:
                    self._say("control-characters", numbers[n], _control(0x1E), faulty)
            texts = [text.replace(_END, " ") for text in texts]
            whole = _END.join(texts) + _END
        letters = np.frombuffer(whole.encode("utf-8", "replace"), np.uint8)
        ends = np.flatnonzero(letters == ord(_END))
        return letters, np.concatenate(([0], ends[:-1] + 1)).astype(np.int64)

    def _measure(
        self,
        asked: U8,
        asked_at: I64,
        rest: U8,
        rest_at: I64,
        messages: I64,
        numbers: Sequence[int],
        faulty: set[int],
    ) -> None:
        sums = tokens.thousandths(asked, asked_at) + tokens.thousandths(rest, rest_at)
        lengths = (sums // tokens.SCALE).astype(np.int64) + tokens.PER_MESSAGE * messages
        for n in np.flatnonzero((lengths > self.order.max_tokens) & (messages > 0)):
            text = (
                f"about {lengths[n]:,} tokens, more than the limit of {self.order.max_tokens:,}; shorten it"
            )
            self._say("too-long", numbers[int(n)], text, faulty)
        lengths = lengths[messages > 0]
        if not lengths.size:
            return
        self.found.tokens += int(lengths.sum())
        np.add.at(self.found.lengths, np.minimum(lengths, LONGEST_COUNTED), 1)
        if (most := int(lengths.max())) > self.found.longest[0]:
            at = int(np.flatnonzero(messages > 0)[int(lengths.argmax())])
            self.found.longest = (most, numbers[at])

    def _look_through(
        self, asked: U8, asked_at: I64, rest: U8, rest_at: I64, numbers: Sequence[int], faulty: set[int]
    ) -> None:
        """Secrets, personal data and odd characters, told once a line and kind."""
        seen: dict[tuple[int, str], list[str]] = {}
        for letters, starts in ((asked, asked_at), (rest, rest_at)):
            raw = letters.tobytes()
            for found in Finder(raw, letters).sightings():
                n = int(np.searchsorted(starts, found.at, "right")) - 1
                what = f"{found.what} ({found.masked})"
                all_of_line = seen.setdefault((n, found.code), [])
                if what not in all_of_line:
                    all_of_line.append(what)
            odd = np.flatnonzero((letters < 32) | (letters == 127))
            odd = odd[_ODD[letters[odd]]]
            lines, first = np.unique(np.searchsorted(starts, odd, "right") - 1, return_index=True)
            for n, at in zip(lines, odd[first], strict=True):
                seen.setdefault((int(n), "control-characters"), [_control(int(letters[at]))])
            at = raw.find(b"\xef\xbf\xbd")
            while at >= 0:
                n = int(np.searchsorted(starts, at, "right")) - 1
                seen.setdefault((n, "damaged-text"), ["the text has U+FFFD in place of lost letters"])
                ends = int(starts[n + 1]) if n + 1 < len(starts) else len(raw)
                at = raw.find(b"\xef\xbf\xbd", ends)
        for (n, code), whats in sorted(seen.items()):
            more = f" and {len(whats) - 3} more" if len(whats) > 3 else ""
            self._say(code, numbers[n], ", ".join(whats[:3]) + more, faulty)

    def _say(self, code: str, line: int, text: str, faulty: set[int]) -> None:
        self.found.tallies.setdefault(code, Tally()).add(line, text, self.order.show)
        if code in ERRORS:
            faulty.add(line)


class _TestScanner(_Scanner):
    """The test file: whatever its format, only what the user says is kept, for comparison."""

    def _parse(self, block: Block, first: int, lines: list[_Line], faulty: set[int]) -> None:
        for number, raw in enumerate(block.lines, start=first):
            if raw is not None and not raw.strip():
                continue
            try:
                said = user_side(orjson.loads(raw))  # type: ignore[arg-type]
            except orjson.JSONDecodeError:
                said = ""
            if said:
                lines.append(_Line(number, said, "", 1, (fingerprint(said), 0, 0)))
            else:
                self._say("test-unreadable", number, "no user's side can be read from it", faulty)

    def _look_through(self, *_: object) -> None:
        """Secrets of the test file are not this check's business."""

    def _measure(self, *_: object) -> None:
        """Nor are its lengths."""


def sample(head: bytes, count: int = 2000) -> list[str]:
    """The user's sides of the first examples, to learn the template from."""
    sides = []
    for raw in head.removeprefix(BOM).split(b"\n")[:count]:
        try:
            said = user_side(orjson.loads(raw))
        except orjson.JSONDecodeError:
            continue
        if said:
            sides.append(said[:READ_AT_MOST].replace(_END, " "))
    return sides


def _control(code: int) -> str:
    return f"the text has the control character U+{code:04X}; remove it"


def _unreadable(
    raw: bytes, number: int, error: orjson.JSONDecodeError, last_open: bool
) -> tuple[str, int, str]:
    """Why a line is not JSON: the encoding, a cut, or the grammar, with the column."""
    try:
        length = len(raw.decode().rstrip())
    except UnicodeDecodeError as wrong:
        if last_open and wrong.reason == "unexpected end of data":
            return "cut-off", number, "the file ends in the middle of a letter of this line"
        return "not-utf8", number, f"byte {wrong.start + 1} of the line is not UTF-8; save the file as UTF-8"
    column = error.pos + 1
    if last_open and (error.msg.startswith("unexpected end") or error.pos >= length - len("true")):
        return "cut-off", number, f"the file ends in the middle of this line, at column {column:,}"
    return "not-json", number, f"not JSON at column {column:,}: {error.msg.split(':')[0]}"
