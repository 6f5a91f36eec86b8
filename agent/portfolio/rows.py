"""A portfolio's file as rows: each a use case with its description and the values that its columns give.

CSV as spreadsheets save it (comma, semicolon, tab or bar; with or without a byte order mark; UTF-8, UTF-16 or Windows-1252)
and JSON Lines. What is wrong with one row is told by that row and stops no other; what is wrong with the file stops at once.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agent import given
from agent.errors import BadInput, BadValue
from agent.facts import Proposal, Slot

#: Names of the column that describes the use case, the likeliest first.
DESCRIPTIONS: Final = (
    "description", "use_case", "usecase", "use_case_description", "text", "opening", "summary", "details",
    "what", "case", "prompt", "message", "problem", "idea", "task", "title", "name",
)  # fmt: skip
#: Names of the column that tells rows apart.
IDS: Final = ("id", "key", "ref", "reference", "number", "nr", "no", "name", "title")
#: Longest cell that is read; a longer one is a quote that was never closed, or not a table.
LONGEST_CELL: Final = 4_000_000
_DELIMITERS: Final = (",", ";", "\t", "|")
#: Stands between cells nowhere: a file of one column is read with it.
_NEVER: Final = "\x1f"
#: Some spreadsheets say in a first line what stands between cells.
_SEPARATOR: Final = re.compile(r"sep=([,;\t|])(?=\r?\n)", re.IGNORECASE)
_LINES: Final = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class Row:
    """One use case. `number` counts from 1 after the heading, `line` is where it ends in the file."""

    number: int
    line: int
    id: str
    text: str
    values: tuple[Proposal, ...] = ()
    declined: tuple[Slot, ...] = ()
    error: str = ""

    @property
    def digest(self) -> str:
        """A hash of all that the verdict rests on; the id is not of it, so a row may be renamed or moved."""
        given_values = sorted((p.slot.value, p.quote) for p in self.values)
        unknown = sorted(s.value for s in self.declined)
        parts = json.dumps([self.text, given_values, unknown], ensure_ascii=False)
        return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True)
class Portfolio:
    """The rows of a file in its order, and what the person should know of how it was read."""

    rows: tuple[Row, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Columns:
    """Which column is which, by its name in the file."""

    text: str
    id: str | None
    slots: Mapping[str, Slot] = field(default_factory=dict)


def read(path: Path, text_column: str | None = None) -> Portfolio:
    """The rows of a CSV or JSON Lines file; `text_column` names the description's column.

    Raises:
        BadInput: the file cannot be read, is no table, or no column describes the use case.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from error
    text, remarks = _decoded(raw, path)
    if not text.strip():
        raise BadInput(f"{path} is empty. It should hold one use case a row, under a heading.")
    lines = path.suffix.lower() in _LINES or (path.suffix.lower() != ".csv" and text.lstrip().startswith("{"))
    portfolio = _from_lines(text, path, text_column) if lines else _from_csv(text, path, text_column)
    twice = [name for name, count in Counter(r.id for r in portfolio.rows).items() if count > 1]
    if twice:
        remarks.append(f"Several rows share an id: {', '.join(twice[:5])}{' …' if len(twice) > 5 else ''}.")
    return Portfolio(portfolio.rows, (*remarks, *portfolio.remarks))


def _decoded(raw: bytes, path: Path) -> tuple[str, list[str]]:
    """The file's text whatever its encoding, and a remark where that had to be guessed.

    Raises:
        BadInput: it is no text.
    """
    if raw[:2] in (b"PK", b"\xd0\xcf"):
        raise BadInput(f"{path} is a spreadsheet file. Save it as CSV (UTF-8) and give that.")
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), []
            except UnicodeDecodeError as error:
                raise BadInput(
                    f"{path} begins as {encoding} and is not: {error.reason}. Save it as UTF-8."
                ) from error
    if b"\x00" in raw:
        raise BadInput(f"{path} is not text. Save it as CSV (UTF-8) and give that.")
    try:
        return raw.decode("utf-8"), []
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), [
            f"{path} is not UTF-8; read as Windows-1252. If letters look wrong, save it as CSV UTF-8."
        ]


# -- CSV --------------------------------------------------------------------------------------------------------------


def _from_csv(text: str, path: Path, text_column: str | None) -> Portfolio:
    csv.field_size_limit(LONGEST_CELL)
    said = _SEPARATOR.match(text)
    if said:
        text = text[said.end() :]
    delimiter = said[1] if said else _delimiter(text, text_column)
    records = _records(text, delimiter, path)
    try:
        _, header = next(records)
    except StopIteration:
        raise BadInput(f"{path} is empty. It should hold one use case a row, under a heading.") from None
    names = [name.strip() for name in header]
    columns = _columns(names, path, text_column)
    rows: list[Row] = []
    for number, (line, cells) in enumerate(records, 1):
        where = f"{path.name}, row {number} (line {line})"
        if len(cells) > len(names) and any(c.strip() for c in cells[len(names) :]):
            error = f"{where}: {len(cells)} cells under {len(names)} headings. Put quotes around text with a {_name(delimiter)} in it."
            rows.append(_row(number, line, dict(zip(names, cells, strict=False)), columns, where, error))
        else:
            padded = [*cells, *[""] * (len(names) - len(cells))]
            rows.append(_row(number, line, dict(zip(names, padded, strict=False)), columns, where))
    return Portfolio(tuple(rows), tuple(_remarks(columns, names)))


