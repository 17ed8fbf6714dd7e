"""The command itself, as a child process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 120.0


def started(*arguments: str, **more: str) -> subprocess.Popen[str]:
    """A run of `seatrial verify` in a process group of its own, as in a terminal; `more` is for its environment."""
    command = [sys.executable, "-m", "seatrial", "verify", *arguments]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **more},
        start_new_session=True,
    )


def ended(child: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code, and all that was said, in one line."""
    out, err = child.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in err, err
    return child.returncode, " ".join(f"{out} {err}".split())


def cleaned(journal: Path, *arguments: str, **more: str) -> tuple[int, str]:
    """What came of `--cleanup`."""
    return ended(started(*arguments, "--cleanup", str(journal), **more))


def until(holds: Callable[[], bool]) -> None:
    """Wait, without a guess how long it takes."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)
