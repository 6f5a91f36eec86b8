"""Answers that are labels: how they are spread, and what that may do to the model."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from agent.dataset.kinds import Finding
from agent.dataset.scan import Scan

MOST = 50
"""Different answers up to which they are taken for labels, if there are three examples for each and nearly all are short."""
SHORT_SHARE = 0.95
MAJORITY = 0.8
RARE = 10
REFUSING = 0.2


@dataclass(frozen=True)
class Judgement:
    findings: tuple[Finding, ...]
    labels: tuple[tuple[str, int], ...]
    """Label and count, the most frequent first; empty when answers are no labels."""


def judge(found: Scan) -> Judgement:
    """Looks at the answers as a whole. The thresholds are this check's own; no source gives them."""
    findings, total = list[Finding](), found.examples
    if total >= 10 and found.refusals >= REFUSING * total:
        share = found.refusals / total
        findings.append(
            Finding(
                "refusals",
                0,
                f"{share:.0%} of the answers begin like a refusal; check that you want this share",
            )
        )
    labels = found.labels or {}
    if (
        not labels
        or total < 10
        or found.short < SHORT_SHARE * total
        or len(labels) > min(MOST, found.short // 3)
    ):
        return Judgement(tuple(findings), ())
    ranked = sorted(labels.items(), key=lambda row: (-row[1][0], row[1][1]))
    top, (most, _) = ranked[0]
    if len(ranked) == 1:
        findings.append(
            Finding("imbalance", 0, f"every short answer is {_quoted(top)}; there is nothing to tell apart")
        )
    elif most >= MAJORITY * found.short:
        findings.append(
            Finding("imbalance", 0, f"{_quoted(top)} is {most / found.short:.0%} of the answers; bring the shares near to those in use")
        )  # fmt: skip
    for label, (count, line) in sorted(ranked, key=lambda row: row[1][1]):
        if count < RARE:
            many = f"{count} example{'' if count == 1 else 's'}"
            findings.append(
                Finding("rare-label", line, f"the label {_quoted(label)} has only {many}, this is the first")
            )
    findings += _variants(labels)
    return Judgement(tuple(findings), tuple((label, count) for label, (count, _) in ranked))


def _variants(labels: dict[str, tuple[int, int]]) -> list[Finding]:
    """Labels that would be one if case and spaces did not count."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for label in sorted(labels, key=lambda x: labels[x][1]):
        alike[" ".join(label.casefold().split()).rstrip(".")].append(label)
    return [
        Finding("label-variants", labels[other][1], f"{_quoted(other)} differs from {_quoted(first)} only in case, spaces or a full stop")
        for first, *others in alike.values()
        for other in others
    ]  # fmt: skip


def _quoted(label: str) -> str:
    return f"“{''.join(c if c.isprintable() else '?' for c in label)}”"
