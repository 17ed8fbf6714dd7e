"""The commands that load the service from several machines, as the guide has them, on this one."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

from tests.parts.programs import free_port
from tests.parts.service import ROOT, Service

COMMAND = re.compile(r"^locust (.+)$", re.MULTILINE)
INSTEAD = {"--users 200": "--users 6", "--spawn-rate 20": "--spawn-rate 6", "--run-time 10m": "--run-time 4s"}
QUIET: dict[str, Any] = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}


def test_load_from_several_machines(service: Service) -> None:
    master, worker = COMMAND.findall((ROOT / "benchmarks" / "README.md").read_text())
    port = str(free_port())
    for said, here in {**INSTEAD, "https://tasks.example.com": service.url}.items():
        assert said in master
        master = master.replace(said, here)
    locust = [sys.executable, "-m", "locust"]
    worker = worker.replace("10.0.0.1", "127.0.0.1")
    leading = subprocess.Popen([*locust, *master.split(), "--master-bind-port", port], **QUIET)
    asking = [subprocess.Popen([*locust, *worker.split(), "--master-port", port], **QUIET) for _ in range(2)]
    try:
        said, _ = leading.communicate(timeout=120)
        assert leading.returncode == 0, said  # 1 where a request failed
        # Both asked, and what came of it was added up: the last table.
        assert said.count("reported as ready") == 2, said
        assert int(re.findall(r"Aggregated\s+(\d+)\s+0\(0\.00%\)", said)[-1]) > 0, said
        for process in asking:
            process.communicate(timeout=60)
    finally:
        for process in (leading, *asking):
            process.kill()
            process.wait(60)
