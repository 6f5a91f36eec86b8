"""The kit's sheets (CSV): rows to fill in, the first ones shaped by what falls short."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from agent.kit.case import Case
from agent.writing.texts import load

#: OpenAI's least number of questions with known answers (openai-model-optimization#entry-test).
ROWS: Final = 20
#: With so few shortfalls each gets two rows.
FEW_SHORTFALLS: Final = 2

#: A spreadsheet takes a cell that begins with one of these for a formula; the last four are their wide forms.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

_TEST_HEAD: Final = (
    "id", "kind", "look_for", "input", "good_answer", "passed_now", "passed_next", "why_it_failed",
)  # fmt: skip
_RETRIEVAL_HEAD: Final = {
    "build": ("right_in_top_k", "right_in_top_20", "answer_right"),
    "repair": ("today_in_top_k", "keywords_in_top_k", "notes_in_top_k", "rerank_in_top_k", "answer_right"),
    "use": ("right_in_top_k", "answer_now", "answer_next", "why_it_failed"),
}
_EVALUATION_HEAD: Final = (
    "variant", "model_and_version", "date", "test_cases_passed", "held_out_passed", "cost_per_1000_calls",
    "seconds_per_call", "keep",
)  # fmt: skip


def test_cases(case: Case) -> str:
    """20 cases: what fails, what lies at the edges, and ordinary ones."""
    given = "question" if case.passages else "input"
    blanks = (f"[[ fill in: a real {given} ]]", "[[ fill in: an answer you would accept ]]")
    return _csv(
        _TEST_HEAD,
        ((n, kind, look, *blanks, "", "", "") for n, (kind, look) in enumerate(_test_rows(case), 1)),
    )


def retrieval_eval(case: Case) -> str:
    """20 questions for the search alone."""
    told = _told()["retrieval"]
    rows = [("failed", told["failed"])] * 3 if case.retrieval_part != "build" else []
    rows += [("edge", look) for look in told["edge"]]
    if case.is_value("knowledge", "changing"):
        rows += [("edge", told["changed"])]
    rows += [("typical", told["typical"])] * (ROWS - len(rows))
    blanks = ("[[ fill in: a real question ]]", "[[ fill in: document and section ]]", "[[ fill in: count ]]")
    results = _RETRIEVAL_HEAD[case.retrieval_part]
    head = ("id", "kind", "look_for", "question", "right_passages", "how_many_right", *results)
    return _csv(
        head, ((n, kind, look, *blanks, *[""] * len(results)) for n, (kind, look) in enumerate(rows, 1))
    )


def evaluation(case: Case) -> str:
    """A row a variant: what is used today, the cheaper ways, and training last."""
    told = _told()["variants"]
    names = ["today", *_cheaper(case)]
    if case.rung == 4:
        names += ["tuned_half", "tuned"]
    model = {"today": case.value("model")}
    head = (
        _EVALUATION_HEAD
        if case.rung == 4
        else [name for name in _EVALUATION_HEAD if name != "held_out_passed"]
    )
    return _csv(
        head,
        (
            (told[name], model.get(name) or "[[ fill in: model and version ]]", *[""] * (len(head) - 2))
            for name in names
        ),
    )


def _cheaper(case: Case) -> Iterator[str]:
    if "format" in case.shortfall:
        yield "schema"
    if case.line in ("cheaper_ways", "distil"):
        yield from ("cached", "small", "batch", "shorter")
    else:
        yield "stronger"


def _test_rows(case: Case) -> list[tuple[str, str]]:
    """Kind and what to look for, row by row."""
    told = _told()["tests"]
    times = 2 if len(case.shortfall) <= FEW_SHORTFALLS else 1
    words = case.said("shortfall") if len(case.shortfall) == 1 else ""
    ending = f' You told Rung: "{words}".' if words else ""
    rows = [("failed", told["failed"][name] + ending) for name in case.shortfall for _ in range(times)]
    rows += [("edge", look) for look in told["edge"]]
    if case.passages:
        rows += [("edge", look) for look in told["passages"]]
    if case.is_value("knowledge", "changing"):
        rows += [("edge", told["changed"])]
    if case.is_value("knowledge", "small_static"):
        rows += [("edge", told["pasted"])]
    rows += [("edge", told["needs"][name]) for name in sorted(case.needs)]
    if case.value("volume"):
        rows += [("typical", told["typical_of_a_day"].format(volume=case.value("volume")))]
    return rows + [("typical", told["typical"])] * (ROWS - len(rows))


def _told() -> Mapping[str, Any]:
    rows: Mapping[str, Any] = load("kit/rows")
    return rows


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    writer.writerow(head)
    for row in rows:
        writer.writerow([_cell(str(value)) for value in row])
    return out.getvalue()


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
