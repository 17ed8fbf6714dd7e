"""A Redis that keeps nothing on disk."""

from __future__ import annotations

import subprocess

from tests.parts.leaving import closed, opened
from tests.parts.programs import free_port, listens, stop, wait_for


class Redis:
    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        opened(self)
        self.restart()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process)

    def restart(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(["redis-server", *options], cwd="/tmp", stdout=quiet, stderr=quiet)
        wait_for(lambda: listens(self.port), "Redis listens")

    def close(self) -> None:
        try:
            self.stop()
        finally:
            closed(self)
