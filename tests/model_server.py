"""A server on the loopback interface that speaks Chat Completions as OpenAI does, and fails in every way we know of."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-test-0123456789abcdef"


@dataclass(frozen=True)
class Fault:
    """One way to fail. `after` is what Retry-After asks for."""

    kind: str
    after: str = ""


#: What a test queues: text or JSON to answer with, or a fault.
Answer = str | dict[str, Any] | Fault

#: Every fault, by the kind of `agent/model/faults.py` that it must come out as. A stream that is cut looks to the client
#: like a connection that is lost.
FAULTS = {
    "busy": "busy",
    "quota": "quota",
    "server": "server",
    "overloaded": "server",
    "hangs": "late",
    "trickles": "late",
    "closes": "unreachable",
    "half a body": "unreachable",
    "no json": "malformed",
    "html": "malformed",
    "cut json": "malformed",
    "wrong shape": "malformed",
    "refusal": "refused",
    "filtered": "refused",
    "no choices": "empty",
    "no content": "empty",
    "length": "endless",
    "stream cut": "unreachable",
    "wrong key": "key",
    "unknown model": "unknown_model",
    "too long": "too_long",
    "bad request": "bad_request",
    "no structure": "unsupported",
}

#: The faults that only a deadline ends. What else goes wrong ends by itself, on a busy machine too, if it is given time.
ENDLESS = ("hangs", "trickles")


def seconds_for(name: str) -> float:
    """The model's seconds in a turn that meets this fault: few where they have to run out, plenty where they must not."""
    return 1.0 if name in ENDLESS else 60.0


_STATUS: dict[str, tuple[int, dict[str, Any]]] = {
    "busy": (429, {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}),
    "quota": (429, {"message": "You exceeded your quota: insufficient_quota", "code": "insufficient_quota"}),
    "server": (500, {"message": "The server had an error", "type": "server_error"}),
    "overloaded": (503, {"message": "overloaded", "type": "server_error"}),
    "wrong key": (401, {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}),
    "unknown model": (404, {"message": "The model `x` does not exist", "code": "model_not_found"}),
    "too long": (400, {"message": "This model's maximum context length is 8192 tokens", "code": "context_length_exceeded"}),
    "bad request": (400, {"message": "Unknown parameter: 'frobnicate'", "type": "invalid_request_error"}),
    "no structure": (400, {"message": "response_format and tools are not supported here"}),
}  # fmt: skip


@dataclass
class ModelServer:
    """What it was asked, and what it will answer: the queue first, then `answer`."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    queue: list[Answer] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], Answer] = lambda _: "Hello."
    supports: tuple[str, ...] = ("json_schema", "tools", "json")
    sends_usage: bool = True
    streams: bool = True
    counts_schemas: bool = False
    closed_by_client: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, *answers: Answer) -> None:
        self.queue.extend(answers)

    def next(self, body: dict[str, Any]) -> Answer:
        with self.lock:
            self.requests.append(body)
            if self.queue:
                return self.queue.pop(0)
        return self.answer(body)


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """A server on a free port, until the block ends."""
    state = ModelServer()

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
        state.stopping.set()
        http.shutdown()
        http.server_close()
        thread.join(5)


def refused_url() -> str:
    """An address where nobody listens."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


