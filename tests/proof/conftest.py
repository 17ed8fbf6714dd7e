"""Real backends in real environments, started as root and as an ordinary user."""

# ruff: noqa: E501

from __future__ import annotations

import base64
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from uv import find_uv_bin

from seatrial.proof import confinement, observation, scratch
from seatrial.proof.values import Launch, Limits, Observation

PACKAGES = ("fastapi", "uvicorn", "gunicorn", "sqlalchemy[asyncio]", "asyncpg", "psycopg2-binary", "psycopg[binary]")
NOBODY = 65534
DRIVER = """
import base64, json, pickle, sys
sys.path.insert(0, {source!r})
from pathlib import Path
from types import SimpleNamespace
from seatrial.proof import observation, scratch
from seatrial.proof.values import Launch, Limits
order = pickle.loads(base64.b64decode(sys.stdin.read()))
interpreter = SimpleNamespace(executable=Path(order["python"]), version=tuple(order["version"]), stdlib=())
environment = SimpleNamespace(interpreter=interpreter, site=tuple(map(Path, order["site"])))
launch, limits = Launch(**order["launch"]), Limits(**order["limits"])
seen = observation.observe(scratch.look(Path(order["root"])), launch, environment, order["variables"], limits=limits)
sys.stdout.write("OBSERVED" + base64.b64encode(pickle.dumps(seen)).decode())
"""


@dataclass(frozen=True)
class Python:
    """An interpreter as `provision` describes one."""

    executable: Path
    version: tuple[int, int, int]
    stdlib: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Environment:
    """An environment as `provision` describes one."""

    interpreter: Python
    site: tuple[Path, ...]


@dataclass
class Harness:
    """Starts backends given as files; `who` is `root` or `ordinary`."""

    home: Path
    source: Path
    environments: dict[str, Environment] = field(default_factory=dict)

    def environment(self, who: str) -> Environment:
        """The packages of `PACKAGES`, with an interpreter that this user can run."""
        if who not in self.environments:
            python = sys.executable if who == "root" else ordinary_python()
            self.environments[who] = build(self.home / f"environment-{who}", python)
        return self.environments[who]

    def folder(self, files: Mapping[str, str | bytes]) -> Path:
        """A backend's folder, readable and writable by everyone."""
        root = Path(tempfile.mkdtemp(dir=self.home, prefix="backend-"))
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        for path in (root, *root.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o777 if path.is_dir() else 0o666)
        return root

    def start(self, root: Path, who: str = "root", launch: Launch | None = None, variables: Mapping[str, str] | None = None,
              environment: Environment | None = None, programs: Any = None, **limits: Any) -> Observation:  # fmt: skip
        """Observe one start, and insist that it leaves no process behind and nothing changed."""
        mark, before = uuid.uuid4().hex, fingerprint(root)
        variables = {**(variables or {}), "SEATRIAL_TEST_MARK": mark}
        limits = {"start": 20.0, "request": 3.0, **limits}
        environment = environment or self.environment(who)
        launch = launch or Launch("asgi", "main:app")
        if who == "root" or os.getuid() != 0:
            seen = observation.observe(scratch.look(root), launch, environment, variables, limits=Limits(**limits),
                                       programs=programs)  # fmt: skip
        else:
            seen = self._as_nobody(root, launch, variables, environment, limits)
        assert processes_marked(mark) == []
        assert fingerprint(root) == before
        return seen

    def _as_nobody(self, root: Path, launch: Launch, variables: Mapping[str, str], environment: Environment,
                   limits: Mapping[str, Any]) -> Observation:  # fmt: skip
        order = {
            "root": str(root), "python": str(environment.interpreter.executable), "variables": dict(variables),
            "version": environment.interpreter.version, "site": [str(entry) for entry in environment.site],
            "launch": {name: getattr(launch, name) for name in Launch.__slots__}, "limits": dict(limits),
        }  # fmt: skip
        told = subprocess.run(
            ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", ordinary_python(), "-c",
             DRIVER.format(source=str(self.source))],
            input=base64.b64encode(pickle.dumps(order)).decode(), capture_output=True, text=True, timeout=180, check=False,
            env={"PATH": "/usr/bin:/bin", "SEATRIAL_CACHE_DIR": str(self.home / "cache-of-nobody"), "HOME": "/nonexistent"},
        )  # fmt: skip
        assert "OBSERVED" in told.stdout, told.stderr
        seen = pickle.loads(base64.b64decode(told.stdout.partition("OBSERVED")[2]))
        assert isinstance(seen, Observation)
        return seen


