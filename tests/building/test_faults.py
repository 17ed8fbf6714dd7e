"""What is not the backend's fault: an index that goes away, a full disk, Ctrl-C. A clear answer, and nothing left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.building.conftest import GOOD, MAIN, Builder, evidence, marks
from tests.building.test_image import GOOD_IMAGE
from tests.building.test_image import left as left_by_docker
from tests.project.trees import make

PATIENCE = 90.0


@contextmanager
def dying_index() -> Iterator[str]:
    """An index that answers for the names and fails with every file."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith(".whl"):
                self.connection.close()
                return
            name = self.path.strip("/").split("/")[-1]
            page = f'<a href="/files/{name}-1.0-py3-none-any.whl">{name}-1.0-py3-none-any.whl</a>'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/simple"
    finally:
        server.shutdown()


def test_an_index_that_fails_half_way_is_not_the_backends_fault(
    build: Builder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("SEATRIAL_CACHE_DIR", str(tmp_path / "cache"))
    with dying_index() as url:
        monkeypatch.setenv("UV_DEFAULT_INDEX", url)
        result = build({"requirements.txt": "fastapi\n", "main.py": MAIN})
    assert result.verdict == "inconclusive"
    assert "fail" not in marks(result).values()
    assert "index" in evidence(result, "resolve") + evidence(result, "install")


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting takes root on Linux")
def test_a_full_disk_is_said(build: Builder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(small)], check=True)
    try:
        monkeypatch.setenv("SEATRIAL_CACHE_DIR", str(small))
        result = build()
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert result.verdict == "inconclusive"
    assert "disk is full" in evidence(result, "install") + evidence(result, "resolve")


@pytest.mark.parametrize(
    "stage",
    [
        pytest.param("reading what is declared", marks=pytest.mark.nightly),
        pytest.param("resolve", marks=pytest.mark.nightly),
        "install",
        pytest.param("import and start", marks=pytest.mark.nightly),
        "production",
    ],
)
def test_ctrl_c_leaves_nothing(stage: str, tmp_path: Path) -> None:
    interrupted(tmp_path, stage, GOOD)


@pytest.mark.needs("docker")
@pytest.mark.parametrize("stage", [pytest.param("image", marks=pytest.mark.nightly), "container"])
def test_ctrl_c_leaves_no_container_network_or_image(stage: str, base_image: str, tmp_path: Path) -> None:
    interrupted(tmp_path, stage, {**GOOD, "Dockerfile": GOOD_IMAGE.format(base=base_image)}, "--docker")
    assert left_by_docker() == []


def interrupted(tmp_path: Path, stage: str, files: dict[str, str], *options: str) -> None:
    """Send Ctrl-C when a stage begins; there has to be one sentence, the exit code for it, and nothing left."""
    root, temporary, cache = make(tmp_path / "backend", files), tmp_path / "temporary", tmp_path / "cache"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary), "SEATRIAL_CACHE_DIR": str(cache)}
    process = subprocess.Popen(
        [sys.executable, "-c", TELLING, "build", str(root), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == f"STEP {stage}":
            time.sleep(0.3)  # into the stage
            process.send_signal(signal.SIGINT)
            break
    try:
        _, said = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert (process.returncode, said) == (130, "seatrial: interrupted\n")
    assert list(temporary.iterdir()) == []
    assert list((cache / "scratch").glob("*")) == []
    assert not family(process.pid)
    assert sorted(path.name for path in root.iterdir()) == sorted(files)


def family(session: int) -> list[str]:
    """Processes of a session that are still there."""
    listed = subprocess.run(["ps", "-e", "-o", "sid=,pid=,args="], capture_output=True, text=True).stdout
    found = [line for line in listed.splitlines() if line.split()[0] == str(session)]
    return [line for line in found if "<defunct>" not in line]  # ended, and not yet collected by whoever has to


TELLING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from seatrial import cli
from seatrial.report import progress

def step(self, text):
    print("STEP", text, flush=True)

progress.shows = lambda stream: True
progress.Line.step = step
progress.Line.done = lambda self: None
sys.exit(cli.main(sys.argv[1:]))
"""
