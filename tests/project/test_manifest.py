"""Everything that one backend declares: which file is installed, from where, and what the others say."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.project.files import scan
from seatrial.project.manifest.compare import disagreements
from seatrial.project.manifest.declared import Manifest, read_manifest
from tests.project.trees import make

PYPROJECT = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["fastapi>=0.100"]\n'
POETRY = '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "^3.11"\nfastapi = "^0.110"\n'
LOCK = 'version = 1\n\n[[package]]\nname = "fastapi"\nversion = "0.110.0"\n'


def read(root: Path, files: dict[str, str | bytes], base: str = ".") -> Manifest:
    return read_manifest(scan(make(root, {"main.py": "", **files})), base)


ORDER: dict[str, tuple[dict[str, str], tuple[str, ...], str]] = {
    # as Railpack's core/providers/python/python.go has it, then by practice
    "requirements first": (
        {"requirements.txt": "fastapi", "pyproject.toml": PYPROJECT, "uv.lock": LOCK},
        ("requirements.txt",),
        "pip",
    ),
    "uv": ({"pyproject.toml": PYPROJECT, "uv.lock": LOCK, "Pipfile": ""}, ("pyproject.toml", "uv.lock"), "uv"),
    "poetry": ({"pyproject.toml": POETRY, "poetry.lock": LOCK}, ("pyproject.toml", "poetry.lock"), "poetry"),
    "pdm": ({"pyproject.toml": PYPROJECT, "pdm.lock": LOCK}, ("pyproject.toml", "pdm.lock"), "pdm"),
    "pipenv": (
        {"Pipfile": "", "Pipfile.lock": "{}", "pyproject.toml": PYPROJECT},
        ("Pipfile", "Pipfile.lock"),
        "pipenv",
    ),
    "pyproject alone": ({"pyproject.toml": PYPROJECT, "requirements-dev.txt": "ruff"}, ("pyproject.toml",), "pip"),
    "poetry without a lock": ({"pyproject.toml": POETRY}, ("pyproject.toml",), "poetry"),
    "setup.py": (
        {"setup.py": "from setuptools import setup\nsetup(install_requires=['fastapi'])"},
        ("setup.py",),
        "pip",
    ),
    "tool configuration only": (
        {"pyproject.toml": "[tool.ruff]\n", "requirements/prod.txt": "fastapi", "requirements/dev.txt": "-r prod.txt"},
        ("requirements/prod.txt",),
        "pip",
    ),
    "conda": ({"environment.yml": "dependencies: [{pip: [fastapi]}]"}, ("environment.yml",), "conda"),
    "the Dockerfile's own choice": (
        {
            "requirements.txt": "",
            "requirements-prod.txt": "fastapi",
            "Dockerfile": "FROM python:3.12\nRUN pip install -U pip \\\n && pip install -r /x/requirements-prod.txt",
        },
        ("requirements-prod.txt",),
        "pip",
    ),
    "uv in the Dockerfile": (
        {
            "requirements.txt": "",
            "pyproject.toml": PYPROJECT,
            "uv.lock": LOCK,
            "Dockerfile": "RUN uv sync --frozen --no-dev",
        },
        ("pyproject.toml", "uv.lock"),
        "uv",
    ),
    "a Dockerfile that names a file that is not there": (
        {"requirements.txt": "fastapi", "Dockerfile": "RUN pip install -r prod.txt"},
        ("requirements.txt",),
        "pip",
    ),
    "the project itself": (
        {"requirements.txt": "", "pyproject.toml": PYPROJECT, "Dockerfile": "RUN pip install --no-cache-dir ."},
        ("pyproject.toml",),
        "pip",
    ),
}


@pytest.mark.parametrize("name", ORDER)
def test_says_which_files_are_installed(name: str, tmp_path: Path) -> None:
    files, expected, tool = ORDER[name]
    manifest = read(tmp_path, dict(files))
    assert manifest.installation is not None
    assert (manifest.installation.files, manifest.installation.tool) == (expected, tool)
    assert (manifest.installation.location is not None) == manifest.installation.reason.startswith("Dockerfile")


def test_a_production_install_takes_the_groups_that_its_command_names(tmp_path: Path) -> None:
    text = (
        PYPROJECT
        + '[project.optional-dependencies]\npg = ["psycopg"]\nx = ["y"]\n[dependency-groups]\ndev = ["ruff"]\n'
    )
    plain = read(tmp_path / "plain", {"pyproject.toml": text, "uv.lock": LOCK})
    assert [found.name for found in plain.requirements] == ["fastapi"]
    told = {"pyproject.toml": text, "uv.lock": LOCK, "Dockerfile": "RUN uv sync --extra pg --group=dev"}
    assert [found.name for found in read(tmp_path / "told", dict(told)).requirements] == ["fastapi", "psycopg", "ruff"]


def test_holds_versions_to_the_lock_or_to_pins(tmp_path: Path) -> None:
    assert read(tmp_path / "a", {"pyproject.toml": PYPROJECT, "uv.lock": LOCK}).locked("FastAPI") == ("0.110.0",)
    assert read(tmp_path / "b", {"requirements.txt": "fastapi==0.111.0\nuvicorn"}).locked("fastapi") == ("0.111.0",)
    assert read(tmp_path / "c", {"requirements.txt": "fastapi>=0.1"}).locked("fastapi") == ()


def test_collects_every_python_that_is_asked_for(tmp_path: Path) -> None:
    files = {
        ".python-version": "# ours\n3.12.1\n",
        ".tool-versions": "nodejs 20\npython 3.11.4 # x\n",
        "mise.toml": '[tools]\npython = ["3.13"]\n',
        "runtime.txt": "python-3.11.4\n",
        "Dockerfile": "ARG V=3.9.2\nFROM example.org/uv:0.5\nFROM python:3.10\nFROM python:${V}-slim@sha256:0",
        "pyproject.toml": PYPROJECT,
        "Pipfile": '[requires]\npython_version = "3.8"\n',
    }
    found = read(tmp_path, dict(files)).python
    assert [(p.kind, p.specifier, p.location.line) for p in found] == [
        (".python-version", "3.12.1", 2),
        (".tool-versions", "3.11.4", 2),
        ("mise.toml", "3.13", 2),
        ("runtime.txt", "python-3.11.4", 1),
        ("Dockerfile", "3.9.2", 4),
        ("pipfile", "3.8", 2),
        ("requires-python", ">=3.11", 4),
    ]
    assert found[0].wish.specifier == "3.12.1"


def test_the_uv_image_names_a_python_only_in_its_tag(tmp_path: Path) -> None:
    text = "FROM example.org/uv:python3.12-bookworm-slim\n"
    assert [p.specifier for p in read(tmp_path / "a", {"Dockerfile": text}).python] == ["3.12"]
    assert read(tmp_path / "b", {"Dockerfile": "FROM example.org/uv:0.5.4\nFROM node:20\n"}).python == ()


def test_a_manifest_above_the_audited_folder_counts_when_it_declares_the_framework(tmp_path: Path) -> None:
    make(tmp_path, {".git/HEAD": "", "pyproject.toml": PYPROJECT, "uv.lock": LOCK, "src/app/main.py": ""})
    manifest = read_manifest(scan(tmp_path / "src" / "app"), ".")
    assert manifest.installation is not None
    assert (manifest.folder, manifest.installation.files) == ("../..", ("../../pyproject.toml", "../../uv.lock"))
    assert [(found.name, found.location.path) for found in manifest.requirements] == [
        ("fastapi", "../../pyproject.toml")
    ]
    make(tmp_path, {"pyproject.toml": PYPROJECT.replace("fastapi", "flask")})
    assert read_manifest(scan(tmp_path / "src" / "app"), ".").documents == ()


def test_looks_no_further_up_than_the_checkout(tmp_path: Path) -> None:
    make(tmp_path, {"requirements.txt": "fastapi", "repository/.git/HEAD": "", "repository/main.py": ""})
    assert read_manifest(scan(tmp_path / "repository"), ".").installation is None


def test_a_manifest_below_and_a_workspace_lock_above(tmp_path: Path) -> None:
    below = read(tmp_path / "a", {"app/requirements.txt": "fastapi", "tests/requirements.txt": "x"})
    assert [document.path for document in below.documents] == ["app/requirements.txt"]
    lock = LOCK + '\n[[package]]\nname = "shop"\nversion = "1"\nsource = { editable = "services/shop" }\n'
    files: dict[str, str | bytes] = {
        "services/shop/pyproject.toml": PYPROJECT,
        "services/shop/x.py": "",
        "uv.lock": lock,
    }
    member = read(tmp_path / "b", files, "services/shop")
    assert member.installation is not None
    assert member.installation.files == ("services/shop/pyproject.toml", "uv.lock")


def test_disagreements_are_facts_with_both_places(tmp_path: Path) -> None:
    pyproject = PYPROJECT.replace(
        '["fastapi>=0.100"]', '[\n"fastapi>=0.111",\n"uvicorn[standard]",\n"psycopg",\n"a-b",\n]'
    )
    lock = LOCK + '\n[[package]]\nname = "uvicorn"\nversion = "1"\n\n[[package]]\nname = "a.b"\nversion = "1"\n'
    files = {"requirements.txt": "fastapi==0.110.0\nuvicorn\nA_B\n", "pyproject.toml": pyproject, "uv.lock": lock}
    found = [
        (d.kind, d.name, d.location.path, d.location.line, d.other.line)
        for d in disagreements(read(tmp_path, dict(files)))
    ]
    assert found == [
        ("version", "fastapi", "requirements.txt", 1, 6),
        ("missing", "uvicorn[standard]", "requirements.txt", 2, 7),
        ("missing", "psycopg", "requirements.txt", 3, 8),
        ("lock", "fastapi", "uv.lock", 3, 6),
        ("unlocked", "psycopg", "uv.lock", 1, 8),
    ]


def test_agreeing_files_and_a_compiled_one_have_no_disagreement(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "fastapi==0.110.0\nstarlette==0.36\n",
        "pyproject.toml": PYPROJECT,
        "Dockerfile": "RUN pip install .",
    }
    assert disagreements(read(tmp_path, dict(files))) == ()


def test_problems_of_every_file_come_once_those_installed_first(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": "[",
        "requirements.txt": "a=1\n",
        "requirements-dev.txt": "-r requirements.txt\n",
        "uv.lock": "x",
    }
    found = [problem.location.path for problem in read(tmp_path, dict(files)).problems]
    assert found == ["requirements.txt", "uv.lock"]


def test_nothing_declared_is_nothing_installed(tmp_path: Path) -> None:
    manifest = read(tmp_path, {})
    assert (manifest.installation, manifest.requirements, manifest.documents) == (None, (), ())


def test_the_dockerfile_of_a_compose_service_names_a_python(tmp_path: Path) -> None:
    service = "services:\n  ui:\n    build: ./ui\n  api:\n    build:\n"
    compose = f"{service}      context: .\n      dockerfile: docker/api/dockerfile\n"
    files = {"docker-compose.yml": compose, "docker/api/dockerfile": "FROM tiangolo/uvicorn-gunicorn:python3.9-slim\n"}
    found = read(tmp_path, dict(files)).python
    assert [(p.kind, p.specifier, p.location.path) for p in found] == [("Dockerfile", "3.9", "docker/api/dockerfile")]
