"""`python -m benchmarks.building`: `seatrial build` beside the same steps done by hand, on the reference backend.

By hand: copy the sources; fill a fresh environment from what is declared; check and compile it; make a database and a
Redis; start the server in development and in production settings, ask it, send SIGTERM while a request is under way.
Both are one Python program each: the one that does it by hand copies, waits, asks and removes what it made, too. Both
have the same interpreter, uv and caches, and their own modules compiled, as an installed program has them. They take
turns, and every other round the other one begins. Processor time is that of the program and of all that it started and
waited for; it depends less on what else the machine does, and the bar is on it.

What is not the same, and is part of what is measured: seatrial reads what is declared, resolves it, watches over what
it starts and writes its report; by hand PostgreSQL makes its cluster anew, where seatrial copies one that it has kept.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from seatrial.provision.interpreter import find_interpreter

ROOT = Path(__file__).parents[1]
BACKEND = ROOT / "backend"
SECRET = "5f0c8a7e1d2b43968f7a0b1c2d3e4f5061728394a5b6c7d8e9f00112233445566"
PATIENCE_S = 120.0
MOST = 1.10
LEFT_OUT = shutil.ignore_patterns(".venv*", "__pycache__", ".*_cache", ".development", "node_modules")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took, in seconds."""

    wall: float
    cpu: float


def measured(way: Callable[[], None]) -> Cost:
    """Run it; `cpu` counts the program, all that it waited for, and theirs."""
    before, began = _children(), time.perf_counter()
    way()
    return Cost(time.perf_counter() - began, _children() - before)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def by_seatrial() -> None:
    """The whole command. SystemExit where it does not pass: its time would say nothing."""
    words = [sys.executable, "-m", "seatrial", "build", str(BACKEND), "--format", "json"]
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=_usual())
    if done.returncode:
        stages = {it["name"]: it["verdict"] for it in json.loads(done.stdout or '{"stages": []}')["stages"]}
        sys.exit(f"seatrial build exits with {done.returncode}: {stages} {done.stderr[-300:]}")


def by_hand() -> None:
    """The same steps, by a program that does nothing else. SystemExit where one of them fails."""
    words = [sys.executable, "-m", "benchmarks.building", "--by-hand"]
    if subprocess.run(words, cwd=ROOT, check=False, env=_usual()).returncode:
        sys.exit("what is done by hand fails")


def _usual() -> dict[str, str]:
    """The environment as most have it: without the wish that Python's modules be compiled anew by each start."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def the_steps() -> None:
    """What is done by hand, as commands."""
    with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
        work = Path(made)
        copy, python = work / "backend", work / "venv" / "bin" / "python"
        shutil.copytree(BACKEND, copy, ignore=LEFT_OUT)
        uv = find_uv_bin()
        _run([uv, "venv", "--quiet", "--python", str(_interpreter()), str(work / "venv")], copy)
        words = ["pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), "-r", "requirements.txt"]
        _run([uv, *words], copy)
        _run([uv, "pip", "check", "--quiet", "--python", str(python)], copy)
        _run([str(python), "-m", "compileall", "-q", "."], copy)
        services = {"DATABASE_URL": stack.enter_context(postgres(work)), "REDIS_URL": stack.enter_context(redis(work))}
        serve(python, copy, {**services, "ENVIRONMENT": "development"})
        serve(python, copy, {**services, "ENVIRONMENT": "production", "CORS_ORIGINS": "https://tasks.example.com"})
        _run(["du", "-s", str(work)], copy)


def _interpreter() -> Path:
    return find_interpreter((BACKEND / ".python-version").read_text().strip(), ()).executable


def _run(words: list[str], where: Path) -> None:
    subprocess.run(words, cwd=where, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def postgres(work: Path) -> Iterator[str]:
    """A new cluster on loopback, as a user that is not root."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    data, port = work / "data", free_port()
    who = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    data.mkdir()
    if who:
        os.chown(data, 65534, 65534)
        work.chmod(0o755)
    tools = found[-1]
    _run([*who, str(tools / "initdb"), "-D", str(data), "-U", "app", "--auth=trust", "--no-sync"], Path("/"))
    words = [*who, str(tools / "postgres"), "-D", str(data), "-p", str(port), "-c", f"unix_socket_directories={data}"]
    with running(words, port):
        yield f"postgresql+asyncpg://app@127.0.0.1:{port}/postgres"


@contextmanager
def redis(work: Path) -> Iterator[str]:
    """A Redis that keeps nothing."""
    port = free_port()
    with running(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(work)], port):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def running(words: list[str], port: int) -> Iterator[None]:
    """A service, from its first connection until it is told to stop."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until(lambda: socket.create_connection(("127.0.0.1", port), 1).close())
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_S)


def serve(python: Path, copy: Path, environ: dict[str, str]) -> None:
    """Start as the Procfile says, ask for health, and send SIGTERM while a request is under way."""
    port = free_port()
    command = (copy / "Procfile").read_text().partition("web: ")[2].partition("\n")[0]
    secrets = {"JWT_SECRET": SECRET, "BETTER_AUTH_SECRET": SECRET[::-1]}
    variables = {**secrets, "BETTER_AUTH_URL": "https://tasks.example.com", "PORT": str(port), **environ}
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    quiet = subprocess.DEVNULL
    environment = {**variables, "PATH": path}
    process = subprocess.Popen(["bash", "-c", command], cwd=copy, env=environment, stdout=quiet, stderr=quiet)

    def healthy() -> None:
        if process.poll() is not None:
            sys.exit(f"the server that is started by hand ends with {process.returncode}")
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()

    try:
        _until(healthy)
        # A server may have let go of it before its second half comes.
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 10) as held:
            held.sendall(
                b"POST /tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{"
            )
            process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            held.sendall(b"}")
            held.recv(1000)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _until(ask: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            ask()
            return
        except (OSError, urllib.error.URLError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Print every round and the medians; 1 where the overhead by processor time is over the bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--by-hand", action="store_true", help="only do it by hand, once")
    given = parser.parse_args()
    if given.by_hand:
        the_steps()
        return 0
    return compared(given.rounds)


def compared(rounds: int) -> int:
    """Both in turn; 1 where the median is over the bar."""
    by_seatrial()  # fills the caches of both
    by_hand()
    ratios: list[Cost] = []
    for number in range(rounds):
        ways = [by_hand, by_seatrial] if number % 2 else [by_seatrial, by_hand]
        costs = {way: measured(way) for way in ways}
        hand, ours = costs[by_hand], costs[by_seatrial]
        ratios.append(Cost(ours.wall / hand.wall, ours.cpu / hand.cpu))
        print(
            f"{ways[0].__name__:12} first: by hand {hand.wall:6.1f} s ({hand.cpu:5.1f} s of processor), "
            f"seatrial {ours.wall:6.1f} s ({ours.cpu:5.1f} s)",
            flush=True,
        )
    cpu = statistics.median(it.cpu for it in ratios)
    print(f"seatrial build / by hand, median of {rounds}: wall {statistics.median(it.wall for it in ratios):.2f} x, "
          f"processor {cpu:.2f} x (bar {MOST:.2f} x: {'holds' if cpu <= MOST else 'MISSED'})")  # fmt: skip
    return int(cpu > MOST)


if __name__ == "__main__":
    sys.exit(main())
