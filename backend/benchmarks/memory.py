"""Memory of a worker under load by locust: `python -m benchmarks.memory --minutes 10`. Flat means that the second half
of the time ends no more than a tenth above where it began.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from contextlib import ExitStack

import psutil

from benchmarks.__main__ import subjects
from tests.parts.service import ROOT, Service

GROWTH = 1.10


def resident(service: Service) -> float:
    """Megabytes that the server holds."""
    return float(psutil.Process(service.process.pid).memory_info().rss) / 1e6


def load(url: str, minutes: float) -> subprocess.Popen[bytes]:
    """Locust, without its page."""
    command = [sys.executable, "-m", "locust", "-f", "benchmarks/locustfile.py", "--headless", "--host", url]
    command += ["--users", "16", "--spawn-rate", "4", "--run-time", f"{minutes * 60:.0f}s", "--only-summary"]
    return subprocess.Popen(command, cwd=ROOT)


def main() -> int:
    """Print what is held as time goes by; 0 when it stays flat."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory")
    parser.add_argument("--minutes", type=float, default=10)
    minutes = parser.parse_args().minutes
    seen = []
    with ExitStack() as stack, subjects(stack) as setting:
        service = setting.services["backend"]
        locust = load(service.url, minutes)
        while locust.poll() is None:
            time.sleep(minutes * 60 / 40)
            seen.append(resident(service))
    half = seen[len(seen) // 2 :]
    print("MB held:", " ".join(f"{one:.0f}" for one in seen))
    print(
        f"second half: from {half[0]:.1f} to {half[-1]:.1f} MB (bar: {GROWTH} x); locust ended with {locust.returncode}"
    )
    return 0 if half[-1] <= half[0] * GROWTH and locust.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
