"""A run over a portfolio: each row triaged in its order, written down as it is finished, and the table at the end.

With an output file the run can be gone on with: beside it stands the record of finished rows (`OUTPUT.rows.jsonl`; for
JSON Lines the output is its own record). A row counts as done while neither it nor what decides it has changed.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Final, TextIO

from agent.errors import BadInput, NeedsSomething, RungError
from agent.portfolio.ledger import Ledger
from agent.portfolio.rows import Portfolio, Row
from agent.portfolio.tables import PAGES, ROWS, csv_heading
from agent.portfolio.triage import Triaged, fingerprint, triage
from agent.reading import Reader
from knowledge.corpus import Corpus

#: What an output file's name says of its format.
BY_NAME: Final = {
    ".csv": "csv", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
    ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip

#: Called with rows done, rows in all, and seconds still to go.
Progress = Callable[[int, int, float], None]


class Stopped(RungError):
    """The person stopped the run; what is done is kept."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended: rows in all, rows taken over from an earlier run, rows with an error."""

    rows: int
    taken_over: int
    errors: int

    def told(self, output: Path | None) -> str:
        """A line for the person."""
        parts = [f"{self.rows:,} row{'' if self.rows == 1 else 's'}"]
        if self.taken_over:
            parts.append(f"{self.taken_over:,} taken over from before")
        if self.errors:
            parts.append(f"{self.errors:,} could not be decided (see the column error)")
        return f"{', '.join(parts)}{f': {output}' if output else ''}"


def form_of(form: str | None, output: Path | None) -> str:
    """The format asked for, or the one that the output's name tells, or CSV.

    Raises:
        BadInput: the name tells of a format that is not made.
    """
    named = BY_NAME.get(output.suffix.lower()) if output else None
    if output is not None and output.suffix and named is None and form is None:
        raise BadInput(f"“{output.name}” should end in {', '.join(BY_NAME)}, or say which with --format.")
    return form or named or "csv"


def made_by(corpus: Corpus, *, with_encoder: bool) -> str:
    """What reads and decides, in short: a verdict of another version is not taken over."""
    try:
        ours = version("rung")
    except PackageNotFoundError:
        ours = "0"
    return f"{ours}-{corpus.digest[:12]}-{'vectors' if with_encoder else 'words'}"


def run_to_file(
    portfolio: Portfolio,
    output: Path,
    form: str,
    reader: Reader,
    corpus: Corpus,
    by: str,
    *,
    resume: bool,
    progress: Progress,
) -> Outcome:
    """Triage to a file that can be gone on with.

    Raises:
        BadInput: the file is there already and nothing was said of going on.
        NeedsSomething: it cannot be written, or another run is writing it.
        Stopped: Ctrl-C; everything finished is kept.
    """
    record = output if form == "jsonl" else output.with_name(f"{output.name}.rows.jsonl")
    if not resume:
        for path in (output, record):
            if path.exists():
                raise BadInput(
                    f"{path} exists already. Add --resume to go on with it, or give another --output."
                )
    with contextlib.closing(Ledger(record)) as ledger, _live(output, form) as live:
        rows, taken_over = _triaged(portfolio.rows, reader, corpus, by, ledger, live, progress)
        if form in PAGES:
            _replace(output, PAGES[form](rows))
        elif form == "jsonl" and output.read_text(encoding="utf-8") != (lines := _lines(rows)):
            _replace(output, lines)  # rows were changed, moved or removed since they were written
    return Outcome(len(rows), taken_over, sum(bool(r.error) for r in rows))


def run_to_stream(
    portfolio: Portfolio,
    out: TextIO,
    form: str,
    reader: Reader,
    corpus: Corpus,
    by: str,
    *,
    progress: Progress,
) -> Outcome:
    """Triage to standard output: row by row where the format allows it."""
    if form == "csv":
        out.write(csv_heading())
    live = (lambda row: _write(out, ROWS[form](row))) if form in ROWS else None
    rows, _ = _triaged(portfolio.rows, reader, corpus, by, None, live, progress)
    if form in PAGES:
        _write(out, PAGES[form](rows))
    return Outcome(len(rows), 0, sum(bool(r.error) for r in rows))


def _triaged(
    rows: Sequence[Row],
    reader: Reader,
    corpus: Corpus,
    by: str,
    ledger: Ledger | None,
    live: Callable[[Triaged], None] | None,
    progress: Progress,
) -> tuple[list[Triaged], int]:
    """The rows in their order, those finished before taken over; and how many these were."""
    finished: list[Triaged] = []
    taken_over = worked = 0
    spent = 0.0
    try:
        for number, row in enumerate(rows, 1):
            mark = fingerprint(row, by)
            before = ledger.finished(mark) if ledger is not None and not row.error else None
            if (
                ledger is not None and before is not None
            ):  # a row that says the same as another is decided once
                taken_over += mark in ledger.earlier
                one = before.model_copy(update={"id": row.id})
            else:
                begun = time.perf_counter()
                one = triage(row, reader, corpus, by)
                if ledger is not None:
                    ledger.add(one)
                worked += 1
                spent += time.perf_counter() - begun
            finished.append(one)
            if live:
                live(one)
            progress(number, len(rows), (len(rows) - number) * spent / worked if worked else 0.0)
    except KeyboardInterrupt:
        kept = " What is done is kept; go on with --resume." if ledger is not None else ""
        raise Stopped(f"Stopped after {len(finished)} of {len(rows)} rows.{kept}") from None
    return finished, taken_over


@contextlib.contextmanager
def _live(output: Path, form: str) -> Iterator[Callable[[Triaged], None] | None]:
    """Writes each row to a CSV as it is finished, from the top; other formats are not written this way."""
    if form != "csv":
        yield None
        return
    try:
        file: IO[str] = output.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise NeedsSomething(
            f"{output} cannot be written: {error.strerror or error}. Give another --output."
        ) from error
    with file:
        _write(file, csv_heading())
        yield lambda row: _write(file, ROWS["csv"](row))


def _lines(rows: Sequence[Triaged]) -> str:
    return "".join(map(ROWS["jsonl"], rows))


def _write(file: IO[str], text: str) -> None:
    file.write(text)
    file.flush()


def _replace(path: Path, text: str) -> None:
    """The whole file at once: a reader sees the old or the new one, never half of it."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise NeedsSomething(
            f"{path} cannot be written: {error.strerror or error}. Make room and go on with --resume."
        ) from error


def progress_on(stream: TextIO) -> Progress:
    """Progress as a line that moves on a terminal, as a few lines elsewhere."""
    shown = -1

    def show(done: int, total: int, left: float) -> None:
        nonlocal shown
        if stream.isatty():
            end = "\n" if done == total else ""
            stream.write(f"\r{done:,} of {total:,} rows, {_time(left)} to go  {end}")
        elif done == total or done * 10 // total > shown:
            shown = done * 10 // total
            stream.write(f"{done:,} of {total:,} rows, {_time(left)} to go\n")
        stream.flush()

    return show


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
