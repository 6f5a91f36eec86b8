"""Files of every format become one clean text with its headings; hostile ones are told and harm nothing."""

from __future__ import annotations

import io
import itertools
import os
import re
import time
import unicodedata
import zipfile
import zlib
from pathlib import Path

import docx
import pytest

from knowledge.originals import formats
from knowledge.originals.blocks import LONGEST_LINE
from knowledge.originals.reading import DOCX, Read, Unreadable, media_type, read
from tests.web_server import MARKDOWN, MDX, article, pdf, written_pdf

#: The publisher's text of the guide, where it is at hand; it is not part of the repository.
GUIDE = os.environ.get("RUNG_GUIDE_TEXT", "")


def headings(done: Read) -> list[str]:
    return [s.heading for s in done.sections]


def under(done: Read, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    marks = [*done.sections, None]
    for section, following in itertools.pairwise(marks):
        if section and section.heading == heading:
            return done.text[section.start : following.start if following else len(done.text)]
    raise AssertionError(f"no heading {heading}")


def word_file(**parts: str) -> bytes:
    document = docx.Document()
    for style, text in parts.items():
        document.add_paragraph(text, style=style.replace("_", " "))
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def test_a_page_keeps_its_text_and_headings_and_nothing_around_them() -> None:
    done = read(article(), "text/html")
    assert headings(done) == ["When to train a model", "What it costs", "What it cannot do"]
    assert "paid by the token" in under(done, "What it costs")
    assert "train(model)" in done.text and "# a comment" in done.text
    for outside in ("SCRIPTED", "color:red", "Products", "Pricing page", "60-second", "Free 14 days", "one click", "Buy the course", "LinkedIn", "Copyright", "Skip to"):  # fmt: skip
        assert outside not in done.text, outside


def test_markdown_keeps_words_and_leaves_marks_out() -> None:
    done = read(MARKDOWN.encode(), "text/markdown")
    assert headings(done) == ["Guide to tuning", "Data"]
    assert "Introductory words on tuning." in done.text
    assert "Fifty good examples beat" in under(done, "Data")


@pytest.mark.parametrize(
    ("data", "kind", "told"),
    [
        (b"Put it in `<instructions>` tags and [`<a>`](x), <b>please</b>. A &lt;document&gt; too.", "text/markdown", "Put it in <instructions> tags and <a>, please. A <document> too."),
        (b"<html><body><article><p>Put it in <code>&lt;instructions&gt;</code> tags, please, each time that you ask.</p><p>A &lt;document&gt; tag holds what is long.</p></article></body></html>", "text/html", "<instructions>"),
        (b"<html><body><article><p>Put it in <code>&lt;instructions&gt;</code> tags, please, each time that you ask.</p><p>A &lt;document&gt; tag holds what is long.</p></article></body></html>", "text/html", "A <document> tag holds what is long."),
        ("A mark \ue000 of a font, and `code`.".encode(), "text/markdown", "A mark  of a font, and code."),
    ],
)  # fmt: skip
def test_tags_that_are_words_of_the_page_stay(data: bytes, kind: str, told: str) -> None:
    assert told in read(data, kind).text


def test_a_word_file_without_a_title_is_called_by_its_first_heading() -> None:
    data = word_file(Heading_1="Platform policy", Normal="Nobody trains without asking.")
    assert read(data, DOCX).title == "Platform policy"
    bare = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as full, zipfile.ZipFile(bare, "w") as kept:
        for name in full.namelist():
            if name != "docProps/core.xml":
                text = full.read(name)
                if name.endswith(".rels") and b"core-properties" in text:
                    text = re.sub(rb"<Relationship [^>]*core-properties[^>]*/>", b"", text)
                kept.writestr(name, text)
    assert read(bare.getvalue(), DOCX).title == "Platform policy"


def test_markdown_code_has_no_headings_and_keeps_its_lines() -> None:
    done = read(
        b"# One\n\n```python\n# not a heading\n\nx = 1 * 2 * 3\n```\n\nUnder\n=====\n\nwords", "text/markdown"
    )
    assert headings(done) == ["One", "Under"]
    assert "# not a heading\nx = 1 * 2 * 3" in done.text


def test_front_matter_gives_the_title_and_is_no_text() -> None:
    done = read(b'---\ntitle: "A policy"\nsecret: 1\n---\n\n# Rules\n\nKeep data here.\n', "text/markdown")
    assert done.title == "A policy"
    assert "secret" not in done.text


def test_mdx_keeps_what_its_components_hold() -> None:
    done = read(MDX.encode(), "text/mdx")
    assert headings(done) == ["Self-consistency", "Example"]
    assert "Sample several answers and take the majority." in done.text
    assert "Callout" not in done.text and "nextra" not in done.text


def test_mdx_exports_of_many_lines_and_code_within_components() -> None:
    text = "export const a = {\n  b: 1,\n}\n\n# T\n\n<Tabs items={['x', 'y']}>\n  <Tab>\n\n```js\nimport x from 'y'\n<b>kept</b>\n```\n\n  </Tab>\n</Tabs>\n\na < b and c > d\n"
    done = read(text.encode(), "text/mdx")
    assert "import x from 'y'\n<b>kept</b>" in done.text
    assert "a < b and c > d" in done.text
    assert "Tab" not in done.text and "b: 1" not in done.text


def test_plain_text_has_its_headlines_found() -> None:
    text = (
        "A policy for models\n\nBy the platform team\n\nWe keep customer data in our own region, always.\n\n1. Where data may go\n\n"
        "Nowhere else.\n\n**Region.** The one in which the customer lives.\n\nWho decides?\n\nThe owner of the data does.\n\n"
        "apples\n\npears\n\nplums\n\nfigs\n\nThat was a list.\n"
    )
    done = read(text.encode(), "text/plain")
    assert headings(done) == ["A policy for models", "1. Where data may go", "Who decides?"]
    assert done.title == "A policy for models"


def test_adverts_go_by_what_they_are_and_policies_that_speak_of_them_stay() -> None:
    text = (
        "Skip to content\n\nBuying tools\n\nA free trial of 14 days may be used without review, when no credit card is needed for it.\n\n"
        "Our Shop\n\nThe builder that writes it all.\n\nFree 30 days, no credit card needed.\n\nWho signs\n\nSign up is done by the owner, who reads "
        "the terms first.\n\nShare this on LinkedIn\n\nShare | Facebook | LinkedIn | Copy link\n\nBrowse all tools →\n"
    )
    done = read(text.encode(), "text/plain")
    assert "A free trial of 14 days may be used without review" in done.text
    assert "Sign up is done by the owner" in done.text
    for advert in ("Skip to", "Our Shop", "The builder", "Free 30 days", "Facebook", "Browse all"):
        assert advert not in done.text, advert


@pytest.mark.skipif(not GUIDE, reason="RUNG_GUIDE_TEXT names no text of the guide")
def test_the_guides_own_text_has_its_headlines_and_no_adverts() -> None:
    done = read(Path(GUIDE).read_bytes(), "text/plain")
    assert len(done.sections) >= 17
    assert {"Definitions", "Common mistakes", "The order to try things", "Frequently Asked Questions"} <= set(
        headings(done)
    )
    for advert in (
        "no card",
        "visibility check",
        "No signup",
        "Browse all",
        "Skip to content",
        "Prompt Builder",
    ):
        assert advert not in done.text, advert


def test_a_pdf_has_its_pages_and_headlines() -> None:
    done = read(pdf("Abstract\nModels learn from exam-\nples given in context.\n1 Introduction\nWe ask whether they do.", "2.1 Data\nSixteen sets."), "application/pdf")  # fmt: skip
    assert headings(done) == ["Abstract", "1 Introduction", "2.1 Data"]
    assert "Models learn from examples given in context." in done.text


def test_a_word_file_has_its_headings_paragraphs_and_tables() -> None:
    document = docx.Document()
    document.add_heading("Model card", 1)
    document.add_paragraph("It answers questions on invoices.")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Languages", "Two"
    held = io.BytesIO()
    document.save(held)
    done = read(held.getvalue(), DOCX)
    assert headings(done) == ["Model card"]
    assert "Languages | Two" in done.text


def test_reading_twice_gives_the_same() -> None:
    for data, kind in (
        (article(), "text/html"),
        (MDX.encode(), "text/mdx"),
        (pdf("One line."), "application/pdf"),
    ):
        assert read(data, kind) == read(data, kind)


def test_sections_begin_after_their_heading() -> None:
    done = read(article(), "text/html")
    for section in done.sections:
        assert done.text[: section.start].rstrip("\n").endswith(section.heading)


def test_controls_and_marks_that_reorder_text_are_left_out() -> None:
    done = read(
        "# A\u202eB\x1b[31m\n\nza\u0308hlt\x00\x07 \u2066x\u2069\u200b\ufeff\r\nline\x85end\n".encode(),
        "text/markdown",
    )
    assert not [c for c in done.text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]
    assert "zählt" in done.text


def test_huge_lines_are_broken() -> None:
    for data in (b"word " * 100_000, b"x" * 500_000):
        done = read(data, "text/plain")
        assert max(map(len, done.text.split("\n"))) <= LONGEST_LINE
        assert len(done.text) >= 499_000


def test_a_text_beyond_all_measure_is_refused() -> None:
    with pytest.raises(Unreadable, match="longer than 4,000,000 characters"):
        read(b"word and word\n" * 400_000, "text/plain")


def test_the_encodings_of_old_files_are_read() -> None:
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        assert "Größe – “so”" in read("Größe – “so” ist das.\n".encode(encoding), "text/plain").text
    latin = (
        article()
        .replace("→".encode(), b"")
        .replace(b"utf-8", b"iso-8859-2")
        .replace(b"the token", "zł".encode("iso-8859-2"))
    )
    assert "zł" in read(latin, "text/html").text


def test_a_broken_encoding_is_mended_or_told() -> None:
    assert (
        "good words" in read(b"# A\n\n" + b"good words here. " * 50 + b"\xff\x81\xc3", "text/markdown").text
    )
    with pytest.raises(Unreadable, match="encoding is broken"):
        read(bytes(range(128, 256)) * 200, "text/markdown")


def test_scripts_are_text_to_nobody() -> None:
    done = read(b"<html><body><article><p>Read this paragraph, which is long enough to be kept.</p><script>alert(1)</script><img src=x onerror=alert(2)><p>And this second one too.</p></article></body></html>", "text/html")  # fmt: skip
    assert "alert" not in done.text


def test_a_word_file_that_is_a_bomb_is_refused_before_it_is_unpacked() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in zipfile_parts(word_file(Normal="x")).items():
            archive.writestr(name, data if name != "word/document.xml" else bytes(90_000_000))
    begun = time.monotonic()
    with pytest.raises(Unreadable, match="nothing of it was unpacked"):
        read(held.getvalue(), DOCX)
    assert time.monotonic() - begun < 10


def test_a_word_file_that_lies_about_its_size_is_told() -> None:
    data = word_file(Normal="some words")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        real = archive.getinfo("word/document.xml").file_size
    lying = data.replace(real.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lying != data
    with pytest.raises(Unreadable, match="damaged"):
        read(lying, DOCX)


def test_entities_of_a_word_file_are_not_expanded() -> None:
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "LAUGH">{levels}<!ENTITY f SYSTEM "file:///etc/passwd">]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>words &e9; &f;</w:t></w:r></w:p></w:body></w:document>'
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in zipfile_parts(word_file(Normal="x")).items():
            archive.writestr(name, bomb if name == "word/document.xml" else data)
    try:
        done = read(held.getvalue(), DOCX)
    except Unreadable:
        return
    assert "LAUGH" not in done.text and "root:" not in done.text


def zipfile_parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_pdf_whose_pages_go_in_a_circle_ends() -> None:
    circle = written_pdf(
        ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"]
    )
    stream = written_pdf(
        ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
         "<< /Type /ObjStm /N 1 /First 4 /Extends 4 0 R /Length 4 0 R >>\nstream\n4 0 \nendstream"]
    )  # fmt: skip
    form = written_pdf(
        ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
         "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /A 5 0 R >> >> >>",
         "<< /Length 5 >>\nstream\n/A Do\nendstream",
         "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 5 0 R >> >> /Length 5 >>\nstream\n/A Do\nendstream"]
    )  # fmt: skip
    for data in (circle, stream, form):
        begun = time.monotonic()
        with pytest.raises(Unreadable):
            read(data, "application/pdf")
        assert time.monotonic() - begun < 30


