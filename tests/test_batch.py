"""A portfolio in one run: what files are read, what each row becomes, and that nothing finished is lost."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import time
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result
from hypothesis import given as for_all
from hypothesis import strategies as st

from agent.bootstrap import Shelf
from agent.cli import cli
from agent.errors import BadInput, NeedsSomething
from agent.facts import Amount, Slot
from agent.portfolio import rows as files
from agent.portfolio.ledger import Ledger
from agent.portfolio.rows import Portfolio
from agent.portfolio.tables import COLUMNS, csv_row, harmless, html, markdown
from agent.portfolio.triage import Named, Triaged, triage
from tests.test_cli import ROOT, RUNG

MAIL = "A few-shot prompt sorts mails into 12 queues, 86% on our test set, and labels are wrong."
DOCS = "4,000 policy PDFs to answer from, nothing built yet."
TONE = "Our shop's reply bot runs on a one-line prompt and the tone is off."


def read(tmp_path: Path, content: str | bytes, name: str = "p.csv", column: str | None = None) -> Portfolio:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return files.read(path, column)


def batch(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["batch", *map(str, args)])


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_whatever_stands_between_cells_is_found(tmp_path: Path, delimiter: str, end: str) -> None:
    lines = [
        ["id", "description", "volume"],
        ["a", '"One, two; three | ""four"""', "20k/day"],
        ["b", DOCS.replace(",", ""), ""],
    ]
    portfolio = read(tmp_path, end.join(delimiter.join(cells) for cells in lines) + end)
    assert [r.id for r in portfolio.rows] == ["a", "b"]
    assert portfolio.rows[0].text == 'One, two; three | "four"'
    assert [(p.slot, p.value) for p in portfolio.rows[0].values] == [(Slot.VOLUME, Amount.exactly(20_000))]
    assert portfolio.rows[1].values == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_read_or_explained(tmp_path: Path, encoding: str) -> None:
    portfolio = read(
        tmp_path, f"id,description\nä,Grüße – {DOCS}\n".replace("4,000", "4000").encode(encoding)
    )
    (row,) = portfolio.rows
    assert row.id == "ä"
    assert row.text.startswith("Grüße –")
    assert any("Windows-1252" in r for r in portfolio.remarks) == (encoding == "cp1252")


def test_a_spreadsheets_first_line_may_name_what_stands_between(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "sep=;\r\nid;text\r\na;one, two\r\n").rows
    assert (row.id, row.text) == ("a", "one, two")


def test_one_column_needs_no_quotes_and_numbers_are_the_ids(tmp_path: Path) -> None:
    portfolio = read(tmp_path, f"use case\n{MAIL}\n\n{DOCS}\n")
    assert [(r.id, r.text) for r in portfolio.rows] == [("1", MAIL), ("2", DOCS)]


def test_text_over_several_lines_is_one_row_and_lines_are_counted(tmp_path: Path) -> None:
    first, second = read(tmp_path, 'id,description\na,"one\ntwo"\nb,\n').rows
    assert first.text == "one\ntwo"
    assert (second.number, second.line) == (2, 4)
    assert "row 2 (line 4), column description" in second.error


def test_the_columns_used_are_told(tmp_path: Path) -> None:
    portfolio = read(tmp_path, "ref,Use Case,Calls a day,owner\n1,x y,5,Z\n")
    assert portfolio.rows[0].values[0].slot is Slot.VOLUME
    assert "“Use Case” as the description" in portfolio.remarks[0]
    assert "owner" in portfolio.remarks[1]


def test_a_column_can_be_named(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "id,summary,Beschreibung\na,no,yes\n", column="beschreibung").rows
    assert row.text == "yes"


def test_an_impossible_value_is_told_with_file_row_and_column(tmp_path: Path) -> None:
    bad, good = read(tmp_path, f"description;volume\n{TONE};lots\n{TONE};40\n").rows
    assert "p.csv, row 1 (line 2), column volume" in bad.error
    assert "20k/day" in bad.error
    assert not good.error


def test_unknown_is_a_value(tmp_path: Path) -> None:
    (row,) = read(tmp_path, f"description;stability\n{TONE};?\n").rows
    assert row.declined == (Slot.STABILITY,)


def test_too_many_cells_are_one_rows_error(tmp_path: Path) -> None:
    bad, good = read(tmp_path, "id,description\na,one, two\nb,three\n").rows
    assert "3 cells under 2 headings" in bad.error
    assert good.text == "three"


