"""Triaged rows as CSV, Markdown, HTML and JSON Lines. Whatever people wrote is data in each of them.

CSV is safe to open in a spreadsheet: a cell that would be taken for a formula is written with an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Final

from agent.portfolio.triage import Named, Triaged
from agent.render import STANCE
from agent.rubric import NAMES, RUNGS

#: The columns of a table, in order.
COLUMNS: Final = (
    "id", "rung", "name", "stance", "provisional", "blockers", "mistakes", "do_first", "next_step", "rests_on",
    "open_questions", "error",
)  # fmt: skip
_TITLES: Final = {
    "blockers": "In the way of rung 4",
    "mistakes": "Watch out",
    "do_first": "Before anything else",
    "next_step": "Next step",
    "rests_on": "Rests on",
    "open_questions": "Open, and what I assumed",
}


def cells(row: Triaged) -> list[str]:
    """A row's columns as plain text, each on one line."""
    values: Mapping[str, str] = {
        "id": row.id,
        "rung": "" if row.rung is None else str(row.rung),
        "name": row.name,
        "stance": row.stance or "",
        "provisional": "" if row.provisional is None else "yes" if row.provisional else "no",
        "blockers": _joined(row.blockers),
        "mistakes": _joined(row.mistakes),
        "do_first": row.do_first,
        "next_step": row.next_step,
        "rests_on": "; ".join(row.rests_on),
        "open_questions": " ".join(row.open_questions),
        "error": row.error,
    }
    return [" ".join(values[column].split()) for column in COLUMNS]


def _joined(rows: Sequence[Named]) -> str:
    return " ".join(row.text for row in rows)


# -- CSV and JSON Lines: a row at a time ------------------------------------------------------------------------------


def csv_heading() -> str:
    return _csv_line(COLUMNS)


def csv_row(row: Triaged) -> str:
    return _csv_line(map(harmless, cells(row)))


