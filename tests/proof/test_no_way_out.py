"""Connections to other machines and to the host are refused, whoever makes them, as root and as an ordinary user."""

# ruff: noqa: E501 (backends, written as one line each)

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.boot import Outcome

from .conftest import Starter

SERVE = """
from fastapi import FastAPI
app = FastAPI()
said = []
def tried(name, call):
    try:
        answer = call()
    except BaseException as problem:
        print("REFUSED", name, type(problem).__name__, problem, flush=True)
    else:
        print("REACHED", name, answer, flush=True)
"""
ATTEMPTS = {
    "python": """
import socket
tried("address", lambda: socket.create_connection(("1.1.1.1", 53), timeout=2))
tried("name", lambda: socket.create_connection(("example.com", 80), timeout=2))
tried("ipv6", lambda: socket.create_connection(("2606:4700:4700::1111", 53), timeout=2))
tried("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("1.1.1.1", 53)))
tried("multicast", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("224.0.0.251", 5353)))
tried("hypervisor", lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).connect((2, 1024)))
tried("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
tried("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
""",
    "asyncpg": """
import asyncio, asyncpg
def attempt():
    async def connect():
        await asyncpg.connect("postgresql://u:p@1.1.1.1:5432/x", timeout=3)
    import threading, queue
    results = queue.Queue()
    def run():
        try: results.put(asyncio.run(connect()))
        except BaseException as problem: results.put(problem)
    threading.Thread(target=run).start()
    answer = results.get()
    if isinstance(answer, BaseException): raise answer
    return answer
tried("asyncpg", attempt)
""",
    "libpq": """
import psycopg2
tried("psycopg2", lambda: psycopg2.connect("postgresql://u:p@1.1.1.1:5432/x?connect_timeout=3"))
tried("psycopg2 name", lambda: psycopg2.connect("postgresql://u:p@example.com:5432/x?connect_timeout=3"))
import psycopg
tried("psycopg", lambda: psycopg.connect("postgresql://u:p@1.1.1.1:5432/x?connect_timeout=3"))
""",
    "child process": """
import subprocess, sys
def run(*command):
    subprocess.run(command, check=True, capture_output=True, timeout=8)
tried("bash", lambda: run("bash", "-c", "exec 3<>/dev/tcp/1.1.1.1/53"))
tried("python", lambda: run(sys.executable, "-c", "import socket; socket.create_connection(('1.1.1.1', 53), 2)"))
tried("curl", lambda: run("curl", "-sS", "--max-time", "3", "http://1.1.1.1/"))
tried("unshare", lambda: run("unshare", "-rn", "true") or run("nsenter", "-t", "1", "-n", "bash", "-c", "exec 3<>/dev/tcp/1.1.1.1/53"))
""",
}


@pytest.mark.parametrize("kind", ATTEMPTS)
def test_other_machines_are_refused(start: Starter, who: str, kind: str) -> None:
    seen = start({"main.py": SERVE + ATTEMPTS[kind]}, who)
    assert seen.boot.outcome is Outcome.SERVES, seen
    assert "REACHED" not in seen.log
    assert seen.log.count("REFUSED") == ATTEMPTS[kind].count("tried(")


@contextlib.contextmanager
def listeners() -> Iterator[dict[str, str]]:
    """Servers of the host's, reachable by everybody: TCP on all addresses, a Unix socket by path and an abstract one."""
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o777)
    tcp = socket.create_server(("0.0.0.0", 0))
    by_path, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    by_path.bind(f"{folder}/s")
    os.chmod(f"{folder}/s", 0o777)
    abstract.bind(f"\0seatrial-{os.getpid()}")
    for sock in (by_path, abstract):
        sock.listen()
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(("192.0.2.1", 9))
        own = probe.getsockname()[0]
    except OSError:
        own = "127.0.0.1"
    yield {
        "HOST_PORT": str(tcp.getsockname()[1]),
        "HOST_OWN": own,
        "HOST_PATH": f"{folder}/s",
        "HOST_NAME_": f"seatrial-{os.getpid()}",
    }
    for sock in (tcp, by_path, abstract, probe):
        sock.close()
    Path(folder, "s").unlink()
    os.rmdir(folder)


def test_the_host_itself_is_another_machine(start: Starter, who: str) -> None:
    attempts = """
import os, socket
port = int(os.environ["HOST_PORT"])
def unix(path):
    sock = socket.socket(socket.AF_UNIX); sock.connect(path); return path
tried("loopback", lambda: socket.create_connection(("127.0.0.1", port), timeout=2))
tried("own", lambda: socket.create_connection((os.environ["HOST_OWN"], port), timeout=2))
tried("path", lambda: unix(os.environ["HOST_PATH"]))
tried("abstract", lambda: unix(chr(0) + os.environ["HOST_NAME_"]))
tried("docker", lambda: unix("/var/run/docker.sock"))
"""
    with listeners() as variables:
        seen = start({"main.py": SERVE + attempts}, who, variables=variables)
    assert seen.boot.outcome is Outcome.SERVES, seen
    assert seen.log.count("REFUSED") == 5, seen.log


def test_its_own_loopback_works(start: Starter, who: str) -> None:
    own = """
import socket
def talk(family, address):
    server = socket.create_server((address, 0), family=family)
    client = socket.create_connection((address, server.getsockname()[1]), timeout=2)
    client.sendall(b"x")
    return server.accept()[0].recv(1)
tried("4", lambda: talk(socket.AF_INET, "127.0.0.1"))
tried("6", lambda: talk(socket.AF_INET6, "::1"))
tried("resolve", lambda: socket.getaddrinfo("localhost", 80))
"""
    seen = start({"main.py": SERVE + own}, who)
    assert seen.log.count("REACHED") == 3, seen.log


def test_home_and_other_processes_are_out_of_sight(start: Starter, who: str) -> None:
    look = """
import os, pathlib
print("PIDS", sum(name.isdigit() for name in os.listdir("/proc")))
print("HOME", os.path.expanduser("~"), sorted(os.listdir(os.path.expanduser("~"))))
print("ROOTS", [n for n in ("/root/.ssh", "/home", "/var/lib", "/run") if os.path.isdir(n) and os.listdir(n)])
import getpass; print("USER", getpass.getuser(), os.getuid() != 0)
for place in ("/usr/x", "/etc/x", "/dev/x", "/proc/sys/kernel/hostname"):
    tried(place, lambda: open(place, "w").write("x"))
"""
    seen = start({"main.py": SERVE + look}, who)
    assert "HOME /home/app []" in seen.log
    assert "USER app True" in seen.log
    assert "ROOTS ['/home']" in seen.log or "ROOTS []" in seen.log, seen.log
    assert seen.log.count("REFUSED") == 4 if who == "root" else seen.log.count("REFUSED") >= 3, seen.log
