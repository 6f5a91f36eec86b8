"""Score the local reader on labelled messages: `python -m evals.reading.score [--split measure_4]`.

Value precision: of the values read, how many are right. Value recall: of the values that the messages state, how many are
read. A category is right when equal; of a set, each member counts; an amount is right when it lies within the label's
bounds (10 % off for a single number) and on the same side of the rubric's threshold. Intervals are Wilson's, 95 %.

The four `measure` sets were never looked at while building: their totals were taken now and then, no message of them was
read. `kept` is all of them together. `build`, `develop` and `develop_2` are what the heads were trained on, so their figures
flatter; with `--folds 5` the heads that read a message were trained without it. The patterns were written with the first
two in view; each part of `develop_2` was scored once before anyone looked at it, and is no test any more.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.facts import AMOUNTS, ANY_OF, NUMBERS, ONE_OF, Amount, Slot, Value
from agent.reading import Reader, Reading
from agent.reading.heads import Heads, heads
from agent.reading.local import LocalReader
from agent.rubric import ENOUGH_EXAMPLES, HIGH_VOLUME
from evals.reading.messages import Message, messages
from knowledge.embedding import find_encoder

#: What the heads learn from, and what is kept for measuring.
LEARNED = ("build", "develop", "develop_2")
KEPT = ("measure", "measure_2", "measure_3", "measure_4")
THRESHOLD = {Slot.VOLUME: HIGH_VOLUME, Slot.EXAMPLES: ENOUGH_EXAMPLES}
#: What the rubric or its mistakes and notes rest on; free text (model, platform, error cost) is shown apart.
COUNTED = (*ONE_OF, *ANY_OF, *AMOUNTS, *NUMBERS, Slot.PRIVACY)


@dataclass
class Tally:
    read: int = 0
    right: int = 0
    stated: int = 0
    found: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    p = hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def atoms(slot: Slot, label: Any) -> list[Any]:
    """A label or a read value as the things that are counted one by one."""
    if slot in ANY_OF:
        members = [] if label == "nothing" else sorted({label} if isinstance(label, str) else set(label))
        return members or ["nothing"]
    return [label]


def same(slot: Slot, read: Any, label: Any) -> bool:
    """Is one read atom right for one labelled atom?"""
    if slot in AMOUNTS:
        low, high = (label[0], label[1]) if isinstance(label, list) else (label * 0.9, label * 1.1)
        high = math.inf if high is None else high
        if not isinstance(read, Amount):
            return False
        middle = math.sqrt(max(read.low, 0.01) * max(read.high if read.high is not None else read.low, 0.01))
        floor = label[0] if isinstance(label, list) else label
        side = (read.low >= THRESHOLD[slot]) == (floor >= THRESHOLD[slot])
        return side and (low * 0.9 - 0.5 <= middle <= high * 1.1 + 0.5)
    if slot in NUMBERS:
        return isinstance(read, (int, float)) and abs(float(read) - float(label)) <= max(
            1.0, 0.1 * float(label)
        )
    return bool(str(read).lower() == str(label).lower())


def score(message: Message, reading: Reading, tallies: dict[Slot, Tally]) -> None:
    """Add one message's reading to the tallies."""
    got: dict[Slot, Value] = {p.slot: p.value for p in reading.values}
    for slot in COUNTED:
        if slot.value in message.open:
            continue
        label = message.values.get(slot)
        tally = tallies.setdefault(slot, Tally())
        read = atoms(slot, got[slot]) if slot in got else []
        stated = atoms(slot, label[0]) if label else []
        for one in read:
            tally.read += 1
            if any(same(slot, one, other) for other in stated):
                tally.right += 1
            else:
                tally.wrong.append(
                    f"{message.id} [{message.asked.value}] {message.text!r}\n      read {slot.value}={one}, label {stated}, quote {next(p.quote for p in reading.values if p.slot is slot)!r}"
                )
        for other in stated:
            tally.stated += 1
            if any(same(slot, one, other) for one in read):
                tally.found += 1
            else:
                tally.missed.append(
                    f"{message.id} [{message.asked.value}] {message.text!r}\n      label {slot.value}={other}"
                )