def test_a_pdf_whose_stream_is_a_bomb_is_stopped() -> None:
    packed = zlib.compress(bytes(1_000_000_000), 9).decode("latin-1")
    bomb = written_pdf(
        ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
         f"<< /Filter /FlateDecode /Length {len(packed)} >>\nstream\n{packed}\nendstream"]
    )  # fmt: skip
    with pytest.raises(Unreadable):
        read(bomb, "application/pdf")


def test_a_pdf_of_too_many_pages_is_refused() -> None:
    kids = " ".join(["3 0 R"] * (formats.PAGES + 1))
    long = written_pdf(["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {formats.PAGES + 1} >>", "<< /Type /Page /Parent 2 0 R >>"])  # fmt: skip
    with pytest.raises(Unreadable, match="more than 600 pages"):
        read(long, "application/pdf")


@pytest.mark.parametrize("kind", ["text/html", "text/markdown", "text/mdx", "text/plain"])
@pytest.mark.parametrize(
    "unit",
    [
        "<div>",
        "[",
        "![](",
        "*a ",
        "**",
        '<a b="',
        "{/*",
        "<!--",
        "<script ",
        "```x\n",
        "~~~\n```x\n",
        "`",
        "# ",
        "{{",
        "&#x",
        "\\",
        "|-",
    ],
)
def test_nested_and_unclosed_marks_end_in_time(kind: str, unit: str) -> None:
    begun = time.monotonic()
    try:
        assert isinstance(read((unit * (200_000 // len(unit)) + "\n\nwords").encode(), kind).text, str)
    except Unreadable as told:
        assert str(told)
    assert time.monotonic() - begun < 20


def test_what_is_no_document_is_told() -> None:
    for data, name, told in ((b"\x89PNG\0\0", "a.png", "image/png"), (b"a\0b", "a.txt", ""), (b"words", "a.exe", ""), (b"PK\x03\x04", "a.zip", "application/zip"), (b"words", "a.pdf", "application/pdf")):  # fmt: skip
        with pytest.raises(Unreadable, match="not a file that Rung reads"):
            media_type(data, name, told)


def test_what_a_file_is_goes_before_what_it_is_called() -> None:
    assert media_type(pdf("x"), "a.txt") == "application/pdf"
    assert media_type(b"<!DOCTYPE html><p>x", "a.md") == "text/html"
    assert media_type(b"# x", "page", "text/markdown; charset=utf-8") == "text/markdown"


@pytest.mark.parametrize(("data", "kind"), [(b"%PDF-1.7 nonsense", "application/pdf"), (b"PK\x03\x04nonsense", DOCX), (b"<html></html>", "text/html"), (b"\n\n", "text/plain")])  # fmt: skip
def test_damaged_and_empty_files_are_told(data: bytes, kind: str) -> None:
    with pytest.raises(Unreadable, match=r"damaged|no text"):
        read(data, kind)
