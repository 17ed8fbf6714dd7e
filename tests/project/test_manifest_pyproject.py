"""pyproject.toml: PEP 621, dependency groups and the tables of the tools, each entry at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.project.manifest.pyproject import read_pyproject
from seatrial.project.manifest.values import Document
from tests.project.trees import make

FULL = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "shop"
requires-python = ">=3.11"
dependencies = [
    "fastapi>=0.110",  # why
    'uvicorn[standard] ; sys_platform != "win32"',
    "shared",
    "nonsense==",
]

[project.optional-dependencies]
pg = ["psycopg[binary]>=3"]

[dependency-groups]
test = ["pytest>=8", {include-group = "Lint"}]
lint = ["ruff", {include-group = "test"}, {include-group = "nowhere"}]

[tool.uv]
dev-dependencies = ["ipython"]
constraint-dependencies = ["anyio<5"]
override-dependencies = ["starlette==0.40"]

[[tool.uv.index]]
url = "https://example.org/simple"

[tool.uv.sources]
shared = { path = "../shared", editable = true }

[tool.pdm.dev-dependencies]
docs = ["mkdocs"]

[tool.hatch.envs.qa]
dependencies = ["mypy"]

[tool.hatch.build.targets.wheel]
packages = ["src/shop"]
"""


def read(tmp_path: Path, text: str | bytes, **others: str) -> Document:
    return read_pyproject(make(tmp_path, {"pyproject.toml": text, **others}), "pyproject.toml")


def test_reads_every_table_with_its_places(tmp_path: Path) -> None:
    document = read(tmp_path, FULL)
    found = [(r.name, r.specifier, r.group, r.extra, r.location.line) for r in document.requirements]
    assert found == [
        ("fastapi", ">=0.110", None, None, 9),
        ("uvicorn", "", None, None, 10),
        ("shared", "", None, None, 11),
        ("psycopg", ">=3", None, "pg", 16),
        ("pytest", ">=8", "test", None, 19),
        ("ruff", "", "test", None, 20),
        ("ruff", "", "lint", None, 20),
        ("pytest", ">=8", "lint", None, 19),
        ("ipython", "", "dev", None, 23),
        ("mkdocs", "", "docs", None, 34),
        ("mypy", "", "hatch:qa", None, 37),
    ]
    uvicorn, shared = document.requirements[1:3]
    assert (uvicorn.extras, uvicorn.marker) == (("standard",), 'sys_platform != "win32"')
    assert (shared.url, shared.editable, shared.source) == ("../shared", True, "path")
    assert [r.name for r in document.main] == ["fastapi", "uvicorn", "shared"]
    assert [r.name for r in document.constraints] == ["anyio"]
    assert [r.name for r in document.overrides] == ["starlette"]
    assert document.options == ("--extra-index-url https://example.org/simple",)
    assert [(p.specifier, p.location.line) for p in document.python] == [(">=3.11", 7)]
    assert document.build is not None
    assert (document.build.backend, document.build.packages) == ("hatchling.build", ("src/shop",))
    assert [(p.kind, p.location.line) for p in document.problems] == [
        ("requirement", 12),
        ("include", 20),
        ("include", 20),
    ]


def test_each_place_holds_the_entry_itself(tmp_path: Path) -> None:
    lines = FULL.splitlines()
    for found in read(tmp_path, FULL).requirements:
        place = found.location
        assert place.end_column is not None
        text = lines[place.line - 1][place.column - 1 : place.end_column - 1]
        assert text[1:-1] == found.written


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[project\nname = 1\n", 1, "not TOML: Expected ']'"),
        ('[project]\nname = "x"\nname = "y"\n', 3, "not TOML: Cannot overwrite a value"),
        ("<<<<<<< HEAD\n", 1, "not TOML: Invalid statement"),
        ('[project]\nname = "', 2, "not TOML: Unterminated string"),
        ("a = " + "[" * 20_000, 1, "nested too deep"),
    ],
)
def test_what_is_no_toml_is_a_problem_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    document = read(tmp_path, text)
    (problem,) = document.problems
    assert (problem.kind, problem.location.line) == ("syntax", line)
    assert said in problem.message
    assert document.requirements == ()


@pytest.mark.parametrize(
    "text",
    [
        "project = 3",
        "[project]\ndependencies = 'fastapi'",
        "[project]\ndependencies = [3, {a = 1}]",
        "[project]\noptional-dependencies = ['x']\ndynamic = 'dependencies'",
        "dependency-groups = [1]",
        "[dependency-groups]\na = [{include-group = 3}]",
        "[tool]\npoetry = 'x'\nuv = 3\npdm = []\nhatch = {envs = 3}",
        "[tool.poetry]\ndependencies = ['x']\nextras = 3\ngroup = {dev = 1}",
        "[tool.poetry.dependencies]\na = 3\nb = [4]\npython = 3\nc = {version = 4, extras = 'x', markers = 1}",
        "[tool.uv]\nsources = {a = 3, b = []}\nindex = [3]\nindex-url = 4",
        "build-system = 4",
        "[build-system]\nrequires = 'x'",
    ],
)
def test_values_of_any_other_shape_are_no_crash(tmp_path: Path, text: str) -> None:
    read(tmp_path, text)


def test_dynamic_dependencies_come_from_the_files_named(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\n'
    text += 'dependencies = {file = ["requirements.txt", "gone.txt"]}\n'
    document = read(tmp_path, text, **{"requirements.txt": "fastapi\n"})
    assert [(r.name, r.location.path, r.location.line) for r in document.requirements] == [
        ("fastapi", "requirements.txt", 1)
    ]
    assert [(p.message, p.location.line) for p in document.problems] == [("gone.txt does not exist", 5)]


def test_reads_crlf_and_a_byte_order_mark(tmp_path: Path) -> None:
    document = read(tmp_path, b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode())
    assert document.requirements[0].location.line == 9
    assert [p.kind for p in document.problems] == ["requirement", "include", "include"]
