"""Measures a service under load with locust, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from seatrial.verification.probe import Unclear
from seatrial.verification.session import Session

FILE = Path(__file__).with_name("load_file.py")
FIRST_ANSWER_S = 30.0  # from locust's own start to the first answer, from which on the load is timed
FOR_ITSELF_S = 60.0  # that locust may take beyond the time of the load


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured, over all paths. Times are in milliseconds; `errors` counts answers by status, 0 for none."""

    requests: int
    per_second: float
    p50: float
    p95: float
    p99: float
    errors: Mapping[int, int]


def measure(session: Session, users: int, seconds: float, paths: Sequence[str], headers: Mapping[str, str]) -> Load:
    """The service under `users` that read for `seconds`. Raises Unclear where locust does not run."""
    if find_spec("locust") is None:
        raise Unclear("locust is not installed", "pip install 'seatrial[load]'")
    session.client.deadline += seconds + FOR_ITSELF_S
    with tempfile.TemporaryDirectory() as folder:
        told = json.dumps({"paths": list(paths), "headers": dict(headers), "seconds": seconds})
        options = [
            "--headless",
            "--only-summary",
            "-u",
            str(users),
            "-r",
            str(users),
            "-t",
            f"{round(seconds + FIRST_ANSWER_S)}s",
        ]
        options += ["-H", session.origin, "--exit-code-on-error", "0"]
        with open(f"{folder}/log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "locust", "-f", str(FILE), *options],
                env={**os.environ, "SEATRIAL_LOAD": told, "SEATRIAL_LOAD_RESULT": f"{folder}/result"},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=folder,
            )
            _wait(session, process, seconds + FOR_ITSELF_S)
        return _read(Path(folder))


def _wait(session: Session, process: subprocess.Popen[bytes], seconds: float) -> None:
    """Until it has ended; an interruption ends it."""
    try:
        for _ in range(int(seconds / 0.2)):
            if process.poll() is not None:
                return
            session.wait(0.2)
        raise Unclear("locust did not end in time", "a quieter machine")
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _read(folder: Path) -> Load:
    log = " ".join((folder / "log").read_text("utf-8", "replace").split())
    try:
        told = json.loads((folder / "result").read_text("utf-8"))
    except (OSError, ValueError):
        raise Unclear(f"locust told nothing: {log[-300:]}", "see whether locust runs here") from None
    if not told["requests"]:
        raise Unclear(f"no answer came within {FIRST_ANSWER_S:.0f} s: {log[-300:]}", "see whether the service is up")
    errors: dict[int, int] = {}
    for said, number in told["errors"].items():
        status = int(said) if said.isdigit() else 0
        errors[status] = errors.get(status, 0) + number
    p50, p95, p99 = map(float, told["percentiles"])
    return Load(told["requests"], float(told["per_second"]), p50, p95, p99, errors)
