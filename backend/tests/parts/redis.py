"""A Redis that keeps nothing on disk."""

from __future__ import annotations

import subprocess

from tests.parts.programs import free_port, listens, stop, wait_for


class Redis:
    def __init__(self) -> None:
        self.port = free_port()
        self.process = self.start()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> subprocess.Popen[bytes]:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(["redis-server", *options], cwd="/tmp", **quiet)  # type: ignore[call-overload]
        wait_for(lambda: listens(self.port), "Redis listens")
        return process  # type: ignore[no-any-return]

    def stop(self) -> None:
        stop(self.process)

    def restart(self) -> None:
        self.process = self.start()

    def close(self) -> None:
        stop(self.process)
