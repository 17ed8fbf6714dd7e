"""Programs that run for a test, as a user who may run them, and end with it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Generous: machines of CI are slow, and a test that waits for what comes is not a slow test.
PATIENCE_S = 60.0
UNPRIVILEGED = "postgres"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(what: Callable[[], Any], message: str, patience_s: float = PATIENCE_S) -> Any:
    """Ask until the answer is true."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if answer := what():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{message}: not within {patience_s:.0f} s")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def unprivileged() -> dict[str, Any]:
    """Database servers refuse to run as root."""
    return {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []} if os.getuid() == 0 else {}


def new_folder(name: str) -> Path:
    """A folder that the unprivileged user can write to; pytest's own are for its user alone."""
    folder = Path(tempfile.mkdtemp(prefix=f"tasks-{name}-", dir="/tmp"))
    give(folder)
    return folder


def give(path: Path) -> None:
    if os.getuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        os.chown(path, user.pw_uid, user.pw_gid)


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def stop(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
    """End it; what does not end in time is killed, and the test fails."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
