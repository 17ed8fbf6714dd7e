"""Locks that are out of step: uv's by what uv itself says, the others by hashes that their own tools made."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from uv import find_uv_bin

from seatrial.project.files import scan
from seatrial.project.manifest.declared import read_manifest
from seatrial.project.manifest.stale import Stale, stale_locks
from tests.provision.local_index import LocalIndex

PROJECT = """\
[project]
name = "tasks"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["kelp>=1.0", "oar[long]"]

[project.optional-dependencies]
extra = ["rope"]

[dependency-groups]
dev = ["net==1.0"]
more = [{include-group = "dev"}, "rope"]
"""

# What is changed in the manifest after the lock was made.
CHANGES = {
    "nothing": ("", ""),
    "another spelling": ('"kelp>=1.0"', '"KELP >= 1"'),
    "another order": ('["kelp>=1.0", "oar[long]"]', '["oar[long]", "kelp>=1.0"]'),
    "another name of the project's version": ('version = "1.0"', 'version = "1.0"\ndescription = "x"'),
    "another spelling of the Python": ('">=3.11"', '">= 3.11.0"'),
    "one more": ('"oar[long]"]', '"oar[long]", "rope"]'),
    "one less": ('"kelp>=1.0", ', ""),
    "another version that the locked one meets": ("kelp>=1.0", "kelp>=1.1"),
    "a version that the locked one does not meet": ("kelp>=1.0", "kelp<1.1"),
    "no extra": ("oar[long]", "oar"),
    "another Python": ('">=3.11"', '">=3.12"'),
    "another development group": ('["net==1.0"]', '["net"]'),
    "one more in a group": (', "rope"]', ', "rope", "kelp"]'),
    "one more in an extra": ('extra = ["rope"]', 'extra = ["rope", "net"]'),
}


@pytest.fixture(scope="module")
def index() -> Iterator[LocalIndex]:
    made = LocalIndex()
    for name in ("kelp", "oar", "rope", "net"):
        made.wheel(name, "1.0")
        made.wheel(name, "1.1")
    yield made
    made.close()


@pytest.fixture(scope="module")
def locked(index: LocalIndex, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("locked")
    (folder / "pyproject.toml").write_text(PROJECT)
    done = uv(folder, index, "lock")
    assert done.returncode == 0, done.stderr
    return (folder / "uv.lock").read_text()


def uv(folder: Path, index: LocalIndex, *words: str) -> subprocess.CompletedProcess[str]:
    """uv, told of nothing but the index of this test."""
    command = [find_uv_bin(), *words, "--python", sys.executable, "--no-config", "--default-index", index.url]
    environment = {**os.environ, "UV_CACHE_DIR": str(folder.parent / "uv-cache")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def stale(folder: Path) -> tuple[Stale, ...]:
    (folder / "main.py").write_text("")
    return stale_locks(folder, read_manifest(scan(folder), "."))


@pytest.mark.parametrize("change", CHANGES)
def test_uv_agrees_whether_its_lock_is_in_step(change: str, index: LocalIndex, locked: str, tmp_path: Path) -> None:
    old, new = CHANGES[change]
    assert old in PROJECT
    (tmp_path / "pyproject.toml").write_text(PROJECT.replace(old, new) if old else PROJECT)
    (tmp_path / "uv.lock").write_text(locked)
    found = stale(tmp_path)
    done = uv(tmp_path, index, "lock", "--check")
    assert (done.returncode != 0) == bool(found), (found, done.stderr)
    assert done.returncode == 0 or "needs to be updated" in done.stderr


def test_what_is_not_met_is_said_at_its_line(locked: str, tmp_path: Path) -> None:
    text = PROJECT.replace("kelp>=1.0", "kelp<1.1").replace('extra = ["rope"]', 'extra = ["rope",\n"gull"]')
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "uv.lock").write_text(locked)
    (found,) = stale(tmp_path)
    assert [(it.said, it.place.path, it.place.line) for it in found.differences] == [
        ("it was made for kelp>=1.0, and kelp<1.1 is asked for", "pyproject.toml", 5),
        ("gull is not in it", "pyproject.toml", 9),
    ]


# (manifest, its text, the lock, the lock's text as far as it counts), hashed by poetry 2.3, pdm 2.26, pipenv 2026.
HASHED = {
    "poetry, by the standard": (
        "pyproject.toml",
        (
            '[project]\nname = "tasks"\nversion = "1.0"\nrequires-python = ">=3.11"\n'
            'dependencies = ["fastapi>=0.115", "uvicorn"]\n\n[dependency-groups]\ntest = ["pytest"]\n'
        ),
        "poetry.lock",
        (
            '[metadata]\nlock-version = "2.1"\n'
            'content-hash = "5a0b6200c1d504e62e34397d68aa9b92afde3f049980e610d8848267b6ba7824"\n'
        ),
    ),
    "poetry before 2.3": (
        "pyproject.toml",
        (
            '[project]\nname = "tasks"\nversion = "1.0"\nrequires-python = ">=3.11"\n'
            'dependencies = ["fastapi>=0.115", "uvicorn"]\n\n[dependency-groups]\ntest = ["pytest"]\n'
        ),
        "poetry.lock",
        (
            '[metadata]\nlock-version = "2.1"\n'
            'content-hash = "23b2013fe7f25b9bfc98a0e67f1d8aaecfae569fcd76caddd3bbd93ee2dcda39"\n'
        ),
    ),
    "poetry, by its own tables": (
        "pyproject.toml",
        (
            '[tool.poetry]\nname = "tasks"\nversion = "1.0"\n\n[tool.poetry.dependencies]\npython = "^3.11"\n'
            'fastapi = "^0.115"\n\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n'
        ),
        "poetry.lock",
        (
            '[metadata]\nlock-version = "2.1"\n'
            'content-hash = "4f3cdbbd5ebb4ffc6877063018c85a8bcc08a3b073a15539f89985596c35fae1"\n'
        ),
    ),
    "pdm": (
        "pyproject.toml",
        (
            '[project]\nname = "tasks"\nrequires-python = ">=3.11"\ndependencies = ["fastapi>=0.115", "uvicorn"]\n\n'
            '[dependency-groups]\ntest = ["pytest"]\n\n[tool.pdm]\ndistribution = false\n'
        ),
        "pdm.lock",
        '[metadata]\ncontent_hash = "sha256:95f1b1c34f05a0a5926329ccae19fb5d49f6eae04a95b2896e328c021097d681"\n',
    ),
    "pipenv": (
        "Pipfile",
        (
            '[[source]]\nurl = "https://packages.example.com/simple"\nverify_ssl = true\nname = "own"\n\n'
            '[packages]\nfastapi = "*"\n\n[requires]\npython_version = "3.12"\n'
        ),
        "Pipfile.lock",
        '{"_meta": {"hash": {"sha256": "9dc63497a52841891fdfb06b5344588dfb32e4494ddd107f806d4e9090e29899"}}}\n',
    ),
}


@pytest.mark.parametrize("kind", HASHED)
def test_a_hash_is_made_as_its_tool_makes_it(kind: str, tmp_path: Path) -> None:
    manifest, text, lock, locked_text = HASHED[kind]
    (tmp_path / lock).write_text(locked_text)
    (tmp_path / manifest).write_text(f"# a comment is no change\n{text}")
    assert stale(tmp_path) == ()
    (tmp_path / manifest).write_text(text.replace("fastapi", "starlette"))
    (found,) = stale(tmp_path)
    assert (found.path, found.made_by) == (lock, kind.split()[0].strip(","))
    assert found.differences[0].said == "starlette is not in it"


def test_a_compiled_file_is_held_to_what_it_was_made_from(tmp_path: Path) -> None:
    (tmp_path / "requirements-base.in").write_text("fastapi\nuvicorn>=0.40\nredis\nuvloop; sys_platform == 'linux'\n")
    (tmp_path / "requirements.in").write_text("nothing-of-it\n")
    command = "#    pip-compile --output-file=requirements.txt requirements-base.in\n"
    header = f"# autogenerated by pip-compile with Python 3.12\n{command}"
    (tmp_path / "requirements.txt").write_text(f"{header}fastapi==0.115.6\nuvicorn==0.34.0\n")
    (found,) = stale(tmp_path)
    assert [(it.said, it.place.line) for it in found.differences] == [
        ("it holds uvicorn 0.34.0, and uvicorn>=0.40 is asked for", 2),
        ("redis is not in it", 3),
    ]
