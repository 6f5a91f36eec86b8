"""A real PostgreSQL for a test run: its own folder, loopback only, gone afterwards.

It takes the server that Debian's package `postgresql` installs; `.ci/run` installs it where it is missing.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MISSING = "PostgreSQL's server is not installed: apt-get install postgresql (as .ci/run does)"


def server() -> Path | None:
    """The folder with `initdb` and `postgres`; None when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def postgres() -> Iterator[str]:
    """A running server with an empty database; its URL. PostgreSQL refuses to run as root, so root borrows a user."""
    programs = server()
    if programs is None:
        raise FileNotFoundError(MISSING)
    user = _other_user() if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="rung-pg-"))
    try:
        if user:
            shutil.chown(folder, user)
        as_user = {"user": user, "cwd": folder} if user else {"cwd": folder}
        subprocess.run(
            [programs / "initdb", "-D", folder / "data", "-U", "rung", "-A", "trust", "-E", "UTF8", "-N"],
            check=True, capture_output=True, timeout=120, **as_user,  # type: ignore[call-overload]
        )  # fmt: skip
        port = _free_port()
        options = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": str(folder),
                   "max_connections": "200", "fsync": "off", "full_page_writes": "off"}  # fmt: skip
        told = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            running = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", *told], stdout=log, stderr=log, **as_user
            )  # type: ignore[call-overload]
        try:
            _wait(programs, port)
            yield f"postgresql+psycopg://rung@127.0.0.1:{port}/postgres"
        finally:
            running.send_signal(signal.SIGINT)  # a fast shutdown
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _other_user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(programs: Path, port: int) -> None:
    deadline = time.monotonic() + 60
    ready = [
        programs / "pg_isready",
        "-q",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-U",
        "rung",
        "-d",
        "postgres",
    ]
    while subprocess.run(ready, check=False).returncode:
        if time.monotonic() > deadline:
            raise TimeoutError("PostgreSQL did not start within a minute")
        time.sleep(0.1)
