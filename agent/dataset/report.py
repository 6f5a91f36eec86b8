"""What the check says: for a person, as Markdown, and for a program."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.dataset import tokens
from agent.dataset.kinds import KINDS, Finding, Kind

if TYPE_CHECKING:
    from agent.dataset.scan import Scan
    from agent.dataset.split import Split

WIDTH = 100


@dataclass(frozen=True)
class Figures:
    """What was counted. Token counts are estimates, see `tokens`."""

    bytes: int
    lines: int = 0
    examples: int = 0
    """Lines in good enough order to be trained on."""
    faulty_lines: int = 0
    """Lines with at least one error."""
    roles: tuple[tuple[str, int], ...] = ()
    tokens: int = 0
    tokens_half: int = 0
    """Half of the examples have so many tokens or fewer."""
    tokens_95: int = 0
    """95 of 100 examples have so many tokens or fewer."""
    tokens_longest: int = 0
    longest_line: int = 0
    labels: tuple[tuple[str, int], ...] = ()
    """Label and how often, when the answers are labels."""
    template_pairs: int = 0
    """Word pairs that many examples share, left out of the comparison."""


@dataclass(frozen=True)
class Problem:
    """All findings of one kind: how many, and the first of them."""

    kind: Kind
    count: int
    shown: tuple[Finding, ...]


@dataclass(frozen=True)
class Report:
    file: Path
    problems: tuple[Problem, ...]
    figures: Figures
    split: Split | None = None
    split_refused: bool = False
    """A split was asked for, but there are errors."""

    @classmethod
    def of(cls, file: Path, found: Scan, figures: Figures) -> Report:
        problems = tuple(
            Problem(kind, tally.count, tuple(Finding(code, line, text) for line, text in tally.shown))
            for code, kind in KINDS.items()
            if (tally := found.tallies.get(code)) is not None and tally.count
        )
        upto = found.lengths.cumsum()
        half, most = (int((upto < part * upto[-1]).sum()) for part in (0.5, 0.95))
        return cls(
            file,
            tuple(sorted(problems, key=lambda p: p.kind.level)),
            replace(
                figures,
                lines=found.lines,
                examples=found.examples,
                faulty_lines=found.faulty,
                roles=tuple(found.roles.most_common()),
                tokens=found.tokens,
                tokens_half=half,
                tokens_95=most,
                tokens_longest=found.longest[0],
                longest_line=found.longest[1],
            ),
        )

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.kind.level == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.kind.level == "warning")

    @property
    def ready(self) -> bool:
        return not self.errors

    @property
    def verdict(self) -> str:
        """The answer, in one sentence."""
        figures, errors, warnings = self.figures, len(self.errors), len(self.warnings)
        told = f"{warnings} kind{_s(warnings)} of warnings" if warnings else "no warnings"
        if self.ready:
            return f"Ready: {_n(figures.examples)} example{_s(figures.examples)}, no errors, {told}."
        where = (
            f" in {_n(figures.faulty_lines)} of {_n(figures.lines)} lines"
            if figures.faulty_lines and figures.lines
            else ""
        )
        return f"Not ready: {errors} kind{_s(errors)} of errors{where}, {told}."

    @property
    def next_step(self) -> str:
        if self.errors:
            refused = "Nothing was split. " if self.split_refused else ""
            return f"{refused}Next: {_lower(self.errors[0].kind.remedy)} Then run the check again."
        if self.split is not None:
            return f"Next: train on {self.split.train} and keep {self.split.validation} for measuring."
        if self.warnings:
            return "Next: look at the warnings; what is wanted may stay. Then split: --split 0.1 --out DIR."
        return (
            "Next: split it, --split 0.1 --out DIR, and compare the tuned model with the prompt it replaces."
        )

    def as_json(self) -> dict[str, Any]:
        split = self.split
        return {
            "file": str(self.file),
            "ready": self.ready,
            "verdict": self.verdict,
            "problems": [
                {
                    **asdict(p.kind),
                    "cites": list(p.kind.cites),
                    "count": p.count,
                    "findings": [{"line": f.line or None, "text": f.text} for f in p.shown],
                }
                for p in self.problems
            ],
            "figures": {
                **asdict(self.figures),
                "roles": dict(self.figures.roles),
                "labels": dict(self.figures.labels),
                "tokens_range": list(_range(self.figures.tokens)),
            },
            "split": None
            if split is None
            else {**asdict(split), "train": str(split.train), "validation": str(split.validation)},
            "next": self.next_step,
        }

    def as_text(self) -> str:
        parts = [_wrap(self.verdict, "")]
        for heading, problems in (("Errors", self.errors), ("Warnings", self.warnings)):
            if problems:
                parts += ["", heading]
            for p in problems:
                parts += [f"  {p.kind.title} ({_n(p.count)})  [{p.kind.code}]"]
                parts += [_wrap(str(f), "    ", "      ") for f in p.shown]
                if p.count > len(p.shown):
                    parts.append(f"    and {_n(p.count - len(p.shown))} more")
                parts.append(_wrap(f"→ {p.kind.remedy}{_cited(p.kind)}", "    ", "      "))
        if figures := list(self._figures()):
            wide = max(len(name) for name, _ in figures)
            parts += [
                "",
                "Figures",
                *(_wrap(f"{name:{wide}}  {said}", "  ", " " * (wide + 4)) for name, said in figures),
            ]
        return "\n".join([*parts, "", _wrap(self.next_step, "")])

    def as_markdown(self) -> str:
        parts = [f"# {_md(str(self.file))}", "", f"**{_md(self.verdict)}**"]
        for heading, problems in (("Errors", self.errors), ("Warnings", self.warnings)):
            if problems:
                parts += ["", f"## {heading}", "", "| what | lines | what to do |", "|---|---|---|"]
            for p in problems:
                said = [_md(str(f)) for f in p.shown]
                if p.count > len(p.shown):
                    said.append(f"and {_n(p.count - len(p.shown))} more")
                parts.append(
                    f"| {p.kind.title} (`{p.kind.code}`, {_n(p.count)}) | {'<br>'.join(said)} | {_md(p.kind.remedy + _cited(p.kind))} |"
                )
        if figures := list(self._figures()):
            parts += ["", "## Figures", "", "| what | figure |", "|---|---|"]
            parts += [f"| {name} | {_md(said)} |" for name, said in figures]
        return "\n".join([*parts, "", _md(self.next_step)])

    def _figures(self) -> Iterator[tuple[str, str]]:
        """Rows of name and figure, for people."""
        figures = self.figures
        if not figures.lines:
            return
        yield (
            "lines",
            f"{_n(figures.lines)}, {_n(figures.examples)} of them usable examples ({_size(figures.bytes)})",
        )
        if figures.examples:
            yield "messages", ", ".join(f"{role} {_n(count)}" for role, count in figures.roles)
            low, high = _range(figures.tokens)
            yield (
                "tokens, estimated",
                f"{_n(figures.tokens)} in all (between {_n(low)} and {_n(high)}, by language; tool definitions counted, images not)",
            )
            yield (
                "tokens an example",
                f"half have up to {_n(figures.tokens_half)}, 95% up to {_n(figures.tokens_95)}; the longest {_n(figures.tokens_longest)} (line {_n(figures.longest_line)})",
            )
        if figures.labels:
            total = sum(count for _, count in figures.labels)
            ten = [
                f"{_shown(label)} {_n(count)} ({count / total:.0%})" for label, count in figures.labels[:10]
            ]
            more = f" and {len(figures.labels) - 10} more" if len(figures.labels) > 10 else ""
            yield "labels", ", ".join(ten) + more
        if figures.template_pairs:
            yield (
                "template",
                f"{_n(figures.template_pairs)} word pairs stand in more than a quarter of the examples and were left out of the comparison",
            )
        if (split := self.split) is not None:
            said = f"{_n(split.train_examples)} in {split.train}, {_n(split.validation_examples)} in {split.validation}"
            if split.groups_kept_together:
                said += f"; {_n(split.groups_kept_together)} group{_s(split.groups_kept_together)} of like examples kept on one side"
            if split.labels_without_validation:
                said += f"; {split.labels_without_validation} label{_s(split.labels_without_validation)} without a validation example"
            yield "split", said


def _range(count: int) -> tuple[int, int]:
    """Between what a token count lies, to two figures."""
    return tuple(_rounded(count * share) for share in (tokens.LOW, tokens.HIGH))  # type: ignore[return-value]


def _rounded(value: float) -> int:
    return int(float(f"{value:.2g}"))


def _cited(kind: Kind) -> str:
    return f" [{', '.join(kind.cites)}]" if kind.cites else ""


def _wrap(text: str, first: str, rest: str = "") -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _md(text: str) -> str:
    """Text from the file must not become markup."""
    return "".join("\\" + c if c in "|*_`<>[]#\\" else c for c in text)


def _shown(label: str) -> str:
    return "“" + "".join(c if c.isprintable() else "?" for c in label) + "”"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"


def _n(count: int) -> str:
    return f"{count:,}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