def test_json_lines_are_read_and_a_broken_line_is_one_rows_error(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": 7, "opening": MAIL, "volume": 300, "shortfall": ["format", "style"]}),
        "{broken",
        "",
        json.dumps({"id": "b", "opening": DOCS, "volume": None}),
        "[1]",
    ]
    first, broken, docs, array = read(tmp_path, "\n".join(lines), "p.jsonl").rows
    assert first.id == "7"
    assert {p.slot: p.value for p in first.values} == {
        Slot.VOLUME: Amount.exactly(300),
        Slot.SHORTFALL: frozenset({"format", "style"}),
    }
    assert "p.jsonl, row 2 (line 2)" in broken.error
    assert (docs.number, docs.line, docs.error) == (3, 4, "")
    assert array.error


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n\n", "empty"),
        (b"PK\x03\x04sheet", "spreadsheet"),
        (b"a\x00b", "not text"),
        (b'id,description\na,"never closed\nb,x\n', "line 2: a quotation mark"),
        (b"id,foo,bar\n1,2,3\n", "--text COLUMN. Its columns: id, foo, bar"),
    ],
)
def test_what_is_no_portfolio_stops_with_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read(tmp_path, content)
    with pytest.raises(BadInput, match="cannot be read"):
        files.read(tmp_path / "nowhere.csv")


@for_all(st.binary(max_size=200), st.sampled_from(["p.csv", "p.jsonl"]))
def test_any_bytes_are_rows_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(b"id,description\n" + raw)
    try:
        assert isinstance(files.read(path), Portfolio)
    except BadInput as error:
        assert str(error)


# -- a row ------------------------------------------------------------------------------------------------------------


def test_a_row_is_triaged_with_what_it_rests_on(tmp_path: Path, shelf: Shelf) -> None:
    (row,) = read(
        tmp_path,
        f"id;description;volume;stability;examples;knowledge;shortfall\nm;{MAIL};300;stable;3000;none;quality\n",
    ).rows
    told = triage(row, shelf.reader, shelf.corpus)
    assert (told.rung, told.stance, told.provisional) == (2, "stay", False)
    assert [b.name for b in told.blockers] == ["volume"]
    assert any("few-shot prompt" in words for words in told.rests_on)
    assert "Calls a day: 300" in told.rests_on
    assert told.open_questions == ()
    assert told.next_step


def test_a_given_value_wins_over_what_is_read(tmp_path: Path, shelf: Shelf) -> None:
    (row,) = read(tmp_path, f"description;prompting\n{TONE};structured\n").rows
    assert triage(row, shelf.reader, shelf.corpus).rung == 2


def test_what_was_assumed_is_listed_in_the_order_of_asking(tmp_path: Path, shelf: Shelf) -> None:
    (row,) = read(tmp_path, "description\na bot for our shop\n").rows
    told = triage(row, shelf.reader, shelf.corpus)
    assert told.provisional
    assert [q.split("?")[0] for q in told.open_questions] == [
        "To answer well, does the model need information it would not have by itself",
        "How far have you taken the prompt",
        "What falls short in the answers you get now",
    ]
    assert told.open_questions[1].endswith("(taken as: a quick one)")


# -- tables -----------------------------------------------------------------------------------------------------------

NASTY = Triaged(
    id="=cmd|' /C calc'!A0", rung=1, name="structured prompt", stance="climb", provisional=True,
    mistakes=(Named(name="x", text="a | b"),), next_step="do `this`\nnow", rests_on=("<script>alert(1)</script>",),
    excerpt="<img src=x onerror=alert(1)> & \"quotes\"",
)  # fmt: skip


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", " ="])
def test_no_cell_is_a_formula(start: str) -> None:
    assert harmless(f"{start}1+1") == f"'{start}1+1"


@for_all(st.text(max_size=60))
def test_no_cell_of_any_row_begins_like_a_formula(text: str) -> None:
    row = NASTY.model_copy(update={"id": text, "next_step": text, "error": text, "rests_on": (text,)})
    (cells,) = list(csv.reader(io.StringIO(csv_row(row), newline="")))
    assert len(cells) == len(COLUMNS)
    assert not any(cell.lstrip()[:1] in tuple("=+-@\t\r") for cell in cells if cell)


def test_markdown_keeps_its_table_whatever_is_in_it() -> None:
    lines = markdown([NASTY]).splitlines()
    row = lines[-1]
    assert row.count("|") - row.count("\\|") == len(COLUMNS) + 1
    assert "<script>" not in row


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_nothing_in_it_runs() -> None:
    failed = Triaged(id="e", error="p.csv, row 2: <b>empty</b>")
    page = html([NASTY, failed])
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    assert not {"script", "img", "link", "iframe"} & set(tags.tags)
    assert "http" not in page.replace("http-equiv", "")
    assert 'name="viewport"' in page
    assert "<h1>2 use cases</h1>" in page
    assert "1 structured prompt</span>" in page
    assert "not decided</span>" in page


