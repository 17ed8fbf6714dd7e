"""Advisories of what is pinned: looked up where their source can be reached, and said plainly where it cannot.

That they would be found is tried on a source of our own, which speaks OSV's protocol.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.parts.programs import free_port
from tests.parts.service import ROOT

# Without those that only other platforms or releases of Python want.
PINNED = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+) \\$", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
CLEAN, VULNERABLE, UNREACHED = 0, 1, 3


def look_up(*source: str) -> tuple[int, str]:
    """How it ended, and what it said."""
    command = [sys.executable, "tools/advisories.py", *source]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert not done.stderr
    return done.returncode, done.stdout


class Source(ThreadingHTTPServer):
    """Knows an advisory of one release."""

    daemon_threads = True

    def __init__(self, name: str) -> None:
        self.bad, self.asked = name, set[str]()
        super().__init__(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server_port}/v1/query"
        self.words = ("--vulnerability-service", "osv", "--osv-url", self.url)


class Answering(BaseHTTPRequestHandler):
    server: Source

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name, version = query["package"]["name"], query["version"]
        self.server.asked.add(f"{name}=={version}")
        known = {"vulns": [self.advisory(name, version)]} if name == self.server.bad else {}
        body = json.dumps(known).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def advisory(self, name: str, version: str) -> dict[str, Any]:
        package = {"name": name, "ecosystem": "PyPI"}
        affected = [{"package": package, "versions": [version], "ranges": []}]
        made = "2026-01-01T00:00:00Z"
        return {"id": "PYSEC-2026-1", "summary": "Bad", "details": "Bad", "modified": made, "affected": affected}

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def source() -> Iterator[Callable[[str], Source]]:
    """Sources that know of the release of this name, and end with the test."""
    made: list[Source] = []

    def start(name: str) -> Source:
        server = Source(name)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.append(server)
        return server

    yield start
    for server in made:
        server.shutdown()
        server.server_close()


def test_every_pinned_release_is_looked_up(source: Callable[[str], Source]) -> None:
    quiet = source("")
    said = look_up(*quiet.words)
    assert said == (CLEAN, f"{len(quiet.asked)} releases looked up at {quiet.url}: nothing is known.\n")
    assert len(PINNED) > 30
    assert {f"{name}=={version}" for name, version in PINNED.items()} <= quiet.asked


def test_a_known_vulnerability_fails(source: Callable[[str], Source]) -> None:
    assert look_up(*source("starlette").words) == (VULNERABLE, f"starlette {PINNED['starlette']}: PYSEC-2026-1\n")


def test_a_source_that_is_away_is_no_good_news() -> None:
    ended, said = look_up("--vulnerability-service", "osv", "--osv-url", f"http://127.0.0.1:{free_port()}/v1/query")
    assert ended == UNREACHED
    assert "NOT LOOKED UP: no source" in said


def test_nothing_is_known_of_what_is_pinned() -> None:
    """By the real sources."""
    ended, said = look_up()
    if ended == UNREACHED:
        pytest.skip(said.strip().splitlines()[-1])
    assert ended == CLEAN, said
