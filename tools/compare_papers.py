"""Write the papers of real backends, use each of them, and print what held.

    python -m tools.compare_papers DATA.jsonl CHECKOUTS [--only SUBSTRING] [--number 10]

DATA.jsonl names backends (`repo`, `backend_dir`, `boots_after_fixes`), CHECKOUTS holds `<owner>__<name>` folders. Each
is copied and started with its fixes; one that does not serve then is named and does not count. One that does keeps
these fixes, is prepared, and then: its example of the environment has to make it serve, its stack has to come up
healthy, its Procfile to start under honcho with another `$PORT`, its workflow to satisfy the schema, and preparing it
again has to change nothing. The backends' code runs without root, and in a network of its own that leads nowhere.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import honcho  # type: ignore[import-untyped]

from seatrial import pipeline
from seatrial.boot import Outcome
from seatrial.errors import UsageError
from seatrial.options import BootOptions, PrepareOptions
from seatrial.progress import SILENT
from seatrial.project.backends import choose, find_backends
from seatrial.project.files import scan
from seatrial.proof.mending import Bench, hold_trial
from seatrial.report.saving import put

CHECKS = ("in step", "example", "image", "stack", "procfile", "workflow")
WAIT_S = 240
_INWARD = "networks:\n  default:\n    internal: true\n"
_ASK = (
    "import urllib.request as r, urllib.error as e\ntry: r.urlopen('http://127.0.0.1:9000/')\nexcept e.HTTPError: pass"
)


@dataclass(slots=True)
class Row:
    """One backend: for each check whether it held, and what was said where it did not."""

    name: str
    held: dict[str, bool] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, check: str, held: bool, said: str = "") -> bool:
        """Remember the result of a check."""
        self.held[check] = held
        if not held:
            self.said.append(f"{check}: {' '.join(said.split())[-300:]}")
        return held


def run(words: Sequence[str], where: Path, timeout: float = 900) -> subprocess.CompletedProcess[str]:
    """Run a program and keep what it says, both streams together."""
    try:
        return subprocess.run(
            words, check=False, cwd=where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout
        )
    except subprocess.TimeoutExpired as error:
        return subprocess.CompletedProcess(words, 124, f"not done after {error.timeout:.0f} s")


def try_backend(name: str, source: Path) -> Row:
    """Prepare a copy and use its papers."""
    row, began = Row(name), time.monotonic()
    work = Path(tempfile.mkdtemp(prefix="papers-"))
    root = work / source.name.lower()
    try:
        shutil.copytree(source, root, ignore=shutil.ignore_patterns(".git", "node_modules", ".venv", "venv"))
        run(["git", "init", "--quiet"], root)
        if _mended(row, root):
            row.held["in step"] = False  # until it is known to be: papers that cannot be written count against us
            _prepare(row, root)
    except UsageError as error:
        row.said.append(str(error))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    row.seconds = time.monotonic() - began
    return row


def _mended(row: Row, root: Path) -> bool:
    """Whether it serves once its fixes are applied, which they then are."""
    tree = scan(root)
    trial = hold_trial(tree, choose(find_backends(tree)).base, BootOptions(timeout_s=60), SILENT, lambda *_: None)
    boot = trial.last.boot
    if boot.outcome is not Outcome.SERVES:
        failure = f"{boot.failure.exception}: {boot.failure.message}" if boot.failure is not None else boot.reason
        row.said.append(f"does not serve after its fixes: {' '.join(failure.split())[-300:]}")
        return False
    for path, content in trial.changes.items():
        put(root, path, content, executable=False)
    return True


def _prepare(row: Row, root: Path) -> None:
    options = PrepareOptions(with_fixes=True, replace=True)
    result = pipeline.prepare(root, options)
    pipeline.write_papers(root, result)
    again = pipeline.prepare(root, PrepareOptions())
    home = root / _home(result.sheets[0].path)
    row.note("in step", not again.out_of_step, ", ".join(again.files))
    workflow = root / ".github/workflows/seatrial.yml"
    checked = run([_tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(workflow)], root)
    row.note("workflow", checked.returncode == 0, checked.stdout)
    _example(row, root, home)
    _stack(row, home)


def _home(first: str) -> str:
    return str(Path(first).parent)


def _tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _example(row: Row, root: Path, home: Path) -> None:
    """A start with exactly the variables of the example."""
    tree = scan(root)
    options = BootOptions(env_file=home / ".env.example", timeout_s=60)
    boot = Bench(tree, choose(find_backends(tree)).base, options, SILENT).attempt({}).boot
    failure = boot.failure
    said = f"{failure.exception}: {failure.message}" if failure is not None else boot.reason
    row.note("example", boot.outcome is Outcome.SERVES, said)


def _stack(row: Row, home: Path) -> None:
    """Everything up, the server healthy, and once more under honcho."""
    project = f"papers{time.monotonic_ns()}"
    (home / "inward.yml").write_text(_INWARD)
    made = run(["sh", "scripts/prepare-deployment.sh", "init"], home)
    compose = ["docker-compose", "--project-name", project, "-f", "docker-compose.yml", "-f", "inward.yml"]
    try:
        built = run([*compose, "build"], home)
        if not row.note("image", built.returncode == 0 and (home / ".env").exists(), made.stdout + built.stdout):
            return
        # No port is published from a network that leads nowhere.
        text = (home / "docker-compose.yml").read_text()
        (home / "docker-compose.yml").write_text(text.replace("    ports:\n", "    expose:\n").replace(_PORT, '"8000"'))
        up = run([*compose, "up", "--detach"], home)
        state = _health(f"{project}_app_1", home) if up.returncode == 0 else "not up"
        logs = run([*compose, "logs", "--no-color", "--tail=4"], home).stdout
        row.note("stack", state == "healthy", f"{state} {up.stdout[-200:] if state == 'not up' else ''} {logs}")
        _procfile(row, home, compose, project)
    finally:
        run([*compose, "down", "--volumes", "--rmi", "local", "--timeout", "5"], home)


_PORT = '"127.0.0.1:${APP_PORT:-8000}:8000"'


def _health(container: str, home: Path) -> str:
    until = time.monotonic() + WAIT_S
    state = ""
    while time.monotonic() < until:
        asked = run(["docker", "inspect", "--format", "{{.State.Health.Status}}", container], home)
        state = asked.stdout.strip()
        if state in ("healthy", "unhealthy"):
            break
        time.sleep(1)
    return state


def _procfile(row: Row, home: Path, compose: Sequence[str], project: str) -> None:
    """`honcho start` in the same image and surroundings, on another port."""
    name = f"{project}_procfile"
    package = Path(honcho.__file__).parent
    mounts = ["--volume", f"{package}:/opt/honcho/honcho:ro"]
    start = ["sh", "-c", "PYTHONPATH=/opt/honcho python -m honcho start web"]
    run([*compose, "run", "--detach", "--name", name, *mounts, "-e", "PORT=9000", "app", *start], home)
    until = time.monotonic() + WAIT_S
    answered = False
    while not answered and time.monotonic() < until:
        time.sleep(1)
        answered = run(["docker", "exec", name, "python", "-c", _ASK], home).returncode == 0
        running = run(["docker", "inspect", "--format", "{{.State.Running}}", name], home).stdout.strip()
        if running != "true":
            break
    row.note("procfile", answered, run(["docker", "logs", "--tail", "5", name], home).stdout)
    run(["docker", "rm", "--force", name], home)


def backends(data: Path, checkouts: Path, only: str) -> Iterator[tuple[str, Path]]:
    """The backends of the list that serve after their fixes and are checked out."""
    for line in data.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        path = checkouts / entry["repo"].replace("/", "__") / entry["backend_dir"]
        if entry["boots_after_fixes"] and only in entry["repo"] and path.is_dir():
            yield f"{entry['repo']} [{entry['backend_dir']}]", path


def main() -> int:
    """Print a line for each backend, then how many held each check; 0 when all held all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--number", type=int, default=10)
    options = parser.parse_args()
    subprocess.run([str(Path(__file__).parent / "service-images")], check=True)
    rows: list[Row] = []
    print(f"{'backend':60} {' '.join(f'{check:9}' for check in CHECKS)}", flush=True)
    for name, path in backends(options.data, options.checkouts, options.only):
        row = try_backend(name, path)
        rows += [row] if row.held else []
        print(*_lines(row), sep="\n", flush=True)
        if len(rows) >= options.number:
            break
    print(", ".join(f"{check} {sum(row.held.get(check, False) for row in rows)} of {len(rows)}" for check in CHECKS))
    return 0 if all(all(row.held.get(check) for check in CHECKS) for row in rows) else 1


def _lines(row: Row) -> Iterator[str]:
    marks = " ".join(f"{_mark(row.held.get(check)):9}" for check in CHECKS)
    yield f"{row.name[:60]:60} {marks} {row.seconds:.0f} s"
    yield from (f"    {said}" for said in row.said)


def _mark(held: bool | None) -> str:
    return "-" if held is None else "yes" if held else "NO"


if __name__ == "__main__":
    sys.exit(main())
