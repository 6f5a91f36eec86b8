"""The dated price table: typed rows from the tables of the digest `prices.md`, and from a file of your own.

A table of the digest is read by its header: the first column says what the rows are (`Model`, `Base of the fine-tune`, …),
the others name a price or a date. Changing a row there changes every sum; nothing about a price stands in code.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import yaml

from knowledge.corpus import SECTION, load
from knowledge.errors import BadPrices

#: A price read longer ago than this many days says so.
FRESH_DAYS: Final = 90
#: No price in US dollars is higher; above it stands a slip of units.
_HIGHEST: Final = Decimal(1_000_000)

#: What the first column of a table of the digest is called, and what its rows are.
_KINDS: Final[Mapping[str, str]] = {
    "Model": "base",
    "Base of the fine-tune": "tuned",
    "Embedding model": "embedding",
    "Vector storage": "storage",
    "Search tool": "search",
}
KINDS: Final = tuple(_KINDS.values())


@dataclass(frozen=True)
class Price:
    """One row. Amounts are US dollars; None means that the price is not known.

    `input`, `cached_input`, `cache_write`, `output` and `training` are per 1 million tokens. A `tuned` row with
    `hosting_per_hour` and neither `input` nor `output` is paid by the hour alone. `cache_write` is None where no
    price for writing is known and equals `input` where there is no extra charge. `batch_discount` is a share.
    `ends` is the day the model stops answering, `trains_until` the last day on which a training can start.
    """

    name: str
    kind: str
    input: Decimal | None = None
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None
    output: Decimal | None = None
    training: Decimal | None = None
    hosting_per_hour: Decimal | None = None
    batch_discount: Decimal | None = None
    per_gb_day: Decimal | None = None
    free_gb: Decimal | None = None
    per_1000_calls: Decimal | None = None
    trains_until: date | None = None
    ends: date | None = None
    read: str = ""
    """When it was read, as precisely as is known: "2026-08-21 to 2026-09-03", "undated"."""
    evidence: str = ""
    """A: the provider's own page; B: copied from it by a dated third party; C: another third party."""
    url: str = ""
    passage_id: str = ""
    note: str = ""

    @property
    def read_on(self) -> date | None:
        """The first day named in `read`; None where there is none."""
        found = re.search(r"\d{4}-\d\d-\d\d", self.read)
        return date.fromisoformat(found[0]) if found else None

    def age(self, today: date) -> str:
        """What to say about the row's age: nothing while it is fresh."""
        if self.read_on is None:
            return "undated"
        days = (today - self.read_on).days
        return f"{days} days old" if days > FRESH_DAYS else ""

    @property
    def by_the_hour(self) -> bool:
        """Is a tuned model of this row paid by the hour alone, whatever goes through it?"""
        return self.hosting_per_hour is not None and self.input is None and self.output is None


_AMOUNTS: Final = (
    "input", "cached_input", "cache_write", "output", "training", "hosting_per_hour", "batch_discount",
    "per_gb_day", "free_gb", "per_1000_calls",
)  # fmt: skip
_DATES: Final = ("trains_until", "ends")
_COLUMNS: Final = tuple(f.name for f in fields(Price) if f.name != "passage_id")
#: Headers of the digest whose field is not the header in lower case with underscores.
_HEADERS: Final[Mapping[str, str]] = {
    "source": "url",
    "per_1,000_calls": "per_1000_calls",
    "per_gb_per_day": "per_gb_day",
}


@dataclass(frozen=True)
class Prices:
    """All rows by name."""

    rows: Mapping[str, Price]

    def row(self, name: str, kind: str) -> Price:
        """The row of this name and kind; the beginning of a name will do where only one row has it.

        Raises:
            BadPrices: there is none, with the names that are near.
        """
        of_kind = [p for p in self.rows.values() if p.kind == kind]
        wanted = name.strip().casefold()
        found = [p for p in of_kind if p.name.casefold() == wanted]
        found = found or [p for p in of_kind if wanted and p.name.casefold().startswith(wanted)]
        if len(found) == 1:
            return found[0]
        names = [p.name for p in found or of_kind]
        near = names if found else get_close_matches(name, names, 3, 0.4) or names
        problem = "is not the name of one row only" if found else "is not in the price table"
        raise BadPrices(
            f"“{name}” {problem} ({kind}). It has: {'; '.join(near)}. Add a row of your own with --prices FILE."
        )

    def of_kind(self, kind: str) -> list[Price]:
        return [p for p in self.rows.values() if p.kind == kind]

    def with_file(self, path: Path) -> Prices:
        """These rows, with those of a YAML or CSV file added; a row of the same name is replaced whole.

        Raises:
            BadPrices: the file cannot be used; every problem is named with its row and column.
        """
        return Prices({**self.rows, **{p.name: p for p in _from_file(path)}})


