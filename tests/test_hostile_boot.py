"""`seatrial boot` of backends that mean no good: a clear end in bounded time, nothing left behind, nothing changed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from tests.test_bad_input import PROCFILE, SOURCE, digest

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
FORKS = "import os\n\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
FILLS = "with open('junk', 'wb') as file:\n    while True:\n        file.write(bytes(1 << 20))\n"
PRINTS = "import os\n\nfor _ in range(1024):\n    os.write(1, bytes(1 << 20))\n"
DEAF = """
import signal


@app.on_event("startup")
def deaf():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    import uvicorn.server
    uvicorn.server.Server.handle_exit = lambda *_: None
"""
HOSTILE = {
    "never answers": (APP + "while True:\n    pass\n", 1, "it does not listen after 6 s"),
    "forks": (APP + FORKS, 1, "does not start"),
    "fills the disk": (APP + FILLS, 1, "No space left on device"),
    "ignores SIGTERM": (APP + DEAF, 0, "It serves as it stands"),
    "prints 1 GB": (APP + PRINTS, 0, "It serves as it stands"),
}


@pytest.mark.parametrize(("code", "status", "said"), HOSTILE.values(), ids=HOSTILE)
def test_it_ends_and_leaves_nothing(code: str, status: int, said: str, backend_python: str, tmp_path: Path) -> None:
    folder, scratch, mark = tmp_path / "backend", tmp_path / "scratch", uuid.uuid4().hex
    folder.mkdir()
    scratch.mkdir()
    (folder / "Procfile").write_text(PROCFILE)
    (folder / "requirements.txt").write_text("fastapi\nuvicorn\n")
    (folder / "main.py").write_text(code)
    before, began = digest(folder), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "seatrial", "boot", str(folder), "--python", backend_python, "--timeout", "6"],
        env={**os.environ, "PYTHONPATH": str(SOURCE), "TMPDIR": str(scratch), "SEATRIAL_TEST_MARK": mark},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert time.monotonic() - began < 60
    assert (done.returncode, done.stderr) == (status, "")
    assert said in done.stdout
    assert digest(folder) == before
    assert list(scratch.iterdir()) == []
    assert processes_with(mark) == []


def processes_with(mark: str) -> list[str]:
    """The processes that inherited our environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in place.read_bytes():
                found.append(place.parent.name)
        except OSError:
            continue  # it ended meanwhile, or is somebody else's
    return found
