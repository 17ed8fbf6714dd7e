"""A small project laid on disk, installed from its own manifest by uv, and started by its own command."""

from __future__ import annotations

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
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from uv import find_uv_bin

from seatrial.issue import Stage

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Started:
    """How one start went. `stage` is where it stopped, None when it serves; `status` the answer to the request."""

    stage: Stage | None
    output: str
    status: int | None = None


@dataclass
class Installer:
    """Virtual environments by what they hold, so that projects which declare the same share one."""

    folder: Path
    made: dict[str, Path] = field(default_factory=dict)

    def environment(self, project: Path) -> Path:
        """The environment that the project's manifest asks for."""
        made = self.attempt(project)
        assert isinstance(made, Path), made
        return made

    def attempt(self, project: Path) -> Path | str:
        """The same, or what the installer says where it gives up. Without a manifest, nothing is installed."""
        arguments = manifest_of(project)
        shared = arguments[:1] == ["--requirement"]
        wanted = Path(arguments[1]).read_bytes().decode("latin-1") if shared else "".join(arguments)
        if wanted not in self.made:
            place = self.folder / f"environment-{len(self.made)}"
            uv("venv", "--quiet", "--clear", "--python", sys.executable, str(place))
            said = run_uv("pip", "install", "--quiet", "--python", str(place), *arguments) if arguments else None
            if said is not None:
                return said
            self.made[wanted] = place
        return self.made[wanted]


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


def start(
    project: Path,
    environment: Path,
    *,
    variables: Mapping[str, str],
    target: str | None = None,
    request: str | None = None,
) -> Started:
    """Start the project as its Procfile says, or another target by uvicorn, and ask it for its OpenAPI document."""
    port = free_port()
    command = command_of(project) if target is None else f"uvicorn {target} --host 127.0.0.1 --port $PORT"
    command = command.replace("$PORT", str(port)).replace("0.0.0.0", "127.0.0.1")
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    given = {"PATH": path, "PORT": str(port), "HOME": str(project), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
    if shutil.which(shlex.split(command)[0], path=path) is None:
        return Started(Stage.IMPORT, f"{command}: command not found")
    log = project.parent / f"{project.name}.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            shlex.split(command),
            cwd=project,
            env={**variables, **given, "COLUMNS": "400"},
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            serves = wait(server, port)
            status = get(port, request) if serves and request else None
        finally:
            end(server)
    output = log.read_text(errors="replace")
    if serves:
        return Started(None, output, status)
    return Started(Stage.STARTUP if "Application startup failed" in output else Stage.IMPORT, output)


def command_of(project: Path) -> str:
    match = re.search(r"^web: (.+)$", (project / "Procfile").read_text(), re.MULTILINE)
    assert match is not None
    return match[1]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait(server: subprocess.Popen[bytes], port: int) -> bool:
    """Whether the server comes to answer before it ends."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if get(port, "/openapi.json") == 200:
            return True
        if server.poll() is not None:
            return False
        time.sleep(0.05)
    raise AssertionError("it neither answers nor ends")


def get(port: int, path: str) -> int | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        return int(answer.code)
    except (urllib.error.URLError, OSError):
        return None


def end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
