"""`python -m benchmarks`: measures, prints the ratios beside the bars, and exits with 1 when one is missed."""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import trees
from benchmarks.clock import Command, medians, peak_mb, wall

ROOT = Path(__file__).parents[1]
BENCH = ROOT / ".bench"
SEATRIAL = str(ROOT / ".venv" / "bin" / "seatrial")
SUBJECT = BENCH / "open-webui"
BACKEND_PYTHON = str(BENCH / "backend-venv" / "bin" / "python")
SIZES = (500, 1000, 2000, 5000)


@dataclass(frozen=True)
class Bar:
    """One promise: a measured value and the most that it may be."""

    name: str
    value: float
    most: float

    def __str__(self) -> str:
        verdict = "holds" if self.value <= self.most else "MISSED"
        return f"  {self.name:<58} {self.value:8.2f}  at most {self.most:g}  {verdict}"


def main() -> None:
    """Measure everything; `--rounds` is how often each command takes its turn."""
    options = argparse.ArgumentParser(prog="make bench ARGS=")
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    bars = [*large(rounds), *small(rounds), *growth()]
    print("\nBars")
    for bar in bars:
        print(bar)
    sys.exit(any(bar.value > bar.most for bar in bars))


def large(rounds: int) -> list[Bar]:
    """open-webui, without its dependencies: cold and warm, beside parsing alone and the peers."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        # pyrefly passes over whatever lies in a hidden folder, as .bench is one, and is done at once.
        return _large(Path(shutil.copytree(SUBJECT, Path(folder) / "open-webui")), rounds)


def _large(subject: Path, rounds: int) -> list[Bar]:
    files = list(subject.rglob("*.py"))
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    print(f"open-webui: {len(files)} files, {lines} lines, dependencies not installed; median of {rounds} rounds")
    cold, warm = audit(subject, "cold", fresh=True), audit(subject, "warm")
    wall(warm)  # fills the cache
    parse = Command("ast.parse", (sys.executable, str(ROOT / "benchmarks" / "parse.py"), str(subject)), subject)
    times = medians([parse, cold, warm, *peers(subject)], rounds)
    for name, seconds in times.items():
        print(f"  {name:<12} {seconds:6.2f} s   {seconds / times['ast.parse']:5.2f} x ast.parse")
    memory = peak_mb(cold)
    print(f"  peak memory of a cold audit: {memory:.0f} MB")
    return [
        Bar("cold audit / ast.parse", times["cold"] / times["ast.parse"], 1.5),
        Bar("cold audit / ty", times["cold"] / times["ty"], 1),
        Bar("cold audit / pyrefly", times["cold"] / times["pyrefly"], 1),
        Bar("warm audit / ast.parse", times["warm"] / times["ast.parse"], 0.35),
        Bar("peak memory of a cold audit in MB", memory, 300),
    ]


def audit(subject: Path, name: str, *, fresh: bool = False) -> Command:
    """An audit of open-webui, with a cache of its own."""
    cache = BENCH / "cache" / name
    argv = (SEATRIAL, "audit", str(subject), "--target", "open_webui.main:app", "--offline", "--format", "json")
    return Command(name, argv, subject, {"SEATRIAL_CACHE_DIR": str(cache)}, cache if fresh else None)


def peers(subject: Path) -> list[Command]:
    """The type checkers, each as its manual says, on the same files and with the same empty environment."""
    programs = BENCH / "peers" / "bin"
    python = str(programs / "python")
    return [
        Command("ty", (str(programs / "ty"), "check", "--python", python, "."), subject),
        Command("pyrefly", (str(programs / "pyrefly"), "check", "--python-interpreter-path", python, "."), subject),
    ]


def small(rounds: int) -> list[Bar]:
    """A backend of 20 files with its dependencies installed and their surfaces known."""
    wall(tree(20))
    seconds = statistics.median(wall(tree(20)) for _ in range(rounds * 2))
    print(f"\n20 files with their dependencies, as a whole process: {seconds:.3f} s")
    return [Bar("20 files, warm package cache, seconds", seconds, 0.3)]


def growth() -> list[Bar]:
    """Milliseconds for each file, as the backend grows."""
    print("\nGrowth, cold but for the surfaces of packages")
    each = {}
    for size in SIZES:
        seconds = min(wall(tree(size)) for _ in range(2))
        each[size] = 1000 * seconds / size
        print(f"  {size:>5} files  {seconds:6.2f} s   {each[size]:.2f} ms for each")
    return [Bar(f"time for each file, {SIZES[-1]} files / {SIZES[0]} files", each[SIZES[-1]] / each[SIZES[0]], 1.2)]


def tree(size: int) -> Command:
    """An audit of a made backend that is written anew, so that nothing of it is known."""
    folder = BENCH / "trees" / str(size)
    shutil.rmtree(folder, ignore_errors=True)
    trees.write(folder, size, mark=str(time.time_ns()))
    argv = (SEATRIAL, "audit", str(folder), "--python", BACKEND_PYTHON, "--offline", "--format", "json")
    return Command(f"{size} files", argv, folder, {"SEATRIAL_CACHE_DIR": str(BENCH / "cache" / "trees")})


if __name__ == "__main__":
    main()
