"""The record of a run: a line for each finished row, written before the next row is begun.

A run that is killed loses at most the row in hand. A line cut short by the kill is dropped when the record is opened again.
One run at a time holds the record.
"""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from agent.errors import BadInput, NeedsSomething
from agent.portfolio.triage import Triaged


class Ledger:
    """Finished rows by their fingerprint, kept in a file of JSON Lines. `earlier` are those of runs before this one.

    Raises:
        BadInput: the file is something else.
        NeedsSomething: another run holds it, or it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = self._opened()
        self._finished: dict[str, Triaged] = {}
        end = 0
        for raw in self._file:
            if not raw.endswith(b"\n"):
                break  # cut short
            row = self._row(raw)
            if not row.error:  # a row with an error is tried again
                self._finished[row.input] = row
            end = self._file.tell()
        self.earlier = frozenset(self._finished)
        self._file.truncate(end)
        self._file.seek(end)

    def finished(self, fingerprint: str) -> Triaged | None:
        """The row's verdict, if it was reached before."""
        return self._finished.get(fingerprint)

    def add(self, row: Triaged) -> None:
        """Write a finished row down; it survives a kill from here on."""
        try:
            self._file.write(row.model_dump_json().encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise NeedsSomething(
                f"{self._path} cannot be written: {error.strerror or error}. Make room and go on with --resume."
            ) from error
        if not row.error:
            self._finished[row.input] = row

    def close(self) -> None:
        self._file.close()

    def _opened(self) -> BinaryIO:
        try:
            file = self._path.open("a+b")
        except OSError as error:
            raise NeedsSomething(
                f"{self._path} cannot be written: {error.strerror or error}. Give another --output."
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise NeedsSomething(f"Another run is writing {self._path}. Wait for it, or stop it.") from error
        file.seek(0)
        return file

    def _row(self, raw: bytes) -> Triaged:
        try:
            return Triaged.model_validate(json.loads(raw))
        except (ValueError, ValidationError) as error:
            raise BadInput(
                f"{self._path} is no record of a run. Delete it, or give another --output."
            ) from error
