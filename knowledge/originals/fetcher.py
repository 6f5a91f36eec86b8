"""Fetching a page politely and safely: allowed hosts alone, never a private address, within limits of time and size.

It speaks through httpcore, the part of httpx that opens connections, since two promises are kept at the socket: the address
that was checked is the one connected to (a second look-up could give another), and no read waits beyond the time of the
whole fetch. Settings of proxies are not read: behind a proxy, fetch with a browser and `rung sources add` the file.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from knowledge.errors import KnowledgeError

try:
    import httpcore
except ImportError as missing:
    raise KnowledgeError("Fetching needs the extra `originals`: pip install 'rung[originals]'.") from missing

AGENT = "rung-sources/0.1 (reads the pages its digests cite; obeys robots.txt)"
_REDIRECTS = {301, 302, 303, 307, 308}
_HOPS = 6


class Refused(Exception):
    """A page that was not fetched; the text says why, for people."""


class Busy(Refused):
    """The host asks for patience; it is not asked again in this run."""


@dataclass(frozen=True)
class Limits:
    """The most that one fetch may take: seconds in all, bytes over the wire, bytes unpacked, seconds of patience at a 429."""

    seconds: float = 90
    wire: int = 25_000_000
    unpacked: int = 60_000_000
    patience: float = 60


@dataclass(frozen=True)
class Fetched:
    """An answer. `status` is 200, 304, 404 or 410; `address` where it came from in the end; `moved_to` is set where every
    step from the one `asked` for was a permanent one."""

    status: int
    address: str
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""
    asked: str = ""


class Fetcher:
    """Fetches pages of `hosts`, at most one request every `pause` seconds to each.

    `loopback_port` lets it reach this machine itself, at that port alone; it is for tests, and nothing but code can set it.
    """

    def __init__(
        self,
        hosts: Iterable[str],
        *,
        pause: float = 1.0,
        limits: Limits | None = None,
        loopback_port: int | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.hosts = frozenset(h.lower() for h in hosts)
        self.limits = limits or Limits()
        self._pause = pause
        self._loopback_port = loopback_port
        self._sleep = sleep
        self._pauses: dict[str, float] = {}
        self._next: dict[str, float] = {}
        self._robots: dict[str, RobotFileParser | str] = {}
        self._busy: dict[str, str] = {}

    def fetch(
        self, url: str, etag: str = "", last_modified: str = "", limits: Limits | None = None
    ) -> Fetched:
        """A page, or word that it is the same (304) or gone (404, 410).

        Raises:
            Refused: it may not or cannot be fetched.
        """
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        address, moved = url, True
        for _ in range(_HOPS):
            self._check_robots(address)
            answer, location = self._patiently(address, headers, limits or self.limits)
            if not location:
                return replace(answer, asked=url, moved_to=answer.address if moved and address != url else "")
            moved = moved and answer.status in (301, 308)
            target = urljoin(address, location).partition("#")[0]
            if address.startswith("https:") and target.startswith("http:"):
                raise Refused(f"it leads from https to http: {target}")
            address = target
        raise Refused(f"it leads on more than {_HOPS} times: a loop?")

    def _patiently(self, url: str, headers: dict[str, str], limits: Limits) -> tuple[Fetched, str]:
        """One request; after a 429 that names a bearable wait, one more."""
        host = self._allowed(url)
        if host in self._busy:
            raise Busy(self._busy[host])
        for attempt in (1, 2):
            answer, location, wait = self._request(url, headers, limits)
            if wait is None:
                return answer, location
            if attempt == 2 or wait > limits.patience:
                break
            self._sleep(wait)
        self._busy[host] = f"{host} asks to wait ({wait:.0f} s); run the same command later"
        raise Busy(self._busy[host])

    def _request(
        self, url: str, headers: dict[str, str], limits: Limits
    ) -> tuple[Fetched, str, float | None]:
        """The answer, where it leads on to, and how many seconds it asks to wait."""
        self._take_turn(urlsplit(url).hostname or "")
        end = time.monotonic() + limits.seconds
        asked: dict[bytes | str, bytes | str] = {
            "User-Agent": AGENT,
            "Accept-Encoding": "gzip",
            "Accept": "*/*",
            "Host": urlsplit(url).netloc,
        }
        asked.update({name: value for name, value in headers.items() if value})
        backend = _Guarded(end, self._loopback_port)
        try:
            with (
                httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=backend) as pool,
                pool.stream("GET", url, headers=asked, extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), 20.0)}) as response,
            ):  # fmt: skip
                return self._answer(url, response, end, limits)
        except (httpcore.TimeoutException, TimeoutError) as error:
            raise Refused(f"it took longer than {limits.seconds:.0f} s, or stopped answering") from error
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
            ValueError,
        ) as error:
            raise Refused(f"the connection failed: {error or type(error).__name__}") from error

    def _answer(
        self, url: str, response: Any, end: float, limits: Limits
    ) -> tuple[Fetched, str, float | None]:
        head = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        status = int(response.status)
        found = Fetched(
            status,
            url,
            b"",
            head.get("content-type", ""),
            head.get("etag", ""),
            head.get("last-modified", ""),
        )
        if status in _REDIRECTS and head.get("location"):
            return found, head["location"], None
        if status in (429, 503) and (status == 429 or "retry-after" in head):
            return found, "", _wait(head.get("retry-after", ""))
        if status in (304, 404, 410):
            return found, "", None
        if status != 200:
            raise Refused(f"the server answered {status}")
        body = b"".join(
            _unpacked(_within(response.iter_stream(), end, limits), head.get("content-encoding", ""), limits)
        )
        return Fetched(status, url, body, found.content_type, found.etag, found.last_modified), "", None

    def _allowed(self, url: str) -> str:
        """The host of an address that may be asked; raises Refused for any other."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise Refused(f"its address cannot be read: {url}") from error
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or parts.username or parts.password:
            raise Refused(f"only plain http and https addresses are fetched, not {url}")
        if host not in self.hosts:
            raise Refused(f"it leads to {host or url}, which is not one of the hosts that the sources name")
        if port not in (None, 80, 443, self._loopback_port):
            raise Refused(f"port {port} is not asked")
        return host

    def _take_turn(self, host: str) -> None:
        now = time.monotonic()
        wait = self._next.get(host, now) - now
        if wait > 0:
            self._sleep(wait)
        self._next[host] = max(now, self._next.get(host, now)) + self._pauses.get(host, self._pause)

    def _check_robots(self, url: str) -> None:
        """Raises Refused where the host's robots.txt forbids the page, or cannot be asked."""
        self._allowed(url)
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc}"
        if place not in self._robots:
            self._robots[place] = self._read_robots(place)
        rules = self._robots[place]
        if isinstance(rules, str):
            raise Refused(rules)
        if not rules.can_fetch(AGENT, url):
            raise Refused("its robots.txt asks that this page is not fetched")
        delay = rules.crawl_delay(AGENT)
        if delay:
            self._pauses[parts.hostname or ""] = max(self._pause, min(float(delay), 30.0))

    def _read_robots(self, place: str) -> RobotFileParser | str:
        rules, address = RobotFileParser(), f"{place}/robots.txt"
        limits = Limits(seconds=20, wire=500_000, unpacked=500_000, patience=self.limits.patience)
        try:
            for _ in range(_HOPS):
                answer, location = self._patiently(address, {}, limits)
                if not location:
                    rules.parse(answer.body.decode("utf-8", "replace").splitlines())
                    return rules
                address = urljoin(address, location)
        except Refused as reason:
            if "answered 4" not in str(reason):
                return f"its robots.txt could not be asked: {reason}"
        rules.parse([])
        return rules


