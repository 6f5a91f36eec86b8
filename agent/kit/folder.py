"""A kit put into a folder: nothing of the person's is ever overwritten, and no file is left half written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from agent.errors import BadInput
from agent.kit.files import purpose


def write_kit(folder: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    """Write the files into a folder, made if need be; their paths, in order.

    Raises:
        BadInput: one of them exists already (then nothing is written), or the folder cannot be written to.
    """
    folder = folder.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in files:
            if os.path.lexists(folder / name):
                raise _taken(folder / name)
        return tuple(_write(folder / name, text) for name, text in files.items())
    except OSError as error:
        raise BadInput(
            f"The kit cannot be written to {folder}: {error.strerror or error}. Name another folder."
        ) from error


def told(folder: Path, files: Mapping[str, str]) -> str:
    """What was written, a line a file, for the terminal."""
    wide = max(map(len, files))
    listed = "\n".join(f"  {name:{wide}}  {purpose(name)}" for name in files)
    return f"Wrote {len(files)} files to {folder.expanduser()}:\n{listed}\nBegin with README.md."


def _write(path: Path, text: str) -> Path:
    """One file, whole or not at all: the name is claimed first, so that two writers cannot both have it."""
    try:
        path.open("x").close()
    except FileExistsError as error:
        raise _taken(path) from error
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        mode = path.stat().st_mode
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(draft).chmod(mode & 0o777)  # a draft is private; the file is as any other of theirs
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise
    return path


def _taken(path: Path) -> BadInput:
    return BadInput(
        f"{path} exists already, and a kit overwrites nothing. Name another folder, or move that file away."
    )
