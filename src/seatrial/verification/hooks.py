"""The operator's own commands, which take the database away and bring it back."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile

from seatrial.verification.probe import Unclear

AWAY_S = 30.0
BACK_S = 120.0  # nothing is worth more than that it comes back


def run_hook(command: str, name: str, seconds: float) -> None:
    """Run a hook in the shell. Raises Unclear where it fails, or takes longer than so many seconds.

    It has a session of its own, so that Ctrl-C, which a terminal sends to all of a group, does not end it.
    """
    # A file and no pipe: a server that the command starts keeps what it inherits, and a pipe would never end.
    with tempfile.TemporaryFile() as told:
        child = subprocess.Popen(
            command, shell=True, stdin=subprocess.DEVNULL, stdout=told, stderr=told, start_new_session=True
        )
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            _end(child)
            raise Unclear(f"{name} did not end within {seconds:.0f} s", "a command that ends") from None
        told.seek(0)
        said = " ".join(told.read(2000).decode("utf-8", "replace").split())[:200]
    if code:
        raise Unclear(f"{name} ended with {code}: {said}", "a command that ends with 0")


def _end(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        child.kill()
    child.wait()
