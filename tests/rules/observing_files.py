"""Acting on what a hazard looks like in the files of a project, in its image and in its resolution."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import yaml
from uv import find_uv_bin

from seatrial.rules.observation import Drifts, Ignored, InImage, Refused
from tests.rules.seen import Seen


def ignored(wanted: Ignored, project: Path) -> Seen:
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    done = subprocess.run(["git", "check-ignore", "--no-index", wanted.path], cwd=project, capture_output=True)
    assert done.returncode in (0, 1), done.stderr
    return Seen((done.returncode == 0) is wanted.ignored, done.stdout.decode())


def in_image(wanted: InImage, project: Path) -> Seen:
    """By the real engine. The base image is the one that the machine has or makes."""
    root = Path(__file__).parents[2]
    subprocess.run([str(root / "tools" / "base-image")], check=True)
    recipe = (project / "Dockerfile").read_text()
    recipe = re.sub(r"^FROM python:\S+", "FROM python:3.11-slim", recipe, flags=re.M)
    built = project.with_name(f"{project.name}.Dockerfile")
    built.write_text(re.sub(r"^RUN (?:pip|uv) .*\n", "", recipe, flags=re.M))
    tag = f"seatrial-rule-{uuid.uuid4().hex[:12]}"
    docker("build", "--quiet", "--tag", tag, "--file", str(built), str(project))
    try:
        if wanted.inspect:
            said = docker("image", "inspect", "--format", wanted.inspect, tag)
        else:
            said = docker(
                "run", "--rm", "--network", "none", "--entrypoint", wanted.command[0], tag, *wanted.command[1:]
            )
    finally:
        docker("image", "rm", "--force", tag)
    return Seen(re.fullmatch(wanted.prints, said.strip()) is not None, said)


def docker(*arguments: str) -> str:
    """What the client prints; what it complains of goes with it."""
    done = subprocess.run(["docker", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0 or arguments[0] == "run", done.stdout
    return done.stdout


def drifts(wanted: Drifts, project: Path) -> Seen:
    then, now = _resolved(project, "--exclude-newer", wanted.since), _resolved(project)
    assert now
    moved = {name: (then[name], now[name]) for name in then.keys() & now.keys() if then[name] != now[name]}
    return Seen(bool(moved), repr(moved))


def _resolved(project: Path, *options: str) -> dict[str, str]:
    """The releases of what the requirements name; none where they cannot be had."""
    command = [find_uv_bin(), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-deps", *options]
    done = subprocess.run([*command, "requirements.txt"], cwd=project, capture_output=True, text=True, check=False)
    return dict(line.split("==") for line in done.stdout.splitlines() if "==" in line)


def refused(wanted: Refused, project: Path) -> Seen:
    path = project / wanted.path
    if wanted.client != "yaml":
        program = shutil.which(wanted.client, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        assert program is not None
        options = ["--no-color"] if wanted.client == "hadolint" else ["scan", "--no-verify"]
        done = subprocess.run([program, *options, path.name], cwd=path.parent, capture_output=True, text=True)
        return Seen(
            re.search(rf"\b{wanted.says}\b", done.stdout.partition('"results"')[2] or done.stdout) is not None,
            done.stdout,
        )
    try:
        read = yaml.safe_load(path.read_text())
    except yaml.YAMLError as problem:
        return Seen(True, str(problem))
    texts = isinstance(read, dict) and all(isinstance(value, str) for value in read.values())
    return Seen(not texts, repr(read))
