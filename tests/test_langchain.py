"""Rung from LangChain: the docs' code runs, and tracing is off unless its variables turn it on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agent.advisor import Advisor
from agent.errors import BadInput
from agent.runnable import as_runnable
from tests.model_server import model_server

ROOT = Path(__file__).parents[1]
PIECES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "langchain.md").read_text(), re.DOTALL)


def run(code: str, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, cwd=ROOT, timeout=300, env={**os.environ, **environment},
    ).stdout  # fmt: skip


def test_the_retriever_of_the_docs_finds_passages(data_dir: Path) -> None:
    lines = run(PIECES[0]).splitlines()
    assert len(lines) == 3 and all(re.match(r"[a-z0-9-]+#[a-z0-9-]+ · \w", line) for line in lines)


def test_the_runnable_of_the_docs_advises(data_dir: Path, tmp_path: Path) -> None:
    question, advice = run(PIECES[1], RUNG_DATABASE_URL=f"sqlite:///{tmp_path / 's.db'}").splitlines()
    assert question.endswith("?") and advice.startswith("1 ")


def test_a_runnable_needs_a_thread(advisor: Advisor) -> None:
    with pytest.raises(BadInput, match="thread_id"):
        as_runnable(advisor).invoke("hello")


CALL = """
from agent.model.chat import Model
from agent.settings import ModelSettings
import sys
print(Model(ModelSettings(name="m", base_url=sys.argv[1])).text([("user", "hello")])[0])
from langchain_core.tracers.langchain import wait_for_all_tracers
wait_for_all_tracers()
"""


@pytest.mark.parametrize("traced", [False, True])
def test_tracing_is_off_unless_its_variables_are_set(traced: bool) -> None:
    seen = threading.Event()

    class Tracer(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.set()
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

    tracer = ThreadingHTTPServer(("127.0.0.1", 0), Tracer)
    threading.Thread(target=tracer.serve_forever, daemon=True).start()
    variables = {
        "LANGSMITH_ENDPOINT": f"http://127.0.0.1:{tracer.server_address[1]}",
        "LANGSMITH_API_KEY": "ls-test",
    }
    with model_server() as server:
        told = subprocess.run(
            [sys.executable, "-c", CALL, server.url],
            capture_output=True, text=True, check=True, cwd=ROOT, timeout=60,
            env={**os.environ, **variables, **({"LANGSMITH_TRACING": "true"} if traced else {})},
        )  # fmt: skip
    tracer.shutdown()
    tracer.server_close()
    assert told.stdout.strip() == "Hello."
    assert seen.is_set() == traced