def _records(text: str, delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """The records with cells and the number of the line they end on; blank lines are left out.

    Raises:
        BadInput: a quote is never closed, or a cell has no end.
    """
    line = _unclosed(text, delimiter)
    if line is not None:
        raise BadInput(f"{path}, line {line}: a quotation mark is opened and never closed.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise BadInput(f"{path}, line {reader.line_num}: {error}.") from error


def _unclosed(text: str, delimiter: str) -> int | None:
    """The line on which a quotation mark is opened that nothing closes. A mark opens only where a cell begins."""
    cell = re.compile(rf'(?:(?<=[\r\n{re.escape(delimiter)}])|\A)"(?:[^"]+|"")*+("|\Z)')
    for match in cell.finditer(text):
        if not match[1]:
            return text.count("\n", 0, match.start()) + 1
    return None


def _delimiter(text: str, text_column: str | None) -> str:
    """What stands between cells: that under which the heading has the columns we know, then the most columns."""
    heading = text.lstrip("\r\n").splitlines()[0]
    best, best_score = _NEVER, (0, 1)
    for delimiter in _DELIMITERS:
        names = next(csv.reader([heading], delimiter=delimiter), [])
        known = sum(_is_known(name, text_column) for name in names)
        if len(names) > 1 and (known, len(names)) > best_score:
            best, best_score = delimiter, (known, len(names))
    return best


def _is_known(name: str, text_column: str | None) -> bool:
    key = _key(name)
    wanted = text_column is not None and key == _key(text_column)
    return wanted or key in DESCRIPTIONS or key in IDS or given.slot_named(name, Slot) is not None


# -- JSON Lines -------------------------------------------------------------------------------------------------------


def _from_lines(text: str, path: Path, text_column: str | None) -> Portfolio:
    found: list[tuple[int, dict[str, Any] | str]] = []
    for line, raw in enumerate(text.split("\n"), 1):
        if not raw.strip():
            continue
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError):
            found.append((line, 'not JSON. One object a line, for example {"id": "a", "description": "…"}'))
            continue
        if isinstance(value, str):
            value = {"description": value}
        found.append((line, value if isinstance(value, dict) else "no object, one use case a line"))
    names = list(dict.fromkeys(key for _, value in found if isinstance(value, dict) for key in value))
    if not names:
        raise BadInput(f'{path} holds no JSON object. One a line, for example {{"description": "…"}}')
    columns = _columns(names, path, text_column)
    rows = []
    for number, (line, value) in enumerate(found, 1):
        where = f"{path.name}, row {number} (line {line})"
        if isinstance(value, str):
            rows.append(Row(number, line, str(number), "", error=f"{where}: {value}."))
        else:
            cells = {name: _cell(value.get(name)) for name in names}
            rows.append(_row(number, line, cells, columns, where))
    return Portfolio(tuple(rows), tuple(_remarks(columns, names)))


def _cell(value: Any) -> str:
    """A JSON value as it would stand in a cell."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "+".join(map(str, value))
    return json.dumps(value) if isinstance(value, (bool, dict)) else str(value)


# -- columns and rows -------------------------------------------------------------------------------------------------


def _columns(names: Sequence[str], path: Path, text_column: str | None) -> _Columns:
    """Which column is which.

    Raises:
        BadInput: none describes the use case.
    """
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(_key(name), name)
    text = by_key.get(_key(text_column)) if text_column else _first(DESCRIPTIONS, by_key)
    if text is None and not text_column and len(names) == 1 and len(names[0].split()) < 4:
        text = names[0]
    if text is None:
        asked = (
            f"has no column “{text_column}”" if text_column else "has no column that I know as a description"
        )
        listed = ", ".join(n[:40] for n in names if n) or "none"
        raise BadInput(f"{path} {asked}. Name it with --text COLUMN. Its columns: {listed}.")
    own_id = _first([i for i in IDS if by_key.get(i) != text], by_key)
    slots = {
        name: slot
        for name in names
        if name not in (text, own_id) and (slot := given.slot_named(name, Slot)) is not None
    }
    return _Columns(text, own_id, slots)


def _first(keys: Iterable[str], by_key: Mapping[str, str]) -> str | None:
    return next((by_key[key] for key in keys if key in by_key), None)


def _row(
    number: int, line: int, cells: Mapping[str, str], columns: _Columns, where: str, error: str = ""
) -> Row:
    """One row, with what is wrong with it where something is."""
    own_id = cells.get(columns.id, "").strip() if columns.id else ""
    text = cells.get(columns.text, "").strip()
    if not error and not re.search(r"\w", text):
        error = f"{where}, column {columns.text}: the description is empty."
    values: list[Proposal] = []
    declined: list[Slot] = []
    for name, slot in columns.slots.items():
        raw = cells.get(name, "").strip()
        if not raw or error:
            continue
        if given.is_unknown(raw):
            declined.append(slot)
            continue
        try:
            values.append(Proposal(slot=slot, value=given.value_of(slot, raw), quote=raw))
        except BadValue as wrong:
            error = f"{where}, column {name}: {wrong}"
    return Row(number, line, own_id or str(number), text, tuple(values), tuple(declined), error)


def _remarks(columns: _Columns, names: Sequence[str]) -> Iterator[str]:
    """Which columns were used, so that a wrong guess is seen."""
    used = [f"“{columns.text}” as the description"]
    if columns.id:
        used.append(f"“{columns.id}” as the id")
    if columns.slots:
        used.append(", ".join(f"“{n}”" for n in columns.slots) + " as given values")
    yield f"Read {'; '.join(used)}."
    rest = [n for n in names if n and n not in (columns.text, columns.id, *columns.slots)]
    if rest:
        yield f"Left aside: {', '.join(n[:40] for n in rest[:12])}{' …' if len(rest) > 12 else ''}."


def _key(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().lower()).strip("_")


def _name(delimiter: str) -> str:
    return {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}.get(delimiter, "mark")
