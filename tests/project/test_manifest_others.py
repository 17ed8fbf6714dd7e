"""Pipfile, environment.yml, setup.cfg and setup.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.project.manifest.pipfile import read_conda, read_pipfile
from seatrial.project.manifest.setup import read_setup_cfg, read_setup_py
from tests.project.trees import make

PIPFILE = """\
[[source]]
url = "https://example.org/main"
name = "pypi"

[[source]]
url = "https://example.org/simple"
name = "ours"

[packages]
fastapi = "*"
uvicorn = {extras = ["standard"], version = ">=0.30"}
shared = {path = "./shared", editable = true}
helper = {git = "https://example.org/h.git", ref = "main"}
pywin32 = {version = "==306", sys_platform = "== 'win32'"}
broken = "1.2"

[dev-packages]
pytest = "~=8.0"

[requires]
python_version = "3.11"
"""


def test_reads_a_pipfile(tmp_path: Path) -> None:
    document = read_pipfile(make(tmp_path, {"Pipfile": PIPFILE}), "Pipfile")
    assert [(r.name, r.specifier, r.group, r.location.line) for r in document.requirements] == [
        ("fastapi", "", None, 10),
        ("uvicorn", ">=0.30", None, 11),
        ("shared", "", None, 12),
        ("helper", "", None, 13),
        ("pywin32", "==306", None, 14),
        ("pytest", "~=8.0", "dev", 18),
    ]
    uvicorn, shared, helper, pywin32 = document.requirements[1:5]
    assert uvicorn.extras == ("standard",)
    assert (shared.url, shared.editable) == ("./shared", True)
    assert helper.url == "git+https://example.org/h.git@main"
    assert pywin32.marker == "sys_platform == 'win32'"
    assert [(p.specifier, p.location.line) for p in document.python] == [("3.11", 21)]
    assert document.options == ("--extra-index-url https://example.org/simple",)
    assert [problem.location.line for problem in document.problems] == [15]


@pytest.mark.parametrize("text", ["packages = 3", "[packages]\na = 3\n", "[requires]\npython_version = 3\n", "x ="])
def test_a_pipfile_of_any_other_shape_is_no_crash(tmp_path: Path, text: str) -> None:
    assert read_pipfile(make(tmp_path, {"Pipfile": text}), "Pipfile").requirements == ()


def test_reads_the_pip_section_of_a_conda_environment(tmp_path: Path) -> None:
    text = "name: x\ndependencies:\n  - python=3.11\n  - numpy=1.26\n  - pip\n  - pip:\n    - fastapi>=0.110\n"
    text += "    - -r requirements.txt\n    - bad=1\n"
    document = read_conda(make(tmp_path, {"environment.yml": text}), "environment.yml")
    assert [(r.name, r.specifier, r.location.line) for r in document.requirements] == [
        ("numpy", "==1.26.*", 4),
        ("pip", "", 5),
        ("fastapi", ">=0.110", 7),
    ]
    assert [(p.specifier, p.location.line) for p in document.python] == [("==3.11.*", 3)]
    assert [(p.kind, p.location.line) for p in document.problems] == [("include", 8), ("requirement", 9)]


@pytest.mark.parametrize(
    "text", ["", "- a", "dependencies: x", "dependencies: [{pip: x}, [1]]", "a: [", "? {a: 1}\n: x"]
)
def test_an_environment_of_any_other_shape_is_no_crash(tmp_path: Path, text: str) -> None:
    assert read_conda(make(tmp_path, {"environment.yml": text}), "environment.yml").requirements == ()


SETUP_CFG = """\
[metadata]
name = shop

[options]
python_requires = >=3.10
install_requires =
    fastapi>=0.110
    # why
    uvicorn[standard]; python_version < "3.13"
    file: requirements.txt
[options.extras_require]
pg = psycopg; asyncpg
[flake8]
max-line-length = 100
"""


def test_reads_setup_cfg(tmp_path: Path) -> None:
    document = read_setup_cfg(make(tmp_path, {"setup.cfg": SETUP_CFG, "requirements.txt": "httpx\n"}), "setup.cfg")
    assert [(r.name, r.extra, r.location.path, r.location.line) for r in document.requirements] == [
        ("fastapi", None, "setup.cfg", 7),
        ("uvicorn", None, "setup.cfg", 9),
        ("httpx", None, "requirements.txt", 1),
        ("psycopg", "pg", "setup.cfg", 12),
        ("asyncpg", "pg", "setup.cfg", 12),
    ]
    assert (document.name, document.python[0].specifier, document.problems) == ("shop", ">=3.10", ())


SETUP_PY = """\
from setuptools import setup, find_packages

BASE = ["fastapi>=0.110"]
MORE = BASE + ["uvicorn"]
with open("README.md") as f:
    text = f.read()

setup(
    name="shop",
    install_requires=MORE + [HTTPX, "httpx" + VERSION],
    extras_require={"pg": ["psycopg"], "all": BASE},
    python_requires=">=3.9",
)
raise SystemExit("never run")
"""


def test_reads_setup_py_without_running_it(tmp_path: Path) -> None:
    document = read_setup_py(make(tmp_path, {"setup.py": SETUP_PY}), "setup.py")
    assert [(r.name, r.extra, r.location.line) for r in document.requirements] == [
        ("fastapi", None, 3),
        ("uvicorn", None, 4),
        ("psycopg", "pg", 11),
        ("fastapi", "all", 3),
    ]
    assert [(p.kind, p.location.line) for p in document.problems] == [("computed", 10), ("computed", 10)]
    assert (document.name, document.python[0].location.line, document.installs_project) == ("shop", 12, True)


@pytest.mark.parametrize(
    "computed",
    ['open("requirements.txt").read().splitlines()', "required", "read()"],
)
def test_finds_the_requirements_file_that_setup_py_reads(tmp_path: Path, computed: str) -> None:
    text = "from setuptools import setup\nwith open('requirements.txt') as f:\n    required = f.read().splitlines()\n"
    make(tmp_path, {"setup.py": f"{text}setup(install_requires={computed})\n", "requirements.txt": "\nfastapi\n"})
    document = read_setup_py(tmp_path, "setup.py")
    assert [(r.name, r.location.path, r.location.line) for r in document.requirements] == [
        ("fastapi", "requirements.txt", 2)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "setup(",
        "x = 1if 1else 2",
        "setup(install_requires=" + "a + " * 9999 + "a)",
        "a = b\nb = a\nsetup(install_requires=a)",
        "setup(**x)",
        "",
        "setup(extras_require=3, name=4)",
        "x\0y",
    ]
    + ["from setuptools import setup\nsetup(extras_require={**a, 1: ['x']})"],
)
def test_a_setup_py_of_any_other_shape_is_no_crash(tmp_path: Path, text: str) -> None:
    read_setup_py(make(tmp_path, {"setup.py": text}), "setup.py")


def test_reading_manifests_pulls_in_no_heavy_library() -> None:
    """The fast path of an audit pays for every import: the finder and the walk for none of them, a manifest for few."""
    heavy = "yaml packaging rich hypothesis subprocess socket"
    code = "import sys, seatrial.project.modules, seatrial.project.files, seatrial.project.manifest.declared\n"
    code += f"print([name for name in '{heavy}'.split() if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
