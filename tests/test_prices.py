"""The price table: rows of the digest with their date and grade, and a file of one's own with every problem named."""

from __future__ import annotations

import re
import shutil
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from knowledge.corpus import Corpus
from knowledge.errors import BadPrices, KnowledgeError
from knowledge.prices import KINDS, Price, Prices, load_prices

SOURCES = Path(str(files("knowledge"))) / "sources"


@pytest.fixture(scope="module")
def prices() -> Prices:
    return load_prices()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SOURCES, tmp_path / "sources")
    return tmp_path / "sources"


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "prices.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def own(tmp_path: Path, text: str, name: str = "mine.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


# -- the digest ---------------------------------------------------------------------------------------------------


def test_every_row_says_where_and_when_it_was_read_and_how_good_the_evidence_is(
    prices: Prices, corpus: Corpus
) -> None:
    assert len(prices.rows) >= 45
    for row in prices.rows.values():
        assert re.search(r"20\d\d|undated", row.read), row.name
        assert re.match(r"[ABC]\b|none$", row.evidence), row.name
        assert row.url.startswith("https://"), row.name
        assert row.passage_id in corpus.passages, row.name
        assert row.kind in KINDS, row.name


def test_a_row_is_read_cell_by_cell(prices: Prices) -> None:
    assert prices.row("gpt-5.6-luna", "base") == Price(
        name="gpt-5.6-luna", kind="base", input=Decimal("0.20"), cached_input=Decimal("0.02"), cache_write=Decimal("0.25"),
        output=Decimal("1.20"), batch_discount=Decimal("0.50"), read="2026-08-21 to 2026-09-03", evidence="A",
        url="https://developers.openai.com/api/docs/pricing", passage_id="prices#openai-base",
    )  # fmt: skip
    tuned = prices.row("gpt-4.1-2025-04-14", "tuned")
    assert (tuned.training, tuned.ends, tuned.trains_until) == (25, date(2027, 1, 14), date(2027, 1, 6))


def test_a_source_of_its_own_goes_before_the_sections(prices: Prices) -> None:
    assert (
        prices.row("gpt-6-sol", "base").url == "https://github.com/merefield/codexometer/releases/tag/v0.18.4"
    )


def test_none_means_no_charge_and_other_words_mean_not_known(prices: Prices) -> None:
    assert prices.row("gpt-4.1-mini", "base").cache_write == Decimal("0.40")  # its input price
    assert prices.row("gemini-3.5-flash", "base").cached_input is None  # "not seen"
    assert prices.row("Together SFT, 17B-69B", "tuned").training is None  # "1.50-4.12" is not one price
    assert prices.row("o4-mini", "tuned").training is None  # "100.00 per hour" is not per token


def test_an_end_that_has_passed_is_a_day_like_any_other(prices: Prices) -> None:
    assert prices.row("gpt-4.1-nano", "tuned").ends == date(2026, 10, 23)


def test_what_is_paid_by_the_hour_alone_is_known_as_such(prices: Prices) -> None:
    assert prices.row("Fireworks LoRA SFT, up to 16B", "tuned").by_the_hour
    assert not prices.row("gpt-4.1 on Microsoft Foundry", "tuned").by_the_hour
    assert not prices.row("Ori, LoRA, up to 10B", "tuned").by_the_hour  # its hosting was not seen


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ("2026-08-24", ""),  # 90 days: 7 + 30 + 31 + 22
        ("2026-08-23", "91 days old"),
        ("2026-08-21 to 2026-09-03", "93 days old"),
        ("undated, autumn 2026", "undated"),
        ("2026-12-24", ""),
    ],
)
def test_a_row_says_when_it_is_old(read: str, said: str) -> None:
    assert Price(name="x", kind="base", read=read).age(date(2026, 11, 22)) == said


def test_the_beginning_of_a_name_will_do_where_it_is_one_rows_only(prices: Prices) -> None:
    assert prices.row("GPT-4.1-mini", "tuned").name == "gpt-4.1-mini-2025-04-14"
    with pytest.raises(BadPrices, match=r"not the name of one row only .*gpt-4\.1-nano"):
        prices.row("gpt-4.1", "tuned")
    with pytest.raises(BadPrices, match=r"“gpt-6-lunna” is not in the price table .* gpt-6-luna"):
        prices.row("gpt-6-lunna", "base")
    with pytest.raises(BadPrices, match="--prices FILE"):
        prices.row("", "base")


def test_a_changed_row_is_read_as_changed_and_a_new_one_is_there(folder: Path) -> None:
    change(
        folder,
        "| gpt-5.6-luna | 0.20 |",
        "| gpt-7-luna | 0.07 | 0.01 | none | 0.30 | | | 2027-01-02 | A | | |\n| gpt-5.6-luna | 0.25 |",
    )
    prices = load_prices(folder)
    assert prices.row("gpt-5.6-luna", "base").input == Decimal("0.25")
    assert prices.row("gpt-7-luna", "base").read == "2027-01-02"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("| gpt-6-luna | 0.10 |", "| gpt-6-luna | -0.10 |", r"line \d+, column input: -0.10 must be between 0"),
        ("| gpt-6-luna | 0.10 |", "| gpt-6-sol | 0.10 |", r"column name: “gpt-6-sol” stands there twice"),
        ("| 2027-01-06 | 2027-01-14 |", "| 2027-01-06 | 2027-13-14 |", r"column ends: “2027-13-14” is not a day"),
        ("| Cached input | Cache write | Output |", "| Cached input | Cache write | Outptu |", "column outptu: no such column"),
        ("| 2026-09-22 | B |", "| 2026-09-22 | |", "column evidence: missing"),
    ],
)  # fmt: skip
def test_a_slip_in_the_digest_is_named_with_its_line_and_column(
    folder: Path, old: str, new: str, said: str
) -> None:
    change(folder, old, new)
    with pytest.raises(BadPrices, match=said) as caught:
        load_prices(folder)
    assert str(folder / "prices.md") in str(caught.value)


