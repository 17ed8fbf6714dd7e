"""Wall time and memory of a whole command."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_POLL_S = 0.01


@dataclass(frozen=True)
class Command:
    """What is measured. `fresh` names a folder that is emptied before each run, outside the time taken."""

    name: str
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)
    fresh: Path | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, in a group of its own."""
        env = {**os.environ, **self.env}
        env.pop("VIRTUAL_ENV", None)
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            self.argv, cwd=self.cwd, env=env, stdin=quiet, stdout=quiet, stderr=subprocess.PIPE, start_new_session=True
        )


def wall(command: Command) -> float:
    """Seconds that one run takes. SystemExit when the command crashed; that it found something is as it should be."""
    _empty(command.fresh)
    begin = time.perf_counter()
    process = command.start()
    _, errors = process.communicate()
    seconds = time.perf_counter() - begin
    said = errors.decode(errors="replace").strip()
    if process.returncode not in (0, 1) or "No Python files" in said:
        sys.exit(f"{command.name} exits with {process.returncode}: {said[-400:]}")
    return seconds


def medians(commands: Sequence[Command], rounds: int) -> dict[str, float]:
    """Median seconds of each command. They take turns, so that a slow minute of the machine hits all of them."""
    times: dict[str, list[float]] = {command.name: [] for command in commands}
    for _ in range(rounds):
        for command in commands:
            times[command.name].append(wall(command))
    return {name: statistics.median(values) for name, values in times.items()}


def peak_mb(command: Command) -> float:
    """Peak memory in MB of the command and all it starts, shared pages counted once. Linux only."""
    _empty(command.fresh)
    process = command.start()
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(_proportional_kb(pid) for pid in _group(process.pid)))
        time.sleep(_POLL_S)
    process.communicate()
    return peak / 1024


def _group(leader: int) -> list[int]:
    pids = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended meanwhile
            if int(fields[2]) == leader:
                pids.append(int(entry.name))
    return pids


def _proportional_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _empty(folder: Path | None) -> None:
    if folder and folder.exists():
        subprocess.run(["rm", "-rf", str(folder)], check=True)
