"""A small project laid on disk, installed from its own manifest by uv, and started by its own command."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from uv import find_uv_bin

from seatrial.issue import Stage

PATIENCE_S = 120.0


@dataclass(frozen=True)
class Started:
    """How one start went. `stage` is where it stopped, None when it serves; `status` the answer to the request."""

    stage: Stage | None
    output: str
    status: int | None = None


@dataclass
class Installer:
    """Virtual environments by what they hold, so that projects which declare the same share one.

    `python` is what they are made with; `constraints` bound the releases of whatever is installed.
    """

    folder: Path
    python: str = sys.executable
    constraints: tuple[str, ...] = ()
    made: dict[str, Path] = field(default_factory=dict)

    def environment(self, project: Path, over: Sequence[str] = ()) -> Path:
        """The environment that the project's manifest asks for, with other requirements installed over it."""
        made = self.attempt(project, over)
        assert isinstance(made, Path), made
        return made

    def attempt(self, project: Path, over: Sequence[str] = ()) -> Path | str:
        """The same, or what the installer says where it gives up. Without a manifest, nothing is installed."""
        arguments = manifest_of(project)
        shared = arguments[:1] == ["--requirement"]
        wanted = Path(arguments[1]).read_bytes().decode("latin-1") if shared else "".join(arguments)
        wanted += "".join(f"\n{it}" for it in over)
        if wanted not in self.made:
            place = self.folder / f"environment-{len(self.made)}"
            uv("venv", "--quiet", "--clear", "--python", self.python, str(place))
            arguments = [*arguments, *self._bounds()] if arguments else []
            said = run_uv("pip", "install", "--quiet", "--python", str(place), *arguments) if arguments else None
            said = run_uv("pip", "install", "--quiet", "--python", str(place), *over) if over and said is None else said
            if said is not None:
                return said
            self.made[wanted] = place
        return self.made[wanted]

    def _bounds(self) -> list[str]:
        """The option that hands the constraints over."""
        if not self.constraints:
            return []
        path = self.folder / "constraints.txt"
        path.write_text("\n".join(self.constraints))
        return ["--constraint", str(path)]


def manifest_of(project: Path) -> list[str]:
    """What `pip install` is told in the project's folder."""
    if (project / "requirements.txt").is_file():
        return ["--requirement", str(project / "requirements.txt")]
    return [str(project)] if (project / "pyproject.toml").is_file() else []


def uv(*arguments: str) -> None:
    said = run_uv(*arguments)
    assert said is None, said


def run_uv(*arguments: str) -> str | None:
    """What uv says where it fails."""
    done = subprocess.run([find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr


def lay(folder: Path, files: Mapping[str, str]) -> Path:
    """The project on disk, and nothing else in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder


@dataclass
class Running:
    """A server that was started, and the port that it was told."""

    server: subprocess.Popen[bytes]
    port: int
    log: Path

    def answers(self) -> bool:
        """Whether it comes to answer before it ends."""
        return wait_for(self.server, lambda: get(self.port, "/openapi.json") is not None)

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace")

    def stopped(self) -> Started:
        """How a start went that ended in no server."""
        output = self.output
        return Started(Stage.STARTUP if "Application startup failed" in output else Stage.IMPORT, output)


@contextmanager
def running(
    project: Path,
    environment: Path,
    argv: Sequence[str],
    variables: Mapping[str, str],
    *,
    port: int,
    folder: str = ".",
) -> Iterator[Running]:
    """A process in a session of its own, which is ended with all that it started."""
    given = {"PATH": path_of(environment), "PORT": str(port), "HOME": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    log = project.parent / f"{project.name}.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            argv,
            cwd=project / folder,
            env={**variables, **given, "NO_COLOR": "1", "COLUMNS": "400"},
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Running(server, port, log)
    finally:
        end(server)


def start(
    project: Path,
    environment: Path,
    *,
    variables: Mapping[str, str],
    target: str | None = None,
    request: str | None = None,
) -> Started:
    """Start the project by its own command, or another target by uvicorn, and make a request where one is given."""
    port = free_port()
    argv = on_loopback(argv_of(project, target), port)
    if shutil.which(argv[0], path=path_of(environment)) is None:
        return Started(Stage.IMPORT, f"{shlex.join(argv)}: command not found")
    with running(project, environment, argv, variables, port=port) as process:
        if not process.answers():
            return process.stopped()
        return Started(None, process.output, get(port, request) if request else None)


def path_of(environment: Path) -> str:
    return f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"


def on_loopback(argv: Sequence[str], port: int) -> list[str]:
    """The command with its port filled in, for nobody but this machine. One word that a shell reads is split."""
    shelled = len(argv) == 3 and "&&" in argv[2]
    words = shlex.split(argv[2]) if not shelled and tuple(argv[:2]) in (BASH, SH) else list(argv)
    words = words[1:] if words[0] == "exec" else words
    ports = re.compile(r"\$PORT\b|\$\{PORT(?::-\d+)?\}")
    return [ports.sub(str(port), word).replace("0.0.0.0", "127.0.0.1") for word in words]


BASH, SH = ("/bin/bash", "-c"), ("/bin/sh", "-c")


def argv_of(project: Path, target: str | None = None) -> list[str]:
    """The first process as a platform makes it: of the target, of a Procfile by Railpack, of a Dockerfile's CMD."""
    if target is not None:
        return ["uvicorn", target, "--host", "0.0.0.0", "--port", "$PORT"]
    if (project / "Procfile").is_file():
        return [*BASH, web_of((project / "Procfile").read_text())]
    command = found(project / "Dockerfile", r"^CMD (.+)$")
    return list(json.loads(command)) if command.startswith("[") else [*SH, command]


def web_of(procfile: str) -> str:
    """The process `web` as YAML has it, else as Heroku's more forgiving reader does."""
    with suppress(yaml.YAMLError):
        read = yaml.safe_load(procfile)
        if isinstance(read, dict):
            return str(read["web"])
    match = re.search(r"^web:\s*(.+)$", procfile, re.MULTILINE)
    assert match is not None
    return match[1]


def found(path: Path, pattern: str) -> str:
    match = re.search(pattern, path.read_text(), re.MULTILINE)
    assert match is not None
    return match[1]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(server: subprocess.Popen[bytes], condition: Callable[[], bool]) -> bool:
    """Whether it comes to hold before the server ends."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if condition():
            return True
        if server.poll() is not None:
            return False
        time.sleep(0.05)
    raise AssertionError("it neither answers nor ends")


def get(port: int, path: str, patience_s: float = 5) -> int | None:
    """The status of the answer; None where none comes in time."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=patience_s) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        return int(answer.code)
    except (urllib.error.URLError, OSError):
        return None


def end(server: subprocess.Popen[bytes]) -> None:
    """Kill all that is left of the session: the first process may have ended without the others."""
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
