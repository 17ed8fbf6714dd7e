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

from tests.building.conftest import GOOD, MAIN, Builder, evidence, left, marks
from tests.building.test_image import GOOD_IMAGE
from tests.building.test_stack import DOCKERFILE, STACK
from tests.project.trees import make

PATIENCE = 90.0


@contextmanager
def dying_index(address: str = "127.0.0.1") -> Iterator[str]:
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

    server = ThreadingHTTPServer((address, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{address}:{server.server_port}/simple"
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


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Make a file system of a size, such as `1m`."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting takes root on Linux")
    place = tmp_path / "small"
    place.mkdir()

    def made(size: str) -> Path:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=True)
        return place

    yield made
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("size", ["1m", "3m"])
def test_a_full_disk_is_said(
    size: str, small: Callable[[str], Path], build: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEATRIAL_CACHE_DIR", str(small(size)))
    result = build()
    assert result.verdict == "inconclusive"
    for stage in ("resolve", "install"):
        assert "The disk is full" in evidence(result, stage)


def test_a_disk_without_any_room_is_said_in_a_sentence(small: Callable[[str], Path], tmp_path: Path) -> None:
    root = make(tmp_path / "backend", GOOD)
    words = [sys.executable, "-m", "seatrial", "build", str(root)]
    environment = {**os.environ, "SEATRIAL_CACHE_DIR": str(small("64k"))}
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    assert done.returncode == 2
    assert done.stderr.startswith("seatrial: the disk is full: free some space"), done.stderr


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


@pytest.mark.parametrize("stage", ["install", pytest.param("production", marks=pytest.mark.nightly)])
def test_sigterm_leaves_nothing(stage: str, tmp_path: Path) -> None:
    interrupted(tmp_path, stage, GOOD, by=signal.SIGTERM)


@pytest.mark.needs("docker")
@pytest.mark.parametrize("by", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("stage", [pytest.param("image", marks=pytest.mark.nightly), "container"])
def test_an_end_by_signal_leaves_no_container_network_or_image(
    stage: str, by: signal.Signals, base_image: str, tmp_path: Path
) -> None:
    files = {**GOOD, "Dockerfile": GOOD_IMAGE.format(base=base_image)}
    assert left(interrupted(tmp_path, stage, files, "--docker", by=by)) == []


@pytest.mark.nightly
@pytest.mark.needs("docker", "compose")
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_end_by_signal_leaves_nothing_of_a_stack(by: signal.Signals, base_image: str, tmp_path: Path) -> None:
    stack = STACK.format(base=base_image, port=8001, retries=60)
    files = {**GOOD, "Dockerfile": DOCKERFILE.format(base=base_image), "compose.yaml": stack}
    assert left(interrupted(tmp_path, "stack", files, "--compose", until=left, by=by)) == []


@pytest.mark.nightly
@pytest.mark.needs("docker")
def test_a_full_disk_of_the_engine_is_not_the_backends_fault(base_image: str, build: Builder) -> None:
    dockerfile = f"FROM {base_image}\nRUN head -c 1 /dev/zero >/dev/full\n"
    result = build({"Dockerfile": dockerfile}, docker=True)
    assert marks(result)["image"] == "inconclusive"
    assert "The engine's disk is full" in evidence(result, "image")
    assert left() == []


@pytest.mark.needs("docker")
def test_an_index_that_fails_inside_the_build_of_an_image_is_not_the_backends_fault(
    base_image: str, build: Builder
) -> None:
    """It answers for the names, and each file that pip asks it for breaks off."""
    words = ["docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}"]
    address = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    with dying_index(address) as url:
        install = f"pip install --retries 1 --trusted-host {address} --index-url {url} fastapi"
        result = build({"Dockerfile": f"FROM {base_image}\nRUN {install}\nCMD uvicorn main:app\n"}, docker=True)
    assert (marks(result)["image"], marks(result)["container"]) == ("inconclusive", "skipped"), evidence(
        result, "image"
    )
    assert "a package index cannot be reached from inside the build" in evidence(result, "image")
    assert left() == []


def test_a_port_that_is_taken_is_said(build: Builder) -> None:
    """The backend's own metrics take the port that its server is given."""
    metrics = (
        'import socket\n\nif os.getenv("PORT"):\n    taken = socket.create_server(("", int(os.environ["PORT"])))\n'
    )
    result = build({"main.py": f"{MAIN}\n{metrics}"})
    assert marks(result)["start"] == "fail"
    assert "address already in use" in evidence(result, "start")


def interrupted(
    tmp_path: Path,
    stage: str,
    files: dict[str, str],
    *options: str,
    until: Callable[[int], object] | None = None,
    by: signal.Signals = signal.SIGINT,
) -> int:
    """Send a signal in a stage, as soon as `until` holds; one sentence, the exit code for it, and nothing left.

    A stage that may be over at once is held where it begins. `until` is asked with the process's id, which is returned.
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
            while until is not None and not until(process.pid) and time.monotonic() < deadline:
                time.sleep(0.1)
            process.send_signal(by)
            break
    try:
        _, said = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    ended = {signal.SIGINT: (130, "seatrial: interrupted\n"), signal.SIGTERM: (143, "seatrial: terminated\n")}
    assert (process.returncode, said) == ended[by]
    assert list(temporary.iterdir()) == []
    assert list((cache / "scratch").glob("*")) == []
    assert not family(process.pid)
    assert sorted(path.name for path in root.iterdir()) == sorted(files)
    return process.pid


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
