"""Start a backend for real, in safety, and say how far it got."""

from __future__ import annotations

import base64
import contextlib
import os
import shlex
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.errors import UsageError
from seatrial.proof import compiling, confinement, databases, postgres, reading, runtime
from seatrial.proof.confinement import Unavailable
from seatrial.proof.databases import Services
from seatrial.proof.postgres import Programs
from seatrial.proof.scratch import Scratch, environment_file
from seatrial.proof.values import EnvironmentLike, Launch, Limits, Observation

SPOT = "/seatrial"  # where our own files stand inside the namespaces
PORT = 8000
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
)
GRACE = 20.0  # what the supervisor may need beyond the limits of the start


def observe(
    scratch: Scratch,
    launch: Launch,
    environment: EnvironmentLike,
    variables: Mapping[str, str],
    *,
    limits: Limits | None = None,
    services: Services | None = None,
    programs: Programs | None = None,
    offline: bool = False,
    allow_unconfined: bool = False,
    drain: Sequence[tuple[str, str]] = (),
) -> Observation:
    """One start under the documented `variables` and nothing else.

    `drain` are methods and paths that read a body: one of them is held open while the server is told to stop.

    `services` are what `variables` name, unless given; `programs` is the PostgreSQL to take, else the system's or the
    embedded one. Raises UsageError where the start cannot be confined and
    `allow_unconfined` is not set: before anything is started.
    """
    limits = limits or Limits()
    able = confinement.available()
    if isinstance(able, Unavailable) and not allow_unconfined:
        raise UsageError(f"The backend is not started: {able.reason}")
    if os.name != "posix":
        raise UsageError("Starting a backend needs Linux or macOS; on Windows use WSL.")
    wanted = services or databases.named(variables)
    choose = (lambda: programs) if programs else (lambda: postgres.programs(offline))
    with ExitStack() as stack:
        site = stack.enter_context(_site(scratch.root, variables, not isinstance(able, Unavailable)))
        plan, notes, descriptors = _plan(
            stack, site, scratch, launch, environment, variables, limits, wanted, choose, drain
        )
        told = confinement.run(plan, limits.start + limits.request * 3 + limits.stop + GRACE, descriptors)
        compiling.keep_compiled(environment, reading.uncompiled(told))
        return reading.read(told, plan, scratch.root, notes, limits)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a start takes place: at the audited PATH inside namespaces, or in a temporary folder.

    `spot` is the folder for our own files, `port` the backend's, `postgres` the database's.
    """

    place: Path
    spot: str
    port: int
    postgres: int = 5432
    confined: bool = True


@contextlib.contextmanager
def _site(root: Path, variables: Mapping[str, str], confined: bool) -> Iterator[Site]:
    if confined:
        given = variables.get("PORT", "")
        yield Site(root, SPOT, int(given) if given.isdigit() and 0 < int(given) < 65536 else PORT)
        return
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="seatrial-")))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)  # root's PostgreSQL runs as somebody else
    try:
        yield Site(folder / root.name, str(folder / "own"), _free_port(), _free_port(), confined=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _plan(
    stack: ExitStack,
    site: Site,
    scratch: Scratch,
    launch: Launch,
    environment: EnvironmentLike,
    variables: Mapping[str, str],
    limits: Limits,
    wanted: Services,
    choose: Callable[[], Programs | str],
    drain: Sequence[tuple[str, str]],
) -> tuple[dict[str, Any], list[str], list[int]]:
    """Everything the supervisor has to know."""
    python = runtime.runtime(environment, scratch.root, site.spot)
    notes, descriptors = list(scratch.notes), []
    if not site.confined:
        variables = databases.rewritten(variables, {"postgres": site.postgres} if wanted.postgres else {})
    child = (Path(__file__).parent / "child.py").read_bytes()
    made = {**dict(python.made), f"{site.spot}/child.py": child}
    visible, symlinks = list(python.visible), list(python.symlinks)
    plan: dict[str, Any] = _copying(site, scratch, variables)
    if wanted.postgres:
        found = choose()
        if isinstance(found, str):
            notes.append(found)
        else:
            order = postgres.order(found, wanted, f"{site.spot}/postgres", site.spot, _listen(site, wanted))
            order["template"], order["keep"] = stack.enter_context(postgres.template(found))
            descriptors += [order["keep"]] if order["keep"] is not None else []
            order["bundles"] = [*BUNDLES, *(f"{entry}/certifi/cacert.pem" for entry in environment.site)]
            made |= {path: text.encode() for path, text in order.pop("files").items()}
            visible += runtime.shown(found.visible, scratch.root)
            plan["postgres"] = order
    plan |= {
        "confined": site.confined,
        "argv": _argv(site, launch, python),
        "drain": [list(pair) for pair in drain],
        "env": _environment(site, python, variables),
        "order": _order(site, launch, limits),
        "visible": visible,
        "symlinks": symlinks,
        "made": {path: base64.b64encode(content).decode() for path, content in made.items()},
        "hosts": databases.names(wanted.hosts),
        "addresses": databases.addresses(wanted.hosts),
        "ports": [*wanted.postgres_ports, *wanted.redis_ports],
        "redis": redis_order(wanted, notes),
        "limits": {**_limits(limits), "bound_processes": site.confined and confinement.counts_apart()},
    }
    return plan, notes, descriptors


def _argv(site: Site, launch: Launch, python: runtime.Runtime) -> list[str]:
    """The backend's first process: our child in its interpreter, or bash with the platform's command."""
    if launch.kind != "command":
        return [python.python, f"{site.spot}/child.py"]
    enter = f'cd {shlex.quote(os.path.join(str(site.place), launch.cwd))} && exec /bin/bash -c "$1"'
    return ["/bin/bash", "-c", enter, "platform", launch.target]


def _copying(site: Site, scratch: Scratch, variables: Mapping[str, str]) -> dict[str, Any]:
    """Which files to lay out, and with what in them."""
    contents = {name: environment_file(variables) for name in scratch.secrets} | dict(scratch.contents)
    files = [name for name in scratch.files if name not in contents and name not in scratch.removed]
    return {
        "root": str(site.place),
        "source": str(scratch.root),
        "folders": list(scratch.folders),
        "files": files if site.confined else [*files, *scratch.large],
        "links": [pair for pair in scratch.links if pair[0] not in scratch.removed],
        "large": [name for name in scratch.large if name not in contents and name not in scratch.removed],
        "contents": {
            name: base64.b64encode(content).decode()
            for name, content in contents.items()
            if name not in scratch.removed or name in scratch.contents
        },
    }


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _listen(site: Site, wanted: Services) -> list[tuple[str, int]]:
    if not site.confined:
        return [("127.0.0.1", site.postgres)]
    addresses = ["127.0.0.1", "::1", *databases.addresses(wanted.hosts)]
    return [(address, port) for address in addresses for port in wanted.postgres_ports]


def redis_order(wanted: Services, notes: list[str]) -> list[dict[str, Any]]:
    """The Redis servers that are wanted, as commands; a note where there is none to run."""
    if not wanted.redis:
        return []
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        notes.append(
            "the documented environment names Redis, and no redis-server is installed here: it will be refused"
        )
        return []
    options = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "-::1", "--dir", "/tmp", "--daemonize", "no"]
    for user, password in wanted.redis_accounts:
        options += (
            ["--requirepass", password]
            if user in ("", "default")
            else ["--user", user, "on", f">{password}", "~*", "+@all"]
        )
    return [{"port": port, "argv": [program, "--port", str(port), *options]} for port in wanted.redis_ports]


def _environment(site: Site, python: runtime.Runtime, variables: Mapping[str, str]) -> dict[str, str]:
    """A clean environment: what any process has, what the platform gives, what the project documents."""
    home = "/home/app" if site.confined else f"{site.spot}/home"
    base = {
        "PATH": f"{python.programs}:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PORT": str(site.port),
    }
    # PYTHONPATH is part of the launch: its entries are relative to the working folder, and the child sets them.
    given = {name: value for name, value in variables.items() if name != "PYTHONPATH"}
    return base | {
        name: value for name, value in given.items() if name and "=" not in name and "\0" not in name + value
    }


def _order(site: Site, launch: Launch, limits: Limits) -> dict[str, Any]:
    """What the child has to know."""
    place = str(site.place)

    def absolute(name: str) -> str:
        return os.path.normpath(os.path.join(place, name))

    return {
        "kind": launch.kind,
        "target": launch.target,
        "server": launch.server,
        "factory": launch.factory,
        "arguments": list(launch.arguments),
        "cwd": absolute(launch.cwd),
        "path": [absolute(name) for name in launch.path],
        "later": [absolute(name) for name in launch.later],
        "last": [absolute(name) for name in launch.last],
        "options": [list(option) for option in launch.options],
        "host": "127.0.0.1",
        "port": site.port,
        "guard": not site.confined,
        "looks": [limits.start * 0.9 - 0.1, limits.start + limits.request * 0.9],
    }


def _limits(limits: Limits) -> dict[str, Any]:
    named = ("start", "request", "stop", "memory", "untouched", "disk", "processes", "log", "cpus")
    return {name: getattr(limits, name) for name in named}
