"""Connections on which no whole head of a request comes do not stay."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.parts.service import Service

# As it is started everywhere, with less patience.
HASTY = """
import sys
import src.edge.heads
from src.__main__ import main

src.edge.heads.PATIENCE_S = 1.0
sys.exit(main())
"""
LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def hasty(env: dict[str, str]) -> Iterator[Service]:
    service = Service(env, "-c", HASTY).wait()
    yield service
    service.close()


def connect(service: Service) -> socket.socket:
    return socket.create_connection(("127.0.0.1", service.port), 60)


def ask(connection: socket.socket) -> bytes:
    """The whole answer."""
    connection.sendall(LIVE)
    answer = b""
    while not answer.endswith(b"}") and (more := connection.recv(4096)):
        answer += more
    return answer


@pytest.mark.parametrize("said", [b"", b"GET /health/live HTT", LIVE[:-2], b"\r\n"])
def test_a_head_that_does_not_come_is_not_waited_for(hasty: Service, said: bytes) -> None:
    with connect(hasty) as connection:
        connection.sendall(said)
        assert connection.recv(100) == b""


@pytest.mark.parametrize("said", [b"GET /he", b"\r\n"])
def test_nor_is_one_after_a_request_that_came(hasty: Service, said: bytes) -> None:
    with connect(hasty) as connection:
        assert ask(connection).startswith(b"HTTP/1.1 200")
        connection.sendall(said)
        assert connection.recv(4096) == b""


def test_requests_and_pauses_between_them_are_left_alone(hasty: Service) -> None:
    """Three patiences long: a connection that is kept, one whose body is still to come."""
    with connect(hasty) as kept, connect(hasty) as begun:
        begun.sendall(b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
        assert ask(kept).startswith(b"HTTP/1.1 200")
        begun.settimeout(3)
        with pytest.raises(TimeoutError):
            begun.recv(1)
        assert ask(kept).startswith(b"HTTP/1.1 200")
    assert httpx.get(f"{hasty.url}/health").status_code == 200
