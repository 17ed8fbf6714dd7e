"""PostgreSQL as a documented URL expects it: over TCP, with TLS, for any user, password and database.

The server behind it listens on a Unix socket only, trusts everyone, and may be built without TLS. The front answers
the request for TLS (the old one and the direct one of PostgreSQL 17), makes the role and the database that the client
names, drops the start options that only Neon's proxy understands, and then relays bytes. A client whose password is
known from the documented environment is asked for it by SCRAM with channel binding, because libpq's
`channel_binding=require` (which Neon's URLs carry) accepts nothing less. Standard library only.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Mapping

from seatrial.proof import scram

TLS, CANCEL, GSS = 80877103, 80877102, 80877104
OWNER = "seatrial"
FOREIGN_OPTIONS = ("endpoint=", "project=")


class Front:
    """Relays between TCP clients and the Unix socket of one throwaway server."""

    def __init__(self, server: str, tls: ssl.SSLContext, binding: bytes, passwords: Mapping[str, str]) -> None:
        self.server, self.tls, self.binding, self.passwords = server, tls, binding, passwords
        self.ready = asyncio.Event()
        self.dead = ""
        self.made: set[tuple[str, str]] = set()
        self.making = asyncio.Lock()
        self.tasks: set[asyncio.Task[None]] = set()

    def listen(self, address: str, port: int) -> int:
        """Accept clients on one address; returns the port (which the kernel chooses for port 0)."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(128)
        sock.setblocking(False)
        self._keep(asyncio.create_task(self._accept(sock)))
        return int(sock.getsockname()[1])

    def _keep(self, task: asyncio.Task[None]) -> None:
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _accept(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(sock)
            self._keep(asyncio.create_task(self._serve(client)))

    async def _serve(self, client: socket.socket) -> None:
        client.setblocking(False)
        with contextlib.suppress(OSError, EOFError, ssl.SSLError, ValueError, asyncio.IncompleteReadError):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                tls, start = await self._greet(client)
            except BaseException:
                client.close()
                raise
            reader, writer = await _streams(client, self.tls if tls else None)  # from here on the stream closes it
            try:
                await self._converse(reader, writer, start or await _packet(reader))
            finally:
                writer.close()

    async def _greet(self, client: socket.socket) -> tuple[bool, bytes]:
        """Agree on TLS or not; the client's first real packet where it came without."""
        loop = asyncio.get_running_loop()
        if (await _peek(client))[:1] == b"\x16":
            return True, b""
        while True:
            packet = await _raw_packet(client)
            code = int.from_bytes(packet[4:8], "big")
            if code == TLS:
                await loop.sock_sendall(client, b"S")
                return True, b""
            if code != GSS:
                return False, packet
            await loop.sock_sendall(client, b"N")

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, start: bytes) -> None:
        await self.ready.wait()
        if self.dead:
            writer.write(error("57P03", self.dead))
            return await writer.drain()
        behind_reader, behind = await asyncio.open_unix_connection(self.server)
        try:
            if int.from_bytes(start[4:8], "big") != CANCEL:
                start = await self._enter(reader, writer, start)
            behind.write(start)
            if not start:
                return None
            relays = [
                asyncio.ensure_future(_relay(reader, behind)),
                asyncio.ensure_future(_relay(behind_reader, writer)),
            ]
            await asyncio.wait(relays, return_when=asyncio.FIRST_COMPLETED)
            for relay in relays:
                relay.cancel()
        finally:
            behind.close()

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, start: bytes) -> bytes:
        """Make what the client asks for exist; returns the start packet to pass on, empty when it was turned away."""
        fields = parse_start(start)
        user = fields.get("user", OWNER)
        database = fields.get("database") or user
        async with self.making:
            if (user, database) not in self.made:
                await make(self.server, user, database)
                self.made.add((user, database))
        encrypted = writer.get_extra_info("ssl_object") is not None
        if (
            encrypted
            and user in self.passwords
            and not await scram.ask(reader, writer, self.passwords[user], self.binding)
        ):
            writer.write(error("28P01", f'password authentication failed for user "{user}"'))
            await writer.drain()
            return b""
        return build_start(start[4:8], fields)


def parse_start(packet: bytes) -> dict[str, str]:
    """The fields of a start packet."""
    parts = packet[8:].decode("utf-8", "replace").split("\0")
    return {name: value for name, value in zip(parts[::2], parts[1::2], strict=False) if name}


def build_start(version: bytes, fields: Mapping[str, str]) -> bytes:
    """A start packet without the options that only Neon's proxy understands."""
    kept = dict(fields)
    words = [
        word for word in kept.get("options", "").split() if not word.removeprefix("-c").startswith(FOREIGN_OPTIONS)
    ]
    if "options" in kept:
        kept["options"] = " ".join(word for word in words if word != "-c" or len(words) > 1)
    body = version + b"".join(f"{k}\0{v}\0".encode() for k, v in kept.items() if v or k != "options") + b"\0"
    return struct.pack("!I", len(body) + 4) + body


def error(code: str, text: str) -> bytes:
    """An ErrorResponse."""
    body = f"SFATAL\0VFATAL\0C{code}\0M{text}\0\0".encode()
    return b"E" + struct.pack("!I", len(body) + 4) + body


def name(text: str) -> str:
    """An SQL identifier."""
    return '"' + text.replace('"', '""') + '"'


async def make(server: str, user: str, database: str) -> None:
    """Create the role and the database; what is there already stays as it is."""
    reader, writer = await asyncio.open_unix_connection(server)
    try:
        writer.write(build_start(struct.pack("!I", 196608), {"user": OWNER, "database": "postgres"}))
        await _until_ready(reader)
        for statement in (
            f"CREATE ROLE {name(user)} LOGIN SUPERUSER",
            f"CREATE DATABASE {name(database)} OWNER {name(user)}",
        ):
            query = statement.encode() + b"\0"
            writer.write(b"Q" + struct.pack("!I", len(query) + 4) + query)
            await _until_ready(reader)
    finally:
        writer.close()


async def _until_ready(reader: asyncio.StreamReader) -> None:
    while True:
        kind, length = struct.unpack("!cI", await reader.readexactly(5))
        await reader.readexactly(length - 4)
        if kind == b"Z":
            return


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


async def _peek(sock: socket.socket) -> bytes:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sock, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sock)
    return sock.recv(1, socket.MSG_PEEK)


async def _raw_packet(sock: socket.socket) -> bytes:
    """One packet read from the socket itself, and not one byte more: TLS may follow."""
    loop, data, wanted = asyncio.get_running_loop(), b"", 4
    while len(data) < wanted:
        piece = await loop.sock_recv(sock, wanted - len(data))
        if not piece:
            raise EOFError
        data += piece
        if len(data) == 4:
            wanted = _length(data)
    return data


async def _packet(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(4)
    return head + await reader.readexactly(_length(head) - 4)


def _length(head: bytes) -> int:
    length = int.from_bytes(head, "big")
    if not 8 <= length <= 10000:
        raise ValueError("this is no PostgreSQL client")
    return length


async def _streams(
    sock: socket.socket, tls: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(lambda: protocol, sock, ssl=tls)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)
