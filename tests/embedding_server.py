"""A server on the loopback interface that speaks OpenAI's Embeddings protocol, and fails when told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.test_index import Letters

KEY = "sk-test-embedding-0123456789"


@dataclass
class EmbeddingServer:
    """What it was asked, and how it answers: letter counts, `numbers` of them, or a fault."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    fault: str = ""
    numbers: int = 26


@contextmanager
def embedding_server() -> Iterator[EmbeddingServer]:
    state = EmbeddingServer()

    class Bound(_Handler):
        server_state = state

    http = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
    http.daemon_threads = True
    state.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        http.shutdown()
        http.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_state: EmbeddingServer

    def log_message(self, format: str, *args: Any) -> None:
        return

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        state = self.server_state
        state.requests.append(body)
        if self.path != "/v1/embeddings":
            return self._send(404, {"error": {"message": "no such path"}})
        if state.fault == "key" or self.headers["Authorization"] != f"Bearer {KEY}":
            return self._send(401, {"error": {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}})  # fmt: skip
        if state.fault in ("500", "404", "400"):
            return self._send(int(state.fault), {"error": {"message": "no", "code": None}})
        if state.fault == "html":
            return self._send(200, "<html>a page</html>", "text/html")
        self._send(200, self._answer(body))

    def _answer(self, body: dict[str, Any]) -> dict[str, Any]:
        state = self.server_state
        rows = Letters().encode(body["input"])[:, : state.numbers].tolist()
        data = [{"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(rows)]
        if state.fault == "fewer":
            data = data[:-1]
        if state.fault == "ragged":
            data[0]["embedding"] = [1.0]
        if state.fault == "zero":
            data[0]["embedding"] = [0.0] * state.numbers
        if state.fault == "text":
            data[0]["embedding"] = "not numbers"
        used = sum(len(text) // 4 for text in body["input"])
        return {
            "object": "list", "data": data[::-1], "model": body["model"], "usage": {"prompt_tokens": used, "total_tokens": used},
        }  # fmt: skip

    def _send(self, status: int, told: Any, kind: str = "application/json") -> None:
        raw = (told if isinstance(told, str) else json.dumps(told)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
