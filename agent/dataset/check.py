"""The whole check: the parts of the file run over, side by side if asked, their findings joined, the examples compared.

Memory stays flat: a block of lines, one bucket of hashes, and two bytes an example (about 130 when the file is split);
many copies of one example share a bucket and need about 100 bytes each. Everything else that grows with the file is in
a temporary folder, about 200 bytes an example, gone when the check ends, however it ends.
"""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from agent.dataset import split
from agent.dataset.fingerprint import FAULTY, U64, Matches, Part, Rows, Sketcher, buckets_for, template_of
from agent.dataset.kinds import ERRORS, Finding
from agent.dataset.labels import judge
from agent.dataset.lines import look, ranges, regular
from agent.dataset.report import Figures, Report
from agent.dataset.scan import Order, Scan, Tally, sample, scan
from agent.errors import RungError

SMALLEST_PART = 1 << 20
"""Bytes below which a part is not worth a process of its own."""
Progress = Callable[[str, float, int], None]
"""Told what is being done, how much of it (0 to 1), and how many bytes so far."""


@dataclass(frozen=True)
class Options:
    """What the person asked for."""

    test: Path | None = None
    jobs: int = 1
    max_tokens: int = 65_536
    """What a training example can hold at OpenAI: openai-model-optimization#data-quality."""
    show: int = 5
    split: float | None = None
    out: Path | None = None


def check(path: Path, options: Options, progress: Progress = lambda *_: None) -> Report:
    """Checks a file, and splits it if that was asked for and nothing is wrong with it.

    Raises:
        BadInput: a file cannot be found or read, or a file of the split exists already.
        RungError: a file cannot be read to its end, or the disk is full.
    """
    with tempfile.TemporaryDirectory(prefix="rung-dataset-") as name:
        try:
            return _Check(Path(name), options, progress).run(path)
        except OSError as error:
            raise RungError(
                f"The check could not go on: {error.strerror or error}. It needs about 200 bytes an example "
                f"in the temporary folder {tempfile.gettempdir()}; TMPDIR names another."
            ) from error