class _Guarded(httpcore.NetworkBackend):
    """Connects to public addresses alone, each the very one that was checked, and reads until `end` at the latest."""

    def __init__(self, end: float, loopback_port: int | None) -> None:
        self._end = end
        self._loopback_port = loopback_port

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:  # fmt: skip
        backend = httpcore.SyncBackend()
        failure: Exception = OSError(f"{host} has no address")
        addresses = self._addresses(host, port)
        for address in addresses:
            try:
                stream = backend.connect_tcp(
                    address, port, min(timeout or 20.0, 10.0), local_address, socket_options
                )
                return _Timed(stream, self._end)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            rows = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Refused(f"{host} cannot be found: {error}") from error
        found = list(dict.fromkeys(str(row[4][0]) for row in rows))
        for address in found:
            if not (is_public(address) or self._is_own_test(address, port)):
                raise Refused(f"{host} is at {address}, which is not a public address")
        return found

    def _is_own_test(self, address: str, port: int) -> bool:
        return port == self._loopback_port and ipaddress.ip_address(address).is_loopback

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise Refused("sockets of this machine are not asked")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _Timed(httpcore.NetworkStream):
    """A stream on which no wait goes beyond `end`."""

    def __init__(self, stream: httpcore.NetworkStream, end: float) -> None:
        self._stream = stream
        self._end = end

    def _left(self, timeout: float | None) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time is up")
        return min(timeout or left, left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, self._left(timeout)), self._end)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def is_public(address: str) -> bool:
    """Is this an address of the open internet? An IPv6 address that wraps an IPv4 one is judged by that."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _within(chunks: Iterable[bytes], end: float, limits: Limits) -> Iterator[bytes]:
    """The chunks, while the limits hold."""
    taken = 0
    for chunk in chunks:
        taken += len(chunk)
        if taken > limits.wire:
            raise Refused(f"it is larger than {limits.wire:,} bytes")
        if time.monotonic() > end:
            raise httpcore.ReadTimeout("the time is up")
        yield chunk


def _unpacked(chunks: Iterable[bytes], encoding: str, limits: Limits) -> Iterator[bytes]:
    """The chunks unpacked, while what comes out stays within the limit."""
    if encoding.lower() not in ("", "identity", "gzip", "x-gzip"):
        raise Refused(f"it is packed as {encoding}, which was not asked for")
    if not encoding.lower().endswith("gzip"):
        yield from chunks
        return
    unpacker, room = zlib.decompressobj(wbits=31), limits.unpacked
    try:
        for chunk in chunks:
            out = unpacker.decompress(chunk, room + 1)
            room -= len(out)
            if room < 0:
                raise Refused(f"it unpacks to more than {limits.unpacked:,} bytes")
            yield out
    except zlib.error as error:
        raise Refused(f"it cannot be unpacked: {error}") from error
    if not unpacker.eof:
        raise Refused("it cannot be unpacked: it ends too early")


def _wait(told: str) -> float:
    """Seconds that a Retry-After asks for; five where it says nothing."""
    try:
        return max(0.0, float(told))
    except ValueError:
        try:
            return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
        except (ValueError, TypeError):
            return 5.0
