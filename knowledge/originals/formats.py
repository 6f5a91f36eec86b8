"""The readers of each format: bytes to a title, headings and paragraphs. They run in a child process with limits."""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO

from knowledge.originals.adverts import without_adverts
from knowledge.originals.blocks import Block, clean
from knowledge.originals.markdown import markdown, mdx, plain
from knowledge.originals.reading import DOCX

#: Most pages of a PDF; most bytes, files and fold of a DOCX unpacked.
PAGES = 600
UNPACKED = 100_000_000
FILES = 5_000
FOLD = 200

Reader = Callable[[bytes, str], tuple[str, list[Block]]]


class Damaged(Exception):
    """What is wrong with a file, for people."""


class MissingReader(Exception):
    """A library of the extra is not installed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"reading {what} needs the extra `originals`: pip install 'rung[originals]'")


def decoded(data: bytes, charset: str = "") -> str:
    """Text of bytes: by its mark, as UTF-8, as declared, as Windows wrote it; what is left over becomes �.

    Raises:
        Damaged: so much of it cannot be read that it is no text.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(name, "replace")
    for name in ("utf-8", charset, "cp1252"):
        try:
            text = data.decode(name) if name else "\x81"
        except (LookupError, ValueError):
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f\x80-\x9f]", text):
            return text
    text = data.decode("utf-8", "replace")
    if len(re.findall(r"[�\x00-\x08\x0e-\x1f]", text)) > max(20, len(text) // 20):
        raise Damaged("its encoding is broken: too much of it cannot be read as text; save it as UTF-8")
    return text


def _markdown(data: bytes, charset: str) -> tuple[str, list[Block]]:
    text = decoded(data, charset)
    return _front_title(text), markdown(text)


def _mdx(data: bytes, charset: str) -> tuple[str, list[Block]]:
    text = decoded(data, charset)
    return _front_title(text), mdx(text)


def _front_title(text: str) -> str:
    """The title that a file's front matter gives, if any."""
    head = re.match(r"\s*---\r?\n(.*?)\n---\s", text[:10_000], re.DOTALL)
    title = re.search(r"""^title:\s*["']?(.+?)["']?\s*$""", head[1] if head else "", re.MULTILINE)
    return title[1] if title else ""


def _plain(data: bytes, charset: str) -> tuple[str, list[Block]]:
    return "", without_adverts(plain(decoded(data, charset)), guessed=True)


def _html(data: bytes, charset: str) -> tuple[str, list[Block]]:
    """The main text of a page, without navigation, adverts and scripts."""
    try:
        from trafilatura import extract, extract_metadata
    except ImportError as missing:
        raise MissingReader("HTML") from missing
    declared = re.search(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{2,30})""", data[:4096], re.IGNORECASE)
    page = decoded(data, charset or (declared[1].decode("ascii") if declared else ""))
    page = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", page)
    found = extract(page, output_format="markdown", include_formatting=True, include_tables=True, include_comments=False, include_links=False)  # fmt: skip
    about = extract_metadata(page)
    return (about.title or "" if about else ""), without_adverts(markdown(found or "", tags=False))


def _pdf(data: bytes, charset: str) -> tuple[str, list[Block]]:
    """The text of a PDF's pages; numbered headlines and the usual names of parts are headings."""
    try:
        from pypdf import PdfReader
    except ImportError as missing:
        raise MissingReader("PDF") from missing
    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Damaged("it is locked with a password")
    if len(reader.pages) > PAGES:
        raise Damaged(f"it has more than {PAGES} pages; add the part that matters")
    blocks: list[Block] = []
    for page in reader.pages:
        blocks += _paragraphs(clean(page.extract_text() or ""))
    title = reader.metadata.title if reader.metadata else ""
    return str(title or ""), blocks


_HEADLINE = re.compile(
    r"(?:(?:[1-9]\d?|[A-H])(?:\.\d{1,2}){0,3}\.?\s+[A-Z][^.!?;=]{2,70}"
    r"|(?:Abstract|Introduction|Background|Related Work|Methods?|Results|Discussion|Limitations|Conclusions?|References|Acknowledge?ments|Appendix( [A-Z])?))"
)


def _paragraphs(page: str) -> Iterator[Block]:
    """A page's lines as headings and paragraphs: words cut at a line's end are joined, and so are the lines."""
    words = ""
    for line in (raw.strip() for raw in [*page.split("\n"), ""]):
        heading = _HEADLINE.fullmatch(line) is not None and (not words or words[-1] in ".:?!)")
        if words and (not line or heading):
            yield Block(0, words)
            words = ""
        if heading:
            yield Block(1 + line.split()[0].strip(".").count(".") + 1, line)
        elif re.search(r"[a-z]-$", words) and re.match(r"[a-z]", line):
            words = words[:-1] + line
        else:
            words = f"{words} {line}".strip()
    if words:
        yield Block(0, words)


def _docx(data: bytes, charset: str) -> tuple[str, list[Block]]:
    """Headings, paragraphs and tables of a DOCX; refused before unpacking where it says that it is a bomb."""
    _check_zip(data)
    try:
        import docx
        from docx.table import Table
    except ImportError as missing:
        raise MissingReader("DOCX") from missing
    document = docx.Document(BytesIO(data))
    blocks: list[Block] = []
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            rows = [" | ".join(dict.fromkeys(cell.text.strip() for cell in row.cells)) for row in part.rows]
            blocks.append(Block(0, "\n".join(rows)))
        else:
            name = part.style.name if part.style is not None else ""
            level = re.fullmatch(r"Heading ([1-6])", name or "")
            blocks.append(Block(int(level[1]) if level else 1 if name == "Title" else 0, part.text))
    title = document.core_properties.title or ""
    return "" if title == _NO_TITLE else title, blocks


#: What the library calls a file that says nothing of itself.
_NO_TITLE = "Word Document"


def _check_zip(data: bytes) -> None:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        files = archive.infolist()
    whole = sum(f.file_size for f in files)
    if len(files) > FILES or whole > UNPACKED:
        raise Damaged(
            f"it would unpack to {whole:,} bytes in {len(files):,} files; nothing of it was unpacked"
        )
    if any(f.file_size > 1_000_000 and f.file_size > FOLD * max(1, f.compress_size) for f in files):
        raise Damaged(
            f"a part of it would unpack to more than {FOLD} times its size; nothing of it was unpacked"
        )
    if any(f.flag_bits & 1 for f in files):
        raise Damaged("it is locked with a password")


READERS: dict[str, Reader] = {
    "text/markdown": _markdown,
    "text/mdx": _mdx,
    "text/plain": _plain,
    "text/html": _html,
    "application/pdf": _pdf,
    DOCX: _docx,
}
