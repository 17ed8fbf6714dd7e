"""Lets a real Chromium ask, through a real page on each origin: browsers are who enforce CORS.

The pages are served on this machine. Chromium is told where their names are, and that no other name exists but the
server's own, so that nobody else is asked.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import ssl
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from seatrial.proof import certificate
from seatrial.verification.exchange import Headers
from seatrial.verification.probe import Unclear

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PATIENCE_MS = 20_000
_PAGE = b"<!doctype html><title>seatrial</title>"
_ASK = """async ([url, headers]) => {
  try { return String((await fetch(url, {headers, credentials: "include"})).status); }
  catch (error) { return String(error); }
}"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page of `origin` came to: the status that it could read, or the browser's refusal."""

    origin: str
    said: str

    @property
    def readable(self) -> bool:
        """Whether the page could read the answer."""
        return self.said.isdigit()


def ask_from(origins: Sequence[str], url: str, headers: Headers) -> tuple[Asked, ...]:
    """What a page of each origin can read of `url`, asking with these headers. Raises Unclear without a browser."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise Unclear("playwright is not installed", "pip install 'seatrial[browser]'") from None
    with _pages(origins) as rules:
        hidden = f"MAP * ~NOTFOUND, EXCLUDE {urlsplit(url).hostname}"
        arguments = [f"--host-resolver-rules={', '.join((*rules, hidden))}", "--no-proxy-server"]
        arguments += ["--disable-background-networking", "--disable-component-update"]
        arguments += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        found = next(filter(None, map(shutil.which, PROGRAMS)), None)
        try:
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=found, args=arguments, timeout=3 * PATIENCE_MS)
                context = browser.new_context(ignore_https_errors=True)  # of the pages; the server's are checked before
                context.set_default_timeout(PATIENCE_MS)
                told = []
                for origin in origins:
                    page = context.new_page()
                    page.goto(f"{origin}/")
                    told.append(Asked(origin, str(page.evaluate(_ASK, [url, dict(headers)]))))
                browser.close()
                return tuple(told)
        except Error as error:
            said = str(error).strip().split("\n", 1)[0][:200]
            raise Unclear(f"the browser does not do it: {said}", "a Chromium on this machine") from None


@contextlib.contextmanager
def _pages(origins: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Serve an empty page on each origin; yields where the browser finds their names."""
    hosts = [urlsplit(it).hostname or "" for it in origins]
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        papers = _papers(Path(folder), hosts)
        ports = {secure: stack.enter_context(_serving(papers if secure else None)) for secure in (True, False)}
        yield tuple(_rule(it, ports[it.startswith("https:")]) for it in origins)


def _rule(origin: str, port: int) -> str:
    parts = urlsplit(origin)
    usual = 443 if parts.scheme == "https" else 80
    return f"MAP {parts.hostname}:{parts.port or usual} 127.0.0.1:{port}"


def _papers(folder: Path, hosts: Sequence[str]) -> ssl.SSLContext:
    made = certificate.make(hosts)
    (folder / "certificate.pem").write_text(made.certificate)
    (folder / "key.pem").write_text(made.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


@contextlib.contextmanager
def _serving(papers: ssl.SSLContext | None) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    if papers:
        server.socket = papers.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


class _Page(BaseHTTPRequestHandler):
    """The same empty page for every path."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(_PAGE)))
        self.end_headers()
        self.wfile.write(_PAGE)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""
