"""The Docker engine through its own client: which client can do what, and what has to be taken away again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.proof.building.running import Ran, run, tidy_environment

LABEL = "seatrial.build"  # on all that is made; its value is the process that made it
_NO_IMAGE = (
    "pull access denied",
    "failed to resolve source metadata",
    "no such host",
    "manifest unknown",
    "failed to do request",
    "i/o timeout",
    "tls handshake timeout",
    "temporary failure in name resolution",
    "server misbehaving",
    "not found: manifest",
    "context deadline exceeded",
)


@dataclass(frozen=True, slots=True)
class Engine:
    """A client that reaches an engine. `buildkit`: it builds as production builders do, with cache mounts."""

    program: str
    version: str
    buildkit: bool

    def run(self, *words: str, seconds: float = 60.0, cwd: Path | None = None) -> Ran:
        """Run a command of the client."""
        more = {"DOCKER_BUILDKIT": "1" if self.buildkit else "0", "BUILDKIT_PROGRESS": "plain"}
        return run((self.program, *words), cwd=cwd or Path("/"), seconds=seconds, more=more)

    def remove(self, *commands: Sequence[str]) -> None:
        """Take things away, whether they are there or not."""
        for words in commands:
            self.run(*words, seconds=60)


def own_label() -> dict[str, str]:
    """What says that a container, an image, a network or a volume is of this run, and takes it away with it."""
    return {LABEL: str(os.getpid())}


def labelled() -> tuple[str, str]:
    """The same as an option of the client's."""
    return ("--label", f"{LABEL}={os.getpid()}")


def find_engine() -> Engine | str:
    """The best client that reaches an engine, or why there is none, in a sentence."""
    clients = _clients()
    if not clients:
        return "There is no docker program on the PATH: install a Docker engine and its client."
    said = ""
    found: list[Engine] = []
    for program in clients:
        words = [program, "version", "--format", "{{.Client.Version}} {{.Server.Version}}"]
        ran = run(words, cwd=Path("/"), seconds=30)
        if ran.succeeded and len(ran.output.split()) >= 2:
            client, server = ran.output.split()[-2:]
            found.append(Engine(program, server, _builds(program, client)))
        else:
            said = ran.last(1)
    if not found:
        return f"No Docker engine answers ({said}): start it, or name another with DOCKER_HOST."
    return max(found, key=lambda engine: engine.buildkit)


def _clients() -> list[str]:
    folders = dict.fromkeys(os.environ.get("PATH", "").split(os.pathsep))
    return [path for folder in folders if folder and (path := shutil.which("docker", path=folder))]


def _builds(program: str, version: str) -> bool:
    """Whether this client can build by BuildKit: before 23 it can by itself, since then by a plug-in."""
    major = version.split(".")[0]
    if major.isdigit() and int(major) < 23:
        return True
    ran = subprocess.run([program, "buildx", "version"], capture_output=True, env=tidy_environment(), check=False)
    return ran.returncode == 0


def cannot_be_had(ran: Ran) -> str:
    """The line that says that an image cannot be pulled; "" where the failure is another."""
    lines = [line.strip() for line in ran.output.splitlines()]
    found = [line for line in lines if any(sign in line.lower() for sign in _NO_IMAGE)]
    about = [line for line in found if "pip" not in line.lower() and "apt" not in line.lower()]
    return about[-1][:300] if about else ""