def wanted_way(body: dict[str, Any]) -> str:
    """How the request asks for its answer: json_schema, tools, json or text."""
    if body.get("tools"):
        return "tools"
    form = body.get("response_format") or {}
    return {"json_schema": "json_schema", "json_object": "json"}.get(form.get("type", ""), "text")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_state: ModelServer

    def log_message(self, format: str, *args: Any) -> None:
        return

    def do_GET(self) -> None:
        self._json(200, {"object": "list", "data": [{"id": "m", "object": "model"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        state = self.server_state
        state.keys.append(self.headers.get("Authorization", ""))
        answer = state.next(body)
        way = wanted_way(body)
        try:
            if isinstance(answer, Fault):
                self._fail(answer, body)
            elif way not in (*state.supports, "text"):
                self._json(400, {"error": {"message": f"{way}: response_format / tools not supported"}})
            else:
                self._message(_message(answer, body), body)
        except (BrokenPipeError, ConnectionResetError):
            state.closed_by_client.set()

    # -- answers --------------------------------------------------------------------------------------------------

    def _message(
        self, message: dict[str, Any], body: dict[str, Any], reason: str = "", cut: bool = False
    ) -> None:
        reason = reason or ("tool_calls" if message.get("tool_calls") else "stop")
        usage = {
            "prompt_tokens": self._tokens_in(body),
            "completion_tokens": len(json.dumps(message)) // 4,
            "prompt_tokens_details": {"cached_tokens": 8},
        }
        usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
        head = {"id": "chatcmpl-1", "created": 1, "model": body["model"]}
        if not body.get("stream") or not self.server_state.streams:
            choice = {"index": 0, "message": message, "finish_reason": reason}
            told = {"usage": usage} if self.server_state.sends_usage else {}
            return self._json(200, {**head, "object": "chat.completion", "choices": [choice], **told})
        self._open_stream()
        text = message.get("content") or ""
        pieces: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        if message.get("refusal"):
            pieces.append({"refusal": message["refusal"]})
        pieces += [{"content": text[i : i + 24]} for i in range(0, len(text), 24)]
        if message.get("tool_calls"):
            pieces.append({"tool_calls": [{"index": 0, **message["tool_calls"][0]}]})
        if cut:
            pieces = pieces[: len(pieces) // 2 + 1]
        chunk = {**head, "object": "chat.completion.chunk"}
        for piece in pieces:
            self._event({**chunk, "choices": [{"index": 0, "delta": piece, "finish_reason": None}]})
        if cut:
            self.close_connection = True
            self.connection.close()
            return None
        self._event({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        if body.get("stream_options", {}).get("include_usage") and self.server_state.sends_usage:
            self._event({**chunk, "choices": [], "usage": usage})
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")
        return None

    def _tokens_in(self, body: dict[str, Any]) -> int:
        """Four characters a token, as an estimate; a provider counts the schema too."""
        counted = [body["messages"]]
        if self.server_state.counts_schemas:
            counted += [body.get("response_format"), body.get("tools")]
        return sum(len(json.dumps(c, ensure_ascii=False)) for c in counted if c) // 4

    def _open_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _event(self, value: dict[str, Any]) -> None:
        self._chunk(f"data: {json.dumps(value)}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _json(self, status: int, value: Any, **headers: str) -> None:
        self._raw(status, json.dumps(value).encode(), "application/json", **headers)

    def _raw(self, status: int, data: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    # -- faults ---------------------------------------------------------------------------------------------------

    def _fail(self, fault: Fault, body: dict[str, Any]) -> None:
        if fault.kind in _STATUS:
            status, error = _STATUS[fault.kind]
            return self._json(
                status, {"error": error}, **({"Retry_After": fault.after} if fault.after else {})
            )
        match fault.kind:
            case "hangs":
                self._hang()
            case "trickles":
                self._trickle()
            case "closes":
                self.close_connection = True
                self.connection.close()
            case "half a body":
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "5000")
                self.end_headers()
                self.wfile.write(b'{"id": "chatcmpl-1", "cho')
                self.close_connection = True
            case "no json":
                self._raw(200, b'{"id": "chatcmpl-1", "choices": [', "application/json")
            case "html":
                self._raw(200, b"<html><body>Log in to the network</body></html>", "text/html")
            case "cut json":
                self._message({"role": "assistant", "content": '{"intent": "answer", "val'}, body)
            case "wrong shape":
                self._message(_message({"surprise": [1, 2, 3]}, body), body)
            case "refusal":
                self._message(
                    {"role": "assistant", "content": None, "refusal": "I can't help with that."}, body
                )
            case "filtered":
                self._message({"role": "assistant", "content": ""}, body, "content_filter")
            case "no choices":
                self._json(
                    200, {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": []}
                )
            case "no content":
                self._message({"role": "assistant", "content": ""}, body)
            case "length":
                self._message({"role": "assistant", "content": '{"intent": "ans'}, body, "length")
            case "stream cut":
                whole = {"role": "assistant", "content": json.dumps({"intent": "answer", "values": []}) * 4}
                if body.get("stream"):
                    self._message(whole, body, cut=True)
                else:
                    self._fail(Fault("half a body"), body)
            case _:
                raise ValueError(fault.kind)

    def _hang(self) -> None:
        """Say nothing until the other side gives up."""
        self.connection.settimeout(0.05)
        for _ in range(600):
            try:
                if self.server_state.stopping.is_set() or self.connection.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.server_state.closed_by_client.set()
        self.close_connection = True

    def _trickle(self) -> None:
        """A byte now and then: no single read ever times out."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        while not self.server_state.stopping.is_set():
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.05)


def _message(answer: Answer, body: dict[str, Any]) -> dict[str, Any]:
    """An answer as a message, in the way it was asked for."""
    if isinstance(answer, str):
        return {"role": "assistant", "content": answer}
    if wanted_way(body) == "tools":
        name = body["tools"][0]["function"]["name"]
        call = {
            "id": "call_1",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(answer)},
        }
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    return {"role": "assistant", "content": json.dumps(answer)}
