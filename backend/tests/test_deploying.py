"""The repository and the backend's folder, each deployed as Railpack does it: its steps, and the Procfile by bash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.parts.service import ROOT, Service

REPOSITORY = ROOT.parent
# The backend may also have been laid somewhere by itself.
FOLDERS = {
    name: folder
    for name, folder in {"the repository": REPOSITORY, "its folder": ROOT}.items()
    if (folder / "Procfile").is_file()
}


def start_command(folder: Path) -> str:
    """What `web` of the Procfile says."""
    lines = (folder / "Procfile").read_text().splitlines()
    return next(line for line in lines if line.startswith("web: ")).removeprefix("web: ")


def deployed(folder: Path, env: dict[str, str], programs: Path) -> Service:
    """Started as Railpack's image does: `/bin/bash -c`, with the environment's programs in front."""
    path = f"{programs}{os.pathsep}{env['PATH']}"
    railway = {"PATH": path, "ENVIRONMENT": "", "RAILWAY_ENVIRONMENT": "production", "HOST": "0.0.0.0"}
    return Service({**env, **railway}, "-c", start_command(folder), program="/bin/bash", cwd=folder).wait("/health")


def assert_in_production(service: Service) -> None:
    """It serves, says nothing of the server, logs each request once, and ends by SIGTERM, which reaches it."""
    answer = httpx.get(f"{service.url}/tasks")
    assert answer.status_code == 401
    assert "server" not in answer.headers
    assert service.stop() in {0, -signal.SIGTERM}
    said = [line for line in service.lines() if line.get("path") == "/tasks"]
    assert [(line["logger"], line["status"]) for line in said] == [("src.access", 401)]
    assert "GET /tasks" not in service.log()


@pytest.mark.parametrize("where", FOLDERS)
def test_the_procfile_starts_the_service(env: dict[str, str], where: str) -> None:
    service = deployed(FOLDERS[where], env, Path(sys.executable).parent)
    assert_in_production(service)
    service.close()


@pytest.mark.nightly
@pytest.mark.parametrize("where", FOLDERS)
def test_railpacks_steps_lead_to_a_service(env: dict[str, str], where: str, tmp_path: Path) -> None:
    """Before the installation it copies the requirements of the folder, all else only where these say `file://`."""
    folder, place = FOLDERS[where], tmp_path / "app"
    place.mkdir()
    requirements = (folder / "requirements.txt").read_text()
    (place / "requirements.txt").write_text(requirements)
    if "file://" in requirements:
        copy(folder, place)
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    command = [str(environment / "bin/pip"), "install", "--quiet", "-r", "requirements.txt"]
    subprocess.run(command, cwd=place, check=True)
    copy(folder, place)
    service = deployed(place, env, environment / "bin")
    assert_in_production(service)
    service.close()


def copy(folder: Path, place: Path) -> None:
    """What of the folder is in the repository."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=folder, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((folder / name).read_bytes())
