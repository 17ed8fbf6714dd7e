"""What is not the backend's fault: an index that goes away, a full disk, Ctrl-C. A clear answer, and nothing left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.building.conftest import GOOD, MAIN, Builder, evidence, marks
from tests.building.test_image import GOOD_IMAGE
from tests.building.test_image import left as left_by_docker
from tests.building.test_stack import DOCKERFILE, STACK
from tests.building.test_stack import left as left_by_compose
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
        pytest.param("lock", marks=pytest.mark.nightly),
        "install",
        pytest.param("compatibility", marks=pytest.mark.nightly),
        pytest.param("byte-compile", marks=pytest.mark.nightly),
        pytest.param("import and start", marks=pytest.mark.nightly),
        "production",
        pytest.param("artefact", marks=pytest.mark.nightly),
    ],
)
def test_ctrl_c_leaves_nothing(stage: str, tmp_path: Path) -> None:
    interrupted(tmp_path, stage, GOOD)


@pytest.mark.needs("docker")
@pytest.mark.parametrize("stage", [pytest.param("image", marks=pytest.mark.nightly), "container"])
def test_ctrl_c_leaves_no_container_network_or_image(stage: str, base_image: str, tmp_path: Path) -> None:
    interrupted(tmp_path, stage, {**GOOD, "Dockerfile": GOOD_IMAGE.format(base=base_image)}, "--docker")
    assert left_by_docker() == []


@pytest.mark.nightly
@pytest.mark.needs("docker", "compose")
def test_ctrl_c_leaves_nothing_of_a_stack(base_image: str, tmp_path: Path) -> None:
    stack = STACK.format(base=base_image, port=8001, retries=60)
    files = {**GOOD, "Dockerfile": DOCKERFILE.format(base=base_image), "compose.yaml": stack}
    interrupted(tmp_path, "stack", files, "--compose", until=left_by_compose)
    assert left_by_compose() == []


@pytest.mark.nightly
@pytest.mark.needs("docker")
def test_a_full_disk_of_the_engine_is_not_the_backends_fault(base_image: str, build: Builder) -> None:
    dockerfile = f"FROM {base_image}\nRUN head -c 1 /dev/zero >/dev/full\n"
    result = build({"Dockerfile": dockerfile}, docker=True)
    assert marks(result)["image"] == "inconclusive"
    assert "The engine's disk is full" in evidence(result, "image")
    assert left_by_docker() == []


def test_a_port_that_is_taken_is_said(build: Builder) -> None:
    """The backend's own metrics take the port that its server is given."""
    metrics = (
        'import socket\n\nif os.getenv("PORT"):\n    taken = socket.create_server(("", int(os.environ["PORT"])))\n'
    )
    result = build({"main.py": f"{MAIN}\n{metrics}"})
    assert marks(result)["start"] == "fail"
    assert "address already in use" in evidence(result, "start")


def interrupted(
    tmp_path: Path, stage: str, files: dict[str, str], *options: str, until: Callable[[], object] | None = None
) -> None:
    """Send Ctrl-C in a stage, as soon as `until` holds; one sentence, the exit code for it, and nothing left.

    A stage that may be over at once is held where it begins.
    """
    root, temporary, cache = make(tmp_path / "backend", files), tmp_path / "temporary", tmp_path / "cache"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary), "SEATRIAL_CACHE_DIR": str(cache)}
    environment["HELD"] = stage if stage in SHORT else ""
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
            time.sleep(0.3)
            deadline = time.monotonic() + PATIENCE
            while until is not None and not until() and time.monotonic() < deadline:
                time.sleep(0.1)
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


SHORT = ("lock", "compatibility", "byte-compile", "artefact")
TELLING = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from seatrial import cli
from seatrial.report import progress

def step(self, text):
    print("STEP", text, flush=True)
    if text == os.environ["HELD"]:
        time.sleep(600)

progress.shows = lambda stream: True
progress.Line.step = step
progress.Line.done = lambda self: None
sys.exit(cli.main(sys.argv[1:]))
"""
