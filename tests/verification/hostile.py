"""Servers that mean harm, one function each: what a client meets when it believes what it is sent.

Each answers every connection in its own way, over real sockets of this machine.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.verification.serving import Papers, listening, papers

Conduct = Callable[[socket.socket], None]
CONDUCTS: dict[str, Conduct] = {}
ELSEWHERE = "127.0.0.2"  # another host of this machine: nobody named it
_HEAD = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\n%s\r\n"


def _conduct(conduct: Conduct) -> Conduct:
    CONDUCTS[conduct.__name__] = conduct
    return conduct


def _heard(client: socket.socket) -> str:
    """The request's path, once its head has been read."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        if not more:
            raise ConnectionError
        data += more
    return data.split(b" ", 2)[1].decode("latin-1")


def _answer(client: socket.socket, body: bytes, status: bytes = b"200 OK", headers: bytes = b"") -> None:
    length = b"Content-Length: %d\r\nConnection: close\r\n" % len(body)
    client.sendall(_HEAD % (status, length + headers) + body)


@_conduct
def endless_chunks(client: socket.socket) -> None:
    _heard(client)
    client.sendall(_HEAD % (b"200 OK", b"Transfer-Encoding: chunked\r\n"))
    while True:
        client.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


@_conduct
def endless_declared(client: socket.socket) -> None:
    _heard(client)
    client.sendall(_HEAD % (b"200 OK", b"Content-Length: 1000000000000\r\n"))
    while True:
        client.sendall(b"x" * 65536)


@_conduct
def gzip_bomb(client: socket.socket) -> None:
    _heard(client)
    _answer(client, BOMB, headers=b"Content-Encoding: gzip\r\n")


@_conduct
def deflate_bomb(client: socket.socket) -> None:
    _heard(client)
    _answer(client, DEFLATED, headers=b"Content-Encoding: deflate\r\n")


@_conduct
def brotli_bomb(client: socket.socket) -> None:
    _heard(client)
    _answer(client, BROTLI, headers=b"Content-Encoding: br\r\n")


@_conduct
def gzip_in_gzip(client: socket.socket) -> None:
    _heard(client)
    _answer(client, gzip.compress(BOMB), headers=b"Content-Encoding: gzip, gzip\r\n")


@_conduct
def broken_gzip(client: socket.socket) -> None:
    _heard(client)
    _answer(client, b"this is no gzip", headers=b"Content-Encoding: gzip\r\n")


@_conduct
def redirect_loop(client: socket.socket) -> None:
    path = _heard(client)
    _answer(client, b"", b"307 Temporary Redirect", b"Location: %s\r\n" % path.encode("latin-1"))


@_conduct
def redirect_chain(client: socket.socket) -> None:
    path = _heard(client)
    _answer(client, b"", b"302 Found", b"Location: %s/further\r\n" % path.encode("latin-1")[:4000])


@_conduct
def redirect_elsewhere(client: socket.socket) -> None:
    _heard(client)
    port = client.getsockname()[1]
    _answer(client, b"", b"307 Temporary Redirect", b"Location: http://%s:%d/\r\n" % (ELSEWHERE.encode(), port))


@_conduct
def redirect_to_a_file(client: socket.socket) -> None:
    _heard(client)
    _answer(client, b"", b"302 Found", b"Location: file:///etc/passwd\r\n")


@_conduct
def slow_head(client: socket.socket) -> None:
    _heard(client)
    for byte in itertools.chain(b"HTTP/1.1 200 OK\r\nX-Slow: ", itertools.repeat(120)):
        client.sendall(bytes([byte]))
        time.sleep(0.5)


@_conduct
def slow_body(client: socket.socket) -> None:
    _heard(client)
    client.sendall(_HEAD % (b"200 OK", b"Content-Length: 1000000\r\n"))
    while True:
        client.sendall(b"x")
        time.sleep(0.5)


@_conduct
def silence(client: socket.socket) -> None:
    while client.recv(65536):
        pass


@_conduct
def hangs_up(client: socket.socket) -> None:
    _heard(client)


