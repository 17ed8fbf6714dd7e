"""Environments by release, made by uv once for the whole session."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from uv import find_uv_bin

from .reality import Release

RELEASES = {
    "recent": (
        "fastapi",
        "uvicorn",
        "python-multipart",
        "email-validator",
        "sqlalchemy",
        "sqlmodel",
        "pydantic-settings",
    ),
}


@pytest.fixture(scope="session", params=RELEASES)
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """One set of releases."""
    folder = tmp_path_factory.mktemp("release") / "venv"
    for command in (
        [find_uv_bin(), "venv", "--quiet", "--python", sys.executable, str(folder)],
        [find_uv_bin(), "pip", "install", "--quiet", "--python", str(folder), *RELEASES[request.param]],
    ):
        subprocess.run(command, check=True)
    made = Release(request.param, folder)
    yield made
    made.close()
