"""Throwaway databases for a container: on the address at which its network reaches this machine, and nowhere else."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from seatrial.proof import postgres
from seatrial.proof.databases import Services
from seatrial.proof.observation import redis_order

HOST = "seatrial-database"  # what a container calls this machine
PORTS = {"postgres": 5432, "redis": 6379}
_START = "import sys; sys.path.insert(0, {!r}); from seatrial.proof.building.quayside import main; main()"


@contextlib.contextmanager
def databases_at(address: str, wanted: Services, offline: bool) -> Iterator[tuple[str, list[str]]]:
    """Run what is wanted until the end of the block. Yields the certificate that its TLS goes by, and notes."""
    notes: list[str] = []
    if not (wanted.postgres or wanted.redis):
        yield "", notes
        return
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="seatrial-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)  # PostgreSQL runs as somebody else
        plan = _plan(stack, folder, address, wanted, offline, notes)
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _START.format(str(Path(__file__).resolve().parents[3]))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            pass_fds=tuple(plan["descriptors"]),
            start_new_session=True,
        )
        stack.callback(_leave, process)
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(plan).encode() + b"\n")
        process.stdin.flush()
        process.stdout.readline()  # it listens
        yield plan["tls"], notes


def _plan(
    stack: ExitStack, folder: Path, address: str, wanted: Services, offline: bool, notes: list[str]
) -> dict[str, Any]:
    plan: dict[str, Any] = {"confined": False, "ports": [], "redis": [], "made": {}, "tls": "", "descriptors": []}
    if wanted.postgres:
        found = postgres.programs(offline)
        if isinstance(found, str):
            notes.append(found)
        else:
            named = replace(wanted, hosts=(*wanted.hosts, HOST))
            listen = [(address, PORTS["postgres"])]
            order = postgres.order(found, named, str(folder / "postgres"), str(folder), listen)
            order["template"], order["keep"] = stack.enter_context(postgres.template(found))
            plan["descriptors"] += [order["keep"]] if order["keep"] is not None else []
            files = order.pop("files")
            plan["tls"] = files[order["certificate"]]
            plan["made"] = {path: base64.b64encode(text.encode()).decode() for path, text in files.items()}
            plan["postgres"] = order
    if wanted.redis:
        plan["redis"] = [_at(address, order) for order in redis_order(replace(wanted, redis_ports=(6379,)), notes)]
    return plan


def _at(address: str, order: dict[str, Any]) -> dict[str, Any]:
    """A Redis that listens on this address instead of the loopback."""
    moved = [address if word == "127.0.0.1" else word for word in order["argv"] if word != "-::1"]
    return {**order, "argv": [*moved, "--protected-mode", "no"]}


def _leave(process: subprocess.Popen[bytes]) -> None:
    """Close the lifeline; what does not end by that is killed."""
    from seatrial.proof.building.running import end

    for stream in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            stream.close() if stream else None
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(8)
    end(process)