class _Check:
    def __init__(self, folder: Path, options: Options, progress: Progress) -> None:
        self.folder, self.options, self.progress = folder, options, progress

    def run(self, path: Path) -> Report:
        options = self.options
        if options.out is not None:
            split.targets(options.out)  # before the work, not after it
        file = self._regular(path, "main")
        test = self._regular(options.test, "test") if options.test is not None else None
        size = file.stat().st_size
        source, head, early, readable = look(file)
        found = Scan()
        for finding in early:
            found.tallies.setdefault(finding.code, Tally()).add(finding.line, finding.text, options.show)
        figures = Figures(bytes=size)
        if not readable:
            found.faulty = 1
            return _report(path, found, figures, ())
        template, common = template_of(Sketcher(), *_sampled(head)) if head else (None, 0)
        order = Order(source, self.folder, "", buckets_for(size), options.show, options.max_tokens, template)
        marked = any(finding.code == "byte-order-mark" for finding in early)
        parts, main = self._scan("Reading", order, size, "main")
        if marked and main.lines:
            found.faulty += 1
        found.join(main, options.show)
        training = found.rows
        if test is not None:
            parts += self._test(test, replace(order, test=True), found)
        rows = Rows(parts)
        joined = split.Groups(training) if options.split is not None else None
        leaks = self._compare(rows, training, order.buckets, found, joined)
        found.faulty += leaks
        judgement = judge(found)
        for finding in judgement.findings:
            found.tallies.setdefault(finding.code, Tally()).add(finding.line, finding.text, options.show)
        figures = replace(figures, template_pairs=common, labels=judgement.labels)
        report = _report(path, found, figures, _whole(found))
        if joined is not None and options.out is not None and options.split is not None and report.ready:
            self.progress("Splitting", 0.0, 0)
            done = split.write(
                source, rows, training, joined, options.split, options.out, bool(judgement.labels)
            )
            report = replace(report, split=done)
        elif joined is not None:
            report = replace(report, split_refused=True)
        rows.close()
        return report

    def _regular(self, path: Path, name: str) -> Path:
        return regular(path, self.folder, name, lambda what: self.progress(what, 0.0, 0))

    def _test(self, file: Path, order: Order, found: Scan) -> list[Part]:
        source, _, early, readable = look(file)
        if not readable:
            why = early[-1].text
            found.tallies["test-unreadable"] = Tally(1, [(0, f"nothing was compared: {why}")])
            return []
        parts, scanned = self._scan(
            "Reading the test file", replace(order, source=source), file.stat().st_size, "test"
        )
        tally = scanned.tallies.get("test-unreadable")
        if tally is not None:
            said = [(0, f"line {line:,} of the test file: {text}") for line, text in tally.shown]
            found.tallies["test-unreadable"] = Tally(tally.count, said)
        elif not scanned.rows:
            found.tallies["test-unreadable"] = Tally(1, [(0, "the test file is empty; nothing was compared")])
        return parts

    def _scan(self, what: str, order: Order, size: int, name: str) -> tuple[list[Part], Scan]:
        """Runs over all parts of a file and joins what they found."""
        count = max(1, min(self.options.jobs, size // SMALLEST_PART))
        orders = [
            replace(order, source=source, name=f"{name}{n}")
            for n, source in enumerate(ranges(order.source, size, count))
        ]
        whole, parts = Scan(), list[Part]()
        told = _Told(self.progress, what, 0 if order.source.zipped else size)
        for one, scanned in zip(orders, _run(orders, told), strict=True):
            parts.append(Part(self.folder, one.name, scanned.rows, whole.lines))
            whole.join(scanned, self.options.show)
        return parts, whole

    def _compare(
        self, rows: Rows, training: int, buckets: int, found: Scan, joined: split.Groups | None
    ) -> int:
        """Findings between lines; returns how many lines became faulty by them."""
        faulty = 0

        def said(code: str, numbers: U64, others: U64) -> None:
            nonlocal faulty
            tally = found.tallies.setdefault(code, Tally())
            flagged = rows.field("line", numbers)
            if code in ERRORS:
                faulty += int((flagged & FAULTY == 0).sum())
            lines = flagged & ~FAULTY
            first = np.argsort(lines, kind="stable")[: self.options.show]
            pairs = zip(lines[first], rows.lines(others[first]), strict=True)
            new = Tally(len(lines), [(int(a), _TEXTS[code].format(int(b))) for a, b in pairs])
            tally.join(new, 0, self.options.show)

        Matches(rows, training, said, joined.join if joined is not None else None).run(
            buckets, lambda share: self.progress("Comparing", share, 0)
        )
        return faulty


_TEXTS = {
    "duplicate": "the same as line {:,}; keep one of them",
    "contradiction": "the same input as line {:,} with another answer; decide which is right",
    "near-duplicate": "asks nearly the same as line {:,}; keep the better one or make sure both are wanted",
    "leak": "the user says the same as in line {:,} of the test file; take it out of one of the two",
    "near-leak": "the user says nearly the same as in line {:,} of the test file",
}


class _Told:
    """Adds up the bytes that parts report and passes the sum on."""

    def __init__(self, progress: Progress, what: str, size: int) -> None:
        self._progress, self._what, self._size, self._done = progress, what, size, 0

    def __call__(self, size: int) -> None:
        self._done += size
        share = min(1.0, self._done / self._size) if self._size else 0.0
        self._progress(self._what, share, self._done)


def _run(orders: list[Order], told: Callable[[int], None]) -> Iterator[Scan]:
    """The scans in order: here if there is one, in a process each if there are several."""
    if len(orders) == 1:
        yield scan(orders[0], told)
        return
    with _processes(orders) as ends:
        waiting, done = {end: n for n, end in enumerate(ends)}, dict[int, Scan]()
        while waiting:
            for end in ends:
                if end not in waiting or not end.poll(0.05 / len(waiting)):
                    continue
                try:
                    word = end.recv()
                except EOFError:
                    raise RungError(
                        "A process of the check died, perhaps for lack of memory. Run again with --jobs 1."
                    ) from None
                if isinstance(word, int):
                    told(word)
                elif isinstance(word, Exception):
                    raise word
                else:
                    done[waiting.pop(end)] = word
    for n in range(len(orders)):
        yield done[n]


@contextmanager
def _processes(orders: list[Order]) -> Iterator[list[Connection]]:
    """A process for each order, and the end of a pipe to hear from it. None outlives the block.

    The processes inherit a block on interrupts: an interrupt is for the parent, which then ends them.
    """
    context: Any = multiprocessing.get_context()
    ends, running = list[Connection](), list[Any]()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        for order in orders:
            here, there = context.Pipe(duplex=False)
            process = context.Process(target=_worker, args=(order, there), daemon=True)
            process.start()
            there.close()
            ends.append(here)
            running.append(process)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        yield ends
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        for process in running:
            process.terminate()
            process.join()
        for end in ends:
            end.close()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _worker(order: Order, end: Connection) -> None:
    """One part in a process of its own."""
    heard = _Seldom(end)
    try:
        end.send(scan(order, heard))
    except Exception as error:
        end.send(error)
    end.close()


class _Seldom:
    """Passes progress on a few times a second, so that the pipe is not the work."""

    def __init__(self, end: Connection) -> None:
        self._end, self._size, self._last = end, 0, time.monotonic()

    def __call__(self, size: int) -> None:
        self._size += size
        if (now := time.monotonic()) - self._last > 0.2:
            self._end.send(self._size)
            self._size, self._last = 0, now


def _sampled(head: bytes) -> tuple[Any, Any]:
    """The sample's texts laid end to end, as the sketcher takes them."""
    texts = sample(head)
    raw = [text.encode("utf-8", "replace") + b"\x1e" for text in texts]
    starts = np.cumsum([0, *(len(r) for r in raw)])[:-1]
    return np.frombuffer(b"".join(raw), np.uint8), starts.astype(np.int64)


def _whole(found: Scan) -> tuple[Finding, ...]:
    """What only the whole file shows: too little of it."""
    if found.lines == found.blank:
        return (Finding("empty-file", 0, "the file holds no example; write one JSON object a line into it"),)
    if found.examples < 10:
        n = found.examples
        said = f"{n} usable example{'' if n == 1 else 's'}; 10 is the least a service accepts"
        return (Finding("too-few", 0, said),)
    if found.examples < 50:
        return (
            Finding("few", 0, f"{found.examples} usable examples; gains are usually seen from 50 to 100"),
        )
    return ()


def _report(path: Path, found: Scan, figures: Figures, whole: tuple[Finding, ...]) -> Report:
    for finding in whole:
        found.tallies.setdefault(finding.code, Tally()).add(finding.line, finding.text, 1)
    return Report.of(path, found, figures)
