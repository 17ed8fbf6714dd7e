"""A few plain HTTP requests that prove whether a backend serves. Standard library only; runs beside the backend."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from pathlib import Path
from typing import Any

HEALTH = ("/health", "/healthz", "/api/health", "/api/v1/health", "/livez", "/readyz", "/ping", "/status")
LISTEN = "0A"
MOST = 1 << 20


def listening() -> set[int]:
    """The TCP ports that somebody in this network namespace listens on."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text("utf-8").splitlines()[1:]
        except OSError:
            continue
        found |= {int(line.split()[1].rpartition(":")[2], 16) for line in lines if line.split()[3] == LISTEN}
    return found


def listening_at(ours: set[int]) -> list[str]:
    """The sockets that somebody here listens on, as `0.0.0.0:8000`, without those at our own ports."""
    found = set()
    for table, family in (("/proc/net/tcp", socket.AF_INET), ("/proc/net/tcp6", socket.AF_INET6)):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text("utf-8").splitlines()[1:]:
                local, state = line.split()[1], line.split()[3]
                address, _, port = local.rpartition(":")
                if state == LISTEN and int(port, 16) not in ours:
                    found.add(f"{_spelt(address, family)}:{int(port, 16)}")
    return sorted(found)


def _spelt(address: str, family: socket.AddressFamily) -> str:
    """An address of the kernel's table, whose words of four bytes are in this machine's order."""
    words = [int(address[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(address), 8)]
    text = socket.inet_ntop(family, b"".join(words))
    return f"[{text}]" if family == socket.AF_INET6 else text


def pages(routes: dict[str, Any]) -> list[str]:
    """What to ask for: the schema where there is one, the health routes the application has, else its root."""
    known = [(str(path), methods) for path, methods, _ in routes.get("routes", ())]
    plain = [path for path, methods in known if "{" not in path and (not methods or "GET" in methods)]
    health = [path for path in HEALTH if path in plain] or [path for path in plain if "health" in path.lower()]
    schema = routes.get("openapi", "/openapi.json" if not routes else None)
    return list(dict.fromkeys([*([schema] if schema else []), *health[:2]])) or ["/"]


async def ask(port: int, routes: dict[str, Any], patience: float) -> list[dict[str, Any]]:
    """GET each page; `status` 0 where nothing that is HTTP comes back within `patience` seconds."""
    answers = []
    for page in pages(routes):
        answers.append(await get(port, page, patience))
        if answers[-1]["status"] == 0:
            break
    return answers


async def get(port: int, page: str, patience: float, host: str = "127.0.0.1") -> dict[str, Any]:
    """One GET over a connection of its own."""
    began = time.monotonic()
    try:
        status, body = await asyncio.wait_for(_exchange(port, page, host), patience)
    except TimeoutError:
        status, body = 0, f"no answer within {patience:g} s"
    except (OSError, ValueError, IndexError, asyncio.IncompleteReadError) as problem:
        status, body = 0, f"{type(problem).__name__}: {problem}"
    return {"path": page, "status": status, "seconds": round(time.monotonic() - began, 3), "body": body}


async def _exchange(port: int, page: str, host: str) -> tuple[int, str]:
    reader, writer = await _connect(port, host)
    try:
        writer.write(f"GET {page} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nConnection: close\r\n\r\n".encode())
        head = await reader.readline()
        rest = b""
        while len(rest) < MOST and (piece := await reader.read(1 << 16)):
            rest += piece
    finally:
        writer.close()
    return int(head.split()[1]), rest.partition(b"\r\n\r\n")[2][:2000].decode("utf-8", "replace")


async def _connect(port: int, host: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.open_connection(host, port)
    except ConnectionRefusedError:
        if host != "127.0.0.1":
            raise
        return await asyncio.open_connection("::1", port)


class Held:
    """A request whose body has not been sent yet, so that the server is still busy with it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def finish(self, patience: float = 2.5) -> str:
        """Send the rest, shortly after the order to stop. Answers the status that comes back, or `cut`."""
        await asyncio.sleep(0.2)
        try:
            self.writer.write(b"{}")
            await self.writer.drain()
            head = await asyncio.wait_for(self.reader.readline(), patience)
            return head.split()[1].decode("ascii")
        except (OSError, TimeoutError, ValueError, IndexError, asyncio.IncompleteReadError):
            return "cut"
        finally:
            self.writer.close()


async def hold(port: int, method: str, path: str) -> Held | None:
    """Begin a request with a body; None where it is answered before the body comes, so that nothing is under way."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    try:
        reader, writer = await _connect(port)
        writer.write(f"{head}Content-Length: 2\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
    except OSError:
        return None
    try:
        await asyncio.wait_for(reader.read(1), 0.5)
    except TimeoutError:
        return Held(reader, writer)
    except OSError:
        pass
    writer.close()
    return None