@_conduct
def resets(client: socket.socket) -> None:
    _heard(client)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@_conduct
def another_protocol(client: socket.socket) -> None:
    client.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    _heard(client)


@_conduct
def html_for_json(client: socket.socket) -> None:
    _heard(client)
    _answer(client, b"<!doctype html><html><body><div id=root></div></body></html>")


@_conduct
def wrong_length(client: socket.socket) -> None:
    _heard(client)
    client.sendall(_HEAD % (b"200 OK", b"Content-Length: 5000\r\n") + b'{"status":"ok"}')


@_conduct
def wrong_chunks(client: socket.socket) -> None:
    _heard(client)
    client.sendall(_HEAD % (b"200 OK", b"Transfer-Encoding: chunked\r\n") + b"zz\r\nnonsense\r\n")


@_conduct
def endless_continue(client: socket.socket) -> None:
    _heard(client)
    while True:
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


@_conduct
def impossible_status(client: socket.socket) -> None:
    _heard(client)
    _answer(client, b"{}", b"999 Nonsense")


@_conduct
def million_headers(client: socket.socket) -> None:
    _heard(client)
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(1000):
        client.sendall(b"".join(b"X-%d-%d: y\r\n" % (number, it) for it in range(1000)))
    client.sendall(b"Content-Length: 2\r\n\r\n{}")


@_conduct
def endless_header(client: socket.socket) -> None:
    _heard(client)
    client.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        client.sendall(b"y" * 65536)


@_conduct
def cookie_flood(client: socket.socket) -> None:
    _heard(client)
    cookies = b"".join(b"Set-Cookie: c%d=%s; Path=/\r\n" % (it, b"v" * 100) for it in range(700))
    _answer(client, b'{"status":"ok"}', headers=cookies)


@_conduct
def foreign_cookie(client: socket.socket) -> None:
    _heard(client)
    _answer(client, b'{"status":"ok"}', headers=b"Set-Cookie: session=x; Domain=example.com; Secure\r\n")


@_conduct
def deep_json(client: socket.socket) -> None:
    _heard(client)
    _answer(client, b"[" * 200_000)


@_conduct
def long_number(client: socket.socket) -> None:
    _heard(client)
    _answer(client, b'{"status":' + b"9" * 100_000 + b"}")


@_conduct
def yes_to_everything(client: socket.socket) -> None:
    _heard(client)
    _answer(client, b'{"status":"ok","id":1,"token":"t","access_token":"t","items":[]}')


@_conduct
def never_allows(client: socket.socket) -> None:
    _heard(client)
    _answer(client, b"{}", b"429 Too Many Requests", b"Retry-After: 99999999\r\n")


@_conduct
def writes_on_the_terminal(client: socket.socket) -> None:
    _heard(client)
    _answer(client, b'{"status":"ok","say":"\x1b]0;owned\x07\x1b[2J\x1b[31m"}', headers=b"X-Say: \x1b[2J\r\n")


@_conduct
def recursive_schema(client: socket.socket) -> None:
    _heard(client)
    loop = {"$ref": "#/components/schemas/Loop"}
    paths = {
        "/todos": {"post": _operation(loop), "get": {}},
        "/register": {"post": _operation(loop)},
    }
    _answer(client, _schema(paths, {"Loop": {"allOf": [loop], "properties": {"loop": loop}}}))


@_conduct
def schema_elsewhere(client: socket.socket) -> None:
    _heard(client)
    port = client.getsockname()[1]
    host = f"http://{ELSEWHERE}:{port}"
    paths: dict[str, object] = {
        f"//{ELSEWHERE}:{port}/todos": {"get": {}, "post": {}},
        f"{host}/todos": {"get": {}, "post": {}},
    }
    document = json.loads(_schema(paths | {"@" + ELSEWHERE: {"get": {}}}, {}))
    document["servers"] = [{"url": host}]
    _answer(client, json.dumps(document).encode())


@_conduct
def endless_schema(client: socket.socket) -> None:
    _heard(client)
    _answer(client, _schema({f"/todos{it}": {"get": {}, "post": {}} for it in range(20_000)}, {}))


