"""The house keeps its directions, and nothing heavy is loaded before it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY = {"knowledge": {"knowledge"}, "agent": {"agent", "knowledge"}, "evals": {"evals", "agent", "knowledge"}}
PURE = ["facts", "rubric", "interview", "recommendation"]
#: Pure parts of the Slack front: they know the advisor's replies and no network, clock or database.
PURE_IN_SLACK = ["events", "cards", "views"]


def imported(path: Path) -> set[str]:
    """Top-level names that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("package", MAY)
def test_packages_import_only_downwards(package: str) -> None:
    ours = {"agent", "knowledge", "evals", "prompts", "tests"}
    for path in (ROOT / package).rglob("*.py"):
        used = {name.split(".")[0] for name in imported(path)} & ours
        assert used <= MAY[package], path


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("chromadb", "knowledge/index.py"),
        ("prompt_toolkit", "agent/terminal.py"),
        ("matplotlib", "agent/money/charts.py"),
        ("cryptography", "agent/slack/vault.py"),
        ("httpcore", "knowledge/originals/fetcher.py"),
        ("trafilatura", "knowledge/originals/formats.py"),
        ("pypdf", "knowledge/originals/formats.py"),
        ("docx", "knowledge/originals/formats.py"),
        ("slack_bolt", "agent/slack/app.py"),
        ("prometheus_client", "agent/slack/gauges.py"),
    ],
)
def test_a_library_appears_in_one_place(library: str, home: str) -> None:
    users = {
        str(p.relative_to(ROOT))
        for d in MAY
        for p in (ROOT / d).rglob("*.py")
        if any(n.split(".")[0] == library for n in imported(p))
    }
    assert users == {home}


def test_what_a_report_says_does_not_hang_on_how_it_is_shown() -> None:
    shown = {"rich", "jinja2", "markupsafe", "xml"}
    forms = {"console", "junit", "markdown", "page"}
    for path in (ROOT / "evals" / "report").glob("*.py"):
        if path.stem not in forms:
            names = imported(path)
            assert not {n.split(".")[0] for n in names} & shown, path
            assert not {n.removeprefix("evals.report.") for n in names} & forms, path


def test_only_the_slack_front_and_its_command_know_of_slack() -> None:
    users = {
        p
        for d in MAY
        for p in (ROOT / d).rglob("*.py")
        if any(n.startswith("agent.slack") for n in imported(p))
    }
    assert {str(p.relative_to(ROOT)) for p in users if "slack" not in p.parent.name} == {
        "agent/commands/slack.py"
    }


def test_the_database_is_spoken_to_where_things_are_kept() -> None:
    users = {
        str(p.relative_to(ROOT))
        for d in MAY
        for p in (ROOT / d).rglob("*.py")
        if any(n.split(".")[0] == "sqlalchemy" for n in imported(p))
    }
    assert users == {"agent/sessions.py", "agent/slack/store.py"}


def test_langchain_appears_where_a_model_is_called_and_where_it_is_offered() -> None:
    users = {
        str(p.relative_to(ROOT))
        for d in ("agent", "knowledge")
        for p in (ROOT / d).rglob("*.py")
        if any(n.split(".")[0].startswith(("langchain", "langsmith", "openai")) for n in imported(p))
    }
    assert users <= {
        *(f"agent/model/{name}.py" for name in ("answers", "chat", "embedding", "faults", "probe")),
        "agent/runnable.py",
        "knowledge/retriever.py",
    }


@pytest.mark.parametrize("environment", [{}, {"OPENAI_API_KEY": "sk-test"}])
def test_a_first_question_waits_for_no_langchain(environment: dict[str, str], tmp_path: Path) -> None:
    code = (
        "import sys; from agent.bootstrap import build; from agent.settings import Settings;"
        "advisor, _ = build(Settings.read()); advisor.open('t');"
        "print([m for m in ('langchain_core', 'langchain_openai', 'openai') if m in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, cwd=ROOT,
        env={"PATH": "", "RUNG_DATA_DIR": str(tmp_path), **environment},
    )  # fmt: skip
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("library", "kind", "what"),
    [("trafilatura", "text/html", "HTML"), ("pypdf", "application/pdf", "PDF"), ("docx", "", "DOCX")],
)
def test_without_the_extra_its_name_is_told(library: str, kind: str, what: str) -> None:
    """A file needs its reader; with none installed, the message names what to install."""
    code = (
        f"import sys; sys.modules[{library!r}] = None;"
        "import io, zipfile; held = io.BytesIO(); zipfile.ZipFile(held, 'w').close();"
        "from knowledge.originals import formats;"
        f"formats.READERS[{kind!r} or formats.DOCX](held.getvalue(), '')"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert f"reading {what} needs the extra `originals`: pip install 'rung[originals]'" in told.stderr


def test_the_environment_is_read_in_one_place() -> None:
    users = {
        str(p.relative_to(ROOT)) for p in (ROOT / "agent").rglob("*.py") if "os.environ" in p.read_text()
    }
    assert users == {"agent/settings.py"}


@pytest.mark.parametrize("name", PURE)
def test_the_core_touches_nothing(name: str) -> None:
    allowed = {
        "__future__",
        "collections.abc",
        "datetime",
        "decimal",
        "enum",
        "typing",
        "functools",
        "pydantic",
        "agent.errors",
        "agent.facts",
        "agent.rubric",
        "knowledge.corpus",
        "knowledge.errors",
    }
    assert imported(ROOT / "agent" / f"{name}.py") <= allowed


@pytest.mark.parametrize("name", PURE_IN_SLACK)
def test_slacks_cards_and_events_touch_nothing(name: str) -> None:
    used = imported(ROOT / "agent" / "slack" / f"{name}.py")
    assert not [
        n
        for n in used
        if n.split(".")[0] in ("slack_sdk", "slack_bolt", "sqlalchemy", "aiohttp", "time", "os", "threading")
    ]


@pytest.mark.parametrize(
    "module", ["agent.cli", "agent.advisor", "agent.terminal", "agent.bootstrap", "agent.money.estimate"]
)
def test_nothing_heavy_is_loaded_before_it_is_needed(module: str) -> None:
    code = f"import sys, {module}; print([m for m in ('numpy', 'chromadb', 'bm25s', 'tokenizers', 'prompt_toolkit', 'matplotlib', 'jinja2', 'agent.reading.amounts', 'slack_sdk', 'aiohttp', 'httpcore', 'trafilatura', 'pypdf', 'docx') if m in sys.modules])"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout.strip()
        == "[]"
    )
