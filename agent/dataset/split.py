"""Training and validation: which examples go where, and the two files.

Examples found alike (equal or nearly equal user's side) form a group, and a group stays on one side. Within each label,
or over all examples if there are no labels, groups are put in the order of a hash of what they ask and go to
validation until its share is reached. So the same examples give the same split, in whatever order they stand. The
labels' shares are kept as far as groups allow; nothing else (length, topic, source) is balanced.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from agent.dataset.fingerprint import I64, U64, Flags, Rows
from agent.dataset.lines import Source, blocks
from agent.errors import BadInput

_MIX = np.uint64(0x9E3779B97F4A7C15)
_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Split:
    """What was written where."""

    train: Path
    validation: Path
    train_examples: int
    validation_examples: int
    groups_kept_together: int
    """Groups of more than one example."""
    labels_without_validation: int


class Groups:
    """Rows joined into groups (union by the smaller number, paths halved)."""

    def __init__(self, rows: int) -> None:
        self.parent: I64 = np.arange(rows, dtype=np.int64)

    def join(self, a: U64, b: U64) -> None:
        parent = self.parent
        for one, two in zip(a.tolist(), b.tolist(), strict=True):
            while parent[one] != one:
                parent[one] = parent[parent[one]]
                one = int(parent[one])
            while parent[two] != two:
                parent[two] = parent[parent[two]]
                two = int(parent[two])
            if one < two:
                parent[two] = one
            elif two < one:
                parent[one] = two

    def heads(self) -> I64:
        """For each row, the head of its group."""
        heads = self.parent
        while True:
            further = heads[heads]
            if np.array_equal(further, heads):
                return heads
            heads = further


def sides(rows: Rows, training: int, groups: Groups, share: float, labelled: bool) -> tuple[Flags, int, int]:
    """Which rows go to validation; how many groups have several members; how many labels got no validation example."""
    numbers = np.arange(training, dtype=np.uint64)
    heads = groups.heads()
    asked = rows.field("asked", numbers) * _MIX
    key = np.full(training, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(key, heads, asked)
    label = rows.field("answer", numbers) if labelled else np.zeros(training, np.uint64)
    sizes = np.bincount(heads, minlength=training)
    # the label of a group is that of the member whose hash is the group's key
    carrier = np.flatnonzero(asked == key[heads])
    group_label = np.zeros(training, np.uint64)
    np.maximum.at(group_label, heads[carrier], label[carrier])
    chosen = np.zeros(training, np.bool_)
    head_rows = np.flatnonzero(sizes > 0)
    order = head_rows[np.lexsort((key[head_rows], group_label[head_rows]))]
    edges = np.flatnonzero(np.diff(group_label[order], prepend=group_label[order][:1] - np.uint64(1)))
    owed = 0.0  # what rounding left over goes to the next label
    for start, end in zip(edges, [*edges[1:], len(order)], strict=True):
        members = order[start:end]
        owed += share * int(sizes[members].sum())
        before = np.cumsum(sizes[members]) - sizes[members]
        taken = members[before + sizes[members] / 2 <= round(owed)]
        chosen[taken] = True
        owed -= int(sizes[taken].sum())
    validation: Flags = chosen[heads]
    bare = len(np.unique(label)) - len(np.unique(label[validation])) if labelled else 0
    return validation, int((sizes > 1).sum()), bare


def write(
    source: Source, rows: Rows, training: int, groups: Groups, share: float, out: Path, labelled: bool
) -> Split:
    """Writes train.jsonl and validation.jsonl, both or neither.

    Raises:
        BadInput: one of them exists already, or the folder cannot be written to.
    """
    validation, together, bare = sides(rows, training, groups, share, labelled)
    train_path, validation_path = targets(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".rung-split-", dir=out) as name:
            halves = Path(name)
            with (halves / "train").open("wb") as train, (halves / "validation").open("wb") as held:
                _copy(source, rows, validation, train, held)
            (halves / "train").replace(train_path)
            (halves / "validation").replace(validation_path)
    except OSError as error:
        raise BadInput(f"The split cannot be written to {out}: {error.strerror or error}.") from error
    held_out = int(validation.sum())
    return Split(train_path, validation_path, training - held_out, held_out, together, bare)


def targets(out: Path) -> tuple[Path, Path]:
    """Where the two files go.

    Raises:
        BadInput: one of them exists already; it may be the very file that is checked.
    """
    paths = out / "train.jsonl", out / "validation.jsonl"
    for path in paths:
        if path.exists():
            raise BadInput(
                f"{path} exists already, and nothing is overwritten. Name another folder with --out."
            )
    return paths


def _copy(source: Source, rows: Rows, validation: Flags, train: BinaryIO, held: BinaryIO) -> None:
    """Each example's line, byte for byte, into one of the two files. Lines without an example are blank ones."""
    lines = _line_numbers(rows, len(validation))
    row, wanted, number = 0, next(lines, 0), 0
    for block in blocks(source):
        for raw in block.lines:
            number += 1
            if number != wanted or raw is None:
                continue
            (held if validation[row] else train).write(raw + b"\n")
            row, wanted = row + 1, next(lines, 0)


def _line_numbers(rows: Rows, training: int) -> Iterator[int]:
    for start in range(0, training, _AT_ONCE):
        numbers = np.arange(start, min(start + _AT_ONCE, training), dtype=np.uint64)
        yield from rows.lines(numbers).tolist()
