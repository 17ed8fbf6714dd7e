"""The lock file is not what is installed

## What it finds
A lock file beside a manifest that is installed without it, with versions left open: by the Dockerfile's own command,
or because the platform looks at `requirements.txt` first.

## Why it bites
The versions that were tested stand in the lock, and production takes the newest of the day instead. Nobody notices,
as the lock is there.

## What is flagged
The command of the Dockerfile, or `requirements.txt`.

## What is not
A requirements file that is pinned to the last (exported from the lock), a lock in another folder, and backends that
are built by something else than a Dockerfile or Railpack.

## Fix safety
Never: either the lock is installed from (`uv sync --locked`), or the requirements are exported from it
(`uv export`). `seatrial prepare --for docker` writes a Dockerfile that does.

## Reference
https://railpack.com/languages/python (railpack core/providers/python/python.go)
https://docs.astral.sh/uv/guides/integration/docker/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from seatrial.issue import Evidence, Location, Severity, Stage
from seatrial.project.manifest.declared import Installation, Lock
from seatrial.rules.case import Case
from seatrial.rules.observation import Cited
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import is_for_railway
from seatrial.simulation.timeline import Reach

_SYNC = {"uv": "uv sync --locked --no-dev", "poetry": "poetry install --only main", "pdm": "pdm sync --prod"}
_EXPORT = {"uv": "uv export --no-dev", "poetry": "poetry export", "pdm": "pdm export --prod"}


def check(case: Case) -> Iterator[Finding]:
    """At most one finding."""
    chosen, lock = case.manifest.installation, _beside(case)
    if chosen is None or lock is None or case.manifest.lock is not None:
        return
    if all(document.compiled for document in case.manifest.installed):
        return
    if chosen.location is not None:
        yield _of_command(chosen, lock, chosen.location)
    elif "requirements.txt" in posixpath.basename(chosen.files[0]):
        yield _of_order(case, chosen, lock)


def _beside(case: Case) -> Lock | None:
    """A lock that pins something, in the folder of the manifest that is installed."""
    files = case.manifest.installation.files if case.manifest.installation else ()
    folders = {posixpath.dirname(file) for file in files}
    found = (it for it in case.manifest.locks if it.packages and posixpath.dirname(it.path) in folders)
    return next((it for it in found if it.kind in _SYNC or it.kind == "pipenv"), None)


def _of_command(chosen: Installation, lock: Lock, place: Location) -> Finding:
    return Finding(
        location=place,
        reach=Reach.BOOT,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem=f"The image is built without {lock.path}, which lies beside {', '.join(chosen.files)}.",
        cause=f"The command that installs does not read it ({chosen.reason}).",
        no_fix_reason=f"Install by the lock, with `{_SYNC.get(lock.kind, 'pipenv sync')}`.",
    )


def _of_order(case: Case, chosen: Installation, lock: Lock) -> Finding:
    file = chosen.files[0]
    export = _EXPORT.get(lock.kind, "pipenv requirements")
    return Finding(
        location=Location(file, 1),
        reach=Reach.BOOT,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING if is_for_railway(case) else Severity.NOTE,
        problem=f"{file} is what Railpack installs, and {lock.path} is not read.",
        cause="A requirements.txt is taken before every lock file, and this one leaves versions open.",
        no_fix_reason=f"Remove it, or write it from the lock with `{export}`.",
        evidence=(Evidence("order of installers", "railwayapp/railpack at b5e8058, core/providers/python/python.go"),),
    )


_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "README.md": "# Tasks\n\nDeployed on Railway.\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "pyproject.toml": (
        '[project]\nname = "tasks"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n\n'
        '[tool.setuptools]\npy-modules = ["main"]\n'
    ),
    "poetry.lock": (
        '[[package]]\nname = "fastapi"\nversion = "0.115.6"\n\n[[package]]\nname = "uvicorn"\nversion = "0.34.0"\n'
    ),
}

RULE = Rule(
    code="DPL015",
    name="unused-lock",
    summary="The lock file is not what is installed",
    check=check,
    fix="never",
    requirements=("B1", "B2"),
    bad={**_PROJECT, "requirements.txt": "fastapi\nuvicorn\n"},
    good=_PROJECT,
    expect=Expectation(
        "requirements.txt", 1, stage=Stage.PRODUCTION, observation=Cited("railpack core/providers/python/python.go")
    ),
)
