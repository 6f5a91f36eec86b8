"""A run in every form: written to a folder, and the one that was asked for on standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from rich.console import Console

from evals.figures import Key
from evals.report import console, junit, markdown, page
from evals.report.digest import Report, Seconds
from evals.run import Run


class Pages:
    """The forms of one run; each is made when it is first wanted."""

    def __init__(
        self, run: Run, before: Run | None = None, seconds: Seconds | None = None, reveal: bool = False,
        accepted: dict[str, dict[Key, float]] | None = None,
    ) -> None:  # fmt: skip
        self._run, self._before, self._seconds = run, before, seconds
        self._reveal, self._accepted = reveal, accepted

    @cached_property
    def report(self) -> Report:
        return Report.of(self._run, self._before, self._seconds, accepted=self._accepted, reveal=self._reveal)

    def form(self, name: str) -> str:
        """One form but the console's as text: json, junit, markdown or html."""
        return _FORMS[name][1](self)

    def write(self, folder: Path) -> Path:
        """The run and all its forms into a folder, which is made if need be; what had these names is replaced."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "run.json").write_text(self._run.as_json(), encoding="utf-8")
        for name, make in _FORMS.values():
            (folder / name).write_text(make(self), encoding="utf-8")
        return folder

    def show(self, form: str, folder: Path | None = None) -> None:
        """One form on standard output; where all of them lie is said on standard error."""
        if form == "console":
            console.show(self.report, Console(highlight=False))
        else:
            sys.stdout.write(self.form(form))
        if folder is not None:
            Console(stderr=True, highlight=False, soft_wrap=True).print(f"All forms: {folder}", markup=False)

    def _junit(self) -> str:
        return junit.xml(self._run, self._seconds, reveal=self._reveal)


_FORMS: Final[Mapping[str, tuple[str, Callable[[Pages], str]]]] = {
    "json": ("report.json", lambda p: p.report.as_json()),
    "junit": ("junit.xml", lambda p: p._junit()),
    "markdown": ("report.md", lambda p: markdown.markdown(p.report)),
    "html": ("report.html", lambda p: page.html(p.report)),
}
