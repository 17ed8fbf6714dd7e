"""Container commands as people write them: mended, each listens on `PORT` and is told when it has to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.fixes import apply
from seatrial.issue import Applicability
from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from seatrial.rules.observation import Listens, Outlives
from tests.rules.observing import observe
from tests.rules.reality import Installer, lay
from tests.rules.seen import Place

UVICORN = "uvicorn main:app --host 0.0.0.0 --port 8000"


@pytest.fixture(scope="module")
def installer(tmp_path_factory: pytest.TempPathFactory) -> Installer:
    return Installer(tmp_path_factory.mktemp("environments"))


@pytest.mark.parametrize(
    "command",
    [
        f'["sh", "-c", "{UVICORN}"]',
        f'["sh", "-c", "echo ready && {UVICORN}"]',
        f'["/bin/sh", "-c", "echo ready; {UVICORN} --workers 1"]',
        f'[ "sh" , "-c" ,  "mkdir -p /tmp && {UVICORN}" ]',
        f"echo ready && {UVICORN}",
    ],
)
def test_a_mended_command_listens_on_port_and_ends(command: str, tmp_path: Path, installer: Installer) -> None:
    files = {
        "requirements.txt": "fastapi\nuvicorn\n",
        "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
        "Dockerfile": f"FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD {command}\n",
    }
    environment = installer.environment(lay(tmp_path / "project", files))
    found = audit(tmp_path / "project", AuditOptions(python=str(environment), select=("DPL001", "DPL005")))
    issues = [entry.issue for entry in found.entries]
    assert [it.code for it in issues] == ["DPL001", "DPL005"]
    fixes = [it.fix for it in issues if it.fix is not None and it.fix.applicability is Applicability.SAFE]
    changed = apply({"Dockerfile": files["Dockerfile"].encode()}, fixes)["Dockerfile"]
    assert changed is not None
    (tmp_path / "project" / "Dockerfile").write_bytes(changed)
    place = Place(tmp_path / "project", environment, {})
    for observation in (Listens(), Outlives()):
        seen = observe(observation, place)
        assert seen is not None
        assert not seen.hazard, seen.evidence
