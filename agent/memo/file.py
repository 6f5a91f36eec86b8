"""A memo in a file: the format from its name, nothing ever overwritten, nothing left half written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from agent.errors import BadInput
from agent.memo.memo import Memo, as_markdown

FORMATS: Final = ("md", "html", "json", "pdf")


def format_of(path: Path) -> str:
    """The format that a name asks for.

    Raises:
        BadInput: it ends in nothing known.
    """
    ending = path.suffix.lower().removeprefix(".")
    ending = {"markdown": "md", "htm": "html"}.get(ending, ending)
    if ending not in FORMATS:
        raise BadInput(
            f"“{path.name}” should end in .md, .html, .json or .pdf, so that I know what to write."
        )
    return ending


def content(found: Memo, form: str) -> bytes:
    """The memo in one of `FORMATS`.

    Raises:
        NeedsSomething: a PDF without the extra that makes it.
    """
    if form == "html":
        from agent.memo.page import html

        return html(found).encode()
    if form == "pdf":
        from agent.memo.page import pdf

        return pdf(found)
    return (found.model_dump_json(indent=2) + "\n" if form == "json" else as_markdown(found)).encode()


def save(found: Memo, path: Path, form: str | None = None) -> Path:
    """Write the memo to a new file.

    Raises:
        BadInput: there is such a file already, or it cannot be written.
        NeedsSomething: a PDF without the extra that makes it.
    """
    path = path.expanduser()
    made = content(found, form or format_of(path))
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(made)
        try:
            Path(file.name).chmod(0o644)
            os.link(file.name, path)  # fails where the name is taken, unlike a rename
        finally:
            Path(file.name).unlink()
    except FileExistsError as error:
        raise BadInput(f"{path} exists already; give another name.") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror or error}. Give another name.") from error
    return path
