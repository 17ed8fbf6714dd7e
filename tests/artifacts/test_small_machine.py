"""The image of the reference backend with 256 MB and half a processor, under more load than it can take."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from seatrial.project.settings_facts import StandIn
from tests.artifacts.test_used import BACKEND, CONTENT, answer, docker, free_port, image_of
from tests.rules.database import Database, database

PATIENCE_S = 120.0
CLIENTS = 300
ENOUGH = 1000
LIMITS = ("--memory", "256m", "--memory-swap", "256m", "--cpus", "0.5")
GUARD = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--restart", "on-failure")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory, base_image: str) -> Iterator[str]:
    root = tmp_path_factory.mktemp("small") / "backend"
    shutil.copytree(BACKEND, root, ignore=CONTENT)
    dockerfile = root / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("python:3.13-slim", base_image))
    with image_of(root, "seatrial-small") as made:
        yield made


def surroundings(kept: Database, port: int) -> list[str]:
    """What production needs, as options; one process counts for itself, and the address is not what is limited here."""
    it = StandIn()
    url = f"postgresql://{it.user}:{it.password}@127.0.0.1:{kept.port}/{it.database}?sslmode=require"
    told = {
        "ENVIRONMENT": "production",
        "PORT": str(port),
        "DATABASE_URL": url,
        "DATABASE_CA_FILE": "/authority.crt",
        "REDIS_URL": "memory://",
        "JWT_SECRET": uuid.uuid4().hex * 2,
        "BETTER_AUTH_ENABLED": "false",
        "CORS_ORIGINS": "https://tasks.example.com",
        "RATE_LIMIT_ADDRESS": "1000000/minute",
    }
    options = ["--network", "host", "--volume", f"{kept.certificate}:/authority.crt:ro"]
    return options + [word for name, value in told.items() for word in ("--env", f"{name}={value}")]


@contextmanager
def running(image: str, options: list[str]) -> Iterator[str]:
    container = docker("run", "--detach", *GUARD, *LIMITS, *options, image)
    try:
        yield container
    finally:
        subprocess.run(["docker", "rm", "--force", container], capture_output=True)


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    head = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "Content-Type: application/json", "", ""]).encode() + body


async def ask(port: int, asked: bytes, seen: Counter[str], ending: asyncio.Event) -> None:
    """The same again and again; what is answered, or how it was cut."""
    while not ending.is_set():
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while not ending.is_set():
                writer.write(asked)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
                seen[head.split()[1].decode()] += 1
                if b"connection: close" in head:
                    break
            writer.close()
        except (OSError, asyncio.IncompleteReadError) as error:
            seen[type(error).__name__] += 1
            await asyncio.sleep(0.1)


async def overload(port: int, token: str) -> Counter[str]:
    """Reads, tries to sign in and large bodies from many sides, until every kind of answer has been seen."""
    kinds = [
        request("GET", "/tasks", token),
        request("POST", "/auth/login", token, b'{"email": "nobody@example.com", "password": "12345678"}'),
        request("POST", "/tasks", token, b'{"title": "' + b"x" * 900_000 + b'"}'),
        request("POST", "/tasks", token, b'{"title": [' + b"1," * 440_000 + b"1]}"),
    ]
    seen, ending = Counter[str](), asyncio.Event()
    asking = [asyncio.create_task(ask(port, kinds[turn % 4], seen, ending)) for turn in range(CLIENTS)]
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and not (seen.total() > ENOUGH and {"200", "429", "503"} <= set(seen)):
        await asyncio.sleep(0.1)
    ending.set()
    await asyncio.gather(*asking)
    return seen


def sign_in(client: httpx.Client) -> str:
    body = {"email": f"{uuid.uuid4().hex}@example.com", "password": "correct horse battery staple"}
    assert client.post("/auth/signup", json=body).status_code == 201
    return str(client.post("/auth/login", json=body).json()["access_token"])


def state_of(container: str) -> tuple[Any, ...]:
    told = json.loads(docker("inspect", container))[0]
    return told["State"]["Running"], told["State"]["OOMKilled"], told["RestartCount"]


@pytest.mark.needs("docker", "postgresql")
def test_what_is_too_much_is_refused_and_nothing_dies(image: str) -> None:
    port = free_port()
    with database() as kept:
        options = surroundings(kept, port)
        docker("run", "--rm", *options, image, "python", "-m", "alembic", "upgrade", "head")
        with running(image, options) as container, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as one:
            assert answer(f"{one.base_url}/health") == 200
            token, other = sign_in(one), sign_in(one)
            before = docker("exec", container, "cat", "/proc/1/stat").split()[21]
            seen = asyncio.run(overload(port, token))
            assert {"200", "429", "503"} <= set(seen) <= {"200", "401", "422", "429", "503"}, seen
            assert state_of(container) == (True, False, 0)
            assert docker("exec", container, "cat", "/proc/1/stat").split()[21] == before
            assert answer(f"{one.base_url}/health") == 200
            headers = {"Authorization": f"Bearer {other}"}
            assert one.post("/tasks", json={"title": "afterwards"}, headers=headers).status_code == 201
