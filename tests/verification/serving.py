"""Real servers on this machine, in threads of the test's own process, on ports that the system chooses."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypercorn.asyncio
import hypercorn.config
import uvicorn

from seatrial.proof import certificate

PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Papers:
    """A certificate and its key as files, for the names of this machine."""

    certificate: Path
    key: Path


def papers(place: Path, *hosts: str, days: int = 90) -> Papers:
    """A certificate of its own authority for these hosts, this machine where none is given."""
    made = certificate.make(hosts or ("localhost", "127.0.0.1"), days=days)
    place.mkdir(parents=True, exist_ok=True)
    (place / "certificate.pem").write_text(made.certificate)
    (place / "key.pem").write_text(made.key)
    return Papers(place / "certificate.pem", place / "key.pem")


def listening(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """A socket that listens."""
    # Said to be TCP, or else asyncio lets small packets wait for one another.
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    made.listen(128)
    return made


@contextlib.contextmanager
def served(
    app: Any, tls: Papers | None = None, place: tuple[str, int] = ("127.0.0.1", 0), old: bool = False
) -> Iterator[str]:
    """The application behind uvicorn (HTTP/1.1), as its URL; with `old`, TLS 1.0 and 1.1 as well."""
    listener = listening(*place)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        ssl_certfile=str(tls.certificate) if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
    )
    config.load()
    if old and config.ssl:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1
        config.ssl.set_ciphers("ALL:@SECLEVEL=0")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        _until(lambda: server.started)
        yield _url(listener, tls)
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        listener.close()


@contextlib.contextmanager
def served_http2(app: Any, tls: Papers) -> Iterator[str]:
    """The application behind Hypercorn, which speaks HTTP/2 over TLS, as its URL."""
    listener = listening()
    config = hypercorn.config.Config()
    config.bind = [f"fd://{os.dup(listener.fileno())}"]  # it closes what it is given
    config.certfile, config.keyfile = str(tls.certificate), str(tls.key)
    config.alpn_protocols = ["h2"]
    config.include_server_header = False
    config.errorlog = None
    config.graceful_timeout = 0.1
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def run() -> None:
        await hypercorn.asyncio.serve(app, config, shutdown_trigger=ended.wait)

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    try:
        yield _url(listener, tls)
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(PATIENCE_S)
        listener.close()


def _url(listener: socket.socket, tls: Papers | None) -> str:
    host, port = listener.getsockname()
    return f"{'https' if tls else 'http'}://{host}:{port}"


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("the server did not start")
        time.sleep(0.005)
