"""A web server on loopback that serves what the open web serves: good pages, moved ones, slow, endless and broken ones."""

from __future__ import annotations

import gzip
import io
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: A page as publishers make them: navigation, a banner, an advert, scripts, a share bar, and the text among them.
ARTICLE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>When to train | A Site</title>
<script>document.write("SCRIPTED")</script><style>p{{color:red}}</style></head><body>
<a href="#main">Skip to content</a><nav><ul><li><a href="/a">Products</a></li><li><a href="/b">Pricing page</a></li></ul></nav>
<div class="banner">New: does your brand show up? Free 60-second check →</div>
<main id="main"><article><h1>When to train a model</h1>
<p>Training pays when one narrow task is asked for very many times and the form of the answer never changes.</p>
<h2>What it costs</h2><p>{cost} Teams tend to forget the hours that go into collecting and checking the examples.</p>
<div class="ad"><p>Build prompts in one click with our studio.</p><p>Free 14 days, no card.</p></div>
<h2>What it cannot do</h2><p>Training does not teach facts that can be relied upon; a search over documents is the better way for those.</p>
<pre><code># a comment, not a heading
train(model)</code></pre></article></main>
<aside><h3>Related products</h3><a href="/x">Buy the course</a></aside>
<div class="share">Share Facebook LinkedIn Copy link</div><footer>Copyright, terms, privacy</footer></body></html>"""

MARKDOWN = "# Guide to tuning\n\nIntroductory words on [tuning](https://example.org/t).\n\n## Data\n\nFifty **good** examples beat a thousand poor ones.\n"
MDX = 'import { Callout } from "nextra"\n\n# Self-consistency\n\n<Callout type="info" emoji="x">\nSample several answers and take the **majority**.\n</Callout>\n\n## Example\n\nWhen I was six, my sister was three.\n'


def article(cost: str = "A run is paid by the token.") -> bytes:
    return ARTICLE.format(cost=cost).encode()


def pdf(*pages: str) -> bytes:
    """A small PDF, a line of text for each line of a page."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, page in enumerate(pages):
        lines = "".join(
            f"({line.translate({40: None, 41: None})}) Tj 0 -14 Td\n" for line in page.split("\n")
        )
        stream = f"BT /F1 11 Tf 50 780 Td\n{lines}ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 840] /Contents {5 + 2 * i} 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    return written_pdf(objects)


def written_pdf(objects: list[str]) -> bytes:
    """Objects, from number 1, as a PDF file."""
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    return out + f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF".encode()  # fmt: skip


def tar_gz(files: dict[str, bytes], top: str = "repo-main/") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(top + name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return held.getvalue()


def zipped(files: dict[str, bytes], top: str = "repo-main/") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(top + name, data)
    return held.getvalue()


#: Packed here once: a busy machine would take the fetch's whole time to pack it.
BOMB = gzip.compress(bytes(20_000_000))

Serve = Callable[["Handler"], None]


@dataclass
class Web:
    """The running server: `pages` by path, and the requests it saw (time, path, headers)."""

    port: int
    pages: dict[str, Serve] = field(default_factory=dict)
    seen: list[tuple[float, str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.seen if path != "/robots.txt"]

    def page(self, path: str, body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str) -> str:  # fmt: skip
        """Serve a page and return its address; `etag="x"` becomes the header ETag, and is honoured."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}

        def serve(handler: Handler) -> None:
            asked = handler.headers
            if (told.get("etag") and asked.get("If-None-Match") == told["etag"]) or (
                told.get("last-modified") and asked.get("If-Modified-Since") == told["last-modified"]
            ):
                handler.send_response(304)
                handler.end_headers()
                return
            handler.answer(status, body, {"content-type": kind, **told})

        self.pages[path] = serve
        return self.url(path)

    def redirect(self, path: str, target: str, status: int = 301) -> str:
        return self.page(path, b"", status=status, location=target)

    def serve(self, path: str, serve: Serve) -> str:
        self.pages[path] = serve
        return self.url(path)


class Handler(BaseHTTPRequestHandler):
    web: Web

    def do_GET(self) -> None:
        self.web.seen.append((time.monotonic(), self.path, dict(self.headers.items())))
        page = self.web.pages.get(self.path)
        with suppress(BrokenPipeError, ConnectionResetError):
            page(self) if page else self.answer(404, b"not here", {})

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def endless(handler: Handler) -> None:
    """A body without end."""
    handler.send_response(200)
    handler.send_header("content-type", "text/html")
    handler.end_headers()
    while True:
        handler.wfile.write(b"<p>more</p>" * 6_000)


def dripping(handler: Handler) -> None:
    """A header that comes a byte at a time: each read is quick, and the whole never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(200):
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.05)


def silent(handler: Handler) -> None:
    """No answer at all, for ten seconds."""
    time.sleep(10)


def gzip_bomb(handler: Handler) -> None:
    """20 MB of nothing in 20 kB."""
    handler.answer(200, BOMB, {"content-type": "text/html", "content-encoding": "gzip"})


@contextmanager
def running() -> Iterator[Web]:
    """The server, while the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    web = Web(server.server_address[1])
    server.RequestHandlerClass = type("Handler", (Handler,), {"web": web})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
