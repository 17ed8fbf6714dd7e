"""CONTRIBUTING shows a rule, a probe and a format of one file each: put there, each works, and no list changes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).parents[1]
SHOWN = re.findall(r"```python\n# (\S+)\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the files that CONTRIBUTING shows."""
    place = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "src", place / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in SHOWN:
        assert not (place / path).exists()
        (place / path).write_text(text)
    return place / "src"


def seatrial(source: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(source), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "seatrial", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=source, timeout=300)


def test_a_file_of_each_kind_is_shown() -> None:
    assert [Path(path).name for path, _ in SHOWN] == ["left_breakpoint.py", "no_teapot.py", "csv.py"]


def test_rule_is_listed_explained_and_raised_in_the_new_format(source: Path, tmp_path: Path) -> None:
    assert "SEC900" in seatrial(source, "rules").stdout
    assert "PEP 553" in seatrial(source, "explain", "left-breakpoint").stdout
    (tmp_path / "Procfile").write_text("web: uvicorn main:app\n")
    (tmp_path / "requirements.txt").write_text("fastapi\nuvicorn\n")
    text = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/')\ndef read():\n    breakpoint()\n"
    (tmp_path / "main.py").write_text(text)
    audit = seatrial(source, "audit", str(tmp_path), "--select", "SEC900", "--format", "github")
    assert audit.returncode == 1, audit.stderr
    assert "main.py,line=8," in audit.stdout and "SEC900 left-breakpoint (error)" in audit.stdout
    table = seatrial(source, "audit", str(tmp_path), "--select", "SEC900", "--format", "csv")
    head, row = table.stdout.splitlines()
    assert head == "backend,severity,code,path,line,problem"
    assert row == ".,error,SEC900,main.py,8,A breakpoint was left here."


def test_probe_is_known_and_explained(source: Path) -> None:
    told = seatrial(source, "explain", "headers.no-teapot").stdout
    assert "The service is no teapot" in told and "RFC 2324" in told


@contextmanager
def service(status: int) -> Iterator[str]:
    """A service with a schema, which answers its root with this status."""
    schema = json.dumps({"openapi": "3.1.0", "info": {"title": "pot", "version": "1"}, "paths": {"/": {"get": {}}}})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/" else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(schema)))
            self.end_headers()
            self.wfile.write(schema.encode())

        def log_message(self, *_: object) -> None:
            """Nothing is told."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("status", "verdict"), [(418, "fail"), (200, "pass")])
def test_probe_asks_a_live_service(source: Path, tmp_path: Path, status: int, verdict: str) -> None:
    with service(status) as url:
        options = ("--select", "headers.no-teapot", "--format", "json", "--journal", str(tmp_path))
        told = seatrial(source, "verify", url, *options)
    (probe,) = json.loads(told.stdout)["probes"]
    assert (probe["id"], probe["verdict"]) == ("headers.no-teapot", verdict), probe


def test_format_is_offered(source: Path) -> None:
    assert "csv" in seatrial(source, "audit", "--help").stdout
    assert "csv" in seatrial(source, "completion", "bash").stdout
    assert "csv" not in seatrial(source, "boot", "--help").stdout
