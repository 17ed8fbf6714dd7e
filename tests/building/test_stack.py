"""The project's own compose stack, brought up and taken down by whichever compose is here."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import UsageError
from seatrial.proof.building.composing import container_ports, env_files, not_accepted, refusals, tamed
from tests.building.conftest import MAIN, Builder, codes, evidence, left, marks

DOCKERFILE = """\
FROM {base}
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY main.py .
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]
"""
STACK = """\
services:
  api:
    build: .
    container_name: tasks
    restart: always
    ports: ["8000:8000"]
    environment:
      ENVIRONMENT: ${{SURROUNDINGS:-production}}
    depends_on:
      notes:
        condition: service_healthy
    healthcheck:
      test: ["CMD", "python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health')"]
      interval: 1s
      retries: 60
  notes:
    image: {base}
    init: true
    command: ["python", "-m", "http.server", "{port}"]
    healthcheck:
      test: ["CMD", "python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8001))"]
      interval: 1s
      retries: {retries}
    volumes: ["kept:/kept"]
volumes:
  kept: {{}}
"""


@pytest.mark.needs("docker", "compose")
def test_a_stack_comes_up_healthy_serves_and_goes(base_image: str, build: Builder) -> None:
    stack = STACK.format(base=base_image, port=8001, retries=60)
    result = build({"Dockerfile": DOCKERFILE.format(base=base_image), "compose.yaml": stack}, compose=True)
    seen = evidence(result, "stack")
    assert marks(result)["stack"] == "pass", seen
    assert "api: running, healthy" in seen and "notes: running, healthy" in seen
    assert "api:8000/health answered 200" in seen
    assert left() == []


@pytest.mark.nightly
@pytest.mark.needs("docker", "compose")
def test_a_stack_that_does_not_become_healthy_says_which_service(base_image: str, build: Builder) -> None:
    stack = STACK.format(base=base_image, port=9001, retries=2)
    result = build({"Dockerfile": DOCKERFILE.format(base=base_image), "compose.yaml": stack}, compose=True)
    assert marks(result)["stack"] == "fail"
    assert codes(result) == {"BLD018"}
    assert "notes" in evidence(result, "stack")
    assert left() == []


def test_what_reaches_out_of_the_containers_is_refused(tmp_path: Path) -> None:
    services = {
        "a": {"privileged": True},
        "b": {"network_mode": "host"},
        "c": {"volumes": ["/var/run/docker.sock:/var/run/docker.sock", "kept:/kept", f"{tmp_path}/data:/data"]},
        "d": {"volumes": [{"type": "bind", "source": "/", "target": "/host"}]},
        "e": {"image": "redis", "volumes": [{"type": "volume", "source": "kept", "target": "/data"}]},
    }
    assert refusals({"services": services}, tmp_path) == (
        "a: privileged",
        "b: network_mode host",
        "c: the folder /var/run/docker.sock of this machine",
        "d: the folder / of this machine",
    )


def test_a_file_that_compose_refuses_is_refused_at_its_line() -> None:
    text = "services:\n  cache:\n    image: redis\n    command: redis-server --requirepass 4t$@ht\n"
    said = 'Invalid interpolation format for "command" option in service "cache": "redis-server --requirepass 4t$@ht"'
    issue = not_accepted("compose.yaml", text, said)
    assert (issue.location.line, issue.no_fix_reason) == (
        4,
        "Write `$$` for each dollar sign that is meant as it stands.",
    )
    assert not_accepted("compose.yaml", text, "services.cache.ports contains an invalid type").location.line == 2


def test_files_of_variables_are_found_in_every_form() -> None:
    text = (
        "services:\n  a: {env_file: .env.local}\n  b: {env_file: [one.env, {path: two.env, required: false}]}\n"
        "  c: {env_file: '${WHICH}.env'}\n  d: {}\n"
    )
    assert list(env_files(text)) == [".env.local", "one.env", "two.env"]
    assert list(env_files("services: [a]\n")) == list(env_files(":\n :")) == []


@pytest.mark.nightly
@pytest.mark.needs("docker", "compose")
def test_services_that_share_an_image_and_a_file_of_variables_that_is_not_there(
    base_image: str, build: Builder
) -> None:
    stack = """\
services:
  api:
    build: .
    image: tasks:latest
    env_file: config/api.env
    command: sh -c 'test "$$GREETING" = hello && exec uvicorn main:app --host 0.0.0.0 --port 8000'
    ports: ["8000:8000"]
  worker:
    image: tasks:latest
    command: sh -c 'exec python -m http.server 9000'
    depends_on: [api]
"""
    files = {
        "Dockerfile": DOCKERFILE.format(base=base_image),
        "compose.yaml": stack,
        ".env.example": "GREETING=hello\n",
        "main.py": f"import os\n\nGREETING = os.environ['GREETING']\n{MAIN}",
    }
    result = build(files, compose=True)
    seen = evidence(result, "stack")
    assert "api: running" in seen and "worker: running" in seen, seen
    assert "api:8000/health answered 200" in seen
    assert left() == []


def test_nothing_of_this_machine_is_taken() -> None:
    service = {
        "build": {"context": "."},
        "image": "mine:latest",
        "ports": ["127.0.0.1:80:8000/tcp"],
        "container_name": "x",
    }
    changed = tamed({"services": {"api": service}, "networks": {"back": None}, "volumes": {"data": None}})
    assert changed["services"]["api"].keys() == {"build", "labels", "restart"}
    assert {name: network["internal"] for name, network in changed["networks"].items()} == {
        "default": True,
        "back": True,
    }
    assert container_ports(service) == (8000,)


def test_without_a_compose_file_there_is_one_sentence(build: Builder) -> None:
    with pytest.raises(UsageError, match="--compose needs a compose file"):
        build(compose=True)
