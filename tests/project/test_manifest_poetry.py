"""Poetry's constraints against poetry-core, fetched by uv for the purpose."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from uv import find_uv_bin

from seatrial.project.manifest.poetry import poetry_constraint
from seatrial.project.manifest.pyproject import read_pyproject
from tests.project.trees import make

CONSTRAINTS = [
    *(
        operator + version
        for operator in ("^", "~", "", "==", ">=", "!=", "<")
        for version in ("0", "0.0", "0.0.3", "0.2")
    ),
    *(
        operator + version
        for operator in ("^", "~", "=", ">")
        for version in ("1", "1.2", "1.2.3", "10.0.0", "1.0.1.4")
    ),
    *("*", "1.*", "1.2.*", "==1.2.*", "!=1.2.*", ">=1,<2", ">=1 <2", ">= 1.0, != 1.5", "^1.2rc1", "~=1.4", "~=1.4.2"),
]
VERSIONS = [
    "0",
    "0.0.1",
    "0.0.3",
    "0.0.4",
    "0.1",
    "0.2",
    "0.2.9",
    "0.3",
    "1",
    "1.0.1.4",
    "1.0.2",
    "1.2",
    "1.2.3",
    "1.2.4",
]
VERSIONS += ["1.3", "1.4.2", "1.4.9", "1.5", "1.9", "2", "2.1", "10.0.0", "10.9", "11"]
REFUSED = ["abc", "1.2.3.x.y", "^", "1..2 &", ">=1 and <2"]
ASK = """
import json, sys
from poetry.core.constraints.version import parse_constraint, Version
constraints, versions = json.load(sys.stdin)
print(json.dumps([[parse_constraint(c).allows(Version.parse(v)) for v in versions] for c in constraints]))
"""


def test_translates_constraints_as_poetry_understands_them() -> None:
    command = [find_uv_bin(), "run", "--quiet", "--no-project", "--with", "poetry-core", "python", "-c", ASK]
    run = subprocess.run(command, input=json.dumps([CONSTRAINTS, VERSIONS]), capture_output=True, text=True)
    if run.returncode:
        pytest.skip(f"uv could not fetch poetry-core: {run.stderr.strip()[-200:]}")
    for constraint, answers in zip(CONSTRAINTS, json.loads(run.stdout), strict=True):
        specifier = poetry_constraint(constraint)
        assert specifier is not None, constraint
        allowed = SpecifierSet(specifier)
        assert [allowed.contains(version, prereleases=True) for version in VERSIONS] == answers, (constraint, specifier)


@pytest.mark.parametrize("constraint", REFUSED)
def test_refuses_what_is_no_constraint(constraint: str) -> None:
    assert poetry_constraint(constraint) is None


def test_alternatives_become_the_range_that_holds_them() -> None:
    assert poetry_constraint("^1.2 || ^3.0") == ">=1.2,<4.0"
    assert poetry_constraint("<2 || >=3") == ""


PYPROJECT = """\
[tool.poetry]
name = "shop"
version = "1"
packages = [{ include = "shop", from = "src" }]

[tool.poetry.dependencies]
python = "^3.11"
fastapi = "^0.110"
uvicorn = { version = "~0.30", extras = ["standard"], python = ">=3.8,<3.13" }
psycopg2 = { version = "^2.9", optional = true }
shared = { path = "../shared", develop = true }
helper = { git = "https://example.org/h.git", tag = "v1" }
numpy = [
    { version = "<2", python = "<3.12" },
    { version = "^2.0", markers = "python_version >= '3.12'" },
]
broken = "abc"

[tool.poetry.group.dev.dependencies]
pytest = "*"

[tool.poetry.dev-dependencies]
black = "23.1"

[tool.poetry.extras]
pg = ["psycopg2"]
"""


def test_reads_the_tables_of_poetry_with_their_places(tmp_path: Path) -> None:
    document = read_pyproject(make(tmp_path, {"pyproject.toml": PYPROJECT}), "pyproject.toml")
    assert (document.kind, document.name, document.installs_project) == ("poetry", "shop", False)
    lines = PYPROJECT.splitlines()
    for found in document.requirements:
        start = lines[found.location.line - 1][found.location.column - 1 :]
        assert start.startswith(("{", '"', "[")), found
    by_name = {(found.name, found.marker): found for found in document.requirements}
    assert by_name["fastapi", ""].specifier == ">=0.110,<0.111"
    assert by_name["fastapi", ""].written == "^0.110"
    uvicorn = by_name["uvicorn", "python_version >= '3.8' and python_version < '3.13'"]
    assert (uvicorn.extras, uvicorn.specifier) == (("standard",), ">=0.30,<0.31")
    assert by_name["psycopg2", ""].extra == "pg"
    assert (by_name["shared", ""].url, by_name["shared", ""].editable) == ("../shared", True)
    assert by_name["helper", ""].url == "git+https://example.org/h.git@v1"
    assert by_name["numpy", "python_version < '3.12'"].location.line == 14
    assert by_name["numpy", "python_version >= '3.12'"].location.line == 15
    assert (by_name["pytest", ""].group, by_name["black", ""].group) == ("dev", "dev")
    assert [(found.specifier, found.location.line) for found in document.python] == [("^3.11", 7)]
    assert [(found.message, found.location.line) for found in document.problems] == [
        ("broken: 'abc' is no version constraint", 17)
    ]
