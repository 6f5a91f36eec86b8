"""The data set check: every kind of problem named with its line, nothing raised on any bytes, a split that is a partition."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from agent.cli import cli
from agent.dataset import lines as lines_module
from agent.dataset import tokens
from agent.dataset.check import Options, check
from agent.dataset.fingerprint import Sketcher, buckets_for
from agent.dataset.kinds import KINDS
from agent.dataset.lines import Source, blocks, ranges
from agent.dataset.progress import Bar
from agent.dataset.report import Report
from agent.dataset.secrets import luhn
from agent.errors import BadInput, RungError
from knowledge.corpus import Corpus

ROOT = Path(__file__).parents[1]
WORDS = [
    "river",
    "stone",
    "lamp",
    "quiet",
    "engine",
    "paper",
    "violet",
    "harbour",
    "winter",
    "copper",
    "meadow",
    "signal",
    "basket",
    "thunder",
    "velvet",
    "orchard",
]


def turn(role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def line(*messages: Any, **more: Any) -> bytes:
    return json.dumps({"messages": list(messages), **more}, ensure_ascii=False).encode()


def plain(n: int, answer: str | None = None) -> bytes:
    """An example in good order, unlike any other: its words are drawn by its number."""
    drawn = random.Random(n)
    asked = " ".join(drawn.choice(WORDS) + str(drawn.randrange(1000)) for _ in range(12))
    said = " ".join(drawn.choices(WORDS, k=20)) + f" {n}"
    return line(turn("user", asked), turn("assistant", answer or said))


GOOD = [plain(n) for n in range(60)]


def put(folder: Path, *rows: bytes, name: str = "data.jsonl", end: bytes = b"\n") -> Path:
    path = folder / name
    path.write_bytes(b"\n".join(rows) + end)
    return path


def found(report: Report) -> dict[str, list[int]]:
    """Code to the lines shown."""
    return {p.kind.code: [f.line for f in p.shown] for p in report.problems}


USER, ANSWER = turn("user", "When do you open?"), turn("assistant", "At nine, every day but Sunday.")
CALL = {"id": "c1", "type": "function", "function": {"name": "hours", "arguments": "{}"}}
TOOLS = [{"type": "function", "function": {"name": "hours", "parameters": {}}}]
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}

BROKEN_LINES: list[tuple[str, bytes]] = [
    ("not-utf8", b'{"messages": "\xff"}'),
    ("blank-line", b"   "),
    ("not-json", b'{"messages": [}'),
    ("not-object", b'["a", "b"]'),
    ("not-object", b"17"),
    ("prompt-completion", b'{"prompt": "Open?", "completion": "At nine."}'),
    ("preference-format", b'{"input": {"messages": []}, "preferred_output": [], "non_preferred_output": []}'),
    ("other-format", b'{"conversations": []}'),
    ("other-format", b'{"contents": []}'),
    ("no-messages", b'{"a": 1}'),
    ("messages-not-list", b'{"messages": "hello"}'),
    ("messages-empty", b'{"messages": []}'),
    ("message-not-object", line("hello", ANSWER)),
    ("no-role", line({"content": "Hi"}, ANSWER)),
    ("unknown-role", line(turn("human", "Hi"), ANSWER)),
    ("unknown-role", line(turn(["user"], "Hi"), ANSWER)),  # type: ignore[arg-type]
    ("no-content", line({"role": "user"}, ANSWER)),
    ("no-content", line(turn("user", None), ANSWER)),
    ("content-not-text", line(turn("user", 7), ANSWER)),
    ("content-not-text", line(turn("user", [{"type": "video"}]), ANSWER)),
    ("empty-content", line(turn("user", ""), ANSWER)),
    ("empty-content", line(turn("user", []), ANSWER)),
    ("blank-content", line(USER, turn("assistant", " \n\t"))),
    ("no-assistant", line(USER)),
    ("no-user", line(turn("system", "Say when we open."), ANSWER)),
    ("ends-without-answer", line(USER, ANSWER, turn("user", "And on Monday?"))),
    ("same-role-twice", line(USER, turn("user", "Please."), ANSWER)),
    ("system-not-first", line(USER, turn("system", "Be brief."), ANSWER)),
    ("bad-weight", line(USER, turn("assistant", "Nine.", weight=0.5))),
    ("bad-weight", line(USER, turn("assistant", "Nine.", weight=True))),
    ("bad-weight", line(turn("user", "Open?", weight=1), ANSWER)),
    ("all-weights-zero", line(USER, turn("assistant", "Nine.", weight=0))),
    ("bad-tool-call", line(USER, turn("assistant", None, tool_calls=[{"id": "c1"}]), tools=TOOLS)),
    ("bad-tool-call", line(USER, turn("assistant", "Hm", tool_calls=[]), tools=TOOLS)),
    ("tool-call-unanswered", line(USER, turn("assistant", None, tool_calls=[CALL]), USER, ANSWER, tools=TOOLS)),
    ("tool-answer-without-call", line(USER, turn("tool", "9", tool_call_id="c9"), ANSWER)),
    ("arguments-not-json", line(USER, turn("assistant", None, tool_calls=[{**CALL, "function": {"name": "hours", "arguments": "{open"}}]), tools=TOOLS)),
    ("tool-not-declared", line(USER, turn("assistant", None, tool_calls=[CALL]))),
    ("bad-tools", line(USER, ANSWER, tools="hours")),
    ("bad-tools", line(USER, ANSWER, tools=[{"type": "function"}])),
    ("bad-name", line(turn("user", "Open?", name="Jo Doe"), ANSWER)),
    ("image-in-answer", line(USER, turn("assistant", [IMAGE]))),
    ("too-many-images", line(turn("user", [IMAGE] * 11), ANSWER)),
    ("unknown-key", line(USER, ANSWER, id=7)),
    ("unknown-key", line({**USER, "time": "now"}, ANSWER)),
    ("control-characters", line(turn("user", "Open\x07?"), ANSWER)),
    ("control-characters", line(turn("user", "Open\x1e?"), ANSWER)),
    ("damaged-text", line(turn("user", "Caf� open?"), ANSWER)),
    ("secret", line(turn("user", "My key is AKIAIOSFODNN7EXAMPLE, ok?"), ANSWER)),
    ("personal-data", line(turn("user", "Write to jo.doe@mail.shop please"), ANSWER)),
    ("too-long", line(turn("user", "word " * 9000), ANSWER)),
    ("duplicate", GOOD[3]),
    ("contradiction", line(json.loads(GOOD[3])["messages"][0], turn("assistant", "Something else"))),
    ("near-duplicate", line(turn("user", json.loads(GOOD[3])["messages"][0]["content"] + "!!"), ANSWER)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "broken"), BROKEN_LINES)
def test_each_broken_line_is_named(code: str, broken: bytes, tmp_path: Path) -> None:
    """The broken line is the 18th of 61, and no other line is blamed."""
    path = put(tmp_path, *GOOD[:17], broken, *GOOD[17:])
    got = found(check(path, Options(max_tokens=5000)))
    assert got == {code: [18]}


BROKEN_FILES: list[tuple[str, bytes, int]] = [
    ("empty-file", b"", 0),
    ("empty-file", b" \n\n", 0),
    ("binary-file", b"PK\x03\x04" + b"\x00" * 40, 0),
    ("binary-file", b"PAR1" + b"\x15\x04" * 40, 0),
    ("binary-file", b"abc\x00def\n", 0),
    ("utf16-file", '{"messages": []}\n'.encode("utf-16"), 1),
    ("json-array", b"[" + b",\n".join(GOOD) + b"]", 1),
    ("json-array", b"[" + b",".join(GOOD) + b"]\n", 1),
    ("json-array", b"\n[\n" + b",\n".join(GOOD) + b"]", 2),
    ("pretty-json", b"\n".join(json.dumps(json.loads(g), indent=2).encode() for g in GOOD), 1),
    ("csv-file", b"prompt,completion\nOpen?,At nine.\n", 1),
    ("csv-file", b"prompt\tcompletion\nOpen?\tAt nine.\n", 1),
    ("byte-order-mark", b"\xef\xbb\xbf" + b"\n".join(GOOD) + b"\n", 1),
    ("cut-off", b"\n".join(GOOD) + b'\n{"messages": [{"role": "us', 61),
    ("cut-off", b"\n".join(GOOD) + b'\n{"messages": "caf\xc3', 61),
    ("too-few", b"\n".join(GOOD[:9]) + b"\n", 0),
    ("few", b"\n".join(GOOD[:49]) + b"\n", 0),
]


@pytest.mark.parametrize(("code", "content", "at"), BROKEN_FILES)
def test_each_broken_file_is_named(code: str, content: bytes, at: int, tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(content)
    got = found(check(path, Options()))
    assert got[code] == [at]
    assert got.keys() - {"blank-line", "too-few"} == {code} - {"too-few"}


def test_there_are_more_than_25_kinds_and_the_tests_above_and_below_show_each() -> None:
    here = {code for code, _ in BROKEN_LINES} | {code for code, _, _ in BROKEN_FILES}
    elsewhere = {
        "gzip-file", "long-line", "leak", "near-leak", "test-unreadable", "imbalance", "refusals", "rare-label", "label-variants",
    }  # fmt: skip
    assert here | elsewhere == set(KINDS)
    assert len(KINDS) >= 25


def test_every_source_that_a_kind_rests_on_exists(corpus: Corpus) -> None:
    for kind in KINDS.values():
        for passage in kind.cites:
            assert corpus.passage(passage)


def test_a_file_in_good_order_has_no_findings(tmp_path: Path) -> None:
    tool = line(
        USER,
        turn("assistant", None, tool_calls=[CALL]),
        turn("tool", "9-17", tool_call_id="c1"),
        ANSWER,
        tools=TOOLS,
    )
    parts = line(
        turn("developer", "Be brief."),
        turn("user", [{"type": "text", "text": "What is this?"}, IMAGE]),
        turn("assistant", "A lamp.", weight=1),
    )
    ends = line(turn("user", "Is it open on a holiday?"), turn("assistant", "", tool_calls=[CALL]), tools=TOOLS)  # fmt: skip
    report = check(put(tmp_path, *GOOD, tool, parts, ends), Options())
    assert found(report) == {}
    assert report.ready
    assert (report.figures.lines, report.figures.examples) == (63, 63)
    # 60 plain ones have one user and one assistant each; the tool one adds 1, 2 and a tool; the others 1 and 1
    assert dict(report.figures.roles) == {"assistant": 64, "user": 63, "tool": 1, "developer": 1}


def test_gzip_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join([*GOOD, b"17"])))
    assert found(check(path, Options(jobs=4))) == {"not-object": [61], "gzip-file": [0]}


def test_damaged_gzip_is_said_and_not_raised_as_a_bug(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl.gz"
    noise = random.Random(5).randbytes(3_000_000)
    path.write_bytes(gzip.compress(noise.hex().encode())[:-2000])
    with pytest.raises(RungError, match="damaged or cut off"):
        check(path, Options())
    path.write_bytes(lines_module.GZIP + b"nonsense")
    with pytest.raises(BadInput, match="cannot be unpacked"):
        check(path, Options())


def test_a_line_too_long_to_hold_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LONGEST", 1000)
    monkeypatch.setattr(lines_module, "BLOCK", 256)
    path = put(tmp_path, *GOOD[:30], b"x" * 5000, *GOOD[30:], b"y" * 5000, end=b"")
    assert found(check(path, Options())) == {"long-line": [31, 62]}


def test_copies_are_counted_and_only_the_first_are_shown(tmp_path: Path) -> None:
    """40 lines, each three times: 80 are copies; each is told from the first of its kind."""
    report = check(put(tmp_path, *GOOD[:40], *GOOD[:40], *GOOD[:40]), Options(show=3))
    problem = next(p for p in report.problems if p.kind.code == "duplicate")
    assert problem.count == 80
    assert [str(f) for f in problem.shown] == [
        "line 41: the same as line 1; keep one of them",
        "line 42: the same as line 2; keep one of them",
        "line 43: the same as line 3; keep one of them",
    ]
    assert found(report).keys() == {"duplicate"}


def test_key_order_and_spaces_do_not_hide_a_copy(tmp_path: Path) -> None:
    messages = [{"content": m["content"], "role": m["role"]} for m in json.loads(GOOD[5])["messages"]]
    again = json.dumps({"messages": messages}, separators=(" , ", " : ")).encode()
    assert found(check(put(tmp_path, *GOOD, again), Options())) == {"duplicate": [61]}


def test_what_the_test_file_shares_is_named(tmp_path: Path) -> None:
    asked = [json.loads(g)["messages"][0]["content"] for g in GOOD]
    test = put(
        tmp_path,
        plain(1000),
        line(turn("user", asked[4]), turn("assistant", "Another answer")),
        line(turn("system", "Be brief."), turn("user", asked[9].upper() + " ?"), ANSWER),
        json.dumps({"question": asked[20]}).encode(),
        b"not json",
        name="test.jsonl",
    )
    report = check(put(tmp_path, *GOOD), Options(test=test))
    assert found(report) == {"leak": [5, 21], "near-leak": [10], "test-unreadable": [0]}
    text = report.as_text()
    assert "line 5: the user says the same as in line 2 of the test file" in text
    assert "line 10: the user says nearly the same as in line 3 of the test file" in text
    assert "line 5 of the test file: no user's side can be read from it" in text
    assert "2 of 60 lines" in text
    assert not report.ready


def test_a_template_does_not_make_every_example_alike(tmp_path: Path) -> None:
    """300 examples share 40 words of instructions; two of them also share what is asked."""
    order = "read the message below and say in one word which of our four desks should answer it " * 2
    rows = [
        line(turn("user", order + json.loads(plain(n))["messages"][0]["content"]), ANSWER) for n in range(300)
    ]
    again = line(turn("user", order + json.loads(plain(7))["messages"][0]["content"] + "."), ANSWER)
    report = check(put(tmp_path, *rows, again), Options())
    assert found(report)["near-duplicate"] == [301]
    assert report.figures.template_pairs > 0


def test_labels_are_weighed(tmp_path: Path) -> None:
    """100 answers: 85 billing, 12 delivery, 2 returns, 1 Billing; 85% is over the line of 80%."""
    answers = ["billing"] * 85 + ["delivery"] * 12 + ["returns"] * 2 + ["Billing"]
    report = check(put(tmp_path, *(plain(n, a) for n, a in enumerate(answers))), Options())
    assert dict(report.figures.labels) == {"billing": 85, "delivery": 12, "returns": 2, "Billing": 1}
    assert found(report) == {"imbalance": [0], "rare-label": [98, 100], "label-variants": [100]}
    assert "“billing” is 85% of the answers" in report.as_text()


def test_refusals_are_weighed(tmp_path: Path) -> None:
    rows = [
        plain(n, "I'm sorry, I cannot help with that, whatever the number " + str(n) * 20) for n in range(20)
    ]
    report = check(put(tmp_path, *rows, *GOOD[:60][20:]), Options())
    assert found(report) == {"refusals": [0]}
    assert "33% of the answers begin like a refusal" in report.as_text()


SECRETS = [
    ("an AWS access key", "AKIA" + "IOSFODNN7EXAMPL2"),
    ("an AWS secret key", "aws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("an API key (sk-…)", "sk-" + "proj-abcDEF123456789012345"),
    ("a GitHub token", "ghp_" + "a1B2" * 9),
    ("a GitHub token", "github_pat_" + "a1B2c" * 12),
    ("a GitLab token", "glpat-" + "a1B2c3D4e5F6g7H8i9J0"),
    ("a Slack token", "xoxb-" + "1234567890-abcdef"),
    ("a Stripe key", "sk_live_" + "a1B2c3D4e5F6g7H8"),
    ("a Hugging Face token", "hf_" + "a1B2c3" * 5),
    ("an npm token", "npm_" + "a1B2c3" * 6),
    ("a PyPI token", "pypi-" + "a1B2c" * 10),
    ("a Google API key", "AIza" + "a1B2c" * 7),
    ("a SendGrid key", "SG." + "a1B2" * 4 + "." + "c3D4" * 4),
    ("a JSON Web Token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN"),
    ("a private key", "-----BEGIN RSA " + "PRIVATE KEY-----"),
    ("a password in a URL", "postgres://shop:hunter2@db.internal/shop"),
]
PERSONAL = [
    ("an email address", "jo.doe+x@mail.shop"),
    ("a phone number", "+49 30 9018 2000"),
    ("a phone number", "(415) 867-5309"),
    ("a phone number", "415-867-5309"),
    ("a payment card number", "4111 1111 1111 1111"),
    ("a payment card number", "378282246310005"),
    ("a bank account (IBAN)", "DE89 3704 0044 0532 0130 00"),
    ("a bank account (IBAN)", "GB82WEST12345698765432"),
    ("a US social security number", "123-45-6789"),
]
HARMLESS = [
    "sk-learn-based-pipelines-are-described-here",
    "task-1234567890123456789012345 and ask-ABCDEFG1234567890123456",
    "the ratio 4111 1111 1111 1112 fails the check",
    "DE89 3704 0044 0532 0130 01 fails the check",
    "on 2024-05-17 10:22:33, order 20240517102233",
    "123-45-67890 and 000-12-3456 and 900-12-3456",
    "write to someone@example.com or a@b",
    "1234567890123456 items, version 10.20.30.40, 3.14159265358979",
    "https://shop.org/a:b@c and user@host",
    "AKIA is how they begin; BEGIN PRIVATE KEY is not enough",
]


@pytest.mark.parametrize(("what", "value"), [*SECRETS, *PERSONAL])
@pytest.mark.parametrize("around", ["{}", "Here it is:\n{}\nThanks.", "“{}”, he wrote", "my data: {}."])
def test_secrets_and_personal_data_are_found_and_masked(
    what: str, value: str, around: str, tmp_path: Path
) -> None:
    path = put(tmp_path, *GOOD, line(turn("user", around.format(value)), ANSWER))
    report = check(path, Options())
    (problem,) = report.problems
    assert problem.kind.code == ("secret" if (what, value) in SECRETS else "personal-data")
    assert [f.line for f in problem.shown] == [61]
    assert what in problem.shown[0].text
    if what != "a private key":  # its first line is no secret
        for form in (report.as_text(), report.as_markdown(), json.dumps(report.as_json())):
            assert value not in form


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_a_secret_is_let_be(text: str, tmp_path: Path) -> None:
    assert found(check(put(tmp_path, *GOOD, line(turn("user", text), ANSWER)), Options())) == {}


def test_a_secret_in_a_broken_line_is_found_too(tmp_path: Path) -> None:
    got = found(check(put(tmp_path, *GOOD, b'{"messages": [ghp_' + b"a1B2" * 9), Options()))
    assert got == {"not-json": [61], "secret": [61]}


def test_luhn_by_hand() -> None:
    # 79927398713, the example of the patent: from the right 3 1*2 7 8*2 9 3*2 7 2*2 9 9*2 7
    # = 3 + 2 + 7 + (16-9) + 9 + 6 + 7 + 4 + 9 + (18-9) + 7 = 70
    assert luhn([7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 3])
    assert not luhn([7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 4])


def test_a_token_estimate_by_hand() -> None:
    # Hi, 5!  H 338, i 217, comma 510, space 144, 5 959, ! 510: 2678 thousandths
    assert tokens.estimate("Hi, 5!") == pytest.approx(2.678)


def test_token_estimates_are_near_true_counts() -> None:
    """Counted with o200k_base; single texts stray, the sum must not."""
    rows = json.loads((ROOT / "tests" / "reference_tokens.json").read_text())
    estimated = sum(tokens.estimate(row["text"]) for row in rows)
    true = sum(row["o200k_base"] for row in rows)
    assert 0.9 < estimated / true < 1.1


def jaccard(a: str, b: str) -> float:
    """Of the word pairs as documented: pairs of neighbours, and the last word alone."""
    x, y = ({*zip(t.split(), [*t.split()[1:], ""], strict=True)} for t in (a, b))
    return len(x & y) / len(x | y)


def test_minima_agree_as_often_as_word_pairs_do() -> None:
    """Over 200 pairs of texts of 60 words, 0 to 12 of them changed, the mean error of 64 minima is below 0.06
    (its standard deviation at 0.5 is sqrt(0.25 / 64) = 0.0625, so the mean of its size is 0.05)."""
    drawn, errors = random.Random(11), []
    for _ in range(200):
        words = [f"{drawn.choice(WORDS)}{drawn.randrange(500)}" for _ in range(60)]
        changed = [w if drawn.random() > 0.1 else f"new{drawn.randrange(10**6)}" for w in words]
        one, two = " ".join(words), " ".join(changed)
        raw = (one + "\x1e" + two.upper() + "\x1e").encode()
        letters = np.frombuffer(raw, np.uint8)
        minima, _, _ = Sketcher().sketch(letters, np.array([0, len(one) + 1]))
        errors.append(abs(float((minima[0] == minima[1]).mean()) - jaccard(one, two)))
    assert sum(errors) / len(errors) < 0.06


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Wann öffnet der Laden am Sonntag?", "wann öffnet der laden, am sonntag"),
        ("the shop’s hours “today”", "the shop's hours today"),
        ("店は何時に開きますか、今日", "店は何時に開きますか 今日"),
    ],
)
def test_case_and_punctuation_do_not_count(one: str, two: str) -> None:
    raw = [t.encode() + b"\x1e" for t in (one, two)]
    minima, bands, worded = Sketcher().sketch(
        np.frombuffer(b"".join(raw), np.uint8), np.array([0, len(raw[0])])
    )
    assert worded.all()
    assert (bands[0] == bands[1]).all()
    assert (minima[0] == minima[1]).all()


@pytest.mark.parametrize(
    "part", ["role", "content", "name", "weight", "tool_calls", "function_call", "tool_call_id"]
)
@pytest.mark.parametrize(
    "deep", [b"[" * 1000 + b"]" * 1000, b'{"type":' * 1000 + b"1" + b"}" * 1000, b"[" * 90_000, b"9" * 5000]
)
def test_depth_and_size_of_a_value_do_no_harm(part: str, deep: bytes, tmp_path: Path) -> None:
    rows = [
        b'{"messages": [{"role": "%s", "%s": %s}]}' % (r, part.encode(), deep)
        for r in (b"user", b"assistant", b"tool")
    ]
    inner = b'{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": %s}]}]}' % deep
    path = put(tmp_path, *rows, deep, inner)
    assert check(path, Options(test=path)).figures.examples == 0


def test_progress_is_shown_on_a_terminal_only(tmp_path: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for out, shown in ((Terminal(), True), (io.StringIO(), False)):
        with Bar(out) as bar:
            check(put(tmp_path, *GOOD), Options(), bar)
        assert ("Reading: 100%" in out.getvalue()) == shown
        assert out.getvalue().endswith("\r\x1b[K" if shown else "")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["messages", "role", "content", "tool_calls", "function", "name", "type", "id", "arguments", "weight", "tools", "text", "image_url", "prompt", "input"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip
almost_messages = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant", "tool", "function"]) | json_values},
        optional={"content": st.text(max_size=20) | json_values, "tool_calls": st.lists(json_values, max_size=2), "function_call": json_values, "weight": json_values},
    ),
    max_size=4,
)  # fmt: skip
any_line = st.one_of(
    st.binary(max_size=40),
    json_values.map(lambda v: json.dumps(v).encode()),
    almost_messages.map(lambda m: json.dumps({"messages": m}).encode()),
    st.sampled_from(GOOD),
)


@given(st.lists(any_line, max_size=8).map(b"\n".join) | st.binary(max_size=300), st.booleans())
@hypothesis_settings(max_examples=150)
def test_it_never_raises_on_any_bytes(content: bytes, as_test_too: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "data"
        path.write_bytes(content)
        if content.startswith(lines_module.GZIP):
            return
        report = check(path, Options(test=path if as_test_too else None))
        assert report.as_text()
        assert report.as_markdown()
        json.dumps(report.as_json())
        assert report.figures.faulty_lines <= max(1, report.figures.lines)


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["yes", "no", "perhaps"])), min_size=12, max_size=60
    ),
    st.sampled_from([0.1, 0.25, 0.5]),
    st.randoms(use_true_random=False),
)
@hypothesis_settings(max_examples=40)
def test_a_split_is_a_partition_that_keeps_like_examples_together(
    drawn: list[tuple[int, str]], share: float, shuffle: random.Random
) -> None:
    rows = [plain(n, a) for n, a in drawn]
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        report = check(put(out, *rows), Options(split=share, out=out))
        assert report.split is not None
        train = (out / "train.jsonl").read_bytes().splitlines()
        held = (out / "validation.jsonl").read_bytes().splitlines()
        assert Counter(train) + Counter(held) == Counter(rows)
        assert (report.split.train_examples, report.split.validation_examples) == (len(train), len(held))
        asked = [{json.loads(r)["messages"][0]["content"] for r in half} for half in (train, held)]
        assert not asked[0] & asked[1]
        shuffle.shuffle(rows)
        with pytest.raises(BadInput, match="exists already"):
            check(put(out, *rows), Options(split=share, out=out))
        assert Counter((out / "validation.jsonl").read_bytes().splitlines()) == Counter(held)
        again = out / "again"
        check(put(out, *rows), Options(split=share, out=again))
        assert Counter((again / "validation.jsonl").read_bytes().splitlines()) == Counter(held)
        assert {p.name for p in again.iterdir()} == {"train.jsonl", "validation.jsonl"}


def test_a_split_keeps_the_labels_shares(tmp_path: Path) -> None:
    """200 yes and 100 no, all different; a tenth of each is 20 and 10."""
    rows = [plain(n, "yes" if n % 3 else "no") for n in range(300)]
    report = check(put(tmp_path, *rows), Options(split=0.1, out=tmp_path))
    held = (tmp_path / "validation.jsonl").read_bytes().splitlines()
    said = Counter(json.loads(r)["messages"][1]["content"] for r in held)
    assert said == {"yes": 20, "no": 10}
    assert report.split is not None
    assert report.split.labels_without_validation == 0


def test_near_duplicates_stay_on_one_side(tmp_path: Path) -> None:
    """30 pairs that differ by a question mark; whatever the hash says, no pair is parted."""
    asked = [json.loads(plain(n))["messages"][0]["content"] for n in range(30)]
    rows = [
        line(turn("user", a + end), turn("assistant", f"{a}{end} it is")) for a in asked for end in ("", " ?")
    ]
    check(put(tmp_path, *rows), Options(split=0.3, out=tmp_path))
    held = (tmp_path / "validation.jsonl").read_bytes().splitlines()
    stems = Counter(json.loads(r)["messages"][0]["content"].removesuffix(" ?") for r in held)
    assert len(held) == 18  # 0.3 of 60
    assert set(stems.values()) == {2}


@pytest.mark.parametrize("count", [1, 2, 3, 7, 50])
def test_ranges_give_every_line_once(count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "BLOCK", 64)
    rows = [b"a" * (n * 7 % 90) for n in range(40)]
    for end in (b"\n", b"", b"\n\n"):
        path = put(tmp_path, *rows, end=end)
        size = path.stat().st_size
        got = [
            row for part in ranges(Source(path), size, count) for block in blocks(part) for row in block.lines
        ]
        assert got == path.read_bytes().removesuffix(b"\n").split(b"\n")


def test_several_processes_find_the_same(tmp_path: Path) -> None:
    """3 MB with problems all over: the report of three processes is that of one."""
    rows = [plain(n) for n in range(9500)]
    for n in range(0, 9500, 700):
        rows[n] = BROKEN_LINES[n // 700 % len(BROKEN_LINES)][1]
    rows += [rows[50], rows[4000], line(USER, turn("assistant", "ghp_" + "a1B2" * 9))]
    path = put(tmp_path, *rows)
    assert path.stat().st_size > 3 << 20
    alone, together = (check(path, Options(jobs=jobs)).as_json() for jobs in (1, 3))
    assert alone == together
    assert alone["figures"]["lines"] == 9503


def test_more_buckets_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, *GOOD, *GOOD[:7], BROKEN_LINES[-1][1])
    one = check(path, Options(test=path)).as_json()
    monkeypatch.setattr("agent.dataset.check.buckets_for", lambda size: 16)
    assert check(path, Options(test=path)).as_json() == one
    # 800 MB at 400 bytes a line are 2 million examples with 10 records each: 19 buckets of 2**20, made 32
    assert buckets_for(800_000_000) == 32


# the command


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["check-dataset", *map(str, args)])


def test_the_answer_comes_first_and_the_next_step_last(tmp_path: Path) -> None:
    done = run(put(tmp_path, *GOOD, b"17", line(USER)))
    first, *_, last = done.output.strip().splitlines()
    assert first == "Not ready: 2 kinds of errors in 2 of 62 lines, no warnings."
    assert last.startswith("Next: ")
    assert "line 61: the line is a number; it must be an object with “messages”" in done.output
    assert done.exit_code == 1


def test_warnings_alone_leave_the_file_ready(tmp_path: Path) -> None:
    done = run(put(tmp_path, *GOOD, GOOD[0]), "--format", "markdown")
    assert done.exit_code == 0
    assert "**Ready: 61 examples, no errors, 1 kind of warnings.**" in done.output


def test_the_report_for_programs(tmp_path: Path) -> None:
    done = run(put(tmp_path, *GOOD, b"17"), "--format", "json")
    told = json.loads(done.output)
    assert told["ready"] is False
    assert told["problems"][0]["code"] == "not-object"
    assert told["problems"][0]["findings"] == [
        {"line": 61, "text": "the line is a number; it must be an object with “messages”"}
    ]


def test_nothing_is_split_while_there_are_errors(tmp_path: Path) -> None:
    done = run(put(tmp_path, *GOOD, b"17"), "--split", "0.1", "--out", tmp_path / "halves")
    assert done.exit_code == 1
    assert "Nothing was split" in done.output
    assert not (tmp_path / "halves").exists()


def command(*args: str | Path) -> list[str]:
    return [sys.executable, "-c", "from agent.cli import main; main()", "check-dataset", *map(str, args)]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["missing.jsonl"], "There is no file missing.jsonl"),
        (["."], "is a folder"),
        (["pyproject.toml", "--split", "0.1"], "A split needs both"),
        (["pyproject.toml", "--split", "0.9", "--out", "x"], "0.9 is not in the range"),
        (["pyproject.toml", "--test", "missing.jsonl"], "There is no file missing.jsonl"),
    ],
)
def test_bad_usage_is_a_sentence_and_exit_2(args: list[str], said: str) -> None:
    done = subprocess.run(command(*args), capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_a_pipe_is_read_like_a_file() -> None:
    done = subprocess.run(
        command("/dev/stdin"), input=b"\n".join([*GOOD, b"17"]), capture_output=True, cwd=ROOT, check=False
    )
    assert "line 61" in done.stdout.decode()
    assert done.returncode == 1


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_leaves_nothing_behind(jobs: str, tmp_path: Path) -> None:
    temporary, out = tmp_path / "temporary", tmp_path / "out"
    temporary.mkdir()
    path = put(tmp_path, *GOOD * 20_000)
    process = subprocess.Popen(
        command(path, "--jobs", jobs, "--split", "0.1", "--out", out),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until = time.monotonic() + 20
    while not any(p.name.endswith(".rows") for p in temporary.rglob("*")) and time.monotonic() < until:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert b"Traceback" not in err
    assert list(temporary.iterdir()) == []
    assert not out.exists()