def json_row(row: Triaged) -> str:
    return row.model_dump_json() + "\n"


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; a number keeps its sign."""
    begun = cell.lstrip(" \u00a0\ufeff\u200b")
    if begun[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"):
        return f"'{cell}"
    return cell


def _csv_line(values: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow([value.replace("\x00", "") for value in values])
    return line.getvalue()


# -- Markdown ---------------------------------------------------------------------------------------------------------


def summary(rows: Sequence[Triaged]) -> list[tuple[str, int]]:
    """How many use cases come out at each rung, the lowest first, and how many could not be decided."""
    counted = [(f"{rung} {NAMES[rung]}", sum(r.rung == rung for r in rows)) for rung in RUNGS]
    failed = sum(bool(r.error) for r in rows)
    return [*counted, ("not decided", failed)] if failed else counted


def markdown(rows: Sequence[Triaged]) -> str:
    """A summary and one table."""
    provisional = sum(bool(r.provisional) for r in rows)
    lines = [
        "# Portfolio",
        "",
        f"{_count(rows)}, {provisional} of them provisional.",
        "",
        "| rung | use cases |",
        "|---|---|",
        *(f"| {name} | {number} |" for name, number in summary(rows)),
        "",
        "| " + " | ".join(c.replace("_", " ") for c in COLUMNS) + " |",
        "|" + "---|" * len(COLUMNS),
        *("| " + " | ".join(_markdown_cell(c) for c in cells(row)) + " |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


def _markdown_cell(text: str) -> str:
    """Text as it is: nothing in it makes a cell, a link, a picture or a tag."""
    one_line = " ".join(text.split())
    marked = re.sub(r"([\\`*_\[\]#|~])", r"\\\1", one_line)
    return marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("://", ":\\//")


# -- HTML -------------------------------------------------------------------------------------------------------------

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Portfolio: {count}</title>
<style>
:root {{ color-scheme: light dark; --line: #8886; --soft: #8882; --go: #1a7f37; --warn: #b35900; }}
@media (prefers-color-scheme: dark) {{ :root {{ --go: #4ac26b; --warn: #e0a050; }} }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 76rem; }}
h1 {{ font-size: 1.4rem; }}
.bars {{ display: grid; grid-template-columns: max-content 1fr max-content; gap: .3rem .8rem; align-items: center; max-width: 36rem; }}
.bar {{ background: var(--soft); border-radius: .2rem; height: 1rem; }}
.bar i {{ display: block; background: var(--go); border-radius: .2rem; height: 100%; }}
table {{ border-collapse: collapse; width: 100%; margin-top: 1.5rem; }}
th, td {{ text-align: left; vertical-align: top; padding: .5rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }}
th {{ font-size: .85rem; }} th:first-child, th:last-child {{ width: 30%; }}
td.rung {{ white-space: nowrap; font-weight: 600; }}
.excerpt {{ font-size: .9rem; opacity: .8; }}
.tag {{ color: var(--warn); font-size: .85rem; font-weight: 400; display: block; }}
.error {{ color: var(--warn); }}
summary {{ cursor: pointer; }}
dl {{ margin: .4rem 0; }} dt {{ font-weight: 600; font-size: .85rem; }} dd {{ margin: 0 0 .4rem; }}
ul {{ margin: 0; padding-left: 1.1rem; }}
@media (max-width: 40rem) {{
  thead {{ display: none; }}
  table, tbody, tr, td {{ display: block; width: auto; }}
  tr {{ border: 1px solid var(--line); border-radius: .5rem; margin-bottom: 1rem; padding: .3rem; }}
  td {{ border: 0; padding: .25rem .5rem; }}
}}
</style>
</head>
<body>
<h1>{count}</h1>
<div class="bars">
{bars}
</div>
<p>{provisional} of them provisional: they rest on something that the description does not say.</p>
<table>
<thead><tr><th>Use case</th><th>Rung</th><th>Next step</th><th>Details</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def html(rows: Sequence[Triaged]) -> str:
    """One page that needs nothing else: how many at each rung, then each use case; cards on a narrow screen."""
    counted = summary(rows)
    most = max((number for _, number in counted), default=0) or 1
    bars = "\n".join(
        f'<span>{escape(name)}</span><span class="bar"><i style="width:{100 * number // most}%"></i></span><b>{number}</b>'
        for name, number in counted
    )
    return _PAGE.format(
        count=_count(rows),
        bars=bars,
        provisional=sum(bool(r.provisional) for r in rows),
        rows="\n".join(map(_html_row, rows)),
    )


def _html_row(row: Triaged) -> str:
    case = f'<td><b>{_html(row.id)}</b><div class="excerpt">{_html(row.excerpt)}</div></td>'
    if row.rung is None or row.stance is None:
        return f'<tr>{case}<td class="error" colspan="3">{_html(row.error)}</td></tr>'
    tag = '<span class="tag">provisional</span>' if row.provisional else ""
    rung = f'<td class="rung">{row.rung} {_html(row.name)}<span class="tag">{STANCE[row.stance]}</span>{tag}</td>'
    parts: dict[str, Sequence[str]] = {
        "blockers": [b.text for b in row.blockers],
        "mistakes": [m.text for m in row.mistakes],
        "do_first": [row.do_first] if row.do_first else [],
        "rests_on": row.rests_on,
        "open_questions": row.open_questions,
    }
    told = "".join(f"<dt>{_TITLES[name]}</dt><dd>{_list(part)}</dd>" for name, part in parts.items() if part)
    details = f"<td><details><summary>Why, and what is open</summary><dl>{told}</dl></details></td>"
    return f"<tr>{case}{rung}<td>{_html(row.next_step)}</td>{details}</tr>"


def _list(items: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{_html(item)}</li>" for item in items) + "</ul>"


def _html(text: str) -> str:
    """Text as text; control characters have no place in a page."""
    return escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", "", text))


def _count(rows: Sequence[Triaged]) -> str:
    return f"{len(rows):,} use case{'' if len(rows) == 1 else 's'}"


#: Formats that are written at the end, from all rows.
PAGES: Final[Mapping[str, Callable[[Sequence[Triaged]], str]]] = {"markdown": markdown, "html": html}
#: Formats that are written row by row.
ROWS: Final[Mapping[str, Callable[[Triaged], str]]] = {"csv": csv_row, "jsonl": json_row}