def test_a_missing_table_is_said(folder: Path) -> None:
    (folder / "prices.md").unlink()
    with pytest.raises(KnowledgeError, match=r"prices\.md back, or reinstall"):
        load_prices(folder)


# -- a file of one's own ------------------------------------------------------------------------------------------


def test_yaml_adds_rows_and_replaces_them_whole(tmp_path: Path, prices: Prices) -> None:
    path = own(
        tmp_path,
        "- {name: gpt-6-luna, kind: base, input: 0.08, output: 0.4, read: 2026-11-20, evidence: A, url: https://a.example}\n"
        "- {name: ours, kind: tuned, training: 1.5, hosting_per_hour: 3, ends: 2027-06-30, read: 2026-11-20}\n",
    )
    mine = load_prices(path=path)
    luna = mine.row("gpt-6-luna", "base")
    assert (luna.input, luna.cached_input, luna.url, luna.evidence) == (
        Decimal("0.08"),
        None,
        "https://a.example",
        "A",
    )
    assert mine.row("ours", "tuned").ends == date(2027, 6, 30)
    assert (mine.row("ours", "tuned").url, mine.row("ours", "tuned").evidence) == (str(path), "yours")
    assert len(mine.rows) == len(prices.rows) + 1


def test_csv_does_the_same(tmp_path: Path) -> None:
    path = own(
        tmp_path, "name,kind,input,cache_write,output,read\nours,base,0.3,none,1.2,2026-11-20\n", "mine.csv"
    )
    row = load_prices(path=path).row("ours", "base")
    assert (row.input, row.cache_write, row.output, row.cached_input) == (
        Decimal("0.3"),
        Decimal("0.3"),
        Decimal("1.2"),
        None,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {name: a, kind: base, input: cheap, read: 2026-11-20}", r"row 1 (a), column input: “cheap” is not a number"),
        ("- {name: a, kind: base, input: -1, read: 2026-11-20}", "row 1 (a), column input: -1 must be between 0 and"),
        ("- {name: a, kind: base, input: .nan, read: 2026-11-20}", "row 1 (a), column input: nan must be"),
        ("- {name: a, kind: base, input: 1e99, read: 2026-11-20}", "row 1 (a), column input: 1e99 must be"),
        ("- {name: a, kind: base, batch_discount: 50, read: 2026-11-20}", "column batch_discount: 50 must be between 0 and 1"),
        ("- {name: a, kind: bass, read: 2026-11-20}", "row 1 (a), column kind: “bass” must be one of base, tuned"),
        ("- {name: a, kind: base}", "row 1 (a), column read: missing"),
        ("- {kind: base, read: 2026-11-20}", "row 1, column name: missing"),
        ("- {name: a, kind: base, inptu: 1, read: 2026-11-20}", "row 1 (a), column inptu: unknown; the columns are name"),
        ("- {name: a, kind: base, ends: soon, read: 2026-11-20}", "row 1 (a), column ends: “soon” is not a day"),
        ("- {name: a, kind: base, read: 1}\n- {name: a, kind: base, read: 1}", "row 2 (a), column name: “a” stands there twice"),
        ('- {name: "a\\e[2J", kind: base, read: 1}', "column name: holds characters that cannot be shown"),
        ("name: a", "must be a list of rows"),
        ("[]", "must be a list of rows"),
        ("- [", "cannot be read"),
    ],
)  # fmt: skip
def test_every_problem_of_a_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = own(tmp_path, text)
    with pytest.raises(BadPrices, match=re.escape(said)) as caught:
        load_prices(path=path)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 2


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    path = own(tmp_path, "name,kind,input,read\na,base,x,2026\nb,bad,1,2026,7\n", "mine.csv")
    with pytest.raises(BadPrices) as caught:
        load_prices(path=path)
    told = str(caught.value)
    assert "row 1 (a), column input" in told
    assert "row 2 (b), column kind" in told
    assert "row 2 (b), column (too many cells)" in told


@pytest.mark.parametrize(
    ("name", "said"), [("mine.txt", r"\.yaml, \.yml or \.csv"), ("gone.yaml", "No such file")]
)
def test_a_file_that_is_none_is_said(tmp_path: Path, name: str, said: str) -> None:
    if name == "mine.txt":
        own(tmp_path, "x", name)
    with pytest.raises(BadPrices, match=said):
        load_prices(path=tmp_path / name)


def test_bytes_that_are_not_text_are_said(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadPrices, match="cannot be read"):
        load_prices(path=path)
