"""Where users are: the steps of the GitHub Action, and the hooks by pre-commit itself, each in a clean room."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


def command(*arguments: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    keys = ("PATH", "LANG", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "TMPDIR", "HOME")
    kept = {name: value for name, value in os.environ.items() if name in keys or name.startswith(("PIP_", "UV_"))}
    return subprocess.run(arguments, cwd=cwd, env={**kept, **env}, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as a user's client gets it: committed files only, in a repository of their own."""
    place = tmp_path_factory.mktemp("checkout") / "seatrial"
    listed = command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout
    for path in (it for it in listed.split("\0") if it and not it.startswith(("tests/", "backend/tests/", "docs/"))):
        target = place / path
        if (ROOT / path).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / path).read_bytes())
            target.chmod((ROOT / path).stat().st_mode)
    commit(place)
    return place


def commit(place: Path) -> None:
    command("git", "init", "--quiet", cwd=place)
    command("git", "add", "--all", cwd=place)
    author = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    done = command("git", *author, "commit", "--quiet", "--message", "x", cwd=place)
    assert done.returncode == 0, done.stderr


def backend(root: Path) -> Path:
    root.mkdir()
    (root / "Procfile").write_text("web: uvicorn main:app\n")
    (root / "requirements.txt").write_text("fastapi\nuvicorn\n")
    (root / "main.py").write_text("from fastapi import FastAPI\nimport absent_module\n\napp = FastAPI()\n")
    return root


class Runner:
    """Runs the steps of a composite action as GitHub does: expressions filled in, bash strict, files for output."""

    def __init__(self, action: Path, workspace: Path, scratch: Path, **inputs: str) -> None:
        self.action: dict[str, Any] = yaml.safe_load((action / "action.yml").read_text())
        self.workspace = workspace
        known = {name: str(it.get("default", "")) for name, it in self.action["inputs"].items()}
        assert set(inputs) <= set(known)
        self.values = {f"inputs.{name}": value for name, value in {**known, **inputs}.items()}
        self.values |= {"github.action_path": str(action), "runner.temp": str(scratch)}
        self.files = {name: scratch / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        self.scratch = scratch
        self.printed = ""

    def fill(self, text: str) -> str:
        return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda match: self.values[match[1]], text)

    def run(self) -> int:
        for number, step in enumerate(self.action["runs"]["steps"]):
            script = self.scratch / f"step{number}.sh"
            script.write_text(self.fill(step["run"]))
            env = {name: self.fill(value) for name, value in step["env"].items()}
            env |= {name: str(path) for name, path in self.files.items()}
            assert step["shell"] == "bash"
            shell = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script)
            done = command(*shell, cwd=self.workspace, **env)
            self.printed += done.stdout + done.stderr
            if done.returncode:
                break
        return done.returncode

    @property
    def outputs(self) -> dict[str, str]:
        written = self.files["GITHUB_OUTPUT"].read_text().splitlines()
        given = dict(line.split("=", 1) for line in written)
        self.values |= {f"steps.trial.outputs.{name}": value for name, value in given.items()}
        return {name: self.fill(it["value"]) for name, it in self.action["outputs"].items()}


def test_steps_of_the_action_annotate_summarise_and_fail(checkout: Path, tmp_path: Path) -> None:
    backend(tmp_path / "api's folder")
    (tmp_path / "temp").mkdir()
    inputs = {"path": "api's folder", "python": sys.executable, "fail-level": "blocker"}
    runner = Runner(checkout, tmp_path, tmp_path / "temp", **inputs)
    assert runner.run() == 1, runner.printed
    assert re.search(r"^::error file=api's folder/main\.py,line=2,", runner.printed, re.MULTILINE)
    assert "would not start" in runner.files["GITHUB_STEP_SUMMARY"].read_text()
    log = json.loads(Path(runner.outputs["sarif"]).read_text())
    assert log["runs"][0]["results"][0]["partialFingerprints"]
    assert (Path(runner.outputs["report"]) / "report.html").is_file()
    (tmp_path / "api's folder" / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
    again = Runner(checkout, tmp_path, tmp_path / "temp", **inputs)
    again.action["runs"]["steps"] = again.action["runs"]["steps"][1:]  # it is installed already
    assert again.run() == 0, again.printed


def test_mistake_in_an_input_fails_the_step(checkout: Path, tmp_path: Path) -> None:
    runner = Runner(checkout, tmp_path, tmp_path, path="absent")
    runner.action["runs"]["steps"] = runner.action["runs"]["steps"][1:]
    (tmp_path / "seatrial" / "bin").mkdir(parents=True)
    (tmp_path / "seatrial" / "bin" / "seatrial").symlink_to(BIN / "seatrial")
    assert runner.run() == 2
    assert "absent does not exist" in runner.printed


def test_action_and_hooks_meet_their_schemas() -> None:
    checked = command(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml", cwd=ROOT)
    assert checked.returncode == 0, checked.stdout
    assert command(BIN / "pre-commit", "validate-manifest", ".pre-commit-hooks.yaml", cwd=ROOT).returncode == 0


def test_pre_commit_installs_and_runs_the_hooks(checkout: Path, tmp_path: Path) -> None:
    project = backend(tmp_path / "project")
    revision = command("git", "rev-parse", "HEAD", cwd=checkout).stdout.strip()
    hooks = [{"id": "seatrial", "args": ["--fail-level", "blocker"]}, {"id": "seatrial-adr"}]
    config = {"repos": [{"repo": str(checkout), "rev": revision, "hooks": hooks}]}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    commit(project)
    run = (BIN / "pre-commit", "run", "--all-files", "--verbose", "--color", "never")
    done = command(*run, cwd=project, PRE_COMMIT_HOME=str(tmp_path / "hooks"))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "absent_module" in done.stdout
    assert "where it runs was decided here" in done.stdout
    (project / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
    command(BIN / "seatrial", "adr", "new", "Deploy in a container", cwd=project)
    command("git", "add", "--all", cwd=project)
    done = command(*run, cwd=project, PRE_COMMIT_HOME=str(tmp_path / "hooks"))
    assert done.returncode == 0, done.stdout + done.stderr