def report(told: Sequence[Message], readings: Iterable[Reading], show: str, only: str) -> None:
    tallies: dict[Slot, Tally] = {}
    confused: Counter[tuple[str, str]] = Counter()
    lines: list[str] = []
    for message, reading in zip(told, readings, strict=True):
        score(message, reading, tallies)
        if "intent" not in message.open:
            confused[message.intent.value, reading.intent.value] += 1
        if message.intent is not reading.intent:
            lines.append(
                f"{message.id} [{message.asked.value}] {message.text!r}\n      read {reading.intent.value}, label {message.intent.value}"
            )

    def row(name: str, tally: Tally) -> None:
        p, r = tally.right / max(1, tally.read), tally.found / max(1, tally.stated)
        print(f"{name:16} {tally.read:5} {p:9.3f}   {tally.stated:6} {r:9.3f}")

    print(f"{'slot':16}  read precision   stated    recall")
    for slot in COUNTED:
        row(slot.value, tallies[slot])
    total = Tally(
        *(sum(getattr(t, f) for t in tallies.values()) for f in ("read", "right", "stated", "found"))
    )
    row("all", total)
    print(
        "precision {:.3f} [{:.3f}, {:.3f}] of {}".format(
            total.right / max(1, total.read), *wilson(total.right, total.read), total.read
        )
    )
    print(
        "recall    {:.3f} [{:.3f}, {:.3f}] of {}".format(
            total.found / max(1, total.stated), *wilson(total.found, total.stated), total.stated
        )
    )
    right, labelled = sum(n for (a, b), n in confused.items() if a == b), confused.total()
    print(
        "intent    {:.3f} [{:.3f}, {:.3f}] of {}".format(right / labelled, *wilson(right, labelled), labelled)
    )
    print(
        "intents taken for others: "
        + ", ".join(f"{a}→{b} {n}" for (a, b), n in confused.most_common() if a != b)
    )
    for slot, tally in tallies.items():
        if only and slot.value != only:
            continue
        for name in ("wrong", "missed"):
            if name in show:
                print("\n".join(f"  {name}: {line}" for line in getattr(tally, name)))
    if "intent" in show:
        print("\n".join(f"  intent: {line}" for line in lines))


def held_out(told: Sequence[Message], folds: int) -> list[Reading]:
    """Each message read with heads that were trained without its fold."""
    from evals.reading.train import Features, fold_of, learnable, train

    made, encoder = Features(), find_encoder()
    found: dict[str, Reading] = {}
    with tempfile.TemporaryDirectory() as folder:
        for fold in range(folds):
            path = Path(folder) / f"{fold}.npz"
            train(path, [m for m in learnable() if fold_of(m.text, folds) != fold], made)
            reader = LocalReader(encoder, Heads(path))
            found.update(
                (m.id, reader.read(m.text, m.asked, m.known)) for m in told if fold_of(m.text, folds) == fold
            )
    return [found[m.id] for m in told]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--split",
        choices=(*LEARNED, *KEPT, "kept"),
        default="kept",
    )
    parser.add_argument("--show", default="", help="with build or develop: any of wrong,missed,intent")
    parser.add_argument("--only", default="", help="with --show: one slot")
    parser.add_argument("--words", action="store_true", help="without the encoder and the heads")
    parser.add_argument(
        "--folds",
        type=int,
        default=0,
        help="with build or develop: read each fold with heads trained on the others",
    )
    args = parser.parse_args()
    if args.show and args.split not in LEARNED:
        parser.error("the measuring messages are not to be looked at; --show works with build and develop")
    if args.folds and args.split not in LEARNED:
        parser.error("--folds works with build and develop")
    encoder = None if args.words else find_encoder()
    reader: Reader = LocalReader(encoder, heads() if encoder else None)
    told = [m for split in (KEPT if args.split == "kept" else [args.split]) for m in messages(split)]
    start = time.perf_counter()
    readings = (
        held_out(told, args.folds) if args.folds else [reader.read(m.text, m.asked, m.known) for m in told]
    )
    took = (time.perf_counter() - start) / len(told)
    print(
        f"{args.split}: {len(told)} messages, {took * 1000:.1f} ms each, {'patterns and heads' if encoder else 'patterns alone'}"
    )
    report(told, readings, args.show, args.only)


if __name__ == "__main__":
    main()
