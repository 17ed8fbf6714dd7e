"""Dockerfiles, Procfiles, compose files and what of a repository may be read."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from seatrial.project.compose import interpolate, read_compose
from seatrial.project.dockerfile import build_image, env_pairs, read_dockerfile
from seatrial.project.documents import LARGEST, Documents
from seatrial.project.procfile import read_procfile
from seatrial.project.settings_templates import TEMPLATE, copied_name
from tests.project.trees import make

WORDS = [
    "uvicorn", "main:app", "--port", "$PORT", "${PORT:-8000}", "#", "# x", "&&", "a: b", "{x: 1}", "[1]", "'q'",
    '"d"', "true", "null", "12", "1.5", "2020-01-01", "*x", "&y", "!t", "|", ">", "%", "@", "`", ",", "-",
    "- a", "?", "k=v", "http://x", "é",
]  # fmt: skip


def procfiles() -> list[str]:
    chance = random.Random(7)
    commands = (" ".join(chance.choices(WORDS, k=chance.randint(1, 5))) for _ in range(1500))
    return [
        f"{chance.choice(['web', 'worker', 'w-2'])}:{chance.choice([' ', ' ', '  ', ''])}{one}\n" for one in commands
    ]


def by_yaml(text: str) -> dict[str, str] | None:
    try:
        data: Any = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(data, dict) or any(isinstance(value, (dict, list)) for value in data.values()):
        return None
    return {str(key): "" if value is None else str(value) for key, value in data.items()}


def test_procfiles_are_what_yaml_makes_of_them() -> None:
    for text in [*procfiles(), *("".join(pair) for pair in zip(procfiles()[:200], procfiles()[200:400], strict=True))]:
        read = read_procfile(text)
        wanted = by_yaml(text)
        assert bool(read.problem) is (wanted is None), text
        assert {process.name: process.command for process in read.processes} == (wanted or {}), text


def test_railpack_starts_web_then_worker_then_anything() -> None:
    def start(text: str) -> str:
        process = read_procfile(text).start()
        return process.command if process else ""

    assert start("worker: w x\nweb: a b\n") == "a b"
    assert start("other: o x\nworker: w x\n") == "w x"
    assert start("release: r x\n") == "r x"
    assert read_procfile("web:uvicorn main:app").lenient[0].command == "uvicorn main:app"


DOCKERFILE = """\
# escape=`
# a comment
ARG VERSION=3.12
FROM python:${VERSION} AS base
ENV A=1 B="two words" C=$A
ENV OLD old style value
RUN <<EOF
CMD inside
EOF
WORKDIR /one
WORKDIR two
FROM base
USER 1000
CMD ["python", `
  # between
  "main.py"]
"""


def test_dockerfile() -> None:
    documents = Documents(Path("/nowhere"))
    instructions = read_dockerfile(DOCKERFILE)
    image = build_image(instructions, documents, ".")
    assert [(item.keyword, item.line) for item in instructions] == [
        ("ARG", 3), ("FROM", 4), ("ENV", 5), ("ENV", 6), ("RUN", 7), ("WORKDIR", 10), ("WORKDIR", 11), ("FROM", 12),
        ("USER", 13), ("CMD", 14),
    ]  # fmt: skip
    assert image.base == "python:3.12"
    assert image.workdir == "/one/two"
    assert image.environment() == {"A": "1", "B": "two words", "C": "$A", "OLD": "old style value"}
    assert image.command is not None
    assert image.command.argv == ("python", "main.py")


def test_a_command_that_is_no_json_is_for_the_shell() -> None:
    image = build_image(read_dockerfile("FROM x\nCMD ['uvicorn', 'main:app']\n"), Documents(Path("/nowhere")), ".")
    assert image.command is not None
    assert (image.command.argv, image.command.shell) == ((), "['uvicorn', 'main:app']")
    assert env_pairs("A=1 B") == [("A", "1")]


COMPOSE = """\
x-common: &common
  environment: &env
    SHARED: yes
services:
  api:
    <<: *common
    build: {context: ./backend, dockerfile: Dockerfile.prod, target: run}
    command: ["uvicorn", "main:app"]
    env_file: [a.env, {path: b.env, required: false}]
    volumes: ["./backend:/app", "data:/data", {type: bind, source: ./x, target: /y}]
  db:
    image: postgres
    environment: [POSTGRES_DB=app, PASSED]
"""


def test_compose(tmp_path: Path) -> None:
    api, db = read_compose(COMPOSE, "compose.yaml", Documents(tmp_path))
    assert (api.context, api.dockerfile, api.stage, api.command) == (
        "backend",
        "Dockerfile.prod",
        "run",
        ("uvicorn", "main:app"),
    )
    assert [(item.name, item.value) for item in api.environment] == [("SHARED", "yes")]
    assert [path for path, _ in api.env_files] == ["a.env", "b.env"]
    assert api.volumes == (("backend", "/app"), ("x", "/y"))
    assert [(item.name, item.value, item.line) for item in db.environment] == [
        ("POSTGRES_DB", "app", 13),
        ("PASSED", None, 13),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", ("1", True)),
        ("$A", ("1", True)),
        ("${B:-two}", ("two", True)),
        ("${E-x}", ("", True)),
        ("${E:-x}", ("x", True)),
        ("${B}", ("", False)),
        ("${B:?must}", ("", False)),
        ("$$A", ("$A", True)),
        ("${A:+y}", ("y", True)),
        ("${B:-${A}}", ("1", True)),
    ],
)
def test_compose_fills_in_variables(text: str, expected: tuple[str, bool]) -> None:
    assert interpolate(text, {"A": "1", "E": ""}) == expected


TEMPLATES = {
    ".env.example": ".env",
    ".env.sample": ".env",
    ".env.template": ".env",
    ".env.dist": ".env",
    "env.example": ".env",
    "example.env": ".env",
    ".env-example": ".env",
    ".env_example": ".env",
    "dotenv.example": ".env",
    ".env.example.txt": ".env",
    ".env.local.example": ".env.local",
    ".env.example.local": ".env.local",
    ".env.production.example": ".env.production",
    "prod.env.example": "prod.env",
    ".example.env": ".env",
    "sample.env": ".env",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_are_known_by_name(name: str) -> None:
    assert TEMPLATE.fullmatch(name)
    assert copied_name(name) == TEMPLATES[name]


@pytest.mark.parametrize(
    "name", [".env", ".env.local", "env.py", "environment.yml", "example.py", ".envrc", "prod.env"]
)
def test_other_names_are_no_templates(name: str) -> None:
    assert TEMPLATE.fullmatch(name) is None


def test_only_the_repository_around_is_read(tmp_path: Path) -> None:
    make(tmp_path, {"outside.md": "no", "repo/README.md": "yes", "repo/apps/api/main.py": ""})
    (tmp_path / "repo/.git").mkdir()
    documents = Documents.of(tmp_path / "repo/apps/api")
    assert list(documents.folders(".")) == [".", "..", "../.."]
    assert documents.text("../../README.md") == "yes"
    assert documents.text("../../../outside.md") is None
    assert documents.normal("../api/main.py") == "main.py"
    assert documents.text("/etc/hostname") is None
    assert list(Documents.of(tmp_path).folders(".")) == ["."]


def test_what_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    make(
        tmp_path,
        {
            "big": b"x" * (LARGEST + 1),
            "binary": b"\0\1",
            "bom": b"\xef\xbb\xbfa\r\nb\r",
            "bad": b"\xff\xfea"[2:] + b"\xe9",
        },
    )
    os.mkfifo(tmp_path / "pipe")
    documents = Documents.of(tmp_path)
    assert [documents.text(name) for name in ("big", "binary", "pipe", "none", "bom", "bad")] == [
        None, None, None, None, "a\nb\n", "a\ufffd",
    ]  # fmt: skip
    assert documents.is_file("BOM") is False