def _operation(schema: dict[str, str]) -> dict[str, object]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def _schema(paths: Mapping[str, object], schemas: Mapping[str, object]) -> bytes:
    info = {"title": "hostile", "version": "1"}
    return json.dumps({"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}).encode()


# 256 MB of nothing in 200 bytes: a stream of meta-blocks of 16 MB, as brotli 1.1 writes it.
BROTLI = bytes.fromhex(
    "cbffff3ff82700e2b14020f7fe8fffff7ff04f00c4611180eefd1fffffffe09f0088c30200ddfb3ffeffffc13f0110870500baf77ffcffff837f02200e0b0074effff8ffff07ff04401c1600e8defff1ffff0ffe0980382c00d0bdffe3ffff1ffc1300715800a07bffc7ffff3ff82700e2b00040f7fe8fffff7ff04f00c4610180eefd1fffffffe09f0088c30200ddfb3ffeffffc13f0110870500baf77ffcffff837f02200e0b0074effff8ffff07ff04401c1600e8defff1ffff0ffe0980382c00d0bdffe3ffff1ffc1300715800a07bffc7ffff3ff82700e2b00040f7fe8fffff7ff04f00c4610180eefd1fffffffe09f0088c30200ddfb3ffeffffc13f0110870500baf77ffcffff837f02200e0b0074effff8ffff07ff04401c1600e8defff1ffff0ffe0980382c00d0bdffe3ffff1ffc1300715800a07bffc7ffff3ff82700e2b00040f7fe8fffff7ff04f00c4610180eefd1fffffffe09f0088c30200ddfb3ffeffffc13f0110870500baf77ffcffff837f02200e0b0074effff8ffff07ff04401c1600e8defff1ffff0ffe0980382c00d0bdffe3ffff1ffc1300715800a07bff37"
)
DEFLATED = zlib.compress(b"\0" * 2**28)
BOMB = gzip.compress(b"\0" * 2**28)  # 256 MB of nothing in 260 kB


class Server:
    """A hostile server while it runs: its URL, and how often it and the host that nobody named were asked."""

    def __init__(self, conduct: Conduct, tls: Papers | None, protocols: Sequence[str]) -> None:
        self.conduct, self.tls, self.protocols = conduct, tls, list(protocols)
        self.listener = listening()
        port = self.listener.getsockname()[1]
        self.elsewhere = listening(ELSEWHERE, port)
        self.asked = self.asked_elsewhere = 0
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        threading.Thread(target=self._accept, daemon=True).start()
        threading.Thread(target=self._accept_elsewhere, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.asked += 1
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _accept_elsewhere(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.elsewhere.accept()
                self.asked_elsewhere += 1
                client.close()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            client.settimeout(120)
            if self.tls:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.tls.certificate, self.tls.key)
                context.set_alpn_protocols(self.protocols)
                client = context.wrap_socket(client, server_side=True)
            self.conduct(client)

    def close(self) -> None:
        """Stop listening; what is still being served ends with its client."""
        for it in (self.listener, self.elsewhere):
            with contextlib.suppress(OSError):
                it.shutdown(socket.SHUT_RDWR)
            it.close()


@contextlib.contextmanager
def hostile(conduct: Conduct, tls: Papers | None = None, protocols: Sequence[str] = ("http/1.1",)) -> Iterator[Server]:
    """A server of that conduct, which speaks these protocols over TLS."""
    server = Server(conduct, tls, protocols)
    try:
        yield server
    finally:
        server.close()


def no_handshake(client: socket.socket) -> None:
    """For an https URL: what speaks there is no TLS."""
    client.recv(65536)
    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def cut_handshake(client: socket.socket) -> None:
    """For an https URL: the handshake ends in the middle."""
    client.recv(65536)
    client.sendall(bytes.fromhex("16030300 7a02 00"))


def silent_handshake(client: socket.socket) -> None:
    """For an https URL: the handshake never goes on."""
    while client.recv(65536):
        pass


def papers_of_another_host(place: Path) -> Papers:
    """A certificate for a name that is not this machine's."""
    return papers(place, "elsewhere.example")