def build(place: Path, python: str) -> Environment:
    """A virtual environment with the packages of the tests."""
    uv = find_uv_bin()
    subprocess.run([uv, "venv", "-q", "--python", python, str(place)], check=True)
    subprocess.run(
        [uv, "pip", "install", "-q", "--link-mode", "copy", "--compile-bytecode", "-p", str(place), *PACKAGES],
        check=True,
    )
    return described(place / "bin" / "python")


def described(python: Path) -> Environment:
    """What this interpreter says of itself."""
    script = "import sys, json, site; print(json.dumps([sys.version_info[:3], sys.prefix != sys.base_prefix, site.getsitepackages()]))"
    version, is_venv, site = json.loads(subprocess.check_output([str(python), "-c", script]))
    first, second, third = version
    return Environment(Python(python, (first, second, third)), tuple(map(Path, site)) if is_venv else ())


def ordinary_python() -> str:
    """A Python that everybody may run, for seatrial itself."""
    for name in (
        sys.executable,
        "/usr/bin/python3",
        "/usr/local/bin/python3",
        "/usr/bin/python3.12",
        "/usr/bin/python3.11",
    ):
        check = "import subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True); print(sys.version_info >= (3, 11))"
        told = _as_somebody([name, "-c", check])
        if told == "True":
            return name
    pytest.skip("no Python 3.11 or later here that an ordinary user can run")


def _as_somebody(command: list[str]) -> str:
    prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.getuid() == 0 else []
    try:
        return subprocess.run([*prefix, *command], capture_output=True, text=True, check=False, cwd="/").stdout.strip()
    except OSError:
        return ""


def fingerprint(root: Path) -> dict[str, bytes | str]:
    """Everything in a folder, by content."""
    found: dict[str, bytes | str] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        found[name] = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else "folder"
    return found


def processes_marked(mark: str) -> list[str]:
    """The processes that carry a mark in their environment, and supervisors that nobody waits for."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environment, command = (entry / "environ").read_bytes(), (entry / "cmdline").read_bytes()
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        ours = b"seatrial.proof.supervisor" in command and parent in (1, os.getpid())
        if mark.encode() in environment or ours:
            found.append(f"{entry.name} {command!r}")
    return found


@pytest.fixture(scope="session")
def harness() -> Iterator[Harness]:
    """One harness for all tests; what it makes is gone at the end."""
    able = confinement.available()
    if isinstance(able, confinement.Unavailable):
        pytest.skip(able.reason)
    home = Path(tempfile.mkdtemp(prefix="seatrial-tests-"))
    home.chmod(0o777)
    source = home / "source"
    shutil.copytree(Path(observation.__file__).parents[2], source, ignore=shutil.ignore_patterns("__pycache__"))
    (home / "cache-of-nobody").mkdir(mode=0o777)
    (home / "cache-of-nobody").chmod(0o777)
    subprocess.run(["chmod", "-R", "a+rX", str(source)], check=True)
    yield Harness(home, source)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=["root", "ordinary"])
def who(request: pytest.FixtureRequest) -> str:
    """Both kinds of user, where this machine lets us be both."""
    if request.param == "root" and os.getuid() != 0:
        pytest.skip("the tests do not run as root")
    return str(request.param)


Starter = Callable[..., Observation]


@pytest.fixture
def start(harness: Harness) -> Starter:
    """`start({"main.py": ...})` observes a start of a fresh folder."""

    def run(files: Mapping[str, str | bytes], who: str = "root", **options: Any) -> Observation:
        root = harness.folder(files)
        try:
            return harness.start(root, who if os.getuid() == 0 else "ordinary", **options)
        finally:
            shutil.rmtree(root)

    return run