# -- a run ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    path = tmp_path / "portfolio.csv"
    lines = [
        "id;description;volume",
        f"mail;{MAIL};300",
        f"docs;{DOCS};",
        "gone;;",
        f"bad;{TONE};lots",
        f"tone;{TONE};",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_table_comes_out_in_the_order_of_the_rows(shelf: Shelf, portfolio: Path) -> None:
    done = batch(portfolio)
    assert done.exit_code == 0, done.output
    got = table(done.stdout)
    assert list(got[0]) == list(COLUMNS)
    assert [r["id"] for r in got] == ["mail", "docs", "gone", "bad", "tone"]
    assert [r["rung"] for r in got] == ["2", "3", "", "", "1"]
    assert "row 3 (line 4), column description" in got[2]["error"]
    assert "column volume" in got[3]["error"]
    assert "5 of 5 rows" in done.stderr
    assert "2 could not be decided" in done.stderr


def test_every_format_comes_out_and_json_keeps_its_schema(shelf: Shelf, portfolio: Path) -> None:
    done = batch(portfolio, "--format", "jsonl")
    schema = json.loads(CliRunner().invoke(cli, ["schema", "batch"]).stdout)
    got = [json.loads(line) for line in done.stdout.splitlines()]
    for row in got:
        jsonschema.validate(row, schema)
    assert [row["rung"] for row in got] == [2, 3, None, None, 1]
    assert batch(portfolio, "--format", "markdown").stdout.startswith("# Portfolio\n")
    assert batch(portfolio, "--format", "html").stdout.startswith("<!doctype html>")


@pytest.mark.parametrize("name", ["t.csv", "t.md", "t.html", "t.jsonl"])
def test_a_second_run_takes_over_what_is_done(
    shelf: Shelf, portfolio: Path, tmp_path: Path, name: str
) -> None:
    output = tmp_path / name
    assert batch(portfolio, "--output", output).exit_code == 0
    first = output.read_text(encoding="utf-8")
    refused = batch(portfolio, "--output", output)
    assert isinstance(refused.exception, BadInput)
    assert "--resume" in str(refused.exception)
    again = batch(portfolio, "--output", output, "--resume")
    assert "3 taken over" in again.stderr
    assert output.read_text(encoding="utf-8") == first


def test_a_changed_row_is_done_again_and_a_moved_one_is_not(
    shelf: Shelf, portfolio: Path, tmp_path: Path
) -> None:
    output = tmp_path / "t.jsonl"
    batch(portfolio, "--output", output)
    portfolio.write_text(
        f"id;description;volume\nnew name;{DOCS};\nmail;{MAIL};20k/day\ntone;{TONE};\n", encoding="utf-8"
    )
    done = batch(portfolio, "--output", output, "--resume")
    assert "2 taken over" in done.stderr
    got = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert [(r["id"], r["rung"]) for r in got] == [("new name", 3), ("mail", 2), ("tone", 1)]
    assert "Calls a day: 20,000 (“20k/day”)" in got[1]["rests_on"]


def test_a_kill_loses_at_most_the_row_in_hand(shelf: Shelf, tmp_path: Path) -> None:
    source, output = tmp_path / "many.csv", tmp_path / "t.csv"
    record = tmp_path / "t.csv.rows.jsonl"
    lines = [f"{n};We handle {n + 20} mails a day with a careful prompt without examples." for n in range(60)]
    source.write_text("id;description\n" + "\n".join(lines) + "\n", encoding="utf-8")
    args = [*RUNG, "batch", str(source), "--output", str(output)]
    running = subprocess.Popen(args, cwd=ROOT, stderr=subprocess.PIPE, env=os.environ)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (not record.exists() or record.read_bytes().count(b"\n") < 5):
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    kept = record.read_bytes().count(b"\n")
    assert 5 <= kept < 60
    assert len(table(output.read_text(encoding="utf-8"))) in (kept - 1, kept)
    with record.open("ab") as file:
        file.write(b'{"id": "cut sho')  # as a kill in the middle of a write leaves it
    done = batch(source, "--output", output, "--resume")
    assert done.exit_code == 0, done.output
    assert f"{kept} taken over" in done.stderr
    got = table(output.read_text(encoding="utf-8"))
    assert [r["id"] for r in got] == [str(n) for n in range(60)]
    unbroken = batch(source)
    assert output.read_text(encoding="utf-8") == unbroken.stdout.replace("\r\n", "\n")


def test_one_run_at_a_time_holds_the_record(tmp_path: Path) -> None:
    path = tmp_path / "t.rows.jsonl"
    held = Ledger(path)
    with pytest.raises(NeedsSomething, match="Another run"):
        Ledger(path)
    held.close()
    Ledger(path).close()


def test_a_record_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "t.rows.jsonl"
    path.write_text("my shopping list\n")
    with pytest.raises(BadInput, match="no record"):
        Ledger(path)
    assert path.read_text() == "my shopping list\n"


def test_bad_use_is_a_sentence(shelf: Shelf, portfolio: Path, tmp_path: Path) -> None:
    for args, said in (
        ((portfolio, "--resume"), "--output"),
        ((portfolio, "--output", portfolio), "is the input"),
        ((tmp_path / "nowhere.csv",), "cannot be read"),
        ((portfolio, "--text", "colour"), "no column “colour”"),
    ):
        done = batch(*args)
        assert isinstance(done.exception, BadInput), args
        assert said in str(done.exception)
    done = batch(portfolio, "--output", tmp_path / "no" / "folder" / "t.csv")
    assert isinstance(done.exception, NeedsSomething)
