"""`python -m tools.compare_railpack REPOSITORY`: our plans beside the build plans that Railpack publishes.

REPOSITORY is a checkout, or a bare git folder, of Railpack. For each `examples/python-*` the start command, the
installer's commands and the system packages are compared with `core/__snapshots__`. Exits with 1 where they differ.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from seatrial.platforms.railway import RailwayPlan, plan_railway
from seatrial.project.documents import Documents

SNAPSHOT = "core/__snapshots__/TestGenerateBuildPlanForExamples_{}_1.snap.json"


def main() -> int:
    """Compare all of them and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path)
    repository = parser.parse_args().repository
    names = [Path(path).name for path in _git(repository, "ls-tree", "--name-only", "HEAD", "examples/").split()]
    different = 0
    for name in (name for name in names if name.startswith("python-")):
        said = json.loads(_git(repository, "show", f"HEAD:{SNAPSHOT.format(name)}"))
        problems = compare(_planned(repository, name), said)
        different += bool(problems)
        print(f"{name.ljust(32)} {'; '.join(problems) or 'agrees'}")
    return 1 if different else 0


def compare(plan: RailwayPlan, said: dict[str, Any]) -> list[str]:
    """In what a plan differs from the one that Railpack made."""
    commands = [it["cmd"] for step in said["steps"] for it in step.get("commands", ()) if "cmd" in it]
    install = tuple(it for it in commands if not it.startswith(("mise ", "sh -c 'apt-get")))
    runtime = [it for it in commands if "apt-get install" in it]
    pairs = [
        ("start", plan.start.command if plan.start else None, said["deploy"].get("startCommand")),
        ("install", plan.install, install),
        ("packages", _packages(plan), _installed(runtime)),
    ]
    return [f"{what}: ours {ours!r}, theirs {theirs!r}" for what, ours, theirs in pairs if ours != theirs]


def _packages(plan: RailwayPlan) -> list[str]:
    found = next((choice.value for choice in plan.choices if choice.subject == "system packages"), "")
    return found.split()


def _installed(commands: list[str]) -> list[str]:
    """Those of the last apt command: the others are only for the build."""
    names = [it.rpartition("install -y ")[2].rstrip("'").split() for it in commands]
    return [name for name in names[-1] if not name.endswith("-dev")] if names else []


def _planned(repository: Path, name: str) -> RailwayPlan:
    archive = subprocess.run(
        ["git", "-C", str(repository), "archive", f"HEAD:examples/{name}"], capture_output=True, check=True
    ).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
            opened.extractall(folder, filter="data")
        return plan_railway(Documents.of(Path(folder)))


def _git(repository: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(repository), *words], capture_output=True, check=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