def load_prices(folder: Path | None = None, path: Path | None = None) -> Prices:
    """The rows of the digest `prices.md` in a folder of digests (by default Rung's own), and of a file of your own.

    Raises:
        KnowledgeError: the digests cannot be read.
        BadPrices: the digest has no price table, or a row of it or of the file cannot be used.
    """
    corpus = load(folder)
    digest = corpus.folder / "prices.md"
    if "prices" not in corpus.sources:
        raise BadPrices(f"There is no price table: put {digest} back, or reinstall Rung.")
    problems: list[str] = []
    rows: dict[str, Price] = {}
    for passage_id, kind, line, cells in _tables(digest.read_text(encoding="utf-8")):
        found = {_field(header): cell for header, cell in cells.items()}
        row = _row({"url": corpus.passage(passage_id).url, **found}, f"line {line}", problems, strict=False)
        if row["name"] in rows:
            problems.append(f"line {line}, column name: “{row['name']}” stands there twice")
        rows[row["name"]] = Price(**{**row, "kind": kind, "passage_id": passage_id})
    _refuse(digest, problems)
    prices = Prices(rows)
    return prices.with_file(path) if path else prices


def _field(header: str) -> str:
    key = header.lower().replace(" ", "_")
    return _HEADERS.get(key, key)


def _tables(text: str) -> Iterator[tuple[str, str, int, dict[str, str]]]:
    """Every row of every price table: passage, kind, line of the file, and its cells by header."""
    passage_id = ""
    head: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if section := SECTION.match(line):
            passage_id = f"prices#{section['anchor']}"
        if not line.startswith("|"):
            head = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not head:
            head = cells
        elif head[0] in _KINDS and not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            named = dict(zip(["name", *head[1:]], cells, strict=False))
            yield passage_id, _KINDS[head[0]], number, {h: c for h, c in named.items() if c}


def _from_file(path: Path) -> list[Price]:
    """The rows of a file of one's own."""
    problems: list[str] = []
    found: dict[str, Price] = {}
    for number, cells in enumerate(_read(path), 1):
        where = f"row {number}" + (f" ({cells['name']})" if cells.get("name") else "")
        unknown = sorted(str(c) for c in cells if c not in _COLUMNS)
        problems += [f"{where}, column {c}: unknown; the columns are {', '.join(_COLUMNS)}" for c in unknown]
        row = _row({c: v for c, v in cells.items() if c in _COLUMNS}, where, problems, strict=True)
        if row.get("kind") not in KINDS:
            problems.append(
                f"{where}, column kind: “{row.get('kind', '')}” must be one of {', '.join(KINDS)}"
            )
        if row.get("name") in found:
            problems.append(f"{where}, column name: “{row['name']}” stands there twice")
        row = {"url": str(path), "evidence": "yours", **row}
        if row.get("name"):
            found[row["name"]] = Price(**{"kind": "", **row})
    _refuse(path, problems)
    return list(found.values())


def _read(path: Path) -> Sequence[Mapping[str, Any]]:
    """The file's rows as they stand there; empty cells are left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".csv":
            table = csv.DictReader(io.StringIO(text), restkey="(too many cells)")
            rows: Any = [dict(row) for row in table]
        elif path.suffix.lower() in (".yaml", ".yml"):
            rows = yaml.safe_load(text)
        else:
            raise BadPrices(f"The prices in {path} cannot be read: the name must end in .yaml, .yml or .csv.")
    except OSError as error:
        raise BadPrices(f"The prices in {path} cannot be read: {error.strerror or error}.") from error
    except (UnicodeDecodeError, csv.Error, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise BadPrices(f"The prices in {path} cannot be read: {reason}.") from error
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise BadPrices(
            f"The prices in {path} cannot be used: it must be a list of rows, each with name, kind and read "
            "(YAML: - {name: my-model, kind: base, input: 0.1, output: 0.5, read: 2026-11-20})."
        )
    return [{str(c): v for c, v in row.items() if v is not None and v != ""} for row in rows]


def _row(cells: Mapping[str, Any], where: str, problems: list[str], *, strict: bool) -> dict[str, Any]:
    """The cells as values; what is wrong is added to `problems`.

    In the digest (not strict) words in a column of amounts mean "not known"; in a file of one's own they are a slip.
    """
    row: dict[str, Any] = {}
    for column, cell in cells.items():
        text = str(cell).strip()
        if column in _AMOUNTS:
            row[column] = _amount(text, column, where, problems, strict)
        elif column in _DATES:
            row[column] = _day(text, column, where, problems)
        elif column in _COLUMNS:
            row[column] = text
            if not text.isprintable():
                problems.append(f"{where}, column {column}: holds characters that cannot be shown")
        else:
            problems.append(f"{where}, column {column}: no such column is known")
    if cells.get("cache_write") == "none":
        row["cache_write"] = row.get("input")
    for column in ("name", "read") + (() if strict else ("evidence",)):
        if not row.get(column):
            problems.append(f"{where}, column {column}: missing")
            row.setdefault(column, "")
    return row


def _amount(text: str, column: str, where: str, problems: list[str], strict: bool) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        if strict and not (column == "cache_write" and text == "none"):
            problems.append(f"{where}, column {column}: “{text}” is not a number")
        return None
    highest = Decimal(1) if column == "batch_discount" else _HIGHEST
    if not amount.is_finite() or not 0 <= amount <= highest:
        problems.append(f"{where}, column {column}: {text} must be between 0 and {highest}")
        return None
    return amount


def _day(text: str, column: str, where: str, problems: list[str]) -> date | None:
    try:
        return date.fromisoformat(text.removeprefix("ended").strip())
    except ValueError:
        problems.append(f"{where}, column {column}: “{text}” is not a day like 2027-01-14")
        return None


def _refuse(path: Path, problems: Sequence[str]) -> None:
    if problems:
        raise BadPrices(f"The prices in {path} cannot be used:\n  " + "\n  ".join(problems))
