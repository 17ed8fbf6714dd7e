"""One more dependency in every kind of manifest: read again, it holds what it held and the new one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from seatrial.fixes import apply
from seatrial.issue import Applicability, Fix
from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from seatrial.progress import SILENT
from seatrial.project.files import scan
from seatrial.project.manifest.declared import read_manifest
from seatrial.rules.build import case_of
from seatrial.rules.case import Case
from seatrial.rules.declaring import declare
from seatrial.simulation.gather import gather
from seatrial.simulation.plays import play_with_rest
from tests.rules.reality import lay

APP = {"main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n", "Procfile": "web: uvicorn main:app\n"}

MANIFESTS: Mapping[str, tuple[str, str]] = {
    "requirements": ("requirements.txt", "fastapi==0.115.0\nuvicorn[standard]>=0.30  # serves\n"),
    "requirements without a last newline": ("requirements.txt", "uvicorn\nfastapi"),
    "requirements with Windows newlines": ("requirements.txt", "fastapi\r\nuvicorn\r\n"),
    "project": (
        "pyproject.toml",
        '[project]\nname = "x"\nversion = "1"\ndependencies = [\n    "fastapi>=0.115",\n    "uvicorn",  # serves\n]\n',
    ),
    "project without a last comma": (
        "pyproject.toml",
        "[project]\nname = 'x'\nversion = '1'\ndependencies = [\n  'uvicorn',\n  'fastapi' # the framework\n]\n",
    ),
    "project in one line": (
        "pyproject.toml",
        '[project]\nname = "x"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n',
    ),
    "poetry": (
        "pyproject.toml",
        '[tool.poetry.dependencies]\npython = "^3.11"\nuvicorn = {version = "*", extras = ["standard"]}\n',
    ),
    "pipenv": ("Pipfile", '[packages]\nfastapi = "*"\nuvicorn = "*"\n\n[dev-packages]\npytest = "*"\n'),
    "setup.cfg": (
        "setup.cfg",
        "[metadata]\nname = x\n\n[options]\ninstall_requires =\n    fastapi\n    uvicorn\n",
    ),
    "setup.py": ("setup.py", 'from setuptools import setup\n\nsetup(install_requires=["fastapi", "uvicorn"])\n'),
    "conda": ("environment.yml", "dependencies:\n  - python=3.12\n  - pip:\n    - fastapi\n    - uvicorn\n"),
}


def case(project: Path) -> Case:
    facts = gather(scan(project), ".", AuditOptions(offline=True), SILENT)
    assert facts.scene is not None
    made = case_of(facts, play_with_rest(facts.scene))
    assert made is not None
    return made


@pytest.mark.parametrize("kind", MANIFESTS)
def test_the_new_dependencies_are_declared_beside_the_old(kind: str, tmp_path: Path) -> None:
    path, text = MANIFESTS[kind]
    project = lay(tmp_path / "project", APP)
    (project / path).write_bytes(text.encode())
    before = read_manifest(scan(project), ".").requirements
    here = case(project)
    wanted = ["aiofiles", "python-jose[cryptography]", "zstandard"]
    declared = [declare(here, requirement) for requirement in wanted]
    fixes = [Fix(Applicability.SAFE, "", found.edits) for found in declared if found is not None]
    assert len(fixes) == len(wanted)
    for changed, data in apply({path: text.encode()}, fixes).items():
        (project / changed).write_bytes(data or b"")
    after = read_manifest(scan(project), ".").requirements
    names = {(found.key, found.extras, found.specifier) for found in after}
    assert names == {(found.key, found.extras, found.specifier) for found in before} | {
        ("aiofiles", (), ""),
        ("python-jose", ("cryptography",), ""),
        ("zstandard", (), ""),
    }
    assert len(text.splitlines()) <= len((project / path).read_text().splitlines())


def test_requirements_with_hashes_are_left_alone(tmp_path: Path) -> None:
    text = f"fastapi==0.115.0 --hash=sha256:{'0' * 64}\n"
    assert declare(case(lay(tmp_path / "project", {**APP, "requirements.txt": text})), "pyjwt") is None


PROJECT = '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["fastapi", "uvicorn"]\n'
POETRY = MANIFESTS["poetry"][1]
LOCKS: Mapping[str, tuple[dict[str, str], str]] = {
    "uv": ({"pyproject.toml": PROJECT, "uv.lock": 'version = 1\nrequires-python = ">=3.11"\n'}, "uv lock"),
    "poetry": ({"pyproject.toml": POETRY, "poetry.lock": '[metadata]\nlock-version = "2.1"\n'}, "poetry lock"),
    "uv, and pip installs": (
        {
            "pyproject.toml": PROJECT,
            "uv.lock": 'version = 1\nrequires-python = ">=3.11"\n',
            "Dockerfile": "FROM python:3.12\nCOPY . .\nRUN pip install .\n",
        },
        "uv lock",
    ),
}


@pytest.mark.parametrize("kind", LOCKS)
def test_a_lock_of_the_manifest_is_to_be_made_anew(kind: str, tmp_path: Path) -> None:
    files, command = LOCKS[kind]
    found = declare(case(lay(tmp_path / "project", {**APP, **files})), "pyjwt")
    assert found is not None
    assert found.path == "pyproject.toml"
    assert f"(`{command}`)" in found.then


def test_the_lock_of_another_manifest_is_not_spoken_of(tmp_path: Path) -> None:
    files = {"requirements.txt": "fastapi\nuvicorn\n", "uv.lock": "version = 1\n"}
    found = declare(case(lay(tmp_path / "project", {**APP, **files})), "pyjwt")
    assert found is not None
    assert (found.path, found.then) == ("requirements.txt", "")


def test_what_a_file_only_includes_is_declared_where_the_others_are(tmp_path: Path) -> None:
    files = {"requirements.txt": "# all of it\n-r api/requirements.txt\n", "api/requirements.txt": "fastapi\nuvicorn\n"}
    found = declare(case(lay(tmp_path / "project", {**APP, **files})), "pyjwt")
    assert found is not None
    assert found.path == "api/requirements.txt"
    assert [(edit.path, edit.start.line, edit.text) for edit in found.edits] == [("api/requirements.txt", 1, "\npyjwt")]


@pytest.mark.parametrize(
    ("path", "statement"),
    [("main.py", "from db import session"), ("src/app/main.py", "from src.app.models import Task")],
)
def test_a_module_that_is_plainly_the_backends_own_is_not_declared(path: str, statement: str, tmp_path: Path) -> None:
    main = f"from fastapi import FastAPI\n\n{statement}\n\napp = FastAPI()\n"
    target = path.removesuffix(".py").removeprefix("src/").replace("/", ".") + ":app"
    lay(tmp_path / "project", {"requirements.txt": "fastapi\nuvicorn\n", path: main, "src/app/__init__.py": ""})
    options = AuditOptions(offline=True, select=("DEP001", "IMP"), target=target)
    assert [it.issue.code for it in audit(tmp_path / "project", options).entries] == ["IMP001"]
