"""Servers that speak HTTP/2 and mean harm, frame by frame (RFC 9113)."""

from __future__ import annotations

import itertools
import socket
import struct
from collections.abc import Callable, Iterator

DATA, HEADERS, RESET, SETTINGS, PUSH, PING, AWAY, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
OK = b"\x88"  # `:status: 200`, as HPACK has it in its static table
_PREFACE = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
Conduct = Callable[[socket.socket], None]
HTTP2: dict[str, Conduct] = {}


def _conduct(conduct: Conduct) -> Conduct:
    HTTP2[conduct.__name__] = conduct
    return conduct


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame, as it goes over the wire."""
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def settings(**values: int) -> bytes:
    """A SETTINGS frame; `s4=0` sets number 4."""
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", int(key[1:]), it) for key, it in values.items()))


def literal(name: bytes, value: bytes) -> bytes:
    """A header that HPACK does not index; both shorter than 127 bytes."""
    return b"\x00" + bytes((len(name),)) + name + bytes((len(value),)) + value


def _exactly(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = client.recv(size - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def asked(client: socket.socket, first: bytes = b"") -> Iterator[int]:
    """The streams on which something is asked for, as they begin, after the greeting of both sides."""
    _exactly(client, _PREFACE)
    client.sendall(first or settings())
    while True:
        head = _exactly(client, 9)
        _exactly(client, int.from_bytes(head[:3], "big"))
        if head[3] == SETTINGS and not head[4] & ACK:
            client.sendall(frame(SETTINGS, ACK, 0))
        if head[3] == HEADERS:
            yield int.from_bytes(head[5:9], "big")


@_conduct
def h2_endless_continuation(client: socket.socket) -> None:
    for stream in asked(client):
        client.sendall(frame(HEADERS, 0, stream, OK))
        while True:
            client.sendall(frame(CONTINUATION, 0, stream, literal(b"x-more", b"y" * 100) * 100))


@_conduct
def h2_empty_continuations(client: socket.socket) -> None:
    for stream in asked(client):
        client.sendall(frame(HEADERS, 0, stream, OK))
        while True:
            client.sendall(frame(CONTINUATION, 0, stream) * 1000)


@_conduct
def h2_bomb_of_headers(client: socket.socket) -> None:
    """One header goes into the table of HPACK, and is then named a hundred thousand times by a byte each."""
    for stream in asked(client):
        entry = b"\x40" + bytes((1,)) + b"x" + b"\x7f\x81\x1e" + b"y" * 4000
        client.sendall(frame(HEADERS, 0, stream, OK + entry))
        for number in range(10):
            client.sendall(frame(CONTINUATION, END_HEADERS if number == 9 else 0, stream, b"\xbe" * 10_000))


@_conduct
def h2_million_headers(client: socket.socket) -> None:
    for stream in asked(client):
        client.sendall(frame(HEADERS, END_STREAM, stream, OK))
        for number in range(1000):
            block = b"".join(literal(b"x-%d-%d" % (number, it), b"y") for it in range(1000))
            client.sendall(frame(CONTINUATION, END_HEADERS if number == 999 else 0, stream, block))


@_conduct
def h2_rapid_resets(client: socket.socket) -> None:
    for stream in asked(client):
        client.sendall(frame(RESET, 0, stream, struct.pack(">I", 8)))


@_conduct
def h2_resets_without_end(client: socket.socket) -> None:
    for stream in asked(client):
        client.sendall(frame(HEADERS, END_HEADERS, stream, OK))
        while True:
            client.sendall(frame(RESET, 0, stream, struct.pack(">I", 8)) * 1000)


@_conduct
def h2_window_that_never_opens(client: socket.socket) -> None:
    """Whoever sends a body waits for ever; whoever reads is answered."""
    for stream in asked(client, settings(s4=0)):
        client.sendall(frame(HEADERS, END_HEADERS, stream, OK) + frame(DATA, END_STREAM, stream, b"{}"))


@_conduct
def h2_answer_that_stalls(client: socket.socket) -> None:
    for stream in asked(client):
        client.sendall(frame(HEADERS, END_HEADERS, stream, OK) + frame(DATA, 0, stream, b"{"))


@_conduct
def h2_endless_body(client: socket.socket) -> None:
    for stream in asked(client):
        client.sendall(frame(HEADERS, END_HEADERS, stream, OK))
        while True:
            client.sendall(frame(DATA, 0, stream, b"x" * 16_384))


@_conduct
def h2_empty_data(client: socket.socket) -> None:
    for stream in asked(client):
        client.sendall(frame(HEADERS, END_HEADERS, stream, OK))
        while True:
            client.sendall(frame(DATA, 0, stream) * 1000)


@_conduct
def h2_pings_without_end(client: socket.socket) -> None:
    for _ in asked(client):
        for number in itertools.count():
            client.sendall(frame(PING, 0, 0, struct.pack(">Q", number)) * 100)


@_conduct
def h2_settings_without_end(client: socket.socket) -> None:
    for _ in asked(client):
        for number in itertools.count():
            client.sendall(settings(s4=65_535 + number % 2) * 100)


@_conduct
def h2_goes_away(client: socket.socket) -> None:
    for _ in asked(client):
        client.sendall(frame(AWAY, 0, 0, struct.pack(">II", 0, 0)))


@_conduct
def h2_pushes_another_host(client: socket.socket) -> None:
    """A page of another host that nobody has asked for, pushed along."""
    for stream in asked(client):
        promised = b"\x82\x87\x84" + literal(b":authority", b"127.0.0.2")
        client.sendall(frame(PUSH, END_HEADERS, stream, struct.pack(">I", 2) + promised))
        client.sendall(frame(HEADERS, END_HEADERS, stream, OK) + frame(DATA, END_STREAM, stream, b"{}"))


@_conduct
def h2_frame_that_is_too_large(client: socket.socket) -> None:
    for stream in asked(client):
        client.sendall(b"\xff\xff\xff" + bytes((DATA, 0)) + struct.pack(">I", stream) + b"x" * 2**20)


@_conduct
def h2_nonsense(client: socket.socket) -> None:
    for _ in asked(client):
        client.sendall(b"\x00\xff" * 50_000)
