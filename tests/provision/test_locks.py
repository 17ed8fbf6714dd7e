"""A lock file is taken at its word, for the interpreter at hand."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from seatrial.issue import Location
from seatrial.provision.interpreter import Interpreter
from seatrial.provision.locks import read_lock
from seatrial.provision.requirements import Declared
from seatrial.provision.resolution import Request, resolve
from tests.provision.local_index import LocalIndex
from tests.provision.test_resolution import uv

POETRY_2 = """
[[package]]
name = "Core"
version = "1.0"
optional = false
python-versions = ">=3.8"
groups = ["main", "dev"]

[[package]]
name = "pytest"
version = "8.0"
optional = false
python-versions = "*"
groups = ["dev"]

[[package]]
name = "winonly"
version = "2.0"
optional = false
python-versions = "*"
groups = ["main"]
markers = "sys_platform == 'never'"

[[package]]
name = "from-git"
version = "3.0"
optional = false
python-versions = "*"
groups = ["main"]
[package.source]
type = "git"
url = "https://127.0.0.1:9/x.git"
"""

POETRY_1 = """
[[package]]
name = "web"
version = "1.0"
optional = false
python-versions = ">=3.6"
[package.dependencies]
core = "<2"
colour = {version = "*", markers = "platform_system == 'Never'"}

[[package]]
name = "core"
version = "1.0"
optional = false
python-versions = "*"

[[package]]
name = "core"
version = "0.5"
optional = false
python-versions = "<3.7"

[[package]]
name = "colour"
version = "1.0"
optional = false
python-versions = "*"

[[package]]
name = "black"
version = "23"
optional = false
python-versions = "*"
"""

PDM = """
[[package]]
name = "core"
version = "1.0"
requires_python = ">=3.8"
groups = ["default"]

[[package]]
name = "ruff"
version = "0.5"
groups = ["dev"]
"""


def pins(path: Path, interpreter: Interpreter) -> dict[str, str]:
    read = read_lock(path, path.parent, interpreter)
    assert isinstance(read, Declared), read
    return {line.name: line.text for line in read.lines}


def test_poetry_with_groups(backend: Path, interpreter: Interpreter) -> None:
    (backend / "poetry.lock").write_text(POETRY_2)
    read = read_lock(backend / "poetry.lock", backend, interpreter)
    assert isinstance(read, Declared)
    assert [line.text for line in read.lines] == ["Core==1.0", "winonly==2.0 ; sys_platform == 'never'"]
    assert read.lines[0].location == Location("poetry.lock", 3)
    assert [line.name for line in read.left_out] == ["from-git"]


def test_poetry_without_groups_is_walked_from_what_the_project_asks_for(
    backend: Path, interpreter: Interpreter
) -> None:
    (backend / "poetry.lock").write_text(POETRY_1)
    (backend / "pyproject.toml").write_text('[tool.poetry.dependencies]\npython = "^3.8"\nWeb = "^1.0"\n')
    assert pins(backend / "poetry.lock", interpreter) == {"web": "web==1.0", "core": "core==1.0"}


def test_pdm(backend: Path, interpreter: Interpreter) -> None:
    (backend / "pdm.lock").write_text(PDM)
    assert pins(backend / "pdm.lock", interpreter) == {"core": "core==1.0"}


def test_pipenv(backend: Path, interpreter: Interpreter) -> None:
    entries = {
        "core": {"version": "==1.0", "markers": "python_version >= '3'"},
        "web": {"version": "==1", "extras": ["a"]},
    }
    (backend / "Pipfile.lock").write_text(json.dumps({"default": entries, "develop": {"black": {"version": "==1"}}}))
    expected = {"core": "core==1.0 ; python_version >= '3'", "web": "web[a]==1"}
    assert pins(backend / "Pipfile.lock", interpreter) == expected


def test_uv(backend: Path, interpreter: Interpreter, index: LocalIndex) -> None:
    index.wheel("web", "1.0", "core")
    index.wheel("core", "1.0")
    index.wheel("black", "1.0")
    (backend / "pyproject.toml").write_text(
        "[project]\nname = 'b'\nversion = '1'\nrequires-python = '>=3.8'\ndependencies = ['web']\n"
        "[dependency-groups]\ndev = ['black']\n"
    )
    subprocess.run([uv(), "lock", "--quiet", "--directory", str(backend)], check=True)
    index.wheel("web", "2.0", "core")
    found = resolve(Request(interpreter, backend, pyproject=backend / "pyproject.toml", lock=backend / "uv.lock"))
    assert found.versions == {"web": "1.0", "core": "1.0"}
    assert found.note == "taken from the lock file"


def test_a_locked_release_that_cannot_be_had(backend: Path, interpreter: Interpreter, index: LocalIndex) -> None:
    index.wheel("core", "1.1")
    (backend / "pdm.lock").write_text(PDM)
    found = resolve(Request(interpreter, backend, lock=backend / "pdm.lock"))
    assert found.problem is not None
    assert found.problem.kind == "no-such-version"
    assert found.problem.lines[0].location == Location("pdm.lock", 3)
    assert found.versions == {"core": "1.1"}


POETRY_1_WITH_EXTRAS = """\
[[package]]
name = "models"
version = "1.9"
category = "main"
optional = false

[package.dependencies]
mail = {version = ">=1.0", optional = true, markers = "extra == \\"email\\""}
dotenv = {version = ">=0.1", optional = true, markers = "extra == \\"dotenv\\""}

[[package]]
name = "mail"
version = "1.1"
category = "main"
optional = false

[[package]]
name = "dotenv"
version = "0.2"
category = "main"
optional = false
"""


def test_poetry_without_groups_follows_the_extras_that_are_asked_for(backend: Path, interpreter: Interpreter) -> None:
    (backend / "poetry.lock").write_text(POETRY_1_WITH_EXTRAS)
    asked = '[tool.poetry.dependencies]\nmodels = { version = "^1.9", extras = ["email"] }\n'
    (backend / "pyproject.toml").write_text(asked)
    assert pins(backend / "poetry.lock", interpreter) == {"models": "models==1.9", "mail": "mail==1.1"}


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"])
@pytest.mark.parametrize("text", ["", "{", "package = 3", "\x00", "[[package]]\n", '{"default": [1]}'])
def test_a_spoilt_lock_falls_back_to_what_is_declared(
    backend: Path, interpreter: Interpreter, index: LocalIndex, name: str, text: str
) -> None:
    index.wheel("core", "1.0")
    (backend / "pyproject.toml").write_text("[project]\nname = 'b'\nversion = '1'\ndependencies = ['core']\n")
    (backend / name).write_text(text)
    found = resolve(Request(interpreter, backend, pyproject=backend / "pyproject.toml", lock=backend / name))
    assert found.versions == {"core": "1.0"}
    assert f"{name} cannot be used: " in found.note
